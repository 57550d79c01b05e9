/* show.c - `ptbed show`: a scenario expanded, and what the stock kernel answers. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "commands.h"
#include "reports.h"

enum { OPT_ALL = 0x100 };

static const struct argp_option options[] = {
	{ "all", OPT_ALL, NULL, 0, "every case in full, not only the first of a scenario", 0 },
	{ 0 }
};

struct show_args {
	bool all;
	const char *name;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct show_args *a = state->input;

	switch (key) {
	case OPT_ALL:
		a->all = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->name)
			argp_error(state, "unexpected argument '%s'", arg);
		a->name = !strncmp(arg, "S=", 2) ? arg + 2 : arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->name || !*a->name)
			argp_error(state, "no scenario; expected its name or a glob: make show S='detach/...'");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void show_head(struct buf *b, const struct tcase *t)
{
	buf_printf(b, "%s\n  ", t->scenario);
	buf_wrap(b, t->title ? t->title : "", 2, 2);
	buf_printf(b, "  %s, ids %s, tags %s", t->racy ? "racy" : "exact",
		   t->ids && *t->ids ? t->ids : "-", t->tags && *t->tags ? t->tags : "-");
	if (t->cpus)
		buf_printf(b, ", %u CPU%s", t->cpus, t->cpus == 1 ? "" : "s");
	buf_printf(b, "\n  %s\n", t->file);
}

static void show_baseline(struct buf *b, const struct case_result *r)
{
	if (!r) {
		buf_puts(b, "\nstock: not recorded in traces/baseline\n");
		return;
	}
	if (r->noutcomes > 1)
		buf_printf(b, "\nstock: %zu outcomes recorded\n", r->noutcomes);
	for (size_t i = 0; i < r->noutcomes; i++) {
		buf_printf(b, "\nstock: outcome %s\n", r->outcomes[i].hash);
		trace_outcome(b, r->outcomes[i].text);
	}
}

static void show_case(struct buf *b, const struct tcase *t, const struct case_result *r)
{
	if (strcmp(t->name, t->scenario))
		buf_printf(b, "\ncase %s\n", t->name);
	buf_puts(b, "\n");
	buf_puts(b, t->text ? t->text : "");
	if (b->s[b->len - 1] != '\n')
		buf_puts(b, "\n");
	show_baseline(b, r);
}

/* "[a=x,b=y]", wrapped after commas. */
static void add_cells(struct buf *b, const char *cells)
{
	size_t at = 2;

	buf_puts(b, "  ");
	while (*cells) {
		size_t n = strcspn(cells, ",");

		n += cells[n] == ',';
		if (at > 3 && at + n > 80) {
			buf_puts(b, "\n   ");
			at = 3;
		}
		buf_add(b, cells, n);
		at += n;
		cells += n;
	}
	buf_puts(b, "\n");
}

/* One scenario: all its cases, or the first in full and the others by name. */
static void show_scenario(struct buf *b, const struct suite *s, size_t first, bool all,
			  const struct baseline *base)
{
	size_t others = 0;

	show_head(b, &s->cases[first]);
	for (size_t i = first; i < s->ncases; i++) {
		if (strcmp(s->cases[i].scenario, s->cases[first].scenario))
			continue;
		if (all || i == first) {
			show_case(b, &s->cases[i], base->cases[i]);
			continue;
		}
		if (!others++)
			buf_printf(b, "\nOther cases; S='%s[...]' shows one, --all every one:\n",
				   s->cases[i].scenario);
		add_cells(b, s->cases[i].name + strcspn(s->cases[i].name, "["));
	}
}

int cmd_show(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "SCENARIO|CASE|GLOB",
		"Show a scenario as it is run, with parameters and macros filled in, and the outcome recorded for the stock kernel.",
		NULL, NULL, NULL
	};
	char *dir = top_path("compat-tests/scenarios"), *bdir = top_path("traces/baseline");
	struct buf b = { 0 }, err = { 0 };
	struct show_args a = { 0 };
	struct baseline base;
	struct suite s;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return EX_USAGE;
	if (suite_load(dir, a.name, &s))
		return EX_SCENARIO;
	if (!s.ncases)
		fatal(EX_USAGE, "no scenario fits '%s'; `ptbed list' names them all", a.name);
	if (baseline_load(bdir, &s, &base, &err)) {
		fputs(err.s, stderr);
		return EX_BASELINE;
	}
	for (size_t i = 0; i < s.ncases; i++) {
		bool again = false;

		for (size_t j = 0; j < i && !again; j++)
			again = !strcmp(s.cases[j].scenario, s.cases[i].scenario);
		if (again)
			continue;
		if (i)
			buf_puts(&b, "\n----------------------------------------\n\n");
		show_scenario(&b, &s, i, a.all, &base);
	}
	fputs(b.s, stdout);
	buf_free(&b);
	baseline_free(&base);
	suite_free(&s);
	free(dir);
	free(bdir);
	return 0;
}
