/* body.c - what a tracee does, in the process it is or after an exec into another word size. */
#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "body.h"
#include "filter.h"

void (*own_body)(void);

static void caught(int sig)
{
	(void)sig;
}

static void self(int sig)
{
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
}

static void hold(void)
{
	for (;;)
		pause();
}

static void *hold_thread(void *unused)
{
	(void)unused;
	hold();
	return NULL;
}

static void (*act_in_thread)(void);

static void *act_and_hold(void *unused)
{
	act_in_thread();
	return hold_thread(unused);
}

void body_among(int idle, bool by_thread, void (*act)(void))
{
	pthread_t t;

	for (int i = 0; i < idle; i++)
		pthread_create(&t, NULL, hold_thread, NULL);
	act_in_thread = act;
	if (by_thread)
		pthread_create(&t, NULL, act_and_hold, NULL);
	else
		act();
}

static void add_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, hold_thread, NULL);
}

static void act(enum body body)
{
	char *const argv[] = { "tracee", "--hold", NULL }, *const env[] = { NULL };

	switch (body) {
	case BODY_PAUSE:
		break;
	case BODY_USR1:
		self(SIGUSR1);
		break;
	case BODY_STOP:
		self(SIGSTOP);
		break;
	case BODY_CALL:
		syscall(SYS_getppid);
		syscall(SYS_getuid);
		break;
	case BODY_EXIT:
		_exit(3);
	case BODY_EXEC:
		execve("/proc/self/exe", argv, env);
		_exit(125);
	case BODY_FORK:
		if (!fork())
			hold();
		break;
	case BODY_VFORK:
		if (!vfork())
			_exit(0);
		break;
	case BODY_VFORK_WAIT:
		if (!vfork())
			hold();
		break;
	case BODY_CLONE:
		if (!syscall(SYS_clone, 0ul, 0ul, 0ul, 0ul, 0ul))
			hold();
		break;
	case BODY_SECCOMP:
		/* to the tracer, with 77 */
		filter_call(SYS_getppid, SECCOMP_RET_TRACE | 77);
		syscall(SYS_getppid);
		break;
	case BODY_THREAD:
		add_thread();
		break;
	case BODY_LEADER_DIES:
		add_thread();
		syscall(SYS_exit, 0);
		break;
	case BODY_OWN:
		own_body();
		break;
	}
}

void body_run(enum body body, int fd)
{
	char c;

	signal(SIGUSR1, caught);
	/* not with a signal of their parent's death: what its end as a tracer does is to be seen */
	if (fd < 0)
		syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
	else if (read(fd, &c, 1) != 1)
		_exit(124);
	self(SIGUSR2);
	act(body);
	hold();
	_exit(123);
}

/* A program of answers that was started as a tracee is one. */
__attribute__((constructor)) static void tracee(int argc, char **argv)
{
	if (argc >= 2 && !strcmp(argv[1], "--hold"))
		hold();
	if (argc >= 4 && !strcmp(argv[1], "--body"))
		body_run(atoi(argv[2]), atoi(argv[3]));
}
