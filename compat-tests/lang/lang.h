/* lang.h - the scenario language as the harness sees it: one scenario from memory, and the errors found. */
#ifndef LANG_H
#define LANG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../../harness/results.h"

#define LANG_MAX_ERRORS	20
#define LANG_MAX_CASES	5000	/* of one scenario */

/* Errors are collected; nothing in this library prints or exits, but for lack of memory. */
struct lang_error {
	char *file;
	unsigned int line, col;	/* from 1 */
	char *text;		/* what was found, what was expected */
};

struct lang_errors {
	size_t total;		/* all, also those said already and those that did not fit */
	size_t n;
	struct lang_error v[LANG_MAX_ERRORS];
	bool more;		/* there were more than fit */
};

void lang_errors_free(struct lang_errors *e);
/* "file:line:column: text" a line. */
void lang_errors_print(const struct lang_errors *e, FILE *to);

/* How `include FILE` finds its text; the result is freed with free(). NULL and errno: no such file. */
struct lang_reader {
	char *(*read)(void *arg, const char *name, char **path, size_t *len);
	void *arg;
};

/* A family's AXES file, parsed; lang_axes_free() frees it. */
struct lang_axes;
struct lang_axes *lang_axes(const char *family, const char *path, const char *text,
			    size_t len, struct lang_errors *err);
void lang_axes_free(struct lang_axes *a);
/* Append its axes and its impossible cells to @out. */
void lang_axes_report(const struct lang_axes *a, struct suite *out);

/*
 * Compile one scenario: append its cases and impossible cells to @out.
 * @name is "family/scenario", @path is what messages call the file, @axes may
 * be NULL.  @only (NULL: all) leaves out cases that match none of its globs;
 * the checks that need every case are then left out too.  Returns 0, or -1 with at least one
 * error added to @err and @out as it was.
 */
int lang_scenario(const char *name, const char *path, const char *text, size_t len,
		  const struct lang_axes *axes, const struct lang_reader *reader,
		  const char *only, struct suite *out, struct lang_errors *err);

extern const char *const lang_labels[];	/* of the snippet library; ends with NULL */

/* True when one of the comma-separated globs of @only fits the scenario, its family or the case. */
bool lang_only(const char *only, const char *scenario, const char *name);
/* True when a glob of @only fits the scenario, its family, or what a case of it could be called. */
bool lang_may_fit(const char *only, const char *scenario);

#endif
