/* subresults.h - the single results in what a selftest of the kernel prints. */
#ifndef HARNESS_SUBRESULTS_H
#define HARNESS_SUBRESULTS_H

struct subresults {
	unsigned int passed, failed, skipped;
};

/*
 * The lines of @output (NULL: none) that are results: "ok" and "not ok" of TAP,
 * "[RUN]", "[OK]", "[FAIL]" and their like of the x86 tests, and how the program
 * ended; addresses are ADDR, process ids
 * PID where one is known to be printed.  Counts them in @n if it is not NULL.  Caller frees.
 */
char *subresults(const char *output, struct subresults *n);

#endif
