/* slab.c - what the kernel has allocated before ptrace-storm and after it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "storm.h"
#include "subject.h"
#include "tap.h"

#define DIRECTORY "/sys/kernel/slab/"
/* For those that come back after a grace period of RCU, and after another one. */
#define SETTLE_MS 60000

/* What a task, its signals and its tracer take; caches a kernel has not are left out. */
static const char *const caches[CACHES] = {
	"task_struct", "signal_cache", "sighand_cache", "sigqueue", "pid", "cred", "mm_struct",
	"files_cache", "perf_event", "utrace", "utrace_engine", "ptrace_engine",
};

/*
 * Objects in use.  What lies in the slabs of a CPU, and what KASAN keeps back,
 * counts as in use until the cache is shrunk.
 */
static long objects(const char *cache)
{
	char path[128], text[128];

	snprintf(path, sizeof(path), DIRECTORY "%s/shrink", cache);
	put(path, "1");
	snprintf(path, sizeof(path), DIRECTORY "%s/objects", cache);
	get(path, text, sizeof(text));
	return *text ? atol(text) : -1;
}

/* Threads of the whole system, those of the kernel among them. */
static long all_tasks(void)
{
	char text[128], *p;

	get("/proc/loadavg", text, sizeof(text));
	p = strchr(text, '/');
	return p ? atol(p + 1) : 0;
}

void slabs_count(struct slabs *s)
{
	long attached = stat_of("attached");

	for (int i = 0; i < CACHES; i++)
		s->n[i] = objects(caches[i]);
	s->tasks = all_tasks();
	s->engines = attached < 0 ? -1 : attached - stat_of("detached");
}

void slabs_start(struct slabs *s)
{
	long end = now_ms() + SETTLE_MS;
	struct slabs now;
	int same = 0;

	slabs_count(s);
	while (same < 3 && s->n[0] >= 0 && now_ms() < end) {
		sleep_ms(500);
		slabs_count(&now);
		same++;
		for (int i = 0; i < CACHES; i++)
			if (now.n[i] < s->n[i])
				same = 0;
		*s = now;
	}
}

/* More than at the start, but for threads the kernel has made for itself. */
static long grown(const struct slabs *start, const struct slabs *now, int i)
{
	long tasks = now->tasks - start->tasks;

	return now->n[i] - start->n[i] - (tasks > 0 ? tasks : 0);
}

static bool back(const struct slabs *start, const struct slabs *now, long slack)
{
	for (int i = 0; i < CACHES; i++)
		if (start->n[i] >= 0 && grown(start, now, i) > slack)
			return false;
	return now->engines <= start->engines;
}

/* Count until all is back, or SETTLE_MS are over. */
static bool settle(const struct slabs *start, long slack, struct slabs *now)
{
	long end = now_ms() + SETTLE_MS;

	for (;;) {
		slabs_count(now);
		if (back(start, now, slack))
			return true;
		if (now_ms() > end)
			return false;
		sleep_ms(500);
	}
}

bool slabs_back(const struct slabs *start, long slack)
{
	struct slabs now;

	return settle(start, slack, &now);
}

void slabs_check(const struct slabs *start, long slack)
{
	struct slabs now;
	int known = 0;

	settle(start, slack, &now);
	for (int i = 0; i < CACHES; i++) {
		if (start->n[i] < 0)
			continue;
		known++;
		check(grown(start, &now, i) <= slack, "%s: %ld objects, %ld at the start, %ld more tasks",
		      caches[i], now.n[i], start->n[i], now.tasks - start->tasks);
	}
	if (!known)
		skip("this kernel does not count", "objects of slab caches");
	if (start->engines < 0)
		skip("no debugfs utrace/stats", "engines");
	else
		check(now.engines <= start->engines, "engines: %ld, %ld at the start", now.engines,
		      start->engines);
}
