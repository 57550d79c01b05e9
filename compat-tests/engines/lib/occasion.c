/* occasion.c - a subject that does one thing when it is told to. */
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "occasion.h"
#include "subject.h"

static void handler(int sig)
{
	(void)sig;
	page[OCCASION_HANDLED]++;
}

/* Its signals are taken before this returns. */
static void take(int sig)
{
	syscall(SYS_kill, getpid(), sig);
}

static void act(enum occasion what)
{
	switch (what) {
	case FORKS:
		if (!fork())
			_exit(0);
		break;
	case VFORKS:
		if (!vfork())
			_exit(0);
		break;
	case EXECS:
		execl("/proc/self/exe", "exec", "exit", NULL);
		break;
	case EXITS:
		_exit(7);
	case CALLS:
	case TRACED:
		syscall(SYS_getppid);
		break;
	case HANDLES:
		take(SIGUSR1);
		break;
	case IGNORES:
		take(SIGURG);
		break;
	case STOPS:
		take(SIGSTOP);
		break;
	case DIES:
		take(SIGTERM);
		break;
	case DUMPS:
		take(SIGQUIT);
		break;
	}
}

static int run(void *arg)
{
	static const struct rlimit none;
	enum occasion what = *(enum occasion *)arg;

	setrlimit(RLIMIT_CORE, &none);
	signal(SIGUSR1, handler);
	if (what == TRACED && !filter_getppid(SECCOMP_RET_TRACE))
		return 1;
	page[OCCASION_READY] = 1;
	while (!page[OCCASION_GO])
		;
	act(what);
	page[OCCASION_OVER] = 1;
	return spin(NULL);
}

/* Does page[@i] become 1 within PATIENCE? */
static bool set(int i)
{
	for (long end = now_ms() + PATIENCE; !page[i]; sleep_ms(1))
		if (now_ms() > end)
			return false;
	return true;
}

pid_t subject_occasion(enum occasion what)
{
	pid_t pid;

	page[OCCASION_GO] = page[OCCASION_OVER] = page[OCCASION_READY] = page[OCCASION_HANDLED] = 0;
	pid = subject(run, &what);
	set(OCCASION_READY);
	return pid;
}

void occasion_go(void)
{
	page[OCCASION_GO] = 1;
}

bool occasion_over(pid_t pid, enum occasion what)
{
	if (what == EXECS || what == EXITS || what == DIES || what == DUMPS)
		return subject_wait(pid, PATIENCE) >= 0;
	if (what == STOPS && (!reaches(pid, 'T', PATIENCE) || kill(pid, SIGCONT)))
		return false;
	return set(OCCASION_OVER);
}
