/* match.c - which engines a lookup finds, and which forbid an exclusive attach: ops, data, attached, leaving, gone, dead. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* As in <linux/utrace.h>. */
#define OPS 1
#define DATA 2
#define EXCLUSIVE 0x20
#define INNERMOST 0x100
#define OUTERMOST 0x500

/* An engine's data is the file it belongs to; the ops asked for are always those that ALL has. */
enum kind { NONE, ALL, FEW };

static pid_t pid;
/* The last one asks only. */
static int fd[3];

static void start(void)
{
	pid = subject_ordered();
	for (int i = 0; i < 3; i++)
		fd[i] = probe_open();
}

static void finish(const char *what)
{
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	check(subject_end(pid), "%s: it ends", what);
}

static bool matches(enum kind kind, bool own, unsigned int flags)
{
	return kind != NONE && (!(flags & OPS) || kind == ALL) && (!(flags & DATA) || own);
}

static void put_there(int file, enum kind kind, unsigned int place)
{
	int ret = 0;

	if (kind == ALL)
		ret = probe_do(file, "attach %d %x", pid, place);
	else if (kind == FEW)
		ret = probe_do(file, "attach_few %d", pid);
	if (ret)
		bail("attach");
}

/* Lookups by every file with every combination of flags. */
static void lookups(const enum kind *kinds, const char *what)
{
	for (int asks = 0; asks < 3; asks++)
		for (unsigned int flags = 0; flags <= (OPS | DATA); flags++) {
			bool found = false;
			int got, want;

			for (int i = 0; i < 3; i++)
				found = found || matches(kinds[i], i == asks, flags);
			want = found ? 0 : -ENOENT;
			got = probe_do(fd[asks], "find %d %x", pid, flags);
			check(got == want, "%s: file %d looks up by %s%s: %d, expected %d", what, asks,
			      flags & OPS ? "ops " : "", flags & DATA ? "data" : "", got, want);
		}
}

/*
 * The last file attaches, exclusively.  What it attaches is taken off again by
 * a new file: its engine goes with the old one.
 */
static void exclusive(const enum kind *kinds, const char *what)
{
	for (unsigned int flags = 0; flags <= (OPS | DATA); flags++) {
		bool found = matches(kinds[0], false, flags) || matches(kinds[1], false, flags);
		int want = found ? -EEXIST : 0;
		int got = probe_do(fd[2], "attach %d %x", pid, EXCLUSIVE | flags);

		check(got == want, "%s: attached exclusively by %s%s: %d, expected %d", what,
		      flags & OPS ? "ops " : "", flags & DATA ? "data" : "", got, want);
		if (!got) {
			/* what is there now has its own data */
			got = probe_do(fd[2], "attach %d %x", pid, EXCLUSIVE | flags | DATA);
			check(got == -EEXIST, "%s: and by the same data again: %d", what, got);
			close(fd[2]);
			fd[2] = probe_open();
		}
	}
}

/* Two files with an engine of either ops table or none, on either side of each other. */
static void present(void)
{
	static const char * const names[] = { "none", "one of all ops", "one of few ops" };
	enum kind kinds[3] = { NONE, NONE, NONE };
	char what[80];

	for (int n = 0; n < 3 * 3 * 2; n++) {
		unsigned int place = n / 9 ? INNERMOST : OUTERMOST;

		kinds[0] = n % 3;
		kinds[1] = n / 3 % 3;
		snprintf(what, sizeof(what), "%s, then %s %s", names[kinds[0]], names[kinds[1]],
			 n / 9 ? "inside" : "outside");
		start();
		put_there(fd[0], kinds[0], 0);
		put_there(fd[1], kinds[1], place);
		lookups(kinds, what);
		exclusive(kinds, what);
		finish(what);
	}
}

static void gone(void)
{
	const enum kind kinds[3] = { NONE, ALL, NONE };

	start();
	put_there(fd[0], ALL, 0);
	put_there(fd[1], ALL, 0);
	check(!probe_do(fd[0], "control %d", DO_DETACH), "one leaves, with its reference held");
	lookups(kinds, "one has left");
	exclusive(kinds, "one has left");
	check(!probe_do(fd[0], "attach %d %x", pid, EXCLUSIVE | OPS | DATA), "it comes back");
	finish("one has left");
}

/* Its callback for @event runs; it has been detached, by the callback or from outside. */
static void leaving(unsigned int event, bool itself, bool other)
{
	const enum kind kinds[3] = { NONE, other ? ALL : NONE, NONE };
	struct probe_line line = { 0 };
	char what[80];
	int got;

	snprintf(what, sizeof(what), "%s leaves %s%s", event == EV_ENTRY ? "report_syscall_entry" : "report_quiesce",
		 itself ? "in its callback" : "by order from outside", other ? ", another is there" : "");
	start();
	put_there(fd[0], ALL, 0);
	put_there(fd[1], kinds[1], 0);
	probe_do(fd[0], "events %lx", 1ul << event | EV(ENTRY));
	probe_do(fd[0], "delay 20000000");
	if (itself)
		probe_do(fd[0], "within %d control %d", event, DO_DETACH);
	page[GO]++;
	check(probe_event(fd[0], itself ? EV_WITHIN : event, &line, PATIENCE), "%s: the callback", what);
	got = itself ? line.extra : probe_do(fd[0], "control %d", DO_DETACH);
	check(got == (itself ? 0 : -EINPROGRESS), "%s: detached: %d", what, got);
	lookups(kinds, what);
	exclusive(kinds, what);
	got = probe_do(fd[0], "attach %d %x", pid, EXCLUSIVE | OPS | DATA);
	check(!got, "%s: its file attaches again, exclusively: %d", what, got);
	probe_do(fd[0], "delay 0");
	check(ordered_done(), "%s: the callback ends", what);
	check(!probe_do(fd[0], "find %d %x", pid, OPS | DATA), "%s: the new engine has stayed", what);
	finish(what);
}

/* A new engine in a callback of the same file: the one whose callback that is is there still. */
static void within(void)
{
	static const struct { unsigned int flags; int want; } rows[] = {
		{ 0, 0 }, { EXCLUSIVE, -EEXIST }, { EXCLUSIVE | OPS, -EEXIST }, { EXCLUSIVE | DATA, -EEXIST },
		{ EXCLUSIVE | OPS | DATA, -EEXIST },
	};
	struct probe_line line = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start();
		put_there(fd[0], ALL, 0);
		probe_do(fd[0], "within %d attach %d %x", EV_ENTRY, pid, rows[i].flags);
		probe_do(fd[0], "events %lx", EV(ENTRY));
		page[GO]++;
		check(probe_event(fd[0], EV_WITHIN, &line, PATIENCE) && line.extra == rows[i].want,
		      "in its callback it attaches with %x: %ld, expected %d", rows[i].flags, line.extra, rows[i].want);
		check(ordered_done(), "in its callback: the callback ends");
		finish("in its callback");
	}
}

/* Nobody attaches to the dead; an engine is found as long as it is not reaped. */
static void dead(void)
{
	int got;

	start();
	put_there(fd[0], ALL, 0);
	probe_do(fd[0], "events %lx", EV(REAP));
	kill(pid, SIGKILL);
	check(reaches(pid, 'Z', PATIENCE), "a zombie: %c", state_of(pid));
	for (unsigned int flags = 0; flags <= (OPS | DATA); flags++) {
		got = probe_do(fd[1], "attach %d %x", pid, EXCLUSIVE | flags);
		check(got == -ESRCH, "a zombie, exclusively with %x: %d", flags, got);
		got = probe_do(fd[1], "attach %d %x", pid, flags);
		check(got == -ESRCH, "a zombie, with %x: %d", flags, got);
	}
	subject_wait(pid, PATIENCE);
	for (unsigned int flags = 0; flags <= (OPS | DATA); flags++) {
		got = probe_do(fd[0], "find %d %x", pid, flags);
		check(got == -ESRCH, "reaped, looked up with %x: %d", flags, got);
	}
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	present();
	gone();
	for (int i = 0; i < 8; i++)
		leaving(i & 1 ? EV_ENTRY : EV_QUIESCE, i & 2, i & 4);
	within();
	dead();
	return done_testing();
}
