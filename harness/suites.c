/* suites.c - `ptbed suites': the test suites of tracers, from Debian's source packages, on both kernels. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "commands.h"
#include "lock.h"
#include "report.h"
#include "samework.h"
#include "store.h"
#include "subresults.h"
#include "toolimage.h"
#include "tree.h"

#define SOURCES "compat-tests/suites"

/*
 * A suite NAME is built by SOURCES/NAME-build.sh, which gets a directory of the
 * store and leaves its files there; scripts NAME-*.sh run it in a guest.
 */
static const struct test_suite {
	const char *name, *package;
	const char *files[4];
} suites[] = {
	{ "strace", "strace", { "strace-64.tar", "strace-32.tar", "strace-x32.tar" } },
};

struct options {
	struct samework_options both;	/* first: what samework_input() is given */
	const char *tests;
};

enum { OPT_TESTS = 0x100 };

static const struct argp_option argp_options[] = {
	{ "tests", OPT_TESTS, "PATTERN", 0, "only tests whose name fits this pattern of the shell", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	if (key != OPT_TESTS)
		return samework_input(key, arg, state);
	if (!*arg || strpbrk(arg, " \t\n"))
		argp_error(state, "--tests: '%s', expected a pattern without blanks", arg);
	o->tests = arg;
	return 0;
}

static char *results(const struct program *q)
{
	return subresults(q->output, NULL);
}

/* What a suite is built from: the package's version, the scripts that build it, the compiler. */
static char *key_of(const struct test_suite *s)
{
	const char *const argv[] = { "dpkg-query", "-W", "-f", "${source:Package} ${source:Version}", s->package, NULL };
	char *build = top_path(SOURCES "/%s-build.sh", s->name), *source = top_path(SOURCES "/source.sh"), *hex;
	struct buf version = { 0 };
	struct key k = { 0 };

	if (run_capture(argv, NULL, &version))
		fatal(EX_DEPS, "package %s is not installed; run: make deps", s->package);
	key_add_str(&k, "package", version.s ? version.s : "");
	key_add_str(&k, "compiler", build_compiler());
	key_add_file(&k, "build", build);
	key_add_file(&k, "source", source);
	hex = key_finish(&k);
	buf_free(&version);
	free(build);
	free(source);
	return hex;
}

static bool built(const struct test_suite *s, const char *dir)
{
	for (size_t i = 0; i < 4 && s->files[i]; i++) {
		char *path = xasprintf("%s/%s", dir, s->files[i]);
		bool there = file_exists(path);

		free(path);
		if (!there)
			return false;
	}
	return true;
}

/* Find it in the store, or build it there; 0, or the code to end with after it was told why. */
static int ensure(const struct test_suite *s, char **where)
{
	char *key = key_of(s), *dir = store_path("suites/%s-%.12s", s->name, key), *log;
	char *script = top_path(SOURCES "/%s-build.sh", s->name), *scratch = xasprintf("%s.new", dir);
	const char *const argv[] = {
		"env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL", script, scratch, NULL
	};
	int lock, status = 0, code = 0;

	*where = dir;
	lock = store_lock("suites");
	if (lock < 0) {
		code = EX_INTERRUPTED;
	} else if (!built(s, dir)) {
		store_need_space(600, "a test suite");
		log = top_path("build/suites/%s.log", s->name);
		fprintf(stderr, "suites: building the tests of %s\n", s->name);
		unlink(log);
		remove_tree(scratch);
		make_dirs(scratch);
		status = run_cmd(argv, NULL, log);
		if (interrupted)
			code = EX_INTERRUPTED;
		else if (status)
			code = status == EX_DEPS ? EX_DEPS : EX_BUILD;
		else if (!built(s, scratch))
			code = EX_BUILD;
		if (!code) {
			remove_tree(dir);
			if (rename(scratch, dir))
				fatal(EX_SYSTEM, "cannot rename %s", scratch);
		} else if (code != EX_INTERRUPTED) {
			warn("the tests of %s %s; see %s", s->name,
			     code == EX_DEPS ? "cannot be fetched" : "do not build", log);
		}
		free(log);
	}
	if (lock >= 0)
		store_unlock(lock);
	free(key);
	free(script);
	free(scratch);
	return code;
}

/* Is a program of it asked for? */
static bool wanted(const struct test_suite *s, const struct programs *p)
{
	size_t n = strlen(s->name);

	for (size_t i = 0; i < p->n; i++)
		if (!strncmp(p->v[i].name, s->name, n) && p->v[i].name[n] == '-')
			return true;
	return false;
}

/* Tools, scripts and the suites themselves. */
static int image_lines(struct buf *b, const struct programs *p)
{
	char *path = top_path(SOURCES "/tools.list"), *tools = toolimage_list(path), *dir;
	int code = 0;

	buf_puts(b, "dir /suites 0755\n");
	buf_puts(b, tools);
	for (size_t i = 0; i < p->n; i++)
		buf_printf(b, "file /suites/%s.sh " SOURCES "/%s.sh 0755\n", p->v[i].name, p->v[i].name);
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]) && !code; i++) {
		const struct test_suite *s = &suites[i];

		if (!wanted(s, p))
			continue;
		code = ensure(s, &dir);
		for (size_t f = 0; f < 4 && s->files[f]; f++)
			buf_printf(b, "file /suites/%s %s/%s 0644\n", s->files[f], dir, s->files[f]);
		free(dir);
	}
	free(path);
	free(tools);
	return code;
}

/* Hand the pattern to the scripts. */
static void choose(struct programs *p, const char *tests)
{
	for (size_t i = 0; i < p->n; i++) {
		char *old = p->v[i].arguments;

		p->v[i].arguments = xasprintf("%s%s\n", old, tests);
		free(old);
	}
}

/* Tests that failed at first: a guest on a busy host, or a race that one kernel has. */
static void print_again(const struct samework *w)
{
	static const char *const sides[] = { "stock", "utrace" };
	static const char mark[] = "# again: ";

	for (int s = 0; s < 2; s++) {
		struct buf b = { 0 };

		for (size_t i = 0; i < w->programs[s].n; i++) {
			const struct program *q = &w->programs[s].v[i];
			struct strlist lines = { 0 };

			strlist_lines(&lines, q->output ? q->output : "");
			for (size_t l = 0; l < lines.n; l++)
				if (!strncmp(lines.v[l], mark, sizeof(mark) - 1))
					buf_printf(&b, " %s/%s", q->name, lines.v[l] + sizeof(mark) - 1);
			strlist_free(&lines);
		}
		if (b.len)
			printf("failed at first, on %s:%s\n", sides[s], b.s);
		buf_free(&b);
	}
}

/* A script that did not get to its end has shown nothing, even if it did so on both. */
static bool came_to_its_end(const struct program *q)
{
	struct strlist lines = { 0 };
	bool plan = false;

	strlist_lines(&lines, q->output ? q->output : "");
	for (size_t i = 0; i < lines.n; i++)
		plan |= !strncmp(lines.v[i], "1..", 3);
	strlist_free(&lines);
	return plan;
}

static enum exit_code check_ends(const struct samework *w)
{
	enum exit_code code = EX_SAME;

	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < w->programs[s].n; i++) {
			const struct program *q = &w->programs[s].v[i];

			if (came_to_its_end(q))
				continue;
			warn("%s did not come to its end on %s: no plan \"1..N\" in what it printed", q->name,
			     w->kernel[s].name);
			code = EX_UNTESTED;
		}
	return code;
}

int cmd_suites(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Build the test suites of tracers from Debian's source packages, run them in guests of both "
		"kernels and compare the result of every test.",
		samework_child, NULL, NULL
	};
	struct options o = { .both = SAMEWORK_DEFAULTS };
	struct samework w = { .what = "suites", .lines = results };
	struct buf lines = { 0 };
	char *logs;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	for (int s = 0; s < 2; s++) {
		programs_find_scripts(&w.programs[s], SOURCES, "/suites", o.both.only, false);
		if (o.tests)
			choose(&w.programs[s], o.tests);
	}
	if (!w.programs[0].n)
		fatal(EX_USAGE, "no script of " SOURCES " fits '%s'", o.both.only);
	lock_checkout();
	logs = top_path("build/suites");
	make_dirs(logs);
	free(logs);
	code = samework_kernels(&w, &o.both);
	if (!code)
		code = image_lines(&lines, &w.programs[0]);
	if (!code) {
		w.run = (struct programs_options){
			.cpus = o.both.cpus, .seed = 1, .echo = o.both.verbose, .list = lines.s, .memory = 1024,
			.no_tap = true,
		};
		code = samework_run(&w);
		if (code != EX_INTERRUPTED) {
			code = verdict_worse(code, check_ends(&w));
			if (!samework_subresults(&w) && !code)
				fatal(EX_USAGE, "no test fits '%s'", o.tests ? o.tests : "*");
			print_again(&w);
		}
	}
	buf_free(&lines);
	samework_free(&w);
	return code;
}
