/* bugs.h - lists of mistakes made on purpose: what must find each. */
#ifndef HARNESS_BUGS_H
#define HARNESS_BUGS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A line
 *
 *   NAME | EXPECTED | QUICK | what is wrong
 *
 * or without QUICK.  Empty lines and those that begin with # do not count.
 */
struct bug {
	char *name, *expected, *quick, *what;	/* ->quick is NULL where there is none */
	int line;
};

/*
 * Read @file, a path below the top of the checkout; @with_quick says which form
 * it has.  Returns how many there are; a line of another form ends the program
 * (EX_USAGE), naming file and line.
 */
size_t bugs_read(const char *file, bool with_quick, struct bug **out);
/* Is it the line of the kernel with every mistake off? */
bool bug_is_none(const struct bug *b);
void bugs_free(struct bug *bugs, size_t n);

#endif
