/* gittree.c - the kernel source and a series on top of it as git objects. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "gittree.h"
#include "store.h"

#define WHO "linux-source"
#define WHERE "linux-source@localhost"
#define WHEN "Thu, 01 Jan 2026 00:00:00 +0000"

int git_run(const struct git *g, struct buf *out, const char *const args[])
{
	struct strlist env = { 0 };
	const char *argv[512];
	size_t n = 0, i;
	char *s;
	int status;

#define ENV(fmt, value) do { if (value) { \
	s = xasprintf(fmt, value); strlist_add(&env, s); free(s); } } while (0)
	ENV("%s", "LC_ALL=C");
	ENV("%s", "TZ=UTC");
	ENV("%s", "GIT_CONFIG_NOSYSTEM=1");
	ENV("%s", "GIT_CONFIG_GLOBAL=/dev/null");
	ENV("GIT_DIR=%s", g->gitdir);
	ENV("GIT_INDEX_FILE=%s", g->index);
	ENV("GIT_WORK_TREE=%s", g->worktree);
	ENV("GIT_AUTHOR_NAME=%s", g->author);
	ENV("GIT_AUTHOR_EMAIL=%s", g->email);
	ENV("GIT_AUTHOR_DATE=%s", g->date);
	ENV("GIT_COMMITTER_NAME=%s", g->author);
	ENV("GIT_COMMITTER_EMAIL=%s", g->email);
	ENV("GIT_COMMITTER_DATE=%s", g->date);
#undef ENV
	argv[n++] = "env";
	if (!g->index) {
		argv[n++] = "-u";
		argv[n++] = "GIT_INDEX_FILE";
	}
	if (!g->worktree) {
		argv[n++] = "-u";
		argv[n++] = "GIT_WORK_TREE";
	}
	for (i = 0; i < env.n; i++)
		argv[n++] = env.v[i];
	argv[n++] = "git";
	argv[n++] = "-c";
	argv[n++] = "core.autocrlf=false";
	argv[n++] = "-c";
	argv[n++] = "gc.auto=0";
	argv[n++] = "-c";
	argv[n++] = "advice.detachedHead=false";
	for (i = 0; args[i]; i++) {
		if (n + 1 == sizeof(argv) / sizeof(*argv))
			fatal(EX_SYSTEM, "git %s: too many arguments", args[0]);
		argv[n++] = args[i];
	}
	argv[n] = NULL;
	status = run_capture(argv, g->dir, out);
	strlist_free(&env);
	return status;
}

char *git_get(const struct git *g, const char *const args[])
{
	struct buf b = { 0 };
	int status = git_run(g, &b, args);

	if (interrupted)
		fatal(EX_INTERRUPTED, "interrupted");
	if (status)
		fatal(EX_SYSTEM, "git %s failed in %s (exit status %d)", args[0],
		      g->gitdir, status);
	while (b.len && isspace((unsigned char)b.s[b.len - 1]))
		b.s[--b.len] = '\0';
	return b.s;
}

void plain_attributes(const char *gitdir)
{
	static const char text[] = "*.[ch] diff=cpp\n";
	char *dir = xasprintf("%s/info", gitdir);
	char *path = xasprintf("%s/attributes", dir);

	make_dirs(dir);
	write_file(path, text, strlen(text));
	free(dir);
	free(path);
}

/*
 * Debian's .gitignore ends by ignoring everything but debian/, which would
 * hide every file somebody adds.  Leave that out of the commit.
 */
static void mend_gitignore(const struct git *g, const char *src)
{
	static const char block[] = "/*\n!/debian/\n";
	char *path = xasprintf("%s/.gitignore", src);
	char *text = read_file(path, NULL);
	char *at = text ? strstr(text, block) : NULL, *tmp, *blob, *info;

	if (at) {
		memmove(at, at + strlen(block), strlen(at + strlen(block)) + 1);
		tmp = xasprintf("%s/gitignore", g->gitdir);
		write_file(tmp, text, strlen(text));
		blob = GIT(g, "hash-object", "-w", "--no-filters", tmp);
		info = xasprintf("100644,%s,.gitignore", blob);
		free(GIT(g, "update-index", "--cacheinfo", info));
		unlink(tmp);
		free(tmp);
		free(blob);
		free(info);
	}
	free(path);
	free(text);
}

char *base_repo(char **base)
{
	char *dir = store_path("git/%s.git", source_version());
	char *tmp = store_path("git/.tmp.%s.git", source_version());
	char *index = xasprintf("%s/base-index", tmp), *message, *src, *tree, *c;
	struct git g = { .gitdir = tmp, .index = index };
	int lock;

	if (file_exists(dir)) {
		g.gitdir = dir;
		g.index = NULL;
		goto out;
	}
	lock = store_lock("git");
	if (lock < 0)
		return NULL;
	src = file_exists(dir) ? NULL : source_tree();
	if (src) {
		store_need_space(1500, "a git repository of the kernel source");
		fprintf(stderr, "ptbed: making a git repository of linux-source-6.12 %s\n",
			source_version());
		remove_tree(tmp);
		make_dirs(tmp);
		free(GIT(&g, "init", "-q", "--bare", tmp));
		g.worktree = src;
		g.dir = src;
		g.author = WHO;
		g.email = WHERE;
		g.date = WHEN;
		free(GIT(&g, "add", "-f", "-A", "."));
		mend_gitignore(&g, src);
		tree = GIT(&g, "write-tree");
		message = xasprintf("linux-source-6.12 %s", source_version());
		c = GIT(&g, "commit-tree", "-m", message, tree);
		g.worktree = NULL;
		g.dir = NULL;
		free(GIT(&g, "update-ref", "refs/heads/linux-source", c));
		free(GIT(&g, "symbolic-ref", "HEAD", "refs/heads/linux-source"));
		free(GIT(&g, "repack", "-q", "-a", "-d", "--window=0"));
		unlink(index);
		plain_attributes(tmp);
		if (rename(tmp, dir))
			fatal(EX_SYSTEM, "cannot publish %s: %s", dir,
			      strerror(errno));
		free(tree);
		free(message);
		free(c);
		free(src);
	}
	store_unlock(lock);
	if (!file_exists(dir)) {
		free(dir);
		dir = NULL;
		goto done;
	}
	g = (struct git){ .gitdir = dir };
out:
	*base = GIT(&g, "rev-parse", "refs/heads/linux-source");
done:
	free(tmp);
	free(index);
	return dir;
}

struct chain {
	const struct series *s;
	struct git g;
	char *commit, *tree;
};

/* "Name <address>" into two strings. */
static void split_address(const char *from, char **name, char **email)
{
	const char *lt = strchr(from, '<'), *gt = lt ? strchr(lt, '>') : NULL;
	size_t n = lt ? (size_t)(lt - from) : strlen(from);

	while (n && from[n - 1] == ' ')
		n--;
	if (n > 1 && *from == '"' && from[n - 1] == '"')
		*name = xstrndup(from + 1, n - 2);
	else
		*name = xstrndup(from, n);
	*email = gt ? xstrndup(lt + 1, gt - lt - 1) : xstrdup(*name);
}

static void commit_patch(const struct overlay *o, size_t i, void *arg)
{
	struct chain *c = arg;
	const struct patch *p = &c->s->patches[i];
	const struct strlist *lists[] = { &p->touched, &p->new_files };
	char *msgfile = xasprintf("%s.message", c->g.index);
	char *message, *name, *email, *next;
	size_t j, k;

	c->g.worktree = o->dir;
	c->g.dir = o->dir;
	for (k = 0; k < 2; k++)
		for (j = 0; j < lists[k]->n; j++)
			free(GIT(&c->g, "update-index", "--add", "--remove", "--",
				 lists[k]->v[j]));
	split_address(p->from, &name, &email);
	c->g.author = name;
	c->g.email = email;
	c->g.date = p->date ? p->date : WHEN;
	message = xasprintf("%s%s%s\n", p->subject, *p->body ? "\n\n" : "",
			    p->body);
	write_file(msgfile, message, strlen(message));
	free(c->tree);
	c->tree = GIT(&c->g, "write-tree");
	next = GIT(&c->g, "commit-tree", "-p", c->commit, "-F", msgfile, c->tree);
	free(c->commit);
	c->commit = next;
	c->g.author = c->g.email = c->g.date = NULL;
	unlink(msgfile);
	free(msgfile);
	free(message);
	free(name);
	free(email);
}

int series_to_commits(const struct series *s, const char *gitdir,
		      const char *base, char **commit, char **tree)
{
	char *index = xasprintf("%s/ptbed-index.%d", gitdir, getpid());
	struct chain c = {
		.s = s,
		.g = { .gitdir = gitdir, .index = index },
		.commit = xstrdup(base),
	};
	struct overlay o = { 0 };
	char *src, *what = xasprintf("%s^{tree}", base);
	int ret;

	src = source_tree();
	if (!src)
		return EX_INTERRUPTED;
	c.tree = GIT(&c.g, "rev-parse", what);
	free(GIT(&c.g, "read-tree", base));
	ret = overlay_make(&o, s, src, commit_patch, &c);
	overlay_free(&o);
	unlink(index);
	free(index);
	free(src);
	free(what);
	if (ret) {
		free(c.commit);
		free(c.tree);
		return ret;
	}
	*commit = c.commit;
	*tree = c.tree;
	return 0;
}

/* 0001-fork-tell-tracers.patch, the way git format-patch does it. */
static char *patch_name(size_t number, const char *subject)
{
	struct buf b = { 0 };
	size_t n = 0;

	buf_printf(&b, "%04zu-", number);
	for (; *subject && n < 52; subject++) {
		bool ok = isalnum((unsigned char)*subject) || *subject == '_' ||
			  (*subject == '.' && subject[1] != '.');

		if (ok)
			buf_add(&b, subject, 1);
		else if (b.s[b.len - 1] != '-')
			buf_puts(&b, "-");
		n++;
	}
	while (b.s[b.len - 1] == '-' || b.s[b.len - 1] == '.')
		b.s[--b.len] = '\0';
	buf_puts(&b, ".patch");
	return b.s;
}

/* Does @path exist in @commit? */
static bool in_tree(const struct git *g, const char *commit, const char *path)
{
	char *s = GIT(g, "ls-tree", "--name-only", "--full-tree", commit, "--",
		      path);
	bool found = *s;

	free(s);
	return found;
}

/* Write file @path of @head below @dir/files. */
static int export_file(const struct git *g, const char *head, const char *path,
		       const char *dir)
{
	char *entry = GIT(g, "ls-tree", "--full-tree", head, "--", path);
	char *spec = xasprintf("%s:%s", head, path);
	char *to = xasprintf("%s/files/%s", dir, path);
	struct buf b = { 0 };
	char *slash;
	int ret = 0;

	if (strncmp(entry, "100644 ", 7) && strncmp(entry, "100755 ", 7)) {
		complain("%s is not a plain file; a series holds plain files only",
			 path);
		ret = EX_PATCH;
		goto out;
	}
	if (git_run(g, &b, (const char *const[]){ "cat-file", "blob", spec, NULL }))
		fatal(EX_SYSTEM, "git cat-file %s failed", spec);
	slash = strrchr(to, '/');
	*slash = '\0';
	make_dirs(to);
	*slash = '/';
	write_file(to, b.s, b.len);
	if (!strncmp(entry, "100755 ", 7) &&
	    run_cmd((const char *const[]){ "chmod", "755", to, NULL }, NULL, NULL))
		fatal(EX_SYSTEM, "cannot change the mode of %s", to);
out:
	buf_free(&b);
	free(entry);
	free(spec);
	free(to);
	return ret;
}

/* Append @diff without its "index" lines, which change with the base. */
static void add_diff(struct buf *b, const char *diff)
{
	struct strlist lines = { 0 };
	size_t i;

	strlist_lines(&lines, diff);
	for (i = 0; i < lines.n; i++)
		if (strncmp(lines.v[i], "index ", 6))
			buf_printf(b, "%s\n", lines.v[i]);
	strlist_free(&lines);
}

/* One commit; *number is raised when it became a patch. */
static int export_commit(const struct git *g, const char *base,
			 const char *head, const char *commit, const char *dir,
			 struct strlist *owned, struct buf *list, size_t *number)
{
	char *names = GIT(g, "-c", "core.quotePath=false", "diff-tree", "-r",
			  "--no-renames", "--no-commit-id", "--name-only", commit);
	char *subject = GIT(g, "log", "-1", "--format=%s", commit);
	char *body = GIT(g, "log", "-1", "--format=%b", commit);
	char *from = GIT(g, "log", "-1", "--format=%an <%ae>", commit);
	char *date = GIT(g, "log", "-1", "--format=%aD", commit);
	struct strlist paths = { 0 }, fresh = { 0 };
	struct buf text = { 0 }, diff = { 0 };
	const char **args;
	size_t i, n = 0;
	char *name, *path;
	int ret = 0;

	strlist_lines(&paths, names);
	args = xcalloc(paths.n + 16, sizeof(*args));
	args[n++] = "diff-tree";
	args[n++] = "-p";
	args[n++] = "-r";
	args[n++] = "-U3";
	args[n++] = "--no-renames";
	args[n++] = "--no-color";
	args[n++] = "--no-ext-diff";
	args[n++] = "--no-textconv";
	args[n++] = "--no-commit-id";
	args[n++] = "--full-index";
	args[n++] = "--src-prefix=a/";
	args[n++] = "--dst-prefix=b/";
	args[n++] = commit;
	args[n++] = "--";
	for (i = 0; i < paths.n && !ret; i++) {
		const char *p = paths.v[i];

		if (in_tree(g, base, p)) {
			args[n++] = p;
		} else if (in_tree(g, head, p) && !strlist_has(owned, p)) {
			strlist_add(owned, p);
			strlist_add(&fresh, p);
			ret = export_file(g, head, p, dir);
		}
	}
	if (ret)
		goto out;
	if (args[n - 1] != commit && strcmp(args[n - 1], "--") &&
	    git_run(g, &diff, args))
		fatal(EX_SYSTEM, "git diff-tree failed for %s", commit);
	if (diff.len && strstr(diff.s, "\nnew file mode ")) {
		complain("commit %.12s (%s) brings back a file of the source that was deleted before; change it in one commit",
			 commit, subject);
		ret = EX_PATCH;
		goto out;
	}
	if (!diff.len && !fresh.n) {
		warn("commit %.12s (%s) only changes files another patch brings; folded into that patch",
		     commit, subject);
		goto out;
	}
	buf_printf(&text, "From: %s\nDate: %s\nSubject: [PATCH] %s\n\n", from,
		   date, subject);
	if (*body)
		buf_printf(&text, "%s\n", body);
	buf_puts(&text, "---\n");
	for (i = 0; i < fresh.n; i++)
		buf_printf(&text, "new-file: %s\n", fresh.v[i]);
	if (diff.len) {
		buf_puts(&text, "\n");
		add_diff(&text, diff.s);
	}
	name = patch_name(++*number, subject);
	path = xasprintf("%s/%s", dir, name);
	write_file(path, text.s, text.len);
	buf_printf(list, "%s\n", name);
	free(name);
	free(path);
out:
	buf_free(&text);
	buf_free(&diff);
	strlist_free(&paths);
	strlist_free(&fresh);
	free(args);
	free(names);
	free(subject);
	free(body);
	free(from);
	free(date);
	return ret;
}

int commits_to_series(const char *gitdir, const char *base, const char *head,
		      const char *dir)
{
	struct git g = { .gitdir = gitdir };
	char *range = xasprintf("%s..%s", base, head);
	char *merges = GIT(&g, "rev-list", "--merges", "-n1", range);
	char *all = GIT(&g, "rev-list", "--reverse", "--topo-order", range);
	char *lpath = xasprintf("%s/series", dir);
	char *vpath = xasprintf("%s/VERSION", dir);
	char *version = xasprintf("%s\n", source_version());
	struct strlist commits = { 0 }, owned = { 0 };
	struct buf list = { 0 };
	size_t i, number = 0;
	int ret = 0;

	make_dirs(dir);
	if (*merges) {
		complain("commit %.12s is a merge; a series is a straight line, rebase it",
			 merges);
		ret = EX_PATCH;
		goto out;
	}
	buf_puts(&list, "# Patches in order; written by \"make writeback\".\n");
	strlist_lines(&commits, all);
	for (i = 0; i < commits.n && !ret; i++)
		ret = export_commit(&g, base, head, commits.v[i], dir, &owned,
				    &list, &number);
	if (!ret) {
		write_file(lpath, list.s, list.len);
		write_file(vpath, version, strlen(version));
	}
out:
	strlist_free(&commits);
	strlist_free(&owned);
	buf_free(&list);
	free(range);
	free(merges);
	free(all);
	free(lpath);
	free(vpath);
	free(version);
	return ret;
}
