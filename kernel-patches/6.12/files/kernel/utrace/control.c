// SPDX-License-Identifier: GPL-2.0-only
/*
 * What engines do from outside: choose events, stop and resume the thread,
 * leave, wait for callbacks, and look at a stopped thread.
 */
#include <linux/export.h>
#include <linux/ptrace.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/utrace.h>

#include "internal.h"

#include <trace/events/utrace.h>

/*
 * From here on: what was saved for a rollback is of a call long over.  Unless
 * the thread is in the midst of reporting one, and an engine has changed its
 * mind twice.
 */
static void utrace_watch_syscalls(struct utrace *utrace)
{
	if (!READ_ONCE(utrace->in_syscall_report))
		WRITE_ONCE(utrace->syscall_saved, false);
	set_task_syscall_work(utrace->task, SYSCALL_UTRACE);
}

/*
 * The same where one engine or none is on the line and does not ask for
 * anything but events, which is how it is as long as only ptrace is used.
 * Returns false if it is not so.
 */
static bool utrace_update_plain(struct utrace *utrace)
{
	struct task_struct *task = utrace->task;
	unsigned long old = task->utrace_flags, new = 0;
	struct utrace_engine *engine;

	if (!list_empty(&utrace->line)) {
		engine = list_first_entry(&utrace->line, struct utrace_engine,
					  entry);
		if (!list_is_singular(&utrace->line) || engine->requests ||
		    engine->user || engine->disposition != UTRACE_RESUME)
			return false;
		new = engine->flags;
	}
	if ((old & ~(UTRACE_EVENTS_ALL | UTRACE_HOLD | UTRACE_PARK)) ||
	    utrace->urgent)
		return false;

	/* Without last work, now or before, it follows from these events. */
	if (!(old & UTRACE_EVENT_SYSCALL) != !(new & UTRACE_EVENT_SYSCALL)) {
		if (new & UTRACE_EVENT_SYSCALL)
			utrace_watch_syscalls(utrace);
		else
			clear_task_syscall_work(task, SYSCALL_UTRACE);
	}
	if ((old & (UTRACE_HOLD | UTRACE_PARK)) && task != current)
		utrace_settle_holds(utrace, new);
	else
		WRITE_ONCE(task->utrace_flags, new);
	return true;
}

/**
 * utrace_update - draw the conclusions from what the engines want
 * @utrace:	locked
 *
 * To be called after every change of an engine's events, disposition or
 * requests, and when one came or went: computes task->utrace_flags, wakes
 * the thread if nobody holds it any more, and makes it come to the place
 * where its requests are served.
 */
void utrace_update(struct utrace *utrace)
{
	struct task_struct *task = utrace->task;
	unsigned long old = task->utrace_flags;
	unsigned long new = old & (UTRACE_ARRIVED | UTRACE_STEPPING |
				   UTRACE_STRAY_TRAP);
	bool step = false, owed = false, later = false;
	struct utrace_engine *engine;
	unsigned long changed;
	u8 requests = 0;

	lockdep_assert_held(&utrace->lock);

	if (utrace_update_plain(utrace))
		return;
	list_for_each_entry(engine, &utrace->line, entry) {
		new |= engine->flags;
		requests |= engine->requests;
		if (engine->user)
			new |= UTRACE_UNSAFE_EXEC;
		if (engine->requests & UTRACE_ASK_STOPPED)
			owed = true;
		if (engine->disposition == UTRACE_STOP) {
			if (!utrace_bug(UTRACE_BUG_MISSED_STOP))
				new |= UTRACE_HOLD;
			/* ptrace has its stop at the event, or none. */
			if (!engine->ops->free)
				later = true;
		} else if (engine->disposition != UTRACE_RESUME) {
			step = true;
		}
	}
	if ((new & UTRACE_HOLD) && !owed)
		new |= UTRACE_PARK;
	if (step)
		new |= UTRACE_STEP_WANTED;
	if (!(new & (UTRACE_EVENT(ARRIVAL) | UTRACE_EVENT(FINAL))))
		new &= ~UTRACE_ARRIVED;
	if ((requests & UTRACE_ASK_INTERRUPT) || utrace->urgent)
		new |= UTRACE_ATTENTION;

	if (!utrace_has_user_mode(task)) {
		/* It never gets to the last work; get_signal() does it all. */
		if (requests || later)
			new |= UTRACE_ATTENTION;
	} else if ((requests & UTRACE_ASK_REPORT) || later ||
		   (new & (UTRACE_ARRIVED | UTRACE_STRAY_TRAP)) ||
		   step != !!(new & UTRACE_STEPPING)) {
		new |= UTRACE_LAST_WORK;
	}

	/*
	 * With last work to do the system call exit is watched, too: KVM may
	 * eat TIF_NOTIFY_RESUME before that, see utrace_no_user_return().
	 */
	if (new & (UTRACE_EVENT_SYSCALL | UTRACE_LAST_WORK)) {
		if (!test_task_syscall_work(task, SYSCALL_UTRACE))
			utrace_watch_syscalls(utrace);
	} else if (test_task_syscall_work(task, SYSCALL_UTRACE)) {
		clear_task_syscall_work(task, SYSCALL_UTRACE);
	}

	/*
	 * The thread itself runs: there is nobody to wake, and none but itself
	 * looks at its holds under siglock.
	 */
	changed = old ^ new;
	if (task == current)
		changed &= ~(UTRACE_HOLD | UTRACE_PARK);
	if (changed & (UTRACE_HOLD | UTRACE_PARK | UTRACE_ATTENTION))
		utrace_settle_holds(utrace, new);
	else
		WRITE_ONCE(task->utrace_flags, new);

	/*
	 * The flag was stored above; set_notify_resume() sets
	 * TIF_NOTIFY_RESUME with a full barrier.  Pairs with clearing it and
	 * smp_mb__after_atomic() in resume_user_mode_work(), after which the
	 * exit loop looks at utrace_flags.
	 */
	if ((new & UTRACE_LAST_WORK) && utrace->life == UTRACE_ALIVE &&
	    (task != current || !(old & UTRACE_LAST_WORK)))
		set_notify_resume(task);
}

/**
 * utrace_mark - set or clear a flag that is no engine's
 * @utrace:	locked
 * @flag:	%UTRACE_ARRIVED, %UTRACE_STEPPING, %UTRACE_STRAY_TRAP
 * @on:		set it
 */
void utrace_mark(struct utrace *utrace, unsigned long flag, bool on)
{
	unsigned long flags = utrace->task->utrace_flags;

	WRITE_ONCE(utrace->task->utrace_flags, on ? flags | flag : flags & ~flag);
	utrace_update(utrace);
}

/**
 * utrace_stand_down - the engine wants nothing any more
 * @engine:	attached; its utrace locked
 * @state:	what it is from now on
 */
void utrace_stand_down(struct utrace_engine *engine,
		       enum utrace_engine_state state)
{
	engine->state = state;
	engine->flags = 0;
	engine->disposition = UTRACE_RESUME;
	engine->requests = 0;
}

/**
 * utrace_leave - take an engine off the line
 * @engine:	attached, not in a callback; its utrace locked
 * @state:	%UTRACE_GONE or %UTRACE_REAPED
 * @gone:	where to put it for utrace_put_gone()
 *
 * The line's reference goes with it to @gone, or to ->spare.  utrace_update()
 * is left to the caller.
 */
void utrace_leave(struct utrace_engine *engine, enum utrace_engine_state state,
		  struct list_head *gone)
{
	lockdep_assert_held(&engine->utrace->lock);
	WARN_ON_ONCE(engine->utrace->reporting == engine);

	utrace_stand_down(engine, state);
	if (engine->utrace->ptrace == engine)
		engine->utrace->ptrace = NULL;
	if (engine->ops->free && state == UTRACE_GONE &&
	    !engine->utrace->spare && kref_read(&engine->kref) == 1) {
		list_del_init(&engine->entry);
		WRITE_ONCE(engine->utrace->spare, engine);
	} else {
		list_move_tail(&engine->entry, gone);
	}
	utrace_note_alone(engine->utrace);
	utrace_count(UTRACE_STAT_DETACHED);
}

/**
 * utrace_put_gone - drop the line's references to engines that left
 * @gone:	engines taken off by utrace_leave()
 *
 * Calls release(): no locks held.
 */
void utrace_put_gone(struct list_head *gone)
{
	struct utrace_engine *engine, *next;

	list_for_each_entry_safe(engine, next, gone, entry) {
		list_del_init(&engine->entry);
		utrace_engine_put(engine);
	}
}

/**
 * utrace_requested - is a report asked for?
 * @utrace:	locked
 * @requests:	UTRACE_ASK_*, any of them
 *
 * Return: true if one of them is pending.
 */
bool utrace_requested(struct utrace *utrace, u8 requests)
{
	struct utrace_engine *engine;

	list_for_each_entry(engine, &utrace->line, entry)
		if (engine->requests & requests)
			return true;
	return false;
}

/**
 * utrace_take_requests - the reports asked for are going to be made
 * @utrace:	locked; utrace_update() is left to the caller
 * @requests:	UTRACE_ASK_* that are served
 */
void utrace_take_requests(struct utrace *utrace, u8 requests)
{
	struct utrace_engine *engine;

	list_for_each_entry(engine, &utrace->line, entry)
		engine->requests &= ~requests;
}

/*
 * Does the thread sleep where it can do nothing before it stops for us?
 * The hold has been recorded: so if it sleeps in a group stop it stops for
 * us as soon as it is continued, see utrace_signal_attention().  Unless an
 * engine is to be told first where it stops.  And once somebody was told that
 * it stands still nobody else is called any more, wherever it is: so the same
 * goes for us.  But one that is killed stops for nobody.
 */
static bool utrace_parked(struct utrace *utrace)
{
	struct task_struct *task = utrace->task;
	bool parked = false;
	unsigned long irq;

	if (!lock_task_sighand(task, &irq))
		return false;
	if (task->jobctl & JOBCTL_UTRACED) {
		parked = true;
	} else if ((task->utrace_flags & UTRACE_PARK) &&
		   !__fatal_signal_pending(task) &&
		   !(task->signal->flags & SIGNAL_GROUP_EXIT) &&
		   !task->signal->group_exec_task &&
		   (utrace->stop_first || (task->jobctl & JOBCTL_STOPPED))) {
		WRITE_ONCE(utrace->stop_first, true);
		parked = true;
	}
	unlock_task_sighand(task, &irq);
	return parked;
}

static int utrace_detach(struct utrace_engine *engine, struct list_head *gone)
{
	struct utrace *utrace = engine->utrace;

	if (engine->state == UTRACE_LEAVING)
		return utrace_own_callback(utrace, engine) ? 0 : -EINPROGRESS;
	if (engine->state != UTRACE_ATTACHED)
		return -ESRCH;

	if (utrace->reporting != engine) {
		utrace_leave(engine, UTRACE_GONE, gone);
		utrace_update(utrace);
		return 0;
	}

	/* Its callback runs; the thread takes it off when that returns. */
	utrace_stand_down(engine, UTRACE_LEAVING);
	utrace_update(utrace);
	return utrace_own_callback(utrace, engine) ? 0 : -EINPROGRESS;
}

/*
 * Is the thread dead?  A zombie is for all to see before it has made its death
 * report; an attached engine keeps the task_struct from going away.
 */
static bool utrace_is_dead(struct utrace *utrace)
{
	return utrace->life != UTRACE_ALIVE ||
	       READ_ONCE(utrace->task->exit_state);
}

static int utrace_order(struct utrace_engine *engine,
			enum utrace_resume_action action)
{
	struct utrace *utrace = engine->utrace;
	int ret = 0;

	if (engine->state != UTRACE_ATTACHED || utrace_is_dead(utrace))
		return -ESRCH;

	switch (action) {
	case UTRACE_STOP:
		break;
	case UTRACE_SINGLESTEP:
	case UTRACE_BLOCKSTEP:
		if (!(engine->flags & (UTRACE_EVENT(QUIESCE) |
				       UTRACE_EVENT_SIGNAL_ALL)))
			return -EINVAL;
		if (!utrace_has_user_mode(utrace->task))
			return -EOPNOTSUPP;
		if (action == UTRACE_SINGLESTEP && !arch_has_single_step())
			return -EOPNOTSUPP;
		if (action == UTRACE_BLOCKSTEP && !arch_has_block_step())
			return -EOPNOTSUPP;
		break;
	case UTRACE_REPORT:
		if (!(engine->flags & (UTRACE_EVENT(QUIESCE) |
				       UTRACE_EVENT(SYSCALL_ENTRY))))
			return -EINVAL;
		break;
	case UTRACE_INTERRUPT:
	case UTRACE_RESUME:
		break;
	default:
		return -EINVAL;
	}

	/*
	 * A callback that was entered before this does not undo it, see
	 * utrace_take().
	 */
	engine->controls++;
	engine->disposition = utrace_split_wish(action, &engine->requests);
	engine->requests &= ~UTRACE_ASK_STOPPED;
	if (action == UTRACE_STOP)
		engine->stop_id++;
	utrace_update(utrace);

	if (action == UTRACE_STOP && !utrace_parked(utrace)) {
		/*
		 * Told where it gets to stop, if it wants to know; in a
		 * callback of its own it is about to know.
		 */
		if (((engine->flags & UTRACE_EVENT(QUIESCE)) ||
		     engine->ops->stopped) &&
		    !utrace_own_callback(utrace, engine)) {
			engine->requests |= UTRACE_ASK_STOPPED;
			utrace_update(utrace);
		}
		ret = -EINPROGRESS;
	}
	return ret;
}

static int utrace_do_control(struct utrace_engine *engine,
			     enum utrace_resume_action action,
			     const unsigned int *stop)
{
	struct utrace *utrace = engine->utrace;
	LIST_HEAD(gone);
	unsigned long irq;
	int ret;

	spin_lock_irqsave(&utrace->lock, irq);
	if (stop && *stop != engine->stop_id)
		ret = engine->state == UTRACE_ATTACHED ? -ESTALE : -ESRCH;
	else if (action == UTRACE_DETACH)
		ret = utrace_detach(engine, &gone);
	else
		ret = utrace_order(engine, action);
	spin_unlock_irqrestore(&utrace->lock, irq);

	trace_utrace_control(engine, action, ret);
	utrace_put_gone(&gone);
	return ret;
}

/**
 * utrace_control - decide how a thread goes on, as far as this engine goes
 * @task:	the thread, for the reader; the engine knows it
 * @engine:	the engine, a reference to which is held
 * @action:	what it wants
 *
 * %UTRACE_STOP: 0 if the thread sleeps and will do nothing before the engine
 * lets it go; -%EINPROGRESS if it is still on its way: it stops before it
 * returns to user mode, be it at an event of another engine, and says so by
 * report_quiesce(0) if QUIESCE is set, whose returned action then counts.
 *
 * %UTRACE_RESUME and the others end the engine's hold.  They take effect
 * whenever they are given after a callback was entered that returns
 * %UTRACE_STOP later; with no callback in flight and no hold %UTRACE_RESUME
 * does nothing.  See utrace_control_stop() for a resume that may be late.
 *
 * %UTRACE_INTERRUPT: report_signal with %UTRACE_SIGNAL_REPORT if QUIESCE is
 * set, soon, even if the thread sleeps interruptibly.  %UTRACE_REPORT: report_quiesce(0)
 * before it returns to user mode; at a stop at system call entry: another
 * round of report_syscall_entry.
 *
 * %UTRACE_DETACH: 0 if no callback runs or will; -%EINPROGRESS if one runs.
 *
 * Context: any in which spinlocks can be taken but interrupts; the last put
 * is never made here if the caller holds a reference.
 * Return: besides, -%ESRCH (detached, or dead), -%EINVAL (no events set that
 * would tell of it), -%EOPNOTSUPP (cannot step).
 */
int utrace_control(struct task_struct *task, struct utrace_engine *engine,
		   enum utrace_resume_action action)
{
	return utrace_do_control(engine, action, NULL);
}

/**
 * utrace_control_stop - end a certain stop, and no other
 * @task:	the thread, for the reader
 * @engine:	the engine, a reference to which is held
 * @action:	what it wants
 * @stop:	utrace_stop_id() in the callback that returned, or is going to
 *		return, %UTRACE_STOP; or after utrace_control(%UTRACE_STOP)
 *
 * Return: as utrace_control(); -%ESTALE, and nothing done, if a later
 * callback of this engine has been entered or another stop was asked for.
 */
int utrace_control_stop(struct task_struct *task, struct utrace_engine *engine,
			enum utrace_resume_action action, unsigned int stop)
{
	return utrace_do_control(engine, action, &stop);
}

/* Are there callbacks for these events? */
static bool utrace_can_report(const struct utrace_engine_ops *ops,
			      unsigned long events)
{
	unsigned long missing = 0;

	if (!ops->report_signal && !ops->report_quiesce)
		missing |= UTRACE_EVENT_SIGNAL_ALL | UTRACE_EVENT(QUIESCE);
	if (!ops->report_clone)
		missing |= UTRACE_EVENT(CLONE);
	if (!ops->report_vfork_done)
		missing |= UTRACE_EVENT(VFORK_DONE);
	if (!ops->report_jctl)
		missing |= UTRACE_EVENT(JCTL);
	if (!ops->report_exec)
		missing |= UTRACE_EVENT(EXEC);
	if (!ops->report_exit)
		missing |= UTRACE_EVENT(EXIT);
	if (!ops->report_death)
		missing |= UTRACE_EVENT(DEATH);
	if (!ops->report_syscall_entry)
		missing |= UTRACE_EVENT(SYSCALL_ENTRY);
	if (!ops->report_syscall_exit)
		missing |= UTRACE_EVENT(SYSCALL_EXIT);
	if (!ops->report_seccomp)
		missing |= UTRACE_EVENT(SECCOMP);
	/* What ptrace's engine wants of a signal nobody else is to want. */
	if (!ops->report_trap || !ops->report_signal || !ops->free)
		missing |= UTRACE_EVENT(TRAP);
	if (!ops->report_reap)
		missing |= UTRACE_EVENT(REAP);
	if (!ops->report_arrival)
		missing |= UTRACE_EVENT(ARRIVAL);
	if (!ops->report_final)
		missing |= UTRACE_EVENT(FINAL);
	return !(events & missing);
}

/**
 * utrace_set_events - choose what an engine is called for
 * @task:	the thread, for the reader
 * @engine:	the engine, a reference to which is held
 * @events:	UTRACE_EVENT() bits
 *
 * Return: 0: no callback for an event but @events runs or will come.
 * -%EINPROGRESS: one runs, no other will come; never for the thread itself.
 * -%ESRCH: detached.  -%EALREADY: the death report has begun, %DEATH and
 * %QUIESCE cannot be set any more, nor dropped before it is over; nothing was
 * changed.  -%EINVAL: the engine has no callback for one of @events.
 */
int utrace_set_events(struct task_struct *task, struct utrace_engine *engine,
		      unsigned long events)
{
	const unsigned long death = UTRACE_EVENT(DEATH) | UTRACE_EVENT(QUIESCE);
	struct utrace *utrace = engine->utrace;
	unsigned long irq, dropped, added;
	int ret = 0;

	events &= UTRACE_EVENTS_ALL;
	if (!utrace_can_report(engine->ops, events))
		return -EINVAL;

	spin_lock_irqsave(&utrace->lock, irq);
	dropped = engine->flags & ~events;
	added = events & ~engine->flags;
	if (engine->state != UTRACE_ATTACHED) {
		ret = -ESRCH;
	} else if ((utrace->life == UTRACE_DYING && (dropped & death)) ||
		   (utrace->life != UTRACE_ALIVE && (added & death))) {
		ret = -EALREADY;
	} else {
		engine->flags = events;
		/*
		 * The thread resets this only while somebody wants JCTL.  The
		 * stop that is being told is not told anew for who comes to
		 * want it.
		 */
		if ((added & UTRACE_EVENT(JCTL)) &&
		    !(task_utrace_flags(utrace->task) & UTRACE_EVENT(JCTL)) &&
		    !READ_ONCE(utrace->telling_stop))
			WRITE_ONCE(utrace->jctl_told, false);
		utrace_update(utrace);
		/* Dropped now or by a call before: it runs still. */
		if (utrace->reporting == engine &&
		    !utrace_own_callback(utrace, engine) &&
		    (utrace->reporting_events & ~events))
			ret = -EINPROGRESS;
	}
	spin_unlock_irqrestore(&utrace->lock, irq);
	return ret;
}

/* Does the callback still run that was the engine's number @call? */
static bool utrace_call_runs(struct utrace_engine *engine, unsigned int call)
{
	struct utrace *utrace = engine->utrace;
	unsigned long irq;
	bool runs;

	spin_lock_irqsave(&utrace->lock, irq);
	runs = utrace->reporting == engine && engine->calls == call;
	spin_unlock_irqrestore(&utrace->lock, irq);
	return runs;
}

/*
 * Wait until the callback of the engine that runs now, if any, has returned.
 * Another one may run then, if the engine is still called for something: so
 * the wait has an end however busy the thread is.
 *
 * wait_event() queues us on utrace->wait before it looks, and looks under
 * utrace->lock.  The thread clears ->reporting under that lock and then looks
 * whether anybody is queued, utrace_call_ended().  If we saw it set, our
 * section came before the thread's, and so did our queueing: it wakes us.
 */
static int utrace_wait(struct utrace_engine *engine, bool interruptible)
{
	struct utrace *utrace = engine->utrace;
	unsigned int call;
	unsigned long irq;
	bool busy, own;

	might_sleep();
	spin_lock_irqsave(&utrace->lock, irq);
	busy = utrace->reporting == engine;
	own = utrace_own_callback(utrace, engine);
	call = engine->calls;
	spin_unlock_irqrestore(&utrace->lock, irq);

	if (!busy || (!own && utrace_bug(UTRACE_BUG_EARLY_BARRIER)))
		return 0;
	if (own)
		return -EDEADLK;
	if (!interruptible) {
		wait_event(utrace->wait, !utrace_call_runs(engine, call));
		return 0;
	}
	return wait_event_interruptible(utrace->wait,
					!utrace_call_runs(engine, call));
}

/**
 * utrace_barrier - wait for a callback that runs
 * @task:	the thread, for the reader
 * @engine:	the engine, a reference to which is held
 *
 * Context: sleeps.  In a callback of this engine: does not wait.
 * Return: 0: there was a moment at which no callback ran and the result of
 * the last one counted; -%ESRCH: the same, and the engine is detached;
 * -%ERESTARTSYS: interrupted.
 */
int utrace_barrier(struct task_struct *task, struct utrace_engine *engine)
{
	struct utrace *utrace = engine->utrace;
	unsigned long irq;
	int ret;

	ret = utrace_wait(engine, true);
	if (ret)
		return ret == -EDEADLK ? 0 : ret;
	spin_lock_irqsave(&utrace->lock, irq);
	if (engine->state != UTRACE_ATTACHED)
		ret = -ESRCH;
	spin_unlock_irqrestore(&utrace->lock, irq);
	return ret;
}

/**
 * utrace_set_events_sync - choose events, wait for callbacks not wanted
 * @task:	the thread, for the reader
 * @engine:	the engine, a reference to which is held
 * @events:	UTRACE_EVENT() bits
 *
 * Context: sleeps.
 * Return: as utrace_set_events(), but -%EINPROGRESS; -%ERESTARTSYS: the
 * change is made, but the wait was interrupted.
 */
int utrace_set_events_sync(struct task_struct *task,
			   struct utrace_engine *engine, unsigned long events)
{
	int ret = utrace_set_events(task, engine, events);

	return ret == -EINPROGRESS ? utrace_wait(engine, true) : ret;
}

static int utrace_do_detach_sync(struct utrace_engine *engine,
				 bool interruptible)
{
	struct utrace *utrace = engine->utrace;
	unsigned long irq;
	bool own;
	int ret;

	spin_lock_irqsave(&utrace->lock, irq);
	own = utrace_own_callback(utrace, engine);
	spin_unlock_irqrestore(&utrace->lock, irq);
	if (own)
		return -EDEADLK;

	ret = utrace_do_control(engine, UTRACE_DETACH, NULL);
	if (ret == -EINPROGRESS || !interruptible) {
		ret = utrace_wait(engine, interruptible);
		if (ret)
			return ret;
	}
	spin_lock_irqsave(&utrace->lock, irq);
	ret = engine->state == UTRACE_REAPED ? -ESRCH : 0;
	spin_unlock_irqrestore(&utrace->lock, irq);
	return ret;
}

/**
 * utrace_detach_sync - detach an engine for good
 * @task:	the thread, for the reader
 * @engine:	the engine, a reference to which is held
 *
 * Also fine for an engine that detaches by what its callbacks return.
 *
 * Context: sleeps.
 * Return: 0: no callback runs or ever will.  -%ESRCH: the thread is being
 * reaped; report_reap, if asked for, has come or runs, and nothing else.
 * -%ERESTARTSYS: detached, but the wait was interrupted: one may run.
 * -%EDEADLK: called in a callback of this engine; nothing was done.
 */
int utrace_detach_sync(struct task_struct *task, struct utrace_engine *engine)
{
	return utrace_do_detach_sync(engine, true);
}

/**
 * utrace_detach_sync_uninterruptible - detach an engine, whatever comes
 * @task:	the thread, for the reader
 * @engine:	the engine, a reference to which is held
 *
 * Like utrace_detach_sync(), and on return no callback runs or ever will in
 * any case: report_reap has returned, too.  For module exit.
 *
 * Return: 0, or -%ESRCH if the thread was reaped.  -%EDEADLK: as above.
 */
int utrace_detach_sync_uninterruptible(struct task_struct *task,
				       struct utrace_engine *engine)
{
	return utrace_do_detach_sync(engine, false);
}

/* Take a reference to the thread if @engine holds it stopped. */
static struct task_struct *utrace_held_task(struct utrace_engine *engine)
{
	struct utrace *utrace = engine->utrace;
	struct task_struct *task = ERR_PTR(-EINVAL);
	unsigned long irq;

	spin_lock_irqsave(&utrace->lock, irq);
	if (engine->state != UTRACE_ATTACHED || utrace_is_dead(utrace))
		task = ERR_PTR(-ESRCH);
	else if (engine->disposition == UTRACE_STOP)
		task = get_task_struct(utrace->task);
	spin_unlock_irqrestore(&utrace->lock, irq);
	return task;
}

/* How often the thread has switched, if it sleeps in a stop; else 0. */
static unsigned long utrace_inactive(struct task_struct *task)
{
	return wait_task_inactive(task, __TASK_TRACED | __TASK_STOPPED |
					TASK_FROZEN);
}

/**
 * utrace_prepare_examine - begin to look at a stopped thread
 * @task:	the thread, for the reader
 * @engine:	an engine that holds it
 * @exam:	for utrace_finish_examine()
 *
 * On success the thread is off its CPU, its registers are in memory.  A
 * SIGKILL can wake it at any time: what was read counts only if
 * utrace_finish_examine() says so.
 *
 * Context: may sleep.
 * Return: 0; -%EINVAL (the engine does not hold the thread), -%ESRCH (dead or
 * detached), -%EAGAIN (it runs).
 */
int utrace_prepare_examine(struct task_struct *task,
			   struct utrace_engine *engine,
			   struct utrace_examiner *exam)
{
	task = utrace_held_task(engine);
	if (IS_ERR(task))
		return PTR_ERR(task);
	exam->switches = utrace_inactive(task);
	put_task_struct(task);
	return exam->switches ? 0 : -EAGAIN;
}

/**
 * utrace_finish_examine - was the thread stopped all the time?
 * @task:	the thread, for the reader
 * @engine:	the engine
 * @exam:	as utrace_prepare_examine() filled it in
 *
 * Return: 0 if it did not run in between; -%EAGAIN if it did; -%EINVAL,
 * -%ESRCH as above.
 */
int utrace_finish_examine(struct task_struct *task,
			  struct utrace_engine *engine,
			  struct utrace_examiner *exam)
{
	unsigned long switches;

	task = utrace_held_task(engine);
	if (IS_ERR(task))
		return PTR_ERR(task);
	switches = utrace_inactive(task);
	put_task_struct(task);
	return switches && switches == exam->switches ? 0 : -EAGAIN;
}
