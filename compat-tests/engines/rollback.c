/* rollback.c - ROLLBACK gives the program its registers back, at entry and exit, but not into another program's. */
/* seconds: 60 */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define ABORT 0x10
#define ROLLBACK 0x200

enum { READY = 10, GO, RESULT, OVER };

static long nr;
static pid_t pid;
static int fd;

static int makes(void *unused)
{
	char *const none[] = { "none", "exit", NULL };

	(void)unused;
	page[READY] = 1;
	while (!page[GO])
		;
	if (nr == SYS_execve)
		page[RESULT] = syscall(nr, "/proc/self/exe", none, none);
	else if (nr == SYS_execveat)
		page[RESULT] = syscall(nr, -100, "/proc/self/exe", none, none, 0);
	else
		page[RESULT] = syscall(nr, 11, 12, 13, 14, 15, 16);
	page[OVER] = 1;
	return 9;
}

static void start(long call, unsigned long events)
{
	page[READY] = page[GO] = page[OVER] = page[RESULT] = 0;
	nr = call;
	pid = subject(makes, NULL);
	while (!page[READY])
		sleep_ms(1);
	fd = probe_open();
	if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "events %lx", events))
		bail("attach");
}

/* The result is the register of before, which had the call's number. */
static void same_program(long call, const char *name)
{
	int status;

	start(call, EV(SYSCALL_EXIT));
	probe_do(fd, "once %d %x", EV_SYSCALL_EXIT, ROLLBACK | DO_RESUME);
	page[GO] = 1;
	status = subject_wait(pid, PATIENCE);
	check(status == 9 << 8 && page[OVER] && page[RESULT] == call, "%s: the result is the number: %ld of %ld, %x",
	      name, page[RESULT], call, status);
	close(fd);
}

/* Skipped and rolled back, it leaves no result: the register has the number, as before. */
static void skipped(long call, unsigned int verdict, long want, const char *what)
{
	int status;

	start(call, EV(ENTRY));
	probe_do(fd, "once %d %x", EV_ENTRY, verdict | DO_RESUME);
	page[GO] = 1;
	status = subject_wait(pid, PATIENCE);
	check(status == 9 << 8 && page[OVER] && page[RESULT] == want, "%s: the result: %ld, expected %ld, %x", what,
	      page[RESULT], want, status);
	close(fd);
}

/* The outer engine is given what the inner one says, and has the last word. */
static void two_engines(bool inner, bool outer)
{
	struct probe_line line = { 0 };
	int other, status;
	bool told;

	start(999, EV(SYSCALL_EXIT));
	other = probe_open();
	if (probe_do(other, "attach %d 500", pid) || probe_do(other, "events %lx", EV(SYSCALL_EXIT)))
		bail("attach");
	probe_do(fd, "once %d %x", EV_SYSCALL_EXIT, (inner ? ROLLBACK : 0) | DO_RESUME);
	probe_do(other, "once %d %x", EV_SYSCALL_EXIT, (outer ? ROLLBACK : 0) | DO_RESUME);
	page[GO] = 1;
	status = subject_wait(pid, PATIENCE);
	told = probe_event(other, EV_SYSCALL_EXIT, &line, PATIENCE);
	check(told && (line.action & ROLLBACK) == (inner ? ROLLBACK : 0),
	      "inner %d, outer %d: the outer one is given: %x", inner, outer, line.action);
	check(status == 9 << 8 && page[RESULT] == (outer ? 999 : -1), "inner %d, outer %d: the result: %ld, %x", inner,
	      outer, page[RESULT], status);
	close(other);
	close(fd);
}

/* A new program begins with empty registers, which are looked at on its way to user mode. */
static void new_program(long call, const char *name)
{
	char path[64], text[256];
	unsigned long r[7];
	struct probe_line line;
	int status, n;
	long shown;

	start(call, EV(SYSCALL_EXIT));
	probe_do(fd, "on %d %d", EV_QUIESCE, DO_STOP);
	probe_do(fd, "once %d %x", EV_SYSCALL_EXIT, ROLLBACK | DO_REPORT);
	probe_do(fd, "within %d events %lx", EV_SYSCALL_EXIT, EV(QUIESCE));
	page[GO] = 1;
	check(probe_event(fd, EV_QUIESCE, &line, PATIENCE) && reaches(pid, 't', PATIENCE),
	      "%s: held before it begins: %c", name,
	      state_of(pid));
	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	get(path, text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	n = sscanf(text, "%ld %lx %lx %lx %lx %lx %lx %lx", &shown, &r[0], &r[1], &r[2], &r[3], &r[4], &r[5], &r[6]);
	/* not in a call: its stack and its place; else the arguments come first */
	if (n < 8)
		check(n == 3, "%s: its registers: %s", name, text);
	else
		check(!(r[0] | r[1] | r[2] | r[3] | r[4] | r[5]), "%s: its registers are empty: %s", name, text);
	probe_do(fd, "on %d %d", EV_QUIESCE, DO_RESUME);
	check(!probe_do(fd, "control %d", DO_DETACH), "%s: let go", name);
	status = subject_wait(pid, PATIENCE);
	check(status == 7 << 8, "%s: the new program runs: %x", name, status);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 7;
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	same_program(SYS_getppid, "getppid");
	same_program(SYS_close, "close, which fails");
	same_program(999, "a call that is none");
	skipped(SYS_getppid, ABORT | ROLLBACK, SYS_getppid, "getppid, skipped and rolled back");
	skipped(999, ABORT | ROLLBACK, 999, "a call that is none, skipped and rolled back");
	/* that is ENOSYS, by the C library */
	skipped(SYS_getppid, ABORT, -1, "getppid, skipped");
	skipped(SYS_getppid, ROLLBACK, getpid(), "getppid, rolled back at its entry");
	for (int by = 0; by < 4; by++)
		two_engines(by & 1, by & 2);
	new_program(SYS_execve, "execve");
	new_program(SYS_execveat, "execveat");
	return done_testing();
}
