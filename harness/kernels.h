/* kernels.h - built kernels: names, where they are, and the commands to build and edit them. */
#ifndef HARNESS_KERNELS_H
#define HARNESS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A kernel that is built and in the store.  Strings live until
 * free_kernel(); paths are absolute.
 */
struct kernel {
	char *name;		/* stock, utrace-debug, ... */
	char *key;		/* 64 hex digits: name in the store */
	char *dir;		/* the store's entry */
	char *bzimage;
	char *vmlinux;
	char *config;
	char *log;		/* complete log of the build */
	char *modules;		/* directory of its .ko files, or NULL */
	char *gdb_script;	/* lx-scripts of this kernel, or NULL */
	char *source_version;	/* of the package: 6.12.117-1~deb12u1 */
	char *release;		/* as uname -r prints it */
	char *banner;		/* as /proc/version prints it */
	char *summary;		/* configuration in one line */
	bool built_now;		/* false: it was in the store */
	double seconds;		/* what this call took */
};

/* Is it a name ensure_kernel() knows: stock, utrace, planted ..., each also with a flavour? */
bool kernel_name_ok(const char *name);

#define KERNEL_FLAVOURS "plain, debug, gdb, kcsan or rt"
/* The suffix of a kernel's name for one of these words: "", "-debug" ...; NULL: it is none. */
const char *kernel_flavour(const char *word);
/* Is @name of a flavour that makes a kernel many times slower? */
bool kernel_is_slow(const char *name);
/*
 * The same of a bzImage that somebody brings, by the .config beside it or at the
 * top of the build tree that it lies in; without one it is taken for a plain one.
 */
bool kernel_file_is_slow(const char *bzimage);

/*
 * Find kernel @name in the store or build it, and link build/kernels/NAME/
 * to it.  Returns 0 and fills @out; EX_PATCH or EX_BUILD with the reason on
 * stderr when it cannot be built, EX_INTERRUPTED, or EX_USAGE for an unknown
 * name.  A full disk or missing source package ends the program (EX_SYSTEM,
 * EX_DEPS).  Callers in several processes wait for each other.
 */
int ensure_kernel(const char *name, struct kernel *out);
void free_kernel(struct kernel *k);
/* Its name, or that of its file without directories; part of @k. */
const char *kernel_short_name(const struct kernel *k);
/* The bzImage of one of them, caller frees; ends the program when it cannot be built. */
char *kernel_image(const char *name);

/*
 * Bring the build trees of the kernels @names (NULL at the end) up to date and
 * return what @work says of them.  Nobody else builds meanwhile; @work must
 * not write into them.  Codes as of ensure_kernel().
 */
int kernels_with_trees(const char *const names[], int (*work)(char **trees));

/* Commands; each returns an exit code of util.h. */
int cmd_kernels(int argc, char **argv);
int cmd_worktree(int argc, char **argv);
int cmd_writeback(int argc, char **argv);
int cmd_series(int argc, char **argv);

#endif
