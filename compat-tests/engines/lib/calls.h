/* calls.h - system calls by name, in the three ABIs of x86. */
#ifndef ENGINES_CALLS_H
#define ENGINES_CALLS_H

#include <stdint.h>

/* The number of @name under AUDIT_ARCH @arch, x32 if @x32; -1: no such call. */
int call_number(uint32_t arch, int x32, const char *name);
/* The name of @nr under @arch; NULL: none.  An x32 number has its bit set. */
const char *call_name(uint32_t arch, int nr);
/* The value of an error's name, as ENOENT; 0: no such name. */
int error_number(const char *name);
/* The name of error @err; NULL: none. */
const char *error_name(int err);

#endif
