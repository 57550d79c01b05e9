// SPDX-License-Identifier: GPL-2.0-only
/*
 * The border to user mode: arrival, the last work, single-step.
 */
#include <linux/blk-cgroup.h>
#include <linux/entry-common.h>
#include <linux/memcontrol.h>
#include <linux/ptrace.h>
#include <linux/resume_user_mode.h>
#include <linux/rseq.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/uprobes.h>
#include <linux/utrace.h>

#include <asm/utrace.h>

#include "internal.h"

static u32 utrace_call_arrival(struct utrace_pass *pass,
			       struct utrace_engine *engine, u32 action)
{
	return engine->ops->report_arrival(action, engine, pass->regs);
}

/**
 * utrace_make_arrival - make the arrival report if it is owed
 * @utrace:	of current, not locked
 *
 * Before anything else is reported in a visit to the kernel, and before the
 * final report is made a second time.  Makes the final report owed.  By way of
 * utrace_arrival().
 */
void utrace_make_arrival(struct utrace *utrace)
{
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(ARRIVAL),
		.outer_first = true,
		/* It may have been a hold that makes it arrive. */
		.keep_holds = true,
		.call = utrace_call_arrival,
		.regs = current_pt_regs(),
	};

	if ((task_utrace_flags(current) & UTRACE_ARRIVED) ||
	    !utrace_has_user_mode(current))
		return;

	spin_lock_irq(&utrace->lock);
	utrace_mark(utrace, UTRACE_ARRIVED, true);
	spin_unlock_irq(&utrace->lock);
	utrace_pass(utrace, &pass);
}

/**
 * utrace_arrive - make the arrival report before a stop of ptrace
 */
void utrace_arrive(void)
{
	utrace_arrival(task_utrace(current));
}

/* Note that user mode is not being stepped for an engine any more. */
static void utrace_step_off(struct utrace *utrace)
{
	if (!READ_ONCE(utrace->peer_step))
		user_disable_single_step(current);
	spin_lock_irq(&utrace->lock);
	utrace_mark(utrace, UTRACE_STEPPING, false);
	/*
	 * If nobody wants it any more when it is dequeued, it is nobody's; or
	 * ptrace's, which steps as well, or the program's own.
	 */
	utrace_mark(utrace, UTRACE_STRAY_TRAP,
		    !utrace->peer_step && !utrace->own_step);
	spin_unlock_irq(&utrace->lock);
}

/**
 * utrace_step_is_stray - was a system call stepped over for nobody?
 *
 * An engine had current stepped, and has left or does not want it any more.  A
 * trap made now would reset what the program does about SIGTRAP, so it is not
 * made; that of another instruction is dropped, tracehook_stray_trap().
 *
 * Return: true if there is to be no trap.
 */
bool utrace_step_is_stray(void)
{
	struct utrace *utrace = task_utrace(current);

	return utrace && !(task_utrace_flags(current) & UTRACE_STEP_WANTED) &&
	       !READ_ONCE(utrace->peer_step);
}

/**
 * utrace_exit_work - the exit loop is going to do something
 * @regs:	user registers
 *
 * Something that looks at registers or changes them: a signal, a trap, rseq.
 * They have to be the program's.  Single-step goes off, so that nobody takes
 * it for the program's own or for ptrace's; the last work switches it on
 * again if it is still wanted.  Before a uprobe has an instruction executed out
 * of line, which needs single-step for itself: so it must not find ours.
 */
void utrace_exit_work(struct pt_regs *regs)
{
	struct utrace *utrace = task_utrace(current);

	if (task_utrace_flags(current) & UTRACE_STEPPING)
		utrace_step_off(utrace);
	utrace_arrival(utrace);
}

static void utrace_step(struct utrace *utrace, struct pt_regs *regs)
{
	enum utrace_resume_action wish = UTRACE_RESUME;
	struct utrace_engine *engine;
	bool was_on;

	spin_lock_irq(&utrace->lock);
	list_for_each_entry(engine, &utrace->line, entry)
		if (engine->disposition != UTRACE_STOP)
			wish = min_t(unsigned int, wish, engine->disposition);
	was_on = current->utrace_flags & UTRACE_STEPPING;
	/* By what the flag is now, not by what the instruction makes of it. */
	if (!was_on)
		utrace->own_step = !utrace->peer_step &&
				   utrace_steps_itself(regs);
	utrace_mark(utrace, UTRACE_STEPPING, wish != UTRACE_RESUME);
	utrace_mark(utrace, UTRACE_STRAY_TRAP, false);
	spin_unlock_irq(&utrace->lock);

	if (wish == UTRACE_BLOCKSTEP) {
		/* A step of ptrace's, of either kind, goes no further. */
		if (!READ_ONCE(utrace->peer_step))
			user_enable_block_step(current);
	} else if (wish == UTRACE_SINGLESTEP) {
		user_enable_single_step(current);
	} else if (was_on && !READ_ONCE(utrace->peer_step)) {
		user_disable_single_step(current);
	}
}

static u32 utrace_call_final(struct utrace_pass *pass,
			     struct utrace_engine *engine, u32 action)
{
	u32 ret = engine->ops->report_final(action, engine, pass->regs,
					    pass->round);

	if (ret & UTRACE_FINAL_CHANGED)
		pass->changed = true;
	return ret;
}

/*
 * End a restartable sequence as a preemption would.  Callbacks may sleep, and
 * when they have been made the registers may not be the program's, so this is
 * the last time that it can be told whether it was inside one.
 */
static void utrace_abort_rseq(struct pt_regs *regs)
{
#ifdef CONFIG_RSEQ
	if (!current->rseq)
		return;
	preempt_disable();
	__set_bit(RSEQ_EVENT_PREEMPT_BIT, &current->rseq_event_mask);
	preempt_enable();
	rseq_handle_notify_resume(NULL, regs);
#endif
}

/*
 * Do the work that the final report itself has brought, a new CPU number for
 * rseq most of all: what resume_user_mode_work() does, but for what looks at
 * registers.  Left to the exit loop it would make the thread arrive again,
 * and so be reported again; with callbacks that sleep each time, for ever.
 */
static void utrace_settle(void)
{
	unsigned long work;

	for (;;) {
		work = read_thread_flags() & EXIT_TO_USER_MODE_WORK;
		if (!work || work & ~(_TIF_NEED_RESCHED | _TIF_NOTIFY_RESUME))
			return;
		if (work & _TIF_NEED_RESCHED)
			schedule();
		clear_thread_flag(TIF_NOTIFY_RESUME);
		/* As in resume_user_mode_work(). */
		smp_mb__after_atomic();
		if (task_work_pending(current))
			task_work_run();
		mem_cgroup_handle_over_high(GFP_KERNEL);
		blkcg_maybe_throttle_current();
		rseq_handle_notify_resume(NULL, NULL);
	}
}

/*
 * The final report, round after round until a round changes nothing.  The
 * outermost engine is asked last, so its choice stands if the bound is hit.
 */
static void utrace_final(struct utrace *utrace, struct pt_regs *regs)
{
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(FINAL),
		.call = utrace_call_final,
		.regs = regs,
	};

	utrace_abort_rseq(regs);
	do {
		pass.changed = false;
		utrace_pass(utrace, &pass);
	} while (pass.changed && ++pass.round < UTRACE_FINAL_ROUNDS);
	if (pass.changed)
		utrace_count(UTRACE_STAT_FINAL_BOUND);

	spin_lock_irq(&utrace->lock);
	utrace_mark(utrace, UTRACE_ARRIVED, false);
	spin_unlock_irq(&utrace->lock);
	utrace_settle();
}

/* Make the reports that were asked for; true if there were any. */
static bool utrace_requests(struct utrace *utrace)
{
	struct utrace_pass pass = {
		.event = 0,
		.quiesce = true,
	};
	bool report;

	spin_lock_irq(&utrace->lock);
	report = utrace_requested(utrace, UTRACE_ASK_REPORT);
	if (report) {
		/* All are called who want QUIESCE: also those who wait for a stop. */
		utrace_take_requests(utrace, UTRACE_ASK_REPORT |
					     UTRACE_ASK_STOPPED);
		utrace_update(utrace);
	}
	spin_unlock_irq(&utrace->lock);
	if (!report)
		return false;
	utrace_arrival(utrace);
	utrace_pass(utrace, &pass);
	return true;
}

static bool utrace_report_wanted(struct utrace *utrace)
{
	bool wanted;

	spin_lock_irq(&utrace->lock);
	wanted = utrace_requested(utrace, UTRACE_ASK_REPORT);
	spin_unlock_irq(&utrace->lock);
	return wanted;
}

/*
 * Does current execute the copy of an instruction that has a uprobe?  Its ip is
 * that of the copy then, and corrected afterwards; signals wait as well,
 * uprobe_deny_signal().
 */
static bool utrace_in_uprobe(void)
{
#ifdef CONFIG_UPROBES
	return current->utask && current->utask->active_uprobe;
#else
	return false;
#endif
}

/* Is there work that looks at registers, or changes them? */
static bool utrace_more_exit_work(void)
{
	return read_thread_flags() & EXIT_TO_USER_MODE_WORK &
	       ~_TIF_NEED_RESCHED;
}

/**
 * utrace_last_work - the last item of the exit loop
 * @regs:	user registers
 *
 * Reports that were asked for, stops, the final report, single-step.  If
 * other work turns up it is left to the exit loop, which comes back here:
 * UTRACE_LAST_WORK is still set then, or set again.
 *
 * Context: interrupts on, no locks.
 */
void utrace_last_work(struct pt_regs *regs)
{
	struct utrace *utrace = task_utrace(current);
	unsigned long flags;

	/* Its trap brings the exit loop, and this, round once more. */
	if (utrace_in_uprobe())
		return;
	do {
		/* An engine may ask for a report each time. */
		cond_resched();
		utrace_requests(utrace);
		if (task_utrace_flags(current) & UTRACE_HOLD) {
			/* Nobody is to see registers that are not the program's. */
			utrace_arrival(utrace);
			utrace_stop(utrace, true);
		}
		if (utrace_more_exit_work())
			return;
		flags = task_utrace_flags(current);
		if (flags & UTRACE_HOLD)
			continue;
		if (flags & UTRACE_ARRIVED)
			utrace_final(utrace, regs);
		flags = task_utrace_flags(current);
		/*
		 * What a callback asked for by what it returned is served
		 * here: nothing else brings the thread round.  That an engine
		 * which asks each time keeps the thread here is what it asked
		 * for; signals and SIGKILL end it by the way out above.
		 */
	} while ((flags & UTRACE_HOLD) || utrace_report_wanted(utrace));

	if (flags & UTRACE_LAST_WORK)
		utrace_step(utrace, regs);
}

/**
 * utrace_no_user_return - TIF_NOTIFY_RESUME was met by somebody else
 *
 * By KVM with its vcpu loaded, or a kernel worker: no report can be made
 * there.  A request is turned into a signal-like one, which brings the
 * thread out to get_signal().  An owed final report, or single-step, waits
 * for the system call exit, see utrace_update().
 */
void utrace_no_user_return(void)
{
	struct utrace *utrace = task_utrace(current);

	spin_lock_irq(&utrace->lock);
	if (utrace_requested(utrace, UTRACE_ASK_REPORT) ||
	    (current->utrace_flags & UTRACE_HOLD)) {
		utrace->urgent = true;
		utrace_update(utrace);
	}
	spin_unlock_irq(&utrace->lock);
}

/**
 * utrace_peer_steps - ptrace has switched single-step on or off
 * @task:	its tracee, stopped for it
 * @step:	on
 *
 * What an engine had switched on is off now, or is ptrace's; the last work
 * before user mode sorts it out.
 */
void utrace_peer_steps(struct task_struct *task, bool step)
{
	struct utrace *utrace = task_utrace(task);
	unsigned long irq;

	if (READ_ONCE(utrace->peer_step) == step &&
	    !(task_utrace_flags(task) & UTRACE_STEPPING))
		return;
	spin_lock_irqsave(&utrace->lock, irq);
	WRITE_ONCE(utrace->peer_step, step);
	if (task->utrace_flags & UTRACE_STEPPING)
		utrace_mark(utrace, UTRACE_STEPPING, false);
	spin_unlock_irqrestore(&utrace->lock, irq);
}
