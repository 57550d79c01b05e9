/* rounds.c - after a stop engines are asked again: all of them, with the flag that says so and the verdict so far. */
/* seconds: 120 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/occasion.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define MAX 3
#define ROUNDS 4
/* Signals: told before, a stop came between.  System calls: told before, REPORT was asked for. */
#define REPEAT 0x200
#define RESUMED 0x100
#define ABORT 0x10

static pid_t pid;
/* [0] is the innermost. */
static int fd[MAX];

static void attach(int n, unsigned long mask)
{
	for (int i = 0; i < n; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %d 0", pid) || probe_do(fd[i], "events %lx", mask))
			bail("attach");
	}
}

static void leave(int n)
{
	for (int i = 0; i < n; i++)
		close(fd[i]);
}

/* The next report of @event to each of @n, with @expected in the bits @mask; @order: 1 if [0] is first, -1 if last. */
static void round_of(const char *what, int round, int n, unsigned int event, unsigned int mask,
		     unsigned int expected, int order)
{
	unsigned long seq[MAX] = { 0 };
	struct probe_line line = { 0 };

	for (int i = 0; i < n; i++) {
		bool got = probe_event(fd[i], event, &line, PATIENCE);

		check(got && (line.action & mask) == expected,
		      "%s, engine %d of %d: round %d, told %x, which is to have %x of %x", what, i + 1, n, round,
		      got ? line.action : 0, expected, mask);
		seq[i] = line.seq;
		if (i)
			check(order > 0 ? seq[i] > seq[i - 1] : seq[i] < seq[i - 1],
			      "%s, engine %d of %d: round %d, in its turn", what, i + 1, n, round);
	}
}

static void no_more(const char *what, int n, unsigned int event)
{
	struct probe_line line = { 0 };

	for (int i = 0; i < n; i++)
		check(!probe_event(fd[i], event, &line, 0), "%s, engine %d of %d: not asked again", what, i + 1, n);
}

/* A call is held at its entry by number @holder, who asks for one more round each time. */
static void entry(int n, int holder)
{
	char what[64];

	snprintf(what, sizeof(what), "entry, held by %d", holder + 1);
	pid = subject_ordered();
	attach(n, EV(ENTRY));
	probe_do(fd[holder], "on %d %d", EV_ENTRY, DO_STOP);
	page[GO]++;
	for (int round = 1; round <= ROUNDS; round++) {
		round_of(what, round, n, EV_ENTRY, RESUMED | 0xf0, round > 1 ? RESUMED : 0, -1);
		check(reaches(pid, 't', PATIENCE), "%s: round %d, it stops", what, round);
		no_more(what, n, EV_ENTRY);
		check(page[DONE] != page[GO], "%s: round %d, the call waits", what, round);
		if (round == ROUNDS)
			probe_do(fd[holder], "on %d %d", EV_ENTRY, DO_RESUME);
		check(!probe_do(fd[holder], "control %d", round < ROUNDS ? DO_REPORT : DO_RESUME),
		      "%s: round %d, let go", what, round);
	}
	check(ordered_done() && page[RESULT] == 1, "%s: the call is made: %ld", what, page[RESULT]);
	no_more(what, n, EV_ENTRY);
	page[GO]++;
	check(ordered_done(), "%s: the next call is", what);
	round_of("the next call", 1, n, EV_ENTRY, RESUMED | 0xf0, 0, -1);
	leave(n);
	subject_end(pid);
}

/* Another engine asks for the round than the one that holds; the verdict goes round. */
static void entry_verdict(void)
{
	struct probe_line line = { 0 };

	pid = subject_ordered();
	attach(3, EV(ENTRY));
	probe_do(fd[0], "once %d %x", EV_ENTRY, ABORT | DO_STOP);
	page[GO]++;
	round_of("verdict", 1, 3, EV_ENTRY, RESUMED | 0xf0, 0, -1);
	check(reaches(pid, 't', PATIENCE), "verdict: it stops");
	check(!probe_do(fd[2], "control %d", DO_REPORT), "verdict: another asks for a round");
	probe_do(fd[1], "once %d %d", EV_ENTRY, DO_RESUME);
	check(!probe_do(fd[0], "control %d", DO_RESUME), "verdict: let go");
	check(probe_event(fd[2], EV_ENTRY, &line, PATIENCE) && (line.action & (RESUMED | 0xf0)) == (RESUMED | ABORT),
	      "verdict: the outermost is told that it was to be skipped: %x", line.action);
	check(probe_event(fd[1], EV_ENTRY, &line, PATIENCE) && (line.action & (RESUMED | 0xf0)) == (RESUMED | ABORT),
	      "verdict: so is the next, who decides otherwise: %x", line.action);
	check(probe_event(fd[0], EV_ENTRY, &line, PATIENCE) && (line.action & (RESUMED | 0xf0)) == RESUMED,
	      "verdict: the innermost that it is to be made: %x", line.action);
	check(ordered_done() && page[RESULT] == 1, "verdict: it is made: %ld", page[RESULT]);

	/* without a wish for a round there is none, and the verdict stands */
	probe_do(fd[2], "once %d %x", EV_ENTRY, ABORT | DO_STOP);
	page[GO]++;
	check(reaches(pid, 't', PATIENCE), "verdict: the next is to be skipped");
	for (int i = 0; i < 3; i++)
		probe_drop(fd[i]);
	check(!probe_do(fd[2], "control %d", DO_RESUME), "verdict: just let go");
	check(ordered_done() && page[RESULT] < 0, "verdict: it is skipped: %ld", page[RESULT]);
	no_more("verdict", 3, EV_ENTRY);
	leave(3);
	subject_end(pid);
}

/* Engines that want to know of the exit only, or nothing, have no part in the rounds. */
static void entry_not_asked(void)
{
	struct probe_line line = { 0 };
	int n = 0;

	pid = subject_ordered();
	attach(3, EV(ENTRY));
	check(!probe_do(fd[1], "events %lx", EV(SYSCALL_EXIT)) && !probe_do(fd[2], "events %lx", EV(QUIESCE)),
	      "not asked: one wants the exit only, one QUIESCE");
	probe_do(fd[0], "once %d %d", EV_ENTRY, DO_STOP);
	page[GO]++;
	check(reaches(pid, 't', PATIENCE), "not asked: it stops");
	check(!probe_do(fd[2], "control %d", DO_REPORT), "not asked: REPORT by who is not asked at calls");
	check(!probe_do(fd[0], "control %d", DO_RESUME) && ordered_done(), "not asked: let go, the call is made");
	round_of("not asked", 1, 1, EV_ENTRY, RESUMED, 0, -1);
	no_more("not asked", 1, EV_ENTRY);
	check(probe_event(fd[1], EV_SYSCALL_EXIT, &line, PATIENCE) && !probe_event(fd[1], EV_ENTRY, &line, 0),
	      "not asked: the exit is told");
	while (probe_event(fd[2], EV_QUIESCE, &line, n ? 0 : PATIENCE))
		n += !line.extra;
	check(n == 1, "not asked: the report that was asked for is made on the way out: %d", n);
	leave(3);
	subject_end(pid);
}

/* A stop that was over before it began counts as one. */
static void no_duration(void)
{
	pid = subject_ordered();
	attach(2, EV(ENTRY));
	probe_do(fd[0], "once %d %d", EV_ENTRY, DO_STOP);
	probe_do(fd[0], "within %d control %d", EV_ENTRY, DO_REPORT);
	page[GO]++;
	check(ordered_done() && page[RESULT] == 1, "no duration: the call is made: %ld", page[RESULT]);
	round_of("no duration", 1, 2, EV_ENTRY, RESUMED, 0, -1);
	round_of("no duration", 2, 2, EV_ENTRY, RESUMED, RESUMED, -1);
	no_more("no duration", 2, EV_ENTRY);
	leave(2);
	subject_end(pid);

	pid = subject_occasion(HANDLES);
	attach(2, EV(SIGNAL));
	probe_do(fd[0], "once %d %d", EV_SIGNAL, DO_STOP);
	probe_do(fd[0], "within %d control %d", EV_SIGNAL, DO_RESUME);
	occasion_go();
	check(occasion_over(pid, HANDLES) && page[OCCASION_HANDLED] == 1, "no duration: the signal is handled: %ld",
	      page[OCCASION_HANDLED]);
	round_of("no duration, signal", 1, 2, EV_SIGNAL, REPEAT | 0xf0, 0, 1);
	round_of("no duration, signal", 2, 2, EV_SIGNAL, REPEAT | 0xf0, REPEAT, 1);
	no_more("no duration, signal", 2, EV_SIGNAL);
	leave(2);
	subject_end(pid);
}

static const struct kind {
	const char *name;
	enum occasion what;
	unsigned long event;
	unsigned int verdict;
} kinds[] = {
	{ "signal with a handler", HANDLES, EV(SIGNAL), 0x00 },
	{ "ignored signal", IGNORES, EV(SIGNAL_IGN), 0x10 },
	{ "deadly signal", DIES, EV(SIGNAL_TERM), 0x20 },
	{ "signal with a core", DUMPS, EV(SIGNAL_CORE), 0x30 },
	{ "stop signal", STOPS, EV(SIGNAL_STOP), 0x40 },
};

/* One engine after the other, and then the first again, stops at the signal. */
static void signal_rounds(const struct kind *k, int n, unsigned long mask)
{
	bool lives = k->what != DIES && k->what != DUMPS;
	char what[64];

	snprintf(what, sizeof(what), "%s, %s", k->name, mask == EV(QUIESCE) ? "QUIESCE and the event" : "the event");
	pid = subject_occasion(k->what);
	attach(n, k->event | mask);
	probe_do(fd[0], "once %d %x", EV_SIGNAL, k->verdict | DO_STOP);
	occasion_go();
	for (int round = 1; round <= ROUNDS; round++) {
		int holder = (round - 1) % n, next = round % n;

		round_of(what, round, n, EV_SIGNAL, REPEAT | 0xf0, k->verdict | (round > 1 ? REPEAT : 0), 1);
		if (round == ROUNDS)
			break;
		check(reaches(pid, 't', PATIENCE), "%s: round %d, it stops: %c", what, round, state_of(pid));
		no_more(what, n, EV_SIGNAL);
		if (round < ROUNDS - 1)
			probe_do(fd[next], "once %d %x", EV_SIGNAL, k->verdict | DO_STOP);
		check(!probe_do(fd[holder], "control %d", DO_RESUME), "%s: round %d, let go", what, round);
	}
	check(occasion_over(pid, k->what), "%s: and takes effect", what);
	if (k->what != HANDLES || mask != EV(QUIESCE))
		no_more(what, n, EV_SIGNAL);
	leave(n);
	if (lives)
		subject_end(pid);
}

/* The report that INTERRUPT asks for has rounds, too. */
static void interrupt(int n)
{
	pid = subject(spin, NULL);
	moves(0);
	attach(n, EV(QUIESCE));
	probe_do(fd[0], "once %d %x", EV_SIGNAL, 0x60 | DO_STOP);
	check(!probe_do(fd[n - 1], "control %d", DO_INTERRUPT), "INTERRUPT");
	for (int round = 1; round <= ROUNDS; round++) {
		int holder = (round - 1) % n, next = round % n;

		round_of("INTERRUPT", round, n, EV_SIGNAL, REPEAT | 0xf0, 0x60 | (round > 1 ? REPEAT : 0), 1);
		if (round == ROUNDS)
			break;
		check(reaches(pid, 't', PATIENCE), "INTERRUPT: round %d, it stops: %c", round, state_of(pid));
		no_more("INTERRUPT", n, EV_SIGNAL);
		if (round < ROUNDS - 1)
			probe_do(fd[next], "once %d %x", EV_SIGNAL, 0x60 | DO_STOP);
		check(!probe_do(fd[holder], "control %d", DO_RESUME), "INTERRUPT: round %d, let go", round);
	}
	check(moves(0), "INTERRUPT: it runs");
	no_more("INTERRUPT", n, EV_SIGNAL);
	leave(n);
	subject_end(pid);
}

/* What an engine made of the signal before the stop is what the others are told after it. */
static void signal_verdict(void)
{
	struct probe_line line = { 0 };

	pid = subject_occasion(DIES);
	attach(3, EV(QUIESCE) | EV(SIGNAL_TERM));
	probe_do(fd[2], "once %d %x", EV_SIGNAL, 0x10 | DO_STOP);
	occasion_go();
	round_of("dropped", 1, 3, EV_SIGNAL, REPEAT | 0xf0, 0x20, 1);
	check(reaches(pid, 't', PATIENCE), "dropped by the last: it stops");
	probe_do(fd[1], "once %d %x", EV_SIGNAL, 0x20 | DO_RESUME);
	probe_do(fd[2], "once %d %x", EV_SIGNAL, 0x10 | DO_RESUME);
	check(!probe_do(fd[2], "control %d", DO_RESUME), "dropped: let go");
	check(probe_event(fd[0], EV_SIGNAL, &line, PATIENCE) && (line.action & (REPEAT | 0xf0)) == (REPEAT | 0x10),
	      "dropped: the first is told so: %x", line.action);
	check(probe_event(fd[1], EV_SIGNAL, &line, PATIENCE) && (line.action & (REPEAT | 0xf0)) == (REPEAT | 0x10),
	      "dropped: so is the second, who decides otherwise: %x", line.action);
	check(probe_event(fd[2], EV_SIGNAL, &line, PATIENCE) && (line.action & (REPEAT | 0xf0)) == (REPEAT | 0x20),
	      "dropped: the last that it is to be deadly, and drops it again: %x", line.action);
	check(occasion_over(pid, CALLS) && moves(0), "dropped: it lives");
	no_more("dropped", 3, EV_SIGNAL);

	/* the next one is asked about afresh */
	kill(pid, SIGTERM);
	check(subject_wait(pid, PATIENCE) == SIGTERM, "the next: it dies");
	round_of("the next", 1, 3, EV_SIGNAL, REPEAT | 0xf0, 0x20, 1);
	leave(3);
}

int main(void)
{
	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (int n = 1; n <= MAX; n++) {
		for (int holder = 0; holder < n; holder++)
			entry(n, holder);
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			signal_rounds(&kinds[i], n, 0);
			signal_rounds(&kinds[i], n, EV(QUIESCE));
		}
		interrupt(n);
	}
	entry_verdict();
	entry_not_asked();
	no_duration();
	signal_verdict();
	return done_testing();
}
