/* interrupts.c - INTERRUPT, given in or during any callback, leads to report_signal without a signal, once, whatever recalculates signals meanwhile. */
/* seconds: 120 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define GO 10
/* The signal part of an action: there is none, an engine asked. */
#define REPORT 0x60

/* Each of these calls recalculates whether a signal is pending. */
static int masks(void *unused)
{
	unsigned long set = 0;

	(void)unused;
	for (;;) {
		set ^= 1UL << (SIGUSR2 - 1);
		syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, sizeof(set));
		page[0]++;
	}
	return 0;
}

static int vforks(void *unused)
{
	while (!page[GO])
		;
	for (;;) {
		pid_t pid = vfork();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
		page[0]++;
	}
	return sleeper(unused);
}

static int execs(void *unused)
{
	(void)unused;
	while (!page[GO])
		;
	execl("/engines/interrupts", "interrupts", "sleep", NULL);
	return 1;
}

static void handler(int sig)
{
	(void)sig;
}

static int handles(void *unused)
{
	signal(SIGUSR1, handler);
	return spin(unused);
}

static const struct place {
	const char *name;
	int (*run)(void *);
	unsigned int event;
	int signal;
	int control;		/* 1 + what brings it there */
} places[] = {
	{ "entry", masks, EV_ENTRY, 0, 0 },
	{ "exit", masks, EV_SYSCALL_EXIT, 0, 0 },
	{ "clone", vforks, EV_CLONE, 0, 0 },
	{ "vfork done", vforks, EV_VFORK_DONE, 0, 0 },
	{ "exec", execs, EV_EXEC, 0, 0 },
	{ "signal", handles, EV_SIGNAL, SIGUSR1, 0 },
	{ "job control", spin, EV_JCTL, SIGSTOP, 0 },
	{ "arrival", masks, EV_ARRIVAL, 0, 1 + DO_REPORT },
	{ "final report", masks, EV_FINAL, 0, 1 + DO_REPORT },
	{ "last work", masks, EV_QUIESCE, 0, 1 + DO_REPORT },
};
#define NPLACES (sizeof(places) / sizeof(places[0]))

enum how { RETURNED, WITHIN, MEANWHILE, HOWS };
static const char *const hows[] = { "returned by", "ordered in", "ordered from outside during" };

static pid_t pid;
static int fd;

static void start(const struct place *p)
{
	page[GO] = 0;
	pid = subject(p->run, NULL);
	if (p->run != vforks && p->run != execs)
		moves(0);
	fd = probe_open();
	if (probe_do(fd, "attach %d 0", pid))
		bail("attach");
}

/* Bring it to that callback. */
static void trigger(const struct place *p)
{
	if (probe_do(fd, "events %lx", EV(QUIESCE) | 1UL << p->event))
		bail("events");
	page[GO] = 1;
	if (p->signal)
		kill(pid, p->signal);
	if (p->control && probe_do(fd, "control %d", p->control - 1))
		bail("control");
}

/* How many reports without a signal there are: waits for the first. */
static int reports(void)
{
	struct probe_line line = { .event = 0 };
	int n = 0, after = 0;

	/* a busy subject never ends to report: that there is no second one is seen by what follows */
	for (long end = now_ms() + PATIENCE; now_ms() < end && after < 200;) {
		if (!probe_read(fd, &line, n ? 20 : 1000)) {
			if (n)
				break;
			continue;
		}
		if (line.event == EV_SIGNAL && (line.action & 0xf0) == REPORT)
			n++;
		else if (n)
			after++;
	}
	return n;
}

static void interrupt(const struct place *p, enum how how)
{
	struct probe_line line = { .extra = 0 };
	bool told = true;
	int n, ret = 0;

	start(p);
	switch (how) {
	case RETURNED:
		probe_do(fd, "once %d %d", p->event, DO_INTERRUPT);
		break;
	case WITHIN:
		probe_do(fd, "within %d control %d", p->event, DO_INTERRUPT);
		break;
	default:
		probe_do(fd, "delay 20000000");
	}
	trigger(p);
	if (how == MEANWHILE) {
		/* QUIESCE comes first: that is the callback that runs */
		told = probe_read(fd, &line, PATIENCE);
		ret = probe_do(fd, "control %d", DO_INTERRUPT);
		probe_do(fd, "delay 0");
	}
	/* it is asleep, else, until it is continued */
	if (p->signal == SIGSTOP) {
		reaches(pid, 'T', 200);
		kill(pid, SIGCONT);
	}
	n = reports();
	check(told && !ret && n == 1, "%s the callback of %s: %d reports without a signal", hows[how], p->name, n);
	probe_do(fd, "delay 0");
	check(!probe_do(fd, "detach_sync"), "%s the callback of %s: it leaves", hows[how], p->name);
	check(waitpid(pid, NULL, WNOHANG) == 0, "%s the callback of %s: it lives", hows[how], p->name);
	close(fd);
	subject_end(pid);
}

/* From outside, at any time, to a thread that does nothing but recalculate. */
static void at_any_time(void)
{
	struct probe_line line;
	int good = 0;

	start(&places[0]);
	probe_do(fd, "events %lx", EV(QUIESCE));
	for (int i = 0; i < 500; i++) {
		if (probe_do(fd, "control %d", DO_INTERRUPT))
			break;
		if (!probe_event(fd, EV_SIGNAL, &line, PATIENCE) || (line.action & 0xf0) != REPORT)
			break;
		good++;
	}
	check(good == 500, "500 interrupts at any time, %d reports", good);
	close(fd);
	subject_end(pid);
}

/* Without QUIESCE there is nobody to tell, but a sleep ends. */
static int naps(void *unused)
{
	(void)unused;
	for (;;) {
		page[1] = syscall(SYS_pause) ? -errno : 0;
		page[0]++;
	}
	return 0;
}

static void wakes_only(void)
{
	struct probe_line line;
	long was;

	page[0] = 0;
	pid = subject(naps, NULL);
	reaches(pid, 'S', PATIENCE);
	fd = probe_open();
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "events %lx", EV(SYSCALL_EXIT));
	was = page[0];
	check(!probe_do(fd, "control %d", DO_INTERRUPT), "no QUIESCE, asleep");
	check(probe_event(fd, EV_SYSCALL_EXIT, &line, PATIENCE), "its sleep ends");
	check(reaches(pid, 'S', PATIENCE) && page[0] == was, "and is taken up again: %ld", page[1]);
	check(!probe_event(fd, EV_SIGNAL, &line, 0), "nothing without a signal is reported");
	close(fd);
	subject_end(pid);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return !strcmp(argv[1], "sleep") ? sleeper(NULL) : 2;
	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (size_t i = 0; i < NPLACES; i++)
		for (enum how how = 0; how < HOWS; how++)
			interrupt(&places[i], how);
	at_any_time();
	wakes_only();
	return done_testing();
}
