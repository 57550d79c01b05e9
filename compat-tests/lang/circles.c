/* circles.c - edges that wait for each other: steps that no run of the case can reach. */
#include "parse.h"

/*
 * Every role as far as it can come at best: a step ends, whatever it does, and
 * what a block or handler posts was posted.  Who stands still then does so in
 * every run.
 */
struct walk {
	struct build *b;
	size_t at[FORM_MAX_ROLES];	/* steps behind it */
	unsigned int *posts;		/* of each edge */
	unsigned int *passed[FORM_MAX_ROLES];	/* awaits of each edge */
};

static const struct form_step *next_step(const struct walk *w, size_t role)
{
	const struct stepvec *v = &w->b->role[role].steps;

	return w->at[role] < v->n ? &v->v[w->at[role]] : NULL;
}

/* The edge that keeps the role from its next step, FORM_NONE: none does. */
static uint32_t kept_by(const struct walk *w, size_t role)
{
	const struct form_step *st = next_step(w, role);

	for (int k = 0; k < 2; k++) {
		uint32_t e = st->await[k];
		unsigned int more = k && st->await[0] == e ? 2 : 1;

		if (e != FORM_NONE && !w->b->edge[e].in_block &&
		    w->posts[e] < w->passed[role][e] + more)
			return e;
	}
	return FORM_NONE;
}

static bool go_on(struct walk *w, size_t role)
{
	const struct form_step *st = next_step(w, role);

	if (!st || kept_by(w, role) != FORM_NONE)
		return false;
	for (int k = 0; k < 2; k++) {
		if (st->await[k] != FORM_NONE)
			w->passed[role][st->await[k]]++;
		if (st->post[k] != FORM_NONE)
			w->posts[st->post[k]]++;
	}
	w->at[role]++;
	return true;
}

/* A role that still has to post the edge, and the step. */
static size_t poster(const struct walk *w, uint32_t edge, const struct form_step **st)
{
	size_t r = 0;

	for (; r < w->b->nroles; r++)
		for (size_t i = w->at[r]; i < w->b->role[r].steps.n; i++) {
			*st = &w->b->role[r].steps.v[i];
			if ((*st)->post[0] == edge || (*st)->post[1] == edge)
				return r;
		}
	return r;
}

static void report(const struct walk *w, size_t role)
{
	const struct build *b = w->b;
	uint32_t e = kept_by(w, role);
	const struct form_step *st;
	size_t by = poster(w, e, &st);

	for (size_t i = 0; i < b->nwaits; i++) {
		const struct bwait *at = &b->waits[i];

		if (at->role != role || at->step != w->at[role] || at->edge != e)
			continue;
		err_text(b->err, &at->where, at->at,
			 "a circle: `%s' awaits edge `%s', which `%s' posts in line %u behind its wait for `%s', expected a post that does not wait for this",
			 b->role[role].name, b->edge[e].name, b->role[by].name, st->line,
			 b->edge[kept_by(w, by)].name);
		return;
	}
}

void check_circles(struct build *b)
{
	struct walk w = { .b = b, .posts = ar_alloc(b->a, (b->nedges + 1) * sizeof(*w.posts)) };
	const struct form_step *st;
	size_t stuck = b->nroles, by;
	bool changed = true;

	for (size_t r = 0; r < b->nroles; r++)
		w.passed[r] = ar_alloc(b->a, (b->nedges + 1) * sizeof(*w.passed[r]));
	while (changed) {
		changed = false;
		for (size_t r = 0; r < b->nroles; r++)
			while (go_on(&w, r))
				changed = true;
	}
	for (size_t r = 0; r < b->nroles && stuck == b->nroles; r++)
		if (next_step(&w, r))
			stuck = r;
	/* Who waits for one in a circle may not be in it: so many hops end there. */
	for (size_t i = 0; stuck < b->nroles && i < b->nroles; i++) {
		by = poster(&w, kept_by(&w, stuck), &st);
		if (by == b->nroles)
			return;
		stuck = by;
	}
	if (stuck < b->nroles && poster(&w, kept_by(&w, stuck), &st) < b->nroles)
		report(&w, stuck);
}
