/* axiscond.c - three-valued evaluation of `impossible` conditions over some axis values. */
#include <string.h>

#include "axiscond.h"

struct word { const char *s; size_t len; };

static int next_word(const char **p, struct word *w)
{
	*p += strspn(*p, " \t,");
	w->s = *p;
	w->len = strcspn(*p, " \t,");
	*p += w->len;
	return w->len > 0;
}

static int is(const struct word *w, const char *s)
{
	return strlen(s) == w->len && !memcmp(w->s, s, w->len);
}

static const char *value_of(const char *name, size_t len, const struct axis_value *v, int n)
{
	for (int i = 0; i < n; i++)
		if (strlen(v[i].axis) == len && !memcmp(v[i].axis, name, len))
			return v[i].value;
	return NULL;
}

static enum truth both(enum truth a, enum truth b)
{
	if (a == COND_FALSE || b == COND_FALSE)
		return COND_FALSE;
	return a == COND_TRUE && b == COND_TRUE ? COND_TRUE : COND_UNKNOWN;
}

static enum truth either(enum truth a, enum truth b)
{
	if (a == COND_TRUE || b == COND_TRUE)
		return COND_TRUE;
	return a == COND_FALSE && b == COND_FALSE ? COND_FALSE : COND_UNKNOWN;
}

/* "a=x,b=y": all of them. */
static enum truth eval_cell(const char *p, const struct axis_value *v, int n)
{
	enum truth t = COND_TRUE;
	struct word w;

	while (next_word(&p, &w)) {
		const char *eq = memchr(w.s, '=', w.len), *val;
		struct word want;

		if (!eq)
			return COND_UNKNOWN;
		want.s = eq + 1;
		want.len = w.s + w.len - want.s;
		val = value_of(w.s, eq - w.s, v, n);
		t = both(t, !val ? COND_UNKNOWN : is(&want, val) ? COND_TRUE : COND_FALSE);
	}
	return t;
}

static enum truth eval_words(const char *p, const struct axis_value *v, int n)
{
	enum truth any = COND_FALSE, all = COND_TRUE;
	struct word w, op, x;

	while (next_word(&p, &w)) {
		const char *val, *before;
		int hit = 0, in;

		if (*w.s != '$' || !next_word(&p, &op))
			return COND_UNKNOWN;
		in = is(&op, "in");
		if (!in && !is(&op, "==") && !is(&op, "!="))
			return COND_UNKNOWN;
		val = value_of(w.s + 1, w.len - 1, v, n);
		for (before = p; next_word(&p, &x); before = p) {
			if (is(&x, "and") || is(&x, "or")) {
				p = before;
				break;
			}
			hit |= val && is(&x, val);
			if (!in)
				break;
		}
		all = both(all, !val ? COND_UNKNOWN :
			   hit == !is(&op, "!=") ? COND_TRUE : COND_FALSE);
		if (!next_word(&p, &w))
			break;
		if (is(&w, "or")) {
			any = either(any, all);
			all = COND_TRUE;
		} else if (!is(&w, "and")) {
			return COND_UNKNOWN;
		}
	}
	return either(any, all);
}

enum truth axis_cond(const char *cond, const struct axis_value *v, int n)
{
	cond += strspn(cond, " \t");
	if (!*cond)
		return COND_UNKNOWN;
	return *cond == '$' ? eval_words(cond, v, n) : eval_cell(cond, v, n);
}
