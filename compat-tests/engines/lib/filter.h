/* filter.h - a seccomp filter for one call. */
#ifndef ENGINES_FILTER_H
#define ENGINES_FILTER_H

#include <stdbool.h>

/* A filter for this thread: getppid() is answered with @action, SECCOMP_RET_*, all else is allowed. */
bool filter_getppid(unsigned int action);

#endif
