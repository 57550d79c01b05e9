/* stages.c - each place where a tracer can find a tracee. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sibling.h"
#include "sigchld.h"
#include "stage.h"

#define OPT(event) (1ul << PTRACE_EVENT_##event)
#define PTRACE_EVENT_VFORKDONE PTRACE_EVENT_VFORK_DONE

static bool cont(struct scene *s)
{
	return stage_go(s, PTRACE_CONT, 0);
}

/* Run on to where it sleeps. */
static bool run_to(struct scene *s, const char *letters)
{
	s->status = -1;
	sigchld_drain();
	if (pt(PTRACE_CONT, s->p, 0, 0) || !await_state(s->p, letters))
		return false;
	if (*letters == 'Z' && sigchld_blocked())
		sigchld_await(s->p);
	return strchr(letters, rest(s->p));
}

static bool at_event(struct scene *s, int event)
{
	unsigned long pid = 0;

	if (!cont(s) || s->status >> 16 != event)
		return false;
	if ((event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	     event == PTRACE_EVENT_CLONE) && !pt(PTRACE_GETEVENTMSG, s->p, 0, P(&pid))) {
		s->child = pid;
		role(s->child, "C");
	}
	return true;
}

/* --- who is not ours to ask */

static bool make_untraced(struct scene *s)
{
	s->p = stage_child();
	return await_state(s->p, "S");
}

static bool make_zombie_untraced(struct scene *s)
{
	s->p = fork();
	if (!s->p)
		_exit(3);
	return await_state(s->p, "Z");
}

static bool make_nobody(struct scene *s)
{
	s->p = fork();
	if (!s->p)
		_exit(3);
	return waitpid(s->p, NULL, 0) == s->p;
}

static bool make_minus_one(struct scene *s)
{
	s->p = -1;
	return true;
}

static bool make_zero(struct scene *s)
{
	s->p = 0;
	return true;
}

static bool make_self(struct scene *s)
{
	s->p = getpid();
	return true;
}

static bool make_kernel_thread(struct scene *s)
{
	s->p = 2;
	return true;
}

static bool make_of_other(struct scene *s)
{
	int ends[2];
	char c;

	s->p = stage_child();
	if (!await_state(s->p, "S") || pipe(ends))
		return false;
	s->helper = fork();
	if (!s->helper) {
		c = pt(PTRACE_SEIZE, s->p, 0, 0) ? 'n' : 'y';
		if (write(ends[1], &c, 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ends[1]);
	role(s->helper, "other");
	if (read(ends[0], &c, 1) != 1)
		c = 'n';
	close(ends[0]);
	return c == 'y';
}
static bool make_own_thread(struct scene *s)
{
	s->p = sibling_start(0);
	return s->p > 0 && rest(s->p) == 'S';
}

/* Stopped, for a thread of ours that is not the one that asks. */
static bool make_of_own_thread(struct scene *s)
{
	s->p = stage_child();
	if (!await_state(s->p, "S") || sibling_start(s->p) < 0)
		return false;
	if (sigchld_blocked())
		sigchld_await(s->p);
	s->status = await(s->p);
	return rest(s->p) == 't';
}

/* --- ours, running or dead */

static bool make_running(struct scene *s)
{
	return stage_start(s, BODY_PAUSE, true, 0) && run_to(s, "S");
}

static bool make_vfork_wait(struct scene *s)
{
	return stage_start(s, BODY_VFORK_WAIT, true, 0) && run_to(s, "D");
}

static bool make_zombie(struct scene *s)
{
	return stage_start(s, BODY_EXIT, true, 0) && run_to(s, "Z");
}

static bool make_dead_leader(struct scene *s)
{
	return stage_start(s, BODY_LEADER_DIES, true, 0) && run_to(s, "Z");
}

/* --- stopped */

static bool make_signal(struct scene *s)
{
	return stage_start(s, BODY_USR1, true, 0) && cont(s);
}

static bool make_signal_attached(struct scene *s)
{
	return stage_start(s, BODY_USR1, false, 0) && cont(s);
}

static bool make_signal_stop(struct scene *s)
{
	return stage_start(s, BODY_STOP, true, 0) && cont(s);
}

static bool make_group(struct scene *s)
{
	return make_signal_stop(s) && stage_go(s, PTRACE_CONT, SIGSTOP) &&
	       s->status >> 16 == PTRACE_EVENT_STOP;
}

static bool make_group_attached(struct scene *s)
{
	return stage_start(s, BODY_STOP, false, 0) && cont(s) &&
	       stage_go(s, PTRACE_CONT, SIGSTOP);
}

static bool make_listening(struct scene *s)
{
	return make_group(s) && !pt(PTRACE_LISTEN, s->p, 0, 0);
}

static bool make_interrupted(struct scene *s)
{
	if (!make_running(s) || pt(PTRACE_INTERRUPT, s->p, 0, 0))
		return false;
	if (sigchld_blocked())
		sigchld_await(s->p);
	s->status = await(s->p);
	return s->status >> 16 == PTRACE_EVENT_STOP;
}

static bool make_interrupted_thread(struct scene *s)
{
	char path[64];
	struct dirent *e;
	DIR *d;

	if (!stage_start(s, BODY_THREAD, true, OPT(CLONE)) || !at_event(s, PTRACE_EVENT_CLONE) ||
	    !run_to(s, "S"))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)s->p);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (atoi(e->d_name) && atoi(e->d_name) != s->p)
			s->child = atoi(e->d_name);
	if (d)
		closedir(d);
	role(s->p, "leader");
	s->p = s->child;
	role(s->p, "P");
	s->status = await(s->p);
	return s->status >> 16 == PTRACE_EVENT_STOP;
}

static bool make_entry(struct scene *s)
{
	return stage_start(s, BODY_CALL, true, PTRACE_O_TRACESYSGOOD) &&
	       stage_go(s, PTRACE_SYSCALL, 0);
}

static bool make_exit(struct scene *s)
{
	return make_entry(s) && stage_go(s, PTRACE_SYSCALL, 0);
}

static bool make_entry_attached(struct scene *s)
{
	return stage_start(s, BODY_CALL, false, 0) && stage_go(s, PTRACE_SYSCALL, 0);
}

static bool make_exit_attached(struct scene *s)
{
	return make_entry_attached(s) && stage_go(s, PTRACE_SYSCALL, 0);
}

static bool make_sysemu(struct scene *s)
{
	return stage_start(s, BODY_CALL, true, PTRACE_O_TRACESYSGOOD) &&
	       stage_go(s, PTRACE_SYSEMU, 0);
}

static bool make_sysemu_step(struct scene *s)
{
	return stage_start(s, BODY_CALL, true, PTRACE_O_TRACESYSGOOD) &&
	       stage_go(s, PTRACE_SYSEMU_SINGLESTEP, 0);
}

static bool make_step(struct scene *s)
{
	return stage_start(s, BODY_CALL, true, 0) && stage_go(s, PTRACE_SINGLESTEP, 0);
}

static bool make_handler_step(struct scene *s)
{
	return make_signal(s) && stage_go(s, PTRACE_SINGLESTEP, SIGUSR1);
}

static bool make_exec_trap(struct scene *s)
{
	return stage_start(s, BODY_EXEC, false, 0) && cont(s);
}

static bool make_exec_event(struct scene *s)
{
	return stage_start(s, BODY_EXEC, true, OPT(EXEC)) && at_event(s, PTRACE_EVENT_EXEC);
}

static bool make_exit_event(struct scene *s)
{
	return stage_start(s, BODY_EXIT, true, OPT(EXIT)) && at_event(s, PTRACE_EVENT_EXIT);
}

static bool make_fork_event(struct scene *s)
{
	return stage_start(s, BODY_FORK, true, OPT(FORK)) && at_event(s, PTRACE_EVENT_FORK);
}

static bool make_vfork_event(struct scene *s)
{
	return stage_start(s, BODY_VFORK, true, OPT(VFORK)) && at_event(s, PTRACE_EVENT_VFORK);
}

static bool make_vfork_done_event(struct scene *s)
{
	return stage_start(s, BODY_VFORK, true, OPT(VFORKDONE)) &&
	       at_event(s, PTRACE_EVENT_VFORK_DONE);
}

static bool make_clone_event(struct scene *s)
{
	return stage_start(s, BODY_CLONE, true, OPT(CLONE)) && at_event(s, PTRACE_EVENT_CLONE);
}

static bool make_seccomp_event(struct scene *s)
{
	return stage_start(s, BODY_SECCOMP, true, OPT(SECCOMP)) &&
	       at_event(s, PTRACE_EVENT_SECCOMP);
}

/* A child in its first stop. */
static bool make_newborn(struct scene *s, bool seize)
{
	pid_t parent;

	if (!stage_start(s, BODY_FORK, seize, OPT(FORK)) || !at_event(s, PTRACE_EVENT_FORK))
		return false;
	parent = s->p;
	s->p = s->child;
	s->child = parent;
	role(s->p, "P");
	role(parent, "parent");
	s->status = await(s->p);
	return WIFSTOPPED(s->status);
}

static bool make_newborn_seized(struct scene *s)
{
	return make_newborn(s, true);
}

static bool make_newborn_attached(struct scene *s)
{
	return make_newborn(s, false);
}

const struct stage stages[] = {
	{ "untraced", make_untraced },
	{ "zombie-untraced", make_zombie_untraced },
	{ "nobody", make_nobody },
	{ "minus-one", make_minus_one },
	{ "zero", make_zero },
	{ "self", make_self },
	{ "own-thread", make_own_thread },
	{ "kernel-thread", make_kernel_thread },
	{ "of-other", make_of_other },
	{ "of-own-thread", make_of_own_thread },
	{ "running", make_running },
	{ "vfork-wait", make_vfork_wait },
	{ "zombie", make_zombie },
	{ "dead-leader", make_dead_leader },
	{ "signal", make_signal },
	{ "signal-attached", make_signal_attached },
	{ "signal-stop", make_signal_stop },
	{ "group", make_group },
	{ "group-attached", make_group_attached },
	{ "listening", make_listening },
	{ "interrupted", make_interrupted },
	{ "interrupted-thread", make_interrupted_thread },
	{ "entry", make_entry },
	{ "exit", make_exit },
	{ "entry-attached", make_entry_attached },
	{ "exit-attached", make_exit_attached },
	{ "sysemu", make_sysemu },
	{ "sysemu-step", make_sysemu_step },
	{ "step", make_step },
	{ "handler-step", make_handler_step },
	{ "exec-trap", make_exec_trap },
	{ "exec-event", make_exec_event },
	{ "exit-event", make_exit_event },
	{ "fork-event", make_fork_event },
	{ "vfork-event", make_vfork_event },
	{ "vfork-done-event", make_vfork_done_event },
	{ "clone-event", make_clone_event },
	{ "seccomp-event", make_seccomp_event },
	{ "newborn-seized", make_newborn_seized },
	{ "newborn-attached", make_newborn_attached },
};
const size_t nstages = sizeof(stages) / sizeof(stages[0]);
