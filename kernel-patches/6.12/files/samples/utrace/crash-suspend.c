// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hold a thread at a signal that is going to dump core.
 *
 * Loaded with pid=N it watches that thread, its children, and their
 * children.  One that is about to die of a core-dumping signal stops, and
 * can be looked at, until "echo PID > /sys/kernel/debug/crash-suspend/release".
 *
 * It is an engine of last resort: it stands outermost, and is so the last one
 * to be asked about a signal.  It does nothing while another engine holds the
 * thread: a debugger may yet drop the signal.  When that has let go all are
 * asked again, with the verdict so far; only if that is still to dump core
 * it stops the thread.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/uaccess.h>
#include <linux/utrace.h>

#include "sample.h"

static int pid;
module_param(pid, int, 0444);
MODULE_PARM_DESC(pid, "the first thread to watch");

static const struct utrace_engine_ops suspend_ops;
static struct dentry *suspend_dir;

/* engine->data: what became of the signal in hand; NULL: nothing yet. */
static char suspend_held, suspend_released;

static int suspend_watch(struct task_struct *task)
{
	struct utrace_engine *engine;
	int ret;

	engine = utrace_attach_task(task, UTRACE_ATTACH_CREATE |
				    UTRACE_ATTACH_EXCLUSIVE |
				    UTRACE_ATTACH_MATCH_OPS |
				    UTRACE_ATTACH_OUTERMOST,
				    &suspend_ops, NULL);
	if (IS_ERR(engine))
		return PTR_ERR(engine);
	/*
	 * QUIESCE has it told of each signal that others are told of, whatever
	 * they make of it: so it knows when there is a new one in hand.
	 */
	ret = utrace_set_events(task, engine, UTRACE_EVENT(CLONE) |
				UTRACE_EVENT(QUIESCE) |
				UTRACE_EVENT(SIGNAL_CORE));
	utrace_engine_put(engine);
	return ret;
}

static u32 suspend_clone(u32 action, struct utrace_engine *engine,
			 unsigned long clone_flags, struct task_struct *child)
{
	suspend_watch(child);
	return UTRACE_RESUME;
}

static u32 suspend_signal(u32 action, struct utrace_engine *engine,
			  struct pt_regs *regs, kernel_siginfo_t *info,
			  const struct k_sigaction *orig_ka,
			  struct k_sigaction *return_ka)
{
	u32 verdict = action & (UTRACE_SIGNAL_MASK | UTRACE_SIGNAL_HOLD);

	/* A new signal, what was decided about the last one is over. */
	if (!(action & UTRACE_SIGNAL_REPEAT))
		WRITE_ONCE(engine->data, NULL);
	if (verdict != UTRACE_SIGNAL_CORE)
		return verdict | UTRACE_RESUME;
	/* Somebody holds it: the pass will be repeated. */
	if (utrace_resume_action(action) == UTRACE_STOP)
		return verdict | UTRACE_RESUME;
	if (READ_ONCE(engine->data) == &suspend_released)
		return verdict | UTRACE_RESUME;
	/* Whoever releases it from here on counts, though we have not stopped. */
	WRITE_ONCE(engine->data, &suspend_held);
	pr_info("thread %d suspended at signal %d\n", task_pid_nr(current),
		info->si_signo);
	return verdict | UTRACE_STOP;
}

static const struct utrace_engine_ops suspend_ops = {
	.owner = THIS_MODULE,
	.report_clone = suspend_clone,
	.report_signal = suspend_signal,
};

static ssize_t suspend_release(struct file *file, const char __user *buf,
			       size_t count, loff_t *pos)
{
	struct utrace_engine *engine;
	struct pid *thread;
	int nr, ret;

	ret = kstrtoint_from_user(buf, count, 0, &nr);
	if (ret)
		return ret;
	thread = find_get_pid(nr);
	if (!thread)
		return -ESRCH;
	engine = utrace_attach_pid(thread, UTRACE_ATTACH_MATCH_OPS,
				   &suspend_ops, NULL);
	put_pid(thread);
	if (IS_ERR(engine))
		return PTR_ERR(engine);
	ret = -EINVAL;
	if (cmpxchg(&engine->data, (void *)&suspend_held,
		    (void *)&suspend_released) == &suspend_held)
		ret = utrace_control(NULL, engine, UTRACE_RESUME);
	utrace_engine_put(engine);
	return ret ? ret : count;
}

static const struct file_operations suspend_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = suspend_release,
};

static int __init suspend_init(void)
{
	struct task_struct *task = sample_get_task(pid);
	int ret;

	if (!task)
		return -ESRCH;
	ret = suspend_watch(task);
	put_task_struct(task);
	if (ret) {
		utrace_drain_ops(&suspend_ops);
		return ret;
	}
	suspend_dir = debugfs_create_dir("crash-suspend", NULL);
	debugfs_create_file("release", 0200, suspend_dir, NULL, &suspend_fops);
	return 0;
}

static void __exit suspend_exit(void)
{
	debugfs_remove(suspend_dir);
	utrace_drain_ops(&suspend_ops);
}

module_init(suspend_init);
module_exit(suspend_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("utrace engine that holds threads before a core dump");
