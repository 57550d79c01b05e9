/* census.c - all threads of all processes below this one, by name: what each is at, and whether all rest. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "census.h"
#include "look.h"
#include "say.h"

struct task tasks[TASKS];
size_t ntasks;
static unsigned int next_name;

void census_clear(void)
{
	ntasks = 0;
	next_name = 1;
}

void census_names_from(unsigned int n)
{
	next_name = n;
}

struct task *census_find(pid_t tid)
{
	for (size_t i = 0; i < ntasks; i++)
		if (tasks[i].tid == tid)
			return &tasks[i];
	return NULL;
}

const char *census_name(pid_t pid)
{
	struct task *t = census_find(pid);

	return t ? t->name : who(pid);
}

/* Of /proc/PID/status, which is read once for all. */
static unsigned long long status_value(const char *status, const char *key, int base)
{
	const char *at = strstr(status, key);

	return at ? strtoull(at + strlen(key), NULL, base) : 0;
}

static void look_at(struct task *t)
{
	char path[64], s[4096];
	int fd, n = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)t->tgid, (int)t->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, s, sizeof(s) - 1);
		close(fd);
	}
	if (n <= 0) {
		t->state = '-';
		return;
	}
	s[n] = '\0';
	t->state = strstr(s, "State:\t")[7];
	t->tracer = status_value(s, "TracerPid:\t", 10);
	snprintf(t->line, sizeof(t->line), "%c of %s by %s %llx/%llx", t->state,
		 census_name(status_value(s, "PPid:\t", 10)), t->tracer ? census_name(t->tracer) : "none",
		 status_value(s, "SigPnd:\t", 16), status_value(s, "ShdPnd:\t", 16));
}

static void found(pid_t tgid, pid_t tid)
{
	struct task *t = census_find(tid);

	if (!t) {
		if (ntasks == TASKS)
			abort();
		t = &tasks[ntasks++];
		*t = (struct task){ .tid = tid, .tgid = tgid };
	}
	t->here = true;
}

static void find_children(pid_t tgid, pid_t tid)
{
	char path[64], list[1024], *p = list;
	int fd, n;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)tgid, (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : (int)read(fd, list, sizeof(list) - 1);
	if (fd >= 0)
		close(fd);
	list[n > 0 ? n : 0] = '\0';
	for (long pid; (pid = strtol(p, &p, 10)) > 0;) {
		pid_t tids[16];
		size_t k = threads_of(pid, tids, 16);

		for (size_t i = 0; i < k; i++)
			found(pid, tids[i]);
		for (size_t i = 0; i < k; i++)
			find_children(pid, tids[i]);
	}
}

static int by_number(const void *a, const void *b)
{
	const struct task *one = a, *other = b;

	return one->tid - other->tid;
}

void census_take(void)
{
	for (size_t i = 0; i < ntasks; i++)
		tasks[i].here = false;
	find_children(getpid(), getpid());
	qsort(tasks, ntasks, sizeof(tasks[0]), by_number);
	for (size_t i = 0; i < ntasks; i++)
		if (!tasks[i].name[0])
			snprintf(tasks[i].name, sizeof(tasks[i].name), "n%u", next_name++);
	for (size_t i = 0; i < ntasks; i++)
		if (tasks[i].here)
			look_at(&tasks[i]);
}

bool census_settled(void)
{
	uint64_t until = now_ms() + PATIENCE_MS;

	for (int looks = 0; now_ms() < until; looks++) {
		bool all = true;

		nap();
		census_take();
		for (size_t i = 0; i < ntasks; i++) {
			struct task *t = &tasks[i];

			if (t->here && t->state == 'D')
				all = all && (t->blocked || looks >= 60);
			else if (t->here && strchr("RX-", t->state))
				all = false;
		}
		if (all) {
			for (size_t i = 0; i < ntasks; i++)
				tasks[i].blocked = tasks[i].state == 'D';
			return true;
		}
	}
	return false;
}
