/* honoured.c - what a callback returns on the way to user mode takes effect before the program runs on. */
/* seconds: 120 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/occasion.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* Verdicts: drop the signal; there is none. */
#define IGN 0x10
#define NONE 0x60
#define BORDER (EV(ARRIVAL) | EV(FINAL))
#define KEEP 0x80000000

static pid_t pid;
static int fd;

static const char * const actions[] = { "STOP", "INTERRUPT", "REPORT", "SINGLESTEP", "BLOCKSTEP" };

/* By what is it seen that the action was honoured: the thread is held there. */
static void hold_where_seen(int action)
{
	if (action == DO_REPORT)
		probe_do(fd, "on %d %x", EV_QUIESCE, DO_STOP);
	else if (action == DO_INTERRUPT)
		probe_do(fd, "on %d %x", EV_SIGNAL, NONE | DO_STOP);
	else if (action != DO_STOP)
		probe_do(fd, "on %d %x", EV_SIGNAL, IGN | DO_STOP);
}

/* Drop reports up to the first one that follows from @action, the one it is held at. */
static bool seen(int action)
{
	struct probe_line line = { 0 };

	/* not probe_event(): a thread that runs can be told of for ever */
	for (long end = now_ms() + PATIENCE; action != DO_STOP && now_ms() < end && probe_read(fd, &line, PATIENCE);) {
		if (action == DO_REPORT && line.event == EV_QUIESCE)
			return !line.extra;
		if (action != DO_REPORT && line.event == EV_SIGNAL)
			return action == DO_INTERRUPT ? (line.action & 0xf0) == NONE : line.extra == SIGTRAP;
	}
	return action == DO_STOP;
}

static void let_go(const char *what)
{
	for (int event = EV_QUIESCE; event <= EV_FINAL; event++)
		probe_do(fd, "on %d %x", event, KEEP);
	check(!probe_do(fd, "control %d", DO_RESUME), "%s: let go", what);
}

/*
 * In the last work: the thread is held there, by an engine that is not told of
 * it.  When it is let go @event is reported, its callback returns @action, and
 * the program has not done anything more when that is honoured.
 */
static void in_last_work(int (*run)(void *), const char *program, unsigned int event, const char *name, int action)
{
	bool steps = action == DO_SINGLESTEP || action == DO_BLOCKSTEP, asked = event != EV_FINAL;
	/* whatever is reported later decides on the step again */
	unsigned long border = !steps ? BORDER : asked ? 0 : EV(FINAL);
	char what[80];
	long was;

	snprintf(what, sizeof(what), "%s, %s from %s", program, actions[action], name);
	page[0] = 0;
	pid = subject(run, NULL);
	moves(0);
	fd = probe_open();
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "events %lx", border);
	probe_do(fd, "control %d", DO_STOP);
	check(reaches(pid, 't', PATIENCE), "%s: it is held: %c", what, state_of(pid));
	was = page[0];
	/* a preemption on the way out brings a second final report, which decides anew */
	probe_do(fd, "%s %d %x", border && steps ? "on" : "once", event, action);
	/* held at the second report of quiesce if the first is what was asked for from outside */
	if (asked && action == DO_REPORT)
		probe_do(fd, "within %d once %d %x", EV_QUIESCE, EV_QUIESCE, DO_STOP);
	else
		hold_where_seen(action);
	probe_drop(fd);
	probe_do(fd, "events %lx", EV(QUIESCE) | border);
	check(!probe_do(fd, "control %d", asked ? DO_REPORT : DO_RESUME), "%s: on its way", what);
	check((!asked || action == DO_STOP || seen(DO_REPORT)) && seen(action) && reaches(pid, 't', PATIENCE),
	      "%s: honoured: %c", what, state_of(pid));
	check(page[0] - was <= steps, "%s: before it runs on: %ld", what, page[0] - was);
	let_go(what);
	check(moves(0), "%s: it runs", what);
	close(fd);
	subject_end(pid);
}

static const struct place {
	const char *name;
	enum occasion what;
	unsigned int event;
	unsigned int verdict;
} places[] = {
	{ "clone", FORKS, EV_CLONE, 0 },
	{ "vfork done", VFORKS, EV_VFORK_DONE, 0 },
	{ "system call exit", CALLS, EV_SYSCALL_EXIT, 0 },
	{ "system call entry", CALLS, EV_ENTRY, 0 },
	{ "seccomp", TRACED, EV_SECCOMP, 0 },
	{ "handled signal", HANDLES, EV_SIGNAL, IGN },
	{ "ignored signal", IGNORES, EV_SIGNAL_IGN, IGN },
	{ "deadly signal", DIES, EV_SIGNAL_TERM, IGN },
	{ "signal with a core", DUMPS, EV_SIGNAL_CORE, IGN },
};

/*
 * At an event in the kernel: the engine wants that one event, whose callback
 * returns @action and sets QUIESCE.  The program must not get to the next line.
 */
static void at_event(const struct place *p, int action)
{
	/* it goes round by its own wish then, and is held by that */
	bool rounds = p->verdict && action == DO_INTERRUPT;
	unsigned int callback = p->verdict ? EV_SIGNAL : p->event;
	struct probe_line line = { 0 };
	char what[80];

	snprintf(what, sizeof(what), "%s, %s", p->name, actions[action]);
	pid = subject_occasion(p->what);
	fd = probe_open();
	probe_do(fd, "attach %d 0", pid);
	hold_where_seen(action);
	probe_do(fd, "%s %d %x", rounds ? "on" : "once", callback, p->verdict | action);
	if (action != DO_STOP)
		probe_do(fd, "within %d events %lx", callback, EV(QUIESCE) | 1ul << p->event);
	probe_do(fd, "events %lx", 1ul << p->event);
	occasion_go();
	check(probe_event(fd, callback, &line, PATIENCE), "%s: the event", what);
	check(seen(action) && (rounds || reaches(pid, 't', PATIENCE)), "%s: honoured: %c", what, state_of(pid));
	check(!page[OCCASION_OVER], "%s: before the program runs on", what);
	let_go(what);
	check(occasion_over(pid, CALLS), "%s: it runs", what);
	close(fd);
	subject_end(pid);
}

/* A frame is set up: nothing of the handler runs before. */
static void at_frame(int action)
{
	bool rounds = action == DO_INTERRUPT;
	struct probe_line line = { 0 };
	char what[80];

	snprintf(what, sizeof(what), "signal frame, %s", actions[action]);
	pid = subject_occasion(HANDLES);
	fd = probe_open();
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "events %lx", EV(QUIESCE));
	probe_do(fd, "on %d %x", EV_QUIESCE, action == DO_REPORT ? DO_STOP : DO_RESUME);
	probe_do(fd, "once %d %x", EV_SIGNAL, DO_RESUME);
	/* by the report of the signal the one of its frame is told what to return */
	probe_do(fd, "within %d %s %d %x", EV_SIGNAL, rounds ? "on" : "once", EV_SIGNAL, action);
	occasion_go();
	check(probe_event(fd, EV_SIGNAL, &line, PATIENCE) && probe_event(fd, EV_SIGNAL, &line, PATIENCE) &&
		      (line.action & 0xf0) == 0x70,
	      "%s: the frame: %x", what, line.action);
	check(seen(action) && (rounds || reaches(pid, 't', PATIENCE)), "%s: honoured: %c", what, state_of(pid));
	check(!page[OCCASION_HANDLED], "%s: before the handler runs: %ld", what, page[OCCASION_HANDLED]);
	let_go(what);
	check(occasion_over(pid, HANDLES) && page[OCCASION_HANDLED] == 1, "%s: it runs: %ld", what,
	      page[OCCASION_HANDLED]);
	close(fd);
	subject_end(pid);
}

/* From arrival, which another engine's report brings about. */
static void at_arrival(int action)
{
	struct probe_line line = { 0 };
	int reporter = probe_open();
	bool told = false;

	pid = subject_occasion(CALLS);
	fd = probe_open();
	probe_do(fd, "attach %d 0", pid);
	probe_do(reporter, "attach %d 0", pid);
	probe_do(fd, "once %d %x", EV_ARRIVAL, action);
	if (action == DO_INTERRUPT)
		hold_where_seen(action);
	probe_do(fd, "events %lx", BORDER | (action == DO_STOP ? 0 : EV(QUIESCE)));
	probe_do(reporter, "events %lx", EV(SYSCALL_EXIT));
	occasion_go();
	check(probe_event(fd, EV_ARRIVAL, &line, PATIENCE), "arrival, %s: the event", actions[action]);
	if (action == DO_REPORT) {
		while (probe_read(fd, &line, PATIENCE) && line.event != EV_FINAL)
			told = told || (line.event == EV_QUIESCE && !line.extra);
		check(told, "arrival, REPORT: honoured before the final report");
	} else {
		check(seen(action) && reaches(pid, 't', PATIENCE), "arrival, %s: honoured", actions[action]);
		check(!page[OCCASION_OVER], "arrival, %s: before the program runs on", actions[action]);
	}
	let_go("arrival");
	check(occasion_over(pid, CALLS), "arrival, %s: it runs", actions[action]);
	close(fd);
	close(reporter);
	subject_end(pid);
}

/* Each report asks for the next one: as many as are asked for, and then the program runs. */
static void again_and_again(unsigned int event, const char *name)
{
	struct probe_line line = { 0 };
	int n = 0;
	long was;

	page[0] = 0;
	pid = subject(spin, NULL);
	moves(0);
	fd = probe_open();
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "events %lx", BORDER);
	probe_do(fd, "control %d", DO_STOP);
	check(reaches(pid, 't', PATIENCE), "%s, again: it is held: %c", name, state_of(pid));
	was = page[0];
	probe_do(fd, "on %d %x", event, DO_REPORT);
	probe_do(fd, "events %lx", EV(QUIESCE) | BORDER);
	probe_drop(fd);
	check(!probe_do(fd, "control %d", DO_REPORT), "%s, again: a report", name);
	while (n < 100 && probe_event(fd, event, &line, PATIENCE))
		n++;
	check(n == 100 && page[0] == was, "%s, again: %d reports, and it does not run: %ld", name, n, page[0] - was);
	probe_do(fd, "on %d %x", event, DO_RESUME);
	check(moves(0), "%s, again: it runs when no more are asked for", name);
	/* a signal gets through meanwhile */
	probe_do(fd, "on %d %x", event, DO_REPORT);
	probe_do(fd, "control %d", DO_REPORT);
	probe_event(fd, event, &line, PATIENCE);
	kill(pid, SIGKILL);
	check(subject_wait(pid, PATIENCE) == SIGKILL, "%s, again: SIGKILL gets through", name);
	close(fd);
}

int main(void)
{
	static const struct { unsigned int event; const char *name; } last[] = {
		{ EV_FINAL, "the final report" }, { EV_QUIESCE, "the report asked for" },
	};

	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (int action = DO_STOP; action <= DO_BLOCKSTEP; action++) {
		for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
			in_last_work(spin, "spins", last[i].event, last[i].name, action);
			in_last_work(call, "calls", last[i].event, last[i].name, action);
		}
		if (action > DO_REPORT)
			continue;
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
			at_event(&places[i], action);
		at_frame(action);
		at_arrival(action);
	}
	again_and_again(EV_FINAL, "the final report");
	again_and_again(EV_QUIESCE, "the report asked for");
	return done_testing();
}
