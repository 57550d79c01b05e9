/* own-steps.c - a program that sets the trap flag itself has each of its traps, whatever engines step and leave. */
/* seconds: 120 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* The verdict that drops a signal, as in <linux/utrace.h>. */
#define IGN 0x10

/*
 * In the page: runs that are ordered, and over; traps of this run; at which of
 * them the handler waits for GO_ON; what else came.
 */
enum { READY = 10, ORDERED, OVER, TRAPS, WAITS_AT, GO_ON, ODD };

/* The instructions between that which sets the flag and that which takes it back, which is one, too. */
#define NOPS 4
#define TRAPS_OF_A_RUN (NOPS + 3)

static pid_t pid;
static int fd, other;

static void handler(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (sig != SIGTRAP || info->si_code != TRAP_TRACE)
		page[ODD]++;
	page[TRAPS]++;
	if (page[TRAPS] == page[WAITS_AT])
		while (!page[GO_ON])
			;
}

/* Where the flag is set. */
extern const char own_steps_begin[];

/* Each instruction behind the first popf is executed under the flag: NOPS, pushf, and, popf. */
static __attribute__((noinline, noclone)) void run(void)
{
	/* below the red zone */
	__asm__ volatile("sub $128, %%rsp\n\t"
			 "pushf\n\torl $0x100, (%%rsp)\nown_steps_begin:\n\tpopf\n\t"
			 "nop\n\tnop\n\tnop\n\tnop\n\t"
			 "pushf\n\tandl $~0x100, (%%rsp)\n\tpopf\n\t"
			 "nop\n\tadd $128, %%rsp" : : : "memory", "cc");
}

static int program(void *unused)
{
	const struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	(void)unused;
	sigaction(SIGTRAP, &sa, NULL);
	page[READY] = 1;
	for (;;) {
		while (page[OVER] == page[ORDERED])
			page[0]++;
		run();
		page[OVER]++;
	}
	return 0;
}

static void start(void)
{
	for (int i = READY; i <= ODD; i++)
		page[i] = 0;
	pid = subject(program, NULL);
	if (!counts_to(READY, 1))
		bail("the subject");
}

/* A run, whose handler waits at its trap number @at. */
static void order(int at)
{
	page[TRAPS] = page[ODD] = page[GO_ON] = 0;
	page[WAITS_AT] = at;
	page[ORDERED]++;
}

/* The run ends, and had its traps. */
static bool had_all(const char *what)
{
	bool over = counts_to(OVER, page[ORDERED]), lives = subject_wait(pid, 0) == -1;

	return check(over && lives && page[TRAPS] == TRAPS_OF_A_RUN && !page[ODD],
		     "%s: %ld traps of %d, %ld odd, over: %d, alive: %d", what, page[TRAPS], TRAPS_OF_A_RUN, page[ODD],
		     over, lives);
}

static void by_itself(void)
{
	start();
	for (int i = 0; i < 2; i++) {
		order(0);
		had_all("by itself");
	}
	subject_end(pid);
}

/* How an engine that steps one of those instructions ends that, before it is asked about the trap. */
enum ending {
	LEAVES_BY_ARRIVAL, NO_WISH_BY_ARRIVAL, LEAVES_UNDER_HOLD, NO_WISH_UNDER_HOLD, ENDINGS,
};
static const char * const endings[ENDINGS] = {
	"the engine leaves by the arrival report", "the engine wants no step any more, by the arrival report",
	"the engine leaves while another one holds the trap",
	"the engine wants no step any more while another one holds the trap",
};

/*
 * The instruction behind trap number @at is stepped by an engine, too: that
 * wishes for it when sigreturn is over, and is not asked about the signal.
 */
static void stepped(int at, int wish, enum ending how, const char *instruction)
{
	bool held = how == LEAVES_UNDER_HOLD || how == NO_WISH_UNDER_HOLD, there;
	bool leaves = how == LEAVES_BY_ARRIVAL || how == LEAVES_UNDER_HOLD;
	struct probe_line line = { 0 };
	char what[120];
	int got;

	snprintf(what, sizeof(what), "%s is stepped%s, %s", instruction, wish == DO_BLOCKSTEP ? " as a block" : "",
		 endings[how]);
	start();
	order(at);
	if (!check(counts_to(TRAPS, at), "%s: the trap before it", what))
		return;
	fd = probe_engine(pid, 0, EV(SYSCALL_EXIT) | (held ? 0 : EV(ARRIVAL)));
	probe_do(fd, "once %d %x", EV_SYSCALL_EXIT, wish);
	/* the next arrival is the one after the step; an earlier one would have no step be made, and no trap be lost */
	if (!held)
		probe_do(fd, "within %d on %d %x", EV_SYSCALL_EXIT, EV_ARRIVAL, leaves ? DO_DETACH : DO_RESUME);
	if (held) {
		other = probe_engine(pid, 0x100, EV(SIGNAL));
		probe_do(other, "once %d %x", EV_SIGNAL, DO_STOP);
	}
	page[GO_ON] = 1;
	check(probe_event(fd, EV_SYSCALL_EXIT, &line, PATIENCE), "%s: the handler returns", what);
	if (held) {
		there = probe_event(other, EV_SIGNAL, &line, PATIENCE) && reaches(pid, 't', PATIENCE);
		check(there && line.extra == SIGTRAP, "%s: held at the trap: signal %ld", what, line.extra);
		got = probe_do(fd, "control %d", leaves ? DO_DETACH : DO_RESUME);
		check(!got, "%s: the engine: %d", what, got);
		got = probe_do(other, "control %d", DO_RESUME);
		check(!got, "%s: the other lets go: %d", what, got);
	}
	had_all(what);
	if (!held) {
		got = probe_do(fd, "control %d", DO_RESUME);
		check(got == (leaves ? -ESRCH : 0), "%s: it has left or not: %d", what, got);
	}
	close(fd);
	if (held)
		close(other);
	/* nor is there anything left for the next run */
	order(0);
	had_all(what);
	subject_end(pid);
}

/* An engine that is asked about the trap decides: passed it is the program's, dropped it is not. */
static void asked(int at, bool drops)
{
	const char *what = drops ? "an engine steps and drops the trap" : "an engine steps and passes the trap";
	struct probe_line line = { 0 };
	bool over;

	start();
	order(at);
	if (!check(counts_to(TRAPS, at), "%s: the trap before it", what))
		return;
	fd = probe_engine(pid, 0, EV(SYSCALL_EXIT) | EV(SIGNAL));
	probe_do(fd, "once %d %x", EV_SYSCALL_EXIT, DO_SINGLESTEP);
	probe_do(fd, "once %d %x", EV_SIGNAL, (drops ? IGN : 0) | DO_STOP);
	page[GO_ON] = 1;
	over = probe_event(fd, EV_SIGNAL, &line, PATIENCE) && reaches(pid, 't', PATIENCE);
	check(over && line.extra == SIGTRAP, "%s: it is asked, and held: signal %ld", what, line.extra);
	/* the verdict so far is kept by who leaves */
	check(!probe_do(fd, "control %d", DO_DETACH), "%s: it leaves", what);
	if (drops) {
		over = counts_to(OVER, page[ORDERED]);
		check(over && page[TRAPS] == TRAPS_OF_A_RUN - 1, "%s: %ld traps of %d", what, page[TRAPS],
		      TRAPS_OF_A_RUN);
	} else {
		had_all(what);
	}
	close(fd);
	order(0);
	had_all(what);
	subject_end(pid);
}

/* Where it is, held in user mode; 0 if that cannot be seen. */
static unsigned long ip(void)
{
	unsigned long sp, at = 0;
	char path[64], text[256];

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	get(path, text, sizeof(text));
	return sscanf(text, "-1 %lx %lx", &sp, &at) == 2 ? at : 0;
}

/* One step: it is held at the trap, which is dropped.  Who does not want what is dropped is not asked again. */
static bool steps_on(void)
{
	struct probe_line line = { 0 };

	probe_drop(fd);
	return !probe_do(fd, "control %d", DO_SINGLESTEP) && probe_event(fd, EV_SIGNAL, &line, PATIENCE) &&
	       line.extra == SIGTRAP && reaches(pid, 't', PATIENCE);
}

/*
 * The engine steps the instruction that sets the flag, and leaves: what comes of
 * that is its own trap, as the flag was not set before.  The program has the others.
 */
static void stepped_before(enum ending how)
{
	bool leaves = how == LEAVES_BY_ARRIVAL, there;
	int steps = 0;
	char what[120];

	snprintf(what, sizeof(what), "the popf that sets the flag is stepped, %s", endings[how]);
	start();
	fd = probe_engine(pid, 0, EV(SIGNAL) | EV(ARRIVAL));
	probe_do(fd, "control %d", DO_STOP);
	check(reaches(pid, 't', PATIENCE), "%s: held before", what);
	order(0);
	probe_do(fd, "on %d %x", EV_ARRIVAL, DO_SINGLESTEP);
	probe_do(fd, "on %d %x", EV_SIGNAL, IGN | DO_STOP);
	there = steps_on();
	while (there && steps < 1000 && ip() != (unsigned long)own_steps_begin) {
		there = steps_on();
		steps++;
	}
	check(there && ip() == (unsigned long)own_steps_begin && !page[TRAPS], "%s: %d steps before it", what, steps);
	probe_do(fd, "on %d %x", EV_ARRIVAL, leaves ? DO_DETACH : DO_RESUME);
	probe_do(fd, "on %d %x", EV_SIGNAL, DO_RESUME);
	check(!probe_do(fd, "control %d", DO_SINGLESTEP), "%s: the step", what);
	had_all(what);
	close(fd);
	subject_end(pid);
}

int main(void)
{
	static const char * const behind[TRAPS_OF_A_RUN] = {
		"", "nop", "nop", "nop", "pushf", "and", "popf",
	};

	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	by_itself();
	for (int at = 1; at < TRAPS_OF_A_RUN; at++) {
		for (enum ending how = 0; how < ENDINGS; how++)
			for (int wish = DO_SINGLESTEP; wish <= DO_BLOCKSTEP; wish++)
				stepped(at, wish, how, behind[at]);
		asked(at, false);
		asked(at, true);
	}
	stepped_before(LEAVES_BY_ARRIVAL);
	stepped_before(NO_WISH_BY_ARRIVAL);
	return done_testing();
}
