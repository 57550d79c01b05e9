/* build.h - compile one kernel in its build tree of the store. */
#ifndef HARNESS_BUILD_H
#define HARNESS_BUILD_H

#include <stdbool.h>

#include "kconfig.h"
#include "series.h"

struct build {
	const char *name;		/* names tree and log: build/NAME, build/NAME.log */
	const struct series *series;	/* NULL: the source untouched */
	const struct kconfig *config;
	const struct kconfig *wish;	/* asked for, too, but may be refused; NULL: nothing */
	const char *const *targets;	/* of make; NULL: bzImage, and modules where there are some */
	bool gdb;			/* also make the lx-scripts */
	char *tree, *log;		/* set by build_kernel() */
};

/* What must be in a key beside the inputs: how we build. */
const char *build_recipe(void);
/* First line of the compiler's and the linker's --version. */
const char *build_compiler(void);

/* Does the configuration ask, or wish, for modules?  Then they are built, too. */
bool build_has_modules(const struct build *b);

/*
 * Bring the build tree up to date and compile it.  The caller holds a lock
 * that keeps others out of that tree.  Returns 0, EX_PATCH, EX_BUILD (after the last lines of the
 * log) or EX_INTERRUPTED; a full disk ends the program with EX_SYSTEM.
 */
int build_kernel(struct build *b);
void build_free(struct build *b);

#endif
