/* resume-race.c - a resume given while the callback is about to stop its thread is never lost; with the fix off it is. */
/* seconds: 1800 */
/* args: 100000 */
/* quick: 2000 */
/*
 * As kmview does it: the callback at system call entry tells a monitor and
 * returns UTRACE_STOP; the monitor resumes as early as it can, from another
 * thread, mostly before the thread sleeps.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define LOSE "/sys/kernel/debug/utrace/lose_resume"
/* How long a thread may need for one round before it counts as stuck. */
#define STUCK_MS PATIENCE

/* The next stop, as early as it can be known: without sleeping. */
static bool next_stop(int fd, struct probe_line *line)
{
	long end = now_ms() + STUCK_MS;

	do {
		for (int i = 0; i < 1000; i++)
			if (probe_read(fd, line, 0) && line->event == EV_ENTRY)
				return true;
	} while (now_ms() < end);
	return false;
}

/*
 * @rounds stops at system call entry, each ended at once, every other by the
 * number of the stop.  Returns the rounds that went well.
 */
static long race(int fd, long rounds, unsigned int spread)
{
	struct probe_line line;
	long i;

	for (i = 0; i < rounds; i++) {
		if (i % 5000 == 4999)
			diag("%ld rounds", i + 1);
		if (!next_stop(fd, &line))
			break;
		/* from at once to after the thread sleeps */
		for (volatile unsigned int n = spread ? i % spread : 0; n; n--)
			;
		if (i % 2 ? probe_do(fd, "control %d", DO_RESUME) :
			    probe_do(fd, "control_stop %d %u", DO_RESUME, line.id))
			break;
	}
	return i;
}

static int start(pid_t *pid)
{
	int fd = probe_open();

	*pid = subject(call, NULL);
	check(moves(0), "a thread makes system calls");
	check(!probe_do(fd, "attach %d 0", *pid), "attached");
	probe_do(fd, "on %d %d", EV_ENTRY, DO_STOP);
	check(!probe_do(fd, "events %lx", EV(ENTRY)), "stops at each call");
	return fd;
}

static void finish(int fd, pid_t pid)
{
	check(!probe_do(fd, "detach_sync"), "detached");
	check(moves(0), "the thread goes on");
	check(subject_end(pid), "and ends");
	close(fd);
}

/* A late resume, for a stop that is over, does not end the next one. */
static void late(void)
{
	struct probe_line line, next;
	pid_t pid;
	int fd = start(&pid);

	probe_event(fd, EV_ENTRY, &line, STUCK_MS);
	check(!probe_do(fd, "control_stop %d %u", DO_RESUME, line.id), "the first stop ended");
	check(probe_event(fd, EV_ENTRY, &next, STUCK_MS) && next.id != line.id,
	      "the next stop has another number: %u, %u", line.id, next.id);
	check(reaches(pid, 't', PATIENCE), "the thread stopped");
	check(probe_do(fd, "control_stop %d %u", DO_RESUME, line.id) == -ESTALE,
	      "a second resume of the first is refused");
	check(still(0) && state_of(pid) == 't', "and the thread stays stopped: %c", state_of(pid));
	check(!probe_do(fd, "control_stop %d %u", DO_RESUME, next.id), "that of the second is not");
	check(probe_event(fd, EV_ENTRY, &next, STUCK_MS), "the thread comes to the third");
	finish(fd, pid);
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? atol(argv[1]) : 100000, went, all, early;
	pid_t pid;
	int fd;

	subject_init(1790);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	late();

	early = stat_of("controlled_in_callback");
	fd = start(&pid);
	went = race(fd, rounds * 3 / 4, 0);
	went += race(fd, rounds - rounds * 3 / 4, 3000);
	all = rounds;
	/* how often the race is met depends on the host: go on until it was, for a while */
	while (went == all && all < 10 * rounds && stat_of("stops") >= 0 &&
	       stat_of("controlled_in_callback") - early <= rounds / 1000) {
		went += race(fd, rounds, 0);
		all += rounds;
	}
	if (!check(went == all, "no resume was lost: %ld of %ld rounds, state %c", went, all,
		   state_of(pid)))
		whereabouts(pid);
	finish(fd, pid);
	early = stat_of("controlled_in_callback") - early;
	diag("%ld resumes came while the callback ran", early);
	if (stat_of("stops") < 0)
		skip("no CONFIG_UTRACE_DEBUG", "the race was met");
	else
		check(early > rounds / 1000, "the race was met: %ld times", early);

	if (access(LOSE, W_OK)) {
		skip("no CONFIG_UTRACE_DEBUG", "with the fix off a resume is lost");
		return done_testing();
	}
	fd = start(&pid);
	check(!put(LOSE, "1"), "the fix is off");
	/* it needs a resume that comes while the callback runs, see above */
	all = 10 * (rounds > 10000 ? rounds : 10000);
	went = race(fd, all, 0);
	check(went < all, "a resume is lost, after %ld rounds", went);
	check(reaches(pid, 't', 1000) && still(0), "and the thread sleeps for ever: %c", state_of(pid));
	check(!put(LOSE, "0"), "the fix is on again");
	finish(fd, pid);
	return done_testing();
}
