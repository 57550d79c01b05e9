/* group-stops.c - group stops of threads that engines hold, before, in and after the stop; what the parent is told. */
/* seconds: 180 */
/* args: 5 */
/* quick: 4 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* Operations of a sequence, at most MAX: each is one of TURNS, which has two sides. */
enum turn { GROUP, FIRST, SECOND, TURNS };
#define MAX 6
#define HOLDERS 2

/* In the page, for the thread that is held and the other one: ids, and what they count. */
enum { TID = 10, COUNT = 12 };
enum { HELD, OTHER, THREADS };

static pid_t pid;
static int length;
static int threads;			/* 1: there is no OTHER */
static int seer[THREADS], holder[HOLDERS];

/* What has to be true after so many operations. */
static struct {
	bool stopped;			/* SIGSTOP came last, not SIGCONT */
	bool hold[HOLDERS];
	char state;			/* of HELD: R, T, t */
	bool continued;			/* it was in a stop that has ended, and has not told so */
	int stops, continues;		/* reports of the last operation to HELD's engine, */
	int other;			/* to the other's */
} model;

static char history[MAX * 12], wrong[160];

static void *live(void *arg)
{
	long i = (long)arg;

	page[TID + i] = syscall(SYS_gettid);
	for (;;)
		page[COUNT + i]++;
	return arg;
}

static int program(void *leader_is_held)
{
	pthread_t t;

	if (threads == THREADS && pthread_create(&t, NULL, live, (void *)(long)(leader_is_held ? OTHER : HELD)))
		return 1;
	live((void *)(long)(leader_is_held ? HELD : OTHER));
	return 0;
}

static void start(bool leader)
{
	page[TID] = page[TID + 1] = 0;
	pid = subject(program, leader ? &pid : NULL);
	while (!page[TID + HELD] || (threads == THREADS && !page[TID + OTHER]))
		sleep_ms(1);
	for (int i = 0; i < threads; i++) {
		seer[i] = probe_open();
		if (probe_do(seer[i], "attach %ld 0", page[TID + i]) || probe_do(seer[i], "events %lx", EV(JCTL)))
			bail("attach");
	}
	for (int i = 0; i < HOLDERS; i++) {
		holder[i] = probe_open();
		if (probe_do(holder[i], "attach %ld 0", page[TID + HELD]))
			bail("attach");
	}
}

static void end(const char *what)
{
	for (int i = 0; i < threads; i++)
		close(seer[i]);
	for (int i = 0; i < HOLDERS; i++)
		close(holder[i]);
	kill(pid, SIGKILL);
	check(subject_wait(pid, PATIENCE) == SIGKILL, "%s: it ends", what);
}

static void note(const char *text, long saw, long expected)
{
	if (!wrong[0])
		snprintf(wrong, sizeof(wrong), " - %s: %ld, not %ld", text, saw, expected);
}

static bool held(void)
{
	return model.hold[0] || model.hold[1];
}

/* HELD is let go, or nobody holds it: it tells what is owed, and stops if the group does. */
static void model_goes_on(void)
{
	model.continues = model.continued;
	model.continued = false;
	model.stops = model.stopped;
	model.state = model.stopped ? 'T' : 'R';
}

static void model_group(void)
{
	model.stopped = !model.stopped;
	model.other = model.stopped;
	if (model.state == 'T') {
		model.continued = true;
		model.state = 't';
	}
	if (!held())
		model_goes_on();
}

/* Returns what utrace_control() has to return. */
static int model_holder(int i)
{
	model.hold[i] = !model.hold[i];
	if (model.hold[i] && model.state != 'R')
		return 0;
	if (model.hold[i]) {
		model.state = 't';
		return -EINPROGRESS;
	}
	if (!held() && model.state == 't')
		model_goes_on();
	return 0;
}

static void settled(int thread, char state)
{
	pid_t tid = page[TID + thread];

	if (state == 'R' ? !moves(COUNT + thread) : !reaches(tid, state, PATIENCE))
		note(thread == HELD ? "state" : "the other's state", state_of(tid), state);
}

static void reports(int thread, int stops, int continues)
{
	struct probe_line line;
	int saw[2] = { 0, 0 };

	while (probe_read(seer[thread], &line, 0))
		saw[line.extra >> 8 != CLD_STOPPED]++;
	if (saw[0] != stops)
		note(thread == HELD ? "reports of a stop" : "the other's reports of a stop", saw[0], stops);
	/* either thread can be the one that tells of the end of a stop */
	if (threads == 1 && saw[1] != continues)
		note("reports of its end", saw[1], continues);
	else if (model.state == 't' && thread == HELD && saw[1])
		note("reports while it is held", saw[1], 0);
}

static void operate(enum turn turn)
{
	static const char *const names[TURNS][2] = {
		{ " SIGSTOP", " SIGCONT" }, { " hold-1", " free-1" }, { " hold-2", " free-2" },
	};
	bool back = turn == GROUP ? model.stopped : model.hold[turn - FIRST];
	int got, expected;

	strcat(history, names[turn][back]);
	model.stops = model.continues = model.other = 0;
	if (turn == GROUP) {
		model_group();
		kill(pid, back ? SIGCONT : SIGSTOP);
	} else {
		expected = model_holder(turn - FIRST);
		got = probe_do(holder[turn - FIRST], "control %d", back ? DO_RESUME : DO_STOP);
		if (got != expected)
			note("utrace_control()", got, expected);
	}
	settled(HELD, model.state);
	if (threads == THREADS)
		settled(OTHER, model.stopped ? 'T' : 'R');
	reports(HELD, model.stops, model.continues);
	if (threads == THREADS)
		reports(OTHER, model.other, 0);
}

/* The operations are the digits of @code; the first one that goes wrong is told. */
static void sequence(int code, bool leader)
{
	memset(&model, 0, sizeof(model));
	model.state = 'R';
	history[0] = wrong[0] = '\0';
	start(leader);
	for (int i = 0; i < length && !wrong[0]; i++, code /= TURNS)
		operate(code % TURNS);
	check(!wrong[0], "%d threads, %s held:%s%s", threads, leader ? "leader" : "sibling", history, wrong);
	end(history + 1);
}

/* So many of the other's reports of @type. */
static int told(int thread, int type)
{
	struct probe_line line;
	int n = 0;

	while (probe_read(seer[thread], &line, 0))
		n += line.extra >> 8 == type;
	return n;
}

/*
 * The report of the stop itself holds the thread, while the other one goes
 * through @more ends and stops.  At the end the group is stopped or not.
 */
static void held_by_report(bool leader, int first, int more, bool stopped)
{
	struct probe_line line = { 0 };
	char what[96];
	int n;

	snprintf(what, sizeof(what), "%s held by its report, SIGSTOP to the %s, %d more stops, %s",
		 leader ? "leader" : "sibling", first == HELD ? "same" : "other", more,
		 stopped ? "stopped" : "continued");
	start(leader);
	probe_do(seer[HELD], "once %d %d", EV_JCTL, DO_STOP);
	syscall(SYS_tgkill, pid, page[TID + first], SIGSTOP);
	check(probe_event(seer[HELD], EV_JCTL, &line, PATIENCE) && line.extra >> 8 == CLD_STOPPED &&
		      reaches(page[TID + HELD], 't', PATIENCE) && reaches(page[TID + OTHER], 'T', PATIENCE),
	      "%s: one is held, the other stops: %c, %c", what, state_of(page[TID + HELD]), state_of(page[TID + OTHER]));
	for (int i = 0; i < more; i++) {
		kill(pid, SIGCONT);
		check(moves(COUNT + OTHER), "%s: the other runs", what);
		kill(pid, SIGSTOP);
		check(reaches(page[TID + OTHER], 'T', PATIENCE), "%s: the other stops: %c", what,
		      state_of(page[TID + OTHER]));
	}
	if (!stopped) {
		kill(pid, SIGCONT);
		check(moves(COUNT + OTHER), "%s: the other runs in the end", what);
	}
	n = told(OTHER, CLD_STOPPED);
	check(n == more + 1, "%s: the other was told of each of its stops: %d", what, n);
	n = told(HELD, CLD_STOPPED);
	check(state_of(page[TID + HELD]) == 't' && n == 0, "%s: it is held still, and not told meanwhile: %c, %d", what,
	      state_of(page[TID + HELD]), n);
	check(!probe_do(seer[HELD], "control %d", DO_RESUME), "%s: let go", what);
	check(stopped ? reaches(page[TID + HELD], 'T', PATIENCE) : moves(COUNT + HELD), "%s: it does as the group: %c", what,
	      state_of(page[TID + HELD]));
	n = told(HELD, CLD_STOPPED);
	check(n == (stopped && more), "%s: told of the stop that it comes to: %d", what, n);
	end(what);
}

/* The next report of job control to a thread, and what is said of the parent: that it will be told, or of nothing. */
static void notifies(int thread, int type, int notify, const char *what)
{
	struct probe_line line = { 0 };
	bool told_so = probe_event(seer[thread], EV_JCTL, &line, PATIENCE);

	check(told_so && line.extra == (type << 8 | notify), "%s: reported as %lx, expected %x", what, line.extra,
	      type << 8 | notify);
}

static void silent(int thread, const char *what)
{
	struct probe_line line = { 0 };
	bool told_so = probe_event(seer[thread], EV_JCTL, &line, 0);

	check(!told_so, "%s: no more is reported: %lx", what, line.extra);
}

static void gets_to(int thread, char state, const char *what)
{
	bool there = reaches(page[TID + thread], state, PATIENCE);

	check(there, "%s: it gets to %c: %c", what, state, state_of(page[TID + thread]));
}

/* One thread: it is its parent who is told, each time. */
static void notify_alone(void)
{
	const char *what = "the parent of one thread";

	threads = 1;
	start(true);
	for (int i = 0; i < 3; i++) {
		kill(pid, SIGSTOP);
		notifies(HELD, CLD_STOPPED, CLD_STOPPED, what);
		gets_to(HELD, 'T', what);
		kill(pid, SIGCONT);
		notifies(HELD, CLD_CONTINUED, CLD_CONTINUED, what);
	}
	silent(HELD, what);
	end(what);
}

/* Two threads, one after the other, as one is held: the last one to stop completes it. */
static void notify_last(bool leader)
{
	const char *what = leader ? "the leader stops last" : "the sibling stops last";

	threads = THREADS;
	start(leader);
	for (int i = 0; i < 3; i++) {
		probe_do(holder[0], "control %d", DO_STOP);
		gets_to(HELD, 't', what);
		syscall(SYS_tgkill, pid, page[TID + OTHER], SIGSTOP);
		notifies(OTHER, CLD_STOPPED, 0, what);
		gets_to(OTHER, 'T', what);
		silent(HELD, what);
		probe_do(holder[0], "control %d", DO_RESUME);
		notifies(HELD, CLD_STOPPED, CLD_STOPPED, what);
		gets_to(HELD, 'T', what);
		kill(pid, SIGCONT);
		check(moves(COUNT + HELD) && moves(COUNT + OTHER), "%s: both run", what);
		probe_drop(seer[HELD]);
		probe_drop(seer[OTHER]);
	}
	end(what);
}

/* Bring a tracee to a group stop, once it was shown the SIGSTOP. */
static void traced_stop(int request, int notify, const char *what)
{
	int status = trace_wait(pid, PATIENCE), wanted = request == PTRACE_SEIZE ? EVENT_STOP(SIGSTOP) : STOPPED(SIGSTOP);

	check(status == STOPPED(SIGSTOP), "%s: the SIGSTOP is shown: %x", what, status);
	silent(HELD, what);
	check(!trace(PTRACE_CONT, pid, SIGSTOP), "%s: and passed on", what);
	status = trace_wait(pid, PATIENCE);
	check(status == wanted, "%s: the group stop: %x, expected %x", what, status, wanted);
	notifies(HELD, CLD_STOPPED, notify, what);
}

/*
 * A tracee whose tracer makes it run in a stopped group: that is stopped
 * already, so its parent is told of no further stop.  In the end the tracer
 * leaves, and it joins the stop of the group, which does not count on it.
 */
static void notify_traced(int request)
{
	const char *what = request == PTRACE_SEIZE ? "seized, runs in a stopped group" :
						     "attached, runs in a stopped group";
	int status;

	threads = 1;
	start(true);
	check(!trace(request, pid, 0), "%s: a tracer", what);
	if (request == PTRACE_SEIZE)
		kill(pid, SIGSTOP);
	traced_stop(request, CLD_STOPPED, what);
	for (int i = 0; i < 2; i++) {
		check(!trace(PTRACE_CONT, pid, 0) && moves(COUNT + HELD), "%s: it runs on", what);
		silent(HELD, what);
		kill(pid, SIGSTOP);
		traced_stop(request, 0, what);
	}
	check(!trace(PTRACE_CONT, pid, 0) && moves(COUNT + HELD), "%s: it runs on", what);
	kill(pid, SIGUSR1);
	status = trace_wait(pid, PATIENCE);
	check(status == STOPPED(SIGUSR1), "%s: another signal is shown: %x", what, status);
	check(!trace(PTRACE_DETACH, pid, 0), "%s: and dropped, the tracer leaves", what);
	notifies(HELD, CLD_STOPPED, 0, what);
	gets_to(HELD, 'T', what);
	/* all of that did not change what is told of the next one */
	kill(pid, SIGCONT);
	notifies(HELD, CLD_CONTINUED, CLD_CONTINUED, what);
	kill(pid, SIGSTOP);
	notifies(HELD, CLD_STOPPED, CLD_STOPPED, what);
	gets_to(HELD, 'T', what);
	end(what);
}

int main(int argc, char **argv)
{
	int sequences = 1;

	length = argc > 1 ? atoi(argv[1]) : 0;
	if (length < 1 || length > MAX)
		bail("length of a sequence");
	subject_init(170);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (int i = 0; i < length; i++)
		sequences *= TURNS;
	for (int code = 0; code < sequences; code++) {
		threads = 1;
		sequence(code, true);
		threads = THREADS;
		sequence(code, code & 1);
	}
	for (int leader = 0; leader <= 1; leader++)
		for (int first = HELD; first <= OTHER; first++)
			for (int more = 0; more <= 2; more++) {
				held_by_report(leader, first, more, false);
				held_by_report(leader, first, more, true);
			}
	notify_alone();
	notify_last(false);
	notify_last(true);
	notify_traced(PTRACE_ATTACH);
	notify_traced(PTRACE_SEIZE);
	return done_testing();
}
