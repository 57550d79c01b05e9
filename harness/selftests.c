/* selftests.c - `ptbed selftests': the kernel's own selftests on both kernels, sub-result by sub-result. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "guest.h"
#include "lock.h"
#include "options.h"
#include "samework.h"
#include "selftests_build.h"
#include "subresults.h"
#include "tree.h"

struct options {
	const char *kernel[2], *only;
	unsigned int cpus;
	bool verbose;
	bool list;
};

enum { OPT_STOCK = 0x100, OPT_UTRACE, OPT_ONLY, OPT_CPUS, OPT_VERBOSE, OPT_LIST };

static const struct argp_option argp_options[] = {
	{ "stock", OPT_STOCK, "NAME|FILE", 0, "the reference (stock)", 0 },
	{ "utrace", OPT_UTRACE, "NAME|FILE", 0, "the other kernel (utrace)", 0 },
	{ "only", OPT_ONLY, "GLOB,...", 0, "only programs whose name fits", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "virtual CPUs (2)", 0 },
	{ "verbose", OPT_VERBOSE, NULL, 0, "print what programs print while they do", 0 },
	{ "list", OPT_LIST, NULL, 0, "build and list the programs", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_STOCK:
		o->kernel[0] = arg;
		return 0;
	case OPT_UTRACE:
		o->kernel[1] = arg;
		return 0;
	case OPT_ONLY:
		o->only = arg;
		return 0;
	case OPT_CPUS:
		o->cpus = option_number(state, arg, "--cpus", 1, 8);
		return 0;
	case OPT_LIST:
		o->list = true;
		return 0;
	case OPT_VERBOSE:
		o->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static char *results(const struct program *q)
{
	return subresults(q->output, NULL);
}

/* Counts, and what fails on stock, too: nothing that utrace could be blamed for. */
static void print_totals(const struct samework *w, const char *left_out)
{
	static const char *const sides[] = { "stock", "utrace" };
	struct strlist bad = { 0 };

	for (int s = 0; s < 2; s++) {
		struct subresults sum = { 0 }, n;

		for (size_t i = 0; i < w->programs[s].n; i++) {
			const struct program *q = &w->programs[s].v[i];
			char *text = subresults(q->output, &n);

			sum.passed += n.passed;
			sum.failed += n.failed;
			sum.skipped += n.skipped;
			if (n.failed && !s)
				strlist_add(&bad, q->name);
			free(text);
		}
		printf("%s: %u sub-results passed, %u failed, %u skipped\n", sides[s], sum.passed,
		       sum.failed, sum.skipped);
	}
	if (bad.n)
		printf("with failures on stock:");
	for (size_t i = 0; i < bad.n; i++)
		printf(" %s", bad.v[i]);
	if (bad.n)
		printf("\n");
	strlist_free(&bad);
	strlist_lines(&bad, left_out);
	for (size_t i = 0; i < bad.n; i++)
		printf("left out: %s\n", bad.v[i]);
	strlist_free(&bad);
}

int cmd_selftests(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Build the kernel's own selftests of ptrace and what is near it from the source package, run "
		"them in guests of both kernels and compare every sub-result.",
		NULL, NULL, NULL
	};
	struct options o = { .kernel = { "stock", "utrace" }, .cpus = 2 };
	struct samework w = { .what = "selftests", .lines = results };
	struct buf left_out = { 0 }, again = { 0 };
	char *lines;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	lock_checkout();
	code = selftests_build(&w.programs[0], &left_out, o.only);
	if (!code)
		code = selftests_build(&w.programs[1], &again, o.only);
	if (code)
		return code;
	if (!w.programs[0].n)
		fatal(EX_USAGE, "no selftest fits '%s'; see: ptbed selftests --list", o.only);
	for (size_t i = 0; o.list && i < w.programs[0].n; i++)
		printf("%s\n", w.programs[0].v[i].name);
	for (int s = 0; s < 2 && !o.list; s++) {
		code = find_kernel(o.kernel[s], &w.kernel[s]);
		if (code)
			return code;
	}
	if (!o.list) {
		lines = selftests_image(&w.programs[0]);
		w.run = (struct programs_options){
			.cpus = o.cpus, .seed = 1, .echo = o.verbose, .list = lines, .no_tap = true,
		};
		code = samework_run(&w);
		if (code != EX_INTERRUPTED)
			print_totals(&w, left_out.s);
		free(lines);
	}
	for (int s = 0; s < 2; s++) {
		programs_free(&w.programs[s]);
		free_kernel(&w.kernel[s]);
	}
	buf_free(&left_out);
	buf_free(&again);
	return code;
}
