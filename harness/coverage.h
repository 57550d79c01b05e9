/* coverage.h - which values and pairs of values of a family's axes its cases cover. */
#ifndef HARNESS_COVERAGE_H
#define HARNESS_COVERAGE_H

#include "results.h"
#include "util.h"

struct family_coverage {
	const char *family;
	size_t ncases, nscenarios, nescapes;
	size_t pairs;		/* of axis values that can exist; single values when there is one axis */
	size_t covered;
	size_t impossible;	/* pairs that cannot exist */
};

/* One entry a family, in the order of the suite; returns their number, @out to be freed. */
size_t coverage(const struct suite *s, struct family_coverage **out);

/*
 * Distinct traces among a family's cases: cases that show the same set of outcomes
 * count once.  @results parallel to s->cases; cases without results are left out.
 */
size_t distinct_traces(const struct suite *s, const char *family,
		       const struct case_result *results);

/* The matrices of a family (NULL: of all), the missing pairs, and what is impossible and why. */
void coverage_text(struct buf *b, const struct suite *s, const char *family);

#endif
