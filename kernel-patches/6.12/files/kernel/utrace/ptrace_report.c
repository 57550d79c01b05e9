// SPDX-License-Identifier: GPL-2.0-only
/*
 * ptrace as an engine: what it says to each report.
 *
 * A callback only decides, with utrace's lock held.  Whether there is a tracer
 * is asked once more when the thread is about to sleep, under siglock:
 * ptrace_commit().  A tracer that comes between the two gets the stop, one that
 * goes does not.
 */
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "internal.h"
#include "ptrace.h"

/* Go on; the verdict stays as it is. */
static u32 ptrace_go_on(struct utrace_engine *engine, u32 action)
{
	ptrace_leave_if_orphan(engine);
	return (action & ~UTRACE_RESUME_MASK) | UTRACE_RESUME;
}

/* Stop; the verdict stays as it is. */
static u32 ptrace_ask(struct utrace_engine *engine, u32 action,
		      enum ptrace_stop_kind kind, int code,
		      unsigned long message)
{
	struct ptrace_context *context = engine->data;

	context->kind = kind;
	context->code = code;
	context->message = message;
	context->phase = PTRACE_ASKED;
	return (action & ~UTRACE_RESUME_MASK) | UTRACE_STOP;
}

static u32 ptrace_ask_trap(struct utrace_engine *engine, u32 action,
			   enum ptrace_stop_kind kind, int code,
			   unsigned long message)
{
	struct ptrace_context *context = engine->data;

	ptrace_own_info(context, SIGTRAP, code);
	return ptrace_ask(engine, action, kind, code, message);
}

static u32 ptrace_ask_event(struct utrace_engine *engine, u32 action,
			    int event, unsigned long message)
{
	if (!ptrace_event_enabled(current, event))
		return ptrace_go_on(engine, action);
	return ptrace_ask_trap(engine, action, PTRACE_STOP_EVENT,
			       (event << 8) | SIGTRAP, message);
}

/*
 * A tracer in another pid namespace that attaches after this gets a number
 * which says nothing to it.
 */
static unsigned long ptrace_pid_message(struct pid *pid)
{
	struct pid_namespace *ns;
	unsigned long message = 0;

	rcu_read_lock();
	ns = task_active_pid_ns(rcu_dereference(current->parent));
	if (ns)
		message = pid_nr_ns(pid, ns);
	rcu_read_unlock();
	return message;
}

static u32 ptrace_report_trap(u32 action, struct utrace_engine *engine,
			      int event, struct pid *pid)
{
	struct ptrace_context *context = engine->data;

	if (event > 0)
		return ptrace_ask_event(engine, action, event,
					ptrace_pid_message(pid));
	if (!current->ptrace)
		return ptrace_go_on(engine, action);
	context->continued = event < 0;
	/* Its kind is found out when it is entered. */
	return ptrace_ask(engine, action, PTRACE_STOP_JOBCTL, 0, 0);
}

static u32 ptrace_report_vfork_done(u32 action, struct utrace_engine *engine,
				    struct pid *child)
{
	return ptrace_ask_event(engine, action, PTRACE_EVENT_VFORK_DONE,
				ptrace_pid_message(child));
}

static u32 ptrace_report_exec(u32 action, struct utrace_engine *engine,
			      const struct linux_binfmt *fmt,
			      const struct linux_binprm *bprm,
			      struct pt_regs *regs)
{
	/* Without the option and SEIZE: a signal, as it ever was. */
	if (!ptrace_event_enabled(current, PTRACE_EVENT_EXEC) &&
	    (current->ptrace & (PT_PTRACED | PT_SEIZED)) == PT_PTRACED)
		send_sig(SIGTRAP, current, 0);
	return ptrace_ask_event(engine, action, PTRACE_EVENT_EXEC,
				engine->utrace->old_vpid);
}

static u32 ptrace_report_exit(u32 action, struct utrace_engine *engine,
			      long orig_code, long *code)
{
	return ptrace_ask_event(engine, action, PTRACE_EVENT_EXIT, *code);
}

static u32 ptrace_report_seccomp(u32 action, struct utrace_engine *engine,
				 struct pt_regs *regs, unsigned long data)
{
	return ptrace_ask_event(engine, action, PTRACE_EVENT_SECCOMP, data);
}

static u32 ptrace_ask_syscall(struct utrace_engine *engine, u32 action,
			      unsigned long message)
{
	unsigned int ptrace = current->ptrace;
	int good = ptrace & PT_TRACESYSGOOD ? 0x80 : 0;

	if (!(ptrace & PT_PTRACED))
		return ptrace_go_on(engine, action);
	return ptrace_ask_trap(engine, action, PTRACE_STOP_SYSCALL,
			       SIGTRAP | good, message);
}

static u32 ptrace_report_syscall_entry(u32 action, struct utrace_engine *engine,
				       struct pt_regs *regs)
{
	struct ptrace_context *context = engine->data;

	/*
	 * Told again: because the tracer has decided, or for another engine.
	 * The tracer knows it.
	 */
	if (action & UTRACE_SYSCALL_RESUMED) {
		if (context->decision) {
			action &= ~UTRACE_SYSCALL_MASK;
			action |= context->decision == PTRACE_SKIP ?
				  UTRACE_SYSCALL_ABORT : UTRACE_SYSCALL_RUN;
			context->decision = PTRACE_UNDECIDED;
			context->once = 0;
			engine->flags &= ~UTRACE_EVENT_SYSCALL;
			engine->flags |= context->calls;
		}
		return ptrace_go_on(engine, action);
	}
	/* The request in force before the stop counts. */
	if (context->sysemu)
		action |= UTRACE_SYSCALL_ABORT;
	return ptrace_ask_syscall(engine, action, PTRACE_EVENTMSG_SYSCALL_ENTRY);
}

static u32 ptrace_report_syscall_exit(u32 action, struct utrace_engine *engine,
				      struct pt_regs *regs)
{
	return ptrace_ask_syscall(engine, action, PTRACE_EVENTMSG_SYSCALL_EXIT);
}

static u32 ptrace_report_signal(u32 action, struct utrace_engine *engine,
				struct pt_regs *regs, kernel_siginfo_t *info,
				const struct k_sigaction *orig_ka,
				struct k_sigaction *return_ka)
{
	struct ptrace_context *context = engine->data;

	if (!current->ptrace)
		return ptrace_go_on(engine, action);
	/* A frame was set up in the middle of a step. */
	if (utrace_signal_action(action) == UTRACE_SIGNAL_HANDLER)
		return ptrace_ask_trap(engine, action, PTRACE_STOP_EVENT,
				       SIGTRAP, 0);
	context->info = info;
	return ptrace_ask(engine, action, PTRACE_STOP_SIGNAL, info->si_signo, 0);
}

/* No owner: it never goes. */
const struct utrace_engine_ops ptrace_engine_ops = {
	.atomic			= true,
	.report_signal		= ptrace_report_signal,
	.report_vfork_done	= ptrace_report_vfork_done,
	.report_exec		= ptrace_report_exec,
	.report_syscall_entry	= ptrace_report_syscall_entry,
	.report_syscall_exit	= ptrace_report_syscall_exit,
	.report_seccomp		= ptrace_report_seccomp,
	.report_exit		= ptrace_report_exit,
	.report_trap		= ptrace_report_trap,
	.commit			= ptrace_commit,
	.stopped		= ptrace_stopped,
	.ended			= ptrace_ended,
	.resumed		= ptrace_resumed,
	.free			= ptrace_free,
};
