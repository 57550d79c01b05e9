/* profile_map.h - addresses of a guest to functions: the symbols of a kernel's System.map. */
#ifndef HARNESS_PROFILE_MAP_H
#define HARNESS_PROFILE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROFILE_USER "(user)"
#define PROFILE_MODULES "(modules)"
#define PROFILE_OTHER "(other)"

struct profile_symbol {
	uint64_t address;
	char *name;
	bool global;
};

/* The symbols of code, by address, one for each. */
struct profile_map {
	struct profile_symbol *v;
	size_t n;
	uint64_t end;		/* of the kernel's image */
};

/*
 * Take in the text of a System.map.  Of several names of one address the last
 * global one counts, so a system call is __x64_sys_NAME; parts of a function the
 * compiler cut off (NAME.isra.0, NAME.cold) are NAME.  False, and nothing to
 * free, if a line is no symbol, or there is none of code or no _end.
 */
bool profile_map_parse(struct profile_map *m, const char *text);
void profile_map_free(struct profile_map *m);

/*
 * The function @address is in: the symbol at or before it, or one of the names
 * above for user space, for the modules' part of the address space and for
 * anything else.  Valid until profile_map_free().
 */
const char *profile_map_name(const struct profile_map *m, uint64_t address);

#endif
