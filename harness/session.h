/* session.h - one run from scenarios to report; compat, compare, soak and controls differ only in arms. */
#ifndef HARNESS_SESSION_H
#define HARNESS_SESSION_H

#include "report.h"
#include "results.h"

/* Debug kernels run some forty times slower in places; time limits are scaled by this. */
#define SESSION_DEBUG_SCALE 8

struct session_options {
	struct run_options run;
	struct report_options report;
	const char *append;	/* to the last arm's kernel command line */
	bool settle;		/* racy cases that may differ get more repeats */
	struct suite suite;	/* filled by session_begin() */
};

#define SESSION_DEFAULTS {						\
	.run = { .exact_repeats = 3, .racy_repeats = 100, .jobs = 2,	\
		 .progress = true, .debug_scale = 1 },			\
	.report = { .use_baseline = true, .use_known = true },		\
	.settle = true,							\
}

/*
 * Take the checkout's lock, load the scenarios and look at what they are compared
 * with, as o->report says.  Ends the program with EX_BUSY, with EX_SCENARIO or
 * EX_BASELINE after naming every error in scenarios, known differences and
 * baseline, or with EX_USAGE when a glob of --only fits no case.
 */
void session_begin(struct session_options *o);

/*
 * Run all cases on the arms in a new directory under traces/runs (its path is
 * then in o->run.run_dir) and report; returns the exit code of the verdict.
 */
int session_run(struct session_options *o, struct arm *arms, size_t narms);

/*
 * Exact cases in which two arms that have run differ, or one of them did not
 * show exactly one outcome.  In *@scenarios, to be freed, the names of all
 * scenarios, separated by commas, for whose sake the verdict is not SAME; NULL:
 * none.
 */
size_t session_differences(const struct session_options *o, const struct arm *arms, char **scenarios);

/* Forget the arms' results, so that the arms can be run again. */
void session_clear(const struct session_options *o, struct arm *arms, size_t narms);

#endif
