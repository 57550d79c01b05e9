/* selftest.c - drives the engines of samples/utrace and checks what they saw. */
/* seconds: 240 */
/*
 * Each test is one check; what failed in it has a line of its own.  Arguments,
 * or words of the kernel's command line: rounds= of the resume race, lives= of
 * the storm, seed= of the storm, only=NAME of one test.  Also works as /init of
 * a guest with nothing else in it, if probe and broker are built in; then it
 * powers off at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "broker.h" /* of samples/utrace in the kernel tree */
#include "module.h"
#include "tap.h"

enum {
	QUIESCE,
	REAP,
	CLONE,
	EXEC,
	EXIT,
	DEATH,
	ENTRY,
	SEXIT,
	SIG,
	SIGIGN,
	SIGSTP,
	SIGTRM,
	SIGCOR,
	JCTL,
	HOLD,
	VFDONE,
	SECC,
	TRAP,
	ARR,
	FIN
};
#define E(x) (1UL << (x))
enum { STOP, INTR, REPORT, SSTEP, BSTEP, RESUME, DETACH };
static int fails, checks;
static const char *T = "?";
#define CK(c, ...)                                                  \
	do {                                                        \
		checks++;                                           \
		if (!(c)) {                                         \
			fails++;                                    \
			printf("# FAIL %s:%d %s: ", T, __LINE__, #c); \
			printf(__VA_ARGS__);                        \
			printf(" errno=%d\n", errno);               \
			fflush(stdout);                             \
		}                                                   \
	} while (0)
static int popen_(void)
{
	int fd = open("/dev/utrace-probe", O_RDWR | O_NONBLOCK);
	if (fd < 0) {
		perror("probe");
	}
	return fd;
}

static int cmd(int fd, const char *f, ...)
{
	char b[128];
	va_list a;
	va_start(a, f);
	int n = vsnprintf(b, sizeof b, f, a);
	va_end(a);
	errno = 0;
	int r = write(fd, b, n);
	return r < 0 ? -errno : 0;
}

struct rec {
	int pid;
	unsigned ev, act, id;
	long x;
};
static int rd(int fd, struct rec *r, int ms)
{
	char b[128];
	for (;;) {
		int n = read(fd, b, sizeof b - 1);
		if (n > 0) {
			b[n] = 0;
			sscanf(b, "%d %u %x %u %ld", &r->pid, &r->ev, &r->act,
			       &r->id, &r->x);
			return 1;
		}
		if (!ms)
			return 0;
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, ms) <= 0)
			return 0;
		ms = ms;
	}
}

/* Times of a second and more are for what is to come, shorter ones for what is not. */
static int late(int ms)
{
	return ms >= 1000 ? 10 * ms : ms;
}

static int rdev(int fd, unsigned ev, struct rec *r, int ms)
{
	ms = late(ms);
	while (rd(fd, r, ms))
		if (r->ev == ev)
			return 1;
	return 0;
}

static void drain(int fd)
{
	/* not by reading: the thread may be faster */
	cmd(fd, "drop");
}

/* A report of that event with one of those actions, after what was under way. */
static int comes(int fd, unsigned int ev, struct rec *r, unsigned int act)
{
	for (int i = 0; i < 1000 && rdev(fd, ev, r, 1000); i++)
		if (r->act & act)
			return 1;
	return 0;
}

static char stat_of(int pid)
{
	char p[64], b[512];
	sprintf(p, "/proc/%d/stat", pid);
	int f = open(p, 0);
	if (f < 0)
		return '?';
	int n = read(f, b, 511);
	close(f);
	if (n <= 0)
		return '?';
	b[n] = 0;
	char *q = strrchr(b, ')');
	return q ? q[2] : '?';
}

static int wstat(int pid, char c, int ms)
{
	ms = late(ms);
	for (int i = 0; i < ms; i++) {
		if (stat_of(pid) == c)
			return 1;
		usleep(1000);
	}
	return 0;
}

/* A busy host makes everything late: what is to come is waited for, long. */
#define PATIENCE 20000
#define UNTIL(x)                                                 \
	do {                                                     \
		for (int w_ = 0; w_ < PATIENCE && !(x); w_++)    \
			usleep(1000);                            \
	} while (0)

static volatile long *ctr;
static int spinner(void)
{
	int p = fork();
	if (!p) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			(*ctr)++;
	}
	return p;
}

static int caller(void)
{
	int p = fork();
	if (!p) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			ctr[1] = syscall(SYS_getppid);
			(*ctr)++;
		}
	}
	return p;
}

static void kill_(int p)
{
	int st;

	kill(p, SIGKILL);
	/* an engine that stops it at its EXIT report ends this, too */
	for (int i = 0; i < 10000; i++) {
		if (waitpid(p, &st, WNOHANG))
			return;
		usleep(1000);
	}
	CK(0, "%d was killed and is not gone, state %c", p, stat_of(p));
}

static int moves(void)
{
	long a = *ctr;
	for (int i = 0; i < 400; i++) {
		usleep(2000);
		if (*ctr != a)
			return 1;
	}
	return 0;
}

static int still(void)
{
	long a = *ctr;
	usleep(60000);
	return *ctr == a;
}

static void t_async(void)
{
	T = "async";
	int p = spinner(), fd = popen_();
	struct rec r;
	CK(cmd(fd, "attach %d 0", p) == 0, " ");
	CK(moves(), " ");
	CK(cmd(fd, "control 0") == -EINPROGRESS, " ");
	CK(wstat(p, 't', 2000), " ");
	CK(still(), " ");
	CK(cmd(fd, "control 0") == 0, " ");
	CK(cmd(fd, "examine") == 0, " ");
	CK(cmd(fd, "control 5") == 0, " ");
	CK(moves(), " ");
	CK(cmd(fd, "examine") == -EINVAL, " ");
	CK(cmd(fd, "control 2") == -EINVAL, " ");
	CK(cmd(fd, "control 9") == -EINVAL, " ");
	CK(cmd(fd, "events 1") == 0, " ");
	drain(fd);
	CK(cmd(fd, "control 2") == 0, " ");
	CK(rdev(fd, QUIESCE, &r, 2000) && r.x == 0, " ");
	cmd(fd, "on 0 0");
	CK(cmd(fd, "control 2") == 0, " ");
	CK(wstat(p, 't', 2000), " ");
	CK(cmd(fd, "control 6") == 0, " ");
	CK(moves(), " ");
	CK(cmd(fd, "control 5") == -ESRCH, " ");
	CK(cmd(fd, "barrier") == -ESRCH, " ");
	CK(cmd(fd, "events 1") == -ESRCH, " ");
	CK(cmd(fd, "detach_sync") == 0, " ");
	kill_(p);
	close(fd);
}

static void t_entry(int rounds, int delay)
{
	T = "entry";
	int p = caller(), fd = popen_();
	struct rec r;
	int i;
	cmd(fd, "attach %d 0", p);
	cmd(fd, "on 6 0");
	if (delay)
		cmd(fd, "delay %d", delay);
	CK(cmd(fd, "events %lx", E(ENTRY)) == 0, " ");
	for (i = 0; i < rounds; i++) {
		if (!rdev(fd, ENTRY, &r, 3000))
			break;
		int e = cmd(fd, "control_stop 5 %u", r.id);
		if (e) {
			CK(0, "resume %d round %d", e, i);
			break;
		}
	}
	CK(i == rounds, "stuck at %d state %c", i, stat_of(p));
	CK(cmd(fd, "control_stop 5 %u", r.id - 3) == -ESTALE, " ");
	CK(cmd(fd, "delay 0") == 0, " ");
	CK(cmd(fd, "detach_sync") == 0, " ");
	CK(moves(), " ");
	kill_(p);
	close(fd);
}

/* A REPORT that is given while the callback is about to return STOP. */
static void t_early(void)
{
	struct rec r = { 0 };
	int p, fd, i;

	T = "early";
	p = caller();
	fd = popen_();
	cmd(fd, "attach %d 0", p);
	cmd(fd, "on 6 0");
	cmd(fd, "delay 10000");
	CK(cmd(fd, "events %lx", E(ENTRY)) == 0, " ");
	for (i = 0; i < 20; i++) {
		if (!rdev(fd, ENTRY, &r, 3000) || (r.act & 0x100))
			break;
		CK(cmd(fd, "control_stop 2 %u", r.id) == 0, "%d", i);
		if (!rdev(fd, ENTRY, &r, 3000) || !(r.act & 0x100))
			break;
		CK(cmd(fd, "control_stop 5 %u", r.id) == 0, "%d", i);
	}
	CK(i == 20, "round %d action %x", i, r.act);
	CK(cmd(fd, "detach_sync") == 0, " ");
	CK(moves(), " ");
	kill_(p);
	close(fd);
}

/* report_quiesce(0)? */
static int told(int fd, int ms)
{
	struct rec r;

	while (rdev(fd, QUIESCE, &r, ms))
		if (r.x == 0)
			return 1;
	return 0;
}

/* Who asks for a stop while the thread runs is told when it stops. */
static void t_owed(void)
{
	struct rec r = { 0 };
	int p, a, b, i, pi[2], st;

	T = "owed";
	/* at an event of another engine, after its own turn */
	for (i = 0; i < 10; i++) {
		p = caller();
		a = popen_();
		b = popen_();
		cmd(a, "attach %d 0", p);
		cmd(b, "attach %d 0", p); /* outer: its turn comes first */
		CK(cmd(b, "events 1") == 0, " ");
		cmd(a, "delay 5000000");
		cmd(a, "once 6 0");
		CK(cmd(a, "events %lx", E(ENTRY)) == 0, " ");
		CK(rdev(a, ENTRY, &r, 3000), " ");
		drain(b);
		cmd(b, "once 0 0");
		CK(cmd(b, "control 0") == -EINPROGRESS, " ");
		cmd(a, "delay 0");
		CK(told(b, 3000), "never told of the stop, %c", stat_of(p));
		CK(wstat(p, 't', 2000), "%c", stat_of(p));
		CK(cmd(a, "control 5") == 0, " ");
		CK(still(), " ");
		CK(cmd(a, "control 6") == 0, " ");
		CK(cmd(b, "control 5") == 0, " ");
		CK(moves(), " ");
		kill_(p);
		close(a);
		close(b);
	}
	/* at a stop of ptrace: the thread stops there for both */
	if (pipe(pi))
		return;
	p = fork();
	if (!p) {
		char c;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			(*ctr)++;
			if (read(pi[0], &c, 1) != 1)
				_exit(1);
		}
	}
	CK(wstat(p, 'S', 2000), "%c", stat_of(p));
	a = popen_();
	cmd(a, "attach %d 0", p);
	CK(cmd(a, "events 1") == 0, " ");
	CK(!ptrace(PTRACE_SEIZE, p, 0, PTRACE_O_TRACESYSGOOD), " ");
	CK(!ptrace(PTRACE_INTERRUPT, p, 0, 0), " ");
	CK(waitpid(p, &st, 0) == p, " ");
	CK(!ptrace(PTRACE_SYSCALL, p, 0, 0), " ");
	CK(waitpid(p, &st, 0) == p && WSTOPSIG(st) == (SIGTRAP | 0x80), "%x", st);
	CK(!ptrace(PTRACE_SYSCALL, p, 0, 0), " ");
	CK(wstat(p, 'S', 2000), "%c", stat_of(p));
	drain(a);
	cmd(a, "once 0 0");
	CK(cmd(a, "control 0") == -EINPROGRESS, " ");
	CK(write(pi[1], "x", 1) == 1, " ");
	CK(waitpid(p, &st, 0) == p && WSTOPSIG(st) == (SIGTRAP | 0x80), "%x", st);
	CK(rdev(a, QUIESCE, &r, 3000), "never told of the stop, %c", stat_of(p));
	CK(!ptrace(PTRACE_CONT, p, 0, 0), " ");
	CK(wstat(p, 't', 2000), "%c", stat_of(p));
	CK(write(pi[1], "xx", 2) == 2 && still(), " ");
	CK(cmd(a, "control 5") == 0, " ");
	CK(wstat(p, 'S', 2000), "%c", stat_of(p));
	cmd(a, "on 0 5");
	kill_(p);
	close(a);
	close(pi[0]);
	close(pi[1]);
}

static void setdbg(const char *v)
{
	int f = open("/sys/kernel/debug/utrace/lose_resume", 1);
	if (f < 0)
		return;
	if (write(f, v, 1) < 0)
		perror("dbg");
	close(f);
}

static void t_lose(void)
{
	T = "lose";
	int p = caller(), fd = popen_();
	struct rec r;
	int i;
	setdbg("1");
	cmd(fd, "attach %d 0", p);
	cmd(fd, "on 6 0");
	cmd(fd, "delay 500");
	cmd(fd, "events %lx", E(ENTRY));
	for (i = 0; i < 200; i++) {
		if (!rdev(fd, ENTRY, &r, 1000))
			break;
		cmd(fd, "control 5");
	}
	printf("lose_resume: stuck after %d rounds, state %c\n", i, stat_of(p));
	CK(i < 200, "fault not found");
	setdbg("0");
	CK(cmd(fd, "control 6") == 0, " ");
	CK(moves(), " ");
	kill_(p);
	close(fd);
}

static void t_abort(void)
{
	int st;

	T = "abort";
	int p = caller(), fd = popen_();
	struct rec r;
	cmd(fd, "attach %d 0", p);
	cmd(fd, "result 4242");
	cmd(fd, "on 6 15");
	cmd(fd, "events %lx", E(ENTRY) | E(SEXIT));
	UNTIL(ctr[1] == 4242);
	CK(moves(), " ");
	CK(ctr[1] == 4242, "%ld", ctr[1]);
	drain(fd);
	CK(rdev(fd, SEXIT, &r, 1000) && r.x == 4242, "%ld", r.x);
	cmd(fd, "on 6 215");
	UNTIL(ctr[1] == SYS_getppid);
	CK(ctr[1] == SYS_getppid, "rollback %ld", ctr[1]);
	/* stop, REPORT repeats with RESUMED, then decide RUN */
	cmd(fd, "on 6 10");
	CK(wstat(p, 't', 2000), " ");
	cmd(fd, "on 6 5");
	drain(fd);
	CK(cmd(fd, "control 2") == 0, " ");
	CK(rdev(fd, ENTRY, &r, 1000) && (r.act & 0x110) == 0x110, "act %x",
	   r.act);
	CK(moves(), " ");
	UNTIL(ctr[1] == getpid());
	CK(ctr[1] == getpid(), "%ld", ctr[1]);
	/* kill in stop aborts */
	cmd(fd, "on 6 0");
	CK(wstat(p, 't', 2000), " ");
	kill_(p);
	CK(cmd(fd, "control 5") == -ESRCH, " ");
	/* 0 if that comes before the thread has made its last reports */
	st = cmd(fd, "detach_sync");
	CK(st == -ESRCH || st == 0, "%d", st);
	close(fd);
}

static void t_life(void)
{
	T = "life";
	int fd = popen_();
	struct rec r;
	int pi[2];
	if (pipe(pi))
		return;
	int p = fork();
	if (!p) {
		char c;
		read(pi[0], &c, 1);
		int q = vfork();
		if (!q)
			_exit(3);
		waitpid(q, 0, 0);
		execl("/proc/self/exe", "init", "exit7", NULL);
		_exit(9);
	}
	cmd(fd, "attach %d 0", p);
	cmd(fd, "follow 1");
	CK(cmd(fd, "events %lx",
	       E(REAP) | E(CLONE) | E(EXEC) | E(EXIT) | E(DEATH) | E(VFDONE)) ==
		   0,
	   " ");
	write(pi[1], "x", 1);
	CK(rdev(fd, CLONE, &r, 3000), " ");
	int q = r.x;
	int seen[20] = { 0 }, qseen[20] = { 0 }, last = -1;
	while (rd(fd, &r, 1500)) {
		if (r.pid == p) {
			seen[r.ev]++;
			last = r.ev;
		} else if (r.pid == q)
			qseen[r.ev]++;
		/* the child's last reports may come later than its parent's */
		if (seen[DEATH] && qseen[REAP])
			break;
	}
	CK(qseen[EXIT] == 1 && qseen[DEATH] == 1 && qseen[REAP] == 1,
	   "child %d %d %d", qseen[EXIT], qseen[DEATH], qseen[REAP]);
	CK(seen[VFDONE] == 1 && seen[EXEC] == 1 && seen[EXIT] == 1 &&
		   last == DEATH,
	   "%d %d %d", seen[VFDONE], seen[EXEC], seen[EXIT]);
	int st;
	CK(waitpid(p, &st, 0) == p && WEXITSTATUS(st) == 7, "%x", st);
	CK(rdev(fd, REAP, &r, 1000) && r.pid == p, "pid %d of %d", r.pid, p);
	CK(!rdev(fd, REAP, &r, 50), " ");
	CK(cmd(fd, "control 0") == -ESRCH, " ");
	close(fd);
	close(pi[0]);
	close(pi[1]);
}

static void t_eventstops(void)
{
	static const int evs[] = { CLONE, EXEC, EXIT, VFDONE, SEXIT, ENTRY };
	T = "eventstops";
	for (unsigned k = 0; k < sizeof evs / sizeof *evs; k++)
		for (int killit = 0; killit < 2; killit++) {
			int fd = popen_();
			struct rec r;
			int pi[2];
			if (pipe(pi))
				return;
			int p = fork();
			if (!p) {
				char c;
				read(pi[0], &c, 1);
				int q = vfork();
				if (!q)
					_exit(3);
				waitpid(q, 0, 0);
				execl("/proc/self/exe", "init", "exit7", NULL);
				_exit(9);
			}
			cmd(fd, "attach %d 0", p);
			cmd(fd, "once %d 0", evs[k]);
			cmd(fd, "events %lx", E(evs[k]) | E(REAP));
			write(pi[1], "x", 1);
			CK(rdev(fd, evs[k], &r, 3000), "ev %d", evs[k]);
			CK(wstat(p, 't', 2000), "ev %d st %c", evs[k],
			   stat_of(p));
			int st;
			if (killit) {
				kill(p, SIGKILL);
				usleep(1000);
			}
			if (!killit || evs[k] == EXIT)
				CK(cmd(fd, "control 5") == 0, "ev %d", evs[k]);
			CK(waitpid(p, &st, 0) == p, " ");
			if (!killit || evs[k] == EXIT)
				CK(WIFEXITED(st) && WEXITSTATUS(st) == 7,
				   "ev %d st %x", evs[k], st);
			else
				CK(WIFSIGNALED(st), "ev %d st %x", evs[k], st);
			close(fd);
			close(pi[0]);
			close(pi[1]);
		}
}

static void t_signals(void)
{
	T = "signals";
	int p = spinner(), fd = popen_();
	struct rec r;
	int st;
	cmd(fd, "attach %d 0", p);
	CK(cmd(fd, "events %lx",
	       E(SIG) | E(SIGIGN) | E(SIGSTP) | E(SIGTRM) | E(SIGCOR)) == 0,
	   " ");
	cmd(fd, "on 8 15");
	kill(p, SIGTERM);
	CK(rdev(fd, SIG, &r, 2000) && r.x == SIGTERM && (r.act & 0xf0) == 0x20,
	   "%x", r.act);
	CK(moves(), " ");
	kill(p, SIGSEGV);
	CK(rdev(fd, SIG, &r, 2000) && (r.act & 0xf0) == 0x30, "%x", r.act);
	CK(moves(), " ");
	kill(p, SIGCHLD);
	CK(rdev(fd, SIG, &r, 2000) && (r.act & 0xf0) == 0x10, "%x", r.act);
	CK(moves(), " ");
	kill(p, SIGSTOP);
	CK(rdev(fd, SIG, &r, 2000) && (r.act & 0xf0) == 0x40, "%x", r.act);
	CK(moves(), " ");
	/* stop at a signal, repeat with the verdict */
	cmd(fd, "once 8 20");
	kill(p, SIGTERM);
	CK(wstat(p, 't', 2000), " ");
	drain(fd);
	cmd(fd, "on 8 15");
	CK(cmd(fd, "control 5") == 0, " ");
	CK(rdev(fd, SIG, &r, 2000) && (r.act & 0x2f0) == 0x220, "%x", r.act);
	CK(moves(), " ");
	/* signal becomes a stop */
	cmd(fd, "once 8 45");
	kill(p, SIGUSR1);
	CK(wstat(p, 'T', 2000), "%c", stat_of(p));
	CK(waitpid(p, &st, WUNTRACED) == p && WIFSTOPPED(st) &&
		   WSTOPSIG(st) == SIGSTOP,
	   "%x", st);
	CK(cmd(fd, "control 0") == 0, "group stop");
	kill(p, SIGCONT);
	CK(wstat(p, 't', 2000), "%c", stat_of(p));
	CK(still(), " ");
	CK(cmd(fd, "control 5") == 0, " ");
	CK(moves(), " ");
	/* INTERRUPT */
	cmd(fd, "events 1");
	drain(fd);
	CK(cmd(fd, "control 1") == 0, " ");
	CK(rdev(fd, SIG, &r, 2000) && (r.act & 0xf0) == 0x60, "%x", r.act);
	CK(moves(), " ");
	/* kill at a signal stop */
	cmd(fd, "events %lx", E(SIGTRM));
	cmd(fd, "on 8 20");
	kill(p, SIGTERM);
	CK(wstat(p, 't', 2000), " ");
	kill(p, SIGKILL);
	CK(waitpid(p, &st, 0) == p && WIFSIGNALED(st) &&
		   WTERMSIG(st) == SIGKILL,
	   "%x", st);
	close(fd);
}

static void t_broker(void)
{
	T = "broker";
	int b = open("/dev/utrace-broker", O_RDWR);
	CK(b >= 0, " ");
	int p = caller();
	struct broker_call c;
	struct broker_answer a;
	int n, st;
	/* the fd passed on: a child may not attach */
	int q = fork();
	if (!q) {
		int r = ioctl(b, BROKER_ATTACH, &p);
		_exit(r < 0 && errno == EPERM ? 0 : 1);
	}
	waitpid(q, &st, 0);
	CK(st == 0, "passed on %x", st);
	/* nobody may not attach to root, nor with a root-opened fd kept across setuid by the opener? that one may */
	q = fork();
	if (!q) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		int e = open("/dev/utrace-broker", O_RDWR);
		if (e < 0)
			_exit(3);
		int r = ioctl(e, BROKER_ATTACH, &p);
		_exit(r < 0 && errno == EPERM ? 0 : 1);
	}
	chmod("/dev/utrace-broker", 0666);
	waitpid(q, &st, 0);
	CK(st == 0, "nobody %x", st);
	CK(ioctl(b, BROKER_ATTACH, &p) == 0, " ");
	CK(ioctl(b, BROKER_ATTACH, &p) == -1 && errno == EEXIST, " ");
	for (n = 0; n < 600; n++) {
		if (read(b, &c, sizeof c) != sizeof c)
			break;
		if (c.tid != p || c.nr != SYS_getppid)
			break;
		memset(&a, 0, sizeof a);
		a.tid = c.tid;
		a.stop = c.stop;
		a.verdict = n % 3;
		a.nr = SYS_getpid;
		a.result = 777;
		a.args[0] = 1;
		if (write(b, &a, sizeof a) != sizeof a)
			break;
		if (n % 3 == 1) {
			for (int k = 0; k < 2000 && ctr[1] != 777; k++)
				usleep(500);
			if (ctr[1] != 777)
				break;
		}
		if (n % 3 == 2) {
			for (int k = 0; k < 2000 && ctr[1] != p; k++)
				usleep(500);
			if (ctr[1] != p)
				break;
		}
	}
	CK(n == 600, "n %d errno nr %d tid %d", n, c.nr, c.tid);
	CK(write(b, &a, sizeof a) == -1 && errno == ESRCH, " ");
	/* killed while it waits */
	CK(read(b, &c, sizeof c) == sizeof c, " ");
	kill_(p);
	close(b);
	/* the next one must not inherit the file, or close() is not the last */
	p = caller();
	b = open("/dev/utrace-broker", O_RDWR);
	CK(ioctl(b, BROKER_ATTACH, &p) == 0, " ");
	CK(read(b, &c, sizeof c) == sizeof c, " ");
	CK(wstat(p, 't', 2000), " ");
	close(b);
	CK(moves(), "freed by close");
	kill_(p);
}

static volatile int got;
static void h(int s)
{
	got = s;
}

static void t_handler(void)
{
	T = "handler";
	int fd = popen_();
	struct rec r;
	ctr[3] = 0;
	int p = fork();
	if (!p) {
		signal(SIGUSR1, h);
		ctr[3] = 1;
		for (;;) {
			if (got) {
				ctr[2]++;
				got = 0;
			}
			(*ctr)++;
		}
	}
	UNTIL(ctr[3]);
	cmd(fd, "attach %d 0", p);
	cmd(fd, "events %lx", E(SIG) | E(QUIESCE));
	ctr[2] = 0;
	kill(p, SIGUSR1);
	CK(rdev(fd, SIG, &r, 2000) && (r.act & 0xf0) == 0, "%x", r.act);
	CK(rdev(fd, SIG, &r, 2000) && (r.act & 0xf0) == 0x70, "%x", r.act);
	UNTIL(ctr[2]);
	usleep(10000);
	CK(ctr[2] == 1, "%ld", ctr[2]);
	/* blocked in the kernel: interrupt */
	kill_(p);
	close(fd);
	fd = popen_();
	p = fork();
	if (!p) {
		for (;;)
			pause();
	}
	CK(wstat(p, 'S', 2000), "%c", stat_of(p));
	cmd(fd, "attach %d 0", p);
	cmd(fd, "events 1");
	CK(cmd(fd, "control 0") == -EINPROGRESS, " ");
	usleep(50000);
	CK(stat_of(p) == 'S', "%c", stat_of(p));
	CK(cmd(fd, "control 1") == 0, " ");
	CK(rdev(fd, SIG, &r, 2000), " ");
	cmd(fd, "once 8 60");
	CK(cmd(fd, "control 1") == 0, " ");
	CK(wstat(p, 't', 2000), "%c", stat_of(p));
	CK(cmd(fd, "control 5") == 0, " ");
	CK(wstat(p, 'S', 2000), "%c", stat_of(p));
	kill_(p);
	close(fd);
}

static void t_step(void)
{
	T = "step";
	int p = spinner(), fd = popen_();
	struct rec r;
	int n = 0;
	cmd(fd, "attach %d 0", p);
	cmd(fd, "events %lx", E(QUIESCE) | E(SIGCOR));
	cmd(fd, "on 8 13");
	CK(cmd(fd, "control 3") == 0, " ");
	while (n < 200 && rdev(fd, SIG, &r, 2000) && r.x == SIGTRAP)
		n++;
	CK(n == 200, "%d sig %ld", n, r.x);
	cmd(fd, "on 8 15");
	/* who moves twice has had the last of the steps */
	CK(moves(), " ");
	CK(moves(), " ");
	drain(fd);
	CK(!rdev(fd, SIG, &r, 50), " ");
	cmd(fd, "control 3");
	cmd(fd, "on 8 13");
	usleep(1000);
	CK(cmd(fd, "detach_sync") == 0, " ");
	CK(moves(), "detached while stepping");
	CK(wstat(p, 'R', 2000), "%c", stat_of(p));
	kill_(p);
	close(fd);
}

static void t_final(void)
{
	T = "final";
	int p = caller(), fd = popen_(), f2 = popen_();
	struct rec r;
	char s[256];
	int n = 0;
	cmd(fd, "attach %d 0", p);
	cmd(fd, "once 19 105");
	CK(cmd(fd, "events %lx", E(ENTRY) | E(SEXIT) | E(ARR) | E(FIN)) == 0,
	   " ");
	for (int i = 0; i < 24 && rd(fd, &r, 2000); i++)
		n += sprintf(s + n, "%u%s", r.ev,
			     r.ev == FIN && r.x ? "r " : " ");
	printf("final sequence: %s\n", s);
	char *q = strstr(s, "18 6 7 19 ");
	CK(q && strstr(q + 1, "18 6 7 19 18 6 7 19 "), " ");
	/* stop in the final report */
	cmd(fd, "once 19 0");
	CK(wstat(p, 't', 2000), " ");
	CK(still(), " ");
	drain(fd);
	CK(cmd(fd, "control 5") == 0, " ");
	CK(rdev(fd, FIN, &r, 2000), " ");
	CK(moves(), " ");
	kill_(p);
	close(fd);
	close(f2);
}

static void t_two(void)
{
	T = "two";
	int p = spinner(), a = popen_(), b = popen_(), c = popen_();
	struct rec r;
	cmd(a, "attach %d 0", p);
	cmd(b, "attach %d 0", p);
	cmd(c, "attach %d 0", p);
	cmd(a, "control 0");
	cmd(b, "control 0");
	CK(wstat(p, 't', 2000), " ");
	CK(cmd(c, "control 0") == 0, " ");
	CK(cmd(a, "control 5") == 0, " ");
	CK(still(), " ");
	CK(cmd(b, "control 6") == 0, " ");
	CK(still(), " ");
	close(c);
	CK(moves(), " ");
	/* verdict order at entry: outer first */
	kill_(p);
	close(a);
	close(b);
	p = caller();
	a = popen_();
	b = popen_();
	cmd(a, "attach %d 0", p);
	cmd(b, "attach %d 0", p);
	cmd(a, "events %lx", E(ENTRY));
	cmd(b, "on 6 15");
	cmd(b, "events %lx", E(ENTRY));
	drain(a);
	CK(comes(a, ENTRY, &r, 0x10), "inner sees %x", r.act);
	kill_(p);
	close(a);
	close(b);
	/* the place counts, not the order */
	p = caller();
	a = popen_();
	b = popen_();
	cmd(b, "attach %d 500", p);
	cmd(a, "attach %d 100", p);
	cmd(b, "on 6 15");
	cmd(b, "events %lx", E(ENTRY));
	cmd(a, "events %lx", E(ENTRY));
	drain(a);
	CK(comes(a, ENTRY, &r, 0x10), "innermost sees %x",
	   r.act);
	CK(cmd(a, "attach %d 21", p) == -EEXIST, " ");
	CK(cmd(a, "attach %d 0", 2) == -EPERM, " ");
	CK(cmd(a, "attach 99999 0") == -ESRCH, " ");
	kill_(p);
	close(a);
	close(b);
}

static void t_ptrace(void)
{
	T = "ptrace";
	int p = caller(), fd = popen_(), st;
	struct rec r;
	cmd(fd, "attach %d 0", p);
	CK(!ptrace(PTRACE_SEIZE, p, 0, PTRACE_O_TRACESYSGOOD), " ");
	CK(!ptrace(PTRACE_INTERRUPT, p, 0, 0), " ");
	CK(waitpid(p, &st, 0) == p && WIFSTOPPED(st), "%x", st);
	CK(cmd(fd, "control 0") == 0, "parked in ptrace stop");
	CK(cmd(fd, "examine") == 0, " ");
	CK(!ptrace(PTRACE_CONT, p, 0, 0), " ");
	CK(still(), " ");
	CK(ptrace(PTRACE_CONT, p, 0, 0) == -1 && errno == ESRCH, " ");
	CK(waitpid(p, &st, WNOHANG) == 0, " ");
	CK(stat_of(p) == 't', " ");
	CK(cmd(fd, "control 5") == 0, " ");
	CK(moves(), " ");
	/* engine first, ptrace second */
	CK(cmd(fd, "control 0") == -EINPROGRESS, " ");
	CK(wstat(p, 't', 2000), " ");
	CK(!ptrace(PTRACE_INTERRUPT, p, 0, 0), " ");
	usleep(20000);
	CK(waitpid(p, &st, WNOHANG) == 0, " ");
	CK(cmd(fd, "control 5") == 0, " ");
	CK(waitpid(p, &st, 0) == p && WIFSTOPPED(st), " ");
	/* listen under a hold: SIGSTOP group stop, LISTEN, engine hold, SIGCONT re-traps */
	CK(!ptrace(PTRACE_CONT, p, 0, 0), " ");
	kill(p, SIGSTOP);
	CK(waitpid(p, &st, 0) == p, " ");
	CK(!ptrace(PTRACE_CONT, p, 0, SIGSTOP), " ");
	CK(waitpid(p, &st, 0) == p && st >> 16 == PTRACE_EVENT_STOP, "%x", st);
	CK(cmd(fd, "control 0") == 0, " ");
	CK(!ptrace(PTRACE_LISTEN, p, 0, 0), " ");
	kill(p, SIGCONT);
	CK(waitpid(p, &st, 0) == p && st >> 16 == PTRACE_EVENT_STOP, "%x", st);
	CK(still(), " ");
	CK(!ptrace(PTRACE_DETACH, p, 0, 0), " ");
	CK(still(), "unlink under hold");
	CK(stat_of(p) == 't', "%c", stat_of(p));
	CK(cmd(fd, "control 5") == 0, " ");
	CK(moves(), " ");
	/* syscall stops of ptrace while the engine stops at every entry */
	cmd(fd, "on 6 0");
	CK(!ptrace(PTRACE_SEIZE, p, 0, PTRACE_O_TRACESYSGOOD), " ");
	CK(!ptrace(PTRACE_INTERRUPT, p, 0, 0), " ");
	waitpid(p, &st, 0);
	cmd(fd, "events %lx", E(ENTRY));
	drain(fd);
	int n;
	for (n = 0; n < 50; n++) {
		CK(!ptrace(PTRACE_SYSCALL, p, 0, 0), " ");
		if (n & 1) {
			if (!rdev(fd, ENTRY, &r, 2000))
				break;
			if (cmd(fd, "control 5"))
				break;
		}
		if (waitpid(p, &st, 0) != p || WSTOPSIG(st) != (SIGTRAP | 0x80))
			break;
	}
	CK(n == 50, "n %d st %x", n, st);
	/* kill under both */
	kill(p, SIGKILL);
	CK(waitpid(p, &st, 0) == p && WIFSIGNALED(st), " ");
	close(fd);
	/* engine steps while ptrace watches signals */
	p = spinner();
	fd = popen_();
	cmd(fd, "attach %d 0", p);
	CK(!ptrace(PTRACE_SEIZE, p, 0, 0), " ");
	CK(!ptrace(PTRACE_INTERRUPT, p, 0, 0), " ");
	waitpid(p, &st, 0);
	cmd(fd, "control 0");
	ptrace(PTRACE_SINGLESTEP, p, 0, 0);
	CK(cmd(fd, "control 5") == 0, " ");
	CK(waitpid(p, &st, 0) == p && WSTOPSIG(st) == SIGTRAP, "%x", st);
	ptrace(PTRACE_DETACH, p, 0, 0);
	CK(moves(), " ");
	/* DETACH under a hold must not leave it frozen against SIGKILL */
	{
		int k = spinner(), f3 = popen_();
		cmd(f3, "attach %d 0", k);
		ptrace(PTRACE_SEIZE, k, 0, 0);
		ptrace(PTRACE_INTERRUPT, k, 0, 0);
		waitpid(k, &st, 0);
		CK(cmd(f3, "control 0") == 0, " ");
		CK(!ptrace(PTRACE_DETACH, k, 0, 0), " ");
		kill(k, SIGKILL);
		CK(wstat(k, 'Z', 2000), "%c", stat_of(k));
		cmd(f3, "control 5");
		waitpid(k, &st, 0);
		close(f3);
	}
	/* tracer dies while the engine holds */
	int tr = fork();
	if (!tr) {
		ptrace(PTRACE_SEIZE, p, 0, 0);
		ptrace(PTRACE_INTERRUPT, p, 0, 0);
		pause();
	}
	CK(wstat(p, 't', 2000), " ");
	CK(cmd(fd, "control 0") == 0, " ");
	kill_(tr);
	CK(still(), " ");
	CK(cmd(fd, "control 5") == 0, " ");
	CK(moves(), " ");
	kill_(p);
	close(fd);
}

static void t_detach(void)
{
	T = "detach";
	int p = caller(), fd = popen_();
	struct rec r;
	int in = 0;
	for (int i = 0; i < 40; i++) {
		CK(cmd(fd, "attach %d 0", p) == 0, " ");
		cmd(fd, "delay 20000");
		CK(cmd(fd, "events %lx", E(ENTRY)) == 0, " ");
		drain(fd);
		rdev(fd, ENTRY, &r, 1000);
		int e;
		if (i % 4 == 0) {
			e = cmd(fd, "control 6");
			if (e == -EINPROGRESS) {
				in++;
				CK(cmd(fd, "barrier") == -ESRCH, " ");
			} else
				CK(e == 0, "%d", e);
		} else if (i % 4 == 1) {
			e = cmd(fd, "events 0");
			if (e == -EINPROGRESS) {
				in++;
				CK(cmd(fd, "barrier") == 0, " ");
			}
			CK(cmd(fd, "detach_sync") == 0, " ");
		} else if (i % 4 == 2)
			CK(cmd(fd, "detach_sync") == 0, " ");
		else {
			CK(cmd(fd, "events_sync 0") == 0, " ");
			CK(cmd(fd, "detach_sync") == 0, " ");
		}
		drain(fd);
		usleep(3000);
		CK(!rd(fd, &r, 0), "callback after sync");
	}
	CK(in > 5, "in progress %d", in);
	cmd(fd, "delay 0");
	cmd(fd, "attach %d 0", p);
	cmd(fd, "on 6 6");
	cmd(fd, "events %lx", E(ENTRY));
	usleep(20000);
	CK(cmd(fd, "detach_sync") == 0, "DETACH returned");
	kill_(p);
	close(fd);
}

static void *thr(void *a)
{
	((int *)(ctr + 8))[2] = gettid();
	for (;;) {
		syscall(SYS_getppid);
		(*ctr)++;
	}
	return a;
}

static void *thr_exec(void *a)
{
	((int *)(ctr + 8))[1] = gettid();
	/* when told to: engines are in place then */
	while (!((volatile int *)(ctr + 8))[3])
		usleep(1000);
	execl("/proc/self/exe", "init", "exit7", NULL);
	return a;
}

static void t_mtexec(void)
{
	T = "mtexec";
	int fd = popen_(), f2 = popen_();
	struct rec r;
	int st;
	int *tid = (int *)(ctr + 8);
	tid[0] = tid[1] = tid[2] = tid[3] = 0;
	int p = fork();
	if (!p) {
		pthread_t t;
		pthread_create(&t, 0, thr, 0);
		pthread_create(&t, 0, thr_exec, 0);
		*tid = 1;
		for (;;)
			pause();
	}
	while (!*tid)
		usleep(1000);
	usleep(5000);
	cmd(fd, "attach %d 0", p);
	cmd(fd, "events %lx", E(EXIT) | E(DEATH) | E(REAP) | E(EXEC));
	while (!tid[1])
		usleep(1000);
	cmd(f2, "attach %d 0", tid[1]);
	cmd(f2, "events %lx", E(EXEC) | E(EXIT) | E(REAP));
	cmd(f2, "once 3 0");
	tid[3] = 1;
	CK(rdev(f2, EXEC, &r, 4000) && r.pid == p, "pid %d of %d", r.pid, p);
	CK(wstat(p, 't', 1000), " ");
	CK(rdev(fd, REAP, &r, 1000), "leader reaped");
	CK(cmd(f2, "control 5") == 0, " ");
	CK(waitpid(p, &st, 0) == p && WEXITSTATUS(st) == 7, "%x", st);
	close(fd);
	close(f2);
	/* exec kills a held thread */
	tid[0] = tid[1] = tid[2] = tid[3] = 0;
	p = fork();
	if (!p) {
		pthread_t t;
		pthread_create(&t, 0, thr, 0);
		pthread_create(&t, 0, thr_exec, 0);
		*tid = 1;
		for (;;)
			pause();
	}
	while (!tid[2])
		usleep(1000);
	fd = popen_();
	CK(cmd(fd, "attach %d 0", tid[2]) == 0, " ");
	CK(cmd(fd, "control 0") == -EINPROGRESS, " ");
	tid[3] = 1;
	CK(waitpid(p, &st, 0) == p && WEXITSTATUS(st) == 7, "%x", st);
	close(fd);
}

static unsigned rs = 1;
static unsigned rnd(unsigned n)
{
	rs = rs * 1103515245 + 12345;
	return (rs >> 16) % n;
}

static void *storm_t(void *a)
{
	unsigned s = (unsigned long)a;
	for (int i = 0;; i++) {
		s = s * 1103515245 + 12345;
		switch ((s >> 16) % 6) {
		case 0: {
			int q = fork();
			if (!q)
				_exit(1);
			if (q > 0)
				waitpid(q, 0, 0);
			break;
		}
		case 1:
			kill(getpid(), SIGUSR1);
			break;
		case 2:
			usleep(100);
			break;
		case 3:
			if (i > 60) {
				if (s & 0x100000)
					_exit(0);
				else
					execl("/proc/self/exe", "init", "exit7", NULL);
			}
			break;
		default:
			syscall(SYS_getppid);
		}
	}
	return a;
}

/*
 * Makes the programs of the storm, as children of its parent.  It has none of
 * the probes open: a program that inherited one, and is stopped by it at its
 * exit, would have to die to be let go.
 */
static void forker(int ask, int answer)
{
	int s;

	while (read(ask, &s, sizeof(s)) == sizeof(s)) {
		int p = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

		if (!p) {
			pthread_t t;

			signal(SIGUSR1, h);
			pthread_create(&t, 0, storm_t, (void *)(long)(s + 1));
			pthread_create(&t, 0, storm_t, (void *)(long)(s + 2));
			storm_t((void *)(long)s);
		}
		if (write(answer, &p, sizeof(p)) != sizeof(p))
			break;
	}
	_exit(0);
}

static void t_storm(int lives)
{
	int ask[2], answer[2], maker;

	T = "storm";
	int n = 0;
	int fds[6];
	memset(fds, -1, sizeof fds);
	long ops = 0;
	int pids[3] = { 0 };
	signal(SIGUSR1, SIG_IGN);
	int w = fork();
	if (!w) {
		long a = -1;
		for (;;) {
			sleep(8);
			if (ctr[21] == a) {
				printf("STALL op %ld lives %ld\n", ctr[22],
				       ctr[20]);
				for (int p = 1; p < 400; p++) {
					char b[2000], q[64];
					char st = stat_of(p);
					if (st == '?' || (p > 20 && p < 60))
						continue;
					sprintf(q, "/proc/%d/stack", p);
					int f = open(q, 0), k;
					if (f < 0)
						continue;
					k = read(f, b, 1999);
					b[k > 0 ? k : 0] = 0;
					close(f);
					if (p == 1 || st != 'I') {
						for (char *x = b; *x; x++)
							if (*x == '\n')
								*x = ';';
						if (p == 1 || p > 60)
							printf("pid %d %c: %s\n",
							       p, st, b);
					}
				}
				fflush(stdout);
			}
			a = ctr[21];
			printf("beat lives %ld ops %ld\n", ctr[20], ctr[21]);
		}
	}
	if (pipe(ask) || pipe(answer))
		return;
	maker = fork();
	if (!maker)
		forker(ask[0], answer[1]);
	while (n < lives) {
		ctr[20] = n;
		ctr[21] = ops;
		for (int i = 0; i < 3; i++) {
			int st;
			if (pids[i] &&
			    waitpid(pids[i], &st, WNOHANG) == pids[i])
				pids[i] = 0;
			if (!pids[i]) {
				n++;
				int s = rnd(1 << 30);
				if (write(ask[1], &s, sizeof(s)) != sizeof(s) ||
				    read(answer[0], &pids[i], sizeof(int)) !=
					    sizeof(int) ||
				    pids[i] <= 0)
					CK(0, "no program");
			}
		}
		for (int k = 0; k < 30; k++) {
			int i = rnd(6);
			ops++;
			if (fds[i] < 0) {
				fds[i] = popen_();
				cmd(fds[i], "follow 1");
			}
			int o_ = rnd(14);
			ctr[22] = o_;
			switch (o_) {
			case 0:
				close(fds[i]);
				fds[i] = -1;
				break;
			case 1:
				cmd(fds[i], "attach %d %x",
				    pids[rnd(3)] + rnd(3), rnd(6) << 8);
				break;
			case 2:
			case 3:
				cmd(fds[i], "events %x", rnd(1 << 20));
				break;
			case 4:
				cmd(fds[i], "control 0");
				break;
			case 5:
			case 6:
				cmd(fds[i], "control 5");
				break;
			case 7:
				cmd(fds[i], "control %d", rnd(7));
				break;
			case 8:
				cmd(fds[i], "once %d 0", rnd(20));
				break;
			case 9:
				cmd(fds[i], "delay %d", rnd(4) ? 0 : rnd(300));
				break;
			case 10:
				kill(pids[rnd(3)], rnd(3) ? SIGSTOP : SIGCONT);
				break;
			case 11:
				if (!rnd(8))
					kill(pids[rnd(3)], SIGKILL);
				else
					kill(pids[rnd(3)], SIGCONT);
				break;
			case 12:
				cmd(fds[i], "barrier");
				break;
			case 13: {
				int p = pids[rnd(3)];
				if (!ptrace(PTRACE_SEIZE, p, 0, 0)) {
					ptrace(PTRACE_INTERRUPT, p, 0, 0);
					if (rnd(2)) {
						int st;
						(void)st;
						usleep(500);
					}
					ptrace(PTRACE_DETACH, p, 0, 0);
				}
				break;
			}
			}
			if (fds[i] >= 0)
				drain(fds[i]);
		}
		if (n % 50 == 0 && ops % 30 == 0) {
			printf("storm lives %d ops %ld\n", n, ops);
			fflush(stdout);
			n++;
		}
	}
	for (int i = 0; i < 6; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	for (int i = 0; i < 3; i++)
		if (pids[i]) {
			kill(pids[i], SIGKILL);
			kill(pids[i], SIGCONT);
			int st, w = 0;
			for (int k = 0; k < 8000; k++) {
				if ((w = waitpid(pids[i], &st,
						 WNOHANG | __WALL)) ==
					    pids[i] &&
				    !WIFSTOPPED(st))
					break;
				usleep(1000);
			}
			CK(w == pids[i], "left behind %d %c", pids[i],
			   stat_of(pids[i]));
		}
	kill_(maker);
	kill_(w);
	printf("storm done: lives %d ops %ld\n", n, ops);
}

static int lives = 40, rounds = 300;

static void t_resume(void)
{
	t_entry(rounds, 0);
	t_entry(rounds / 4, 300);
}

static void t_storms(void)
{
	t_storm(lives);
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "async", t_async },
	{ "entry", t_resume },
	{ "early", t_early },
	{ "owed", t_owed },
	{ "lose", t_lose },
	{ "abort", t_abort },
	{ "life", t_life },
	{ "eventstops", t_eventstops },
	{ "signals", t_signals },
	{ "handler", t_handler },
	{ "step", t_step },
	{ "final", t_final },
	{ "two", t_two },
	{ "ptrace", t_ptrace },
	{ "detach", t_detach },
	{ "mtexec", t_mtexec },
	{ "broker", t_broker },
	{ "storm", t_storms },
};

/* As /init there is only the kernel. */
static void be_init(void)
{
	int console;

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, 0);
	mount("sysfs", "/sys", "sysfs", 0, 0);
	mount("debug", "/sys/kernel/debug", "debugfs", 0, 0);
	mount("dev", "/dev", "devtmpfs", 0, 0);
	console = open("/dev/console", O_RDWR);
	dup2(console, 0);
	dup2(console, 1);
	dup2(console, 2);
}

static void load(const char *name, const char *device)
{
	int ret;

	if (!access(device, F_OK))
		return;
	ret = module_load(name, NULL);
	errno = -ret;
	if (ret)
		bail("cannot load %s", name);
}

static void show_counters(void)
{
	char text[4096], *line, *save = NULL;
	int fd = open("/sys/kernel/debug/utrace/stats", O_RDONLY);
	int n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		diag("%s", line);
}

/* Where the value of a word of the command line starts, or NULL. */
static const char *word(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? at + strlen(key) : NULL;
}

int main(int c, char **v)
{
	char line[2048] = { 0 };
	const char *q, *only;
	int f, n, ret;

	if (c > 1 && !strcmp(v[1], "exit7"))
		return 7;
	if (getpid() == 1)
		be_init();
	setvbuf(stdout, 0, _IOLBF, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	load("utrace-probe", "/dev/utrace-probe");
	load("utrace-broker", "/dev/utrace-broker");
	ctr = mmap(0, 4096, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	f = open("/proc/cmdline", O_RDONLY);
	n = read(f, line, 1023);
	close(f);
	for (int i = 1; i < c && n >= 0; i++)
		n += snprintf(line + n, sizeof(line) - n, " %s", v[i]);
	if ((q = word(line, "lives=")))
		lives = atoi(q);
	if ((q = word(line, "rounds=")))
		rounds = atoi(q);
	if ((q = word(line, "seed=")))
		rs = atoi(q);
	only = word(line, "only=");
	for (unsigned int i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		int before = checks, bad = fails;

		if (only && strncmp(only, tests[i].name, strlen(tests[i].name)))
			continue;
		diag("%s", tests[i].name);
		tests[i].run();
		check(checks > before && fails == bad, "%s: %d of %d failed", tests[i].name,
		      fails - bad, checks - before);
	}
	show_counters();
	printf("# RESULT checks=%d fails=%d\n", checks, fails);
	ret = done_testing();
	if (getpid() != 1)
		return ret;
	sync();
	usleep(100000);
	reboot(RB_POWER_OFF);
	reboot(RB_AUTOBOOT);
	return ret;
}
