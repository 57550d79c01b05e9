/* sigchld.c - SIGCHLD of a tracer that has it blocked, one stop at a time. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "sigchld.h"

bool sigchld_blocked(void)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, SIGCHLD);
}

static bool take_sigchld(siginfo_t *info, unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	return sigtimedwait(&set, info, &t) == SIGCHLD;
}

const char *sigchld_words(void)
{
	static char s[120];
	siginfo_t info;

	if (!take_sigchld(&info, 0))
		return "none";
	snprintf(s, sizeof(s), "code %d pid %s uid %d status %d%s", info.si_code, who(info.si_pid),
		 (int)info.si_uid, info.si_status, take_sigchld(&info, 0) ? " and another" : "");
	return s;
}

/* Forget what came so far; false if SIGCHLD is not blocked. */
bool sigchld_drain(void)
{
	siginfo_t info;

	if (!sigchld_blocked())
		return false;
	while (take_sigchld(&info, 0))
		;
	return true;
}

/* A wait may take a stop before its SIGCHLD is made, which says status 0 then. */
void sigchld_await(pid_t pid)
{
	uint64_t until = now_ms() + 1000;
	sigset_t set;

	rest(pid);
	do {
		sigpending(&set);
		if (sigismember(&set, SIGCHLD))
			return;
		nap();
	} while (now_ms() < until);
}
