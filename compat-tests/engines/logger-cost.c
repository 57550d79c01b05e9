/* logger-cost.c - one system call seen by the logger costs at most 1,000 instructions; what ptrace's two stops cost. */
/* seconds: 120 */
/*
 * With counted instructions (QEMU's -icount shift=0) the time stamp counter
 * counts them: at 1 GHz one instruction is one tick.  Elsewhere the figures
 * are times, and no bound is checked.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "lib/module.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define CALLS 2000
#define TRACED_CALLS 500
#define RUNS 9
#define BOUND 1000
#define TRACING "/sys/kernel/tracing/"

/* The counter's ticks for a loop of known length, if it counts instructions. */
static bool counted(void)
{
	unsigned long best = ~0UL, n;

	for (int run = 0; run < RUNS; run++) {
		unsigned long start = __rdtsc();

		/* two instructions a round */
		n = 100000;
		__asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(n));
		start = __rdtsc() - start;
		if (start < best)
			best = start;
	}
	diag("200,000 instructions: %lu ticks", best);
	return best >= 200000 && best < 200400;
}

/* Ticks for @n calls; the least of some runs, the one without a timer tick. */
static unsigned long calls(int n)
{
	unsigned long best = ~0UL;

	for (int run = 0; run < RUNS; run++) {
		unsigned long start = __rdtsc();

		for (int i = 0; i < n; i++)
			syscall(SYS_getppid);
		start = __rdtsc() - start;
		if (start < best)
			best = start;
	}
	return best / n;
}

static int plain(void *unused)
{
	(void)unused;
	page[2] = calls(CALLS);
	return 0;
}

/* The same once the logger follows it. */
static int logged(void *unused)
{
	(void)unused;
	while (!page[3])
		usleep(1000);
	page[2] = calls(CALLS);
	/* the cost of the last of them, not of the first, which allocates */
	return 0;
}

static int traced(void *unused)
{
	(void)unused;
	raise(SIGSTOP);
	page[2] = calls(TRACED_CALLS);
	return 0;
}

static unsigned long measure_logged(bool on)
{
	char parameter[32];
	pid_t pid;
	int status;

	page[3] = 0;
	pid = subject(logged, NULL);
	snprintf(parameter, sizeof(parameter), "pid=%d", pid);
	if (module_load("utrace-logger", parameter))
		bail("utrace-logger %s", parameter);
	check(!put(TRACING "events/utrace_logger/enable", on ? "1" : "0"), "the log is %s",
	      on ? "on" : "off");
	page[3] = 1;
	status = subject_wait(pid, 30000);
	check(!status, "the program ran: %x", status);
	put(TRACING "events/utrace_logger/enable", "0");
	/* its exit is still being made when it is reaped */
	check(!module_unload("utrace_logger"), "unloaded");
	return page[2];
}

static unsigned long measure_traced(void)
{
	int status, stops = 0, sig = 0;
	pid_t pid = subject(traced, NULL);

	waitpid(pid, &status, WUNTRACED);
	check(!trace(PTRACE_SEIZE, pid, PTRACE_O_TRACESYSGOOD), "traced");
	kill(pid, SIGCONT);
	trace(PTRACE_INTERRUPT, pid, 0);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		sig = 0;
		if (status == SYSCALL_STOP)
			stops++;
		else if (!(status >> 16))
			sig = WSTOPSIG(status);
		if (trace(PTRACE_SYSCALL, pid, sig))
			break;
	}
	check(stops >= 2 * RUNS * TRACED_CALLS, "%d stops of ptrace", stops);
	return page[2];
}

/* Reports in the log of one process: the first words after the event's name. */
static void look(const char *what, int want)
{
	static char text[1 << 20];
	int n = 0;

	get(TRACING "trace", text, sizeof(text));
	for (char *p = text; (p = strstr(p, what)); p++)
		n++;
	check(n >= want, "the log has %d of \"%s\"", n, what);
}

int main(void)
{
	unsigned long none, off, on, ptrace_cost;
	bool exact;

	subject_init(110);
	exact = counted();
	check(!subject_wait(subject(plain, NULL), 30000), "a program runs");
	none = page[2];
	put(TRACING "trace", "");
	off = measure_logged(false);
	on = measure_logged(true);
	ptrace_cost = measure_traced();
	diag("a getppid: %lu alone, %lu with the logger, %lu with its log on, %lu with PTRACE_SYSCALL",
	     none, off, on, ptrace_cost);
	look("logger_call: nr=110", 100);
	look("logger_return: nr=110 ret=", 100);
	look("logger_life: exit 0", 1);
	if (!exact) {
		skip("instructions are not counted here", "a call seen by the logger: %lu", on - none);
		skip("instructions are not counted here", "two stops of ptrace: %lu", ptrace_cost - none);
		return done_testing();
	}
	check(on - none <= BOUND, "a call seen by the logger: %lu instructions, at most %d", on - none,
	      BOUND);
	check(off - none <= BOUND, "without its log: %lu", off - none);
	check(ptrace_cost - none > 10 * (on - none), "two stops of ptrace: %lu", ptrace_cost - none);
	return done_testing();
}
