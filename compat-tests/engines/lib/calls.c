/* calls.c - system calls by name, from the table that the interpreter has. */
#include <linux/audit.h>
#include <string.h>

#include "../../interp/tables_calls.c"
#include "calls.h"

#define X32_BIT 0x40000000

static int number(const struct call_name *c, uint32_t arch, int x32)
{
	if (arch == AUDIT_ARCH_I386)
		return c->nr32;
	return x32 ? c->nrx32 : c->nr64;
}

int call_number(uint32_t arch, int x32, const char *name)
{
	for (unsigned int i = 0; i < call_names_n; i++)
		if (!strcmp(call_names[i].name, name))
			return number(&call_names[i], arch, x32);
	return -1;
}

const char *call_name(uint32_t arch, int nr)
{
	int x32 = arch == AUDIT_ARCH_X86_64 && (nr & X32_BIT);

	for (unsigned int i = 0; nr >= 0 && i < call_names_n; i++)
		if (number(&call_names[i], arch, x32) == nr)
			return call_names[i].name;
	return NULL;
}

int error_number(const char *name)
{
	for (int err = 1; err < 134; err++) {
		const char *n = strerrorname_np(err);

		if (n && !strcmp(n, name))
			return err;
	}
	return 0;
}

const char *error_name(int err)
{
	return strerrorname_np(err);
}
