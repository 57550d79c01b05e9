/* outcome.h - sets of outcomes: what one case showed on one kernel, and how often. */
#ifndef HARNESS_OUTCOME_H
#define HARNESS_OUTCOME_H

#include "results.h"

/* The hash of a trace text: the first 16 hex digits of its SHA-256. */
void outcome_hash(const char *text, char hash[17]);

/* The outcome with this hash, or NULL. */
struct outcome *outcome_find(const struct case_result *r, const char *hash);

/*
 * Count one repeat that showed @text.  A new outcome starts with .boots 1 and
 * remembers seed, repeat and mode; a known one only counts.  Does not touch
 * r->repeats or r->boots.  The pointer holds until the next outcome_add().
 */
struct outcome *outcome_add(struct case_result *r, const char *text,
			    uint64_t seed, unsigned int repeat, bool icount);

/* Add what one boot (or one run) showed: counts, boots, repeats and times add up. */
void outcome_merge(struct case_result *into, const struct case_result *from);

/* Most frequent first, equals by hash: the order struct case_result promises. */
void outcome_sort(struct case_result *r);

/* By hash only, counts put to zero: the order of a baseline. */
void outcome_sort_by_hash(struct case_result *r);

/* True when both show exactly the same set. */
bool outcome_same_set(const struct case_result *a, const struct case_result *b);

/* Boots that ran the case; where they were not counted, as many as one outcome came in. */
unsigned int outcome_boots(const struct case_result *r);

void case_result_free(struct case_result *r);

#endif
