/* ptrace.c - what a tracer does in tests of engines beside ptrace. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "ptrace.h"
#include "subject.h"

int trace(int request, pid_t pid, long data)
{
	return ptrace(request, pid, 0, data) < 0 ? -errno : 0;
}

int trace_wait(pid_t pid, int ms)
{
	long end = now_ms() + ms;
	int status;

	while (waitpid(pid, &status, WNOHANG | __WALL) != pid) {
		if (now_ms() > end)
			return -1;
		sleep_ms(1);
	}
	return status;
}

bool trace_seize(pid_t pid)
{
	return !trace(PTRACE_SEIZE, pid, PTRACE_O_TRACESYSGOOD) &&
	       !trace(PTRACE_INTERRUPT, pid, 0) &&
	       trace_wait(pid, PATIENCE) == EVENT_STOP(SIGTRAP);
}
