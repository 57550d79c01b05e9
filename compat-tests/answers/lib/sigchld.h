/* sigchld.h - SIGCHLD of a tracer that has it blocked, one stop at a time. */
#ifndef ANSWERS_SIGCHLD_H
#define ANSWERS_SIGCHLD_H

#include "look.h"

bool sigchld_blocked(void);
/* Forget what came so far; false if SIGCHLD is not blocked. */
bool sigchld_drain(void);
/*
 * When @pid rests: until one has come, with a short bound.  A wait before that
 * may take the stop from under it, which then says status 0.
 */
void sigchld_await(pid_t pid);
/* The one that came with the last stop: its words, or "none"; it is taken. */
const char *sigchld_words(void);

#endif
