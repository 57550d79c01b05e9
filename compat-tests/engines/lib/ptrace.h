/* ptrace.h - what a tracer does in tests of engines beside ptrace. */
#ifndef ENGINES_PTRACE_H
#define ENGINES_PTRACE_H

#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/types.h>

#define SYSCALL_STOP ((SIGTRAP | 0x80) << 8 | 0x7f)
#define EVENT_STOP(sig) (PTRACE_EVENT_STOP << 16 | (sig) << 8 | 0x7f)
#define STOPPED(sig) ((sig) << 8 | 0x7f)

/* One request without data.  0, or -errno. */
int trace(int request, pid_t pid, long data);
/* PTRACE_SEIZE with PTRACE_O_TRACESYSGOOD, interrupt, wait for the stop. */
bool trace_seize(pid_t pid);
/* The status that waitpid() gives within @ms, or -1. */
int trace_wait(pid_t pid, int ms);

#endif
