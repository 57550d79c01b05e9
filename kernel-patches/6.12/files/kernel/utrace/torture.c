// SPDX-License-Identifier: GPL-2.0-only
/*
 * A torture test of utrace: random operations on random engines of random
 * threads, and checks of what the interface promises.
 *
 * A program feeds it: it opens /dev/utrace-torture, maps struct torture_page,
 * and makes threads, each of which registers by an ioctl that returns its
 * slot, adds to progress there before each system call, and ends.  read()
 * tells what was done and found, as lines of a name and numbers.
 */
#define pr_fmt(fmt) "utrace-torture: " fmt

#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "bugs.h"
#include "torture.h"

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a torture test of utrace");

#define TORTURE_REGISTER	_IO('u', 1)	/* returns the slot */
#define TORTURE_END		_IO('u', 2)	/* detach everything, check */

static unsigned int nthreads = 4;
module_param(nthreads, uint, 0444);
MODULE_PARM_DESC(nthreads, "torturers (4)");

static unsigned int seed = 1;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "of all that is random (1)");

static char *bug = "none";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "made on purpose: lost_wakeup, missed_stop, early_barrier, reap_twice");

struct torture_page *torture_page;
atomic_long_t torture_callbacks;
atomic_long_t torture_live_engines;

static struct task_struct **torture_threads;
static DEFINE_MUTEX(torture_mutex);	/* of the device's commands */
static bool torture_ended;

static const char * const torture_check_names[TORTURE_NCHECKS] = {
	[TORTURE_LATE]		= "late_callback",
	[TORTURE_DROPPED]	= "dropped_event",
	[TORTURE_STUCK]		= "stuck",
	[TORTURE_RAN]		= "ran_while_held",
	[TORTURE_NO_REAP]	= "no_reap",
	[TORTURE_REAP_TWICE]	= "reap_twice",
	[TORTURE_DEATH_TWICE]	= "death_twice",
	[TORTURE_REAP_FIRST]	= "reap_before_death",
	[TORTURE_REAP_DETACHED]	= "reap_after_detach",
	[TORTURE_RESULT]	= "unexpected_result",
	[TORTURE_REFERENCES]	= "references",
};

static atomic_long_t torture_checked[TORTURE_NCHECKS];
static atomic_long_t torture_broken[TORTURE_NCHECKS];

/*
 * Count a check, and, if it is broken, say so.  Only the first few of a kind
 * are printed.  Returns @good.
 */
bool torture_check(enum torture_check check, bool good, const char *fmt, ...)
{
	struct va_format vaf;
	va_list ap;

	atomic_long_inc(&torture_checked[check]);
	if (likely(good))
		return true;
	if (atomic_long_inc_return(&torture_broken[check]) > 8)
		return false;
	va_start(ap, fmt);
	vaf.fmt = fmt;
	vaf.va = &ap;
	pr_err("%s: %pV\n", torture_check_names[check], &vaf);
	va_end(ap);
	return false;
}

static int torture_thread(void *data)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, ((u64)seed << 32) + (unsigned long)data + 1);
	while (!kthread_should_stop()) {
		torture_one(&rnd);
		cond_resched();
	}
	return 0;
}

static void torture_stop_threads(void)
{
	unsigned int i;

	for (i = 0; i < nthreads; i++) {
		if (!torture_threads[i])
			continue;
		kthread_stop(torture_threads[i]);
		torture_threads[i] = NULL;
	}
}

static int torture_start_threads(void)
{
	struct task_struct *task;
	unsigned long i;

	for (i = 0; i < nthreads; i++) {
		task = kthread_run(torture_thread, (void *)i, "utrace_torture/%lu", i);
		if (IS_ERR(task))
			return PTR_ERR(task);
		torture_threads[i] = task;
	}
	return 0;
}

/*
 * Stop the torturers, take every thread out of the table.  All engines must
 * be released then: callbacks that run need a moment.
 */
static void torture_end(void)
{
	struct torture_target *target;
	struct rnd_state rnd;
	int i;

	if (torture_ended)
		return;
	torture_stop_threads();
#ifdef CONFIG_UTRACE_TORTURE_BUGS
	WRITE_ONCE(utrace_bugs, 0);
#endif
	WRITE_ONCE(torture_ended, true);
	prandom_seed_state(&rnd, seed);
	for (i = 0; i < 1000; i++) {
		target = torture_target_any();
		if (!target && !atomic_long_read(&torture_live_engines))
			break;
		if (target) {
			torture_retire(target, &rnd);
			torture_target_put(target);
		}
		if (i >= TORTURE_TARGETS)
			msleep(20);
	}
	torture_check(TORTURE_REFERENCES,
		      !atomic_long_read(&torture_live_engines) &&
		      torture_targets_begun() == torture_targets_ended(),
		      "%ld engines left, %ld of %ld threads",
		      atomic_long_read(&torture_live_engines),
		      torture_targets_begun() - torture_targets_ended(),
		      torture_targets_begun());
}

/* The calling thread becomes a target, or is one that followed its parent. */
static long torture_register(void)
{
	struct torture_target *target = torture_target_get(current);
	long slot = -EBUSY;

	if (READ_ONCE(torture_ended)) {
		slot = -ESHUTDOWN;
	} else if (!target) {
		target = torture_target_new(current);
		if (!target)
			return -ENOMEM;
		torture_target_publish(target);
	}
	if (!target)
		return slot;
	if (target->slot >= 0 && slot == -EBUSY) {
		slot = target->slot;
		/* How the program knows that it was told the truth. */
		WRITE_ONCE(torture_page->slots[slot].tid, task_pid_vnr(current));
	}
	torture_target_put(target);
	return slot;
}

static long torture_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TORTURE_REGISTER:
		return torture_register();
	case TORTURE_END:
		mutex_lock(&torture_mutex);
		torture_end();
		mutex_unlock(&torture_mutex);
		return 0;
	default:
		return -ENOTTY;
	}
}

static int torture_show(char *text, int room)
{
	int i, len = 0;
	long ops = 0;

	for (i = 0; i < TORTURE_NOPS; i++)
		ops += atomic_long_read(&torture_ops_done[i]);
	len += scnprintf(text + len, room - len,
			 "ops %ld\nbegun %ld\nlives %ld\ncallbacks %ld\nengines %ld\n",
			 ops, torture_targets_begun(), torture_targets_ended(),
			 atomic_long_read(&torture_callbacks),
			 atomic_long_read(&torture_live_engines));
	for (i = 0; i < TORTURE_NCHECKS; i++)
		len += scnprintf(text + len, room - len,
				 "check %s %ld %ld\n", torture_check_names[i],
				 atomic_long_read(&torture_checked[i]),
				 atomic_long_read(&torture_broken[i]));
	for (i = 0; i < TORTURE_NOPS; i++)
		len += scnprintf(text + len, room - len, "op %s %ld %lx %lx\n",
				 torture_op_names[i],
				 atomic_long_read(&torture_ops_done[i]),
				 READ_ONCE(torture_thread_pairs[i]),
				 READ_ONCE(torture_engine_pairs[i]));
	return len;
}

static ssize_t torture_read(struct file *file, char __user *buf, size_t count,
			    loff_t *pos)
{
	char *text = kmalloc(PAGE_SIZE, GFP_KERNEL);
	ssize_t ret;

	if (!text)
		return -ENOMEM;
	ret = simple_read_from_buffer(buf, count, pos, text,
				      torture_show(text, PAGE_SIZE));
	kfree(text);
	return ret;
}

static int torture_mmap(struct file *file, struct vm_area_struct *vma)
{
	return remap_vmalloc_range(vma, torture_page, vma->vm_pgoff);
}

static const struct file_operations torture_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = torture_ioctl,
	.read = torture_read,
	.mmap = torture_mmap,
};

static struct miscdevice torture_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "utrace-torture",
	.fops = &torture_fops,
	.mode = 0600,
};

static int torture_plant(void)
{
#ifdef CONFIG_UTRACE_TORTURE_BUGS
	static const char * const names[UTRACE_NBUGS] = {
		[UTRACE_BUG_LOST_WAKEUP]	= "lost_wakeup",
		[UTRACE_BUG_MISSED_STOP]	= "missed_stop",
		[UTRACE_BUG_EARLY_BARRIER]	= "early_barrier",
		[UTRACE_BUG_REAP_TWICE]		= "reap_twice",
	};
	int i = match_string(names, UTRACE_NBUGS, bug);

	if (i >= 0) {
		WRITE_ONCE(utrace_bugs, BIT(i));
		return 0;
	}
#endif
	return strcmp(bug, "none") ? -EINVAL : 0;
}

static int __init torture_init(void)
{
	int ret;

	torture_page = vmalloc_user(sizeof(*torture_page));
	torture_threads = kcalloc(nthreads, sizeof(*torture_threads),
				  GFP_KERNEL);
	ret = -ENOMEM;
	if (!torture_page || !torture_threads)
		goto out;
	ret = torture_plant();
	if (!ret)
		ret = torture_start_threads();
	if (!ret)
		ret = misc_register(&torture_device);
out:
	if (ret) {
		if (torture_threads)
			torture_stop_threads();
		kfree(torture_threads);
		vfree(torture_page);
	}
	return ret;
}

static void __exit torture_exit_module(void)
{
	misc_deregister(&torture_device);
	torture_end();
	utrace_drain_ops(&torture_ops);
	utrace_drain_ops(&torture_ops_told);
	kfree(torture_threads);
	vfree(torture_page);
}

module_init(torture_init);
module_exit(torture_exit_module);
