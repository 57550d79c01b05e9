/* logger-cost.c - one system call seen by the logger costs at most 1,000 instructions; what ptrace's two stops cost. */
/* seconds: 120 */
/* quick: none */
/*
 * With counted instructions (QEMU's -icount shift=0) the time stamp counter
 * counts them: at 1 GHz one instruction is one tick.  Elsewhere the figures
 * are times, and no bound is checked.
 */
#include <errno.h>
#include <fcntl.h>
#include <logger.h>
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
	return 0;
}

static int traced(void *unused)
{
	(void)unused;
	raise(SIGSTOP);
	page[2] = calls(TRACED_CALLS);
	return 0;
}

/* Records of the log: how many of each kind for getppid, how many ends. */
static long records[LOGGER_RETURN + 1], wrong;

static void read_log(void)
{
	struct logger_record r;
	char path[64];

	memset(records, 0, sizeof(records));
	for (int cpu = 0; cpu < 64; cpu++) {
		int fd;

		snprintf(path, sizeof(path), "/sys/kernel/debug/utrace-logger/cpu%d", cpu);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			break;
		while (read(fd, &r, sizeof(r)) == sizeof(r)) {
			if (r.what > LOGGER_RETURN) {
				wrong++;
				continue;
			}
			if (r.what < LOGGER_ENTRY || r.nr == SYS_getppid)
				records[r.what]++;
			if (r.what == LOGGER_RETURN && r.nr == SYS_getppid && r.value != getpid())
				wrong++;
		}
		close(fd);
	}
}

static unsigned long measure_logged(bool entries)
{
	const long calls = (long)RUNS * CALLS;
	char parameter[32];
	pid_t pid;
	int status;

	page[3] = 0;
	pid = subject(logged, NULL);
	snprintf(parameter, sizeof(parameter), "pid=%d entries=%d", pid, entries);
	if (module_load("utrace-logger", parameter))
		bail("utrace-logger %s", parameter);
	page[3] = 1;
	status = subject_wait(pid, 30000);
	check(!status, "the program ran: %x", status);
	read_log();
	check(records[LOGGER_RETURN] == calls && records[LOGGER_ENTRY] == (entries ? calls : 0) &&
		      records[LOGGER_EXIT] == 1 && !wrong,
	      "the log has %ld entries, %ld returns, %ld exits of %ld calls, %ld wrong",
	      records[LOGGER_ENTRY], records[LOGGER_RETURN], records[LOGGER_EXIT], calls, wrong);
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

int main(void)
{
	unsigned long none, one, two, ptrace_cost;
	bool exact;

	subject_init(110);
	exact = counted();
	check(!subject_wait(subject(plain, NULL), 30000), "a program runs");
	none = page[2];
	one = measure_logged(false);
	two = measure_logged(true);
	ptrace_cost = measure_traced();
	diag("a getppid: %lu alone, %lu logged, %lu logged at entry, too, %lu with PTRACE_SYSCALL",
	     none, one, two, ptrace_cost);
	if (!exact) {
		skip("instructions are not counted here", "a call seen by the logger: %lu", one - none);
		skip("instructions are not counted here", "two stops of ptrace: %lu", ptrace_cost - none);
		return done_testing();
	}
	check(one - none <= BOUND, "a call seen by the logger: %lu instructions, at most %d", one - none,
	      BOUND);
	diag("seen at entry, too: %lu", two - none);
	check(ptrace_cost - none > 10 * (one - none), "two stops of ptrace: %lu", ptrace_cost - none);
	return done_testing();
}
