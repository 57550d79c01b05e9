/* tap.h - checks, counted and printed as TAP. */
#ifndef ENGINES_TAP_H
#define ENGINES_TAP_H

#include <stdbool.h>

/*
 * One check: print "ok" or "not ok", its number and @format.  Returns @good.
 * Safe to be called from any thread, not from signal handlers.
 */
bool check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A check that cannot be made here. */
void skip(const char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line for people: "# ...". */
void diag(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Print the plan; what main() returns: 0, or 1 if a check failed or none was made. */
int done_testing(void);
/* The program cannot go on: a failed check with errno's text, the plan, exit. */
void bail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
