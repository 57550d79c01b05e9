/* diverge.c - where two outcomes of one case part. */
#include <stdlib.h>
#include <string.h>

#include "diverge.h"
#include "events.h"
#include "util.h"

static void set(struct divergence *d, const char *actor, unsigned long n,
		const char *a, const char *b)
{
	d->found = true;
	d->actor = xstrdup(actor);
	d->n = n;
	d->a = a ? xstrdup(a) : NULL;
	d->b = b ? xstrdup(b) : NULL;
}

static void by_lines(const char *ta, const char *tb, struct divergence *d)
{
	for (unsigned long n = 1;; n++) {
		size_t la = strcspn(ta, "\n"), lb = strcspn(tb, "\n");

		/* With its newline, so that an unfinished last line counts. */
		if (la != lb || strncmp(ta, tb, la + 1)) {
			char *a = *ta ? xstrndup(ta, la) : NULL;
			char *b = *tb ? xstrndup(tb, lb) : NULL;

			set(d, "line", n, a, b);
			free(a);
			free(b);
			return;
		}
		ta += la + 1;
		tb += lb + 1;
	}
}

/* The k-th event of the named actor, or NULL. */
static const struct event *nth_of(const struct events *e, const char *actor, size_t k)
{
	for (size_t i = 0; i < e->nev; i++)
		if (!strcmp(e->actors[e->ev[i].actor], actor))
			return k < e->nev - i && e->ev[i + k].actor == e->ev[i].actor ?
			       &e->ev[i + k] : NULL;
	return NULL;
}

static bool same(const struct event *x, const struct event *y)
{
	return x && y && x->n == y->n && !strcmp(x->text, y->text);
}

/*
 * Walk @x in merged order; the first event that @y does not have in the same
 * place of the same actor.
 */
static bool first_missing(const struct events *x, const struct events *y, bool swapped,
			  struct divergence *d)
{
	size_t *order = events_merge(x), *seen = xcalloc(x->nactors + 1, sizeof(*seen));
	bool found = false;

	for (size_t i = 0; i < x->nev && !found; i++) {
		const struct event *ex = &x->ev[order[i]], *ey;
		const char *actor = x->actors[ex->actor];

		ey = nth_of(y, actor, seen[ex->actor]++);
		if (same(ex, ey))
			continue;
		found = true;
		if (swapped)
			set(d, actor, ex->n, ey ? ey->text : NULL, ex->text);
		else
			set(d, actor, ex->n, ex->text, ey ? ey->text : NULL);
	}
	free(order);
	free(seen);
	return found;
}

static void in_end_state(const struct events *a, const struct events *b,
			 struct divergence *d)
{
	for (size_t i = 0; i < a->nend || i < b->nend; i++) {
		const struct event *x = i < a->nend ? &a->end[i] : NULL;
		const struct event *y = i < b->nend ? &b->end[i] : NULL;

		if (same(x, y))
			continue;
		set(d, "=", x ? x->n : y->n, x ? x->text : NULL, y ? y->text : NULL);
		return;
	}
}

bool diverge(const char *ta, const char *tb, struct divergence *d)
{
	struct events a, b;

	memset(d, 0, sizeof(*d));
	if (!strcmp(ta, tb))
		return false;
	if (events_parse(ta, &a)) {
		by_lines(ta, tb, d);
		return true;
	}
	if (events_parse(tb, &b)) {
		events_free(&a);
		by_lines(ta, tb, d);
		return true;
	}
	if (!first_missing(&a, &b, false, d) && !first_missing(&b, &a, true, d))
		in_end_state(&a, &b, d);
	events_free(&a);
	events_free(&b);
	if (!d->found)	/* the same events, actors in another order */
		by_lines(ta, tb, d);
	return true;
}

void divergence_free(struct divergence *d)
{
	free(d->actor);
	free(d->a);
	free(d->b);
	memset(d, 0, sizeof(*d));
}
