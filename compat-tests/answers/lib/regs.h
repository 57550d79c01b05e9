/* regs.h - general registers as the kernel has them, by PTRACE_GETREGSET, whoever asks. */
#ifndef ANSWERS_REGS_H
#define ANSWERS_REGS_H

#include <linux/ptrace.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/uio.h>

#include "look.h"

struct regs64 {
	uint64_t r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags,
		sp, ss, fs_base, gs_base, ds, es, fs, gs;
};

struct regs32 {
	uint32_t bx, cx, dx, si, di, bp, ax, ds, es, fs, gs, orig_ax, ip, cs, flags, sp, ss;
};

/* Of a tracee of this program's own word size. */
#ifdef __i386__
typedef struct regs32 regs_t;
#else
typedef struct regs64 regs_t;
#endif

#define FLAG_TF 0x100

static inline bool regs_get(pid_t pid, regs_t *r)
{
	struct iovec iov = { r, sizeof(*r) };

	return !pt(PTRACE_GETREGSET, pid, 1, P(&iov)) && iov.iov_len == sizeof(*r);
}

static inline bool regs_set(pid_t pid, regs_t *r)
{
	struct iovec iov = { r, sizeof(*r) };

	return !pt(PTRACE_SETREGSET, pid, 1, P(&iov));
}

/* A result, or errno's name with a minus. */
static inline const char *result_words(long long v)
{
	static char s[4][40];
	static int at;
	char *to = s[at++ % 4];

	if (v < 0 && v > -4096)
		snprintf(to, 40, "-%s", errno_word(-v));
	else
		snprintf(to, 40, "%lld", v);
	return to;
}

#endif
