/* lock.h - one run at a time in a checkout, and the run's directory. */
#ifndef HARNESS_LOCK_H
#define HARNESS_LOCK_H

/*
 * Hold this checkout (build/lock) until the process ends.  Ends with EX_BUSY,
 * naming the other process, when another run has it.  Clears away the work
 * files of runs that were killed.  A second call does nothing.
 */
void lock_checkout(void);
/* End with EX_SYSTEM if traces/latest is there and no link: the end of a run could not replace it. */
void check_latest(void);
/* Make traces/runs/<UTC time>-<pid> and return its path; caller frees. */
char *new_run_dir(void);

#endif
