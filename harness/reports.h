/* reports.h - between the writers of reports: one finished, compared run and what they share. */
#ifndef HARNESS_REPORTS_H
#define HARNESS_REPORTS_H

#include <jansson.h>

#include "compare.h"
#include "report.h"

/* A run that was compared; everything belongs to the caller of report_run(). */
struct run {
	const struct suite *s;
	const struct arm *arms;
	size_t narms;
	const struct run_options *opt;
	const struct report_options *ro;
	const struct comparison *c;
};

/* The writers; each adds one whole document to @b. */
void table_text(struct buf *b, const struct run *r);	/* for people, 80 columns */
void tap_text(struct buf *b, const struct run *r);	/* TAP 14 */
void junit_text(struct buf *b, const struct run *r);	/* JUnit XML */
void summary_json(struct buf *b, const struct run *r);	/* see summary.c for the schema */

#define SUMMARY_SCHEMA 1

/* "make compat ONLY='...' SEED=..." and "make diff S='...'"; to be freed. */
char *repeat_command(const struct run *r, const char *case_name);
char *diff_command(const char *case_name);

/* What the guests ran on, for people and files. */
const char *accelerator(const struct run *r);

/* What the verdict means, for the last line: with the number of unresolved cases; to be freed. */
char *run_meaning(const struct run *r);

/* "the same bzImage" or "the same release" when both arms have it, so that nothing was compared; else NULL. */
const char *same_kernel(const struct run *r);

/* @path relative to the checkout when it is in it. */
const char *short_path(const char *path);

/* A copy fit for JSON and XML: printable ASCII, tabs and newlines; carriage
 * returns go, the rest becomes '?'. */
char *clean_text(const char *s);
/* The last @lines lines of @s, to be freed. */
char *tail_text(const char *s, size_t lines);

/* Add @s with each line after @prefix. */
void buf_indent(struct buf *b, const char *prefix, const char *s);
/* Add words wrapped at 80 columns, further lines after @indent spaces; @at: where the first begins. */
void buf_wrap(struct buf *b, const char *s, size_t at, size_t indent);

/* Directory of a run: NULL is traces/latest, an id is below traces/runs, else a path.  To be freed. */
char *run_dir_of(const char *run);
/* A run's summary.json; ends with EX_USAGE naming what is wrong when it cannot be read. */
json_t *summary_load(const char *run_dir);

#endif
