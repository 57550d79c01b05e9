/* kill-at-stops.c - SIGKILL gets through every stop that an engine can make, but the one at exit, as with ptrace. */
/* seconds: 180 */
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/filter.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* In the page: an order, and what a subject says. */
enum { GO = 10, READY, DONE };
#define MADE "/tmp/kill-at-stops-made"

static void wait_go(void)
{
	while (!page[GO])
		usleep(1000);
}

static int vforks(void *unused)
{
	pid_t pid;

	(void)unused;
	wait_go();
	pid = vfork();
	if (!pid)
		_exit(0);
	return sleeper(NULL);
}

static int execs(void *unused)
{
	(void)unused;
	wait_go();
	execl("/engines/kill-at-stops", "kill-at-stops", "sleep", NULL);
	return 1;
}

static int exits(void *unused)
{
	(void)unused;
	wait_go();
	return 7;
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

static int filtered(void *unused)
{
	if (!filter_getppid(SECCOMP_RET_TRACE))
		return 1;
	return call(unused);
}

/* A stop of one kind: how a thread gets there. */
static const struct stop {
	const char *name;
	int (*run)(void *);
	unsigned int event;		/* whose callback stops it */
	unsigned long events;
	int signal;			/* to be sent */
	int control;			/* to be asked for, if not 0: 1 + action */
	unsigned int on;		/* what the callback returns beside STOP */
} stops[] = {
	{ "clone", vforks, EV_CLONE, EV(CLONE), 0, 0, 0 },
	{ "vfork done", vforks, EV_VFORK_DONE, EV(VFORK_DONE), 0, 0, 0 },
	{ "exec", execs, EV_EXEC, EV(EXEC), 0, 0, 0 },
	{ "exit", exits, EV_EXIT, EV(EXIT), 0, 0, 0 },
	{ "system call entry", call, EV_ENTRY, EV(ENTRY), 0, 0, 0 },
	{ "system call exit", call, EV_SYSCALL_EXIT, EV(SYSCALL_EXIT), 0, 0, 0 },
	{ "seccomp", filtered, EV_SECCOMP, EV(SECCOMP), 0, 0, 0 },
	{ "signal with a handler", handles, EV_SIGNAL, EV(SIGNAL), SIGUSR1, 0, 0 },
	{ "signal handler set up", handles, EV_SIGNAL, EV(QUIESCE), SIGUSR1, 0, 0x1000 },
	{ "ignored signal", spin, EV_SIGNAL, EV(SIGNAL_IGN), SIGCHLD, 0, 0x10 },
	{ "stop signal", spin, EV_SIGNAL, EV(SIGNAL_STOP), SIGTSTP, 0, 0x50 },
	{ "deadly signal", spin, EV_SIGNAL, EV(SIGNAL_TERM), SIGTERM, 0, 0x20 },
	{ "signal with a core", spin, EV_SIGNAL, EV(SIGNAL_CORE), SIGQUIT, 0, 0x30 },
	{ "report without a signal", spin, EV_SIGNAL, EV(QUIESCE), 0, 1 + DO_INTERRUPT, 0x60 },
	{ "job control stop", spin, EV_JCTL, EV(JCTL), SIGSTOP, 0, 0 },
	{ "arrival", call, EV_FINAL, EV(ENTRY) | EV(ARRIVAL) | EV(FINAL), 0, 0, 0 },
	{ "about to resume", spin, EV_QUIESCE, EV(QUIESCE), 0, 1 + DO_REPORT, 0 },
	{ "asked for from outside", spin, EV_QUIESCE, 0, 0, 1 + DO_STOP, 0 },
};

/* A thread in that stop; @fd its engine. */
static pid_t bring(const struct stop *s, int *fd)
{
	struct probe_line line;
	pid_t pid;

	page[GO] = 0;
	pid = subject(s->run, NULL);
	if (s->run == spin || s->run == call || s->run == filtered || s->run == handles)
		moves(0);
	*fd = probe_open();
	probe_do(*fd, "attach %d 0", pid);
	if (s->on == 0x1000) {
		/* the first report is the signal, the second the handler */
		probe_do(*fd, "events %lx", s->events);
		kill(pid, s->signal);
		probe_event(*fd, EV_SIGNAL, &line, PATIENCE);
		probe_event(*fd, EV_SIGNAL, &line, PATIENCE);
		check((line.action & 0xf0) == 0x70, "%s: reported: %x", s->name, line.action);
		probe_do(*fd, "on %d %x", EV_SIGNAL, DO_STOP);
		kill(pid, s->signal);
	} else {
		if (s->control != 1 + DO_STOP)
			/* once: QUIESCE also comes before the exit report */
			probe_do(*fd, "%s %d %x", s->event == EV_QUIESCE ? "once" : "on", s->event,
				 s->on | DO_STOP);
		check(!probe_do(*fd, "events %lx", s->events), "%s: attached", s->name);
		if (s->signal)
			kill(pid, s->signal);
		if (s->control)
			probe_do(*fd, "control %d", s->control - 1);
	}
	page[GO] = 1;
	if (!check(reaches(pid, 't', PATIENCE), "%s: it stopped: %c", s->name, state_of(pid)))
		whereabouts(pid);
	return pid;
}

static void killed(const struct stop *s)
{
	int fd, status;
	pid_t pid = bring(s, &fd);

	kill(pid, SIGKILL);
	if (s->event == EV_EXIT) {
		/* a second one neither: it is exiting; the engine lets it go */
		check(subject_wait(pid, 50) == -1, "%s: SIGKILL does not end it", s->name);
		check(!probe_do(fd, "control %d", DO_RESUME), "%s: let go", s->name);
		status = subject_wait(pid, PATIENCE);
		check(status == 7 << 8, "%s: it had exited already: %x", s->name, status);
	} else {
		status = subject_wait(pid, PATIENCE);
		if (!check(status == SIGKILL, "%s: killed: %x", s->name, status))
			whereabouts(pid);
	}
	close(fd);
}

/* With ptrace in it, too. */
static void killed_with_ptrace(const struct stop *s)
{
	int fd, status;
	pid_t pid;

	if (s->event == EV_EXIT)
		return;
	pid = bring(s, &fd);
	check(!trace(PTRACE_SEIZE, pid, 0) && !trace(PTRACE_INTERRUPT, pid, 0), "%s: seized", s->name);
	kill(pid, SIGKILL);
	status = trace_wait(pid, PATIENCE);
	check(status == SIGKILL, "%s: killed, with ptrace: %x", s->name, status);
	close(fd);
}

/* And with three engines that hold it. */
static void killed_with_three(const struct stop *s)
{
	int fd[3], status;
	pid_t pid;

	if (s->event == EV_EXIT)
		return;
	pid = bring(s, &fd[0]);
	for (int i = 1; i < 3; i++) {
		fd[i] = probe_open();
		probe_do(fd[i], "attach %d 0", pid);
		check(!probe_do(fd[i], "control %d", DO_STOP), "%s: held by %d", s->name, i + 1);
	}
	kill(pid, SIGKILL);
	status = subject_wait(pid, PATIENCE);
	check(status == SIGKILL, "%s: killed, with three engines: %x", s->name, status);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}

/* Makes a directory, by its only call, when it is told to. */
static int makes(void *unused)
{
	(void)unused;
	page[READY] = 1;
	while (!page[GO])
		;
	syscall(SYS_mkdir, MADE, 0700);
	page[DONE] = 1;
	return spin(unused);
}

/* What else there is when it is killed at the entry of its call. */
enum beside { NOBODY, PTRACE, ENGINE, EXIT_REPORT, BESIDES };
static const char *const besides[] = { "nobody else", "ptrace", "another engine", "its exit wanted, too" };

/* A call that a kill meets at its entry is not made, whatever its verdict. */
static void makes_no_call(enum beside beside, unsigned int verdict)
{
	int fd = probe_open(), other = probe_open(), status;
	pid_t pid;

	page[GO] = page[READY] = page[DONE] = 0;
	rmdir(MADE);
	pid = subject(makes, NULL);
	while (!page[READY])
		usleep(1000);
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "on %d %x", EV_ENTRY, verdict | DO_STOP);
	check(!probe_do(fd, "events %lx", EV(ENTRY) | (beside == EXIT_REPORT ? EV(SYSCALL_EXIT) : 0)),
	      "mkdir, %s: attached", besides[beside]);
	page[GO] = 1;
	check(reaches(pid, 't', PATIENCE), "mkdir, %s: it stands at the entry: %c", besides[beside], state_of(pid));
	if (beside == PTRACE)
		check(!trace(PTRACE_SEIZE, pid, 0) && !trace(PTRACE_INTERRUPT, pid, 0), "mkdir: seized");
	if (beside == ENGINE)
		check(!probe_do(other, "attach %d 0", pid) && !probe_do(other, "control %d", DO_STOP),
		      "mkdir: held by another engine");
	kill(pid, SIGKILL);
	status = beside == PTRACE ? trace_wait(pid, PATIENCE) : subject_wait(pid, PATIENCE);
	check(status == SIGKILL, "mkdir, %s: killed: %x", besides[beside], status);
	check(access(MADE, F_OK) && errno == ENOENT, "mkdir, %s, verdict %x: it was not made", besides[beside],
	      verdict);
	rmdir(MADE);
	close(fd);
	close(other);
}

/* One that is let go is made; then the kill does not take it back. */
static void makes_call(void)
{
	int fd = probe_open();
	pid_t pid;

	page[GO] = page[READY] = page[DONE] = 0;
	pid = subject(makes, NULL);
	while (!page[READY])
		usleep(1000);
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "on %d %x", EV_ENTRY, DO_STOP);
	probe_do(fd, "events %lx", EV(ENTRY));
	page[GO] = 1;
	check(reaches(pid, 't', PATIENCE) && access(MADE, F_OK), "mkdir: it stands at the entry");
	check(!probe_do(fd, "control %d", DO_RESUME) && moves(0) && page[DONE], "mkdir: let go");
	check(subject_end(pid) && !access(MADE, F_OK), "mkdir: it was made before it was killed");
	rmdir(MADE);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return !strcmp(argv[1], "sleep") ? sleeper(NULL) : 2;
	subject_init(170);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		killed(&stops[i]);
		killed_with_ptrace(&stops[i]);
		killed_with_three(&stops[i]);
	}
	makes_call();
	for (enum beside beside = 0; beside < BESIDES; beside++) {
		makes_no_call(beside, 0);
		/* rolled back, too */
		makes_no_call(beside, 0x200);
	}
	return done_testing();
}
