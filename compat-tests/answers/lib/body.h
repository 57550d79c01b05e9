/* body.h - what a tracee does, in the process it is or after an exec into another word size. */
#ifndef ANSWERS_BODY_H
#define ANSWERS_BODY_H

#include "stage.h"

/* Ready to be traced: TRACEME, or a byte from @fd; then SIGUSR2 to itself, and @body. */
void body_run(enum body body, int fd) __attribute__((noreturn));

#endif
