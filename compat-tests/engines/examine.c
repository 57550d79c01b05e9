/* examine.c - who may look at a stopped thread: an engine that holds it, as long as it does. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

static pid_t pid;
static int fd, other;

/* A thread with two engines, neither of which holds it. */
static void start(int (*run)(void *))
{
	pid = subject(run, NULL);
	if (run != sleeper && !moves(0))
		bail("the thread does not run");
	fd = probe_open();
	other = probe_open();
	if (probe_do(fd, "attach %d 0", pid) || probe_do(other, "attach %d 0", pid))
		bail("attach");
}

static void finish(const char *what)
{
	close(fd);
	close(other);
	check(subject_end(pid), "%s: it ends", what);
}

/* It stops for @by. */
static void hold(int by, const char *what)
{
	int ret = probe_do(by, "control %d", DO_STOP);

	check((!ret || ret == -EINPROGRESS) && reaches(pid, 't', PATIENCE), "%s: it is held: %d, %c", what, ret,
	      state_of(pid));
}

/* All three commands give the engine @fd the same. */
static void all(int engine, int expected, const char *what)
{
	int examine = probe_do(engine, "examine"), prepare = probe_do(engine, "prepare");
	int end = probe_do(engine, "finish");

	check(examine == expected && prepare == expected && end == expected,
	      "%s: examine %d, prepare %d, finish %d, and it is to be %d", what, examine, prepare, end, expected);
}

static void holder_and_other(void)
{
	start(call);
	all(fd, -EINVAL, "nobody holds it");
	hold(fd, "one engine");
	all(fd, 0, "who holds it");
	all(other, -EINVAL, "who does not");
	check(!probe_do(other, "events %lx", EV(QUIESCE) | EV(ENTRY) | EV(EXIT)), "it asks for events");
	all(other, -EINVAL, "who wants to be told");
	check(!probe_do(other, "control %d", DO_STOP), "the other holds it, too");
	all(other, 0, "both: the second");
	all(fd, 0, "both: the first");
	check(!probe_do(fd, "control %d", DO_RESUME), "the first lets go");
	all(fd, -EINVAL, "let go: the first");
	all(other, 0, "let go: the second");
	check(!probe_do(other, "control %d", DO_RESUME) && moves(0), "and the second: it runs");
	all(fd, -EINVAL, "it runs: the first");
	all(other, -EINVAL, "it runs: the second");
	check(!probe_do(other, "detach_sync"), "the second leaves");
	all(other, -ESRCH, "who has left");
	hold(fd, "the first again");
	all(fd, 0, "after that: the first");
	all(other, -ESRCH, "after that: who has left");
	finish("holder and other");
}

/* Whatever else an engine says while another holds the thread, it does not hold it. */
static void other_actions(void)
{
	static const struct { int action; const char *name; } actions[] = {
		{ DO_INTERRUPT, "INTERRUPT" }, { DO_REPORT, "REPORT" }, { DO_SINGLESTEP, "SINGLESTEP" },
		{ DO_BLOCKSTEP, "BLOCKSTEP" }, { DO_RESUME, "RESUME" },
	};

	start(spin);
	probe_do(other, "events %lx", EV(QUIESCE));
	hold(fd, "actions");
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		check(!probe_do(other, "control %d", actions[i].action), "it says %s", actions[i].name);
		all(other, -EINVAL, actions[i].name);
		check(!probe_do(other, "control %d", DO_STOP), "it says STOP");
		all(other, 0, "STOP");
	}
	finish("actions");
}

/* Between prepare and finish. */
static void between(void)
{
	int ret;

	start(call);
	hold(fd, "between");
	check(!probe_do(fd, "prepare") && !probe_do(fd, "finish"), "nothing happens: it counts");
	check(!probe_do(fd, "prepare") && !probe_do(fd, "finish") && !probe_do(fd, "finish"),
	      "it counts if asked twice");

	check(!probe_do(fd, "prepare") && !probe_do(fd, "control %d", DO_RESUME) && moves(0), "let go");
	ret = probe_do(fd, "finish");
	check(ret == -EINVAL, "let go between: %d", ret);
	hold(fd, "let go, stopped again");
	ret = probe_do(fd, "finish");
	check(ret == -EAGAIN, "let go and stopped between: %d", ret);

	check(!probe_do(fd, "prepare") && !probe_do(fd, "control %d", DO_RESUME) && moves(0), "let go");
	hold(other, "by another");
	ret = probe_do(fd, "finish");
	check(ret == -EINVAL, "another holds it then: %d", ret);
	check(!probe_do(fd, "control %d", DO_STOP), "and this one, too");
	ret = probe_do(fd, "finish");
	check(ret == -EAGAIN, "it ran before: %d", ret);

	check(!probe_do(fd, "prepare") && !probe_do(fd, "control %d", DO_RESUME), "let go, but by the other");
	ret = probe_do(fd, "finish");
	check(ret == -EINVAL, "this one does not hold it: %d", ret);
	check(!probe_do(fd, "control %d", DO_STOP), "it does again");
	ret = probe_do(fd, "finish");
	check(!ret, "it did not run, for the other held it: %d", ret);

	check(!probe_do(fd, "prepare") && !probe_do(other, "control %d", DO_DETACH), "the other leaves");
	ret = probe_do(fd, "finish");
	check(!ret, "it did not run: %d", ret);
	check(!probe_do(fd, "prepare") && !probe_do(other, "attach %d 0", pid) &&
		      !probe_do(other, "events %lx", EV(QUIESCE)),
	      "one attaches");
	ret = probe_do(fd, "finish");
	check(!ret, "it did not run, either: %d", ret);

	check(!probe_do(fd, "prepare") && !kill(pid, SIGKILL) && reaches(pid, 'Z', PATIENCE), "it is killed");
	all(fd, -ESRCH, "killed between");
	all(other, -ESRCH, "killed, another engine");
	finish("between");
}

/* Held, but not stopped: asleep in a call, or in another engine's callback. */
static void not_there(void)
{
	struct probe_line line;

	start(sleeper);
	check(reaches(pid, 'S', PATIENCE), "it sleeps in a call");
	check(probe_do(fd, "control %d", DO_STOP) == -EINPROGRESS, "a stop is on its way");
	check(probe_do(fd, "examine") == -EAGAIN && probe_do(fd, "prepare") == -EAGAIN, "it has not come yet");
	all(other, -EINVAL, "nor has another engine's");
	finish("not there");

	start(call);
	probe_do(other, "delay 20000000");
	probe_do(other, "events %lx", EV(ENTRY));
	check(probe_event(other, EV_ENTRY, &line, PATIENCE), "it sleeps in a callback");
	check(probe_do(fd, "control %d", DO_STOP) == -EINPROGRESS, "a stop is on its way");
	check(probe_do(fd, "examine") == -EAGAIN && probe_do(fd, "prepare") == -EAGAIN, "it has not come yet");
	all(other, -EINVAL, "its callback holds nothing");
	probe_do(other, "delay 0");
	check(reaches(pid, 't', PATIENCE), "it stops");
	all(fd, 0, "then");
	all(other, -EINVAL, "then, who was called");
	finish("not there");
}

static void handler(int sig)
{
	(void)sig;
}

static int handles(void *unused)
{
	signal(SIGUSR1, handler);
	return spin(unused);
}

/* Two engines are asked at the event, one stops it there. */
static void at_events(void)
{
	static const struct { const char *name; unsigned int event; int (*run)(void *); int sig; } places[] = {
		{ "at a call's entry", EV_ENTRY, call, 0 }, { "at a call's exit", EV_SYSCALL_EXIT, call, 0 },
		{ "at a signal", EV_SIGNAL, handles, SIGUSR1 }, { "before a group stop", EV_JCTL, spin, SIGSTOP },
		{ "in the last report", EV_FINAL, call, 0 }, { "at the exit", EV_EXIT, spin, SIGTERM },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		unsigned long mask = 1ul << places[i].event | (places[i].event == EV_FINAL ? EV(ENTRY) : 0);

		start(places[i].run);
		probe_do(fd, "on %d %d", places[i].event, DO_STOP);
		probe_do(other, "events %lx", mask);
		probe_do(fd, "events %lx", mask);
		if (places[i].sig)
			kill(pid, places[i].sig);
		check(reaches(pid, 't', PATIENCE), "%s: it stops: %c", places[i].name, state_of(pid));
		all(fd, 0, places[i].name);
		all(other, -EINVAL, places[i].name);
		close(fd);
		close(other);
		check(subject_end(pid), "%s: it ends", places[i].name);
	}
}

/* A stop of ptrace, or of the group, is no engine's. */
static void stops_of_others(void)
{
	start(spin);
	check(trace_seize(pid), "ptrace holds it");
	all(fd, -EINVAL, "ptrace holds it");
	check(!probe_do(fd, "control %d", DO_STOP), "an engine does, too");
	all(fd, 0, "both");
	all(other, -EINVAL, "both, another engine");
	check(!trace(PTRACE_CONT, pid, 0), "ptrace lets go");
	all(fd, 0, "the engine alone");
	all(other, -EINVAL, "the engine alone, another");
	check(subject_end(pid), "it ends");
	close(fd);
	close(other);

	start(spin);
	kill(pid, SIGSTOP);
	check(reaches(pid, 'T', PATIENCE), "a group stop");
	all(fd, -EINVAL, "a group stop");
	check(!probe_do(fd, "control %d", DO_STOP), "an engine holds it");
	all(fd, 0, "held in a group stop");
	all(other, -EINVAL, "held in a group stop, another");
	check(!probe_do(fd, "prepare") && !kill(pid, SIGCONT) && reaches(pid, 't', PATIENCE), "it is continued: %c",
	      state_of(pid));
	check(probe_do(fd, "finish") == -EAGAIN, "which lets it run to its engine's stop");
	all(fd, 0, "there");
	all(other, -EINVAL, "there, another");
	finish("group stop");
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	holder_and_other();
	other_actions();
	between();
	not_there();
	at_events();
	stops_of_others();
	return done_testing();
}
