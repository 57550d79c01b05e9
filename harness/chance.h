/* chance.h - can chance explain that one kernel shows an outcome and another never does? */
#ifndef HARNESS_CHANCE_H
#define HARNESS_CHANCE_H

/* Of an outcome on one side only: below this (a power of ten) chance is no explanation. */
#define CHANCE_GATE (-6.0)

/*
 * The logarithm to base 10 of the most that chance allows: that of two kernels
 * which show an outcome at one and the same rate, whatever it is, the one shows
 * it in @k or more of @n repeats, and the other in none of @m.  0 when @k or
 * @m is 0; falls as @k or @m grows.
 */
double chance_log10(unsigned int n, unsigned int k, unsigned int m);

#endif
