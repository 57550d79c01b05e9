/* seccomp-takers.c - what a filter says of a call, and who is asked about it, with two engines of all sets of events. */
/* seconds: 120 */
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/filter.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define ENGINES 2
#define DATA 0x77
#define NEVER -999

/* In the page: calls that are ordered and made, the last one's result, is it there, SIGSYS taken. */
enum { GO = 10, DONE, RESULT, READY, TAKEN };

static const struct verdict {
	const char *name;
	unsigned int action;
	long result;		/* 0: that of the call */
	int signal;		/* it ends by that */
} verdicts[] = {
	{ "ALLOW", SECCOMP_RET_ALLOW, 0, 0 },
	{ "LOG", SECCOMP_RET_LOG, 0, 0 },
	{ "TRACE", SECCOMP_RET_TRACE | DATA, -ENOSYS, 0 },
	{ "ERRNO", SECCOMP_RET_ERRNO | EMFILE, -EMFILE, 0 },
	{ "TRAP", SECCOMP_RET_TRAP, -EINTR, 0 },
	{ "KILL_THREAD", SECCOMP_RET_KILL_THREAD, 0, SIGSYS },
	{ "KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, 0, SIGSYS },
};

static const struct wish {
	const char *name;
	unsigned long events;
} wishes[] = {
	{ "nothing", 0 },
	{ "QUIESCE", EV(QUIESCE) },
	{ "SECCOMP", EV(SECCOMP) },
	{ "both", EV(QUIESCE) | EV(SECCOMP) },
	{ "entry and exit", EV(ENTRY) | EV(SYSCALL_EXIT) },
	{ "signals", EV(SIGNAL) | EV(SIGNAL_TERM) | EV(SIGNAL_CORE) },
};
#define NWISHES (sizeof(wishes) / sizeof(wishes[0]))

static pid_t pid;
static int fd[ENGINES];

/* The result of a call that a filter traps is what the handler finds there. */
static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

	page[TAKEN] += sig == SIGSYS && info->si_syscall == SYS_getppid;
	regs[REG_RAX] = -EINTR;
}

static int program(void *action)
{
	struct sigaction sa = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };
	static const struct rlimit none;

	setrlimit(RLIMIT_CORE, &none);
	sigaction(SIGSYS, &sa, NULL);
	if (!filter_getppid(*(unsigned int *)action))
		return 1;
	page[READY] = 1;
	for (;;) {
		while (page[DONE] == page[GO])
			;
		page[RESULT] = syscall(SYS_getppid);
		if (page[RESULT] == -1)
			page[RESULT] = -errno;
		page[DONE]++;
	}
}

static void start(unsigned int action, const unsigned long events[ENGINES])
{
	page[GO] = page[DONE] = page[READY] = page[TAKEN] = 0;
	pid = subject(program, &action);
	while (!page[READY])
		sleep_ms(1);
	for (int i = 0; i < ENGINES; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %d 0", pid) || probe_do(fd[i], "events %lx", events[i]))
			bail("attach");
	}
}

static void leave(void)
{
	for (int i = 0; i < ENGINES; i++)
		close(fd[i]);
}

/* The result of the call that was ordered, or NEVER. */
static long result(void)
{
	for (long end = now_ms() + PATIENCE; now_ms() < end; sleep_ms(1))
		if (page[DONE] == page[GO])
			return page[RESULT];
	return NEVER;
}

/* The filter's question, as engine @i was asked it. */
static void asked(const char *what, int i, unsigned long events, bool question)
{
	bool event = question && (events & EV(SECCOMP)), quiesce = question && (events & EV(QUIESCE));
	int events_seen = 0, quiesce_seen = 0, other_data = 0;
	struct probe_line line;

	while (probe_read(fd[i], &line, 0)) {
		events_seen += line.event == EV_SECCOMP;
		quiesce_seen += line.event == EV_QUIESCE && line.extra == EV(SECCOMP);
		other_data += line.event == EV_SECCOMP && line.extra != DATA;
	}
	check(events_seen == event && quiesce_seen == quiesce && !other_data,
	      "%s: engine %d is told of the question: %d times of %d, quiesce %d of %d, %d with other data", what,
	      i + 1, events_seen, event, quiesce_seen, quiesce, other_data);
}

static void judged(const struct verdict *v, const struct wish *inner, const struct wish *outer)
{
	const unsigned long events[ENGINES] = { inner->events, outer->events };
	bool trace = (v->action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE;
	bool takes = trace && ((inner->events | outer->events) & EV(SECCOMP));
	long expected = takes || !v->result ? getpid() : v->result;
	char what[96];
	int status;
	long got;

	snprintf(what, sizeof(what), "%s, inside: %s, outside: %s", v->name, inner->name, outer->name);
	start(v->action, events);
	page[GO]++;
	if (v->signal) {
		status = subject_wait(pid, PATIENCE);
		check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == v->signal, "%s: it is killed: %x",
		      what, status);
	} else {
		got = result();
		check(got == expected, "%s: the result is %ld of %ld", what, got, expected);
		check(page[TAKEN] == (v->action == SECCOMP_RET_TRAP), "%s: SIGSYS came: %ld", what, page[TAKEN]);
	}
	for (int i = 0; i < ENGINES; i++)
		asked(what, i, events[i], takes);
	leave();
	if (!v->signal)
		check(subject_end(pid), "%s: it ends", what);
}

static void gives(long expected, const char *what)
{
	long got = result();

	check(got == expected, "%s: the result is %ld of %ld", what, got, expected);
}

/* The wish counts as it is when the filter says TRACE. */
static void wish_changes(void)
{
	static const unsigned long events[ENGINES] = { EV(ENTRY), EV(QUIESCE) };

	start(SECCOMP_RET_TRACE | DATA, events);
	page[GO]++;
	gives(-ENOSYS, "changes: nobody takes it");
	probe_do(fd[0], "within %d events %lx", EV_ENTRY, EV(ENTRY) | EV(SECCOMP));
	probe_drop(fd[0]);
	page[GO]++;
	gives(getpid(), "changes: the wish made at the entry counts");
	asked("changes", 0, EV(SECCOMP), true);
	probe_do(fd[0], "within %d events %lx", EV_ENTRY, EV(ENTRY));
	page[GO]++;
	gives(-ENOSYS, "changes: so does its end");
	asked("changes, dropped", 0, EV(SECCOMP), false);

	/* who leaves while it is asked has taken it */
	probe_do(fd[0], "events %lx", EV(SECCOMP));
	probe_do(fd[0], "once %d %d", EV_SECCOMP, DO_DETACH);
	page[GO]++;
	gives(getpid(), "changes: it leaves in the report");
	page[GO]++;
	gives(-ENOSYS, "changes: and takes no more");
	leave();
	check(subject_end(pid), "changes: it ends");
}

/* Held at the question by one or both, the call is made when the last lets go. */
static void held(int holders)
{
	static const unsigned long events[ENGINES] = { EV(SECCOMP), EV(SECCOMP) };
	struct probe_line line = { 0 };

	start(SECCOMP_RET_TRACE | DATA, events);
	for (int i = 0; i < holders; i++)
		probe_do(fd[i], "once %d %d", EV_SECCOMP, DO_STOP);
	page[GO]++;
	for (int i = 0; i < ENGINES; i++)
		check(probe_event(fd[i], EV_SECCOMP, &line, PATIENCE) && line.extra == DATA,
		      "held by %d: engine %d is asked: %ld", holders, i + 1, line.extra);
	for (int i = 0; i < holders; i++) {
		check(reaches(pid, 't', PATIENCE) && page[DONE] != page[GO], "held by %d: it waits for %d: %c", holders,
		      i + 1, state_of(pid));
		check(!probe_do(fd[i], "control %d", DO_RESUME), "held by %d: %d lets go", holders, i + 1);
	}
	gives(getpid(), "held: the call is made");
	for (int i = 0; i < ENGINES; i++)
		check(!probe_event(fd[i], EV_SECCOMP, &line, 0), "held by %d: engine %d is asked once", holders, i + 1);
	leave();
	check(subject_end(pid), "held by %d: it ends", holders);
}

int main(void)
{
	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (size_t v = 0; v < sizeof(verdicts) / sizeof(verdicts[0]); v++)
		for (size_t i = 0; i < NWISHES; i++)
			for (size_t j = 0; j < NWISHES; j++)
				judged(&verdicts[v], &wishes[i], &wishes[j]);
	wish_changes();
	held(1);
	held(2);
	return done_testing();
}
