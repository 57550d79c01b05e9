/* rollback.c - ROLLBACK at a call's exit gives the program its registers back, but not into another program's. */
/* seconds: 60 */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

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
	status = subject_wait(pid, 5000);
	check(status == 9 << 8 && page[OVER] && page[RESULT] == call, "%s: the result is the number: %ld of %ld, %x",
	      name, page[RESULT], call, status);
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
	check(probe_event(fd, EV_QUIESCE, &line, 5000) && reaches(pid, 't', 5000), "%s: held before it begins: %c", name,
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
	status = subject_wait(pid, 5000);
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
	new_program(SYS_execve, "execve");
	new_program(SYS_execveat, "execveat");
	return done_testing();
}
