// SPDX-License-Identifier: GPL-2.0-only
/*
 * What modules may use.  Nothing in the kernel proper needs these exports.
 */
#include <linux/export.h>
#include <linux/utrace.h>

EXPORT_SYMBOL_GPL(utrace_attach_task);
EXPORT_SYMBOL_GPL(utrace_attach_pid);
EXPORT_SYMBOL_GPL(utrace_attach_user);
EXPORT_SYMBOL_GPL(utrace_control);
EXPORT_SYMBOL_GPL(utrace_control_stop);
EXPORT_SYMBOL_GPL(utrace_set_events);
EXPORT_SYMBOL_GPL(utrace_set_events_sync);
EXPORT_SYMBOL_GPL(utrace_detach_sync);
EXPORT_SYMBOL_GPL(utrace_detach_sync_uninterruptible);
EXPORT_SYMBOL_GPL(utrace_barrier);
EXPORT_SYMBOL_GPL(utrace_prepare_examine);
EXPORT_SYMBOL_GPL(utrace_finish_examine);
EXPORT_SYMBOL_GPL(utrace_drain_ops);
EXPORT_SYMBOL_GPL(__utrace_engine_release);
