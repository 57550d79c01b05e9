/* step-wishes.c - the smallest step that anybody wishes is made: two engines, a third that stops at each trap, ptrace. */
/* seconds: 120 */
#include <signal.h>
#include <stdio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* UTRACE_SIGNAL_IGN beside a resume action */
#define IGN 0x10
/* Instructions of the loop, and how many traps are looked at. */
#define LENGTH 32
#define TRAPS 64

enum kind { NONE, SINGLE, BLOCK, NOT_CLEAR };

static const struct wish {
	const char *name;
	int action;
	enum kind kind;
} wishes[] = {
	{ "RESUME", DO_RESUME, NONE },
	{ "SINGLESTEP", DO_SINGLESTEP, SINGLE },
	{ "BLOCKSTEP", DO_BLOCKSTEP, BLOCK },
};
#define NWISHES (sizeof(wishes) / sizeof(wishes[0]))

static const char *const kinds[] = { "none", "single", "block", "neither" };

static pid_t pid;
static int inner, outer, stopper;
/* Not every machine has the branch trap; where it is missing block step is single-step. */
static enum kind block = BLOCK;

/* LENGTH instructions a round, one of them a branch, which is taken. */
static int loop(void *unused)
{
	(void)unused;
	__asm__ volatile("1: incq (%0)\n\t.rept 30\n\tnop\n\t.endr\n\tjmp 1b" : : "r"(page) : "memory");
	__builtin_unreachable();
}

/* What kind of step it was, by the rounds that it took for so many traps. */
static enum kind kind_of(long rounds, int traps)
{
	if (rounds >= traps - 1 && rounds <= traps + 1)
		return BLOCK;
	if (rounds >= traps / LENGTH - 1 && rounds <= traps / LENGTH + 1)
		return SINGLE;
	return NOT_CLEAR;
}

static enum kind smaller(enum kind a, enum kind b)
{
	if (a == SINGLE || b == SINGLE)
		return SINGLE;
	return a == BLOCK || b == BLOCK ? block : NONE;
}

static void start(void)
{
	pid = subject(loop, NULL);
	moves(0);
	stopper = probe_open();
	inner = probe_open();
	outer = probe_open();
	/* the first to decide: nobody who wants SIGNAL_CORE only is asked about what it ignores */
	if (probe_do(stopper, "attach %d 100", pid) || probe_do(inner, "attach %d 0", pid) ||
	    probe_do(outer, "attach %d 0", pid))
		bail("attach");
	probe_do(stopper, "on %d %x", EV_SIGNAL, IGN | DO_STOP);
	if (probe_do(stopper, "events %lx", EV(SIGNAL_CORE)))
		bail("events");
}

static void end(const char *what, const char *a, const char *b)
{
	close(inner);
	close(outer);
	probe_do(stopper, "on %d %x", EV_SIGNAL, IGN | DO_RESUME);
	close(stopper);
	check(moves(0) && waitpid(pid, NULL, WNOHANG) == 0, "%s, %s and %s: it runs on when all have left",
	      what, a, b);
	subject_end(pid);
}

/* The stopper's next trap; false if none comes though the program runs. */
static bool next_trap(void)
{
	struct probe_line line;
	long was = page[0];

	for (long end = now_ms() + PATIENCE; now_ms() < end;) {
		if (probe_event(stopper, EV_SIGNAL, &line, 20))
			return reaches(pid, 't', PATIENCE);
		if (page[0] > was + 100000)
			return false;
	}
	return false;
}

/* Let it go from trap to trap. */
static enum kind observe(long *rounds, int *traps)
{
	long first;

	*rounds = *traps = 0;
	if (!next_trap())
		return NONE;
	first = page[0];
	while (*traps < TRAPS) {
		probe_drop(stopper);
		if (probe_do(stopper, "control %d", DO_RESUME) || !next_trap())
			break;
		++*traps;
	}
	*rounds = page[0] - first;
	return *traps == TRAPS ? kind_of(*rounds, TRAPS) : NOT_CLEAR;
}

/*
 * Both engines wish what utrace_control() was told, nobody asks them again;
 * or they are asked about each trap, and return their wish again.
 */
static enum kind steps(const struct wish *a, const struct wish *b, bool asked, long *rounds, int *traps)
{
	const struct wish *const w[] = { a, b };
	const int fd[] = { inner, outer };

	/* nothing is decided before both wish */
	probe_do(stopper, "control %d", DO_STOP);
	if (!reaches(pid, 't', PATIENCE))
		return NOT_CLEAR;
	for (int i = 0; i < 2; i++) {
		probe_do(fd[i], "on %d %x", EV_SIGNAL, IGN | w[i]->action);
		probe_do(fd[i], "on %d %x", EV_QUIESCE, w[i]->action);
		probe_do(fd[i], "events %lx", asked ? EV(QUIESCE) : EV(SIGNAL_CORE));
		if (probe_do(fd[i], "control %d", w[i]->action))
			return NOT_CLEAR;
	}
	probe_drop(stopper);
	probe_do(stopper, "control %d", DO_RESUME);
	return observe(rounds, traps);
}

static void pair(const struct wish *a, const struct wish *b, bool asked)
{
	const char *what = asked ? "returned" : "ordered";
	enum kind want = smaller(a->kind, b->kind), got;
	long rounds;
	int traps;

	start();
	got = steps(a, b, asked, &rounds, &traps);
	check(got == want, "%s, inside %s, outside %s: steps %s, expected %s: %d traps in %ld rounds", what,
	      a->name, b->name, kinds[got], kinds[want], traps, rounds);
	end(what, a->name, b->name);
}

/* One that left, or changed its mind, wishes nothing any more. */
static void wish_ends(int action, const char *how)
{
	enum kind got;
	long rounds;
	int traps;

	start();
	got = steps(&wishes[1], &wishes[2], false, &rounds, &traps);
	check(got == SINGLE, "%s: single-step inside, block step outside: %s", how, kinds[got]);
	probe_drop(stopper);
	check(!probe_do(inner, "control %d", action), "%s: the inner one wants no step any more", how);
	probe_do(stopper, "control %d", DO_RESUME);
	got = observe(&rounds, &traps);
	check(got == block, "%s: it steps as the outer one wishes: %s, %d traps in %ld rounds", how, kinds[got],
	      traps, rounds);
	probe_drop(stopper);
	check(!probe_do(outer, "control %d", DO_RESUME), "%s: nor does the outer one", how);
	probe_do(stopper, "control %d", DO_RESUME);
	got = observe(&rounds, &traps);
	check(got == NONE, "%s: nothing steps: %s, %d traps", how, kinds[got], traps);
	end(how, "RESUME", "RESUME");
}

static unsigned long ip(void)
{
	struct user_regs_struct regs;

	return ptrace(PTRACE_GETREGS, pid, 0, &regs) ? 0 : regs.rip;
}

/* ptrace's own step beside the wishes of two engines. */
static void beside_ptrace(const struct wish *a, const struct wish *b)
{
	int traps = 0;
	long first;
	enum kind got;

	pid = subject(loop, NULL);
	moves(0);
	inner = probe_open();
	outer = probe_open();
	if (probe_do(inner, "attach %d 0", pid) || probe_do(outer, "attach %d 0", pid) || !trace_seize(pid))
		bail("attach");
	probe_do(inner, "events %lx", EV(SIGNAL_CORE));
	probe_do(outer, "events %lx", EV(SIGNAL_CORE));
	probe_do(inner, "control %d", a->action);
	probe_do(outer, "control %d", b->action);
	first = page[0];
	while (traps < TRAPS && !trace(PTRACE_SINGLESTEP, pid, 0) && trace_wait(pid, PATIENCE) == STOPPED(SIGTRAP))
		traps++;
	got = traps == TRAPS ? kind_of(page[0] - first, TRAPS) : NOT_CLEAR;
	check(got == SINGLE, "ptrace steps, inside %s, outside %s: %s, %d traps in %ld rounds, at %lx", a->name,
	      b->name, kinds[got], traps, page[0] - first, ip());
	close(inner);
	close(outer);
	if (traps < TRAPS) {
		trace(PTRACE_INTERRUPT, pid, 0);
		trace_wait(pid, PATIENCE);
	}
	check(!trace(PTRACE_DETACH, pid, 0) && moves(0), "ptrace steps, inside %s, outside %s: all leave",
	      a->name, b->name);
	subject_end(pid);
}

/* Does a machine have the branch trap: does ptrace step in blocks, with nobody else? */
static void find_block_step(void)
{
	int traps = 0;
	long first;

	pid = subject(loop, NULL);
	moves(0);
	if (!trace_seize(pid))
		bail("seize");
	first = page[0];
	while (traps < TRAPS && !trace(PTRACE_SINGLEBLOCK, pid, 0) && trace_wait(pid, PATIENCE) == STOPPED(SIGTRAP))
		traps++;
	block = kind_of(page[0] - first, traps);
	diag("block step is %s here: %d traps in %ld rounds", kinds[block], traps, page[0] - first);
	check(block == BLOCK || block == SINGLE, "block step is of a known kind");
	subject_end(pid);
}

int main(void)
{
	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	find_block_step();
	for (size_t i = 0; i < NWISHES; i++) {
		for (size_t j = 0; j < NWISHES; j++) {
			pair(&wishes[i], &wishes[j], false);
			pair(&wishes[i], &wishes[j], true);
			beside_ptrace(&wishes[i], &wishes[j]);
		}
	}
	wish_ends(DO_DETACH, "detached");
	wish_ends(DO_RESUME, "resumed");
	return done_testing();
}
