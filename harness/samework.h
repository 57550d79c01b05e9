/* samework.h - the same programs on two kernels: what they print to be compared, and where it differs. */
#ifndef HARNESS_SAMEWORK_H
#define HARNESS_SAMEWORK_H

#include <argp.h>
#include <stdio.h>

#include "programs.h"

/* What of a program's output is compared: lines, as one text; caller frees. */
typedef char *(*samework_lines)(const struct program *q);

struct samework {
	const char *what;		/* names the directory build/WHAT */
	struct kernel kernel[2];
	struct programs programs[2];	/* the same ones in the same order; [1] may have more after them */
	struct programs_options run;	/* for both, but for .kernel */
	samework_lines lines;
	FILE *tap;			/* samework_kernels() sets it, if that was asked for */
};

/* The options of all commands that do this: --stock, --utrace, --only, --cpus, --tap, --verbose. */
struct samework_options {
	const char *kernel[2], *only;
	unsigned int cpus;
	bool verbose, tap;
};

#define SAMEWORK_DEFAULTS { .kernel = { "stock", "utrace" }, .cpus = 2 }

/*
 * A child for a command's argp, whose parser gives it a struct
 * samework_options: samework_input() for those that have no other options.
 */
extern const struct argp_child samework_child[];
error_t samework_input(int key, char *arg, struct argp_state *state);

/*
 * Find both kernels; 0, or the code to end with after it was told why.  With
 * --tap standard output is for TAP, and what else is printed there goes to
 * standard error from now on.
 */
int samework_kernels(struct samework *w, const struct samework_options *o);
/* Free the programs and the kernels. */
void samework_free(struct samework *w);

/*
 * Run the programs on both kernels and print a table: for each its checks, how
 * many lines were compared, and the first that differ.  The lines are kept as
 * build/WHAT/KERNEL/PROGRAM.txt.  Returns the worst code; a program whose lines
 * differ, or that has none to compare, has EX_DIFFERS.  Programs that only the
 * second kernel has are told with their checks, as compared to nothing.  With
 * .tap a program is a line there.
 */
enum exit_code samework_run(struct samework *w);

/*
 * Print how many sub-results passed, failed and were skipped on each kernel, and
 * the programs of which some fail on stock, too, which nobody else can be blamed
 * for.  Returns how many there were on stock.
 */
unsigned int samework_subresults(const struct samework *w);

#endif
