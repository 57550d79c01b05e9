/* guest.h - what `ptbed shell', `gdb' and `replay' share: their KERNEL and --append, and a private directory. */
#ifndef HARNESS_GUEST_H
#define HARNESS_GUEST_H

#include <argp.h>

#include "kernels.h"

/* KERNEL, the first argument, and what is added to its command line (NULL: nothing). */
struct guest_args {
	const char *kernel, *append;
};

/* The row of guest_args in a command's options. */
#define GUEST_OPTION { "append", 'a', "TEXT", 0, "further kernel parameters", 0 }

/*
 * The part of a command's argp parser for @g; ARGP_ERR_UNKNOWN for what is not
 * it, so also for further arguments.  Ends with EX_USAGE when KERNEL is missing.
 */
error_t guest_parse(int key, char *arg, struct argp_state *state, struct guest_args *g);

/*
 * @what is a name of kernels.h or the path of a bzImage (then only .bzimage
 * and .name are set, and .vmlinux and .modules when they lie beside it).
 * Returns 0 or an exit code, said on stderr.
 */
int find_kernel(const char *what, struct kernel *out);

/* A directory for sockets and files of this process, removed at exit. */
const char *private_dir(void);

/* Write an initramfs with a job of @flags and no case to @path, or end with EX_SYSTEM. */
void write_plain_initrd(const char *path, unsigned int flags);

#endif
