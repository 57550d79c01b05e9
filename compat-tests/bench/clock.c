/* clock.c - what the benchmark measures with: counted instructions, or nanoseconds. */
#include <time.h>
#include <x86intrin.h>

#include "bench.h"

#define LOOP 100000

bool counted;

/*
 * Under -icount shift=0 an instruction is a nanosecond and the time stamp
 * counter runs at 1 GHz, so a loop of two instructions takes two ticks a round.
 */
void find_clock(void)
{
	uint64_t best = UINT64_MAX;

	for (int run = 0; run < 9; run++) {
		unsigned long n = LOOP;
		uint64_t start = __rdtsc();

		__asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(n));
		start = __rdtsc() - start;
		if (start < best)
			best = start;
	}
	counted = best >= 2 * LOOP && best < 2 * LOOP + 200;
}

uint64_t ticks(void)
{
	struct timespec t;

	if (counted)
		return __rdtsc();
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}
