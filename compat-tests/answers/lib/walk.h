/* walk.h - lets a tracee go from stop to stop and tells what it comes to. */
#ifndef ANSWERS_WALK_H
#define ANSWERS_WALK_H

#include "look.h"

/* The stop @pid is in, of which wait said @status: "entry 39", "exit -EINTR", "stopped TRAP EXEC". */
const char *stop_words(pid_t pid, int status);
/*
 * Resume @pid with @request and @data, wait until it rests, and add " > " with
 * what it came to.  Returns wait's status if it stopped for us again, else 0.
 */
int walk(struct text *t, pid_t pid, long request, unsigned long data);
/* What it came to without a request of ours. */
int walk_on(struct text *t, pid_t pid);
/* So often @request, each with the signal it stopped for; the end of it is told, too. */
void walk_along(struct text *t, pid_t pid, long request, int times);
/* The signal to pass on after @status: that of a signal-delivery-stop, else 0. */
int signal_of(int status);

#endif
