/* sidebyside.c - aligns two outcomes by their longest common sequence and prints them in two columns. */
#include <stdlib.h>
#include <string.h>

#include "diverge.h"
#include "events.h"
#include "sidebyside.h"

struct row { const char *actor, *text; unsigned long n; };

struct side {
	struct events e;
	char *raw;		/* when the text is no trace */
	size_t n;
	struct row *rows;
};

static void add_row(struct side *s, const char *actor, unsigned long n, const char *text)
{
	s->rows = xrealloc(s->rows, (s->n + 1) * sizeof(*s->rows));
	s->rows[s->n++] = (struct row){ actor, text, n };
}

static void side_init(struct side *s, const char *text)
{
	size_t *order;

	memset(s, 0, sizeof(*s));
	if (events_parse(text, &s->e)) {
		s->raw = xstrdup(text);
		for (char *p = s->raw, *nl; *p; p = nl) {
			nl = p + strcspn(p, "\n");
			if (*nl)
				*nl++ = '\0';
			add_row(s, "line", s->n + 1, p);
		}
		return;
	}
	order = events_merge(&s->e);
	for (size_t i = 0; i < s->e.nev; i++) {
		const struct event *ev = &s->e.ev[order[i]];

		add_row(s, s->e.actors[ev->actor], ev->n, ev->text);
	}
	for (size_t i = 0; i < s->e.nend; i++)
		add_row(s, "=", s->e.end[i].n, s->e.end[i].text);
	free(order);
}

static void side_free(struct side *s)
{
	free(s->rows);
	if (!s->raw)
		events_free(&s->e);
	free(s->raw);
}

static bool alike(const struct row *a, const struct row *b)
{
	return !strcmp(a->actor, b->actor) && !strcmp(a->text, b->text);
}

/* lcs[i][j]: length of the longest common sequence of what is left from i and j on. */
static unsigned int *lcs_table(const struct side *a, const struct side *b)
{
	size_t w = b->n + 1;
	unsigned int *t = xcalloc((a->n + 1) * w, sizeof(*t));

	for (size_t i = a->n; i-- > 0;)
		for (size_t j = b->n; j-- > 0;) {
			unsigned int down = t[(i + 1) * w + j], right = t[i * w + j + 1];

			t[i * w + j] = alike(&a->rows[i], &b->rows[j]) ?
				t[(i + 1) * w + j + 1] + 1 : down > right ? down : right;
		}
	return t;
}

size_t likeness(const char *ta, const char *tb)
{
	struct side a, b;
	unsigned int *t;
	size_t n;

	side_init(&a, ta);
	side_init(&b, tb);
	t = lcs_table(&a, &b);
	n = t[0];
	free(t);
	side_free(&a);
	side_free(&b);
	return n;
}

#define HALF 38		/* columns of one side; 38 + " m " + 39 = 80 */

/* One side of a row wrapped in HALF columns: its @k-th piece, or NULL. */
static const char *piece(const char *s, size_t k, size_t *len)
{
	const size_t more = HALF - 4;	/* further pieces are indented */
	size_t total = strlen(s), from, room;

	from = k ? HALF + (k - 1) * more : 0;
	room = k ? more : HALF;
	if (k && from >= total)
		return NULL;
	*len = total - from < room ? total - from : room;
	return s + from;
}

static char *row_text(const struct row *r, int width)
{
	return r ? xasprintf("%-*s %s", width, r->actor, r->text) : xstrdup("");
}

static void print_row(struct buf *b, const struct row *l, const struct row *r, char mark,
		      int width)
{
	char *ls = row_text(l, width), *rs = row_text(r, width);

	for (size_t k = 0;; k++) {
		size_t ll = 0, rl = 0;
		const char *lp = piece(ls, k, &ll), *rp = piece(rs, k, &rl);
		int in = k ? 4 : 0;

		if (!lp && !rp)
			break;
		buf_printf(b, "%*s%.*s", lp ? in : 0, "", (int)ll, lp ? lp : "");
		if (rp && (*rp || mark != ' '))
			buf_printf(b, "%*s %c%s", HALF - (int)ll - (lp ? in : 0), "",
				   k ? ' ' : mark, *rp ? " " : "");
		else if (!k && mark != ' ')
			buf_printf(b, "%*s %c", HALF - (int)ll, "", mark);
		if (rp)
			buf_printf(b, "%*s%.*s", in, "", (int)rl, rp);
		buf_puts(b, "\n");
	}
	free(ls);
	free(rs);
}

static bool is_divergence(const struct divergence *d, const struct row *l, const struct row *r)
{
	if (!d->found)
		return false;
	if (d->a && l && l->n == d->n && !strcmp(l->actor, d->actor) && !strcmp(l->text, d->a))
		return true;
	return d->b && r && r->n == d->n && !strcmp(r->actor, d->actor) &&
		!strcmp(r->text, d->b);
}

void side_by_side(struct buf *b, const char *left, const char *left_text,
		  const char *right, const char *right_text)
{
	struct side l, r;
	struct divergence d;
	unsigned int *t;
	size_t i = 0, j = 0, w;
	int width = 1;
	bool marked = false;

	side_init(&l, left_text);
	side_init(&r, right_text);
	diverge(left_text, right_text, &d);
	t = lcs_table(&l, &r);
	w = r.n + 1;
	for (size_t k = 0; k < l.n; k++)
		width = (int)strlen(l.rows[k].actor) > width ? (int)strlen(l.rows[k].actor) : width;
	for (size_t k = 0; k < r.n; k++)
		width = (int)strlen(r.rows[k].actor) > width ? (int)strlen(r.rows[k].actor) : width;
	buf_printf(b, "%-*.*s   %.*s\n", HALF, HALF, left, HALF, right);
	while (i < l.n || j < r.n) {
		const struct row *lr = i < l.n ? &l.rows[i] : NULL;
		const struct row *rr = j < r.n ? &r.rows[j] : NULL;
		char mark = ' ';

		if (lr && rr && !alike(lr, rr)) {
			bool drop_l = t[(i + 1) * w + j] == t[i * w + j];
			bool drop_r = t[i * w + j + 1] == t[i * w + j];

			/* Neither is needed by the common sequence: one row, if one actor's. */
			if (drop_l && drop_r && !strcmp(lr->actor, rr->actor) &&
			    t[(i + 1) * w + j + 1] == t[i * w + j])
				mark = '|';
			else if (drop_l)
				rr = NULL;
			else
				lr = NULL;
		}
		if (!rr)
			mark = '<';
		else if (!lr)
			mark = ')';
		if (mark != ' ' && !marked && is_divergence(&d, lr, rr)) {
			mark = '>';
			marked = true;
		}
		print_row(b, lr, rr, mark, width);
		i += lr != NULL;
		j += rr != NULL;
	}
	free(t);
	divergence_free(&d);
	side_free(&l);
	side_free(&r);
}
