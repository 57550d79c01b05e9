/* fork-storm.c - engines follow every fork, vfork and thread of a storm: each life is reported once and in order. */
/* seconds: 240 */
/* args: 1500 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define ENGINES 3
#define FORKERS 4
#define MAX_PID 65536

enum { WANTED = 10, MADE };

static void *brief(void *arg)
{
	return arg;
}

/* By itself: vfork() may change what its caller keeps in registers. */
static __attribute__((noinline)) void vfork_one(void)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(3);
	waitpid(pid, NULL, 0);
}

/* Lives of all kinds until there were enough. */
static int forker(unsigned int seed)
{
	pthread_t t;
	pid_t pid;

	for (unsigned int i = seed; __atomic_add_fetch(&page[MADE], 1, __ATOMIC_SEQ_CST) <= page[WANTED]; i++) {
		switch (i % 3) {
		case 0:
			pid = fork();
			if (!pid)
				_exit(i & 0x7f);
			waitpid(pid, NULL, 0);
			break;
		case 1:
			vfork_one();
			break;
		default:
			if (!pthread_create(&t, NULL, brief, NULL))
				pthread_join(t, NULL);
		}
	}
	return 0;
}

static int program(void *unused)
{
	pid_t pid[FORKERS];
	int status, failed = 0;

	(void)unused;
	while (!page[WANTED])
		usleep(1000);
	for (int i = 0; i < FORKERS; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(forker(i * 7));
	}
	for (int i = 0; i < FORKERS; i++)
		if (waitpid(pid[i], &status, 0) != pid[i] || status)
			failed = 1;
	return failed;
}

/* What one engine was told of one thread. */
struct life {
	unsigned char born, exits, deaths, reaps, wrong;
};

static struct life lives[ENGINES][MAX_PID];
static long seen[ENGINES][20], lost;

static void note(int e, const struct probe_line *line)
{
	struct life *l;

	if (line->event == EV_LOST) {
		lost += line->extra;
		return;
	}
	if (line->event >= 20 || line->pid <= 0 || line->pid >= MAX_PID)
		bail("report of event %u, thread %d", line->event, line->pid);
	seen[e][line->event]++;
	l = &lives[e][line->pid];
	switch (line->event) {
	case EV_CLONE:
		if (line->extra <= 0 || line->extra >= MAX_PID || lives[e][line->extra].born++)
			l->wrong++;
		break;
	case EV_EXIT:
		l->exits++;
		break;
	case EV_DEATH:
		l->wrong += l->exits != 1;
		l->deaths++;
		break;
	case EV_REAP:
		l->wrong += l->deaths != 1;
		l->reaps++;
		break;
	}
}

int main(int argc, char **argv)
{
	long wanted = argc > 1 ? atol(argv[1]) : 1500, wrong, total;
	struct pollfd p[ENGINES];
	struct probe_line line;
	int status = -1;
	bool ended = false;
	pid_t pid;

	subject_init(230);
	/* pids are counted, so they must not be used twice */
	put("/proc/sys/kernel/pid_max", "4194304");
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	pid = subject(program, NULL);
	for (int e = 0; e < ENGINES; e++) {
		p[e].fd = probe_open();
		p[e].events = POLLIN;
		probe_do(p[e].fd, "follow 1");
		check(!probe_do(p[e].fd, "attach %d 0", pid) &&
			      !probe_do(p[e].fd, "events %lx", EV(CLONE) | EV(EXIT) | EV(DEATH) |
					EV(REAP)),
		      "engine %d is attached", e);
		lives[e][pid].born = 1;
	}
	page[WANTED] = wanted;
	while (!ended) {
		if (poll(p, ENGINES, 200) <= 0 && waitpid(pid, &status, WNOHANG) == pid)
			ended = true;
		for (int e = 0; e < ENGINES; e++)
			while (probe_read(p[e].fd, &line, 0))
				note(e, &line);
	}
	for (int e = 0; e < ENGINES; e++)
		while (probe_read(p[e].fd, &line, 200))
			note(e, &line);
	check(!status, "the storm is over: %x", status);
	check(!lost, "every report was read: %ld lost", lost);
	/* the storm's own, the forkers, the first */
	total = wanted + FORKERS + 1;
	for (int e = 0; e < ENGINES; e++) {
		wrong = 0;
		for (int i = 0; i < MAX_PID; i++) {
			struct life *l = &lives[e][i];

			if (l->born || l->exits || l->deaths || l->reaps)
				wrong += l->wrong || l->born != 1 || l->exits != 1 || l->deaths != 1 ||
					 l->reaps != 1;
		}
		check(!wrong, "engine %d: %ld lives that are not birth, exit, death, reap", e, wrong);
		check(seen[e][EV_CLONE] == total - 1 && seen[e][EV_REAP] == total,
		      "engine %d: %ld births, %ld exits, %ld deaths, %ld reaps of %ld", e,
		      seen[e][EV_CLONE], seen[e][EV_EXIT], seen[e][EV_DEATH], seen[e][EV_REAP], total);
		close(p[e].fd);
	}
	return done_testing();
}
