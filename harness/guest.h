/* guest.h - what `ptbed shell' and `ptbed gdb' share: a kernel by name or path, and a private directory. */
#ifndef HARNESS_GUEST_H
#define HARNESS_GUEST_H

#include "kernels.h"

/*
 * @what is a name of kernels.h or the path of a bzImage (then only .bzimage
 * and .name are set, and .vmlinux when a file of that name lies beside it).
 * Returns 0 or an exit code, said on stderr.
 */
int find_kernel(const char *what, struct kernel *out);

/* A directory for sockets and files of this process, removed at exit. */
const char *private_dir(void);

/* Write an initramfs with a job of @flags and no case to @path, or end with EX_SYSTEM. */
void write_plain_initrd(const char *path, unsigned int flags);

#endif
