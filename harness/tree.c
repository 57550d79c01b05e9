/* tree.c - lists of strings, and files and directories by the tree. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"
#include "util.h"

void strlist_add(struct strlist *l, const char *s)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 16;
		l->v = xrealloc(l->v, l->cap * sizeof(*l->v));
	}
	l->v[l->n++] = xstrdup(s);
}

bool strlist_has(const struct strlist *l, const char *s)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], s))
			return true;
	return false;
}

void strlist_add_once(struct strlist *l, const char *s)
{
	if (!strlist_has(l, s))
		strlist_add(l, s);
}

static int by_string(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strlist_sort(struct strlist *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_string);
}

void strlist_free(struct strlist *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

void strlist_lines(struct strlist *l, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		char *line = xstrndup(text, n);

		strlist_add(l, line);
		free(line);
		text += n;
		if (*text)
			text++;
	}
}

static void walk(const char *dir, const char *rel, struct strlist *out)
{
	char *here = *rel ? xasprintf("%s/%s", dir, rel) : xstrdup(dir);
	char **names;
	size_t n = list_dir(here, NULL, &names), i;

	for (i = 0; i < n; i++) {
		char *sub = *rel ? xasprintf("%s/%s", rel, names[i]) :
				   xstrdup(names[i]);
		char *path = xasprintf("%s/%s", dir, sub);
		struct stat st;

		if (lstat(path, &st))
			fatal(EX_SYSTEM, "cannot look at %s: %s", path,
			      strerror(errno));
		if (S_ISDIR(st.st_mode))
			walk(dir, sub, out);
		else if (S_ISREG(st.st_mode))
			strlist_add(out, sub);
		else
			fatal(EX_SYSTEM, "%s is neither a file nor a directory",
			      path);
		free(sub);
		free(path);
		free(names[i]);
	}
	free(names);
	free(here);
}

void walk_files(const char *dir, struct strlist *out)
{
	walk(dir, "", out);
	strlist_sort(out);
}

bool same_content(const char *a, const char *b)
{
	size_t la, lb;
	char *sa = read_file(a, &la), *sb = sa ? read_file(b, &lb) : NULL;
	bool same = sa && sb && la == lb && !memcmp(sa, sb, la);

	free(sa);
	free(sb);
	return same;
}

void copy_file(const char *from, const char *to)
{
	size_t len;
	char *data = read_file(from, &len), *dir = xstrdup(to);
	char *slash = strrchr(dir, '/');
	struct stat st;

	if (!data || stat(from, &st))
		fatal(EX_SYSTEM, "cannot read %s: %s", from, strerror(errno));
	if (slash && slash != dir) {
		*slash = '\0';
		make_dirs(dir);
	}
	write_file(to, data, len);
	if (st.st_mode & S_IXUSR && chmod(to, 0755))
		fatal(EX_SYSTEM, "cannot change mode of %s: %s", to,
		      strerror(errno));
	free(data);
	free(dir);
}

void replace_link(const char *target, const char *link)
{
	char *tmp = xasprintf("%s.tmp.%d", link, getpid());

	unlink(tmp);
	if (symlink(target, tmp) || rename(tmp, link))
		fatal(EX_SYSTEM, "cannot link %s to %s: %s", link, target,
		      strerror(errno));
	free(tmp);
}
