/* SPDX-License-Identifier: GPL-2.0-only */
/* What several samples need. */
#ifndef SAMPLES_UTRACE_SAMPLE_H
#define SAMPLES_UTRACE_SAMPLE_H

#include <linux/pid.h>
#include <linux/sched/task.h>

/* The thread with that number where we are, with a reference, or NULL. */
static inline struct task_struct *sample_get_task(int nr)
{
	struct pid *pid = find_get_pid(nr);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);

	put_pid(pid);
	return task;
}

#endif
