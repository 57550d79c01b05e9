/* stepping.c - engines that step over system calls and leave, or step beside ptrace; and what belongs to a call that is over. */
/* seconds: 120 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* In the page: bytes that the reader has read, the last result, and where a handler begins. */
enum { READS = 10, RESULT, HANDLER, HANDLED };
/* IGN, and go on stepping; signal verdicts as in <linux/utrace.h> */
#define IGN_STEP (0x10 | DO_SINGLESTEP)

static int pipe_in, fd;
static pid_t pid;

/* Reads byte by byte; in between it makes no call. */
static int reader(void *unused)
{
	char c;

	(void)unused;
	for (;;) {
		page[RESULT] = syscall(SYS_read, pipe_in, &c, 1);
		page[READS]++;
		for (volatile int i = 0; i < 20; i++)
			;
	}
	return 0;
}

static int start_reader(void)
{
	int fds[2];

	if (pipe(fds))
		bail("pipe");
	pipe_in = fds[0];
	page[READS] = page[RESULT] = 0;
	pid = subject_keeping(fds[0], reader, NULL);
	close(fds[0]);
	if (!reaches(pid, 'S', PATIENCE))
		bail("the reader does not read");
	fd = probe_open();
	if (probe_do(fd, "attach %d 0", pid))
		bail("attach");
	return fds[1];
}

static bool reads(int out, long n)
{
	if (write(out, "x", 1) != 1)
		return false;
	for (long end = now_ms() + PATIENCE; now_ms() < end; sleep_ms(1))
		if (page[READS] == n)
			return true;
	return false;
}

static void end_reader(int out, const char *how)
{
	check(waitpid(pid, NULL, WNOHANG) == 0, "%s: the program lives", how);
	close(fd);
	close(out);
	subject_end(pid);
}

/* The engine goes, or wants no step any more, while the call that it steps over sleeps. */
static void leaves_in_call(int action, const char *how)
{
	struct probe_line line;
	int out = start_reader();

	probe_do(fd, "on %d %x", EV_SIGNAL, IGN_STEP);
	probe_do(fd, "events %lx", EV(QUIESCE) | EV(SIGNAL_CORE));
	check(!probe_do(fd, "control %d", DO_SINGLESTEP), "%s: step", how);
	check(reads(out, 1), "%s: to a call, and over it", how);
	check(probe_event(fd, EV_SIGNAL, &line, PATIENCE), "%s: it steps", how);
	check(reaches(pid, 'S', 10000), "%s: it sleeps in the next call", how);
	check(!probe_do(fd, "control %d", action), "%s", how);
	probe_drop(fd);
	check(reads(out, 2), "%s: the call returns", how);
	check(reads(out, 3), "%s: and the next", how);
	end_reader(out, how);
}

/* The engine leaves in the report of the call's exit. */
static void leaves_at_exit(void)
{
	const char *how = "leaves at the exit";
	int out = start_reader();

	probe_do(fd, "on %d %x", EV_SIGNAL, IGN_STEP);
	probe_do(fd, "on %d %d", EV_SYSCALL_EXIT, DO_SINGLESTEP);
	probe_do(fd, "events %lx", EV(QUIESCE) | EV(SIGNAL_CORE) | EV(SYSCALL_EXIT));
	probe_do(fd, "control %d", DO_SINGLESTEP);
	check(reads(out, 1), "%s: over a call", how);
	check(reaches(pid, 'S', 10000), "%s: it sleeps in the next call", how);
	probe_do(fd, "once %d %d", EV_SYSCALL_EXIT, DO_DETACH);
	check(reads(out, 2), "%s: the call returns", how);
	check(reads(out, 3), "%s: and the next", how);
	end_reader(out, how);
}

/* The trap of the call's end is there, and another engine holds the thread, when the engine leaves. */
static void leaves_behind_trap(void)
{
	const char *how = "leaves behind the trap";
	int out = start_reader(), other = probe_open();

	probe_do(fd, "on %d %x", EV_SIGNAL, IGN_STEP);
	probe_do(fd, "events %lx", EV(QUIESCE) | EV(SIGNAL_CORE));
	probe_do(fd, "control %d", DO_SINGLESTEP);
	check(reads(out, 1) && reaches(pid, 'S', 10000), "%s: it sleeps in a call", how);
	probe_do(other, "attach %d 0", pid);
	check(probe_do(other, "control %d", DO_STOP) == -EINPROGRESS, "%s: another wants it to stop", how);
	check(write(out, "x", 1) == 1 && reaches(pid, 't', PATIENCE), "%s: it is held on its way out", how);
	check(!probe_do(fd, "control %d", DO_DETACH), "%s: the first one leaves", how);
	check(!probe_do(other, "control %d", DO_RESUME), "%s: the other lets go", how);
	check(reads(out, 3), "%s: it reads on", how);
	close(other);
	end_reader(out, how);
}

/* It leaves by the report that comes between the making of that trap and its signal; another one hears of neither. */
static void leaves_before_trap(bool watched)
{
	const char *how = watched ? "leaves before the trap, watched" : "leaves before the trap";
	int out = start_reader(), other = probe_open();
	struct probe_line line = { 0 };

	probe_do(fd, "on %d %x", EV_SIGNAL, IGN_STEP);
	probe_do(fd, "on %d %x", EV_ARRIVAL, DO_SINGLESTEP);
	probe_do(fd, "events %lx", EV(SIGNAL_CORE) | EV(ARRIVAL));
	check(!probe_do(fd, "control %d", DO_SINGLESTEP), "%s: step", how);
	check(reads(out, 1) && reaches(pid, 'S', 10000), "%s: it sleeps in a call", how);
	if (watched && (probe_do(other, "attach %d 0", pid) || probe_do(other, "events %lx", EV(SIGNAL_CORE))))
		bail("attach");
	probe_do(fd, "once %d %x", EV_ARRIVAL, DO_DETACH);
	check(reads(out, 2), "%s: the call returns", how);
	check(probe_do(fd, "control %d", DO_RESUME) == -ESRCH, "%s: it has left", how);
	check(reads(out, 3), "%s: and the next", how);
	check(!probe_event(other, EV_SIGNAL, &line, 0), "%s: nobody hears of a signal: %ld", how, line.extra);
	close(other);
	end_reader(out, how);
}

/* An engine takes a call back, and wants no more of them, at once. */
static void last_call(void)
{
	int out = start_reader();

	probe_do(fd, "events %lx", EV(ENTRY) | EV(SYSCALL_EXIT));
	check(reads(out, 1) && reads(out, 2), "an engine sees calls");
	check(reaches(pid, 'S', PATIENCE), "the next one sleeps");
	probe_do(fd, "once %d %x", EV_SYSCALL_EXIT, 0x200 | DO_REPORT);
	check(!probe_do(fd, "within %d events %lx", EV_SYSCALL_EXIT, EV(QUIESCE)), "it is to be the last");
	check(reads(out, 3), "it returns");
	check(page[RESULT] == SYS_read, "and is rolled back: %ld", page[RESULT]);
	check(reads(out, 4) && page[RESULT] == 1, "the next is not: %ld", page[RESULT]);
	end_reader(out, "last call");
}

/* A rollback has the registers of the call it is made in, or none. */
static void old_call(void)
{
	int out = start_reader();

	probe_do(fd, "events %lx", EV(ENTRY));
	check(reads(out, 1), "an engine sees the entry of a call");
	check(reaches(pid, 'S', PATIENCE), "which sleeps");
	check(!probe_do(fd, "events 0"), "it wants no more");
	check(reads(out, 2), "the call returns");
	check(reaches(pid, 'S', PATIENCE), "the next one sleeps");
	probe_do(fd, "once %d %x", EV_SYSCALL_EXIT, 0x200 | DO_RESUME);
	check(!probe_do(fd, "events %lx", EV(SYSCALL_EXIT)), "the engine wants its exit");
	check(reads(out, 3), "it returns, and is to be rolled back");
	check(page[RESULT] == 1, "to nothing that was saved: %ld", page[RESULT]);
	end_reader(out, "old call");
}

static void handler(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	page[HANDLED]++;
}

static int catcher(void *unused)
{
	const struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	page[HANDLER] = (long)handler;
	sigaction(SIGUSR1, &sa, NULL);
	return spin(unused);
}

static unsigned long ip(void)
{
	struct user_regs_struct regs;

	return ptrace(PTRACE_GETREGS, pid, 0, &regs) ? 0 : regs.rip;
}

static void start_traced(int (*run)(void *), unsigned long events)
{
	pid = subject(run, NULL);
	moves(0);
	fd = probe_open();
	if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "events %lx", events) || !trace_seize(pid))
		bail("attach");
}

static void end_traced(const char *how)
{
	close(fd);
	check(!trace(PTRACE_DETACH, pid, 0) && moves(0), "%s: ptrace lets go", how);
	subject_end(pid);
}

/* ptrace steps into a handler while an inner engine looks at signals. */
static void into_handler(void)
{
	siginfo_t info = { 0 };

	page[HANDLED] = 0;
	start_traced(catcher, EV(QUIESCE));
	/* what it returns for the frame is no verdict */
	probe_do(fd, "on %d %d", EV_SIGNAL, DO_RESUME);
	trace(PTRACE_CONT, pid, 0);
	kill(pid, SIGUSR1);
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGUSR1), "a handled signal");
	check(!trace(PTRACE_SINGLESTEP, pid, SIGUSR1), "step into its handler");
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGTRAP), "the step ends");
	check(!ptrace(PTRACE_GETSIGINFO, pid, 0, &info) && info.si_signo == SIGTRAP, "as a trap: %d",
	      info.si_signo);
	check(ip() == (unsigned long)page[HANDLER], "at the first instruction: %lx, %lx", ip(),
	      page[HANDLER]);
	check(!trace(PTRACE_CONT, pid, 0) && moves(0) && page[HANDLED] == 1, "it runs once: %ld",
	      page[HANDLED]);
	trace(PTRACE_INTERRUPT, pid, 0);
	trace_wait(pid, PATIENCE);
	end_traced("into a handler");
}

/*
 * The same beside an engine without report_signal: report_quiesce is given
 * events that engines can want, and the end of ptrace's step is none.
 */
static void quiet_in_handler(void)
{
	const char *what = "into a handler, report_quiesce alone";
	struct probe_line line = { 0 };
	int reports = 0, private = 0;
	siginfo_t info = { 0 };

	page[HANDLED] = 0;
	pid = subject(catcher, NULL);
	moves(0);
	fd = probe_open();
	if (probe_do(fd, "attach_few %d", pid) || probe_do(fd, "events %lx", EV(QUIESCE)) || !trace_seize(pid))
		bail("attach");
	trace(PTRACE_CONT, pid, 0);
	kill(pid, SIGUSR1);
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGUSR1), "%s: a handled signal", what);
	probe_drop(fd);
	check(!trace(PTRACE_SINGLESTEP, pid, SIGUSR1), "%s: step into its handler", what);
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGTRAP), "%s: the step ends", what);
	check(!ptrace(PTRACE_GETSIGINFO, pid, 0, &info) && info.si_signo == SIGTRAP && !page[HANDLED],
	      "%s: as a trap, before the handler runs: %ld", what, page[HANDLED]);
	while (probe_read(fd, &line, 0)) {
		check(line.event == EV_QUIESCE, "%s: report_quiesce for %lx", what, line.extra);
		private += !!(line.extra & EV(TRAP));
		reports++;
	}
	/* one for the signal that was passed on, one for its frame */
	check(reports == 2 && !private, "%s: %d calls, %d of them with what is ptrace's", what, reports, private);
	check(!trace(PTRACE_CONT, pid, 0) && moves(0), "%s: it runs on", what);
	trace(PTRACE_INTERRUPT, pid, 0);
	trace_wait(pid, PATIENCE);
	end_traced(what);
}

/* ptrace steps while an engine steps as well, each time anew on the way to user mode. */
static void both_step(void)
{
	unsigned long was = 0;
	int good = 0;

	start_traced(spin, 0);
	probe_do(fd, "on %d %d", EV_FINAL, DO_SINGLESTEP);
	probe_do(fd, "on %d %d", EV_ARRIVAL, DO_RESUME);
	check(!probe_do(fd, "events %lx", EV(ARRIVAL) | EV(FINAL)), "an engine that steps at the border");
	while (good < 50 && !trace(PTRACE_SINGLESTEP, pid, 0) && trace_wait(pid, PATIENCE) == STOPPED(SIGTRAP) &&
	       ip() != was) {
		was = ip();
		good++;
	}
	check(good == 50, "ptrace steps %d of 50 times beside it", good);
	if (good < 50) {
		trace(PTRACE_INTERRUPT, pid, 0);
		trace_wait(pid, 3000);
	}
	probe_do(fd, "events 0");
	end_traced("both step");
}

/* An engine that leaves while it steps, wherever its trap is then, leaves a program that lives. */
static void leaves_while_it_steps(bool watched)
{
	const char *how = watched ? "leaves while it steps, watched" : "leaves while it steps";
	int round, watcher = -1;
	struct probe_line line;

	pid = subject(spin, NULL);
	moves(0);
	if (watched) {
		watcher = probe_open();
		probe_do(watcher, "attach %d 0", pid);
		check(!probe_do(watcher, "events %lx", EV(SIGNAL_CORE)), "%s: another one sees signals", how);
	}
	for (round = 0; round < 100; round++) {
		fd = probe_open();
		probe_do(fd, "attach %d 0", pid);
		probe_do(fd, "on %d %x", EV_SIGNAL, IGN_STEP);
		probe_do(fd, "events %lx", EV(QUIESCE) | EV(SIGNAL_CORE));
		probe_do(fd, "control %d", DO_SINGLESTEP);
		if (!probe_event(fd, EV_SIGNAL, &line, PATIENCE) || probe_do(fd, "detach_sync"))
			break;
		close(fd);
		if (!moves(0))
			break;
	}
	check(round == 100 && !waitpid(pid, NULL, WNOHANG), "%s: the program lives, round %d", how, round);
	if (watched)
		close(watcher);
	subject_end(pid);
}

/* The tracer dies where a step has ended in a handler: who steps later is the only one. */
static int dies_in_handler(void *unused)
{
	(void)unused;
	if (!trace_seize(pid) || trace(PTRACE_CONT, pid, 0))
		return 1;
	kill(pid, SIGUSR1);
	if (trace_wait(pid, PATIENCE) != STOPPED(SIGUSR1) || trace(PTRACE_SINGLESTEP, pid, SIGUSR1) ||
	    trace_wait(pid, PATIENCE) != STOPPED(SIGTRAP))
		return 2;
	return 3;
}

static void after_ptrace(void)
{
	struct probe_line line;
	int n = 0;

	pid = subject(catcher, NULL);
	moves(0);
	check(subject_wait(subject(dies_in_handler, NULL), 10000) == 3 << 8,
	      "a tracer dies where its step met a handler");
	check(moves(0), "the program goes on");
	fd = probe_open();
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "on %d %x", EV_SIGNAL, IGN_STEP);
	probe_do(fd, "events %lx", EV(QUIESCE) | EV(SIGNAL_CORE));
	probe_do(fd, "control %d", DO_SINGLESTEP);
	while (n < 20 && probe_event(fd, EV_SIGNAL, &line, 2000))
		n++;
	check(n == 20, "an engine steps it %d of 20 times", n);
	check(!probe_do(fd, "detach_sync"), "and leaves");
	check(moves(0) && moves(0) && !waitpid(pid, NULL, WNOHANG), "the program lives");
	close(fd);
	subject_end(pid);
}

/* INTERRUPT at a stop at the entry asks for one more round, not for one after each. */
static void interrupted_entry(void)
{
	struct probe_line line;
	int other, rounds = 0;
	long was;

	pid = subject(call, NULL);
	moves(0);
	fd = probe_open();
	other = probe_open();
	probe_do(fd, "attach %d 0", pid);
	probe_do(other, "attach %d 0", pid);
	probe_do(other, "events %lx", EV(QUIESCE));
	probe_do(fd, "on %d %d", EV_ENTRY, DO_STOP);
	probe_do(fd, "events %lx", EV(ENTRY));
	check(reaches(pid, 't', PATIENCE), "held at an entry");
	was = page[0];
	check(!probe_do(other, "control %d", DO_INTERRUPT), "another engine wants to interrupt");
	probe_drop(fd);
	while (rounds < 5 && page[0] == was) {
		if (probe_do(fd, "control %d", DO_RESUME))
			break;
		rounds++;
		for (long end = now_ms() + 2000; now_ms() < end && page[0] == was; sleep_ms(1))
			if (probe_read(fd, &line, 0))
				break;
		sleep_ms(20);
	}
	check(page[0] != was && rounds <= 2, "the call is made when it was let go %d times", rounds);
	probe_do(fd, "on %d %d", EV_ENTRY, DO_RESUME);
	probe_do(fd, "control %d", DO_RESUME);
	check(moves(0), "and it goes on");
	close(fd);
	close(other);
	subject_end(pid);
}

/* ptrace's engine is not to be had, nor flags that are none. */
static void not_to_be_had(void)
{
	start_traced(spin, 0);
	check(probe_do(fd, "detach_sync") == 0, "ptrace is alone");
	check(probe_do(fd, "find %d 0", pid) == -ENOENT, "its engine is not found by who names no ops");
	check(probe_do(fd, "attach %d 600", pid) == -EINVAL, "no such place");
	check(probe_do(fd, "attach %d 1000", pid) == -EINVAL, "no such flag");
	check(!trace(PTRACE_CONT, pid, 0) && moves(0), "ptrace works on");
	trace(PTRACE_INTERRUPT, pid, 0);
	trace_wait(pid, PATIENCE);
	end_traced("not to be had");
}

int main(void)
{
	subject_init(110);
	signal(SIGPIPE, SIG_IGN);	/* of a reader that was killed */
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	leaves_in_call(DO_DETACH, "leaves in a call");
	leaves_in_call(DO_RESUME, "wants no step in a call");
	leaves_at_exit();
	leaves_behind_trap();
	leaves_before_trap(false);
	leaves_before_trap(true);
	old_call();
	last_call();
	into_handler();
	quiet_in_handler();
	both_step();
	after_ptrace();
	leaves_while_it_steps(false);
	leaves_while_it_steps(true);
	interrupted_entry();
	not_to_be_had();
	return done_testing();
}
