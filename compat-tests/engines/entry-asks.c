/* entry-asks.c - INTERRUPT at a stop at a call's entry makes one more round of reports, REPORT one each time. */
/* seconds: 60 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define ENGINES 2
#define RESUMED 0x100
#define STOPS 3

static const char *const names[] = { [DO_INTERRUPT] = "INTERRUPT", [DO_REPORT] = "REPORT", [DO_RESUME] = "RESUME" };

static pid_t pid;
/* [0] holds, and decides how it goes on. */
static int fd[ENGINES];

static void start(void)
{
	pid = subject_ordered();
	for (int i = 0; i < ENGINES; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %d 0", pid) || probe_do(fd[i], "events %lx", EV(ENTRY)))
			bail("attach");
	}
}

static void rounds(const char *what, int round)
{
	struct probe_line line;

	for (int i = 0; i < ENGINES; i++) {
		bool got = probe_event(fd[i], EV_ENTRY, &line, PATIENCE);

		check(got && (line.action & RESUMED) == (round > 1 ? RESUMED : 0), "%s: round %d, engine %d is asked: %x",
		      what, round, i + 1, got ? line.action : 0);
	}
}

/* What is given at each stop, up to the first RESUME. */
static void asks(const int action[STOPS])
{
	char what[64] = "";
	int round = 1;
	bool interrupted = false;

	for (int i = 0; i < STOPS; i++) {
		strcat(what, i ? ", " : "");
		strcat(what, names[action[i]]);
	}
	start();
	probe_do(fd[0], "on %d %d", EV_ENTRY, DO_STOP);
	page[GO]++;
	for (int i = 0; i < STOPS; i++, round++) {
		rounds(what, round);
		check(reaches(pid, 't', PATIENCE) && page[DONE] != page[GO], "%s: round %d, it stops: %c", what, round,
		      state_of(pid));
		check(!probe_do(fd[0], "control %d", action[i]), "%s: round %d, let go", what, round);
		if (action[i] == DO_RESUME || (action[i] == DO_INTERRUPT && interrupted))
			break;
		interrupted = interrupted || action[i] == DO_INTERRUPT;
		if (i < STOPS - 1)
			continue;
		rounds(what, ++round);
		check(reaches(pid, 't', PATIENCE) && !probe_do(fd[0], "control %d", DO_RESUME), "%s: let go at last", what);
		break;
	}
	check(ordered_done() && page[RESULT] == 1, "%s: the call is made after %d rounds", what, round);
	for (int i = 0; i < ENGINES; i++) {
		struct probe_line line;

		check(!probe_event(fd[i], EV_ENTRY, &line, 0), "%s: engine %d is not asked again", what, i + 1);
		close(fd[i]);
	}
	subject_end(pid);
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (int first = DO_INTERRUPT; first <= DO_REPORT; first++)
		for (int second = DO_INTERRUPT; second <= DO_RESUME; second++)
			for (int third = DO_INTERRUPT; third <= DO_RESUME; third++) {
				const int action[STOPS] = { first, second, third };

				if (!names[second] || !names[third])
					continue;
				/* INTERRUPT counts once: after rounds by REPORT, too, it is none */
				if (first == DO_REPORT && (second == DO_INTERRUPT || third == DO_INTERRUPT))
					continue;
				asks(action);
			}
	return done_testing();
}
