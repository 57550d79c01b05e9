/* roles.c - the roles of a case: kind, parent, birth, word size. */
#include <stdlib.h>
#include <string.h>

#include "parse.h"

static const struct form_const kinds[] = {
	{ "tracer", ROLE_TRACER }, { "tracee", ROLE_TRACEE },
	{ "parent", ROLE_PARENT }, { "outsider", ROLE_OUTSIDER },
	{ NULL, 0 }
};

int build_role(struct build *b, const char *name)
{
	for (size_t i = 0; i < b->nroles; i++)
		if (!strcmp(b->role[i].name, name))
			return (int)i;
	return -1;
}

const char *build_role_names(struct build *b)
{
	const char *all = "";

	for (size_t i = 0; i < b->nroles; i++)
		all = ar_printf(b->a, "%s%s%s", all, i ? ", " : "", b->role[i].name);
	return all;
}

/* A role named in the line of another one: it stands above. */
static int above(struct build *b, struct cur *c, struct tok *tok, const char *what)
{
	int i;

	if (!cur_next(c, tok)) {
		err_text(b->err, c->t, c->t->n, "end of line, expected the name of a role after `%s of'", what);
		return -1;
	}
	i = build_role(b, tok->s);
	if (i < 0) {
		struct near n;

		near_start(&n, tok->s);
		for (size_t k = 0; k < b->nroles; k++)
			near_try(&n, b->role[k].name);
		err_text(b->err, c->t, tok->b, "unknown role `%s', expected a role of a line above%s",
			 tok->s, near_text(&n, b->a));
	}
	return i;
}

static bool of(struct build *b, struct cur *c, const char *what)
{
	struct tok tok = { .b = c->t->n, .s = "end of line" };

	if (cur_next(c, &tok) && !strcmp(tok.s, "of"))
		return true;
	err_text(b->err, c->t, tok.b, "`%s' after `%s', expected `%s of NAME'", tok.s, what, what);
	return false;
}

static void set_parent(struct build *b, struct brole *r, const struct text *t, const struct tok *at,
		       int parent, bool thread)
{
	if (r->has_parent) {
		err_text(b->err, t, at->b, "role `%s' has a parent already, expected one `child of' or `thread of'",
			 r->name);
		return;
	}
	if (thread && (b->role[parent].r.flags & ROLE_THREAD)) {
		err_text(b->err, t, at->b, "`%s' is itself a thread, expected its leader `%s'",
			 b->role[parent].name, b->role[b->role[parent].r.parent].name);
		return;
	}
	r->has_parent = true;
	r->r.parent = (uint32_t)parent;
	if (thread)
		r->r.flags |= ROLE_THREAD;
}

static void attribute(struct build *b, struct brole *r, struct cur *c, const struct tok *tok)
{
	const struct text *t = c->t;
	struct tok val;

	if (!strcmp(tok->s, "child") || !strcmp(tok->s, "thread")) {
		bool thread = tok->s[0] == 't';
		int parent;

		if (!of(b, c, tok->s))
			return;
		parent = above(b, c, &val, tok->s);
		if (parent >= 0)
			set_parent(b, r, t, &val, parent, thread);
	} else if (!strcmp(tok->s, "born")) {
		r->r.birth = BORN_BY_STEP;
	} else if (!strcmp(tok->s, "quiet")) {
		r->r.flags |= ROLE_QUIET;
	} else if (!strcmp(tok->s, "bits")) {
		if (!cur_next(c, &val))
			val = (struct tok){ .b = t->n, .s = "" };
		r->has_bits = true;
		r->r.bits = !strcmp(val.s, "64") ? 64 : !strcmp(val.s, "32") ? 32 :
			    !strcmp(val.s, "x32") ? 33 : 0;
		if (!r->r.bits)
			err_text(b->err, t, val.b, "bits `%s', expected 64, 32 or x32", val.s);
	} else if (!strcmp(tok->s, "uid")) {
		char *end;
		unsigned long n;

		if (!cur_next(c, &val))
			val = (struct tok){ .b = t->n, .s = "" };
		n = strtoul(val.s, &end, 10);
		if (val.s[0] < '0' || val.s[0] > '9' || *end || n > 65534)
			err_text(b->err, t, val.b, "uid `%s', expected a number from 0 to 65534", val.s);
		else
			r->r.uid = (uint32_t)n;
	} else {
		struct near n;

		near_start(&n, tok->s);
		near_try(&n, "child");
		near_try(&n, "thread");
		near_try(&n, "born");
		near_try(&n, "bits");
		near_try(&n, "quiet");
		near_try(&n, "uid");
		err_text(b->err, t, tok->b,
			 "`%s', expected child of, thread of, born, bits, quiet or uid%s",
			 tok->s, near_text(&n, b->a));
	}
}

static bool reserved(const char *name)
{
	return !strcmp(name, "it") || !strcmp(name, "sig") || !strcmp(name, "msg") ||
	       !strcmp(name, "ret") || !strcmp(name, "none") || !strcmp(name, "tid");
}

static void role_line(struct build *b, const struct text *t)
{
	struct cur c = { .a = b->a, .err = b->err, .t = t, .stop = "," };
	size_t errors = b->err->total;
	struct brole r = { .text = *t };
	struct tok name, tok;
	int64_t kind;

	r.r.parent = FORM_NONE;
	r.r.bits = 64;
	if (!cur_next(&c, &name))
		return;
	if (!is_name(name.s) || reserved(name.s)) {
		err_text(b->err, t, name.b, "`%s', expected a role's name of letters, digits, _ and -%s",
			 name.s, reserved(name.s) ? ", not a word of the language" : "");
		return;
	}
	r.name = name.s;
	if (build_role(b, r.name) >= 0) {
		err_text(b->err, t, name.b, "role `%s' exists already, at line %u, expected a new name",
			 r.name, b->role[build_role(b, r.name)].text.at[0].line);
		return;
	}
	if (!cur_next(&c, &tok)) {
		if (b->err->total == errors)
			err_text(b->err, t, t->n, "role `%s' without a kind, expected tracer, tracee, parent or outsider",
				 r.name);
		return;
	}
	if (form_const_find(kinds, tok.s, &kind)) {
		struct near n;

		near_start(&n, tok.s);
		for (size_t i = 0; kinds[i].name; i++)
			near_try(&n, kinds[i].name);
		err_text(b->err, t, tok.b, "unknown kind `%s', expected tracer, tracee, parent or outsider%s",
			 tok.s, near_text(&n, b->a));
		return;
	}
	r.r.kind = (uint16_t)kind;
	while (cur_next(&c, &tok)) {
		if (strcmp(tok.s, ",")) {
			err_text(b->err, t, tok.b, "`%s', expected `,' or the end of the line", tok.s);
			return;
		}
		if (!cur_next(&c, &tok)) {
			err_text(b->err, t, t->n, "end of line after `,', expected child of, thread of, born, bits, quiet or uid");
			return;
		}
		attribute(b, &r, &c, &tok);
		if (b->err->total > errors)
			return;
	}
	if (r.r.parent != FORM_NONE) {
		const struct form_role *p = &b->role[r.r.parent].r;
		bool same = (r.r.flags & ROLE_THREAD) || r.r.birth == BORN_BY_STEP;

		if (r.has_bits && same && r.r.bits != p->bits) {
			err_text(b->err, t, 0, "role `%s' has another word size than `%s', expected the same, or exec",
				 r.name, b->role[r.r.parent].name);
			return;
		}
		if (!r.has_bits)
			r.r.bits = p->bits;
	}
	if (b->nroles == FORM_MAX_ROLES) {
		err_text(b->err, t, 0, "more than %d roles", FORM_MAX_ROLES);
		return;
	}
	b->role[b->nroles++] = r;
}

void roles_parse(struct build *b)
{
	struct texts lines = { 0 };
	size_t errors;

	errors = b->err->total;
	lines_expand(b->s, b->s->roles, &lines);
	for (size_t i = 0; i < lines.n; i++)
		role_line(b, &lines.v[i]);
	if (!lines.n && b->err->total == errors)
		err_add(b->err, b->s->roles->head->file, b->s->roles->head->no, 1,
			"`roles' is empty, expected a role a line");
}

/* When all steps are known: births happen, names are used, columns have steps. */
void roles_check(struct build *b)
{
	for (size_t i = 0; i < b->nroles; i++) {
		struct brole *r = &b->role[i];
		const char *key = ar_printf(b->a, "born %s", r->name);

		if (r->r.birth == BORN_BY_STEP) {
			must(b->s, key, &r->text, 0,
			     ar_printf(b->a, "role `%s' is born but no step makes it, expected fork, vfork, clone or thread %s",
				       r->name, r->name));
			if (r->created)
				must_done(b->s, key);
		}
		key = ar_printf(b->a, "role %s", r->name);
		must(b->s, key, &r->text, 0,
		     ar_printf(b->a, "role `%s' has no column and no step names it, expected it used", r->name));
		if (r->column || r->named || r->created)
			must_done(b->s, key);
		if (r->column) {
			key = ar_printf(b->a, "column %s", r->name);
			must(b->s, key, &r->text, 0,
			     ar_printf(b->a, "the column of `%s' is empty in every case, expected a step in it or no column", r->name));
			if (r->steps.n || r->wanted)
				must_done(b->s, key);
		}
	}
}
