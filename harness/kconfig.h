/* kconfig.h - kernel configuration fragments: merge them, check what came of them. */
#ifndef HARNESS_KCONFIG_H
#define HARNESS_KCONFIG_H

#include "tree.h"
#include "util.h"

/*
 * Options and values in the order first asked for; a later request for the
 * same option replaces an earlier one.  "n" stands for "is not set".
 */
struct kconfig {
	struct strlist names, values;
};

/* Add a fragment; returns EX_BUILD after naming file and line of bad input. */
int kconfig_add_file(struct kconfig *c, const char *path);
void kconfig_set(struct kconfig *c, const char *name, const char *value);
/* The value in @c, or "n". */
const char *kconfig_get(const struct kconfig *c, const char *name);
/* As a fragment again. */
void kconfig_print(const struct kconfig *c, struct buf *out);
/*
 * Does the configuration file @path hold all that @c asks for?  Returns 0,
 * or EX_BUILD after naming each option that has another value.
 */
int kconfig_verify(const struct kconfig *c, const char *path);
/* One line for reports about the configuration file @path; caller frees. */
char *kconfig_summary(const char *path);
void kconfig_free(struct kconfig *c);

#endif
