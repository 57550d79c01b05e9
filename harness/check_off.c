/* check_off.c - `ptbed check-off': the series with its option off must be stock's object code. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"
#include "commands.h"
#include "complain.h"
#include "report.h"
#include "store.h"
#include "util.h"

/*
 * Stock and the series are built one after the other in one tree: the same
 * path, the same version string, no debug information.  What the comparison
 * is made of is copied aside in between, and is good for the next check, too;
 * kernel-patches/check-off compares.
 */
#define TREE "check-off"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", arg);
	return ARGP_ERR_UNKNOWN;
}

/* Objects, exports and addresses of @tree to @copy. */
static int keep(const char *tree, const char *copy)
{
	char *from = xasprintf("%s/", tree), *to = xasprintf("%s/", copy);
	const char *const argv[] = {
		"rsync", "-a", "--delete", "--delete-excluded", "--prune-empty-dirs",
		"--include=*/", "--include=*.o", "--include=/vmlinux.symvers",
		"--include=/System.map", "--include=/.config", "--exclude=*",
		from, to, NULL
	};
	int status = run_cmd(argv, NULL, NULL);

	free(from);
	free(to);
	if (interrupted)
		return EX_INTERRUPTED;
	if (status)
		complain("cannot copy the objects of %s to %s", tree, copy);
	return status ? EX_SYSTEM : 0;
}

static int build_one(struct build *b, const struct series *s)
{
	b->series = s;
	fprintf(stderr, "ptbed: building %s\n",
		s ? "the series with CONFIG_UTRACE off" : "stock in the same tree");
	build_free(b);
	return checks_build(b);
}

/* What stock's objects depend on, for the stamp beside their copy. */
static char *stock_key(const struct kconfig *config)
{
	struct buf b = { 0 };
	struct key k = { 0 };

	kconfig_print(config, &b);
	key_add_str(&k, "recipe", build_recipe());
	key_add_str(&k, "source", source_version());
	key_add_str(&k, "compiler", build_compiler());
	key_add(&k, "config", b.s, b.len);
	buf_free(&b);
	return key_finish(&k);
}

/* Stock's objects to @copy, unless they are there from an earlier check. */
static int have_stock(struct build *b, const char *copy)
{
	char *stamp = xasprintf("%s.key", copy), *want = stock_key(b->config);
	char *have = read_file(stamp, NULL);
	int code = 0;

	if (!have || strcmp(have, want)) {
		unlink(stamp);
		code = build_one(b, NULL);
		if (!code)
			code = keep(b->tree, copy);
		if (!code)
			write_file(stamp, want, strlen(want));
	}
	free(stamp);
	free(want);
	free(have);
	return code;
}

int cmd_check_off(int argc, char **argv)
{
	static const struct argp argp = {
		NULL, parse, NULL,
		"Build stock and the series with CONFIG_UTRACE off, in the same directory and with the same "
		"version string, and compare every allocated section of every object, the exports and the "
		"initcalls.  A changed constant, an added instruction and a dropped export, made on purpose, "
		"have to be found first.",
		NULL, NULL, NULL
	};
	struct build b = { .name = TREE };
	struct kconfig config = { 0 };
	struct series s = { 0 };
	char *dir, *copy;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, NULL))
		return EX_USAGE;
	dir = top_path("kernel-patches/6.12");
	copy = store_path("build/" TREE ".stock");
	b.config = &config;
	code = checks_config(&config, "-checks");
	if (!code)
		code = series_read(&s, dir);
	if (!code)
		code = have_stock(&b, copy);
	if (!code)
		code = build_one(&b, &s);
	if (!code) {
		const char *const prove[] = { "--prove", b.tree, NULL };
		const char *const compare[] = { copy, b.tree, NULL };

		code = checks_script("check-off", prove);
		if (code && code != EX_INTERRUPTED) {
			complain("the comparison does not find what it is there for");
			code = EX_UNTESTED;
		} else if (!code) {
			code = checks_script("check-off", compare);
			if (code > 1 && code != EX_INTERRUPTED)
				code = EX_UNTESTED;
		}
		if (code != EX_INTERRUPTED)
			printf("check-off: %s\n", code ? verdict_word(code) : "SAME");
	}
	build_free(&b);
	series_free(&s);
	kconfig_free(&config);
	free(dir);
	free(copy);
	return code;
}
