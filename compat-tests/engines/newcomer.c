/* newcomer.c - an engine that attaches while a report is made hears nothing of it, and all of the next one. */
/* seconds: 60 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/occasion.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* Verdict: drop the signal.  And what is told of a frame that is set up. */
#define IGN 0x10
#define FRAME 0x70
#define SLOW "delay 20000000"
#define LATER (EV(EXIT) | EV(DEATH) | EV(REAP))

/* The places on either side of the engine whose callback runs. */
static const struct { unsigned int flags; const char *name; } places[] = {
	{ 0x100, "innermost" }, { 0, "in the middle" }, { 0x500, "outermost" },
};

static const struct kind {
	const char *name;
	enum occasion what;
	unsigned int event;
} kinds[] = {
	{ "clone", FORKS, EV_CLONE },
	{ "vfork done", VFORKS, EV_VFORK_DONE },
	{ "exec", EXECS, EV_EXEC },
	{ "exit", EXITS, EV_EXIT },
	{ "system call entry", CALLS, EV_ENTRY },
	{ "system call exit", CALLS, EV_SYSCALL_EXIT },
	{ "seccomp", TRACED, EV_SECCOMP },
	{ "handled signal", HANDLES, EV_SIGNAL },
	{ "ignored signal", IGNORES, EV_SIGNAL_IGN },
	{ "deadly signal", DIES, EV_SIGNAL_TERM },
	{ "signal with a core", DUMPS, EV_SIGNAL_CORE },
	{ "stop signal", STOPS, EV_SIGNAL_STOP },
	{ "group stop", STOPS, EV_JCTL },
};

static pid_t pid;
static int first, newcomer;

static unsigned int callback_of(unsigned int event)
{
	return event >= EV_SIGNAL && event <= EV_SIGNAL_CORE ? EV_SIGNAL : event;
}

/* The first engine's callback for @event runs, its own or that of QUIESCE, until it is told to end. */
static bool in_report(const struct kind *k, bool quiesce)
{
	unsigned int callback = callback_of(k->event);
	struct probe_line line = { 0 };

	/* two are called for QUIESCE at another event first */
	quiesce = quiesce && callback != EV_SIGNAL && k->event != EV_VFORK_DONE && k->event != EV_JCTL;
	pid = subject_occasion(k->what);
	first = probe_open();
	newcomer = probe_open();
	if (probe_do(first, "attach %d 0", pid))
		bail("attach");
	if (callback == EV_SIGNAL && k->event != EV_SIGNAL_STOP)
		probe_do(first, "on %d %x", EV_SIGNAL, IGN | DO_RESUME);
	probe_do(first, SLOW);
	probe_do(first, "events %lx", 1ul << k->event | (quiesce ? EV(QUIESCE) : 0));
	occasion_go();
	return probe_event(first, quiesce ? EV_QUIESCE : callback, &line, PATIENCE);
}

/* How often the newcomer was called for what a callback of the first engine was for; all else is to be told. */
static int called_for(const struct kind *k, bool *heard)
{
	unsigned int callback = callback_of(k->event);
	struct probe_line line;
	int n = 0;

	while (!heard[EV_REAP] && probe_read(newcomer, &line, PATIENCE)) {
		if (line.event == callback && (line.action & 0xf0) != FRAME)
			n++;
		if (line.event == EV_QUIESCE && (unsigned long)line.extra == 1ul << k->event)
			n++;
		if (line.event < 32)
			heard[line.event] = true;
	}
	return n;
}

/*
 * The newcomer wants what the first engine is being told, and what comes at
 * the end of the thread.  A group stop is told twice, when it begins and ends.
 */
static void one(const struct kind *k, size_t place, bool quiesce, bool wants_quiesce)
{
	bool heard[32] = { false };
	int n, want = k->event == EV_JCTL;
	char what[120];

	snprintf(what, sizeof(what), "%s%s, %s%s", k->name, quiesce ? ", in report_quiesce" : "", places[place].name,
		 wants_quiesce ? ", wants QUIESCE" : "");
	check(in_report(k, quiesce), "%s: it is reported", what);
	if (probe_do(newcomer, "attach %d %x", pid, places[place].flags) ||
	    probe_do(newcomer, "events %lx", 1ul << k->event | LATER | (wants_quiesce ? EV(QUIESCE) : 0)))
		bail("%s: attach", what);
	probe_do(first, "delay 0");
	if (k->what == STOPS && reaches(pid, 'T', PATIENCE))
		kill(pid, SIGCONT);
	if (k->what != EXECS && k->what != EXITS)
		check(occasion_over(pid, CALLS), "%s: it goes on", what);
	kill(pid, SIGKILL);
	subject_wait(pid, PATIENCE);
	n = called_for(k, heard);
	if (wants_quiesce)
		want *= 2;
	check(n == want, "%s: the newcomer is called for it %d times, expected %d", what, n, want);
	check(heard[EV_DEATH] && heard[EV_REAP] && heard[EV_EXIT] == (k->event != EV_EXIT),
	      "%s: it is called for exit %d, death %d, reap %d", what, heard[EV_EXIT], heard[EV_DEATH], heard[EV_REAP]);
	close(first);
	close(newcomer);
}

static void during_each(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t place = 0; place < 3; place++)
			for (int n = 0; n < 4; n++)
				one(&kinds[i], place, n & 1, n & 2);
}

/* At system call entry: the next round of the same entry is another report. */
static void next_round(size_t place)
{
	struct probe_line line = { 0 };
	bool got;

	pid = subject_ordered();
	first = probe_open();
	newcomer = probe_open();
	probe_do(first, "attach %d 0", pid);
	probe_do(first, SLOW);
	probe_do(first, "events %lx", EV(ENTRY));
	probe_do(first, "on %d %d", EV_ENTRY, DO_STOP);
	page[GO]++;
	check(probe_event(first, EV_ENTRY, &line, PATIENCE), "next round: the first one");
	probe_do(newcomer, "attach %d %x", pid, places[place].flags);
	probe_do(newcomer, "events %lx", EV(ENTRY) | EV(SYSCALL_EXIT));
	probe_do(first, "control %d", DO_REPORT);
	probe_do(first, "delay 0");
	check(probe_event(first, EV_ENTRY, &line, PATIENCE) && reaches(pid, 't', PATIENCE), "next round: the second one");
	got = probe_read(newcomer, &line, PATIENCE);
	check(got && line.event == EV_ENTRY && line.action & 0x100 && !probe_read(newcomer, &line, 0),
	      "next round, %s: the newcomer hears of it, once: %u, %x", places[place].name, line.event, line.action);
	probe_do(first, "control %d", DO_RESUME);
	got = probe_read(newcomer, &line, PATIENCE);
	check(got && line.event == EV_SYSCALL_EXIT, "next round, %s: then of the exit: %u", places[place].name,
	      line.event);
	check(ordered_done(), "next round: the call is over");
	close(first);
	close(newcomer);
	subject_end(pid);
}

/* It takes the place of the engine in whose callback it was made. */
static void heir(void)
{
	struct probe_line line = { 0 };
	bool got;

	pid = subject_ordered();
	first = probe_open();
	probe_do(first, "attach %d 0", pid);
	probe_do(first, SLOW);
	probe_do(first, "within %d attach %d 0", EV_ENTRY, pid);
	probe_do(first, "events %lx", EV(ENTRY));
	page[GO]++;
	check(probe_event(first, EV_WITHIN, &line, PATIENCE) && !line.extra, "an heir is made: %ld", line.extra);
	check(!probe_do(first, "events %lx", EV(ENTRY) | EV(SYSCALL_EXIT)), "it wants the same, and more");
	probe_do(first, "delay 0");
	check(ordered_done(), "an heir: the call is over");
	got = probe_read(first, &line, PATIENCE);
	check(got && line.event == EV_SYSCALL_EXIT && !probe_read(first, &line, 0),
	      "an heir: it is told of the exit alone: %u", line.event);
	page[GO]++;
	ordered_done();
	got = probe_read(first, &line, PATIENCE);
	check(got && line.event == EV_ENTRY, "an heir: and then of an entry: %u", line.event);
	close(first);
	subject_end(pid);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 0;
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	during_each();
	for (size_t place = 0; place < 3; place++)
		next_round(place);
	heir();
	return done_testing();
}
