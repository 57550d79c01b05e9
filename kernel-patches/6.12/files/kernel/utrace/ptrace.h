/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ptrace as an engine: what its files share.
 */
#ifndef _KERNEL_UTRACE_PTRACE_H
#define _KERNEL_UTRACE_PTRACE_H

#include <linux/signal_types.h>
#include <linux/types.h>
#include <linux/utrace.h>

enum ptrace_stop_kind {
	PTRACE_STOP_EVENT,	/* PTRACE_EVENT_*, or the end of a step */
	PTRACE_STOP_SYSCALL,	/* at a system call's entry or exit */
	PTRACE_STOP_SIGNAL,	/* a signal is shown before it acts */
	PTRACE_STOP_JOBCTL,	/* JOBCTL_TRAP_MASK: group stop, INTERRUPT */
};

enum ptrace_phase {
	PTRACE_IDLE,
	PTRACE_ASKED,		/* a stop was asked for, and is not over */
};

enum ptrace_decision {
	PTRACE_UNDECIDED,
	PTRACE_RUN,
	PTRACE_SKIP,
};

/**
 * struct ptrace_context - the data of ptrace's engine
 * @kind: what the thread stops for
 * @phase: how far that is; set under utrace->lock, back to idle under siglock
 * @sysemu: system calls are skipped: the request in force says so
 * @calls: so are both ends of them to be reported, or the entry only
 * @once: UTRACE_EVENT(SYSCALL_ENTRY), if there is a decision to be told
 * @decision: of the tracer, in a stop at a system call's entry: what becomes of
 *	the call
 * @orphan: the tracer has gone while the thread was busy with a stop: the
 *	engine leaves when that is over, or a new tracer takes it over.  Set under
 *	utrace->lock and siglock
 * @continued: the parent was still to be told of a SIGCONT when the trap was
 *	found
 * @group_stopped: with it the group stop was complete
 * @awaited: a request to attach waited for the stop; until the tracer is told
 * @code: what wait() tells; then what the tracer resumed with.  If the stop was
 *	not entered it stays what it was
 * @message: for PTRACE_GETEVENTMSG
 * @info: for PTRACE_GETSIGINFO; %NULL if there is none
 * @own: for @info, when it is not a signal's
 * @bare: of @own only the number and the code are there, the rest is for
 *	ptrace_engine_fill_siginfo()
 *
 * Written by the thread itself while it runs, by the tracer while the thread
 * is stopped for it.
 */
struct ptrace_context {
	u8 kind;
	u8 phase;
	u8 decision;
	bool sysemu;
	bool orphan;
	bool continued;
	bool group_stopped;
	bool awaited;
	bool bare;
	unsigned long calls;
	unsigned long once;
	int code;
	unsigned long message;
	kernel_siginfo_t *info;
	kernel_siginfo_t own;
};

/*
 * The siginfo of this stop is ptrace's own; see ptrace_engine_fill_siginfo().
 * What others can change while it stands is stored now: the mapping of its uid.
 */
static inline void ptrace_own_info(struct ptrace_context *context, int signo,
				   int code)
{
	context->own.si_signo = signo;
	context->own.si_code = code;
	/* The first namespace maps every id to itself, and for good. */
	context->own.si_uid = current_user_ns() == &init_user_ns ?
			      __kuid_val(current_uid()) :
			      from_kuid_munged(current_user_ns(),
					       current_uid());
	context->bare = true;
	context->info = &context->own;
}

/* ptrace_report.c */
extern const struct utrace_engine_ops ptrace_engine_ops;

/* ptrace_stop.c */
bool ptrace_commit(struct utrace_engine *engine);
void ptrace_stopped(struct utrace_engine *engine);
bool ptrace_ended(struct utrace_engine *engine);
void ptrace_resumed(struct utrace_engine *engine);

/* ptrace.c */
void ptrace_free(struct utrace_engine *engine);
void ptrace_leave_if_orphan(struct utrace_engine *engine);

#endif /* _KERNEL_UTRACE_PTRACE_H */
