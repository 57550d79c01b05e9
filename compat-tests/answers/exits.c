/* exits.c - how processes and threads end under a tracer, with and without EXIT events and cores. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/serve.h"
#include "lib/stage.h"

enum way { EXIT, EXIT_THREAD, ABORT, SEGV, SIGSYS_EXIT, EXEC_NOTHING, WAYS };
static const char *const ways[] = { "exit_group", "exit", "ABRT", "SEGV", "strict seccomp", "closed core" };

static enum way way;
static volatile uintptr_t nowhere = 16;
static int threads;
static bool by_thread, core;

static void die(void)
{
	struct rlimit r = { core ? RLIM_INFINITY : 0, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &r);
	switch (way) {
	case EXIT:
		syscall(SYS_exit_group, 7);
		break;
	case EXIT_THREAD:
		syscall(SYS_exit, 8);
		break;
	case ABORT:
		syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGABRT);
		break;
	case SEGV:
		*(volatile int *)nowhere = 1;
		break;
	case SIGSYS_EXIT:
		prctl(PR_SET_SECCOMP, 1, 0, 0, 0);
		syscall(SYS_getppid);
		break;
	default:
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGQUIT);
	}
}

static void body(void)
{
	body_among(threads, by_thread, die);
}

static void one(unsigned long options, const char *words)
{
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };

	t.s[0] = '\0';
	roles_clear();
	own_body = body;
	if (stage_start(&s, BODY_OWN, true, options))
		serve(&t, s.p, PTRACE_CONT);
	say("%s by %s beside %d, %s, options %s:%s", ways[way], by_thread ? "thread" : "leader", threads,
	    core ? "core" : "no core", words, t.s);
	stage_end(&s);
}

int main(void)
{
	for (way = 0; way < WAYS; way++)
		for (threads = 0; threads < 2; threads++)
			for (int b = 0; b < 2; b++)
				for (int c = 0; c < 2; c++) {
					/* which of two threads that die ends first is open: one at most is told */
					by_thread = b;
					core = c;
					if (core && way < ABORT)
						continue;
					one(0, "none");
					if (!threads && !b)
						one(1ul << PTRACE_EVENT_EXIT, "exit");
					one((1ul << PTRACE_EVENT_EXIT) | (1ul << PTRACE_EVENT_CLONE), "exit clone");
					one((1ul << PTRACE_EVENT_EXIT) | (1ul << PTRACE_EVENT_CLONE) |
					    PTRACE_O_EXITKILL, "exit clone exitkill");
				}
	return finish();
}
