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

/* Length of the first pattern of a comma-separated list: up to the comma that ends it, or all. */
size_t case_glob_len(const char *list);
/* case_glob() for a @pattern of @n bytes. */
bool case_glob_n(const char *pattern, size_t n, const char *name);
/* True when there can be a name that begins with @prefix and fits. */
bool case_glob_begins(const char *pattern, size_t n, const char *prefix);

#endif
