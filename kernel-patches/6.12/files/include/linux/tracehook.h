/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the life of a user task meets those who trace it.
 *
 * The rest of the kernel says here what happens to a task - it was cloned,
 * runs a new program, enters a system call, takes a signal, dies - and asks
 * what a tracer wants to know.  Each hook is the use of ptrace that stood at
 * its place before and, with CONFIG_UTRACE, a look at what the engines want;
 * a kernel without CONFIG_UTRACE must compile to the same instructions as
 * one without these hooks: task_utrace_flags() is 0 there.
 *
 * With CONFIG_UTRACE_PTRACE, which CONFIG_UTRACE brings, ptrace is an engine
 * like others, and its stops are made by the reports to engines.
 *
 * A hook's comment names its place and what is held there.  "May stop"
 * means that the task can sleep in the hook until a tracer lets it go, and
 * may have been killed when the hook returns.
 */
#ifndef _LINUX_TRACEHOOK_H
#define _LINUX_TRACEHOOK_H

#include <linux/cleanup.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/signal.h>
#include <linux/utrace.h>

struct linux_binprm;
struct pid;
struct pt_regs;

/*
 * ptrace attaches
 */

/**
 * tracehook_attach_prepare - ptrace is about to attach
 * @task:	the tracee to be
 *
 * May sleep.  What it returns is for tracehook_attach(), and is freed by
 * __free(tracehook_attach) when no lock is held any more.
 *
 * Return: the engine to attach.
 */
static inline struct utrace_engine *
tracehook_attach_prepare(struct task_struct *task)
{
#ifdef CONFIG_UTRACE_PTRACE
	return ptrace_engine_new(task);
#else
	return NULL;
#endif
}

/**
 * tracehook_traceme_prepare - the same for current
 *
 * Without an argument: with ptrace's engine left out, an argument that is
 * current would still have it read here and not where it is used.
 *
 * Return: the engine to attach.
 */
static inline struct utrace_engine *tracehook_traceme_prepare(void)
{
#ifdef CONFIG_UTRACE_PTRACE
	return ptrace_engine_new(current);
#else
	return NULL;
#endif
}

/**
 * tracehook_attach - ptrace attaches
 * @task:	the tracee, alive; tasklist_lock (write) is held
 * @engine:	of tracehook_attach_prepare()
 * @ptrace:	what ->ptrace will be set to next
 */
static inline void tracehook_attach(struct task_struct *task,
				    struct utrace_engine **engine,
				    unsigned int ptrace)
{
#ifdef CONFIG_UTRACE_PTRACE
	*engine = ptrace_engine_link(task, *engine, ptrace);
#endif
}

static inline void tracehook_attach_free(struct utrace_engine *engine)
{
#ifdef CONFIG_UTRACE_PTRACE
	if (unlikely(engine))
		ptrace_engine_free(engine);
#endif
}

DEFINE_FREE(tracehook_attach, struct utrace_engine *, tracehook_attach_free(_T))

/**
 * tracehook_options - a tracer has changed its options
 * @task:	its tracee, stopped for it
 */
static inline void tracehook_options(struct task_struct *task)
{
#ifdef CONFIG_UTRACE_PTRACE
	ptrace_engine_set_events(task);
#endif
}

/**
 * tracehook_siginfo - a tracer asks for the siginfo of a stop, or changes it
 * @task:	its tracee, stopped for it; siglock is held
 */
static inline void tracehook_siginfo(struct task_struct *task)
{
#ifdef CONFIG_UTRACE_PTRACE
	ptrace_engine_fill_siginfo(task);
#endif
}

/**
 * tracehook_wait_inactive - wait until a tracee has left its CPU
 * @task:	stopped for current, and JOBCTL_PTRACE_FROZEN keeps it so
 *
 * As a rule it left long ago.  It was on its run queue and CPU when it set
 * JOBCTL_TRACED under siglock, which was taken since: so if it is found on
 * neither it has been switched out after that, and its registers are in
 * memory.  Not so with PREEMPT_RT, where it may sleep for a lock before it
 * sleeps for the stop.
 *
 * Return: false if it is not stopped, which is a bug.
 */
static inline bool tracehook_wait_inactive(struct task_struct *task)
{
#if defined(CONFIG_UTRACE_PTRACE) && defined(CONFIG_SMP) && \
	!defined(CONFIG_PREEMPT_RT)
	/* Pairs with finish_task(). */
	if (!READ_ONCE(task->on_rq) && !smp_load_acquire(&task->on_cpu))
		return true;
#endif
	return wait_task_inactive(task, __TASK_TRACED | TASK_FROZEN);
}

/*
 * Birth
 */

/**
 * tracehook_wants_clone - will a tracer of current stop for this new task?
 * @event:	PTRACE_EVENT_FORK, _VFORK or _CLONE
 *
 * Asked by kernel_clone() before the child is made, no locks held.
 *
 * Return: true if it will.
 */
static inline bool tracehook_wants_clone(int event)
{
	return ptrace_event_enabled(current, event);
}

/**
 * tracehook_child_prepare - a new task is about to become visible
 * @child:	the new task
 * @follow:	whether the tracer of current is to trace it, too
 *
 * May sleep: the last place where it can.  What is allocated here goes with
 * the task if the fork fails.
 */
static inline void tracehook_child_prepare(struct task_struct *child,
					   bool follow)
{
#ifdef CONFIG_UTRACE_PTRACE
	if (unlikely(follow))
		ptrace_engine_prepare_child(child);
#endif
}

/**
 * tracehook_child_ready - a new task is visible, and not running yet
 * @child:	the new task
 *
 * No locks held.
 */
static inline void tracehook_child_ready(struct task_struct *child)
{
#ifdef CONFIG_UTRACE_PTRACE
	if (unlikely(READ_ONCE(child->utrace)))
		ptrace_engine_settle_child(child);
#endif
}

/**
 * tracehook_child_linked - a new task becomes visible
 * @child:	the new task, not yet hashed and not running
 * @follow:	whether the tracer of current is to trace it, too
 *
 * From copy_process(), tasklist_lock (write) and current's siglock held.
 */
static inline void tracehook_child_linked(struct task_struct *child,
					  bool follow)
{
	ptrace_init_task(child, follow);
}

/**
 * tracehook_clone_made - a new task is complete, and not running yet
 * @clone_flags:	what it was made with
 * @child:		the new task
 *
 * No locks held.
 */
static inline void tracehook_clone_made(u64 clone_flags,
					struct task_struct *child)
{
	if (unlikely(task_utrace_flags(current) &
		     (UTRACE_EVENT(CLONE) | UTRACE_EVENT(QUIESCE))))
		utrace_report_clone(clone_flags, child);
}

/**
 * tracehook_clone_woken - it runs now
 * @event:	what is passed to tracehook_cloned() next, or 0
 *
 * May stop, for who was told by tracehook_clone_made(), unless the stop is to
 * be made by tracehook_cloned() for all.  No locks held.
 */
static inline void tracehook_clone_woken(int event)
{
	if (IS_ENABLED(CONFIG_UTRACE_PTRACE) && event)
		return;
	if (unlikely(task_utrace_flags(current) & UTRACE_HOLD))
		utrace_stop_here();
}

/**
 * tracehook_cloned - the new task of a wanted clone event is running
 * @event:	what tracehook_wants_clone() was asked
 * @pid:	the new task's, with a reference held by the caller
 *
 * May stop.  No locks held.
 */
static inline void tracehook_cloned(int event, struct pid *pid)
{
#ifdef CONFIG_UTRACE_PTRACE
	if (task_utrace_flags(current) & (UTRACE_EVENT(TRAP) | UTRACE_HOLD))
		utrace_report_trap(event, pid);
#else
	ptrace_event_pid(event, pid);
#endif
}

/**
 * tracehook_vfork_over - a vfork child gave its parent's memory back
 * @pid:	the child's, with a reference held by the caller
 *
 * May stop.  No locks held.
 */
static inline void tracehook_vfork_over(struct pid *pid)
{
	if (unlikely(task_utrace_flags(current) &
		     (UTRACE_EVENT(VFORK_DONE) | UTRACE_EVENT(QUIESCE))))
		utrace_report_vfork_done(pid);
#ifndef CONFIG_UTRACE_PTRACE
	ptrace_event_pid(PTRACE_EVENT_VFORK_DONE, pid);
#endif
}

/*
 * A new program
 */

/**
 * tracehook_exec_unsafe - does tracing make this exec LSM_UNSAFE_PTRACE?
 * @task:	current, on its way into a new program
 *
 * Its signal->cred_guard_mutex is held.
 *
 * Return: true if it does.
 */
static inline bool tracehook_exec_unsafe(struct task_struct *task)
{
	return task->ptrace;
}

/**
 * tracehook_exec_unshared - does it make this exec unsafe whoever asks?
 * @task:	current, on its way into a new program
 *
 * An engine acts for user space.  LSM_UNSAFE_PTRACE alone would be weighed
 * against ptrace's credentials: so LSM_UNSAFE_SHARE, too.
 *
 * Return: true if it does.
 */
static inline bool tracehook_exec_unshared(struct task_struct *task)
{
	return unlikely(task_utrace_flags(task) & UTRACE_UNSAFE_EXEC);
}

/**
 * tracehook_leader_replaced - exec by another thread ends the group leader
 * @leader:	the old leader, EXIT_DEAD, about to be released
 *
 * Its tracer may sleep in wait for it.  tasklist_lock (write) is held.
 */
static inline void tracehook_leader_replaced(struct task_struct *leader)
{
	if (unlikely(leader->ptrace)) {
		struct task_struct *parent;

		parent = rcu_dereference_protected(leader->parent,
						   lockdep_is_held(&tasklist_lock));
		__wake_up_parent(leader, parent);
	}
}

/**
 * tracehook_execed - current runs a new program
 * @bprm:	of the exec
 * @old_vpid:	its thread id before, as its tracer sees it
 *
 * May stop.  No locks held; user registers are those of the new program.
 */
static inline void tracehook_execed(struct linux_binprm *bprm, pid_t old_vpid)
{
	if (unlikely(task_utrace_flags(current) &
		     (UTRACE_EVENT(EXEC) | UTRACE_EVENT(QUIESCE))))
		utrace_report_exec(bprm, old_vpid);
#ifndef CONFIG_UTRACE_PTRACE
	ptrace_event(PTRACE_EVENT_EXEC, old_vpid);
#endif
}

/*
 * Death
 */

/**
 * tracehook_exiting - current begins to exit
 * @code:	its exit code, in the form wait() reports
 *
 * May stop.  No locks held; memory, files and registers are still there.
 *
 * Return: the exit code to use.
 */
static inline long tracehook_exiting(long code)
{
	if (unlikely(task_utrace_flags(current) &
		     (UTRACE_EVENT(EXIT) | UTRACE_EVENT(QUIESCE))))
		code = utrace_report_exit(code);
#ifndef CONFIG_UTRACE_PTRACE
	ptrace_event(PTRACE_EVENT_EXIT, code);
#endif
	return code;
}

/**
 * tracehook_wchan - the name of where a thread sleeps, for /proc/PID/wchan
 * @task:	the thread, which is not running
 * @symbol:	the function it sleeps in
 *
 * Return: @symbol; in a stop of ptrace's what users have always read there.
 */
static inline const char *tracehook_wchan(struct task_struct *task,
					  const char *symbol)
{
#ifdef CONFIG_UTRACE_PTRACE
	return ptrace_engine_wchan(task, symbol);
#else
	return symbol;
#endif
}

/**
 * tracehook_died - current is a zombie, or dead if nobody waits for it
 * @task:	current
 * @group_dead:	it was the last of its thread group
 *
 * From exit_notify(), after the parent was told, no locks held.  ptrace has
 * nothing to do here.  Engines: whatever their events, as a reaper waits for
 * this to be over.
 */
static inline void tracehook_died(struct task_struct *task, bool group_dead)
{
#ifdef CONFIG_UTRACE
	if (unlikely(READ_ONCE(task->utrace)))
		utrace_report_death(task, group_dead);
#endif
}

/**
 * tracehook_reaping - a dead task goes for good
 * @task:	the task, which can be any but current's parents
 *
 * From release_task(), before any lock is taken.  ptrace has nothing to do
 * here.
 */
static inline void tracehook_reaping(struct task_struct *task)
{
#ifdef CONFIG_UTRACE
	if (unlikely(READ_ONCE(task->utrace)))
		utrace_report_reap(task);
#endif
}

/**
 * tracehook_new_task - a task_struct was copied from another
 * @task:	the copy
 */
static inline void tracehook_new_task(struct task_struct *task)
{
#ifdef CONFIG_UTRACE
	task->utrace = NULL;
	task->utrace_flags = 0;
	clear_task_syscall_work(task, SYSCALL_UTRACE);
#endif
}

/**
 * tracehook_free_task - a task_struct is about to be freed
 * @task:	the task
 */
static inline void tracehook_free_task(struct task_struct *task)
{
#ifdef CONFIG_UTRACE
	if (unlikely(task->utrace))
		utrace_free_task(task);
#endif
}

/**
 * tracehook_unlink_dead - a dead task leaves its tracer
 * @task:	the task being released
 *
 * tasklist_lock (write) is held.
 */
static inline void tracehook_unlink_dead(struct task_struct *task)
{
	ptrace_release_task(task);
}

/*
 * System calls and the way back to user mode
 */

#ifndef CONFIG_UTRACE_PTRACE
/**
 * tracehook_syscall_begins - current is about to make a system call
 * @regs:	its user registers, which a tracer may change
 *
 * May stop.
 *
 * Return: nonzero if the call must not be made.
 */
static inline __must_check int tracehook_syscall_begins(struct pt_regs *regs)
{
	return ptrace_report_syscall_entry(regs);
}
#endif

/**
 * tracehook_syscall_ended - current has made its system call
 * @regs:	its user registers, which a tracer may change
 * @step:	nonzero if this stands for a single step over the call
 *
 * May stop.
 */
static inline void tracehook_syscall_ended(struct pt_regs *regs, int step)
{
#ifdef CONFIG_UTRACE_PTRACE
	if (step && !utrace_step_is_stray())
		user_single_step_report(regs);
#else
	ptrace_report_syscall_exit(regs, step);
#endif
}

/**
 * tracehook_engines_syscall_begins - current is about to make a system call
 * @regs:	its user registers, which an engine may change
 * @skip:	ptrace wants it not to be made
 *
 * May stop.
 *
 * Return: true if the call must not be made.
 */
static inline bool tracehook_engines_syscall_begins(struct pt_regs *regs,
						    bool skip)
{
	return utrace_report_syscall_entry(regs, skip);
}

/**
 * tracehook_engines_syscall_ended - current has made its system call
 * @regs:	its user registers, which an engine may change
 *
 * May stop.
 */
static inline void tracehook_engines_syscall_ended(struct pt_regs *regs)
{
	utrace_report_syscall_exit(regs);
}

/**
 * tracehook_arrival - something is going to be reported by ptrace
 *
 * No locks held.  Engines that show the program other registers than it has
 * get to put them back.
 */
static inline void tracehook_arrival(void)
{
	if (unlikely(task_utrace_flags(current) &
		     (UTRACE_EVENT(ARRIVAL) | UTRACE_EVENT(FINAL))))
		utrace_arrive();
}

/**
 * tracehook_exit_work - the exit loop has work that looks at registers
 * @regs:	user registers
 * @work:	that work, TIF flags; rescheduling does not count
 *
 * No locks held, interrupts on.
 */
static inline void tracehook_exit_work(struct pt_regs *regs, unsigned long work)
{
	if (unlikely(task_utrace_flags(current) &
		     (UTRACE_EVENT(ARRIVAL) | UTRACE_EVENT(FINAL) |
		      UTRACE_STEPPING)) && work)
		utrace_exit_work(regs);
}

/**
 * tracehook_has_last_work - is there last work before user mode?
 *
 * Return: true if tracehook_last_work() is to be called.
 */
static inline bool tracehook_has_last_work(void)
{
	return unlikely(task_utrace_flags(current) & UTRACE_LAST_WORK);
}

/**
 * tracehook_last_work - the very last work before user mode
 * @regs:	user registers
 *
 * May stop.  No locks held, interrupts on.
 */
static inline void tracehook_last_work(struct pt_regs *regs)
{
	utrace_last_work(regs);
}

/**
 * tracehook_stepping - ptrace has switched single-step
 * @task:	a tracee that it has stopped
 * @step:	on or off
 */
static inline void tracehook_stepping(struct task_struct *task, bool step)
{
#ifdef CONFIG_UTRACE
	/* Pairs with the cmpxchg() in utrace_of(). */
	smp_mb();
	if (unlikely(READ_ONCE(task->utrace)))
		utrace_peer_steps(task, step);
#endif
}

/**
 * tracehook_resuming - current is on its way back to user mode
 * @regs:	its user registers, or NULL where there is no such way: KVM
 *		and kernel workers run this code, too
 *
 * Task work has been run.  No locks held.  ptrace has nothing to do here.
 * Engines are called later, by tracehook_last_work(), where that comes.
 */
static inline void tracehook_resuming(struct pt_regs *regs)
{
	if (IS_ENABLED(CONFIG_UTRACE) && !regs &&
	    unlikely(task_utrace_flags(current) & UTRACE_LAST_WORK))
		utrace_no_user_return();
}

/*
 * seccomp
 */

/**
 * tracehook_seccomp_suspended - does a tracer suspend current's filters?
 *
 * Return: true if it does.
 */
static inline bool tracehook_seccomp_suspended(void)
{
	return current->ptrace & PT_SUSPEND_SECCOMP;
}

/**
 * tracehook_wants_seccomp - does a tracer take SECCOMP_RET_TRACE?
 *
 * Return: true if it does.
 */
static inline bool tracehook_wants_seccomp(void)
{
	if (unlikely(task_utrace_flags(current) & UTRACE_EVENT(SECCOMP)))
		return true;
	return ptrace_event_enabled(current, PTRACE_EVENT_SECCOMP);
}

/**
 * tracehook_seccomp - a filter hands a system call to the tracer
 * @data:	what the filter returned beside the action
 *
 * May stop.  The caller looks at the registers anew, and at fatal signals.
 */
static inline void tracehook_seccomp(unsigned long data)
{
	if (unlikely(task_utrace_flags(current) & UTRACE_EVENT(SECCOMP)))
		utrace_report_seccomp(data);
#ifndef CONFIG_UTRACE_PTRACE
	ptrace_event(PTRACE_EVENT_SECCOMP, data);
#endif
}

/*
 * Signals and job control
 */

/**
 * tracehook_sees_signals - is @task's tracer shown its signals?
 * @task:	the task they are sent to, or current
 *
 * If so, they are queued though ignored, and the tracer gets them before
 * @task does.  SIGKILL is shown to nobody; the caller looks for it, and for
 * signals nobody may change.  @task's siglock is held.
 *
 * Return: true if it is.
 */
static inline bool tracehook_sees_signals(struct task_struct *task)
{
	return task->ptrace;
}

/**
 * tracehook_sees_ignored - is anybody shown signals that @task ignores?
 * @task:	the task they are sent to
 *
 * @task's siglock is held.
 *
 * Return: true if somebody is.
 */
static inline bool tracehook_sees_ignored(struct task_struct *task)
{
	if (task_utrace_flags(task) & UTRACE_EVENT(SIGNAL_IGN))
		return true;
	return task->ptrace;
}

/**
 * tracehook_holds_signals - may a tracer change what @task's signals do?
 * @task:	any task
 *
 * If so, a signal is not fatal before its tracer has seen it.
 *
 * Return: true if it may.
 */
static inline bool tracehook_holds_signals(struct task_struct *task)
{
	if (task_utrace_flags(task) & UTRACE_EVENT_SIGNAL_ALL)
		return true;
	return task->ptrace;
}

/**
 * tracehook_may_save - may somebody keep a fatal signal from killing?
 * @task:	the task it was sent to
 * @taker:	the thread that will take it
 *
 * siglock is held.
 *
 * Return: true if somebody may.
 */
static inline bool tracehook_may_save(struct task_struct *task,
				      struct task_struct *taker)
{
	if (task_utrace_flags(taker) & (UTRACE_EVENT(SIGNAL_TERM) |
					UTRACE_EVENT(SIGNAL_CORE)))
		return true;
	return task->ptrace;
}

/**
 * tracehook_attention - did an engine ask to interrupt @task?
 * @task:	any task
 *
 * If so TIF_SIGPENDING stays set.  @task's siglock is held.
 *
 * Return: true if one did.
 */
static inline bool tracehook_attention(struct task_struct *task)
{
	return task_utrace_flags(task) & UTRACE_ATTENTION;
}

/**
 * tracehook_hold - do engines hold current, too?
 *
 * Asked when it stops for ptrace, siglock held.  Not if an engine is owed a
 * callback at the stop: none can be made here, so the thread stops for it a
 * little later.
 *
 * Return: the jobctl bit to set then, or 0.
 */
static inline unsigned long tracehook_hold(void)
{
	return task_utrace_flags(current) & UTRACE_PARK ? JOBCTL_UTRACED : 0;
}

/**
 * tracehook_signal_dequeued - current has taken a signal off its queues
 *
 * siglock has been held since.  Whether it will stop current is not known
 * before engines were asked; a SIGCONT in between is to prevent that.
 */
static inline void tracehook_signal_dequeued(void)
{
	if (unlikely(task_utrace_flags(current) &
		     (UTRACE_EVENT_SIGNAL_ALL | UTRACE_EVENT(QUIESCE) |
		      UTRACE_EVENT(TRAP))))
		current->jobctl |= JOBCTL_STOP_DEQUEUED;
}

/**
 * tracehook_stray_trap - is this the trap of a step nobody wants any more?
 * @signr:	a signal that was dequeued
 * @info:	its siginfo
 *
 * An engine had the thread stepped and has left since: over an instruction, or
 * a system call, which says TRAP_BRKPT.  siglock is held.
 *
 * Return: true if it is; then it is dropped.
 */
static inline bool tracehook_stray_trap(int signr, const kernel_siginfo_t *info)
{
	return unlikely((task_utrace_flags(current) &
			 (UTRACE_STRAY_TRAP | UTRACE_STEP_WANTED)) ==
			UTRACE_STRAY_TRAP) &&
	       signr == SIGTRAP &&
	       (info->si_code == TRAP_TRACE || info->si_code == TRAP_BRKPT);
}

/**
 * tracehook_wants_attention - is there a report to make without a signal?
 *
 * siglock is held.
 *
 * Return: true if utrace_signal_attention() is to be called.
 */
static inline bool tracehook_wants_attention(void)
{
	return unlikely(task_utrace_flags(current) &
			(UTRACE_ATTENTION | UTRACE_HOLD));
}

/**
 * tracehook_asks_signal - are engines asked about a signal?
 * @signr:	its number
 * @ka:		what the program does with it
 *
 * siglock is held.
 *
 * Return: true if utrace_report_signal() is to be called.
 */
static inline bool tracehook_asks_signal(int signr, struct k_sigaction *ka)
{
	return unlikely(task_utrace_flags(current) &
			(UTRACE_EVENT_SIGNAL_ALL | UTRACE_EVENT(QUIESCE) |
			 UTRACE_EVENT(TRAP))) &&
	       signr != SIGKILL && !(ka->sa.sa_flags & SA_IMMUTABLE);
}

/**
 * tracehook_jctl - is job control to be reported before it has its effect?
 *
 * siglock is held, a group stop is pending or was.
 *
 * Return: true if utrace_report_jctl() is to be called.
 */
static inline bool tracehook_jctl(void)
{
	return unlikely(task_utrace_flags(current) & UTRACE_EVENT(JCTL)) &&
	       utrace_jctl_pending();
}

/**
 * tracehook_stop_begins - a group stop begins
 * @task:	current, or a sibling that is to take part in it
 *
 * siglock is held.
 */
static inline void tracehook_stop_begins(struct task_struct *task)
{
	if (unlikely(task_utrace_flags(task) & UTRACE_EVENT(JCTL)))
		utrace_jctl_begins(task);
}

/**
 * tracehook_starts_over - get_signal() is about to look at SIGNAL_CLD_MASK
 */
static inline void tracehook_starts_over(void)
{
#ifdef CONFIG_UTRACE_PTRACE
	/* Not the flags: it must not outlive the last engine. */
	if (unlikely(READ_ONCE(current->utrace)))
		utrace_starts_over();
#endif
}

/**
 * tracehook_group_stop - current's tracer handles a group stop
 * @signr:	the stop signal that begins it; 0: it is pending
 *
 * Where ptrace is an engine siglock is dropped on the way to the stop, so the
 * group stop is begun or entered only there: a SIGCONT comes before or after
 * both.
 *
 * siglock is held on entry, and if false is returned.
 *
 * Return: true if that was taken care of: get_signal() starts over.
 */
static inline bool tracehook_group_stop(int signr)
{
#ifdef CONFIG_UTRACE_PTRACE
	if (unlikely(current->ptrace))
		return utrace_report_jobctl(signr);
#endif
	return false;
}

/**
 * tracehook_takes_jobctl - does current's tracer handle its group stop?
 *
 * If so, current stops for its tracer and not by itself.  current's siglock
 * is held.
 *
 * Return: true if it does.
 */
static inline bool tracehook_takes_jobctl(void)
{
	return current->ptrace;
}

/**
 * tracehook_continued - current told its parent that the group is continued
 * @why:	CLD_CONTINUED, or CLD_STOPPED if it had not stopped altogether
 *
 * May stop.  No locks held.
 */
static inline void tracehook_continued(int why)
{
	if (unlikely(task_utrace_flags(current) & UTRACE_EVENT(JCTL)) &&
	    why == CLD_CONTINUED)
		utrace_report_jctl(why);
}

/**
 * tracehook_handler_failed - no signal frame could be made
 * @stepping:	single-step was on, and the architecture has switched it off
 */
static inline void tracehook_handler_failed(int stepping)
{
#ifdef CONFIG_UTRACE_PTRACE
	if (stepping)
		tracehook_stepping(current, false);
#endif
}

/**
 * tracehook_handler_entered - a signal frame is set up
 * @ksig:	the signal
 * @stepping:	whether current is being single-stepped
 *
 * May stop.  No locks held; the registers are those of the handler.
 */
static inline void tracehook_handler_entered(struct ksignal *ksig, int stepping)
{
#ifdef CONFIG_UTRACE_PTRACE
	if (unlikely(stepping)) {
		/* The architecture has switched it off, for the frame. */
		tracehook_stepping(current, false);
		if (task_utrace_flags(current) &
		    (UTRACE_EVENT(QUIESCE) | UTRACE_EVENT(TRAP)))
			utrace_report_handler(ksig, true);
	} else if (unlikely(task_utrace_flags(current) &
			    UTRACE_EVENT(QUIESCE))) {
		utrace_report_handler(ksig, false);
	}
#else
	if (unlikely(task_utrace_flags(current) & UTRACE_EVENT(QUIESCE)))
		utrace_report_handler(ksig, false);
	if (stepping)
		ptrace_notify(SIGTRAP, 0);
#endif
}

#endif /* _LINUX_TRACEHOOK_H */
