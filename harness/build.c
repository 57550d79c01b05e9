/* build.c - compile one kernel in its build tree of the store. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build.h"
#include "complain.h"
#include "store.h"
#include "util.h"

/* Change it when a change of this file changes what comes out. */
#define RECIPE "1"

static char *first_line(const char *program)
{
	const char *const argv[] = { program, "--version", NULL };
	struct buf b = { 0 };

	if (run_capture(argv, NULL, &b))
		fatal(EX_DEPS, "%s does not run; run: make deps", program);
	b.s[strcspn(b.s, "\n")] = '\0';
	return b.s;
}

const char *build_recipe(void)
{
	return RECIPE;
}

const char *build_compiler(void)
{
	static char *both;

	if (!both) {
		char *gcc = first_line("gcc"), *ld = first_line("ld");

		both = xasprintf("%s; %s", gcc, ld);
		free(gcc);
		free(ld);
	}
	return both;
}

bool build_has_modules(const struct build *b)
{
	return strlist_has(&b->config->values, "m") ||
	       (b->wish && strlist_has(&b->wish->values, "m"));
}

/* Lines of @text after its last @n line breaks. */
static const char *tail(const char *text, int n)
{
	const char *p = text + strlen(text);

	while (p > text && p[-1] == '\n')
		p--;
	for (; p > text; p--)
		if (p[-1] == '\n' && !--n)
			break;
	return p;
}

static size_t count_lines(const char *path)
{
	char *text = read_file(path, NULL), *p;
	size_t n = 0;

	for (p = text; p && (p = strchr(p, '\n')); p++)
		n++;
	free(text);
	return n;
}

/* A child that says every now and then how far the log has grown. */
static pid_t start_ticker(const char *name, const char *log)
{
	bool tty = isatty(STDERR_FILENO);
	pid_t parent = getpid(), pid;
	double start = now_seconds();

	fflush(NULL);
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	while (getppid() == parent) {
		sleep(tty ? 2 : 30);
		fprintf(stderr, "%sptbed: building %s: %zu steps, %.0f s%s",
			tty ? "\r" : "", name, count_lines(log),
			now_seconds() - start, tty ? " " : "\n");
	}
	_exit(0);
}

static void stop_ticker(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

/*
 * make in the build tree, in an environment of our own: whatever make or
 * the user set for other builds must not leak in.
 */
static int run_make(const struct build *b, const char *const targets[])
{
	char *basedir = xasprintf("CCACHE_BASEDIR=%s", b->tree);
	char *ccache = store_path("ccache");
	char *cdir = xasprintf("CCACHE_DIR=%s", ccache);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char *jobs = xasprintf("-j%ld", cpus > 0 ? cpus : 1);
	const char *argv[160] = {
		"env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL",
		"-u", "MAKEOVERRIDES", "-u", "O", "-u", "KBUILD_OUTPUT",
		"-u", "ARCH", "-u", "CROSS_COMPILE", "-u", "KCFLAGS",
		"-u", "KCPPFLAGS", "-u", "KAFLAGS", "-u", "W", "-u", "C",
		cdir, basedir, "CCACHE_MAXSIZE=5G",
		/* the gdb flavour's debug information names its own tree */
		b->gdb ? "CCACHE_HASHDIR=1" : "CCACHE_NOHASHDIR=1",
		"KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 2026",
		"KBUILD_BUILD_USER=ptbed", "KBUILD_BUILD_HOST=ptbed",
		"KBUILD_BUILD_VERSION=1",
		"nice", "make", jobs, "CC=ccache gcc", "HOSTCC=ccache gcc",
		"LOCALVERSION=",
	};
	size_t n = 0;
	int status;

	make_dirs(ccache);
	while (argv[n])
		n++;
	while (*targets && n + 1 < sizeof(argv) / sizeof(*argv))
		argv[n++] = *targets++;
	if (*targets)
		fatal(EX_SYSTEM, "more targets of make than fit; raise the size of argv");
	status = run_cmd(argv, b->tree, b->log);
	free(basedir);
	free(ccache);
	free(cdir);
	free(jobs);
	return status;
}

/* The first complaints, which a parallel make may have buried, and the end. */
static void show_errors(const char *text)
{
	const char *end = tail(text, 30);
	struct strlist lines = { 0 };
	size_t i, shown = 0;

	strlist_lines(&lines, text);
	for (i = 0; i < lines.n && shown < 10; i++)
		if (strstr(lines.v[i], "rror: ") || strstr(lines.v[i], " Error ")) {
			fprintf(stderr, "line %zu: %s\n", i + 1, lines.v[i]);
			shown++;
		}
	fprintf(stderr, "%slast lines:\n%s\n", shown ? "..." : "", end);
	strlist_free(&lines);
}

/* What a failed make leaves to be said; returns the exit code. */
static int failed(const struct build *b, const char *what)
{
	char *text;

	if (interrupted)
		return EX_INTERRUPTED;
	text = read_file(b->log, NULL);
	if (text && strstr(text, "No space left on device"))
		fatal(EX_SYSTEM, "disk full while building kernel %s: %s", b->name,
		      b->log);
	show_errors(text ? text : "");
	complain("kernel %s: %s; complete log: %s", b->name, what, b->log);
	free(text);
	return EX_BUILD;
}

/* Replace every @from by @to in the file @path, keeping its times. */
static void rewrite(const char *path, const char *from, const char *to)
{
	char *text = read_file(path, NULL), *at = text, *p;
	struct timespec times[2];
	struct buf b = { 0 };
	struct stat st;

	if (!text || stat(path, &st))
		fatal(EX_SYSTEM, "cannot read %s: %s", path, strerror(errno));
	while ((p = strstr(at, from))) {
		buf_add(&b, at, p - at);
		buf_puts(&b, to);
		at = p + strlen(from);
	}
	buf_puts(&b, at);
	write_file(path, b.s, b.len);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	utimensat(AT_FDCWD, path, times, 0);
	buf_free(&b);
	free(text);
}

/*
 * A new tree starts with what the stock kernel of the same flavour compiled:
 * make then compiles what differs, a dozen files in place of 1400.  Some
 * files of make's name the tree they are in.  Returns false if it failed.
 */
static bool seed_tree(const struct build *b)
{
	const char *dash = strrchr(b->name, '-');
	bool flavoured = dash && (!strcmp(dash, "-debug") || !strcmp(dash, "-gdb"));
	char *donor = store_path("build/stock%s", flavoured ? dash : "");
	char *from = xasprintf("%s/", donor), *to = xasprintf("%s/", b->tree);
	char *stamp = xasprintf("%s.base", donor);
	char *done = xasprintf("%s/vmlinux", donor);
	char *have = read_file(stamp, NULL);
	const char *const copy[] = {
		"rsync", "-a", "--ignore-existing", "--exclude=/vmlinux*",
		from, to, NULL
	};
	const char *const find[] = {
		"grep", "-rlIF", "--include=*.cmd", "--include=*.d", "--",
		from, b->tree, NULL
	};
	struct strlist files = { 0 };
	struct buf out = { 0 };
	bool ok = true;
	size_t i;

	/* debug information names directories; there everything is compiled */
	if (!strncmp(b->name, "stock", 5) || b->gdb || !have || strcmp(have, source_version()) ||
	    !file_exists(done))
		goto out;
	ok = !run_cmd(copy, NULL, b->log) && run_capture(find, NULL, &out) < 2;
	if (ok)
		strlist_lines(&files, out.s);
	for (i = 0; i < files.n; i++)
		rewrite(files.v[i], from, to);
out:
	strlist_free(&files);
	buf_free(&out);
	free(donor);
	free(from);
	free(to);
	free(stamp);
	free(done);
	free(have);
	return ok;
}

/* The build tree: hard links to the shared source, so never write in place. */
static int make_tree(const struct build *b, const char *base)
{
	char *stamp = store_path("build/%s.base", b->name);
	char *state = store_path("build/%s.overlay", b->name);
	char *configured = store_path("build/%s.configured", b->name);
	char *have = read_file(stamp, NULL);
	const char *const argv[] = { "cp", "-al", base, b->tree, NULL };
	int ret = 0;

	if (!have || strcmp(have, source_version()) || !file_exists(b->tree)) {
		store_need_space(1500, "a kernel build");
		unlink(stamp);
		unlink(state);
		unlink(configured);
		remove_tree(b->tree);
		if (run_cmd(argv, NULL, b->log) || !seed_tree(b))
			ret = failed(b, "cannot copy the source");
		else
			write_file(stamp, source_version(),
				   strlen(source_version()));
	}
	free(stamp);
	free(state);
	free(configured);
	free(have);
	return ret;
}

/* Configure when request, Kconfig files of the series or compiler changed. */
static int configure(const struct build *b, const struct overlay *o)
{
	char *request = store_path("build/%s.request", b->name);
	char *stamp = store_path("build/%s.configured", b->name);
	char *dotconfig = xasprintf("%s/.config", b->tree);
	char *all = xasprintf("KCONFIG_ALLCONFIG=%s", request);
	const char *const targets[] = { "-s", all, "allnoconfig", NULL };
	char *have = read_file(stamp, NULL), *want;
	struct buf text = { 0 };
	struct key key = { 0 };
	int ret = 0;
	size_t i;

	kconfig_print(b->config, &text);
	if (b->wish)
		kconfig_print(b->wish, &text);
	write_file(request, text.s, text.len);
	key_add(&key, "request", text.s, text.len);
	key_add_str(&key, "compiler", build_compiler());
	for (i = 0; i < o->touched.n; i++) {
		char *path = xasprintf("%s/%s", o->dir, o->touched.v[i]);

		if (strstr(o->touched.v[i], "Kconfig") && file_exists(path))
			key_add_file(&key, o->touched.v[i], path);
		free(path);
	}
	want = key_finish(&key);
	if (!have || strcmp(have, want) || !file_exists(dotconfig)) {
		unlink(stamp);
		if (run_make(b, targets))
			ret = failed(b, "cannot be configured");
		if (!ret)
			ret = kconfig_verify(b->config, dotconfig);
		if (!ret)
			write_file(stamp, want, strlen(want));
	}
	buf_free(&text);
	free(request);
	free(stamp);
	free(dotconfig);
	free(all);
	free(have);
	free(want);
	return ret;
}

int build_kernel(struct build *b)
{
	static const struct series untouched;
	const char *kernel[4] = { "bzImage" };
	const char *const *targets = b->targets ? b->targets : kernel;
	size_t n = 1;
	char *state = store_path("build/%s.overlay", b->name), *base;
	struct overlay o = { 0 };
	pid_t ticker;
	int ret;

	b->tree = store_path("build/%s", b->name);
	b->log = store_path("build/%s.log", b->name);
	base = store_path("build");
	make_dirs(base);
	free(base);
	unlink(b->log);
	base = source_tree();
	if (!base) {
		ret = EX_INTERRUPTED;
		goto out;
	}
	ret = overlay_make(&o, b->series ? b->series : &untouched, base, NULL,
			   NULL);
	if (!ret)
		ret = make_tree(b, base);
	if (ret)
		goto out;
	overlay_sync(&o, base, b->tree, state);
	ret = configure(b, &o);
	if (ret)
		goto out;
	if (b->gdb)
		kernel[n++] = "scripts_gdb";
	if (build_has_modules(b))
		kernel[n++] = "modules";
	ticker = start_ticker(b->name, b->log);
	ret = run_make(b, targets);
	stop_ticker(ticker);
	if (ret || interrupted)
		ret = failed(b, "does not build");
out:
	overlay_free(&o);
	free(state);
	free(base);
	return ret;
}

void build_free(struct build *b)
{
	free(b->tree);
	free(b->log);
	b->tree = b->log = NULL;
}
