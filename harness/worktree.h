/* worktree.h - check that a series survives the way into git and back. */
#ifndef HARNESS_WORKTREE_H
#define HARNESS_WORKTREE_H

/*
 * Series @name (below kernel-patches/) to commits, back to patches and
 * files, and applied again: is it the same tree, and are the patches the
 * same text?  Also tries the mailable series.  Prints the tree's hash;
 * returns 0, EX_PATCH when something differs, or another exit code.
 */
int check_roundtrip(const char *name);

#endif
