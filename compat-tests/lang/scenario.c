/* scenario.c - one scenario file: header, cells, and a compiled case for each. */
#include <stdlib.h>
#include <string.h>

#include "../../harness/glob.h"
#include "../../harness/util.h"
#include "parse.h"

void must(struct scn *s, const char *what, const struct text *t, size_t at, const char *text)
{
	struct must *m;

	for (size_t i = 0; i < s->nmust; i++)
		if (!strcmp(s->must[i].what, what))
			return;
	m = AR_PUSH(s->keep, s->must, s->nmust, s->mustcap);
	m->what = ar_strndup(s->keep, what, strlen(what));
	m->text = ar_strndup(s->keep, text, strlen(text));
	m->file = t->file;
	m->line = at < t->n ? t->at[at].line : t->line;
	m->col = at < t->n ? t->at[at].col : t->endcol;
	m->done = false;
}

void must_done(struct scn *s, const char *what)
{
	for (size_t i = 0; i < s->nmust; i++)
		if (!strcmp(s->must[i].what, what))
			s->must[i].done = true;
}

static bool glob_fits(const char *glob, size_t n, const char *scenario, const char *name)
{
	size_t family = strcspn(scenario, "/");

	return case_glob_n(glob, n, scenario) || case_glob_n(glob, n, name) ||
	       (n == family && !memcmp(glob, scenario, n));
}

bool lang_only(const char *only, const char *scenario, const char *name)
{
	bool fits = false;

	if (!only || !*only)
		return true;
	while (*only && !fits) {
		size_t n = case_glob_len(only);

		fits = glob_fits(only, n, scenario, name);
		only += n + (only[n] == ',');
	}
	return fits;
}

bool lang_may_fit(const char *only, const char *scenario)
{
	bool may = lang_only(only, scenario, scenario);
	char *any = xasprintf("%s[", scenario);

	while (only && *only && !may) {
		size_t n = case_glob_len(only);

		may = case_glob_begins(only, n, any);
		only += n + (only[n] == ',');
	}
	free(any);
	return may;
}

char *suite_unfit(const struct suite *s, const char *only)
{
	while (only && *only) {
		size_t n = case_glob_len(only), i = 0;

		while (i < s->ncases && !glob_fits(only, n, s->cases[i].scenario, s->cases[i].name))
			i++;
		if (n && i == s->ncases)
			return xstrndup(only, n);
		only += n + (only[n] == ',');
	}
	return NULL;
}

static char *case_name(struct scn *s, struct arena *a, const unsigned int *cell)
{
	char *name = ar_printf(a, "%s", s->name);

	for (size_t i = 0; i < s->nparams; i++)
		name = ar_printf(a, "%s%s%s=%s%s", name, i ? "," : "[", s->param[i].name,
				 s->param[i].value[cell[i]], i + 1 == s->nparams ? "]" : "");
	return name;
}

static void case_free(struct tcase *c)
{
	free(c->family);
	free(c->scenario);
	free(c->name);
	free(c->title);
	free(c->file);
	free(c->ids);
	free(c->tags);
	for (size_t i = 0; i < c->nparams; i++) {
		free(c->params[i].name);
		free(c->params[i].value);
	}
	free(c->params);
	free(c->blob);
	free(c->text);
}

/* Values of the axis lines in this cell; false: an error was added. */
static bool fixed_values(struct scn *s, struct arena *a, struct tcase *c)
{
	for (size_t i = 0; i < s->nfixed; i++) {
		size_t errors = s->err->total;
		struct text v;
		const char *text;
		bool known = false;

		s->a = a;
		v = subst(s, &s->fixed[i].text, NULL);
		s->a = s->keep;
		if (s->err->total > errors)
			return false;
		text = v.s;
		for (size_t k = 0; s->axes && k < s->axes->naxes; k++)
			for (size_t n = 0; n < s->axes->axis[k].n; n++)
				known = known || (!strcmp(s->axes->axis[k].name, s->fixed[i].name) &&
						  !strcmp(s->axes->axis[k].value[n], text));
		if (!known) {
			err_text(s->err, &s->fixed[i].text, 0,
				 "axis `%s' has no value `%s', expected a value from AXES",
				 s->fixed[i].name, text);
			return false;
		}
		c->params[c->nparams].name = xstrdup(s->fixed[i].name);
		c->params[c->nparams++].value = xstrdup(text);
	}
	return true;
}

static void one_case(struct scn *s, const unsigned int *cell, const char *only, struct suite *out)
{
	struct arena a = { 0 };
	struct tcase c = { .racy = s->racy, .cpus = s->cpus };
	char *name = case_name(s, &a, cell);

	if (!lang_only(only, s->name, name)) {
		s->partial = true;
		ar_free(&a);
		return;
	}
	scn_choose(s, cell, NULL);
	c.params = xcalloc(s->nparams + s->nfixed + 1, sizeof(*c.params));
	for (size_t i = 0; i < s->nparams; i++) {
		c.params[i].name = xstrdup(s->param[i].name);
		c.params[i].value = xstrdup(s->param[i].value[cell[i]]);
		c.nparams++;
	}
	if (!fixed_values(s, &a, &c) ||
	    build_case(s, &a, name, &c.blob, &c.bloblen, &c.text, &c.nescapes)) {
		case_free(&c);
		/* Values cached for this cell lie in its arena. */
		s->stamp++;
		ar_free(&a);
		return;
	}
	c.family = xstrndup(s->name, strcspn(s->name, "/"));
	c.scenario = xstrdup(s->name);
	c.name = xstrdup(name);
	c.title = xstrdup(s->title);
	c.file = xstrdup(s->path);
	c.ids = xstrdup(s->ids);
	c.tags = xstrdup(s->tags ? s->tags : "");
	out->cases = xrealloc(out->cases, (out->ncases + 1) * sizeof(c));
	out->cases[out->ncases++] = c;
	s->stamp++;
	ar_free(&a);
}

/* What no case used is an error: it is not what its author thinks. */
static void check_used(struct scn *s)
{
	for (size_t i = 0; i < s->nparams; i++)
		if (!s->param[i].used)
			err_add(s->err, s->path, s->param[i].line->no, s->param[i].col,
				"parameter `%s' is never used, expected $%s below",
				s->param[i].name, s->param[i].name);
	for (size_t i = 0; i < s->nlets; i++)
		if (!s->let[i].used && !s->let[i].asked && !s->let[i].included)
			err_add(s->err, s->path, s->let[i].line->no, s->let[i].col,
				"let `%s' is never used, expected $%s below",
				s->let[i].name, s->let[i].name);
	for (size_t i = 0; i < s->nsecs; i++)
		if (!s->secs[i]->used && !s->secs[i]->included)
			err_add(s->err, s->path, s->secs[i]->head->no, 1,
				"%s `%s' is never used, expected a step that names it",
				s->secs[i]->kw, s->secs[i]->name);
	for (size_t i = 0; i < s->nmust; i++)
		if (!s->must[i].done)
			err_add(s->err, s->must[i].file, s->must[i].line, s->must[i].col, "%s",
				s->must[i].text);
}

/* Branches that no case takes, in the sections of this file. */
static void check_branches(struct scn *s)
{
	for (size_t i = 0; i < s->src.n; i++) {
		const struct section *sec = &s->src.sec[i];

		if (!strcmp(sec->kw, "macro"))
			continue;
		for (size_t k = 0; k < sec->nbody; k++) {
			const struct line *l = sec->body[k];
			size_t b = strspn(l->s, " \t");

			if (l->looked && !l->taken)
				err_add(s->err, l->file, l->no, (unsigned int)b + 1,
					"`%s' is taken in no case, expected a branch that some case takes",
					l->s + b);
		}
	}
}

static void suite_cut(struct suite *out, size_t ncases, size_t nimpossible)
{
	while (out->ncases > ncases)
		case_free(&out->cases[--out->ncases]);
	while (out->nimpossible > nimpossible) {
		struct impossible *im = &out->impossible[--out->nimpossible];

		free(im->scenario);
		free(im->cell);
		free(im->reason);
	}
}

void suite_free(struct suite *s)
{
	suite_cut(s, 0, 0);
	for (size_t i = 0; i < s->naxes; i++) {
		for (size_t k = 0; k < s->axes[i].nvalues; k++)
			free(s->axes[i].values[k]);
		free(s->axes[i].values);
		free(s->axes[i].family);
		free(s->axes[i].name);
	}
	free(s->axes);
	free(s->cases);
	free(s->impossible);
	memset(s, 0, sizeof(*s));
}

static void compile(struct scn *s, const char *only, struct suite *out)
{
	struct cells cells = { 0 };
	size_t errors = s->err->total;

	header_parse(s);
	if (s->err->total > errors || s->err->more)
		return;
	if (cells_make(s, &cells, out))
		return;
	for (size_t i = 0; i < cells.n && !s->err->more; i++)
		one_case(s, cells.v[i], only, out);
	if (s->err->total > errors || s->err->more || s->partial)
		return;
	check_used(s);
	if (s->cover == COVER_ALL)
		check_branches(s);
}

int lang_scenario(const char *name, const char *path, const char *text, size_t len,
		  const struct lang_axes *axes, const struct lang_reader *reader,
		  const char *only, struct suite *out, struct lang_errors *err)
{
	size_t errors = err->total, ncases = out->ncases, nimp = out->nimpossible;
	bool more = err->more;
	struct arena a = { 0 };
	struct scn *s = ar_alloc(&a, sizeof(*s));

	err->more = false;
	s->a = s->keep = &a;
	s->err = err;
	s->name = name;
	s->path = ar_strndup(&a, path, strlen(path));
	s->axes = axes;
	s->reader = reader;
	if (!source_split(&a, err, s->path, text, len, &s->src)) {
		if (s->src.n)
			compile(s, only, out);
		else
			err_add(err, path, 1, 1, "an empty file, expected a scenario");
	}
	ar_free(&a);
	errors = err->total > errors || err->more;
	err->more = err->more || more;
	if (errors) {
		suite_cut(out, ncases, nimp);
		return -1;
	}
	return 0;
}
