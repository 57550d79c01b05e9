/* held-tracee.c - a tracee that an engine holds, too: its tracer hears what is due, and leaves nothing behind. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

enum { READY = 10, GO };

static pid_t pid;
static int fd;

static int forks(void *unused)
{
	page[READY] = 1;
	while (!page[GO])
		;
	if (!fork())
		_exit(0);
	return sleeper(unused);
}

static void start(int (*run)(void *), unsigned long events)
{
	page[READY] = page[GO] = 0;
	pid = subject(run, NULL);
	fd = probe_open();
	if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "events %lx", events))
		bail("attach");
	if (!trace_seize(pid))
		bail("seize");
}

static void end(void)
{
	close(fd);
	subject_end(pid);
}

/* The stop for a new child is made at once, whoever holds the thread there. */
static void clone_told(void)
{
	unsigned long child = 0;
	int status;

	start(forks, EV(CLONE));
	if (trace(PTRACE_SETOPTIONS, pid, PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL) || trace(PTRACE_CONT, pid, 0))
		bail("PTRACE_CONT");
	probe_do(fd, "once %d %d", EV_CLONE, DO_STOP);
	page[GO] = 1;
	status = trace_wait(pid, PATIENCE);
	check(status == (PTRACE_EVENT_FORK << 16 | STOPPED(SIGTRAP)), "a fork, held by an engine: the tracer is told: %x",
	      (unsigned int)status);
	check(!probe_do(fd, "control %d", DO_STOP), "the engine holds it");
	check(!trace(PTRACE_GETEVENTMSG, pid, (long)&child) && child, "of which child: %lu", child);
	check(!probe_do(fd, "control %d", DO_RESUME), "let go");
	if (child) {
		kill((pid_t)child, SIGKILL);
		waitpid((pid_t)child, NULL, __WALL);
	}
	end();
}

/* A tracer that leaves takes with it what it did to the thread: it can be killed. */
static void killed_held(bool event_stop)
{
	const char *what = event_stop ? "detached in a stop for a signal" : "detached in PTRACE_INTERRUPT's stop";
	int got;

	start(spin, 0);
	if (event_stop && (trace(PTRACE_CONT, pid, 0) || kill(pid, SIGUSR1) ||
			   trace_wait(pid, PATIENCE) != STOPPED(SIGUSR1)))
		bail("no stop");
	got = probe_do(fd, "control %d", DO_STOP);
	check(!got, "%s: an engine holds it, too: %d", what, got);
	check(!trace(PTRACE_DETACH, pid, 0), "%s: detached", what);
	check(reaches(pid, 't', PATIENCE), "%s: it is held: %c", what, state_of(pid));
	kill(pid, SIGKILL);
	check(subject_wait(pid, PATIENCE) == SIGKILL, "%s: SIGKILL ends it, held as it is: %c", what, state_of(pid));
	/* or it could not be ended at all */
	probe_do(fd, "control %d", DO_RESUME);
	close(fd);
	subject_end(pid);
}

/* A listening tracer is told of the end of the stop, whoever holds the thread. */
static void listens(bool by_signal)
{
	const char *what = by_signal ? "SIGCONT" : "PTRACE_INTERRUPT";
	int status, got;

	start(spin, 0);
	if (trace(PTRACE_CONT, pid, 0) || kill(pid, SIGSTOP) || trace_wait(pid, PATIENCE) != STOPPED(SIGSTOP) ||
	    trace(PTRACE_CONT, pid, SIGSTOP) || trace_wait(pid, PATIENCE) != EVENT_STOP(SIGSTOP))
		bail("no group stop");
	check(!trace(PTRACE_LISTEN, pid, 0), "%s: it listens", what);
	got = probe_do(fd, "control %d", DO_STOP);
	check(!got, "%s: an engine holds it, too: %d", what, got);
	if (by_signal)
		kill(pid, SIGCONT);
	else
		check(!trace(PTRACE_INTERRUPT, pid, 0), "%s: interrupted", what);
	status = trace_wait(pid, PATIENCE);
	check(status == (by_signal ? EVENT_STOP(SIGTRAP) : EVENT_STOP(SIGSTOP)), "%s: the tracer is told: %x", what,
	      (unsigned int)status);
	check(!probe_do(fd, "control %d", DO_STOP), "%s: while the engine holds it", what);
	end();
}

/*
 * A request to stop that comes while an engine is asked, with a signal in hand
 * already: the stop for the signal is not the one that was asked for.
 */
static void trap_after_signal(void)
{
	struct probe_line line;
	int status;

	start(spin, 0);
	if (trace(PTRACE_CONT, pid, 0) || kill(pid, SIGSTOP) || trace_wait(pid, PATIENCE) != STOPPED(SIGSTOP))
		bail("no stop");
	/* asked of arrival once it has dequeued the next signal */
	kill(pid, SIGUSR1);
	probe_do(fd, "delay 20000000");
	if (probe_do(fd, "events %lx", EV(ARRIVAL)) || trace(PTRACE_CONT, pid, 0) ||
	    !probe_event(fd, EV_ARRIVAL, &line, PATIENCE))
		bail("no arrival");
	if (trace(PTRACE_INTERRUPT, pid, 0) || probe_do(fd, "delay 0"))
		bail("PTRACE_INTERRUPT");
	status = trace_wait(pid, PATIENCE);
	check(status == STOPPED(SIGUSR1), "an engine is asked with a signal in hand: %x", (unsigned int)status);
	check(!trace(PTRACE_CONT, pid, 0), "behind the stop for the signal");
	status = trace_wait(pid, PATIENCE);
	check(status == EVENT_STOP(SIGTRAP), "comes the one that was asked for meanwhile: %x", (unsigned int)status);
	end();
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	clone_told();
	killed_held(false);
	killed_held(true);
	listens(true);
	listens(false);
	trap_after_signal();
	return done_testing();
}
