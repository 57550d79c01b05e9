/* subst.c - values of parameters and lets, and their replacement in texts. */
#include <string.h>

#include "parse.h"

void scn_choose(struct scn *s, const unsigned int *cell, const bool *set)
{
	s->cell = cell;
	s->set = set;
	s->stamp++;
	s->unknown = false;
}

void scn_near(const struct scn *s, struct near *n)
{
	for (size_t i = 0; i < s->nparams; i++)
		near_try(n, s->param[i].name);
	for (size_t i = 0; i < s->nlets; i++)
		near_try(n, s->let[i].name);
}

static const char *param_now(struct scn *s, const struct param *p)
{
	size_t i = (size_t)(p - s->param);

	if (!s->cell || (s->set && !s->set[i])) {
		s->unknown = true;
		return NULL;
	}
	return p->value[s->cell[i]];
}

/* A let sees parameters and the lets above it: so it cannot contain itself. */
static const char *value_below(struct scn *s, const char *name, size_t nlets);

static char *expand_let(struct scn *s, const struct let *l, const struct text *t, size_t nlets)
{
	struct text out = { 0 };

	for (size_t i = 0; i < t->n; i++) {
		size_t n;
		const char *name, *v;
		bool brace;

		if (t->s[i] != '$') {
			text_add(s->a, &out, t->s + i, 1, t->at[i], false);
			continue;
		}
		if (t->s[i + 1] == '$') {
			/* Left to the line the let ends in. */
			text_add(s->a, &out, "$$", 2, t->at[i++], false);
			continue;
		}
		brace = t->s[i + 1] == '{';
		n = strspn(t->s + i + 1 + brace, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
		name = ar_strndup(s->a, t->s + i + 1 + brace, n);
		v = n ? value_below(s, name, nlets) : NULL;
		if (!v || (brace && t->s[i + 2 + n] != '}')) {
			bool said = false;

			/* A let above that is wrong itself has said so. */
			for (size_t k = 0; k < nlets; k++)
				said = said || !strcmp(s->let[k].name, name);
			if (!s->unknown && !said)
				err_text(s->err, t, i,
					 "`$%s' in let `%s', expected a parameter or a let above it",
					 name, l->name);
			return NULL;
		}
		text_add(s->a, &out, v, strlen(v), t->at[i], false);
		if (out.n > MAX_EXPANDED) {
			err_text(s->err, t, i, "let `%s' is longer than %d bytes", l->name, MAX_EXPANDED);
			return NULL;
		}
		i += n + (brace ? 2 : 0);
	}
	text_end(s->a, &out);
	return out.s;
}

static const char *let_now(struct scn *s, struct let *l)
{
	size_t self = (size_t)(l - s->let);
	const struct text *t = &l->text;

	if (l->stamp == s->stamp)
		return l->now;
	l->stamp = s->stamp;
	l->now = NULL;
	if (l->by) {
		const char *v = value_below(s, l->by, self);

		if (!v)
			return NULL;
		t = NULL;
		for (size_t i = 0; i < l->n; i++)
			if (!strcmp(l->item[i].value, v) ||
			    (!t && !strcmp(l->item[i].value, "*")))
				t = &l->item[i].text;
		if (!t) {
			err_add(s->err, l->line->file, l->line->no, l->col,
				"let `%s' has no text for `%s' of `%s', expected %s:TEXT or *:TEXT",
				l->name, v, l->by, v);
			return NULL;
		}
	}
	l->now = expand_let(s, l, t, self);
	return l->now;
}

static const char *value_below(struct scn *s, const char *name, size_t nlets)
{
	const struct param *p = scn_param(s, name);

	if (p)
		return param_now(s, p);
	for (size_t i = 0; i < nlets; i++)
		if (!strcmp(s->let[i].name, name))
			return let_now(s, &s->let[i]);
	return NULL;
}

const char *scn_value(struct scn *s, const char *name)
{
	return value_below(s, name, s->nlets);
}

/* Marks what the name stands for as used, and for a let what its text stands for. */
void scn_mark(struct scn *s, const char *name)
{
	for (size_t i = 0; i < s->nparams; i++)
		if (!strcmp(s->param[i].name, name))
			s->param[i].used = true;
	for (size_t i = 0; i < s->nlets; i++) {
		struct let *l = &s->let[i];
		size_t n = l->by ? l->n : 1;

		if (strcmp(l->name, name) || l->used)
			continue;
		l->used = true;
		if (l->by)
			scn_mark(s, l->by);
		for (size_t k = 0; k < n; k++) {
			const struct text *t = l->by ? &l->item[k].text : &l->text;

			for (const char *d = t->s; d && (d = strchr(d, '$')); d++) {
				const char *b = d + 1 + (d[1] == '{');
				size_t len = strspn(b, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

				scn_mark(s, ar_strndup(s->a, b, len));
			}
		}
	}
}

static const struct text *formal(const struct use *use, const char *name)
{
	for (size_t i = 0; use && i < use->macro->nformals; i++)
		if (!strcmp(use->macro->formals[i], name))
			return &use->args[i];
	return NULL;
}

const char *subst_value(struct scn *s, const struct use *use, const char *name)
{
	const struct text *arg = formal(use, name);

	if (arg)
		return arg->s;
	scn_mark(s, name);
	return scn_value(s, name);
}

static void unknown_name(struct scn *s, const struct text *t, size_t i, const struct use *use,
			 const char *name)
{
	size_t errors = s->err->total;
	struct near n;

	near_start(&n, name);
	for (size_t k = 0; use && k < use->macro->nformals; k++)
		near_try(&n, use->macro->formals[k]);
	scn_near(s, &n);
	for (size_t k = 0; k < s->nlets; k++)
		if (!strcmp(s->let[k].name, name))
			return;		/* exists, and has said what is wrong with it */
	if (s->err->total == errors)
		err_text(s->err, t, i, "unknown name `$%s', expected a parameter or a let%s%s", name,
			 use ? ", or a name of the macro" : "", near_text(&n, s->a));
}

struct text subst(struct scn *s, const struct text *t, const struct use *use)
{
	struct text out = { .file = t->file, .use = use, .line = t->line, .endcol = t->endcol };
	uint16_t scope = use ? use->scope : 0;
	size_t i = 0;

	while (i < t->n) {
		struct origin at = t->at[i];
		const struct text *arg;
		const char *name, *v;
		bool brace;
		size_t n;

		at.scope = scope;
		if (t->s[i] != '$' || t->s[i + 1] == '$') {
			text_add(s->a, &out, t->s + i, 1, at, false);
			i += t->s[i] == '$' ? 2 : 1;
			continue;
		}
		brace = t->s[i + 1] == '{';
		n = strspn(t->s + i + 1 + brace, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
		name = ar_strndup(s->a, t->s + i + 1 + brace, n);
		if (!is_param_name(name) || (brace && t->s[i + 2 + n] != '}')) {
			err_text(s->err, t, i, "`$' without a name, expected $NAME, ${NAME} or $$");
			out.bad = true;
			break;
		}
		arg = formal(use, name);
		v = subst_value(s, use, name);
		if (!v) {
			unknown_name(s, &(struct text){ .s = t->s, .at = t->at, .n = t->n,
				.file = t->file, .use = use }, i, use, name);
			out.bad = true;
			break;
		}
		at.scope = 0;
		for (size_t k = 0; v[k]; k++) {
			if (arg)
				at.scope = arg->at[k].scope;
			if (!arg && v[k] == '$' && v[k + 1] == '$')
				k++;
			text_add(s->a, &out, v + k, 1, at, false);
		}
		if (out.n > MAX_EXPANDED) {
			err_text(s->err, t, i, "the line is longer than %d bytes with its names replaced",
				 MAX_EXPANDED);
			out.bad = true;
			break;
		}
		i += 1 + n + (brace ? 2 : 0);
	}
	if (!out.s)
		out.s = ar_alloc(s->a, 1);
	return out;
}
