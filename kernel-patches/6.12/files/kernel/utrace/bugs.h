/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bugs made on purpose, which the torture test must find: false, and no code,
 * without CONFIG_UTRACE_TORTURE_BUGS.
 */
#ifndef _KERNEL_UTRACE_BUGS_H
#define _KERNEL_UTRACE_BUGS_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

enum utrace_bug {
	UTRACE_BUG_LOST_WAKEUP,		/* who lets go does not wake */
	UTRACE_BUG_MISSED_STOP,		/* somebody holds the thread, nobody notices */
	UTRACE_BUG_EARLY_BARRIER,	/* who waits for a callback does not */
	UTRACE_BUG_REAP_TWICE,		/* report_reap comes again */
	UTRACE_NBUGS
};

struct task_struct;

#ifdef CONFIG_UTRACE_TORTURE_BUGS
extern unsigned long utrace_bugs;
bool __utrace_bug(enum utrace_bug bug);
void utrace_bug_wake(struct task_struct *task);

/**
 * utrace_bug - is the wrong thing to be done here, now?
 * @bug:	which of them
 *
 * Return: true one time out of some, if @bug is switched on.
 */
static inline bool utrace_bug(enum utrace_bug bug)
{
	return unlikely(READ_ONCE(utrace_bugs) & BIT(bug)) &&
	       __utrace_bug(bug);
}
#else
static inline bool utrace_bug(enum utrace_bug bug)
{
	return false;
}

static inline void utrace_bug_wake(struct task_struct *task)
{
}
#endif

#endif /* _KERNEL_UTRACE_BUGS_H */
