/* series.c - read a patch series, apply it exactly, lay the result over a tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "series.h"
#include "store.h"
#include "util.h"

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* Say what is wrong with a patch file; EX_PATCH for the caller to return. */
static int bad(const struct patch *p, size_t line, const char *expected)
{
	complain("%s:%zu: %s", p->path, line, expected);
	return EX_PATCH;
}

static char *strip_tag(const char *subject)
{
	while (*subject == ' ')
		subject++;
	if (*subject == '[') {
		const char *end = strchr(subject, ']');

		if (end)
			subject = end + 1;
	}
	while (*subject == ' ')
		subject++;
	return xstrdup(subject);
}

/* "diff --git a/X b/X" to X; NULL if it is anything else. */
static char *diff_path(const char *line)
{
	const char *a = line + strlen("diff --git a/");
	size_t n = strlen(a);

	if (!starts(line, "diff --git a/") || n < 4 || (n - 3) % 2)
		return NULL;
	n = (n - 3) / 2;
	if (strncmp(a + n, " b/", 3) || strncmp(a, a + n + 3, n))
		return NULL;
	return xstrndup(a, n);
}

static bool unsafe_path(const char *path)
{
	return *path == '/' || !*path || starts(path, "../") ||
	       strstr(path, "/../") || starts(path, ".git/");
}

static int parse(struct patch *p)
{
	enum { HEADER, BODY, NOTES, DIFF } where = HEADER;
	struct strlist lines = { 0 };
	struct buf body = { 0 };
	bool in_subject = false;
	int ret = 0;
	size_t i;

	buf_puts(&body, "");
	strlist_lines(&lines, p->text);
	for (i = 0; i < lines.n && !ret; i++) {
		const char *l = lines.v[i];
		char *path;

		if (where != DIFF && starts(l, "diff --git "))
			where = DIFF;
		switch (where) {
		case HEADER:
			if (in_subject && *l == ' ') {
				char *joined = xasprintf("%s%s", p->subject, l);

				free(p->subject);
				p->subject = joined;
				break;
			}
			in_subject = false;
			if (!*l) {
				where = BODY;
			} else if (starts(l, "From: ")) {
				p->from = xstrdup(l + 6);
			} else if (starts(l, "Date: ")) {
				p->date = xstrdup(l + 6);
			} else if (starts(l, "Subject: ")) {
				p->subject = strip_tag(l + 9);
				in_subject = true;
			}
			break;
		case BODY:
			if (!strcmp(l, "---"))
				where = NOTES;
			else
				buf_printf(&body, "%s\n", l);
			break;
		case NOTES:
			if (!starts(l, "new-file: "))
				break;
			if (unsafe_path(l + 10))
				ret = bad(p, i + 1, "new-file: needs a path inside the kernel tree");
			else
				strlist_add_once(&p->new_files, l + 10);
			break;
		case DIFF:
			if (starts(l, "diff --git ")) {
				path = diff_path(l);
				if (!path || unsafe_path(path))
					ret = bad(p, i + 1, "expected \"diff --git a/PATH b/PATH\" with one and the same path");
				else
					strlist_add_once(&p->touched, path);
				free(path);
			} else if (starts(l, "new file mode ")) {
				ret = bad(p, i + 1, "patches change existing files only; put the new file under files/ and name it in a new-file: line");
			} else if (starts(l, "rename ") || starts(l, "copy ") ||
				   starts(l, "GIT binary patch")) {
				ret = bad(p, i + 1, "renames, copies and binary files are not supported; make the diff with --no-renames");
			}
			break;
		}
	}
	if (!ret && (!p->from || !p->subject))
		ret = bad(p, 1, "expected a mail header with From: and Subject:");
	if (!ret && where < NOTES)
		ret = bad(p, lines.n, "expected a line \"---\" after the description");
	if (!ret && !p->touched.n && !p->new_files.n)
		ret = bad(p, lines.n, "it changes nothing: no diff and no new-file: line");
	while (body.len && body.s[body.len - 1] == '\n')
		body.s[--body.len] = '\0';
	p->body = body.s;
	strlist_free(&lines);
	return ret;
}

static int check_files(const struct series *s)
{
	size_t i, j, owners;

	for (i = 0; i < s->n; i++)
		for (j = 0; j < s->patches[i].new_files.n; j++)
			if (!strlist_has(&s->files, s->patches[i].new_files.v[j])) {
				complain("%s names new-file: %s, but %s/files/ has no such file",
					 s->patches[i].path,
					 s->patches[i].new_files.v[j], s->dir);
				return EX_PATCH;
			}
	for (j = 0; j < s->files.n; j++) {
		for (i = owners = 0; i < s->n; i++)
			owners += strlist_has(&s->patches[i].new_files,
					      s->files.v[j]);
		if (owners != 1) {
			complain("%s/files/%s belongs to %s; expected exactly one patch with the line \"new-file: %s\" below its \"---\"",
				 s->dir, s->files.v[j],
				 owners ? "several patches" : "no patch",
				 s->files.v[j]);
			return EX_PATCH;
		}
	}
	return 0;
}

/* A patch nobody lists is applied by nobody: whoever put it there meant otherwise. */
static int check_listed(const struct series *s)
{
	char **names;
	size_t n = list_dir(s->dir, "*.patch", &names);
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		bool listed = false;

		for (size_t j = 0; j < s->n && !listed; j++)
			listed = !strcmp(s->patches[j].name, names[i]);
		if (!listed && !ret) {
			complain("%s/%s is not listed in %s/series; list it or take it away", s->dir,
				 names[i], s->dir);
			ret = EX_PATCH;
		}
		free(names[i]);
	}
	free(names);
	return ret;
}

int series_read(struct series *s, const char *dir)
{
	char *list = xasprintf("%s/series", dir);
	char *vpath = xasprintf("%s/VERSION", dir);
	char *fpath = xasprintf("%s/files", dir);
	char *text = read_file(list, NULL);
	struct strlist names = { 0 };
	int ret = 0;
	size_t i;

	memset(s, 0, sizeof(*s));
	s->dir = xstrdup(dir);
	s->version = read_file(vpath, NULL);
	if (!s->version)
		s->version = xstrdup("unknown");
	s->version[strcspn(s->version, " \t\n")] = '\0';
	if (!text) {
		complain("cannot read %s: %s", list, strerror(errno));
		ret = EX_PATCH;
		goto out;
	}
	strlist_lines(&names, text);
	s->patches = xcalloc(names.n + 1, sizeof(*s->patches));
	for (i = 0; i < names.n && !ret; i++) {
		struct patch *p = &s->patches[s->n];
		char *name = names.v[i];

		name[strcspn(name, " \t#")] = '\0';
		if (!*name)
			continue;
		p->name = xstrdup(name);
		p->path = xasprintf("%s/%s", dir, name);
		p->text = strchr(name, '/') ? NULL : read_file(p->path, &p->len);
		s->n++;
		if (!p->text) {
			complain("%s:%zu: no patch \"%s\" in %s", list, i + 1, name,
				 dir);
			ret = EX_PATCH;
		} else {
			ret = parse(p);
		}
	}
	walk_files(fpath, &s->files);
	if (!ret)
		ret = check_listed(s);
	if (!ret)
		ret = check_files(s);
out:
	strlist_free(&names);
	free(list);
	free(vpath);
	free(fpath);
	free(text);
	return ret;
}

void series_free(struct series *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		struct patch *p = &s->patches[i];

		free(p->name);
		free(p->path);
		free(p->text);
		free(p->from);
		free(p->date);
		free(p->subject);
		free(p->body);
		strlist_free(&p->new_files);
		strlist_free(&p->touched);
	}
	free(s->patches);
	strlist_free(&s->files);
	free(s->dir);
	free(s->version);
	memset(s, 0, sizeof(*s));
}

static int patch_cmd(const struct patch *p, const char *dir, const char *fuzz,
		     struct buf *out)
{
	const char *argv[] = {
		"patch", "-p1", "-f", "-d", dir, fuzz,
		"--no-backup-if-mismatch", "-r", "-", "-i", p->path, NULL, NULL
	};

	if (strcmp(fuzz, "--fuzz=0"))
		argv[11] = "--dry-run";
	return run_capture(argv, NULL, out);
}

/* Explain a failed patch from what patch(1) said, with a second, lax try. */
static void explain(const struct series *s, const struct patch *p,
		    const struct overlay *o, const char *said)
{
	struct strlist lines = { 0 }, lax = { 0 };
	struct buf again = { 0 };
	char *file = NULL;
	bool named = false;
	size_t i, j;

	/* the exact try may have changed some files: the lax one is a hint */
	patch_cmd(p, o->dir, "--fuzz=2", &again);
	strlist_lines(&lax, again.s);
	strlist_lines(&lines, said);
	for (i = 0; i < lines.n; i++) {
		const char *l = lines.v[i];
		int hunk = 0;

		if (starts(l, "patching file ")) {
			free(file);
			file = xstrdup(l + strlen("patching file "));
		} else if (sscanf(l, "Hunk #%d FAILED", &hunk) == 1) {
			bool here = false;
			int fuzz = 0;

			for (j = 0; j < lax.n; j++) {
				char *f = strstr(lax.v[j], " with fuzz ");
				int h;

				if (starts(lax.v[j], "checking file "))
					here = file && !strcmp(lax.v[j] + 14, file);
				else if (here && f &&
					 sscanf(lax.v[j], "Hunk #%d", &h) == 1 &&
					 h == hunk)
					fuzz = atoi(f + 11);
			}
			if (fuzz)
				complain("%s: %s: hunk #%d applies only with fuzz %d",
					 p->name, file ? file : "?", hunk, fuzz);
			else
				complain("%s: %s: hunk #%d does not apply", p->name,
					 file ? file : "?", hunk);
			named = true;
		}
	}
	if (!named)
		complain("%s: patch says:\n%s", p->name, said);
	complain("%s: the series was made for linux-source-6.12 %s, installed is %s",
		 p->name, s->version, source_version());
	free(file);
	strlist_free(&lines);
	strlist_free(&lax);
	buf_free(&again);
}

static int apply(const struct series *s, const struct patch *p,
		 const char *base, struct overlay *o)
{
	struct buf out = { 0 };
	int ret = 0;
	size_t i;

	for (i = 0; i < p->touched.n; i++) {
		const char *f = p->touched.v[i];
		char *from = xasprintf("%s/%s", base, f);
		char *to = xasprintf("%s/%s", o->dir, f);

		if (strlist_has(&s->files, f)) {
			complain("%s: %s is a new file of this series; change it under files/, not by a patch",
				 p->name, f);
			ret = EX_PATCH;
		} else if (!strlist_has(&o->touched, f)) {
			if (!file_exists(from)) {
				complain("%s: %s: no such file in the source; the series was made for linux-source-6.12 %s, installed is %s",
					 p->name, f, s->version, source_version());
				ret = EX_PATCH;
			} else {
				copy_file(from, to);
				strlist_add(&o->touched, f);
			}
		}
		free(from);
		free(to);
		if (ret)
			return ret;
	}
	if (p->touched.n && patch_cmd(p, o->dir, "--fuzz=0", &out)) {
		explain(s, p, o, out.s);
		ret = EX_PATCH;
	}
	buf_free(&out);
	return ret;
}

/* Apply the patches of @s, and put their files where they belong. */
static int lay(struct overlay *o, const struct series *s, const char *base,
	       void (*each)(const struct overlay *o, size_t i, void *arg), void *arg)
{
	int ret = 0;
	size_t i, j;

	for (i = 0; i < s->n && !ret; i++) {
		const struct patch *p = &s->patches[i];

		ret = apply(s, p, base, o);
		for (j = 0; j < p->new_files.n && !ret; j++) {
			const char *f = p->new_files.v[j];
			char *from = xasprintf("%s/files/%s", s->dir, f);
			char *to = xasprintf("%s/%s", o->dir, f);
			char *old = xasprintf("%s/%s", base, f);

			if (file_exists(old)) {
				complain("%s exists in linux-source-6.12 %s; files/ is for new files only, change it by a patch",
					 f, source_version());
				ret = EX_PATCH;
			} else if (s->below && file_exists(to)) {
				complain("%s/files/%s is a file of %s; change it by a patch", s->dir,
					 f, s->below->dir);
				ret = EX_PATCH;
			} else {
				copy_file(from, to);
				strlist_add_once(&o->touched, f);
			}
			free(from);
			free(to);
			free(old);
		}
		if (!ret && each)
			each(o, i, arg);
	}
	return ret;
}

int overlay_make(struct overlay *o, const struct series *s, const char *base,
		 void (*each)(const struct overlay *o, size_t i, void *arg),
		 void *arg)
{
	static int number;
	int ret = 0;

	memset(o, 0, sizeof(*o));
	o->dir = store_path("tmp/overlay.%d.%d", getpid(), number++);
	remove_tree(o->dir);
	make_dirs(o->dir);
	if (s->below)
		ret = lay(o, s->below, base, NULL, NULL);
	if (!ret)
		ret = lay(o, s, base, each, arg);
	strlist_sort(&o->touched);
	return ret;
}

void overlay_free(struct overlay *o)
{
	if (o->dir)
		remove_tree(o->dir);
	free(o->dir);
	strlist_free(&o->touched);
	memset(o, 0, sizeof(*o));
}

static void save_state(const struct strlist *l, const char *statefile)
{
	struct buf b = { 0 };
	size_t i;

	buf_puts(&b, "");
	for (i = 0; i < l->n; i++)
		buf_printf(&b, "%s\n", l->v[i]);
	write_file(statefile, b.s, b.len);
	buf_free(&b);
}

size_t overlay_sync(const struct overlay *o, const char *base,
		    const char *tree, const char *statefile)
{
	struct strlist all = { 0 };
	char *before = read_file(statefile, NULL);
	size_t i, changed = 0;

	if (before)
		strlist_lines(&all, before);
	for (i = 0; i < o->touched.n; i++)
		strlist_add_once(&all, o->touched.v[i]);
	save_state(&all, statefile);	/* an interrupted sync leaves no orphan */
	for (i = 0; i < all.n; i++) {
		const char *f = all.v[i];
		bool ours = strlist_has(&o->touched, f);
		char *want = xasprintf("%s/%s", ours ? o->dir : base, f);
		char *have = xasprintf("%s/%s", tree, f);

		if (!file_exists(want)) {
			if (!unlink(have))
				changed++;
		} else if (!same_content(want, have)) {
			copy_file(want, have);
			changed++;
		}
		free(want);
		free(have);
	}
	save_state(&o->touched, statefile);
	strlist_free(&all);
	free(before);
	return changed;
}
