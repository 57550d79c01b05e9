/* baseline.h - the committed outcomes of the stock kernel under traces/baseline. */
#ifndef HARNESS_BASELINE_H
#define HARNESS_BASELINE_H

#include "results.h"
#include "trace.h"

struct baseline {
	size_t nfiles;
	struct trace_file *files;
	size_t ncases;
	const struct case_result **cases;	/* parallel to suite.cases, NULL: not recorded */
};

/*
 * Read what @dir has for the scenarios of @s.  A missing file or directory
 * records nothing.  0, or -1 with lines "file:line: ..." added to @err.
 */
int baseline_load(const char *dir, const struct suite *s, struct baseline *b,
		  struct buf *err);
void baseline_free(struct baseline *b);

/*
 * What @dir records and @all (every case there is) does not have: names of
 * cases, and of scenarios whose whole file is left over; sorted as files are.
 * Returns their count; the names are the caller's.  Ends with EX_SYSTEM when
 * @dir cannot be read; a damaged file of a scenario that is there has no cases
 * here: baseline_load() tells.
 */
size_t baseline_gone(const char *dir, const struct suite *all, char ***names);

/* What baseline_update() did. */
struct baseline_change {
	size_t added, changed, merged, same, removed;	/* cases */
};

/*
 * Rewrite @dir from one arm: @arm and @s parallel, only cases that have results.
 * An exact case's outcome replaces the recorded one, a racy case's set is merged
 * with it.  Cases @all (every case there is) does not have are removed from the
 * files of its scenarios, and files of scenarios it does not have too; NULL keeps
 * them.  What changes is added to @log, a line a case.  0, or -1 and lines in @err
 * (nothing written): the arm has incidents that were not made up for, or an exact
 * case with more than one outcome.
 */
int baseline_update(const char *dir, const struct suite *s, const struct arm *arm,
		    const struct suite *all, struct baseline_change *ch,
		    struct buf *log, struct buf *err);

#endif
