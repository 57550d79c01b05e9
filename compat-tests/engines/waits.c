/* waits.c - a barrier waits for one callback, and detaching for sure works in every state of an engine. */
/* seconds: 60 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* So many callbacks may begin before a barrier that waits for one has returned. */
#define CALLBACKS 6
#define POLLED 300000

static const char * const forms[] = { "detach_sync", "detach_sync_uninterruptible" };

static pid_t pid;
static int fd;

static void attach(pid_t to, unsigned long events)
{
	pid = to;
	fd = probe_engine(pid, 0, events);
}

static void end(void)
{
	close(fd);
	subject_end(pid);
}

static volatile int result;
static volatile pid_t waiter;

static void *barrier(void *unused)
{
	waiter = gettid();
	result = probe_do(fd, "barrier");
	return unused;
}

/* One callback follows the other, without end; the wait has one. */
static void constant(unsigned long events, const char *what)
{
	struct probe_line line;
	pthread_t t;
	int n = 0;

	attach(subject(call, NULL), events);
	for (int i = 0; i < 3; i++) {
		n = 0;
		result = 1;
		waiter = 0;
		probe_do(fd, "delay 60000");
		probe_drop(fd);
		if (!probe_read(fd, &line, PATIENCE) || pthread_create(&t, NULL, barrier, NULL))
			bail("no callback");
		/* from here on: the thread may have been slow to come to its call */
		while (!waiter)
			sched_yield();
		while (result == 1 && !reaches(waiter, 'S', 10))
			;
		/* "drop" would wait for the call to be over */
		while (probe_read(fd, &line, 0))
			;
		while (result == 1 && n < 2 * CALLBACKS && probe_read(fd, &line, PATIENCE))
			n++;
		check(result == 0 && n <= CALLBACKS, "barrier, %s: %d, and %d callbacks have begun", what, result, n);
		/* if it waits still it does so to the end of the thread */
		if (result == 1)
			kill(pid, SIGKILL);
		pthread_join(t, NULL);
		if (n > CALLBACKS)
			break;
	}
	end();
}

/* The engine is there, leaves by itself, has left, and is asked once more. */
static void detached(const char *form)
{
	struct probe_line line = { 0 };
	int got, more;

	attach(subject_ordered(), EV(ENTRY));
	got = probe_do(fd, "%s", form);
	more = probe_do(fd, "%s", form);
	check(!got && !more, "%s: %d, again: %d", form, got, more);
	end();

	attach(subject_ordered(), EV(ENTRY));
	probe_do(fd, "on %d %d", EV_ENTRY, DO_DETACH);
	page[GO]++;
	check(ordered_done() && probe_event(fd, EV_ENTRY, &line, PATIENCE), "%s: it leaves by its callback", form);
	got = probe_do(fd, "%s", form);
	more = probe_do(fd, "%s", form);
	check(!got && !more, "%s of one that left by itself: %d, again: %d", form, got, more);
	end();

	attach(subject_ordered(), EV(ENTRY));
	got = probe_do(fd, "control %d", DO_DETACH);
	more = probe_do(fd, "%s", form);
	check(!got && !more, "%s of one that was detached: %d", form, more);
	kill(pid, SIGKILL);
	subject_wait(pid, PATIENCE);
	got = probe_do(fd, "%s", form);
	check(!got, "%s, and the thread was reaped since: %d", form, got);
	close(fd);

	attach(subject_ordered(), EV(ENTRY));
	probe_do(fd, "within %d control %d", EV_ENTRY, DO_DETACH);
	page[GO]++;
	check(ordered_done() && probe_event(fd, EV_WITHIN, &line, PATIENCE) && !line.extra, "%s: it leaves in a callback",
	      form);
	got = probe_do(fd, "%s", form);
	check(!got, "%s of one that left in a callback: %d", form, got);
	end();

	attach(subject_ordered(), EV(ENTRY));
	probe_do(fd, "control %d", DO_STOP);
	check(reaches(pid, 't', PATIENCE), "%s: it holds the thread", form);
	got = probe_do(fd, "%s", form);
	check(!got && reaches(pid, 'R', PATIENCE), "%s of one that holds: %d, %c", form, got, state_of(pid));
	end();
}

/* In a callback of its own nothing is done. */
static void within(const char *form)
{
	struct probe_line line = { 0 };
	int got;

	attach(subject_ordered(), EV(ENTRY) | EV(SYSCALL_EXIT));
	probe_do(fd, "within %d %s", EV_ENTRY, form);
	page[GO]++;
	check(ordered_done() && probe_event(fd, EV_WITHIN, &line, PATIENCE) && line.extra == -EDEADLK,
	      "%s in its callback: %ld", form, line.extra);
	check(probe_event(fd, EV_SYSCALL_EXIT, &line, PATIENCE), "%s in its callback: it hears on", form);
	got = probe_do(fd, "%s", form);
	check(!got, "%s after that: %d", form, got);
	end();
}

/* A zombie's engine can be detached as long as it is not reaped. */
static void dead(const char *form)
{
	struct probe_line line = { 0 };
	int got, more;

	attach(subject_ordered(), EV(DEATH) | EV(REAP));
	kill(pid, SIGKILL);
	check(probe_event(fd, EV_DEATH, &line, PATIENCE), "%s: it dies", form);
	got = probe_do(fd, "%s", form);
	subject_wait(pid, PATIENCE);
	more = probe_do(fd, "%s", form);
	check(!got && !more && !probe_read(fd, &line, 0), "%s of a zombie's: %d, after its reap: %d", form, got, more);
	close(fd);

	attach(subject_ordered(), EV(REAP));
	kill(pid, SIGKILL);
	subject_wait(pid, PATIENCE);
	got = probe_do(fd, "%s", form);
	more = probe_do(fd, "%s", form);
	check(got == -ESRCH && more == -ESRCH && probe_event(fd, EV_REAP, &line, PATIENCE),
	      "%s after the reap: %d, again: %d", form, got, more);
	close(fd);
}

/*
 * Who sleeps in poll() once for each entry makes the wake-up in report_reap,
 * which is the last that it does, take some time.
 */
static int sleeps_often(void *unused)
{
	static struct pollfd p[POLLED];

	for (int i = 0; i < POLLED; i++)
		p[i] = (struct pollfd){ .fd = fd };
	page[ORDERED_FREE] = 1;
	poll(p, POLLED, -1);
	(void)unused;
	return 0;
}

static void *reap(void *unused)
{
	subject_wait(pid, PATIENCE);
	return unused;
}

/* Who has been there first is woken last: has it been, when the call returns? */
static void during_reap(void)
{
	struct rlimit many = { POLLED, POLLED };
	struct epoll_event last = { .events = EPOLLOUT | EPOLLET };
	struct probe_line line = { 0 };
	int ep = epoll_create1(EPOLL_CLOEXEC), got, woken;
	pid_t poller;
	pthread_t t;

	attach(subject_ordered(), EV(REAP));
	if (setrlimit(RLIMIT_NOFILE, &many) || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &last))
		bail("epoll");
	epoll_wait(ep, &last, 1, 0);
	page[ORDERED_FREE] = 0;
	poller = subject_keeping(fd, sleeps_often, NULL);
	while (!page[ORDERED_FREE])
		sleep_ms(1);
	check(reaches(poller, 'S', 60000), "somebody sleeps: %c", state_of(poller));
	kill(pid, SIGKILL);
	pthread_create(&t, NULL, reap, NULL);
	/* no poll() here: it would wait for the one to be looked at */
	for (long e = now_ms() + PATIENCE; !probe_read(fd, &line, 0) && now_ms() < e;)
		sched_yield();
	got = probe_do(fd, "detach_sync_uninterruptible");
	woken = epoll_wait(ep, &last, 1, 0);
	check(line.event == EV_REAP && got == -ESRCH && woken == 1,
	      "detached for sure during a reap report %u: %d, the report is over: %d", line.event, got, woken);
	pthread_join(t, NULL);
	subject_end(poller);
	close(ep);
	close(fd);
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	constant(EV(ENTRY), "entries");
	constant(EV(ENTRY) | EV(SYSCALL_EXIT), "entries and exits");
	constant(EV(QUIESCE) | EV(ENTRY), "entries, QUIESCE wanted");
	for (int i = 0; i < 2; i++) {
		detached(forms[i]);
		within(forms[i]);
		dead(forms[i]);
	}
	for (int i = 0; i < 5; i++)
		during_reap();
	return done_testing();
}
