/* namespaces.c - pid and user namespaces: numbers in siginfo, event messages, wait. */
/* call: 64 */
/* call: 32 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ptrace.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/stage.h"
#include "lib/walk.h"

#define EVENTS ((1ul << PTRACE_EVENT_FORK) | (1ul << PTRACE_EVENT_VFORK) | (1ul << PTRACE_EVENT_CLONE) | \
		(1ul << PTRACE_EVENT_EXEC) | (1ul << PTRACE_EVENT_VFORK_DONE) | (1ul << PTRACE_EVENT_EXIT))

/* First process of a namespace, or of ours: it is told to go by a byte, and does something of everything. */
static int inside(void *fd)
{
	char *const argv[] = { "tracee", "--hold", NULL }, *const env[] = { NULL };
	pid_t p;
	char c;

	if (read(*(int *)fd, &c, 1) != 1)
		_exit(1);
	kill(getpid(), SIGUSR1);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR2);
	sigqueue(getpid(), SIGWINCH, (union sigval){ .sival_int = 5 });
	p = fork();
	if (!p) {
		kill(getppid(), SIGURG);
		_exit(4);
	}
	waitpid(p, NULL, 0);
	p = vfork();
	if (!p)
		_exit(5);
	waitpid(p, NULL, 0);
	unshare(CLONE_NEWUSER);
	execve("/proc/self/exe", argv, env);
	_exit(6);
}

static void add_number(struct text *t, long n, pid_t p)
{
	if (n == p)
		add(t, "P");
	else if (!n || n == 1 || n == 2 || n == 3 || n == 4)
		add(t, "%ld", n);
	else if (n > p && n < p + 50)
		add(t, "P+");
	else if (n == getpid())
		add(t, "me");
	else
		add(t, "%lx", n > 5 && n < 64 ? 0ul : (unsigned long)n >= 0x100 && !(n & 0xff) ? (unsigned long)n : 99ul);
}

/* All that the tracer is told of the one inside and of its children. */
static void watch(struct text *t, pid_t p)
{
	siginfo_t info;

	for (int n = 0; n < 60; n++) {
		unsigned long message = 0;
		pid_t got = 0;
		int status;
		uint64_t until = now_ms() + 1500;

		rest(p);
		while (now_ms() < until && !got) {
			got = waitpid(-1, &status, __WALL | WNOHANG);
			if (!got && state_of(p) == 'S' && rest(p) == 'S' && now_ms() + 1000 > until)
				return;
			if (!got)
				nap();
		}
		if (got <= 0)
			return;
		add(t, " ");
		add_number(t, got, p);
		add(t, ":%s", status_words(status));
		if (!WIFSTOPPED(status))
			continue;
		memset(&info, 0, sizeof(info));
		if (!pt(PTRACE_GETSIGINFO, got, 0, P(&info))) {
			add(t, "{%d ", info.si_code);
			add_number(t, info.si_pid, p);
			add(t, " uid %d}", (int)info.si_uid);
		}
		pt(PTRACE_GETEVENTMSG, got, 0, P(&message));
		if (status >> 16) {
			add(t, "=");
			add_number(t, message, p);
		}
		/* children wait until their parent rests, so that there is one order */
		rest(p);
		pt(PTRACE_CONT, got, 0, 0);
		rest(got);
	}
}

static void one(const char *words, int clone_flags, bool outside_kills)
{
	static char stack[65536] __attribute__((aligned(64)));
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };
	int ends[2];
	pid_t p;

	t.s[0] = '\0';
	roles_clear();
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (pipe(ends))
		return;
	p = clone(inside, stack + sizeof(stack) - 64, clone_flags | SIGCHLD, &ends[0]);
	if (p < 0) {
		say("%s: %s", words, errno_word(errno));
		return;
	}
	rest(p);
	add(&t, " seize %s", answer(pt(PTRACE_SEIZE, p, 0, EVENTS)));
	if (outside_kills) {
		kill(p, SIGHUP);
		walk_on(&t, p);
		walk(&t, p, PTRACE_CONT, SIGHUP);
		add(&t, " state %c", rest(p));
		sigqueue(p, SIGUSR1, (union sigval){ .sival_int = 6 });
		walk_on(&t, p);
		walk(&t, p, PTRACE_CONT, SIGUSR1);
		add(&t, " state %c", rest(p));
		kill(p, SIGSTOP);
		walk_on(&t, p);
		walk(&t, p, PTRACE_CONT, SIGSTOP);
		walk(&t, p, PTRACE_CONT, 0);
		kill(p, SIGCONT);
		walk_on(&t, p);
		walk(&t, p, PTRACE_CONT, 0);
		walk(&t, p, PTRACE_CONT, SIGKILL);
	}
	if (write(ends[1], "g", 1) != 1)
		broken("%s", words);
	watch(&t, p);
	add(&t, "; %c, NSpid %s", state_of(p), clone_flags & CLONE_NEWPID &&
	    strchr(status_line(p, "NSpid"), ' ') ? strchr(status_line(p, "NSpid"), ' ') : "");
	say("%s:%s", words, t.s);
	close(ends[0]);
	close(ends[1]);
	s.p = p;
	stage_end(&s);
}

/* A tracer that lives in a namespace, and what those outside see of that. */
static void tracer_inside(const char *words, int clone_flags)
{
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };
	int ends[2];
	pid_t helper;

	t.s[0] = '\0';
	roles_clear();
	if (pipe(ends))
		return;
	helper = syscall(SYS_clone, (unsigned long)clone_flags | SIGCHLD, 0ul, 0ul, 0ul, 0ul);
	if (!helper) {
		pid_t p;

		p = fork();
		if (!p) {
			kill(getpid(), SIGSTOP);
			for (;;)
				pause();
		}
		/* no /proc of this namespace here: order by wait alone */
		waitpid(p, NULL, WUNTRACED);
		add(&t, " seize %s", answer(pt(PTRACE_SEIZE, p, 0, EVENTS)));
		for (int i = 0; i < 2; i++) {
			int status = 0;
			siginfo_t info;
			pid_t got = waitpid(p, &status, __WALL);

			memset(&info, 0, sizeof(info));
			pt(PTRACE_GETSIGINFO, p, 0, P(&info));
			add(&t, " %s %s{%d %d}", got == p ? "P" : "other", status_words(status), info.si_code,
			    info.si_pid == p ? 77 : info.si_pid == getpid() ? 78 : info.si_pid);
			kill(p, SIGCONT);
			pt(PTRACE_CONT, p, 0, 0);
		}
		if (write(ends[1], t.s, t.n) < 0)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	text_from(&t, ends[0]);
	say("%s:%s", words, t.s);
	stage_end(&s);
}

static int map_uid(pid_t p)
{
	char path[64];
	int fd, n;

	snprintf(path, sizeof(path), "/proc/%d/uid_map", p);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	n = write(fd, "7 0 1", 5);
	close(fd);
	return n == 5 ? 0 : -1;
}

/* The uid of a trap's siginfo is what it was at the stop, though a mapping is written while it stands. */
static void mapped_in_the_stop(void)
{
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };
	siginfo_t info;
	pid_t p;

	t.s[0] = '\0';
	roles_clear();
	p = fork();
	if (!p) {
		kill(getpid(), SIGSTOP);
		unshare(CLONE_NEWUSER);
		getppid();
		_exit(0);
	}
	waitpid(p, NULL, WUNTRACED);
	add(&t, " seize %s", answer(pt(PTRACE_SEIZE, p, 0, PTRACE_O_TRACESYSGOOD)));
	kill(p, SIGCONT);
	for (int i = 0; i < 30; i++) {
		int status = 0;

		if (waitpid(p, &status, __WALL) != p || !WIFSTOPPED(status))
			break;
		if (status >> 8 == (SIGTRAP | 0x80)) {
			/* refused but in the one stop behind unshare() */
			add(&t, "%s", map_uid(p) ? "" : " mapped:");
			memset(&info, 0, sizeof(info));
			add(&t, " uid %d", pt(PTRACE_GETSIGINFO, p, 0, P(&info)) ? -1 : (int)info.si_uid);
		}
		pt(PTRACE_SYSCALL, p, 0,
		   status >> 8 == SIGSTOP || status >> 8 == SIGCONT ? (unsigned long)(status >> 8) : 0);
	}
	say("a uid mapped in the stop:%s", t.s);
	s.p = p;
	stage_end(&s);
}

int main(void)
{
	mapped_in_the_stop();
	one("no namespace", 0, false);
	one("pid namespace", CLONE_NEWPID, false);
	one("user namespace", CLONE_NEWUSER, false);
	one("pid and user namespace", CLONE_NEWPID | CLONE_NEWUSER, false);
	one("init of a pid namespace and signals from outside", CLONE_NEWPID, true);
	one("signals", 0, true);
	tracer_inside("tracer in a pid namespace", CLONE_NEWPID);
	tracer_inside("tracer in a user namespace", CLONE_NEWUSER);
	tracer_inside("tracer in both", CLONE_NEWPID | CLONE_NEWUSER);
	return finish();
}
