// SPDX-License-Identifier: GPL-2.0-only
/*
 * ptrace as an engine: the tracer's side.
 *
 * Each tracee has one engine of ptrace, from the attach to the unlink.  Who
 * traces whom, the options and what wait() reads stay where they were, in
 * task_struct; what makes a tracee stop, and go on, goes through utrace.
 *
 * Locks, from the outside in:
 *
 *	tasklist_lock > utrace->lock > the tracee's siglock > the tracer's siglock
 *
 * - task->ptrace becomes nonzero, and zero, with tasklist_lock held for
 *   writing.  The engine is on the line before, and leaves after that: so
 *   where task->ptrace is nonzero there is an engine, and a callback asks for
 *   task->ptrace first.  utrace->ptrace names it.
 * - Attach needs memory, which is allocated before tasklist_lock is taken and
 *   freed after that was dropped.  A child that is to be traced from its birth
 *   gets its engine before it becomes visible.
 * - A tracee is stopped by what a callback returns, never from outside.  The
 *   requests that come from outside are the bits JOBCTL_TRAP_*, set under
 *   siglock, also from interrupts, where no utrace lock can be taken:
 *   get_signal() makes a report of them.
 * - A stop is entered under all three locks, ptrace_commit(): the tracer finds
 *   either no stop or a complete one.  From then on JOBCTL_TRACED is set.
 * - A request that resumes: JOBCTL_PTRACE_FROZEN keeps the tracee asleep while
 *   it is made.  exit_code is stored and JOBCTL_TRACED cleared under siglock
 *   at once, so that wait() takes the one for no report of the other; in the
 *   same section utrace_let_go() ends the hold, and the tracee runs when no
 *   other engine holds it.  Single-step was switched before.
 * - Unlink, with tasklist_lock held for writing: the same, without a request;
 *   utrace's lock is taken around it all.
 *   If the tracee is in the middle of a report it keeps the engine to the end
 *   of that, as an orphan: that is how a parting signal travels.  A tracer that
 *   attaches meanwhile takes the engine over.  Else the next attach gets it.
 * - A tracee that listens is woken under siglock alone, by clearing
 *   JOBCTL_TRACED; it finds out itself that the stop is over.  So does one
 *   that is killed.
 */
#include <linux/cred.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/thread_info.h>
#include <linux/user_namespace.h>

#include "internal.h"
#include "ptrace.h"

struct ptrace_engine {
	struct utrace_engine engine;
	struct ptrace_context context;
};

static struct kmem_cache *ptrace_engine_cache __ro_after_init;

/**
 * ptrace_free - the last reference to an engine was dropped
 * @engine:	the engine
 */
void ptrace_free(struct utrace_engine *engine)
{
	kmem_cache_free(ptrace_engine_cache,
			container_of(engine, struct ptrace_engine, engine));
}

/* Forget the last tracer's wishes; the tracee may still act on its answer. */
static void ptrace_forget(struct ptrace_context *context)
{
	context->calls = 0;
	context->sysemu = false;
}

/* As new: what comes behind is written before it is read. */
static void ptrace_reset(struct ptrace_context *context)
{
	memset(context, 0, offsetofend(struct ptrace_context, once));
}

/* The engine of the last attach, if there was one. */
static struct utrace_engine *ptrace_take_spare(struct utrace *utrace)
{
	struct utrace_engine *engine;

	if (!READ_ONCE(utrace->spare))
		return NULL;
	spin_lock_irq(&utrace->lock);
	engine = utrace->spare;
	WRITE_ONCE(utrace->spare, NULL);
	spin_unlock_irq(&utrace->lock);
	if (!engine)
		return NULL;
	engine->state = UTRACE_NEW;
	engine->told = false;
	ptrace_reset(engine->data);
	return engine;
}

/**
 * ptrace_engine_new - make the engine for an attach
 * @task:	the tracee to be
 *
 * Never fails, as no attach has ever failed for want of memory.
 *
 * Context: process context, may sleep.
 * Return: the engine, for ptrace_engine_link() or ptrace_engine_free().
 */
struct utrace_engine *ptrace_engine_new(struct task_struct *task)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NOFAIL;
	struct utrace *utrace = utrace_of(task, gfp);
	struct utrace_engine *engine = ptrace_take_spare(utrace);
	struct ptrace_engine *new;

	if (engine)
		return engine;
	new = kmem_cache_alloc(ptrace_engine_cache, gfp);
	memset(&new->engine, 0, sizeof(new->engine));
	ptrace_reset(&new->context);
	utrace_engine_init(&new->engine, utrace, UTRACE_ATTACH_OUTER,
			   &ptrace_engine_ops, &new->context);
	return &new->engine;
}

/**
 * ptrace_engine_free - free an engine that was not needed
 * @engine:	the engine; %NULL is fine
 */
void ptrace_engine_free(struct utrace_engine *engine)
{
	if (engine)
		utrace_engine_discard(engine);
}

/* What the engine is called for. */
static unsigned long ptrace_events(struct ptrace_context *context,
				   unsigned int ptrace)
{
	unsigned long events = UTRACE_EVENT(TRAP) | context->calls |
			       context->once;

	if (ptrace & PT_TRACE_VFORK_DONE)
		events |= UTRACE_EVENT(VFORK_DONE);
	if (ptrace & PT_TRACE_EXIT)
		events |= UTRACE_EVENT(EXIT);
	if (ptrace & PT_TRACE_SECCOMP)
		events |= UTRACE_EVENT(SECCOMP);
	if ((ptrace & PT_TRACE_EXEC) || !(ptrace & PT_SEIZED))
		events |= UTRACE_EVENT(EXEC);
	return events;
}

/*
 * Put the engine on the line; utrace is locked.  Returns an engine that is not
 * needed: @engine, if one of an earlier tracer was taken over.
 */
static struct utrace_engine *ptrace_join(struct utrace_engine *engine,
					 unsigned int ptrace)
{
	struct utrace *utrace = engine->utrace;
	struct utrace_engine *old = utrace->ptrace;
	struct ptrace_context *context;

	if (!old) {
		engine->flags = ptrace_events(engine->data, ptrace);
		utrace->ptrace = engine;
		utrace_join(utrace, engine);
		/* The line has its own reference. */
		utrace_engine_put(engine);
		return NULL;
	}
	context = old->data;
	/* The thread looks at it with siglock alone, or without a lock. */
	WRITE_ONCE(context->orphan, false);
	old->flags = ptrace_events(context, ptrace);
	utrace_update(utrace);
	if (utrace->spare)
		return engine;
	/* For the next time. */
	WRITE_ONCE(utrace->spare, engine);
	return NULL;
}

/**
 * ptrace_engine_link - put the engine on the line
 * @task:	the tracee to be; its ->ptrace is set here
 * @engine:	of ptrace_engine_new()
 * @ptrace:	what ->ptrace is going to be
 *
 * tasklist_lock (write) is held, and @task is not dead.
 *
 * Return: for ptrace_engine_free(), when no lock is held: @engine, if one of
 * an earlier tracer was taken over and there is a spare one, or %NULL.
 */
struct utrace_engine *ptrace_engine_link(struct task_struct *task,
					 struct utrace_engine *engine,
					 unsigned int ptrace)
{
	struct utrace *utrace = engine->utrace;

	/*
	 * In one section: who sees the engine's events and asks it finds
	 * ->ptrace as well, or a filter's RET_TRACE came to nothing.
	 */
	spin_lock(&utrace->lock);
	engine = ptrace_join(engine, ptrace);
	/* Whoever sees ->ptrace sees the engine, too. */
	smp_wmb();
	task->ptrace = ptrace;
	spin_unlock(&utrace->lock);
	return engine;
}

/**
 * ptrace_engine_prepare_child - a child may have to be traced from its birth
 * @child:	not visible to anybody yet
 *
 * At this place, as memory is needed.  If it comes to nothing the engine goes
 * with the child, or in ptrace_engine_settle_child().
 */
void ptrace_engine_prepare_child(struct task_struct *child)
{
	struct utrace_engine *engine = ptrace_engine_new(child);

	spin_lock_irq(&engine->utrace->lock);
	ptrace_join(engine, current->ptrace);
	spin_unlock_irq(&engine->utrace->lock);
}

/**
 * ptrace_engine_settle_child - a child is visible
 * @child:	with an engine, not running yet
 *
 * The tracer may have gone since the engine was made, or another have come.
 */
void ptrace_engine_settle_child(struct task_struct *child)
{
	struct utrace *utrace = task_utrace(child);
	struct ptrace_context *context;
	struct utrace_engine *engine;
	LIST_HEAD(gone);

	read_lock(&tasklist_lock);
	spin_lock_irq(&utrace->lock);
	engine = utrace->ptrace;
	if (engine) {
		context = engine->data;
		if (child->ptrace)
			engine->flags = ptrace_events(context, child->ptrace);
		else
			utrace_leave(engine, UTRACE_GONE, &gone);
		utrace_update(utrace);
	}
	spin_unlock_irq(&utrace->lock);
	read_unlock(&tasklist_lock);
	utrace_put_gone(&gone);
}

/**
 * ptrace_leave_if_orphan - the tracee has done with the last tracer's stop
 * @engine:	ptrace's engine of current, in a callback; its utrace locked
 *
 * utrace_update() is left to the caller.
 */
void ptrace_leave_if_orphan(struct utrace_engine *engine)
{
	struct ptrace_context *context = engine->data;
	struct utrace *utrace = engine->utrace;

	/* A decision on a call is still to be told. */
	if (unlikely(context->orphan) && !context->decision &&
	    utrace->ptrace == engine) {
		utrace->ptrace = NULL;
		WRITE_ONCE(utrace->alone, NULL);
		utrace_stand_down(engine, UTRACE_LEAVING);
	}
}

/**
 * ptrace_engine_unlink_begin - the tracer goes
 * @task:	the tracee, dead or alive
 *
 * tasklist_lock (write) is held, siglock not yet.  utrace's lock is held from
 * here to ptrace_engine_unlink_end().
 */
void ptrace_engine_unlink_begin(struct task_struct *task)
	__acquires(&task_utrace(task)->lock)
{
	spin_lock(&task_utrace(task)->lock);
}

/**
 * ptrace_engine_let_go - a tracee that is being unlinked does not stop
 * @task:	the tracee; its siglock is held, ->ptrace cleared
 *
 * It looks what is pending when it goes on, at once if no engine but ptrace's
 * holds it, or when the last of them lets go.
 */
void ptrace_engine_let_go(struct task_struct *task)
{
	struct utrace *utrace = task_utrace(task);
	struct utrace_engine *engine = utrace->ptrace;
	struct ptrace_context *context;

	/*
	 * Before it can be woken: the end of a stop is made under siglock, so
	 * the thread sees this, or we see what it has left to do.
	 */
	if (engine) {
		context = engine->data;
		if (context->phase != PTRACE_IDLE || engine->told ||
		    context->decision)
			WRITE_ONCE(context->orphan, true);
	}

	if (task_is_traced(task) && engine &&
	    (task->jobctl & JOBCTL_UTRACED)) {
		task->jobctl &= ~JOBCTL_TRACED;
		set_tsk_thread_flag(task, TIF_SIGPENDING);
		/* If that is not all ptrace_engine_unlink_end() does the rest. */
		utrace_let_go(utrace, engine);
	} else if (task_is_traced(task) ||
		   (task->jobctl & JOBCTL_STOP_PENDING)) {
		task->jobctl &= ~JOBCTL_TRACED;
		signal_wake_up_state(task, 0);
	}
	/*
	 * Engines may keep it asleep.  It must not stay frozen for a tracer
	 * that is gone, or a SIGKILL would not get through.
	 */
	if (task->jobctl & JOBCTL_UTRACED) {
		task->jobctl &= ~JOBCTL_PTRACE_FROZEN;
		if (__fatal_signal_pending(task))
			signal_wake_up(task, true);
	}
}

/**
 * ptrace_engine_unlink_end - the tracer has gone
 * @task:	the tracee; its ->ptrace is 0, its siglock was dropped
 *
 * tasklist_lock (write) is held; utrace's lock is dropped here.
 */
void ptrace_engine_unlink_end(struct task_struct *task)
	__releases(&task_utrace(task)->lock)
{
	struct utrace *utrace = task_utrace(task);
	struct utrace_engine *engine = utrace->ptrace;
	struct ptrace_context *context;
	LIST_HEAD(gone);

	/* The report of its reaping comes before this. */
	if (!engine) {
		spin_unlock(&utrace->lock);
		return;
	}
	context = engine->data;
	/* A step goes on without the tracer, and ends as any other. */
	if (context->sysemu && test_tsk_thread_flag(task, TIF_SINGLESTEP))
		set_task_syscall_work(task, SYSCALL_EXIT_TRAP);
	ptrace_forget(context);
	/*
	 * A stop that is on its way is refused when it is to be entered, and
	 * has its effects.
	 */
	if (context->orphan) {
		engine->flags = UTRACE_EVENT(TRAP) | context->once;
	} else if (utrace->reporting == engine) {
		/* In ptrace_resumed(); the thread takes it off after that. */
		utrace->ptrace = NULL;
		WRITE_ONCE(utrace->alone, NULL);
		utrace_stand_down(engine, UTRACE_LEAVING);
	} else {
		utrace_leave(engine, UTRACE_GONE, &gone);
	}
	utrace_update(utrace);
	spin_unlock(&utrace->lock);
	if (!list_empty(&gone))
		utrace_put_gone_later(&gone);
}

/**
 * ptrace_engine_set_events - the options have changed
 * @task:	the tracee, frozen for its tracer
 */
void ptrace_engine_set_events(struct task_struct *task)
{
	struct utrace_engine *engine = task_utrace(task)->ptrace;
	unsigned long events = ptrace_events(engine->data, task->ptrace);

	if (engine->flags != events)
		utrace_set_events(task, engine, events);
}

/**
 * ptrace_engine_fill_siginfo - a tracer asks for the siginfo, or changes it
 * @task:	the tracee, stopped for it; its siglock is held
 *
 * The siginfo of a trap is ptrace's own, and hardly anybody asks for it: what
 * it costs to make is not spent at the stop.
 */
void ptrace_engine_fill_siginfo(struct task_struct *task)
{
	struct ptrace_context *context = task_utrace(task)->ptrace->data;
	kernel_siginfo_t *info = &context->own;
	int signo = info->si_signo, code = info->si_code;
	uid_t uid = info->si_uid;

	if (task->last_siginfo != info || !context->bare)
		return;
	context->bare = false;
	clear_siginfo(info);
	info->si_signo = signo;
	info->si_code = code;
	/* As the tracee itself would see it. */
	info->si_pid = task_pid_nr_ns(task, task_active_pid_ns(task));
	info->si_uid = uid;
}

/**
 * ptrace_engine_decide - a tracer decides what becomes of a system call
 * @task:	the tracee, frozen for its tracer
 * @data:	0: it is made; 1: it is skipped
 *
 * The last word, whatever request was in force before the stop.  As any engine
 * does that stops at an entry and decides after that: by asking for one more
 * report, and answering there.
 *
 * Return: 0; -%EINVAL: another number, or no stop at an entry.
 */
int ptrace_engine_decide(struct task_struct *task, unsigned long data)
{
	struct utrace *utrace = task_utrace(task);
	struct utrace_engine *engine = utrace->ptrace;
	struct ptrace_context *context = engine->data;

	if (data > 1 || context->kind != PTRACE_STOP_SYSCALL ||
	    context->message != PTRACE_EVENTMSG_SYSCALL_ENTRY)
		return -EINVAL;
	/* The request that resumes draws the conclusions. */
	spin_lock_irq(&utrace->lock);
	context->decision = data ? PTRACE_SKIP : PTRACE_RUN;
	context->once = UTRACE_EVENT(SYSCALL_ENTRY);
	engine->requests |= UTRACE_ASK_REPORT;
	spin_unlock_irq(&utrace->lock);
	return 0;
}

static bool ptrace_is_sysemu(long request)
{
#ifdef PTRACE_SYSEMU
	return request == PTRACE_SYSEMU || request == PTRACE_SYSEMU_SINGLESTEP;
#else
	return false;
#endif
}

/*
 * Switch the tracee's single-step as the request says: here, as on stock, where
 * the page with the instruction may have to be brought in.  At the stop and not
 * on the way to user mode: a step over a system call ends with that call.
 * Engines switch theirs in the thread itself, which is frozen.  Returns 0, or
 * -EIO.
 */
static inline int ptrace_switch_step(struct task_struct *task,
				     struct utrace *utrace, long request)
{
	switch (request) {
#ifdef PTRACE_SINGLEBLOCK
	case PTRACE_SINGLEBLOCK:
		if (unlikely(!arch_has_block_step()))
			return -EIO;
		user_enable_block_step(task);
		break;
#endif
#ifdef PTRACE_SYSEMU
	case PTRACE_SYSEMU_SINGLESTEP:
#endif
	case PTRACE_SINGLESTEP:
		if (unlikely(!arch_has_single_step()))
			return -EIO;
		user_enable_single_step(task);
		/* System calls that are skipped do not end a step. */
		if (ptrace_is_sysemu(request))
			clear_task_syscall_work(task, SYSCALL_EXIT_TRAP);
		break;
	default:
		/* What an engine has switched on it switches off itself. */
		if (unlikely(READ_ONCE(utrace->peer_step))) {
			user_disable_single_step(task);
			utrace_peer_steps(task, false);
		}
		return 0;
	}
	if (!READ_ONCE(utrace->peer_step))
		utrace_peer_steps(task, true);
	return 0;
}

/**
 * ptrace_engine_resume - let the tracee go on
 * @task:	the tracee, frozen for its tracer
 * @request:	how: PTRACE_CONT, PTRACE_SYSCALL, ...
 * @data:	the signal to go on with, or 0
 *
 * Return: 0, or -%EIO: no such signal, or it cannot step like that.
 */
int ptrace_engine_resume(struct task_struct *task, long request,
			 unsigned long data)
{
	struct utrace *utrace = task_utrace(task);
	struct utrace_engine *engine = utrace->ptrace;
	struct ptrace_context *context = engine->data;
	bool done;

	if (!valid_signal(data))
		return -EIO;

	context->sysemu = ptrace_is_sysemu(request);
	context->calls = 0;
	if (request == PTRACE_SYSCALL)
		context->calls = UTRACE_EVENT_SYSCALL;
	else if (context->sysemu)
		context->calls = UTRACE_EVENT(SYSCALL_ENTRY);

	if (unlikely(ptrace_switch_step(task, utrace, request))) {
		ptrace_engine_set_events(task);
		return -EIO;
	}

	/*
	 * exit_code and JOBCTL_TRACED at once: an exit_code with that set would
	 * be one more report for wait().  Also if the number is the same, as
	 * wait() could take it away from the tracee.
	 */
	spin_lock_irq(&utrace->lock);
	engine->flags = (engine->flags & ~UTRACE_EVENT_SYSCALL) |
			context->calls | context->once;
	spin_lock(&task->sighand->siglock);
	task->exit_code = data;
	task->jobctl &= ~JOBCTL_TRACED;
	done = utrace_let_go(utrace, engine);
	spin_unlock(&task->sighand->siglock);
	if (!done)
		utrace_update(utrace);
	spin_unlock_irq(&utrace->lock);
	return 0;
}

static int __init ptrace_engine_init(void)
{
	ptrace_engine_cache = KMEM_CACHE(ptrace_engine,
					 SLAB_PANIC);
	return 0;
}
core_initcall(ptrace_engine_init);
