/* series.h - a patch series as kernel-patches/ keeps it, and applying it. */
#ifndef HARNESS_SERIES_H
#define HARNESS_SERIES_H

#include <stdbool.h>

#include "tree.h"

/*
 * A series is a directory with
 *   series      names of patches in order, one a line, # comments;
 *   NAME.patch  a mail: From, Subject, text, a line "---", lines
 *               "new-file: PATH" for the files this patch brings, then git
 *               diffs of files that exist in the source package;
 *   files/      the new files of all patches, in their final form;
 *   VERSION     the package version it was last written back against.
 * There is no patch that series does not list, and no file under files/ that
 * no patch brings.  A series that goes on top of another one may change that
 * one's files by its patches.
 */
struct patch {
	char *name;		/* 0001-....patch */
	char *path;
	char *text;		/* all of it */
	size_t len;
	char *from;		/* Name <address> */
	char *date;
	char *subject;		/* without [PATCH] */
	char *body;		/* between header and "---" */
	struct strlist new_files;
	struct strlist touched;	/* existing files it changes or deletes */
};

struct series {
	char *dir;
	char *version;		/* "unknown" when there is no VERSION */
	struct patch *patches;
	size_t n;
	struct strlist files;	/* below files/ */
	const struct series *below;	/* applied first; NULL: none.  Set by who read both */
};

/* Returns 0, or EX_PATCH after saying what is wrong with which file. */
int series_read(struct series *s, const char *dir);
void series_free(struct series *s);

/*
 * The files a series changes, alone in a directory of their own.  Files in
 * @touched that are not in @dir are deleted by the series.
 */
struct overlay {
	char *dir;
	struct strlist touched;	/* sorted when complete */
};

/*
 * Apply @s on top of @base, reading but never changing it.  Every hunk must
 * match exactly, though it may have moved; if one does not, returns EX_PATCH
 * after naming patch, file, hunk and both versions.  After each patch (number
 * @i, files/ of that patch in place) calls @each when not NULL.  The overlay
 * is removed by overlay_free().
 */
int overlay_make(struct overlay *o, const struct series *s, const char *base,
		 void (*each)(const struct overlay *o, size_t i, void *arg),
		 void *arg);
void overlay_free(struct overlay *o);

/*
 * Bring @tree, made of @base plus the overlay it had before, to @base plus
 * @o, touching only files whose content differs, so that make rebuilds no
 * more than it must.  @statefile remembers what was laid over.  Returns the
 * number of files changed.
 */
size_t overlay_sync(const struct overlay *o, const char *base,
		    const char *tree, const char *statefile);

#endif
