// SPDX-License-Identifier: GPL-2.0-only
/*
 * A system call broker: a program opens /dev/utrace-broker, names a thread,
 * and answers each system call of it and of the children it makes.
 *
 * Who may attach: the process that opened the device, with the credentials
 * it had then, to what it might attach to with ptrace.  Whoever the file is
 * passed on to can answer for threads that are attached, and no more.  While
 * a thread is attached its exec raises no privileges.  When the file is
 * closed the threads run on as if nothing had been.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/poll.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/utrace.h>

#include <asm/syscall.h>
#include <asm/utrace.h>

#include "broker.h"

#define BROKER_EVENTS	(UTRACE_EVENT(CLONE) | UTRACE_EVENT(SYSCALL_ENTRY) | \
			 UTRACE_EVENT(DEATH))

static const struct utrace_engine_ops broker_ops;

/**
 * struct broker - an open file
 * @kref: of the file, and of each thread
 * @opener: who may attach
 * @ns: pid namespace of the opener
 * @lock: protects the rest, and the state of the threads
 * @threads: all that are attached, or about to be
 * @calls: those that wait to be read
 * @asked: questions so far: the number of each, whichever thread it is about,
 *	so that no answer is taken for that to another one
 * @began: a thread has been attached: readers are not left waiting once there
 *	is none any more
 * @closed: the file is gone, nobody answers any more
 * @wait: readers
 */
struct broker {
	struct kref kref;
	struct pid *opener;
	struct pid_namespace *ns;
	spinlock_t lock; /* see above */
	struct list_head threads;
	struct list_head calls;
	u32 asked;
	bool began;
	bool closed;
	wait_queue_head_t wait;
};

/**
 * struct broker_thread - a thread that is attached
 * @kref: of the engine, and of who has just looked it up
 * @broker: whose
 * @task: to tell threads apart, no more; it exists while on the list of threads
 * @engine: without a reference: valid while on the list of threads; %NULL until
 *	it is attached
 * @threads: in broker->threads
 * @calls: in broker->calls
 * @call: the call it waits with
 * @answer: what becomes of it
 * @stop_id: of the callback that asked
 * @asked: @call is valid, the thread waits for the answer
 * @answered: @answer is valid
 * @rewritten: what the registers had is in @nr and @args until the call returns
 * @nr: number that the program gave
 * @args: arguments that it gave
 * @made: number of the call that is made in its place
 * @exec_id: which program that was
 * @pinned: the file was closed with @answer on its way: the module stays until
 *	the thread has taken it, or is dead
 */
struct broker_thread {
	struct kref kref;
	struct broker *broker;
	const struct task_struct *task;
	struct utrace_engine *engine;
	struct list_head threads;
	struct list_head calls;
	struct broker_call call;
	struct broker_answer answer;
	unsigned int stop_id;
	bool asked;
	bool answered;
	bool rewritten;
	bool pinned;
	int nr;
	int made;
	unsigned long args[6];
	u64 exec_id;
};

static void broker_free(struct kref *kref)
{
	struct broker *broker = container_of(kref, struct broker, kref);

	put_pid(broker->opener);
	put_pid_ns(broker->ns);
	kfree(broker);
}

static void broker_thread_free(struct kref *kref)
{
	struct broker_thread *thread =
		container_of(kref, struct broker_thread, kref);

	kref_put(&thread->broker->kref, broker_free);
	kfree(thread);
}

/* Nobody finds the thread any more, and who waits for the last one learns it. */
static void broker_forget(struct broker_thread *thread)
{
	struct broker *broker = thread->broker;

	spin_lock(&broker->lock);
	list_del_init(&thread->threads);
	list_del_init(&thread->calls);
	spin_unlock(&broker->lock);
	wake_up(&broker->wait);
}

/* The engine has seen its last reference. */
static void broker_release_engine(void *data)
{
	struct broker_thread *thread = data;

	broker_forget(thread);
	kref_put(&thread->kref, broker_thread_free);
}

/* It is not going to be attached after all. */
static void broker_drop(struct broker_thread *thread)
{
	broker_forget(thread);
	kref_put(&thread->kref, broker_thread_free);
}

/* Put it on the list of threads, once.  Locked. */
static int broker_enlist(struct broker *broker, struct broker_thread *thread)
{
	struct broker_thread *other;

	if (broker->closed)
		return -ESHUTDOWN;
	list_for_each_entry(other, &broker->threads, threads)
		if (other->task == thread->task)
			return -EEXIST;
	list_add(&thread->threads, &broker->threads);
	return 0;
}

/*
 * On the list before it is attached: a child may be attached by the report of
 * its making and by the client at the same time, and is to be asked about once.
 */
static struct broker_thread *broker_new_thread(struct broker *broker,
					       const struct task_struct *task)
{
	struct broker_thread *thread;
	int ret;

	/* Anybody may have as many as there are threads to attach to. */
	thread = kzalloc(sizeof(*thread), GFP_KERNEL_ACCOUNT);
	if (!thread)
		return ERR_PTR(-ENOMEM);
	kref_init(&thread->kref);
	kref_get(&broker->kref);
	thread->broker = broker;
	thread->task = task;
	INIT_LIST_HEAD(&thread->threads);
	INIT_LIST_HEAD(&thread->calls);
	spin_lock(&broker->lock);
	ret = broker_enlist(broker, thread);
	spin_unlock(&broker->lock);
	if (ret) {
		kref_put(&thread->kref, broker_thread_free);
		return ERR_PTR(ret);
	}
	return thread;
}

/* Make an engine known that was just attached, and set it going. */
static int broker_start(struct broker_thread *thread,
			struct utrace_engine *engine)
{
	struct broker *broker = thread->broker;
	bool closed;
	int ret;

	spin_lock(&broker->lock);
	closed = broker->closed;
	thread->engine = engine;
	spin_unlock(&broker->lock);
	if (closed) {
		utrace_control(NULL, engine, UTRACE_DETACH);
		return -ESHUTDOWN;
	}
	ret = utrace_set_events(NULL, engine, BROKER_EVENTS);
	/* It died before: there will be no report. */
	if (ret) {
		broker_forget(thread);
		return ret;
	}
	spin_lock(&broker->lock);
	broker->began = true;
	spin_unlock(&broker->lock);
	wake_up(&broker->wait);
	return 0;
}

/* Make another call; the program gets back what it gave, broker_put_back(). */
static void broker_rewrite(struct broker_thread *thread, bool again,
			   struct pt_regs *regs)
{
	const struct broker_answer *answer = &thread->answer;
	unsigned long args[6];
	int i;

	if (!again) {
		thread->nr = syscall_get_nr(current, regs);
		syscall_get_arguments(current, regs, thread->args);
		thread->exec_id = current->self_exec_id;
	}
	for (i = 0; i < 6; i++)
		args[i] = answer->args[i];
	thread->made = answer->nr;
	syscall_set_nr(current, regs, answer->nr);
	syscall_set_arguments(current, regs, args);
}

/*
 * A call that is restarted is so the program's, about which the client is asked
 * again, and not what that made of it.  @task is current or a child it just made.
 */
static void broker_put_back(const struct broker_thread *thread,
			    struct task_struct *task, struct pt_regs *regs)
{
	/* Not into the registers of another program. */
	if (thread->exec_id != current->self_exec_id)
		return;
	/* Nor into those that sigreturn brought, or a tracer made. */
	if (syscall_get_nr(task, regs) != thread->made)
		return;
	syscall_set_nr(task, regs, thread->nr);
	syscall_set_arguments(task, regs, thread->args);
}

static u32 broker_clone(u32 action, struct utrace_engine *engine,
			unsigned long clone_flags, struct task_struct *child)
{
	struct broker_thread *parent = engine->data;
	struct broker_thread *thread;
	struct utrace_engine *other;

	/* It has a copy of the registers. */
	if (parent->rewritten)
		broker_put_back(parent, child, task_pt_regs(child));
	thread = broker_new_thread(parent->broker, child);
	if (IS_ERR(thread))
		return UTRACE_RESUME;
	/* The child is what its parent was, so no access check. */
	other = utrace_attach_task(child, UTRACE_ATTACH_CREATE |
				   UTRACE_ATTACH_USER, &broker_ops, thread);
	if (IS_ERR(other)) {
		broker_drop(thread);
		return UTRACE_RESUME;
	}
	broker_start(thread, other);
	utrace_engine_put(other);
	return UTRACE_RESUME;
}

/* What is answered is done with the call; returns the verdict. */
static u32 broker_apply(struct broker_thread *thread, u32 rollback, bool again,
			struct pt_regs *regs)
{
	const struct broker_answer *answer = &thread->answer;

	switch (answer->verdict) {
	case BROKER_RESULT:
		syscall_set_return_value(current, regs, 0, answer->result);
		return rollback | UTRACE_SYSCALL_ABORT;
	case BROKER_REWRITE:
		broker_rewrite(thread, again, regs);
		return UTRACE_SYSCALL_RUN;
	default:
		return rollback | UTRACE_SYSCALL_RUN;
	}
}

/*
 * The thread has taken the answer that was on its way when the file was closed,
 * or never will.  In a callback of its own: utrace_drain_ops() waits for that.
 */
static void broker_unpin(struct broker_thread *thread)
{
	if (thread->pinned) {
		thread->pinned = false;
		module_put(THIS_MODULE);
	}
}

/* Nobody is to be asked about its call any more, or to answer.  Locked. */
static void broker_decided(struct broker_thread *thread)
{
	thread->answered = false;
	thread->asked = false;
	list_del_init(&thread->calls);
}

/* The call that is about to be made. */
static void broker_describe(const struct broker *broker, struct pt_regs *regs,
			    struct broker_call *call)
{
	unsigned long args[6];
	int i;

	syscall_get_arguments(current, regs, args);
	call->tid = task_pid_nr_ns(current, broker->ns);
	call->arch = syscall_get_arch(current);
	call->nr = syscall_get_nr(current, regs);
	for (i = 0; i < 6; i++)
		call->args[i] = args[i];
}

/* Does the answer decide about that call?  Locked. */
static bool broker_settles(const struct broker_thread *thread,
			   const struct broker_call *call)
{
	if (!thread->answered)
		return false;
	/* There is nobody to be asked again. */
	if (thread->broker->closed)
		return true;
	/*
	 * A tracer has changed the call since: what may be made is what the
	 * client was told of.  It decides on the others whatever they are.
	 */
	return thread->answer.verdict != BROKER_RUN ||
	       (thread->call.nr == call->nr &&
		!memcmp(thread->call.args, call->args, sizeof(call->args)));
}

/* Ask for what becomes of that call.  Locked. */
static void broker_ask(struct broker_thread *thread,
		       struct utrace_engine *engine,
		       const struct broker_call *call)
{
	struct broker *broker = thread->broker;

	thread->call = *call;
	thread->call.stop = ++broker->asked;
	thread->stop_id = utrace_stop_id(engine);
	thread->asked = true;
	list_add_tail(&thread->calls, &broker->calls);
}

static u32 broker_entry(u32 action, struct utrace_engine *engine,
			struct pt_regs *regs)
{
	struct broker_thread *thread = engine->data;
	struct broker *broker = thread->broker;
	u32 rollback = action & UTRACE_SYSCALL_ROLLBACK, next;
	bool skipped, settled, closed, again, rewritten;
	struct broker_call call = { };

	broker_describe(broker, regs, &call);
	/* Another tracer skips the call: nothing to decide, or to ask any more. */
	skipped = utrace_syscall_action(action) == UTRACE_SYSCALL_ABORT;
	spin_lock(&broker->lock);
	closed = broker->closed;
	settled = !skipped && broker_settles(thread, &call);
	broker_decided(thread);
	/* In an earlier round: what the program gave is there already. */
	again = thread->rewritten && (action & UTRACE_SYSCALL_RESUMED);
	rewritten = again ||
		    (settled && thread->answer.verdict == BROKER_REWRITE);
	thread->rewritten = rewritten;
	/* A new call, or another one now; or another engine wants this round. */
	if (!skipped && !settled && !closed)
		broker_ask(thread, engine, &call);
	spin_unlock(&broker->lock);
	if (rewritten && !again)
		utrace_set_events(NULL, engine, BROKER_EVENTS |
				  UTRACE_EVENT(SYSCALL_EXIT));
	/*
	 * The last call that was answered before the file was closed.  It may
	 * sleep for long: that keeps the engine, but not the module.
	 */
	next = closed && !rewritten ? UTRACE_DETACH : UTRACE_RESUME;
	if (closed)
		broker_unpin(thread);
	if (skipped)
		return rollback | UTRACE_SYSCALL_ABORT | next;
	if (settled)
		return broker_apply(thread, rollback, again, regs) | next;
	if (closed)
		return rollback | UTRACE_SYSCALL_RUN | next;

	/* The answer may be there before we stop: that is taken care of. */
	wake_up(&broker->wait);
	return rollback | UTRACE_SYSCALL_RUN | UTRACE_STOP;
}

/* Only for a call that was rewritten. */
static u32 broker_return(u32 action, struct utrace_engine *engine,
			 struct pt_regs *regs)
{
	struct broker_thread *thread = engine->data;
	u32 rollback = action & UTRACE_SYSCALL_ROLLBACK;
	bool rewritten, closed;

	spin_lock(&thread->broker->lock);
	rewritten = thread->rewritten;
	thread->rewritten = false;
	closed = thread->broker->closed;
	spin_unlock(&thread->broker->lock);
	if (rewritten)
		broker_put_back(thread, current, regs);
	if (closed)
		return rollback | UTRACE_DETACH;
	utrace_set_events(NULL, engine, BROKER_EVENTS);
	return rollback | UTRACE_RESUME;
}

/* Not when it is reaped: its parent may leave it a zombie for long. */
static u32 broker_death(struct utrace_engine *engine, bool group_dead,
			int exit_signal)
{
	broker_forget(engine->data);
	broker_unpin(engine->data);
	return UTRACE_DETACH;
}

static const struct utrace_engine_ops broker_ops = {
	.owner = THIS_MODULE,
	.report_clone = broker_clone,
	.report_syscall_entry = broker_entry,
	.report_syscall_exit = broker_return,
	.report_death = broker_death,
	.release = broker_release_engine,
};

static int broker_attach(struct file *file, struct broker *broker, int nr)
{
	struct broker_thread *thread;
	struct utrace_engine *engine;
	struct task_struct *task;
	int ret;

	/* Not for those to whom the file was passed on. */
	if (task_tgid(current) != broker->opener)
		return -EPERM;
	rcu_read_lock();
	task = get_pid_task(find_pid_ns(nr, broker->ns), PIDTYPE_PID);
	rcu_read_unlock();
	if (!task)
		return -ESRCH;
	thread = broker_new_thread(broker, task);
	if (IS_ERR(thread)) {
		ret = PTR_ERR(thread);
		goto out;
	}
	engine = utrace_attach_user(task, file->f_cred, UTRACE_ATTACH_CREATE |
				    UTRACE_ATTACH_EXCLUSIVE |
				    UTRACE_ATTACH_MATCH_OPS,
				    &broker_ops, thread);
	if (IS_ERR(engine)) {
		broker_drop(thread);
		ret = PTR_ERR(engine);
		goto out;
	}
	ret = broker_start(thread, engine);
	utrace_engine_put(engine);
out:
	put_task_struct(task);
	return ret;
}

static long broker_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	int nr;

	if (cmd != BROKER_ATTACH)
		return -ENOTTY;
	if (get_user(nr, (int __user *)arg))
		return -EFAULT;
	return broker_attach(file, file->private_data, nr);
}

/* Has the last thread gone?  Locked. */
static bool broker_ended(const struct broker *broker)
{
	return broker->began && list_empty(&broker->threads);
}

/* Return: 1 with the oldest call, 0 if there will be none, or -%EAGAIN. */
static int broker_take_call(struct broker *broker, struct broker_call *call)
{
	struct broker_thread *thread;
	int ret = -EAGAIN;

	spin_lock(&broker->lock);
	thread = list_first_entry_or_null(&broker->calls, struct broker_thread,
					  calls);
	if (thread) {
		list_del_init(&thread->calls);
		*call = thread->call;
		ret = 1;
	} else if (broker_ended(broker)) {
		ret = 0;
	}
	spin_unlock(&broker->lock);
	return ret;
}

/* What poll() tells of reading. */
static __poll_t broker_readable(struct broker *broker)
{
	__poll_t mask = 0;

	spin_lock(&broker->lock);
	if (!list_empty(&broker->calls))
		mask = EPOLLIN;
	else if (broker_ended(broker))
		mask = EPOLLIN | EPOLLHUP;
	spin_unlock(&broker->lock);
	return mask;
}

/* Does the thread wait for an answer to that call?  Locked. */
static bool broker_awaits(const struct broker_thread *thread, __s32 tid,
			  __u32 stop)
{
	return thread->asked && !thread->answered && thread->call.tid == tid &&
	       thread->call.stop == stop;
}

/* The reader did not get it: the next one does, if it still waits for an answer. */
static void broker_return_call(struct broker *broker,
			       const struct broker_call *call)
{
	struct broker_thread *thread;

	spin_lock(&broker->lock);
	list_for_each_entry(thread, &broker->threads, threads) {
		if (!broker_awaits(thread, call->tid, call->stop))
			continue;
		if (list_empty(&thread->calls))
			list_add(&thread->calls, &broker->calls);
		break;
	}
	spin_unlock(&broker->lock);
	wake_up(&broker->wait);
}

static ssize_t broker_read(struct file *file, char __user *buf, size_t count,
			   loff_t *pos)
{
	struct broker *broker = file->private_data;
	struct broker_call call;
	int ret;

	if (count < sizeof(call))
		return -EINVAL;
	while ((ret = broker_take_call(broker, &call)) == -EAGAIN) {
		if (file->f_flags & O_NONBLOCK)
			return ret;
		ret = wait_event_interruptible(broker->wait,
					       broker_readable(broker));
		if (ret)
			return ret;
	}
	if (!ret)
		return 0;
	if (copy_to_user(buf, &call, sizeof(call))) {
		broker_return_call(broker, &call);
		return -EFAULT;
	}
	return sizeof(call);
}

static ssize_t broker_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *pos)
{
	struct broker *broker = file->private_data;
	struct utrace_engine *engine = NULL;
	struct broker_thread *thread;
	struct broker_answer answer;
	unsigned int stop_id;
	int ret;

	if (count != sizeof(answer))
		return -EINVAL;
	if (copy_from_user(&answer, buf, sizeof(answer)))
		return -EFAULT;
	if (answer.verdict > BROKER_REWRITE)
		return -EINVAL;

	spin_lock(&broker->lock);
	list_for_each_entry(thread, &broker->threads, threads) {
		if (!broker_awaits(thread, answer.tid, answer.stop))
			continue;
		/* On the list, so release() has not been called: but nearly? */
		if (!kref_get_unless_zero(&thread->engine->kref))
			continue;
		engine = thread->engine;
		stop_id = thread->stop_id;
		thread->answer = answer;
		thread->answered = true;
		break;
	}
	spin_unlock(&broker->lock);
	if (!engine)
		return -ESRCH;
	/*
	 * Another round of report_syscall_entry, which applies the answer.  If
	 * that stop is over, the round that another engine asked for has.
	 */
	ret = utrace_control_stop(NULL, engine, UTRACE_REPORT, stop_id);
	utrace_engine_put(engine);
	return ret && ret != -ESTALE ? ret : count;
}

static __poll_t broker_poll(struct file *file, poll_table *wait)
{
	struct broker *broker = file->private_data;

	poll_wait(file, &broker->wait, wait);
	return EPOLLOUT | broker_readable(broker);
}

static int broker_open(struct inode *inode, struct file *file)
{
	struct broker *broker = kzalloc(sizeof(*broker), GFP_KERNEL_ACCOUNT);

	if (!broker)
		return -ENOMEM;
	kref_init(&broker->kref);
	broker->opener = get_pid(task_tgid(current));
	broker->ns = get_pid_ns(task_active_pid_ns(current));
	spin_lock_init(&broker->lock);
	INIT_LIST_HEAD(&broker->threads);
	INIT_LIST_HEAD(&broker->calls);
	init_waitqueue_head(&broker->wait);
	file->private_data = broker;
	return 0;
}

/*
 * Let all threads go; one that waits for an answer makes its call.  One that
 * was answered takes the answer first, see broker_entry(): whoever wrote it was
 * told that it counts.
 */
static int broker_close(struct inode *inode, struct file *file)
{
	struct broker *broker = file->private_data;
	struct broker_thread *thread;
	enum utrace_resume_action action;
	struct utrace_engine *engine;

	spin_lock(&broker->lock);
	broker->closed = true;
	while (!list_empty(&broker->threads)) {
		thread = list_first_entry(&broker->threads,
					  struct broker_thread, threads);
		list_del_init(&thread->threads);
		list_del_init(&thread->calls);
		if (thread->answered) {
			/* The file is a reference, too, until we return. */
			__module_get(THIS_MODULE);
			thread->pinned = true;
			continue;
		}
		engine = thread->engine;
		/* One that is just being attached looks at @closed then. */
		if (!engine || !kref_get_unless_zero(&engine->kref))
			continue;
		/* That leaves when it has its registers back. */
		action = thread->rewritten ? UTRACE_RESUME : UTRACE_DETACH;
		spin_unlock(&broker->lock);
		utrace_control(NULL, engine, action);
		utrace_engine_put(engine);
		spin_lock(&broker->lock);
	}
	spin_unlock(&broker->lock);
	kref_put(&broker->kref, broker_free);
	return 0;
}

static const struct file_operations broker_fops = {
	.owner = THIS_MODULE,
	.open = broker_open,
	.release = broker_close,
	.read = broker_read,
	.write = broker_write,
	.poll = broker_poll,
	.unlocked_ioctl = broker_ioctl,
	/* What is read and written looks the same to 32-bit programs. */
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice broker_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "utrace-broker",
	.fops = &broker_fops,
	.mode = 0666,
};

static int __init broker_init(void)
{
	return misc_register(&broker_device);
}

static void __exit broker_exit(void)
{
	misc_deregister(&broker_device);
	utrace_drain_ops(&broker_ops);
}

module_init(broker_init);
module_exit(broker_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("utrace engine that asks user space about system calls");
