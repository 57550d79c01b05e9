/* splat.h - finds reports of trouble in what a kernel printed. */
#ifndef HARNESS_SPLAT_H
#define HARNESS_SPLAT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The first line in @text that starts a kernel report: a warning, BUG, oops,
 * lockdep, sanitizer, stall, hung task, object-debugging or out-of-memory
 * report.  NULL: none.
 */
const char *splat_find(const char *text);
/* The first one behind the report that begins with @line. */
const char *splat_next(const char *line);
/* The line without time stamp and addresses, to tell reports apart; caller frees. */
char *splat_title(const char *line);
/* The last "Kernel panic" line, or NULL. */
const char *panic_find(const char *text);
/* Start of the last @lines lines of @text. */
const char *last_lines(const char *text, size_t len, unsigned int lines);

#endif
