/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * utrace: several tracers of one user thread, none knowing of the others.
 *
 * Documentation/core-api/utrace.rst says how it works and what is
 * guaranteed.
 */
#ifndef _LINUX_UTRACE_H
#define _LINUX_UTRACE_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/signal_types.h>
#include <linux/types.h>

struct cred;
struct linux_binfmt;
struct linux_binprm;
struct module;
struct pid;
struct pt_regs;
struct ksignal;
struct utrace;
struct utrace_engine;

/*
 * Events.  The first fourteen have the numbers they always had; bit 14 was
 * never an event.
 */
enum utrace_events {
	_UTRACE_EVENT_QUIESCE,		/* before any callback; about to resume */
	_UTRACE_EVENT_REAP,		/* zombie goes, nothing left */
	_UTRACE_EVENT_CLONE,		/* made a child or a thread */
	_UTRACE_EVENT_EXEC,		/* runs a new program */
	_UTRACE_EVENT_EXIT,		/* begins to exit */
	_UTRACE_EVENT_DEATH,		/* has died */
	_UTRACE_EVENT_SYSCALL_ENTRY,	/* entered a system call */
	_UTRACE_EVENT_SYSCALL_EXIT,	/* leaves a system call */
	_UTRACE_EVENT_SIGNAL,		/* signal, will run a handler */
	_UTRACE_EVENT_SIGNAL_IGN,	/* signal, will be ignored */
	_UTRACE_EVENT_SIGNAL_STOP,	/* signal, will stop the process */
	_UTRACE_EVENT_SIGNAL_TERM,	/* signal, will end the process */
	_UTRACE_EVENT_SIGNAL_CORE,	/* signal, will dump core */
	_UTRACE_EVENT_JCTL,		/* job control stop or continue */
	_UTRACE_HOLD_BIT,		/* not an event, see below */
	_UTRACE_EVENT_VFORK_DONE,	/* vfork's child gave the memory back */
	_UTRACE_EVENT_SECCOMP,		/* a filter said SECCOMP_RET_TRACE */
	_UTRACE_EVENT_TRAP,		/* what only ptrace reports, and every signal */
	_UTRACE_EVENT_ARRIVAL,		/* came from user mode, is to report */
	_UTRACE_EVENT_FINAL,		/* last thing before user mode */
	_UTRACE_NEVENTS
};

#define UTRACE_EVENT(type)	(1UL << _UTRACE_EVENT_##type)

#define UTRACE_EVENT_SIGNAL_ALL						\
	(UTRACE_EVENT(SIGNAL) | UTRACE_EVENT(SIGNAL_IGN) |		\
	 UTRACE_EVENT(SIGNAL_STOP) | UTRACE_EVENT(SIGNAL_TERM) |	\
	 UTRACE_EVENT(SIGNAL_CORE))

#define UTRACE_EVENT_SYSCALL						\
	(UTRACE_EVENT(SYSCALL_ENTRY) | UTRACE_EVENT(SYSCALL_EXIT))

/* All that utrace_set_events() takes. */
#define UTRACE_EVENTS_ALL						\
	((1UL << _UTRACE_NEVENTS) - 1 - (1UL << _UTRACE_HOLD_BIT))

/*
 * Further bits of task->utrace_flags, for the core and its hooks only.  They
 * change under utrace->lock, HOLD, PARK and ATTENTION under siglock, too.
 */
#define UTRACE_HOLD		BIT(_UTRACE_HOLD_BIT) /* somebody says STOP */
#define UTRACE_PARK		BIT(24) /* and nobody is owed word of it */
#define UTRACE_STEP_WANTED	BIT(25) /* some engine says step */
#define UTRACE_STRAY_TRAP	BIT(26) /* a step trap is on its way */
#define UTRACE_UNSAFE_EXEC	BIT(27) /* an engine acts for user space */
#define UTRACE_ATTENTION	BIT(28) /* keep TIF_SIGPENDING set */
#define UTRACE_LAST_WORK	BIT(29) /* something to do before user mode */
#define UTRACE_ARRIVED		BIT(30) /* arrival was told, final is owed */
#define UTRACE_STEPPING		BIT(31) /* single-step is on for an engine */

/**
 * enum utrace_resume_action - how the thread goes on
 * @UTRACE_STOP: it stops until the engine decides otherwise
 * @UTRACE_INTERRUPT: like %UTRACE_REPORT, but also interrupts system calls;
 *	the report is report_signal with %UTRACE_SIGNAL_REPORT
 * @UTRACE_REPORT: it reports again before user mode is resumed
 * @UTRACE_SINGLESTEP: it runs one instruction and takes a trap
 * @UTRACE_BLOCKSTEP: it runs to the next branch and takes a trap
 * @UTRACE_RESUME: it runs
 * @UTRACE_DETACH: it runs, and the engine leaves
 *
 * In the low bits of what a callback is given and returns, and the argument
 * of utrace_control().  The smallest of all engines' wishes is granted.  A
 * callback is given the smallest of the others'.
 */
enum utrace_resume_action {
	UTRACE_STOP,
	UTRACE_INTERRUPT,
	UTRACE_REPORT,
	UTRACE_SINGLESTEP,
	UTRACE_BLOCKSTEP,
	UTRACE_RESUME,
	UTRACE_DETACH,
};

#define UTRACE_RESUME_MASK	0x07

/**
 * utrace_resume_action - the resume part of a callback's action
 * @action:	what a callback was given, or returned
 *
 * Return: %UTRACE_STOP to %UTRACE_DETACH.
 */
static inline enum utrace_resume_action utrace_resume_action(u32 action)
{
	return action & UTRACE_RESUME_MASK;
}

/**
 * enum utrace_signal_action - what becomes of a signal
 * @UTRACE_SIGNAL_DELIVER: run the handler
 * @UTRACE_SIGNAL_IGN: drop it
 * @UTRACE_SIGNAL_TERM: end the process
 * @UTRACE_SIGNAL_CORE: end the process, dump core
 * @UTRACE_SIGNAL_STOP: stop the process
 * @UTRACE_SIGNAL_TSTP: stop it unless its process group is orphaned
 * @UTRACE_SIGNAL_REPORT: there is no signal, a report was asked for; an
 *	engine that returns another action has filled in the siginfo
 * @UTRACE_SIGNAL_HANDLER: a signal frame has been set up; not to be returned
 */
enum utrace_signal_action {
	UTRACE_SIGNAL_DELIVER	= 0x00,
	UTRACE_SIGNAL_IGN	= 0x10,
	UTRACE_SIGNAL_TERM	= 0x20,
	UTRACE_SIGNAL_CORE	= 0x30,
	UTRACE_SIGNAL_STOP	= 0x40,
	UTRACE_SIGNAL_TSTP	= 0x50,
	UTRACE_SIGNAL_REPORT	= 0x60,
	UTRACE_SIGNAL_HANDLER	= 0x70,
};

#define UTRACE_SIGNAL_MASK	0xf0
#define UTRACE_SIGNAL_HOLD	0x100	/* both: push it back on the queue */
#define UTRACE_SIGNAL_REPEAT	0x200	/* given: told before, a stop came between */

/**
 * utrace_signal_action - the signal part of report_signal's action
 * @action:	what report_signal was given, or returned
 *
 * Return: the verdict on the signal.
 */
static inline enum utrace_signal_action utrace_signal_action(u32 action)
{
	return action & UTRACE_SIGNAL_MASK;
}

/**
 * enum utrace_syscall_action - what becomes of a system call
 * @UTRACE_SYSCALL_RUN: make the call
 * @UTRACE_SYSCALL_ABORT: do not; its result is in the result register
 */
enum utrace_syscall_action {
	UTRACE_SYSCALL_RUN	= 0x00,
	UTRACE_SYSCALL_ABORT	= 0x10,
};

#define UTRACE_SYSCALL_MASK	0xf0
#define UTRACE_SYSCALL_RESUMED	0x100	/* given: another round, REPORT was asked for */
#define UTRACE_SYSCALL_ROLLBACK	0x200	/* both: restore number and arguments */

/**
 * utrace_syscall_action - the system call part of an action
 * @action:	what report_syscall_entry was given, or returned
 *
 * Return: the verdict on the call.
 */
static inline enum utrace_syscall_action utrace_syscall_action(u32 action)
{
	return action & UTRACE_SYSCALL_MASK;
}

/* Returned by report_final: I changed registers, ask everybody again. */
#define UTRACE_FINAL_CHANGED	0x100

/* Flags of utrace_attach_task(). */
#define UTRACE_ATTACH_MATCH_OPS		0x0001	/* match engines of these ops */
#define UTRACE_ATTACH_MATCH_DATA	0x0002	/* match engines of this data */
#define UTRACE_ATTACH_MATCH_MASK	0x000f
#define UTRACE_ATTACH_CREATE		0x0010	/* attach a new engine */
#define UTRACE_ATTACH_EXCLUSIVE		0x0020	/* fail if one matches */
#define UTRACE_ATTACH_ATOMIC		0x0040	/* do not sleep */
#define UTRACE_ATTACH_USER		0x0080	/* acts for user space: exec is unsafe */

/* Where the engine stands between kernel (innermost) and user mode. */
#define UTRACE_ATTACH_INNERMOST		0x0100
#define UTRACE_ATTACH_INNER		0x0200
#define UTRACE_ATTACH_OUTER		0x0400
#define UTRACE_ATTACH_OUTERMOST		0x0500
#define UTRACE_ATTACH_PLACE_MASK	0x0700	/* none of them: in the middle */

/**
 * struct utrace_engine_ops - what an engine wants to be called for
 * @owner: %THIS_MODULE; no engine attaches once that module is going.  The
 *	module's exit function calls utrace_drain_ops().
 * @atomic: the callbacks up to report_trap are called with utrace's lock held and
 *	interrupts off: they decide at once, do not sleep, and call nothing of
 *	utrace.  ptrace's, where it is the only engine, for signals and traps with
 *	siglock held, too
 * @report_quiesce: before each other callback but those for signals, arrival,
 *	final, trap and reap, its event in @event; and with @event 0 when the
 *	thread is about to resume
 * @report_signal: a signal was dequeued, see &enum utrace_signal_action;
 *	@orig_ka is what the program does with it, %NULL if there is no signal,
 *	@return_ka what is done if %UTRACE_SIGNAL_DELIVER is returned
 * @report_clone: @child was made; it has not run yet
 * @report_vfork_done: the vfork child @child has given the memory back
 * @report_jctl: @type is %CLD_STOPPED or %CLD_CONTINUED, @notify what the
 *	parent will be told, or 0
 * @report_exec: a new program is in place
 * @report_syscall_entry: a call is about to be made
 * @report_syscall_exit: a call was made, or skipped
 * @report_seccomp: a filter said %SECCOMP_RET_TRACE with @data
 * @report_arrival: user registers are as the program left them, and something
 *	is going to be reported; what it returns does not end a hold
 * @report_final: the last work before user mode
 * @report_exit: the thread begins to exit; @code may be changed, which is the
 *	process's, too, if it is that and all other threads have begun to exit
 * @report_trap: for ptrace: @event is 0 for a trap that JOBCTL_TRAP_MASK asks
 *	for, -1 if the parent is still to be told of a SIGCONT; or the
 *	PTRACE_EVENT_* of a new child @pid that has been woken.
 *	%UTRACE_EVENT(TRAP) also has report_signal
 *	called for every signal, whatever it does, and for the end of a single
 *	step at a signal frame
 * @report_death: it is a zombie; of the result only %UTRACE_DETACH counts
 * @report_reap: it is gone; the engine is detached already.  In the context
 *	of the parent, perhaps: do not block
 * @commit: the thread stops and this engine holds it.  With tasklist_lock
 *	(read), utrace's lock and siglock held, in the section that sets
 *	TASK_TRACED.  Returns whether the engine still wants it.  The stop of an
 *	engine that has this op is over when the thread wakes for any reason
 * @stopped: the thread has just stopped and this engine holds it.  Atomic;
 *	as commit, but without siglock
 * @ended: that is over, or did not begin: commit said no, or the thread was
 *	killed.  With siglock held.  Returns whether resumed,
 *	which must be there, is to be called, too; without this op it is if there
 * @resumed: the thread runs again after that
 * @release: the last reference was dropped
 * @free: of engines that utrace_engine_init() made: free it, after release
 *
 * Callbacks run in the thread, without locks, may sleep for a moment, but
 * not wait for the outside world: for that they return %UTRACE_STOP.
 */
struct utrace_engine_ops {
	struct module *owner;
	bool atomic;

	u32 (*report_quiesce)(u32 action, struct utrace_engine *engine,
			      unsigned long event);
	u32 (*report_signal)(u32 action, struct utrace_engine *engine,
			     struct pt_regs *regs, kernel_siginfo_t *info,
			     const struct k_sigaction *orig_ka,
			     struct k_sigaction *return_ka);
	u32 (*report_clone)(u32 action, struct utrace_engine *engine,
			    unsigned long clone_flags,
			    struct task_struct *child);
	u32 (*report_vfork_done)(u32 action, struct utrace_engine *engine,
				 struct pid *child);
	u32 (*report_jctl)(u32 action, struct utrace_engine *engine,
			   int type, int notify);
	u32 (*report_exec)(u32 action, struct utrace_engine *engine,
			   const struct linux_binfmt *fmt,
			   const struct linux_binprm *bprm,
			   struct pt_regs *regs);
	u32 (*report_syscall_entry)(u32 action, struct utrace_engine *engine,
				    struct pt_regs *regs);
	u32 (*report_syscall_exit)(u32 action, struct utrace_engine *engine,
				   struct pt_regs *regs);
	u32 (*report_seccomp)(u32 action, struct utrace_engine *engine,
			      struct pt_regs *regs, unsigned long data);
	u32 (*report_arrival)(u32 action, struct utrace_engine *engine,
			      struct pt_regs *regs);
	u32 (*report_final)(u32 action, struct utrace_engine *engine,
			    struct pt_regs *regs, unsigned int round);
	u32 (*report_exit)(u32 action, struct utrace_engine *engine,
			   long orig_code, long *code);
	u32 (*report_trap)(u32 action, struct utrace_engine *engine,
			   int event, struct pid *pid);
	u32 (*report_death)(struct utrace_engine *engine,
			    bool group_dead, int signal);
	void (*report_reap)(struct utrace_engine *engine,
			    struct task_struct *task);

	bool (*commit)(struct utrace_engine *engine);
	void (*stopped)(struct utrace_engine *engine);
	bool (*ended)(struct utrace_engine *engine);
	void (*resumed)(struct utrace_engine *engine);
	void (*release)(void *data);
	void (*free)(struct utrace_engine *engine);
};

/**
 * struct utrace_engine - one tracer's hold on one thread
 * @ops: what it is called for
 * @data: its own
 * @flags: the events it asked for, see utrace_set_events()
 *
 * The rest belongs to the core.
 */
struct utrace_engine {
	const struct utrace_engine_ops *ops;
	void *data;
	unsigned long flags;

	/* private: */
	struct kref kref;
	struct rcu_head rcu;		/* of a put that must not be made here */
	struct utrace *utrace;
	struct list_head entry;		/* on utrace->line */
	struct list_head all;		/* on utrace_engines */
	unsigned long born;		/* the pass it attached in */
	unsigned long told_in;		/* the pass it was last called in */
	unsigned int calls;		/* callbacks entered */
	unsigned int controls;		/* decisions by utrace_control() */
	unsigned int stop_id;		/* changes with each stop that can be */
	u8 state;
	u8 place;
	u8 disposition;
	u8 requests;
	bool user;
	bool told;
	bool drained;
};

/**
 * struct utrace_examiner - what utrace_prepare_examine() keeps
 */
struct utrace_examiner {
	/* private: */
	unsigned long switches;
};

#ifdef CONFIG_UTRACE

/**
 * task_utrace_flags - what those who trace a thread want of it
 * @task:	any task
 *
 * Read without a lock: a hint in all cases but those that the documentation
 * lists.
 *
 * Return: UTRACE_EVENT() and further bits.
 */
static inline unsigned long task_utrace_flags(const struct task_struct *task)
{
	return READ_ONCE(task->utrace_flags);
}

/**
 * utrace_configured - is utrace in this kernel?
 *
 * For code that is compiled with and without it.
 *
 * Return: true if it is.
 */
static inline bool utrace_configured(void)
{
	return true;
}

#else

static inline unsigned long task_utrace_flags(const struct task_struct *task)
{
	return 0;
}

static inline bool utrace_configured(void)
{
	return false;
}

#endif

/*
 * For engines.
 */
struct utrace_engine *utrace_attach_task(struct task_struct *task, int flags,
					 const struct utrace_engine_ops *ops,
					 void *data);
struct utrace_engine *utrace_attach_user(struct task_struct *task,
					 const struct cred *cred, int flags,
					 const struct utrace_engine_ops *ops,
					 void *data);
struct utrace_engine *utrace_attach_pid(struct pid *pid, int flags,
					const struct utrace_engine_ops *ops,
					void *data);
int utrace_control(struct task_struct *task, struct utrace_engine *engine,
		   enum utrace_resume_action action);
int utrace_control_stop(struct task_struct *task, struct utrace_engine *engine,
			enum utrace_resume_action action, unsigned int stop);
int utrace_set_events(struct task_struct *task, struct utrace_engine *engine,
		      unsigned long events);
int utrace_set_events_sync(struct task_struct *task,
			   struct utrace_engine *engine, unsigned long events);
int utrace_detach_sync(struct task_struct *task, struct utrace_engine *engine);
int utrace_detach_sync_uninterruptible(struct task_struct *task,
				       struct utrace_engine *engine);
int utrace_barrier(struct task_struct *task, struct utrace_engine *engine);
int utrace_prepare_examine(struct task_struct *task,
			   struct utrace_engine *engine,
			   struct utrace_examiner *exam);
int utrace_finish_examine(struct task_struct *task,
			  struct utrace_engine *engine,
			  struct utrace_examiner *exam);
void utrace_drain_ops(const struct utrace_engine_ops *ops);

void __utrace_engine_release(struct kref *kref);

/**
 * utrace_engine_get - take another reference to an engine
 * @engine:	an engine that a reference is held to
 */
static inline void utrace_engine_get(struct utrace_engine *engine)
{
	kref_get(&engine->kref);
}

/**
 * utrace_engine_put - drop a reference to an engine
 * @engine:	the engine, which must not be used any more
 *
 * The last put calls the engine's release and frees it; so not with locks
 * held that release() may want.
 */
static inline void utrace_engine_put(struct utrace_engine *engine)
{
	kref_put(&engine->kref, __utrace_engine_release);
}

/**
 * utrace_stop_id - the number of the callback that runs
 * @engine:	an engine, in a callback of its own
 *
 * For utrace_control_stop(), by which somebody else ends the stop that this
 * callback asks for, and no other one.
 *
 * Return: that number.
 */
static inline unsigned int utrace_stop_id(const struct utrace_engine *engine)
{
	return READ_ONCE(engine->stop_id);
}

/**
 * utrace_control_pid - utrace_control() for who knows a thread by its pid
 * @pid:	the thread's, for the reader; the engine knows it
 * @engine:	the engine, a reference to which is held
 * @action:	what it wants
 *
 * Return: as utrace_control().
 */
static inline int utrace_control_pid(struct pid *pid,
				     struct utrace_engine *engine,
				     enum utrace_resume_action action)
{
	return utrace_control(NULL, engine, action);
}

/**
 * utrace_set_events_pid - utrace_set_events() for who knows a thread by its pid
 * @pid:	the thread's, for the reader; the engine knows it
 * @engine:	the engine, a reference to which is held
 * @events:	UTRACE_EVENT() bits, the whole new mask
 *
 * Return: as utrace_set_events().
 */
static inline int utrace_set_events_pid(struct pid *pid,
					struct utrace_engine *engine,
					unsigned long events)
{
	return utrace_set_events(NULL, engine, events);
}

/**
 * utrace_barrier_pid - utrace_barrier() for who knows a thread by its pid
 * @pid:	the thread's, for the reader; the engine knows it
 * @engine:	the engine, a reference to which is held
 *
 * Return: as utrace_barrier().
 */
static inline int utrace_barrier_pid(struct pid *pid,
				     struct utrace_engine *engine)
{
	return utrace_barrier(NULL, engine);
}

/*
 * For the hooks in <linux/tracehook.h>, called only when task_utrace_flags()
 * or task->utrace says that there is somebody to call.
 */
void utrace_free_task(struct task_struct *task);
void utrace_report_clone(unsigned long clone_flags, struct task_struct *child);
void utrace_report_vfork_done(struct pid *child);
void utrace_report_exec(const struct linux_binprm *bprm, pid_t old_vpid);
long utrace_report_exit(long code);
void utrace_report_death(struct task_struct *task, bool group_dead);
void utrace_report_reap(struct task_struct *task);
bool utrace_report_syscall_entry(struct pt_regs *regs, bool abort);
void utrace_report_syscall_exit(struct pt_regs *regs);
void utrace_report_seccomp(unsigned long data);
void utrace_report_trap(int event, struct pid *pid);
void utrace_starts_over(void);
bool utrace_report_jobctl(int signr);
int utrace_signal_attention(kernel_siginfo_t *info);
int utrace_report_signal(struct ksignal *ksig, int signr, enum pid_type type,
			 struct k_sigaction **ka);
void utrace_report_handler(struct ksignal *ksig, bool stepping);
void utrace_report_jctl(int type);
bool utrace_jctl_pending(void);
void utrace_jctl_begins(struct task_struct *task);
void utrace_stop_here(void);
void utrace_arrive(void);
void utrace_exit_work(struct pt_regs *regs);
bool utrace_step_is_stray(void);
void utrace_last_work(struct pt_regs *regs);
void utrace_no_user_return(void);
void utrace_peer_steps(struct task_struct *task, bool step);

/* From kernel/signal.c, for the core; siglock is held. */
void utrace_recalc_sigpending(void);

/* ptrace as an engine: for kernel/ptrace.c and the hooks. */
struct utrace_engine *ptrace_engine_new(struct task_struct *task);
struct utrace_engine *ptrace_engine_link(struct task_struct *task,
					 struct utrace_engine *engine,
					 unsigned int ptrace);
void ptrace_engine_free(struct utrace_engine *engine);
void ptrace_engine_prepare_child(struct task_struct *child);
void ptrace_engine_settle_child(struct task_struct *child);
void ptrace_engine_unlink_begin(struct task_struct *task);
void ptrace_engine_let_go(struct task_struct *task);
const char *ptrace_engine_wchan(struct task_struct *task, const char *symbol);
void ptrace_engine_unlink_end(struct task_struct *task);
void ptrace_engine_set_events(struct task_struct *task);
void ptrace_engine_fill_siginfo(struct task_struct *task);
int ptrace_engine_decide(struct task_struct *task, unsigned long data);
int ptrace_engine_resume(struct task_struct *task, long request,
			 unsigned long data);

/* From kernel/signal.c, for that engine. */
void ptrace_notify_parent(struct task_struct *task, bool for_ptracer, int why);
bool ptrace_participate_group_stop(void);
bool ptrace_enter_group_stop(int signr);

#endif /* _LINUX_UTRACE_H */
