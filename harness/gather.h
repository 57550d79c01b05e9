/* gather.h - collects the results and incidents of one arm. */
#ifndef HARNESS_GATHER_H
#define HARNESS_GATHER_H

#include "plan.h"
#include "results.h"

/* Which boots showed an outcome; parallel to case_result.outcomes. */
struct seen {
	unsigned int *boots;
	size_t nboots;
	unsigned int first_boot;	/* of .seed in the outcome */
};

struct gather {
	const struct suite *suite;
	struct arm *arm;
	struct seen **seen;		/* [case][outcome] */
};

void gather_init(struct gather *g, const struct suite *s, struct arm *arm);
/* A repeat is complete; @text need not end in NUL. */
void gather_result(struct gather *g, size_t icase, const struct boot *b, unsigned int repeat,
		   uint64_t took_ns, const char *text, size_t len);
/* Takes over @text; returns its index. */
size_t gather_incident(struct gather *g, enum incident_kind kind, size_t icase, char *text);
/* A kernel report; the same one from the same case is kept once, of no case (SIZE_MAX) if no case had it. */
void gather_splat(struct gather *g, size_t icase, const char *text);
/*
 * All kernel reports on a console up to @len: at boot, after the last case, of
 * cases whose boot was lost.  Those that the guest sent itself are known already.
 */
void gather_console(struct gather *g, const char *console, size_t len);
/* Sort outcomes, free what is only needed while gathering. */
void gather_finish(struct gather *g);

#endif
