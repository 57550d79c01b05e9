/* guest.c - what `ptbed shell', `gdb' and `replay' share: their KERNEL and --append, and a private directory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "image.h"
#include "job.h"
#include "util.h"

static char *dir;

static void remove_dir(void)
{
	remove_tree(dir);
}

const char *private_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	if (dir)
		return dir;
	/* a socket's path has at most 107 characters */
	dir = xasprintf("%s/ptbed-XXXXXX", tmp && *tmp && strlen(tmp) < 80 ? tmp : "/tmp");
	if (!mkdtemp(dir))
		fatal(EX_SYSTEM, "cannot make a directory %s: %s", dir, strerror(errno));
	atexit(remove_dir);
	return dir;
}

error_t guest_parse(int key, char *arg, struct argp_state *state, struct guest_args *g)
{
	switch (key) {
	case 'a':
		g->append = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (g->kernel)
			return ARGP_ERR_UNKNOWN;
		g->kernel = arg;
		return 0;
	case ARGP_KEY_END:
		if (!g->kernel)
			argp_error(state, "expected a kernel: stock, utrace, ... or the path of a bzImage");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int find_kernel(const char *what, struct kernel *out)
{
	char *slash, *vmlinux;

	if (!strchr(what, '/'))
		return ensure_kernel(what, out);
	memset(out, 0, sizeof(*out));
	if (access(what, R_OK)) {
		warn("%s: %s", what, strerror(errno));
		return EX_USAGE;
	}
	out->name = xstrdup(what);
	out->bzimage = realpath(what, NULL);
	slash = strrchr(out->bzimage, '/');
	vmlinux = xasprintf("%.*s/vmlinux", (int)(slash - out->bzimage), out->bzimage);
	if (file_exists(vmlinux))
		out->vmlinux = vmlinux;
	else
		free(vmlinux);
	out->modules = xasprintf("%.*s/modules", (int)(slash - out->bzimage), out->bzimage);
	if (!file_exists(out->modules)) {
		free(out->modules);
		out->modules = NULL;
	}
	return 0;
}

void write_plain_initrd(const char *path, unsigned int flags)
{
	struct buf job = { 0 };

	job_build(&job, 1, 1, flags, NULL, 0);
	if (!image_with_job(path, ensure_image(), job.s, job.len))
		fatal(EX_SYSTEM, "cannot write %s: %s", path, strerror(errno));
	buf_free(&job);
}
