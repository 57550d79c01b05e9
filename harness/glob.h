/* glob.h - name patterns of cases: only * and ? are special, since case names contain [ ] and commas. */
#ifndef HARNESS_GLOB_H
#define HARNESS_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Whole-string match; * any text (slashes too), ? any one byte. */
bool case_glob(const char *pattern, const char *name);

/*
 * True when one of the comma-separated patterns of @list fits @name, or @name up
 * to its '['.  Commas between [ and ] belong to a pattern.  NULL or "": all.
 */
bool case_glob_list(const char *list, const char *name);

#endif
