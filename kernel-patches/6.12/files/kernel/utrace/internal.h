/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the utrace core share.
 *
 * Lock order: tasklist_lock > utrace->lock > siglock, interrupts off.
 */
#ifndef _KERNEL_UTRACE_INTERNAL_H
#define _KERNEL_UTRACE_INTERNAL_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/utrace.h>
#include <linux/wait.h>

#include "bugs.h"
#include "verdict.h"

/* At most so many rounds of the final report. */
#define UTRACE_FINAL_ROUNDS	8

enum utrace_engine_state {
	UTRACE_NEW,		/* never attached */
	UTRACE_ATTACHED,	/* on the line */
	UTRACE_LEAVING,		/* on the line until its callback returns */
	UTRACE_GONE,		/* detached by somebody's wish */
	UTRACE_REAPED,		/* detached because the thread is gone */
};

enum utrace_life {
	UTRACE_ALIVE,
	UTRACE_DYING,		/* the death report is being made */
	UTRACE_DEAD,		/* it was made */
};

/**
 * struct utrace - everybody who traces one thread
 * @lock: protects all of this and of the engines on @line
 * @task: the thread; exists while an engine is attached
 * @kref: one reference for @task, one for each engine
 * @line: the engines, innermost first
 * @passes: passes begun, to leave out engines that attach during one
 * @reporting: the engine that is in a callback
 * @reporting_events: the events for which it is
 * @reporter: who runs the callback: @task, or who reaps it
 * @wait: those who wait for @reporting to change
 * @life: how far its death was reported
 * @reap: somebody reaps it, the death report shall make the reap report
 * @tell: some engine has had the op stopped or resumed
 * @stop_first: an engine was told 0 on STOP, but the thread slept in a
 *	group stop: it must stop before anything is reported, and nobody is
 *	to be told first
 * @jctl_told: this group stop was reported
 * @telling_stop: a group stop is being reported
 * @shown: get_signal() has shown a signal since it looked at SIGNAL_CLD_MASK:
 *	the parents are told after the next trap
 * @again: a stop ended with something else to be reported before another
 * @urgent: a request found the thread where it does not return to user mode
 * @peer_step: ptrace has switched single-step on
 * @ptrace_stopped: the thread is in a stop of ptrace's; its own, under siglock
 * @own_step: the program had, when an engine's was switched on
 * @ptrace: ptrace's engine.  Becomes one with tasklist_lock held for writing,
 *	unless the thread is not visible yet; %NULL at the unlink, with that held,
 *	too, or, of a tracer that has gone, when the thread has done with its stop
 * @alone: the same, if it is the only one on @line
 * @spare: an engine of ptrace's last attach, for the next one
 * @stop_signal: begins a group stop if ptrace's stop comes about; else 0
 * @old_vpid: during an exec report: the thread's id before, as ptrace has it
 * @in_syscall_report: the thread reports a system call; it alone stores this
 * @syscall_saved: the next three are those of the call being made
 * @syscall_exec: how often the thread had called exec before it
 * @syscall_nr: its number
 * @syscall_args: its arguments
 */
struct utrace {
	spinlock_t lock;		/* see above */
	struct task_struct *task;
	struct kref kref;
	struct list_head line;
	unsigned long passes;
	struct utrace_engine *reporting;
	unsigned long reporting_events;
	struct task_struct *reporter;
	wait_queue_head_t wait;
	u8 life;
	bool reap;
	bool tell;
	bool stop_first;
	bool jctl_told;
	bool telling_stop;
	bool shown;
	bool again;
	bool urgent;
	bool peer_step;
	bool ptrace_stopped;
	bool own_step;
	bool in_syscall_report;
	bool syscall_saved;
	struct utrace_engine *ptrace;
	struct utrace_engine *alone;
	struct utrace_engine *spare;
	int stop_signal;
	pid_t old_vpid;
	u64 syscall_exec;
	int syscall_nr;
	unsigned long syscall_args[6];
};

/**
 * struct utrace_pass - one event on its way along the line
 * @event: UTRACE_EVENT() of it; 0 if only QUIESCE counts
 * @outer_first: the direction
 * @quiesce: call report_quiesce before @call
 * @only: UTRACE_ASK_*; if not 0, only engines that asked so, and it is served
 * @keep_holds: what is returned does not end a hold
 * @verdict: the event's own part of the action, in and out
 * @told_before: the bit of @verdict that says so, if there is one; not for an
 *	engine that was not called since pass @first
 * @first: the number of the first pass of this occurrence
 * @call: calls the engine's callback, returns what that returned
 * @stepper: an engine that has the thread stepped was asked about the signal
 * @changed: some callback of a final report changed something
 * @stop_asked: a callback asked for a stop, which may be over before it begins
 * @no_work: task work is not run before the stop: get_signal() has, and what
 *	came since waits, as in a stop of ptrace's there
 */
struct utrace_pass {
	unsigned long event;
	u8 only;
	bool outer_first;
	bool quiesce;
	bool keep_holds;
	bool stepper;
	bool changed;
	bool stop_asked;
	bool no_work;
	u32 verdict;
	u32 told_before;
	unsigned long first;
	u32 (*call)(struct utrace_pass *pass, struct utrace_engine *engine,
		    u32 action);

	/* private: what the callbacks are given */
	struct pt_regs *regs;
	union {
		struct {
			unsigned long clone_flags;
			struct task_struct *child;
		};
		struct pid *pid;
		struct {
			const struct linux_binfmt *fmt;
			const struct linux_binprm *bprm;
		};
		struct {
			long orig_code;
			long code;
		};
		struct {
			bool group_dead;
			int exit_signal;
		};
		struct {
			kernel_siginfo_t *info;
			const struct k_sigaction *orig_ka;
			struct k_sigaction *return_ka;
			unsigned long trap;
		};
		struct {
			int type;
			int notify;
		};
		struct {
			int trap_event;
			struct pid *trap_pid;
		};
		unsigned long data;
		unsigned int round;
	};
};

/* report.c */
void utrace_call_begins(struct utrace *utrace, struct utrace_engine *engine,
			unsigned long events);
void utrace_call_ended(struct utrace *utrace);
void utrace_pass(struct utrace *utrace, struct utrace_pass *pass);
bool utrace_report(struct utrace *utrace, struct utrace_pass *pass);
bool utrace_report_locked(struct utrace *utrace, struct utrace_pass *pass);
u32 utrace_call_quiesce(struct utrace_pass *pass, struct utrace_engine *engine,
			u32 action);

/* control.c */
void utrace_update(struct utrace *utrace);
void utrace_mark(struct utrace *utrace, unsigned long flag, bool on);
void utrace_stand_down(struct utrace_engine *engine,
		       enum utrace_engine_state state);
void utrace_leave(struct utrace_engine *engine, enum utrace_engine_state state,
		  struct list_head *gone);
void utrace_put_gone(struct list_head *gone);
bool utrace_requested(struct utrace *utrace, u8 requests);
void utrace_take_requests(struct utrace *utrace, u8 requests);

/* syscall.c */
void utrace_syscall_save(struct utrace *utrace, struct pt_regs *regs);

/* stop.c */
bool utrace_stop(struct utrace *utrace, bool work);
int utrace_sleep(struct utrace *utrace, bool tell,
		 struct utrace_engine *alone);
bool utrace_let_go(struct utrace *utrace, struct utrace_engine *engine);
void utrace_void_holds(struct utrace *utrace);
void utrace_settle_holds(struct utrace *utrace, unsigned long flags);

/* resume.c */
void utrace_make_arrival(struct utrace *utrace);

/* attach.c */
void utrace_put(struct utrace *utrace);
struct utrace *utrace_of(struct task_struct *task, gfp_t gfp);
void utrace_engine_init(struct utrace_engine *engine, struct utrace *utrace,
			int flags, const struct utrace_engine_ops *ops,
			void *data);
void utrace_engine_discard(struct utrace_engine *engine);
void utrace_join(struct utrace *utrace, struct utrace_engine *engine);
void utrace_put_gone_later(struct list_head *gone);

static inline struct utrace *task_utrace(struct task_struct *task)
{
	/* Pairs with the cmpxchg() in utrace_of(); the dependency orders. */
	return READ_ONCE(task->utrace);
}

/*
 * Is current in a callback of this engine?  @utrace is locked.  A callback of
 * another engine of the same thread is none of this one's.
 */
static inline bool utrace_own_callback(struct utrace *utrace,
				       struct utrace_engine *engine)
{
	return utrace->reporting == engine && utrace->reporter == current;
}

/* Is anybody interested in what utrace_make_arrival() reports? */
static inline void utrace_arrival(struct utrace *utrace)
{
	if (unlikely(task_utrace_flags(current) & (UTRACE_EVENT(ARRIVAL) |
						   UTRACE_EVENT(FINAL))))
		utrace_make_arrival(utrace);
}

/* The line has changed; @utrace is locked. */
static inline void utrace_note_alone(struct utrace *utrace)
{
	WRITE_ONCE(utrace->alone, list_is_singular(&utrace->line) ?
				  utrace->ptrace : NULL);
}

/* The thread's own: only itself exchanges it, in exec. */
static inline struct sighand_struct *utrace_sighand(void)
{
	return rcu_dereference_protected(current->sighand, true);
}

/* Has this thread user registers?  io_uring's and vhost's have not. */
static inline bool utrace_has_user_mode(struct task_struct *task)
{
	return !(task->flags & (PF_KTHREAD | PF_USER_WORKER));
}

/* stats.c */
enum utrace_stat {
	UTRACE_STAT_STOPS = _UTRACE_NEVENTS,
	UTRACE_STAT_UNSLEPT,
	UTRACE_STAT_RESUMES,
	UTRACE_STAT_RESUMED_EARLY,
	UTRACE_STAT_FINAL_BOUND,
	UTRACE_STAT_ATTACHED,
	UTRACE_STAT_DETACHED,
	UTRACE_NSTATS
};

#ifdef CONFIG_UTRACE_DEBUG
#include <linux/percpu.h>

DECLARE_PER_CPU(unsigned long [UTRACE_NSTATS], utrace_stats);
extern bool utrace_lose_resume;

static inline void utrace_count(unsigned int stat)
{
	this_cpu_inc(utrace_stats[stat]);
}
#else
#define utrace_lose_resume	false

static inline void utrace_count(unsigned int stat)
{
}
#endif

#endif /* _KERNEL_UTRACE_INTERNAL_H */
