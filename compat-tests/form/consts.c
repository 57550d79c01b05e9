/* consts.c - look-up in the tables of constants.  No libc. */
#include <stddef.h>

#include "consts.h"

static int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

int form_const_find(const struct form_const *table, const char *name, int64_t *val)
{
	for (; table->name; table++)
		if (same(table->name, name)) {
			*val = table->val;
			return 0;
		}
	return -1;
}

/* The number behind "SIGRTMIN+" or "SIGRTMAX-", or -1. */
static int realtime(const char *name)
{
	static const char min[] = "SIGRTMIN", max[] = "SIGRTMAX";
	const char *want = NULL;
	int n = 0, low, i = 0;

	for (low = 0; low < 2 && !want; low++) {
		const char *t = low ? max : min;

		for (i = 0; t[i] && name[i] == t[i]; i++)
			;
		if (!t[i])
			want = t;
	}
	if (!want)
		return -1;
	low = want == min;
	if (!name[i])
		return low ? FORM_SIGRTMIN : FORM_SIGRTMAX;
	if (name[i++] != (low ? '+' : '-') || !name[i])
		return -1;
	for (; name[i]; i++) {
		if (name[i] < '0' || name[i] > '9' || n > 64)
			return -1;
		n = n * 10 + name[i] - '0';
	}
	if (n > FORM_SIGRTMAX - FORM_SIGRTMIN)
		return -1;
	return low ? FORM_SIGRTMIN + n : FORM_SIGRTMAX - n;
}

int form_signal_find(const char *name)
{
	int64_t v;

	if (!form_const_find(form_signals, name, &v))
		return (int)v;
	return realtime(name);
}
