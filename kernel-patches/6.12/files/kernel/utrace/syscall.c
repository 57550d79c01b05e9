// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls: the verdict at entry, abort, rollback.
 */
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/utrace.h>

#include <asm/syscall.h>
#include <asm/utrace.h>

#include "internal.h"

#define UTRACE_SYSCALL_VERDICT	(UTRACE_SYSCALL_MASK | UTRACE_SYSCALL_ROLLBACK)

/**
 * utrace_syscall_save - remember number and arguments for a rollback
 * @utrace:	of current
 * @regs:	its user registers
 */
void utrace_syscall_save(struct utrace *utrace, struct pt_regs *regs)
{
	utrace->syscall_nr = syscall_get_nr(current, regs);
	syscall_get_arguments(current, regs, utrace->syscall_args);
	utrace->syscall_exec = current->self_exec_id;
	WRITE_ONCE(utrace->syscall_saved, true);
}

/*
 * Put number and arguments back.  If the call is not made, or is over, the
 * program gets back its result register, too: it looks as before the call.
 */
static void utrace_syscall_rollback(struct utrace *utrace,
				    struct pt_regs *regs, bool over)
{
	/* Not into the registers of another program. */
	if (!READ_ONCE(utrace->syscall_saved) ||
	    utrace->syscall_exec != current->self_exec_id)
		return;
	syscall_set_nr(current, regs, utrace->syscall_nr);
	syscall_set_arguments(current, regs, utrace->syscall_args);
	if (over)
		syscall_rollback(current, regs);
}

static u32 utrace_call_syscall_entry(struct utrace_pass *pass,
				     struct utrace_engine *engine, u32 action)
{
	u32 ret = engine->ops->report_syscall_entry(action, engine, pass->regs);

	pass->verdict = (ret & UTRACE_SYSCALL_VERDICT) |
			(pass->verdict & UTRACE_SYSCALL_RESUMED);
	return ret;
}

/*
 * Does somebody want another round?  An engine that is not asked at system
 * calls keeps its request, which is served on the way to user mode; so does one
 * that asked for INTERRUPT, and that counts once, or there would be no end.
 */
static bool utrace_take_repeat(struct utrace *utrace, bool again)
{
	struct utrace_engine *engine;
	bool repeat = false;
	u8 asks;

	/* A request sets one of these. */
	if (!(task_utrace_flags(current) &
	      (UTRACE_LAST_WORK | UTRACE_ATTENTION)))
		return false;
	asks = again ? UTRACE_ASK_REPORT :
		       UTRACE_ASK_REPORT | UTRACE_ASK_INTERRUPT;
	spin_lock_irq(&utrace->lock);
	list_for_each_entry(engine, &utrace->line, entry) {
		if (!(engine->flags & UTRACE_EVENT(SYSCALL_ENTRY)) ||
		    !(engine->requests & asks))
			continue;
		engine->requests &= ~UTRACE_ASK_REPORT;
		repeat = true;
	}
	if (repeat)
		utrace_update(utrace);
	spin_unlock_irq(&utrace->lock);
	return repeat;
}

/**
 * utrace_report_syscall_entry - current is about to make a system call
 * @regs:	its user registers
 * @abort:	ptrace says that it shall not
 *
 * The outermost engine is asked first.  After a stop the pass is repeated if
 * an engine asked for a report; else the verdict stands.
 *
 * Return: true if the call must not be made.
 */
bool utrace_report_syscall_entry(struct pt_regs *regs, bool abort)
{
	struct utrace *utrace = task_utrace(current);
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(SYSCALL_ENTRY),
		.outer_first = true,
		.quiesce = true,
		.call = utrace_call_syscall_entry,
		.regs = regs,
		.verdict = abort ? UTRACE_SYSCALL_ABORT : UTRACE_SYSCALL_RUN,
	};

	WRITE_ONCE(utrace->syscall_saved, false);
	if (!(task_utrace_flags(current) & UTRACE_EVENT(SYSCALL_ENTRY))) {
		/* Who is asked at the exit only can roll back, too. */
		utrace_syscall_save(utrace, regs);
		return abort;
	}

	WRITE_ONCE(utrace->in_syscall_report, true);
	utrace_arrival(utrace);
	for (;;) {
		if (!utrace_report(utrace, &pass) ||
		    fatal_signal_pending(current) ||
		    !utrace_take_repeat(utrace, pass.verdict &
						UTRACE_SYSCALL_RESUMED))
			break;
		pass.verdict |= UTRACE_SYSCALL_RESUMED;
	}

	abort = utrace_syscall_action(pass.verdict) == UTRACE_SYSCALL_ABORT;
	if (fatal_signal_pending(current))
		abort = true;
	if (pass.verdict & UTRACE_SYSCALL_ROLLBACK)
		utrace_syscall_rollback(utrace, regs, abort);
	WRITE_ONCE(utrace->in_syscall_report, false);
	return abort;
}

static u32 utrace_call_syscall_exit(struct utrace_pass *pass,
				    struct utrace_engine *engine, u32 action)
{
	u32 ret = engine->ops->report_syscall_exit(action, engine, pass->regs);

	pass->verdict = ret & UTRACE_SYSCALL_ROLLBACK;
	return ret;
}

/**
 * utrace_report_syscall_exit - current has made, or skipped, a system call
 * @regs:	its user registers
 *
 * Also called when there is last work to do before user mode, to make sure
 * that the exit loop comes to it.
 */
void utrace_report_syscall_exit(struct pt_regs *regs)
{
	struct utrace *utrace = task_utrace(current);
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(SYSCALL_EXIT),
		.quiesce = true,
		.call = utrace_call_syscall_exit,
		.regs = regs,
	};

	if (task_utrace_flags(current) & UTRACE_EVENT(SYSCALL_EXIT)) {
		WRITE_ONCE(utrace->in_syscall_report, true);
		utrace_arrival(utrace);
		utrace_report(utrace, &pass);
		if (pass.verdict & UTRACE_SYSCALL_ROLLBACK)
			utrace_syscall_rollback(utrace, regs, true);
		WRITE_ONCE(utrace->in_syscall_report, false);
	}
	WRITE_ONCE(utrace->syscall_saved, false);
	if (task_utrace_flags(current) & UTRACE_LAST_WORK)
		set_thread_flag(TIF_NOTIFY_RESUME);
}
