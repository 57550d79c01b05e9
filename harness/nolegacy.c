/* nolegacy.c - `ptbed nolegacy': nothing of stock's ptrace stop path is in the utrace kernel. */
#include <argp.h>
#include <stdlib.h>

#include "commands.h"
#include "kernels.h"
#include "lock.h"
#include "options.h"
#include "report.h"
#include "util.h"

#define SCRIPT "kernel-patches/check-nolegacy"

struct options {
	bool symbols, sources;
};

enum { OPT_SYMBOLS = 0x100, OPT_SOURCES };

static const struct argp_option argp_options[] = {
	{ "symbols", OPT_SYMBOLS, NULL, 0, "only (a): symbols and DWARF of the kernels", 0 },
	{ "sources", OPT_SOURCES, NULL, 0, "only (b): preprocessed sources", 0 },
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
	case ARGP_KEY_END:
		if (!o->symbols && !o->sources)
			o->symbols = o->sources = true;
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

int cmd_nolegacy(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Check that nothing of stock's ptrace stop path is left in the utrace kernel: (a) its "
		"functions are in stock's vmlinux and not in utrace's, (b) TASK_TRACED is stored and "
		"JOBCTL_TRACED set only under kernel/utrace/.  Both are shown to find the thing in stock.",
		NULL, NULL, NULL
	};
	static const char *const names[] = { "stock", "utrace", NULL };
	struct options o = { 0 };
	enum exit_code code = EX_SAME;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	lock_checkout();
	if (o.sources)
		code = verdict_worse(code, kernels_with_trees(names, check_trees));
	if (o.symbols && code != EX_INTERRUPTED)
		code = verdict_worse(code, check_symbols());
	if (code != EX_INTERRUPTED)
		printf("nolegacy: %s: %s\n", verdict_word(code),
		       code ? verdict_meaning(code) : "nothing is left of stock's stop path");
	return code;
}
