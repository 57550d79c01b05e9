/* known.h - differences between the kernels that are known, with their reasons. */
#ifndef HARNESS_KNOWN_H
#define HARNESS_KNOWN_H

#include "results.h"
#include "util.h"

struct known_entry {
	size_t line;
	char *glob;		/* of case names, see glob.h */
	char *pointer;		/* where the difference is discussed */
	char *reason;
};

struct known {
	char *path;
	size_t n;
	struct known_entry *entries;
};

/*
 * Read compat-tests/known-differences: lines "CASE-GLOB | POINTER | REASON", #
 * comments, empty lines.  A missing file is an empty list.  0, or -1 with a
 * line "file:line: what is wrong, expected ..." added to @err for each error.
 */
int known_load(const char *path, struct known *k, struct buf *err);
/* The first entry that lists the case, or NULL. */
const struct known_entry *known_find(const struct known *k, const char *case_name);
void known_free(struct known *k);

#endif
