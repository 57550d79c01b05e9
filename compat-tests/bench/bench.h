/* bench.h - what the operations of the benchmark share with its main program. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * One operation.  ->run() does it @n times and returns the ticks that took, or
 * BENCH_FAILED after a bail-out text in bench_why.  The others may be NULL;
 * ->begin() false says in bench_why why it cannot be measured, and if
 * bench_absent is set, that this kernel has no such thing.
 */
struct operation {
	const char *name;
	const char *kind;	/* what its bound depends on: see harness/bench.c */
	unsigned int n;		/* times in a run: short of a timer tick where it can be */
	bool (*begin)(void);
	uint64_t (*run)(unsigned int n);
	void (*end)(void);
};

#define BENCH_FAILED UINT64_MAX

extern const struct operation bench_untraced[], bench_stops[], bench_many[], bench_logger[];

extern const char *bench_why;
extern bool bench_absent;

/*
 * The time stamp counter where it counts instructions (QEMU's -icount
 * shift=0), else nanoseconds of the monotonic clock.
 */
uint64_t ticks(void);
/* Which of the two it is; find_clock() sets it. */
extern bool counted;
void find_clock(void);

/* The tracee of an operation, stopped between its runs. */
extern pid_t tracee;

/*
 * Fork a tracee with PTRACE_TRACEME that stops itself and then runs @body for
 * ever; returns in that stop, with @options set.  False, with bench_why.
 */
bool begin_traceme(void (*body)(void), long options);
/* The same for PTRACE_SEIZE, in the stop of PTRACE_INTERRUPT. */
bool begin_seized(void (*body)(void), long options);
/* Kill and reap it. */
void end_tracee(void);
/* Resume with @request and @sig and wait for exactly @status; false and bench_why. */
bool resume_to(pid_t pid, int request, int sig, int status);

/* What tracees do, for ever. */
void call_getppid(void);
void step_nops(void);

/* The end of a chain of execs: called first by main(), returns if argv is none. */
void exec_chain(int argc, char **argv);

#endif
