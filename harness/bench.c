/* bench.c - `ptbed bench': what operations of and around ptrace cost on two kernels. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "bench_boot.h"
#include "bench_report.h"
#include "commands.h"
#include "guest.h"
#include "lock.h"
#include "options.h"
#include "report.h"

#define WALL_BOOTS 2

struct options {
	const char *kernel[2], *only, *json;
	unsigned int runs, cpus;
	bool no_wall;
	struct bench_bounds bounds;
};

enum { OPT_STOCK = 0x100, OPT_UTRACE, OPT_ONLY, OPT_RUNS, OPT_CPUS, OPT_NO_WALL, OPT_JSON, OPT_CALL, OPT_UNTRACED,
       OPT_SIGNAL, OPT_PTRACE, OPT_LOGGED };

static const struct argp_option argp_options[] = {
	{ "stock", OPT_STOCK, "NAME|FILE", 0, "the reference (stock)", 0 },
	{ "utrace", OPT_UTRACE, "NAME|FILE", 0, "the other kernel (utrace-bench)", 0 },
	{ "only", OPT_ONLY, "NAME", 0, "one operation", 0 },
	{ "runs", OPT_RUNS, "N", 0, "runs of each operation (15)", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "virtual CPUs when times are measured (2)", 0 },
	{ "no-wall", OPT_NO_WALL, NULL, 0, "count instructions only", 0 },
	{ "json", OPT_JSON, "FILE", 0, "where the JSON goes (build/bench/bench.json)", 0 },
	{ "bound-call", OPT_CALL, "RATIO", 0, "of a system call that nobody sees (1.000)", 0 },
	{ "bound-untraced", OPT_UNTRACED, "RATIO", 0, "of fork and exec without a tracer (1.005)", 0 },
	{ "bound-signal", OPT_SIGNAL, "RATIO", 0, "of signals without a tracer (1.015)", 0 },
	{ "bound-logged", OPT_LOGGED, "N", 0, "instructions that a call seen by the logger costs more (1000)", 0 },
	{ "bound-ptrace", OPT_PTRACE, "RATIO", 0, "of operations of ptrace (1.020)", 0 },
	{ 0 }
};

static double ratio(struct argp_state *state, const char *arg, const char *what)
{
	char *end;
	double v = strtod(arg, &end);

	if (*end || end == arg || !(v > 0 && v <= 1000))
		argp_error(state, "--%s is '%s', expected a ratio such as 1.02", what, arg);
	return v;
}

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
	case OPT_RUNS:
		o->runs = option_number(state, arg, "--runs", 1, 101);
		return 0;
	case OPT_CPUS:
		o->cpus = option_number(state, arg, "--cpus", 1, 8);
		return 0;
	case OPT_NO_WALL:
		o->no_wall = true;
		return 0;
	case OPT_JSON:
		o->json = arg;
		return 0;
	case OPT_CALL:
		o->bounds.call = ratio(state, arg, "bound-call");
		return 0;
	case OPT_UNTRACED:
		o->bounds.untraced = ratio(state, arg, "bound-untraced");
		return 0;
	case OPT_SIGNAL:
		o->bounds.signal = ratio(state, arg, "bound-signal");
		return 0;
	case OPT_PTRACE:
		o->bounds.ptrace = ratio(state, arg, "bound-ptrace");
		return 0;
	case OPT_LOGGED:
		o->bounds.logged = option_number(state, arg, "--bound-logged", 1, 1000000);
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

static enum exit_code measure(const struct options *o, struct bench_report *r, int side, bool exact)
{
	struct bench_boot b = {
		.kernel = &r->kernel[side], .only = o->only, .exact = exact, .cpus = o->cpus,
		.runs = exact ? o->runs : (o->runs + WALL_BOOTS - 1) / WALL_BOOTS,
	};

	return bench_boot(&b, exact ? &r->exact : &r->wall, side);
}

static enum exit_code measure_all(const struct options *o, struct bench_report *r)
{
	enum exit_code code = EX_SAME;

	for (int s = 0; s < 2 && code != EX_INTERRUPTED; s++)
		code = verdict_worse(code, measure(o, r, s, true));
	/* in turn, so that a busy hour of the host is on both sides */
	for (int i = 0; i < (o->no_wall ? 0 : 2 * WALL_BOOTS) && code != EX_INTERRUPTED; i++)
		code = verdict_worse(code, measure(o, r, i % 2, false));
	return code;
}

/* What a bound would say nothing about is untested, not below it. */
static void check_measured(struct bench_report *r)
{
	char *unlike = bench_unlike(r->kernel);
	bool utrace = bench_has_utrace(&r->kernel[1]);

	if (unlike) {
		warn("the kernels are not configured alike: %s", unlike);
		r->code = verdict_worse(r->code, EX_UNTESTED);
	}
	for (size_t i = 0; i < r->exact.n; i++) {
		const struct bench_cost *c = &r->exact.v[i];
		const char *absent = c->side[1].absent;

		/* a module of utrace's that is not there must not go unnoticed, bound or not */
		if (!bench_one_sided(&r->bounds, c) && !(utrace && absent))
			continue;
		warn("%s has no figure on one kernel%s%s", c->name, absent ? ": " : "",
		     absent ? absent : "");
		r->code = verdict_worse(r->code, EX_UNTESTED);
	}
	free(unlike);
}

int cmd_bench(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Count the instructions of operations of and around ptrace on two kernels, compare the ratios "
		"with their bounds; measure times, too.",
		NULL, NULL, NULL
	};
	struct options o = {
		.kernel = { "stock", "utrace-bench" }, .runs = BENCH_RUNS, .cpus = 2,
		.bounds = { .call = 1.0, .untraced = 1.005, .signal = 1.015, .ptrace = 1.02,
			    .logged = 1000 },
	};
	struct bench_report r = { 0 };
	char *path, *dir;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	if (o.only)
		bench_check_name(o.only);
	lock_checkout();
	for (int s = 0; s < 2; s++) {
		code = find_kernel(o.kernel[s], &r.kernel[s]);
		if (code)
			return code;
	}
	r.bounds = o.bounds;
	r.cpus = o.cpus;
	r.code = measure_all(&o, &r);
	if (r.code == EX_INTERRUPTED)
		return r.code;
	for (size_t i = 0; i < r.exact.n; i++)
		if (bench_above(&r.bounds, &r.exact.v[i]))
			r.code = verdict_worse(r.code, EX_COST);
	if (bench_logged_above(&r.bounds, &r.exact))
		r.code = verdict_worse(r.code, EX_COST);
	check_measured(&r);
	bench_print(&r);
	dir = top_path("build/bench");
	make_dirs(dir);
	path = o.json ? xstrdup(o.json) : top_path("build/bench/bench.json");
	bench_write_json(&r, path);
	printf("every figure: %s\n", path);
	free(path);
	free(dir);
	code = r.code;
	bench_free(&r.exact);
	bench_free(&r.wall);
	free_kernel(&r.kernel[0]);
	free_kernel(&r.kernel[1]);
	return code;
}
