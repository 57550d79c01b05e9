/* toolimage.c - lists of files for an image from programs and Debian packages of this host. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "toolimage.h"
#include "tree.h"
#include "util.h"

struct list {
	struct buf out;
	struct strlist have;	/* paths that are in it */
};

/* The directories above @path. */
static void add_dirs(struct list *l, const char *path)
{
	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		char *dir = xstrndup(path, p - path);

		if (!strlist_has(&l->have, dir))
			buf_printf(&l->out, "dir %s 0755\n", dir);
		strlist_add_once(&l->have, dir);
		free(dir);
	}
}

/* The directory that the link @path leads to. */
static void add_dir_behind(struct list *l, const char *path)
{
	char *real = realpath(path, NULL), *inside;

	if (!real)
		fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
	inside = xasprintf("%s/", real);
	add_dirs(l, inside);
	free(inside);
	free(real);
}

/* A file of the host at its own place; a link as a link if @links, else what it leads to. */
static void add_file(struct list *l, const char *path, bool links)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (strlist_has(&l->have, path))
		return;
	if ((links ? lstat(path, &st) : stat(path, &st)) || strpbrk(path, " #"))
		fatal(EX_BUILD, "%s: cannot be put into an image", path);
	if (S_ISDIR(st.st_mode))
		return;
	add_dirs(l, path);
	strlist_add(&l->have, path);
	if (!S_ISLNK(st.st_mode)) {
		buf_printf(&l->out, "file %s %s %04o\n", path, path, st.st_mode & 07777);
		return;
	}
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
	target[n] = '\0';
	/* what is to be put below the link has to find a directory there */
	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		add_dir_behind(l, path);
	buf_printf(&l->out, "slink %s %s\n", path, target);
}

static void add_program(struct list *l, const char *path)
{
	const char *const argv[] = { "ldd", path, NULL };
	struct strlist lines = { 0 };
	struct buf out = { 0 };

	if (!file_exists(path))
		fatal(EX_DEPS, "%s is not installed; run: make deps", path);
	add_file(l, path, false);
	/* a static program has no libraries, and ldd fails */
	if (run_capture(argv, NULL, &out))
		buf_free(&out);
	strlist_lines(&lines, out.s ? out.s : "");
	for (size_t i = 0; i < lines.n; i++) {
		/* "\tNAME => PATH (ADDRESS)", the loader "\tPATH (ADDRESS)", the vdso has no path */
		char *p = strstr(lines.v[i], "=> "), *end;

		p = p ? p + 3 : lines.v[i] + strspn(lines.v[i], " \t");
		if (strstr(p, "not found"))
			fatal(EX_DEPS, "%s: %s", path, p);
		end = strstr(p, " (");
		if (*p != '/' || !end)
			continue;
		*end = '\0';
		add_file(l, p, false);
	}
	strlist_free(&lines);
	buf_free(&out);
}

static void add_package(struct list *l, const char *name)
{
	const char *const argv[] = { "dpkg-query", "-L", name, NULL };
	struct strlist lines = { 0 };
	struct buf out = { 0 };

	if (run_capture(argv, NULL, &out))
		fatal(EX_DEPS, "package %s is not installed; run: make deps", name);
	strlist_lines(&lines, out.s ? out.s : "");
	for (size_t i = 0; i < lines.n; i++)
		if (*lines.v[i] == '/' && lines.v[i][1] != '.' &&
		    strncmp(lines.v[i], "/usr/share/", 11))
			add_file(l, lines.v[i], true);
	strlist_free(&lines);
	buf_free(&out);
}

char *toolimage_list(const char *path)
{
	char *text = read_file(path, NULL);
	struct strlist lines = { 0 };
	struct list l = { 0 };

	if (!text)
		fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
	/* what vm-images/image.list makes */
	strlist_add(&l.have, "/bin");
	strlist_add(&l.have, "/etc");
	strlist_lines(&lines, text);
	for (size_t i = 0; i < lines.n; i++) {
		char *line = lines.v[i], word[16], arg[256];

		line[strcspn(line, "#")] = '\0';
		if (sscanf(line, "%15s %255s", word, arg) != 2)
			continue;
		if (!strcmp(word, "program"))
			add_program(&l, arg);
		else if (!strcmp(word, "package"))
			add_package(&l, arg);
		else
			buf_printf(&l.out, "%s\n", line);
	}
	buf_puts(&l.out, "");
	strlist_free(&lines);
	strlist_free(&l.have);
	free(text);
	return l.out.s;
}
