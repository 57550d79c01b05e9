/* ordered.h - a subject that makes a system call when it is told to, and no other. */
#ifndef ENGINES_ORDERED_H
#define ENGINES_ORDERED_H

#include <stdbool.h>
#include <sys/types.h>

/* In the page: GO counts calls that are ordered, DONE those that are over; RESULT is the last one's. */
enum { GO = 10, DONE, RESULT, READY, ORDERED_FREE };

/*
 * Start one; from here on it makes no calls but getppid(), one for each time
 * page[GO] is counted up.  page[RESULT] is 1 or -errno.
 */
pid_t subject_ordered(void);
/* Are all calls over that were ordered, within PATIENCE? */
bool ordered_done(void);

#endif
