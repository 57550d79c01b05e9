/* tree.h - lists of strings, and files and directories by the tree. */
#ifndef HARNESS_TREE_H
#define HARNESS_TREE_H

#include <stdbool.h>
#include <stddef.h>

struct strlist {
	char **v;
	size_t n, cap;
};
void strlist_add(struct strlist *l, const char *s);		/* copies @s */
void strlist_add_once(struct strlist *l, const char *s);
bool strlist_has(const struct strlist *l, const char *s);
void strlist_sort(struct strlist *l);
void strlist_free(struct strlist *l);
/* Lines of @text without their newlines. */
void strlist_lines(struct strlist *l, const char *text);

/*
 * Paths, relative to @dir and sorted, of all regular files below it.  A
 * missing @dir has none; anything that is neither file nor directory ends
 * the program with EX_SYSTEM.
 */
void walk_files(const char *dir, struct strlist *out);

bool same_content(const char *a, const char *b);	/* false if either is missing */

/*
 * Copy a file with its executable bit, making directories on the way; the
 * target is replaced by rename, never written in place, for it may be a hard
 * link.  Ends with EX_SYSTEM on failure.
 */
void copy_file(const char *from, const char *to);

/* Make @link point to @target, replacing what is there. */
void replace_link(const char *target, const char *link);

#endif
