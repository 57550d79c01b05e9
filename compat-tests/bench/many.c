/* many.c - many tracees of one tracer, all let go and all waited for: the cost of each. */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "ptrace.h"
#include "subject.h"

#define MANY 1000
#define FEW 10

static pid_t tracees[MANY];
static unsigned int ntracees;

static void end_many(void)
{
	while (ntracees) {
		tracee = tracees[--ntracees];
		end_tracee();
	}
}

static bool begin(unsigned int n)
{
	for (ntracees = 0; ntracees < n; ntracees++) {
		if (!begin_traceme(call_getppid, PTRACE_O_TRACESYSGOOD)) {
			end_many();
			return false;
		}
		tracees[ntracees] = tracee;
	}
	return true;
}

static bool begin_few(void)
{
	return begin(FEW);
}

static bool begin_many(void)
{
	return begin(MANY);
}

/* One of them stopped: @pid, or -1 for whoever is first. */
static bool one_stopped(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) > 0 && status == SYSCALL_STOP)
		return true;
	bench_why = "not the stop that was to come";
	return false;
}

/* @n stops, the tracees in rounds. */
static uint64_t rounds(unsigned int n, bool any)
{
	uint64_t start = ticks();

	for (unsigned int done = 0; done < n; done += ntracees) {
		for (unsigned int i = 0; i < ntracees; i++)
			if (trace(PTRACE_SYSCALL, tracees[i], 0)) {
				bench_why = "PTRACE_SYSCALL";
				return BENCH_FAILED;
			}
		for (unsigned int i = 0; i < ntracees; i++)
			if (!one_stopped(any ? -1 : tracees[i]))
				return BENCH_FAILED;
	}
	return ticks() - start;
}

static uint64_t run_any(unsigned int n)
{
	return rounds(n, true);
}

static uint64_t run_each(unsigned int n)
{
	return rounds(n, false);
}

const struct operation bench_many[] = {
	{ "tracees-10", "ptrace", 80, begin_few, run_any, end_many },
	{ "tracees-1000", "ptrace", MANY, begin_many, run_any, end_many },
	{ "tracees-10-by-pid", "ptrace", 80, begin_few, run_each, end_many },
	{ "tracees-1000-by-pid", "ptrace", MANY, begin_many, run_each, end_many },
	{ 0 }
};
