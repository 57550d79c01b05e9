// SPDX-License-Identifier: GPL-2.0-only
/*
 * A log of system calls and of the lives of processes.
 *
 * Loaded with pid=N it follows that thread and all its children, without
 * stopping any of them, and puts what they do into the ftrace ring buffer
 * as the events of the system "utrace_logger".  It shows what an engine
 * costs that only looks.
 */
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/ptrace.h>
#include <linux/utrace.h>

#include <asm/syscall.h>

#define CREATE_TRACE_POINTS
#include "logger-trace.h"

static int pid;
module_param(pid, int, 0444);
MODULE_PARM_DESC(pid, "the first thread to follow");

#define LOGGER_EVENTS	(UTRACE_EVENT(CLONE) | UTRACE_EVENT(EXEC) |	\
			 UTRACE_EVENT(EXIT) | UTRACE_EVENT(SYSCALL_ENTRY) | \
			 UTRACE_EVENT(SYSCALL_EXIT))

static const struct utrace_engine_ops logger_ops;

static int logger_follow(struct task_struct *task)
{
	struct utrace_engine *engine;
	int ret;

	engine = utrace_attach_task(task, UTRACE_ATTACH_CREATE |
				    UTRACE_ATTACH_OUTERMOST, &logger_ops, NULL);
	if (IS_ERR(engine))
		return PTR_ERR(engine);
	ret = utrace_set_events(task, engine, LOGGER_EVENTS);
	/* The line of the thread holds it as long as that lives. */
	utrace_engine_put(engine);
	return ret;
}

static u32 logger_clone(u32 action, struct utrace_engine *engine,
			unsigned long clone_flags, struct task_struct *child)
{
	int ret = logger_follow(child);

	trace_logger_life("clone", task_pid_nr(child));
	if (ret)
		pr_warn_ratelimited("cannot follow %d: %d\n",
				    task_pid_nr(child), ret);
	return UTRACE_RESUME;
}

static u32 logger_exec(u32 action, struct utrace_engine *engine,
		       const struct linux_binfmt *fmt,
		       const struct linux_binprm *bprm, struct pt_regs *regs)
{
	trace_logger_life("exec", 0);
	return UTRACE_RESUME;
}

static u32 logger_exit(u32 action, struct utrace_engine *engine,
		       long orig_code, long *code)
{
	trace_logger_life("exit", *code);
	return UTRACE_RESUME;
}

static u32 logger_entry(u32 action, struct utrace_engine *engine,
			struct pt_regs *regs)
{
	trace_logger_call(syscall_get_nr(current, regs));
	/* What others decided about the call stands. */
	return utrace_syscall_action(action) | UTRACE_RESUME;
}

static u32 logger_return(u32 action, struct utrace_engine *engine,
			 struct pt_regs *regs)
{
	trace_logger_return(syscall_get_nr(current, regs),
			    regs_return_value(regs));
	return UTRACE_RESUME;
}

static const struct utrace_engine_ops logger_ops = {
	.owner = THIS_MODULE,
	.report_clone = logger_clone,
	.report_exec = logger_exec,
	.report_exit = logger_exit,
	.report_syscall_entry = logger_entry,
	.report_syscall_exit = logger_return,
};

static int __init logger_init(void)
{
	struct pid *first = find_get_pid(pid);
	struct task_struct *task = get_pid_task(first, PIDTYPE_PID);
	int ret;

	put_pid(first);
	if (!task)
		return -ESRCH;
	ret = logger_follow(task);
	put_task_struct(task);
	if (ret)
		utrace_drain_ops(&logger_ops);
	return ret;
}

static void __exit logger_exit_module(void)
{
	utrace_drain_ops(&logger_ops);
}

module_init(logger_init);
module_exit(logger_exit_module);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("utrace engine that logs system calls and lives");
