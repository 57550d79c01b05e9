// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace core.  So far it only says that it is there; see <linux/utrace.h>.
 */
#define pr_fmt(fmt) "utrace: " fmt

#include <linux/init.h>
#include <linux/printk.h>
#include <linux/utrace.h>

static int __init utrace_init(void)
{
	pr_info("hooks only, all events go to ptrace\n");
	return 0;
}
core_initcall(utrace_init);
