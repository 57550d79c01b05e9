/* calls.c - system calls by name, from the table the guest interpreter uses too. */
#include <string.h>

#include "parse.h"

#include "../interp/tables_calls.c"

bool call_known(const char *name, bool ia32)
{
	for (unsigned int i = 0; i < call_names_n; i++)
		if (!strcmp(call_names[i].name, name))
			return ia32 ? call_names[i].nr32 >= 0 : true;
	return false;
}

long call_number(const char *name)
{
	for (unsigned int i = 0; i < call_names_n; i++)
		if (!strcmp(call_names[i].name, name))
			return call_names[i].nr64;
	return -1;
}

void call_near(struct near *n)
{
	for (unsigned int i = 0; i < call_names_n; i++)
		near_try(n, call_names[i].name);
}
