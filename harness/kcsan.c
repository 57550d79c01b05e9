/* kcsan.c - `ptbed kcsan': the data races that KCSAN finds in utrace, those of stock taken off. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "commands.h"
#include "compare.h"
#include "guest.h"
#include "kcsan_reports.h"
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
	const char *kernel[2];
	unsigned long ops;
	unsigned int cpus;
};

enum { OPT_ONLY = 0x100, OPT_REPEATS, OPT_OPS, OPT_CPUS, OPT_SEED, OPT_STOCK, OPT_UTRACE };

static const struct argp_option argp_options[] = {
	{ "only", OPT_ONLY, "GLOB,...", 0, "of the scenarios only these", 0 },
	{ "repeats", OPT_REPEATS, "EXACT[,RACY]", 0, "of each scenario case (1,10)", 0 },
	{ "ops", OPT_OPS, "N", 0, "operations of torture (100000)", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "virtual CPUs for engines and torture (4)", 0 },
	{ "seed", OPT_SEED, "N", 0, "of the run", 0 },
	{ "stock", OPT_STOCK, "NAME|FILE", 0, "the kernel whose races are taken off (stock-kcsan)", 0 },
	{ "utrace", OPT_UTRACE, "NAME|FILE", 0, "the kernel to be looked at (utrace-kcsan)", 0 },
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
	case OPT_STOCK:
		o->kernel[0] = arg;
		return 0;
	case OPT_UTRACE:
		o->kernel[1] = arg;
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

/* Leave only what is no data race of KCSAN among the kernel reports of an arm's incidents. */
static void drop_races(struct arm *arm)
{
	size_t n = 0;

	for (size_t i = 0; i < arm->nincidents; i++) {
		struct incident inc = arm->incidents[i];

		if (inc.kind == INC_SPLAT) {
			const char *other = kcsan_other_report(inc.text);
			char *text = other ? xstrdup(other) : NULL;

			free(inc.text);
			inc.text = text;
			if (!text) {
				free(inc.log);
				continue;
			}
		}
		arm->incidents[n++] = inc;
	}
	arm->nincidents = n;
}

/*
 * Any report but KCSAN's in the messages kept of an arm: one that came together
 * with a race is part of its incident, which may be left out as known.
 */
static enum exit_code other_reports(const char *run_dir, const struct arm *arm)
{
	char *dir = xasprintf("%s/%s", run_dir, arm->name), **names;
	size_t n = list_dir(dir, "*.kmsg", &names);
	enum exit_code code = EX_SAME;

	for (size_t i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]), *text = read_file(path, NULL);
		const char *at = text ? kcsan_other_report(text) : NULL;

		if (!text)
			fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
		if (at) {
			printf("%s: %.*s\n", path, (int)strcspn(at, "\n"), at);
			code = EX_SPLAT;
		}
		free(text);
		free(path);
		free(names[i]);
	}
	free(names);
	free(dir);
	return code;
}

/* An incident of no case, that is of a boot, for people. */
static void tell_loose(const struct session_options *o, const struct arm *arm)
{
	for (size_t i = 0; i < arm->nincidents; i++) {
		const struct incident *inc = &arm->incidents[i];

		if (inc->icase >= o->suite.ncases && incident_gates(inc))
			printf("%s: %s%s%s\n", arm->name, incident_word(inc->kind),
			       inc->log ? ": " : "", inc->log ? inc->log : "");
	}
}

/* The scenarios' verdict as if KCSAN had said nothing; what is wrong is told. */
static enum exit_code judge_scenarios(const struct session_options *o, struct arm arms[2])
{
	const struct compare_options opt = {
		.exact_repeats = o->run.exact_repeats,
		.racy_repeats = o->run.racy_repeats,
	};
	struct comparison c;
	enum exit_code code;

	drop_races(&arms[0]);
	drop_races(&arms[1]);
	compare_arms(&o->suite, &arms[0], &arms[1], &opt, &c);
	code = c.code;
	printf("scenarios without the races that KCSAN reported: %s\n", verdict_word(code));
	for (size_t i = 0; i < o->suite.ncases; i++)
		if (case_failed(&c.cases[i]))
			printf("%s: %s\n", o->suite.cases[i].name, case_word(&c.cases[i]));
	comparison_free(&c);
	for (int i = 0; i < 2; i++) {
		tell_loose(o, &arms[i]);
		code = verdict_worse(code, other_reports(o->run.run_dir, &arms[i]));
	}
	return code;
}

/* Engine programs and a torture; a report of KCSAN is no failure here, anything else is. */
static enum exit_code run_programs(const struct options *o, const struct kernel *k,
				   const char *kmsg)
{
	const struct programs_options run = {
		.kernel = k, .cpus = o->cpus, .seed = o->s.run.seed, .kmsg = kmsg, .kcsan = true,
	};
	char *args = xasprintf("ops=%lu lives=%d seed=%u bug=none", o->ops, TORTURE_LIVES,
			       (unsigned int)o->s.run.seed);
	struct programs p = { 0 };
	enum exit_code code;

	programs_find(&p, NULL, true);
	programs_add(&p, "torture", "torture", args, TORTURE_SECONDS);
	code = programs_run(&p, &run);
	if (code != EX_INTERRUPTED)
		programs_report(&p, k->name, false);
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
	struct options o = {
		.s = SESSION_DEFAULTS, .kernel = { "stock-kcsan", "utrace-kcsan" },
		.ops = TORTURE_OPS, .cpus = 4,
	};
	struct arm arms[2] = { { .name = "stock" }, { .name = "utrace" } };
	enum exit_code code;
	struct kernel k[2];
	char *kmsg;

	o.s.run.exact_repeats = 1;
	o.s.run.racy_repeats = 10;
	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	session_begin(&o.s);
	for (int i = 0; i < 2; i++) {
		code = find_kernel(o.kernel[i], &k[i]);
		if (code)
			return code;
		arms[i].kernel = xstrdup(k[i].bzimage);
	}
	o.s.run.debug_scale = SESSION_DEBUG_SCALE;
	code = session_run(&o.s, arms, 2);
	kmsg = xasprintf("%s/utrace/programs.kmsg", o.s.run.run_dir);
	if (code != EX_INTERRUPTED && code != EX_SYSTEM) {
		/* every report of KCSAN makes it a splat: so look beneath; a wrong list stays one */
		code = verdict_worse(code == EX_SCENARIO ? code : EX_SAME, judge_scenarios(&o.s, arms));
		code = verdict_worse(code, run_programs(&o, &k[1], kmsg));
		if (code != EX_INTERRUPTED)
			code = verdict_worse(code, judge(o.s.run.run_dir));
		if (code != EX_INTERRUPTED)
			printf("kcsan: %s: %s\n", verdict_word(code), verdict_meaning(code));
	}
	free(kmsg);
	session_clear(&o.s, arms, 2);
	free_kernel(&k[0]);
	free_kernel(&k[1]);
	suite_free(&o.s.suite);
	return code;
}
