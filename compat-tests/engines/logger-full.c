/* logger-full.c - the logger's full buffers keep the oldest records, in order, and take new ones when they have been read. */
/* seconds: 120 */
#include <errno.h>
#include <fcntl.h>
#include <logger.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cpu.h"
#include "lib/module.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* What fits into the buffers of one CPU: 32 of 64 KiB. */
#define ROOM ((long)(32 * 64 * 1024 / sizeof(struct logger_record)))

/* In the page: how many calls to make, and how many were made. */
enum { GO = 10, DONE, CPU, BAD };

/* The n-th call has n for its result. */
static int counter(void *unused)
{
	int fd = memfd_create("counter", 0);

	(void)unused;
	if (fd < 0 || !run_on(0, page[CPU]))
		return 1;
	page[DONE] = 0;
	for (;;) {
		while (page[DONE] == page[GO])
			;
		if (syscall(SYS_lseek, fd, page[DONE], SEEK_SET) != page[DONE])
			page[BAD]++;
		page[DONE]++;
	}
	return 0;
}

static bool calls(long n)
{
	page[GO] += n;
	for (long end = now_ms() + 60000; now_ms() < end; sleep_ms(1))
		if (page[DONE] == page[GO])
			return !page[BAD];
	return false;
}

static int open_log(long cpu)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/utrace-logger/cpu%ld", cpu);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		bail("%s", path);
	return fd;
}

/* What a log has: how many returns of lseek, from which to which, and gaps among them. */
struct log {
	long returns, entries, first, last, gaps, strange;
};

static void read_log(int fd, struct log *l)
{
	struct logger_record r;

	memset(l, 0, sizeof(*l));
	l->first = l->last = -1;
	while (read(fd, &r, sizeof(r)) == sizeof(r)) {
		if (r.nr != SYS_lseek || r.what < LOGGER_ENTRY || r.what > LOGGER_RETURN) {
			l->strange++;
			continue;
		}
		if (r.what == LOGGER_ENTRY) {
			l->entries++;
			continue;
		}
		if (l->first < 0)
			l->first = r.value;
		else if (r.value != l->last + 1)
			l->gaps++;
		l->last = r.value;
		l->returns++;
	}
}

/* Records for which there was no room, as the logger says. */
static long lost(void)
{
	char text[32];

	get("/sys/kernel/debug/utrace-logger/lost", text, sizeof(text));
	return text[0] ? atol(text) : -1;
}

static pid_t start(long cpu, bool entries)
{
	char parameters[48];
	pid_t pid;

	page[CPU] = cpu;
	page[GO] = page[BAD] = 0;
	page[DONE] = -1;
	pid = subject(counter, NULL);
	while (page[DONE])
		sleep_ms(1);
	snprintf(parameters, sizeof(parameters), "pid=%d entries=%d", pid, entries);
	if (module_load("utrace-logger", parameters))
		bail("utrace-logger");
	return pid;
}

static void overflow(long cpu, bool entries)
{
	const char *what = entries ? "entries and returns" : "returns";
	long fits = entries ? ROOM / 2 : ROOM;
	pid_t pid = start(cpu, entries);
	long each = entries ? 2 : 1, made, missing;
	int fd = open_log(cpu);
	struct log l;

	check(calls(100), "CPU %ld, %s: a few calls", cpu, what);
	read_log(fd, &l);
	check(l.returns == 100 && l.first == 0 && l.last == 99 && !l.gaps && l.entries == (entries ? 100 : 0),
	      "CPU %ld, %s: all are there: %ld from %ld to %ld, %ld gaps, %ld entries", cpu, what, l.returns,
	      l.first, l.last, l.gaps, l.entries);
	check(lost() == 0, "CPU %ld, %s: none is lost: %ld", cpu, what, lost());
	check(calls(fits + fits / 2), "CPU %ld, %s: half as many again as there is room for", cpu, what);
	read_log(fd, &l);
	check(l.first == 100, "CPU %ld, %s: the oldest is there: %ld", cpu, what, l.first);
	check(!l.gaps && l.last == l.first + l.returns - 1, "CPU %ld, %s: none is missing behind it: %ld gaps to %ld",
	      cpu, what, l.gaps, l.last);
	/* a buffer that was begun before the first read is not all free */
	check(l.returns <= fits && l.returns >= fits - fits / 16, "CPU %ld, %s: there were %ld of %ld", cpu, what,
	      l.returns, fits);
	check(l.last < page[DONE] - 1, "CPU %ld, %s: the newest were lost: %ld of %ld", cpu, what, l.last,
	      page[DONE] - 1);
	made = (fits + fits / 2) * each;
	missing = made - l.returns - l.entries;
	check(lost() == missing, "CPU %ld, %s: as many are said to be lost as are missing of %ld: %ld, %ld", cpu, what,
	      made, lost(), missing);
	check(!l.strange, "CPU %ld, %s: and nothing else: %ld", cpu, what, l.strange);

	check(calls(100), "CPU %ld, %s: a few calls more", cpu, what);
	read_log(fd, &l);
	check(l.returns == 100 && l.last == page[DONE] - 1 && !l.gaps,
	      "CPU %ld, %s: there is room again: %ld to %ld of %ld", cpu, what, l.returns, l.last, page[DONE] - 1);
	check(lost() == missing, "CPU %ld, %s: none more is lost: %ld, %ld", cpu, what, lost(), missing);
	close(fd);
	check(subject_end(pid), "CPU %ld, %s: it ends", cpu, what);
	check(!module_unload("utrace_logger"), "CPU %ld, %s: unloaded", cpu, what);
}

int main(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	subject_init(110);
	overflow(0, false);
	overflow(cpus - 1, true);
	return done_testing();
}
