/* broker-exec.c - whoever descends from a brokered thread gains nothing by exec of a setuid, setgid or capable program. */
/* seconds: 120 */
#include <endian.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/module.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define USER 1000
/* What a program tells of itself by its exit status. */
#define IS_ROOT 1
#define IS_ROOT_GROUP 2
#define IS_CAPABLE 4
#define RAN 8

/* In the page: the program to exec, the order to begin, and that it has begun. */
enum { PROGRAM = 10, GO, READY };

static const struct program {
	const char *name, *path;
	int mode;
	bool capable;
	int gains;
} programs[] = {
	{ "setuid", "/tmp/exec-setuid", 04755, false, IS_ROOT | IS_CAPABLE },
	{ "setgid", "/tmp/exec-setgid", 02755, false, IS_ROOT_GROUP },
	{ "setuid and setgid", "/tmp/exec-both", 06755, false, IS_ROOT | IS_ROOT_GROUP | IS_CAPABLE },
	{ "capable", "/tmp/exec-capable", 0755, true, IS_CAPABLE },
	{ "plain", "/tmp/exec-plain", 0755, false, 0 },
};
#define NPROGRAMS (sizeof(programs) / sizeof(programs[0]))

static int tell(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	memset(data, 0, sizeof(data));
	syscall(SYS_capget, &header, data);
	return RAN | (geteuid() ? 0 : IS_ROOT) | (getegid() ? 0 : IS_ROOT_GROUP) |
	       (data[0].effective || data[1].effective ? IS_CAPABLE : 0);
}

static int run_program(void)
{
	const struct program *p = &programs[page[PROGRAM]];

	execl(p->path, p->path, "who", NULL);
	return 0x70;
}

/* The exit status of a child, to be passed on. */
static int outcome(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 0x71;
	return WEXITSTATUS(status);
}

static int itself(void)
{
	return run_program();
}

static int child(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(run_program());
	return outcome(pid);
}

static int vfork_child(void)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(run_program());
	return outcome(pid);
}

static int grandchild(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(child());
	return outcome(pid);
}

static int after_exec(void)
{
	/* a plain program first: it is attached all the same */
	const struct program *p = &programs[page[PROGRAM]];

	execl("/tmp/exec-plain", "/tmp/exec-plain", "then", p->path, NULL);
	return 0x72;
}

static void *in_thread(void *arg)
{
	int (*run)(void) = *(int (**)(void))arg;

	_exit(run());
}

static int thread_of(int (*run)(void))
{
	pthread_t t;

	if (pthread_create(&t, NULL, in_thread, &run))
		return 0x73;
	return sleeper(NULL);
}

static int thread(void)
{
	return thread_of(run_program);
}

static int child_of_thread(void)
{
	return thread_of(child);
}

static int thread_of_child(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(thread());
	return outcome(pid);
}

static const struct descent {
	const char *name;
	int (*run)(void);
} descents[] = {
	{ "the thread itself", itself },
	{ "a child", child },
	{ "a vfork child", vfork_child },
	{ "a grandchild", grandchild },
	{ "another thread", thread },
	{ "a child of another thread", child_of_thread },
	{ "another thread of a child", thread_of_child },
	{ "the thread itself, after another exec", after_exec },
};
#define NDESCENTS (sizeof(descents) / sizeof(descents[0]))

/* Be a user for good, as a program that was started by it: dumpable. */
static void become(int uid)
{
	if (uid && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		_exit(0x74);
	prctl(PR_SET_DUMPABLE, 1);
}

static int begin(void *arg)
{
	const struct descent *d = arg;

	become(USER);
	page[READY] = 1;
	while (!page[GO])
		usleep(1000);
	return d->run();
}

static pid_t start(const struct descent *d, const struct program *p)
{
	pid_t pid;

	page[PROGRAM] = p - programs;
	page[GO] = page[READY] = 0;
	pid = subject(begin, (void *)d);
	while (!page[READY])
		sleep_ms(1);
	return pid;
}

/* Answer all calls until it ends; its status. */
static int serve(int fd, pid_t pid)
{
	struct broker_call c;
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid)
		if (broker_next(fd, &c, 5))
			broker_run(fd, &c);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0x75;
}

struct run {
	const struct descent *descent;
	const struct program *program;
	int opener;
};

static int brokered(void *arg)
{
	const struct run *r = arg;
	pid_t pid = start(r->descent, r->program);
	int fd;

	become(r->opener);
	fd = broker_open();
	if (broker_attach(fd, pid))
		return 0x76;
	page[GO] = 1;
	return serve(fd, pid);
}

static void exec_under(const struct run *r)
{
	int status = subject_wait(subject(brokered, (void *)r), 20000);

	check(status == RAN << 8, "%s under %s's broker: nothing is gained by a %s program: %x", r->descent->name,
	      r->opener ? "its user" : "root", r->program->name, status);
}

static int alone(const struct descent *d, const struct program *p)
{
	pid_t pid = start(d, p);

	page[GO] = 1;
	return subject_wait(pid, 20000);
}

/* The broker went before the exec: it is as if it had not been, for those born under it, too. */
static void broker_gone(const struct descent *d, const struct program *p)
{
	pid_t pid = start(d, p);
	int fd = broker_open(), status;

	if (broker_attach(fd, pid))
		bail("attach");
	close(fd);
	page[GO] = 1;
	status = subject_wait(pid, 20000);
	check(status == (RAN | p->gains) << 8, "%s when the broker is gone: a %s program: %x", d->name, p->name,
	      status);
}

static bool make_program(const struct program *p)
{
	struct vfs_cap_data cap = {
		.magic_etc = htole32(VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE),
		.data = { { .permitted = htole32(1 << CAP_NET_RAW) } },
	};

	copy_self(p->path, p->mode);
	if (chmod(p->path, p->mode))
		bail("chmod");
	return !p->capable || !setxattr(p->path, "security.capability", &cap, sizeof(cap), 0);
}

static void with_program(const struct program *p)
{
	struct run r = { .program = p };
	int status;

	if (!make_program(p)) {
		skip("no capabilities of files here", "exec of a %s program", p->name);
		return;
	}
	for (size_t i = 0; i < NDESCENTS; i++) {
		r.descent = &descents[i];
		status = alone(r.descent, p);
		check(status == (RAN | p->gains) << 8, "%s, nobody traces: a %s program gains what it should: %x",
		      r.descent->name, p->name, status);
		for (r.opener = 0; r.opener <= USER; r.opener += USER)
			exec_under(&r);
		broker_gone(r.descent, p);
	}
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "then"))
		return execl(argv[2], argv[2], "who", NULL);
	if (argc > 1)
		return tell();
	subject_init(110);
	if (module_load("utrace-broker", NULL))
		bail("utrace-broker");
	make_program(&programs[NPROGRAMS - 1]);
	for (size_t i = 0; i < NPROGRAMS; i++)
		with_program(&programs[i]);
	return done_testing();
}
