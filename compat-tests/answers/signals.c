/* signals.c - each signal, shown, changed, injected at every place: who gets what, with which siginfo. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
/* call: 64 32 */
/* call: 32 64 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/regs.h"
#include "lib/stage.h"
#include "lib/walk.h"

static void add_info(struct text *t, pid_t pid)
{
	siginfo_t i;

	memset(&i, 0, sizeof(i));
	if (pt(PTRACE_GETSIGINFO, pid, 0, P(&i)))
		add(t, " {%s}", errno_word(errno));
	else
		add(t, " {%s code %d errno %d pid %s uid %d value %x}", signal_word(i.si_signo), i.si_code,
		    i.si_errno, who(i.si_pid), (int)i.si_uid,
		    i.si_code == SI_QUEUE ? i.si_value.sival_int : 0);
}

/* Every number sent to a tracee that does nothing about it: shown, and passed on or not. */
static void plain(int sig)
{
	for (int pass = 0; pass < 2; pass++) {
		struct scene s = { .status = -1 };
		struct text t = { .n = 0 };

		t.s[0] = '\0';
		roles_clear();
		if (!stage_start(&s, BODY_PAUSE, true, 0))
			return stage_end(&s);
		walk(&t, s.p, PTRACE_CONT, 0);
		kill(s.p, sig);
		if (walk_on(&t, s.p)) {
			add_info(&t, s.p);
			if (walk(&t, s.p, PTRACE_CONT, pass ? sig : 0)) {
				add_info(&t, s.p);
				walk(&t, s.p, PTRACE_CONT, 0);
			}
		}
		say("signal %s %s:%s", signal_word(sig), pass ? "passed on" : "dropped", t.s);
		stage_end(&s);
	}
}

/* At every place a signal is passed on that did not stop it there. */
static void injected(const struct stage *stage, int sig)
{
	struct scene s;
	struct text t = { .n = 0 };
	int status;

	t.s[0] = '\0';
	if (!stage_make(stage, &s))
		return;
	if (s.p > 2 && s.p != getpid() && state_of(s.p) == 't') {
		status = walk(&t, s.p, PTRACE_CONT, sig);
		for (int n = 0; n < 3 && status; n++) {
			add_info(&t, s.p);
			status = walk(&t, s.p, PTRACE_CONT, signal_of(status));
		}
		say("inject %s at %s:%s", signal_word(sig), stage->name, t.s);
	}
	stage_end(&s);
}

/* The tracer changes the siginfo before it passes a number on; the program tells what it got. */

static void handler(int sig, siginfo_t *info, void *context)
{
	(void)context;
	/* told by the arguments of a call that the tracer stops at */
	syscall(SYS_getuid, sig, info->si_signo, info->si_code, info->si_pid, info->si_uid);
}

static void body(void)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGTRAP, &sa, NULL);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
	syscall(SYS_getppid);
}

static void add_arguments(struct text *t, pid_t pid)
{
	regs_t r;

	if (!regs_get(pid, &r) || (uint32_t)r.orig_ax != (uint32_t)SYS_getuid)
		return;
#ifdef __i386__
	add(t, " (%d %d %d %s %d)", (int)r.bx, (int)r.cx, (int)r.dx, who(r.si), (int)r.di);
#else
	add(t, " (%d %d %d %s %d)", (int)r.di, (int)r.si, (int)r.dx, who(r.r10), (int)r.r8);
#endif
}

static void changed(const char *words, int signo, int code, int sig)
{
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };
	siginfo_t info;

	t.s[0] = '\0';
	roles_clear();
	own_body = body;
	if (!stage_start(&s, BODY_OWN, true, PTRACE_O_TRACESYSGOOD))
		return stage_end(&s);
	walk(&t, s.p, PTRACE_CONT, 0);
	memset(&info, 0, sizeof(info));
	if (signo) {
		info.si_signo = signo;
		info.si_code = code;
		info.si_pid = s.p;
		info.si_uid = 7;
		add(&t, " set %s", answer(pt(PTRACE_SETSIGINFO, s.p, 0, P(&info))));
		add_info(&t, s.p);
	}
	for (int n = 0, status = walk(&t, s.p, PTRACE_SYSCALL, sig); n < 4 && status; n++) {
		add_arguments(&t, s.p);
		status = walk(&t, s.p, PTRACE_SYSCALL, signal_of(status));
	}
	say("siginfo %s, passed on %s:%s", words, signal_word(sig), t.s);
	stage_end(&s);
}

/* Blocked, ignored, queued, to the group and to the thread. */
static void held(const char *words, int how, bool block, bool ignore)
{
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };
	uint64_t mask = block ? ~0ull : 0;

	t.s[0] = '\0';
	roles_clear();
	if (!stage_start(&s, BODY_PAUSE, true, 0))
		return stage_end(&s);
	add(&t, " mask %s", answer(pt(PTRACE_SETSIGMASK, s.p, 8, P(&mask))));
	/* stopped: nothing is taken meanwhile */
	for (int n = 0; n < 2; n++) {
		int sig = ignore ? SIGWINCH : how == 2 ? 40 : SIGHUP;

		if (how == 0)
			kill(s.p, sig);
		else if (how == 1)
			syscall(SYS_tgkill, s.p, s.p, sig);
		else
			sigqueue(s.p, sig, (union sigval){ .sival_int = n + 5 });
	}
	add(&t, " pending %s %s", status_line(s.p, "SigPnd"), status_line(s.p, "ShdPnd"));
	for (int n = 0, status = walk(&t, s.p, PTRACE_CONT, 0); n < 3 && status; n++) {
		add_info(&t, s.p);
		status = walk(&t, s.p, PTRACE_CONT, 0);
	}
	pt(PTRACE_INTERRUPT, s.p, 0, 0);
	walk_on(&t, s.p);
	mask = 0;
	add(&t, " mask %s", answer(pt(PTRACE_SETSIGMASK, s.p, 8, P(&mask))));
	for (int n = 0, status = walk(&t, s.p, PTRACE_CONT, 0); n < 3 && status; n++) {
		add_info(&t, s.p);
		status = walk(&t, s.p, PTRACE_CONT, 0);
	}
	say("held %s:%s", words, t.s);
	stage_end(&s);
}

/* A fault whose signal is blocked, ignored or has a handler; passed on or dropped with the cause gone. */
static int how_forced;
static volatile uintptr_t nowhere = 16;

static void forced_body(void)
{
	struct sigaction sa = { .sa_handler = how_forced & 2 ? SIG_IGN : SIG_DFL };
	sigset_t set;

	if (how_forced & 4) {
		sa.sa_sigaction = handler;
		sa.sa_flags = SA_SIGINFO;
	}
	sigaction(SIGSEGV, &sa, NULL);
	if (how_forced & 1) {
		sigfillset(&set);
		sigprocmask(SIG_SETMASK, &set, NULL);
	}
	(*(volatile int *)nowhere)++;
}

static void forced(int how, int pass)
{
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };

	t.s[0] = '\0';
	roles_clear();
	own_body = forced_body;
	how_forced = how;
	if (!stage_start(&s, BODY_OWN, true, PTRACE_O_TRACEEXIT))
		return stage_end(&s);
	for (int n = 0, status = walk(&t, s.p, PTRACE_CONT, 0); n < 4 && status; n++) {
		add(&t, " blocked %s ignored %s caught %s", status_line(s.p, "SigBlk"),
		    status_line(s.p, "SigIgn"), status_line(s.p, "SigCgt"));
		status = walk(&t, s.p, PTRACE_CONT, pass ? signal_of(status) : 0);
	}
	say("fault%s%s%s, %s:%s", how & 1 ? " blocked" : "", how & 2 ? " ignored" : "",
	    how & 4 ? " handled" : "", pass ? "passed on" : "dropped", t.s);
	stage_end(&s);
}

int main(int argc, char **argv)
{
	static const int some[] = { SIGUSR1, SIGHUP, SIGSTOP, SIGCONT, SIGTSTP, SIGWINCH, SIGKILL, SIGTRAP,
				    SIGSEGV, 40 };

	stage_abi = argc > 1 ? argv[1] : NULL;
	for (int sig = 1; sig <= 64; sig++)
		plain(sig);
	for (size_t i = 0; i < nstages; i++)
		for (size_t k = 0; k < sizeof(some) / sizeof(some[0]); k++)
			injected(&stages[i], some[k]);
	if (stage_abi)
		return finish();
	for (int how = 0; how < 6; how++)
		for (int pass = 0; pass < 2; pass++)
			forced(how, pass);
	changed("as it is", 0, 0, SIGUSR1);
	changed("as it is", 0, 0, SIGHUP);
	changed("as it is", 0, 0, SIGTRAP);
	changed("other sender", SIGUSR1, SI_USER, SIGUSR1);
	changed("of the kernel", SIGUSR1, SI_KERNEL, SIGUSR1);
	changed("other number", SIGHUP, SI_USER, SIGUSR1);
	changed("other number", SIGHUP, SI_USER, SIGHUP);
	changed("no signal", 99, SI_USER, SIGUSR1);
	changed("no signal", 99, SI_USER, 0);
	changed("negative code", SIGUSR1, -60, SIGUSR1);
	held("to the group", 0, false, false);
	held("to the thread", 1, false, false);
	held("queued", 2, false, false);
	held("to the group, blocked", 0, true, false);
	held("to the thread, blocked", 1, true, false);
	held("queued, blocked", 2, true, false);
	held("to the group, ignored", 0, false, true);
	held("to the thread, ignored", 1, false, true);
	held("to the group, blocked, ignored", 0, true, true);
	return finish();
}
