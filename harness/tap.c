/* tap.c - a run as TAP 14: one line a case, a YAML block where there is something to say. */
#include <stdlib.h>
#include <string.h>

#include "reports.h"

/* TAP escapes # and backslash in descriptions. */
static void add_name(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '#' || *s == '\\')
			buf_puts(b, "\\");
		buf_add(b, s, 1);
	}
}

/* A YAML double-quoted scalar. */
static void add_yaml(struct buf *b, const char *key, const char *s)
{
	char *c = clean_text(s);

	buf_printf(b, "  %s: \"", key);
	for (char *p = c; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_puts(b, "\\");
		if (*p == '\n')
			buf_puts(b, "\\n");
		else if (*p == '\t')
			buf_puts(b, "\\t");
		else
			buf_add(b, p, 1);
	}
	buf_puts(b, "\"\n");
	free(c);
}

static void add_block(struct buf *b, const struct run *r, size_t i)
{
	const struct tcase *t = &r->s->cases[i];
	const struct case_verdict *v = &r->c->cases[i];
	char *cmd;

	buf_puts(b, "  ---\n");
	add_yaml(b, "verdict", case_word(v));
	add_yaml(b, "title", t->title);
	if (v->why)
		add_yaml(b, "why", v->why);
	if (v->known)
		add_yaml(b, "pointer", v->known->pointer);
	if (v->a) {
		char *at = xasprintf("%s event %lu", v->div.actor, v->div.n);

		add_yaml(b, "first_divergence", at);
		add_yaml(b, v->a_name, v->div.a ? v->div.a : "(nothing)");
		add_yaml(b, strcmp(v->a_name, v->b_name) ? v->b_name : "also",
			 v->div.b ? v->div.b : "(nothing)");
		free(at);
	}
	for (size_t k = 0; k < v->ncand; k++) {
		const struct candidate *c = &v->cand[k];
		char *s = xasprintf("%s only on %s, %u times of %u in %u boots; never in %u repeats of the other: rate < %.2g at 95%%",
				    c->o->hash, c->lost ? r->c->a->name : r->c->b->name,
				    c->o->count, c->of, c->o->boots, c->absent,
				    rate_bound(c->absent));
		char *key = xasprintf("outcome_%zu", k + 1);

		add_yaml(b, key, s);
		free(key);
		free(s);
	}
	cmd = repeat_command(r, t->name);
	add_yaml(b, "repeat", cmd);
	free(cmd);
	buf_puts(b, "  ...\n");
}

/* What belongs to no case has a test point of its own, so that TAP fails when the run does. */
static void add_own(struct buf *b, const struct comparison *c)
{
	buf_printf(b, "%s %zu - the run as such\n", c->own ? "not ok" : "ok",
		   c->s->ncases + c->nstale + 1);
	if (!c->own)
		return;
	buf_puts(b, "  ---\n");
	add_yaml(b, "verdict", verdict_word(c->own));
	add_yaml(b, "why", verdict_meaning(c->own));
	buf_puts(b, "  ...\n");
}

void tap_text(struct buf *b, const struct run *r)
{
	const struct comparison *c = r->c;
	char *meaning;

	buf_printf(b, "TAP version 14\n1..%zu\n", c->s->ncases + c->nstale + 1);
	for (size_t i = 0; i < c->s->ncases; i++) {
		const struct case_verdict *v = &c->cases[i];
		bool fail = case_failed(v) ||
			(r->ro->strict_racy && v->code == EX_UNRESOLVED);

		/* A listed difference is a failure that is expected: TODO. */
		if (v->code == EX_SAME && v->flags & CASE_KNOWN)
			fail = true;
		buf_printf(b, "%s %zu - ", fail ? "not ok" : "ok", i + 1);
		add_name(b, c->s->cases[i].name);
		if (v->code == EX_SAME && v->flags & CASE_KNOWN) {
			buf_puts(b, " # TODO known: ");
			add_name(b, v->known->reason);
		}
		buf_puts(b, "\n");
		if (fail || v->ncand || v->why)
			add_block(b, r, i);
	}
	for (size_t i = 0; i < c->nstale; i++) {
		buf_printf(b, "not ok %zu - known-differences line %zu no longer occurs: ",
			   c->s->ncases + i + 1, c->stale[i]->line);
		add_name(b, c->stale[i]->glob);
		buf_puts(b, "\n");
	}
	add_own(b, c);
	for (size_t a = 0; a < r->narms; a++)
		for (size_t k = 0; k < r->arms[a].nincidents; k++) {
			const struct incident *inc = &r->arms[a].incidents[k];

			buf_printf(b, "# %s: %s%s%s%s\n", r->arms[a].name,
				   incident_word(inc->kind),
				   inc->icase < c->s->ncases ? " in " : "",
				   inc->icase < c->s->ncases ?
				   c->s->cases[inc->icase].name : "",
				   inc->retried ? ", run again" : "");
		}
	meaning = run_meaning(r);
	buf_printf(b, "# %s: %s\n", verdict_word(c->code), meaning);
	free(meaning);
}
