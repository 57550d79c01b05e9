/* line.c - what an engine is given of what others on the same thread want or said, and which one is asked first. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/occasion.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

static pid_t pid;
static int inner, outer;

static void attach(unsigned long events)
{
	inner = probe_open();
	outer = probe_open();
	if (probe_do(inner, "attach %d 100", pid) || probe_do(outer, "attach %d 500", pid) ||
	    probe_do(inner, "events %lx", events) || probe_do(outer, "events %lx", events))
		bail("attach");
}

static void end(void)
{
	close(inner);
	close(outer);
	subject_end(pid);
}

/* The innermost one is told first, at the end as before. */
static void reaped(unsigned long events, const char *what)
{
	struct probe_line in = { 0 }, out = { 0 };
	bool told;

	pid = subject_ordered();
	attach(events | EV(REAP));
	kill(pid, SIGKILL);
	subject_wait(pid, PATIENCE);
	told = probe_event(inner, EV_REAP, &in, PATIENCE) && probe_event(outer, EV_REAP, &out, PATIENCE);
	check(told && in.seq < out.seq, "%s: the innermost is told first that it is reaped: %lu, %lu", what, in.seq,
	      out.seq);
	end();
}

/* Who is told of a stop that was asked for from outside: who asked. */
static void word(bool by_inner, bool calls)
{
	const char *what = by_inner ? "stop by the inner one" : "stop by the outer one";
	struct probe_line line = { 0 };
	int holder, other, got;
	bool told;

	pid = subject(calls ? call : spin, NULL);
	if (!moves(0))
		bail("no subject");
	attach(EV(QUIESCE));
	holder = by_inner ? inner : outer;
	other = by_inner ? outer : inner;
	probe_do(holder, "on %d %d", EV_QUIESCE, DO_STOP);
	got = probe_do(holder, "control %d", DO_STOP);
	check(got == -EINPROGRESS, "%s: asked for: %d", what, got);
	check(probe_event(holder, EV_QUIESCE, &line, PATIENCE) && !line.extra && reaches(pid, 't', PATIENCE),
	      "%s: it is told: %c", what, state_of(pid));
	told = probe_read(other, &line, 0);
	check(!told, "%s: nobody else is: %d, %u", what, told, line.event);
	end();
}

/* Both hold it, each of them was told. */
static void two_words(void)
{
	struct probe_line line = { 0 };
	int got;

	pid = subject(spin, NULL);
	attach(EV(QUIESCE));
	probe_do(inner, "on %d %d", EV_QUIESCE, DO_STOP);
	probe_do(inner, "control %d", DO_STOP);
	check(probe_event(inner, EV_QUIESCE, &line, PATIENCE) && reaches(pid, 't', PATIENCE), "held by one: %c",
	      state_of(pid));
	got = probe_do(outer, "control %d", DO_STOP);
	check(!got, "and by another: %d", got);
	probe_do(inner, "control %d", DO_RESUME);
	check(still(0) && state_of(pid) == 't', "the first lets go: the other holds it: %c", state_of(pid));
	probe_do(outer, "control %d", DO_RESUME);
	check(moves(0), "both have let go");
	end();
}

/* An engine that has report_quiesce alone is given the signal as event, and none for its frame. */
static void few(void)
{
	int fd = probe_open(), of_signal = 0, of_frame = 0, others = 0;
	struct probe_line line = { 0 };
	bool told;

	pid = subject_occasion(HANDLES);
	if (probe_do(fd, "attach_few %d", pid) || probe_do(fd, "events %lx", EV(QUIESCE)))
		bail("attach_few");
	occasion_go();
	check(occasion_over(pid, HANDLES), "the handler ran");
	while (probe_read(fd, &line, 0)) {
		if (line.extra == (long)EV(SIGNAL))
			of_signal++;
		else if (!line.extra)
			of_frame++;
		else
			others++;
	}
	check(of_signal == 1 && of_frame == 1 && !others,
	      "report_quiesce alone: %d times of the signal, %d of its frame, %d of anything else", of_signal,
	      of_frame, others);
	close(fd);
	subject_end(pid);

	pid = subject(spin, NULL);
	fd = probe_open();
	if (probe_do(fd, "attach_few %d", pid) || probe_do(fd, "events %lx", EV(QUIESCE)))
		bail("attach_few");
	check(!probe_do(fd, "control %d", DO_INTERRUPT), "report_quiesce alone: INTERRUPT");
	told = probe_event(fd, EV_QUIESCE, &line, PATIENCE);
	check(told && !line.extra, "it is for no event: %lx", line.extra);
	close(fd);
	subject_end(pid);
}

/* In the report of the death nobody adds or drops what it consists of. */
static void dying(unsigned long has, unsigned long sets, int want, const char *what)
{
	struct probe_line line = { 0 };
	int slow = probe_open(), got;

	pid = subject_ordered();
	attach(has);
	if (probe_do(slow, "attach %d 500", pid) || probe_do(slow, "events %lx", EV(DEATH)) ||
	    probe_do(slow, "delay 20000000"))
		bail("attach");
	kill(pid, SIGKILL);
	check(probe_event(slow, EV_DEATH, &line, PATIENCE), "%s: it dies", what);
	got = probe_do(inner, "events %lx", sets);
	check(got == want, "%s: %d, expected %d", what, got, want);
	probe_do(slow, "delay 0");
	subject_wait(pid, PATIENCE);
	close(slow);
	end();
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	reaped(0, "REAP alone");
	reaped(EV(EXIT) | EV(DEATH), "EXIT, DEATH and REAP");
	for (int by_inner = 0; by_inner < 2; by_inner++) {
		word(by_inner, false);
		word(by_inner, true);
	}
	two_words();
	few();
	dying(EV(DEATH) | EV(QUIESCE), EV(DEATH), -EALREADY, "QUIESCE dropped at the death");
	dying(EV(DEATH), EV(DEATH) | EV(QUIESCE), -EALREADY, "QUIESCE added at the death");
	dying(EV(DEATH) | EV(QUIESCE), EV(QUIESCE), -EALREADY, "DEATH dropped at the death");
	dying(EV(QUIESCE), EV(DEATH) | EV(QUIESCE), -EALREADY, "DEATH added at the death");
	dying(EV(DEATH), EV(DEATH) | EV(REAP), 0, "REAP added at the death");
	return done_testing();
}
