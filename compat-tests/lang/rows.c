/* rows.c - what is left of a section in one case: if and use are resolved, names replaced, rows continued. */
#include <string.h>

#include "parse.h"

#define MAX_IFS 16

struct ifs {
	size_t n;
	struct {
		const struct line *line;
		bool outer;		/* what is around it is taken */
		bool now;		/* this branch is taken */
		bool done;		/* a branch was taken */
		bool has_else;
	} v[MAX_IFS];
};

static bool active(const struct ifs *f)
{
	return !f->n || f->v[f->n - 1].now;
}

struct look { struct scn *s; const struct use *use; };

static const char *look(void *arg, const char *name)
{
	struct look *l = arg;

	return subst_value(l->s, l->use, name);
}

static bool known_name(struct look *l, const struct cond *c, size_t at, const char *name)
{
	size_t errors = l->s->err->total;
	struct near n;

	if (look(l, name))
		return true;
	near_start(&n, name);
	scn_near(l->s, &n);
	if (l->s->err->total == errors)
		err_text(l->s->err, &c->text, at, "unknown name `$%s', expected a parameter or a let%s",
			 name, near_text(&n, l->s->a));
	return false;
}

/* Names exist, and a parameter is compared with values it has. */
static bool cond_known(struct look *l, const struct cond *c)
{
	bool ok = true;

	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->alt[i].n; k++) {
			const struct cond_term *t = &c->alt[i].term[k];
			const struct param *p = scn_param(l->s, t->var);

			for (size_t f = 0; l->use && f < l->use->macro->nformals; f++)
				if (!strcmp(l->use->macro->formals[f], t->var))
					p = NULL;
			ok = known_name(l, c, t->at, t->var) && ok;
			for (size_t w = 0; w < t->n; w++) {
				struct near n;
				bool has = !p || t->word[w].var || (l->use && l->use->macro->included);

				if (t->word[w].var) {
					ok = known_name(l, c, t->word[w].at, t->word[w].s) && ok;
					continue;
				}
				near_start(&n, t->word[w].s);
				for (size_t v = 0; p && v < p->n; v++) {
					near_try(&n, p->value[v]);
					has = has || !strcmp(p->value[v], t->word[w].s);
				}
				if (!has)
					err_text(l->s->err, &c->text, t->word[w].at,
						 "parameter `%s' has no value `%s', expected one of its values%s",
						 p->name, t->word[w].s, near_text(&n, l->s->a));
				ok = ok && has;
			}
		}
	return ok;
}

static bool eval(struct scn *s, const struct use *use, const struct text *t, size_t from)
{
	struct look l = { s, use };
	struct cond c = { 0 };

	if (!cond_parse(s->a, s->err, t, from, t->n, &c) || !cond_known(&l, &c))
		return false;
	return cond_eval(&c, look, &l) == 1;
}

static bool bare(struct scn *s, const struct text *t, size_t from)
{
	from += strspn(t->s + from, " \t");
	if (from < t->n)
		err_text(s->err, t, from, "`%s', expected the end of the line", t->s + from);
	return true;
}

/* True when the line is one of if, elif, else, end; it is then dealt with. */
static bool ifs_line(struct scn *s, struct ifs *f, struct line *l, const struct text *t,
		     const struct use *use)
{
	size_t b = strspn(t->s, " \t");
	size_t n = strcspn(t->s + b, " \t");
	const char *w = ar_strndup(s->a, t->s + b, n);

	if (!strcmp(w, "if")) {
		bool on = active(f);

		if (f->n == MAX_IFS) {
			err_text(s->err, t, b, "more than %d ifs inside each other", MAX_IFS);
			return true;
		}
		f->v[f->n].line = l;
		f->v[f->n].outer = on;
		f->v[f->n].has_else = false;
		f->v[f->n].now = on && eval(s, use, t, b + n);
		f->v[f->n].done = f->v[f->n].now;
		l->looked = l->looked || on;
		l->taken = l->taken || f->v[f->n].now;
		f->n++;
		return true;
	}
	if (strcmp(w, "elif") && strcmp(w, "else") && strcmp(w, "end"))
		return false;
	if (!f->n) {
		err_text(s->err, t, b, "`%s' without an `if' in this section, expected one above it", w);
		return true;
	}
	if (!strcmp(w, "end")) {
		bare(s, t, b + n);
		f->n--;
		return true;
	}
	if (f->v[f->n - 1].has_else) {
		err_text(s->err, t, b, "`%s' after `else', expected `end'", w);
		return true;
	}
	if (!strcmp(w, "else")) {
		bare(s, t, b + n);
		f->v[f->n - 1].has_else = true;
		f->v[f->n - 1].now = f->v[f->n - 1].outer && !f->v[f->n - 1].done;
	} else {
		f->v[f->n - 1].now = f->v[f->n - 1].outer && !f->v[f->n - 1].done &&
				     eval(s, use, t, b + n);
	}
	f->v[f->n - 1].done = f->v[f->n - 1].done || f->v[f->n - 1].now;
	l->looked = l->looked || f->v[f->n - 1].outer;
	l->taken = l->taken || f->v[f->n - 1].now;
	return true;
}

static void ifs_end(struct scn *s, const struct ifs *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct text t = text_of_line(s->a, f->v[i].line);

		err_text(s->err, &t, strspn(t.s, " \t"), "`if' without an `end', expected one in this section");
	}
}

void lines_expand(struct scn *s, struct section *sec, struct texts *out)
{
	struct ifs f = { 0 };

	for (size_t i = 0; i < sec->nbody; i++) {
		struct text t = text_of_line(s->a, sec->body[i]);
		struct text done;

		if (ifs_line(s, &f, sec->body[i], &t, NULL) || !active(&f))
			continue;
		done = subst(s, &t, NULL);
		if (done.bad)
			continue;
		done = text_slice(s->a, &done, 0, done.n);
		/* A row that begins with + goes on with the line above. */
		if (done.n > 1 && done.s[0] == '+' && (done.s[1] == ' ' || done.s[1] == '\t')) {
			if (!out->n) {
				err_text(s->err, &done, 0, "`+' with no line above it to go on with");
				continue;
			}
			done = text_slice(s->a, &done, 1, done.n);
			text_append(s->a, &out->v[out->n - 1], &done);
			continue;
		}
		if (done.n)
			*AR_PUSH(s->a, out->v, out->n, out->cap) = done;
	}
	ifs_end(s, &f);
}

/* --- rows of steps --- */

struct table {			/* one section of rows being expanded */
	struct scn *s;
	struct rows *out;
	const struct use *use;
	size_t ncols;
	size_t map[FORM_MAX_ROLES];	/* column here -> column of the scenario */
	bool has_head;
	size_t last;			/* row that + goes on with, SIZE_MAX: none */
};

/* Split at | ; false and an error when there are too many. */
static bool split(struct table *tb, const struct text *t, struct text *cell, size_t *ncells)
{
	size_t from = 0;

	*ncells = 0;
	for (;;) {
		size_t to = find_outside_quotes(t->s, from, t->n, '|');

		if (*ncells == FORM_MAX_ROLES) {
			err_text(tb->s->err, t, from, "more than %d columns", FORM_MAX_ROLES);
			return false;
		}
		cell[(*ncells)++] = text_slice(tb->s->a, t, from, to);
		if (to == t->n)
			return true;
		from = to + 1;
	}
}

static const char *columns(struct table *tb)
{
	const char *all = "";

	for (size_t i = 0; i < tb->ncols; i++)
		all = ar_printf(tb->s->a, "%s%s%s", all, i ? " | " : "", tb->out->col[tb->map[i]].s);
	return all;
}

static void head_row(struct table *tb, const struct text *t)
{
	struct text cell[FORM_MAX_ROLES];
	struct rows *out = tb->out;
	size_t n;

	tb->has_head = true;
	if (!split(tb, t, cell, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		const struct text *c = &cell[i];
		size_t k;

		if (!is_name(c->s)) {
			err_text(tb->s->err, c->n ? c : t, c->n ? 0 : t->n,
				 "column `%s', expected the name of a role", c->s);
			return;
		}
		for (k = 0; k < i; k++)
			if (!strcmp(cell[k].s, c->s)) {
				err_text(tb->s->err, c, 0, "column `%s' stands here twice, expected each once", c->s);
				return;
			}
		if (!tb->use) {
			out->col[out->ncols++] = *c;
			tb->map[i] = i;
			continue;
		}
		for (k = 0; k < out->ncols && strcmp(out->col[k].s, c->s); k++)
			;
		if (k == out->ncols) {
			err_text(tb->s->err, c, 0, "the scenario has no column `%s', expected one of its columns", c->s);
			return;
		}
		tb->map[i] = k;
		out->wanted[k] = true;
	}
	tb->ncols = n;
}

static void section_rows(struct scn *s, struct section *sec, const struct use *use,
			 struct rows *out);

static struct section *find_macro(struct scn *s, const struct text *name)
{
	struct near n;

	near_start(&n, name->s);
	for (size_t i = 0; i < s->nsecs; i++)
		if (!strcmp(s->secs[i]->kw, "macro")) {
			if (!strcmp(s->secs[i]->name, name->s))
				return s->secs[i];
			near_try(&n, s->secs[i]->name);
		}
	err_text(s->err, name, 0, "unknown macro `%s', expected a macro of this file or an include%s",
		 name->s, near_text(&n, s->a));
	return NULL;
}

static size_t split_args(struct scn *s, const struct text *t, size_t from, size_t to,
			 struct text *arg)
{
	size_t n = 0;

	if (!text_slice(s->a, t, from, to).n)
		return 0;
	for (;;) {
		size_t e = find_outside_quotes(t->s, from, to, ',');

		if (n == MAX_FORMALS)
			return MAX_FORMALS + 1;
		arg[n] = text_slice(s->a, t, from, e);
		if (!arg[n].n)
			err_text(s->err, t, e, "an empty argument, expected a text (write - for none)");
		n++;
		if (e == to)
			return n;
		from = e + 1;
	}
}

static void use_row(struct table *tb, const struct text *t)
{
	struct scn *s = tb->s;
	size_t b = 3 + strspn(t->s + 3, " \t");
	size_t open = b + strcspn(t->s + b, "( \t");
	size_t close;
	struct text name = text_slice(s->a, t, b, open);
	struct text *arg = ar_alloc(s->a, MAX_FORMALS * sizeof(*arg));
	struct use *use = ar_alloc(s->a, sizeof(*use));
	struct section *m;
	size_t n;

	tb->last = SIZE_MAX;
	if (!name.n) {
		err_text(s->err, t, t->n, "`use' without a name, expected use NAME(ARGS)");
		return;
	}
	open += strspn(t->s + open, " \t");
	close = find_outside_quotes(t->s, open, t->n, ')');
	if (t->s[open] != '(' || close == t->n) {
		err_text(s->err, t, t->s[open] != '(' ? open : t->n,
			 "expected `%c' of use NAME(ARGS)", t->s[open] != '(' ? '(' : ')');
		return;
	}
	n = close + 1 + strspn(t->s + close + 1, " \t");
	if (n < t->n) {
		err_text(s->err, t, n, "`%s' after `)', expected `use' on a row of its own", t->s + n);
		return;
	}
	m = find_macro(s, &name);
	if (!m)
		return;
	m->used = true;
	n = split_args(s, t, open + 1, close, arg);
	if (n != m->nformals) {
		err_text(s->err, &name, 0, "%zu argument%s for macro `%s', expected %zu",
			 n, n == 1 ? "" : "s", m->name, m->nformals);
		return;
	}
	use->up = tb->use;
	use->macro = m;
	use->file = t->file;
	use->line = t->at[0].line;
	use->depth = tb->use ? tb->use->depth + 1 : 1;
	use->args = arg;
	if (use->depth > MAX_USE_DEPTH) {
		err_text(s->err, &name, 0, "macros use each other more than %d deep", MAX_USE_DEPTH);
		return;
	}
	if (s->nscopes == MAX_USES) {
		err_text(s->err, &name, 0, "more than %d uses of macros in a case", MAX_USES);
		return;
	}
	use->scope = (uint16_t)++s->nscopes;
	section_rows(s, m, use, tb->out);
}

static void plus_row(struct table *tb, const struct text *t)
{
	struct text cell[FORM_MAX_ROLES];
	struct text more = text_slice(tb->s->a, t, 1, t->n);
	size_t n;

	if (tb->last == SIZE_MAX) {
		err_text(tb->s->err, t, 0, "`+' with no row above it to go on with");
		return;
	}
	if (!split(tb, &more, cell, &n))
		return;
	if (n > tb->ncols) {
		err_text(tb->s->err, t, 0, "a row of %zu cells, expected at most %zu: %s",
			 n, tb->ncols, columns(tb));
		return;
	}
	for (size_t i = 0; i < n; i++)
		text_append(tb->s->a, &tb->out->cell[tb->last][tb->map[i]], &cell[i]);
}

static void plain_row(struct table *tb, const struct text *t)
{
	struct scn *s = tb->s;
	struct text cell[FORM_MAX_ROLES];
	struct text *row;
	size_t n;

	tb->last = SIZE_MAX;
	if (!split(tb, t, cell, &n))
		return;
	/* Cells left out at the end are empty. */
	if (n > tb->ncols) {
		if (tb->ncols)
			err_text(s->err, t, 0, "a row of %zu cells, expected at most %zu: %s",
				 n, tb->ncols, columns(tb));
		return;
	}
	if (tb->out->n == MAX_ROWS) {
		err_text(s->err, t, 0, "more than %d rows in a case", MAX_ROWS);
		tb->out->full = true;
		return;
	}
	row = ar_alloc(s->a, tb->out->ncols * sizeof(*row));
	for (size_t i = 0; i < tb->out->ncols; i++)
		row[i] = (struct text){ .s = ar_alloc(s->a, 1), .file = t->file, .use = tb->use,
					.line = t->at[0].line, .endcol = t->at[0].col };
	for (size_t i = 0; i < n; i++)
		row[tb->map[i]] = cell[i];
	tb->last = tb->out->n;
	*AR_PUSH(s->a, tb->out->cell, tb->out->n, tb->out->cap) = row;
}

static void section_rows(struct scn *s, struct section *sec, const struct use *use,
			 struct rows *out)
{
	struct table tb = { .s = s, .out = out, .use = use, .last = SIZE_MAX };
	struct ifs f = { 0 };

	for (size_t i = 0; i < sec->nbody; i++) {
		struct text raw = text_of_line(s->a, sec->body[i]);
		struct text t;

		raw.use = use;
		if (ifs_line(s, &f, sec->body[i], &raw, use) || !active(&f))
			continue;
		/* Rows are many and errors in them alike: stop when the list is full. */
		if (s->err->more || out->full)
			break;
		t = subst(s, &raw, use);
		if (t.bad)
			continue;
		t = text_slice(s->a, &t, 0, t.n);
		if (!t.n)
			continue;
		if (!tb.has_head)
			head_row(&tb, &t);
		else if (!strncmp(t.s, "use", 3) && (t.s[3] == ' ' || t.s[3] == '\t' || !t.s[3]))
			use_row(&tb, &t);
		else if (t.s[0] == '+' && (t.s[1] == ' ' || t.s[1] == '\t'))
			plus_row(&tb, &t);
		else
			plain_row(&tb, &t);
	}
	if (!s->err->more && !out->full)
		ifs_end(s, &f);
	if (!tb.has_head && !use)
		err_add(s->err, sec->head->file, sec->head->no, 1,
			"`steps' is empty, expected a row that names the columns");
}

void rows_expand(struct scn *s, struct rows *out)
{
	s->nscopes = 0;
	section_rows(s, s->steps, NULL, out);
}
