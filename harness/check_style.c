/* check_style.c - `ptbed check-style': checkpatch, kernel-doc, sparse and W=1 on the series. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"
#include "commands.h"
#include "kernels.h"
#include "store.h"
#include "util.h"

/*
 * The C files that the series changes are compiled in a tree of stock and in
 * one of the series, its new files in the latter, with what the kernel's
 * makefiles have for finding faults; kernel-patches/check-style reads what was
 * said.  Nothing else is compiled.
 */
static const char *const trees[] = { "style-stock", "style-series" };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", arg);
	return ARGP_ERR_UNKNOWN;
}

/* The object of each C file in @files to @targets. */
static void add_objects(struct strlist *targets, const struct strlist *files)
{
	for (size_t i = 0; i < files->n; i++) {
		size_t len = strlen(files->v[i]);
		char *object;

		if (len < 2 || strcmp(files->v[i] + len - 2, ".c"))
			continue;
		object = xasprintf("%.*s.o", (int)len - 2, files->v[i]);
		strlist_add_once(targets, object);
		free(object);
	}
}

static int style_config(struct kconfig *config, bool series)
{
	char *path = top_path("vm-images/kernel/utrace.config");
	int ret = checks_config(config, "-style");

	/* the unit tests are compiled in debug kernels only */
	kconfig_set(config, "CONFIG_KUNIT", "y");
	if (!ret && series) {
		ret = kconfig_add_file(config, path);
		kconfig_set(config, "CONFIG_UTRACE_KUNIT_TEST", "y");
	}
	free(path);
	return ret;
}

/* Compile @objects with all warnings in tree @name; *log is what make said. */
static int compile(const char *name, const struct series *s, const struct strlist *objects,
		   char **log)
{
	const char **targets = xcalloc(objects->n + 3, sizeof(*targets));
	struct kconfig config = { 0 };
	struct build b = { .name = name, .series = s, .config = &config, .targets = targets };
	size_t n = 0;
	int ret;

	targets[n++] = "W=1";
	targets[n++] = "C=1";
	for (size_t i = 0; i < objects->n; i++) {
		char *old = store_path("build/%s/%s", name, objects->v[i]);

		/* what is there already would be left as it is, unsaid */
		unlink(old);
		free(old);
		targets[n++] = objects->v[i];
	}
	ret = style_config(&config, s != NULL);
	if (!ret)
		ret = checks_build(&b);
	*log = b.log ? xstrdup(b.log) : NULL;
	build_free(&b);
	kconfig_free(&config);
	free(targets);
	return ret;
}

/* The series as mails in build/series, for checkpatch. */
static int write_mails(void)
{
	char name[] = "ptbed check-style", *argv[] = { name, NULL };

	return cmd_series(1, argv);
}

int cmd_check_style(int argc, char **argv)
{
	static const struct argp argp = {
		NULL, parse, NULL,
		"Check the series for style: checkpatch --strict, kernel-doc, and what sparse and the "
		"compiler with W=1 say about its files and not about stock's.  What is meant so stands in "
		"kernel-patches/style-explained, each with a reason.",
		NULL, NULL, NULL
	};
	struct strlist objects = { 0 };
	struct series s = { 0 };
	char *dir, *source, *log[2] = { NULL, NULL };
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, NULL))
		return EX_USAGE;
	dir = top_path("kernel-patches/6.12");
	source = source_tree();
	code = source ? series_read(&s, dir) : EX_INTERRUPTED;
	if (!code)
		code = write_mails();
	for (size_t i = 0; !code && i < s.n; i++)
		add_objects(&objects, &s.patches[i].touched);
	if (!code)
		code = compile(trees[0], NULL, &objects, &log[0]);
	if (!code)
		add_objects(&objects, &s.files);
	if (!code)
		code = compile(trees[1], &s, &objects, &log[1]);
	if (!code) {
		char *mails = top_path("build/series"), *files = top_path("kernel-patches/6.12/files");
		char *explained = top_path("kernel-patches/style-explained");
		char *stock = store_path("build/%s", trees[0]);
		char *series = store_path("build/%s", trees[1]);
		const char *const args[] = {
			source, mails, files, explained, stock, log[0], series, log[1], NULL
		};

		code = checks_script("check-style", args);
		if (code > 1 && code != EX_INTERRUPTED)
			code = EX_UNTESTED;
		free(mails);
		free(files);
		free(explained);
		free(stock);
		free(series);
	}
	strlist_free(&objects);
	series_free(&s);
	free(dir);
	free(source);
	free(log[0]);
	free(log[1]);
	return code;
}
