// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attach on behalf of user space.
 */
#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/mutex.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/utrace.h>

#include "internal.h"

/**
 * utrace_attach_user - attach an engine that acts for user space
 * @task:	the thread; the caller holds a reference
 * @cred:	of whom it acts for: the opener of a file, not who uses it
 * @flags:	as for utrace_attach_task()
 * @ops:	what the engine is called for
 * @data:	its own
 *
 * Asks what PTRACE_ATTACH asks: the rules of ptrace, the security modules.
 * An exec that is being made is waited for; one that comes later does not
 * raise privileges while the engine is attached.  It is audited as
 * PTRACE_ATTACH is.  Security modules that
 * look at the current task and not at credentials (Yama's descendant rule)
 * see the caller: let only the process that opened the file attach.
 *
 * Return: as utrace_attach_task(); also -%EPERM if access is denied,
 * -%ERESTARTNOINTR if interrupted.
 */
struct utrace_engine *utrace_attach_user(struct task_struct *task,
					 const struct cred *cred, int flags,
					 const struct utrace_engine_ops *ops,
					 void *data)
{
	struct utrace_engine *engine = ERR_PTR(-EPERM);
	const struct cred *old;

	if (task->flags & PF_KTHREAD)
		return engine;
	if (same_thread_group(task, current))
		return engine;
	if (mutex_lock_interruptible(&task->signal->cred_guard_mutex))
		return ERR_PTR(-ERESTARTNOINTR);
	audit_ptrace(task);
	old = override_creds(cred);
	if (ptrace_may_access(task, PTRACE_MODE_ATTACH_REALCREDS))
		engine = utrace_attach_task(task, flags | UTRACE_ATTACH_USER,
					    ops, data);
	revert_creds(old);
	mutex_unlock(&task->signal->cred_guard_mutex);
	return engine;
}
