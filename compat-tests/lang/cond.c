/* cond.c - conditions: $a == x, $a != x, $a in x y z, joined by and, or. */
#include <string.h>

#include "parse.h"

static bool is_join(const char *s)
{
	return !strcmp(s, "and") || !strcmp(s, "or");
}

/* The next token below byte @to. */
static bool next(struct cur *c, struct tok *tok, size_t to)
{
	return cur_skip(c) < to && cur_next(c, tok);
}

static bool fail(struct lang_errors *err, const struct text *t, size_t to, size_t errors,
		 const char *expected)
{
	if (err->total == errors)
		err_text(err, t, to, "the condition ends here, expected %s", expected);
	return false;
}

static bool variable(struct cur *c, const struct tok *tok, const char **name)
{
	const char *s = tok->s;
	size_t n = strlen(s);

	if (s[0] == '$' && s[1] == '{' && n > 3 && s[n - 1] == '}')
		*name = ar_strndup(c->a, s + 2, n - 3);
	else if (s[0] == '$')
		*name = s + 1;
	else
		return false;
	return is_param_name(*name);
}

static bool word(struct cur *c, const struct tok *tok, struct cond_term *term)
{
	struct cond_word w = { .s = tok->s, .at = tok->b };
	struct cond_word *p;

	if (tok->s[0] == '"') {
		w.s = unquote(c, tok);
		if (!w.s)
			return false;
	} else if (tok->s[0] == '$') {
		w.var = true;
		if (!variable(c, tok, &w.s)) {
			err_text(c->err, c->t, tok->b, "`%s', expected a value or $NAME", tok->s);
			return false;
		}
	}
	p = AR_PUSH(c->a, term->word, term->n, term->cap);
	*p = w;
	return true;
}

static bool term_parse(struct cur *c, size_t to, struct cond_term *term)
{
	size_t errors = c->err->total;
	struct tok tok;
	bool in;

	if (!next(c, &tok, to))
		return fail(c->err, c->t, to, errors, "$NAME");
	term->at = tok.b;
	if (!variable(c, &tok, &term->var)) {
		err_text(c->err, c->t, tok.b, "`%s', expected $NAME", tok.s);
		return false;
	}
	if (!next(c, &tok, to))
		return fail(c->err, c->t, to, errors, "==, != or in");
	in = !strcmp(tok.s, "in");
	term->not = !strcmp(tok.s, "!=");
	if (!in && !term->not && strcmp(tok.s, "==")) {
		err_text(c->err, c->t, tok.b, "`%s', expected ==, != or in", tok.s);
		return false;
	}
	do {
		if (!next(c, &tok, to) || is_join(tok.s))
			return fail(c->err, c->t, to, errors, "a value");
		if (!word(c, &tok, term))
			return false;
	} while (in && cur_skip(c) < to && cur_peek(c, &tok) && !is_join(tok.s));
	return true;
}

bool cond_parse(struct arena *a, struct lang_errors *err, const struct text *t,
		size_t from, size_t to, struct cond *out)
{
	struct cur c = { .a = a, .err = err, .t = t, .i = from };
	struct cond_and *alt = AR_PUSH(a, out->alt, out->n, out->cap);
	struct tok tok;

	out->text = *t;
	for (;;) {
		if (!term_parse(&c, to, AR_PUSH(a, alt->term, alt->n, alt->cap)))
			return false;
		if (!next(&c, &tok, to))
			return true;
		if (!strcmp(tok.s, "or")) {
			alt = AR_PUSH(a, out->alt, out->n, out->cap);
		} else if (strcmp(tok.s, "and")) {
			err_text(err, t, tok.b, "`%s', expected and, or, or the end", tok.s);
			return false;
		}
	}
}

static int term_eval(const struct cond_term *term, cond_look *look, void *arg)
{
	const char *left = look(arg, term->var);
	bool unknown = false;

	if (!left)
		return -1;
	for (size_t i = 0; i < term->n; i++) {
		const char *right = term->word[i].var ? look(arg, term->word[i].s) : term->word[i].s;

		if (!right)
			unknown = true;
		else if (!strcmp(left, right))
			return !term->not;
	}
	return unknown ? -1 : term->not;
}

int cond_eval(const struct cond *c, cond_look *look, void *arg)
{
	int any = 0;

	for (size_t i = 0; i < c->n; i++) {
		int all = 1;

		for (size_t k = 0; all && k < c->alt[i].n; k++) {
			int v = term_eval(&c->alt[i].term[k], look, arg);

			if (v <= 0)
				all = v == 0 ? 0 : -1;
			if (!v)
				break;
		}
		if (all == 1)
			return 1;
		if (all == -1)
			any = -1;
	}
	return any;
}
