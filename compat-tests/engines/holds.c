/* holds.c - a thread that engines hold: what comes before the stop, what waits for its end, what goes to others. */
/* seconds: 60 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* In the page: it is there, it is to go on, how often a handler ran, in which thread, the sibling's id. */
enum { READY = 10, GO, HANDLED, BY, SIBLING };

static pid_t pid;
static int fd;

static void start(int (*run)(void *), int keep, unsigned long events)
{
	page[READY] = page[GO] = page[HANDLED] = page[BY] = page[SIBLING] = 0;
	pid = subject_keeping(keep, run, &keep);
	for (long end = now_ms() + PATIENCE; !page[READY]; sleep_ms(1))
		if (now_ms() > end)
			bail("no subject");
	fd = probe_engine(pid, 0, events);
}

static void end(void)
{
	close(fd);
	subject_end(pid);
}

static bool counts(int i)
{
	for (long end = now_ms() + PATIENCE; !page[i]; sleep_ms(1))
		if (now_ms() > end)
			return false;
	return true;
}

static void handler(int sig)
{
	(void)sig;
	page[BY] = syscall(SYS_gettid);
	page[HANDLED]++;
}

static int spins(void *unused)
{
	signal(SIGUSR1, handler);
	page[READY] = 1;
	return spin(unused);
}

/* Who asks from outside needs no event for it: a thread in user mode stops. */
static void without_events(void)
{
	int got;

	start(spins, -1, 0);
	got = probe_do(fd, "control %d", DO_STOP);
	check(got == -EINPROGRESS, "no events: STOP: %d", got);
	check(reaches(pid, 't', PATIENCE) && still(0), "no events: it stops: %c", state_of(pid));
	check(!probe_do(fd, "control %d", DO_STOP), "no events: it stands");
	check(!probe_do(fd, "control %d", DO_RESUME) && moves(0), "no events: it goes on");
	end();
}

/* A signal that comes meanwhile acts when the stop is over, though the program makes no calls. */
static void signal_meanwhile(bool shared)
{
	const char *what = shared ? "a signal to the process" : "a signal to the thread";

	start(spins, -1, 0);
	probe_do(fd, "control %d", DO_STOP);
	check(reaches(pid, 't', PATIENCE), "%s: it is held: %c", what, state_of(pid));
	if (shared)
		kill(pid, SIGUSR1);
	else
		syscall(SYS_tgkill, pid, pid, SIGUSR1);
	check(still(0) && !page[HANDLED], "%s: it waits", what);
	check(!probe_do(fd, "control %d", DO_RESUME), "%s: let go", what);
	check(counts(HANDLED) && page[HANDLED] == 1, "%s: the handler ran: %ld", what, page[HANDLED]);
	end();
}

static void *sibling(void *unused)
{
	page[SIBLING] = syscall(SYS_gettid);
	for (;;)
		pause();
	return unused;
}

static int two_threads(void *unused)
{
	pthread_t t;

	signal(SIGUSR1, handler);
	if (pthread_create(&t, NULL, sibling, NULL))
		return 1;
	while (!page[SIBLING])
		usleep(1000);
	page[READY] = 1;
	return spin(unused);
}

/* One for the process is taken by a thread that nobody holds. */
static void taken_by_sibling(void)
{
	start(two_threads, -1, 0);
	check(reaches(page[SIBLING], 'S', PATIENCE), "the sibling sleeps: %c", state_of(page[SIBLING]));
	probe_do(fd, "control %d", DO_STOP);
	check(reaches(pid, 't', PATIENCE) && !probe_do(fd, "examine"), "the first thread is held: %c", state_of(pid));
	kill(pid, SIGUSR1);
	check(counts(HANDLED) && page[BY] == page[SIBLING], "a signal to the process: its sibling takes it: %ld of %ld",
	      page[BY], page[SIBLING]);
	check(state_of(pid) == 't', "and the first thread is held still: %c", state_of(pid));
	end();
}

/* Puts another file in place of the one it keeps. */
static int replaces(void *keep)
{
	page[READY] = 1;
	while (!page[GO])
		;
	dup2(0, *(int *)keep);
	page[READY] = 2;
	return sleeper(NULL);
}

/* What the thread has to do for others is done before it stops. */
static void work_first(void)
{
	struct pollfd p;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		bail("pipe");
	start(replaces, ends[1], EV(SYSCALL_EXIT));
	close(ends[1]);
	p = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	check(!poll(&p, 1, 0), "the writer is there");
	probe_do(fd, "once %d %d", EV_SYSCALL_EXIT, DO_STOP);
	page[GO] = 1;
	check(reaches(pid, 't', PATIENCE), "the file was closed, it is held at the call's exit: %c", state_of(pid));
	check(poll(&p, 1, PATIENCE) == 1 && (p.revents & POLLHUP), "and the file is closed: %x", (unsigned int)p.revents);
	check(page[READY] == 1 && state_of(pid) == 't', "while it is held: %c", state_of(pid));
	probe_do(fd, "control %d", DO_RESUME);
	close(ends[0]);
	end();
}

/* Held while it was in a group stop: it stands, before others' reports, until it is let go. */
static void stop_first(int request, const char *name)
{
	struct probe_line line = { 0 };
	int other, got;
	bool told;

	start(spins, -1, EV(QUIESCE));
	other = probe_open();
	if (probe_do(other, "attach %d 0", pid))
		bail("attach");
	kill(pid, SIGSTOP);
	check(reaches(pid, 'T', PATIENCE), "%s, then SIGCONT: in a group stop: %c", name, state_of(pid));
	got = probe_do(fd, "control %d", request);
	check(!got, "%s by one: %d", name, got);
	got = probe_do(other, "control %d", DO_STOP);
	check(!got, "STOP by another: %d", got);
	probe_drop(fd);
	kill(pid, SIGCONT);
	check(reaches(pid, 't', PATIENCE), "%s, then SIGCONT: it is held: %c", name, state_of(pid));
	told = probe_read(fd, &line, 0);
	check(!told, "%s: nothing is reported before: %d, %u", name, told, line.event);
	probe_do(other, "control %d", DO_RESUME);
	check(probe_read(fd, &line, PATIENCE), "%s: but after it", name);
	check(moves(0), "%s: it goes on", name);
	close(other);
	end();
}

/*
 * Told of the first stop, it drops the event, and wants it again while the
 * thread is held and a sibling has begun the second: that is reported, too.
 */
static void wants_again(void)
{
	struct probe_line line = { 0 };
	int holder;

	start(two_threads, -1, EV(JCTL));
	holder = probe_open();
	if (probe_do(holder, "attach %d 0", pid))
		bail("attach");
	kill(pid, SIGSTOP);
	check(reaches(pid, 'T', PATIENCE) && probe_event(fd, EV_JCTL, &line, 0), "told of the first stop: %c",
	      state_of(pid));
	check(!probe_do(fd, "events 0"), "it is not to be told of any other");
	kill(pid, SIGCONT);
	check(moves(0) && reaches(page[SIBLING], 'S', PATIENCE), "the stop is over");
	probe_do(holder, "control %d", DO_STOP);
	check(reaches(pid, 't', PATIENCE), "held: %c", state_of(pid));
	syscall(SYS_tgkill, pid, page[SIBLING], SIGSTOP);
	check(reaches(page[SIBLING], 'T', PATIENCE), "the sibling stops: %c", state_of(page[SIBLING]));
	probe_drop(fd);
	check(!probe_do(fd, "events %lx", EV(JCTL)), "it is to be told again");
	check(!probe_do(holder, "control %d", DO_RESUME) && reaches(pid, 'T', PATIENCE), "let go, it stops: %c",
	      state_of(pid));
	check(probe_event(fd, EV_JCTL, &line, 0), "told of the second stop");
	close(holder);
	end();
}

static int has_worker(void *unused)
{
	struct io_uring_params p = { .flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 1 };

	page[SIBLING] = syscall(SYS_io_uring_setup, 4, &p);
	page[READY] = 1;
	return sleeper(unused);
}

/* The one thread of the process but the first; 0: there is none. */
static int other_thread(void)
{
	struct dirent *e;
	char path[64];
	int tid = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && atoi(e->d_name) != pid)
			tid = atoi(e->d_name);
	if (dir)
		closedir(dir);
	return tid;
}

/* A thread that never goes to user mode, and waits for work: it stops, too. */
static void worker(void)
{
	int got, tid;

	start(has_worker, -1, 0);
	tid = other_thread();
	if (!tid) {
		skip("no io_uring", "a worker is held");
		end();
		return;
	}
	if (probe_do(fd, "attach %d 0", tid))
		bail("attach");
	check(reaches(tid, 'S', PATIENCE), "a worker sleeps: %c", state_of(tid));
	got = probe_do(fd, "control %d", DO_STOP);
	check(got == -EINPROGRESS, "a worker: STOP: %d", got);
	check(reaches(tid, 't', PATIENCE), "a worker: it stops: %c", state_of(tid));
	check(!probe_do(fd, "control %d", DO_STOP) && !probe_do(fd, "examine"), "a worker: it stands");
	check(!probe_do(fd, "control %d", DO_RESUME) && reaches(tid, 'S', PATIENCE), "a worker: it sleeps again: %c",
	      state_of(tid));
	end();
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	without_events();
	signal_meanwhile(true);
	signal_meanwhile(false);
	taken_by_sibling();
	work_first();
	stop_first(DO_INTERRUPT, "INTERRUPT");
	stop_first(DO_REPORT, "REPORT");
	wants_again();
	worker();
	return done_testing();
}
