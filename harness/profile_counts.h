/* profile_counts.h - instructions by function on two kernels, from what the plugin counted. */
#ifndef HARNESS_PROFILE_COUNTS_H
#define HARNESS_PROFILE_COUNTS_H

#include "profile_map.h"

/* What one run of an operation executed: lines "ADDRESS COUNT". */
struct profile_run {
	const char *text;
	size_t len;
	uint64_t sum;
};

/*
 * The last @n runs in @text, what harness/plugin/count.c wrote: a run is between
 * two marks, and from its second mark to the next one's first is none.  @text
 * must stay.  NULL, or what is wrong with it.
 */
const char *profile_runs(const char *text, size_t n, struct profile_run *runs);

struct profile_row {
	char *name;
	uint64_t count[2];
};

/* A row for each function that executed anything. */
struct profile {
	struct profile_row *v;
	size_t n;
};

/* Add the run to the counts of kernel @side. */
void profile_add(struct profile *p, int side, const struct profile_map *m, const struct profile_run *run);
/*
 * Sort by the size of the difference for one operation, where a run of kernel
 * @s does @times[s] of them; what differs as much, by what it costs, then by name.
 */
void profile_sort(struct profile *p, const unsigned int times[2]);
uint64_t profile_sum(const struct profile *p, int side);
void profile_free(struct profile *p);

/*
 * Is @counted what the guest's clock said a run took, @took?  An instruction
 * whose access of memory faults is counted each time it is begun, but by the
 * clock only when it comes to its end, which makes some 60 in a million of fork
 * and exec: one in PROFILE_SHARE may be too many or too few, and PROFILE_SLACK.
 */
#define PROFILE_SHARE 5000
#define PROFILE_SLACK 2
bool profile_agrees(uint64_t counted, double took);

#endif
