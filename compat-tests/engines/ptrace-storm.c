/* ptrace-storm.c - random requests of many tracers on many tracees, signals, kills, execs: nothing is left behind. */
/* seconds: 300 */
/* args: requests=20000 seed=1 */
/* quick: requests=10000 seed=1 */
/*
 * ptrace-storm requests=N seed=N bug=NAME stall=SECONDS: until so many requests
 * were made.  With a bug made on purpose - process: one is left behind; pids:
 * one in 1000 requests keeps a struct pid; stall: a tracer does nothing any
 * more - the check that is to find it has to.
 *
 * ptrace-storm life SEED DEPTH: the program that tracees exec.
 *
 * Each actor has its own random numbers: with the same seed the Nth tracer of
 * the storm decides the same as long as it sees the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storm/storm.h"
#include "storm/tracer.h"
#include "subject.h"
#include "tap.h"

/* Before anything is counted: what the kernel allocates once. */
#define WARM_UP 1500
/* A leak of one object in 1000 requests is more in the shortest run that counts: 10000. */
#define SLACK 8
/* To say something meanwhile. */
#define SAY_MS 20000
/* For all to die; guest time. */
#define END_MS 60000
/* Requests from which on each must have succeeded, and each stop been seen. */
#define MANY 20000

static unsigned long wanted = 10000, seed = 1;
static const char *bug = "none";
static int stall_ms = 60000;	/* for an actor to do something */
static bool utrace;

/* Processes of actors, as main has them. */
static struct place {
	pid_t pid;
	int slot;		/* its first actor */
	unsigned int serial;	/* predecessors */
} places[TRACERS + OUTSIDERS];

#define PLACES (TRACERS + OUTSIDERS)

/* What an actor has done when it was last looked at. */
static struct {
	int tid;
	unsigned long beats;
	long since;
} watched[ACTORS];

static bool bug_is(const char *name)
{
	return !strcmp(bug, name);
}

static int group;
static unsigned int tracers_made, tracers_killed;
static pid_t stalled;		/* the actor that the bug of this name has stopped */

static void start_actor(struct place *p)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = group,
	};
	int n = p - places;
	uint64_t own = seed + 1000003ull * n + 7919ull * p->serial;
	long pid = sys2(SYS_clone3, &args, sizeof(args));

	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		/* what a C library says of aborted calls is no news */
		dup2(null, 1);
		dup2(null, 2);
		close(null);
		draw64(&own);
		if (n < TRACERS)
			tracer(&storm->actors[p->slot], own, false);
		outsider(&storm->actors[p->slot], own);
	}
	/* the storm is at its bound of processes: the next time */
	p->pid = pid > 0 ? pid : 0;
	p->serial += pid > 0;
	tracers_made += pid > 0 && n < TRACERS;
}

/* Reap what there is; false if there is nobody to wait for. */
static bool reap(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
		for (int i = 0; i < PLACES; i++)
			if (places[i].pid == pid) {
				places[i].pid = 0;
				storm->actors[places[i].slot].tid = 0;
				if (i < TRACERS)
					storm->actors[places[i].slot + 1].tid = 0;
			}
	return !(pid < 0 && errno == ECHILD);
}

/* The actor that has done nothing for too long, or 0. */
static int stuck(void)
{
	for (int i = 0; i < ACTORS; i++) {
		struct actor *a = &storm->actors[i];

		if (!a->tid || watched[i].tid != a->tid || watched[i].beats != a->beats) {
			watched[i].tid = a->tid;
			watched[i].beats = a->beats;
			watched[i].since = now_ms();
		} else if (now_ms() - watched[i].since > stall_ms) {
			return a->tid;
		}
	}
	return 0;
}

static void progress(void)
{
	static long said;

	if (now_ms() - said < SAY_MS)
		return;
	said = now_ms();
	diag("%lu requests, %lu lives, %lu execs, %lu signals, %d threads", requests_made(),
	     storm->lives, storm->execs, storm->signals, storm->crowd);
}

/* Tracers die at any stop of their tracees, more so than by themselves. */
static void kill_some(uint64_t *rnd, unsigned long *next)
{
	struct place *p = &places[draw(rnd, TRACERS)];
	pid_t pid;

	if (storm->crowd > CROWD - ROOM) {
		pid = cgroup_draw(rnd);
		if (pid > 1)
			kill(pid, SIGKILL);
	}
	if (requests_made() < *next || !p->pid || bug_is("stall"))
		return;
	*next += 300 + draw(rnd, 1500);
	kill(p->pid, SIGKILL);
	tracers_killed++;
}

/* The storm until it has made @total requests; 0, or the actor that does nothing. */
static int blow(unsigned long total)
{
	uint64_t rnd = seed;
	unsigned long next = requests_made() + 1000;
	long begun = now_ms();
	int who = 0;

	storm->stop = 0;
	memset(watched, 0, sizeof(watched));
	while ((requests_made() < total || bug_is("stall")) && !who) {
		reap();
		for (int i = 0; i < PLACES; i++)
			if (!places[i].pid)
				start_actor(&places[i]);
		storm->crowd = cgroup_crowd();
		kill_some(&rnd, &next);
		if (bug_is("stall") && now_ms() - begun > 1000 && places[0].pid) {
			stalled = places[0].pid;
			kill(stalled, SIGSTOP);
		}
		who = stuck();
		progress();
		sleep_ms(10);
	}
	return who;
}

/* Everybody dies, whoever traces and whatever stops it; false if somebody is left after @ms. */
static bool calm(int ms)
{
	long end = now_ms() + ms;

	storm->stop = 1;
	while (now_ms() < end) {
		cgroup_kill();
		if (!reap() && cgroup_empty())
			return true;
		progress();
		sleep_ms(20);
	}
	return false;
}

static void show_requests(void)
{
	unsigned long good = 0, all = 0;

	for (unsigned int i = 0; request_name(i); i++) {
		diag("%-32s %8lu made %8lu succeeded", request_name(i), storm->made[i], storm->good[i]);
		all += storm->made[i];
		good += storm->good[i];
	}
	diag("%lu of %lu requests succeeded; %u tracers, %u killed, %lu lives, %lu execs, %lu signals",
	     good, all, tracers_made, tracers_killed, storm->lives, storm->execs, storm->signals);
}

/* What the storm is worth: a tracer that is refused everything shows nothing. */
static void check_work(void)
{
	static const char *const stops[SAWS] = {
		"signal", "system call", "group stop", "fork", "vfork", "clone", "exec", "vfork done",
		"exit", "seccomp", "interrupt", "continued", "end",
	};
	unsigned int kinds = 0, missing = 0;

	for (unsigned int i = 0; request_name(i); i++) {
		if (!request_succeeds(i, utrace))
			continue;
		kinds++;
		if (!storm->good[i]) {
			diag("%s never succeeded", request_name(i));
			missing++;
		}
	}
	check(!missing, "%u of %u requests succeeded at least once", kinds - missing, kinds);
	missing = 0;
	for (int i = 0; i < SAWS; i++) {
		diag("%s: %lu", stops[i], storm->saw[i]);
		missing += !storm->saw[i];
	}
	check(!missing, "waits told of every sort of stop: %d of %d", SAWS - missing, SAWS);
}

/* Processes that are dead and reaped, their numbers kept by open files. */
static void keep_pids(unsigned long n)
{
	struct rlimit files = { n + 64, n + 64 };

	setrlimit(RLIMIT_NOFILE, &files);
	for (unsigned long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (sys2(SYS_pidfd_open, pid, 0) < 0)
			bail("pidfd_open");
		waitpid(pid, NULL, 0);
	}
}

/* A bug made on purpose was found, or not; @before processes there were before the storm. */
static int show_bug(const struct slabs *start, int who, bool calmed, int before)
{
	if (bug_is("stall")) {
		check(who && who == stalled, "the bug stall is found: %d does nothing, %d was stopped",
		      who, stalled);
	} else if (bug_is("process")) {
		check(!calmed, "the bug process is found: not all of the storm died");
		check(processes() == before + 1, "and when processes are counted: %d, %d before",
		      processes(), before);
	} else if (start->n[0] < 0) {
		skip("this kernel does not count", "the bug pids");
	} else {
		keep_pids(wanted / 1000);
		check(!slabs_back(start, SLACK), "the bug pids is found: one in 1000 requests");
	}
	return done_testing();
}

static int run(void)
{
	int before = processes(), who;
	struct slabs start;
	unsigned long base;
	long begun, took;
	bool calmed;

	if (!bug_is("stall"))
		blow(WARM_UP);
	if (!check(calm(END_MS), "the warm-up ends"))
		show_left();
	slabs_start(&start);
	base = requests_made();
	begun = now_ms();
	who = blow(base + wanted);
	took = now_ms() - begun;
	if (who && !bug_is("stall")) {
		diag("actor %d does nothing", who);
		show_left();
	}
	if (bug_is("process") && !fork())
		for (;;)
			pause();
	calmed = calm(bug_is("process") ? stall_ms : END_MS);
	if (!bug_is("none"))
		return show_bug(&start, who, calmed, before);
	if (!calmed)
		show_left();
	show_requests();
	check(!who, "every actor went on until the end");
	check(requests_made() - base >= wanted, "%lu requests were made of %lu", requests_made() - base,
	      wanted);
	check(calmed, "all that was of the storm died and was reaped");
	check(processes() == before, "processes: %d, %d before", processes(), before);
	if (wanted >= MANY)
		check_work();
	slabs_check(&start, SLACK);
	cgroup_remove();
	diag("storm requests=%lu ms=%ld", requests_made() - base, took);
	return done_testing();
}

static int live(const char *number, const char *depth)
{
	if (!storm_map())
		return 1;
	add_one(&storm->execs);
	life(strtoull(number, NULL, 10), atoi(depth), false);
}

static void prepare(void)
{
	struct rlimit core = { 0, 0 };
	int fd = memfd_create("storm", 0);

	setrlimit(RLIMIT_CORE, &core);
	/* who dies by a signal is no news */
	put("/proc/sys/debug/exception-trace", "0");
	/* a number that is used again would be somebody else */
	put("/proc/sys/kernel/pid_max", "4194304");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (fd < 0 || ftruncate(fd, sizeof(*storm)) || dup2(fd, STORM_FD) < 0 || close(fd) || !storm_map())
		bail("shared memory");
	for (int i = 0; i < PLACES; i++)
		places[i].slot = 2 * i;
	utrace = stat_of("attached") >= 0;
	group = cgroup_make();
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "life"))
		return live(argv[2], argv[3]);
	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "requests=", 9))
			wanted = strtoul(argv[i] + 9, NULL, 0);
		else if (!strncmp(argv[i], "seed=", 5))
			seed = strtoul(argv[i] + 5, NULL, 0);
		else if (!strncmp(argv[i], "bug=", 4))
			bug = argv[i] + 4;
		else if (!strncmp(argv[i], "stall=", 6))
			stall_ms = 1000 * atoi(argv[i] + 6);
	}
	prepare();
	return run();
}
