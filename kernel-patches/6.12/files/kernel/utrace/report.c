// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports: the walk along the line of engines, and the events of a thread's
 * life.
 */
#include <linux/binfmts.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/task_work.h>
#include <linux/utrace.h>

#include "internal.h"

#define CREATE_TRACE_POINTS
#include <trace/events/utrace.h>

/* The smallest wish of all engines but one. */
static enum utrace_resume_action
utrace_wish_of_others(struct utrace *utrace, struct utrace_engine *but)
{
	enum utrace_resume_action wish, least = UTRACE_RESUME;
	struct utrace_engine *engine;

	list_for_each_entry(engine, &utrace->line, entry) {
		if (engine == but)
			continue;
		wish = utrace_wish(engine->disposition, engine->requests);
		least = min(least, wish);
	}
	return least;
}

/*
 * Take what a callback returned.  Its decision is dated at its entry: if
 * utrace_control() was called since then, that counts.  Without this a
 * resume given while the callback was about to return UTRACE_STOP would be
 * lost, and the thread sleep for ever.
 */
static void utrace_take(struct utrace_pass *pass, struct utrace_engine *engine,
			unsigned int controls, u32 ret)
{
	enum utrace_resume_action action = utrace_resume_action(ret);

	if (engine->state != UTRACE_ATTACHED)
		return;
	if (action >= UTRACE_DETACH) {
		/* No other callback of this pass, either. */
		utrace_stand_down(engine, UTRACE_LEAVING);
		return;
	}
	/*
	 * For what follows from a stop, whether or not it will take time: it
	 * may have been ended already, or be ended before the thread sleeps.
	 */
	if (action == UTRACE_STOP)
		pass->stop_asked = true;
	/* A request stays, whatever is decided. */
	if (action == UTRACE_INTERRUPT || action == UTRACE_REPORT)
		utrace_split_wish(action, &engine->requests);
	if (engine->controls != controls && !utrace_lose_resume) {
		utrace_count(UTRACE_STAT_RESUMED_EARLY);
		return;
	}
	if (pass->keep_holds && engine->disposition == UTRACE_STOP)
		return;
	if (utrace_is_step(action) &&
	    (!utrace_has_user_mode(current) || !arch_has_single_step()))
		action = UTRACE_RESUME;
	if (action == UTRACE_BLOCKSTEP && !arch_has_block_step())
		action = UTRACE_SINGLESTEP;
	engine->disposition = utrace_split_wish(action, &engine->requests);
	/* It knows: this is its own decision, not one that waits for word. */
	engine->requests &= ~UTRACE_ASK_STOPPED;
}

/**
 * utrace_call_begins - a callback of an engine is going to be called
 * @utrace:	locked; to be unlocked for the callback
 * @engine:	the engine, pinned on the line from now on if it is there
 * @events:	the events that it is called for, 0 if for none
 */
void utrace_call_begins(struct utrace *utrace, struct utrace_engine *engine,
			unsigned long events)
{
	utrace->reporting = engine;
	utrace->reporting_events = events;
	utrace->reporter = current;
	engine->calls++;
}

/**
 * utrace_call_ended - the callback has returned
 * @utrace:	locked again since then
 *
 * Those who wait for that queue themselves before they look at ->reporting
 * under the lock.  It is cleared under the lock here, and the queue looked at
 * after that: if they saw it set, they were queued before we look.
 */
void utrace_call_ended(struct utrace *utrace)
{
	utrace->reporting = NULL;
	utrace->reporting_events = 0;
	utrace->reporter = NULL;
	/* Ordered by the lock, see above. */
	if (waitqueue_active(&utrace->wait))
		wake_up_all(&utrace->wait);
}

/*
 * Call one callback of one engine.  @utrace is locked on entry and return,
 * and unlocked in between.
 */
static u32 utrace_call(struct utrace *utrace, struct utrace_engine *engine,
		       struct utrace_pass *pass, unsigned long events,
		       u32 (*call)(struct utrace_pass *pass,
				   struct utrace_engine *engine, u32 action))
{
	unsigned int controls = engine->controls;
	unsigned long event = pass->event;
	u32 action, ret;

	action = pass->verdict | utrace_wish_of_others(utrace, engine);
	if (call == pass->call) {
		/* Of this occurrence it may not have been told yet. */
		if (engine->told_in < pass->first)
			action &= ~pass->told_before;
		engine->told_in = utrace->passes;
	}
	engine->stop_id++;
	/*
	 * It is told that somebody holds the thread, and may leave its decision
	 * to the round behind the stop: that comes, however soon the hold ends.
	 */
	if (utrace_resume_action(action) == UTRACE_STOP)
		pass->stop_asked = true;
	if (engine->ops->atomic && !(event & UTRACE_EVENT(DEATH))) {
		ret = call(pass, engine, action);
		utrace_count(__fls(events));
		trace_utrace_report(engine, events, event, action, ret);
		utrace_take(pass, engine, controls, ret);
		return ret;
	}
	utrace_call_begins(utrace, engine, events);
	spin_unlock_irq(&utrace->lock);

	ret = call(pass, engine, action);
	utrace_count(__fls(events));
	trace_utrace_report(engine, events, event, action, ret);

	spin_lock_irq(&utrace->lock);
	utrace_take(pass, engine, controls, ret);
	utrace_call_ended(utrace);
	return ret;
}

/**
 * utrace_call_quiesce - call report_quiesce
 * @pass:	the pass in progress
 * @engine:	the engine
 * @action:	what the engine is given
 *
 * Return: what the callback returned.
 */
u32 utrace_call_quiesce(struct utrace_pass *pass, struct utrace_engine *engine,
			u32 action)
{
	return engine->ops->report_quiesce(utrace_resume_action(action), engine,
					   pass->event & ~(UTRACE_EVENT(QUIESCE) |
							   UTRACE_EVENT(TRAP)));
}

/* Is this pass for that engine? */
static bool utrace_wants(struct utrace_pass *pass, struct utrace_engine *engine,
			 unsigned long number)
{
	unsigned long events = pass->event;

	if (engine->born >= number)
		return false;
	if (pass->only) {
		if (!(engine->requests & pass->only))
			return false;
		engine->requests &= ~pass->only;
	}
	if (pass->quiesce)
		events |= UTRACE_EVENT(QUIESCE);
	return engine->flags & events;
}

static void utrace_report_to(struct utrace *utrace,
			     struct utrace_engine *engine,
			     struct utrace_pass *pass)
{
	/* Without the callback there is no decision: a hold stays. */
	if (pass->quiesce && (engine->flags & UTRACE_EVENT(QUIESCE)) &&
	    engine->ops->report_quiesce)
		utrace_call(utrace, engine, pass, UTRACE_EVENT(QUIESCE),
			    utrace_call_quiesce);
	/* Asked again: the callback may have set or dropped the event. */
	if (pass->call && (engine->flags & pass->event))
		utrace_call(utrace, engine, pass, engine->flags & pass->event,
			    pass->call);
}

/**
 * utrace_pass - report one event to all engines that want it
 * @utrace:	of current, not locked
 * @pass:	the event
 *
 * Does not stop; the caller does that with utrace_stop(), if it may be.
 *
 * Context: the thread itself, no locks.
 */
void utrace_pass(struct utrace *utrace, struct utrace_pass *pass)
{
	struct list_head *line = &utrace->line;
	struct utrace_engine *engine;
	struct list_head *pos, *next;
	unsigned long number;
	LIST_HEAD(gone);

	might_sleep();
	spin_lock_irq(&utrace->lock);
	if (WARN_ON_ONCE(utrace->reporting)) {
		/* The thread died in a callback. */
		utrace_call_ended(utrace);
	}
	number = ++utrace->passes;
	pass->stop_asked = false;

	/*
	 * While the lock is dropped for a callback others can leave the line
	 * and join it, but this engine stays on it: it is the one ->reporting
	 * names.  So its neighbour is looked up after the callback.
	 */
	for (pos = pass->outer_first ? line->prev : line->next; pos != line;
	     pos = next) {
		engine = list_entry(pos, struct utrace_engine, entry);
		if (utrace_wants(pass, engine, number))
			utrace_report_to(utrace, engine, pass);
		next = pass->outer_first ? pos->prev : pos->next;
		if (engine->state == UTRACE_LEAVING)
			utrace_leave(engine, UTRACE_GONE, &gone);
	}
	utrace_update(utrace);
	spin_unlock_irq(&utrace->lock);
	utrace_put_gone(&gone);
}

/*
 * Call the only engine, ptrace's; @utrace is locked.  Inline, as is the next:
 * every stop comes here.
 */
static __always_inline u32 utrace_call_alone(struct utrace *utrace,
					     struct utrace_pass *pass,
					     struct utrace_engine *engine)
{
	unsigned long events = engine->flags & pass->event;
	u32 action = pass->verdict | UTRACE_RESUME, ret;

	utrace->passes++;
	pass->stop_asked = false;
	if (!events)
		return UTRACE_RESUME;
	engine->stop_id++;
	engine->told_in = utrace->passes;
	ret = pass->call(pass, engine, action);
	utrace_count(__fls(events));
	trace_utrace_report(engine, events, pass->event, action, ret);
	return ret;
}

/* It said stop.  All locks are held, and are dropped. */
static __always_inline void utrace_stop_alone(struct utrace *utrace,
					      struct utrace_pass *pass,
					      struct utrace_engine *engine)
{
	int ret;

	pass->stop_asked = true;
	engine->disposition = UTRACE_STOP;
	WRITE_ONCE(current->utrace_flags, current->utrace_flags |
					  UTRACE_HOLD | UTRACE_PARK);
	WRITE_ONCE(utrace->stop_first, false);
	ret = utrace_sleep(utrace, true, engine);
	/* Asked for another since, by who came meanwhile? */
	if (ret > 0 && !READ_ONCE(utrace->again) &&
	    (task_utrace_flags(current) & UTRACE_HOLD))
		utrace_stop(utrace, !pass->no_work);
}

/**
 * utrace_report_locked - as utrace_report(), in the section of siglock
 * @utrace:	of current, not locked
 * @pass:	the event, one of ptrace's
 *
 * get_signal() has found what is to be reported, and holds siglock.  Where
 * ptrace is alone it goes on to hold it until the thread is in the stop, as on
 * stock: nobody sees the signal gone, or the request, and the thread not
 * stopped.  The other locks come before that one, so they are tried for: if
 * one is taken the caller drops siglock and goes the long way, and the window
 * is not longer than it takes the other CPU.
 *
 * Context: the thread itself, siglock held.
 * Return: true if the report was made, and siglock dropped.
 */
bool utrace_report_locked(struct utrace *utrace, struct utrace_pass *pass)
{
	struct utrace_engine *engine;

	if (!READ_ONCE(utrace->alone) || arch_ptrace_stop_needed() ||
	    !read_trylock(&tasklist_lock))
		return false;
	if (!spin_trylock(&utrace->lock))
		goto unlock_tasklist;
	engine = utrace->alone;
	/* While there is a tracer it wants the stop. */
	if (!engine || utrace->reporting || engine->requests ||
	    !(engine->flags & pass->event) || !current->ptrace)
		goto unlock;

	WRITE_ONCE(utrace->again, false);
	utrace_call_alone(utrace, pass, engine);
	utrace_stop_alone(utrace, pass, engine);
	return true;
unlock:
	spin_unlock(&utrace->lock);
unlock_tasklist:
	read_unlock(&tasklist_lock);
	return false;
}

/*
 * The same as utrace_pass() and utrace_stop(), where ptrace's is the only
 * engine.  Its callbacks are atomic and it does not want QUIESCE: all locks are
 * taken once, and the flags need not be computed.  Returns false if it is not
 * as it looked.
 */
static bool utrace_report_alone(struct utrace *utrace, struct utrace_pass *pass)
{
	struct utrace_engine *engine;
	LIST_HEAD(gone);
	u32 action;

	/*
	 * It comes after the callback and before the stop, and may take long:
	 * the tracer that is there before it decides whether there is a stop.
	 */
	if (!pass->no_work && task_work_pending(current))
		return false;
	WRITE_ONCE(utrace->again, false);
	read_lock(&tasklist_lock);
	spin_lock_irq(&utrace->lock);
	engine = utrace->alone;
	if (!engine || utrace->reporting || engine->requests) {
		spin_unlock_irq(&utrace->lock);
		read_unlock(&tasklist_lock);
		return false;
	}

	action = utrace_call_alone(utrace, pass, engine);
	if (utrace_resume_action(action) == UTRACE_STOP) {
		spin_lock(&utrace_sighand()->siglock);
		utrace_stop_alone(utrace, pass, engine);
		return true;
	}

	if (engine->state == UTRACE_LEAVING)
		utrace_leave(engine, UTRACE_GONE, &gone);
	utrace_update(utrace);
	spin_unlock_irq(&utrace->lock);
	read_unlock(&tasklist_lock);
	utrace_put_gone(&gone);
	/* For others that came meanwhile. */
	if (utrace_stop(utrace, !pass->no_work))
		pass->stop_asked = true;
	return true;
}

/**
 * utrace_report - report one event, and stop if somebody wants that
 * @utrace:	of current, not locked
 * @pass:	the event
 *
 * An engine that lets the thread go quickly, while its callback is about to
 * return %UTRACE_STOP or before the thread sleeps for it, must get what it
 * would have got a moment later: what follows from a stop follows from one of
 * no duration, too.
 *
 * Context: the thread itself, no locks.
 * Return: true if it has slept, or would have.
 */
bool utrace_report(struct utrace *utrace, struct utrace_pass *pass)
{
	bool slept;

	might_sleep();
	/* It may block: so before anything is decided for good. */
	if (arch_ptrace_stop_needed() && READ_ONCE(utrace->tell))
		arch_ptrace_stop();
	/* A hint without the lock. */
	if (READ_ONCE(utrace->alone) && utrace_report_alone(utrace, pass))
		return pass->stop_asked;
	/* Somebody else can roll back; ptrace's callback changes no registers. */
	if ((pass->event & UTRACE_EVENT(SYSCALL_ENTRY)) && !READ_ONCE(utrace->syscall_saved))
		utrace_syscall_save(utrace, pass->regs);
	utrace_pass(utrace, pass);
	slept = utrace_stop(utrace, !pass->no_work);
	return slept || pass->stop_asked;
}

static u32 utrace_call_clone(struct utrace_pass *pass,
			     struct utrace_engine *engine, u32 action)
{
	return engine->ops->report_clone(action, engine, pass->clone_flags,
					 pass->child);
}

/**
 * utrace_report_clone - current has made a child or a thread
 * @clone_flags:	of kernel_clone()
 * @child:		visible to all, but not woken yet
 *
 * Engines can attach to @child and miss nothing of its life.  The stop comes
 * after it was woken, utrace_stop_here().
 */
void utrace_report_clone(unsigned long clone_flags, struct task_struct *child)
{
	struct utrace *utrace = task_utrace(current);
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(CLONE),
		.quiesce = true,
		.call = utrace_call_clone,
		.clone_flags = clone_flags,
		.child = child,
	};

	utrace_arrival(utrace);
	utrace_pass(utrace, &pass);
}

static u32 utrace_call_vfork_done(struct utrace_pass *pass,
				  struct utrace_engine *engine, u32 action)
{
	return engine->ops->report_vfork_done(action, engine, pass->pid);
}

/**
 * utrace_report_vfork_done - the child gave the memory back
 * @child:	its pid; it may be dead
 */
void utrace_report_vfork_done(struct pid *child)
{
	struct utrace *utrace = task_utrace(current);
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(VFORK_DONE),
		.quiesce = true,
		.call = utrace_call_vfork_done,
		.pid = child,
	};

	utrace_arrival(utrace);
	utrace_report(utrace, &pass);
}

static u32 utrace_call_trap(struct utrace_pass *pass,
			    struct utrace_engine *engine, u32 action)
{
	return engine->ops->report_trap(action, engine, pass->trap_event,
					pass->trap_pid);
}

/**
 * utrace_report_trap - what only ptrace reports
 * @event:	0: something in JOBCTL_TRAP_MASK is set; -1: also if something
 *		in SIGNAL_CLD_MASK is; then siglock is held, and dropped.  Or
 *		the PTRACE_EVENT_* of a new child that its tracer wanted to
 *		know of
 * @pid:	the child's
 *
 * Also stops for who was told of the child by utrace_report_clone().
 */
void utrace_report_trap(int event, struct pid *pid)
{
	struct utrace *utrace = task_utrace(current);
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(TRAP),
		.call = utrace_call_trap,
		.trap_event = event,
		.trap_pid = pid,
		/* As in stock's do_jobctl_trap(); get_signal() has run it. */
		.no_work = event <= 0,
	};

	if (event <= 0) {
		if (utrace_report_locked(utrace, &pass))
			return;
		spin_unlock_irq(&utrace_sighand()->siglock);
	}
	/*
	 * An engine was told that the thread stands still while it slept in a
	 * group stop.  The tracer that has come since waits for its stop, so
	 * that cannot come second; the engine is not called before it.
	 */
	if (!READ_ONCE(utrace->stop_first))
		utrace_arrival(utrace);
	utrace_report(utrace, &pass);
}

static u32 utrace_call_exec(struct utrace_pass *pass,
			    struct utrace_engine *engine, u32 action)
{
	return engine->ops->report_exec(action, engine, pass->fmt, pass->bprm,
					pass->regs);
}

/**
 * utrace_report_exec - current runs a new program
 * @bprm:	of the exec
 * @old_vpid:	its thread id before, as ptrace's tracer sees it
 */
void utrace_report_exec(const struct linux_binprm *bprm, pid_t old_vpid)
{
	struct utrace *utrace = task_utrace(current);
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(EXEC),
		.quiesce = true,
		.call = utrace_call_exec,
		.regs = current_pt_regs(),
		.fmt = current->mm ? current->mm->binfmt : NULL,
		.bprm = bprm,
		/* Where ptrace will not stop, but send the old SIGTRAP. */
		.no_work = READ_ONCE(utrace->alone) &&
			   !ptrace_event_enabled(current, PTRACE_EVENT_EXEC),
	};

	utrace->old_vpid = old_vpid;
	utrace_arrival(utrace);
	utrace_report(utrace, &pass);
}

static u32 utrace_call_seccomp(struct utrace_pass *pass,
			       struct utrace_engine *engine, u32 action)
{
	return engine->ops->report_seccomp(action, engine, pass->regs,
					   pass->data);
}

/**
 * utrace_report_seccomp - a filter wants a tracer to decide
 * @data:	what it returned beside SECCOMP_RET_TRACE
 *
 * The caller looks at the registers again and runs the filters once more,
 * after the last engine has let go.
 */
void utrace_report_seccomp(unsigned long data)
{
	struct utrace *utrace = task_utrace(current);
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(SECCOMP),
		.quiesce = true,
		.call = utrace_call_seccomp,
		.regs = current_pt_regs(),
		.data = data,
	};

	utrace_arrival(utrace);
	utrace_report(utrace, &pass);
}

static u32 utrace_call_jctl(struct utrace_pass *pass,
			    struct utrace_engine *engine, u32 action)
{
	return engine->ops->report_jctl(action, engine, pass->type,
					pass->notify);
}

/**
 * utrace_jctl_pending - is a group stop to be reported before it is made?
 *
 * siglock is held.
 *
 * Return: true if utrace_report_jctl() is to be called.
 */
bool utrace_jctl_pending(void)
{
	struct utrace *utrace = task_utrace(current);

	if (!(current->jobctl & JOBCTL_STOP_PENDING)) {
		WRITE_ONCE(utrace->jctl_told, false);
		return false;
	}
	return !READ_ONCE(utrace->jctl_told);
}

/**
 * utrace_jctl_begins - a group stop begins
 * @task:	a thread that is to take part in it
 *
 * It is to be reported, though the one before was.  siglock is held.
 */
void utrace_jctl_begins(struct task_struct *task)
{
	WRITE_ONCE(task_utrace(task)->jctl_told, false);
}

/**
 * utrace_report_jctl - current is about to stop, or was continued
 * @type:	%CLD_STOPPED or %CLD_CONTINUED
 *
 * The caller has dropped siglock: it has to look again at what is pending.
 */
void utrace_report_jctl(int type)
{
	struct utrace *utrace = task_utrace(current);
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(JCTL),
		.quiesce = true,
		.call = utrace_call_jctl,
		.type = type,
		.notify = type,
	};

	/* As utrace_signal_attention() does: this comes before that. */
	if (READ_ONCE(utrace->stop_first))
		utrace_stop(utrace, true);

	if (type == CLD_STOPPED) {
		WRITE_ONCE(utrace->telling_stop, true);
		spin_lock_irq(&utrace_sighand()->siglock);
		/* A SIGCONT came: there is nothing to tell any more. */
		if (!(current->jobctl & JOBCTL_STOP_PENDING)) {
			spin_unlock_irq(&utrace_sighand()->siglock);
			WRITE_ONCE(utrace->telling_stop, false);
			return;
		}
		WRITE_ONCE(utrace->jctl_told, true);
		/* As task_participate_group_stop() is going to find it. */
		if (!(current->jobctl & JOBCTL_STOP_CONSUME) ||
		    current->signal->group_stop_count > 1 ||
		    (current->signal->flags & SIGNAL_STOP_STOPPED))
			pass.notify = 0;
		spin_unlock_irq(&utrace_sighand()->siglock);
	}
	utrace_arrival(utrace);
	/*
	 * Woken while listening, to trap: the holds are taken up in that stop,
	 * and there is none before it.
	 */
	if (type == CLD_CONTINUED && READ_ONCE(utrace->again)) {
		pass.keep_holds = true;
		utrace_pass(utrace, &pass);
		return;
	}
	utrace_report(utrace, &pass);
	WRITE_ONCE(utrace->telling_stop, false);
}

static u32 utrace_call_exit(struct utrace_pass *pass,
			    struct utrace_engine *engine, u32 action)
{
	return engine->ops->report_exit(action, engine, pass->orig_code,
					&pass->code);
}

/*
 * The last thread's code became that of the process in
 * synchronize_group_exit(), unless that had one: let it follow a change.
 */
static void utrace_change_exit_code(long from, long to)
{
	struct signal_struct *signal = current->signal;

	spin_lock_irq(&utrace_sighand()->siglock);
	if (signal->group_exit_code == from)
		signal->group_exit_code = to;
	spin_unlock_irq(&utrace_sighand()->siglock);
}

/**
 * utrace_report_exit - current begins to exit
 * @code:	its exit code
 *
 * Holds from before do not count if the process as a whole ends, by a
 * signal or otherwise, or another thread's exec ends this one: only what is
 * decided here stops the thread.
 *
 * Return: the exit code, which an engine may have changed.
 */
long utrace_report_exit(long code)
{
	struct utrace *utrace = task_utrace(current);
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(EXIT),
		.quiesce = true,
		.call = utrace_call_exit,
		.orig_code = code,
		.code = code,
	};
	/* Nobody is left who could end the process otherwise meanwhile. */
	bool last = !READ_ONCE(current->signal->quick_threads);

	/* Who ends us by that has woken us by SIGKILL: it is set by now. */
	if ((READ_ONCE(current->signal->flags) & SIGNAL_GROUP_EXIT) ||
	    READ_ONCE(current->signal->group_exec_task)) {
		spin_lock_irq(&utrace->lock);
		utrace_void_holds(utrace);
		spin_unlock_irq(&utrace->lock);
	}
	utrace_arrival(utrace);
	utrace_report(utrace, &pass);
	if (last && pass.code != code)
		utrace_change_exit_code(code, pass.code);
	return pass.code;
}

static u32 utrace_call_death(struct utrace_pass *pass,
			     struct utrace_engine *engine, u32 action)
{
	u32 ret = engine->ops->report_death(engine, pass->group_dead,
					    pass->exit_signal);

	/* It will not run again, however it goes on. */
	return utrace_resume_action(ret) == UTRACE_DETACH ? UTRACE_DETACH :
							    UTRACE_RESUME;
}

/* Detach all engines of a dead thread, make the reap report to them. */
static void utrace_reap(struct utrace *utrace)
{
	struct task_struct *task = utrace->task;
	struct utrace_engine *engine;
	unsigned long events;
	LIST_HEAD(gone);

	spin_lock_irq(&utrace->lock);
	while (!list_empty(&utrace->line)) {
		engine = list_first_entry(&utrace->line, struct utrace_engine,
					  entry);
		events = engine->flags;
		utrace_leave(engine, UTRACE_REAPED, &gone);
		if (!(events & UTRACE_EVENT(REAP)) ||
		    !engine->ops->report_reap)
			continue;
		utrace_call_begins(utrace, engine, UTRACE_EVENT(REAP));
		spin_unlock_irq(&utrace->lock);

		engine->ops->report_reap(engine, task);
		if (utrace_bug(UTRACE_BUG_REAP_TWICE))
			engine->ops->report_reap(engine, task);
		utrace_count(_UTRACE_EVENT_REAP);
		trace_utrace_report(engine, UTRACE_EVENT(REAP),
				    UTRACE_EVENT(REAP), 0, 0);

		spin_lock_irq(&utrace->lock);
		utrace_call_ended(utrace);
	}
	utrace_update(utrace);
	spin_unlock_irq(&utrace->lock);
	utrace_put_gone(&gone);
}

/**
 * utrace_report_death - current is a zombie
 * @task:	current
 * @group_dead:	it was the last thread of its process
 *
 * Called for every thread with a struct utrace, whatever its flags: reaping
 * waits for @life.  No engine attaches from here on, see utrace_link().
 */
void utrace_report_death(struct task_struct *task, bool group_dead)
{
	struct utrace *utrace = task_utrace(task);
	struct utrace_pass pass = {
		.event = UTRACE_EVENT(DEATH),
		.quiesce = true,
		.call = utrace_call_death,
		.group_dead = group_dead,
		.exit_signal = thread_group_leader(task) ? task->exit_signal : -1,
	};
	bool reap;

	spin_lock_irq(&utrace->lock);
	/*
	 * From here on nobody can come to want it.  A thread that died in a
	 * callback is still said to be in it.
	 */
	if (utrace->reporting ||
	    (task->utrace_flags & (UTRACE_EVENT(DEATH) | UTRACE_EVENT(QUIESCE)))) {
		utrace->life = UTRACE_DYING;
		spin_unlock_irq(&utrace->lock);
		utrace_pass(utrace, &pass);
		spin_lock_irq(&utrace->lock);
	}
	utrace->life = UTRACE_DEAD;
	reap = utrace->reap;
	spin_unlock_irq(&utrace->lock);
	if (reap)
		utrace_reap(utrace);
}

/**
 * utrace_report_reap - a dead thread goes for good
 * @task:	the thread; current may be anybody
 *
 * It was a zombie for all to see before it made its death report.  If that
 * is not finished it is left to it to make this report, too.
 */
void utrace_report_reap(struct task_struct *task)
{
	struct utrace *utrace = task_utrace(task);
	bool dead;

	spin_lock_irq(&utrace->lock);
	utrace->reap = true;
	dead = utrace->life == UTRACE_DEAD;
	spin_unlock_irq(&utrace->lock);
	if (dead)
		utrace_reap(utrace);
}
