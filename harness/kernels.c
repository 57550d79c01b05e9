/* kernels.c - the kernels we know, found in the store or built into it. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"
#include "complain.h"
#include "kernels.h"
#include "store.h"
#include "util.h"
#include "worktree.h"

/* Entries the store keeps; the least recently used go first. */
#define KEEP 40

/*
 * Kernels differ in a series of patches and a fragment.  Their version
 * strings have one length, so that nothing moves because of them.
 */
static const struct variant {
	const char *name;
	const char *localversion;
	const char *series;	/* below kernel-patches/, NULL: none */
	const char *on_top;	/* another series, on top of that one, NULL: none */
	const char *fragment;	/* vm-images/kernel/NAME.config, NULL: none */
} variants[] = {
	{ "stock", "-stock0", NULL, NULL, NULL },
	{ "utrace", "-utrace", "6.12", NULL, "utrace" },
	/* the series with the option off; must compile to the code of stock */
	{ "utrace-off", "-utroff", "6.12", NULL, NULL },
	/* the one that is measured */
	{ "utrace-bench", "-utbnch", "6.12", NULL, "utrace-bench" },
	/* mistakes in ptrace, and in the core of utrace; chosen at boot */
	{ "planted", "-plants", "planted", NULL, NULL },
	{ "mutants", "-mutant", "6.12", "mutants", "utrace" },
};

/* Each but the first, plain, has a fragment of its name in vm-images/kernel. */
static const char *const flavours[] = { "", "-debug", "-gdb", "-kcsan", "-rt" };
#define NAMES	"stock, utrace, planted, mutants, utrace-off or utrace-bench, alone or with -debug, -gdb, -kcsan or -rt"

static const struct variant *find_variant(const char *name, const char **flavour)
{
	size_t i, j;

	for (i = 0; i < sizeof(variants) / sizeof(*variants); i++)
		for (j = 0; j < sizeof(flavours) / sizeof(*flavours); j++) {
			size_t n = strlen(variants[i].name);

			if (!strncmp(name, variants[i].name, n) &&
			    !strcmp(name + n, flavours[j])) {
				*flavour = flavours[j];
				return &variants[i];
			}
		}
	return NULL;
}

const char *kernel_flavour(const char *word)
{
	if (!strcmp(word, "plain"))
		return "";
	for (size_t i = 1; i < sizeof(flavours) / sizeof(*flavours); i++)
		if (!strcmp(word, flavours[i] + 1))
			return flavours[i];
	return NULL;
}

bool kernel_is_slow(const char *name)
{
	const char *flavour;

	return find_variant(name, &flavour) &&
	       (!strcmp(flavour, "-debug") || !strcmp(flavour, "-kcsan"));
}

static bool config_is_slow(const char *path)
{
	static const char *const slow[] = {
		"\nCONFIG_KASAN=y\n", "\nCONFIG_KCSAN=y\n", "\nCONFIG_PROVE_LOCKING=y\n",
	};
	char *text = read_file(path, NULL);
	bool found = false;

	for (size_t i = 0; text && i < sizeof(slow) / sizeof(*slow); i++)
		found |= strstr(text, slow[i]) != NULL;
	free(text);
	return found;
}

bool kernel_file_is_slow(const char *bzimage)
{
	char *real = realpath(bzimage, NULL), *slash = real ? strrchr(real, '/') : NULL;
	bool found = false;

	if (slash)
		*slash = '\0';
	/* in the store, or arch/x86/boot/ of a build tree */
	for (int up = 0; slash && up < 2; up++) {
		char *path = xasprintf("%s/%s.config", real, up ? "../../../" : "");

		found |= config_is_slow(path);
		free(path);
	}
	free(real);
	return found;
}

bool kernel_name_ok(const char *name)
{
	const char *flavour;

	return find_variant(name, &flavour) != NULL;
}

static char *entry_file(const char *dir, const char *file)
{
	return xasprintf("%s/%s", dir, file);
}

/* First line of a file of an entry; fatal when the entry is damaged. */
static char *entry_line(const char *dir, const char *file)
{
	char *path = entry_file(dir, file), *s = read_file(path, NULL);

	if (!s)
		fatal(EX_SYSTEM, "the store's entry %s is damaged, %s is missing; remove it",
		      dir, file);
	s[strcspn(s, "\n")] = '\0';
	free(path);
	return s;
}

static void fill(struct kernel *k, const char *name, const char *key,
		 const char *dir)
{
	memset(k, 0, sizeof(*k));
	k->name = xstrdup(name);
	k->key = xstrdup(key);
	k->dir = xstrdup(dir);
	k->bzimage = entry_file(dir, "bzImage");
	k->vmlinux = entry_file(dir, "vmlinux");
	k->config = entry_file(dir, ".config");
	k->log = entry_file(dir, "build.log");
	k->gdb_script = entry_file(dir, "vmlinux-gdb.py");
	if (!file_exists(k->gdb_script)) {
		free(k->gdb_script);
		k->gdb_script = NULL;
	}
	k->modules = entry_file(dir, "modules");
	if (!file_exists(k->modules)) {
		free(k->modules);
		k->modules = NULL;
	}
	k->source_version = entry_line(dir, "source-version");
	k->release = entry_line(dir, "release");
	k->banner = entry_line(dir, "banner");
	k->summary = entry_line(dir, "summary");
}

void free_kernel(struct kernel *k)
{
	free(k->name);
	free(k->key);
	free(k->dir);
	free(k->bzimage);
	free(k->vmlinux);
	free(k->config);
	free(k->log);
	free(k->gdb_script);
	free(k->modules);
	free(k->source_version);
	free(k->release);
	free(k->banner);
	free(k->summary);
	memset(k, 0, sizeof(*k));
}

const char *kernel_short_name(const struct kernel *k)
{
	const char *slash = strrchr(k->name, '/');

	return slash ? slash + 1 : k->name;
}

char *kernel_image(const char *name)
{
	struct kernel k;
	int code = ensure_kernel(name, &k);
	char *path;

	if (code)
		exit(code);
	path = xstrdup(k.bzimage);
	free_kernel(&k);
	return path;
}

/* build/kernels/NAME/ in the checkout: links only. */
static void link_kernel(const struct kernel *k)
{
	static const char *const linked[] = {
		"bzImage", "vmlinux", ".config", "System.map", "build.log",
		"vmlinux-gdb.py", "scripts", "modules", NULL
	};
	char *dir = top_path("build/kernels/%s", k->name);
	size_t i;

	make_dirs(dir);
	for (i = 0; linked[i]; i++) {
		char *to = entry_file(k->dir, linked[i]);
		char *link = entry_file(dir, linked[i]);

		if (file_exists(to))
			replace_link(to, link);
		else
			unlink(link);
		free(to);
		free(link);
	}
	free(dir);
}

/* Remove the least recently used entries beyond KEEP. */
static void prune(void)
{
	struct {
		char *dir;
		time_t used;
	} *e;
	char *kernels = store_path("kernels"), **names;
	size_t n = list_dir(kernels, "[0-9a-f]*", &names), i, kept, oldest;

	e = xcalloc(n, sizeof(*e));
	for (i = 0; i < n; i++) {
		struct stat st;

		e[i].dir = entry_file(kernels, names[i]);
		if (!stat(e[i].dir, &st))
			e[i].used = st.st_mtime;
		free(names[i]);
	}
	for (kept = n; kept > KEEP; kept--) {
		oldest = n;
		for (i = 0; i < n; i++)
			if (e[i].dir && (oldest == n || e[i].used < e[oldest].used))
				oldest = i;
		remove_tree(e[oldest].dir);
		free(e[oldest].dir);
		e[oldest].dir = NULL;
	}
	for (i = 0; i < n; i++)
		free(e[i].dir);
	free(e);
	free(names);
	free(kernels);
}

static void put_line(const char *dir, const char *file, const char *text)
{
	char *path = entry_file(dir, file), *line = xasprintf("%s\n", text);

	write_file(path, line, strlen(line));
	free(path);
	free(line);
}

/* "Linux version ..." of a vmlinux, as /proc/version will print it. */
static char *find_banner(const char *vmlinux)
{
	static const char mark[] = "Linux version ";
	size_t len, n = strlen(mark);
	char *s = read_file(vmlinux, &len), *p = s, *banner = NULL;

	while (s && (p = memmem(p, s + len - p, mark, n))) {
		if (p[n] != '%') {
			banner = xstrndup(p, strcspn(p, "\n"));
			break;
		}
		p += n;
	}
	free(s);
	return banner;
}

/* The .ko files, side by side in modules/; make lists them by the names of their objects. */
static void publish_modules(const struct build *b, const char *tmp)
{
	char *order = entry_file(b->tree, "modules.order");
	char *text = read_file(order, NULL);
	struct strlist lines = { 0 };
	size_t i;

	if (!text)
		fatal(EX_SYSTEM, "cannot read %s: %s", order, strerror(errno));
	strlist_lines(&lines, text);
	for (i = 0; i < lines.n; i++) {
		char *dot = strrchr(lines.v[i], '.'), *slash, *from, *to;

		if (!dot)
			continue;
		*dot = '\0';
		slash = strrchr(lines.v[i], '/');
		from = xasprintf("%s/%s.ko", b->tree, lines.v[i]);
		to = xasprintf("%s/modules/%s.ko", tmp, slash ? slash + 1 : lines.v[i]);
		copy_file(from, to);
		free(from);
		free(to);
	}
	strlist_free(&lines);
	free(text);
	free(order);
}

/* Copy what came out of a build into the store; the rename publishes it. */
static int publish(const struct build *b, const char *key, const char *dir)
{
	static const struct {
		const char *from, *to;
	} parts[] = {
		{ "arch/x86/boot/bzImage", "bzImage" },
		{ "vmlinux", "vmlinux" },
		{ ".config", ".config" },
		{ "System.map", "System.map" },
		{ "include/config/kernel.release", "release" },
	};
	char *tmp = store_path("kernels/.tmp.%s", key);
	char *log = entry_file(tmp, "build.log"), *banner, *summary;
	char *config = entry_file(tmp, ".config");
	char *vmlinux = entry_file(tmp, "vmlinux");
	int ret = 0;
	size_t i;

	remove_tree(tmp);
	make_dirs(tmp);
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		char *from = entry_file(b->tree, parts[i].from);
		char *to = entry_file(tmp, parts[i].to);

		copy_file(from, to);
		free(from);
		free(to);
	}
	copy_file(b->log, log);
	if (build_has_modules(b))
		publish_modules(b, tmp);
	if (b->gdb) {
		char *scripts = entry_file(b->tree, "scripts/gdb");
		char *top = entry_file(scripts, "vmlinux-gdb.py");
		char *script = entry_file(tmp, "vmlinux-gdb.py");
		char *lx = entry_file(scripts, "linux"), *at, *to;
		char **names;
		size_t n = list_dir(lx, "*.py", &names);

		copy_file(top, script);
		for (i = 0; i < n; i++) {
			at = entry_file(lx, names[i]);
			to = xasprintf("%s/scripts/gdb/linux/%s", tmp, names[i]);
			copy_file(at, to);
			free(at);
			free(to);
			free(names[i]);
		}
		free(names);
		free(scripts);
		free(top);
		free(script);
		free(lx);
	}
	banner = find_banner(vmlinux);
	if (!banner) {
		complain("kernel %s: no version in vmlinux; complete log: %s", b->name,
			 b->log);
		ret = EX_BUILD;
		remove_tree(tmp);
		goto out;
	}
	summary = kconfig_summary(config);
	put_line(tmp, "banner", banner);
	put_line(tmp, "summary", summary);
	put_line(tmp, "source-version", source_version());
	free(summary);
	remove_tree(dir);
	if (rename(tmp, dir))
		fatal(EX_SYSTEM, "cannot publish %s: %s", dir, strerror(errno));
	prune();
out:
	free(banner);
	free(tmp);
	free(log);
	free(config);
	free(vmlinux);
	return ret;
}

/* Everything a kernel is made of. */
struct recipe {
	const struct variant *variant;
	const char *flavour;
	struct series series, below;
	struct kconfig config;
	char *key;
};

static int read_series(struct series *s, const char *name)
{
	char *path = top_path("kernel-patches/%s", name);
	int ret = series_read(s, path);

	free(path);
	return ret;
}

static void key_add_series(struct key *k, const struct series *s)
{
	char *files = xasprintf("%s/files", s->dir);

	for (size_t i = 0; i < s->n; i++)
		key_add(k, s->patches[i].name, s->patches[i].text, s->patches[i].len);
	key_add_tree(k, "files", files);
	free(files);
}

static int add_fragment(struct recipe *r, const char *name)
{
	char *path = top_path("vm-images/kernel/%s.config", name);
	int ret = kconfig_add_file(&r->config, path);

	free(path);
	return ret;
}

/* What a variant has in one flavour only, if there is such. */
static int add_both(struct recipe *r)
{
	char *name = xasprintf("%s%s", r->variant->fragment, r->flavour);
	char *path = top_path("vm-images/kernel/%s.config", name);
	int ret = file_exists(path) ? add_fragment(r, name) : 0;

	free(path);
	free(name);
	return ret;
}

static int make_recipe(struct recipe *r, const char *name)
{
	struct buf b = { 0 };
	struct key k = { 0 };
	char *local;
	int ret;

	memset(r, 0, sizeof(*r));
	r->variant = find_variant(name, &r->flavour);
	if (!r->variant) {
		complain("unknown kernel \"%s\"; expected " NAMES, name);
		return EX_USAGE;
	}
	local = xasprintf("\"%s%s\"", r->variant->localversion, r->flavour);
	ret = add_fragment(r, "base");
	kconfig_set(&r->config, "CONFIG_LOCALVERSION", local);
	free(local);
	if (!ret && r->variant->fragment)
		ret = add_fragment(r, r->variant->fragment);
	if (!ret && *r->flavour)
		ret = add_fragment(r, r->flavour + 1);
	if (!ret && *r->flavour && r->variant->fragment)
		ret = add_both(r);
	if (!ret && r->variant->series)
		ret = read_series(r->variant->on_top ? &r->below : &r->series, r->variant->series);
	if (!ret && r->variant->on_top) {
		ret = read_series(&r->series, r->variant->on_top);
		r->series.below = &r->below;
	}
	if (ret)
		return ret;
	key_add_str(&k, "recipe", build_recipe());
	key_add_str(&k, "source", source_version());
	key_add_str(&k, "compiler", build_compiler());
	key_add_str(&k, "flavour", r->flavour);
	kconfig_print(&r->config, &b);
	key_add(&k, "config", b.s, b.len);
	buf_free(&b);
	if (r->series.below)
		key_add_series(&k, r->series.below);
	if (r->variant->series)
		key_add_series(&k, &r->series);
	r->key = key_finish(&k);
	return 0;
}

static void free_recipe(struct recipe *r)
{
	series_free(&r->series);
	series_free(&r->below);
	kconfig_free(&r->config);
	free(r->key);
}

int ensure_kernel(const char *name, struct kernel *out)
{
	double start = now_seconds();
	struct build b = { 0 };
	struct recipe r;
	char *dir = NULL;
	bool built = false;
	int ret = make_recipe(&r, name), lock = -1;

	if (ret)
		goto out;
	dir = store_path("kernels/%s", r.key);
	if (!file_exists(dir)) {
		char *kernels = store_path("kernels");

		make_dirs(kernels);
		free(kernels);
		lock = store_lock("kernels");
		if (lock < 0) {
			ret = EX_INTERRUPTED;
			goto out;
		}
	}
	if (!file_exists(dir)) {
		fprintf(stderr, "ptbed: building kernel %s from linux-source-6.12 %s\n",
			name, source_version());
		b.name = name;
		b.series = r.variant->series ? &r.series : NULL;
		b.config = &r.config;
		b.gdb = !strcmp(r.flavour, "-gdb");
		ret = build_kernel(&b);
		if (!ret)
			ret = publish(&b, r.key, dir);
		build_free(&b);
		built = true;
	}
	if (!ret) {
		utimensat(AT_FDCWD, dir, NULL, 0);	/* used now: see prune() */
		fill(out, name, r.key, dir);
		out->built_now = built;
		link_kernel(out);
		out->seconds = now_seconds() - start;
	}
out:
	store_unlock(lock);
	free(dir);
	free_recipe(&r);
	return ret;
}

/* The tree of one kernel, built; the caller holds the store's lock. */
static int build_tree(const char *name, char **tree)
{
	struct build b = { .name = name };
	struct recipe r;
	int ret = make_recipe(&r, name);

	if (!ret) {
		b.series = r.variant->series ? &r.series : NULL;
		b.config = &r.config;
		b.gdb = !strcmp(r.flavour, "-gdb");
		ret = build_kernel(&b);
		*tree = xstrdup(b.tree);
		build_free(&b);
	}
	free_recipe(&r);
	return ret;
}

int kernels_with_trees(const char *const names[], int (*work)(char **trees))
{
	char **trees = NULL;
	int lock = store_lock("kernels"), ret = lock < 0 ? EX_INTERRUPTED : 0;
	size_t n = 0;

	for (; names[n] && !ret; n++) {
		trees = xrealloc(trees, (n + 1) * sizeof(*trees));
		trees[n] = NULL;
		ret = build_tree(names[n], &trees[n]);
	}
	if (!ret)
		ret = work(trees);
	store_unlock(lock);
	while (n)
		free(trees[--n]);
	free(trees);
	return ret;
}

static const struct argp_option options[] = {
	{ "flavour", 'f', "FLAVOUR", 0, KERNEL_FLAVOURS " (plain)", 0 },
	{ "list", 'l', NULL, 0, "List the names of all kernels", 0 },
	{ "check-roundtrip", 'c', "SERIES", OPTION_ARG_OPTIONAL,
	  "Check that write-back and apply give the identical tree", 0 },
	{ 0 }
};

struct args {
	const char *flavour;
	const char *roundtrip;
	bool list;
	struct strlist names;
};

static void list_names(void)
{
	for (size_t j = 0; j < sizeof(flavours) / sizeof(*flavours); j++)
		for (size_t i = 0; i < sizeof(variants) / sizeof(*variants); i++)
			printf("%s%s\n", variants[i].name, flavours[j]);
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct args *a = state->input;

	switch (key) {
	case 'f':
		a->flavour = kernel_flavour(arg);
		if (!a->flavour)
			argp_error(state, "unknown flavour \"%s\"; expected " KERNEL_FLAVOURS, arg);
		return 0;
	case 'l':
		a->list = true;
		return 0;
	case 'c':
		a->roundtrip = arg ? arg : "6.12";
		return 0;
	case ARGP_KEY_ARG:
		strlist_add(&a->names, arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int cmd_kernels(int argc, char **argv)
{
	const struct argp argp = {
		options, parse_opt, "[NAME...]",
		"Build the kernels that are missing in the store and link them under build/kernels/.\v"
		"A name is " NAMES "; the default is stock and utrace.",
		NULL, NULL, NULL
	};
	struct args a = { .flavour = "" };
	int ret = 0;
	size_t i;

	argp_err_exit_status = EX_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (a.list) {
		list_names();
		return 0;
	}
	if (a.roundtrip)
		return check_roundtrip(a.roundtrip);
	if (!a.names.n) {
		strlist_add(&a.names, "stock");
		strlist_add(&a.names, "utrace");
	}
	for (i = 0; i < a.names.n; i++) {
		const char *flavour;

		if (find_variant(a.names.v[i], &flavour) && !*flavour) {
			char *full = xasprintf("%s%s", a.names.v[i], a.flavour);

			free(a.names.v[i]);
			a.names.v[i] = full;
		}
		if (!kernel_name_ok(a.names.v[i]))
			fatal(EX_USAGE, "unknown kernel \"%s\"; expected " NAMES, a.names.v[i]);
	}
	for (i = 0; i < a.names.n && !ret; i++) {
		struct kernel k;

		ret = ensure_kernel(a.names.v[i], &k);
		if (ret)
			break;
		printf("%-14s %s %s (%s)\n", k.name, k.release,
		       k.built_now ? "built" : "in the store", k.summary);
		if (k.built_now)
			printf("%-14s %.0f s\n", "", k.seconds);
		free_kernel(&k);
	}
	strlist_free(&a.names);
	return ret;
}
