/* drain.c - a drain detaches all engines of one ops table, and waits until the last one is released. */
/* seconds: 60 */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define FILES 4
/* How long release() takes: the drain and a look at what runs are shorter. */
#define RELEASE 1000

static pid_t pid;
/* Engines of the ops table that is drained; who drains. */
static int fd[FILES], drainer;

static void start(int files)
{
	page[0] = 0;
	pid = subject(spin, NULL);
	moves(0);
	for (int i = 0; i < files; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach_few %d", pid))
			bail("attach");
	}
	drainer = probe_open();
}

static void end(const char *what)
{
	close(drainer);
	check(moves(0) && subject_end(pid), "%s: the program has lived on", what);
}

/* Has it been set within PATIENCE? */
static bool is_set(volatile int *what)
{
	for (long end = now_ms() + PATIENCE; !*what; sleep_ms(1))
		if (now_ms() > end)
			return false;
	return true;
}

static void *closes(void *file)
{
	close(*(int *)file);
	return NULL;
}

static volatile int begun, drained;

static void *drains(void *unused)
{
	begun = 1;
	drained = 1 + probe_do(drainer, "drain");
	return unused;
}

static bool busy(int want)
{
	for (long end = now_ms() + PATIENCE; probe_do(drainer, "idle") != want; sleep_ms(1))
		if (now_ms() > end)
			return false;
	return true;
}

/* Nobody else has a reference when the file drops its own: release() sleeps in its close. */
static void releases(int files, const char *what)
{
	pthread_t t[FILES];
	int got;

	start(files);
	for (int i = 0; i < files; i++) {
		/* the last one takes longest */
		probe_do(fd[i], "release %d", RELEASE * (i + 1) / files);
		got = probe_do(fd[i], "control %d", DO_DETACH);
		check(!got, "%s: %d is detached: %d", what, i, got);
	}
	for (int i = 0; i < files; i++)
		if (pthread_create(&t[i], NULL, closes, &fd[i]))
			bail("thread");
	check(busy(-EBUSY), "%s: release() runs", what);
	got = probe_do(drainer, "drain");
	if (!got)
		got = probe_do(drainer, "idle");
	check(!got, "%s: when the drain is over it has returned: %d", what, got);
	for (int i = 0; i < files; i++)
		pthread_join(t[i], NULL);
	end(what);
}

/* References are held: the engines are detached at once, the drain waits for the last one to be put. */
static void referred_to(int files, const char *what)
{
	struct probe_line line;
	int other = probe_open(), got = 0;
	pthread_t t;

	start(files);
	if (probe_do(other, "attach %d 0", pid))
		bail("attach");
	/* what one holds goes on */
	probe_do(fd[0], "control %d", DO_STOP);
	check(reaches(pid, 't', PATIENCE), "%s: held", what);
	begun = drained = 0;
	if (pthread_create(&t, NULL, drains, NULL))
		bail("thread");
	check(is_set(&begun) && moves(0), "%s: let go by the drain", what);
	for (int i = 0; i < files; i++) {
		/* one after the other is detached */
		for (long e = now_ms() + PATIENCE; now_ms() < e; sleep_ms(1)) {
			got = probe_do(fd[i], "events 0");
			if (got)
				break;
		}
		check(got == -ESRCH, "%s: %d is detached: %d", what, i, got);
	}
	for (int i = 0; i < files; i++) {
		sleep_ms(20);
		check(!drained, "%s: %d are referred to, the drain waits", what, files - i);
		close(fd[i]);
	}
	pthread_join(t, NULL);
	check(drained == 1, "%s: none, the drain is over: %d", what, drained);
	/* another ops table has nothing to do with it */
	got = probe_do(other, "events %lx", EV(QUIESCE));
	if (!got)
		got = probe_do(other, "control %d", DO_REPORT);
	check(!got && probe_event(other, EV_QUIESCE, &line, PATIENCE), "%s: an engine of another table is there: %d", what,
	      got);
	close(other);
	end(what);
}

/* A callback runs: the drain waits for it, too. */
static void in_callback(void)
{
	const char *what = "a callback runs";
	struct probe_line line;
	pthread_t t;

	start(1);
	probe_do(fd[0], "delay 20000000");
	probe_do(fd[0], "events %lx", EV(QUIESCE));
	check(!probe_do(fd[0], "control %d", DO_REPORT) && probe_event(fd[0], EV_QUIESCE, &line, PATIENCE), "%s", what);
	begun = drained = 0;
	if (pthread_create(&t, NULL, drains, NULL))
		bail("thread");
	check(is_set(&begun), "%s: a drain begins", what);
	for (long e = now_ms() + PATIENCE; probe_do(fd[0], "events 0") != -ESRCH && now_ms() < e;)
		sleep_ms(1);
	sleep_ms(20);
	check(!drained && still(0), "%s: the drain waits, as the callback has not ended", what);
	probe_do(fd[0], "delay 0");
	check(moves(0), "%s: it has", what);
	sleep_ms(20);
	check(!drained, "%s: the drain waits for the reference", what);
	close(fd[0]);
	pthread_join(t, NULL);
	check(drained == 1, "%s: the drain is over: %d", what, drained);
	end(what);
}

/* There are none: nothing to wait for; and after it all is as before. */
static void nothing(void)
{
	int got;

	start(0);
	got = probe_do(drainer, "drain");
	check(!got, "no engine: %d", got);
	got = probe_do(drainer, "attach_few %d", pid);
	check(!got, "one attaches after that: %d", got);
	got = probe_do(drainer, "events %lx", EV(QUIESCE));
	check(!got, "and is there: %d", got);
	end("no engine");
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	nothing();
	releases(1, "one is released");
	releases(FILES, "several are released");
	referred_to(1, "one is referred to");
	referred_to(FILES, "several are referred to");
	in_callback();
	return done_testing();
}
