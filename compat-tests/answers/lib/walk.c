/* walk.c - lets a tracee go from stop to stop and tells what it comes to. */
#include <errno.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "regs.h"
#include "walk.h"

const char *stop_words(pid_t pid, int status)
{
	struct ptrace_syscall_info info;
	static char s[100];

	if (WIFSTOPPED(status) && (WSTOPSIG(status) == (SIGTRAP | 0x80)) &&
	    pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), P(&info)) > 0) {
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
			snprintf(s, sizeof(s), "entry %lld", (long long)info.entry.nr);
			return s;
		}
		if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
			/* numbers of processes, addresses: nobody's business */
			if (info.exit.rval > 0)
				snprintf(s, sizeof(s), "exit positive");
			else
				snprintf(s, sizeof(s), "exit %s", result_words(info.exit.rval));
			return s;
		}
	}
	return status_words(status);
}

int signal_of(int status)
{
	if (!WIFSTOPPED(status) || status >> 16 || WSTOPSIG(status) & 0x80)
		return 0;
	return WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
}

int walk_on(struct text *t, pid_t pid)
{
	char letter = rest(pid);
	int status;
	pid_t got = waitpid(pid, &status, __WALL | WNOHANG | WUNTRACED | WCONTINUED);

	if (got == pid) {
		add(t, " > %s", stop_words(pid, status));
		if (WIFSTOPPED(status) && letter == 't')
			return status;
	} else {
		add(t, " > %c", letter);
	}
	return 0;
}

int walk(struct text *t, pid_t pid, long request, unsigned long data)
{
	if (pt(request, pid, 0, data)) {
		add(t, " > %s", errno_word(errno));
		return 0;
	}
	return walk_on(t, pid);
}

void walk_along(struct text *t, pid_t pid, long request, int times)
{
	int status = 0;

	for (int i = 0; i < times; i++) {
		status = walk(t, pid, request, signal_of(status));
		if (!status)
			return;
	}
}
