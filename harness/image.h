/* image.h - the guest's initramfs: one base archive for all boots, and a job appended for each. */
#ifndef HARNESS_IMAGE_H
#define HARNESS_IMAGE_H

#include "util.h"

/*
 * Build build/image/base.cpio from vm-images/image.list unless it is already
 * what it should be; returns its path (valid for ever).  Equal inputs give
 * equal bytes.  Ends with EX_BUILD, naming the line of the list, when the list
 * is wrong or a source is missing.
 */
const char *ensure_image(void);
/*
 * The same image in the directory @dir, where it stays as it is when another
 * command builds a new one.  The path is the caller's; ends with EX_SYSTEM when
 * it cannot be made.
 */
char *image_keep(const char *dir);

/*
 * The archive @list describes, appended to @out; @top is where relative
 * sources start.  Returns 0, or -1 with *@why (caller frees) naming file, line
 * and what was expected.
 */
int image_build(const char *list, const char *top, struct buf *out, char **why);

/*
 * Write @path: the base archive followed by one with the file /job.  False and
 * errno when the file cannot be written.
 */
bool image_with_job(const char *path, const char *base, const void *job, size_t len);

#endif
