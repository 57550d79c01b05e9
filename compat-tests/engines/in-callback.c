/* in-callback.c - what is decided while a callback runs: events, waits, the ways on from the stop it asks for; a reap while the death report runs. */
/* seconds: 120 */
#include <errno.h>
#include <pthread.h>
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

/* A callback that is ended by "delay 0". */
#define LONG "delay 20000000"
#define RESUMED 0x100
#define MAX_STEPS 6

/* In the page: the other thread of the subject is to end; it exists. */
enum { ENDER_GO = ORDERED_FREE + 2, ENDER_READY };

static pid_t pid;
static int fd;

static void attach(unsigned long events)
{
	pid = subject_ordered();
	fd = probe_engine(pid, 0, events);
}

static bool reported(unsigned int event)
{
	struct probe_line line;

	return probe_event(fd, event, &line, PATIENCE);
}

/* The ordered call is made; the callback for @event runs from now on. */
static void enter(unsigned int event, const char *delay)
{
	probe_do(fd, "%s", delay);
	page[GO]++;
	if (!reported(event))
		bail("no callback");
}

static void end(const char *what)
{
	probe_do(fd, "delay 0");
	check(ordered_done() && page[RESULT] == 1, "%s: the call is made: %ld", what, page[RESULT]);
	close(fd);
	subject_end(pid);
}

/* Commands in the order they are given while a callback runs, and what each has to give. */
static const struct sequence {
	const char *name;
	unsigned long events;	/* from the beginning */
	unsigned int event;	/* whose callback runs */
	bool waits;		/* one of them waits for its end */
	struct {
		const char *command;
		int want;
	} step[MAX_STEPS];
} sequences[] = {
	{ "dropped twice", EV(ENTRY), EV_ENTRY, false,
	  { { "events 0", -EINPROGRESS }, { "events 0", -EINPROGRESS }, { "events 10", -EINPROGRESS } } },
	{ "dropped, wanted again", EV(ENTRY), EV_ENTRY, false,
	  { { "events 0", -EINPROGRESS }, { "events 40", 0 }, { "events 0", -EINPROGRESS } } },
	{ "another event dropped", EV(ENTRY) | EV(EXIT), EV_ENTRY, false,
	  { { "events 40", 0 }, { "events 0", -EINPROGRESS } } },
	{ "another event added", EV(ENTRY), EV_ENTRY, false,
	  { { "events 50", 0 }, { "events 10", -EINPROGRESS } } },
	{ "QUIESCE runs, the event goes", EV(ENTRY) | EV(QUIESCE), EV_QUIESCE, false,
	  { { "events 1", 0 }, { "events 0", -EINPROGRESS }, { "events 0", -EINPROGRESS } } },
	{ "QUIESCE runs, it goes", EV(ENTRY) | EV(QUIESCE), EV_QUIESCE, false,
	  { { "events 40", -EINPROGRESS }, { "events 40", -EINPROGRESS }, { "events 41", 0 } } },
	{ "detached, then events", EV(ENTRY), EV_ENTRY, false,
	  { { "control 6", -EINPROGRESS }, { "events 0", -ESRCH }, { "control 6", -EINPROGRESS },
	    { "control 5", -ESRCH } } },
	{ "dropped, then detached", EV(ENTRY), EV_ENTRY, false,
	  { { "events 0", -EINPROGRESS }, { "control 6", -EINPROGRESS } } },
	{ "dropped, dropped and waited", EV(ENTRY), EV_ENTRY, true,
	  { { "events 0", -EINPROGRESS }, { "events_sync 0", 0 }, { "events 0", 0 } } },
	{ "dropped and waited", EV(ENTRY), EV_ENTRY, true,
	  { { "events_sync 0", 0 }, { "events 0", 0 }, { "events_sync 0", 0 } } },
	{ "dropped, barrier", EV(ENTRY), EV_ENTRY, true,
	  { { "events 0", -EINPROGRESS }, { "barrier", 0 }, { "events 0", 0 }, { "control 6", 0 } } },
	{ "detached, barrier", EV(ENTRY), EV_ENTRY, true,
	  { { "control 6", -EINPROGRESS }, { "barrier", -ESRCH }, { "control 6", -ESRCH } } },
	{ "dropped, detached and waited", EV(ENTRY), EV_ENTRY, true,
	  { { "events 0", -EINPROGRESS }, { "detach_sync", 0 }, { "control 6", -ESRCH } } },
	{ "detached, detached and waited", EV(ENTRY), EV_ENTRY, true,
	  { { "control 6", -EINPROGRESS }, { "detach_sync", 0 }, { "control 6", -ESRCH } } },
	{ "detached for sure", EV(ENTRY), EV_ENTRY, true,
	  { { "events 0", -EINPROGRESS }, { "detach_sync_uninterruptible", 0 }, { "control 6", -ESRCH } } },
	{ "kept, and waited for", EV(ENTRY), EV_ENTRY, true,
	  { { "events_sync 40", 0 }, { "events_sync 0", 0 }, { "events 0", 0 } } },
	{ "QUIESCE dropped and waited", EV(QUIESCE) | EV(ENTRY), EV_QUIESCE, true,
	  { { "events 0", -EINPROGRESS }, { "events_sync 0", 0 }, { "events 0", 0 } } },
};

/*
 * While a command waits no other can be given to the same file from outside:
 * what ends the callback then is a callback in another process that is traced
 * by this file, too.
 */
static int ender(void *unused)
{
	page[ENDER_READY] = 1;
	while (!page[ENDER_GO])
		usleep(1000);
	(void)unused;
	return 0;
}

static int forks_ender(void *unused)
{
	while (!page[ENDER_GO])
		usleep(1000);
	page[ENDER_GO] = 0;
	if (!fork())
		return ender(unused);
	return sleeper(unused);
}

/* One command that waits. */
struct wait {
	const char *command;
	volatile pid_t tid;
	volatile int result;
	volatile bool over;
};

static void *waiter(void *arg)
{
	struct wait *w = arg;

	w->tid = syscall(SYS_gettid);
	w->result = probe_do(fd, "%s", w->command);
	w->over = true;
	return NULL;
}

/* One that keeps ENTRY, whose callback runs, has nothing to wait for. */
static bool command_waits(const char *command)
{
	if (!strcmp(command, "events_sync 40"))
		return false;
	return strstr(command, "_sync") || !strcmp(command, "barrier");
}

/* It waits, asleep, until the callback ends; that is told to when it sleeps. */
static int waited(const char *name, const char *command)
{
	struct wait w = { .command = command };
	char state = '?';
	pthread_t t;

	if (pthread_create(&t, NULL, waiter, &w))
		bail("pthread_create");
	for (long end = now_ms() + PATIENCE; now_ms() < end && !w.over && state != 'S' && state != 'D'; sleep_ms(2))
		state = w.tid ? state_of(w.tid) : '?';
	check(!w.over, "%s: %s waits: %c", name, command, state);
	page[ENDER_GO] = 1;
	pthread_join(t, NULL);
	return w.result;
}

/* The file traces the process that ends the callback, and then another, for the sequence. */
static pid_t attach_ender(void)
{
	struct probe_line line;
	pid_t parent;

	page[ENDER_GO] = page[ENDER_READY] = 0;
	fd = probe_open();
	parent = subject(forks_ender, NULL);
	if (probe_do(fd, "follow 1") || probe_do(fd, "attach %d 0", parent) ||
	    probe_do(fd, "events %lx", EV(CLONE) | EV(EXIT)))
		bail("attach");
	page[ENDER_GO] = 1;
	if (!probe_event(fd, EV_CLONE, &line, PATIENCE))
		bail("no process to end the callback");
	while (!page[ENDER_READY])
		sleep_ms(1);
	probe_do(fd, "follow 0");
	probe_do(fd, "within %d delay 0", EV_EXIT);
	return parent;
}

static void run_sequence(const struct sequence *s)
{
	pid_t parent = 0;
	bool waits;
	int got;

	if (s->waits) {
		parent = attach_ender();
		pid = subject_ordered();
		if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "events %lx", s->events))
			bail("attach");
	} else {
		attach(s->events);
	}
	enter(s->event, LONG);
	for (int i = 0; i < MAX_STEPS && s->step[i].command; i++) {
		waits = !page[ENDER_GO] && s->waits && command_waits(s->step[i].command);
		got = waits ? waited(s->name, s->step[i].command) : probe_do(fd, "%s", s->step[i].command);
		check(got == s->step[i].want, "%s: %s: %d, expected %d", s->name, s->step[i].command, got,
		      s->step[i].want);
	}
	end(s->name);
	if (parent)
		subject_end(parent);
}

/* No callback comes for what was dropped while the one before it ran. */
static void dropped_before_its_turn(void)
{
	struct probe_line line = { .event = 0 };
	bool got;

	attach(EV(QUIESCE) | EV(ENTRY));
	enter(EV_QUIESCE, LONG);
	check(!probe_do(fd, "events %lx", EV(QUIESCE)), "QUIESCE runs: no ENTRY any more");
	end("dropped before its turn");
	attach(EV(QUIESCE) | EV(ENTRY) | EV(SYSCALL_EXIT));
	enter(EV_QUIESCE, LONG);
	probe_do(fd, "events %lx", EV(QUIESCE) | EV(SYSCALL_EXIT));
	probe_do(fd, "delay 0");
	got = probe_read(fd, &line, PATIENCE);
	check(got && line.event == EV_QUIESCE, "QUIESCE of the exit is next: %u", line.event);
	got = probe_read(fd, &line, PATIENCE);
	check(got && line.event == EV_SYSCALL_EXIT, "then the exit: %u", line.event);
	end("dropped before its turn");
}

/* A decision that comes while the callback runs that asks for a stop. */
static void go_on_by(int action, const char *name, bool again)
{
	struct probe_line line = { .action = 0 };

	attach(EV(ENTRY));
	probe_do(fd, "once %d %d", EV_ENTRY, DO_STOP);
	enter(EV_ENTRY, LONG);
	check(!probe_do(fd, "control %d", action), "%s while the callback runs", name);
	probe_do(fd, "delay 0");
	if (again) {
		probe_event(fd, EV_ENTRY, &line, PATIENCE);
		check(line.action & RESUMED, "%s: the entry is reported again: %x", name, line.action);
	}
	end(name);
}

/* STOP in that time, alone or after another decision, keeps it there; @then lets it go. */
static void stays(int first, int then, const char *name)
{
	int ret;

	attach(EV(ENTRY));
	enter(EV_ENTRY, LONG);
	if (first >= 0)
		check(!probe_do(fd, "control %d", first), "%s: the first decision", name);
	ret = probe_do(fd, "control %d", DO_STOP);
	check(ret == -EINPROGRESS, "%s: a stop: %d", name, ret);
	probe_do(fd, "delay 0");
	check(reaches(pid, 't', PATIENCE) && page[DONE] != page[GO], "%s: it stops: %c", name, state_of(pid));
	ret = probe_do(fd, "control %d", then);
	check(!ret, "%s: it is let go: %d", name, ret);
	end(name);
}

static void decisions(void)
{
	go_on_by(DO_RESUME, "RESUME", false);
	go_on_by(DO_REPORT, "REPORT", true);
	go_on_by(DO_INTERRUPT, "INTERRUPT", true);
	stays(-1, DO_RESUME, "STOP");
	stays(DO_RESUME, DO_RESUME, "RESUME, STOP");
	stays(DO_REPORT, DO_RESUME, "REPORT, STOP");
	stays(DO_INTERRUPT, DO_DETACH, "INTERRUPT, STOP");

	attach(EV(ENTRY));
	probe_do(fd, "once %d %d", EV_ENTRY, DO_STOP);
	enter(EV_ENTRY, LONG);
	check(probe_do(fd, "control %d", DO_DETACH) == -EINPROGRESS, "DETACH while the callback runs");
	end("DETACH");
}

/* A REPORT given in the callback counts as a decision by the counter, too. */
static void decision_is_counted(int action, const char *name)
{
	long before = stat_of("controlled_in_callback"), after;

	if (before < 0) {
		skip("no CONFIG_UTRACE_DEBUG", "%s in a callback is counted", name);
		return;
	}
	attach(EV(ENTRY));
	enter(EV_ENTRY, LONG);
	probe_do(fd, "control %d", action);
	end(name);
	after = stat_of("controlled_in_callback");
	check(after == before + 1, "%s in a callback is counted once: %ld", name, after - before);
}

/* Kill it, and be in its death report until "delay 0". */
static void dying(unsigned long events)
{
	fd = probe_open();
	pid = subject(sleeper, NULL);
	reaches(pid, 'S', PATIENCE);
	if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "events %lx", events))
		bail("attach");
	probe_do(fd, LONG);
	kill(pid, SIGKILL);
	if (!reported(EV_DEATH))
		bail("no death report");
}

static bool reaped_once(int file, pid_t tid)
{
	struct probe_line line;

	return probe_event(file, EV_REAP, &line, PATIENCE) && line.pid == tid &&
	       !probe_event(file, EV_REAP, &line, 20);
}

/* The parent reaps it while the death report runs. */
static void reaped_in_death_report(void)
{
	struct probe_line line;
	int other, ret;

	dying(EV(DEATH) | EV(REAP));
	other = probe_open();
	check(probe_do(other, "attach %d 0", pid) == -ESRCH, "dying: no new engine");
	check(subject_wait(pid, PATIENCE) == SIGKILL, "dying: its parent reaps it");
	check(!probe_read(fd, &line, 20), "dying: no report of that before the death report is over");
	probe_do(fd, "delay 0");
	check(reaped_once(fd, pid), "dying: then there is one");
	ret = probe_do(fd, "detach_sync");
	check(ret == -ESRCH, "dying: and the engine is gone: %d", ret);
	close(other);
	close(fd);

	dying(EV(DEATH));
	check(subject_wait(pid, PATIENCE) == SIGKILL, "dying, no REAP: its parent reaps it");
	probe_do(fd, "delay 0");
	for (long e = now_ms() + PATIENCE; now_ms() < e && probe_do(fd, "barrier") != -ESRCH;)
		sleep_ms(1);
	check(probe_do(fd, "barrier") == -ESRCH, "dying, no REAP: the engine is gone");
	check(!probe_read(fd, &line, 0), "dying, no REAP: no report");
	close(fd);
}

/* The engine leaves in, or during, its death report: no reap report. */
static void leaves_in_death_report(bool from_outside)
{
	const char *how = from_outside ? "detached from outside" : "detached by the report";
	struct probe_line line;
	int ret = 0;

	fd = probe_open();
	pid = subject(sleeper, NULL);
	reaches(pid, 'S', PATIENCE);
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "events %lx", EV(DEATH) | EV(REAP));
	if (!from_outside)
		probe_do(fd, "on %d %d", EV_DEATH, DO_DETACH);
	probe_do(fd, LONG);
	kill(pid, SIGKILL);
	check(reported(EV_DEATH), "%s: the death report", how);
	if (from_outside)
		ret = probe_do(fd, "control %d", DO_DETACH);
	check(ret == (from_outside ? -EINPROGRESS : 0), "%s: %d", how, ret);
	check(subject_wait(pid, PATIENCE) == SIGKILL, "%s: its parent reaps it", how);
	probe_do(fd, "delay 0");
	for (long e = now_ms() + PATIENCE; now_ms() < e && probe_do(fd, "barrier") != -ESRCH;)
		sleep_ms(1);
	check(probe_do(fd, "barrier") == -ESRCH && !probe_read(fd, &line, 20), "%s: it hears no more", how);
	close(fd);
}

/* An engine inside takes its time; one outside gets its death report, then that of the reap. */
static void outer_in_order(void)
{
	struct probe_line line = { .event = 0 };
	int outer;
	bool got;

	fd = probe_open();
	outer = probe_open();
	pid = subject(sleeper, NULL);
	reaches(pid, 'S', PATIENCE);
	probe_do(fd, "attach %d 0", pid);
	probe_do(outer, "attach %d 0", pid);
	probe_do(fd, "events %lx", EV(DEATH) | EV(REAP));
	probe_do(outer, "events %lx", EV(DEATH) | EV(REAP));
	probe_do(fd, LONG);
	kill(pid, SIGKILL);
	check(reported(EV_DEATH), "two engines: the inner one is in its death report");
	check(subject_wait(pid, PATIENCE) == SIGKILL && !probe_read(outer, &line, 20),
	      "two engines: reaped, the outer one knows nothing");
	probe_do(fd, "delay 0");
	got = probe_read(outer, &line, PATIENCE);
	check(got && line.event == EV_DEATH, "two engines: its death: %u", line.event);
	check(reaped_once(outer, pid), "two engines: the reap");
	check(reaped_once(fd, pid), "two engines: and for the inner one");
	close(outer);
	close(fd);
}

static void *short_life(void *arg)
{
	page[ORDERED_FREE] = syscall(SYS_gettid);
	while (!page[ORDERED_FREE + 1])
		usleep(1000);
	return arg;
}

static int with_thread(void *unused)
{
	pthread_t t;

	pthread_create(&t, NULL, short_life, NULL);
	return sleeper(unused);
}

/* A thread that is not the leader reaps itself; nobody else has to. */
static void thread_reaps_itself(void)
{
	page[ORDERED_FREE] = page[ORDERED_FREE + 1] = 0;
	pid = subject(with_thread, NULL);
	while (!page[ORDERED_FREE])
		sleep_ms(1);
	fd = probe_open();
	probe_do(fd, "attach %ld 0", page[ORDERED_FREE]);
	probe_do(fd, "events %lx", EV(DEATH) | EV(REAP));
	probe_do(fd, LONG);
	page[ORDERED_FREE + 1] = 1;
	check(reported(EV_DEATH), "a thread ends: its death");
	probe_do(fd, "delay 0");
	check(reaped_once(fd, page[ORDERED_FREE]), "a thread ends: the reap, once");
	close(fd);
	subject_end(pid);
}

int main(void)
{
	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		run_sequence(&sequences[i]);
	dropped_before_its_turn();
	decisions();
	decision_is_counted(DO_RESUME, "RESUME");
	decision_is_counted(DO_REPORT, "REPORT");
	decision_is_counted(DO_INTERRUPT, "INTERRUPT");
	reaped_in_death_report();
	outer_in_order();
	leaves_in_death_report(false);
	leaves_in_death_report(true);
	thread_reaps_itself();
	return done_testing();
}
