/* verdict.c - PTRACE_SET_SYSCALL_VERDICT: a tracer decides in the stop at entry whether a call is made. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define SET_SYSCALL_VERDICT 0x4280
#define RUN 0
#define SKIP 1

/* In the page, too: what the tracer that is killed says, and is told. */
enum { DECIDED = ORDERED_FREE, RESUME };

static pid_t start(void)
{
	pid_t pid = subject_ordered();

	check(trace_seize(pid), "seized, and stopped");
	return pid;
}

/* Bring it to the entry of its next call, by @request. */
static bool to_entry(pid_t pid, int request)
{
	if (trace(request, pid, 0))
		return false;
	page[GO]++;
	return trace_wait(pid, PATIENCE) == SYSCALL_STOP;
}

/* Bring it back to a stop between two calls. */
static bool to_rest(pid_t pid)
{
	return !trace(PTRACE_INTERRUPT, pid, 0) && trace_wait(pid, PATIENCE) == EVENT_STOP(SIGTRAP);
}

/* A call is decided at an entry come to by @by, and resumed by @request. */
static void decide(pid_t pid, int by, const char *by_name, int request, const char *name, int verdict)
{
	const char *what = verdict == SKIP ? "skip" : "run";
	int status = 0;

	check(to_entry(pid, by), "%s, %s: the entry", by_name, what);
	check(!trace(SET_SYSCALL_VERDICT, pid, verdict), "%s, %s: decided", by_name, what);
	check(!trace(request, pid, 0), "%s, %s: %s", by_name, what, name);
	if (request == PTRACE_SYSCALL) {
		status = trace_wait(pid, PATIENCE);
		check(status == SYSCALL_STOP, "and the exit is reported: %x", status);
		check(!trace(PTRACE_CONT, pid, 0), "goes on");
	} else if (request == PTRACE_SINGLESTEP) {
		status = trace_wait(pid, PATIENCE);
		check(status == STOPPED(SIGTRAP), "and the step ends: %x", status);
		check(!trace(PTRACE_CONT, pid, 0), "goes on");
	}
	check(ordered_done() && page[RESULT] == (verdict == SKIP ? -ENOSYS : 1),
	      "%s, %s, %s: the result: %ld", by_name, what, name, page[RESULT]);
	check(to_rest(pid), "at rest");
	/* the decision was about one call */
	check(!trace(PTRACE_CONT, pid, 0), "resumed from there");
	page[GO]++;
	/* or each of these would take its time */
	if (!ordered_done() || page[RESULT] != 1)
		bail("%s, %s, %s: the next call stops", by_name, what, name);
	check(to_rest(pid), "at rest");
}

/* What the program sees is what the tracer stored. */
static void with_result(pid_t pid)
{
	struct user_regs_struct regs;

	check(to_entry(pid, PTRACE_SYSCALL), "the entry");
	check(!trace(SET_SYSCALL_VERDICT, pid, SKIP), "skipped");
	check(!ptrace(PTRACE_GETREGS, pid, 0, &regs), "its registers");
	regs.rax = -EXDEV;
	check(!ptrace(PTRACE_SETREGS, pid, 0, &regs), "a result is stored");
	check(!trace(PTRACE_CONT, pid, 0), "goes on");
	check(ordered_done() && page[RESULT] == -EXDEV, "the result: %ld", page[RESULT]);
	check(to_rest(pid), "at rest");
}

/* The second decision counts; none is left for the next call. */
static void twice(pid_t pid)
{
	check(to_entry(pid, PTRACE_SYSCALL), "the entry");
	check(!trace(SET_SYSCALL_VERDICT, pid, SKIP) && !trace(SET_SYSCALL_VERDICT, pid, RUN),
	      "decided twice");
	check(!trace(PTRACE_CONT, pid, 0), "goes on");
	check(ordered_done() && page[RESULT] == 1, "the second counts: %ld", page[RESULT]);
	page[GO]++;
	check(ordered_done() && page[RESULT] == 1, "nothing is left of it: %ld", page[RESULT]);
	check(to_rest(pid), "at rest");
}

static void refused(pid_t pid)
{
	check(trace(SET_SYSCALL_VERDICT, pid, SKIP) == -EINVAL, "refused: no system call");
	check(to_entry(pid, PTRACE_SYSCALL), "the entry");
	check(trace(SET_SYSCALL_VERDICT, pid, 2) == -EINVAL, "refused: no such verdict");
	check(!trace(PTRACE_SYSCALL, pid, 0) && trace_wait(pid, PATIENCE) == SYSCALL_STOP, "the exit");
	check(trace(SET_SYSCALL_VERDICT, pid, SKIP) == -EINVAL, "refused: at the exit");
	check(!trace(PTRACE_CONT, pid, 0) && ordered_done() && page[RESULT] == 1, "it was made");
	check(trace(SET_SYSCALL_VERDICT, pid, SKIP) == -ESRCH, "refused: it runs");
	check(to_rest(pid), "at rest");
}

/* A decision holds when the tracer leaves in that stop; who attaches next has no part in it. */
static void detached(bool again)
{
	pid_t pid = start();

	check(to_entry(pid, PTRACE_SYSCALL), "the entry");
	check(!trace(SET_SYSCALL_VERDICT, pid, SKIP), "skipped");
	check(!trace(PTRACE_DETACH, pid, 0), "detached");
	if (again)
		check(trace_seize(pid) && !trace(PTRACE_CONT, pid, 0), "attached again");
	check(ordered_done() && page[RESULT] == -ENOSYS, "the result: %ld", page[RESULT]);
	page[GO]++;
	check(ordered_done() && page[RESULT] == 1, "and of the next call: %ld", page[RESULT]);
	check(subject_end(pid), "and ends");
}

/* An engine that is asked after ptrace has the last word; with none of its own ptrace's stands. */
static void beside_an_engine(void)
{
	struct probe_line line;
	pid_t pid = start();
	int fd = probe_open();

	check(!probe_do(fd, "attach %d 0", pid) && !probe_do(fd, "events %lx", EV(ENTRY)), "an engine, too");
	check(to_entry(pid, PTRACE_SYSCALL), "the entry");
	check(!trace(SET_SYSCALL_VERDICT, pid, SKIP), "skipped");
	check(!trace(PTRACE_CONT, pid, 0), "goes on");
	check(ordered_done() && page[RESULT] == -ENOSYS, "the result: %ld", page[RESULT]);
	check(probe_event(fd, EV_ENTRY, &line, PATIENCE) && (line.action & 0xf0) == 0x00,
	      "the engine was asked, the call was to be made: %x", line.action);
	check(probe_event(fd, EV_ENTRY, &line, PATIENCE) && (line.action & 0xf0) == 0x10,
	      "and again, when it was not any more: %x", line.action);
	check(!probe_do(fd, "detach_sync"), "it leaves");
	check(subject_end(pid), "and ends");
	close(fd);
}

/* Decides, waits for RESUME, lets it go on, and stays until it is killed. */
static int deciding_tracer(void *arg)
{
	pid_t pid = *(pid_t *)arg;

	if (!trace_seize(pid) || !to_entry(pid, PTRACE_SYSCALL) || trace(SET_SYSCALL_VERDICT, pid, SKIP))
		return 1;
	page[DECIDED] = 1;
	while (!page[RESUME])
		sleep_ms(1);
	trace(PTRACE_CONT, pid, 0);
	return sleeper(NULL);
}

/* The tracer is gone before its decision is told: another engine's callback sleeps just then. */
static void tracer_killed(void)
{
	struct probe_line line;
	int fd = probe_open();
	pid_t pid, tracer;

	page[DECIDED] = page[RESUME] = 0;
	pid = subject_ordered();
	check(!probe_do(fd, "attach %d 500", pid) && !probe_do(fd, "events %lx", EV(ENTRY)), "an outer engine");
	tracer = subject(deciding_tracer, &pid);
	check(probe_event(fd, EV_ENTRY, &line, PATIENCE), "it is asked");
	for (long end = now_ms() + PATIENCE; !page[DECIDED] && now_ms() < end; sleep_ms(1))
		;
	check(page[DECIDED], "the tracer has decided");
	probe_do(fd, "delay 20000000");
	page[RESUME] = 1;
	check(probe_event(fd, EV_ENTRY, &line, PATIENCE), "the engine is asked again, and takes its time");
	check(subject_end(tracer), "the tracer is killed");
	probe_do(fd, "delay 0");
	check(ordered_done() && page[RESULT] == -ENOSYS, "the result: %ld", page[RESULT]);
	page[GO]++;
	check(ordered_done() && page[RESULT] == 1, "and of the next call: %ld", page[RESULT]);
	check(!probe_do(fd, "detach_sync"), "the engine leaves");
	check(subject_end(pid), "and ends");
	close(fd);
}

int main(void)
{
	static const struct { int request; const char *name; } resumes[] = {
		{ PTRACE_CONT, "CONT" }, { PTRACE_SYSCALL, "SYSCALL" }, { PTRACE_SINGLESTEP, "SINGLESTEP" },
	};
	pid_t pid;

	subject_init(50);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	pid = start();
	for (size_t i = 0; i < sizeof(resumes) / sizeof(resumes[0]); i++)
		for (int verdict = RUN; verdict <= SKIP; verdict++) {
			decide(pid, PTRACE_SYSCALL, "SYSCALL", resumes[i].request, resumes[i].name, verdict);
			decide(pid, PTRACE_SYSEMU, "SYSEMU", resumes[i].request, resumes[i].name, verdict);
		}
	with_result(pid);
	twice(pid);
	refused(pid);
	check(subject_end(pid), "and ends");
	detached(false);
	detached(true);
	beside_an_engine();
	tracer_killed();
	return done_testing();
}
