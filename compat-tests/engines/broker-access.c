/* broker-access.c - whom the broker lets attach to whom: what PTRACE_SEIZE gives the same opener, and where it is stricter. */
/* seconds: 120 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/module.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define USER 1000
#define OTHER 65534
#define YAMA "/proc/sys/kernel/yama/ptrace_scope"
#define SETUID "/tmp/setuid-program"
#define RESULTS 30		/* in the page: what an opener got */

/* Become @uid for good, as a program that was started by it: dumpable. */
static void become(int uid)
{
	if (uid && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		_exit(90);
	prctl(PR_SET_DUMPABLE, 1);
}

static int sleep_as(void *arg)
{
	become(*(int *)arg);
	return sleeper(NULL);
}

static int sleep_undumpable(void *arg)
{
	become(*(int *)arg);
	prctl(PR_SET_DUMPABLE, 0);
	return sleeper(NULL);
}

static int run_setuid(void *arg)
{
	become(*(int *)arg);
	execl(SETUID, SETUID, "sleep", NULL);
	return 91;
}

/* Anybody may trace it. */
static int sleep_open(void *arg)
{
	become(*(int *)arg);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	return sleeper(NULL);
}

static int sleep_in_user_ns(void *arg)
{
	become(*(int *)arg);
	if (unshare(CLONE_NEWUSER))
		return 92;
	prctl(PR_SET_DUMPABLE, 1);
	return sleeper(NULL);
}

static int end_at_once(void *unused)
{
	(void)unused;
	return 0;
}

static int new_pid_ns(void *arg)
{
	pid_t pid;

	become(*(int *)arg);
	if (unshare(CLONE_NEWPID))
		return 93;
	pid = fork();
	if (!pid)
		return sleeper(NULL);
	page[20] = pid;
	return sleeper(NULL);
}

/* What an opener is, and whom it wants. */
struct opener {
	int uid;
	pid_t target;		/* 0: a child of its own */
	bool user_ns;		/* makes itself a user namespace first */
};

static pid_t own_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(sleeper(NULL));
	}
	return pid;
}

/* PTRACE_SEIZE, then the broker, the same process both times. */
static int ask_both(void *arg)
{
	struct opener *o = arg;
	pid_t child = 0, target = o->target;
	int fd;

	become(o->uid);
	if (o->user_ns && unshare(CLONE_NEWUSER))
		return 94;
	if (!target)
		target = child = own_child();
	fd = broker_open();
	if (fd < 0)
		return 95;
	page[RESULTS] = trace(PTRACE_SEIZE, target, 0);
	if (!page[RESULTS]) {
		int status;

		trace(PTRACE_INTERRUPT, target, 0);
		waitpid(target, &status, __WALL);
		trace(PTRACE_DETACH, target, 0);
	}
	page[RESULTS + 1] = broker_attach(fd, target);
	if (child)
		kill(child, SIGKILL);
	return 0;
}

/* The broker gives @opener what ptrace does, and that is @want. */
static void same(const char *what, struct opener o, int want)
{
	int status;

	page[RESULTS] = page[RESULTS + 1] = 1;
	status = subject_wait(subject(ask_both, &o), 10000);
	check(!status && page[RESULTS] == want && page[RESULTS + 1] == want,
	      "%s: ptrace %ld, broker %ld, expected %d (status %x)", what, page[RESULTS],
	      page[RESULTS + 1], want, status);
}

/* A target of some kind, to be asked for by @o, then ended. */
static void with(const char *what, int (*kind)(void *), int uid, struct opener o, int want)
{
	o.target = subject(kind, &uid);
	if (!reaches(o.target, 'S', PATIENCE))
		bail("%s: no target", what);
	/* asleep in the right call: the last thing it does is pause() */
	sleep_ms(20);
	same(what, o, want);
	check(reaches(o.target, 'S', PATIENCE), "%s: the target is as before: %c", what, state_of(o.target));
	subject_end(o.target);
}

#define ROOT (struct opener){ .uid = 0 }
#define AS(u) (struct opener){ .uid = (u) }
#define NS(u) (struct opener){ .uid = (u), .user_ns = true }

static void by_credentials(void)
{
	with("root to a user", sleep_as, USER, ROOT, 0);
	with("a user to its own", sleep_as, USER, AS(USER), 0);
	with("a user to another", sleep_as, OTHER, AS(USER), -EPERM);
	with("a user to root", sleep_as, 0, AS(USER), -EPERM);
	with("a user to its own, setuid program", run_setuid, USER, AS(USER), -EPERM);
	with("root to a setuid program", run_setuid, USER, ROOT, 0);
	with("a user to its own, not dumpable", sleep_undumpable, USER, AS(USER), -EPERM);
	with("root to one that is not dumpable", sleep_undumpable, USER, ROOT, 0);
	with("a user namespace's owner into it", sleep_in_user_ns, USER, AS(USER), 0);
	with("another user into a user namespace", sleep_in_user_ns, OTHER, AS(USER), -EPERM);
	with("out of a user namespace, to the same user", sleep_as, USER, NS(USER), -EPERM);
	with("out of a user namespace, to root", sleep_as, 0, NS(USER), -EPERM);
	same("a user to its child", AS(USER), 0);
}

static void *other_thread(void *arg)
{
	page[21] = syscall(SYS_gettid);
	pause();
	return arg;
}

static int ask_own_thread(void *unused)
{
	pthread_t t;
	int fd = broker_open();

	(void)unused;
	page[21] = 0;
	pthread_create(&t, NULL, other_thread, NULL);
	while (!page[21])
		usleep(1000);
	page[RESULTS] = trace(PTRACE_SEIZE, page[21], 0);
	page[RESULTS + 1] = broker_attach(fd, page[21]);
	page[RESULTS + 2] = trace(PTRACE_SEIZE, getpid(), 0);
	page[RESULTS + 3] = broker_attach(fd, getpid());
	return 0;
}

static int ask_in_pid_ns(void *arg)
{
	pid_t outside = *(pid_t *)arg, pid;
	int status;

	if (unshare(CLONE_NEWPID))
		return 93;
	pid = fork();
	if (!pid) {
		int fd = broker_open();

		page[RESULTS] = trace(PTRACE_SEIZE, outside, 0);
		page[RESULTS + 1] = broker_attach(fd, outside);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 96;
}

static void by_target(void)
{
	struct opener o = ROOT;
	struct broker_call c;
	int uid = 0, fd;
	pid_t pid;

	o.target = 2;
	same("a kernel thread", o, -EPERM);
	pid = subject(end_at_once, NULL);
	subject_wait(pid, PATIENCE);
	o.target = pid;
	same("a pid that is gone", o, -ESRCH);
	o.target = -1;
	same("no pid", o, -ESRCH);
	subject_wait(subject(ask_own_thread, NULL), PATIENCE);
	check(page[RESULTS] == -EPERM && page[RESULTS + 1] == -EPERM, "a thread of its own: %ld, %ld",
	      page[RESULTS], page[RESULTS + 1]);
	check(page[RESULTS + 2] == -EPERM && page[RESULTS + 3] == -EPERM, "itself: %ld, %ld",
	      page[RESULTS + 2], page[RESULTS + 3]);

	/* ptrace says EPERM of a zombie, the broker as of one that is gone */
	pid = subject(end_at_once, NULL);
	reaches(pid, 'Z', PATIENCE);
	fd = broker_open();
	check(broker_attach(fd, pid) == -ESRCH, "a zombie");
	waitpid(pid, NULL, 0);
	close(fd);

	pid = subject(sleep_as, &uid);
	check(subject_wait(subject(ask_in_pid_ns, &pid), PATIENCE) == 0 && page[RESULTS] == -ESRCH &&
		      page[RESULTS + 1] == -ESRCH,
	      "a pid that means nothing in the opener's namespace: %ld, %ld", page[RESULTS],
	      page[RESULTS + 1]);
	subject_end(pid);

	page[20] = 0;
	pid = subject(new_pid_ns, &uid);
	while (!page[20])
		sleep_ms(1);
	o.target = page[20];
	same("one inside another pid namespace, by its pid here", o, 0);
	fd = broker_open();
	check(!broker_attach(fd, page[20]), "attached to it");
	kill(page[20], SIGCONT);
	kill(page[20], SIGWINCH);
	/* pause() is restarted: that is a call */
	kill(page[20], SIGSTOP);
	kill(page[20], SIGCONT);
	memset(&c, 0, sizeof(c));
	check(broker_next(fd, &c, PATIENCE) && c.tid == page[20], "calls carry the opener's pid: %d of %ld", c.tid,
	      page[20]);
	close(fd);
	kill(page[20], SIGKILL);
	subject_end(pid);

	/* twice */
	pid = subject(sleep_as, &uid);
	fd = broker_open();
	check(!broker_attach(fd, pid) && broker_attach(fd, pid) == -EEXIST, "attached once, not twice");
	close(fd);
	subject_end(pid);
}

static void by_yama(void)
{
	char old[16];

	get(YAMA, old, sizeof(old));
	if (!old[0]) {
		skip("no Yama", "the rules of Yama");
		return;
	}
	check(!put(YAMA, "1"), "Yama 1");
	with("Yama 1: a user to its own, no child", sleep_as, USER, AS(USER), -EPERM);
	same("Yama 1: a user to its child", AS(USER), 0);
	with("Yama 1: a user to one that allows it", sleep_open, USER, AS(USER), 0);
	with("Yama 1: root", sleep_as, USER, ROOT, 0);
	check(!put(YAMA, "2"), "Yama 2");
	same("Yama 2: a user to its child", AS(USER), -EPERM);
	with("Yama 2: a user to one that allows it", sleep_open, USER, AS(USER), -EPERM);
	with("Yama 2: root", sleep_as, USER, ROOT, 0);
	put(YAMA, old);
}

/*
 * The opener's credentials count, and its process: not those of whoever has
 * the file.
 */
static int passed_on(void *arg)
{
	pid_t target = *(pid_t *)arg;
	int fd = broker_open(), status;
	pid_t pid = fork();

	if (!pid) {
		/* as root */
		_exit(broker_attach(fd, target) == -EPERM ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

/* root opens, becomes a user: still what root may. */
static int drops(void *arg)
{
	pid_t target = *(pid_t *)arg;
	int fd = broker_open();

	become(USER);
	page[RESULTS] = trace(PTRACE_SEIZE, target, 0);
	page[RESULTS + 1] = broker_attach(fd, target);
	return 0;
}

/* A user opens and becomes root by a setuid program that keeps the file. */
static int rises(void *arg)
{
	pid_t target = *(pid_t *)arg;
	char number[16], file[16];
	int fd;

	become(USER);
	fd = open("/dev/utrace-broker", O_RDWR);
	snprintf(number, sizeof(number), "%d", target);
	snprintf(file, sizeof(file), "%d", fd);
	execl(SETUID, SETUID, "attach", file, number, NULL);
	return 97;
}

static int received(void *arg)
{
	int *pair = arg, target, fd, ret;
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &target, sizeof(target) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };

	if (recvmsg(pair[1], &m, 0) <= 0 || !CMSG_FIRSTHDR(&m))
		return 98;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	ret = broker_attach(fd, target);
	return ret == -EPERM ? 0 : 1;
}

static void send_fd(int socket, int fd, int target)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { &target, sizeof(target) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space,
			    .msg_controllen = sizeof(control.space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(socket, &m, 0) < 0)
		bail("sendmsg");
}

static void by_file(void)
{
	int uid = 0, pair[2], fd;
	pid_t target = subject(sleep_as, &uid), receiver;

	check(!subject_wait(subject(passed_on, &target), PATIENCE), "a file inherited from who opened it");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		bail("socketpair");
	receiver = subject_keeping(pair[1], received, pair);
	fd = broker_open();
	send_fd(pair[0], fd, target);
	check(!subject_wait(receiver, PATIENCE), "a file received by SCM_RIGHTS");
	close(fd);
	close(pair[0]);
	close(pair[1]);

	page[RESULTS] = page[RESULTS + 1] = 1;
	check(!subject_wait(subject(drops, &target), PATIENCE) && page[RESULTS] == -EPERM &&
		      page[RESULTS + 1] == 0,
	      "root opened it, a user uses it: ptrace %ld, broker %ld", page[RESULTS],
	      page[RESULTS + 1]);
	check(subject_wait(subject(rises, &target), PATIENCE) == 0,
	      "a user opened it, a setuid program uses it: refused");
	subject_end(target);
}

/* Exec of a setuid program by one that is attached raises no privileges. */
static int exec_setuid(void *unused)
{
	(void)unused;
	become(USER);
	while (!page[22])
		usleep(1000);
	execl(SETUID, SETUID, "who", NULL);
	return 99;
}

static int broke(void *arg)
{
	int opener_uid = *(int *)arg, fd, status;
	struct broker_call c;
	pid_t pid = subject(exec_setuid, NULL);

	become(opener_uid);
	sleep_ms(100);
	fd = broker_open();
	if (broker_attach(fd, pid))
		return 80;
	page[22] = 1;
	while (waitpid(pid, &status, WNOHANG) != pid)
		if (broker_next(fd, &c, 10))
			broker_run(fd, &c);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 81;
}

static void by_exec(void)
{
	int uid = USER, status;

	page[22] = 1;
	status = subject_wait(subject(exec_setuid, NULL), PATIENCE);
	check(status == 10 << 8, "a setuid program rises if nobody looks: %x", status);
	page[22] = 0;
	status = subject_wait(subject(broke, &uid), 20000);
	check(status == 11 << 8, "not under its user's broker: %x", status);
	page[22] = 0;
	uid = 0;
	status = subject_wait(subject(broke, &uid), 20000);
	check(status == 11 << 8, "not under root's broker: %x", status);
	page[22] = 1;
	status = subject_wait(subject(exec_setuid, NULL), PATIENCE);
	check(status == 10 << 8, "and again when it is gone: %x", status);
}

/* What the setuid program does. */
static int setuid_program(int argc, char **argv)
{
	if (!strcmp(argv[1], "sleep"))
		return sleeper(NULL);
	if (!strcmp(argv[1], "who"))
		return geteuid() ? 11 : 10;
	if (argc > 3)
		return !geteuid() && broker_attach(atoi(argv[2]), atoi(argv[3])) == -EPERM ? 0 : 1;
	return 98;
}

int main(int argc, char **argv)
{
	struct opener o = ROOT;

	if (argc > 1 && !strcmp(argv[0], SETUID))
		return setuid_program(argc, argv);
	subject_init(110);
	if (module_load("utrace-broker", NULL))
		bail("utrace-broker");
	copy_self(SETUID, 04755);
	if (argc > 1) {
		/* for ever: there is no way back from 3 */
		check(!put(YAMA, "3"), "Yama 3");
		same("Yama 3: root to its child", o, -EPERM);
		same("Yama 3: a user to its child", AS(USER), -EPERM);
		with("Yama 3: root", sleep_as, USER, ROOT, -EPERM);
		return done_testing();
	}
	by_credentials();
	by_target();
	by_file();
	by_exec();
	by_yama();
	return done_testing();
}
