/* crossed.c - a report that a callback asks for by what it returns is made, whatever is decided while it runs. */
/* seconds: 120 */
/* args: 3 */
/* quick: 1 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* The verdict of a callback: drop the signal. */
#define IGN 0x10
#define LONG "delay 20000000"
#define NONE 0xff

static const struct place {
	const char *name;
	unsigned int event;	/* whose callback returns the request */
	unsigned int before;	/* the last one before it: from there on callbacks take long, */
	bool held;		/* which is set in a stop there */
	unsigned long with;	/* what else is wanted, so that they come */
	int signal;		/* what makes it come; 0: the call */
} places[] = {
	{ "a call's entry", EV_ENTRY, EV_QUIESCE, false, EV(ENTRY), 0 },
	{ "a call's exit", EV_SYSCALL_EXIT, EV_QUIESCE, false, EV(SYSCALL_EXIT), 0 },
	{ "a signal", EV_SIGNAL, NONE, false, EV(SIGNAL_TERM), SIGUSR1 },
	{ "arrival", EV_ARRIVAL, NONE, false, EV(ARRIVAL) | EV(ENTRY), 0 },
	{ "the final report", EV_FINAL, EV_ENTRY, true, EV(FINAL) | EV(ENTRY), 0 },
	{ "QUIESCE", EV_QUIESCE, NONE, false, EV(ENTRY), 0 },
};

/* What is decided while the callback runs: at most two of "control", each one more than its number. */
static const struct crossing {
	const char *name;
	int action[2];
} crossings[] = {
	{ "nothing", { 0 } },
	{ "RESUME", { DO_RESUME + 1 } },
	{ "RESUME twice", { DO_RESUME + 1, DO_RESUME + 1 } },
	{ "STOP and RESUME", { DO_STOP + 1, DO_RESUME + 1 } },
	{ "REPORT", { DO_REPORT + 1 } },
	{ "REPORT and RESUME", { DO_REPORT + 1, DO_RESUME + 1 } },
	{ "INTERRUPT and RESUME", { DO_INTERRUPT + 1, DO_RESUME + 1 } },
};

static pid_t pid;
static int fd;

/* The callback runs, and what it returns is settled. */
static void decide(const struct crossing *x)
{
	int got;

	for (int i = 0; i < 2 && x->action[i]; i++) {
		got = probe_do(fd, "control %d", x->action[i] - 1);
		if (got != (x->action[i] == DO_STOP + 1 ? -EINPROGRESS : 0))
			bail("control %d: %d", x->action[i] - 1, got);
	}
}

static bool asks(int returned, const struct crossing *x, int action)
{
	return returned == action || x->action[0] == action + 1 || x->action[1] == action + 1;
}

/* Until the callback runs. */
static void enter(const struct place *p, unsigned int returned)
{
	struct probe_line line;

	pid = subject_ordered();
	fd = probe_engine(pid, 0, EV(QUIESCE) | p->with);
	if (p->before == NONE)
		probe_do(fd, LONG);
	else if (p->held)
		probe_do(fd, "once %d %d", p->before, DO_STOP);
	else
		probe_do(fd, "within %d " LONG, p->before);
	if (!p->held)
		probe_do(fd, "once %d %x", p->event, returned);
	if (p->signal)
		kill(pid, p->signal);
	else
		page[GO]++;
	if (p->held) {
		/* it is preempted, too, on its way to the call, and would be asked then */
		if (!reaches(pid, 't', PATIENCE))
			bail("no stop before %s", p->name);
		probe_drop(fd);
		probe_do(fd, "once %d %x", p->event, returned);
		probe_do(fd, LONG);
		probe_do(fd, "control %d", DO_RESUME);
	}
	if (!probe_event(fd, p->event, &line, PATIENCE))
		bail("no callback at %s", p->name);
}

/*
 * One report_signal serves a REPORT that was asked for, too; but behind a final
 * report the thread comes to that first.
 */
static void crossed(const struct place *p, int returned, const struct crossing *x)
{
	static const char * const names[] = {
		[DO_INTERRUPT] = "INTERRUPT", [DO_REPORT] = "REPORT", [DO_RESUME] = "RESUME",
	};
	bool interrupt = asks(returned, x, DO_INTERRUPT), over;
	bool report = asks(returned, x, DO_REPORT) && (!interrupt || p->event == EV_FINAL);
	int reports = 0, interrupts = 0;
	struct probe_line line;

	enter(p, returned | (p->signal ? IGN : 0));
	decide(x);
	probe_do(fd, "delay 0");
	over = ordered_done();
	/* and it was in user mode before this one */
	page[GO]++;
	over = ordered_done() && over && page[RESULT] == 1;
	while (probe_read(fd, &line, 0)) {
		reports += line.event == EV_QUIESCE && !line.extra;
		interrupts += line.event == EV_SIGNAL && !line.extra;
	}
	check(over && reports == report && interrupts == interrupt,
	      "at %s, returned %s, meanwhile %s: %d and %d reports, expected %d and %d", p->name, names[returned],
	      x->name, reports, interrupts, report, interrupt);
	close(fd);
	subject_end(pid);
}

int main(int argc, char **argv)
{
	static const int returned[] = { DO_REPORT, DO_INTERRUPT, DO_RESUME };
	int rounds = argc > 1 ? atoi(argv[1]) : 1;

	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (int round = 0; round < rounds; round++)
		for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++)
			for (size_t r = 0; r < sizeof(returned) / sizeof(returned[0]); r++)
				for (size_t x = 0; x < sizeof(crossings) / sizeof(crossings[0]); x++)
					crossed(&places[p], returned[r], &crossings[x]);
	return done_testing();
}
