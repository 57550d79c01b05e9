/* text.c - texts whose bytes remember their line and column, and the tokens in them. */
#include <string.h>

#include "parse.h"

/* @step: each byte is one column further; else all of them stand where @at says. */
void text_add(struct arena *a, struct text *t, const char *s, size_t n, struct origin at, bool step)
{
	if (t->n + n + 1 > t->cap) {
		size_t cap = (t->n + n + 1) * 2;
		char *p = ar_alloc(a, cap);
		struct origin *o = ar_alloc(a, cap * sizeof(*o));

		if (t->n) {
			memcpy(p, t->s, t->n);
			memcpy(o, t->at, t->n * sizeof(*o));
		}
		t->s = p;
		t->at = o;
		t->cap = cap;
	}
	for (size_t i = 0; i < n; i++) {
		t->s[t->n] = s[i];
		t->at[t->n++] = at;
		if (step)
			at.col++;
	}
	t->s[t->n] = '\0';
}

/* The end of the text is behind its last byte, unless it was set. */
void text_end(struct arena *a, struct text *t)
{
	if (!t->s)
		t->s = ar_alloc(a, 1);
	if (t->n) {
		t->line = t->at[t->n - 1].line;
		t->endcol = t->at[t->n - 1].col + 1u;
	}
}

struct text text_of_line(struct arena *a, const struct line *l)
{
	struct text t = { .file = l->file, .line = l->no };
	struct origin at = { .line = l->no, .col = 1 };

	text_add(a, &t, l->s, l->n, at, true);
	text_end(a, &t);
	return t;
}

struct text text_of_head(struct arena *a, const struct section *s)
{
	struct text t = text_of_line(a, s->head);

	for (size_t i = 0; i < s->nbody; i++) {
		struct text l = text_of_line(a, s->body[i]);

		text_append(a, &t, &l);
	}
	text_end(a, &t);
	return t;
}

struct text text_slice(struct arena *a, const struct text *t, size_t from, size_t to)
{
	struct text r = { .file = t->file, .use = t->use, .line = t->line, .endcol = t->endcol };

	while (from < to && (t->s[from] == ' ' || t->s[from] == '\t'))
		from++;
	while (to > from && (t->s[to - 1] == ' ' || t->s[to - 1] == '\t'))
		to--;
	if (from < t->n) {
		r.line = t->at[from].line;
		r.endcol = t->at[from].col;
	}
	r.n = to - from;
	r.cap = 0;
	r.s = ar_strndup(a, t->s + from, r.n);
	r.at = t->at + from;
	text_end(a, &r);
	return r;
}

void text_append(struct arena *a, struct text *t, const struct text *more)
{
	struct origin gap = { .line = t->line, .col = (uint16_t)t->endcol };

	if (t->n && more->n)
		text_add(a, t, " ", 1, gap, false);
	for (size_t i = 0; i < more->n; i++)
		text_add(a, t, more->s + i, 1, more->at[i], false);
	if (more->n)
		text_end(a, t);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t cur_skip(struct cur *c)
{
	while (c->i < c->t->n && blank(c->t->s[c->i]))
		c->i++;
	return c->i;
}

bool cur_next(struct cur *c, struct tok *tok)
{
	const char *s = c->t->s;
	size_t n = c->t->n, i = cur_skip(c);

	if (i >= n)
		return false;
	tok->b = i;
	if (c->stop && strchr(c->stop, s[i])) {
		i++;
	} else {
		while (i < n && !blank(s[i]) && !(c->stop && strchr(c->stop, s[i]))) {
			if (s[i] == '"') {
				size_t q = i++;

				while (i < n && s[i] != '"')
					i += s[i] == '\\' && i + 1 < n ? 2 : 1;
				if (i >= n) {
					err_text(c->err, c->t, q,
						 "a quote without an end, expected `\"'");
					c->i = n;
					return false;
				}
			}
			i++;
		}
	}
	tok->e = c->i = i;
	tok->s = ar_strndup(c->a, s + tok->b, i - tok->b);
	return true;
}

bool cur_peek(struct cur *c, struct tok *tok)
{
	struct cur copy = *c;

	return cur_next(&copy, tok);
}

static bool word_of(const char *s, const char *first, const char *rest)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

	if (!*s || !(strchr(letters, *s) || strchr(first, *s)))
		return false;
	for (s++; *s; s++)
		if (!strchr(letters, *s) && !strchr(rest, *s))
			return false;
	return true;
}

bool is_name(const char *s)
{
	return word_of(s, "", "0123456789-");
}

bool is_param_name(const char *s)
{
	return word_of(s, "", "0123456789");
}

bool is_value(const char *s)
{
	return word_of(s, "0123456789+-.", "0123456789+-.");
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *unquote(struct cur *c, const struct tok *tok)
{
	const char *s = tok->s;
	size_t n = tok->e - tok->b, i, o = 0;
	char *out = ar_alloc(c->a, n + 1);

	if (n < 2 || s[0] != '"')
		return NULL;
	for (i = 1; i < n && s[i] != '"'; i++) {
		int hi, lo;

		if (s[i] != '\\') {
			out[o++] = s[i];
			continue;
		}
		switch (s[++i]) {
		case '"':
		case '\\':
			out[o++] = s[i];
			break;
		case 'n':
			out[o++] = '\n';
			break;
		case 't':
			out[o++] = '\t';
			break;
		case 'x':
			hi = hex(s[i + 1]);
			lo = hi < 0 ? -1 : hex(s[i + 2]);
			if (lo >= 0 && (hi || lo)) {
				out[o++] = (char)(hi * 16 + lo);
				i += 2;
				break;
			}
			/* fall through */
		default:
			err_text(c->err, c->t, tok->b + i - 1,
				 "unknown escape `\\%c', expected \\\" \\\\ \\n \\t or \\x and two digits, not 00",
				 s[i]);
			return NULL;
		}
	}
	if (i + 1 != n) {
		err_text(c->err, c->t, tok->b + i + 1,
			 "`%s' right behind a quoted text, expected a blank", s + i + 1);
		return NULL;
	}
	return out;
}
