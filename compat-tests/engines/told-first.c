/* told-first.c - STOP of a thread in a group stop: who is told 0 has it stand still; who is owed word hears first. */
/* seconds: 120 */
/* args: 300 */
/* quick: 40 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cpu.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* All that a thread that lives on can report. */
#define ALL (EV(QUIESCE) | EV(CLONE) | EV(ENTRY) | EV(SYSCALL_EXIT) | EV(SIGNAL) | EV(SIGNAL_IGN) | \
	     EV(SIGNAL_STOP) | EV(SIGNAL_TERM) | EV(SIGNAL_CORE) | EV(JCTL) | EV(ARRIVAL) | EV(FINAL))
/* What a callback returns unless it is told otherwise. */
#define KEEP 0x80000000u

/* In the page: the thread that is held, what it counts. */
enum { TID = 10, COUNT };

/* A has no events, B has QUIESCE and is told of stops that it asked for; C watches. */
static pid_t pid, tid;
static int a, b, c;
static char wrong[160];

static void *sleeps(void *arg)
{
	page[TID] = syscall(SYS_gettid);
	for (;;)
		pause();
	return arg;
}

static void *naps(void *arg)
{
	page[TID] = syscall(SYS_gettid);
	for (;;)
		sleep(1000);
	return arg;
}

static void *counts(void *arg)
{
	page[TID] = syscall(SYS_gettid);
	for (;;)
		page[COUNT]++;
	return arg;
}

static void *(*life)(void *);

static int program(void *unused)
{
	pthread_t t;

	if (pthread_create(&t, NULL, life, NULL))
		return 1;
	return sleeper(unused);
}

static void note(const char *text, long saw, long expected)
{
	if (!wrong[0])
		snprintf(wrong, sizeof(wrong), " - %s: %ld, not %ld", text, saw, expected);
}

static void gets_to(char state)
{
	if (!reaches(tid, state, PATIENCE))
		note("state", state_of(tid), state);
}

static void control(int fd, int action, int expected, const char *text)
{
	int got = probe_do(fd, "control %d", action);

	if (got != expected)
		note(text, got, expected);
}

/* What the callbacks of B return for a stop: that it holds the thread. */
static void b_holds(bool on)
{
	probe_do(b, "on %d %x", EV_QUIESCE, on ? DO_STOP : KEEP);
}

/* B is told, once. */
static void b_told(void)
{
	struct probe_line line = { .extra = -1 };

	if (!probe_event(b, EV_QUIESCE, &line, PATIENCE) || line.extra)
		note("B is told of the stop", line.extra, 0);
}

static void nobody_called(const char *text)
{
	struct probe_line line = { 0 };

	if (probe_read(b, &line, 0) || probe_read(c, &line, 0))
		note(text, line.event, -1);
}

/* Where the thread is in its program, in which call, as far as that can be seen; and what it has counted. */
struct seen {
	char registers[128];
	long count;
};

static void see(struct seen *seen)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, tid);
	get(path, seen->registers, sizeof(seen->registers));
	seen->count = page[COUNT];
}

static void start(void *(*run)(void *))
{
	wrong[0] = '\0';
	page[TID] = 0;
	life = run;
	pid = subject(program, NULL);
	while (!page[TID])
		sleep_ms(1);
	tid = page[TID];
	if (!reaches(pid, 'S', PATIENCE) || (run != counts && !reaches(tid, 'S', PATIENCE)))
		bail("it does not sleep");
	a = probe_engine(tid, 0, 0);
	b = probe_engine(tid, 0, EV(QUIESCE));
	c = probe_engine(tid, 0, EV(ARRIVAL) | EV(FINAL));
	b_holds(true);
}

static void end(void)
{
	close(a);
	close(b);
	close(c);
	if (!subject_end(pid))
		note("it ends", 0, 1);
}

/* The leader takes the signal, so B is not asked about it. */
static void group_stop(void)
{
	syscall(SYS_tgkill, pid, pid, SIGSTOP);
	if (!reaches(pid, 'T', PATIENCE))
		note("the leader's state", state_of(pid), 'T');
	gets_to('T');
}

/* Asleep in a call still, or again; or counting. */
static void runs(void)
{
	if (life != counts)
		gets_to('S');
	else if (!moves(COUNT))
		note("it counts", 0, 1);
}

/* In the group stop, when A was told that the thread stands still: what anybody may want now has to wait. */
static void others_want(struct seen *seen)
{
	see(seen);
	probe_drop(b);
	probe_drop(c);
	if (probe_do(c, "events %lx", ALL))
		bail("events");
	syscall(SYS_tgkill, pid, tid, SIGWINCH);
	probe_do(c, "control %d", DO_REPORT);
	probe_do(c, "control %d", DO_INTERRUPT);
}

/* From the group stop to the one for A, which is all that happens until A lets go. */
static void stands_still(const struct seen *before)
{
	struct seen after;

	kill(pid, SIGCONT);
	gets_to('t');
	if (!reaches(pid, 'S', PATIENCE))
		note("the leader's state", state_of(pid), 'S');
	sleep_ms(10);
	gets_to('t');
	nobody_called("called while A holds it");
	see(&after);
	if (strcmp(before->registers, after.registers)) {
		diag("before: %s", before->registers);
		diag("after: %s", after.registers);
		note("its registers change", 1, 0);
	}
	if (after.count != before->count)
		note("it counts", after.count - before->count, 0);
}

/* B and then A let go, or the other way round: it runs when both have. */
static void both_let_go(bool a_first)
{
	b_holds(false);
	control(a_first ? a : b, DO_RESUME, 0, "the first one lets go");
	sleep_ms(5);
	gets_to('t');
	nobody_called("called though one holds it still");
	control(a_first ? b : a, DO_RESUME, 0, "the second one lets go");
	runs();
}

/* B has asked for a stop, and is owed word of it, when the group stop comes. */
enum then {
	BOTH_HOLD,	/* B is told after SIGCONT */
	BOTH_HOLD_B,	/* B lets go first */
	B_AGAIN,	/* B asks again: it is told 0, and A is after that */
	B_LEAVES,	/* B is detached, or lets go: A is told 0 */
	B_RESUMES,
	A_RESUMES,	/* before SIGCONT */
	A_LEAVES,
	NOBODY_HOLDS,
	THENS
};

static void owed(void *(*run)(void *), enum then then)
{
	static const char * const names[THENS] = {
		[BOTH_HOLD] = "both hold", [BOTH_HOLD_B] = "both hold, B lets go first", [B_AGAIN] = "B asks again",
		[B_LEAVES] = "B leaves", [B_RESUMES] = "B lets go", [A_RESUMES] = "A lets go", [A_LEAVES] = "A leaves",
		[NOBODY_HOLDS] = "both let go",
	};
	struct probe_line line = { 0 };
	struct seen seen;

	start(run);
	control(b, DO_STOP, -EINPROGRESS, "STOP of B, in a call");
	group_stop();
	probe_drop(c);
	control(a, DO_STOP, -EINPROGRESS, "STOP of A, in the group stop");
	nobody_called("called in the group stop");
	switch (then) {
	case BOTH_HOLD:
	case BOTH_HOLD_B:
		kill(pid, SIGCONT);
		b_told();
		gets_to('t');
		both_let_go(then == BOTH_HOLD);
		break;
	case B_AGAIN:
		control(b, DO_STOP, 0, "STOP of B again");
		control(a, DO_STOP, 0, "STOP of A again");
		others_want(&seen);
		stands_still(&seen);
		both_let_go(true);
		break;
	case B_LEAVES:
	case B_RESUMES:
		control(b, then == B_LEAVES ? DO_DETACH : DO_RESUME, 0, "B lets go");
		control(a, DO_STOP, 0, "STOP of A again");
		others_want(&seen);
		stands_still(&seen);
		b_holds(false);
		control(a, DO_RESUME, 0, "A lets go");
		runs();
		break;
	case A_RESUMES:
	case A_LEAVES:
		control(a, then == A_RESUMES ? DO_RESUME : DO_DETACH, 0, "A lets go");
		kill(pid, SIGCONT);
		b_told();
		gets_to('t');
		b_holds(false);
		control(b, DO_RESUME, 0, "B lets go");
		runs();
		break;
	default:
		control(a, DO_RESUME, 0, "A lets go");
		control(b, DO_RESUME, 0, "B lets go");
		kill(pid, SIGCONT);
		runs();
		if (probe_read(b, &line, 0))
			note("B is told of a stop that nobody wants", line.event, -1);
	}
	end();
	check(!wrong[0], "B is owed word of a stop, in %s: %s%s", run == naps ? "nanosleep" : "pause", names[then],
	      wrong);
}

/* When B asks for a stop, of which A was told 0 in the group stop. */
enum when { IN_GROUP_STOP, CONTINUED, HELD, WHENS };

/* Where each thing happens is known: the thread does not run before we sleep. */
static void told(void *(*run)(void *), enum when when, bool a_first)
{
	static const char * const names[WHENS] = {
		"in the group stop", "when it is continued, before it runs", "when it is held",
	};
	struct seen seen;

	if (!run_on(0, 0))
		bail("sched_setaffinity");
	start(run);
	group_stop();
	control(a, DO_STOP, 0, "STOP of A");
	others_want(&seen);
	if (when == IN_GROUP_STOP)
		control(b, DO_STOP, 0, "STOP of B");
	if (when == CONTINUED) {
		urgent(true);
		kill(pid, SIGCONT);
		control(b, DO_STOP, 0, "STOP of B");
		urgent(false);
	}
	stands_still(&seen);
	if (when == HELD)
		control(b, DO_STOP, 0, "STOP of B");
	/* so that B is not asked about what it did not want: its word would count */
	if (probe_do(c, "events 0"))
		bail("events");
	both_let_go(a_first);
	end();
	run_on(0, ANY_CPU);
	check(!wrong[0], "A is told 0, B asks %s, %s lets go first%s%s", names[when], a_first ? "A" : "B",
	      run == counts ? "" : ", in a call", wrong);
}

/* One operation of another thread, after a while. */
struct later {
	pthread_t thread;
	int fd, result;
	unsigned int wait;
};

static volatile bool go;

static void wait_turns(unsigned int n)
{
	for (volatile unsigned int i = 0; i < n; i++)
		;
}

static void *stop_later(void *arg)
{
	struct later *l = arg;

	while (!go)
		sched_yield();
	wait_turns(l->wait);
	l->result = probe_do(l->fd, "control %d", DO_STOP);
	return NULL;
}

static unsigned int draw(unsigned int below)
{
	static unsigned long state = 12345;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (state >> 33) % below;
}

static void begin(struct later *l, int fd)
{
	*l = (struct later){ .fd = fd, .wait = draw(60000) };
	if (pthread_create(&l->thread, NULL, stop_later, l))
		bail("pthread_create");
}

static void expect_b(int result)
{
	struct probe_line line = { 0 };
	int n = 0;

	while (probe_event(b, EV_QUIESCE, &line, 0))
		n++;
	/* told by the one or by the other */
	if (n != (result == -EINPROGRESS))
		note("B is told of the stop", n, result == -EINPROGRESS);
}

static int counted[2];

/*
 * SIGCONT and B's STOP race.  A was told 0 before; or A asks at that time, too,
 * and if it is told 0 then that has to be true from there on.
 */
static void race(bool a_too)
{
	struct later stop_a, stop_b;
	long count;

	group_stop();
	probe_drop(b);
	b_holds(true);
	go = false;
	stop_a.result = 0;
	if (!a_too)
		control(a, DO_STOP, 0, "STOP of A");
	count = page[COUNT];
	begin(&stop_b, b);
	if (a_too)
		begin(&stop_a, a);
	go = true;
	wait_turns(draw(60000));
	kill(pid, SIGCONT);
	if (a_too)
		pthread_join(stop_a.thread, NULL);
	if (a_too && !stop_a.result) {
		count = page[COUNT];
		probe_drop(b);
		probe_drop(c);
	}
	pthread_join(stop_b.thread, NULL);
	gets_to('t');
	sleep_ms(2);
	if (stop_a.result && stop_a.result != -EINPROGRESS)
		note("STOP of A", stop_a.result, 0);
	if (!a_too && stop_b.result)
		note("STOP of B, when A was told 0", stop_b.result, 0);
	if (!stop_a.result) {
		struct probe_line line = { 0 };

		if (page[COUNT] != count)
			note("it counts though A was told 0", page[COUNT] - count, 0);
		/* what B was told before A was is dropped */
		if (probe_read(b, &line, 0) || (a_too && probe_read(c, &line, 0)))
			note("called though A was told 0", line.event, -1);
	} else {
		expect_b(stop_b.result);
	}
	counted[stop_b.result != 0]++;
	/* C may be, where it stops: it sees arrivals */
	probe_drop(c);
	both_let_go(draw(2));
}

static void races(bool a_too, int rounds)
{
	start(counts);
	counted[0] = counted[1] = 0;
	for (int i = 0; i < rounds && !wrong[0]; i++) {
		race(a_too);
		if (wrong[0])
			diag("round %d", i);
	}
	diag("B was told 0 %d times, -EINPROGRESS %d times", counted[0], counted[1]);
	end();
	check(!wrong[0], "SIGCONT, STOP of B%s: %d rounds%s", a_too ? " and of A" : ", A was told 0", rounds, wrong);
}

/*
 * An engine shows the program another register than it has, as in warp.c, but
 * has no other events than those of the border of user mode.
 */
#define OWN	0x1122334455667788l
#define WARP	0x00ff00ff00ff00ffl
enum { SEEN = 20, TURNS, FORK };

static int warped(void *unused)
{
	__asm__ volatile("mov %[own], %%r15\n"
			 "1:	mov %%r15, 160(%[page])\n"
			 "	incq 168(%[page])\n"
			 "	cmpq $0, 176(%[page])\n"
			 "	je 1b\n"
			 "	movq $0, 176(%[page])\n"
			 "	mov $57, %%eax\n"
			 "	syscall\n"
			 "	test %%eax, %%eax\n"
			 "	jnz 1b\n"
			 "	mov $60, %%eax\n"
			 "	xor %%edi, %%edi\n"
			 "	syscall\n"
			 : : [own] "r"(OWN), [page] "r"(page)
			 : "rax", "rcx", "rdi", "r11", "r15", "memory");
	(void)unused;
	return 0;
}

static void sees(long value)
{
	for (long e = now_ms() + PATIENCE; now_ms() < e && (page[SEEN] != value || !moves(TURNS)); sleep_ms(1))
		;
	if (page[SEEN] != value)
		note("the program sees", page[SEEN], value);
}

/* A hold is over while the group stop goes on; what comes after it is a stop like any. */
static void over_in_group_stop(unsigned int place, bool own, int way)
{
	static const char * const ways[] = {
		[DO_INTERRUPT] = "INTERRUPT", [DO_RESUME] = "RESUME", [DO_DETACH] = "DETACH",
	};
	int warper = probe_open(), holder, status;
	struct user_regs_struct regs = { 0 };
	unsigned long child = 0;
	struct probe_line line;

	wrong[0] = '\0';
	memset((void *)&page[SEEN], 0, 3 * sizeof(*page));
	pid = tid = subject(warped, NULL);
	sees(OWN);
	if (probe_do(warper, "warp %lx", WARP) || probe_do(warper, "attach %d %x", pid, place) ||
	    probe_do(warper, "events %lx", EV(ARRIVAL) | EV(FINAL)))
		bail("attach");
	holder = own ? warper : probe_engine(pid, 0, 0);
	/* a visit to the kernel that reports something */
	control(warper, DO_STOP, -EINPROGRESS, "STOP");
	gets_to('t');
	control(warper, DO_RESUME, 0, "RESUME");
	sees(OWN ^ WARP);
	kill(pid, SIGSTOP);
	gets_to('T');
	control(holder, DO_STOP, 0, "STOP in the group stop");
	control(holder, way, 0, "the hold ends in the group stop");
	gets_to('T');
	kill(pid, SIGCONT);
	sees(OWN ^ WARP);

	probe_drop(warper);
	if (trace(PTRACE_SEIZE, pid, PTRACE_O_TRACEFORK))
		bail("PTRACE_SEIZE");
	page[FORK] = 1;
	status = trace_wait(pid, PATIENCE);
	if (status != (PTRACE_EVENT_FORK << 16 | STOPPED(SIGTRAP)))
		note("the stop at the fork", status, PTRACE_EVENT_FORK << 16 | STOPPED(SIGTRAP));
	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	if (regs.r15 != OWN)
		note("the register that the tracer sees", (long)regs.r15, OWN);
	if (!probe_event(warper, EV_ARRIVAL, &line, 0))
		note("arrival before the tracer's stop", 0, 1);
	if (!trace(PTRACE_GETEVENTMSG, pid, (long)&child) && child) {
		kill((pid_t)child, SIGKILL);
		waitpid((pid_t)child, NULL, __WALL);
	}
	if (trace(PTRACE_DETACH, pid, 0))
		note("PTRACE_DETACH", 1, 0);
	sees(OWN ^ WARP);
	close(warper);
	if (!own)
		close(holder);
	if (!subject_end(pid))
		note("it ends", 0, 1);
	check(!wrong[0], "%s ends %s hold in a group stop, then a fork, warped by the %s%s", ways[way],
	      own ? "the warper's" : "another one's", place == 0x100 ? "innermost" : "outermost", wrong);
}

/* Killed in the group stop: what A was told then says nothing of a STOP in its report of the exit. */
static void killed(void *(*run)(void *), unsigned int report)
{
	struct probe_line line;

	start(run);
	probe_do(a, "events %lx", EV(QUIESCE) | EV(EXIT));
	group_stop();
	control(a, DO_STOP, 0, "A in the group stop");
	probe_do(a, "delay 200000");
	kill(pid, SIGKILL);
	if (!probe_event(a, report, &line, PATIENCE))
		note("A hears of the exit", 0, 1);
	control(a, DO_STOP, -EINPROGRESS, "A in its callback");
	control(a, DO_RESUME, 0, "A lets go");
	probe_do(a, "delay 0");
	end();
	check(!wrong[0], "killed in a group stop, STOP in the report of event %u%s", report, wrong);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 40;

	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (int round = 0; round < 3; round++) {
		for (int then = 0; then < THENS; then++) {
			owed(sleeps, then);
			owed(naps, then);
		}
		for (int when = 0; when < WHENS; when++)
			for (int first = 0; first < 2; first++) {
				told(counts, when, first);
				told(sleeps, when, first);
				told(naps, when, first);
			}
	}
	for (int round = 0; round < 6; round++)
		killed(round & 1 ? sleeps : naps, round & 2 ? EV_EXIT : EV_QUIESCE);
	races(false, rounds);
	races(true, rounds);
	for (int round = 0; round < 3; round++)
		for (unsigned int place = 0x100; place <= 0x500; place += 0x400) {
			over_in_group_stop(place, true, DO_RESUME);
			over_in_group_stop(place, false, DO_RESUME);
			over_in_group_stop(place, false, DO_DETACH);
		}
	return done_testing();
}
