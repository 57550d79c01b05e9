/* crash.c - crash-suspend holds a thread at a core-dumping signal, but only if a debugger passed the signal on. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define RELEASE "/sys/kernel/debug/crash-suspend/release"

/* Crash when page[3] says 1; with 2 a child does. */
static int crash(void *unused)
{
	static const struct rlimit none;
	volatile long *volatile nowhere = (long *)8;

	(void)unused;
	setrlimit(RLIMIT_CORE, &none);
	while (!page[3])
		usleep(1000);
	if (page[3] == 2 && fork())
		for (;;)
			pause();
	page[4] = getpid();
	/* no memory there */
	for (;;)
		*nowhere = 1;
	return 0;
}

static pid_t watched(void)
{
	char parameter[32];
	pid_t pid;

	page[3] = page[4] = 0;
	pid = subject(crash, NULL);
	snprintf(parameter, sizeof(parameter), "pid=%d", pid);
	if (module_load("utrace-crash-suspend", parameter))
		bail("utrace-crash-suspend");
	return pid;
}

static int release(pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return put(RELEASE, text);
}

static void unload(void)
{
	int ret = module_unload("utrace_crash_suspend");

	check(!ret, "unloaded: %d", ret);
}

static void alone(void)
{
	pid_t pid = watched();
	int status;

	page[3] = 1;
	check(reaches(pid, 't', 5000), "no debugger: it is held: %c", state_of(pid));
	check(subject_wait(pid, 50) == -1, "and does not die");
	check(release(2) < 0, "a thread that is not watched cannot be released");
	check(!release(pid), "released");
	status = subject_wait(pid, 5000);
	check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "it dies of it: %x",
	      status);
	unload();

	pid = watched();
	page[3] = 1;
	reaches(pid, 't', 5000);
	kill(pid, SIGKILL);
	check(subject_wait(pid, 5000) == SIGKILL, "SIGKILL gets through");
	unload();

	pid = watched();
	page[3] = 1;
	reaches(pid, 't', 5000);
	unload();
	status = subject_wait(pid, 5000);
	check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	      "unloaded while one is held: it dies of its signal: %x", status);

	pid = watched();
	kill(pid, SIGTERM);
	check(subject_wait(pid, 5000) == SIGTERM, "a signal without a core is none of its business");
	unload();

	pid = watched();
	page[3] = 2;
	while (!page[4])
		sleep_ms(1);
	check(reaches(page[4], 't', 5000), "a child is held: %c", state_of(page[4]));
	check(!release(page[4]) && reaches(page[4], 'Z', 5000), "and released: %c", state_of(page[4]));
	check(subject_end(pid), "its parent ends");
	unload();
}

/* With a ptracer that passes the signal on, drops it, or leaves. */
static void debugged(void)
{
	pid_t pid = watched();
	int status;

	check(trace_seize(pid) && !trace(PTRACE_CONT, pid, 0), "a debugger");
	page[3] = 1;
	check(trace_wait(pid, 5000) == STOPPED(SIGSEGV), "it gets the signal");
	check(!trace(PTRACE_CONT, pid, SIGSEGV), "and passes it on");
	check(reaches(pid, 't', 5000) && trace(PTRACE_CONT, pid, 0) == -ESRCH &&
		      trace_wait(pid, 100) == -1,
	      "now it is held, and not by the debugger: %c", state_of(pid));
	check(!release(pid), "released");
	status = trace_wait(pid, 5000);
	check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "it dies of it: %x",
	      status);
	unload();

	pid = watched();
	check(trace_seize(pid) && !trace(PTRACE_CONT, pid, 0), "a debugger");
	page[3] = 1;
	check(trace_wait(pid, 5000) == STOPPED(SIGSEGV), "it gets the signal");
	check(!trace(PTRACE_CONT, pid, 0), "and drops it");
	check(trace_wait(pid, 5000) == STOPPED(SIGSEGV), "the instruction is repeated, not held: %c",
	      state_of(pid));
	check(release(pid) == -EINVAL, "there is nothing to release");
	check(!trace(PTRACE_DETACH, pid, SIGSEGV), "the debugger leaves with the signal");
	status = subject_wait(pid, 200);
	if (status == -1) {
		check(reaches(pid, 't', 5000), "it is held then: %c", state_of(pid));
		check(!release(pid), "released");
		status = subject_wait(pid, 5000);
	} else {
		check(false, "it is held then: it died, %x", status);
	}
	check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "it dies of it: %x",
	      status);
	unload();
}

int main(void)
{
	subject_init(55);
	alone();
	debugged();
	return done_testing();
}
