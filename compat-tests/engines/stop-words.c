/* stop-words.c - a thread asleep in a call, of whom engines want a stop: what comes first, the word of the stop comes. */
/* seconds: 120 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define ENGINES 3

/* In the page: it is about to sleep, how often it slept, how often the handler ran. */
enum { READY = 10, SLEPT, HANDLED };

static pid_t pid;
/* One more is there, which holds nothing: it may have an event of its own. */
static int fd[ENGINES], witness;

static void handler(int sig)
{
	(void)sig;
	page[HANDLED]++;
}

static int sleeps(void *unused)
{
	signal(SIGUSR1, handler);
	for (;;) {
		page[READY] = 1;
		pause();
		page[SLEPT]++;
	}
	return unused != NULL;
}

/* What wakes it. */
static const struct waker {
	const char *name;
	int signal;
	unsigned long witness;		/* events of the other engine */
	bool handled;
	bool group;			/* it is stopped as its group when it is let go */
} wakers[] = {
	{ "a handled signal", SIGUSR1, 0, true, false },
	{ "a handled signal and its report", SIGUSR1, EV(SIGNAL), true, false },
	{ "a handled signal and the call's exit", SIGUSR1, EV(SYSCALL_EXIT), true, false },
	{ "an ignored signal and its report", SIGURG, EV(SIGNAL_IGN), false, false },
	{ "a stop signal", SIGSTOP, 0, false, true },
	{ "a stop signal and job control", SIGSTOP, EV(JCTL) | EV(SIGNAL_STOP), false, true },
};

/* Bits: engines that want QUIESCE. */
static void start(const struct waker *w, unsigned int quiesce)
{
	page[READY] = page[SLEPT] = page[HANDLED] = 0;
	pid = subject(sleeps, NULL);
	while (!page[READY])
		sleep_ms(1);
	if (!reaches(pid, 'S', PATIENCE))
		bail("sleep");
	witness = probe_open();
	if (probe_do(witness, "attach %d 0", pid) || probe_do(witness, "events %lx", w->witness))
		bail("attach");
	for (int i = 0; i < ENGINES; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %d 0", pid) ||
		    probe_do(fd[i], "events %lx", quiesce & (1 << i) ? EV(QUIESCE) : 0))
			bail("attach");
		probe_do(fd[i], "on %d %d", EV_QUIESCE, DO_STOP);
	}
}

static void end(const char *what)
{
	for (int i = 0; i < ENGINES; i++)
		close(fd[i]);
	close(witness);
	check(subject_end(pid), "%s: it ends", what);
}

/* Reports of the stop itself to engine @i, and of other things. */
static void words(int i, int *of_stop, int *others)
{
	struct probe_line line;

	*of_stop = *others = 0;
	while (probe_read(fd[i], &line, 0)) {
		if (line.event == EV_QUIESCE && !line.extra)
			++*of_stop;
		else
			++*others;
	}
}

/* The first @stops engines want it to stop, one after the other. */
static void ask(const char *what, int stops)
{
	int got, of_stop, others;

	for (int i = 0; i < stops; i++) {
		got = probe_do(fd[i], "control %d", DO_STOP);
		check(got == -EINPROGRESS, "%s: asleep in a call, STOP of engine %d gives %d", what, i + 1, got);
		got = probe_do(fd[i], "examine");
		check(got == -EAGAIN, "%s: it cannot be examined by engine %d: %d", what, i + 1, got);
	}
	for (int i = 0; i < ENGINES; i++) {
		words(i, &of_stop, &others);
		check(state_of(pid) == 'S' && !of_stop && !others, "%s: engine %d hears nothing, it sleeps: %c, %d, %d",
		      what, i + 1, state_of(pid), of_stop, others);
	}
}

static void goes_on(const char *what, const struct waker *w)
{
	if (w->group) {
		check(reaches(pid, 'T', PATIENCE), "%s: it stops with its group: %c", what, state_of(pid));
		kill(pid, SIGCONT);
	} else if (w->handled) {
		for (long until = now_ms() + PATIENCE; !page[SLEPT] && now_ms() < until; sleep_ms(1))
			;
	}
	check(page[HANDLED] == w->handled, "%s: the handler ran: %ld of %d", what, page[HANDLED], w->handled);
	check(reaches(pid, 'S', PATIENCE), "%s: it sleeps again: %c", what, state_of(pid));
}

static void stopped(const struct waker *w, int stops, unsigned int quiesce)
{
	int of_stop, others, got;
	char what[96];

	snprintf(what, sizeof(what), "%s, %d want a stop, QUIESCE: %x", w->name, stops, quiesce);
	start(w, quiesce);
	ask(what, stops);
	kill(pid, w->signal);
	check(reaches(pid, 't', PATIENCE), "%s: it stops: %c", what, state_of(pid));
	check(!page[HANDLED] && !page[SLEPT], "%s: before it does anything else: %ld, %ld", what, page[HANDLED],
	      page[SLEPT]);
	for (int i = 0; i < ENGINES; i++) {
		bool due = i < stops && (quiesce & (1 << i));

		/* a report is told to all who want QUIESCE; then a stop that was not asked for is a decision */
		words(i, &of_stop, &others);
		if (i < stops && w->witness == EV(SYSCALL_EXIT))
			check(!of_stop && others == due, "%s: engine %d is asked at that event: %d of %d", what, i + 1,
			      others, due);
		else if (i < stops)
			check(of_stop == due, "%s: engine %d has word of it: %d of %d", what, i + 1, of_stop, due);
		else
			check(!of_stop || (quiesce & (1 << i)), "%s: engine %d: %d, %d", what, i + 1, of_stop, others);
	}
	for (int i = 0; i < stops; i++) {
		got = probe_do(fd[i], "control %d", DO_STOP);
		check(!got, "%s: stopped, STOP of engine %d gives %d", what, i + 1, got);
		got = probe_do(fd[i], "examine");
		check(!got, "%s: it can be examined by engine %d: %d", what, i + 1, got);
	}
	for (int i = 0; i < ENGINES; i++)
		probe_do(fd[i], "on %d %d", EV_QUIESCE, DO_RESUME);
	for (int i = 0; i < ENGINES; i++) {
		check(i >= stops || state_of(pid) == 't', "%s: held until engine %d lets go: %c", what, i + 1,
		      state_of(pid));
		got = probe_do(fd[i], "control %d", DO_RESUME);
		check(!got, "%s: engine %d lets go: %d", what, i + 1, got);
	}
	goes_on(what, w);
	end(what);
}

/* What an engine says when it has word of the stop is what counts. */
static void declined(const struct waker *w, int stops)
{
	int of_stop, others;
	char what[96];

	snprintf(what, sizeof(what), "%s, %d wanted a stop and decline", w->name, stops);
	start(w, (1 << ENGINES) - 1);
	for (int i = 0; i < ENGINES; i++)
		probe_do(fd[i], "on %d %d", EV_QUIESCE, DO_RESUME);
	ask(what, stops);
	kill(pid, w->signal);
	goes_on(what, w);
	for (int i = 0; i < stops; i++) {
		words(i, &of_stop, &others);
		check(of_stop == (w->witness != EV(SYSCALL_EXIT)) && of_stop + others,
		      "%s: engine %d has word of it: %d, and %d reports", what, i + 1, of_stop, others);
	}
	end(what);
}

/* A thread that runs stops by itself, and one wish is as good as many. */
static void running(int (*run)(void *), const char *name, int stops)
{
	static const struct waker none = { .name = "nothing" };
	int got, of_stop, others;

	page[0] = 0;
	pid = subject(run, NULL);
	moves(0);
	witness = probe_open();
	for (int i = 0; i < ENGINES; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %d 0", pid) || probe_do(fd[i], "events %lx", EV(QUIESCE)))
			bail("attach");
		probe_do(fd[i], "on %d %d", EV_QUIESCE, DO_STOP);
	}
	for (int i = 0; i < stops; i++) {
		got = probe_do(fd[i], "control %d", DO_STOP);
		check(got == -EINPROGRESS || (i && !got), "%s, %d want a stop, %s: STOP of engine %d gives %d", name,
		      stops, none.name, i + 1, got);
		if (got)
			continue;
		/* it stood still: there is no word of that */
		check(!probe_do(fd[i], "examine"), "%s: engine %d came to a stop that was made", name, i + 1);
	}
	check(reaches(pid, 't', PATIENCE), "%s, %d want a stop: it stops: %c", name, stops, state_of(pid));
	words(0, &of_stop, &others);
	check(of_stop == 1 && !others, "%s, %d want a stop: the first has word of it: %d", name, stops, of_stop);
	for (int i = 0; i < ENGINES; i++) {
		probe_do(fd[i], "on %d %d", EV_QUIESCE, DO_RESUME);
		check(!probe_do(fd[i], "control %d", DO_RESUME), "%s: engine %d lets go", name, i + 1);
	}
	check(moves(0), "%s, %d want a stop: it runs", name, stops);
	end(name);
}

int main(void)
{
	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (size_t i = 0; i < sizeof(wakers) / sizeof(wakers[0]); i++)
		for (int stops = 1; stops <= ENGINES; stops++) {
			/* the first has it, the last, all, none */
			stopped(&wakers[i], stops, 0);
			stopped(&wakers[i], stops, 1);
			stopped(&wakers[i], stops, 1 << (ENGINES - 1));
			stopped(&wakers[i], stops, (1 << ENGINES) - 1);
			declined(&wakers[i], stops);
		}
	for (int stops = 1; stops <= ENGINES; stops++) {
		running(spin, "spins", stops);
		running(call, "calls", stops);
	}
	return done_testing();
}
