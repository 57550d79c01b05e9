// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bugs made on purpose, which the torture test must find.
 */
#include <linux/atomic.h>
#include <linux/export.h>

#include "bugs.h"

/* One time out of so many: an error that always shows is found by anything. */
#define UTRACE_BUG_EVERY	8

unsigned long utrace_bugs;	/* BIT(enum utrace_bug), by the torture test */
EXPORT_SYMBOL_GPL(utrace_bugs);

static atomic_t utrace_bug_turns[UTRACE_NBUGS];

/* The part of utrace_bug() that is not inline. */
bool __utrace_bug(enum utrace_bug bug)
{
	return atomic_inc_return(&utrace_bug_turns[bug]) % UTRACE_BUG_EVERY == 0;
}
