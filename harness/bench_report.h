/* bench_report.h - tells what operations cost: tables, and JSON. */
#ifndef HARNESS_BENCH_REPORT_H
#define HARNESS_BENCH_REPORT_H

#include "bench_cost.h"
#include "kernels.h"
#include "util.h"

struct bench_report {
	struct kernel kernel[2];
	struct bench_bounds bounds;
	struct bench_costs exact, wall;	/* counted instructions; times, empty if not measured */
	unsigned int cpus;		/* of the times */
	enum exit_code code;
};

/* "-O2", "-Os" or "unknown", from the kernel's configuration. */
const char *bench_optimization(const struct kernel *k);
/*
 * Why costs of the two kernels at @k say nothing about utrace: a configuration
 * is missing, or they differ beyond utrace's options and the version; NULL if
 * they do not.  Caller frees.
 */
char *bench_unlike(const struct kernel *k);
/* Does its configuration have utrace on? */
bool bench_has_utrace(const struct kernel *k);
/* Its options of utrace that are on, "none" or "unknown"; caller frees. */
char *bench_utrace_options(const struct kernel *k);

/* Two tables and a line with the verdict, on stdout. */
void bench_print(const struct bench_report *r);
/* The same with every run's figure, to @path; see the comment in bench_report.c. */
void bench_write_json(const struct bench_report *r, const char *path);

#endif
