/* last-answer.c - an answer that the broker took counts, though its file is closed before the thread has come to it. */
/* seconds: 120 */
/* args: 96 */
/* quick: 24 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/cpu.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define MOST 4
/* The verdict of a probe: do not make the call. */
#define ABORT 0x10
#define INNERMOST 0x100
#define OUTERMOST 0x500

/* What becomes of the call of a thread; SILENT: nobody answers. */
enum kind { RUN, RESULT, REWRITE, SILENT, KINDS };

/*
 * In the page, for each thread: calls that are ordered and over, what the last
 * one returned, and the one after it; where it stores the time, and where the
 * call stores it that may be made instead.
 */
enum { TID, GO, DONE, RETURNED, NEXT, OWN, OWN_NS, OTHER, OTHER_US, SLOT = 16 };
/* And for all: they wait for orders without making calls. */
enum { SPINS = 1, FIRST_SLOT = 16 };

static pid_t pid;
static int threads;
static struct broker_call calls[MOST];
static char wrong[160];

static volatile long *slot(int i)
{
	return &page[FIRST_SLOT + SLOT * i];
}

static void *live(void *arg)
{
	volatile long *s = arg;

	s[TID] = syscall(SYS_gettid);
	for (;;) {
		while (s[GO] == s[DONE])
			if (!page[SPINS])
				usleep(500);
		s[RETURNED] = syscall(SYS_clock_gettime, CLOCK_REALTIME, &s[OWN]);
		if (s[RETURNED] == -1)
			s[RETURNED] = -errno;
		s[NEXT] = syscall(SYS_getppid);
		s[DONE]++;
	}
	return arg;
}

static int program(void *unused)
{
	pthread_t t;

	for (int i = 1; i < threads; i++)
		if (pthread_create(&t, NULL, live, (void *)slot(i)))
			return 1;
	live((void *)slot(0));
	(void)unused;
	return 0;
}

static void start(int n, bool pinned)
{
	memset((void *)page, 0, 4096);
	threads = n;
	if (!run_on(0, pinned ? 0 : ANY_CPU))
		bail("sched_setaffinity");
	pid = subject(program, NULL);
	for (int i = 0; i < n; i++)
		while (!slot(i)[TID])
			sleep_ms(1);
}

static void note(const char *text, int thread, long saw, long expected)
{
	if (!wrong[0])
		snprintf(wrong, sizeof(wrong), " - %s of thread %d: %ld, not %ld", text, thread, saw, expected);
}

/* A new file, attached to all: nobody else is any more. */
static int attach(void)
{
	int fd = broker_open(), got;

	if (fd < 0)
		bail("the device");
	wrong[0] = '\0';
	for (int i = 0; i < threads; i++) {
		got = broker_attach(fd, slot(i)[TID]);
		if (got)
			note("BROKER_ATTACH", i, got, 0);
	}
	return fd;
}

static int thread_of(const struct broker_call *call)
{
	for (int i = 0; i < threads; i++)
		if (slot(i)[TID] == call->tid)
			return i;
	return -1;
}

/* Each is to make its call, and waits with it; it was read. */
static bool collect(int fd)
{
	struct broker_call c;
	int have = 0, i;

	for (i = 0; i < threads; i++) {
		slot(i)[OWN] = slot(i)[OTHER] = slot(i)[NEXT] = 0;
		slot(i)[GO]++;
	}
	while (have < threads) {
		if (!broker_next(fd, &c, PATIENCE))
			return false;
		i = thread_of(&c);
		if (i < 0)
			return false;
		if (c.nr == SYS_clock_gettime) {
			calls[i] = c;
			have++;
		} else {
			broker_run(fd, &c);
		}
	}
	return true;
}

/* What a call returns that is not made. */
static long result(int i, int round)
{
	return round & 1 ? -EXDEV : 4242 + i;
}

static enum kind kind_of(int i, int round)
{
	return (round >> 2 * i) % KINDS;
}

/* The answers, and the end of the file. */
static void answer_and_close(int fd, int round)
{
	int got = 0;

	for (int i = 0; i < threads; i++) {
		__u64 args[6] = { (unsigned long)&slot(i)[OTHER] };

		switch (kind_of(i, round)) {
		case RUN:
			got = broker_run(fd, &calls[i]);
			break;
		case RESULT:
			got = broker_result(fd, &calls[i], result(i, round));
			break;
		case REWRITE:
			got = broker_rewrite(fd, &calls[i], SYS_gettimeofday, args);
			break;
		default:
			got = 0;
		}
		if (got)
			note("the answer to the call", i, got, 0);
	}
	close(fd);
}

/* All go on and come to the end of their order. */
static void all_done(void)
{
	for (int i = 0; i < threads; i++)
		for (long end = now_ms() + PATIENCE; slot(i)[DONE] != slot(i)[GO]; sleep_ms(1))
			if (now_ms() > end) {
				note("it does not go on: the state", i, state_of(slot(i)[TID]), 'R');
				return;
			}
}

static void expect(int i, long returned, bool own, bool other)
{
	volatile long *s = slot(i);

	if (s[RETURNED] != returned)
		note("the result", i, s[RETURNED], returned);
	if (!!s[OWN] != own)
		note("the call is made,", i, !!s[OWN], own);
	if (!!s[OTHER] != other)
		note("the other call is made,", i, !!s[OTHER], other);
	if (s[NEXT] != getpid())
		note("the next call", i, s[NEXT], getpid());
}

static void expect_answers(int round)
{
	enum kind kind;

	all_done();
	for (int i = 0; i < threads; i++) {
		kind = kind_of(i, round);
		expect(i, kind == RESULT ? result(i, round) : 0, kind == RUN || kind == SILENT, kind == REWRITE);
	}
}

static void all_asleep(void)
{
	for (int i = 0; i < threads; i++)
		if (!reaches(slot(i)[TID], 't', PATIENCE))
			note("the state", i, state_of(slot(i)[TID]), 't');
}

/* All is answered, and the file closed at once.  Pinned they come to nothing in between. */
static void closed_at_once(int n, bool pinned, int rounds)
{
	int fd;

	start(n, pinned);
	for (int round = 0; round < rounds; round++) {
		/* so that with four threads they differ */
		int kinds = n > 1 ? round * 0x1b : round;

		fd = attach();
		if (!collect(fd))
			note("calls,", 0, 0, n);
		if (round % 8 < 4)
			all_asleep();
		if (pinned)
			urgent(true);
		answer_and_close(fd, kinds);
		if (pinned)
			urgent(false);
		expect_answers(kinds);
		check(!wrong[0], "%d threads%s, closed at once, round %d%s", n, pinned ? " on one CPU" : "", round,
		      wrong);
	}
	check(subject_end(pid), "%d threads%s: it ends", n, pinned ? " on one CPU" : "");
}

/* What another engine does at that entry, and how it lets go. */
struct holder {
	const char *name;
	unsigned int place;
	bool by_report;		/* its report_syscall_entry holds the thread, not a control */
	int way;
};

static void let_go(const int *holder, int way)
{
	int got;

	for (int i = 0; i < threads; i++) {
		got = probe_do(holder[i], "control %d", way);
		if (got)
			note("letting go", i, got, 0);
	}
}

static void attach_holders(int *holder, const struct holder *h)
{
	for (int i = 0; i < threads; i++) {
		holder[i] = probe_engine(slot(i)[TID], h->place, EV(ENTRY));
		if (h->by_report)
			probe_do(holder[i], "once %d %d", EV_ENTRY, DO_STOP);
	}
}

/* The calls wait; another engine holds the threads as well. */
static void hold(const int *holder, const struct holder *h)
{
	int got;

	all_asleep();
	for (int i = 0; i < threads && !h->by_report; i++) {
		got = probe_do(holder[i], "control %d", DO_STOP);
		if (got)
			note("STOP", i, got, 0);
	}
}

static void expect_held(void)
{
	sleep_ms(5);
	for (int i = 0; i < threads; i++) {
		volatile long *s = slot(i);

		if (state_of(s[TID]) != 't')
			note("the state when the file is closed", i, state_of(s[TID]), 't');
		if (s[DONE] == s[GO] || s[OWN] || s[OTHER])
			note("it goes on while it is held,", i, 1, 0);
	}
}

/* The module that is to give an answer is there until it has been taken. */
static void stays_loaded(int kinds)
{
	for (int i = 0; i < threads; i++) {
		int got;

		if (kind_of(i, kinds) == SILENT)
			continue;
		got = module_unload("utrace_broker");
		if (got != -EWOULDBLOCK)
			note("to unload with the answer", i, got, -EWOULDBLOCK);
		return;
	}
}

/* Another engine lets go after the file was closed. */
static void held(int n, const struct holder *h)
{
	int fd, holder[MOST];

	start(n, false);
	page[SPINS] = 1;
	sleep_ms(5);
	for (int round = 0; round < KINDS * 2; round++) {
		int kinds = n > 1 ? round * 0x1b : round;

		fd = attach();
		attach_holders(holder, h);
		if (!collect(fd))
			note("calls,", 0, 0, n);
		hold(holder, h);
		answer_and_close(fd, kinds);
		expect_held();
		stays_loaded(kinds);
		let_go(holder, h->way);
		expect_answers(kinds);
		check(!wrong[0], "%d threads, held by another engine: %s, round %d%s", n, h->name, round, wrong);
		for (int i = 0; i < n; i++)
			close(holder[i]);
	}
	check(subject_end(pid), "%d threads, %s: it ends", n, h->name);
}

/* The answer is there, but another engine skips the call: one outside has nothing of the answer, one inside all. */
static void skipped(unsigned int place, bool is_held, int kinds)
{
	const struct holder h = { .place = place, .way = DO_RESUME };
	const char *where = place == OUTERMOST ? "outside" : "inside", *how = is_held ? ", which holds it" : "";
	int fd, holder[MOST];
	long want = -ENOSYS;

	start(1, true);
	page[SPINS] = 1;
	sleep_ms(5);
	fd = attach();
	attach_holders(holder, &h);
	if (!collect(fd))
		note("calls,", 0, 0, 1);
	all_asleep();
	if (is_held)
		hold(holder, &h);
	urgent(true);
	probe_do(holder[0], "once %d %x", EV_ENTRY, ABORT | DO_RESUME);
	answer_and_close(fd, kinds);
	urgent(false);
	if (is_held) {
		expect_held();
		let_go(holder, h.way);
	}
	all_done();
	if (place == INNERMOST && kinds == RESULT)
		want = result(0, kinds);
	expect(0, want, false, false);
	check(!wrong[0], "skipped by an engine %s%s, answer %d%s", where, how, kinds, wrong);
	close(holder[0]);
	/* and the broker's engine has left */
	fd = attach();
	check(!wrong[0], "skipped by an engine %s%s, answer %d: a new file%s", where, how, kinds, wrong);
	close(fd);
	check(subject_end(pid), "skipped: it ends");
}

/* The client ends with its answers. */
static int client(void *arg)
{
	int fd = attach();

	if (wrong[0] || !collect(fd))
		return 1;
	for (int i = 0; i < threads; i++)
		if (broker_result(fd, &calls[i], result(i, (int)(long)arg)))
			return 2;
	return wrong[0] ? 3 : 0;
}

static void client_ends(int rounds)
{
	int status;

	start(MOST, true);
	for (long round = 0; round < rounds; round++) {
		wrong[0] = '\0';
		status = subject_wait(subject(client, (void *)round), 10000);
		if (status)
			note("the client's status", 0, status, 0);
		all_done();
		for (int i = 0; i < threads; i++)
			expect(i, result(i, (int)round), false, false);
		check(!wrong[0], "the client ends with its answers, round %ld%s", round, wrong);
	}
	check(subject_end(pid), "the client ends: the program ends");
}

/* Killed before it came to its answer. */
static void killed(void)
{
	const struct holder h = { .place = OUTERMOST };
	int fd, holder[MOST];

	start(MOST, false);
	page[SPINS] = 1;
	sleep_ms(5);
	fd = attach();
	attach_holders(holder, &h);
	if (!collect(fd))
		note("calls,", 0, 0, MOST);
	hold(holder, &h);
	answer_and_close(fd, 0x55);
	expect_held();
	check(!wrong[0], "to be killed: held, answered, closed%s", wrong);
	check(subject_end(pid), "killed: it ends");
	for (int i = 0; i < threads; i++) {
		check(!slot(i)[OWN] && !slot(i)[OTHER], "killed: thread %d has made no call", i);
		close(holder[i]);
	}
}

int main(int argc, char **argv)
{
	static const struct holder holders[] = {
		{ "outside, by its report, RESUME", OUTERMOST, true, DO_RESUME },
		{ "outside, by its report, REPORT", OUTERMOST, true, DO_REPORT },
		{ "outside, DETACH", OUTERMOST, false, DO_DETACH },
		{ "inside, by its report, DETACH", INNERMOST, true, DO_DETACH },
		{ "inside, RESUME", INNERMOST, false, DO_RESUME },
		{ "inside, INTERRUPT", INNERMOST, false, DO_INTERRUPT },
	};
	int rounds = argc > 1 ? atoi(argv[1]) : 24, got;

	subject_init(110);
	if (module_load("utrace-broker", NULL) || module_load("utrace-probe", NULL))
		bail("modules");
	closed_at_once(1, true, rounds / 2);
	closed_at_once(MOST, true, rounds);
	closed_at_once(1, false, rounds / 2);
	closed_at_once(MOST, false, rounds);
	client_ends(rounds / 4);
	for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++) {
		held(1, &holders[i]);
		held(MOST, &holders[i]);
	}
	for (int kind = RUN; kind < SILENT; kind++)
		for (int is_held = 0; is_held < 2; is_held++) {
			skipped(OUTERMOST, is_held, kind);
			skipped(INNERMOST, is_held, kind);
		}
	killed();
	got = module_unload("utrace_broker");
	check(!got, "nothing is left of the broker: %d", got);
	return done_testing();
}
