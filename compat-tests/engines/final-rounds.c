/* final-rounds.c - the final report goes round while any engine says that it changed something, up to a bound. */
/* seconds: 60 */
#include <stdio.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define ENGINES 3
#define ALL ((1u << ENGINES) - 1)
/* As in <linux/utrace.h>; the bound is UTRACE_FINAL_ROUNDS. */
#define CHANGED 0x100
#define KEEP 0x80000000
#define BOUND 8
#define LINES 8192

static pid_t pid;
/* [0] is the innermost, and is asked first; whose engine holds the thread at the entry of a call, and after it. */
static int fd[ENGINES], holder;

/* All that was told in one call, in its order. */
static struct told {
	int engine;
	struct probe_line line;
} told[LINES];
static int lines;

/*
 * A call begins: it is held at the entry.  All that is said to the engines
 * while it stands there is in force at the final report behind the call.
 */
static void call_begins(const char *what)
{
	probe_do(holder, "on %d %x", EV_ENTRY, DO_STOP);
	page[GO]++;
	check(reaches(pid, 't', PATIENCE), "%s: held at the entry", what);
	for (int i = 0; i < ENGINES; i++)
		probe_drop(fd[i]);
}

static void start(const char *what)
{
	pid = subject_ordered();
	holder = probe_open();
	if (probe_do(holder, "attach %d 0", pid) || probe_do(holder, "events %lx", EV(ENTRY)))
		bail("attach");
	for (int i = 0; i < ENGINES; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %d 0", pid) || probe_do(fd[i], "events %lx", EV(ARRIVAL) | EV(FINAL)))
			bail("attach");
	}
	call_begins(what);
}

static void end(const char *what)
{
	for (int i = 0; i < ENGINES; i++)
		close(fd[i]);
	close(holder);
	check(subject_end(pid), "%s: it ends", what);
}

/* The next line of an engine, but for what its orders gave. */
static bool next_line(int engine, struct probe_line *line)
{
	while (probe_read(fd[engine], line, 0))
		if (line->event != EV_WITHIN)
			return true;
	return false;
}

/* What the engines have been told, as one list. */
static void collect(void)
{
	struct told next[ENGINES];
	bool there[ENGINES];

	for (int i = 0; i < ENGINES; i++) {
		next[i].engine = i;
		there[i] = next_line(i, &next[i].line);
	}
	for (lines = 0; lines < LINES; lines++) {
		int first = -1;

		for (int i = 0; i < ENGINES; i++)
			if (there[i] && (first < 0 || next[i].line.seq < next[first].line.seq))
				first = i;
		if (first < 0)
			return;
		told[lines] = next[first];
		there[first] = next_line(first, &next[first].line);
	}
	bail("so many lines");
}

/* The call is made and the program runs on; then the thread is held, so no report is half made. */
static bool call_ends(void)
{
	bool done;

	probe_do(holder, "on %d %x", EV_ENTRY, DO_RESUME);
	probe_do(holder, "control %d", DO_RESUME);
	done = ordered_done();
	probe_do(holder, "control %d", DO_STOP);
	return reaches(pid, 't', PATIENCE) && done;
}

/*
 * From told[*at], one visit's final report: are those of @set asked in @rounds
 * rounds, the ones of @leaves in the first round only, each in its turn?
 */
static bool final(int *at, unsigned int set, unsigned int leaves, int rounds)
{
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < ENGINES; i++) {
			if (!(set & 1 << i) || (round && (leaves & 1 << i)))
				continue;
			if (*at == lines || told[*at].engine != i || told[*at].line.event != EV_FINAL ||
			    told[*at].line.extra != round)
				return false;
			++*at;
		}
	return true;
}

/* The arrival report of a later visit: the outermost is asked first. */
static bool arrival(int *at, unsigned int set)
{
	for (int i = ENGINES - 1; i >= 0; i--) {
		if (!(set & 1 << i))
			continue;
		if (*at == lines || told[*at].engine != i || told[*at].line.event != EV_ARRIVAL)
			return false;
		++*at;
	}
	return true;
}

/* For a failed check: told[@at] was not expected. */
static void show(int at)
{
	for (int i = 0; i < lines && i < 64; i++)
		diag("%s engine %d: event %u, %ld", i == at ? "->" : "  ", told[i].engine, told[i].line.event,
		     told[i].line.extra);
}

/*
 * The call that is held is made.  The final report behind it has @rounds rounds,
 * those of further visits, which work on the way to user mode brings, have @later.
 * Returns the number of visits.
 */
static int visits(const char *what, int rounds, int later, unsigned int leaves)
{
	int at = 0, n = 0;
	bool good = true;

	check(call_ends(), "%s: the call is over", what);
	collect();
	do {
		good = final(&at, n ? ALL & ~leaves : ALL, n ? 0 : leaves, n ? later : rounds);
		n++;
		good = good && (at == lines || arrival(&at, ALL & ~leaves));
		/* the last arrival may be that of the hold */
	} while (good && at < lines);
	if (!check(good, "%s: %d rounds, and %d in each of %d visits more", what, rounds, later, n - 1))
		show(at);
	return n;
}

/* On to the next call, from the hold after the last one. */
static void next_call(const char *what)
{
	probe_do(holder, "control %d", DO_RESUME);
	call_begins(what);
}

/* Those of @set say so in the first round. */
static void once(unsigned int set)
{
	char what[48];

	snprintf(what, sizeof(what), "changed once by %x", set);
	start(what);
	for (int i = 0; i < ENGINES; i++)
		if (set & 1 << i)
			probe_do(fd[i], "once %d %x", EV_FINAL, CHANGED | DO_RESUME);
	visits(what, set ? 2 : 1, 1, 0);
	next_call(what);
	visits(what, 1, 1, 0);
	end(what);
}

/* They change a register, and say so, in the first round of each visit. */
static void each_visit(unsigned int set)
{
	char what[48];

	snprintf(what, sizeof(what), "a register changed by %x", set);
	start(what);
	for (int i = 0; i < ENGINES; i++)
		if (set & 1 << i)
			probe_do(fd[i], "warp %x", 0x100 << i);
	visits(what, set ? 2 : 1, set ? 2 : 1, 0);
	end(what);
}

/* They say so one after the other: [@first] in the first round, the other one in the second. */
static void in_turn(int first, int second)
{
	char what[48];

	snprintf(what, sizeof(what), "changed by %d, then by %d", first, second);
	start(what);
	probe_do(fd[first], "once %d %x", EV_FINAL, CHANGED | DO_RESUME);
	/* said in the first round, when what it returns there is settled */
	probe_do(fd[second], "within %d once %d %x", EV_FINAL, EV_FINAL, CHANGED | DO_RESUME);
	visits(what, 3, 1, 0);
	end(what);
}

/* One never ends it. */
static void always(int who)
{
	long before, after;
	char what[48];
	int n;

	snprintf(what, sizeof(what), "always changed by %d", who);
	start(what);
	before = stat_of("final_bound");
	probe_do(fd[who], "on %d %x", EV_FINAL, CHANGED | DO_RESUME);
	n = visits(what, BOUND, BOUND, 0);
	after = stat_of("final_bound");
	check(before >= 0 && after - before == n, "%s: that is counted: %ld, %ld in %d visits", what, before, after, n);
	probe_do(fd[who], "on %d %x", EV_FINAL, KEEP);
	next_call(what);
	visits(what, 1, 1, 0);
	end(what);
}

/* One says so and leaves: the others are asked once more, it is not. */
static void and_leaves(int who)
{
	char what[48];

	snprintf(what, sizeof(what), "changed by %d, which leaves", who);
	start(what);
	probe_do(fd[who], "once %d %x", EV_FINAL, CHANGED | DO_DETACH);
	visits(what, 2, 1, 1 << who);
	end(what);
}

/* One wants a stop: all arrive again, and what is reported after the stop begins with the first round. */
static void and_stops(int who, bool changed)
{
	char what[48];
	int at = 0;

	snprintf(what, sizeof(what), "%sa stop by %d", changed ? "changed, and " : "", who);
	start(what);
	probe_do(fd[who], "once %d %x", EV_FINAL, (changed ? CHANGED : 0) | DO_STOP);
	/* or the second round would end the wish */
	if (changed)
		probe_do(fd[who], "within %d once %d %x", EV_FINAL, EV_FINAL, DO_STOP);
	probe_do(holder, "on %d %x", EV_ENTRY, DO_RESUME);
	probe_do(holder, "control %d", DO_RESUME);
	check(reaches(pid, 't', PATIENCE) && page[DONE] != page[GO], "%s: held on its way out", what);
	collect();
	if (!check(final(&at, ALL, 0, changed ? 2 : 1) && arrival(&at, ALL) && at == lines,
		   "%s: all arrive again before the stop", what))
		show(at);
	probe_do(fd[who], "control %d", DO_RESUME);
	visits(what, 1, 1, 0);
	end(what);
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (unsigned int set = 0; set < 1 << ENGINES; set++) {
		once(set);
		each_visit(set);
	}
	for (int i = 0; i < ENGINES; i++) {
		for (int j = 0; j < ENGINES; j++)
			if (i != j)
				in_turn(i, j);
		always(i);
		and_leaves(i);
		and_stops(i, false);
		and_stops(i, true);
	}
	return done_testing();
}
