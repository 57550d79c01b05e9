// SPDX-License-Identifier: GPL-2.0-only
/*
 * ptrace as an engine: the stop.
 *
 * utrace_stop() calls ptrace_commit() with siglock held, in the section that
 * sets TASK_TRACED: there the data that the tracer reads is stored, and the
 * request bits that this stop answers are cleared.  ptrace_stopped() tells the
 * tracer, ptrace_ended() takes the answer, ptrace_resumed() acts on it.
 *
 * tasklist_lock is held for reading from before the commit until after the
 * notification: who the tracer is does not change in that time.  Unless others
 * are to run first, see ptrace_let_others_run().
 */
#include <linux/cred.h>
#include <linux/ptrace.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/string.h>
#include <linux/thread_info.h>
#include <linux/user_namespace.h>

#include "internal.h"
#include "ptrace.h"

/*
 * A trap of JOBCTL_TRAP_MASK.  Of a tracee that was seized: for a group stop
 * or INTERRUPT, with the stop signal or SIGTRAP.  Else for a group stop only,
 * with the stop signal and no siginfo.
 */
static void ptrace_describe_jobctl(struct ptrace_context *context)
{
	int signr = current->jobctl & JOBCTL_STOP_SIGMASK;
	struct signal_struct *signal = current->signal;

	if (!(current->ptrace & PT_SEIZED)) {
		WARN_ON_ONCE(!signr);
		context->code = signr;
		context->info = NULL;
		return;
	}
	if (!signal->group_stop_count &&
	    !(signal->flags & SIGNAL_STOP_STOPPED))
		signr = SIGTRAP;
	WARN_ON_ONCE(!signr);
	context->code = signr | (PTRACE_EVENT_STOP << 8);

	ptrace_own_info(context, signr, context->code);
}

/*
 * siglock was dropped since get_signal() found the trap.  Another tracer may
 * have come since, who has not asked for it.  Or a SIGCONT: then the parent is
 * told first, and the trap is taken after that.  So a group stop is entered, or
 * begun, only here: a SIGCONT that came before has taken it back, one that
 * comes later finds the thread stopped.  siglock is held.
 */
static bool ptrace_trap_is_void(struct utrace *utrace,
				struct ptrace_context *context)
{
	if ((current->signal->flags & SIGNAL_CLD_MASK) && !context->continued)
		return true;
	/* Not begun, for a SIGCONT came: get_signal() goes on to that. */
	if (!ptrace_enter_group_stop(utrace->stop_signal))
		return true;
	utrace->stop_signal = 0;
	return false;
}

/**
 * ptrace_commit - enter the stop
 * @engine:	ptrace's engine of current
 *
 * tasklist_lock (read), utrace->lock and siglock are held; no SIGKILL is
 * pending; TASK_TRACED is set.
 *
 * Return: false if the tracer has gone, or the trap with it.
 */
bool ptrace_commit(struct utrace_engine *engine)
{
	struct ptrace_context *context = engine->data;

	if (!current->ptrace)
		return false;
	if (context->kind == PTRACE_STOP_JOBCTL) {
		if (ptrace_trap_is_void(engine->utrace, context))
			return false;
		ptrace_describe_jobctl(context);
	}
	WRITE_ONCE(engine->utrace->ptrace_stopped, true);

	current->jobctl &= ~JOBCTL_TRACE_DUE;
	current->jobctl |= JOBCTL_TRACED;
	/*
	 * The stop is visible before JOBCTL_TRAPPING goes: ptrace_attach()
	 * waits for that without a lock and then expects wait() to find us.
	 */
	smp_wmb();

	current->ptrace_message = context->message;
	current->last_siginfo = context->info;
	current->exit_code = context->code;

	/* What follows is about group stops and traps that were asked for. */
	context->group_stopped = false;
	if (likely(!(current->jobctl & (JOBCTL_STOP_PENDING |
					JOBCTL_TRAP_MASK | JOBCTL_TRAPPING))))
		return true;

	/* With the last pending bit that goes, too. */
	context->awaited = current->jobctl & JOBCTL_TRAPPING;

	/*
	 * This stop may be our part in a group stop.  If a SIGCONT came since
	 * the trap was asked for nothing is pending any more; then it counts
	 * as having come after we stopped.
	 */
	if (context->kind == PTRACE_STOP_JOBCTL &&
	    (current->jobctl & JOBCTL_STOP_PENDING))
		context->group_stopped = ptrace_participate_group_stop();

	/*
	 * Any stop serves TRAP_STOP, the trap for it TRAP_NOTIFY as well.  But
	 * a signal is only dequeued when no trap is pending: one that was asked
	 * for since, with siglock dropped, comes after this stop.  Nor can the
	 * code that a program gave its signal serve one.
	 */
	if (context->kind != PTRACE_STOP_SIGNAL &&
	    (current->jobctl & JOBCTL_TRAP_STOP))
		task_clear_jobctl_pending(current, JOBCTL_TRAP_STOP);
	if (context->kind == PTRACE_STOP_JOBCTL && context->info)
		task_clear_jobctl_pending(current, JOBCTL_TRAP_NOTIFY);
	if (current->jobctl & JOBCTL_TRAPPING)
		task_clear_jobctl_trapping(current);
	return true;
}

/*
 * Somebody who was woken by this stop is to run on this CPU: PTRACE_ATTACH or
 * SEIZE, which has waited for it, or a sibling that is to take part in the
 * group stop it begins; or it is another's turn.  Let them run before the tracer
 * is told: ptrace_stop() drops siglock here, and can be preempted.  A tracer that
 * sends SIGCONT at once takes the code out of the SIGCHLD, and the SIGCHLD of a
 * sibling may come first.  The tracer may be gone when we come back, or another
 * one in its place; the engine stays on the line, as it is in the midst of a
 * stop.
 */
static void ptrace_let_others_run(struct utrace *utrace)
	__must_hold(&utrace->lock)
{
	spin_unlock_irq(&utrace->lock);
	read_unlock(&tasklist_lock);
	read_lock(&tasklist_lock);
	spin_lock_irq(&utrace->lock);
}

/**
 * ptrace_stopped - tell the tracer of the stop
 * @engine:	ptrace's engine of current
 *
 * And the real parent, if with this the group stop is complete, unless it is
 * the tracer.  tasklist_lock (read) and utrace->lock are held; both are dropped
 * and taken again if a request to attach has waited for this stop, or somebody
 * is to have the CPU.
 */
void ptrace_stopped(struct utrace_engine *engine)
{
	struct ptrace_context *context = engine->data;
	int why = context->kind == PTRACE_STOP_JOBCTL ? CLD_STOPPED :
							CLD_TRAPPED;

	if (unlikely(context->awaited || need_resched())) {
		context->awaited = false;
		ptrace_let_others_run(engine->utrace);
		if (!current->ptrace) {
			if (context->group_stopped)
				ptrace_notify_parent(current, false, why);
			return;
		}
	}
	ptrace_notify_parent(current, true, why);
	if (context->group_stopped && ptrace_reparented(current))
		ptrace_notify_parent(current, false, why);
}

/*
 * Put what the tracer passed in the place of the signal, 0 for none; siglock is
 * held.  The siginfo stays if the number does.
 */
static void ptrace_replace_signal(struct ptrace_context *context)
{
	kernel_siginfo_t *info = context->info;
	struct task_struct *parent;

	if (!context->code)
		info->si_signo = 0;
	if (context->code == info->si_signo)
		return;
	clear_siginfo(info);
	info->si_signo = context->code;
	info->si_errno = 0;
	info->si_code = SI_USER;
	rcu_read_lock();
	parent = rcu_dereference(current->parent);
	info->si_pid = task_pid_vnr(parent);
	info->si_uid = from_kuid_munged(current_user_ns(), task_uid(parent));
	rcu_read_unlock();
}

/**
 * ptrace_ended - the stop is over, or was not entered
 * @engine:	ptrace's engine of current
 *
 * Woken by a request, by the end of the tracing, by a trap to be told while
 * listening, or by SIGKILL: in the last case the answer is what wait() has
 * left of the code.  siglock is held: by an unlink, too, which sees the old
 * phase, or what is left to be told.
 *
 * Return: true if there is more to do, without locks: ptrace_resumed().
 */
bool ptrace_ended(struct utrace_engine *engine)
{
	struct ptrace_context *context = engine->data;

	if (engine->utrace->ptrace_stopped) {
		WRITE_ONCE(engine->utrace->ptrace_stopped, false);
		context->code = current->exit_code;
		current->last_siginfo = NULL;
		current->ptrace_message = 0;
		current->exit_code = 0;
		/* Woken while listening, to say what has happened. */
		if (context->kind == PTRACE_STOP_JOBCTL &&
		    (current->jobctl & JOBCTL_TRAP_MASK))
			WRITE_ONCE(engine->utrace->again, true);
		current->jobctl &= ~(JOBCTL_LISTENING | JOBCTL_PTRACE_FROZEN);
	}
	if (context->kind == PTRACE_STOP_SIGNAL)
		ptrace_replace_signal(context);
	context->phase = PTRACE_IDLE;
	return READ_ONCE(context->orphan) ||
	       (context->kind == PTRACE_STOP_SYSCALL && context->code);
}

/*
 * Is it in a stop of ptrace's?  From the time that the stop was entered to that
 * when the thread has left it: a tracer that has let go, or the SIGKILL, may
 * not have got it going yet, as it was frozen.  Not if it stays for another
 * engine.
 */
static bool ptrace_engine_stopped(struct utrace *utrace)
{
	return READ_ONCE(utrace->ptrace_stopped) &&
	       (READ_ONCE(utrace->task->jobctl) &
		(JOBCTL_TRACED | JOBCTL_UTRACED)) != JOBCTL_UTRACED;
}

/**
 * ptrace_engine_wchan - in what function does a thread sleep?
 * @task:	the thread, a reference to which is held; it was not running
 * @symbol:	what was found in its stack; it may have been woken since
 *
 * Return: @symbol; for a stop of ptrace's the name that it has on stock.  A
 * thread that sleeps for utrace and has no other engine is in one.
 */
const char *ptrace_engine_wchan(struct task_struct *task, const char *symbol)
{
	struct utrace *utrace = task_utrace(task);

	if (utrace && strstarts(symbol, "utrace_") &&
	    (READ_ONCE(utrace->alone) || list_empty_careful(&utrace->line) ||
	     ptrace_engine_stopped(utrace)))
		return "ptrace_stop";
	return symbol;
}

/**
 * ptrace_resumed - the rest of what follows from the answer
 * @engine:	ptrace's engine of current
 */
void ptrace_resumed(struct utrace_engine *engine)
{
	struct ptrace_context *context = engine->data;

	/*
	 * Not the same as to go on with a signal, but it will do: strace passes
	 * one if the stop was not for SIGTRAP.
	 */
	if (context->kind == PTRACE_STOP_SYSCALL && context->code)
		send_sig(context->code, current, 1);
	if (READ_ONCE(context->orphan)) {
		spin_lock_irq(&engine->utrace->lock);
		ptrace_leave_if_orphan(engine);
		utrace_update(engine->utrace);
		spin_unlock_irq(&engine->utrace->lock);
	}
}
