/* counters.c - debugfs utrace/stats counts each report once, under its own event. */
/* seconds: 60 */
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define IGN 0x10

static const char *const names[] = {
	"quiesce", "reap", "clone", "exec", "exit", "death", "syscall_entry", "syscall_exit", "signal",
	"signal_ign", "signal_stop", "signal_term", "signal_core", "jctl", "vfork_done", "seccomp", "trap",
	"arrival", "final", "stops", "attached", "detached",
};
#define NNAMES (sizeof(names) / sizeof(names[0]))

static long before[NNAMES];
static pid_t pid;
static int fd;

static void note(void)
{
	for (size_t i = 0; i < NNAMES; i++)
		before[i] = stat_of(names[i]);
}

/* What each counter has to have gone up by; those not named not at all. */
struct rise {
	const char *name;
	long by;
};

static long wanted(const struct rise *rises, const char *name)
{
	for (; rises->name; rises++)
		if (!strcmp(rises->name, name))
			return rises->by;
	return 0;
}

/* A report is counted when its callback has returned: the last one's counter is waited for. */
static void rose(const char *what, const struct rise *rises)
{
	bool good = true;
	long by;

	for (const struct rise *r = rises; r->name; r++)
		for (size_t i = 0; i < NNAMES; i++)
			for (long end = now_ms() + 2000; !strcmp(names[i], r->name) && now_ms() < end; sleep_ms(1))
				if (stat_of(r->name) - before[i] >= r->by)
					break;
	for (size_t i = 0; i < NNAMES; i++) {
		by = stat_of(names[i]) - before[i];
		if (by == wanted(rises, names[i]))
			continue;
		diag("%s: %s rose by %ld, not %ld", what, names[i], by, wanted(rises, names[i]));
		good = false;
	}
	check(good, "%s: each report is counted once, as what it is", what);
}

/* Nothing is reported before the events are set, and an interrupt can bring a report at once. */
static int note_and(unsigned long events)
{
	note();
	return probe_do(fd, "events %lx", events);
}

static void attach(unsigned long events)
{
	pid = subject_ordered();
	fd = probe_open();
	if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "on %d %x", EV_SIGNAL, IGN | DO_RESUME) ||
	    note_and(events))
		bail("attach");
}

static void end(void)
{
	close(fd);
	subject_end(pid);
}

static void calls(unsigned long more)
{
	attach(EV(ENTRY) | EV(SYSCALL_EXIT) | more);
	page[GO]++;
	ordered_done();
	if (more)
		rose("a call, QUIESCE wanted", (struct rise[]){ { "syscall_entry", 1 }, { "syscall_exit", 1 },
								{ "quiesce", 2 }, { NULL, 0 } });
	else
		rose("a call", (struct rise[]){ { "syscall_entry", 1 }, { "syscall_exit", 1 }, { NULL, 0 } });
	end();
}

/*
 * A thread that is preempted in user mode arrives and leaves, too, and more
 * work on the way out brings it round again: the engine says how often it was
 * called, once it is called no more.
 */
static void border(void)
{
	long called[32] = { 0 };
	struct probe_line line;

	attach(EV(ENTRY) | EV(SYSCALL_EXIT) | EV(ARRIVAL) | EV(FINAL));
	page[GO]++;
	check(ordered_done(), "a call between arrival and final report");
	check(!probe_do(fd, "events_sync 0"), "nothing is reported any more");
	while (probe_read(fd, &line, 0))
		called[line.event % 32]++;
	check(called[EV_ARRIVAL] > 0 && called[EV_FINAL] > 0, "it arrived %ld times, and left %ld times",
	      called[EV_ARRIVAL], called[EV_FINAL]);
	rose("a call between them", (struct rise[]){ { "syscall_entry", 1 }, { "syscall_exit", 1 },
		{ "arrival", called[EV_ARRIVAL] }, { "final", called[EV_FINAL] }, { NULL, 0 } });
	end();
}

/* A signal, told to one who wants its event, QUIESCE, or both. */
static void signals(void)
{
	static const struct {
		int signal;
		unsigned int event;
		const char *name;
	} kinds[] = {
		{ SIGTERM, EV_SIGNAL_TERM, "signal_term" },
		{ SIGQUIT, EV_SIGNAL_CORE, "signal_core" },
		{ SIGTSTP, EV_SIGNAL_STOP, "signal_stop" },
		{ SIGCHLD, EV_SIGNAL_IGN, "signal_ign" },
	};
	struct probe_line line;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct rise own[] = { { kinds[i].name, 1 }, { NULL, 0 } };
		const struct rise quiesce[] = { { "quiesce", 1 }, { NULL, 0 } };

		for (int with = 0; with < 2; with++) {
			attach(1UL << kinds[i].event | (with ? EV(QUIESCE) : 0));
			kill(pid, kinds[i].signal);
			check(probe_event(fd, EV_SIGNAL, &line, PATIENCE), "%s is reported", kinds[i].name);
			rose(with ? "a signal, QUIESCE and its event wanted" : "a signal", own);
			end();
		}
		if (kinds[i].event == EV_SIGNAL_IGN)
			continue;
		attach(EV(QUIESCE));
		kill(pid, kinds[i].signal);
		/* the process would be ended, or stopped, at once, if nobody wanted its event */
		if (kinds[i].event == EV_SIGNAL_TERM) {
			check(subject_wait(pid, PATIENCE) >= 0, "QUIESCE alone does not save from SIGTERM");
		} else {
			check(probe_event(fd, EV_SIGNAL, &line, PATIENCE), "%s is reported for QUIESCE", kinds[i].name);
			rose("a signal, only QUIESCE wanted", quiesce);
		}
		end();
	}
}

static void requests(void)
{
	struct probe_line line;

	attach(EV(QUIESCE));
	probe_do(fd, "control %d", DO_REPORT);
	check(probe_event(fd, EV_QUIESCE, &line, PATIENCE), "a report is asked for");
	rose("REPORT", (struct rise[]){ { "quiesce", 1 }, { NULL, 0 } });
	end();
	attach(EV(QUIESCE));
	probe_do(fd, "control %d", DO_INTERRUPT);
	check(probe_event(fd, EV_SIGNAL, &line, PATIENCE), "an interrupt is asked for");
	rose("INTERRUPT", (struct rise[]){ { "quiesce", 1 }, { NULL, 0 } });
	end();
}

static void ends(void)
{
	attach(EV(EXIT) | EV(DEATH) | EV(REAP));
	kill(pid, SIGKILL);
	subject_wait(pid, PATIENCE);
	rose("a life's end", (struct rise[]){ { "exit", 1 }, { "death", 1 }, { "reap", 1 }, { "detached", 1 },
					      { NULL, 0 } });
	close(fd);
	attach(EV(DEATH));
	probe_do(fd, "control %d", DO_DETACH);
	rose("an engine leaves", (struct rise[]){ { "detached", 1 }, { NULL, 0 } });
	end();
}

static void stops(void)
{
	attach(EV(ENTRY));
	probe_do(fd, "once %d %d", EV_ENTRY, DO_STOP);
	page[GO]++;
	check(reaches(pid, 't', PATIENCE), "it stops at an entry");
	rose("a stop", (struct rise[]){ { "syscall_entry", 1 }, { "stops", 1 }, { NULL, 0 } });
	probe_do(fd, "control %d", DO_RESUME);
	check(ordered_done(), "and goes on");
	rose("a stop that is over", (struct rise[]){ { "syscall_entry", 1 }, { "stops", 1 }, { NULL, 0 } });
	end();
}

/* A stop that the thread slept in is none of those that it did not. */
static void slept(void)
{
	long unslept;

	attach(EV(ENTRY));
	unslept = stat_of("stops_unslept");
	check(unslept >= 0, "stops that were over before a sleep: %ld", unslept);
	probe_do(fd, "once %d %d", EV_ENTRY, DO_STOP);
	page[GO]++;
	check(reaches(pid, 't', PATIENCE) && !probe_do(fd, "examine"), "it sleeps in a stop");
	probe_do(fd, "control %d", DO_RESUME);
	check(ordered_done(), "and is woken");
	check(stat_of("stops_unslept") == unslept, "it did sleep: %ld after %ld", stat_of("stops_unslept"), unslept);
	end();
}

int main(void)
{
	subject_init(55);
	if (stat_of("stops") < 0) {
		skip("no CONFIG_UTRACE_DEBUG", "what is counted");
		return done_testing();
	}
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	calls(0);
	calls(EV(QUIESCE));
	border();
	signals();
	requests();
	stops();
	slept();
	ends();
	return done_testing();
}
