/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What the logger's files in debugfs consist of.
 */
#ifndef _SAMPLES_UTRACE_LOGGER_H
#define _SAMPLES_UTRACE_LOGGER_H

#include <linux/types.h>

enum logger_what {
	LOGGER_CLONE,		/* @value: the child */
	LOGGER_EXEC,
	LOGGER_EXIT,		/* @value: the exit code, as wait() has it */
	LOGGER_ENTRY,		/* @nr */
	LOGGER_RETURN,		/* @nr, @value: the result */
};

struct logger_record {
	__u64 time;		/* nanoseconds since boot */
	__s64 value;
	__s32 tid;
	__u32 what;
	__s32 nr;
	__u32 arch;		/* AUDIT_ARCH_* of the call that @nr is, else 0 */
};

#endif /* _SAMPLES_UTRACE_LOGGER_H */
