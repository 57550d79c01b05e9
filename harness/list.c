/* list.c - `ptbed list`: the scenarios, the verbs of the language, the axis coverage. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "coverage.h"
#include "glob.h"
#include "reports.h"

enum { OPT_COVERAGE = 0x100, OPT_VERBS, OPT_CASES };

static const struct argp_option options[] = {
	{ "coverage", OPT_COVERAGE, NULL, 0, "matrices of the families' axes, and what cannot exist", 0 },
	{ "verbs", OPT_VERBS, NULL, 0, "the verbs of the scenario language", 0 },
	{ "cases", OPT_CASES, NULL, 0, "every case under its scenario", 0 },
	{ 0 }
};

struct list_args {
	int what;
	const char *glob;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct list_args *a = state->input;

	switch (key) {
	case OPT_COVERAGE:
	case OPT_VERBS:
	case OPT_CASES:
		a->what = key;
		return 0;
	case ARGP_KEY_ARG:
		if (a->glob)
			argp_error(state, "unexpected argument '%s'", arg);
		a->glob = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct verb { const char *name, *args, *help; } verbs[] = {
#define VERB(id, name, args, help) { name, args, help },
#include "../compat-tests/form/verbs.def"
#undef VERB
};

static const char *arg_word(char c)
{
	static const struct { char c; const char *word; } words[] = {
		{ 'R', "ROLE" }, { 'S', "SIG" }, { 'N', "NUM" }, { 'O', "OPTS" },
		{ 'F', "FLAGS" }, { 'E', "EDGE" }, { 'B', "BLOCK" }, { 'H', "HANDLER" },
		{ 'L', "LABEL" }, { 'T', "WORD" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].c == c)
			return words[i].word;
	return "?";
}

static void list_verbs(struct buf *b, const char *glob)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		size_t at = b->len;

		if (!case_glob_list(glob, verbs[i].name))
			continue;
		buf_puts(b, verbs[i].name);
		for (const char *p = verbs[i].args; *p; p++) {
			bool may = p[1] == '?', many = p[1] == '*';

			buf_printf(b, " %s%s%s", may || many ? "[" : "", arg_word(*p),
				   many ? "]..." : may ? "]" : "");
			p += may || many;
		}
		at = b->len - at;
		if (at > 27)
			buf_printf(b, "\n%*s", 28, "");
		else
			buf_printf(b, "%*s", (int)(28 - at), "");
		buf_wrap(b, verbs[i].help, 28, 30);
	}
}

static void list_scenario(struct buf *b, const struct suite *s, size_t first, bool cases)
{
	const struct tcase *t = &s->cases[first];
	size_t n = 0;

	for (size_t i = first; i < s->ncases; i++)
		n += !strcmp(s->cases[i].scenario, t->scenario);
	buf_printf(b, "%-46s %4zu %-5s %-5s ", t->scenario, n, n == 1 ? "case" : "cases",
		   t->racy ? "racy" : "exact");
	if (t->ids && *t->ids)
		buf_wrap(b, t->ids, 64, 64);
	else
		buf_puts(b, "-\n");
	buf_puts(b, "    ");
	buf_wrap(b, t->title ? t->title : "", 4, 4);
	for (size_t i = first; cases && i < s->ncases; i++)
		if (!strcmp(s->cases[i].scenario, t->scenario))
			buf_printf(b, "      %s\n", s->cases[i].name);
}

static void list_suite(struct buf *b, const struct suite *s, bool cases)
{
	size_t nscenarios = 0, exact = 0, escapes = 0, nfams;
	struct family_coverage *fams;

	for (size_t i = 0; i < s->ncases; i++) {
		bool again = false;

		exact += !s->cases[i].racy;
		for (size_t j = 0; j < i && !again; j++)
			again = !strcmp(s->cases[j].scenario, s->cases[i].scenario);
		if (again)
			continue;
		nscenarios++;
		list_scenario(b, s, i, cases);
	}
	nfams = coverage(s, &fams);
	for (size_t f = 0; f < nfams; f++)
		escapes += fams[f].nescapes;
	free(fams);
	buf_printf(b, "\n%zu scenarios, %zu cases: %zu exact, %zu racy; %zu escapes\n", nscenarios,
		   s->ncases, exact, s->ncases - exact, escapes);
}

int cmd_list(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "[GLOB]",
		"List the scenarios whose name fits GLOB (several with commas), their ids and numbers of cases.",
		NULL, NULL, NULL
	};
	struct list_args a = { 0 };
	struct buf b = { 0 };
	struct suite s;
	char *dir, *unfit;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return EX_USAGE;
	buf_puts(&b, "");
	if (a.what == OPT_VERBS) {
		list_verbs(&b, a.glob);
		fputs(b.s, stdout);
		buf_free(&b);
		return 0;
	}
	dir = top_path("compat-tests/scenarios");
	if (suite_load(dir, a.glob, &s))
		return EX_SCENARIO;
	unfit = suite_unfit(&s, a.glob);
	if (unfit)
		fatal(EX_USAGE, "no scenario fits '%s'; `ptbed list' names them all", unfit);
	if (a.what == OPT_COVERAGE)
		coverage_text(&b, &s, NULL);
	else
		list_suite(&b, &s, a.what == OPT_CASES);
	fputs(b.s, stdout);
	buf_free(&b);
	suite_free(&s);
	free(dir);
	return 0;
}
