/* tracer.c - tracers of ptrace-storm: they make and take tracees, wait, request at random, and leave at any time. */
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "tracer.h"

#define TRACER_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

void tracer_remove(struct tracer *t, int tid)
{
	for (unsigned int i = 0; i < t->n; i++)
		if (t->tracees[i].tid == tid)
			t->tracees[i] = t->tracees[--t->n];
}

static struct tracee *find(struct tracer *t, int tid)
{
	for (unsigned int i = 0; i < t->n; i++)
		if (t->tracees[i].tid == tid)
			return &t->tracees[i];
	return NULL;
}

void tracer_add(struct tracer *t, struct tracee now)
{
	struct tracee *who = find(t, now.tid);

	if (now.tid <= 1)
		return;
	now.seized |= who && who->seized;
	/* who must give way stays traced, and is left to stray requests and to the end */
	if (!who && t->n == TRACEES)
		who = &t->tracees[draw(&t->rnd, TRACEES)];
	if (!who)
		who = &t->tracees[t->n++];
	*who = now;
}

/* Which of the stops it is that @code tells, a status without its low byte. */
static int sort_of_stop(int code)
{
	static const unsigned char events[] = {
		[PTRACE_EVENT_FORK] = SAW_FORK, [PTRACE_EVENT_VFORK] = SAW_VFORK,
		[PTRACE_EVENT_CLONE] = SAW_CLONE, [PTRACE_EVENT_EXEC] = SAW_EXEC,
		[PTRACE_EVENT_VFORK_DONE] = SAW_VFORK_DONE, [PTRACE_EVENT_EXIT] = SAW_EXIT,
		[PTRACE_EVENT_SECCOMP] = SAW_SECCOMP,
	};
	unsigned int event = code >> 8;

	if (event == PTRACE_EVENT_STOP)
		return (code & 0xff) == SIGTRAP ? SAW_TRAP : SAW_GROUP;
	if (event && event < sizeof(events))
		return events[event];
	return (code & 0xff) == (SIGTRAP | 0x80) ? SAW_SYSCALL : SAW_SIGNAL;
}

/* A wait told that @tid is stopped, with @code, or is not any more. */
static void note_stop(struct tracer *t, int tid, int code)
{
	add_one(&storm->saw[sort_of_stop(code)]);
	tracer_add(t, (struct tracee){ .tid = tid, .stopped = true, .sig = code & 0x7f });
}

static void note_end(struct tracer *t, int tid)
{
	add_one(&storm->saw[SAW_END]);
	tracer_remove(t, tid);
}

static void wait_by_wait4(struct tracer *t, int whom, int flags)
{
	int status = 0;
	long pid = sys4(SYS_wait4, whom, &status, WNOHANG | flags, NULL);

	if (pid <= 0)
		return;
	if (WIFSTOPPED(status))
		note_stop(t, pid, status >> 8);
	else if (WIFCONTINUED(status))
		add_one(&storm->saw[SAW_CONTINUED]);
	else
		note_end(t, pid);
}

static void wait_by_waitid(struct tracer *t, int whom, int flags)
{
	static const int more[] = { WEXITED, WSTOPPED, WCONTINUED, WEXITED | WSTOPPED,
				    WEXITED | WSTOPPED | WCONTINUED };
	bool keep = one_in(&t->rnd, 4);
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	flags |= WNOHANG | more[draw(&t->rnd, sizeof(more) / sizeof(*more))] | (keep ? WNOWAIT : 0);
	if (sys5(SYS_waitid, whom > 0 ? P_PID : P_ALL, whom > 0 ? whom : 0, &si, flags, NULL) ||
	    !si.si_pid)
		return;
	if (si.si_code == CLD_TRAPPED || si.si_code == CLD_STOPPED)
		note_stop(t, si.si_pid, si.si_status);
	else if (si.si_code == CLD_CONTINUED)
		add_one(&storm->saw[SAW_CONTINUED]);
	else if (!keep)
		note_end(t, si.si_pid);
}

static void wait_once(struct tracer *t)
{
	static const int flags[] = { __WALL, __WALL, __WALL, __WALL | WUNTRACED | WCONTINUED, 0, __WCLONE,
				     __WALL | __WNOTHREAD };
	int how = flags[draw(&t->rnd, sizeof(flags) / sizeof(*flags))], whom = -1;

	if (t->n && one_in(&t->rnd, 3))
		whom = t->tracees[draw(&t->rnd, t->n)].tid;
	if (one_in(&t->rnd, 3))
		wait_by_waitid(t, whom, how & ~WCONTINUED & ~WUNTRACED);
	else
		wait_by_wait4(t, whom, how);
}

/* A new process, traced from its start, soon, or by whoever comes. */
static void make_tracee(struct tracer *t)
{
	unsigned int how = draw(&t->rnd, 4);
	uint64_t seed = draw64(&t->rnd);
	struct actor *me = t->me;
	long pid;

	if (storm->crowd >= CROWD)
		return;
	pid = sys5(SYS_clone, SIGCHLD, 0, NULL, NULL, 0);
	if (!pid) {
		uint64_t rnd = seed;

		if (how < 2)
			request_traceme(&rnd, me);
		if (how == 0)
			sys3(SYS_tgkill, sys0(SYS_getpid), sys0(SYS_gettid), SIGSTOP);
		life(seed, 0, false);
	}
	if (pid < 0)
		return;
	if (how < 2)
		tracer_add(t, (struct tracee){ .tid = pid });
	else if (how == 2)
		request_attach(t, pid, true);
}

static void get_tracee(struct tracer *t)
{
	int tid = pool_draw(&t->rnd);

	if (one_in(&t->rnd, 2))
		make_tracee(t);
	else if (tid)
		request_attach(t, tid, one_in(&t->rnd, 2));
}

/* One of its threads, a stopped one if it can be had; NULL: it has none. */
static struct tracee *choose(struct tracer *t, bool *stopped)
{
	unsigned int from;

	if (!t->n)
		return NULL;
	from = draw(&t->rnd, t->n);
	for (unsigned int i = 0; i < t->n; i++) {
		struct tracee *who = &t->tracees[(from + i) % t->n];

		if (who->stopped) {
			*stopped = true;
			if (one_in(&t->rnd, 10))
				break;
			return who;
		}
	}
	return &t->tracees[from];
}

/* Bring somebody to a stop; how depends on what there is. */
static void disturb(struct tracer *t)
{
	const struct tracee *who = &t->tracees[draw(&t->rnd, t->n)];

	if (one_in(&t->rnd, who->seized ? 2 : 20))
		request_interrupt(t, who->tid);
	else
		sys2(SYS_tkill, who->tid, one_in(&t->rnd, 2) ? SIGUSR1 : SIGSTOP);
}

static void one_round(struct tracer *t)
{
	bool stopped = false;
	struct tracee *who;

	t->me->beats++;
	if ((t->n < 8 && one_in(&t->rnd, 8)) || one_in(&t->rnd, 60))
		get_tracee(t);
	for (unsigned int i = draw(&t->rnd, 3); i; i--)
		wait_once(t);
	who = choose(t, &stopped);
	if (one_in(&t->rnd, 16))
		request_any(t, NULL, pool_draw(&t->rnd));
	else if (who && (stopped || one_in(&t->rnd, 4)))
		request_any(t, who, who->tid);
	if (!stopped) {
		if (t->n && one_in(&t->rnd, 6))
			disturb(t);
		nap_us(100 + draw(&t->rnd, 400));
	}
}

struct second {
	struct actor *me;
	uint64_t seed;
};

static int second_tracer(void *arg)
{
	const struct second *s = arg;

	tracer(s->me, s->seed, true);
}

void tracer(struct actor *me, uint64_t seed, bool thread)
{
	static struct second second;
	struct tracer t = { .rnd = seed, .me = me, .thread = thread };
	unsigned int rounds = 500 + draw(&t.rnd, 4000);

	me->tid = sys0(SYS_gettid);
	if (!thread && one_in(&t.rnd, 3)) {
		second = (struct second){ me + 1, draw64(&t.rnd) };
		clone_with(second_tracer, &second, TRACER_FLAGS);
	}
	while (rounds-- && !storm->stop)
		one_round(&t);
	me->tid = 0;
	switch (draw(&t.rnd, 4)) {
	case 0:
		/* the other one goes on; if it was the leader, as a zombie's thread */
		leave(SYS_exit);
	case 1:
		sys2(SYS_tkill, sys0(SYS_gettid), SIGKILL);
		/* fall through */
	default:
		leave(SYS_exit_group);
	}
}
