/* torture_log.h - the work a torture run has done: what a guest prints of it, and lines of the log. */
#ifndef HARNESS_TORTURE_LOG_H
#define HARNESS_TORTURE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

/* Rows of a matrix of pairs: operations of kernel/utrace/torture.h. */
#define TORTURE_ROWS	32
/* Fields of a line of the log. */
#define TORTURE_FIELDS	12
#define TORTURE_LOG_HEAD "# time\tkernel\tflavour\tcpus\tseed\tops\tlives\tcallbacks\tthread-pairs\tengine-pairs\tseconds\tverdict\n"

/* What was done, in one boot or in all. */
struct torture_done {
	unsigned long ops, lives, callbacks;
	size_t rows[2];				/* threads, engines */
	unsigned long want[2][TORTURE_ROWS];	/* pairs that can be */
	unsigned long seen[2][TORTURE_ROWS];
	unsigned int boots, bad;
};

/* Pairs of operations on a thread (@which 0) or an engine (1) that were seen, and that can be. */
unsigned int torture_pairs_seen(const struct torture_done *d, int which);
unsigned int torture_pairs_wanted(const struct torture_done *d, int which);
/* Were all of both seen?  False as long as none is known. */
bool torture_all_pairs(const struct torture_done *d);
void torture_add(struct torture_done *sum, const struct torture_done *d);

/*
 * The line "# torture ops=N lives=N callbacks=N thread=PAIRS engine=PAIRS" a
 * guest prints last; PAIRS is "seen/possible" in hex for each row, with
 * commas.  False if there is none or it is cut off.
 */
bool torture_parse_result(const char *output, struct torture_done *d);

/* A boot, to be written as a line of the log. */
struct torture_boot {
	const char *key, *flavour, *verdict;
	unsigned int cpus;
	uint64_t seed;
	double seconds;
	const struct torture_done *done;
};
void torture_log_print(struct buf *b, const char *when, const struct torture_boot *boot);

/*
 * For prooflog_read(): adds a line to @arg's sum if it is about that kernel
 * on that many CPUs; one whose verdict is not SAME counts, and is bad.
 */
struct torture_log {
	const char *key;	/* of the kernel, whole */
	unsigned int cpus;
	struct torture_done sum;
};
const char *torture_log_line(char *const field[], void *arg);

#endif
