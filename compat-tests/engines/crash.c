/* crash.c - crash-suspend holds a thread at a core-dumping signal, but only if a debugger and other engines passed the signal on. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define RELEASE "/sys/kernel/debug/crash-suspend/release"
/* Verdicts that an engine returns, and what it is told, as in <linux/utrace.h>. */
#define IGN 0x10
#define CORE 0x30
#define HOLD 0x100
#define REPEAT 0x200

/* Crash when page[3] says 1; with 2 a child does. */
static int crash(void *unused)
{
	static const struct rlimit none;
	volatile long *volatile nowhere = (long *)8;

	(void)unused;
	setrlimit(RLIMIT_CORE, &none);
	while (!page[3])
		usleep(1000);
	if (page[3] == 2 && fork())
		for (;;)
			pause();
	page[4] = getpid();
	/* no memory there */
	for (;;)
		*nowhere = 1;
	return 0;
}

static pid_t watched(void)
{
	char parameter[32];
	pid_t pid;

	page[3] = page[4] = 0;
	pid = subject(crash, NULL);
	snprintf(parameter, sizeof(parameter), "pid=%d", pid);
	if (module_load("utrace-crash-suspend", parameter))
		bail("utrace-crash-suspend");
	return pid;
}

static int release(pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return put(RELEASE, text);
}

static int unload_in_child(void *unused)
{
	(void)unused;
	return module_unload("utrace_crash_suspend") ? 1 : 0;
}

/*
 * In a child, which is left alone if that takes longer than ten seconds: an
 * engine with a reference too many keeps the module for ever.
 */
static void unload(void)
{
	int status = subject_wait(subject(unload_in_child, NULL), 10000);

	if (check(!status, "unloaded in time: %x", status))
		return;
	/* there is no way on from here */
	exit(done_testing());
}

static void alone(void)
{
	pid_t pid = watched();
	int status;

	page[3] = 1;
	check(reaches(pid, 't', PATIENCE), "no debugger: it is held: %c", state_of(pid));
	check(subject_wait(pid, 50) == -1, "and does not die");
	check(release(2) < 0, "a thread that is not watched cannot be released");
	check(!release(pid), "released");
	status = subject_wait(pid, PATIENCE);
	check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "it dies of it: %x",
	      status);
	unload();

	pid = watched();
	page[3] = 1;
	reaches(pid, 't', PATIENCE);
	kill(pid, SIGKILL);
	check(subject_wait(pid, PATIENCE) == SIGKILL, "SIGKILL gets through");
	unload();

	pid = watched();
	page[3] = 1;
	reaches(pid, 't', PATIENCE);
	unload();
	status = subject_wait(pid, PATIENCE);
	check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	      "unloaded while one is held: it dies of its signal: %x", status);

	pid = watched();
	kill(pid, SIGTERM);
	check(subject_wait(pid, PATIENCE) == SIGTERM, "a signal without a core is none of its business");
	unload();

	pid = watched();
	page[3] = 2;
	while (!page[4])
		sleep_ms(1);
	check(reaches(page[4], 't', PATIENCE), "a child is held: %c", state_of(page[4]));
	check(!release(page[4]) && reaches(page[4], 'Z', PATIENCE), "and released: %c", state_of(page[4]));
	check(subject_end(pid), "its parent ends");
	unload();
}

/* With a ptracer that passes the signal on, drops it, or leaves. */
static void debugged(void)
{
	pid_t pid = watched();
	int status;

	check(trace_seize(pid) && !trace(PTRACE_CONT, pid, 0), "a debugger");
	page[3] = 1;
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGSEGV), "it gets the signal");
	check(!trace(PTRACE_CONT, pid, SIGSEGV), "and passes it on");
	check(reaches(pid, 't', PATIENCE) && trace(PTRACE_CONT, pid, 0) == -ESRCH &&
		      trace_wait(pid, 100) == -1,
	      "now it is held, and not by the debugger: %c", state_of(pid));
	check(!release(pid), "released");
	status = trace_wait(pid, PATIENCE);
	check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "it dies of it: %x",
	      status);
	unload();

	pid = watched();
	check(trace_seize(pid) && !trace(PTRACE_CONT, pid, 0), "a debugger");
	page[3] = 1;
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGSEGV), "it gets the signal");
	check(!trace(PTRACE_CONT, pid, 0), "and drops it");
	check(trace_wait(pid, PATIENCE) == STOPPED(SIGSEGV), "the instruction is repeated, not held: %c",
	      state_of(pid));
	check(release(pid) == -EINVAL, "there is nothing to release");
	check(!trace(PTRACE_DETACH, pid, SIGSEGV), "the debugger leaves with the signal");
	status = subject_wait(pid, 200);
	if (status == -1) {
		check(reaches(pid, 't', PATIENCE), "it is held then: %c", state_of(pid));
		check(!release(pid), "released");
		status = subject_wait(pid, PATIENCE);
	} else {
		check(false, "it is held then: it died, %x", status);
	}
	check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "it dies of it: %x",
	      status);
	unload();
}

static void not_held_by_now(pid_t pid, const char *when)
{
	int ret = release(pid);

	check(ret == -EINVAL, "%s: there is nothing to release: %d", when, ret);
}

/* Who asks for what is not suspended gets an error, and leaves nothing behind. */
static void nothing_to_release(void)
{
	pid_t pid = watched();
	int fd;

	not_held_by_now(pid, "not suspended yet");
	not_held_by_now(pid, "again");
	check(subject_end(pid), "it ends");
	unload();

	pid = watched();
	not_held_by_now(pid, "watched");
	unload();
	subject_end(pid);

	/* suspended and released, but held by another engine: it is still there to be asked for */
	pid = watched();
	fd = probe_open();
	probe_do(fd, "attach %d 0", pid);
	page[3] = 1;
	check(reaches(pid, 't', PATIENCE) && !probe_do(fd, "control %d", DO_STOP), "suspended, held by another, too");
	check(!release(pid), "released");
	not_held_by_now(pid, "released before");
	not_held_by_now(pid, "and again");
	check(!probe_do(fd, "control %d", DO_RESUME), "the other lets go");
	check(reaches(pid, 'Z', PATIENCE), "it dies: %c", state_of(pid));
	check(release(pid) < 0, "a zombie cannot be released");
	check(subject_wait(pid, PATIENCE) >= 0, "it is reaped");
	check(release(pid) < 0, "who is no more cannot be released");
	unload();
	close(fd);
}

/* An engine that stops the thread at a signal that dumps core; @flags are those of its attach. */
static int holder(pid_t pid, const char *flags)
{
	int fd = probe_open();

	if (probe_do(fd, "attach %d %s", pid, flags))
		bail("attach");
	probe_do(fd, "on %d %x", EV_SIGNAL, CORE | DO_STOP);
	if (probe_do(fd, "events %lx", EV(SIGNAL_CORE)))
		bail("events");
	return fd;
}

/* The crash is reported to @fd, for the first time or once more. */
static bool told(int fd, bool again)
{
	struct probe_line line;

	return probe_event(fd, EV_SIGNAL, &line, PATIENCE) && line.extra == SIGSEGV &&
	       !(line.action & REPEAT) == !again;
}

static void dies(pid_t pid, const char *how)
{
	int status = subject_wait(pid, PATIENCE);

	check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "%s: it dies of it: %x", how,
	      status);
}

/* crash-suspend has it, nobody else, and then lets go. */
static void suspended(pid_t pid, const char *how)
{
	int ret = -EINVAL;

	for (long end = now_ms() + PATIENCE; ret == -EINVAL && now_ms() < end; sleep_ms(1))
		if (reaches(pid, 't', 0))
			ret = release(pid);
	check(!ret, "%s: it is suspended, and released: %d", how, ret);
	dies(pid, how);
}

/* As long as an inner engine holds it, it is not suspended: that one may drop the signal. */
static void held_inside(void)
{
	pid_t pid = watched();
	int fd = holder(pid, "0");

	page[3] = 1;
	check(told(fd, false) && reaches(pid, 't', PATIENCE), "another engine is told of the crash and holds the thread");
	check(release(pid) == -EINVAL, "it is not suspended yet");
	probe_do(fd, "on %d %x", EV_SIGNAL, IGN | DO_RESUME);
	check(!probe_do(fd, "control %d", DO_RESUME), "the other drops the signal");
	check(told(fd, true), "it is asked again");
	check(told(fd, false) && told(fd, false), "the instruction is repeated, it was not suspended: %c",
	      state_of(pid));
	check(release(pid) == -EINVAL, "there is nothing to release");
	probe_do(fd, "on %d %x", EV_SIGNAL, CORE | DO_STOP);
	check(reaches(pid, 't', PATIENCE) && release(pid) == -EINVAL, "the other holds it again: %c", state_of(pid));
	probe_do(fd, "on %d %x", EV_SIGNAL, CORE | DO_RESUME);
	check(!probe_do(fd, "control %d", DO_RESUME), "the other passes it");
	suspended(pid, "passed on");
	close(fd);
	unload();
}

/* An inner engine has the signal put back on its queue: it is not suspended at that, but when it is passed on. */
static void put_back_inside(const char *flags)
{
	pid_t pid = watched();
	struct probe_line line;
	int fd = holder(pid, flags), seen = 0;

	probe_do(fd, "once %d %x", EV_SIGNAL, CORE | HOLD | DO_RESUME);
	probe_do(fd, "within %d on %d %x", EV_SIGNAL, EV_SIGNAL, IGN | DO_RESUME);
	page[3] = 1;
	check(told(fd, false), "another engine, at %s, has the signal put back", flags);
	check(told(fd, false), "put back, %s: it is told again, and drops it", flags);
	check(told(fd, false), "put back, %s: the instruction is repeated", flags);
	check(release(pid) == -EINVAL, "put back, %s: there is nothing to release", flags);
	/* not once, but as long as the other likes */
	probe_do(fd, "on %d %x", EV_SIGNAL, CORE | HOLD | DO_RESUME);
	probe_drop(fd);
	while (seen < 20 && probe_event(fd, EV_SIGNAL, &line, PATIENCE))
		seen++;
	check(seen == 20 && release(pid) == -EINVAL, "put back, %s: %d times", flags, seen);
	probe_do(fd, "on %d %x", EV_SIGNAL, CORE | DO_RESUME);
	suspended(pid, "put back, and passed on then");
	close(fd);
	unload();
}

/* Two hold it, and let go in either order; each passes the signal. */
static void held_by_two(int first)
{
	const char *how = first ? "two hold it, the second lets go first" : "two hold it, the first lets go first";
	pid_t pid = watched();
	int fd[2] = { holder(pid, "0"), holder(pid, "400") };

	page[3] = 1;
	check(told(fd[0], false) && told(fd[1], false) && reaches(pid, 't', PATIENCE), "%s: both are told", how);
	for (int i = 0; i < 2; i++)
		probe_do(fd[i], "on %d %x", EV_SIGNAL, CORE | DO_RESUME);
	check(release(pid) == -EINVAL, "%s: it is not suspended", how);
	check(!probe_do(fd[first], "control %d", DO_RESUME), "%s: one lets go", how);
	check(release(pid) == -EINVAL && reaches(pid, 't', 0), "%s: it is still not: %c", how, state_of(pid));
	check(!probe_do(fd[!first], "control %d", first ? DO_DETACH : DO_RESUME), "%s: and the other", how);
	suspended(pid, how);
	close(fd[0]);
	close(fd[1]);
	unload();
}

/* Another engine holds the thread that is suspended: it goes on when both have let go. */
static void held_beside(bool released_first)
{
	const char *how = released_first ? "held beside, released first" : "held beside, released last";
	pid_t pid = watched();
	int fd = probe_open();

	probe_do(fd, "attach %d 0", pid);
	page[3] = 1;
	check(reaches(pid, 't', PATIENCE), "%s: suspended", how);
	check(!probe_do(fd, "control %d", DO_STOP), "%s: another holds it, too", how);
	check(!(released_first ? release(pid) : probe_do(fd, "control %d", DO_RESUME)), "%s: one lets go", how);
	check(subject_wait(pid, 50) == -1 && state_of(pid) == 't', "%s: it stands: %c", how, state_of(pid));
	check(!(released_first ? probe_do(fd, "control %d", DO_RESUME) : release(pid)), "%s: and the other", how);
	dies(pid, how);
	close(fd);
	unload();
}

/* The module goes while somebody else holds the thread, suspended or not. */
static void unloaded_under(bool asked_first)
{
	const char *how = asked_first ? "unloaded before it suspends" : "unloaded while it suspends";
	pid_t pid = watched();
	int fd = asked_first ? holder(pid, "0") : probe_open();

	if (!asked_first)
		probe_do(fd, "attach %d 0", pid);
	page[3] = 1;
	check(reaches(pid, 't', PATIENCE), "%s: stopped", how);
	if (!asked_first)
		check(!probe_do(fd, "control %d", DO_STOP), "%s: another holds it, too", how);
	unload();
	check(subject_wait(pid, 50) == -1 && state_of(pid) == 't', "%s: the other holds it: %c", how,
	      state_of(pid));
	probe_do(fd, "on %d %x", EV_SIGNAL, CORE | DO_RESUME);
	check(!probe_do(fd, "control %d", DO_RESUME), "%s: it lets go", how);
	dies(pid, how);
	close(fd);
}

/* Released, but then dropped by another engine: the next crash is suspended, in whatever round it becomes one. */
static void released_in_vain(void)
{
	const char *how = "released in vain";
	pid_t pid = watched();
	int fd = holder(pid, "0");

	probe_do(fd, "on %d %x", EV_SIGNAL, CORE | DO_RESUME);
	probe_do(fd, "events %lx", EV(SIGNAL_CORE) | EV(SIGNAL_IGN));
	page[3] = 1;
	check(told(fd, false) && reaches(pid, 't', PATIENCE), "%s: suspended: %c", how, state_of(pid));
	/* in the round behind the stop it is dropped; the next one is, too, but not for good */
	probe_do(fd, "once %d %x", EV_SIGNAL, IGN | DO_RESUME);
	probe_do(fd, "within %d on %d %x", EV_SIGNAL, EV_SIGNAL, IGN | DO_STOP);
	check(!release(pid) && told(fd, true), "%s: another engine drops the signal", how);
	check(told(fd, false) && reaches(pid, 't', PATIENCE), "%s: it holds the thread at the next: %c", how, state_of(pid));
	check(release(pid) == -EINVAL, "%s: that is not suspended", how);
	probe_do(fd, "on %d %x", EV_SIGNAL, CORE | DO_RESUME);
	check(!probe_do(fd, "control %d", DO_RESUME) && told(fd, true), "%s: it makes a crash of it after all", how);
	suspended(pid, how);
	close(fd);
	unload();
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	alone();
	debugged();
	held_inside();
	put_back_inside("0");
	put_back_inside("400");
	held_by_two(0);
	held_by_two(1);
	held_beside(true);
	held_beside(false);
	unloaded_under(true);
	unloaded_under(false);
	nothing_to_release();
	released_in_vain();
	return done_testing();
}
