/* bench_report.c - tells what operations cost: tables, and JSON. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bench_report.h"
#include "report.h"
#include "tree.h"

/* The kernel's configuration, which lies beside its bzImage; NULL if it does not. */
static char *read_config(const struct kernel *k)
{
	char *slash = strrchr(k->bzimage, '/');
	char *path = xasprintf("%.*s/.config", (int)(slash - k->bzimage), k->bzimage);
	char *text = read_file(path, NULL);

	free(path);
	return text;
}

const char *bench_optimization(const struct kernel *k)
{
	char *text = read_config(k);
	const char *what = "unknown";

	if (text && strstr(text, "\nCONFIG_CC_OPTIMIZE_FOR_PERFORMANCE=y\n"))
		what = "-O2";
	else if (text && strstr(text, "\nCONFIG_CC_OPTIMIZE_FOR_SIZE=y\n"))
		what = "-Os";
	free(text);
	return what;
}

bool bench_has_utrace(const struct kernel *k)
{
	char *text = read_config(k);
	bool has = text && strstr(text, "\nCONFIG_UTRACE=y\n");

	free(text);
	return has;
}

/* Add the options of @text but utrace's and the version, with their values; one that is off is not there. */
static void add_options(struct strlist *to, const char *text)
{
	struct strlist lines = { 0 };

	strlist_lines(&lines, text);
	for (size_t i = 0; i < lines.n; i++) {
		const char *l = lines.v[i];
		char *name = xstrndup(l, strcspn(l, "="));

		if (!strncmp(l, "CONFIG_", 7) && strncmp(l, "CONFIG_UTRACE", 13) &&
		    strncmp(l, "CONFIG_SAMPLE_UTRACE_", 21) && strcmp(name, "CONFIG_LOCALVERSION"))
			strlist_add(to, l);
		free(name);
	}
	strlist_free(&lines);
	strlist_sort(to);
}

/* Options that one list has and the other has not, or not so; the first in *@first. */
static size_t options_apart(const struct strlist *a, const struct strlist *b, const char **first)
{
	size_t i = 0, j = 0, n = 0;

	*first = NULL;
	while (i < a->n || j < b->n) {
		int cmp = i == a->n ? 1 : j == b->n ? -1 : strcmp(a->v[i], b->v[j]);

		if (cmp) {
			n++;
			if (!*first)
				*first = cmp < 0 ? a->v[i] : b->v[j];
		}
		i += cmp <= 0;
		j += cmp >= 0;
	}
	return n;
}

char *bench_unlike(const struct kernel *k)
{
	struct strlist options[2] = { { 0 }, { 0 } };
	char *why = NULL;
	const char *first;
	size_t n;

	for (int s = 0; s < 2 && !why; s++) {
		char *text = read_config(&k[s]);

		if (text)
			add_options(&options[s], text);
		else
			why = xasprintf("%s has no .config beside its bzImage", k[s].name);
		free(text);
	}
	n = why ? 0 : options_apart(&options[0], &options[1], &first);
	if (n)
		why = xasprintf("%s and %zu more settings are only in one configuration", first, n - 1);
	strlist_free(&options[0]);
	strlist_free(&options[1]);
	return why;
}

char *bench_utrace_options(const struct kernel *k)
{
	char *text = read_config(k);
	struct strlist lines = { 0 };
	struct buf b = { 0 };

	buf_puts(&b, text ? "" : "unknown");
	strlist_lines(&lines, text ? text : "");
	for (size_t i = 0; i < lines.n; i++) {
		const char *l = lines.v[i], *name = l + strlen("CONFIG_");
		size_t n = strcspn(l, "=");

		if (!strncmp(l, "CONFIG_UTRACE", 13) && !strcmp(l + n, "=y"))
			buf_printf(&b, "%s%.*s", b.len ? " " : "",
				   (int)(n - strlen("CONFIG_")), name);
	}
	if (!b.len)
		buf_puts(&b, "none");
	strlist_free(&lines);
	free(text);
	return b.s;
}

static void print_figure(double v)
{
	if (v > 0)
		printf(" %11.0f", v);
	else
		printf(" %11s", "-");
}

static void print_exact(const struct bench_report *r)
{
	printf("%-28s %11s %11s  ratio  bound  median\n", "counted instructions",
	       "stock", "utrace");
	for (size_t i = 0; i < r->exact.n; i++) {
		const struct bench_cost *c = &r->exact.v[i];
		double bound = bench_bound(&r->bounds, c), ratio = bench_ratio(c);
		double median = bench_quantile(&c->side[0], 0.5);

		printf("%-28s", c->name);
		print_figure(bench_least(&c->side[0]));
		print_figure(bench_least(&c->side[1]));
		if (ratio > 0)
			printf("  %5.3f", ratio);
		if (ratio > 0 && bound > 0)
			printf("  %5.3f  %6.3f%s", bound,
			       bench_quantile(&c->side[1], 0.5) / median,
			       bench_above(&r->bounds, c) ? "  ABOVE" : "");
		printf("\n");
	}
}

/* How many times as much one of many tracees costs as one of few. */
static double growth(const struct bench_costs *c, int side)
{
	const struct bench_cost *few = bench_find(c, "tracees-10");
	const struct bench_cost *many = bench_find(c, "tracees-1000");
	double a = few ? bench_least(&few->side[side]) : 0;

	return a > 0 && many ? bench_least(&many->side[side]) / a : 0;
}

static void print_wall(const struct bench_report *r)
{
	printf("\nnoisy: nanoseconds on %u virtual CPUs, median (quartiles)\n", r->cpus);
	printf("%-28s %27s %27s  ratio\n", "", "stock", "utrace");
	for (size_t i = 0; i < r->wall.n; i++) {
		const struct bench_cost *c = &r->wall.v[i];
		double m[2];

		printf("%-28s", c->name);
		for (int s = 0; s < 2; s++) {
			char range[40] = "";

			m[s] = bench_quantile(&c->side[s], 0.5);
			if (m[s] > 0)
				snprintf(range, sizeof(range), "(%.0f-%.0f)",
					 bench_quantile(&c->side[s], 0.25),
					 bench_quantile(&c->side[s], 0.75));
			print_figure(m[s]);
			printf(" %15s", range);
		}
		if (m[0] > 0 && m[1] > 0)
			printf("  %5.2f", m[1] / m[0]);
		printf("\n");
	}
}

void bench_print(const struct bench_report *r)
{
	bool dear = bench_logged_above(&r->bounds, &r->exact);
	size_t above = dear, bounded = r->bounds.logged > 0 && bench_logged(&r->exact) > 0;
	char *options;

	for (int s = 0; s < 2; s++) {
		options = bench_utrace_options(&r->kernel[s]);
		printf("%s: %s, %s, utrace options %s\n", s ? "utrace" : "stock",
		       r->kernel[s].release ? r->kernel[s].release : r->kernel[s].name,
		       bench_optimization(&r->kernel[s]), options);
		free(options);
	}
	if (r->exact.n) {
		printf("\n");
		print_exact(r);
		printf("\nleast of %zu runs, so one without a timer tick where a run is short of one; ratios to three decimals\n",
		       r->exact.v[0].side[0].nruns);
	}
	if (growth(&r->exact, 0) > 0 && growth(&r->exact, 1) > 0)
		printf("one of 1000 tracees costs %.2f times one of 10 on stock, %.2f times on utrace\n",
		       growth(&r->exact, 0), growth(&r->exact, 1));
	if (bench_logged(&r->exact) > 0)
		printf("a call seen by the logger costs %.0f instructions more, may cost %.0f%s\n",
		       bench_logged(&r->exact), r->bounds.logged,
		       bench_logged_above(&r->bounds, &r->exact) ? "  ABOVE" : "");
	if (r->wall.n)
		print_wall(r);
	for (size_t i = 0; i < r->exact.n; i++) {
		bounded += bench_bound(&r->bounds, &r->exact.v[i]) > 0;
		above += bench_above(&r->bounds, &r->exact.v[i]);
	}
	printf("\nbench: %s: %zu of %zu operations above their bound%s", verdict_word(r->code), above,
	       bounded, above ? ":" : "");
	for (size_t i = 0; i < r->exact.n; i++)
		if (bench_above(&r->bounds, &r->exact.v[i]))
			printf(" %s", r->exact.v[i].name);
	printf("%s\n", dear ? " getppid-logged" : "");
}

/*
 * Schema 1: verdict, exit, bounds{call untraced signal ptrace logged}, logged (what a call
 * that the logger sees costs more, in instructions, 0: no figure), kernels[]{name release
 * optimization utrace_options}, exact[] and wall[]: name kind bound ratio above
 * sides[]{times least median quartiles[2] runs[] absent}.  In exact figures are
 * instructions, in wall nanoseconds, and neither bound nor above is there;
 * figures are for one operation but for runs, which are for ->times of them.
 */
static json_t *side_json(const struct bench_side *s)
{
	json_t *j = json_object(), *runs = json_array();

	for (size_t i = 0; i < s->nruns; i++)
		json_array_append_new(runs, json_real(s->runs[i]));
	json_object_set_new(j, "times", json_integer(s->times));
	json_object_set_new(j, "least", json_real(bench_least(s)));
	json_object_set_new(j, "median", json_real(bench_quantile(s, 0.5)));
	json_object_set_new(j, "quartiles", json_pack("[f,f]", bench_quantile(s, 0.25),
						      bench_quantile(s, 0.75)));
	json_object_set_new(j, "runs", runs);
	json_object_set_new(j, "absent", s->absent ? json_string(s->absent) : json_null());
	return j;
}

static json_t *costs_json(const struct bench_costs *costs, const struct bench_bounds *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < costs->n; i++) {
		const struct bench_cost *c = &costs->v[i];
		double m = bench_quantile(&c->side[0], 0.5);
		json_t *j = json_object();

		json_object_set_new(j, "name", json_string(c->name));
		json_object_set_new(j, "kind", json_string(c->kind));
		json_object_set_new(j, "ratio",
				    json_real(b ? bench_ratio(c) :
					      m > 0 ? bench_quantile(&c->side[1], 0.5) / m : 0));
		if (b) {
			json_object_set_new(j, "bound", json_real(bench_bound(b, c)));
			json_object_set_new(j, "above", json_boolean(bench_above(b, c)));
		}
		json_object_set_new(j, "sides", json_pack("[o,o]", side_json(&c->side[0]),
							  side_json(&c->side[1])));
		json_array_append_new(list, j);
	}
	return list;
}

void bench_write_json(const struct bench_report *r, const char *path)
{
	json_t *j = json_object(), *kernels = json_array();
	char *text;

	for (int s = 0; s < 2; s++) {
		const struct kernel *k = &r->kernel[s];
		char *options = bench_utrace_options(k);

		json_array_append_new(kernels, json_pack("{s:s,s:s?,s:s,s:s}", "name", k->name,
							 "release", k->release, "optimization",
							 bench_optimization(k), "utrace_options",
							 options));
		free(options);
	}
	json_object_set_new(j, "schema", json_integer(1));
	json_object_set_new(j, "verdict", json_string(verdict_word(r->code)));
	json_object_set_new(j, "exit", json_integer(r->code));
	json_object_set_new(j, "bounds", json_pack("{s:f,s:f,s:f,s:f,s:f}", "call", r->bounds.call,
						   "untraced", r->bounds.untraced, "signal",
						   r->bounds.signal, "ptrace", r->bounds.ptrace,
						   "logged", r->bounds.logged));
	json_object_set_new(j, "logged", json_real(bench_logged(&r->exact)));
	json_object_set_new(j, "kernels", kernels);
	json_object_set_new(j, "exact", costs_json(&r->exact, &r->bounds));
	json_object_set_new(j, "wall", costs_json(&r->wall, NULL));
	json_object_set_new(j, "wall_cpus", json_integer(r->wall.n ? r->cpus : 0));
	text = json_dumps(j, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
	if (!text)
		fatal(EX_SYSTEM, "cannot make JSON of the costs");
	write_file(path, text, strlen(text));
	free(text);
	json_decref(j);
}
