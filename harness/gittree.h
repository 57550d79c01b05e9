/* gittree.h - the kernel source and a series on top of it as git objects. */
#ifndef HARNESS_GITTREE_H
#define HARNESS_GITTREE_H

#include "series.h"
#include "util.h"

/*
 * Run git on repository @gitdir.  @index and @worktree may be NULL, @dir is
 * the working directory (NULL: ours).  User and system configuration are
 * left out, so that everybody makes the same objects.  The output goes to
 * @out; returns git's exit status.
 */
struct git {
	const char *gitdir, *index, *worktree, *dir;
	const char *author, *email, *date;	/* of a commit; NULL: not one */
};
int git_run(const struct git *g, struct buf *out, const char *const args[]);
/* Same, but ends with EX_SYSTEM on failure and returns the output, trimmed. */
char *git_get(const struct git *g, const char *const args[]);
#define GIT(g, ...) git_get(g, (const char *const[]){ __VA_ARGS__, NULL })

/*
 * The store's bare repository with the installed source as one commit, made
 * when missing.  Sets @base to the commit.  NULL
 * when interrupted.
 */
char *base_repo(char **base);

/* Attributes that make diffs of all our repositories the same text. */
void plain_attributes(const char *gitdir);

/*
 * Commit the patches of @s one by one on @base in @gitdir.  On success sets
 * @commit and @tree of the last one.  Returns 0 or EX_PATCH.
 */
int series_to_commits(const struct series *s, const char *gitdir,
		      const char *base, char **commit, char **tree);

/*
 * Write commits @base..@head of @gitdir as a series into the directory @dir,
 * which must be empty or missing.  Returns 0, or EX_PATCH after naming the
 * commit that cannot be kept in this form.
 */
int commits_to_series(const char *gitdir, const char *base, const char *head,
		      const char *dir);

#endif
