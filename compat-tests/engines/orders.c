/* orders.c - what one order of an engine leaves of those before it, and which stop a control_stop() ends. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* Verdicts: drop the signal; none is in hand. */
#define IGN 0x10
#define NONE 0x60
#define VERDICT 0xf0
#define SLOW "delay 20000000"

static const char * const names[] = { "STOP", "INTERRUPT", "REPORT", "SINGLESTEP", "BLOCKSTEP", "RESUME" };

static pid_t pid;
static int fd;

static void start(unsigned long events)
{
	pid = subject_ordered();
	fd = probe_engine(pid, 0, events);
}

static void end(void)
{
	close(fd);
	subject_end(pid);
}

/* The callback at the end of the ordered call runs until it is told to end. */
static void in_exit(struct probe_line *line)
{
	probe_do(fd, SLOW);
	page[GO]++;
	if (!probe_event(fd, EV_SYSCALL_EXIT, line, PATIENCE))
		bail("no callback");
}

/* Reports after the call: of which kinds are there any? */
struct told {
	bool report, interrupt, step;
};

/*
 * All orders have their effect before the program does anything more, but for
 * a step; @stops: it is held in the end, and let go then.
 */
static struct told listen_to(bool stops, bool steps)
{
	struct told told = { false, false, false };
	struct probe_line line;

	if (stops)
		reaches(pid, 't', PATIENCE);
	else if (!steps)
		ordered_done();
	while (probe_read(fd, &line, steps && !told.step && !stops ? PATIENCE : 0)) {
		told.report = told.report || (line.event == EV_QUIESCE && !line.extra);
		told.interrupt = told.interrupt || (line.event == EV_SIGNAL && (line.action & VERDICT) == NONE);
		told.step = told.step || (line.event == EV_SIGNAL && line.extra == SIGTRAP);
	}
	return told;
}

/*
 * Two orders while a callback runs: INTERRUPT and REPORT are requests, which
 * stay until the report is made; of the others the last one counts.  The
 * report of an interrupt is one that was asked for, as well.  What a report
 * returns decides anew: these return RESUME, which ends stop and step.
 */
static void two(int first, int second)
{
	bool interrupt = first == DO_INTERRUPT || second == DO_INTERRUPT;
	bool report = !interrupt && (first == DO_REPORT || second == DO_REPORT);
	bool stops = second == DO_STOP && !interrupt && !report;
	bool steps = (second == DO_SINGLESTEP || second == DO_BLOCKSTEP) && !interrupt && !report;
	struct probe_line line;
	struct told told;
	int got;

	start(EV(SYSCALL_EXIT));
	probe_do(fd, "on %d %x", EV_SIGNAL, IGN | DO_RESUME);
	/* held where it is told of the stop, too */
	if (stops)
		probe_do(fd, "on %d %x", EV_QUIESCE, DO_STOP);
	in_exit(&line);
	probe_do(fd, "events %lx", EV(SYSCALL_EXIT) | EV(QUIESCE));
	got = probe_do(fd, "control %d", first);
	check(got == (first == DO_STOP ? -EINPROGRESS : 0), "%s, then %s: the first: %d", names[first], names[second],
	      got);
	got = probe_do(fd, "control %d", second);
	check(got == (second == DO_STOP ? -EINPROGRESS : 0), "%s, then %s: the second: %d", names[first],
	      names[second], got);
	probe_do(fd, "delay 0");
	told = listen_to(stops, steps);
	if (interrupt)
		check(told.interrupt, "%s, then %s: an interrupt is reported", names[first], names[second]);
	else
		check(!told.interrupt && told.report == (report || second == DO_STOP),
		      "%s, then %s: interrupt %d, report %d, expected %d", names[first], names[second], told.interrupt,
		      told.report, report || second == DO_STOP);
	check(!steps || told.step, "%s, then %s: a step: %d", names[first], names[second], told.step);
	check(!stops || state_of(pid) == 't', "%s, then %s: it stands: %c", names[first], names[second],
	      state_of(pid));
	probe_do(fd, "on %d %x", EV_QUIESCE, DO_RESUME);
	probe_do(fd, "control %d", DO_RESUME);
	check(ordered_done(), "%s, then %s: it goes on", names[first], names[second]);
	end();
}

/* The same for one that sleeps: the report is made when the sleep is over. */
static void asleep(int second)
{
	struct probe_line line = { 0 };
	bool told;

	pid = subject(sleeper, NULL);
	reaches(pid, 'S', PATIENCE);
	fd = probe_open();
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "events %lx", EV(QUIESCE) | EV(SIGNAL_TERM));
	probe_do(fd, "on %d %x", EV_SIGNAL, IGN | DO_RESUME);
	check(!probe_do(fd, "control %d", DO_REPORT) && !probe_do(fd, "control %d", second),
	      "asleep: REPORT, then %s", names[second]);
	kill(pid, SIGUSR1);
	do
		told = probe_event(fd, EV_QUIESCE, &line, PATIENCE);
	while (told && line.extra);
	check(told, "asleep: REPORT, then %s: the report is made", names[second]);
	end();
}

/* What ends a stop by @id; it is held before and after, unless it is to be let go. */
static void control_by(unsigned int id, int want, const char *what)
{
	int got = probe_do(fd, "control_stop %d %u", DO_RESUME, id);

	check(got == want, "%s: control_stop: %d, expected %d", what, got, want);
	if (want)
		check(reaches(pid, 't', PATIENCE) && page[DONE] != page[GO], "%s: it stands: %c", what, state_of(pid));
	else
		check(ordered_done(), "%s: it goes on: %c", what, state_of(pid));
}

/* Stops asked for from outside and by callbacks, and ids from before and after. */
static void ids(bool from_outside, bool again)
{
	const char *what = !from_outside ? "by a callback" : again ? "from outside, twice" : "from outside";
	struct probe_line line;
	unsigned int id;

	start(EV(SYSCALL_EXIT));
	if (!from_outside)
		probe_do(fd, "once %d %d", EV_SYSCALL_EXIT, DO_STOP);
	in_exit(&line);
	id = line.id;
	if (from_outside)
		for (int i = 0; i <= again; i++, id++)
			probe_do(fd, "control %d", DO_STOP);
	probe_do(fd, "delay 0");
	check(reaches(pid, 't', PATIENCE), "%s: it is held: %c", what, state_of(pid));
	for (unsigned int old = line.id - 1; old != id; old++)
		control_by(old, -ESTALE, what);
	control_by(id + 1, -ESTALE, what);
	control_by(id, 0, what);
	/* a second time that id still names the last stop, if none has come since */
	check(!probe_do(fd, "control_stop %d %u", DO_RESUME, id), "%s: again", what);
	probe_do(fd, "once %d %d", EV_SYSCALL_EXIT, DO_STOP);
	page[GO]++;
	check(probe_event(fd, EV_SYSCALL_EXIT, &line, PATIENCE) && line.id == id + 1 && reaches(pid, 't', PATIENCE),
	      "%s: the next stop has the next id: %u after %u", what, line.id, id);
	control_by(id, -ESTALE, "the next stop");
	check(!probe_do(fd, "control %d", DO_STOP), "stopped by a callback, and asked to from outside");
	control_by(line.id, -ESTALE, "asked to from outside");
	control_by(line.id + 1, 0, "asked to from outside");
	end();
}

/* Only STOP makes a stop; no other order has an id of its own. */
static void no_ids(void)
{
	struct probe_line line;

	for (int action = DO_INTERRUPT; action <= DO_RESUME; action++) {
		start(EV(SYSCALL_EXIT));
		probe_do(fd, "once %d %d", EV_SYSCALL_EXIT, DO_STOP);
		in_exit(&line);
		/* without one of these it could not ask for all */
		probe_do(fd, "events %lx", EV(SYSCALL_EXIT) | EV(SIGNAL_CORE) | EV(ENTRY));
		check(!probe_do(fd, "control_stop %d %u", action, line.id) &&
			      !probe_do(fd, "control_stop %d %u", DO_RESUME, line.id),
		      "%s does not make a stop", names[action]);
		check(probe_do(fd, "control_stop %d %u", DO_STOP, line.id) == -EINPROGRESS,
		      "STOP by the last id, after %s", names[action]);
		check(probe_do(fd, "control_stop %d %u", DO_RESUME, line.id) == -ESTALE, "makes one");
		probe_do(fd, "control %d", DO_RESUME);
		probe_do(fd, "delay 0");
		end();
	}
}

/* Each report has the next id, those of quiesce as well: an id of before is none any more. */
static void each_id(void)
{
	struct probe_line line = { 0 };
	unsigned int last = 0;
	int reports = 0;
	bool told;

	start(EV(QUIESCE) | EV(SYSCALL_EXIT) | EV(ENTRY));
	page[GO]++;
	ordered_done();
	page[GO]++;
	check(ordered_done(), "two calls");
	while (probe_read(fd, &line, 0)) {
		if (reports++)
			check(line.id == last + 1, "event %u has the next id: %u after %u", line.event, line.id, last);
		last = line.id;
	}
	probe_do(fd, "events %lx", EV(QUIESCE));
	told = !probe_do(fd, "control %d", DO_REPORT) && probe_event(fd, EV_QUIESCE, &line, PATIENCE);
	check(told && line.id == last + 1,
	      "so has a report that was asked for: %u after %u", line.id, last);
	check(probe_do(fd, "control_stop %d %u", DO_RESUME, last) == -ESTALE, "and an order for one before comes late");
	end();
}

/* DETACH returned by a callback counts, whatever was ordered while it ran. */
static void detaches(int order)
{
	struct probe_line line = { 0 };
	int got;

	/* steps are for who can be told of their traps */
	start(EV(SYSCALL_EXIT) | EV(SIGNAL_CORE));
	probe_do(fd, "on %d %d", EV_SYSCALL_EXIT, DO_DETACH);
	in_exit(&line);
	got = probe_do(fd, "control %d", order);
	check(got == (order == DO_STOP ? -EINPROGRESS : 0), "%s, then DETACH returned: %d", names[order], got);
	probe_do(fd, "delay 0");
	check(ordered_done(), "%s, then DETACH returned: it goes on: %c", names[order], state_of(pid));
	got = probe_do(fd, "control %d", DO_RESUME);
	check(got == -ESRCH, "%s, then DETACH returned: the engine is gone: %d", names[order], got);
	page[GO]++;
	check(ordered_done() && !probe_read(fd, &line, 0), "%s, then DETACH returned: it hears no more", names[order]);
	end();
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (int first = DO_STOP; first <= DO_RESUME; first++)
		for (int second = DO_STOP; second <= DO_RESUME; second++)
			two(first, second);
	/* an interrupt's report is the one for both */
	for (int second = DO_REPORT; second <= DO_RESUME; second++)
		asleep(second);
	ids(false, false);
	ids(true, false);
	ids(true, true);
	no_ids();
	each_id();
	for (int order = DO_STOP; order <= DO_RESUME; order++)
		if (order != DO_INTERRUPT && order != DO_REPORT)
			detaches(order);
	return done_testing();
}
