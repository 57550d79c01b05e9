// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread stops, and is let go.
 *
 * An engine holds the thread while its disposition is STOP.  The thread
 * sleeps in TASK_TRACED while JOBCTL_UTRACED (some engine holds it) or
 * JOBCTL_TRACED (ptrace does) is set; jobctl_release() is how each of the two
 * lets go.
 */
#include <linux/cgroup.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/task_work.h>
#include <linux/utrace.h>

#include "internal.h"

#include <trace/events/utrace.h>

/* Nobody holds the thread any more; its siglock is held. */
static inline void utrace_wake(struct task_struct *task)
{
	unsigned int state = jobctl_release(task, JOBCTL_UTRACED);

	utrace_count(UTRACE_STAT_RESUMES);
	if (!utrace_bug(UTRACE_BUG_LOST_WAKEUP))
		wake_up_state(task, state);
}

/**
 * utrace_settle_holds - store the thread's flags, hold it or let it go
 * @utrace:	locked
 * @flags:	the new task->utrace_flags
 *
 * Who waits here for nothing: the thread decides to sleep under utrace->lock
 * and siglock, utrace_stop().  If it did so before us it is in TASK_TRACED
 * with JOBCTL_UTRACED set, and the wake-up below finds it there.  If it comes
 * after us it finds no engine that holds it.
 *
 * While ptrace is no engine its stop knows siglock only: it finds UTRACE_PARK,
 * stored here under siglock, and sets JOBCTL_UTRACED; or we find JOBCTL_TRACED,
 * and set it.
 */
void utrace_settle_holds(struct utrace *utrace, unsigned long flags)
{
	struct task_struct *task = utrace->task;
	unsigned long old = task->utrace_flags;
	unsigned long irq;

	/* Whoever was told that it stops before all else has let go. */
	if (!(flags & UTRACE_HOLD) && utrace->stop_first)
		WRITE_ONCE(utrace->stop_first, false);
	if (!lock_task_sighand(task, &irq)) {
		/* Released already, it will never sleep again. */
		WRITE_ONCE(task->utrace_flags, flags);
		return;
	}
	WRITE_ONCE(task->utrace_flags, flags);

	if (flags & UTRACE_PARK) {
		if ((task->jobctl & JOBCTL_TRACED) &&
		    !__fatal_signal_pending(task))
			task->jobctl |= JOBCTL_UTRACED;
	} else if (task->jobctl & JOBCTL_UTRACED) {
		utrace_wake(task);
	}

	/*
	 * Cleared by the thread itself when it has made the report.  One that
	 * exits or dumps core makes none, and does not expect TIF_SIGPENDING
	 * from anybody but a SIGKILL: dump_interrupted().
	 */
	if ((flags & UTRACE_ATTENTION) && !(old & UTRACE_ATTENTION) &&
	    !(task->flags & PF_EXITING) &&
	    !(task->signal->flags & SIGNAL_GROUP_EXIT))
		signal_wake_up(task, 0);
	unlock_task_sighand(task, &irq);
}

/**
 * utrace_let_go - end one engine's hold on a thread that sleeps
 * @utrace:	locked, and so is the thread's siglock
 * @engine:	on the line
 *
 * As utrace_control() with %UTRACE_RESUME does, for who has something to
 * store under siglock along with it.
 *
 * Return: true if that was all, as nobody else wants anything; else the caller
 * calls utrace_update() when it has dropped siglock.
 */
bool utrace_let_go(struct utrace *utrace, struct utrace_engine *engine)
{
	struct task_struct *task = utrace->task;

	engine->controls++;
	/* Read without utrace->lock by utrace_sleep(). */
	WRITE_ONCE(engine->disposition, UTRACE_RESUME);
	engine->requests &= ~UTRACE_ASK_STOPPED;
	/*
	 * The flags follow from this engine and the hold alone: so they are its
	 * events without the hold.
	 */
	if (utrace->alone != engine || engine->requests ||
	    task->utrace_flags != (engine->flags | UTRACE_HOLD | UTRACE_PARK) ||
	    !(task->jobctl & JOBCTL_UTRACED))
		return false;
	WRITE_ONCE(task->utrace_flags, engine->flags);
	utrace_wake(task);
	return true;
}

/**
 * utrace_void_holds - whoever holds the thread, does not any more
 * @utrace:	locked; those that commit are told that it runs by the caller
 *
 * A kill ended the stop; the holds must not stop it again at its exit.
 */
void utrace_void_holds(struct utrace *utrace)
{
	struct utrace_engine *engine;

	list_for_each_entry(engine, &utrace->line, entry) {
		if (engine->disposition == UTRACE_STOP) {
			engine->disposition = UTRACE_RESUME;
			/* For utrace_end_stop(). */
			engine->told = engine->ops->commit;
		}
		engine->requests &= ~UTRACE_ASK_STOPPED;
	}
	/* Current does not settle its own holds, so this, too. */
	WRITE_ONCE(utrace->stop_first, false);
	utrace_update(utrace);
}

static bool utrace_commit_one(struct utrace_engine *engine)
{
	engine->told = true;
	if (!engine->ops->commit || engine->ops->commit(engine))
		return true;
	engine->disposition = UTRACE_RESUME;
	return false;
}

/*
 * The thread is about to sleep: let the engines that hold it, or the one that
 * is alone, do what belongs to that, and refuse.  siglock is held.  Returns
 * true if any still holds it; utrace_update() is left to the caller.
 */
static bool utrace_commit(struct utrace *utrace, struct utrace_engine *alone)
{
	struct utrace_engine *engine;
	bool held = false;

	if (alone)
		return utrace_commit_one(alone);
	list_for_each_entry(engine, &utrace->line, entry) {
		engine->told = false;
		if (engine->disposition == UTRACE_STOP &&
		    utrace_commit_one(engine))
			held = true;
	}
	return held;
}

/*
 * Tell the engines that hold the thread that it has stopped.  ptrace_stopped()
 * may drop the lock: who comes meanwhile finds the thread asleep.
 */
static void utrace_tell_stopped(struct utrace *utrace,
				struct utrace_engine *alone)
{
	struct utrace_engine *engine;

	if (alone) {
		alone->ops->stopped(alone);
		return;
	}
	list_for_each_entry(engine, &utrace->line, entry) {
		if (engine->told && engine->disposition == UTRACE_STOP &&
		    engine->ops->stopped)
			engine->ops->stopped(engine);
	}
}

/* Call resumed of those that want it. */
static void utrace_tell_resumed(struct utrace *utrace)
{
	struct utrace_engine *engine;
	LIST_HEAD(gone);

	spin_lock_irq(&utrace->lock);
again:
	list_for_each_entry(engine, &utrace->line, entry) {
		if (!engine->told)
			continue;
		engine->told = false;
		utrace_call_begins(utrace, engine, 0);
		spin_unlock_irq(&utrace->lock);
		engine->ops->resumed(engine);
		spin_lock_irq(&utrace->lock);
		utrace_call_ended(utrace);
		if (engine->state == UTRACE_LEAVING) {
			utrace_leave(engine, UTRACE_GONE, &gone);
			utrace_update(utrace);
		}
		goto again;
	}
	spin_unlock_irq(&utrace->lock);
	utrace_put_gone(&gone);
}

/* Returns true if the engine is to be told by its op resumed. */
static inline bool utrace_end_one(struct utrace_engine *engine, bool *changed)
{
	if (engine->disposition == UTRACE_STOP && engine->ops->commit) {
		engine->disposition = UTRACE_RESUME;
		*changed = true;
	}
	engine->told = engine->ops->ended ? engine->ops->ended(engine) :
					    !!engine->ops->resumed;
	return engine->told;
}

/*
 * The stop is over, or did not begin.  What was committed is over however the
 * thread was woken.  If one engine was @alone when it began then no other was
 * told of it, and that one is still on the line: it is in the midst of a stop.
 * Signals passed us by meanwhile: this sets TIF_SIGPENDING, but never clears
 * it.
 */
static void utrace_end_stop(struct utrace *utrace, struct utrace_engine *alone,
			    bool slept)
{
	bool tell = false, changed = false;
	struct utrace_engine *engine;

	spin_lock_irq(&utrace->lock);
	spin_lock(&utrace_sighand()->siglock);
	if (alone) {
		tell = utrace_end_one(alone, &changed);
	} else {
		list_for_each_entry(engine, &utrace->line, entry)
			if (engine->told && utrace_end_one(engine, &changed))
				tell = true;
	}
	if (slept)
		utrace_recalc_sigpending();
	spin_unlock(&utrace_sighand()->siglock);
	if (changed)
		utrace_update(utrace);
	spin_unlock_irq(&utrace->lock);
	if (tell)
		utrace_tell_resumed(utrace);
}

/*
 * The same for one that was alone and was let go as usual: there is nothing to
 * be done but what it does itself.
 */
static inline void utrace_end_alone(struct utrace *utrace,
				    struct utrace_engine *alone)
{
	bool tell;

	spin_lock_irq(&utrace_sighand()->siglock);
	tell = alone->ops->ended(alone);
	alone->told = tell;
	utrace_recalc_sigpending();
	spin_unlock_irq(&utrace_sighand()->siglock);
	if (tell)
		utrace_tell_resumed(utrace);
}

/*
 * Call those who asked for a stop while the thread ran, and want to know that
 * it stops now.  What they return decides.
 */
static void utrace_tell_stopping(struct utrace *utrace)
{
	struct utrace_pass pass = {
		.quiesce = true,
		.only = UTRACE_ASK_STOPPED,
	};

	utrace_arrival(utrace);
	utrace_pass(utrace, &pass);
}

/**
 * utrace_sleep - go to sleep, somebody holds the thread
 * @utrace:	of current; locked, and so is its siglock; both dropped here
 * @tell:	some engine has ops for its stops; tasklist_lock is held for
 *		reading then, and dropped here, too
 * @alone:	the only engine, if that has all of them; else %NULL
 *
 * Return: 1 after a sleep; -%EINTR if it was killed, the holds are void then;
 * -%ECANCELED if nobody holds it when it comes to that.
 */
int utrace_sleep(struct utrace *utrace, bool tell,
		 struct utrace_engine *alone)
{
	unsigned long switches;

	if (__fatal_signal_pending(current)) {
		/*
		 * Tested in the section that sets the state: a SIGKILL sent
		 * later clears JOBCTL_UTRACED and wakes us.
		 */
		spin_unlock(&utrace_sighand()->siglock);
		utrace_void_holds(utrace);
		spin_unlock_irq(&utrace->lock);
		if (tell) {
			read_unlock(&tasklist_lock);
			utrace_end_stop(utrace, alone, false);
		}
		return -EINTR;
	}
	set_special_state(TASK_TRACED);
	if (tell && !utrace_commit(utrace, alone)) {
		__set_current_state(TASK_RUNNING);
		spin_unlock(&utrace_sighand()->siglock);
		utrace_update(utrace);
		spin_unlock_irq(&utrace->lock);
		read_unlock(&tasklist_lock);
		utrace_end_stop(utrace, alone, false);
		return -ECANCELED;
	}
	current->jobctl |= JOBCTL_UTRACED;
	spin_unlock(&utrace_sighand()->siglock);

	if (tell)
		utrace_tell_stopped(utrace, alone);
	utrace_count(UTRACE_STAT_STOPS);
	trace_utrace_stop(current);

	/*
	 * No preemption before schedule(), or whoever waits for us to be off
	 * the CPU waits a tick longer; as in ptrace_stop(), which also says
	 * why not on PREEMPT_RT.
	 */
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_disable();
	spin_unlock_irq(&utrace->lock);
	if (tell)
		read_unlock(&tasklist_lock);
	cgroup_enter_frozen();
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_enable_no_resched();
	switches = current->nvcsw;
	schedule();
	/* Let go, or killed, before it came to that. */
	if (current->nvcsw == switches)
		utrace_count(UTRACE_STAT_UNSLEPT);
	cgroup_leave_frozen(true);

	if (alone && READ_ONCE(alone->disposition) != UTRACE_STOP)
		utrace_end_alone(utrace, alone);
	else
		utrace_end_stop(utrace, alone, true);
	trace_utrace_resume(current);
	return 1;
}

/*
 * Go to sleep if somebody holds the thread.  Returns 0 if nobody does, or what
 * utrace_sleep() does.  -EAGAIN if somebody is to be told first: whoever asks
 * for a stop after we slept finds us asleep, so nobody else is owed it then.
 */
static int utrace_stop_once(struct utrace *utrace)
{
	bool tell;
	int ret = 0;

	if (!(task_utrace_flags(current) & UTRACE_HOLD) &&
	    !READ_ONCE(utrace->stop_first))
		return 0;
again:
	tell = READ_ONCE(utrace->tell);
	/* The outermost lock, for those who notify a parent from ->stopped. */
	if (tell)
		read_lock(&tasklist_lock);
	spin_lock_irq(&utrace->lock);
	/* It is never cleared. */
	if (unlikely(!tell && utrace->tell)) {
		spin_unlock_irq(&utrace->lock);
		goto again;
	}
	WRITE_ONCE(utrace->stop_first, false);
	if (current->utrace_flags & UTRACE_HOLD) {
		if ((current->utrace_flags & UTRACE_PARK) ||
		    fatal_signal_pending(current)) {
			spin_lock(&utrace_sighand()->siglock);
			return utrace_sleep(utrace, tell, NULL);
		}
		ret = -EAGAIN;
	}
	spin_unlock_irq(&utrace->lock);
	if (tell)
		read_unlock(&tasklist_lock);
	return ret;
}

/**
 * utrace_stop - stop while somebody holds the thread
 * @utrace:	of current
 * @work:	run task work before
 *
 * Looks again after each wake-up: an engine may have asked for another stop
 * since the one that let go, and gets it at the same event.  Not if ptrace has
 * to report first that it was woken while listening: then the holds are taken
 * up again in that stop.
 *
 * Context: the thread itself, no locks.
 * Return: true if it has slept.
 */
bool utrace_stop(struct utrace *utrace, bool work)
{
	bool slept = false;
	int ret;

	might_sleep();
	/*
	 * As ptrace_notify() does: what the event left to be done, closing a
	 * file for one, does not wait until the thread is let go.
	 */
	if (work && (task_utrace_flags(current) & UTRACE_HOLD) &&
	    task_work_pending(current))
		task_work_run();
	WRITE_ONCE(utrace->again, false);
	do {
		ret = utrace_stop_once(utrace);
		if (ret == -EAGAIN)
			utrace_tell_stopping(utrace);
		else if (ret > 0)
			slept = true;
	} while ((ret > 0 && !READ_ONCE(utrace->again)) || ret == -EAGAIN);
	return slept;
}

/**
 * utrace_stop_here - stop for a report that was made earlier
 *
 * At the places where an event is reported before, but stops after something
 * else is done.
 */
void utrace_stop_here(void)
{
	utrace_stop(task_utrace(current), true);
}
