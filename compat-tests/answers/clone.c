/* clone.c - clone with every flag that says who traces and who is told, and every option of the tracer. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/regs.h"
#include "lib/stage.h"
#include "lib/walk.h"

#define OPT(event) (1ul << PTRACE_EVENT_##event)

static unsigned long flags;
static bool by_clone3;
static char stack[16384] __attribute__((aligned(64)));

static void held_child(void)
{
	for (;;)
		pause();
}

static int ended_child(void *unused)
{
	(void)unused;
	_exit(0);
}

static void body(void)
{
	struct clone_args args = { .flags = flags & ~0xfful, .exit_signal = flags & 0xff };
	sigset_t set;
	long pid;

	/* when a child's SIGCHLD comes is open */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* one that shares memory needs a stack of its own */
	if (flags & CLONE_VFORK && flags & CLONE_VM) {
		pid = clone(ended_child, stack + sizeof(stack) - 64, flags, NULL);
	} else if (flags & CLONE_VFORK) {
		pid = by_clone3 ? syscall(SYS_clone3, &args, sizeof(args)) :
				  syscall(SYS_clone, flags, 0ul, 0ul, 0ul, 0ul);
		if (!pid)
			_exit(0);
	} else if (flags & CLONE_VM) {
		pid = clone((int (*)(void *))held_child, stack + sizeof(stack) - 64, flags, NULL);
	} else {
		pid = by_clone3 ? syscall(SYS_clone3, &args, sizeof(args)) :
				  syscall(SYS_clone, flags, 0ul, 0ul, 0ul, 0ul);
		if (!pid)
			held_child();
	}
	syscall(SYS_getuid, pid);
}

static pid_t newest(pid_t p)
{
	char name[64], s[256];
	long pid = 0;
	FILE *f;

	/* a thread of it, a child, or a child of ours */
	snprintf(name, sizeof(name), "/proc/%d/task/%d/children", (int)p, (int)p);
	f = fopen(name, "r");
	if (f && fgets(s, sizeof(s), f))
		pid = strtol(s, NULL, 10);
	if (f)
		fclose(f);
	if (pid)
		return pid;
	for (pid = p + 1; pid < p + 200; pid++)
		if (atoi(status_line(pid, "PPid")) == getpid() || atoi(status_line(pid, "Tgid")) == p)
			return pid;
	return 0;
}

static void one(const char *words, bool seize, unsigned long options, const char *opts)
{
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };
	unsigned long message;
	pid_t child = 0;

	t.s[0] = '\0';
	roles_clear();
	own_body = body;
	if (!stage_start(&s, BODY_OWN, seize, options))
		return stage_end(&s);
	for (int n = 0, status = walk(&t, s.p, PTRACE_CONT, 0); n < 4 && status; n++) {
		message = 0;
		if (status >> 16 && !pt(PTRACE_GETEVENTMSG, s.p, 0, P(&message))) {
			if (!child)
				child = message;
			role(child, "C");
			if (status >> 16 < 4)
				add(&t, " of %s, %s, tracer %s, parent %s", who(message), look(message),
				    who(atoi(status_line(message, "TracerPid"))),
				    who(atoi(status_line(message, "PPid"))));
			else
				add(&t, " of %s", who(message));
		}
		status = walk(&t, s.p, PTRACE_CONT, signal_of(status));
	}
	if (!child)
		child = newest(s.p);
	role(child, "C");
	if (child)
		add(&t, "; C %c tracer %s parent %s exit_signal %lld", rest(child),
		    who(atoi(status_line(child, "TracerPid"))), who(atoi(status_line(child, "PPid"))),
		    stat_field(child, 38));
	if (child && atoi(status_line(child, "TracerPid")) == getpid()) {
		add(&t, " report %s", report(child));
		walk_along(&t, child, PTRACE_CONT, 2);
	}
	say("clone%s %s, %s, options %s:%s", by_clone3 ? "3" : "", words, seize ? "seized" : "attached", opts,
	    t.s);
	stage_end(&s);
}

int main(void)
{
	static const struct { unsigned long flags; const char *words; } kinds[] = {
		{ SIGCHLD, "SIGCHLD" }, { 0, "0" }, { SIGUSR1, "USR1" },
		{ CLONE_VM | SIGCHLD, "VM SIGCHLD" }, { CLONE_VM, "VM" },
		{ CLONE_VFORK | SIGCHLD, "VFORK SIGCHLD" }, { CLONE_VFORK, "VFORK" },
		{ CLONE_VFORK | CLONE_VM | SIGCHLD, "VFORK VM SIGCHLD" },
		{ CLONE_UNTRACED | SIGCHLD, "UNTRACED SIGCHLD" }, { CLONE_UNTRACED, "UNTRACED" },
		{ CLONE_UNTRACED | CLONE_VFORK, "UNTRACED VFORK" },
		{ CLONE_PTRACE | SIGCHLD, "PTRACE SIGCHLD" }, { CLONE_PTRACE, "PTRACE" },
		{ CLONE_PTRACE | CLONE_UNTRACED | SIGCHLD, "PTRACE UNTRACED SIGCHLD" },
		{ CLONE_PTRACE | CLONE_VFORK, "PTRACE VFORK" },
		{ CLONE_PARENT | SIGCHLD, "PARENT SIGCHLD" }, { CLONE_PARENT, "PARENT" },
		{ CLONE_PARENT | CLONE_PTRACE | SIGCHLD, "PARENT PTRACE SIGCHLD" },
		{ CLONE_THREAD | CLONE_VM | CLONE_SIGHAND, "THREAD" },
		{ CLONE_THREAD | CLONE_VM | CLONE_SIGHAND | CLONE_PTRACE, "THREAD PTRACE" },
		{ CLONE_THREAD | CLONE_VM | CLONE_SIGHAND | CLONE_UNTRACED, "THREAD UNTRACED" },
		{ CLONE_THREAD, "THREAD alone" }, { CLONE_NEWPID | SIGCHLD, "NEWPID SIGCHLD" },
	};
	static const struct { unsigned long bits; const char *words; } options[] = {
		{ 0, "none" }, { OPT(FORK), "fork" }, { OPT(VFORK), "vfork" }, { OPT(CLONE), "clone" },
		{ 1ul << PTRACE_EVENT_VFORK_DONE, "vfork-done" },
		{ OPT(FORK) | OPT(VFORK) | OPT(CLONE) | (1ul << PTRACE_EVENT_VFORK_DONE), "all" },
	};

	for (int c3 = 0; c3 < 2; c3++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			for (int seize = 0; seize < 2; seize++)
				for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
					flags = kinds[k].flags;
					by_clone3 = c3;
					/* glibc has no clone3() with a function to call */
					if (c3 && flags & CLONE_VM)
						continue;
					one(kinds[k].words, seize, options[i].bits, options[i].words);
				}
	return finish();
}
