/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the torture test share.
 *
 * Several kernel threads, the torturers, do random operations on random
 * engines of random threads, the targets, which a program feeds: it makes
 * threads that register, do a few things and end.  Each rule of the interface
 * is a check that counts how often it was looked at and how often it was
 * broken.
 *
 * Locks: torture_target.gate > torture_engine.mutex > the core's.  Callbacks
 * take none of the two.
 */
#ifndef _KERNEL_UTRACE_TORTURE_H
#define _KERNEL_UTRACE_TORTURE_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/prandom.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/utrace.h>

#define TORTURE_TARGETS	128	/* threads at a time */
#define TORTURE_ENGINES	6	/* engines of one of them */

/* Operations.  Those up to TORTURE_NENGINE_OPS are on one engine. */
enum torture_op {
	TORTURE_SET_EVENTS,
	TORTURE_SET_EVENTS_SYNC,
	TORTURE_STOP,
	TORTURE_INTERRUPT,
	TORTURE_REPORT,
	TORTURE_SINGLESTEP,
	TORTURE_BLOCKSTEP,
	TORTURE_RESUME,
	TORTURE_RESUME_STOP,
	TORTURE_DETACH,
	TORTURE_DETACH_SYNC,
	TORTURE_DETACH_SYNC_UNINT,
	TORTURE_BARRIER,
	TORTURE_EXAMINE,
	TORTURE_NENGINE_OPS,
	TORTURE_ATTACH = TORTURE_NENGINE_OPS,
	TORTURE_FIND,
	TORTURE_LET_GO,
	TORTURE_SIGNAL,
	TORTURE_KILL,
	TORTURE_NOPS
};

enum torture_check {
	TORTURE_LATE,		/* a callback after a detach that promised none */
	TORTURE_DROPPED,	/* one for an event that was dropped for sure */
	TORTURE_STUCK,		/* stopped, but nobody holds it */
	TORTURE_RAN,		/* reached user mode while held */
	TORTURE_NO_REAP,	/* -ESRCH, but no report_reap */
	TORTURE_REAP_TWICE,
	TORTURE_DEATH_TWICE,
	TORTURE_REAP_FIRST,	/* report_reap without report_death before */
	TORTURE_REAP_DETACHED,	/* report_reap for an engine that had detached */
	TORTURE_RESULT,		/* a call returned what it may not */
	TORTURE_REFERENCES,	/* an engine was not released */
	TORTURE_NCHECKS
};

/* What the program that feeds us shares with us, one for each target. */
struct torture_slot {
	u64 progress;		/* the thread was in user mode so often */
	u32 tid;
	u32 pad;
	u64 unused[6];
};

/* Before the slots. */
struct torture_page {
	u32 active;		/* targets */
	u32 stop;		/* the program's own: end your lives */
	u64 unused[7];
	struct torture_slot slots[TORTURE_TARGETS];
};

/**
 * struct torture_target - a thread that engines are attached to
 * @kref: one for the table, one for each engine, one for whoever uses it
 * @task: the thread, a reference is held
 * @slot: its place in the table
 * @gate: torturers that operate on it hold it for reading; for writing: nobody
 *	else does
 * @calm: callbacks do not stop the thread
 * @last: the last operation on it
 * @lock: for @engines
 * @engines: those we know, attached or not
 * @nengines: how many
 */
struct torture_target {
	struct kref kref;
	struct task_struct *task;
	int slot;
	struct rw_semaphore gate;
	bool calm;
	atomic_t last;
	spinlock_t lock;	/* see above */
	struct list_head engines;
	int nengines;
};

/**
 * struct torture_engine - one engine, and what we know of it
 * @kref: one for the target's list, one for the core until release()
 * @engine: the core's, a reference is held until it leaves the list
 * @target: whom it traces
 * @entry: on the target's list
 * @owned: one torturer at a time operates on it, so that its state is known
 * @mutex: held while one does
 * @rnd: for callbacks, of which there is one at a time
 * @keep: events that are always asked for, once @armed
 * @armed: @keep was set for sure before the thread began to die
 * @quiet: no callback may come any more
 * @left: it detached, or is going to
 * @dropped: events that may not come
 * @hold: callbacks keep the thread stopped
 * @controls: odd while a control is being made; @owned only
 * @entry_controls: what it was when the last callback began
 * @calls: callbacks begun
 * @stopped: the last callback returned %UTRACE_STOP
 * @stop_controls: @controls at that time
 * @stop_progress: of the target at that time
 * @stop_id: of the last callback
 * @last: the last operation on it
 * @deaths: reports of the thread's death
 * @reaps: reports that it was reaped
 */
struct torture_engine {
	struct kref kref;
	struct utrace_engine *engine;
	struct torture_target *target;
	struct list_head entry;
	bool owned;
	struct mutex mutex;	/* see above */
	struct rnd_state rnd;
	unsigned long keep;
	bool armed;
	bool quiet;
	bool left;
	unsigned long dropped;
	bool hold;
	unsigned int controls;
	unsigned int entry_controls;
	unsigned int calls;
	bool stopped;
	unsigned int stop_controls;
	u64 stop_progress;
	unsigned int stop_id;
	atomic_t last;
	atomic_t deaths;
	atomic_t reaps;
};

/* torture.c */
extern struct torture_page *torture_page;
extern atomic_long_t torture_callbacks;
extern atomic_long_t torture_live_engines;

bool torture_check(enum torture_check check, bool good, const char *fmt, ...)
	__printf(3, 4);

static inline u32 torture_rnd(struct rnd_state *rnd, u32 below)
{
	return prandom_u32_state(rnd) % below;
}

static inline u64 torture_progress(const struct torture_target *target)
{
	return READ_ONCE(torture_page->slots[target->slot].progress);
}

/*
 * No callback of this engine may run any more, nor begin: some call has said
 * so.
 */
static inline void torture_set_quiet(struct torture_engine *te)
{
	/* Pairs with torture_quiet(): what comes later can be seen there. */
	smp_store_release(&te->quiet, true);
}

static inline bool torture_quiet(const struct torture_engine *te)
{
	/* Pairs with torture_set_quiet(). */
	return smp_load_acquire(&te->quiet);
}

/* torture_target.c */
struct torture_target *torture_target_get(struct task_struct *task);
struct torture_target *torture_target_new(struct task_struct *task);
bool torture_target_publish(struct torture_target *target);
struct torture_target *torture_target_pick(struct rnd_state *rnd);
void torture_target_put(struct torture_target *target);
bool torture_target_withdraw(struct torture_target *target);
struct torture_target *torture_target_any(void);
long torture_targets_begun(void);
long torture_targets_ended(void);

/* torture_engine.c */
extern const struct utrace_engine_ops torture_ops;
extern const struct utrace_engine_ops torture_ops_told;

int torture_engine_attach(struct torture_target *target, struct rnd_state *rnd);
struct torture_engine *torture_engine_pick(struct torture_target *target,
					   struct rnd_state *rnd);
int torture_engine_pick_all(struct torture_target *target,
			    struct torture_engine *all[TORTURE_ENGINES]);
void torture_engine_unpick(struct torture_engine *te);
void torture_engine_put(struct torture_engine *te);
void torture_engine_drop(struct torture_engine *te);
void torture_follow(struct task_struct *task, struct rnd_state *rnd);
unsigned long torture_events(struct torture_engine *te, struct rnd_state *rnd);

/* torture_op.c */
void torture_one(struct rnd_state *rnd);
void torture_retire(struct torture_target *target, struct rnd_state *rnd);
extern atomic_long_t torture_ops_done[TORTURE_NOPS];
extern unsigned long torture_thread_pairs[TORTURE_NOPS];
extern unsigned long torture_engine_pairs[TORTURE_NOPS];
extern const char * const torture_op_names[TORTURE_NOPS];

#endif /* _KERNEL_UTRACE_TORTURE_H */
