/* serve.h - a tracer of all threads of a process, which tells thread by thread what it is told. */
#ifndef ANSWERS_SERVE_H
#define ANSWERS_SERVE_H

#include "look.h"

/*
 * Resume @pid with @request, and whoever stops, with the signal it stopped for
 * unless that is SIGSTOP, until all are at rest and nothing more comes.  Adds
 * for each thread, in the order they were born, what came of it: which of two
 * threads comes first is open, what comes to one is not.  A new thread gets to
 * its rest before the one that made it goes on.  From its ninth report on a
 * thread goes on with PTRACE_CONT: a new program's start is not of interest.
 */
void serve(struct text *t, pid_t pid, long request);

#endif
