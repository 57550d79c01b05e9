/* occasion.h - a subject that does one thing when it is told to. */
#ifndef ENGINES_OCCASION_H
#define ENGINES_OCCASION_H

#include <stdbool.h>
#include <sys/types.h>

/* TRACED: a call for which a filter says SECCOMP_RET_TRACE.  The last five send themselves a signal. */
enum occasion { FORKS, VFORKS, EXECS, EXITS, CALLS, TRACED, HANDLES, IGNORES, STOPS, DIES, DUMPS };

/* In the page: it is to begin, it is over, how often the handler ran. */
enum { OCCASION_GO = 30, OCCASION_OVER, OCCASION_HANDLED, OCCASION_READY };

/*
 * Start one.  It makes no calls from here on, until occasion_go() and for the
 * thing itself.  EXECS is a new run of this program with one argument.
 */
pid_t subject_occasion(enum occasion what);
void occasion_go(void);
/*
 * Is it over within PATIENCE?  If the process does not live on that is when
 * it was reaped.  One that STOPS is continued.
 */
bool occasion_over(pid_t pid, enum occasion what);

#endif
