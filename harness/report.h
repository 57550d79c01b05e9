/* report.h - what a run command calls when its arms have run: traces, comparison, reports, verdict. */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include <stdio.h>

#include "results.h"
#include "util.h"

struct report_options {
	bool tap;		/* TAP on stdout and the summary on stderr, else the summary on stdout */
	bool strict_racy;	/* an undecided racy difference ends in EX_UNRESOLVED, not EX_SAME */
	bool use_baseline;	/* arm 0 must do what traces/baseline says (off for a user's kernels) */
	bool use_known;		/* excuse what compat-tests/known-differences lists (off for a user's kernels) */
	const char *accel;	/* what guests ran on; NULL: from arm.kvm */
	/* Recorded in traces/baseline, and no scenario has it; see baseline_gone(). */
	size_t ngone;
	char **gone;
	/* Host seconds; 0: not known and not printed. */
	double total_seconds, boot_seconds, exact_seconds, racy_seconds;
	bool interrupted;	/* run_arms() returned EX_INTERRUPTED */
	enum exit_code run_code;	/* what run_arms() returned: part of the verdict, and of every report */
	/* What else the command that repeats this run needs: "compat", or "compare A=x B=y"; NULL: compat. */
	const char *make_target;
};

/*
 * After run_arms(): write the traces under opt->run_dir, compare arms[1] with
 * arms[0] (and arms[0] with the baseline), write summary.json, results.tap,
 * junit.xml and summary.txt there, point traces/latest at it, print the
 * summary, and return the exit code.  With one arm only the baseline is
 * compared.  Ends with EX_SYSTEM when a file cannot be written.
 */
int report_run(const struct suite *s, const struct arm *arms, size_t narms,
	       const struct run_options *opt, const struct report_options *ro);

/*
 * Before anything is run: read the lists that report_run() will compare with, of
 * a suite as it was loaded, and fill @ro->gone when that is the @whole suite.
 * EX_SAME, or EX_SCENARIO or EX_BASELINE when one is wrong and stderr names where.
 */
int report_lists(const struct suite *s, struct report_options *ro, bool whole);

/* Ranks of exit codes: of several that apply to a run the highest rank is its verdict. */
int verdict_rank(enum exit_code code);
enum exit_code verdict_worse(enum exit_code a, enum exit_code b);
/* One word in capitals, and what it means in a few words.  Never NULL. */
const char *verdict_word(enum exit_code code);
const char *verdict_meaning(enum exit_code code);

#endif
