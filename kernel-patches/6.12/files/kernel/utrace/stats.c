// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters in debugfs: utrace/stats, and a bug to switch on.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>

#include "internal.h"

DEFINE_PER_CPU(unsigned long [UTRACE_NSTATS], utrace_stats);

/*
 * Forget the decisions made while a callback runs, as utrace once did: for
 * tests that show that the resume is lost then.
 */
bool utrace_lose_resume;

static const char * const utrace_stat_names[UTRACE_NSTATS] = {
	[_UTRACE_EVENT_QUIESCE]		= "quiesce",
	[_UTRACE_EVENT_REAP]		= "reap",
	[_UTRACE_EVENT_CLONE]		= "clone",
	[_UTRACE_EVENT_EXEC]		= "exec",
	[_UTRACE_EVENT_EXIT]		= "exit",
	[_UTRACE_EVENT_DEATH]		= "death",
	[_UTRACE_EVENT_SYSCALL_ENTRY]	= "syscall_entry",
	[_UTRACE_EVENT_SYSCALL_EXIT]	= "syscall_exit",
	[_UTRACE_EVENT_SIGNAL]		= "signal",
	[_UTRACE_EVENT_SIGNAL_IGN]	= "signal_ign",
	[_UTRACE_EVENT_SIGNAL_STOP]	= "signal_stop",
	[_UTRACE_EVENT_SIGNAL_TERM]	= "signal_term",
	[_UTRACE_EVENT_SIGNAL_CORE]	= "signal_core",
	[_UTRACE_EVENT_JCTL]		= "jctl",
	[_UTRACE_EVENT_VFORK_DONE]	= "vfork_done",
	[_UTRACE_EVENT_SECCOMP]		= "seccomp",
	[_UTRACE_EVENT_TRAP]		= "trap",
	[_UTRACE_EVENT_ARRIVAL]		= "arrival",
	[_UTRACE_EVENT_FINAL]		= "final",
	[UTRACE_STAT_STOPS]		= "stops",
	[UTRACE_STAT_UNSLEPT]		= "stops_unslept",
	[UTRACE_STAT_RESUMES]		= "resumes",
	[UTRACE_STAT_RESUMED_EARLY]	= "controlled_in_callback",
	[UTRACE_STAT_FINAL_BOUND]	= "final_bound",
	[UTRACE_STAT_ATTACHED]		= "attached",
	[UTRACE_STAT_DETACHED]		= "detached",
};

static int utrace_stats_show(struct seq_file *m, void *unused)
{
	unsigned long sum;
	int i, cpu;

	for (i = 0; i < UTRACE_NSTATS; i++) {
		if (!utrace_stat_names[i])
			continue;
		sum = 0;
		for_each_possible_cpu(cpu)
			sum += READ_ONCE(per_cpu(utrace_stats, cpu)[i]);
		seq_printf(m, "%s %lu\n", utrace_stat_names[i], sum);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(utrace_stats);

static int __init utrace_stats_init(void)
{
	struct dentry *dir = debugfs_create_dir("utrace", NULL);

	debugfs_create_file("stats", 0444, dir, NULL, &utrace_stats_fops);
	debugfs_create_bool("lose_resume", 0600, dir, &utrace_lose_resume);
	return 0;
}
late_initcall(utrace_stats_init);
