// SPDX-License-Identifier: GPL-2.0-only
/*
 * The torture test's engines: what their callbacks do, and what they check.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <asm/syscall.h>

#include "torture.h"

static void torture_engine_free(struct kref *kref)
{
	struct torture_engine *te =
		container_of(kref, struct torture_engine, kref);

	torture_target_put(te->target);
	kfree(te);
}

void torture_engine_put(struct torture_engine *te)
{
	kref_put(&te->kref, torture_engine_free);
}

/*
 * The core has no reference any more: its last word was spoken.  What became
 * of the engine has to fit what was said of it.
 */
static void torture_release(void *data)
{
	struct torture_engine *te = data;
	int reaps = atomic_read(&te->reaps), deaths = atomic_read(&te->deaths);

	if (READ_ONCE(te->left))
		torture_check(TORTURE_REAP_DETACHED, reaps == 0,
			      "%d reap reports", reaps);
	else if (te->armed && te->engine)
		torture_check(TORTURE_NO_REAP, reaps > 0, "%d deaths", deaths);
	if (te->armed && reaps && (te->keep & UTRACE_EVENT(DEATH)))
		torture_check(TORTURE_REAP_FIRST, deaths > 0, "no death");
	atomic_long_dec(&torture_live_engines);
	torture_engine_put(te);
}

/* A callback begins, for @events: may it? */
static struct torture_engine *torture_enter(struct utrace_engine *engine,
					    unsigned long events)
{
	struct torture_engine *te = engine->data;
	unsigned long dropped = READ_ONCE(te->dropped);

	atomic_long_inc(&torture_callbacks);
	torture_check(TORTURE_LATE, !torture_quiet(te),
		      "callback %lx begins", events);
	torture_check(TORTURE_DROPPED, !events || (events & ~dropped),
		      "callback %lx begins, %lx dropped", events, dropped);
	WRITE_ONCE(te->stopped, false);
	/* A stop that this callback asks for counts if no control comes from here on. */
	te->entry_controls = READ_ONCE(te->controls);
	WRITE_ONCE(te->calls, te->calls + 1);
	WRITE_ONCE(te->stop_id, utrace_stop_id(engine));
	return te;
}

/* Now and then a callback takes its time, asleep or awake. */
static void torture_dawdle(struct torture_engine *te)
{
	switch (torture_rnd(&te->rnd, 64)) {
	case 0:
		usleep_range(50, 2000);
		break;
	case 1 ... 6:
		udelay(torture_rnd(&te->rnd, 50));
		break;
	case 7 ... 12:
		cond_resched();
		break;
	}
}

static u32 torture_wish(struct torture_engine *te)
{
	switch (torture_rnd(&te->rnd, 64)) {
	case 0 ... 7:
		return UTRACE_STOP;
	case 8:
		return UTRACE_INTERRUPT;
	case 9 ... 10:
		return UTRACE_REPORT;
	case 11 ... 12:
		return UTRACE_SINGLESTEP;
	case 13:
		return UTRACE_BLOCKSTEP;
	case 14:
		return UTRACE_DETACH;
	}
	return UTRACE_RESUME;
}

/* Calls that a callback may make about its own engine. */
static void torture_call_back(struct torture_engine *te,
			      struct utrace_engine *engine)
{
	int ret;

	switch (torture_rnd(&te->rnd, 256)) {
	case 0:
		ret = utrace_barrier(current, engine);
		torture_check(TORTURE_RESULT, !ret || ret == -ESRCH,
			      "barrier in a callback: %d", ret);
		break;
	case 1:
		ret = utrace_detach_sync(current, engine);
		torture_check(TORTURE_RESULT, ret == -EDEADLK,
			      "detach_sync in a callback: %d", ret);
		break;
	case 2:
		if (te->owned)
			break;
		ret = utrace_control(current, engine, UTRACE_RESUME);
		torture_check(TORTURE_RESULT, !ret || ret == -ESRCH,
			      "resume in a callback: %d", ret);
		break;
	case 3:
		if (te->owned || current->exit_state)
			break;
		WRITE_ONCE(te->left, true);
		ret = utrace_control(current, engine, UTRACE_DETACH);
		torture_check(TORTURE_RESULT, !ret || ret == -EINPROGRESS,
			      "detach in a callback: %d", ret);
		break;
	}
}

/*
 * A callback is about to return: with which wish?  What is noted of a stop
 * lets the owner find out whether the thread respects it.
 */
static u32 torture_leave(struct torture_engine *te, bool may_stop)
{
	bool calm = READ_ONCE(te->target->calm);
	u32 wish;

	torture_dawdle(te);
	torture_call_back(te, te->engine);
	wish = torture_wish(te);
	if (READ_ONCE(te->hold) && !calm)
		wish = UTRACE_STOP;
	else if (calm && wish != UTRACE_DETACH)
		wish = UTRACE_RESUME;
	if (!may_stop && wish == UTRACE_STOP)
		wish = UTRACE_RESUME;

	/* The wish dates from the entry: time for others to overtake it. */
	torture_dawdle(te);
	if (wish == UTRACE_DETACH) {
		WRITE_ONCE(te->left, true);
	} else if (wish == UTRACE_STOP) {
		te->stop_controls = te->entry_controls;
		te->stop_progress = torture_progress(te->target);
		/* Pairs with torture_check_stopped(). */
		smp_store_release(&te->stopped, true);
	}
	torture_check(TORTURE_LATE, !torture_quiet(te),
		      "callback still runs");
	return wish;
}

static u32 torture_quiesce(u32 action, struct utrace_engine *engine,
			   unsigned long event)
{
	return torture_leave(torture_enter(engine, UTRACE_EVENT(QUIESCE)), true);
}

static u32 torture_signal(u32 action, struct utrace_engine *engine,
			  struct pt_regs *regs, kernel_siginfo_t *info,
			  const struct k_sigaction *orig_ka,
			  struct k_sigaction *return_ka)
{
	struct torture_engine *te =
		torture_enter(engine, UTRACE_EVENT_SIGNAL_ALL |
				      UTRACE_EVENT(QUIESCE));
	u32 verdict = utrace_signal_action(action);

	/* A step that some engine wanted must not kill the thread. */
	if (verdict != UTRACE_SIGNAL_REPORT &&
	    verdict != UTRACE_SIGNAL_HANDLER && info->si_signo == SIGTRAP) {
		verdict = UTRACE_SIGNAL_IGN;
	} else if (verdict == UTRACE_SIGNAL_HANDLER) {
		verdict = UTRACE_SIGNAL_DELIVER;
	} else if (verdict != UTRACE_SIGNAL_REPORT) {
		switch (torture_rnd(&te->rnd, 64)) {
		case 0 ... 2:
			verdict = UTRACE_SIGNAL_IGN;
			break;
		case 3:
			verdict = UTRACE_SIGNAL_TERM;
			break;
		case 4:
			verdict = UTRACE_SIGNAL_CORE;
			break;
		case 5:
			verdict = UTRACE_SIGNAL_STOP;
			break;
		case 6:
			verdict = UTRACE_SIGNAL_TSTP;
			break;
		case 7:
			verdict |= UTRACE_SIGNAL_HOLD;
			break;
		}
	}
	return verdict | torture_leave(te, true);
}

/*
 * Make a target of a thread that has not registered itself, and attach to it:
 * a child before its first instruction, or one that runs no program at all.
 */
void torture_follow(struct task_struct *task, struct rnd_state *rnd)
{
	struct torture_target *target;

	target = torture_target_new(task);
	if (!target)
		return;
	if (torture_target_publish(target))
		torture_engine_attach(target, rnd);
	torture_target_put(target);
}

static u32 torture_clone(u32 action, struct utrace_engine *engine,
			 unsigned long clone_flags, struct task_struct *child)
{
	struct torture_engine *te = torture_enter(engine, UTRACE_EVENT(CLONE));

	if (torture_rnd(&te->rnd, 2))
		torture_follow(child, &te->rnd);
	return torture_leave(te, true);
}

static u32 torture_vfork_done(u32 action, struct utrace_engine *engine,
			      struct pid *child)
{
	return torture_leave(torture_enter(engine, UTRACE_EVENT(VFORK_DONE)),
			     true);
}

static u32 torture_jctl(u32 action, struct utrace_engine *engine, int type,
			int notify)
{
	return torture_leave(torture_enter(engine, UTRACE_EVENT(JCTL)), true);
}

static u32 torture_exec(u32 action, struct utrace_engine *engine,
			const struct linux_binfmt *fmt,
			const struct linux_binprm *bprm, struct pt_regs *regs)
{
	return torture_leave(torture_enter(engine, UTRACE_EVENT(EXEC)), true);
}

static u32 torture_syscall_entry(u32 action, struct utrace_engine *engine,
				 struct pt_regs *regs)
{
	struct torture_engine *te =
		torture_enter(engine, UTRACE_EVENT(SYSCALL_ENTRY));
	u32 verdict = utrace_syscall_action(action);

	switch (torture_rnd(&te->rnd, 64)) {
	case 0 ... 1:
		syscall_set_return_value(current, regs, -EINTR, 0);
		verdict = UTRACE_SYSCALL_ABORT;
		break;
	case 2:
		verdict = UTRACE_SYSCALL_ABORT | UTRACE_SYSCALL_ROLLBACK;
		break;
	case 3:
		verdict |= UTRACE_SYSCALL_ROLLBACK;
		break;
	}
	return verdict | torture_leave(te, true);
}

static u32 torture_syscall_exit(u32 action, struct utrace_engine *engine,
				struct pt_regs *regs)
{
	return torture_leave(torture_enter(engine, UTRACE_EVENT(SYSCALL_EXIT)),
			     true);
}

static u32 torture_arrival(u32 action, struct utrace_engine *engine,
			   struct pt_regs *regs)
{
	return torture_leave(torture_enter(engine, UTRACE_EVENT(ARRIVAL)),
			     false);
}

static u32 torture_final(u32 action, struct utrace_engine *engine,
			 struct pt_regs *regs, unsigned int round)
{
	struct torture_engine *te = torture_enter(engine, UTRACE_EVENT(FINAL));
	u32 changed = torture_rnd(&te->rnd, 32) ? 0 : UTRACE_FINAL_CHANGED;

	return changed | torture_leave(te, true);
}

static u32 torture_exit(u32 action, struct utrace_engine *engine,
			long orig_code, long *code)
{
	struct torture_engine *te = torture_enter(engine, UTRACE_EVENT(EXIT));

	if (!torture_rnd(&te->rnd, 8))
		*code = 0x2a00;
	return torture_leave(te, true);
}

static u32 torture_death(struct utrace_engine *engine, bool group_dead,
			 int signal)
{
	struct torture_engine *te = torture_enter(engine, UTRACE_EVENT(DEATH));

	torture_check(TORTURE_DEATH_TWICE,
		      atomic_inc_return(&te->deaths) == 1, "death again");
	return torture_leave(te, false);
}

static void torture_reap(struct utrace_engine *engine, struct task_struct *task)
{
	struct torture_engine *te = torture_enter(engine, UTRACE_EVENT(REAP));

	torture_check(TORTURE_REAP_TWICE,
		      atomic_inc_return(&te->reaps) == 1, "reap again");
}

static void torture_stopped(struct utrace_engine *engine)
{
	struct torture_engine *te = engine->data;

	torture_check(TORTURE_LATE, !torture_quiet(te), "stopped");
}

static void torture_resumed(struct utrace_engine *engine)
{
	struct torture_engine *te = engine->data;

	torture_check(TORTURE_LATE, !torture_quiet(te), "resumed");
}

#define TORTURE_REPORTS						\
	.owner			= THIS_MODULE,			\
	.report_quiesce		= torture_quiesce,		\
	.report_signal		= torture_signal,		\
	.report_clone		= torture_clone,		\
	.report_vfork_done	= torture_vfork_done,		\
	.report_jctl		= torture_jctl,			\
	.report_exec		= torture_exec,			\
	.report_syscall_entry	= torture_syscall_entry,	\
	.report_syscall_exit	= torture_syscall_exit,		\
	.report_arrival		= torture_arrival,		\
	.report_final		= torture_final,		\
	.report_exit		= torture_exit,			\
	.report_death		= torture_death,		\
	.report_reap		= torture_reap,			\
	.release		= torture_release

const struct utrace_engine_ops torture_ops = {
	TORTURE_REPORTS,
};

/* One that is told of stops, and so makes the core take another path. */
const struct utrace_engine_ops torture_ops_told = {
	TORTURE_REPORTS,
	.stopped		= torture_stopped,
	.resumed		= torture_resumed,
};

/* Random events; those in @te->keep always. */
unsigned long torture_events(struct torture_engine *te, struct rnd_state *rnd)
{
	unsigned long events = prandom_u32_state(rnd);

	/* System calls stop everything so often that little else happens. */
	if (torture_rnd(rnd, 2))
		events &= ~(UTRACE_EVENT_SYSCALL | UTRACE_EVENT(ARRIVAL) |
			    UTRACE_EVENT(FINAL));
	events &= UTRACE_EVENTS_ALL & ~(UTRACE_EVENT(SECCOMP) |
					UTRACE_EVENT(TRAP));
	return events | te->keep;
}

static struct torture_engine *torture_engine_new(struct torture_target *target,
						 struct rnd_state *rnd)
{
	struct torture_engine *te = kzalloc(sizeof(*te), GFP_KERNEL);

	if (!te)
		return NULL;
	kref_init(&te->kref);
	mutex_init(&te->mutex);
	INIT_LIST_HEAD(&te->entry);
	kref_get(&target->kref);
	te->target = target;
	te->owned = torture_rnd(rnd, 2);
	prandom_seed_state(&te->rnd, prandom_u32_state(rnd));
	te->keep = UTRACE_EVENT(REAP);
	if (torture_rnd(rnd, 2))
		te->keep |= UTRACE_EVENT(DEATH);
	atomic_set(&te->last, TORTURE_ATTACH);
	return te;
}

/* Take a place on the target's list; false if there is none. */
static bool torture_engine_list(struct torture_engine *te)
{
	struct torture_target *target = te->target;
	bool room;

	spin_lock(&target->lock);
	room = target->nengines >= 0 && target->nengines < TORTURE_ENGINES;
	if (room) {
		target->nengines++;
		list_add_tail(&te->entry, &target->engines);
	}
	spin_unlock(&target->lock);
	return room;
}

/*
 * Attach one more engine; 0, also if there is no room for it, or -errno.  From
 * when it is on the list others may find it, operate on it and let it go.
 */
int torture_engine_attach(struct torture_target *target, struct rnd_state *rnd)
{
	static const int places[] = {
		0, UTRACE_ATTACH_INNERMOST, UTRACE_ATTACH_INNER,
		UTRACE_ATTACH_OUTER, UTRACE_ATTACH_OUTERMOST,
	};
	struct torture_engine *te = torture_engine_new(target, rnd);
	struct utrace_engine *engine;
	unsigned long events;
	int ret;

	if (!te)
		return 0;
	/* The core's reference to it; release() drops that. */
	kref_get(&te->kref);
	atomic_long_inc(&torture_live_engines);
	engine = utrace_attach_task(target->task, UTRACE_ATTACH_CREATE |
				    places[torture_rnd(rnd, ARRAY_SIZE(places))],
				    torture_rnd(rnd, 2) ? &torture_ops :
							  &torture_ops_told, te);
	if (IS_ERR(engine)) {
		atomic_long_dec(&torture_live_engines);
		torture_engine_put(te);
		torture_engine_put(te);
		return PTR_ERR(engine);
	}
	/* No event is set yet: no callback reads this. */
	te->engine = engine;
	/* Ours, while the list's may be dropped by who finds it there. */
	kref_get(&te->kref);
	utrace_engine_get(engine);
	if (!torture_engine_list(te)) {
		ret = utrace_detach_sync_uninterruptible(target->task, engine);
		WRITE_ONCE(te->left, ret == 0);
		utrace_engine_put(engine);
		torture_engine_put(te);
		goto out;
	}
	ret = 0;
	/*
	 * A torturer may have found it already, and set events of its own:
	 * they hold the same ones to keep, but dropped others.
	 */
	mutex_lock(&te->mutex);
	events = torture_events(te, rnd);
	WRITE_ONCE(te->dropped, te->dropped & ~events);
	smp_mb();	/* as in torture_set_events() */
	if (!utrace_set_events(target->task, engine, events))
		WRITE_ONCE(te->armed, true);
	mutex_unlock(&te->mutex);
out:
	utrace_engine_put(engine);
	torture_engine_put(te);
	return ret;
}

/* A random engine of a target, with a reference to both halves, or NULL. */
struct torture_engine *torture_engine_pick(struct torture_target *target,
					   struct rnd_state *rnd)
{
	struct torture_engine *te, *found = NULL;
	int n;

	spin_lock(&target->lock);
	if (target->nengines > 0) {
		n = torture_rnd(rnd, target->nengines);
		list_for_each_entry(te, &target->engines, entry)
			if (n-- == 0) {
				kref_get(&te->kref);
				utrace_engine_get(te->engine);
				found = te;
				break;
			}
	}
	spin_unlock(&target->lock);
	return found;
}

/* The same for all of them; returns how many. */
int torture_engine_pick_all(struct torture_target *target,
			    struct torture_engine *all[TORTURE_ENGINES])
{
	struct torture_engine *te;
	int n = 0;

	spin_lock(&target->lock);
	list_for_each_entry(te, &target->engines, entry) {
		kref_get(&te->kref);
		utrace_engine_get(te->engine);
		all[n++] = te;
	}
	spin_unlock(&target->lock);
	return n;
}

/* Put what torture_engine_pick() took. */
void torture_engine_unpick(struct torture_engine *te)
{
	utrace_engine_put(te->engine);
	torture_engine_put(te);
}

/* Forget an engine: off the list with it, and the references put. */
void torture_engine_drop(struct torture_engine *te)
{
	struct torture_target *target = te->target;
	bool listed;

	spin_lock(&target->lock);
	listed = !list_empty(&te->entry);
	if (listed) {
		list_del_init(&te->entry);
		if (target->nengines > 0)
			target->nengines--;
	}
	spin_unlock(&target->lock);
	if (!listed)
		return;
	utrace_engine_put(te->engine);
	torture_engine_put(te);
}
