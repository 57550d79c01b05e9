/* main.c - bench: measures what operations of and around ptrace cost, a line for each. */
/*
 * usage: bench [runs=N] [only=NAME]
 *
 * Prints "# unit instructions|ns", and for each operation
 *
 *	# bench NAME KIND TIMES TICKS...	one figure a run, for TIMES operations
 *	# absent NAME KIND REASON		this kernel has no such thing
 *
 * and one check of TAP: every event that the operation is to make was made.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "subject.h"
#include "tap.h"

#define MAX_RUNS 101

const char *bench_why;
bool bench_absent;

static void measure(const struct operation *o, unsigned int runs)
{
	uint64_t took[MAX_RUNS];
	unsigned int i = 0;

	bench_why = NULL;
	bench_absent = false;
	if (o->begin && !o->begin()) {
		if (bench_absent)
			diag("absent %s %s %s", o->name, o->kind, bench_why);
		else
			check(false, "%s: %s", o->name, bench_why);
		return;
	}
	for (; i < runs; i++) {
		took[i] = o->run(o->n);
		if (took[i] == BENCH_FAILED)
			break;
	}
	if (o->end)
		o->end();
	if (!check(i == runs, "%s: %u runs of %u%s%s", o->name, i, o->n, bench_why ? ": " : "",
		   bench_why ? bench_why : ""))
		return;
	printf("# bench %s %s %u", o->name, o->kind, o->n);
	for (i = 0; i < runs; i++)
		printf(" %llu", (unsigned long long)took[i]);
	printf("\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const struct operation *const all[] = {
		bench_untraced, bench_stops, bench_many, bench_logger,
	};
	const char *only = NULL;
	struct sched_param first = { .sched_priority = 10 };
	unsigned int runs = 15;

	exec_chain(argc, argv);
	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "runs=", 5))
			runs = atoi(argv[i] + 5);
		else if (!strncmp(argv[i], "only=", 5))
			only = argv[i] + 5;
	}
	if (runs < 1 || runs > MAX_RUNS)
		bail("runs=%u, expected 1 to %d", runs, MAX_RUNS);
	subject_init(3600);
	find_clock();
	/*
	 * Who runs next then depends on nothing but who woke whom, so each run
	 * takes the same way; the fair class weighs what ran so far.
	 */
	if (counted && sched_setscheduler(0, SCHED_FIFO, &first))
		bail("SCHED_FIFO");
	diag("unit %s", counted ? "instructions" : "ns");
	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (const struct operation *o = all[i]; o->name; o++)
			if (!only || !strcmp(only, o->name))
				measure(o, runs);
	return done_testing();
}
