/* bench_cost.c - what operations cost on two kernels, from what the bench program printed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench_cost.h"
#include "tree.h"
#include "util.h"

static struct bench_cost *get(struct bench_costs *c, const char *name, const char *kind)
{
	struct bench_cost *o = (struct bench_cost *)bench_find(c, name);

	if (o)
		return o;
	c->v = xrealloc(c->v, (c->n + 1) * sizeof(*c->v));
	o = &c->v[c->n++];
	*o = (struct bench_cost){ .name = xstrdup(name), .kind = xstrdup(kind) };
	return o;
}

/* "NAME KIND TIMES TICKS..." */
static bool parse_runs(struct bench_costs *c, int side, const char *line)
{
	char name[64], kind[32], *end;
	struct bench_side *s;
	unsigned int times;
	int at;

	if (sscanf(line, "%63s %31s %u%n", name, kind, &times, &at) != 3 || !times)
		return false;
	s = &get(c, name, kind)->side[side];
	if (s->nruns && s->times != times)
		return false;
	s->times = times;
	for (line += at; *line; line = end) {
		double took = strtod(line, &end);

		if (end == line || took <= 0)
			return false;
		s->runs = xrealloc(s->runs, (s->nruns + 1) * sizeof(*s->runs));
		s->runs[s->nruns++] = took;
	}
	return s->nruns > 0;
}

/* "NAME KIND REASON" */
static bool parse_absent(struct bench_costs *c, int side, const char *line)
{
	char name[64], kind[32];
	struct bench_side *s;
	int at;

	if (sscanf(line, "%63s %31s %n", name, kind, &at) != 2)
		return false;
	s = &get(c, name, kind)->side[side];
	if (!s->absent)
		s->absent = xstrdup(line + at);
	return true;
}

bool bench_parse(struct bench_costs *c, int side, const char *output)
{
	struct strlist lines = { 0 };
	bool ok = true, unit = false;

	strlist_lines(&lines, output);
	for (size_t i = 0; i < lines.n && ok; i++) {
		const char *l = lines.v[i];

		if (!strncmp(l, "# bench ", 8))
			ok = parse_runs(c, side, l + 8);
		else if (!strncmp(l, "# absent ", 9))
			ok = parse_absent(c, side, l + 9);
		else if (!strncmp(l, "# unit ", 7))
			unit = true, c->counted[side] = !strcmp(l + 7, "instructions");
	}
	strlist_free(&lines);
	return ok && unit;
}

void bench_free(struct bench_costs *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].kind);
		for (int s = 0; s < 2; s++) {
			free(c->v[i].side[s].runs);
			free(c->v[i].side[s].absent);
		}
	}
	free(c->v);
	*c = (struct bench_costs){ 0 };
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double bench_quantile(const struct bench_side *s, double q)
{
	double *sorted, where, low, value;
	size_t i;

	if (!s->nruns)
		return 0;
	sorted = xcalloc(s->nruns, sizeof(*sorted));
	memcpy(sorted, s->runs, s->nruns * sizeof(*sorted));
	qsort(sorted, s->nruns, sizeof(*sorted), by_value);
	where = q * (s->nruns - 1);
	i = where;
	low = sorted[i];
	value = i + 1 < s->nruns ? low + (where - i) * (sorted[i + 1] - low) : low;
	free(sorted);
	return value / s->times;
}

double bench_least(const struct bench_side *s)
{
	return bench_quantile(s, 0);
}

double bench_ratio(const struct bench_cost *c)
{
	double a = bench_least(&c->side[0]), b = bench_least(&c->side[1]);

	return a > 0 && b > 0 ? round(b / a * 1000) / 1000 : 0;
}

double bench_bound(const struct bench_bounds *b, const struct bench_cost *c)
{
	if (!strcmp(c->kind, "call"))
		return b->call;
	if (!strcmp(c->kind, "untraced"))
		return b->untraced;
	if (!strcmp(c->kind, "signal"))
		return b->signal;
	return strcmp(c->kind, "ptrace") ? 0 : b->ptrace;
}

bool bench_above(const struct bench_bounds *b, const struct bench_cost *c)
{
	double bound = bench_bound(b, c);

	/* both are multiples of a thousandth, not of a power of two */
	return bound > 0 && bench_ratio(c) > bound + 0.0001;
}

bool bench_one_sided(const struct bench_bounds *b, const struct bench_cost *c)
{
	return bench_bound(b, c) > 0 && !c->side[0].nruns != !c->side[1].nruns;
}

const struct bench_cost *bench_find(const struct bench_costs *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].name, name))
			return &c->v[i];
	return NULL;
}

double bench_logged(const struct bench_costs *c)
{
	const struct bench_cost *plain = bench_find(c, "getppid");
	const struct bench_cost *seen = bench_find(c, "getppid-logged");

	if (!plain || !seen || !seen->side[1].nruns || !plain->side[1].nruns)
		return 0;
	return bench_least(&seen->side[1]) - bench_least(&plain->side[1]);
}

bool bench_logged_above(const struct bench_bounds *b, const struct bench_costs *c)
{
	return b->logged > 0 && bench_logged(c) > b->logged;
}
