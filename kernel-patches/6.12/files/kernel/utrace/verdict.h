/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What follows from what: decisions that need no thread and no lock.
 */
#ifndef _KERNEL_UTRACE_VERDICT_H
#define _KERNEL_UTRACE_VERDICT_H

#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/utrace.h>

/* engine->requests: reports that were asked for and not yet made */
#define UTRACE_ASK_REPORT	0x1
#define UTRACE_ASK_INTERRUPT	0x2
#define UTRACE_ASK_STOPPED	0x4	/* STOP was asked for: say when it stops */

/**
 * utrace_wish - what one engine wants, as one action
 * @disposition:	STOP, SINGLESTEP, BLOCKSTEP or RESUME
 * @requests:		UTRACE_ASK_*
 *
 * Return: what it wants most.
 */
static inline enum utrace_resume_action utrace_wish(u8 disposition, u8 requests)
{
	if (disposition == UTRACE_STOP)
		return UTRACE_STOP;
	if (requests & UTRACE_ASK_INTERRUPT)
		return UTRACE_INTERRUPT;
	if (requests & UTRACE_ASK_REPORT)
		return UTRACE_REPORT;
	return disposition;
}

/**
 * utrace_split_wish - an action as disposition and requests
 * @action:	any resume action but DETACH
 * @requests:	UTRACE_ASK_* is added here
 *
 * Return: the disposition.
 */
static inline u8 utrace_split_wish(enum utrace_resume_action action,
				   u8 *requests)
{
	switch (action) {
	case UTRACE_INTERRUPT:
		*requests |= UTRACE_ASK_INTERRUPT;
		return UTRACE_RESUME;
	case UTRACE_REPORT:
		*requests |= UTRACE_ASK_REPORT;
		return UTRACE_RESUME;
	default:
		return action;
	}
}

/**
 * utrace_place_of - rank of an engine between kernel and user mode
 * @attach_flags:	of utrace_attach_task()
 *
 * Smaller is nearer to the kernel.  Without a place it is in the middle.
 *
 * Return: its rank, 1 to 5.
 */
static inline u8 utrace_place_of(int attach_flags)
{
	int place = attach_flags & UTRACE_ATTACH_PLACE_MASK;

	return (place ? place : 0x0300) >> 8;
}

/**
 * utrace_is_step - does an engine say that the thread steps?
 * @action:	its disposition
 *
 * Return: true if it does.
 */
static inline bool utrace_is_step(enum utrace_resume_action action)
{
	return action == UTRACE_SINGLESTEP || action == UTRACE_BLOCKSTEP;
}

/**
 * utrace_signal_default - what a signal does if nobody intervenes
 * @signr:	the signal
 * @handler:	its handler
 *
 * Return: the verdict to begin with.
 */
static inline enum utrace_signal_action
utrace_signal_default(int signr, __sighandler_t handler)
{
	if (handler == SIG_IGN)
		return UTRACE_SIGNAL_IGN;
	if (handler != SIG_DFL)
		return UTRACE_SIGNAL_DELIVER;
	if (sig_kernel_ignore(signr))
		return UTRACE_SIGNAL_IGN;
	if (sig_kernel_stop(signr))
		return signr == SIGSTOP ? UTRACE_SIGNAL_STOP :
					  UTRACE_SIGNAL_TSTP;
	if (sig_kernel_coredump(signr))
		return UTRACE_SIGNAL_CORE;
	return UTRACE_SIGNAL_TERM;
}

/**
 * utrace_signal_event - the event that a verdict on a signal is
 * @verdict:	the verdict
 *
 * Return: the event, QUIESCE if there is no signal.
 */
static inline unsigned long utrace_signal_event(enum utrace_signal_action verdict)
{
	switch (verdict) {
	case UTRACE_SIGNAL_DELIVER:
		return UTRACE_EVENT(SIGNAL);
	case UTRACE_SIGNAL_IGN:
		return UTRACE_EVENT(SIGNAL_IGN);
	case UTRACE_SIGNAL_TERM:
		return UTRACE_EVENT(SIGNAL_TERM);
	case UTRACE_SIGNAL_CORE:
		return UTRACE_EVENT(SIGNAL_CORE);
	case UTRACE_SIGNAL_STOP:
	case UTRACE_SIGNAL_TSTP:
		return UTRACE_EVENT(SIGNAL_STOP);
	default:
		return UTRACE_EVENT(QUIESCE);
	}
}

/**
 * utrace_signal_stand_in - a signal that does by default what was decided
 * @verdict:	%UTRACE_SIGNAL_TERM, _CORE, _STOP or _TSTP
 *
 * For a verdict that the signal in hand does not have by itself.
 *
 * Return: its number.
 */
static inline int utrace_signal_stand_in(enum utrace_signal_action verdict)
{
	switch (verdict) {
	case UTRACE_SIGNAL_CORE:
		return SIGQUIT;
	case UTRACE_SIGNAL_STOP:
		return SIGSTOP;
	case UTRACE_SIGNAL_TSTP:
		return SIGTSTP;
	default:
		return SIGTERM;
	}
}

#endif /* _KERNEL_UTRACE_VERDICT_H */
