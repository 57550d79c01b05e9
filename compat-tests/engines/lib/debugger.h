/* debugger.h - a tracer that works on a process as gdb does. */
#ifndef ENGINES_DEBUGGER_H
#define ENGINES_DEBUGGER_H

#include <sys/types.h>

/* What it saw; in memory that is shared with whoever starts it. */
struct debugger_seen {
	volatile long attached;		/* sessions begun */
	volatile long sessions;		/* and ended by a detach */
	volatile long breakpoints, steps, calls, signals;
	volatile long wrong;		/* stops nobody could explain */
	volatile long failed;		/* line of the first request that failed */
	volatile int stop;		/* to be set: end after this session */
};

/*
 * Attach to all threads of @pid, put a breakpoint on the one-byte nop at
 * @where, run with PTRACE_CONT, PTRACE_SYSCALL and PTRACE_SINGLESTEP in turn
 * for @stops stops, take the breakpoint out, detach; again until
 * @seen->stop.  Alternates PTRACE_SEIZE and PTRACE_ATTACH.  Returns 0, or 1
 * and says in @seen where it failed.  To be run in a process of its own.
 */
int debugger_run(pid_t pid, void *where, int stops, struct debugger_seen *seen);

#endif
