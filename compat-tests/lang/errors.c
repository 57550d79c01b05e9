/* errors.c - errors are collected with their place; near misses get a suggestion. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../harness/util.h"
#include "parse.h"

void err_vadd(struct lang_errors *e, const char *file, unsigned int line, unsigned int col,
	      const char *fmt, va_list ap)
{
	char buf[1024];
	struct lang_error *v;

	vsnprintf(buf, sizeof(buf), fmt, ap);
	e->total++;
	/* The same place is parsed once for each case: say it once. */
	for (size_t i = 0; i < e->n; i++)
		if (e->v[i].line == line && e->v[i].col == col &&
		    !strcmp(e->v[i].file, file) && !strcmp(e->v[i].text, buf))
			return;
	if (e->n == LANG_MAX_ERRORS) {
		e->more = true;
		return;
	}
	v = &e->v[e->n++];
	v->file = xstrdup(file);
	v->line = line;
	v->col = col;
	v->text = xstrdup(buf);
}

void err_add(struct lang_errors *e, const char *file, unsigned int line, unsigned int col,
	     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vadd(e, file, line, col, fmt, ap);
	va_end(ap);
}

void err_text(struct lang_errors *e, const struct text *t, size_t i, const char *fmt, ...)
{
	unsigned int line = t->line, col = t->endcol;
	char buf[1024];
	size_t n = 0;
	va_list ap;

	if (i < t->n) {
		line = t->at[i].line;
		col = t->at[i].col;
	}
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	n = strlen(buf);
	for (const struct use *u = t->use; u && n < sizeof(buf) - 1; u = u->up) {
		snprintf(buf + n, sizeof(buf) - n, " (in macro `%s' used at %s:%u)",
			 u->macro->name, u->file, u->line);
		n = strlen(buf);
	}
	err_add(e, t->file, line, col, "%s", buf);
}

void lang_errors_free(struct lang_errors *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->v[i].file);
		free(e->v[i].text);
	}
	memset(e, 0, sizeof(*e));
}

void lang_errors_print(const struct lang_errors *e, FILE *to)
{
	for (size_t i = 0; i < e->n; i++)
		fprintf(to, "%s:%u:%u: %s\n", e->v[i].file, e->v[i].line,
			e->v[i].col, e->v[i].text);
	if (e->more)
		fprintf(to, "more than %d errors, the rest is not shown\n", LANG_MAX_ERRORS);
}

/* Edit distance with swaps of neighbours; words longer than 31 bytes are far from everything. */
static unsigned int distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned int d[33][33];

	if (n > 31 || m > 31)
		return 99;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= n; i++)
		for (size_t j = 1; j <= m; j++) {
			unsigned int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	return d[n][m];
}

void near_start(struct near *n, const char *word)
{
	n->word = word;
	n->best = NULL;
	n->dist = 99;
}

void near_try(struct near *n, const char *candidate)
{
	unsigned int d = distance(n->word, candidate);

	if (d < n->dist) {
		n->dist = d;
		n->best = candidate;
	}
}

const char *near_text(const struct near *n, struct arena *a)
{
	size_t len = strlen(n->word);
	unsigned int limit = len <= 2 ? 1 : len <= 5 ? 2 : 3;

	if (!n->best || n->dist > limit || n->dist >= len)
		return "";
	return ar_printf(a, "; did you mean `%s'?", n->best);
}
