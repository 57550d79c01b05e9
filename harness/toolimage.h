/* toolimage.h - lists of files for an image from programs and Debian packages of this host. */
#ifndef HARNESS_TOOLIMAGE_H
#define HARNESS_TOOLIMAGE_H

/*
 * The lines for image_build() that the list @path asks for: besides those of
 * image.list it may have "program FILE", a program of this host with the
 * libraries it is linked to, and "package NAME", every file of an installed
 * Debian package but documents.  Directories are made as needed.  Caller frees.
 * Ends with EX_DEPS when a program or package is not there, EX_BUILD for a line
 * it does not know.
 */
char *toolimage_list(const char *path);

#endif
