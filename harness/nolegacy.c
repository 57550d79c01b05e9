/* nolegacy.c - `ptbed nolegacy': nothing of stock's ptrace stop path is in the utrace kernel. */
#include <argp.h>
#include <stdlib.h>

#include "commands.h"
#include "kernels.h"
#include "lock.h"
#include "options.h"
#include "report.h"
#include "session.h"
#include "util.h"

#define SCRIPT "kernel-patches/check-nolegacy"

struct options {
	bool symbols, sources, stacks;
	struct session_options s;
};

enum { OPT_SYMBOLS = 0x100, OPT_SOURCES, OPT_STACKS, OPT_ONLY, OPT_REPEATS };

static const struct argp_option argp_options[] = {
	{ "symbols", OPT_SYMBOLS, NULL, 0, "only (a): symbols and DWARF of the kernels", 0 },
	{ "sources", OPT_SOURCES, NULL, 0, "only (b): preprocessed sources", 0 },
	{ "stacks", OPT_STACKS, NULL, 0,
	  "only (c): stacks of all sleeps in state t while the scenarios run", 0 },
	{ "only", OPT_ONLY, "GLOB,...", 0, "(c) over these scenarios or cases", 0 },
	{ "repeats", OPT_REPEATS, "EXACT[,RACY]", 0, "(c) with so many repeats of each case (3,100)", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_SYMBOLS:
		o->symbols = true;
		return 0;
	case OPT_SOURCES:
		o->sources = true;
		return 0;
	case OPT_STACKS:
		o->stacks = true;
		return 0;
	case OPT_ONLY:
		o->s.run.only = arg;
		return 0;
	case OPT_REPEATS:
		option_repeats(state, arg, &o->s.run);
		return 0;
	case ARGP_KEY_END:
		if (!o->symbols && !o->sources && !o->stacks)
			o->symbols = o->sources = o->stacks = true;
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

/* The script's verdict about two kernels' files. */
static enum exit_code run_script(const char *what, const char *stock, const char *utrace)
{
	char *script = top_path(SCRIPT);
	const char *const argv[] = { script, what, stock, utrace, NULL };
	int status;

	fflush(stdout);
	status = run_cmd(argv, NULL, NULL);
	free(script);
	if (interrupted)
		return EX_INTERRUPTED;
	switch (status) {
	case EX_SAME: case EX_LEGACY: case EX_UNTESTED:
		return status;
	}
	warn("%s %s: exit status %d", SCRIPT, what, status);
	return EX_SYSTEM;
}

/* Symbols and DWARF; only the gdb flavour has the latter. */
static enum exit_code check_symbols(void)
{
	struct kernel stock, utrace;
	int code = ensure_kernel("stock-gdb", &stock);

	if (code)
		return code;
	code = ensure_kernel("utrace-gdb", &utrace);
	if (!code) {
		code = run_script("symbols", stock.vmlinux, utrace.vmlinux);
		free_kernel(&utrace);
	}
	free_kernel(&stock);
	return code;
}

static int check_trees(char **trees)
{
	return run_script("sources", trees[0], trees[1]);
}

/*
 * A run of the scenarios as `ptbed compat' makes it, with the guests counting
 * the stacks of sleeps in state t (vm-images/init/stacks.c).
 */
static enum exit_code check_stacks(struct session_options *s)
{
	struct arm arms[2] = { { .name = "stock" }, { .name = "utrace" } };
	enum exit_code code;

	session_begin(s);
	for (size_t i = 0; i < 2; i++) {
		arms[i].kernel = kernel_image(arms[i].name);
		arms[i].append = xstrdup("stop-stacks");
	}
	code = session_run(s, arms, 2);
	if (code != EX_INTERRUPTED) {
		char *dir[2];

		for (size_t i = 0; i < 2; i++)
			dir[i] = xasprintf("%s/%s", s->run.run_dir, arms[i].name);
		code = verdict_worse(code, run_script("stacks", dir[0], dir[1]));
		free(dir[0]);
		free(dir[1]);
	}
	session_clear(s, arms, 2);
	suite_free(&s->suite);
	return code;
}

int cmd_nolegacy(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Check that nothing of stock's ptrace stop path is left in the utrace kernel: (a) its "
		"functions are in stock's vmlinux and not in utrace's, (b) TASK_TRACED is stored and "
		"JOBCTL_TRACED set only under kernel/utrace/, (c) while all scenarios run, whoever sleeps "
		"in state t does so in utrace's stop, as often as utrace has counted.  Each is shown to "
		"find the thing in stock.",
		NULL, NULL, NULL
	};
	static const char *const names[] = { "stock", "utrace", NULL };
	struct options o = { .s = SESSION_DEFAULTS };
	enum exit_code code = EX_SAME;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	lock_checkout();
	if (o.sources)
		code = verdict_worse(code, kernels_with_trees(names, check_trees));
	if (o.symbols && code != EX_INTERRUPTED)
		code = verdict_worse(code, check_symbols());
	if (o.stacks && code != EX_INTERRUPTED)
		code = verdict_worse(code, check_stacks(&o.s));
	if (code != EX_INTERRUPTED)
		printf("nolegacy: %s: %s\n", verdict_word(code),
		       code ? verdict_meaning(code) : "nothing is left of stock's stop path");
	return code;
}
