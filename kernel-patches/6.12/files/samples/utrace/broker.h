/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What the broker and its client say to each other.
 */
#ifndef _SAMPLES_UTRACE_BROKER_H
#define _SAMPLES_UTRACE_BROKER_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * read(): a thread wants to make a system call, and waits.  End of file when
 * the last of the threads has died; it is none before the first was attached.
 */
struct broker_call {
	__s32 tid;		/* as the opener's pid namespace has it */
	__u32 stop;		/* to be given back in the answer */
	__u32 arch;		/* AUDIT_ARCH_* */
	__s32 nr;
	__u64 args[6];
};

enum broker_verdict {
	BROKER_RUN,		/* make the call, if it is the one that was told */
	BROKER_RESULT,		/* do not, the program gets @result */
	BROKER_REWRITE,		/* make this call: @nr, @args */
};

/*
 * write(): what becomes of it.  If a tracer has changed number or arguments
 * since they were told BROKER_RUN counts for nothing, and the client is asked
 * again.  What a tracer changes after the answer is made as it says.
 *
 * BROKER_REWRITE shows to the program by nothing but the result: when the call
 * returns, number and arguments are what the program gave.  If it is restarted
 * the client is asked about that again.  When the file is closed a thread in
 * such a call is let go, and can be attached by others, once it returns.
 */
struct broker_answer {
	__s32 tid;
	__u32 stop;
	__u32 verdict;
	__s32 nr;
	__s64 result;
	__u64 args[6];
};

/*
 * Attach to a thread; the children it makes are followed.  No thread that is
 * attached may have the file open when it waits for an answer: as long as it has,
 * the end of the client does not close the file and lets nobody go.
 */
#define BROKER_ATTACH	_IOW('U', 1, __s32)

#endif /* _SAMPLES_UTRACE_BROKER_H */
