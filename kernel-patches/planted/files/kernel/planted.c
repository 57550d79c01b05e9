// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of the bugs in <linux/planted.h> are on.
 */
#define pr_fmt(fmt) "planted: " fmt

#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/planted.h>
#include <linux/printk.h>
#include <linux/string.h>

unsigned long planted_bugs __ro_after_init;

static const char *const names[PLANTED_BUGS] __initconst = {
	[PLANTED_DETACH_SIGNAL]	= "detach-signal",
	[PLANTED_EXITKILL]	= "exitkill",
	[PLANTED_STOP_SIGNAL]	= "stop-signal",
	[PLANTED_SYSEMU_LATE]	= "sysemu-late",
	[PLANTED_DETACH_RACE]	= "detach-race",
	[PLANTED_INJECT_PID]	= "inject-pid",
	[PLANTED_DETACH_RUNS]	= "detach-runs",
	[PLANTED_LISTEN_CONT]	= "listen-cont",
	[PLANTED_WNOWAIT]	= "wnowait",
	[PLANTED_CLDSTOP_ALWAYS] = "cldstop-always",
	[PLANTED_PTRACE_KILL]	= "ptrace-kill",
	[PLANTED_SYSEMU_AX]	= "sysemu-ax",
};

static const char *unknown __initdata;

static int __init planted_setup(char *arg)
{
	char *name;
	int bug;

	while ((name = strsep(&arg, ","))) {
		bug = match_string(names, PLANTED_BUGS, name);
		if (bug < 0) {
			unknown = name;
			continue;
		}
		planted_bugs |= BIT(bug);
		pr_info("%s\n", name);
	}
	return 1;
}
__setup("planted=", planted_setup);

/* Not in planted_setup(): there is no console yet. */
static int __init planted_check(void)
{
	if (unknown)
		panic("planted: no bug is named \"%s\"", unknown);
	return 0;
}
late_initcall(planted_check);
