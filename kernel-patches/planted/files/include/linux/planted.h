/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bugs in ptrace, made on purpose to see whether tests find them.
 *
 * Each is off unless the kernel's command line names it:
 * planted=NAME[,NAME...].  With none named this kernel behaves as the one
 * without them.
 */
#ifndef _LINUX_PLANTED_H
#define _LINUX_PLANTED_H

#include <linux/bits.h>
#include <linux/signal_types.h>
#include <linux/types.h>

struct task_struct;

enum planted_bug {
	PLANTED_DETACH_SIGNAL,	/* DETACH drops the signal of a signal stop */
	PLANTED_EXITKILL,	/* the tracer's exit does not kill */
	PLANTED_STOP_SIGNAL,	/* group stops of the seized show SIGTRAP */
	PLANTED_SYSEMU_LATE,	/* leaving an emulated call decides whether it runs */
	PLANTED_DETACH_RACE,	/* a signal sent during DETACH is lost */
	PLANTED_INJECT_PID,	/* an injected signal names its receiver as sender */
	PLANTED_DETACH_RUNS,	/* DETACH lets a stopped thread run */
	PLANTED_LISTEN_CONT,	/* LISTEN sleeps through SIGCONT */
	PLANTED_WNOWAIT,	/* WNOWAIT takes the stop away */
	PLANTED_CLDSTOP_ALWAYS,	/* a parent is told of each stop of a traced child */
	PLANTED_PTRACE_KILL,	/* PTRACE_KILL does nothing to a running task */
	PLANTED_SYSEMU_AX,	/* an emulated call returns 0, not what was set */
	PLANTED_BUGS
};

extern unsigned long planted_bugs;

static inline bool planted(enum planted_bug bug)
{
	return READ_ONCE(planted_bugs) & BIT(bug);
}

/* For PLANTED_DETACH_RACE; see kernel/signal.c. */
void planted_sample_signals(struct task_struct *task, sigset_t *set);
void planted_lose_signals(struct task_struct *task, const sigset_t *before);

#endif /* _LINUX_PLANTED_H */
