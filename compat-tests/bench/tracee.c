/* tracee.c - a tracee that is stopped between the runs of an operation. */
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "ptrace.h"
#include "subject.h"

pid_t tracee;

/* Not the body alone: who kills the tracee must not be waited for. */
static int run_traceme(void *arg)
{
	void (*body)(void) = *(void (**)(void))arg;

	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	body();
	return 0;
}

bool begin_traceme(void (*body)(void), long options)
{
	int status;

	tracee = subject(run_traceme, &body);
	if (waitpid(tracee, &status, __WALL) == tracee && status == STOPPED(SIGSTOP) &&
	    !trace(PTRACE_SETOPTIONS, tracee, options))
		return true;
	bench_why = "no tracee";
	end_tracee();
	return false;
}

static int run_body(void *arg)
{
	void (*body)(void) = *(void (**)(void))arg;

	/* asleep until it is traced: it may have the only processor for itself */
	for (page[0] = 1; page[0] == 1;)
		sleep_ms(1);
	body();
	return 0;
}

bool begin_seized(void (*body)(void), long options)
{
	page[0] = 0;
	tracee = subject(run_body, &body);
	while (!page[0])
		sleep_ms(1);
	if (!trace(PTRACE_SEIZE, tracee, options) && !trace(PTRACE_INTERRUPT, tracee, 0) &&
	    trace_wait(tracee, 10000) == EVENT_STOP(SIGTRAP)) {
		page[0] = 2;
		return true;
	}
	bench_why = "no tracee by PTRACE_SEIZE";
	end_tracee();
	return false;
}

void end_tracee(void)
{
	int status;

	kill(tracee, SIGKILL);
	while (waitpid(tracee, &status, __WALL) == tracee && WIFSTOPPED(status))
		;
}

bool resume_to(pid_t pid, int request, int sig, int want)
{
	static char text[160];
	int status = -1, err = trace(request, pid, sig);

	if (!err && waitpid(pid, &status, __WALL) == pid && status == want)
		return true;
	snprintf(text, sizeof(text), "request %d: error %d, status %#x, expected %#x", request,
		 -err, status, want);
	bench_why = text;
	return false;
}

void call_getppid(void)
{
	for (;;)
		syscall(SYS_getppid);
}

void step_nops(void)
{
	__asm__ volatile("1: nop; nop; nop; nop; nop; nop; nop; jmp 1b");
}
