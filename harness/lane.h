/* lane.h - one arm at work: the boots it still has to do, what was lost, when to give up. */
#ifndef HARNESS_LANE_H
#define HARNESS_LANE_H

#include "gather.h"
#include "plan.h"
#include "vm.h"

/* A case's standing in one arm. */
enum standing {
	CASE_FRESH,
	CASE_SHARED_RETRY,	/* a result is missing; runs again with others like it */
	CASE_LONE_RETRY,	/* was running when a boot was lost; runs again alone */
	CASE_GIVEN_UP,
};

struct retry {
	struct item item;
	int mode;
	unsigned int cpus;
};

struct lane {
	struct arm *arm;
	const struct suite *suite;
	const struct run_options *opt;
	struct gather gather;
	uint64_t seed;
	struct plan queue;		/* what is left, first first */
	unsigned int next_number;	/* of a boot that was not planned */
	struct retry *retries;
	size_t nretries;
	unsigned char *standing;	/* enum standing of each case */
	unsigned char *reported;	/* as not run */
	unsigned int running;		/* boots at this moment */
	struct {
		unsigned int silent, panics;	/* boots in a row without HELLO */
		bool given_up;
	} mode[3];			/* by MODE_* */
	bool said_hello;		/* any boot did */
	unsigned int empty_boots;	/* in a row without a result */
	const char *over;		/* why it was given up as a whole, else NULL */
	uint64_t total, done;		/* repeats of cases */
};

void lane_init(struct lane *l, const struct suite *s, struct arm *arm,
	       const struct run_options *opt, uint64_t seed);
/* Has a boot to start now. */
bool lane_ready(const struct lane *l);
/*
 * The next boot, or NULL when nothing of it is left to do.  @counted: rather a
 * counted one, else rather one with several CPUs, once the kernel has booted
 * at all.
 */
struct boot *lane_next(struct lane *l, bool counted);
/*
 * Boot @v of this lane is over: record what went wrong, queue what it did not
 * complete.  @log is the path of the kept console, or NULL.
 */
void lane_ended(struct lane *l, struct vm *v, const char *log);
/*
 * All planned boots are done: queue @counted more repeats of each of the @n
 * @cases in one counted boot, and @several in one with several CPUs.  Cases that
 * were lost, or fit no such boot, get none there.
 */
void lane_more(struct lane *l, const size_t *cases, size_t n, unsigned int counted,
	       unsigned int several);
/* All boots are done: note which losses were made good; free everything but the arm's results. */
void lane_finish(struct lane *l);

#endif
