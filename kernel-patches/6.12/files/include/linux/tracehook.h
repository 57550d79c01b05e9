/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the life of a user task meets those who trace it.
 *
 * The rest of the kernel says here what happens to a task - it was cloned,
 * runs a new program, enters a system call, takes a signal, dies - and asks
 * what a tracer wants to know.  Each hook is, with and without
 * CONFIG_UTRACE, the very use of ptrace that stood at its place before; a
 * kernel without CONFIG_UTRACE must compile to the same instructions as one
 * without these hooks.
 *
 * A hook's comment names its place and what is held there.  "May stop"
 * means that the task can sleep in the hook until a tracer lets it go, and
 * may have been killed when the hook returns.
 */
#ifndef _LINUX_TRACEHOOK_H
#define _LINUX_TRACEHOOK_H

#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/signal.h>

struct pid;
struct pt_regs;

/*
 * Birth
 */

/**
 * tracehook_wants_clone - will a tracer of current stop for this new task?
 * @event:	PTRACE_EVENT_FORK, _VFORK or _CLONE
 *
 * Asked by kernel_clone() before the child is made, no locks held.
 */
static inline bool tracehook_wants_clone(int event)
{
	return ptrace_event_enabled(current, event);
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
 * tracehook_cloned - the new task of a wanted clone event is running
 * @event:	what tracehook_wants_clone() was asked
 * @pid:	the new task's, with a reference held by the caller
 *
 * May stop.  No locks held.
 */
static inline void tracehook_cloned(int event, struct pid *pid)
{
	ptrace_event_pid(event, pid);
}

/**
 * tracehook_vfork_over - a vfork child gave its parent's memory back
 * @pid:	the child's, with a reference held by the caller
 *
 * May stop.  No locks held.
 */
static inline void tracehook_vfork_over(struct pid *pid)
{
	ptrace_event_pid(PTRACE_EVENT_VFORK_DONE, pid);
}

/*
 * A new program
 */

/**
 * tracehook_exec_unsafe - does tracing make this exec LSM_UNSAFE_PTRACE?
 * @task:	current, on its way into a new program
 *
 * Its signal->cred_guard_mutex is held.
 */
static inline bool tracehook_exec_unsafe(struct task_struct *task)
{
	return task->ptrace;
}

/**
 * tracehook_leader_replaced - exec by another thread ends the group leader
 * @leader:	the old leader, EXIT_DEAD, about to be released
 *
 * Its tracer may sleep in wait for it.  tasklist_lock (write) is held.
 */
static inline void tracehook_leader_replaced(struct task_struct *leader)
{
	if (unlikely(leader->ptrace))
		__wake_up_parent(leader, leader->parent);
}

/**
 * tracehook_execed - current runs a new program
 * @old_vpid:	its thread id before, as its tracer sees it
 *
 * May stop.  No locks held; user registers are those of the new program.
 */
static inline void tracehook_execed(pid_t old_vpid)
{
	ptrace_event(PTRACE_EVENT_EXEC, old_vpid);
}

/*
 * Death
 */

/**
 * tracehook_exiting - current begins to exit
 * @code:	its exit code, in the form wait() reports
 *
 * May stop.  No locks held; memory, files and registers are still there.
 */
static inline void tracehook_exiting(long code)
{
	ptrace_event(PTRACE_EVENT_EXIT, code);
}

/**
 * tracehook_died - current is a zombie, or dead if nobody waits for it
 * @task:	current
 *
 * From exit_notify(), after the parent was told, no locks held.  ptrace has
 * nothing to do here.
 */
static inline void tracehook_died(struct task_struct *task)
{
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

/**
 * tracehook_syscall_begins - current is about to make a system call
 * @regs:	its user registers, which a tracer may change
 *
 * May stop.  Returns nonzero if the call must not be made.
 */
static inline __must_check int tracehook_syscall_begins(struct pt_regs *regs)
{
	return ptrace_report_syscall_entry(regs);
}

/**
 * tracehook_syscall_ended - current has made its system call
 * @regs:	its user registers, which a tracer may change
 * @step:	nonzero if this stands for a single step over the call
 *
 * May stop.
 */
static inline void tracehook_syscall_ended(struct pt_regs *regs, int step)
{
	ptrace_report_syscall_exit(regs, step);
}

/**
 * tracehook_resuming - current is on its way back to user mode
 * @regs:	its user registers, or NULL where there is no such way: KVM
 *		and kernel workers run this code, too
 *
 * Task work has been run.  No locks held.  ptrace has nothing to do here.
 */
static inline void tracehook_resuming(struct pt_regs *regs)
{
}

/*
 * seccomp
 */

/**
 * tracehook_seccomp_suspended - does a tracer suspend current's filters?
 */
static inline bool tracehook_seccomp_suspended(void)
{
	return current->ptrace & PT_SUSPEND_SECCOMP;
}

/**
 * tracehook_wants_seccomp - does a tracer take SECCOMP_RET_TRACE?
 */
static inline bool tracehook_wants_seccomp(void)
{
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
	ptrace_event(PTRACE_EVENT_SECCOMP, data);
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
 */
static inline bool tracehook_sees_signals(struct task_struct *task)
{
	return task->ptrace;
}

/**
 * tracehook_holds_signals - may a tracer change what @task's signals do?
 * @task:	any task
 *
 * If so, a signal is not fatal before its tracer has seen it.
 */
static inline bool tracehook_holds_signals(struct task_struct *task)
{
	return task->ptrace;
}

/**
 * tracehook_takes_jobctl - does current's tracer handle its group stop?
 *
 * If so, current stops for its tracer and not by itself.  current's siglock
 * is held.
 */
static inline bool tracehook_takes_jobctl(void)
{
	return current->ptrace;
}

/**
 * tracehook_handler_entered - a signal frame is set up
 * @stepping:	whether current is being single-stepped
 *
 * May stop.  No locks held; the registers are those of the handler.
 */
static inline void tracehook_handler_entered(int stepping)
{
	if (stepping)
		ptrace_notify(SIGTRAP, 0);
}

#endif /* _LINUX_TRACEHOOK_H */
