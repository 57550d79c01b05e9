/* profile.c - `ptbed profile': one operation of the benchmark, by function, on two kernels. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bench_boot.h"
#include "commands.h"
#include "guest.h"
#include "lock.h"
#include "options.h"
#include "profile_counts.h"
#include "qemu.h"
#include "report.h"
#include "tree.h"

#define LINES 40
#define PROGRAM "build/guest/engines/bench"
#define PLUGIN "build/plugin/count.so"
/* The function of the benchmark that reads the clock, at each end of a run. */
#define CLOCK "ticks"

struct options {
	const char *kernel[2], *operation, *json;
	unsigned int runs, lines;
};

/* All of one profile; of each kernel the run the benchmark's figure is from. */
struct report {
	struct kernel kernel[2];
	struct bench_costs costs;
	struct profile profile;
	unsigned int times[2];		/* operations in a run */
	double took[2];			/* what the guest's clock says of that run */
};

enum { OPT_STOCK = 0x100, OPT_UTRACE, OPT_RUNS, OPT_LINES, OPT_JSON };

static const struct argp_option argp_options[] = {
	{ "stock", OPT_STOCK, "NAME|FILE", 0, "the reference (stock)", 0 },
	{ "utrace", OPT_UTRACE, "NAME|FILE", 0, "the other kernel (utrace-bench)", 0 },
	{ "runs", OPT_RUNS, "N", 0, "runs, of which the least is shown (15)", 0 },
	{ "lines", OPT_LINES, "N", 0, "functions to print, the rest is one line (40)", 0 },
	{ "json", OPT_JSON, "FILE", 0, "where the JSON goes (build/bench/profile-OP.json)", 0 },
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
	case OPT_RUNS:
		o->runs = option_number(state, arg, "--runs", 1, 101);
		return 0;
	case OPT_LINES:
		o->lines = option_number(state, arg, "--lines", 1, 100000);
		return 0;
	case OPT_JSON:
		o->json = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->operation)
			return option_no_argument(key, arg, state);
		/* it is part of file names, and one argument of the program */
		if (strpbrk(arg, "/ ,") || !*arg)
			argp_error(state, "'%s' is no operation of `ptbed bench'", arg);
		o->operation = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->operation)
			argp_error(state, "expected an operation of `ptbed bench', such as syscall-stop");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Where the benchmark reads the clock, from its symbols: first address and the one behind it. */
static void find_clock(uint64_t *from, uint64_t *to)
{
	char *program = top_path(PROGRAM);
	const char *const argv[] = { "nm", "-S", program, NULL };
	struct strlist lines = { 0 };
	struct buf b = { 0 };

	if (run_capture(argv, NULL, &b))
		fatal(EX_BUILD, "nm cannot read the symbols of %s", program);
	strlist_lines(&lines, b.s ? b.s : "");
	*from = *to = 0;
	for (size_t i = 0; i < lines.n; i++) {
		uint64_t address, size;
		char name[sizeof(CLOCK) + 1];

		if (sscanf(lines.v[i], "%" SCNx64 " %" SCNx64 " T %6s", &address, &size, name) == 3 &&
		    !strcmp(name, CLOCK)) {
			*from = address;
			*to = address + size;
		}
	}
	if (!*to)
		fatal(EX_BUILD, "%s has no function %s", program, CLOCK);
	strlist_free(&lines);
	buf_free(&b);
	free(program);
}

static bool read_map(const struct kernel *k, struct profile_map *m)
{
	const char *slash = strrchr(k->bzimage, '/');
	char *path = xasprintf("%.*s/System.map", (int)(slash - k->bzimage), k->bzimage);
	char *text = read_file(path, NULL);
	bool ok = false;

	if (!text)
		warn("%s: no symbols: %s: %s", k->name, path, strerror(errno));
	else if (!profile_map_parse(m, text))
		warn("%s: %s is no System.map", k->name, path);
	else
		ok = true;
	free(text);
	free(path);
	return ok;
}

/*
 * The least run is the profile, if its counts are what the guest's clock says
 * of it.  Others may have idle time, which that clock counts, too.
 */
static enum exit_code take_least(struct report *r, const struct bench_side *b, int side, const char *text,
				 const struct profile_map *m)
{
	struct profile_run *runs = xcalloc(b->nruns, sizeof(*runs));
	const char *why = profile_runs(text, b->nruns, runs);
	enum exit_code code = EX_SAME;
	size_t least = 0;

	for (size_t i = 1; i < b->nruns; i++)
		if (b->runs[i] < b->runs[least])
			least = i;
	if (why) {
		warn("%s: what the plugin wrote cannot be used: %s", r->kernel[side].name, why);
		code = EX_UNTESTED;
	} else if (!profile_agrees(runs[least].sum, b->runs[least])) {
		warn("%s: run %zu executed %" PRIu64 " instructions as counted by address, but took %.0f by the guest's clock: more than one in %d apart, so the profile is wrong, or the processor was idle",
		     r->kernel[side].name, least + 1, runs[least].sum, b->runs[least], PROFILE_SHARE);
		code = EX_UNTESTED;
	} else {
		profile_add(&r->profile, side, m, &runs[least]);
		r->times[side] = b->times;
		r->took[side] = b->runs[least];
	}
	free(runs);
	return code;
}

/* One boot with the plugin, and its counts. */
static enum exit_code measure(const struct options *o, struct report *r, int side)
{
	struct bench_boot b = {
		.kernel = &r->kernel[side], .only = o->operation, .runs = o->runs, .exact = true, .cpus = 1,
	};
	char *counts = xasprintf("%s/counts-%d", private_dir(), side), *so = top_path(PLUGIN);
	char *e_counts = qemu_escaped(counts), *e_so = qemu_escaped(so), *plugin, *text = NULL;
	struct profile_map map = { 0 };
	const struct bench_cost *c;
	enum exit_code code;
	uint64_t from, to;

	if (!file_exists(so))
		fatal(EX_BUILD, "%s is missing: `make tools' builds it", so);
	find_clock(&from, &to);
	plugin = xasprintf("%s,out=%s,from=%#" PRIx64 ",to=%#" PRIx64, e_so, e_counts, from, to);
	b.plugin = plugin;
	code = read_map(b.kernel, &map) ? bench_boot(&b, &r->costs, side) : EX_UNTESTED;
	if (code == EX_INTERRUPTED || !map.n)
		goto out;
	c = bench_find(&r->costs, o->operation);
	text = read_file(counts, NULL);
	if (c && c->side[side].absent) {
		warn("%s: %s: %s", b.kernel->name, o->operation, c->side[side].absent);
		code = verdict_worse(code, EX_UNTESTED);
	} else if (!c || !c->side[side].nruns || !text) {
		warn("%s: nothing was counted of %s", b.kernel->name, o->operation);
		code = verdict_worse(code, EX_UNTESTED);
	} else if (!code) {
		code = take_least(r, &c->side[side], side, text, &map);
	}
out:
	profile_map_free(&map);
	free(text);
	free(plugin);
	free(e_so);
	free(e_counts);
	free(so);
	free(counts);
	return code;
}

static void print_row(const char *name, double stock, double utrace)
{
	printf("%-40s %11.1f %11.1f %+11.1f\n", name, stock, utrace, utrace - stock);
}

static double per_operation(const struct report *r, int side, uint64_t count)
{
	return (double)count / r->times[side];
}

static void print(const struct options *o, const struct report *r)
{
	const struct profile *p = &r->profile;
	uint64_t rest[2] = { 0 };
	char more[64];

	for (int s = 0; s < 2; s++)
		printf("%s: %s\n", s ? "utrace" : "stock",
		       r->kernel[s].release ? r->kernel[s].release : r->kernel[s].name);
	printf("\n%-40s %11s %11s %11s\n", o->operation, "stock", "utrace", "difference");
	for (size_t i = 0; i < p->n; i++) {
		if (i < o->lines)
			print_row(p->v[i].name, per_operation(r, 0, p->v[i].count[0]),
				  per_operation(r, 1, p->v[i].count[1]));
		for (int s = 0; s < 2 && i >= o->lines; s++)
			rest[s] += p->v[i].count[s];
	}
	if (p->n > o->lines) {
		snprintf(more, sizeof(more), "(%zu more)", p->n - o->lines);
		print_row(more, per_operation(r, 0, rest[0]), per_operation(r, 1, rest[1]));
	}
	print_row("sum", per_operation(r, 0, profile_sum(p, 0)), per_operation(r, 1, profile_sum(p, 1)));
	print_row("by the guest's clock", r->took[0] / r->times[0], r->took[1] / r->times[1]);
	printf("\ninstructions of one operation, least of %u runs of %u; inlined functions count for the one they are in\n",
	       o->runs, r->times[0]);
}

/*
 * Schema 1: operation, runs, kernels[]{name release times counted took},
 * functions[]{name instructions[2] difference}.  counted and took are
 * instructions of the run, which does ->times operations, as counted by address
 * and by the guest's clock; those of functions are for one operation.
 */
static void write_json(const struct options *o, const struct report *r, const char *path)
{
	json_t *j = json_object(), *kernels = json_array(), *functions = json_array();
	const struct profile *p = &r->profile;
	char *text;

	for (int s = 0; s < 2; s++)
		json_array_append_new(kernels, json_pack("{s:s,s:s?,s:i,s:I,s:f}", "name", r->kernel[s].name,
							 "release", r->kernel[s].release, "times",
							 (int)r->times[s], "counted",
							 (json_int_t)profile_sum(p, s), "took",
							 r->took[s]));
	for (size_t i = 0; i < p->n; i++) {
		double a = per_operation(r, 0, p->v[i].count[0]), b = per_operation(r, 1, p->v[i].count[1]);

		json_array_append_new(functions, json_pack("{s:s,s:[f,f],s:f}", "name", p->v[i].name,
							   "instructions", a, b, "difference", b - a));
	}
	json_object_set_new(j, "schema", json_integer(1));
	json_object_set_new(j, "operation", json_string(o->operation));
	json_object_set_new(j, "runs", json_integer(o->runs));
	json_object_set_new(j, "kernels", kernels);
	json_object_set_new(j, "functions", functions);
	text = json_dumps(j, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
	if (!text)
		fatal(EX_SYSTEM, "cannot make JSON of the profile");
	write_file(path, text, strlen(text));
	free(text);
	json_decref(j);
}

static void report(const struct options *o, struct report *r)
{
	char *dir = top_path("build/bench");
	char *path = o->json ? xstrdup(o->json) : xasprintf("%s/profile-%s.json", dir, o->operation);

	make_dirs(dir);
	profile_sort(&r->profile, r->times);
	print(o, r);
	write_json(o, r, path);
	printf("every function: %s\n", path);
	free(path);
	free(dir);
}

int cmd_profile(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, "OPERATION",
		"Count the instructions of one operation of `ptbed bench' by function on two kernels and show "
		"where they differ."
		"\vInlined functions count for the function they are in, parts that the compiler cut off "
		"for the one they are from. (user) is user space, (modules) what runs at the addresses of "
		"modules. The sum is compared with what the guest's clock says of the same run, the figure "
		"of `ptbed bench'; if they are more than one in 5000 apart the profile is wrong and not shown.",
		NULL, NULL, NULL
	};
	struct options o = {
		.kernel = { "stock", "utrace-bench" }, .runs = BENCH_RUNS, .lines = LINES,
	};
	struct report r = { 0 };
	int code = EX_SAME;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	bench_check_name(o.operation);
	lock_checkout();
	for (int s = 0; s < 2 && !code; s++)
		code = find_kernel(o.kernel[s], &r.kernel[s]);
	for (int s = 0; s < 2 && !code; s++)
		code = measure(&o, &r, s);
	if (!code)
		report(&o, &r);
	profile_free(&r.profile);
	bench_free(&r.costs);
	free_kernel(&r.kernel[0]);
	free_kernel(&r.kernel[1]);
	return code;
}
