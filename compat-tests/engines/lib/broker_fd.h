/* broker_fd.h - the two ends of /dev/utrace-broker as a program has them. */
#ifndef ENGINES_BROKER_FD_H
#define ENGINES_BROKER_FD_H

#include <broker.h>
#include <stdbool.h>

/* Open the device, close-on-exec.  The fd, or -errno. */
int broker_open(void);
/* Attach to a thread.  0, or -errno. */
int broker_attach(int fd, int tid);
/* The next call that waits; false if none comes in @ms (-1: for ever). */
bool broker_next(int fd, struct broker_call *call, int ms);
/* Has the last thread died that was attached? */
bool broker_ended(int fd);
/* Answers to @call.  0, or -errno: -ESRCH if the thread is gone. */
int broker_run(int fd, const struct broker_call *call);
int broker_result(int fd, const struct broker_call *call, long result);
/* Make @nr instead, with @args, or if NULL with the arguments it has. */
int broker_rewrite(int fd, const struct broker_call *call, int nr, const __u64 *args);

#endif
