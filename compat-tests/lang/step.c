/* step.c - steps of a cell: [<edge]... [need|-|!] verb argument... [=> name] [>edge]... */
#include <string.h>

#include "parse.h"

bool is_edge_name(const char *s)
{
	size_t n = strcspn(s, ".");
	char head[64];

	if (!n || n + 1 >= sizeof(head) || strlen(s) + 1 >= sizeof(head))
		return false;
	/* A name may begin with a digit: edges are often just numbered. */
	head[0] = 'e';
	memcpy(head + 1, s, n);
	head[n + 1] = '\0';
	/* Behind a dot stands the number of a macro's use, in expanded text. */
	return is_name(head) && s[0] != '-' && (!s[n] || (s[n + 1] && !s[n + 1 + strspn(s + n + 1, "0123456789")]));
}

/* The edge in the token, behind its < or >; -1 when an error was added. */
static int edge_tok(struct build *b, const struct text *t, const struct tok *tok)
{
	if (!tok->s[1]) {
		err_text(b->err, t, tok->b, "`%s' without a name, expected the edge's name right behind it", tok->s);
		return -1;
	}
	if (!is_edge_name(tok->s + 1)) {
		err_text(b->err, t, tok->b + 1, "`%s', expected an edge's name of letters, digits, _ and -",
			 tok->s + 1);
		return -1;
	}
	return build_edge(b, t, tok->b + 1, tok->s + 1);
}

static bool put_edge(struct build *b, const struct text *t, const struct tok *tok, bool post,
		     uint32_t slot[2])
{
	int e = edge_tok(b, t, tok);
	struct bedge *edge;

	if (e < 0)
		return false;
	edge = &b->edge[e];
	if (slot[0] != FORM_NONE && slot[1] != FORM_NONE) {
		err_text(b->err, t, tok->b, "more than 2 edges to %s, expected another step (nop) to carry it",
			 post ? "post" : "await");
		return false;
	}
	slot[slot[0] != FORM_NONE] = (uint32_t)e;
	if (post) {
		edge->posted = true;
		edge->posts++;
		edge->in_block = edge->in_block || b->who < 0;
	} else {
		edge->awaited = true;
		if (b->who < 0)
			return true;
		edge->awaits[b->who]++;
		*AR_PUSH(b->a, b->waits, b->nwaits, b->waitcap) = (struct bwait){
			.role = (size_t)b->who, .step = b->role[b->who].steps.n - 1, .edge = (uint32_t)e,
			.where = *t, .at = tok->b };
	}
	return true;
}

static int find_verb(struct build *b, const struct text *t, const struct tok *tok)
{
	struct near n;

	near_start(&n, tok->s);
	for (unsigned int i = 0; i < form_nverbs; i++) {
		if (!strcmp(form_verbs[i].name, tok->s))
			return (int)i;
		near_try(&n, form_verbs[i].name);
	}
	err_text(b->err, t, tok->b, "unknown verb `%s', expected a verb of verbs.def%s",
		 tok->s, near_text(&n, b->a));
	return -1;
}

/* need, - and ! stand before the verb; - and ! may touch it. */
static bool prefix(struct build *b, const struct text *t, struct tok *tok, size_t *i, size_t n,
		   struct form_step *st)
{
	struct tok *k = &tok[*i];

	if (!strcmp(k->s, "need"))
		st->flags = STEP_NEED;
	else if (k->s[0] == '-')
		st->flags = STEP_MUTE;
	else if (k->s[0] == '!')
		st->flags = STEP_ERRLOG;
	else
		return true;
	if (st->flags != STEP_NEED && k->s[1]) {
		k->s++;
		k->b++;
	} else if (++*i == n) {
		err_text(b->err, t, k->e, "end of step after `%s', expected a verb", k->s);
		return false;
	}
	k = &tok[*i];
	if (!strcmp(k->s, "need") || k->s[0] == '-' || k->s[0] == '!') {
		err_text(b->err, t, k->b, "`%s', expected a verb behind one of need, - and !", k->s);
		return false;
	}
	return true;
}

/* `=> name' and `>edge' from the end of the tokens; *n is what is left. */
static bool suffix(struct build *b, const struct text *t, struct tok *tok, size_t from, size_t *n,
		   struct form_step *st)
{
	size_t end = *n, i = from;

	while (i < end && tok[i].s[0] != '>' && strncmp(tok[i].s, "=>", 2))
		i++;
	*n = i;
	for (; i < end; i++) {
		struct tok *k = &tok[i];
		int v;

		if (!strncmp(k->s, "=>", 2)) {
			struct tok name = *k;

			if (k->s[2]) {
				name.s += 2;
				name.b += 2;
			} else if (++i < end) {
				name = tok[i];
			} else {
				err_text(b->err, t, k->e, "end of step after `=>', expected a name");
				return false;
			}
			if (!is_name(name.s)) {
				err_text(b->err, t, name.b, "`%s', expected a name of letters, digits, _ and -", name.s);
				return false;
			}
			if (st->result != FORM_NONE) {
				err_text(b->err, t, k->b, "a second `=>', expected one");
				return false;
			}
			v = build_value(b, t, name.b, name.s);
			if (v < 0)
				return false;
			b->value[v].saved = true;
			st->result = (uint32_t)v;
		} else if (k->s[0] == '>') {
			if (!put_edge(b, t, k, true, st->post))
				return false;
		} else if (k->s[0] == '<') {
			err_text(b->err, t, k->b, "`%s' behind the verb, expected edges to await before it", k->s);
			return false;
		} else {
			err_text(b->err, t, k->b, "`%s', expected `=> name', `>edge' or the end of the step", k->s);
			return false;
		}
	}
	return true;
}

static const char *step_text(struct build *b, const struct tok *tok, size_t from, size_t to)
{
	const char *all = tok[from].s;

	for (size_t i = from + 1; i < to; i++)
		all = ar_printf(b->a, "%s %s", all, tok[i].s);
	return all;
}

static struct form_step *new_step(struct build *b, const struct text *t, size_t at, struct stepvec *out)
{
	struct form_step *st;

	if (b->nsteps == FORM_MAX_STEPS) {
		err_text(b->err, t, at, "more than %d steps in a case", FORM_MAX_STEPS);
		return NULL;
	}
	b->nsteps++;
	st = AR_PUSH(b->a, out->v, out->n, out->cap);
	memset(st, 0, sizeof(*st));
	st->line = t->at[at].line;
	st->await[0] = st->await[1] = st->post[0] = st->post[1] = st->result = FORM_NONE;
	return st;
}

static int verb_named(const char *name)
{
	for (unsigned int i = 0; i < form_nverbs; i++)
		if (!strcmp(form_verbs[i].name, name))
			return (int)i;
	return -1;
}

static void one_step(struct build *b, const struct text *t, struct tok *tok, size_t n,
		     struct stepvec *out)
{
	struct form_step *st = new_step(b, t, tok[0].b, out);
	const char *text;
	size_t i = 0, end = n;
	int verb;

	if (!st)
		return;
	for (; i < n && tok[i].s[0] == '<'; i++)
		if (!put_edge(b, t, &tok[i], false, st->await))
			return;
	if (i == n || tok[i].s[0] == '>') {
		/* A cell of edges only. */
		st->verb = (uint16_t)verb_named("nop");
		st->text = build_str(b, "nop");
		suffix(b, t, tok, i, &end, st);
		return;
	}
	if (!prefix(b, t, tok, &i, n, st) || !suffix(b, t, tok, i, &end, st))
		return;
	if (i == end) {
		err_text(b->err, t, tok[i].b, "`%s', expected a verb", tok[i].s);
		return;
	}
	verb = find_verb(b, t, &tok[i]);
	if (verb < 0)
		return;
	st->verb = (uint16_t)verb;
	/* An edge as argument (spin-until, loop-until) shows the number of the macro's use. */
	if (form_verbs[verb].args[0] == 'E' && i + 1 < end && t->at[tok[i + 1].b].scope)
		text = ar_printf(b->a, "%s %s.%u%s%s", tok[i].s, tok[i + 1].s, t->at[tok[i + 1].b].scope,
				 i + 2 < end ? " " : "", i + 2 < end ? step_text(b, tok, i + 2, end) : "");
	else
		text = step_text(b, tok, i, end);
	if (strlen(text) > FORM_MAX_TEXT) {
		err_text(b->err, t, tok[i].b, "a step of %zu bytes, expected at most %d",
			 strlen(text), FORM_MAX_TEXT);
		return;
	}
	st->text = build_str(b, text);
	args_parse(b, t, &tok[i], tok + i + 1, end - i - 1, st, tok[end - 1].e);
}

void steps_parse(struct build *b, const struct text *cell, struct stepvec *out)
{
	struct cur c = { .a = b->a, .err = b->err, .t = cell, .stop = ";" };
	size_t errors = b->err->total, n = 0, cap = 0, last = 0;
	struct tok *v = NULL, tok;
	bool semicolon = false;

	if (!cell->n)
		return;
	while (cur_next(&c, &tok)) {
		semicolon = !strcmp(tok.s, ";");
		last = tok.b;
		if (!semicolon) {
			*AR_PUSH(b->a, v, n, cap) = tok;
			continue;
		}
		if (b->err->total > errors)
			return;
		if (!n) {
			err_text(b->err, cell, tok.b, "an empty step, expected a step before `;'");
			return;
		}
		one_step(b, cell, v, n, out);
		n = 0;
	}
	if (b->err->total > errors)
		return;
	if (n)
		one_step(b, cell, v, n, out);
	else if (semicolon)
		err_text(b->err, cell, last, "an empty step, expected a step behind `;'");
}
