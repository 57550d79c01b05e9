/* logger-values.c - the logger's records are what the program got: 64 bit results, errors, children, exit codes. */
/* seconds: 120 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <logger.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cpu.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* In the page: orders, how many calls were made, then the number of each and what it gave. */
enum { GO = 10, READY, OVER, CALLS, LIST = 16, MOST = 100 };
enum { MAX_RECORDS = 4096 };

static struct logger_record records[MAX_RECORDS];
static int n_records;

/* Make a call, and note what came of it as the kernel says it. */
static long made(long nr, long a, long b, long c)
{
	long flags = nr == SYS_mmap ? MAP_PRIVATE | MAP_ANONYMOUS : 0, ret = syscall(nr, a, b, c, flags, -1, 0);
	long n = page[CALLS];

	page[LIST + 2 * n] = nr;
	page[LIST + 2 * n + 1] = ret == -1 ? -errno : ret;
	page[CALLS] = n + 1;
	return ret;
}

static int calls(void *fd_of_memory)
{
	static const long offsets[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x123456789ab, 0x7ffffffffffff000,
	};
	int fd = *(int *)fd_of_memory;
	long map;

	/* clocks of two CPUs need not agree */
	page[READY] = run_on(0, sysconf(_SC_NPROCESSORS_ONLN) - 1);
	while (!page[GO])
		;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		made(SYS_lseek, fd, offsets[i], SEEK_SET);
	made(SYS_lseek, fd, -1, SEEK_SET);
	made(SYS_lseek, -1, 0, SEEK_SET);
	for (int i = 0; i < 3; i++) {
		map = made(SYS_mmap, 0, 1 << 20, PROT_READ | PROT_WRITE);
		made(SYS_munmap, map, 1 << 20, 0);
	}
	made(SYS_mmap, 0, 0, 0);
	made(SYS_getpid, 0, 0, 0);
	made(SYS_close, 999, 0, 0);
	made(SYS_openat, AT_FDCWD, (long)"/nowhere", O_RDONLY);
	made(SYS_mkdirat, -100, 0, 0);
	made(999, 0, 0, 0);
	made(SYS_brk, 0, 0, 0);
	page[OVER] = 1;
	return 3;
}

/* A child of each kind: one exits, one is killed, one executes another program. */
static int parent(void *unused)
{
	(void)unused;
	/* clocks of two CPUs need not agree */
	page[READY] = run_on(0, sysconf(_SC_NPROCESSORS_ONLN) - 1);
	while (!page[GO])
		;
	for (int i = 0; i < 3; i++) {
		long child = syscall(SYS_fork);

		if (!child && i == 0)
			_exit(5);
		if (!child && i == 1)
			kill(getpid(), SIGTERM);
		if (!child)
			execl("/proc/self/exe", "exec", "exit", NULL);
		page[LIST + i] = child;
		waitpid(child, NULL, 0);
	}
	page[OVER] = 1;
	return 0;
}

static int load(pid_t pid, bool entries)
{
	char parameters[48];

	snprintf(parameters, sizeof(parameters), "pid=%d entries=%d", pid, entries);
	return module_load("utrace-logger", parameters);
}

static pid_t start(int (*run)(void *), int fd, bool entries)
{
	pid_t pid;

	memset((void *)&page[GO], 0, (LIST + 2 * MOST) * sizeof(*page));
	pid = subject_keeping(fd, run, &fd);
	while (!page[READY])
		sleep_ms(1);
	if (load(pid, entries))
		bail("utrace-logger");
	page[GO] = 1;
	return pid;
}

/* All have been on one CPU, so they are in order. */
static void read_records(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char path[64];

	n_records = 0;
	for (long cpu = 0; cpu < cpus; cpu++) {
		int fd;

		snprintf(path, sizeof(path), "/sys/kernel/debug/utrace-logger/cpu%ld", cpu);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		while (fd >= 0 && n_records < MAX_RECORDS &&
		       read(fd, &records[n_records], sizeof(records[0])) == sizeof(records[0]))
			n_records++;
		close(fd);
	}
}

static void lost_none(const char *what)
{
	char text[32];

	get("/sys/kernel/debug/utrace-logger/lost", text, sizeof(text));
	check(text[0] == '0' && atol(text) == 0, "%s: nothing is lost: %s", what, strtok(text, "\n"));
}

static void values(bool entries)
{
	const char *what = entries ? "with entries" : "returns";
	int fd = memfd_create("offsets", 0), at = 0, of_entry = 0;
	pid_t pid = start(calls, fd, entries);

	check(subject_wait(pid, PATIENCE) == 3 << 8 && page[OVER], "%s: the program ends", what);
	read_records();
	lost_none(what);
	for (int i = 0; i < n_records && at < page[CALLS]; i++) {
		long nr = page[LIST + 2 * at], got = page[LIST + 2 * at + 1];

		if (records[i].what == LOGGER_ENTRY)
			of_entry += records[i].nr == nr;
		if (records[i].what != LOGGER_RETURN)
			continue;
		check(records[i].nr == nr && records[i].value == got && records[i].tid == pid && of_entry == entries,
		      "%s: call %d: number %d gave %llx, the program made %ld and got %lx; %d entries before it", what,
		      at, records[i].nr, (unsigned long long)records[i].value, nr, got, of_entry);
		at++;
		of_entry = 0;
	}
	check(at == page[CALLS] && at > 20, "%s: all %ld calls are there: %d", what, page[CALLS], at);
	check(records[n_records - 1].what == LOGGER_EXIT && records[n_records - 1].value == 3 << 8,
	      "%s: the last is the exit: %u, %llx", what, records[n_records - 1].what,
	      (unsigned long long)records[n_records - 1].value);
	close(fd);
	check(!module_unload("utrace-logger"), "%s: unloaded", what);
}

static long getpid_i386(void)
{
	long nr = 20;

	__asm__ volatile("int $0x80" : "+a"(nr) : : "memory", "r8", "r9", "r10", "r11");
	return (int)nr;
}

/* Two calls that have the same number in their ABIs, writev() and getpid(). */
static int two_abis(void *unused)
{
	(void)unused;
	/* clocks of two CPUs need not agree */
	page[READY] = run_on(0, sysconf(_SC_NPROCESSORS_ONLN) - 1);
	while (!page[GO])
		;
	page[LIST] = syscall(20, -1, 0, 0) == -1 ? -errno : 0;
	page[LIST + 1] = getpid_i386();
	page[OVER] = 1;
	return 0;
}

static void abis(void)
{
	pid_t pid = start(two_abis, -1, true);
	int seen[2] = { 0, 0 }, entries = 0;

	check(subject_wait(pid, PATIENCE) == 0 && page[OVER], "ABIs: the program ends");
	read_records();
	lost_none("ABIs");
	for (int i = 0; i < n_records; i++) {
		bool i386 = records[i].arch == AUDIT_ARCH_I386;

		if (records[i].nr != 20 || (!i386 && records[i].arch != AUDIT_ARCH_X86_64))
			continue;
		entries += records[i].what == LOGGER_ENTRY;
		if (records[i].what == LOGGER_RETURN)
			seen[i386] += records[i].value == page[LIST + i386];
	}
	check(seen[0] == 1 && seen[1] == 1 && entries == 2, "ABIs: number 20 is told of which it is: %d, %d, %d entries",
	      seen[0], seen[1], entries);
	check(page[LIST + 1] == pid && page[LIST] == -EBADF, "ABIs: and these were two: %ld, %ld", page[LIST], page[LIST + 1]);
	check(!module_unload("utrace-logger"), "ABIs: unloaded");
}

/* Records of @tid of one kind: how many, and the last one's value. */
static int count(int tid, unsigned int what, long *value)
{
	int n = 0;

	for (int i = 0; i < n_records; i++)
		if (records[i].tid == tid && records[i].what == what) {
			n++;
			*value = records[i].value;
		}
	return n;
}

static void lives(void)
{
	static const struct { const char *name; long code; int execs; } children[] = {
		{ "exits", 5 << 8, 0 }, { "is killed", SIGTERM, 0 }, { "executes a program", 7 << 8, 1 },
	};
	pid_t pid = start(parent, -1, false);
	int clones = 0, n;
	long value = -1;

	check(subject_wait(pid, PATIENCE) == 0, "lives: it ends");
	read_records();
	lost_none("lives");
	for (int i = 0; i < n_records; i++)
		if (records[i].tid == pid && records[i].what == LOGGER_CLONE) {
			check(clones < 3 && records[i].value == page[LIST + clones], "lives: child %d is told: %lld of %ld",
			      clones + 1, (long long)records[i].value, page[LIST + clones]);
			clones++;
		}
	check(clones == 3, "lives: three children: %d", clones);
	for (int i = 0; i < 3; i++) {
		n = count(page[LIST + i], LOGGER_EXIT, &value);
		check(n == 1 && value == children[i].code, "lives: the child that %s: %d exits, code %lx of %lx",
		      children[i].name, n, value, children[i].code);
		n = count(page[LIST + i], LOGGER_EXEC, &value);
		check(n == children[i].execs, "lives: the child that %s: %d execs", children[i].name, n);
	}
	check(!module_unload("utrace-logger"), "lives: unloaded");
}

/* Another engine holds it at a call, and wants that reported again: that is no other call. */
static void rounds(void)
{
	enum { ROUNDS = 3 };
	pid_t pid;
	int fd, n;
	long value = -1;

	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	memset((void *)&page[GO], 0, (LIST + 2 * MOST) * sizeof(*page));
	pid = subject(two_abis, NULL);
	while (!page[READY])
		sleep_ms(1);
	fd = probe_engine(pid, 0, EV(ENTRY));
	n = load(pid, true);
	check(!n, "rounds: the logger: %d", n);
	probe_do(fd, "on %d %d", EV_ENTRY, DO_STOP);
	page[GO] = 1;
	for (int i = 0; i < ROUNDS; i++) {
		struct probe_line line;

		check(probe_event(fd, EV_ENTRY, &line, PATIENCE) && line.extra == 20 && reaches(pid, 't', PATIENCE),
		      "rounds: round %d", i + 1);
		if (i == ROUNDS - 1)
			probe_do(fd, "on %d %d", EV_ENTRY, DO_RESUME);
		if (i == ROUNDS - 1)
			check(!probe_do(fd, "control %d", DO_RESUME), "rounds: goes on");
		else
			check(!probe_do(fd, "control %d", DO_REPORT), "rounds: reported again");
	}
	check(subject_wait(pid, PATIENCE) == 0 && page[OVER], "rounds: the program ends");
	close(fd);
	read_records();
	n = 0;
	for (int i = 0; i < n_records; i++)
		n += records[i].what == LOGGER_ENTRY && records[i].nr == 20 && records[i].tid == pid;
	/* both of them have that number */
	check(n == 2, "rounds: each call is logged once at its entry: %d", n);
	n = count(pid, LOGGER_EXIT, &value);
	check(n == 1 && value == 0, "rounds: one exit: %d, %lx", n, value);
	check(!module_unload("utrace-logger") && !module_unload("utrace-probe"), "rounds: unloaded");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 7;
	subject_init(110);
	values(false);
	values(true);
	lives();
	abis();
	rounds();
	return done_testing();
}
