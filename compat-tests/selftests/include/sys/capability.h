/* capability.h - the part of libcap that the kernel's selftests use, for any word size, by system calls. */
/*
 * Debian's libcap is there for 64 bits only, and the selftests of seccomp and
 * landlock need some calls of it.
 */
#ifndef SELFTESTS_SYS_CAPABILITY_H
#define SELFTESTS_SYS_CAPABILITY_H

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef int cap_value_t;
typedef enum { CAP_EFFECTIVE, CAP_PERMITTED, CAP_INHERITABLE } cap_flag_t;
typedef enum { CAP_CLEAR, CAP_SET } cap_flag_value_t;
typedef struct selftest_cap {
	struct __user_cap_header_struct head;
	struct __user_cap_data_struct data[2];
} *cap_t;

static inline cap_t cap_get_proc(void)
{
	cap_t c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->head.version = _LINUX_CAPABILITY_VERSION_3;
	if (!syscall(SYS_capget, &c->head, c->data))
		return c;
	free(c);
	return NULL;
}

static inline int cap_set_proc(cap_t c)
{
	c->head.pid = 0;
	return syscall(SYS_capset, &c->head, c->data);
}

static inline int cap_free(void *c)
{
	free(c);
	return 0;
}

static inline int cap_clear(cap_t c)
{
	for (int i = 0; i < 2; i++)
		c->data[i].effective = c->data[i].permitted = c->data[i].inheritable = 0;
	return 0;
}

/* The word of @c that has @value in the set @flag, or NULL and EINVAL. */
static inline __u32 *selftest_cap_word(cap_t c, cap_value_t value, cap_flag_t flag)
{
	if (c && value >= 0 && value < 64) {
		struct __user_cap_data_struct *d = &c->data[value / 32];

		switch (flag) {
		case CAP_EFFECTIVE: return &d->effective;
		case CAP_PERMITTED: return &d->permitted;
		case CAP_INHERITABLE: return &d->inheritable;
		}
	}
	errno = EINVAL;
	return NULL;
}

static inline int cap_set_flag(cap_t c, cap_flag_t flag, int n, const cap_value_t *values,
			       cap_flag_value_t set)
{
	for (int i = 0; i < n; i++) {
		__u32 *word = selftest_cap_word(c, values[i], flag), bit = 1u << (values[i] % 32);

		if (!word)
			return -1;
		*word = set == CAP_SET ? *word | bit : *word & ~bit;
	}
	return 0;
}

static inline int cap_get_flag(cap_t c, cap_value_t value, cap_flag_t flag, cap_flag_value_t *is)
{
	__u32 *word = selftest_cap_word(c, value, flag);

	if (!word)
		return -1;
	*is = *word & 1u << (value % 32) ? CAP_SET : CAP_CLEAR;
	return 0;
}

static inline unsigned int cap_get_secbits(void)
{
	return prctl(PR_GET_SECUREBITS, 0L, 0L, 0L, 0L);
}

static inline int cap_set_secbits(unsigned int bits)
{
	return prctl(PR_SET_SECUREBITS, (unsigned long)bits, 0L, 0L, 0L);
}

static inline int cap_get_ambient(cap_value_t value)
{
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, (unsigned long)value, 0L, 0L);
}

static inline int cap_set_ambient(cap_value_t value, cap_flag_value_t set)
{
	return prctl(PR_CAP_AMBIENT, set == CAP_SET ? PR_CAP_AMBIENT_RAISE : PR_CAP_AMBIENT_LOWER,
		     (unsigned long)value, 0L, 0L);
}

#endif
