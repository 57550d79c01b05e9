/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * utrace: several tracers of one user task, none knowing of the others.
 *
 * True today: CONFIG_UTRACE exists, and the events of a task pass through
 * <linux/tracehook.h>, where each hook is the call of ptrace that stood at
 * its place before.  Nothing can be attached to a task yet.
 *
 * To come, in this header: an engine (one tracer's hold on one task), the
 * set of events an engine asks for, and the calls that attach an engine,
 * choose its events, stop and resume its task, and detach it.  ptrace then
 * becomes one such tracer.
 */
#ifndef _LINUX_UTRACE_H
#define _LINUX_UTRACE_H

#include <linux/kconfig.h>
#include <linux/types.h>

/**
 * utrace_configured - was this kernel built with CONFIG_UTRACE?
 *
 * A constant, so that code under it costs nothing where it is false.
 */
static inline bool utrace_configured(void)
{
	return IS_ENABLED(CONFIG_UTRACE);
}

#endif /* _LINUX_UTRACE_H */
