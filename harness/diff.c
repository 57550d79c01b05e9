/* diff.c - `ptbed diff`: what both kernels of a run showed of a scenario, side by side. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "glob.h"
#include "outcome.h"
#include "runload.h"
#include "sidebyside.h"

#define SHOWN_PAIRS 3	/* one-sided outcomes of a racy case shown in full */

struct diff_args { const char *name, *run; };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct diff_args *a = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (state->arg_num == 0)
			a->name = !strncmp(arg, "S=", 2) ? arg + 2 : arg;
		else if (state->arg_num == 1)
			a->run = arg;
		else
			argp_error(state, "unexpected argument '%s'", arg);
		return 0;
	case ARGP_KEY_END:
		if (!a->name || !*a->name)
			argp_error(state, "no scenario; expected its name or a glob: make diff S='detach/...'");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

struct sides {
	const char *a_name, *b_name;
	const struct case_result *a, *b;
};

static void show_pair(struct buf *b, const struct sides *s, const struct outcome *x,
		      const struct outcome *y)
{
	char *left = xasprintf("%s %s %u/%u", s->a_name, x->hash, x->count, s->a->repeats);
	char *right = xasprintf("%s %s %u/%u", s->b_name, y->hash, y->count, s->b->repeats);

	buf_puts(b, "\n");
	side_by_side(b, left, x->text, right, y->text);
	free(left);
	free(right);
}

static void show_histogram(struct buf *b, const struct sides *s)
{
	buf_printf(b, "  %-16s %10.10s %10.10s\n", "outcome", s->a_name, s->b_name);
	for (size_t i = 0; i < s->a->noutcomes; i++) {
		const struct outcome *x = &s->a->outcomes[i], *y = outcome_find(s->b, x->hash);

		buf_printf(b, "  %s %10u %10u%s\n", x->hash, x->count, y ? y->count : 0,
			   y ? "" : "  <");
	}
	for (size_t i = 0; i < s->b->noutcomes; i++) {
		const struct outcome *y = &s->b->outcomes[i];

		if (!outcome_find(s->a, y->hash))
			buf_printf(b, "  %s %10u %10u  >\n", y->hash, 0, y->count);
	}
	buf_printf(b, "  %-16s %10u %10u\n", "repeats", s->a->repeats, s->b->repeats);
}

/* The outcome of @r most like @text. */
static const struct outcome *nearest(const struct case_result *r, const char *text)
{
	const struct outcome *best = &r->outcomes[0];
	size_t most = 0;

	for (size_t i = 0; i < r->noutcomes; i++) {
		size_t n = likeness(r->outcomes[i].text, text);

		if (n > most) {
			most = n;
			best = &r->outcomes[i];
		}
	}
	return best;
}

/* Was @x shown already, beside an outcome that only the other side has? */
static bool was_shown(const struct sides *s, const struct outcome *x)
{
	size_t shown = 0;

	for (size_t i = 0; i < s->b->noutcomes && shown < SHOWN_PAIRS; i++) {
		const struct outcome *y = &s->b->outcomes[i];

		if (outcome_find(s->a, y->hash))
			continue;
		if (nearest(s->a, y->text) == x)
			return true;
		shown++;
	}
	return false;
}

static void show_one_sided(struct buf *b, const struct sides *s)
{
	size_t shown = 0;

	for (size_t i = 0; i < s->b->noutcomes; i++) {
		const struct outcome *y = &s->b->outcomes[i];

		if (!outcome_find(s->a, y->hash) && shown++ < SHOWN_PAIRS)
			show_pair(b, s, nearest(s->a, y->text), y);
	}
	for (size_t i = 0; i < s->a->noutcomes; i++) {
		const struct outcome *x = &s->a->outcomes[i];

		if (!outcome_find(s->b, x->hash) && !was_shown(s, x) && shown++ < SHOWN_PAIRS)
			show_pair(b, s, x, nearest(s->b, x->text));
	}
	if (shown > SHOWN_PAIRS)
		buf_printf(b, "\n... and %zu more one-sided outcomes in the trace files\n",
			   shown - SHOWN_PAIRS);
}

/* @alone: the only case asked for is shown in full even when both sides are the same. */
static void show_case(struct buf *b, struct loaded_run *run, const json_t *c, bool alone)
{
	const char *name = json_string_value(json_object_get(c, "name"));
	const char *scenario = json_string_value(json_object_get(c, "scenario"));
	const char *verdict = json_string_value(json_object_get(c, "verdict"));
	const struct trace_case *tc;
	struct case_result a, bres;
	struct sides s = { run->arms[0], run->arms[1], &a, &bres };

	/* Copies: reading the second file may move the first. */
	tc = run_case(run, 0, scenario, name);
	a = tc ? tc->r : (struct case_result){ 0 };
	tc = run_case(run, 1, scenario, name);
	bres = tc ? tc->r : (struct case_result){ 0 };
	buf_printf(b, "%s  %s\n", verdict, name);
	if (tc && (alone || !outcome_same_set(&a, &bres))) {
		buf_puts(b, "  ");
		buf_wrap(b, tc->title, 2, 2);
	}
	if (!a.noutcomes || !bres.noutcomes) {
		if (!a.noutcomes)
			buf_printf(b, "  %s completed no repeat\n", s.a_name);
		if (!bres.noutcomes)
			buf_printf(b, "  %s completed no repeat\n", s.b_name);
		return;
	}
	if (outcome_same_set(&a, &bres)) {
		if (alone)
			show_pair(b, &s, &a.outcomes[0],
				  outcome_find(&bres, a.outcomes[0].hash));
		if (alone && a.noutcomes > 1)
			show_histogram(b, &s);
		return;
	}
	if (a.noutcomes > 1 || bres.noutcomes > 1)
		show_histogram(b, &s);
	show_one_sided(b, &s);
	buf_puts(b, "\n");
}

int cmd_diff(int argc, char **argv)
{
	static const struct argp argp = {
		NULL, parse, "SCENARIO|CASE|GLOB [RUN]",
		"Show what both kernels of the newest run, or of RUN, did in a scenario, side by side; "
		"> marks the first divergence, | other rows that differ, < and ) rows of one side only.",
		NULL, NULL, NULL
	};
	struct diff_args a = { 0 };
	struct loaded_run run;
	struct buf b = { 0 };
	json_t *cases, *c;
	size_t i, n = 0;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return EX_USAGE;
	run_load(a.run, &run);
	if (run.narms < 2)
		fatal(EX_USAGE, "run %s has one kernel only, expected two", run.dir);
	cases = json_object_get(run.summary, "cases");
	json_array_foreach(cases, i, c) {
		const char *name = json_string_value(json_object_get(c, "name"));

		if (!name || !json_string_value(json_object_get(c, "scenario")) ||
		    !json_string_value(json_object_get(c, "verdict")))
			fatal(EX_USAGE, "%s/summary.json: case %zu without name, scenario or verdict",
			      short_path(run.dir), i + 1);
		n += case_glob_list(a.name, name);
	}
	if (!n)
		fatal(EX_USAGE, "no case of run %s fits '%s'; `ptbed failed' names the failed ones",
		      json_string_value(json_object_get(run.summary, "id")), a.name);
	buf_printf(&b, "run %s\n", json_string_value(json_object_get(run.summary, "id")));
	json_array_foreach(cases, i, c)
		if (case_glob_list(a.name, json_string_value(json_object_get(c, "name"))))
			show_case(&b, &run, c, n == 1);
	fputs(b.s, stdout);
	buf_free(&b);
	run_unload(&run);
	return 0;
}
