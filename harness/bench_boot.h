/* bench_boot.h - one boot of a kernel with the bench program. */
#ifndef HARNESS_BENCH_BOOT_H
#define HARNESS_BENCH_BOOT_H

#include "bench_cost.h"
#include "kernels.h"
#include "util.h"

/* Runs of each operation unless another number is asked for. */
#define BENCH_RUNS 15

struct bench_boot {
	const struct kernel *kernel;
	const char *only;	/* name of an operation, NULL: all */
	unsigned int runs;
	bool exact;		/* count instructions, else measure times ... */
	unsigned int cpus;	/* ... on so many virtual CPUs */
	const char *plugin;	/* of QEMU, see struct boot_spec; with ->exact, else NULL */
};

/* End the program (EX_USAGE), naming those there are, unless @name is an operation of the benchmark. */
void bench_check_name(const char *name);

/*
 * Boot it and add what it measured to @costs, as kernel @side there.
 * EX_INTERRUPTED; or EX_UNTESTED or worse, said on stdout and stderr, when
 * something could not be measured.
 */
enum exit_code bench_boot(const struct bench_boot *b, struct bench_costs *costs, int side);

#endif
