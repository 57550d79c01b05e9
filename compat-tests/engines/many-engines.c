/* many-engines.c - one, two, three and eight engines on a thread: order, holds, attach and detach during reports. */
/* seconds: 120 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define MAX 8

static pid_t pid;
static int fd[MAX];

/* @n engines on a new thread that calls getppid(). */
static void start(int n, unsigned long events)
{
	pid = subject(call, NULL);
	if (!moves(0))
		bail("the thread does not run");
	for (int i = 0; i < n; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %d 0", pid) || probe_do(fd[i], "events %lx", events))
			bail("attach engine %d", i);
	}
}

static void finish(int n, const char *what)
{
	check(moves(0), "%s, %d engines: the thread runs", what, n);
	for (int i = 0; i < n; i++)
		close(fd[i]);
	check(moves(0), "%s, %d engines: and without them", what, n);
	check(subject_end(pid), "%s, %d engines: and ends", what, n);
}

/* The thread runs when the last one lets go, in whatever order they do. */
static void holds(int n)
{
	int order[MAX], k;

	start(n, 0);
	for (int i = 0; i < n; i++)
		order[i] = i;
	for (int i = 0; i < n; i++) {
		int j = random() % n, t = order[i];

		order[i] = order[j];
		order[j] = t;
		k = probe_do(fd[i], "control %d", DO_STOP);
		check(i ? k == 0 || k == -EINPROGRESS : k == -EINPROGRESS,
		      "holds, %d engines: stop by number %d: %d", n, i, k);
	}
	check(reaches(pid, 't', PATIENCE), "holds, %d engines: it stopped", n);
	for (int i = 0; i < n; i++)
		check(!probe_do(fd[i], "control %d", DO_STOP), "holds, %d engines: number %d knows", n, i);
	for (int i = 0; i < n; i++) {
		check(still(0), "holds, %d engines: held by %d of them", n, n - i);
		check(!probe_do(fd[order[i]], "control %d", i % 3 == 1 ? DO_DETACH : DO_RESUME),
		      "holds, %d engines: number %d lets go", n, order[i]);
	}
	finish(n, "holds");
}

/*
 * Every engine sees every call; at entry the last attached first, at exit the
 * first one.  "seq" of the reports is one order for all of them.
 */
static void order(int n)
{
	struct probe_line line;
	long entry[MAX], leave[MAX];
	bool good = true;

	start(n, 0);
	/* stopped meanwhile: they all see the same first call */
	probe_do(fd[0], "control %d", DO_STOP);
	reaches(pid, 't', PATIENCE);
	for (int i = 0; i < n; i++)
		probe_do(fd[i], "events %lx", EV(ENTRY) | EV(SYSCALL_EXIT));
	probe_do(fd[0], "control %d", DO_RESUME);
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < n; i++) {
			/* where it stopped, an exit of no entry may come first */
			if (!probe_event(fd[i], EV_ENTRY, &line, PATIENCE))
				good = false;
			entry[i] = line.seq;
			if (!probe_read(fd[i], &line, PATIENCE) || line.event != EV_SYSCALL_EXIT)
				good = false;
			leave[i] = line.seq;
		}
		for (int i = 1; i < n; i++)
			if (entry[i] > entry[i - 1] || leave[i] < leave[i - 1])
				good = false;
		for (int i = 0; i < n; i++)
			if (leave[0] < entry[i])
				good = false;
	}
	check(good, "order, %d engines: entry from the last to the first, exit the other way", n);
	finish(n, "order");
}

/* Each stops at each call; a monitor lets them go one after the other. */
static void stops(int n)
{
	struct probe_line line;
	int good = 0;

	start(n, 0);
	/* stopped meanwhile: they all see the same first call */
	probe_do(fd[0], "control %d", DO_STOP);
	reaches(pid, 't', PATIENCE);
	for (int i = 0; i < n; i++) {
		probe_do(fd[i], "on %d %d", EV_ENTRY, DO_STOP);
		probe_do(fd[i], "events %lx", EV(ENTRY));
	}
	probe_do(fd[0], "control %d", DO_RESUME);
	for (int round = 0; round < 200; round++)
		for (int i = n - 1; i >= 0; i--)
			if (probe_event(fd[i], EV_ENTRY, &line, PATIENCE) &&
			    !probe_do(fd[i], "control_stop %d %u", DO_RESUME, line.id))
				good++;
	check(good == n * 200, "stops, %d engines: each call stopped and went on, %d", n, good);
	for (int i = 0; i < n; i++)
		probe_do(fd[i], "on %d %d", EV_ENTRY, DO_RESUME);
	for (int i = 0; i < n; i++)
		probe_do(fd[i], "control %d", DO_RESUME);
	finish(n, "stops");
}

/* One attaches and one leaves while a callback of a third runs. */
static void during(int n)
{
	struct probe_line line;
	int late;

	start(n, EV(ENTRY));
	/* the innermost one takes its time: all others have been asked */
	probe_do(fd[0], "delay 100000");
	probe_drop(fd[0]);
	probe_event(fd[0], EV_ENTRY, &line, PATIENCE);
	late = probe_open();
	check(!probe_do(late, "attach %d 0", pid) && !probe_do(late, "events %lx", EV(ENTRY)),
	      "during, %d engines: one more attached", n);
	check(!probe_event(late, EV_ENTRY, &line, 30), "during, %d engines: it misses this report", n);
	check(probe_event(late, EV_ENTRY, &line, PATIENCE), "during, %d engines: it sees the next", n);
	probe_do(fd[0], "delay 0");

	if (n > 1) {
		/* the outermost runs, an inner one goes before its turn */
		probe_do(fd[n - 1], "delay 100000");
		probe_drop(fd[n - 1]);
		probe_event(fd[n - 1], EV_ENTRY, &line, PATIENCE);
		check(!probe_do(fd[0], "control %d", DO_DETACH), "during, %d engines: one goes", n);
		probe_drop(fd[0]);
		probe_do(fd[n - 1], "delay 0");
		check(probe_event(late, EV_ENTRY, &line, PATIENCE), "during, %d engines: the others stay", n);
		check(!probe_read(fd[0], &line, 30), "during, %d engines: it is called no more", n);
	}
	/* one leaves in its own callback: all others are asked as before */
	probe_do(late, "on %d %d", EV_ENTRY, DO_DETACH);
	for (long end = now_ms() + 20000; now_ms() < end && probe_do(late, "barrier") != -ESRCH;)
		sleep_ms(1);
	probe_drop(fd[n - 1]);
	check(probe_event(fd[n - 1], EV_ENTRY, &line, PATIENCE), "during, %d engines: one left by itself", n);
	check(probe_do(late, "control %d", DO_STOP) == -ESRCH, "during, %d engines: and is gone", n);
	close(late);
	finish(n, "during");
}

int main(void)
{
	static const int counts[] = { 1, 2, 3, MAX };

	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		holds(counts[i]);
		order(counts[i]);
		stops(counts[i]);
		during(counts[i]);
	}
	return done_testing();
}
