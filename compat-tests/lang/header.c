/* header.c - the header lines of a scenario and the lines of an AXES file. */
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* One header line being read. */
struct hl {
	struct scn *s;			/* NULL in an AXES file */
	struct arena *a;
	struct lang_errors *err;
	const struct section *sec;
	struct text t;
	struct cur c;
	bool included;
};

static bool next(struct hl *h, struct tok *tok, const char *expected)
{
	size_t errors = h->err->total;

	if (cur_next(&h->c, tok))
		return true;
	if (h->err->total == errors)
		err_text(h->err, &h->t, h->t.n, "end of line after `%s', expected %s",
			 h->sec->kw, expected);
	return false;
}

static bool expect(struct hl *h, const char *word)
{
	struct tok tok;

	if (!next(h, &tok, ""))
		return false;
	if (!strcmp(tok.s, word))
		return true;
	err_text(h->err, &h->t, tok.b, "`%s', expected `%s'", tok.s, word);
	return false;
}

static bool at_end(struct hl *h)
{
	struct tok tok;

	if (!cur_next(&h->c, &tok))
		return true;
	err_text(h->err, &h->t, tok.b, "`%s', expected the end of the line", tok.s);
	return false;
}

static char *rest(struct hl *h, const char *expected)
{
	struct text t = text_slice(h->a, &h->t, cur_skip(&h->c), h->t.n);

	if (!t.n) {
		err_text(h->err, &h->t, h->t.n, "end of line after `%s', expected %s",
			 h->sec->kw, expected);
		return NULL;
	}
	return t.s;
}

static void do_title(struct hl *h)
{
	h->s->title = rest(h, "a sentence");
}

static bool is_id(const char *w)
{
	size_t n = strspn(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	size_t d = strspn(w + n, "0123456789");

	w += n + d;
	return n && d && (!*w || (*w >= 'a' && *w <= 'z' && !w[1]));
}

static bool has_word(const char *list, const char *w)
{
	size_t n = strlen(w);

	for (const char *p = list; p && *p; p += strcspn(p, " "), p += *p == ' ')
		if (strcspn(p, " ") == n && !strncmp(p, w, n))
			return true;
	return false;
}

/* Words of the line joined by single blanks; each must satisfy @ok and stand there once. */
static const char *words(struct hl *h, bool (*ok)(const char *), const char *expected)
{
	const char *all = NULL;
	struct tok tok;

	if (!next(h, &tok, expected))
		return NULL;
	do {
		if (!ok(tok.s))
			err_text(h->err, &h->t, tok.b, "`%s', expected %s", tok.s, expected);
		else if (has_word(all, tok.s))
			err_text(h->err, &h->t, tok.b, "`%s' stands here twice, expected each once", tok.s);
		all = all ? ar_printf(h->a, "%s %s", all, tok.s) : tok.s;
	} while (cur_next(&h->c, &tok));
	return all;
}

static void do_ids(struct hl *h)
{
	h->s->ids = words(h, is_id, "catalogue ids, letters and a number (D1, R5r, seed4)");
}

static void do_tags(struct hl *h)
{
	h->s->tags = words(h, is_name, "words");
}

static void do_outcome(struct hl *h)
{
	struct tok tok;

	if (!next(h, &tok, "`exact' or `racy'"))
		return;
	if (!strcmp(tok.s, "racy"))
		h->s->racy = true;
	else if (strcmp(tok.s, "exact"))
		err_text(h->err, &h->t, tok.b, "outcome `%s', expected `exact' or `racy'", tok.s);
	at_end(h);
}

static void do_cpus(struct hl *h)
{
	struct tok tok;
	char *end;
	long n;

	if (!next(h, &tok, "`any' or a number"))
		return;
	n = strtol(tok.s, &end, 10);
	if (strcmp(tok.s, "any")) {
		if (*end || n < 1 || n > FORM_MAX_CPUS)
			err_text(h->err, &h->t, tok.b,
				 "cpus `%s', expected `any' or a number from 1 to %d",
				 tok.s, FORM_MAX_CPUS);
		else
			h->s->cpus = (unsigned int)n;
	}
	at_end(h);
}

static void do_cover(struct hl *h)
{
	struct tok tok;

	if (!next(h, &tok, "`all', `pairwise' or `each'"))
		return;
	if (!strcmp(tok.s, "pairwise"))
		h->s->cover = COVER_PAIRWISE;
	else if (!strcmp(tok.s, "each"))
		h->s->cover = COVER_EACH;
	else if (strcmp(tok.s, "all"))
		err_text(h->err, &h->t, tok.b, "cover `%s', expected `all', `pairwise' or `each'",
			 tok.s);
	at_end(h);
}

/* NAME = VALUE...: a parameter, or an axis of a family. */
static bool read_param(struct hl *h, struct param *p)
{
	struct tok tok;

	memset(p, 0, sizeof(*p));
	if (!next(h, &tok, "a name"))
		return false;
	if (!is_param_name(tok.s)) {
		err_text(h->err, &h->t, tok.b,
			 "`%s', expected a name of letters, digits and _", tok.s);
		return false;
	}
	p->name = tok.s;
	p->line = h->sec->head;
	p->col = h->t.at[tok.b].col;
	if (!expect(h, "=") || !next(h, &tok, "a value"))
		return false;
	do {
		if (!is_value(tok.s)) {
			err_text(h->err, &h->t, tok.b,
				 "value `%s', expected letters, digits and _ + - .", tok.s);
			return false;
		}
		for (size_t i = 0; i < p->n; i++)
			if (!strcmp(p->value[i], tok.s)) {
				err_text(h->err, &h->t, tok.b,
					 "value `%s' stands here twice, expected each once", tok.s);
				return false;
			}
		if (p->n == MAX_PARAM_VALUES) {
			err_text(h->err, &h->t, tok.b, "more than %d values", MAX_PARAM_VALUES);
			return false;
		}
		p->vline[p->n] = h->t.at[tok.b].line;
		p->vcol[p->n] = h->t.at[tok.b].col;
		p->value[p->n++] = tok.s;
	} while (cur_next(&h->c, &tok));
	return true;
}

const struct param *scn_param(const struct scn *s, const char *name)
{
	for (size_t i = 0; i < s->nparams; i++)
		if (!strcmp(s->param[i].name, name))
			return &s->param[i];
	return NULL;
}

static const struct let *find_let(const struct scn *s, const char *name)
{
	for (size_t i = 0; i < s->nlets; i++)
		if (!strcmp(s->let[i].name, name))
			return &s->let[i];
	return NULL;
}

static bool name_free(struct hl *h, const char *name, unsigned int line, unsigned int col)
{
	const struct param *p = scn_param(h->s, name);
	const struct let *l = find_let(h->s, name);
	const struct line *first = p ? p->line : l ? l->line : NULL;

	if (!first)
		return true;
	err_add(h->err, h->t.file, line, col, "`%s' is already a %s, at %s:%u, expected a new name",
		name, p ? "parameter" : "let", first->file, first->no);
	return false;
}

static void do_param(struct hl *h)
{
	struct scn *s = h->s;
	struct param p;

	if (!read_param(h, &p) || !name_free(h, p.name, p.line->no, p.col))
		return;
	if (s->nparams == MAX_PARAMS) {
		err_text(h->err, &h->t, 0, "more than %d parameters", MAX_PARAMS);
		return;
	}
	s->param[s->nparams++] = p;
}

static bool let_items(struct hl *h, struct let *l)
{
	struct tok tok;

	if (!next(h, &tok, "VALUE:TEXT"))
		return false;
	do {
		char *colon = strchr(tok.s, ':');
		size_t cut = colon ? (size_t)(colon - tok.s) : 0;
		struct let_item *it;

		if (!colon || !cut) {
			err_text(h->err, &h->t, tok.b, "`%s', expected VALUE:TEXT", tok.s);
			return false;
		}
		for (size_t i = 0; i < l->n; i++)
			if (strlen(l->item[i].value) == cut &&
			    !strncmp(l->item[i].value, tok.s, cut)) {
				err_text(h->err, &h->t, tok.b,
					 "value `%s' stands here twice, expected each once",
					 l->item[i].value);
				return false;
			}
		it = AR_PUSH(h->a, l->item, l->n, l->cap);
		it->value = ar_strndup(h->a, tok.s, cut);
		it->vline = h->t.at[tok.b].line;
		it->vcol = h->t.at[tok.b].col;
		it->text = text_slice(h->a, &h->t, tok.b + cut + 1, tok.e);
		/* Quotes here only hold blanks together; they are not part of the text. */
		if (it->text.n >= 2 && it->text.s[0] == '"' &&
		    find_outside_quotes(it->text.s, 0, it->text.n, ' ') == it->text.n &&
		    it->text.s[it->text.n - 1] == '"')
			it->text = text_slice(h->a, &it->text, 1, it->text.n - 1);
	} while (cur_next(&h->c, &tok));
	return true;
}

/* The scenario's own names hide a library's lets, whichever comes first. */
static bool let_hidden(struct hl *h, const char *name)
{
	struct scn *s = h->s;

	if (h->included) {
		const struct let *l = find_let(s, name);

		return scn_param(s, name) || (l && !l->included);
	}
	for (size_t i = 0; i < s->nlets; i++)
		if (s->let[i].included && !strcmp(s->let[i].name, name))
			s->let[i].name = "";
	return false;
}

static void do_let(struct hl *h)
{
	struct scn *s = h->s;
	struct let l = { .line = h->sec->head, .included = h->included };
	struct tok tok;

	if (!next(h, &tok, "a name"))
		return;
	if (!is_param_name(tok.s)) {
		err_text(h->err, &h->t, tok.b,
			 "`%s', expected a name of letters, digits and _", tok.s);
		return;
	}
	l.name = tok.s;
	l.col = h->t.at[tok.b].col;
	if (!next(h, &tok, "`=' or `by'"))
		return;
	if (!strcmp(tok.s, "by")) {
		if (!next(h, &tok, "the name of a parameter or a let"))
			return;
		l.by = tok.s;
		if (!expect(h, "=") || !let_items(h, &l))
			return;
		/* A library's let for a name this scenario does not have. */
		if (h->included && !scn_param(s, l.by) && !find_let(s, l.by))
			return;
	} else if (!strcmp(tok.s, "=")) {
		if (!rest(h, "a text"))
			return;
		l.text = text_slice(h->a, &h->t, cur_skip(&h->c), h->t.n);
	} else {
		err_text(h->err, &h->t, tok.b, "`%s', expected `=' or `by'", tok.s);
		return;
	}
	if (let_hidden(h, l.name) || !name_free(h, l.name, l.line->no, l.col))
		return;
	if (s->nlets == MAX_LETS) {
		err_text(h->err, &h->t, 0, "more than %d lets", MAX_LETS);
		return;
	}
	s->let[s->nlets++] = l;
}

static void do_axis(struct hl *h)
{
	struct scn *s = h->s;
	struct fixed f;
	struct tok tok;

	if (!next(h, &tok, "the name of an axis"))
		return;
	f.name = tok.s;
	f.where = text_slice(h->a, &h->t, tok.b, tok.e);
	if (!expect(h, "=") || !next(h, &tok, "a value"))
		return;
	f.text = text_slice(h->a, &h->t, tok.b, tok.e);
	for (size_t i = 0; i < s->nfixed; i++)
		if (!strcmp(s->fixed[i].name, f.name)) {
			err_text(h->err, &f.where, 0,
				 "axis `%s' is already fixed, at line %u, expected it once",
				 f.name, s->fixed[i].where.line);
			return;
		}
	if (!at_end(h))
		return;
	if (s->nfixed == MAX_PARAMS) {
		err_text(h->err, &h->t, 0, "more than %d axis lines", MAX_PARAMS);
		return;
	}
	s->fixed[s->nfixed++] = f;
}

/* COND : REASON, for a scenario and for an AXES file. */
static void read_impossible(struct hl *h, struct impossible_line *imp, size_t *nimp)
{
	size_t from = cur_skip(&h->c);
	size_t colon = find_outside_quotes(h->t.s, from, h->t.n, ':');
	struct impossible_line *p;
	struct text reason;

	if (colon == h->t.n) {
		err_text(h->err, &h->t, h->t.n, "`impossible' without a reason, expected COND : REASON");
		return;
	}
	reason = text_slice(h->a, &h->t, colon + 1, h->t.n);
	if (!reason.n) {
		err_text(h->err, &h->t, h->t.n, "an empty reason, expected COND : REASON");
		return;
	}
	if (*nimp == MAX_IMPOSSIBLE) {
		err_text(h->err, &h->t, 0, "more than %d impossible lines", MAX_IMPOSSIBLE);
		return;
	}
	p = &imp[*nimp];
	memset(p, 0, sizeof(*p));
	if (!cond_parse(h->a, h->err, &h->t, from, colon, &p->cond))
		return;
	p->cell = text_slice(h->a, &h->t, from, colon).s;
	p->reason = reason.s;
	p->line = h->sec->head;
	(*nimp)++;
}

static void do_impossible(struct hl *h)
{
	read_impossible(h, h->s->imp, &h->s->nimp);
}

static void named_section(struct scn *s, struct section *sec, bool included);
static void include(struct hl *h);

static const struct header_word {
	const char *kw;
	void (*fn)(struct hl *h);
	bool many;
	bool in_include;
} header_words[] = {
	{ "title", do_title, false, false },
	{ "ids", do_ids, false, false },
	{ "tags", do_tags, false, false },
	{ "outcome", do_outcome, false, false },
	{ "cpus", do_cpus, false, false },
	{ "cover", do_cover, false, false },
	{ "param", do_param, true, false },
	{ "let", do_let, true, true },
	{ "axis", do_axis, true, false },
	{ "impossible", do_impossible, true, false },
	{ "include", include, true, true },
};
static const char *const body_words[] = { "roles", "steps", "block", "handler", "macro" };

#define NHEADER (sizeof(header_words) / sizeof(header_words[0]))
#define NBODY (sizeof(body_words) / sizeof(body_words[0]))

static void unknown_section(struct scn *s, struct section *sec, bool included)
{
	static const char *const rows[] = { "if", "elif", "else", "end", "use", "on" };
	bool known = false;
	struct near n;

	for (size_t i = 0; i < NHEADER; i++)
		known = known || !strcmp(sec->kw, header_words[i].kw);
	for (size_t i = 0; i < NBODY; i++)
		known = known || !strcmp(sec->kw, body_words[i]);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(sec->kw, rows[i])) {
			err_add(s->err, sec->head->file, sec->head->no, 1,
				"`%s' at column 1, expected it indented, inside a section", sec->kw);
			return;
		}
	near_start(&n, sec->kw);
	for (size_t i = 0; i < NHEADER; i++)
		if (!included || header_words[i].in_include)
			near_try(&n, header_words[i].kw);
	for (size_t i = included ? 2 : 0; i < NBODY; i++)
		near_try(&n, body_words[i]);
	err_add(s->err, sec->head->file, sec->head->no, 1,
		"%s section `%s', expected %s%s", known ? "in an included file, a" : "unknown", sec->kw,
		included ? "let, include, block, handler or macro" :
		"a header line (title, ids, ...), roles, steps, block, handler or macro",
		near_text(&n, s->a));
}

static void plain_section(struct scn *s, struct section *sec, struct section **slot)
{
	size_t n = strlen(sec->kw);

	if (sec->head->n > n) {
		struct text t = text_of_line(s->a, sec->head);
		size_t i = n + strspn(t.s + n, " \t");

		err_text(s->err, &t, i, "`%s' after `%s', expected the end of the line",
			 t.s + i, sec->kw);
	}
	if (*slot) {
		err_add(s->err, sec->head->file, sec->head->no, 1,
			"a second `%s' section, expected one; the first is at line %u",
			sec->kw, (*slot)->head->no);
		return;
	}
	*slot = sec;
}

static void take_section(struct scn *s, struct source *src, size_t i, bool included)
{
	struct section *sec = &src->sec[i];
	const struct header_word *w = NULL;

	for (size_t k = 0; k < NHEADER; k++)
		if (!strcmp(header_words[k].kw, sec->kw))
			w = &header_words[k];
	if (w && (!included || w->in_include)) {
		struct hl h = { .s = s, .a = s->a, .err = s->err, .sec = sec,
				.t = text_of_head(s->a, sec), .included = included };

		for (size_t k = 0; !w->many && k < i; k++)
			if (!strcmp(src->sec[k].kw, sec->kw)) {
				err_add(s->err, sec->head->file, sec->head->no, 1,
					"a second `%s' line, expected one; the first is at line %u",
					sec->kw, src->sec[k].head->no);
				return;
			}
		h.c = (struct cur){ .a = s->a, .err = s->err, .t = &h.t, .i = strlen(sec->kw) };
		w->fn(&h);
		return;
	}
	if (!strcmp(sec->kw, "block") || !strcmp(sec->kw, "handler") || !strcmp(sec->kw, "macro"))
		named_section(s, sec, included);
	else if (!included && !strcmp(sec->kw, "roles"))
		plain_section(s, sec, &s->roles);
	else if (!included && !strcmp(sec->kw, "steps"))
		plain_section(s, sec, &s->steps);
	else
		unknown_section(s, sec, included);
}

static void include(struct hl *h)
{
	struct scn *s = h->s;
	struct source src = { 0 };
	struct tok tok;
	char *path = NULL, *text;
	size_t len;

	if (!next(h, &tok, "the name of a file in scenarios/lib") || !at_end(h))
		return;
	for (const char *p = tok.s; *p; p++)
		if ((*p == '/' || *p == '.') && (p == tok.s || p[-1] == '/')) {
			err_text(h->err, &h->t, tok.b,
				 "include `%s', expected the plain name of a file in scenarios/lib", tok.s);
			return;
		}
	for (size_t i = 0; i < s->nfiles; i++)
		if (!strcmp(s->files[i], tok.s))
			return;
	if (s->nfiles == MAX_INCLUDES) {
		err_text(h->err, &h->t, tok.b, "more than %d included files", MAX_INCLUDES);
		return;
	}
	s->files[s->nfiles++] = tok.s;
	text = s->reader ? s->reader->read(s->reader->arg, tok.s, &path, &len) : NULL;
	if (!text) {
		err_text(h->err, &h->t, tok.b, "no file `%s', expected a file in scenarios/lib", tok.s);
		return;
	}
	if (!source_split(s->a, s->err, ar_printf(s->a, "%s", path ? path : tok.s),
			  text, len, &src))
		for (size_t i = 0; i < src.n; i++)
			take_section(s, &src, i, true);
	free(text);
	free(path);
}

static bool read_formals(struct scn *s, struct section *sec, const struct text *t, size_t open)
{
	size_t i = open + 1;

	if (t->n < 2 || t->s[t->n - 1] != ')') {
		err_text(s->err, t, t->n, "end of line, expected `)'");
		return false;
	}
	while (i < t->n) {
		size_t e = i + strcspn(t->s + i, ",)");
		struct text f = text_slice(s->a, t, i, e);

		i = e + 1;
		if (!f.n && t->s[e] == ')' && !sec->nformals)
			break;
		if (!is_param_name(f.s)) {
			err_text(s->err, f.n ? &f : t, f.n ? 0 : e,
				 "`%s', expected a name of letters, digits and _", f.s);
			return false;
		}
		for (size_t k = 0; k < sec->nformals; k++)
			if (!strcmp(sec->formals[k], f.s)) {
				err_text(s->err, &f, 0, "`%s' stands here twice, expected each once", f.s);
				return false;
			}
		if (sec->nformals == MAX_FORMALS) {
			err_text(s->err, &f, 0, "more than %d names", MAX_FORMALS);
			return false;
		}
		sec->formals[sec->nformals++] = f.s;
		if (t->s[e] == ')') {
			if (e + 1 == t->n)
				break;
			err_text(s->err, t, e + 1, "`%s' after `)', expected the end of the line",
				 t->s + e + 1);
			return false;
		}
	}
	return true;
}

static void named_section(struct scn *s, struct section *sec, bool included)
{
	struct text t = text_of_line(s->a, sec->head);
	size_t kw = strlen(sec->kw);
	size_t b = kw + strspn(t.s + kw, " \t");
	bool macro = !strcmp(sec->kw, "macro");
	size_t e = macro ? b + strcspn(t.s + b, "( \t") : t.n;
	struct text name = text_slice(s->a, &t, b, e);

	sec->included = included;
	if (!name.n) {
		err_text(s->err, &t, t.n, "`%s' without a name, expected one", sec->kw);
		return;
	}
	if (!is_name(name.s)) {
		err_text(s->err, &name, 0,
			 "`%s', expected a name of letters, digits, _ and -", name.s);
		return;
	}
	sec->name = name.s;
	if (macro) {
		e += strspn(t.s + e, " \t");
		if (t.s[e] != '(') {
			err_text(s->err, &t, e, "macro `%s' without names, expected (A, B ...) or ()",
				 name.s);
			return;
		}
		if (!read_formals(s, sec, &t, e))
			return;
	}
	for (size_t i = 0; i < s->nsecs; i++)
		if (!strcmp(s->secs[i]->kw, sec->kw) && !strcmp(s->secs[i]->name, sec->name)) {
			err_text(s->err, &name, 0,
				 "%s `%s' exists already, at %s:%u, expected a new name", sec->kw,
				 sec->name, s->secs[i]->head->file, s->secs[i]->head->no);
			return;
		}
	if (!sec->nbody) {
		err_text(s->err, &name, 0, "%s `%s' is empty, expected indented lines below it",
			 sec->kw, sec->name);
		return;
	}
	*AR_PUSH(s->a, s->secs, s->nsecs, s->seccap) = sec;
}

/* A let by a parameter has a text for each of its values, and for nothing else. */
static void check_let(struct scn *s, const struct let *l)
{
	const struct param *p = scn_param(s, l->by);
	struct near n;

	/* By a let above it: whether there is a text is seen case by case. */
	for (size_t i = 0; !p && &s->let[i] < l; i++)
		if (!strcmp(s->let[i].name, l->by))
			return;
	if (!p) {
		near_start(&n, l->by);
		scn_near(s, &n);
		err_add(s->err, l->line->file, l->line->no, l->col,
			"let `%s' is by `%s', expected the name of a parameter or of a let above it%s",
			l->name, l->by, near_text(&n, s->a));
		return;
	}
	for (size_t i = 0; i < l->n; i++) {
		bool known = !strcmp(l->item[i].value, "*") || l->included;

		near_start(&n, l->item[i].value);
		for (size_t k = 0; k < p->n; k++) {
			near_try(&n, p->value[k]);
			known = known || !strcmp(l->item[i].value, p->value[k]);
		}
		if (!known)
			err_add(s->err, l->line->file, l->item[i].vline, l->item[i].vcol,
				"parameter `%s' has no value `%s', expected one of its values%s",
				p->name, l->item[i].value, near_text(&n, s->a));
	}
	for (size_t k = 0; !l->included && k < p->n; k++) {
		bool known = false;

		for (size_t i = 0; i < l->n; i++)
			known = known || !strcmp(l->item[i].value, p->value[k]) ||
				!strcmp(l->item[i].value, "*");
		if (!known)
			err_add(s->err, l->line->file, l->line->no, l->col,
				"let `%s' has no text for `%s' of `%s', expected %s:TEXT or *:TEXT",
				l->name, p->value[k], p->name, p->value[k]);
	}
}

static void check_axis_value(struct scn *s, const struct param *axis, const char *value,
			     const char *file, unsigned int line, unsigned int col)
{
	struct near n;

	near_start(&n, value);
	for (size_t i = 0; i < axis->n; i++) {
		if (!strcmp(axis->value[i], value))
			return;
		near_try(&n, axis->value[i]);
	}
	err_add(s->err, file, line, col,
		"axis `%s' has no value `%s', expected a value from AXES%s",
		axis->name, value, near_text(&n, s->a));
}

/* Parameters and axis lines agree with the family's axes. */
static void check_axes(struct scn *s)
{
	for (size_t i = 0; s->axes && i < s->axes->naxes; i++) {
		const struct param *axis = &s->axes->axis[i];
		const struct param *p = scn_param(s, axis->name);

		for (size_t k = 0; p && k < p->n; k++)
			check_axis_value(s, axis, p->value[k], p->line->file, p->vline[k], p->vcol[k]);
	}
	for (size_t i = 0; i < s->nfixed; i++) {
		struct fixed *f = &s->fixed[i];
		const struct param *axis = NULL;
		struct near n;

		near_start(&n, f->name);
		for (size_t k = 0; s->axes && k < s->axes->naxes; k++) {
			near_try(&n, s->axes->axis[k].name);
			if (!strcmp(s->axes->axis[k].name, f->name))
				axis = &s->axes->axis[k];
		}
		if (!axis)
			err_text(s->err, &f->where, 0,
				 "no axis `%s', expected an axis of the family's AXES%s",
				 f->name, near_text(&n, s->a));
		else if (!strchr(f->text.s, '$'))
			check_axis_value(s, axis, f->text.s, f->text.file, f->text.line,
					 f->text.at[0].col);
		if (scn_param(s, f->name))
			err_text(s->err, &f->where, 0,
				 "axis `%s' is a parameter as well, expected only one of them", f->name);
	}
}

static void check_required(struct scn *s)
{
	const struct { const char *kw; bool there; } required[] = {
		{ "title", s->title }, { "ids", s->ids }, { "outcome", true },
		{ "roles", s->roles }, { "steps", s->steps },
	};
	unsigned int last = s->src.n ? s->src.sec[s->src.n - 1].head->no : 1;

	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		bool said = false;

		for (size_t k = 0; k < s->src.n; k++)
			said = said || !strcmp(s->src.sec[k].kw, required[i].kw);
		if (!said)
			err_add(s->err, s->path, last, 1, "no `%s' in this scenario, expected one",
				required[i].kw);
	}
}

void header_parse(struct scn *s)
{
	size_t errors = s->err->total;

	for (size_t i = 0; i < s->src.n; i++)
		take_section(s, &s->src, i, false);
	if (s->err->total == errors)
		check_required(s);
	for (size_t i = 0; i < s->nlets; i++)
		if (s->let[i].by && *s->let[i].name)
			check_let(s, &s->let[i]);
	check_axes(s);
}

void axes_parse(struct lang_axes *a, struct source *src, struct lang_errors *err)
{
	for (size_t i = 0; i < src->n; i++) {
		struct section *sec = &src->sec[i];
		struct hl h = { .a = &a->a, .err = err, .sec = sec, .t = text_of_head(&a->a, sec) };
		struct param p;
		bool twice = false;

		h.c = (struct cur){ .a = &a->a, .err = err, .t = &h.t, .i = strlen(sec->kw) };
		if (!strcmp(sec->kw, "impossible")) {
			read_impossible(&h, a->imp, &a->nimp);
			continue;
		}
		if (strcmp(sec->kw, "axis")) {
			err_add(err, sec->head->file, sec->head->no, 1,
				"unknown line `%s', expected axis or impossible", sec->kw);
			continue;
		}
		if (!read_param(&h, &p))
			continue;
		for (size_t k = 0; k < a->naxes; k++)
			twice = twice || !strcmp(a->axis[k].name, p.name);
		if (twice)
			err_add(err, sec->head->file, p.line->no, p.col,
				"axis `%s' exists already, expected a new name", p.name);
		else if (a->naxes == MAX_PARAMS)
			err_text(err, &h.t, 0, "more than %d axes", MAX_PARAMS);
		else
			a->axis[a->naxes++] = p;
	}
}
