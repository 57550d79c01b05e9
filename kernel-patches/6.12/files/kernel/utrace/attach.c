// SPDX-License-Identifier: GPL-2.0-only
/*
 * Engines come and go: allocation, attach, references, the drain.
 */
#define pr_fmt(fmt) "utrace: " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/utrace.h>

#include "internal.h"

static struct kmem_cache *utrace_cache __ro_after_init;
static struct kmem_cache *utrace_engine_cache __ro_after_init;

/*
 * Every engine from the end of its attach until its release was called: how
 * utrace_drain_ops() finds those of one ops table.  One whose attach fails is
 * never here, as nobody may take a reference to it.  The lock is a leaf.
 */
static LIST_HEAD(utrace_engines);
static DEFINE_SPINLOCK(utrace_engines_lock);
static DECLARE_WAIT_QUEUE_HEAD(utrace_engines_wait);

static void utrace_free(struct kref *kref)
{
	struct utrace *utrace = container_of(kref, struct utrace, kref);

	WARN_ON_ONCE(!list_empty(&utrace->line));
	kmem_cache_free(utrace_cache, utrace);
}

/**
 * utrace_put - drop a reference to a struct utrace
 * @utrace:	not to be used any more
 */
void utrace_put(struct utrace *utrace)
{
	kref_put(&utrace->kref, utrace_free);
}

/**
 * utrace_free_task - a task_struct is about to be freed
 * @task:	the task; nobody can attach to it any more
 */
void utrace_free_task(struct task_struct *task)
{
	struct utrace *utrace = task->utrace;
	struct utrace_engine *engine, *next;
	unsigned long irq;
	LIST_HEAD(gone);

	/* A task that never was: the fork failed after ptrace joined. */
	spin_lock_irqsave(&utrace->lock, irq);
	list_for_each_entry_safe(engine, next, &utrace->line, entry)
		utrace_leave(engine, UTRACE_GONE, &gone);
	spin_unlock_irqrestore(&utrace->lock, irq);
	utrace_put_gone(&gone);
	if (utrace->spare)
		utrace_engine_discard(utrace->spare);
	utrace_put(utrace);
}

static struct utrace *utrace_alloc(struct task_struct *task, gfp_t gfp)
{
	struct utrace *utrace = kmem_cache_zalloc(utrace_cache, gfp);

	if (!utrace)
		return NULL;
	spin_lock_init(&utrace->lock);
	utrace->task = task;
	kref_init(&utrace->kref);
	INIT_LIST_HEAD(&utrace->line);
	init_waitqueue_head(&utrace->wait);
	return utrace;
}

/**
 * utrace_of - find the struct utrace of a task, or make it
 * @task:	the task
 * @gfp:	how to allocate
 *
 * Return: it, which stays until the task_struct goes; or %NULL.
 */
struct utrace *utrace_of(struct task_struct *task, gfp_t gfp)
{
	struct utrace *utrace = task_utrace(task), *old;

	if (utrace)
		return utrace;
	utrace = utrace_alloc(task, gfp);
	if (!utrace)
		return NULL;
	/*
	 * A successful cmpxchg() is a full barrier: whoever reads the pointer
	 * and follows it sees what utrace_alloc() wrote.
	 */
	old = cmpxchg(&task->utrace, NULL, utrace);
	if (old) {
		kmem_cache_free(utrace_cache, utrace);
		return old;
	}
	/*
	 * A ptrace that is no engine may have switched single-step on before.
	 * Either we see that, or it sees the pointer and tells,
	 * tracehook_stepping(): the cmpxchg() here and the setting of the flag
	 * there are full barriers.  Where it is one the flag can only be that
	 * of an engine that came a moment after us.
	 */
	if (!IS_ENABLED(CONFIG_UTRACE_PTRACE) &&
	    test_tsk_thread_flag(task, TIF_SINGLESTEP))
		utrace_peer_steps(task, true);
	return utrace;
}

/**
 * utrace_engine_init - make an engine of memory full of zeroes
 * @engine:	the memory
 * @utrace:	of the thread
 * @flags:	UTRACE_ATTACH_*
 * @ops:	what it is called for
 * @data:	its own
 */
void utrace_engine_init(struct utrace_engine *engine, struct utrace *utrace,
			int flags, const struct utrace_engine_ops *ops,
			void *data)
{
	kref_init(&engine->kref);
	engine->ops = ops;
	engine->data = data;
	engine->place = utrace_place_of(flags);
	engine->user = flags & UTRACE_ATTACH_USER;
	engine->disposition = UTRACE_RESUME;
	engine->utrace = utrace;
	INIT_LIST_HEAD(&engine->entry);
	INIT_LIST_HEAD(&engine->all);
	kref_get(&utrace->kref);
}

/* Nothing but what UTRACE_ATTACH_* names; a place is one of five. */
static bool utrace_flags_known(int flags)
{
	const int known = UTRACE_ATTACH_MATCH_OPS | UTRACE_ATTACH_MATCH_DATA |
			  UTRACE_ATTACH_CREATE | UTRACE_ATTACH_EXCLUSIVE |
			  UTRACE_ATTACH_ATOMIC | UTRACE_ATTACH_USER |
			  UTRACE_ATTACH_PLACE_MASK;

	switch (flags & UTRACE_ATTACH_PLACE_MASK) {
	case 0:
	case UTRACE_ATTACH_INNERMOST:
	case UTRACE_ATTACH_INNER:
	case UTRACE_ATTACH_OUTER:
	case UTRACE_ATTACH_OUTERMOST:
		return !(flags & ~known);
	}
	return false;
}

/* An engine with one reference, not attached yet; or NULL. */
static struct utrace_engine *
utrace_engine_new(struct task_struct *task, int flags,
		  const struct utrace_engine_ops *ops, void *data, gfp_t gfp)
{
	struct utrace *utrace = utrace_of(task, gfp);
	struct utrace_engine *engine;

	if (!utrace)
		return NULL;
	engine = kmem_cache_zalloc(utrace_engine_cache, gfp);
	if (engine)
		utrace_engine_init(engine, utrace, flags, ops, data);
	return engine;
}

/* Let utrace_drain_ops() find an engine; the caller has a reference. */
static void utrace_engine_enlist(struct utrace_engine *engine)
{
	unsigned long irq;

	spin_lock_irqsave(&utrace_engines_lock, irq);
	list_add_tail(&engine->all, &utrace_engines);
	spin_unlock_irqrestore(&utrace_engines_lock, irq);
}

static void utrace_engine_free(struct utrace_engine *engine)
{
	void (*free)(struct utrace_engine *engine) = engine->ops->free;
	unsigned long irq;

	/*
	 * Last, after release() has returned: whoever finds no engine of an
	 * ops table on the list knows that none of its code runs, and may free
	 * the table.  An ops table with a free() stays.
	 */
	if (!list_empty(&engine->all)) {
		spin_lock_irqsave(&utrace_engines_lock, irq);
		list_del(&engine->all);
		wake_up_all(&utrace_engines_wait);
		spin_unlock_irqrestore(&utrace_engines_lock, irq);
	}
	utrace_put(engine->utrace);
	if (free)
		free(engine);
	else
		kmem_cache_free(utrace_engine_cache, engine);
}

/**
 * utrace_engine_discard - free an engine that was never attached
 * @engine:	the engine; its release() is not called
 */
void utrace_engine_discard(struct utrace_engine *engine)
{
	utrace_engine_free(engine);
}

/* The last reference was dropped, see utrace_engine_put(). */
void __utrace_engine_release(struct kref *kref)
{
	struct utrace_engine *engine =
		container_of(kref, struct utrace_engine, kref);

	WARN_ON_ONCE(engine->state == UTRACE_ATTACHED ||
		     engine->state == UTRACE_LEAVING);
	if (engine->ops->release)
		engine->ops->release(engine->data);
	utrace_engine_free(engine);
}

static void utrace_put_rcu(struct rcu_head *rcu)
{
	utrace_engine_put(container_of(rcu, struct utrace_engine, rcu));
}

/**
 * utrace_put_gone_later - drop the line's references to engines that left
 * @gone:	engines taken off by utrace_leave()
 *
 * As utrace_put_gone(), for callers with tasklist_lock held: release() is
 * called after a grace period.  Of engines whose release() can be called in a
 * softirq.
 */
void utrace_put_gone_later(struct list_head *gone)
{
	struct utrace_engine *engine, *next;

	list_for_each_entry_safe(engine, next, gone, entry) {
		list_del_init(&engine->entry);
		call_rcu(&engine->rcu, utrace_put_rcu);
	}
}

static struct utrace_engine *
utrace_find(struct utrace *utrace, int flags,
	    const struct utrace_engine_ops *ops, void *data)
{
	struct utrace_engine *engine;

	list_for_each_entry(engine, &utrace->line, entry) {
		if (engine->state != UTRACE_ATTACHED)
			continue;
		/* ptrace's is nobody's to find, for it is nobody's to control. */
		if (engine->ops->free &&
		    !(flags & (UTRACE_ATTACH_CREATE | UTRACE_ATTACH_MATCH_OPS)))
			continue;
		if ((flags & UTRACE_ATTACH_MATCH_OPS) && engine->ops != ops)
			continue;
		if ((flags & UTRACE_ATTACH_MATCH_DATA) && engine->data != data)
			continue;
		return engine;
	}
	return NULL;
}

static struct utrace_engine *
utrace_lookup(struct task_struct *task, int flags,
	      const struct utrace_engine_ops *ops, void *data)
{
	struct utrace *utrace = task_utrace(task);
	struct utrace_engine *engine;
	unsigned long irq;

	if (!utrace)
		return ERR_PTR(-ENOENT);
	spin_lock_irqsave(&utrace->lock, irq);
	engine = utrace_find(utrace, flags, ops, data);
	if (engine)
		utrace_engine_get(engine);
	spin_unlock_irqrestore(&utrace->lock, irq);
	return engine ? engine : ERR_PTR(-ENOENT);
}

/* Put an engine on the line: outside of all those at its place. */
static void utrace_line_up(struct utrace *utrace, struct utrace_engine *engine)
{
	struct utrace_engine *other;

	list_for_each_entry(other, &utrace->line, entry)
		if (other->place > engine->place)
			break;
	list_add_tail(&engine->entry, &other->entry);
}

/**
 * utrace_join - put an engine on the line
 * @utrace:	of a thread that is alive; locked
 * @engine:	a new engine; the line takes a reference of its own
 */
void utrace_join(struct utrace *utrace, struct utrace_engine *engine)
{
	utrace_engine_get(engine);
	engine->state = UTRACE_ATTACHED;
	engine->born = utrace->passes;
	if (engine->ops->commit || engine->ops->stopped || engine->ops->resumed)
		WRITE_ONCE(utrace->tell, true);
	utrace_line_up(utrace, engine);
	utrace_note_alone(utrace);
	utrace_update(utrace);
	utrace_count(UTRACE_STAT_ATTACHED);
}

/*
 * Attach @engine to @task unless that is dying.  On success the line has a
 * reference of its own.
 */
static int utrace_link(struct task_struct *task, struct utrace_engine *engine,
		       int flags)
{
	struct utrace *utrace = engine->utrace;
	unsigned long irq;
	int ret = 0;

	/*
	 * exit_notify() sets exit_state and then makes the death report if
	 * task->utrace is set.  It does the former with tasklist_lock held for
	 * writing: if exit_state is 0 here, all done here is visible to the
	 * report.
	 */
	read_lock(&tasklist_lock);
	spin_lock_irqsave(&utrace->lock, irq);
	if (task->exit_state || utrace->life != UTRACE_ALIVE) {
		ret = -ESRCH;
	} else if ((flags & UTRACE_ATTACH_EXCLUSIVE) &&
		   utrace_find(utrace, flags, engine->ops, engine->data)) {
		ret = -EEXIST;
	} else {
		utrace_join(utrace, engine);
	}
	spin_unlock_irqrestore(&utrace->lock, irq);
	read_unlock(&tasklist_lock);
	return ret;
}

/**
 * utrace_attach_task - attach an engine to a thread, or find one
 * @task:	the thread; the caller holds a reference
 * @flags:	UTRACE_ATTACH_*
 * @ops:	what the engine is called for
 * @data:	its own
 *
 * With %UTRACE_ATTACH_CREATE a new engine is attached, with no events set;
 * without, one that matches @ops and @data as @flags say is found.  A new
 * engine stands at the place that @flags name, outside of those there.  It
 * is not called for a report that is being made at this moment.
 *
 * Nothing is checked of the caller's rights.
 *
 * Context: process context; may sleep unless %UTRACE_ATTACH_ATOMIC.  In a
 * callback, too: in report_clone with the child as @task, for one.
 * Return: the engine with a reference for the caller; -%ENOENT (no match),
 * -%EEXIST (%UTRACE_ATTACH_EXCLUSIVE and one matches), -%EINVAL (@ops
 * missing, or flags that are none), -%EPERM (a kernel thread), -%ESRCH
 * (dead), -%ENOMEM, -%ESHUTDOWN (@ops->owner is being unloaded).
 */
struct utrace_engine *utrace_attach_task(struct task_struct *task, int flags,
					 const struct utrace_engine_ops *ops,
					 void *data)
{
	gfp_t gfp = flags & UTRACE_ATTACH_ATOMIC ? GFP_ATOMIC : GFP_KERNEL;
	struct utrace_engine *engine;
	int ret;

	if (!utrace_flags_known(flags))
		return ERR_PTR(-EINVAL);
	if (!(flags & UTRACE_ATTACH_CREATE))
		return utrace_lookup(task, flags, ops, data);

	if (!ops)
		return ERR_PTR(-EINVAL);
	if (task->flags & PF_KTHREAD)
		return ERR_PTR(-EPERM);
	/*
	 * Held up to the end of the attach only: a module can go while engines
	 * are attached.  Its exit function, which runs when this fails, finds
	 * no attach in progress, and drains the engines for good.
	 */
	if (!try_module_get(ops->owner))
		return ERR_PTR(-ESHUTDOWN);

	ret = -ENOMEM;
	engine = utrace_engine_new(task, flags, ops, data, gfp);
	if (!engine)
		goto out;
	ret = utrace_link(task, engine, flags);
	if (ret)
		utrace_engine_free(engine);
	else
		utrace_engine_enlist(engine);
out:
	module_put(ops->owner);
	return ret ? ERR_PTR(ret) : engine;
}

/**
 * utrace_attach_pid - attach an engine to the thread of a pid, or find one
 * @pid:	a thread's
 * @flags:	UTRACE_ATTACH_*
 * @ops:	what the engine is called for
 * @data:	its own
 *
 * See utrace_attach_task().  If the thread execs and takes its leader's pid
 * the engine stays with the thread.
 *
 * Return: as utrace_attach_task(); -%ESRCH if there is no such thread.
 */
struct utrace_engine *utrace_attach_pid(struct pid *pid, int flags,
					const struct utrace_engine_ops *ops,
					void *data)
{
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct utrace_engine *engine;

	if (!task)
		return ERR_PTR(-ESRCH);
	engine = utrace_attach_task(task, flags, ops, data);
	put_task_struct(task);
	return engine;
}

static struct utrace_engine *
utrace_next_to_drain(const struct utrace_engine_ops *ops)
{
	struct utrace_engine *engine;

	lockdep_assert_held(&utrace_engines_lock);
	list_for_each_entry(engine, &utrace_engines, all) {
		if (engine->ops != ops || engine->drained)
			continue;
		if (kref_get_unless_zero(&engine->kref)) {
			engine->drained = true;
			return engine;
		}
	}
	return NULL;
}

static bool utrace_ops_unused(const struct utrace_engine_ops *ops)
{
	struct utrace_engine *engine;
	bool unused = true;

	spin_lock_irq(&utrace_engines_lock);
	list_for_each_entry(engine, &utrace_engines, all) {
		if (engine->ops == ops) {
			unused = false;
			break;
		}
	}
	spin_unlock_irq(&utrace_engines_lock);
	return unused;
}

/**
 * utrace_drain_ops - get rid of all engines of one ops table
 * @ops:	the table
 *
 * Detaches them all and waits until no callback runs and the last one has
 * been released: then nothing calls through @ops, for ever.  For the exit
 * function of a module; no new one comes if @ops->owner is set.  All
 * references that the caller holds itself must have been put.
 *
 * The waiter is woken by utrace_engine_free() after it took the engine off
 * the list; both use the list under utrace_engines_lock.
 *
 * Context: sleeps, not interruptible.  Not in a callback.
 */
void utrace_drain_ops(const struct utrace_engine_ops *ops)
{
	struct utrace_engine *engine;

	for (;;) {
		spin_lock_irq(&utrace_engines_lock);
		engine = utrace_next_to_drain(ops);
		spin_unlock_irq(&utrace_engines_lock);
		if (!engine)
			break;
		utrace_detach_sync_uninterruptible(NULL, engine);
		utrace_engine_put(engine);
	}
	wait_event(utrace_engines_wait, utrace_ops_unused(ops));
}

static int __init utrace_init(void)
{
	/*
	 * Not accounted, nor is ptrace's engine: as the caller cannot fail it
	 * would meet the OOM killer where PTRACE_ATTACH never did.  A thread
	 * has one of these at most, and is accounted itself.
	 */
	utrace_cache = KMEM_CACHE(utrace, SLAB_PANIC);
	utrace_engine_cache = KMEM_CACHE(utrace_engine,
					 SLAB_PANIC | SLAB_ACCOUNT);
	pr_info("engines can attach, ptrace is one of them\n");
	return 0;
}
core_initcall(utrace_init);
