// SPDX-License-Identifier: GPL-2.0-only
/*
 * A log of system calls and of the lives of processes.
 *
 * Loaded with pid=N it follows that thread and all its children, without
 * stopping any of them, and writes what they do to a relay channel, the files
 * utrace-logger/cpuN in debugfs: records of struct logger_record, in order on
 * each CPU.  It shows what an engine costs that only looks.  Records that
 * nobody has made room for by reading are counted in utrace-logger/lost.
 *
 * A call is logged when it returns, with what it was and what came of it: one
 * report.  With entries=1 it is also logged when it is entered, for those who
 * want to see calls that do not return; that is a second report.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/relay.h>
#include <linux/sched/clock.h>
#include <linux/utrace.h>

#include <asm/syscall.h>

#include "logger.h"
#include "sample.h"

static int pid;
module_param(pid, int, 0444);
MODULE_PARM_DESC(pid, "the first thread to follow");

static bool entries;
module_param(entries, bool, 0444);
MODULE_PARM_DESC(entries, "log system calls at entry, too");

#define LOGGER_SUBBUF	(64 * 1024)
#define LOGGER_SUBBUFS	32

#define LOGGER_EVENTS	(UTRACE_EVENT(CLONE) | UTRACE_EVENT(EXEC) |	\
			 UTRACE_EVENT(EXIT) | UTRACE_EVENT(SYSCALL_EXIT))

static const struct utrace_engine_ops logger_ops;
static struct rchan *logger_channel;
static struct dentry *logger_dir;
static atomic_t logger_lost = ATOMIC_INIT(0);

/* The time is that of the CPU whose file it gets to, and in order there. */
static void logger_write_call(u32 what, u32 arch, s32 nr, s64 value)
{
	struct logger_record record = {
		.value = value,
		.tid = current->pid,
		.what = what,
		.nr = nr,
		.arch = arch,
	};
	unsigned long irq;

	local_irq_save(irq);
	record.time = local_clock();
	__relay_write(logger_channel, &record, sizeof(record));
	local_irq_restore(irq);
}

static void logger_write(u32 what, s64 value)
{
	logger_write_call(what, 0, 0, value);
}

static int logger_follow(struct task_struct *task)
{
	unsigned long events = LOGGER_EVENTS;
	struct utrace_engine *engine;
	int ret;

	if (entries)
		events |= UTRACE_EVENT(SYSCALL_ENTRY);
	engine = utrace_attach_task(task, UTRACE_ATTACH_CREATE |
				    UTRACE_ATTACH_OUTERMOST, &logger_ops, NULL);
	if (IS_ERR(engine))
		return PTR_ERR(engine);
	ret = utrace_set_events(task, engine, events);
	/* The line of the thread holds it as long as that lives. */
	utrace_engine_put(engine);
	return ret;
}

static u32 logger_clone(u32 action, struct utrace_engine *engine,
			unsigned long clone_flags, struct task_struct *child)
{
	int ret = logger_follow(child);

	logger_write(LOGGER_CLONE, child->pid);
	if (ret)
		pr_warn_ratelimited("cannot follow %d: %d\n",
				    task_pid_nr(child), ret);
	return UTRACE_RESUME;
}

static u32 logger_exec(u32 action, struct utrace_engine *engine,
		       const struct linux_binfmt *fmt,
		       const struct linux_binprm *bprm, struct pt_regs *regs)
{
	logger_write(LOGGER_EXEC, 0);
	return UTRACE_RESUME;
}

static u32 logger_exit(u32 action, struct utrace_engine *engine,
		       long orig_code, long *code)
{
	logger_write(LOGGER_EXIT, *code);
	return UTRACE_RESUME;
}

static u32 logger_entry(u32 action, struct utrace_engine *engine,
			struct pt_regs *regs)
{
	/* Told in an earlier round: it is one call. */
	if (!(action & UTRACE_SYSCALL_RESUMED))
		logger_write_call(LOGGER_ENTRY, syscall_get_arch(current),
				  syscall_get_nr(current, regs), 0);
	/* What others decided about the call stands. */
	return (action & (UTRACE_SYSCALL_MASK | UTRACE_SYSCALL_ROLLBACK)) |
	       UTRACE_RESUME;
}

static u32 logger_return(u32 action, struct utrace_engine *engine,
			 struct pt_regs *regs)
{
	logger_write_call(LOGGER_RETURN, syscall_get_arch(current),
			  syscall_get_nr(current, regs),
			  regs_return_value(regs));
	return (action & UTRACE_SYSCALL_ROLLBACK) | UTRACE_RESUME;
}

static const struct utrace_engine_ops logger_ops = {
	.owner = THIS_MODULE,
	.report_clone = logger_clone,
	.report_exec = logger_exec,
	.report_exit = logger_exit,
	.report_syscall_entry = logger_entry,
	.report_syscall_exit = logger_return,
};

static struct dentry *logger_create_file(const char *name,
					 struct dentry *parent, umode_t mode,
					 struct rchan_buf *buf, int *is_global)
{
	return debugfs_create_file(name, mode, parent, buf,
				   &relay_file_operations);
}

static int logger_remove_file(struct dentry *dentry)
{
	debugfs_remove(dentry);
	return 0;
}

/*
 * If nobody reads for long the newest records are dropped, not the oldest.  While
 * there is no room this is called for each of them.
 */
static int logger_subbuf_start(struct rchan_buf *buf, void *subbuf,
			       void *prev_subbuf, size_t prev_padding)
{
	if (!relay_buf_full(buf))
		return 1;
	atomic_inc(&logger_lost);
	return 0;
}

static const struct rchan_callbacks logger_callbacks = {
	.create_buf_file = logger_create_file,
	.remove_buf_file = logger_remove_file,
	.subbuf_start = logger_subbuf_start,
};

static void logger_close(void)
{
	relay_close(logger_channel);
	debugfs_remove(logger_dir);
}

static int __init logger_init(void)
{
	struct task_struct *task = sample_get_task(pid);
	int ret = -ENOMEM;

	if (!task)
		return -ESRCH;
	logger_dir = debugfs_create_dir("utrace-logger", NULL);
	logger_channel = relay_open("cpu", logger_dir, LOGGER_SUBBUF,
				    LOGGER_SUBBUFS, &logger_callbacks, NULL);
	if (!logger_channel) {
		debugfs_remove(logger_dir);
		goto out;
	}
	debugfs_create_atomic_t("lost", 0444, logger_dir, &logger_lost);
	ret = logger_follow(task);
	if (ret) {
		utrace_drain_ops(&logger_ops);
		logger_close();
	}
out:
	put_task_struct(task);
	return ret;
}

static void __exit logger_exit_module(void)
{
	utrace_drain_ops(&logger_ops);
	logger_close();
}

module_init(logger_init);
module_exit(logger_exit_module);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("utrace engine that logs system calls and lives");
