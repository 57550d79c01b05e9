/* job.h - makes the job file a guest reads (wire.h) from cases of a suite. */
#ifndef HARNESS_JOB_H
#define HARNESS_JOB_H

#include <stdint.h>

#include "results.h"
#include "util.h"

/* Repeats [first, first + repeats) of one case. */
struct job_item {
	uint32_t id;
	uint32_t first, repeats;
	const void *blob;
	size_t bloblen;
};

/* Append a whole job file to @out.  @flags are JOB_*. */
void job_build(struct buf *out, uint64_t nonce, uint64_t seed, uint32_t flags,
	       const struct job_item *items, size_t nitems);

/*
 * A case's number on the wire, derived from its name: what a repeat does
 * depends on (boot seed, id, repeat), so a case has the same schedules
 * whichever other cases are selected.  Never 0 or 0xffffffff.
 */
uint32_t case_id(const char *name);
/* ids[i] for each case of @s, made distinct in the unlikely case of a clash. */
void case_ids(const struct suite *s, uint32_t *ids);

/* A well mixed function of two numbers, for drawing seeds. */
uint64_t mix64(uint64_t a, uint64_t b);

#endif
