// SPDX-License-Identifier: GPL-2.0-only
/*
 * The torture test's threads: the table of those alive, or not yet retired.
 */
#include <linux/pid.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "torture.h"

static struct torture_target *torture_table[TORTURE_TARGETS];
static DEFINE_SPINLOCK(torture_table_lock);
static unsigned int torture_ntargets;
static atomic_long_t torture_begun;
static atomic_long_t torture_ended;

/* Room in the table is taken by torture_target_publish() only. */
struct torture_target *torture_target_new(struct task_struct *task)
{
	struct torture_target *target = kzalloc(sizeof(*target), GFP_KERNEL);

	if (!target)
		return NULL;
	kref_init(&target->kref);
	target->task = get_task_struct(task);
	init_rwsem(&target->gate);
	spin_lock_init(&target->lock);
	INIT_LIST_HEAD(&target->engines);
	atomic_set(&target->last, -1);
	target->slot = -1;
	return target;
}

static void torture_target_free(struct kref *kref)
{
	struct torture_target *target =
		container_of(kref, struct torture_target, kref);

	if (target->slot >= 0) {
		/* Nobody else gets the slot before: its progress is ours. */
		spin_lock(&torture_table_lock);
		torture_table[target->slot] = NULL;
		torture_ntargets--;
		WRITE_ONCE(torture_page->active, torture_ntargets);
		spin_unlock(&torture_table_lock);
		atomic_long_inc(&torture_ended);
	}
	put_task_struct(target->task);
	kfree(target);
}

void torture_target_put(struct torture_target *target)
{
	kref_put(&target->kref, torture_target_free);
}

/*
 * Put @target into the table, which takes a reference.  False if it is full,
 * or the thread is in it.
 */
bool torture_target_publish(struct torture_target *target)
{
	int i, room = -1;

	spin_lock(&torture_table_lock);
	for (i = 0; i < TORTURE_TARGETS; i++) {
		if (!torture_table[i]) {
			if (room < 0)
				room = i;
		} else if (torture_table[i]->task == target->task) {
			room = -1;
			break;
		}
	}
	if (room >= 0) {
		kref_get(&target->kref);
		target->slot = room;
		torture_table[room] = target;
		torture_page->slots[room].progress = 0;
		torture_page->slots[room].tid = 0;
		torture_ntargets++;
		WRITE_ONCE(torture_page->active, torture_ntargets);
	}
	spin_unlock(&torture_table_lock);
	if (room < 0)
		return false;
	atomic_long_inc(&torture_begun);
	return true;
}

/* The target of a thread, with a reference, or NULL. */
struct torture_target *torture_target_get(struct task_struct *task)
{
	struct torture_target *target = NULL;
	int i;

	spin_lock(&torture_table_lock);
	for (i = 0; i < TORTURE_TARGETS; i++) {
		target = torture_table[i];
		if (target && target->task == task &&
		    kref_get_unless_zero(&target->kref))
			break;
		target = NULL;
	}
	spin_unlock(&torture_table_lock);
	return target;
}

static struct torture_target *torture_target_from(int start)
{
	struct torture_target *target = NULL;
	int i;

	spin_lock(&torture_table_lock);
	for (i = 0; i < TORTURE_TARGETS; i++) {
		target = torture_table[(start + i) % TORTURE_TARGETS];
		if (target && kref_get_unless_zero(&target->kref))
			break;
		target = NULL;
	}
	spin_unlock(&torture_table_lock);
	return target;
}

/* A random one, with a reference, or NULL. */
struct torture_target *torture_target_pick(struct rnd_state *rnd)
{
	return torture_target_from(torture_rnd(rnd, TORTURE_TARGETS));
}

/* Any one, with a reference, or NULL if the table is empty. */
struct torture_target *torture_target_any(void)
{
	return torture_target_from(0);
}

/*
 * Drop the table's reference; @target->gate is held for writing.  The entry
 * itself stays, and with it the slot, until the last user has gone.  False if
 * it was done before.
 */
bool torture_target_withdraw(struct torture_target *target)
{
	bool first;

	spin_lock(&target->lock);
	first = target->nengines >= 0;
	target->nengines = -1;
	spin_unlock(&target->lock);
	if (first)
		torture_target_put(target);
	return first;
}

/* Threads that were put into the table, and those that have left it. */
long torture_targets_begun(void)
{
	return atomic_long_read(&torture_begun);
}

long torture_targets_ended(void)
{
	return atomic_long_read(&torture_ended);
}
