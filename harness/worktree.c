/* worktree.c - a git tree to edit a series in, the way back, and a series to mail. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "gittree.h"
#include "kernels.h"
#include "store.h"
#include "util.h"
#include "worktree.h"

/*
 * build/linux (build/linux-NAME for another series than 6.12) is a clone
 * whose branch "series" holds the source as one commit, tagged "base", and a
 * commit for each patch.  Two settings in it say what it stands for:
 * ptbed.commit, the commit that equals kernel-patches/, and ptbed.key, the
 * content of kernel-patches/ at that time.
 */
struct worktree {
	const char *name;	/* of the series */
	char *patches;		/* its directory in kernel-patches/ */
	char *dir, *gitdir;
	struct git g;
};

static void worktree_init(struct worktree *w, const char *name)
{
	w->name = name;
	w->patches = top_path("kernel-patches/%s", name);
	w->dir = strcmp(name, "6.12") ? top_path("build/linux-%s", name) :
					top_path("build/linux");
	w->gitdir = xasprintf("%s/.git", w->dir);
	w->g = (struct git){
		.gitdir = w->gitdir, .worktree = w->dir, .dir = w->dir
	};
}

static void worktree_free(struct worktree *w)
{
	free(w->patches);
	free(w->dir);
	free(w->gitdir);
}

/* What kernel-patches/NAME holds, for comparing. */
static char *patches_key(const char *dir)
{
	struct key k = { 0 };
	struct series s;
	char *files;
	size_t i;

	if (series_read(&s, dir)) {
		series_free(&s);
		return NULL;
	}
	files = xasprintf("%s/files", dir);
	for (i = 0; i < s.n; i++)
		key_add(&k, s.patches[i].name, s.patches[i].text,
			s.patches[i].len);
	key_add_tree(&k, "files", files);
	free(files);
	series_free(&s);
	return key_finish(&k);
}

/* A setting of the clone, "" when it is not set. */
static char *setting(const struct worktree *w, const char *name)
{
	struct buf b = { 0 };

	git_run(&w->g, &b, (const char *const[]){ "config", "--get", name, NULL });
	b.s[strcspn(b.s, "\n")] = '\0';
	return b.s;
}

static void remember(const struct worktree *w, const char *commit,
		     const char *key)
{
	free(GIT(&w->g, "config", "ptbed.commit", commit));
	free(GIT(&w->g, "config", "ptbed.key", key));
}

/* Say why the work in the clone is not safe yet; true if it is. */
static bool nothing_to_lose(const struct worktree *w, bool commits_too)
{
	char *status = GIT(&w->g, "status", "--porcelain", "--untracked-files=all");
	char *rebase = xasprintf("%s/rebase-merge", w->gitdir);
	char *am = xasprintf("%s/rebase-apply", w->gitdir);
	char *commit = setting(w, "ptbed.commit"), *more = NULL;
	bool safe = false;

	if (*status) {
		complain("%s has changes that are not committed:\n%s", w->dir, status);
	} else if (file_exists(rebase) || file_exists(am)) {
		complain("%s is in the middle of a rebase or of git am", w->dir);
	} else if (commits_too) {
		if (*commit)
			more = GIT(&w->g, "log", "--format=%h %s", "--all", "HEAD",
				   "--not", commit, "--");
		if (!more || *more)
			complain("%s has commits that were not written back; run: make writeback\n%s",
				 w->dir, more ? more : "");
		else
			safe = true;
	} else {
		safe = true;
	}
	free(status);
	free(rebase);
	free(am);
	free(commit);
	free(more);
	return safe;
}

/* Identity for commits made by hand in the clone: the checkout's. */
static void take_identity(const struct worktree *w)
{
	static const char *const names[] = { "user.name", "user.email" };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct buf b = { 0 };
		const char *const argv[] = {
			"git", "-C", top_dir(), "config", "--get", names[i], NULL
		};

		if (!run_capture(argv, NULL, &b)) {
			b.s[strcspn(b.s, "\n")] = '\0';
			if (*b.s)
				free(GIT(&w->g, "config", names[i], b.s));
		}
		buf_free(&b);
	}
}

static void clone(const struct worktree *w, const char *repo, const char *base)
{
	struct git g = { .gitdir = w->gitdir };
	char *parent = top_path("build");

	make_dirs(parent);
	free(parent);
	store_need_space(2500, "a git tree of the kernel");
	/* GIT_DIR would win over the clone's own directory: run it bare */
	if (run_cmd((const char *const[]){ "git", "clone", "-q", "--no-checkout",
					   "--no-tags", repo, w->dir, NULL },
		    NULL, NULL))
		fatal(EX_SYSTEM, "cannot clone %s to %s", repo, w->dir);
	free(GIT(&g, "config", "gc.auto", "0"));
	free(GIT(&g, "tag", "base", base));
	plain_attributes(w->gitdir);
	take_identity(w);
}

static int open_worktree(const char *name)
{
	struct worktree w;
	char *key, *base = NULL, *repo = NULL, *commit = NULL, *tree = NULL;
	struct series s = { 0 };
	int ret = 0;

	worktree_init(&w, name);
	key = patches_key(w.patches);
	if (!key) {
		ret = EX_PATCH;
		goto out;
	}
	if (file_exists(w.dir)) {
		char *known = setting(&w, "ptbed.key"), *tag;
		struct buf b = { 0 };
		bool same = !strcmp(known, key);

		free(known);
		repo = base_repo(&base);
		if (!repo) {
			ret = EX_INTERRUPTED;
			goto out;
		}
		git_run(&w.g, &b, (const char *const[]){
			"rev-parse", "-q", "--verify", "refs/tags/base^{commit}",
			NULL });
		tag = b.s;
		tag[strcspn(tag, "\n")] = '\0';
		if (same && !strcmp(tag, base)) {
			printf("%s is there already and stands for %s\n", w.dir,
			       w.patches);
			free(tag);
			goto out;
		}
		if (!nothing_to_lose(&w, true)) {
			complain("it stays as it is, though %s changed meanwhile",
				 strcmp(tag, base) ? "the source package" : w.patches);
			free(tag);
			ret = EX_PATCH;
			goto out;
		}
		if (strcmp(tag, base))
			remove_tree(w.dir);
		free(tag);
	} else {
		repo = base_repo(&base);
		if (!repo) {
			ret = EX_INTERRUPTED;
			goto out;
		}
	}
	if (!file_exists(w.dir))
		clone(&w, repo, base);
	ret = series_read(&s, w.patches);
	if (!ret)
		ret = series_to_commits(&s, w.gitdir, base, &commit, &tree);
	if (ret)
		goto out;
	free(GIT(&w.g, "checkout", "-q", "-f", "-B", "series", commit));
	remember(&w, commit, key);
	printf("%s: linux-source-6.12 %s with %zu patches\n", w.dir,
	       source_version(), s.n);
	printf("edit and commit there (branch \"series\", the source is tag \"base\"), then: make writeback\n");
out:
	series_free(&s);
	worktree_free(&w);
	free(key);
	free(base);
	free(repo);
	free(commit);
	free(tree);
	return ret;
}

/* Exchange the series in @dir for the one in @fresh; other files stay. */
static void replace_series(const char *dir, const char *fresh)
{
	static const char *const parts[] = { "series", "VERSION", "files" };
	char **names, *old, *new;
	size_t n = list_dir(dir, "*.patch", &names), i;

	for (i = 0; i < n; i++) {
		old = xasprintf("%s/%s", dir, names[i]);
		remove_tree(old);
		free(old);
		free(names[i]);
	}
	free(names);
	for (i = 0; i < 3; i++) {
		old = xasprintf("%s/%s", dir, parts[i]);
		new = xasprintf("%s/%s", fresh, parts[i]);
		remove_tree(old);
		if (file_exists(new) && rename(new, old))
			fatal(EX_SYSTEM, "cannot replace %s: %s", old,
			      strerror(errno));
		free(old);
		free(new);
	}
	n = list_dir(fresh, "*.patch", &names);
	for (i = 0; i < n; i++) {
		old = xasprintf("%s/%s", dir, names[i]);
		new = xasprintf("%s/%s", fresh, names[i]);
		if (rename(new, old))
			fatal(EX_SYSTEM, "cannot replace %s: %s", old,
			      strerror(errno));
		free(old);
		free(new);
		free(names[i]);
	}
	free(names);
	remove_tree(fresh);
}

static int write_back(const char *name, bool force)
{
	struct worktree w;
	char *key = NULL, *known = NULL, *head = NULL, *base = NULL, *want = NULL;
	char *tree = NULL, *commit = NULL, *fresh = NULL, *tag = NULL, *repo = NULL;
	struct series s = { 0 };
	struct buf b = { 0 };
	int ret = EX_PATCH;

	worktree_init(&w, name);
	if (!file_exists(w.gitdir)) {
		complain("there is no %s; run: make worktree", w.dir);
		goto out;
	}
	if (!nothing_to_lose(&w, false))
		goto out;
	repo = base_repo(&base);
	if (!repo) {
		ret = EX_INTERRUPTED;
		goto out;
	}
	tag = GIT(&w.g, "rev-parse", "refs/tags/base^{commit}");
	if (strcmp(tag, base)) {
		complain("%s is based on another version of linux-source-6.12 than the installed %s; rebase it: git fetch origin && git rebase --onto origin/linux-source base && git tag -f base origin/linux-source",
			 w.dir, source_version());
		goto out;
	}
	head = GIT(&w.g, "rev-parse", "HEAD");
	if (git_run(&w.g, &b, (const char *const[]){ "merge-base",
			"--is-ancestor", base, head, NULL })) {
		complain("HEAD of %s is not based on the source, tag \"base\"", w.dir);
		goto out;
	}
	key = patches_key(w.patches);
	known = setting(&w, "ptbed.key");
	if (!force && (!key || strcmp(key, known))) {
		complain("%s changed since %s was made; writing back would undo that.  Put these changes into the tree by hand, too, and run: ptbed writeback --force",
			 w.patches, w.dir);
		goto out;
	}
	/* beside its destination, so that each part is put there by a rename */
	fresh = xasprintf("%s/.writeback.%d", w.patches, getpid());
	remove_tree(fresh);
	ret = commits_to_series(w.gitdir, base, head, fresh);
	if (!ret)
		ret = series_read(&s, fresh);
	if (!ret)
		ret = series_to_commits(&s, w.gitdir, base, &commit, &tree);
	if (ret) {
		remove_tree(fresh);
		goto out;
	}
	want = GIT(&w.g, "rev-parse", "HEAD^{tree}");
	if (strcmp(want, tree)) {
		remove_tree(fresh);
		complain("the series would give tree %s instead of %s; nothing was written",
			 tree, want);
		ret = EX_PATCH;
		goto out;
	}
	replace_series(w.patches, fresh);
	free(key);
	key = patches_key(w.patches);
	remember(&w, head, key ? key : "");
	printf("%s: %zu patches, %zu new files, tree %.12s\n", w.patches, s.n,
	       s.files.n, tree);
out:
	series_free(&s);
	worktree_free(&w);
	buf_free(&b);
	free(key);
	free(known);
	free(head);
	free(base);
	free(want);
	free(tree);
	free(commit);
	free(fresh);
	free(tag);
	free(repo);
	return ret;
}

/* Subject and text of the cover letter: kernel-patches/NAME/cover-letter. */
static void fill_cover(const char *patches, const char *file)
{
	char *path = xasprintf("%s/cover-letter", patches);
	char *text = read_file(path, NULL), *mail = read_file(file, NULL);
	const char *const marks[] = {
		"*** SUBJECT HERE ***", "*** BLURB HERE ***"
	};
	struct buf out = { 0 };
	char *parts[2], *at = mail, *p;
	size_t i;

	if (!mail)
		fatal(EX_SYSTEM, "cannot read %s: %s", file, strerror(errno));
	if (!text)
		text = xstrdup("a series of patches\n");
	p = strchr(text, '\n');
	parts[0] = xstrndup(text, strcspn(text, "\n"));
	while (p && *p == '\n')
		p++;
	parts[1] = xasprintf("%s\nMade for linux-source-6.12 %s.\n", p ? p : "",
			     source_version());
	for (i = 0; i < 2; i++) {
		p = strstr(at, marks[i]);
		if (!p)
			continue;
		buf_add(&out, at, p - at);
		buf_puts(&out, parts[i]);
		at = p + strlen(marks[i]);
		free(parts[i]);
	}
	buf_puts(&out, at);
	write_file(file, out.s, out.len);
	buf_free(&out);
	free(path);
	free(text);
	free(mail);
}

/* Write the mails of @base..@commit to @dir; @who signs the cover letter. */
static void export_mails(const char *repo, const char *base, const char *commit,
			 const struct series *s, const char *dir)
{
	const char *from = s->n ? s->patches[0].from : "nobody <nobody@localhost>";
	char *name = xstrndup(from, strcspn(from, "<"));
	char *email = xstrdup(from + strcspn(from, "<"));
	char *range = xasprintf("%s..%s", base, commit), **names;
	struct git g = {
		.gitdir = repo, .author = name, .date = "2026-01-01T00:00:00Z"
	};
	size_t n;

	g.email = *email == '<' ? email + 1 : email;
	email[strcspn(email, ">")] = '\0';
	remove_tree(dir);
	make_dirs(dir);
	free(GIT(&g, "format-patch", "-q", "--cover-letter", "--no-signature",
		 "--no-renames", "-o", dir, range));
	n = list_dir(dir, "0000-*.patch", &names);
	if (n) {
		char *cover = xasprintf("%s/%s", dir, names[0]);

		fill_cover(s->dir, cover);
		free(cover);
	}
	while (n--)
		free(names[n]);
	free(names);
	free(name);
	free(email);
	free(range);
}

static int export_series(const char *name)
{
	char *patches = top_path("kernel-patches/%s", name);
	char *dir = strcmp(name, "6.12") ? top_path("build/series-%s", name) :
					   top_path("build/series");
	char *base = NULL, *repo = NULL, *commit = NULL, *tree = NULL;
	struct series s = { 0 };
	int ret = series_read(&s, patches);

	if (ret)
		goto out;
	repo = base_repo(&base);
	ret = repo ? series_to_commits(&s, repo, base, &commit, &tree) :
		     EX_INTERRUPTED;
	if (ret)
		goto out;
	export_mails(repo, base, commit, &s, dir);
	printf("%s: %zu patches and a cover letter for git am on linux-source-6.12 %s\n",
	       dir, s.n, source_version());
out:
	series_free(&s);
	free(patches);
	free(dir);
	free(base);
	free(repo);
	free(commit);
	free(tree);
	return ret;
}

/* Do the patches and files of both directories have the same text? */
static int same_series(const char *a, const char *b)
{
	const char *const dirs[] = { a, b };
	struct strlist all = { 0 };
	int ret = 0;
	size_t i, j;

	for (i = 0; i < 2; i++) {
		struct strlist one = { 0 };

		walk_files(dirs[i], &one);
		for (j = 0; j < one.n; j++)
			if (strstr(one.v[j], ".patch") ||
			    !strncmp(one.v[j], "files/", 6))
				strlist_add_once(&all, one.v[j]);
		strlist_free(&one);
	}
	for (i = 0; i < all.n; i++) {
		char *pa = xasprintf("%s/%s", a, all.v[i]);
		char *pb = xasprintf("%s/%s", b, all.v[i]);

		if (!same_content(pa, pb)) {
			complain("%s is not what write-back makes of it; run: make worktree, then ptbed writeback --force",
				 pa);
			ret = EX_PATCH;
		}
		free(pa);
		free(pb);
	}
	strlist_free(&all);
	return ret;
}

/* Apply the mails in @dir on @base in an index of its own; their tree. */
static char *mails_tree(const char *repo, const char *base, const char *dir)
{
	char *index = xasprintf("%s/ptbed-mails.%d", repo, getpid()), **names;
	struct git g = { .gitdir = repo, .index = index };
	size_t n = list_dir(dir, "*.patch", &names), i;
	char *tree;

	free(GIT(&g, "read-tree", base));
	for (i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]);

		if (strncmp(names[i], "0000-", 5))
			free(GIT(&g, "apply", "--cached", path));
		free(path);
		free(names[i]);
	}
	free(names);
	tree = GIT(&g, "write-tree");
	unlink(index);
	free(index);
	return tree;
}

int check_roundtrip(const char *name)
{
	char *patches = top_path("kernel-patches/%s", name);
	char *tmp = store_path("tmp/roundtrip.%d", getpid());
	char *mails = xasprintf("%s.mails", tmp);
	char *base = NULL, *repo = NULL;
	char *commit[2] = { NULL, NULL }, *tree[3] = { NULL, NULL, NULL };
	struct series s = { 0 }, back = { 0 };
	int ret = series_read(&s, patches);

	remove_tree(tmp);
	if (ret)
		goto out;
	repo = base_repo(&base);
	ret = repo ? series_to_commits(&s, repo, base, &commit[0], &tree[0]) :
		     EX_INTERRUPTED;
	if (!ret)
		ret = commits_to_series(repo, base, commit[0], tmp);
	if (!ret)
		ret = series_read(&back, tmp);
	if (!ret)
		ret = series_to_commits(&back, repo, base, &commit[1], &tree[1]);
	if (ret)
		goto out;
	export_mails(repo, base, commit[0], &s, mails);
	tree[2] = mails_tree(repo, base, mails);
	if (strcmp(tree[0], tree[1]) || strcmp(tree[0], tree[2])) {
		complain("series %s: applied it gives tree %s, written back %s, mailed %s",
			 name, tree[0], tree[1], tree[2]);
		ret = EX_PATCH;
	} else {
		ret = same_series(patches, tmp);
	}
	if (!ret)
		printf("series %s: %zu patches, %zu new files, tree %s: applied, written back and mailed alike\n",
		       name, s.n, s.files.n, tree[0]);
out:
	remove_tree(tmp);
	remove_tree(mails);
	series_free(&s);
	series_free(&back);
	free(patches);
	free(tmp);
	free(mails);
	free(base);
	free(repo);
	free(commit[0]);
	free(commit[1]);
	free(tree[0]);
	free(tree[1]);
	free(tree[2]);
	return ret;
}

struct args {
	const char *series;
	bool force;
};

static const struct argp_option force_option[] = {
	{ "force", 'f', NULL, 0,
	  "Write back though kernel-patches/ changed meanwhile", 0 },
	{ 0 }
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct args *a = state->input;

	switch (key) {
	case 'f':
		a->force = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 0)
			argp_error(state, "one series at a time, \"%s\" is too much",
				   arg);
		if (strcmp(arg, "6.12") && strcmp(arg, "planted"))
			argp_error(state, "no series \"%s\"; expected 6.12 or planted",
				   arg);
		a->series = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void parse_args(struct args *a, const char *doc,
		       const struct argp_option *opts, int argc, char **argv)
{
	const struct argp argp = {
		opts, parse_opt, "[SERIES]", doc, NULL, NULL, NULL
	};

	memset(a, 0, sizeof(*a));
	a->series = "6.12";
	argp_err_exit_status = EX_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, a);
}

int cmd_worktree(int argc, char **argv)
{
	struct args a;

	parse_args(&a, "Make a git tree build/linux with the kernel source and a commit for each patch of SERIES (6.12 or planted).",
		   NULL, argc, argv);
	return open_worktree(a.series);
}

int cmd_writeback(int argc, char **argv)
{
	struct args a;

	parse_args(&a, "Write the commits in build/linux back to kernel-patches/SERIES (6.12 or planted).",
		   force_option, argc, argv);
	return write_back(a.series, a.force);
}

int cmd_series(int argc, char **argv)
{
	struct args a;

	parse_args(&a, "Write SERIES (6.12 or planted) to build/series as mails for git am, with a cover letter.",
		   NULL, argc, argv);
	return export_series(a.series);
}
