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
	size_t nhashes;
	char (*hashes)[17];	/* of the outcomes it is about, at least one */
};

struct known {
	char *path;
	size_t n;
	struct known_entry *entries;
};

/*
 * Read compat-tests/known-differences: lines "CASE-GLOB | POINTER | REASON |
 * OUTCOME ...", # comments, empty lines.  A missing file is an empty list.  0, or -1 with a
 * line "file:line: what is wrong, expected ..." added to @err for each error.
 */
int known_load(const char *path, struct known *k, struct buf *err);
/* Does the entry's glob fit the case? */
bool known_fits(const struct known_entry *e, const char *case_name);
/* The first entry that lists the case with the outcome @hash (NULL: with any), or NULL. */
const struct known_entry *known_find(const struct known *k, const char *case_name,
				     const char *hash);
void known_free(struct known *k);

#endif
