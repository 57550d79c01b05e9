/* kcsan.c - `ptbed kcsan': the data races that KCSAN finds in utrace, those of stock taken off. */
#include <argp.h>
#include <stdlib.h>

#include "checks.h"
#include "commands.h"
#include "kernels.h"
#include "options.h"
#include "programs.h"
#include "report.h"
#include "session.h"
#include "util.h"

#define TORTURE_OPS	100000
#define TORTURE_LIVES	10000
#define TORTURE_SECONDS	1200

struct options {
	struct session_options s;
	unsigned long ops;
	unsigned int cpus;
};

enum { OPT_ONLY = 0x100, OPT_REPEATS, OPT_OPS, OPT_CPUS, OPT_SEED };

static const struct argp_option argp_options[] = {
	{ "only", OPT_ONLY, "GLOB,...", 0, "of the scenarios only these", 0 },
	{ "repeats", OPT_REPEATS, "EXACT[,RACY]", 0, "of each scenario case (1,10)", 0 },
	{ "ops", OPT_OPS, "N", 0, "operations of torture (100000)", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "virtual CPUs for engines and torture (4)", 0 },
	{ "seed", OPT_SEED, "N", 0, "of the run", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_ONLY:
		o->s.run.only = arg;
		return 0;
	case OPT_REPEATS:
		option_repeats(state, arg, &o->s.run);
		return 0;
	case OPT_OPS:
		o->ops = option_number(state, arg, "--ops", 1, 1ul << 40);
		return 0;
	case OPT_CPUS:
		o->cpus = option_number(state, arg, "--cpus", 1, 8);
		return 0;
	case OPT_SEED:
		o->s.run.seed = option_number(state, arg, "--seed", 1, UINT32_MAX);
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

/* Engine programs and a torture; a report of KCSAN is no failure here, anything else is. */
static enum exit_code run_programs(const struct options *o, const struct kernel *k,
				   const char *kmsg)
{
	const struct programs_options run = {
		.kernel = k, .cpus = o->cpus, .seed = o->s.run.seed, .kmsg = kmsg,
	};
	char *args = xasprintf("ops=%lu lives=%d seed=%u bug=none", o->ops, TORTURE_LIVES,
			       (unsigned int)o->s.run.seed);
	struct programs p = { 0 };
	enum exit_code code;

	programs_find(&p, NULL, true);
	programs_add(&p, "torture", "torture", args, TORTURE_SECONDS);
	code = programs_run(&p, &run);
	if (code != EX_INTERRUPTED) {
		programs_report(&p, k->name, false);
		code = EX_SAME;
		for (size_t i = 0; i < p.n; i++)
			if (p.v[i].code != EX_SPLAT)
				code = verdict_worse(code, p.v[i].code);
			else if (p.v[i].failed)
				code = verdict_worse(code, EX_DIFFERS);
	}
	programs_free(&p);
	free(args);
	return code;
}

/* What the messages kept in the run's directory say. */
static enum exit_code judge(const char *run_dir)
{
	char *series = top_path("kernel-patches/6.12");
	char *explained = top_path("kernel-patches/kcsan-explained");
	char *stock = xasprintf("%s/stock", run_dir), *utrace = xasprintf("%s/utrace", run_dir);
	const char *const args[] = { series, explained, stock, utrace, NULL };
	int code;

	fflush(stdout);
	code = checks_script("check-kcsan", args);
	if (code > 1 && code != EX_INTERRUPTED)
		code = EX_UNTESTED;
	free(series);
	free(explained);
	free(stock);
	free(utrace);
	return code;
}

int cmd_kcsan(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Run scenarios on both kernels of the flavour kcsan, engine programs and a torture on "
		"utrace's, and tell the data races that have a function of the series in a stack and that "
		"stock has not.  What is meant so stands in kernel-patches/kcsan-explained.",
		NULL, NULL, NULL
	};
	struct options o = { .s = SESSION_DEFAULTS, .ops = TORTURE_OPS, .cpus = 4 };
	struct arm arms[2] = { { .name = "stock" }, { .name = "utrace" } };
	enum exit_code code;
	struct kernel k;
	char *kmsg;

	o.s.run.exact_repeats = 1;
	o.s.run.racy_repeats = 10;
	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	session_begin(&o.s);
	arms[0].kernel = kernel_image("stock-kcsan");
	code = ensure_kernel("utrace-kcsan", &k);
	if (code)
		return code;
	arms[1].kernel = xstrdup(k.bzimage);
	o.s.run.debug_scale = SESSION_DEBUG_SCALE;
	code = session_run(&o.s, arms, 2);
	kmsg = xasprintf("%s/utrace/programs.kmsg", o.s.run.run_dir);
	if (code != EX_INTERRUPTED && code != EX_SYSTEM) {
		/* every report of KCSAN makes it a splat: so look beneath */
		code = session_differences(&o.s, arms) ? EX_DIFFERS : EX_SAME;
		code = verdict_worse(code, run_programs(&o, &k, kmsg));
		if (code != EX_INTERRUPTED)
			code = verdict_worse(code, judge(o.s.run.run_dir));
		if (code != EX_INTERRUPTED)
			printf("kcsan: %s: %s\n", verdict_word(code), verdict_meaning(code));
	}
	free(kmsg);
	session_clear(&o.s, arms, 2);
	free_kernel(&k);
	suite_free(&o.s.suite);
	return code;
}
