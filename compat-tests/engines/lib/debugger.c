/* debugger.c - a tracer that works on a process as gdb does. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "debugger.h"

#define MAX_THREADS 64
#define SYSCALL_STOP (SIGTRAP | 0x80)
#define STEPS_AFTER_BREAKPOINT 3

struct thread {
	pid_t tid;
	int steps;		/* still to be made */
};

struct debugger {
	pid_t pid;
	char *where;
	struct debugger_seen *seen;
	bool seize;
	long original;
	struct thread thread[MAX_THREADS];
	int n;
};

#define WANT(d, what)                                            \
	do {                                                     \
		if (!(what)) {                                   \
			if (!(d)->seen->failed)                  \
				(d)->seen->failed = __LINE__;    \
			return false;                            \
		}                                                \
	} while (0)

static bool attach_one(struct debugger *d, pid_t tid)
{
	struct thread *t = &d->thread[d->n];

	WANT(d, d->n < MAX_THREADS);
	if (d->seize) {
		WANT(d, !ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD));
		WANT(d, !ptrace(PTRACE_INTERRUPT, tid, 0, 0));
	} else {
		WANT(d, !ptrace(PTRACE_ATTACH, tid, 0, 0));
	}
	t->tid = tid;
	t->steps = 0;
	d->n++;
	return true;
}

static struct thread *find(struct debugger *d, pid_t tid)
{
	for (int i = 0; i < d->n; i++)
		if (d->thread[i].tid == tid)
			return &d->thread[i];
	return NULL;
}

static bool attach_all(struct debugger *d)
{
	struct dirent *e;
	char path[64];
	DIR *dir;

	d->n = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", d->pid);
	dir = opendir(path);
	WANT(d, dir);
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.' && !attach_one(d, atoi(e->d_name)))
			break;
	closedir(dir);
	WANT(d, !e);
	return true;
}

static bool poke(struct debugger *d, long word)
{
	WANT(d, !ptrace(PTRACE_POKETEXT, d->pid, d->where, word));
	return true;
}

/* A thread that ran into the breakpoint: on behind the nop that it stands on. */
static bool at_breakpoint(struct debugger *d, struct thread *t, bool *hit)
{
	struct user_regs_struct regs;
	siginfo_t info;

	*hit = false;
	WANT(d, !ptrace(PTRACE_GETSIGINFO, t->tid, 0, &info));
	WANT(d, !ptrace(PTRACE_GETREGS, t->tid, 0, &regs));
	/* int3 leaves it there; single-step does so only by running the nop */
	*hit = info.si_code == SI_KERNEL && regs.rip == (unsigned long)d->where + 1;
	return true;
}

/* Deal with a stop: 1 it goes on, 0 it is the one that was waited for, -1. */
static int stopped(struct debugger *d, struct thread *t, int status, int *sig)
{
	bool hit;

	*sig = 0;
	if (!WIFSTOPPED(status))
		return -1;
	if (status >> 16 == PTRACE_EVENT_STOP)
		return 0;
	if (!d->seize && WSTOPSIG(status) == SIGSTOP)
		return 0;
	if (WSTOPSIG(status) == SYSCALL_STOP) {
		d->seen->calls++;
		return 1;
	}
	if (WSTOPSIG(status) != SIGTRAP) {
		d->seen->signals++;
		*sig = WSTOPSIG(status);
		return 1;
	}
	if (!at_breakpoint(d, t, &hit))
		return -1;
	if (hit) {
		d->seen->breakpoints++;
		t->steps = STEPS_AFTER_BREAKPOINT;
	} else if (t->steps > 0) {
		d->seen->steps++;
		t->steps--;
	} else {
		d->seen->wrong++;
	}
	return 1;
}

static bool go_on(struct debugger *d, struct thread *t, int request, int sig)
{
	if (t->steps)
		request = PTRACE_SINGLESTEP;
	WANT(d, !ptrace(request, t->tid, 0, sig));
	return true;
}

/*
 * PTRACE_INTERRUPT overtakes the SIGTRAP of a breakpoint or a step.  Leave
 * with that pending and it kills.
 */
static bool trap_pending(struct debugger *d, struct thread *t)
{
	struct __ptrace_peeksiginfo_args args = { .off = 0, .nr = 1 };
	siginfo_t info;

	return d->seize && ptrace(PTRACE_PEEKSIGINFO, t->tid, &args, &info) == 1;
}

/* Wait until all threads stand still; those that report something else run on. */
static bool gather(struct debugger *d, bool ask)
{
	struct thread *t;
	int status, sig;
	pid_t tid;

	for (int i = 0; ask && i < d->n; i++) {
		if (d->seize)
			WANT(d, !ptrace(PTRACE_INTERRUPT, d->thread[i].tid, 0, 0));
		else
			WANT(d, !tgkill(d->pid, d->thread[i].tid, SIGSTOP));
	}
	for (int left = d->n; left;) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno == EINTR)
			continue;
		WANT(d, tid > 0);
		t = find(d, tid);
		WANT(d, t);
		switch (stopped(d, t, status, &sig)) {
		case 0:
			if (!trap_pending(d, t)) {
				left--;
				break;
			}
			WANT(d, !ptrace(PTRACE_CONT, tid, 0, 0));
			break;
		case 1:
			/* SINGLESTEP would be owed a stop after the detach */
			t->steps = 0;
			/* any stop takes away a PTRACE_INTERRUPT */
			if (d->seize)
				WANT(d, !ptrace(PTRACE_INTERRUPT, tid, 0, 0));
			if (!go_on(d, t, PTRACE_CONT, sig))
				return false;
			break;
		default:
			WANT(d, false);
		}
	}
	return true;
}

static bool run_all(struct debugger *d, int stops)
{
	static const int requests[] = { PTRACE_CONT, PTRACE_SYSCALL };
	int status, sig, request = requests[d->seen->sessions / 2 % 2];
	struct thread *t;
	pid_t tid;

	for (int i = 0; i < d->n; i++)
		if (!go_on(d, &d->thread[i], request, 0))
			return false;
	while (stops > 0 && !d->seen->stop) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno == EINTR)
			continue;	/* look at ->stop */
		WANT(d, tid > 0);
		t = find(d, tid);
		WANT(d, t && stopped(d, t, status, &sig) == 1);
		if (!go_on(d, t, request, sig))
			return false;
		stops--;
	}
	return true;
}

static bool session(struct debugger *d, int stops)
{
	const long mask = 0xff;

	if (!attach_all(d) || !gather(d, false))
		return false;
	if (!d->seize)
		for (int i = 0; i < d->n; i++)
			WANT(d, !ptrace(PTRACE_SETOPTIONS, d->thread[i].tid, 0,
					PTRACE_O_TRACESYSGOOD));
	errno = 0;
	d->original = ptrace(PTRACE_PEEKTEXT, d->pid, d->where, 0);
	WANT(d, !errno && (d->original & mask) == 0x90);
	if (!poke(d, (d->original & ~mask) | 0xcc))
		return false;
	d->seen->attached++;
	if (!run_all(d, stops) || !gather(d, true))
		return false;
	if (!poke(d, d->original))
		return false;
	for (int i = 0; i < d->n; i++)
		WANT(d, !ptrace(PTRACE_DETACH, d->thread[i].tid, 0, 0));
	d->seen->sessions++;
	return true;
}

static void nothing(int sig)
{
	(void)sig;
}

int debugger_run(pid_t pid, void *where, int stops, struct debugger_seen *seen)
{
	const struct itimerval often = { { 0, 100000 }, { 0, 100000 } };
	const struct sigaction tick = { .sa_handler = nothing };
	struct debugger d = { .pid = pid, .where = where, .seen = seen };

	sigaction(SIGALRM, &tick, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (!seen->stop) {
		d.seize = seen->sessions % 2 == 0;
		if (!session(&d, stops))
			return 1;
	}
	return 0;
}
