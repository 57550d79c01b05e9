/* plan.h - which cases run in which boot, how often, and with which seed. */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "results.h"

/* Repeats [first, first + repeats) of a case. */
struct item {
	size_t icase;
	unsigned int first, repeats;
};

struct boot {
	int mode;			/* MODE_ICOUNT or MODE_SMP */
	unsigned int cpus;
	uint64_t seed;
	unsigned int number;		/* among those of its arm, from 0 */
	bool retry;			/* runs what an earlier boot lost */
	struct item *items;
	size_t nitems, cap;
};

/* Boots in the order they are to be started. */
struct plan {
	struct boot **boots;
	size_t nboots;
};

/*
 * Plan all boots of one arm.  One virtual CPU with counted instructions runs
 * most repeats; several CPUs, which cost three to five times as much, run a
 * sixteenth of the racy repeats (at least one) and one of three repeats of a
 * sixteenth of the exact cases, another sixteenth with each opt->seed.  With one
 * repeat no exact case runs there.  Racy cases are spread over at least two
 * boots of either kind, if they have the repeats (opt->boots asks for more).  A
 * case that needs one CPU runs counted only, one that needs more on several only,
 * as all others do with opt->cpus, on that many.
 */
void plan_arm(const struct suite *s, const struct run_options *opt, uint64_t arm_seed,
	      struct plan *out);
void plan_free(struct plan *p);

/* CPUs of a boot with several: as many as asked for, two at least. */
unsigned int several_cpus(unsigned int asked);
/* May repeats of the case run in boots of that mode? */
bool plan_allows(const struct tcase *c, int mode, const struct run_options *opt);

/* Repeats a case is to be run in all. */
unsigned int plan_repeats(const struct tcase *c, const struct run_options *opt);

/* Seed of an arm's boot @number; of the arm itself. */
uint64_t boot_seed(uint64_t arm_seed, unsigned int number);
uint64_t arm_seed(const struct run_options *opt, uint64_t run_seed, size_t arm);

struct boot *boot_new(int mode, unsigned int cpus, uint64_t seed, unsigned int number);
void boot_add(struct boot *b, size_t icase, unsigned int first, unsigned int repeats);
void boot_free(struct boot *b);

#endif
