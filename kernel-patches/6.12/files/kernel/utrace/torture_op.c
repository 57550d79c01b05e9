// SPDX-License-Identifier: GPL-2.0-only
/*
 * The torture test's operations: one random thing is done to one thread, and
 * what comes of it is checked.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "bugs.h"
#include "torture.h"

const char * const torture_op_names[TORTURE_NOPS] = {
	[TORTURE_SET_EVENTS]		= "set_events",
	[TORTURE_SET_EVENTS_SYNC]	= "set_events_sync",
	[TORTURE_STOP]			= "stop",
	[TORTURE_INTERRUPT]		= "interrupt",
	[TORTURE_REPORT]		= "report",
	[TORTURE_SINGLESTEP]		= "singlestep",
	[TORTURE_BLOCKSTEP]		= "blockstep",
	[TORTURE_RESUME]		= "resume",
	[TORTURE_RESUME_STOP]		= "resume_stop",
	[TORTURE_DETACH]		= "detach",
	[TORTURE_DETACH_SYNC]		= "detach_sync",
	[TORTURE_DETACH_SYNC_UNINT]	= "detach_sync_uninterruptible",
	[TORTURE_BARRIER]		= "barrier",
	[TORTURE_EXAMINE]		= "examine",
	[TORTURE_ATTACH]		= "attach",
	[TORTURE_FIND]			= "find",
	[TORTURE_LET_GO]		= "let_go",
	[TORTURE_SIGNAL]		= "signal",
	[TORTURE_KILL]			= "kill",
};

/* How often each is drawn, in relation to the others. */
static const u8 torture_weights[TORTURE_NOPS] = {
	[TORTURE_SET_EVENTS]		= 8,
	[TORTURE_SET_EVENTS_SYNC]	= 6,
	[TORTURE_STOP]			= 8,
	[TORTURE_INTERRUPT]		= 4,
	[TORTURE_REPORT]		= 4,
	[TORTURE_SINGLESTEP]		= 3,
	[TORTURE_BLOCKSTEP]		= 2,
	[TORTURE_RESUME]		= 16,
	[TORTURE_RESUME_STOP]		= 6,
	[TORTURE_DETACH]		= 3,
	[TORTURE_DETACH_SYNC]		= 3,
	[TORTURE_DETACH_SYNC_UNINT]	= 3,
	[TORTURE_BARRIER]		= 5,
	[TORTURE_EXAMINE]		= 4,
	[TORTURE_ATTACH]		= 10,
	[TORTURE_FIND]			= 3,
	[TORTURE_LET_GO]		= 8,
	[TORTURE_SIGNAL]		= 5,
	[TORTURE_KILL]			= 1,
};

atomic_long_t torture_ops_done[TORTURE_NOPS];
/* Bit b of word a: b came right after a, on one thread, on one engine. */
unsigned long torture_thread_pairs[TORTURE_NOPS];
unsigned long torture_engine_pairs[TORTURE_NOPS];

static enum torture_op torture_draw(struct rnd_state *rnd)
{
	int op, sum = 0;
	u32 n;

	for (op = 0; op < TORTURE_NOPS; op++)
		sum += torture_weights[op];
	n = torture_rnd(rnd, sum);
	for (op = 0; n >= torture_weights[op]; op++)
		n -= torture_weights[op];
	return op;
}

static void torture_note(atomic_t *last, unsigned long *pairs,
			 enum torture_op op)
{
	int before = atomic_xchg(last, op);

	if (before >= 0)
		set_bit(op, &pairs[before]);
}

/*
 * Has the thread been in user mode, although the last callback stopped it and
 * the owner has said nothing since that callback began?
 */
static void torture_check_stopped(struct torture_engine *te)
{
	unsigned int calls = READ_ONCE(te->calls), controls;
	u64 then, now;

	/* Pairs with torture_leave(): what it noted is there. */
	if (!smp_load_acquire(&te->stopped))
		return;
	controls = te->stop_controls;
	then = te->stop_progress;
	now = torture_progress(te->target);
	smp_rmb();	/* pairs with WRITE_ONCE(te->calls) being early in a callback */
	if (READ_ONCE(te->calls) != calls || !READ_ONCE(te->stopped) ||
	    (controls & 1) || controls != te->controls || READ_ONCE(te->left))
		return;
	torture_check(TORTURE_RAN, then == now,
		      "callback said stop: progress %llu, then %llu", then, now);
}

static int torture_control(struct torture_engine *te,
			   enum utrace_resume_action action,
			   const unsigned int *stop)
{
	struct task_struct *task = te->target->task;
	int ret;

	if (te->owned) {
		if (action != UTRACE_STOP)
			WRITE_ONCE(te->hold, false);
		WRITE_ONCE(te->controls, te->controls + 1);
	}
	smp_mb();	/* callbacks that begin from here on see both */
	if (stop)
		ret = utrace_control_stop(task, te->engine, action, *stop);
	else
		ret = utrace_control(task, te->engine, action);
	smp_mb();	/* those that see the next have seen what was decided */
	if (te->owned)
		WRITE_ONCE(te->controls, te->controls + 1);
	return ret;
}

/* Is @ret among @n allowed results? */
static void torture_expect(enum torture_op op, int ret, int n, const int *allowed)
{
	bool good = !ret || ret == -ESRCH;

	/* kthread_stop() ends waits that a signal may interrupt. */
	if (ret == -ERESTARTSYS && kthread_should_stop())
		good = true;
	while (!good && n-- > 0)
		good = ret == allowed[n];
	torture_check(TORTURE_RESULT, good, "%s: %d", torture_op_names[op], ret);
}

#define EXPECT(op, ret, ...) do {					\
	const int allowed[] = { 0, ##__VA_ARGS__ };			\
	torture_expect(op, ret, ARRAY_SIZE(allowed), allowed);		\
} while (0)

/* It is stopped, they say: for some time, nothing may move. */
static void torture_watch(struct torture_engine *te, struct rnd_state *rnd,
			  u64 before, u64 leeway, const char *what)
{
	u64 now;

	if (torture_rnd(rnd, 4))
		udelay(torture_rnd(rnd, 100));
	else
		usleep_range(100, 3000);
	now = torture_progress(te->target);
	torture_check(TORTURE_RAN, now - before <= leeway,
		      "%s: progress %llu, then %llu", what, before, now);
}

static void torture_stop(struct torture_engine *te, struct rnd_state *rnd)
{
	u64 progress;
	int ret;

	if (te->owned)
		WRITE_ONCE(te->hold, true);
	ret = torture_control(te, UTRACE_STOP, NULL);
	progress = torture_progress(te->target);
	EXPECT(TORTURE_STOP, ret, -EINPROGRESS);
	if (!te->owned)
		return;
	if (!ret)
		torture_watch(te, rnd, progress, 0, "stop said 0");
	else if (ret == -EINPROGRESS)
		/* One call at most until it is in the kernel for good. */
		torture_watch(te, rnd, progress, 2, "stop in progress");
}

static void torture_set_events(struct torture_engine *te, struct rnd_state *rnd,
			       enum torture_op op)
{
	unsigned long events = torture_events(te, rnd);
	struct task_struct *task = te->target->task;
	int ret;

	if (te->owned) {
		WRITE_ONCE(te->dropped, te->dropped & ~events);
		smp_mb();	/* a callback for them sees that it may come */
	}
	if (op == TORTURE_SET_EVENTS_SYNC)
		ret = utrace_set_events_sync(task, te->engine, events);
	else
		ret = utrace_set_events(task, te->engine, events);
	if (op == TORTURE_SET_EVENTS)
		EXPECT(op, ret, -EALREADY, -EINPROGRESS);
	else
		EXPECT(op, ret, -EALREADY);
	if (te->owned && !ret)
		WRITE_ONCE(te->dropped, UTRACE_EVENTS_ALL & ~events);
}

static void torture_detach(struct torture_engine *te, enum torture_op op)
{
	struct task_struct *task = te->target->task;
	int ret;

	switch (op) {
	case TORTURE_DETACH:
		ret = torture_control(te, UTRACE_DETACH, NULL);
		EXPECT(op, ret, -EINPROGRESS);
		if (!ret || ret == -EINPROGRESS)
			WRITE_ONCE(te->left, true);
		break;
	case TORTURE_DETACH_SYNC:
		ret = utrace_detach_sync(task, te->engine);
		EXPECT(op, ret);
		if (!ret || ret == -ERESTARTSYS)
			WRITE_ONCE(te->left, true);
		break;
	default:
		ret = utrace_detach_sync_uninterruptible(task, te->engine);
		EXPECT(op, ret);
		if (!ret)
			WRITE_ONCE(te->left, true);
		else if (te->armed)
			torture_check(TORTURE_NO_REAP,
				      atomic_read(&te->reaps) > 0,
				      "%s: %d", torture_op_names[op], ret);
		if (ret == -ESRCH)
			torture_set_quiet(te);
		break;
	}
	/* From here on a callback is one too many. */
	if (!ret)
		torture_set_quiet(te);
}

static void torture_barrier(struct torture_engine *te)
{
	bool left = READ_ONCE(te->left);
	int ret = utrace_barrier(te->target->task, te->engine);

	EXPECT(TORTURE_BARRIER, ret);
	if (left && !ret)
		torture_check(TORTURE_RESULT, false,
			      "barrier: 0 for an engine that has left");
	if (left && ret == -ESRCH)
		torture_set_quiet(te);
}

static void torture_examine(struct torture_engine *te, struct rnd_state *rnd)
{
	struct task_struct *task = te->target->task;
	struct utrace_examiner exam;
	u64 before, after;
	int ret;

	ret = utrace_prepare_examine(task, te->engine, &exam);
	EXPECT(TORTURE_EXAMINE, ret, -EINVAL, -EAGAIN);
	if (ret)
		return;
	before = torture_progress(te->target);
	if (!torture_rnd(rnd, 4))
		usleep_range(50, 500);
	after = torture_progress(te->target);
	ret = utrace_finish_examine(task, te->engine, &exam);
	EXPECT(TORTURE_EXAMINE, ret, -EINVAL, -EAGAIN);
	if (!ret)
		torture_check(TORTURE_RAN, before == after,
			      "examined: progress %llu, then %llu", before, after);
}

static void torture_find(struct torture_engine *te)
{
	struct utrace_engine *found;

	found = utrace_attach_task(te->target->task, UTRACE_ATTACH_MATCH_OPS |
				   UTRACE_ATTACH_MATCH_DATA, te->engine->ops, te);
	if (IS_ERR(found)) {
		torture_check(TORTURE_RESULT, PTR_ERR(found) == -ENOENT,
			      "find: %ld", PTR_ERR(found));
		return;
	}
	torture_check(TORTURE_RESULT, found == te->engine, "found another one");
	utrace_engine_put(found);
}

static void torture_on_engine(struct torture_engine *te, struct rnd_state *rnd,
			      enum torture_op op)
{
	static const u8 actions[TORTURE_NENGINE_OPS] = {
		[TORTURE_INTERRUPT]	= UTRACE_INTERRUPT,
		[TORTURE_REPORT]	= UTRACE_REPORT,
		[TORTURE_SINGLESTEP]	= UTRACE_SINGLESTEP,
		[TORTURE_BLOCKSTEP]	= UTRACE_BLOCKSTEP,
		[TORTURE_RESUME]	= UTRACE_RESUME,
	};
	unsigned int stop;
	int ret;

	switch (op) {
	case TORTURE_SET_EVENTS:
	case TORTURE_SET_EVENTS_SYNC:
		torture_set_events(te, rnd, op);
		break;
	case TORTURE_STOP:
		torture_stop(te, rnd);
		break;
	case TORTURE_RESUME_STOP:
		stop = READ_ONCE(te->stop_id) - !torture_rnd(rnd, 4);
		ret = torture_control(te, UTRACE_RESUME, &stop);
		EXPECT(op, ret, -ESTALE);
		break;
	case TORTURE_DETACH:
	case TORTURE_DETACH_SYNC:
	case TORTURE_DETACH_SYNC_UNINT:
		torture_detach(te, op);
		break;
	case TORTURE_BARRIER:
		torture_barrier(te);
		break;
	case TORTURE_EXAMINE:
		torture_examine(te, rnd);
		break;
	default:
		ret = torture_control(te, actions[op], NULL);
		if (op == TORTURE_RESUME || op == TORTURE_INTERRUPT)
			EXPECT(op, ret);
		else
			EXPECT(op, ret, -EINVAL, -EOPNOTSUPP);
		break;
	}
}

static void torture_kill(struct torture_target *target)
{
	struct pid *pid = get_task_pid(target->task, PIDTYPE_TGID);

	kill_pid(pid, SIGKILL, 1);
	put_pid(pid);
}

/*
 * A thread that nobody holds does not stay stopped: whoever lets it go makes
 * it runnable, so there is nothing to wait for but other torturers' calls.
 */
static void torture_check_moves(struct torture_target *target)
{
	unsigned int state = 0;
	int i;

	for (i = 0; i < 100; i++) {
		state = READ_ONCE(target->task->__state);
		if (!(state & __TASK_TRACED))
			break;
		msleep(20);
	}
	if (!torture_check(TORTURE_STUCK, !(state & __TASK_TRACED),
			   "%d stays in state %x, flags %lx",
			   task_pid_nr(target->task), state,
			   task_utrace_flags(target->task))) {
		torture_kill(target);
		utrace_bug_wake(target->task);
	}
}

/*
 * Every engine lets go, once, whatever its callbacks were about to say: the
 * thread has to go on.  This is where a lost resume shows.
 */
static void torture_let_go(struct torture_target *target)
{
	struct torture_engine *all[TORTURE_ENGINES];
	unsigned long flags;
	int i, n;

	n = torture_engine_pick_all(target, all);
	WRITE_ONCE(target->calm, true);
	for (i = 0; i < n; i++) {
		if (all[i]->owned)
			torture_check_stopped(all[i]);
		torture_control(all[i], UTRACE_RESUME, NULL);
	}
	/* What callbacks say now counts, and is RESUME. */
	for (i = 0; i < n; i++)
		utrace_barrier(target->task, all[i]->engine);
	for (i = 0; i < 100; i++) {
		flags = task_utrace_flags(target->task);
		/* What was wanted of a zombie does not matter any more. */
		if (!(flags & UTRACE_HOLD) ||
		    READ_ONCE(target->task->exit_state))
			break;
		/* One that is leaving, and that we have forgotten already. */
		msleep(20);
	}
	torture_check(TORTURE_STUCK, i < 100,
		      "%d is still held, flags %lx", task_pid_nr(target->task),
		      flags);
	usleep_range(50, 200);
	torture_check_moves(target);
	WRITE_ONCE(target->calm, false);
	for (i = 0; i < n; i++)
		torture_engine_unpick(all[i]);
}

/*
 * Another thread of the same process, perhaps one of io_uring's, which have no
 * user mode and do not register.
 */
static void torture_attach_other(struct torture_target *target,
				 struct rnd_state *rnd)
{
	struct task_struct *task, *found = NULL;
	u32 n = torture_rnd(rnd, 6);

	rcu_read_lock();
	for_each_thread(target->task, task)
		if (n-- == 0) {
			found = get_task_struct(task);
			break;
		}
	rcu_read_unlock();
	if (!found)
		return;
	torture_follow(found, rnd);
	put_task_struct(found);
}

static void torture_attach(struct torture_target *target, struct rnd_state *rnd)
{
	int ret;

	if (!torture_rnd(rnd, 8))
		torture_attach_other(target, rnd);
	ret = torture_engine_attach(target, rnd);
	EXPECT(TORTURE_ATTACH, ret, -ENOMEM);
}

static void torture_signal(struct torture_target *target, struct rnd_state *rnd)
{
	static const int signals[] = {
		SIGUSR1, SIGSTOP, SIGCONT, SIGTSTP, SIGCHLD, SIGUSR1, SIGCONT,
	};

	send_sig(signals[torture_rnd(rnd, ARRAY_SIZE(signals))], target->task, 1);
}

static void torture_on_target(struct torture_target *target,
			      struct rnd_state *rnd, enum torture_op op)
{
	struct torture_engine *te = NULL;

	if (op < TORTURE_NENGINE_OPS || op == TORTURE_FIND)
		te = torture_engine_pick(target, rnd);
	if (!te && (op < TORTURE_NENGINE_OPS || op == TORTURE_FIND))
		op = TORTURE_ATTACH;

	torture_note(&target->last, torture_thread_pairs, op);
	atomic_long_inc(&torture_ops_done[op]);
	switch (op) {
	case TORTURE_ATTACH:
		torture_attach(target, rnd);
		break;
	case TORTURE_FIND:
		torture_find(te);
		break;
	case TORTURE_LET_GO:
		torture_let_go(target);
		break;
	case TORTURE_SIGNAL:
		torture_signal(target, rnd);
		break;
	case TORTURE_KILL:
		torture_kill(target);
		break;
	default:
		if (te->owned) {
			mutex_lock(&te->mutex);
			torture_check_stopped(te);
		}
		torture_note(&te->last, torture_engine_pairs, op);
		torture_on_engine(te, rnd, op);
		if (te->owned)
			mutex_unlock(&te->mutex);
		break;
	}
	if (te) {
		/* One that left is used for a while still. */
		if (READ_ONCE(te->left) && !torture_rnd(rnd, 4))
			torture_engine_drop(te);
		torture_engine_unpick(te);
	}
}

/*
 * Take a thread out of the table.  It may be dead, or not.
 */
void torture_retire(struct torture_target *target, struct rnd_state *rnd)
{
	struct torture_engine *all[TORTURE_ENGINES];
	int i, n;

	down_write(&target->gate);
	if (torture_target_withdraw(target)) {
		n = torture_engine_pick_all(target, all);
		for (i = 0; i < n; i++) {
			torture_detach(all[i], TORTURE_DETACH +
				       torture_rnd(rnd, 3));
			/* The first of the three does not wait. */
			torture_detach(all[i], TORTURE_DETACH_SYNC_UNINT);
			torture_engine_drop(all[i]);
			torture_engine_unpick(all[i]);
		}
		torture_check_moves(target);
	}
	up_write(&target->gate);
}

/* One operation on one thread, if there is any. */
void torture_one(struct rnd_state *rnd)
{
	struct torture_target *target = torture_target_pick(rnd);
	enum torture_op op = torture_draw(rnd);

	if (!target) {
		usleep_range(500, 2000);
		return;
	}
	/* A dead one is kept for a while, to be operated on, too. */
	if (READ_ONCE(target->task->exit_state) &&
	    !torture_rnd(rnd, READ_ONCE(target->nengines) <= 0 ? 2 :
			      pid_alive(target->task) ? 64 : 4)) {
		torture_retire(target, rnd);
	} else if (op == TORTURE_LET_GO) {
		down_write(&target->gate);
		if (target->nengines >= 0)
			torture_on_target(target, rnd, op);
		up_write(&target->gate);
	} else {
		down_read(&target->gate);
		if (READ_ONCE(target->nengines) >= 0)
			torture_on_target(target, rnd, op);
		up_read(&target->gate);
	}
	torture_target_put(target);
	if (!torture_rnd(rnd, 16))
		usleep_range(20, 200);
}
