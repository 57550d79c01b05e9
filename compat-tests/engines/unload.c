/* unload.c - modules are unloaded again and again while 100 threads are traced by them. */
/* seconds: 300 */
/* args: 20 */
/* quick: 4 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define THREADS 100
#define UNLOAD_MS 20000

/* They begin together: a hundred that are answered one by one would be slow to start. */
static pthread_barrier_t all;

static void *thread(void *arg)
{
	pthread_barrier_wait(&all);
	for (unsigned int n = 0;; n++) {
		syscall(SYS_getppid);
		page[0]++;
		/* two CPUs, a hundred threads: the others want to run, too */
		if (n % 8 == 0)
			usleep(500);
	}
	return arg;
}

static void *brief(void *arg)
{
	page[1]++;
	return arg;
}

/* 100 threads, made when page[2] says so; one comes and goes all the time. */
static int program(void *unused)
{
	pthread_t t;

	(void)unused;
	while (!page[2])
		usleep(1000);
	pthread_barrier_init(&all, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&t, NULL, thread, NULL))
			return 1;
	page[3] = 1;
	pthread_barrier_wait(&all);
	for (;;) {
		if (!pthread_create(&t, NULL, brief, NULL))
			pthread_join(t, NULL);
		usleep(1000);
	}
}

static pid_t start(void)
{
	memset((void *)page, 0, 4096);
	return subject(program, NULL);
}

static bool has_threads(pid_t pid)
{
	for (long end = now_ms() + 30000; now_ms() < end; sleep_ms(1))
		if (page[3])
			return true;
	whereabouts(pid);
	return false;
}

static void finish(pid_t pid, const char *what, int round)
{
	if (!check(moves(0) && moves(1), "%s, round %d: the threads go on", what, round))
		whereabouts(pid);
	check(subject_end(pid), "%s, round %d: the process ends", what, round);
}

static bool unload(const char *name)
{
	for (long end = now_ms() + UNLOAD_MS; now_ms() < end; sleep_ms(1)) {
		int ret = module_unload(name);

		if (!ret)
			return true;
		/* who closes a file has closed it, so nothing is to be waited for */
		diag("unload %s: %s", name, strerror(-ret));
		if (ret != -EWOULDBLOCK)
			return false;
	}
	return false;
}

/* Engines without a file: those of the threads that were followed. */
static void probe(int round, unsigned long events)
{
	pid_t pid;
	int fd;

	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	fd = probe_open();
	pid = start();
	probe_do(fd, "follow 1");
	if (round % 2)
		probe_do(fd, "delay 200");
	check(!probe_do(fd, "attach %d 0", pid) && !probe_do(fd, "events %lx", events | EV(CLONE)),
	      "probe, round %d: attached, events %lx", round, events);
	page[2] = 1;
	check(has_threads(pid), "probe, round %d: %d threads are traced", round, THREADS);
	close(fd);
	check(unload("utrace_probe"), "probe, round %d: unloaded", round);
	finish(pid, "probe", round);
}

static void logger(int round)
{
	char parameter[32];
	pid_t pid = start();

	snprintf(parameter, sizeof(parameter), "pid=%d", pid);
	if (module_load("utrace-logger", parameter))
		bail("utrace-logger");
	page[2] = 1;
	check(has_threads(pid), "logger, round %d: %d threads are traced", round, THREADS);
	check(unload("utrace_logger"), "logger, round %d: unloaded", round);
	finish(pid, "logger", round);
}

/* How many threads are held. */
static int held(pid_t pid)
{
	char path[64];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	d = opendir(path);
	while (d && (e = readdir(d)))
		n += atoi(e->d_name) > 0 && state_of(atoi(e->d_name)) == 't';
	if (d)
		closedir(d);
	return n;
}

static bool all_held(pid_t pid)
{
	for (long end = now_ms() + 10000; now_ms() < end; sleep_ms(1))
		if (held(pid) >= THREADS)
			return true;
	whereabouts(pid);
	return false;
}

/* All hundred wait for an answer when the file is closed. */
static void broker(int round)
{
	struct broker_call c;
	pid_t pid;
	int fd;

	if (module_load("utrace-broker", NULL))
		bail("utrace-broker");
	fd = broker_open();
	pid = start();
	check(!broker_attach(fd, pid), "broker, round %d: attached", round);
	page[2] = 1;
	/* until they have all begun: then there is nothing they sleep for but for their time */
	for (long end = now_ms() + 30000; now_ms() < end && !page[1];)
		if (broker_next(fd, &c, 10))
			broker_run(fd, &c);
	check(page[1], "broker, round %d: %d threads are traced", round, THREADS);
	/* nobody answers */
	check(all_held(pid) && still(0), "broker, round %d: they all wait", round);
	close(fd);
	check(unload("utrace_broker"), "broker, round %d: unloaded", round);
	finish(pid, "broker", round);
}

int main(int argc, char **argv)
{
	static const unsigned long events[] = {
		EV(ENTRY), EV(ENTRY) | EV(SYSCALL_EXIT), EV(QUIESCE) | EV(DEATH) | EV(REAP),
		EV(ARRIVAL) | EV(FINAL), EV(EXIT) | EV(DEATH) | EV(REAP) | EV(ENTRY),
	};
	int rounds = argc > 1 ? atoi(argv[1]) : 20, first = argc > 2 ? atoi(argv[2]) : 0;
	long attached, detached;

	subject_init(290);
	attached = stat_of("attached");
	detached = stat_of("detached");
	for (int i = first; i < rounds; i++) {
		probe(i, events[i % 5]);
		if (i % 2)
			logger(i);
		else
			broker(i);
	}
	attached = stat_of("attached") - attached;
	detached = stat_of("detached") - detached;
	if (stat_of("attached") < 0)
		skip("no CONFIG_UTRACE_DEBUG", "every engine was detached");
	else
		check(attached == detached && attached > (rounds - first) * 2L * THREADS,
		      "every engine was detached: %ld of %ld", detached, attached);
	return done_testing();
}
