/* filter.h - a seccomp filter for one system call of the program's own word size. */
#ifndef ANSWERS_FILTER_H
#define ANSWERS_FILTER_H

#include <stdbool.h>

/*
 * From now on @action (SECCOMP_RET_*, seccomp(2)) is the answer to call @nr of
 * this thread, any other is allowed; no_new_privs is set.  False if it was
 * refused, errno says why.
 */
bool filter_call(long nr, unsigned int action);

#endif
