/* storm_log.h - shards of a storm of ptrace requests: what a guest prints of one, and lines of the log. */
#ifndef HARNESS_STORM_LOG_H
#define HARNESS_STORM_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "util.h"

/* Fields of a line of the log; digits of the keys of kernel and program in it. */
#define STORM_FIELDS	9
#define STORM_KEY	12
#define STORM_LOG_HEAD	"# time\tkernel\tkey\tprogram\tcpus\tseed\trequests\tseconds\tverdict\n"

/* One shard, to be written as a line. */
struct storm_shard {
	const char *kernel, *key, *program, *verdict;
	unsigned int cpus;
	uint64_t seed;
	unsigned long requests;
	double seconds;
};
void storm_log_print(struct buf *b, const char *when, const struct storm_shard *s);

/* The line "# storm requests=N ms=N" a guest prints last.  False if there is none. */
bool storm_parse_result(const char *output, unsigned long *requests);

/*
 * For prooflog_read(): counts a line in @arg if it is about that kernel and
 * that program on that many CPUs; one whose verdict is not SAME is bad.
 */
struct storm_log {
	const char *key, *program;	/* may be longer than in the log */
	unsigned int cpus;
	unsigned long requests;
	unsigned int shards, bad;
};
const char *storm_log_line(char *const field[], void *arg);

#endif
