/* stop-again.c - a thread that is let go and stopped again before it has run stays at the very same event. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cpu.h"
#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define IGN 0x10

/* Where it stands. */
static const struct place {
	const char *name;
	unsigned int event;
	unsigned long events;
	unsigned int returns;	/* beside STOP */
	int signal;
	bool call;
	int control;		/* 1 + what brings it there */
	unsigned int next;	/* what it would report if it left */
} places[] = {
	{ "entry", EV_ENTRY, EV(ENTRY) | EV(SYSCALL_EXIT), 0, 0, true, 0, EV_SYSCALL_EXIT },
	{ "exit", EV_SYSCALL_EXIT, EV(ENTRY) | EV(SYSCALL_EXIT) | EV(FINAL) | EV(ARRIVAL), 0, 0, true, 0, EV_FINAL },
	{ "signal", EV_SIGNAL, EV(SIGNAL_TERM) | EV(SIGNAL_IGN), IGN, SIGTERM, false, 0, EV_SIGNAL },
	{ "signal, at its report without one", EV_SIGNAL, EV(QUIESCE), 0x60, 0, false, 1 + DO_INTERRUPT, EV_SIGNAL },
	{ "last work", EV_QUIESCE, EV(QUIESCE) | EV(ARRIVAL) | EV(FINAL), 0, 0, false, 1 + DO_REPORT, EV_FINAL },
};
#define NPLACES (sizeof(places) / sizeof(places[0]))

static pid_t pid;
static int fd, other;

static void bring(const struct place *p)
{
	pid = subject_ordered();
	if (!run_on(pid, 0))
		bail("sched_setaffinity");
	fd = probe_open();
	other = probe_open();
	if (probe_do(fd, "attach %d 0", pid) || probe_do(other, "attach %d 0", pid))
		bail("attach");
	probe_do(fd, "once %d %x", p->event, p->returns | DO_STOP);
	if (probe_do(fd, "events %lx", p->events))
		bail("events");
	if (p->call)
		page[GO]++;
	if (p->signal)
		kill(pid, p->signal);
	if (p->control && probe_do(fd, "control %d", p->control - 1))
		bail("control");
	check(reaches(pid, 't', PATIENCE), "%s: it stands: %c", p->name, state_of(pid));
	probe_drop(fd);
}

/* It is let go and stopped at once, so many times; by two engines in turn, or by one. */
static void again(const struct place *p, bool stop_by_other, int rounds)
{
	const char *by = stop_by_other ? "another engine" : "the same engine";
	struct probe_line line = { .event = 0 };
	int stops, resumed = 0, stopped = 0;
	bool told;

	bring(p);
	stops = stop_by_other ? other : fd;
	/* it is told of a stop that was asked for, and what it says then counts */
	probe_do(fd, "on %d %d", EV_QUIESCE, DO_STOP);
	for (int i = 0; i < rounds; i++) {
		urgent(true);
		resumed = probe_do(i && stop_by_other ? other : fd, "control %d", DO_RESUME);
		stopped = probe_do(stops, "control %d", DO_STOP);
		urgent(false);
		if (resumed || stopped != -EINPROGRESS || !reaches(pid, 't', PATIENCE))
			break;
	}
	check(!resumed && stopped == -EINPROGRESS, "%s, stopped again by %s: resume %d, stop %d", p->name, by,
	      resumed, stopped);
	/* asleep and not to be woken: what it was to report before that it has reported */
	check(reaches(pid, 't', PATIENCE) && !probe_do(stops, "control %d", DO_STOP),
	      "%s, stopped again by %s: it stands: %c", p->name, by, state_of(pid));
	told = probe_event(fd, p->next, &line, 0);
	check(!told, "%s, stopped again by %s: it has not left: event %u, action %x", p->name, by, line.event,
	      line.action);
	probe_do(fd, "on %d %d", EV_QUIESCE, DO_RESUME);
	check(!probe_do(stops, "control %d", DO_RESUME), "%s: let go", p->name);
	if (!p->call)
		page[GO]++;
	check(ordered_done() && page[RESULT] == 1, "%s: it goes on: %ld", p->name, page[RESULT]);
	close(fd);
	close(other);
	check(subject_end(pid), "%s: it ends", p->name);
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	if (!run_on(0, 0))
		bail("sched_setaffinity");
	for (size_t i = 0; i < NPLACES; i++) {
		again(&places[i], false, 1);
		again(&places[i], true, 1);
		again(&places[i], false, 20);
		again(&places[i], true, 20);
	}
	return done_testing();
}
