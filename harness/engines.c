/* engines.c - `ptbed engines': programs that test utrace engines, on the utrace kernel. */
#include <argp.h>
#include <stdlib.h>

#include "commands.h"
#include "guest.h"
#include "lock.h"
#include "options.h"
#include "programs.h"
#include "util.h"

struct options {
	const char *flavour, *kernel, *only;
	struct programs_options run;
	bool tap, list, quick;
};

enum { OPT_FLAVOUR = 0x100, OPT_ONLY, OPT_CPUS, OPT_SEED, OPT_TAP, OPT_APPEND, OPT_LIST, OPT_KERNEL,
       OPT_QUICK };

static const struct argp_option argp_options[] = {
	{ "only", OPT_ONLY, "GLOB,...", 0, "only programs whose name fits", 0 },
	{ "flavour", OPT_FLAVOUR, "FLAVOUR", 0, "of the kernel: " KERNEL_FLAVOURS " (plain)", 0 },
	{ "kernel", OPT_KERNEL, "NAME|FILE", 0, "another kernel than utrace", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "virtual CPUs (2)", 0 },
	{ "seed", OPT_SEED, "N", 0, "of what programs draw (1)", 0 },
	{ "append", OPT_APPEND, "TEXT", 0, "further kernel parameters", 0 },
	{ "quick", OPT_QUICK, NULL, 0, "the short form of the long ones, some not at all", 0 },
	{ "tap", OPT_TAP, NULL, 0, "print TAP, not a table", 0 },
	{ "list", OPT_LIST, NULL, 0, "list the programs", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_FLAVOUR:
		o->flavour = kernel_flavour(arg);
		if (!o->flavour)
			argp_error(state, "unknown flavour '%s'; expected " KERNEL_FLAVOURS, arg);
		return 0;
	case OPT_KERNEL:
		o->kernel = arg;
		return 0;
	case OPT_ONLY:
		o->only = arg;
		return 0;
	case OPT_CPUS:
		o->run.cpus = option_number(state, arg, "--cpus", 1, 8);
		return 0;
	case OPT_SEED:
		o->run.seed = option_number(state, arg, "--seed", 1, UINT32_MAX);
		return 0;
	case OPT_APPEND:
		o->run.append = arg;
		return 0;
	case OPT_TAP:
		o->tap = true;
		return 0;
	case OPT_QUICK:
		o->quick = true;
		return 0;
	case OPT_LIST:
		o->list = true;
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

int cmd_engines(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Boot the utrace kernel, run the programs of compat-tests/engines in it one after the "
		"other, and collect their checks.",
		NULL, NULL, NULL
	};
	struct options o = { .flavour = "", .run = { .cpus = 2, .seed = 1 } };
	struct programs p = { 0 };
	struct kernel k;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	programs_find(&p, o.only, o.quick);
	if (!p.n)
		fatal(EX_USAGE, "no program fits '%s'; see: ptbed engines --list",
		      o.only ? o.only : "");
	if (o.list) {
		for (size_t i = 0; i < p.n; i++)
			printf("%-24s %u s\n", p.v[i].name, p.v[i].seconds);
		programs_free(&p);
		return 0;
	}
	lock_checkout();
	code = o.kernel ? find_kernel(o.kernel, &k) : programs_kernel(o.flavour, &k);
	if (code)
		return code;
	o.run.kernel = &k;
	code = programs_run(&p, &o.run);
	programs_report(&p, k.name, o.tap);
	programs_free(&p);
	free_kernel(&k);
	return code;
}
