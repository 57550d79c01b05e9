/* compat.c - `ptbed compat` and `ptbed compare`: from options to arms, a run, and a report. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "accel.h"
#include "commands.h"
#include "image.h"
#include "kernels.h"
#include "lock.h"
#include "options.h"
#include "report.h"
#include "session.h"

enum { OPT_ONLY = 0x100, OPT_REPEATS, OPT_BOOTS, OPT_CPUS, OPT_JOBS, OPT_SEED, OPT_FLAVOUR,
	OPT_STOCK, OPT_UTRACE, OPT_APPEND, OPT_TAP, OPT_STRICT, OPT_NO_BASELINE };

static const struct argp_option common_options[] = {
	{ "only", OPT_ONLY, "GLOB,...", 0, "only scenarios or cases whose name fits", 0 },
	{ "repeats", OPT_REPEATS, "EXACT[,RACY]", 0, "repeats of each case on each kernel (3,100)", 0 },
	{ "boots", OPT_BOOTS, "N", 0, "spread the repeats over at least N boots a kernel", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "all repeats with N virtual CPUs, but of cases that need one (as planned)", 0 },
	{ "jobs", OPT_JOBS, "N", 0, "virtual machines at once (2)", 0 },
	{ "seed", OPT_SEED, "N", 0, "draw all seeds of the run from N (from the clock)", 0 },
	{ "append", OPT_APPEND, "TEXT", 0, "add to the second kernel's command line", 0 },
	{ "tap", OPT_TAP, NULL, 0, "TAP on standard output, the table on standard error", 0 },
	{ "strict-racy", OPT_STRICT, NULL, 0, "an undecided racy difference is a verdict of its own", 0 },
	{ 0 }
};

static const struct argp_option compat_options[] = {
	{ "flavour", OPT_FLAVOUR, "FLAVOUR", 0, "of both kernels: " KERNEL_FLAVOURS " (plain); debug: lockdep, KASAN and more", 0 },
	{ "stock", OPT_STOCK, "BZIMAGE", 0, "this file instead of the stock kernel", 0 },
	{ "utrace", OPT_UTRACE, "BZIMAGE", 0, "this file instead of the utrace kernel", 0 },
	{ "no-baseline", OPT_NO_BASELINE, NULL, 0, "do not compare stock with traces/baseline", 0 },
	{ 0 }
};

struct options {
	struct session_options s;
	const char *stock, *utrace;
	const char *flavour;	/* as kernel_flavour() has it; NULL: plain */
};

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_ONLY:
		o->s.run.only = *arg ? arg : NULL;
		return 0;
	case OPT_REPEATS:
		option_repeats(state, arg, &o->s.run);
		return 0;
	case OPT_BOOTS:
		o->s.run.boots = option_number(state, arg, "--boots", 1, 10000);
		return 0;
	case OPT_CPUS:
		o->s.run.cpus = option_number(state, arg, "--cpus", 2, 8);
		return 0;
	case OPT_JOBS:
		o->s.run.jobs = option_number(state, arg, "--jobs", 1, 64);
		return 0;
	case OPT_SEED:
		o->s.run.seed = option_number(state, arg, "--seed", 1, UINT64_MAX);
		return 0;
	case OPT_APPEND:
		o->s.append = arg;
		return 0;
	case OPT_TAP:
		o->s.report.tap = true;
		return 0;
	case OPT_STRICT:
		o->s.report.strict_racy = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_compat(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = o;
		return 0;
	case OPT_FLAVOUR:
		o->flavour = kernel_flavour(arg);
		if (!o->flavour)
			argp_error(state, "flavour '%s', expected " KERNEL_FLAVOURS, arg);
		return 0;
	case OPT_STOCK:
		o->stock = arg;
		return 0;
	case OPT_UTRACE:
		o->utrace = arg;
		return 0;
	case OPT_NO_BASELINE:
		o->s.report.use_baseline = false;
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

static const struct argp common = { common_options, parse_common, NULL, NULL, NULL, NULL, NULL };
static const struct argp_child children[] = { { &common, 0, NULL, 0 }, { 0 } };

static void check_kernel_file(const char *path, const char *what)
{
	if (!*path)
		fatal(EX_USAGE, "%s is missing; expected the path of a bzImage", what);
	if (!file_exists(path))
		fatal(EX_USAGE, "%s '%s': %s; expected the path of a bzImage", what, path,
		      strerror(errno));
}

int cmd_compat(int argc, char **argv)
{
	static const struct argp argp = {
		compat_options, parse_compat, NULL,
		"Run the scenarios on the stock and the utrace kernel and compare what was observed.",
		children, NULL, NULL
	};
	struct options o = { .s = SESSION_DEFAULTS };
	struct arm arms[2] = { { .name = "stock" }, { .name = "utrace" } };
	char *names[2];
	struct buf target = { 0 };

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	if (o.stock)
		check_kernel_file(o.stock, "--stock");
	if (o.utrace)
		check_kernel_file(o.utrace, "--utrace");
	session_begin(&o.s);
	names[0] = xasprintf("stock%s", o.flavour ? o.flavour : "");
	names[1] = xasprintf("utrace%s", o.flavour ? o.flavour : "");
	arms[0].kernel = o.stock ? xstrdup(o.stock) : kernel_image(names[0]);
	arms[1].kernel = o.utrace ? xstrdup(o.utrace) : kernel_image(names[1]);
	if (kernel_file_is_slow(arms[0].kernel) || kernel_file_is_slow(arms[1].kernel))
		o.s.run.debug_scale = SESSION_DEBUG_SCALE;
	buf_puts(&target, "compat");
	if (o.flavour && *o.flavour)
		buf_printf(&target, " FLAVOUR=%s", o.flavour + 1);
	if (o.s.run.cpus)
		buf_printf(&target, " CPUS=%u", o.s.run.cpus);
	free(names[0]);
	free(names[1]);
	if (o.stock || o.utrace || o.s.append) {
		buf_puts(&target, " ARGS=\"");
		if (o.stock)
			buf_printf(&target, "--stock='%s' ", o.stock);
		if (o.utrace)
			buf_printf(&target, "--utrace='%s' ", o.utrace);
		if (o.s.append)
			buf_printf(&target, "--append='%s' ", o.s.append);
		target.s[target.len - 1] = '"';
	}
	o.s.report.make_target = target.s;
	return session_run(&o.s, arms, 2);
}

struct compare_files {
	struct options o;
	const char *file[2];
	unsigned int n;
};

static error_t parse_compare(int key, char *arg, struct argp_state *state)
{
	struct compare_files *c = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &c->o;
		return 0;
	case ARGP_KEY_ARG:
		if (c->n == 2)
			argp_error(state, "three kernels, expected two");
		c->file[c->n++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (c->n != 2)
			argp_error(state, "expected two kernels: the reference and the other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_compare(int argc, char **argv)
{
	static const struct argp argp = {
		NULL, parse_compare, "BZIMAGE BZIMAGE",
		"Run the scenarios on any two kernels and compare; the first is the reference.",
		children, NULL, NULL
	};
	struct compare_files c = { .o = { .s = SESSION_DEFAULTS } };
	struct arm arms[2] = { { .name = "A" }, { .name = "B" } };
	struct buf target = { 0 };

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &c))
		return EX_USAGE;
	check_kernel_file(c.file[0], "kernel A");
	check_kernel_file(c.file[1], "kernel B");
	c.o.s.report.use_baseline = false;
	c.o.s.report.use_known = false;
	if (kernel_file_is_slow(c.file[0]) || kernel_file_is_slow(c.file[1]))
		c.o.s.run.debug_scale = SESSION_DEBUG_SCALE;
	session_begin(&c.o.s);
	for (int i = 0; i < 2; i++)
		arms[i].kernel = xstrdup(c.file[i]);
	buf_printf(&target, "compare A='%s' B='%s'", c.file[0], c.file[1]);
	if (c.o.s.run.cpus)
		buf_printf(&target, " CPUS=%u", c.o.s.run.cpus);
	c.o.s.report.make_target = target.s;
	return session_run(&c.o.s, arms, 2);
}
