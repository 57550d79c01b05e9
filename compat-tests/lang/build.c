/* build.c - one case: rows become steps of roles, blocks and handlers; what refers to nothing is an error. */
#include <stdlib.h>
#include <string.h>

#include "../../harness/util.h"
#include "parse.h"

uint32_t build_str(struct build *b, const char *s)
{
	size_t n = strlen(s) + 1;
	size_t at = 0;

	if (!b->poollen) {
		b->poolcap = 4096;
		b->pool = ar_alloc(b->a, b->poolcap);
		b->poollen = 1;
	}
	while (at < b->poollen) {
		size_t len = strlen(b->pool + at) + 1;

		if (len == n && !memcmp(b->pool + at, s, n))
			return (uint32_t)at;
		at += len;
	}
	if (b->poollen + n > b->poolcap) {
		char *p = ar_alloc(b->a, (b->poollen + n) * 2);

		memcpy(p, b->pool, b->poollen);
		b->pool = p;
		b->poolcap = (b->poollen + n) * 2;
	}
	memcpy(b->pool + b->poollen, s, n);
	b->poollen += n;
	return (uint32_t)(b->poollen - n);
}

int build_edge(struct build *b, const struct text *t, size_t at, const char *name)
{
	uint16_t scope = t->at[at].scope;
	struct bedge *e;

	if (scope)
		name = ar_printf(b->a, "%s.%u", name, scope);
	else if (strchr(name, '.') && b->s->nscopes) {
		err_text(b->err, t, at, "edge `%s', expected no dot: edges of macros have them", name);
		return -1;
	}
	for (size_t i = 0; i < b->nedges; i++)
		if (!strcmp(b->edge[i].name, name))
			return (int)i;
	if (b->nedges == FORM_MAX_EDGES) {
		err_text(b->err, t, at, "more than %d edges in a case", FORM_MAX_EDGES);
		return -1;
	}
	e = &b->edge[b->nedges];
	e->name = name;
	e->where = *t;
	e->at = at;
	return (int)b->nedges++;
}

int build_value(struct build *b, const struct text *t, size_t at, const char *name)
{
	for (size_t i = 0; i < b->nvalues; i++)
		if (!strcmp(b->value[i].name, name))
			return (int)i;
	if (b->nvalues == FORM_MAX_VALUES) {
		err_text(b->err, t, at, "more than %d saved values in a case", FORM_MAX_VALUES);
		return -1;
	}
	b->value[b->nvalues] = (struct bvalue){ .name = name, .where = *t, .at = at };
	return (int)b->nvalues++;
}

static struct section *find_section(struct build *b, const char *kw, const char *name)
{
	for (size_t i = 0; i < b->s->nsecs; i++)
		if (!strcmp(b->s->secs[i]->kw, kw) && !strcmp(b->s->secs[i]->name, name))
			return b->s->secs[i];
	return NULL;
}

/* Taken into the form when first named; compiled later, in build_sections(). */
int build_block(struct build *b, const char *name)
{
	struct section *sec = find_section(b, "block", name);

	if (!sec)
		return -1;
	sec->used = true;
	for (size_t i = 0; i < b->nblocks; i++)
		if (b->block[i].sec == sec)
			return (int)i;
	if (b->nblocks == FORM_MAX_BLOCKS) {
		err_add(b->err, sec->head->file, sec->head->no, 1,
			"more than %d blocks in a case", FORM_MAX_BLOCKS);
		return 0;
	}
	b->block[b->nblocks].sec = sec;
	return (int)b->nblocks++;
}

int build_handler(struct build *b, const char *name)
{
	struct section *sec = find_section(b, "handler", name);

	if (!sec)
		return -1;
	sec->used = true;
	for (size_t i = 0; i < b->nhandlers; i++)
		if (b->handler[i].sec == sec)
			return (int)i;
	if (b->nhandlers == FORM_MAX_HANDLERS) {
		err_add(b->err, sec->head->file, sec->head->no, 1,
			"more than %d handlers in a case", FORM_MAX_HANDLERS);
		return 0;
	}
	b->handler[b->nhandlers].sec = sec;
	return (int)b->nhandlers++;
}

static bool on_argument(struct build *b, const struct text *t, struct tok *tok, struct form_clause *c)
{
	struct near n;
	int64_t v;

	near_start(&n, tok->s);
	if (c->on == ON_SIGNAL) {
		int sig = form_signal_find(tok->s);

		if (sig > 0) {
			c->on_arg = (uint32_t)sig;
			return true;
		}
		for (size_t i = 0; form_signals[i].name; i++)
			near_try(&n, form_signals[i].name);
		err_text(b->err, t, tok->b, "unknown signal `%s', expected SIG..., of ROLE or `:'%s",
			 tok->s, near_text(&n, b->a));
		return false;
	}
	if (c->on == ON_EVENT) {
		if (!form_const_find(form_events, tok->s, &v)) {
			c->on_arg = (uint32_t)v;
			return true;
		}
		for (size_t i = 0; form_events[i].name; i++)
			near_try(&n, form_events[i].name);
		err_text(b->err, t, tok->b,
			 "unknown event `%s', expected fork, vfork, clone, exec, vforkdone, exit, seccomp or stop%s",
			 tok->s, near_text(&n, b->a));
		return false;
	}
	err_text(b->err, t, tok->b, "`%s', expected `of ROLE' or `:'", tok->s);
	return false;
}

/* on KIND [ARG] [of ROLE] */
static bool on_head(struct build *b, const struct text *t, struct form_clause *out)
{
	struct cur c = { .a = b->a, .err = b->err, .t = t, .i = 2 };
	struct tok tok;
	int64_t kind;
	int role;

	if (!cur_next(&c, &tok)) {
		err_text(b->err, t, t->n, "`on' without a kind of stop, expected any, signal, group, trap, syscall, event, exited, killed or continued");
		return false;
	}
	if (form_const_find(form_on_kinds, tok.s, &kind)) {
		struct near n;

		near_start(&n, tok.s);
		for (size_t i = 0; form_on_kinds[i].name; i++)
			near_try(&n, form_on_kinds[i].name);
		err_text(b->err, t, tok.b,
			 "unknown stop `%s', expected any, signal, group, trap, syscall, event, exited, killed or continued%s",
			 tok.s, near_text(&n, b->a));
		return false;
	}
	out->on = (uint16_t)kind;
	if (!cur_next(&c, &tok))
		return true;
	if (strcmp(tok.s, "of")) {
		if (!on_argument(b, t, &tok, out))
			return false;
		if (!cur_next(&c, &tok))
			return true;
	}
	if (strcmp(tok.s, "of")) {
		err_text(b->err, t, tok.b, "`%s', expected `of ROLE' or `:'", tok.s);
		return false;
	}
	if (!cur_next(&c, &tok)) {
		err_text(b->err, t, t->n, "`of' without a role, expected %s", build_role_names(b));
		return false;
	}
	role = build_role(b, tok.s);
	if (role < 0) {
		err_text(b->err, t, tok.b, "unknown role `%s', expected %s", tok.s, build_role_names(b));
		return false;
	}
	b->role[role].named = true;
	out->on_role = (uint32_t)role;
	if (cur_next(&c, &tok)) {
		err_text(b->err, t, tok.b, "`%s', expected `:'", tok.s);
		return false;
	}
	return true;
}

static void on_line(struct build *b, struct bblock *bl, const struct text *t)
{
	size_t colon = find_outside_quotes(t->s, 0, t->n, ':');
	struct text head = text_slice(b->a, t, 0, colon);
	struct bclause *c;
	struct text body;

	if (colon == t->n) {
		err_text(b->err, t, t->n, "`on' without a `:', expected on STOP : STEPS");
		return;
	}
	if (bl->nclauses == FORM_MAX_CLAUSES) {
		err_text(b->err, t, 0, "more than %d clauses in a block", FORM_MAX_CLAUSES);
		return;
	}
	c = &bl->clause[bl->nclauses++];
	c->c.on_role = FORM_NONE;
	if (!on_head(b, &head, &c->c))
		return;
	body = text_slice(b->a, t, colon + 1, t->n);
	if (!body.n) {
		err_text(b->err, t, t->n, "no step behind `:', expected one (nop does nothing)");
		return;
	}
	steps_parse(b, &body, &c->steps);
}

static bool is_on(const struct text *t)
{
	return !strncmp(t->s, "on", 2) && (!t->s[2] || t->s[2] == ' ' || t->s[2] == '\t');
}

static void build_block_body(struct build *b, struct bblock *bl)
{
	size_t errors = b->err->total;
	struct texts lines = { 0 };

	lines_expand(b->s, bl->sec, &lines);
	if (b->err->total > errors)
		return;
	if (!lines.n) {
		err_add(b->err, bl->sec->head->file, bl->sec->head->no, 1,
			"block `%s' is empty in this case, expected a step", bl->sec->name);
		return;
	}
	if (!is_on(&lines.v[0])) {
		bl->nclauses = 1;
		bl->clause[0].c.on_role = FORM_NONE;
	}
	for (size_t i = 0; i < lines.n; i++) {
		const struct text *t = &lines.v[i];

		if (is_on(t) != is_on(&lines.v[0])) {
			err_text(b->err, t, 0, is_on(t) ?
				 "an `on' clause behind plain steps, expected only one of them in a block" :
				 "a plain step behind `on' clauses, expected only one of them in a block");
			return;
		}
		if (is_on(t))
			on_line(b, bl, t);
		else
			steps_parse(b, t, &bl->clause[0].steps);
	}
}

/* Blocks and handlers name further ones: go on until nothing is new. */
static void build_sections(struct build *b)
{
	size_t blocks = 0, handlers = 0, errors;

	b->who = -1;
	while (blocks < b->nblocks || handlers < b->nhandlers) {
		struct texts lines = { 0 };
		struct bhandler *h;

		if (blocks < b->nblocks) {
			build_block_body(b, &b->block[blocks++]);
			continue;
		}
		h = &b->handler[handlers++];
		errors = b->err->total;
		lines_expand(b->s, h->sec, &lines);
		for (size_t i = 0; i < lines.n; i++)
			steps_parse(b, &lines.v[i], &h->steps);
		if (!lines.n && b->err->total == errors)
			err_add(b->err, h->sec->head->file, h->sec->head->no, 1,
				"handler `%s' is empty in this case, expected a step", h->sec->name);
	}
}

/* A reactive block is run by react, a plain one by do, repeat and loop-until. */
static void check_block_uses(struct build *b)
{
	for (size_t i = 0; i < b->nuses; i++) {
		const struct buse *u = &b->uses[i];
		const struct bblock *bl = &b->block[u->block];
		bool reactive = bl->nclauses && bl->clause[0].c.on != ON_NONE;

		if (bl->nclauses && reactive != !strcmp(u->verb, "react"))
			err_text(b->err, &u->where, u->at, "`%s' with the %s block `%s', expected %s",
				 u->verb, reactive ? "reactive" : "plain", bl->sec->name,
				 reactive ? "a block of plain steps, or react" : "a block of `on' clauses");
	}
}

static uint64_t runs_blocks(const struct bblock *bl)
{
	uint64_t runs = 0;

	for (size_t c = 0; c < bl->nclauses; c++)
		for (size_t i = 0; i < bl->clause[c].steps.n; i++)
			for (unsigned int k = 0; k < bl->clause[c].steps.v[i].nargs; k++)
				if (bl->clause[c].steps.v[i].arg[k].type == ARG_BLOCK)
					runs |= 1ull << bl->clause[c].steps.v[i].arg[k].ref;
	return runs;
}

static void check_blocks(struct build *b)
{
	uint64_t left = b->nblocks == 64 ? ~0ull : (1ull << b->nblocks) - 1;
	bool changed = true;

	check_block_uses(b);
	/* Blocks that run nothing that is left go; what stays runs itself. */
	while (changed) {
		changed = false;
		for (size_t i = 0; i < b->nblocks; i++)
			if ((left >> i & 1) && !(runs_blocks(&b->block[i]) & left)) {
				left &= ~(1ull << i);
				changed = true;
			}
	}
	for (size_t i = 0; left && i < b->nblocks; i++)
		if (left >> i & 1) {
			err_add(b->err, b->block[i].sec->head->file, b->block[i].sec->head->no, 1,
				"block `%s' runs itself or a block that does, expected no circle",
				b->block[i].sec->name);
			return;
		}
}

static void check_edges(struct build *b)
{
	for (size_t i = 0; i < b->nedges; i++) {
		struct bedge *e = &b->edge[i];
		const char *key = ar_printf(b->a, "edge %s", e->name);

		if (!e->posted) {
			err_text(b->err, &e->where, e->at,
				 "edge `%s' is awaited but never posted, expected >%s in some column",
				 e->name, e->name);
			continue;
		}
		must(b->s, key, &e->where, e->at,
		     ar_printf(b->a, "edge `%s' is posted but never awaited, expected <%s in some column",
			       e->name, e->name));
		if (e->awaited)
			must_done(b->s, key);
		for (size_t r = 0; r < b->nroles && !e->in_block; r++)
			if (e->awaits[r] > e->posts)
				err_text(b->err, &e->where, e->at,
					 "`%s' awaits edge `%s' %u times but it is posted %u time%s only, expected a post for each",
					 b->role[r].name, e->name, e->awaits[r], e->posts,
					 e->posts == 1 ? "" : "s");
	}
	for (size_t i = 0; i < b->nvalues; i++) {
		struct bvalue *v = &b->value[i];
		const char *key = ar_printf(b->a, "value %s", v->name);

		if (!v->saved) {
			err_text(b->err, &v->where, v->at,
				 "value `%s' is used but never saved, expected => %s behind some step",
				 v->name, v->name);
			continue;
		}
		must(b->s, key, &v->where, v->at,
		     ar_printf(b->a, "value `%s' is saved but never used, expected @%s in some step",
			       v->name, v->name));
		if (v->used)
			must_done(b->s, key);
	}
}

static void build_columns(struct build *b)
{
	int col[FORM_MAX_ROLES];

	b->cells = ar_alloc(b->a, (b->rows.n * b->rows.ncols + 1) * sizeof(*b->cells));
	for (size_t i = 0; i < b->rows.ncols; i++) {
		col[i] = build_role(b, b->rows.col[i].s);
		if (col[i] >= 0) {
			b->role[col[i]].column = true;
			b->role[col[i]].wanted = b->rows.wanted[i];
			continue;
		}
		err_text(b->err, &b->rows.col[i], 0, "column `%s' is no role, expected one of: %s",
			 b->rows.col[i].s, build_role_names(b));
	}
	for (size_t r = 0; r < b->rows.n; r++)
		for (size_t i = 0; i < b->rows.ncols; i++) {
			struct rcell *c = &b->cells[r * b->rows.ncols + i];
			struct stepvec *v;

			if (col[i] < 0)
				continue;
			v = &b->role[col[i]].steps;
			b->who = col[i];
			c->role = (size_t)col[i];
			c->first = v->n;
			steps_parse(b, &b->rows.cell[r][i], v);
			c->n = v->n - c->first;
		}
}

/* Who makes a born role must be known: the column it is made in, or its own line. */
static void check_births(struct build *b)
{
	for (size_t i = 0; i < b->nroles; i++)
		if (b->role[i].r.birth == BORN_BY_STEP && b->role[i].r.parent == FORM_NONE &&
		    b->role[i].created)
			err_text(b->err, &b->role[i].text, 0,
				 "role `%s' is born in a block or handler, expected `child of' or `thread of' here",
				 b->role[i].name);
}

int build_case(struct scn *s, struct arena *a, const char *name, void **blob, size_t *len,
	       char **text, size_t *nescapes)
{
	size_t errors = s->err->total;
	struct arena *keep = s->a;
	struct build *b = ar_alloc(a, sizeof(*b));
	const char *why = "";

	s->a = a;
	b->s = s;
	b->a = a;
	b->err = s->err;
	b->name = name;
	b->block = ar_alloc(a, FORM_MAX_BLOCKS * sizeof(*b->block));
	b->handler = ar_alloc(a, FORM_MAX_HANDLERS * sizeof(*b->handler));
	b->edge = ar_alloc(a, FORM_MAX_EDGES * sizeof(*b->edge));
	b->value = ar_alloc(a, FORM_MAX_VALUES * sizeof(*b->value));
	build_str(b, "");
	roles_parse(b);
	if (s->err->total == errors)
		rows_expand(s, &b->rows);
	if (s->err->total == errors)
		build_columns(b);
	if (s->err->total == errors)
		build_sections(b);
	if (s->err->total == errors && !s->err->more) {
		check_blocks(b);
		check_edges(b);
		check_births(b);
		roles_check(b);
		if (s->err->total == errors)
			check_circles(b);
	}
	s->a = keep;
	if (s->err->total > errors || s->err->more)
		return -1;
	*blob = build_emit(b, len);
	if (form_check(*blob, *len, &why)) {
		err_add(s->err, s->path, 1, 1, "internal error: the form of case `%s' is wrong: %s", name, why);
		free(*blob);
		*blob = NULL;
		return -1;
	}
	*text = build_show(b);
	*nescapes = b->nescapes;
	return 0;
}
