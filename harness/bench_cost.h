/* bench_cost.h - what operations cost on two kernels, from what the bench program printed. */
#ifndef HARNESS_BENCH_COST_H
#define HARNESS_BENCH_COST_H

#include <stdbool.h>
#include <stddef.h>

/* One operation on one kernel; figures of the runs, for ->times operations each. */
struct bench_side {
	double *runs;
	size_t nruns;
	unsigned int times;
	char *absent;		/* why the kernel has no such thing, or NULL */
};

struct bench_cost {
	char *name, *kind;
	struct bench_side side[2];	/* the reference, and the other */
};

struct bench_costs {
	struct bench_cost *v;
	size_t n;
	bool counted[2];	/* instructions, else nanoseconds */
};

/*
 * What an operation may cost in units of the reference; and what a call that the
 * logger sees may cost more than one that nobody sees, in instructions.  0: no bound.
 */
struct bench_bounds {
	double call, untraced, signal, ptrace;
	double logged;
};

/*
 * Take in the output of a bench program on kernel @side; runs of one operation
 * add up over several outputs.  False if a line of it is not understood.
 */
bool bench_parse(struct bench_costs *c, int side, const char *output);
void bench_free(struct bench_costs *c);

/* Of one operation: the least, and the quantile @q (0.5: the median) of all runs; 0 without runs. */
double bench_least(const struct bench_side *s);
double bench_quantile(const struct bench_side *s, double q);
/* The other kernel's least in units of the reference's, to three decimals; 0 if one has none. */
double bench_ratio(const struct bench_cost *c);

double bench_bound(const struct bench_bounds *b, const struct bench_cost *c);
/* Is it above its bound? */
bool bench_above(const struct bench_bounds *b, const struct bench_cost *c);
/* Has it a bound, but figures of one kernel only?  Then it is not above its bound, and not below either. */
bool bench_one_sided(const struct bench_bounds *b, const struct bench_cost *c);
/* What a call seen by the logger costs the other kernel beyond an unseen one; 0 without figures of both. */
double bench_logged(const struct bench_costs *c);
/* Is that above its bound? */
bool bench_logged_above(const struct bench_bounds *b, const struct bench_costs *c);
/* The operation @name, or NULL. */
const struct bench_cost *bench_find(const struct bench_costs *c, const char *name);

#endif
