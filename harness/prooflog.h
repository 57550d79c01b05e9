/* prooflog.h - logs of long proofs, traces/soak/NAME.log: one tab-separated line a step, committed. */
#ifndef HARNESS_PROOFLOG_H
#define HARNESS_PROOFLOG_H

#include <stdbool.h>
#include <stddef.h>

/* A log has at most so many fields a line. */
#define PROOFLOG_FIELDS 16

/*
 * Call @each with the fields of every line of @text, which is changed, that is
 * neither empty nor a comment.  Returns NULL, or a message "LINE: what is
 * wrong" (caller frees) about the first line that has not @nfields fields, or
 * for which @each returned what it expected instead.
 */
char *prooflog_parse(char *text, size_t nfields,
		     const char *(*each)(char *const field[], void *arg), void *arg);

/*
 * The same for the log @path; a missing one has no lines.  A wrong line ends
 * the program with EX_UNTESTED and is named: what nobody can read must
 * neither count as done nor be done again.
 */
void prooflog_read(const char *path, size_t nfields,
		   const char *(*each)(char *const field[], void *arg), void *arg);

/* Append @line to the log @path, synced; a new log starts with @head.  Ends with EX_SYSTEM on failure. */
void prooflog_append(const char *path, const char *head, const char *line);

/* The time for a line's first field, in UTC; valid until the next call. */
const char *prooflog_time(void);

/* @text as a number in *@n; false if it is anything else. */
bool prooflog_number(const char *text, unsigned long *n);

#endif
