/* arguments.c - what callbacks are given beside the action: flags of clone, the program, who dies and whom it tells. */
/* seconds: 60 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

enum { READY = 10, GO, TID, LEAVE };

static pid_t pid;

static void wait_for(int i)
{
	while (!page[i])
		sleep_ms(1);
}

static void start(int (*run)(void *), void *arg)
{
	for (int i = READY; i <= LEAVE; i++)
		page[i] = 0;
	pid = subject(run, arg);
	if (!counts_to(READY, 1))
		bail("the subject");
}

static void told(int fd, unsigned int event, long expected, const char *what)
{
	struct probe_line line = { 0 };
	bool got = probe_event(fd, event, &line, PATIENCE);

	check(got && line.extra == expected, "%s: %lx, expected %lx", what, line.extra, expected);
}

/* Makes a child by clone(), with the flags that @flags points to and SIGCHLD. */
static int clones(void *flags)
{
	page[READY] = 1;
	wait_for(GO);
	if (!syscall(SYS_clone, *(long *)flags | SIGCHLD, 0, 0, 0, 0))
		_exit(0);
	return sleeper(NULL);
}

static void clone_flags(void)
{
	static long flags[] = {
		0, CLONE_FS, CLONE_FILES | CLONE_SIGHAND | CLONE_VM | CLONE_VFORK, CLONE_VFORK | CLONE_VM, CLONE_PARENT,
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		int fd;

		start(clones, &flags[i]);
		fd = probe_engine(pid, 0, EV(CLONE));
		probe_do(fd, "other 1");
		page[GO] = 1;
		told(fd, EV_CLONE, flags[i], "the flags of a clone");
		close(fd);
		subject_end(pid);
	}
}

static int execs(void *unused)
{
	char *const none[] = { NULL }, *const argv[] = { "arguments", "exit", NULL };

	(void)unused;
	page[READY] = 1;
	wait_for(GO);
	execve("/proc/self/exe", argv, none);
	return 1;
}

static void program_and_registers(void)
{
	int fd;

	start(execs, NULL);
	fd = probe_engine(pid, 0, EV(EXEC));
	probe_do(fd, "other 1");
	page[GO] = 1;
	told(fd, EV_EXEC, 1, "exec: the format and the registers of the program");
	close(fd);
	subject_end(pid);

	start(clones, &(long){ 0 });
	fd = probe_engine(pid, 0, EV(SIGNAL_TERM));
	probe_do(fd, "other 1");
	kill(pid, SIGTERM);
	told(fd, EV_SIGNAL, 1, "a signal: the registers of the program");
	close(fd);
	subject_end(pid);
}

static void *sibling(void *unused)
{
	page[TID] = syscall(SYS_gettid);
	page[READY] = 1;
	wait_for(LEAVE);
	syscall(SYS_exit, 0);
	return unused;
}

/* The leader dies first, then its thread. */
static int dies(void *unused)
{
	pthread_t t;

	if (pthread_create(&t, NULL, sibling, NULL))
		return 1;
	wait_for(GO);
	syscall(SYS_exit, 0);
	return unused == NULL;
}

/* @other: whom it tells, else whether it is the last. */
static void deaths(bool other)
{
	int leader, thread;

	start(dies, NULL);
	leader = probe_engine(pid, 0, EV(DEATH));
	thread = probe_engine(page[TID], 0, EV(DEATH));
	probe_do(leader, "other %d", other);
	probe_do(thread, "other %d", other);
	page[GO] = 1;
	told(leader, EV_DEATH, other ? SIGCHLD : 0,
	     other ? "the leader's exit signal" : "the leader dies before its thread: the process is dead");
	page[LEAVE] = 1;
	told(thread, EV_DEATH, other ? -1 : 1,
	     other ? "a thread's exit signal" : "the last thread dies: the process is dead");
	close(leader);
	close(thread);
	subject_end(pid);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "exit"))
		return 0;
	subject_init(60);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	clone_flags();
	program_and_registers();
	deaths(false);
	deaths(true);
	return done_testing();
}
