// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bugs made on purpose, which the torture test must find.
 */
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/sched.h>

#include "bugs.h"

/* One time out of so many: an error that always shows is found by anything. */
#define UTRACE_BUG_EVERY	8

unsigned long utrace_bugs;	/* BIT(enum utrace_bug), by the torture test */
EXPORT_SYMBOL_GPL(utrace_bugs);

static atomic_t utrace_bug_turns[UTRACE_NBUGS];

/**
 * utrace_bug_wake - wake a thread that was not woken
 * @task:	a thread in a stop
 *
 * It may be at its exit event, where no signal ends the stop.  If somebody
 * holds it, it stops again.
 */
void utrace_bug_wake(struct task_struct *task)
{
	wake_up_state(task, __TASK_TRACED);
}
EXPORT_SYMBOL_GPL(utrace_bug_wake);

/* The part of utrace_bug() that is not inline. */
bool __utrace_bug(enum utrace_bug bug)
{
	return atomic_inc_return(&utrace_bug_turns[bug]) % UTRACE_BUG_EVERY == 0;
}
