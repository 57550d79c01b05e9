// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals: the verdict on a signal in hand, reports without a signal, and
 * signal frames.
 */
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/tracehook.h>
#include <linux/utrace.h>

#include "internal.h"

/* The events by which an engine wants to be asked about the verdict so far. */
static unsigned long utrace_signal_events(struct utrace_pass *pass)
{
	return UTRACE_EVENT(QUIESCE) | pass->trap |
	       utrace_signal_event(utrace_signal_action(pass->verdict));
}

static u32 utrace_call_signal(struct utrace_pass *pass,
			      struct utrace_engine *engine, u32 action)
{
	u32 ret;

	/* It decides about the trap of its own step. */
	if (utrace_is_step(READ_ONCE(engine->disposition)))
		pass->stepper = true;
	if (!engine->ops->report_signal)
		return utrace_call_quiesce(pass, engine, action);

	ret = engine->ops->report_signal(action, engine, pass->regs, pass->info,
					 pass->orig_ka, pass->return_ka);
	/*
	 * A frame that is set up is not to be decided on, nor is a signal that
	 * an engine was asked for and did not make.
	 */
	if (utrace_signal_action(pass->verdict) == UTRACE_SIGNAL_HANDLER ||
	    (!pass->orig_ka && !pass->info->si_signo))
		return ret;
	pass->verdict = (ret & (UTRACE_SIGNAL_MASK | UTRACE_SIGNAL_HOLD)) |
			(pass->verdict & UTRACE_SIGNAL_REPEAT);
	/* Those after this engine are asked if they want what it made of it. */
	if (pass->orig_ka)
		pass->event = utrace_signal_events(pass);
	return ret;
}

/* There is no verdict yet: what ptrace passes on is in the siginfo. */
static u32 utrace_call_show(struct utrace_pass *pass,
			    struct utrace_engine *engine, u32 action)
{
	return engine->ops->report_signal(action, engine, pass->regs,
					  pass->info, NULL, NULL);
}

/*
 * Show a signal to ptrace's tracer, before all other engines: those decide on
 * what it passes on.  When the stop is over the siginfo has the number of that,
 * or 0 if it dropped the signal.  siglock is held, and dropped.
 */
static void utrace_show_signal(struct utrace *utrace, kernel_siginfo_t *info)
{
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(TRAP),
		.no_work = true,
		.call = utrace_call_show,
		.regs = current_pt_regs(),
		.info = info,
	};

	if (utrace_report_locked(utrace, &pass))
		return;
	spin_unlock_irq(&utrace_sighand()->siglock);
	utrace_arrival(utrace);
	utrace_report(utrace, &pass);
}

/*
 * Ask the engines about a signal, or about none, until a pass ends with
 * nobody holding the thread.  Those asked are those who want the verdict so
 * far, and all who want QUIESCE.
 */
static void utrace_ask_signal(struct utrace *utrace, struct utrace_pass *pass)
{
	pass->call = utrace_call_signal;
	pass->regs = current_pt_regs();
	pass->told_before = UTRACE_SIGNAL_REPEAT;
	pass->first = utrace->passes + 1;
	for (;;) {
		pass->event = utrace_signal_events(pass);
		if (!utrace_report(utrace, pass) ||
		    fatal_signal_pending(current))
			break;
		pass->verdict |= UTRACE_SIGNAL_REPEAT;
	}
}

/**
 * utrace_signal_attention - serve requests for a report in get_signal()
 * @info:	where engines can put a signal
 *
 * siglock is held on entry, and dropped.
 *
 * Return: the number of a signal that an engine wants to have, with siglock
 * held again; or -1, siglock not held: get_signal() starts over.
 */
int utrace_signal_attention(kernel_siginfo_t *info)
{
	struct utrace *utrace = task_utrace(current);
	struct k_sigaction unused = { };
	struct utrace_pass pass = {
		.verdict = UTRACE_SIGNAL_REPORT,
		.info = info,
		.return_ka = &unused,
	};
	u8 asks = UTRACE_ASK_INTERRUPT;
	bool report;

	spin_unlock_irq(&utrace_sighand()->siglock);

	/*
	 * An engine was told that the thread stands still while it slept in a
	 * group stop: so it does, before anybody is called.
	 */
	if (READ_ONCE(utrace->stop_first))
		utrace_stop(utrace, true);

	spin_lock_irq(&utrace->lock);
	/* REPORT waits for the last work, unless this comes anyhow, or that never. */
	if (utrace->urgent || !utrace_has_user_mode(current) ||
	    utrace_requested(utrace, UTRACE_ASK_INTERRUPT))
		asks |= UTRACE_ASK_REPORT;
	report = utrace_requested(utrace, asks);
	utrace_take_requests(utrace, asks);
	utrace->urgent = false;
	utrace_update(utrace);
	spin_unlock_irq(&utrace->lock);

	if (!report) {
		utrace_stop(utrace, true);
		return -1;
	}

	clear_siginfo(info);
	utrace_arrival(utrace);
	utrace_ask_signal(utrace, &pass);

	if (utrace_signal_action(pass.verdict) == UTRACE_SIGNAL_REPORT ||
	    utrace_signal_action(pass.verdict) == UTRACE_SIGNAL_IGN ||
	    !valid_signal(info->si_signo) || !info->si_signo ||
	    fatal_signal_pending(current))
		return -1;
	spin_lock_irq(&utrace_sighand()->siglock);
	if (sigismember(&current->blocked, info->si_signo)) {
		send_signal_locked(info->si_signo, info, current, PIDTYPE_PID);
		spin_unlock_irq(&utrace_sighand()->siglock);
		return -1;
	}
	/* As dequeued, if the engine that made it has left: it may be a stop. */
	current->jobctl |= JOBCTL_STOP_DEQUEUED;
	return info->si_signo;
}

static bool utrace_handles(const struct k_sigaction *ka)
{
	return ka->sa.sa_handler != SIG_DFL && ka->sa.sa_handler != SIG_IGN;
}

/*
 * Carry out the verdict on a signal; siglock is held.  Returns the signal
 * that get_signal() goes on with, and with what action, or 0.
 */
static int utrace_act(struct ksignal *ksig, struct utrace_pass *pass,
		      struct k_sigaction **ka)
{
	enum utrace_signal_action verdict = utrace_signal_action(pass->verdict);
	struct k_sigaction *own = &utrace_sighand()->action[ksig->info.si_signo - 1];
	int signr = ksig->info.si_signo;

	switch (verdict) {
	case UTRACE_SIGNAL_DELIVER:
		if (!memcmp(pass->return_ka, pass->orig_ka, sizeof(**ka))) {
			/* As the program has it; SA_ONESHOT has its effect. */
			*ka = own;
			return signr;
		}
		pass->return_ka->sa.sa_flags &= ~SA_ONESHOT;
		if (utrace_handles(own) && utrace_handles(pass->return_ka) &&
		    (own->sa.sa_flags & SA_ONESHOT))
			own->sa.sa_handler = SIG_DFL;
		break;
	case UTRACE_SIGNAL_TERM:
	case UTRACE_SIGNAL_CORE:
	case UTRACE_SIGNAL_STOP:
	case UTRACE_SIGNAL_TSTP:
		if (utrace_signal_default(signr, SIG_DFL) != verdict) {
			signr = utrace_signal_stand_in(verdict);
			/* A core dump looks there. */
			ksig->info.si_signo = signr;
		}
		pass->return_ka->sa.sa_handler = SIG_DFL;
		break;
	default:
		return 0;
	}
	ksig->ka = *pass->return_ka;
	*ka = &ksig->ka;
	return signr;
}

/*
 * A signal that was in hand goes back on its queue.  Has one come meanwhile
 * that would have taken it from there: a SIGCONT a stop signal, or the other
 * way round?  To send it anew would do the reverse, see prepare_signal().
 * siglock is held.
 */
static bool utrace_flushed_meanwhile(int signr)
{
	struct signal_struct *signal = current->signal;
	struct task_struct *t;

	if (sig_kernel_stop(signr))
		return !(current->jobctl & JOBCTL_STOP_DEQUEUED);
	if (signr != SIGCONT)
		return false;
	if ((signal->flags & SIGNAL_STOP_STOPPED) || signal->group_stop_count ||
	    sigtestsetmask(&signal->shared_pending.signal, SIG_KERNEL_STOP_MASK))
		return true;
	for_each_thread(current, t)
		if (sigtestsetmask(&t->pending.signal, SIG_KERNEL_STOP_MASK))
			return true;
	return false;
}

/*
 * Put a signal back on its queue for later.  It was not blocked, so one that
 * nobody would be asked about would kill at once, and one that is ignored be
 * dropped: not so if it is blocked for who looks here.  siglock is held.
 */
static void utrace_hold_signal(kernel_siginfo_t *info, enum pid_type type)
{
	sigaddset(&current->real_blocked, info->si_signo);
	send_signal_locked(info->si_signo, info, current, type);
	sigdelset(&current->real_blocked, info->si_signo);
}

/*
 * Ask the engines but ptrace's about a signal that is in hand.  siglock is held
 * on entry and return.
 */
static int utrace_judge_signal(struct utrace *utrace, struct ksignal *ksig,
			       enum pid_type type, struct k_sigaction **ka)
{
	int signr = ksig->info.si_signo;
	struct k_sigaction orig_ka = utrace_sighand()->action[signr - 1];
	struct k_sigaction return_ka = orig_ka;
	const u32 verdict = utrace_signal_default(signr, orig_ka.sa.sa_handler);
	struct utrace_pass pass = {
		.info = &ksig->info,
		.orig_ka = &orig_ka,
		.return_ka = &return_ka,
		.verdict = verdict,
	};

	spin_unlock_irq(&utrace_sighand()->siglock);
	utrace_ask_signal(utrace, &pass);
	spin_lock_irq(&utrace_sighand()->siglock);

	/* The engine that stepped has left unasked; what others made of it counts. */
	if (!pass.stepper && (pass.verdict & ~UTRACE_SIGNAL_REPEAT) == verdict &&
	    tracehook_stray_trap(ksig->info.si_signo, &ksig->info))
		return 0;
	signr = ksig->info.si_signo;
	if (!valid_signal(signr) || !signr ||
	    (pass.verdict & (UTRACE_SIGNAL_MASK | UTRACE_SIGNAL_HOLD)) ==
	    UTRACE_SIGNAL_IGN)
		return 0;
	/* Blocked since, or the thread is dying: back on the queue. */
	if (sigismember(&current->blocked, signr) ||
	    fatal_signal_pending(current)) {
		if (!utrace_flushed_meanwhile(signr))
			send_signal_locked(signr, &ksig->info, current, type);
		return 0;
	}
	if ((pass.verdict & UTRACE_SIGNAL_HOLD) &&
	    utrace_flushed_meanwhile(signr))
		return 0;
	if (pass.verdict & UTRACE_SIGNAL_HOLD) {
		utrace_hold_signal(&ksig->info, type);
		return 0;
	}
	return utrace_act(ksig, &pass, ka);
}

/*
 * JOBCTL_TRACE_DUE: with siglock held ptrace's stop was found to be due, and it
 * may be dropped until the thread is in it, utrace_report_locked().  Others
 * take the thread for one that is stopped: or a signal to the process would be
 * given to it, and stay with it, while another thread could have it.  If it did
 * not stop after all it has to look for such signals itself.  siglock is held.
 */
static void utrace_trace_not_due(void)
{
	if (!(current->jobctl & JOBCTL_TRACE_DUE))
		return;
	current->jobctl &= ~JOBCTL_TRACE_DUE;
	utrace_recalc_sigpending();
}

/**
 * utrace_starts_over - get_signal() is about to look at SIGNAL_CLD_MASK
 *
 * A trap that it finds in the same section of siglock comes after what it told
 * the parents; one that it finds in a later round, because it has shown a
 * signal in between, comes first.
 */
void utrace_starts_over(void)
{
	task_utrace(current)->shown = false;
}

/**
 * utrace_report_jobctl - ptrace traps, for a group stop or otherwise
 * @signr:	the stop signal that begins a group stop; 0: one is pending, or
 *		something in JOBCTL_TRAP_MASK is set
 *
 * siglock is held on entry, and if false is returned.
 *
 * Return: false if the group stop of @signr was not begun: the tracer has gone,
 * or a SIGCONT came; or if there was no stop after a signal was shown: then
 * get_signal() does not start over, or the parents would be told too early.
 */
bool utrace_report_jobctl(int signr)
{
	struct utrace *utrace = task_utrace(current);
	bool cld = utrace->shown ||
		   (current->signal->flags & SIGNAL_CLD_MASK);

	utrace->stop_signal = signr;
	current->jobctl |= JOBCTL_TRACE_DUE;
	utrace_report_trap(cld ? -1 : 0, NULL);
	/* Nobody else sets or clears these. */
	if (!(READ_ONCE(current->jobctl) & JOBCTL_TRACE_DUE) &&
	    !utrace->stop_signal)
		return true;
	spin_lock_irq(&utrace_sighand()->siglock);
	utrace_trace_not_due();
	if (utrace->stop_signal) {
		utrace->stop_signal = 0;
		return false;
	}
	if (utrace->shown)
		return false;
	spin_unlock_irq(&utrace_sighand()->siglock);
	return true;
}

/**
 * utrace_report_signal - ask about a signal that was dequeued
 * @ksig:	with its siginfo
 * @signr:	its number
 * @type:	the queue it came from, to put it back there
 * @ka:		in: the action to take; out: the one to take after all
 *
 * siglock is held on entry and return, and dropped in between: the signal is
 * in our hand then, on no queue.  What would make a stop signal void, a
 * SIGCONT, clears JOBCTL_STOP_DEQUEUED, which was set when it was dequeued.
 *
 * Return: the signal to go on with, or 0 for none.
 */
int utrace_report_signal(struct ksignal *ksig, int signr, enum pid_type type,
			 struct k_sigaction **ka)
{
	struct utrace *utrace = task_utrace(current);

	if (tracehook_stray_trap(signr, &ksig->info))
		return 0;
	utrace->shown = true;
	ksig->info.si_signo = signr;
	/* By now an engine wants to be asked, be it since it was dequeued. */
	current->jobctl |= JOBCTL_STOP_DEQUEUED;
	if (task_utrace_flags(current) & UTRACE_EVENT(TRAP)) {
		current->jobctl |= JOBCTL_TRACE_DUE;
		utrace_show_signal(utrace, &ksig->info);
	} else {
		spin_unlock_irq(&utrace_sighand()->siglock);
		utrace_arrival(utrace);
	}

	spin_lock_irq(&utrace_sighand()->siglock);
	utrace_trace_not_due();
	signr = ksig->info.si_signo;
	if (!signr)
		return 0;
	/* Blocked since, or the thread is dying: back on the queue. */
	if (sigismember(&current->blocked, signr) ||
	    fatal_signal_pending(current)) {
		send_signal_locked(signr, &ksig->info, current, type);
		return 0;
	}
	*ka = &utrace_sighand()->action[signr - 1];
	/* What nobody is asked about is not asked about if a tracer passes it. */
	if (signr == SIGKILL || ((*ka)->sa.sa_flags & SA_IMMUTABLE))
		return signr;
	if (task_utrace_flags(current) &
	    (UTRACE_EVENT_SIGNAL_ALL | UTRACE_EVENT(QUIESCE)))
		return utrace_judge_signal(utrace, ksig, type, ka);
	/* The engine that was to be asked has left meanwhile. */
	return tracehook_stray_trap(signr, &ksig->info) ? 0 : signr;
}

/**
 * utrace_report_handler - a signal frame is set up
 * @ksig:	the signal
 * @stepping:	ptrace has switched single-step on
 *
 * Registers are those of the handler that will run.
 */
void utrace_report_handler(struct ksignal *ksig, bool stepping)
{
	unsigned long trap = stepping ? UTRACE_EVENT(TRAP) : 0;
	struct utrace *utrace = task_utrace(current);
	struct k_sigaction return_ka = ksig->ka;
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(QUIESCE) | trap,
		.trap = trap,
		.call = utrace_call_signal,
		.regs = current_pt_regs(),
		.verdict = UTRACE_SIGNAL_HANDLER,
		.info = &ksig->info,
		.orig_ka = &ksig->ka,
		.return_ka = &return_ka,
	};

	utrace_arrival(utrace);
	utrace_report(utrace, &pass);
}
