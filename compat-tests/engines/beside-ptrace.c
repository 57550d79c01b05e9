/* beside-ptrace.c - engines beside PTRACE_SYSCALL, SYSEMU, SINGLESTEP, group stops, parting signals: both orders of letting go, and wait. */
/* seconds: 180 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

static pid_t pid;
static int fd;

static void start(int (*run)(void *), unsigned long events)
{
	pid = subject(run, NULL);
	moves(0);
	fd = probe_open();
	if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "events %lx", events))
		bail("attach");
	if (!trace_seize(pid))
		bail("seize");
}

static void finish(const char *what)
{
	close(fd);
	trace(PTRACE_INTERRUPT, pid, 0);
	trace_wait(pid, 2000);
	check(!trace(PTRACE_DETACH, pid, 0), "%s: ptrace lets go", what);
	if (!check(moves(0), "%s: the thread runs", what))
		whereabouts(pid);
	check(subject_end(pid), "%s: and ends", what);
}

/* ptrace's wait has nothing to tell, and its requests say that it runs. */
static void silent(const char *what)
{
	check(trace_wait(pid, 100) == -1, "%s: wait tells nothing", what);
	check(trace(PTRACE_CONT, pid, 0) == -ESRCH, "%s: for ptrace it is not stopped", what);
	check(state_of(pid) == 't', "%s: it stands still: %c", what, state_of(pid));
}

enum last { PTRACE_LAST, ENGINE_LAST };

/* ptrace and the engine have both stopped it, once: the engine was told. */
static bool both(int request, unsigned int event)
{
	struct probe_line line;

	if (trace_wait(pid, PATIENCE) != SYSCALL_STOP)
		return false;
	if (!probe_read(fd, &line, PATIENCE) || line.event != event)
		return false;
	/* PTRACE_SYSEMU skips the call: the engine is told so */
	return event != EV_ENTRY || !!(line.action & 0x10) == (request == PTRACE_SYSEMU);
}

/* They let go in turns; in between it stands still, and wait says nothing. */
static bool let_go(int request, int round)
{
	if (round % 2 && trace(request, pid, 0))
		return false;
	if (!(round % 2) && probe_do(fd, "control %d", DO_RESUME))
		return false;
	if (round % 10 < 2 && (trace_wait(pid, 20) != -1 || state_of(pid) != 't'))
		return false;
	return round % 2 ? !probe_do(fd, "control %d", DO_RESUME) : !trace(request, pid, 0);
}

/* The exit of a call that SYSEMU skipped is the engine's alone. */
static bool engine_alone(int round)
{
	struct probe_line line;

	if (!probe_read(fd, &line, PATIENCE) || line.event != EV_SYSCALL_EXIT)
		return false;
	if (round % 10 == 0 && trace_wait(pid, 20) != -1)
		return false;
	return !probe_do(fd, "control %d", DO_RESUME);
}

/* At each call both stop. */
static void syscalls(int request, const char *what)
{
	int good = 0, round;

	start(call, 0);
	probe_do(fd, "on %d %d", EV_ENTRY, DO_STOP);
	probe_do(fd, "on %d %d", EV_SYSCALL_EXIT, DO_STOP);
	probe_do(fd, "events %lx", EV(ENTRY) | EV(SYSCALL_EXIT));
	if (!trace(request, pid, 0)) {
		for (round = 0; round < 100; round++) {
			if (!both(request, EV_ENTRY) || !let_go(request, round))
				break;
			if (request == PTRACE_SYSEMU ?
				    !engine_alone(round) :
				    !both(request, EV_SYSCALL_EXIT) || !let_go(request, round))
				break;
			good++;
		}
	}
	if (!check(good == 100, "%s and an engine that stops at each call: %d calls", what, good))
		whereabouts(pid);
	probe_do(fd, "on %d %d", EV_ENTRY, DO_RESUME);
	probe_do(fd, "on %d %d", EV_SYSCALL_EXIT, DO_RESUME);
	probe_do(fd, "control %d", DO_RESUME);
	trace(PTRACE_CONT, pid, 0);
	finish(what);
}

/* Both hold it, in a stop of ptrace that the engine joins. */
static void joined(enum last last)
{
	const char *what = last == PTRACE_LAST ? "joined, ptrace last" : "joined, engine last";

	start(spin, 0);
	check(!probe_do(fd, "control %d", DO_STOP), "%s: the engine's stop is there at once", what);
	check(!probe_do(fd, "examine"), "%s: the engine looks at it", what);
	if (last == PTRACE_LAST) {
		check(!probe_do(fd, "control %d", DO_RESUME), "%s: the engine lets go", what);
		check(still(0), "%s: ptrace still holds it", what);
		check(!trace(PTRACE_CONT, pid, 0), "%s: ptrace lets go", what);
	} else {
		check(!trace(PTRACE_CONT, pid, 0), "%s: ptrace lets go", what);
		check(still(0), "%s: the engine still holds it", what);
		silent(what);
		check(!probe_do(fd, "control %d", DO_RESUME), "%s: the engine lets go", what);
	}
	check(moves(0), "%s: it runs", what);
	finish(what);
}

/* The engine holds it, then ptrace asks for a stop. */
static void held_first(enum last last)
{
	const char *what = last == PTRACE_LAST ? "held first, ptrace last" : "held first, engine last";

	start(spin, 0);
	trace(PTRACE_CONT, pid, 0);
	probe_do(fd, "control %d", DO_STOP);
	check(reaches(pid, 't', PATIENCE), "%s: the engine holds it", what);
	silent(what);
	check(!trace(PTRACE_INTERRUPT, pid, 0), "%s: ptrace asks for a stop", what);
	silent(what);
	if (last == ENGINE_LAST) {
		/* killed in between nobody is stuck: tried with the next one */
		check(!probe_do(fd, "control %d", DO_RESUME), "%s: the engine lets go", what);
		check(trace_wait(pid, PATIENCE) == EVENT_STOP(SIGTRAP), "%s: now ptrace has its stop", what);
		check(!probe_do(fd, "control %d", DO_STOP), "%s: the engine holds again", what);
		check(!trace(PTRACE_CONT, pid, 0) && still(0), "%s: ptrace lets go first", what);
		probe_do(fd, "control %d", DO_RESUME);
	} else {
		check(!probe_do(fd, "control %d", DO_DETACH), "%s: the engine leaves", what);
		check(trace_wait(pid, PATIENCE) == EVENT_STOP(SIGTRAP), "%s: now ptrace has its stop", what);
		check(still(0), "%s: and holds it", what);
		check(!trace(PTRACE_CONT, pid, 0), "%s: ptrace lets go", what);
	}
	check(moves(0), "%s: it runs", what);
	finish(what);
}

/* ptrace steps while the engine stops at every trap, and without it. */
static void steps(void)
{
	struct user_regs_struct regs;
	struct probe_line line;
	unsigned long ip = 0;
	int good = 0;

	start(spin, EV(SIGNAL_CORE));
	for (int i = 0; i < 200; i++) {
		/* the step's SIGTRAP is shown to ptrace first, which eats it */
		if (trace(PTRACE_SINGLESTEP, pid, 0) || trace_wait(pid, PATIENCE) != STOPPED(SIGTRAP) ||
		    ptrace(PTRACE_GETREGS, pid, 0, &regs) || regs.rip == ip)
			break;
		if (i % 4 == 3) {
			/* a hold in between makes no difference */
			if (probe_do(fd, "control %d", DO_STOP) || trace(PTRACE_SINGLESTEP, pid, 0) ||
			    trace_wait(pid, 5) != -1 || probe_do(fd, "control %d", DO_RESUME) ||
			    trace_wait(pid, PATIENCE) != STOPPED(SIGTRAP))
				break;
			ptrace(PTRACE_GETREGS, pid, 0, &regs);
		}
		ip = regs.rip;
		good++;
	}
	check(good == 200, "ptrace steps %d of 200 times beside an engine", good);
	check(!probe_read(fd, &line, 0), "the engine saw no trap that ptrace ate");
	/* passed on, it is the engine's to decide */
	probe_do(fd, "once %d %x", EV_SIGNAL, 0x10 | DO_RESUME);
	check(!trace(PTRACE_CONT, pid, SIGTRAP), "ptrace passes a trap on");
	check(probe_event(fd, EV_SIGNAL, &line, PATIENCE) && line.extra == SIGTRAP &&
		      (line.action & 0xf0) == 0x30,
	      "the engine is asked: signal %ld, action %x", line.extra, line.action);
	check(moves(0), "and drops it");
	/* both step at the same time */
	probe_do(fd, "on %d %x", EV_SIGNAL, 0x10 | DO_SINGLESTEP);
	trace(PTRACE_INTERRUPT, pid, 0);
	trace_wait(pid, PATIENCE);
	check(!probe_do(fd, "control %d", DO_SINGLESTEP), "the engine steps, too");
	good = 0;
	for (int i = 0; i < 50; i++) {
		if (trace(PTRACE_SINGLESTEP, pid, 0) || trace_wait(pid, PATIENCE) != STOPPED(SIGTRAP))
			break;
		good++;
	}
	check(good == 50, "ptrace steps %d of 50 times while an engine does", good);
	probe_do(fd, "on %d %x", EV_SIGNAL, 0x10 | DO_RESUME);
	probe_do(fd, "control %d", DO_RESUME);
	trace(PTRACE_CONT, pid, 0);
	finish("steps");
}

/*
 * A group stop while the engine holds, and a hold in a group stop.  An engine
 * that wants to hear of group stops delays ptrace no more than another.
 */
static void group_stops(unsigned long events, int action)
{
	const char *who = !events ? "a silent one" :
			  action == DO_STOP ? "JCTL returns STOP" : "JCTL returns RESUME";
	struct probe_line line;

	start(spin, events);
	trace(PTRACE_CONT, pid, 0);
	probe_do(fd, "control %d", DO_STOP);
	reaches(pid, 't', PATIENCE);
	kill(pid, SIGSTOP);
	silent("SIGSTOP under a hold");
	check(!probe_do(fd, "control %d", DO_RESUME), "%s: the engine lets go", who);
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGSTOP), "%s: the signal comes", who);
	check(!trace(PTRACE_CONT, pid, SIGSTOP), "%s: and is passed on", who);
	check(trace_wait(pid, PATIENCE) == EVENT_STOP(SIGSTOP), "%s: the group stop comes", who);
	check(!probe_do(fd, "control %d", DO_STOP), "%s: the engine holds it there", who);
	check(!trace(PTRACE_LISTEN, pid, 0), "%s: ptrace listens", who);
	check(trace_wait(pid, 50) == -1, "%s: and hears nothing", who);
	probe_drop(fd);
	probe_do(fd, "on %d %d", EV_JCTL, action);
	kill(pid, SIGCONT);
	check(trace_wait(pid, PATIENCE) == EVENT_STOP(SIGTRAP), "%s: SIGCONT is told under the hold", who);
	check(!events || probe_event(fd, EV_JCTL, &line, PATIENCE), "%s: and to the engine", who);
	check(!trace(PTRACE_CONT, pid, 0), "%s: ptrace goes on", who);
	check(trace_wait(pid, 50) == -1, "%s: the engine still holds it", who);
	check(!probe_do(fd, "control %d", DO_RESUME), "%s: the engine lets go", who);
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGCONT), "%s: SIGCONT comes", who);
	check(!trace(PTRACE_CONT, pid, 0), "%s: and is dropped", who);
	finish("group stops");
}

/* A parting signal waits under a hold, and a new tracer comes meanwhile. */
static void handler(int sig)
{
	(void)sig;
	page[6]++;
}

static int catcher(void *unused)
{
	signal(SIGUSR1, handler);
	return spin(unused);
}

static void parting(void)
{
	page[6] = 0;
	start(catcher, 0);
	trace(PTRACE_CONT, pid, 0);
	kill(pid, SIGUSR1);
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGUSR1), "a signal is shown");
	check(!probe_do(fd, "control %d", DO_STOP), "the engine joins the stop");
	check(!trace(PTRACE_DETACH, pid, SIGUSR1), "ptrace leaves, passes the signal");
	check(still(0) && state_of(pid) == 't', "the engine holds it: %c", state_of(pid));
	check(!trace(PTRACE_SEIZE, pid, 0), "a new tracer comes");
	silent("parting signal");
	check(page[6] == 0, "no handler ran");
	check(!probe_do(fd, "control %d", DO_RESUME), "the engine lets go");
	check(moves(0), "it runs");
	check(trace_wait(pid, 100) == -1, "the signal is not shown again");
	check(page[6] == 1, "and not lost: handled %ld times", page[6]);
	kill(pid, SIGUSR1);
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGUSR1), "the next one is shown");
	check(!trace(PTRACE_CONT, pid, 0), "and dropped");
	check(moves(0) && page[6] == 1, "handled %ld times", page[6]);
	finish("parting signal");
}

/* SIGKILL in a stop of both; the tracer dies in one. */
static int tracer(void *unused)
{
	(void)unused;
	if (!trace_seize(pid))
		return 1;
	page[5] = 1;
	pause();
	return 0;
}

static void ends(void)
{
	pid_t t;

	start(spin, 0);
	probe_do(fd, "control %d", DO_STOP);
	kill(pid, SIGKILL);
	check(trace_wait(pid, PATIENCE) == SIGKILL, "SIGKILL gets through a stop of both");
	close(fd);

	pid = subject(spin, NULL);
	moves(0);
	fd = probe_open();
	probe_do(fd, "attach %d 0", pid);
	page[5] = 0;
	t = subject(tracer, NULL);
	while (!page[5])
		sleep_ms(1);
	check(!probe_do(fd, "control %d", DO_STOP), "another tracer's stop, joined");
	check(subject_end(t), "the tracer dies");
	check(still(0) && state_of(pid) == 't', "the engine holds it: %c", state_of(pid));
	check(!probe_do(fd, "control %d", DO_RESUME) && moves(0), "until it lets go");
	close(fd);
	check(subject_end(pid), "it ends");
}

/* The number of the first report to the engine, whatever it is; -1: there is none. */
static int any_report(void)
{
	struct probe_line line;

	return probe_read(fd, &line, 0) ? (int)line.event : -1;
}

static void unreported(const char *what, const char *when)
{
	int event = any_report();

	check(event == -1, "%s: nothing is reported %s: %d", what, when, event);
}

/* Who lets go of a thread that sleeps in a group stop, in what order. */
enum parting { DETACH_FIRST, CONT_FIRST, RESUME_FIRST, PARTINGS };

/*
 * The engine is told at once that a thread asleep in a group stop stands still.
 * A tracer attaches, which moves the thread to a stop of its own: nothing is
 * reported to the engine before it has let go.
 */
static void asleep(int request, enum parting how)
{
	static const char *const names[PARTINGS] = {
		"ptrace detaches first", "ptrace goes on first", "the engine lets go first",
	};
	/* PTRACE_ATTACH sends a SIGSTOP, which is shown when the thread goes on */
	int wanted = request == PTRACE_SEIZE ? EVENT_STOP(SIGSTOP) : STOPPED(SIGSTOP);
	struct probe_line line = { 0 };
	char what[64];
	bool there;
	int status;

	snprintf(what, sizeof(what), "%s asleep in a group stop, %s", request == PTRACE_SEIZE ? "SEIZE" : "ATTACH",
		 names[how]);
	pid = subject(spin, NULL);
	moves(0);
	kill(pid, SIGSTOP);
	there = reaches(pid, 'T', PATIENCE);
	check(there, "%s: it stops: %c", what, state_of(pid));
	fd = probe_open();
	if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "events %lx", EV(QUIESCE) | EV(ARRIVAL) | EV(FINAL)))
		bail("attach");
	status = probe_do(fd, "control %d", DO_STOP);
	check(!status, "%s: the engine holds it at once: %d", what, status);
	check(!trace(request, pid, 0), "%s: a tracer attaches", what);
	status = trace_wait(pid, PATIENCE);
	check(status == wanted, "%s: and has its stop: %x, expected %x", what, status, wanted);
	there = reaches(pid, 't', PATIENCE);
	check(there, "%s: it is traced: %c", what, state_of(pid));
	unreported(what, "when the tracer has its stop");
	check(!probe_do(fd, "examine"), "%s: the engine can look at it", what);

	if (how == RESUME_FIRST) {
		check(!probe_do(fd, "control %d", DO_RESUME), "%s: the engine does", what);
		status = trace_wait(pid, 20);
		check(status == -1 && reaches(pid, 't', 0), "%s: ptrace holds it: %x", what, status);
		unreported(what, "as long as ptrace holds it");
		check(!trace(PTRACE_DETACH, pid, 0), "%s: and ptrace", what);
	} else {
		check(!trace(how == CONT_FIRST ? PTRACE_CONT : PTRACE_DETACH, pid, 0), "%s: ptrace does", what);
		status = trace_wait(pid, 20);
		check(status == -1 && reaches(pid, 't', 0), "%s: the engine holds it: %x", what, status);
		unreported(what, "as long as the engine holds it");
		check(!probe_do(fd, "control %d", DO_RESUME), "%s: and the engine", what);
	}
	if (how == CONT_FIRST) {
		/* ptrace's CONT makes it run in the stopped group */
		if (request == PTRACE_ATTACH) {
			status = trace_wait(pid, PATIENCE);
			check(status == STOPPED(SIGSTOP), "%s: the SIGSTOP of the attach is shown: %x", what, status);
			trace(PTRACE_CONT, pid, 0);
		}
	} else {
		there = reaches(pid, 'T', PATIENCE);
		check(there, "%s: it is in the group stop again: %c", what, state_of(pid));
		kill(pid, SIGCONT);
	}
	if (!check(moves(0), "%s: it runs", what))
		whereabouts(pid);
	check(probe_event(fd, EV_ARRIVAL, &line, PATIENCE), "%s: the arrival is reported", what);
	check(probe_event(fd, EV_FINAL, &line, PATIENCE), "%s: and the final report is made", what);
	close(fd);
	check(subject_end(pid), "%s: it ends", what);
}

int main(void)
{
	subject_init(170);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	syscalls(PTRACE_SYSCALL, "PTRACE_SYSCALL");
	syscalls(PTRACE_SYSEMU, "PTRACE_SYSEMU");
	joined(PTRACE_LAST);
	joined(ENGINE_LAST);
	held_first(PTRACE_LAST);
	held_first(ENGINE_LAST);
	steps();
	group_stops(0, DO_RESUME);
	group_stops(EV(JCTL), DO_RESUME);
	group_stops(EV(JCTL), DO_STOP);
	for (enum parting how = 0; how < PARTINGS; how++) {
		asleep(PTRACE_ATTACH, how);
		asleep(PTRACE_SEIZE, how);
	}
	parting();
	ends();
	return done_testing();
}
