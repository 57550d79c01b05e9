/* suite.c - suite_load(): all scenarios of a directory of families. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../harness/util.h"
#include "parse.h"

static bool is_dir(const char *path)
{
	struct stat st;

	if (!stat(path, &st))
		return S_ISDIR(st.st_mode);
	if (errno != ENOENT)
		fatal(EX_SYSTEM, "cannot look at %s: %s", path, strerror(errno));
	return false;
}

/* The path as messages show it: relative to the checkout if it is inside. */
static const char *shown(const char *path)
{
	const char *top = top_dir();
	size_t n = top ? strlen(top) : 0;

	return n && !strncmp(path, top, n) && path[n] == '/' ? path + n + 1 : path;
}

static char *read_lib(void *arg, const char *name, char **path, size_t *len)
{
	char *file = xasprintf("%s/lib/%s", (const char *)arg, name);
	char *text = read_file(file, len);

	*path = xstrdup(shown(file));
	free(file);
	return text;
}

struct loader {
	const char *dir, *only;
	struct suite *out;
	struct lang_errors err;
	unsigned int bad;
};

/* Report what one file had to say; @count: it makes the load fail. */
static void say(struct loader *l, bool count)
{
	if (count && (l->err.n || l->err.more)) {
		lang_errors_print(&l->err, stderr);
		l->bad++;
	}
	lang_errors_free(&l->err);
}

static void load_file(struct loader *l, const char *family, const char *file,
		      const struct lang_axes *axes)
{
	size_t stem = strlen(file) - strlen(".scn"), len;
	char *path = xasprintf("%s/%s/%s", l->dir, family, file);
	char *name = xasprintf("%s/%.*s", family, (int)stem, file);
	struct lang_reader reader = { .read = read_lib, .arg = (void *)l->dir };
	char *text = read_file(path, &len);

	if (!text)
		err_add(&l->err, shown(path), 1, 1, "cannot read the file: %s, expected a scenario",
			strerror(errno));
	else
		lang_scenario(name, shown(path), text, len, axes, &reader, l->only, l->out, &l->err);
	say(l, lang_may_fit(l->only, name));
	free(text);
	free(name);
	free(path);
}

static void load_family(struct loader *l, const char *family)
{
	char *dir = xasprintf("%s/%s", l->dir, family);
	char *axes_path = xasprintf("%s/AXES", dir);
	struct lang_axes *axes = NULL;
	char **names, *text;
	size_t n, len;
	bool axes_bad = false;

	text = read_file(axes_path, &len);
	if (text) {
		axes = lang_axes(family, shown(axes_path), text, len, &l->err);
		axes_bad = !axes;
		say(l, true);
		free(text);
	} else if (errno != ENOENT) {
		err_add(&l->err, shown(axes_path), 1, 1, "cannot read the file: %s, expected axes",
			strerror(errno));
		axes_bad = true;
		say(l, true);
	}
	if (axes)
		lang_axes_report(axes, l->out);
	n = list_dir(dir, "*.scn", &names);
	for (size_t i = 0; i < n; i++) {
		if (!axes_bad && names[i][0] != '.' && strlen(names[i]) > strlen(".scn"))
			load_file(l, family, names[i], axes);
		free(names[i]);
	}
	free(names);
	lang_axes_free(axes);
	free(axes_path);
	free(dir);
}

int suite_load(const char *dir, const char *only, struct suite *out)
{
	struct loader l = { .dir = dir, .only = only, .out = out };
	char **names;
	size_t n;

	memset(out, 0, sizeof(*out));
	if (!is_dir(dir)) {
		fprintf(stderr, "%s:1:1: no such directory, expected one with a folder a family\n", dir);
		return -1;
	}
	n = list_dir(dir, NULL, &names);
	for (size_t i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]);

		if (names[i][0] != '.' && strcmp(names[i], "lib") && is_dir(path))
			load_family(&l, names[i]);
		free(path);
		free(names[i]);
	}
	free(names);
	if (l.bad) {
		suite_free(out);
		return -1;
	}
	return 0;
}
