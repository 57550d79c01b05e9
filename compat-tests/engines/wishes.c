/* wishes.c - a callback is given what the other engines want most, never what its own does. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* Verdict: drop the signal. */
#define IGN 0x10
/* The part of an action that says how the thread goes on. */
#define RESUMES 0xf

static const char * const names[] = { "STOP", "INTERRUPT", "REPORT", "SINGLESTEP", "BLOCKSTEP", "RESUME" };

static pid_t pid;

static int min(int a, int b)
{
	return a < b ? a : b;
}

/*
 * Of three engines the outermost is in its callback while all say what they
 * want; then the other two are called, the one in the middle first.  Their
 * callbacks return RESUME, but a request that was made stays.
 */
static void three(int outer, int middle, int inner)
{
	static const char * const where[] = { "inner", "middle", "outer" };
	const int wish[3] = { inner, middle, outer };
	struct probe_line line = { 0 };
	bool told, right = true;
	int fd[3], want;

	pid = subject_ordered();
	for (int i = 0; i < 3; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %d 0", pid) ||
		    probe_do(fd[i], "events %lx", EV(ENTRY) | EV(SIGNAL_CORE)))
			bail("attach");
	}
	probe_do(fd[2], "delay 20000000");
	page[GO]++;
	told = probe_event(fd[2], EV_ENTRY, &line, PATIENCE);
	check(told && (line.action & RESUMES) == DO_RESUME, "the first one called is given RESUME: %x", line.action);
	for (int i = 0; i < 3; i++) {
		int got = probe_do(fd[i], "control %d", wish[i]);

		if (got != (wish[i] == DO_STOP ? -EINPROGRESS : 0))
			bail("control %d: %d", wish[i], got);
	}
	probe_do(fd[2], "delay 0");
	for (int i = 1; i >= 0; i--) {
		int others = i ? inner : middle == DO_INTERRUPT || middle == DO_REPORT ? middle : DO_RESUME;

		told = probe_event(fd[i], EV_ENTRY, &line, PATIENCE);
		want = min(outer, others);
		if (told && (int)(line.action & RESUMES) == want)
			continue;
		diag("%s engine: given %x, expected %d", where[i], told ? line.action : 0xff, want);
		right = false;
	}
	check(right, "outer %s, middle %s, inner %s: each is given what the others want most", names[outer],
	      names[middle], names[inner]);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	subject_end(pid);
}

static int alone(int (*run)(void *))
{
	int fd = probe_open();

	page[0] = 0;
	pid = subject(run, NULL);
	if (run == spin)
		moves(0);
	else
		reaches(pid, 'S', PATIENCE);
	if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "events %lx", EV(QUIESCE) | EV(SIGNAL_TERM)))
		bail("attach");
	probe_do(fd, "on %d %x", EV_SIGNAL, IGN | DO_RESUME);
	return fd;
}

static void end(int fd)
{
	close(fd);
	subject_end(pid);
}

/* The one engine has asked for something: what tells of it is given RESUME. */
static void its_own(int action, unsigned int event, long extra, const char *what)
{
	struct probe_line line = { 0 };
	int fd = alone(spin);

	if (action == DO_SINGLESTEP || action == DO_BLOCKSTEP)
		probe_do(fd, "on %d %x", EV_SIGNAL, IGN | action);
	probe_do(fd, "control %d", action);
	for (int i = 0; i < (action == DO_SINGLESTEP ? 5 : 1); i++) {
		do {
			if (!probe_event(fd, event, &line, PATIENCE))
				line.action = 0xff;
		} while (line.action != 0xff && line.extra != extra);
		check((line.action & RESUMES) == DO_RESUME, "%s, asked for by the one who is told: given %x", what,
		      line.action);
	}
	end(fd);
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (int outer = DO_STOP; outer <= DO_RESUME; outer++)
		for (int middle = DO_STOP; middle <= DO_RESUME; middle++)
			for (int inner = DO_STOP; inner <= DO_RESUME; inner += DO_RESUME)
				three(outer, middle, inner);
	for (int inner = DO_STOP; inner <= DO_RESUME; inner++)
		three(DO_RESUME, DO_RESUME, inner);
	its_own(DO_STOP, EV_QUIESCE, 0, "a stop");
	its_own(DO_INTERRUPT, EV_SIGNAL, 0, "an interrupt");
	its_own(DO_REPORT, EV_QUIESCE, 0, "a report");
	its_own(DO_SINGLESTEP, EV_SIGNAL, SIGTRAP, "a step");
	its_own(DO_BLOCKSTEP, EV_SIGNAL, SIGTRAP, "a step by blocks");
	return done_testing();
}
