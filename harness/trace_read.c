/* trace_read.c - reads trace files back, naming file and line of what is wrong. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "outcome.h"
#include "trace.h"

/* An outcome's text while its lines are read: the actors' lines gathered apart. */
struct gather {
	bool on, named, raw;
	char hash[17];
	size_t line;		/* of its `outcome` line */
	size_t nactors;
	char **actors;
	unsigned long *prev;
	struct buf *texts;
	struct buf end, lines;
	unsigned long prev_end;
};

struct reader {
	const char *path;
	size_t line;
	struct trace_file *f;
	struct trace_case *c;
	bool rest;		/* reading SCENARIO.rest.trace */
	struct gather g;
	struct buf *err;
};

static int bad(struct reader *r, size_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int bad(struct reader *r, size_t line, const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		fatal(EX_SYSTEM, "out of memory");
	va_end(ap);
	buf_printf(r->err, "%s:%zu: %s\n", r->path, line, s);
	free(s);
	return -1;
}

static void gather_free(struct gather *g)
{
	for (size_t a = 0; a < g->nactors; a++) {
		free(g->actors[a]);
		buf_free(&g->texts[a]);
	}
	free(g->actors);
	free(g->prev);
	free(g->texts);
	buf_free(&g->end);
	buf_free(&g->lines);
	memset(g, 0, sizeof(*g));
}

/* The outcome whose lines were read is whole: check it against its hash and keep it. */
static int finish_outcome(struct reader *r)
{
	struct gather *g = &r->g;
	struct buf b = { 0 };
	struct outcome *o;
	char hash[17];
	int ret = 0;

	if (!g->on)
		return 0;
	buf_puts(&b, "");
	for (size_t a = 0; a < g->nactors; a++)
		buf_add(&b, g->texts[a].s, g->texts[a].len);
	buf_add(&b, g->end.s, g->end.len);
	buf_add(&b, g->lines.s, g->lines.len);
	outcome_hash(b.s, hash);
	o = outcome_find(&r->c->r, g->hash);
	if (strcmp(hash, g->hash)) {
		ret = bad(r, g->line, "the events below have hash %s, expected %s: the file was changed by hand or is damaged",
			  hash, g->hash);
	} else if (o && o->text) {
		ret = bad(r, g->line, "outcome %s twice in one case, expected once", g->hash);
	} else if (o) {
		o->text = xstrdup(b.s);
	} else {
		o = outcome_add(&r->c->r, b.s, 0, 0, false);
		o->count = o->boots = 0;
	}
	buf_free(&b);
	gather_free(g);
	return ret;
}

/* After a case: every counted outcome must have its text, from here or from the rest file. */
static int check_case(struct reader *r, const struct trace_case *c)
{
	for (size_t i = 0; i < c->r.noutcomes; i++)
		if (!c->r.outcomes[i].text)
			return bad(r, r->line, "case %s counts outcome %s, expected its events as well",
				   c->name, c->r.outcomes[i].hash);
	return 0;
}

static int read_actors(struct reader *r, const char *p)
{
	struct gather *g = &r->g;

	g->named = true;
	if (!strcmp(p, "-"))
		return 0;
	for (;;) {
		size_t len = strcspn(p, " |");

		if (!len)
			return bad(r, r->line, "expected the actors' names with | between them");
		g->actors = xrealloc(g->actors, (g->nactors + 1) * sizeof(*g->actors));
		g->prev = xrealloc(g->prev, (g->nactors + 1) * sizeof(*g->prev));
		g->texts = xrealloc(g->texts, (g->nactors + 1) * sizeof(*g->texts));
		g->prev[g->nactors] = 0;
		memset(&g->texts[g->nactors], 0, sizeof(*g->texts));
		g->actors[g->nactors++] = xstrndup(p, len);
		p += len;
		p += strspn(p, " ");
		if (!*p)
			return 0;
		if (*p != '|')
			return bad(r, r->line, "expected | before '%s'", p);
		p++;
		p += strspn(p, " ");
	}
}

/* The text of one event: "[#N ][\]TEXT" into "ACTOR TAB N TAB TEXT". */
static int read_text(struct reader *r, const char *p, const char *actor,
		     unsigned long *prev, struct buf *to)
{
	unsigned long n = *prev + 1;
	char *end;

	if (*p == '#') {
		n = strtoul(p + 1, &end, 10);
		if (!isdigit((unsigned char)p[1]) || *end != ' ')
			return bad(r, r->line, "expected a number and a space after #");
		p = end + 1;
	}
	if (*p == '\\')
		p++;
	else if (!*p)
		return bad(r, r->line, "expected an event's text");
	*prev = n;
	buf_printf(to, "%s\t%lu\t%s\n", actor, n, p);
	return 0;
}

/* A line under `outcome`, without its two spaces. */
static int read_event(struct reader *r, const char *p)
{
	struct gather *g = &r->g;
	size_t col = 0;

	if (!g->on)
		return bad(r, r->line, "an indented line, expected 'outcome HASH' before it");
	if (*p == '%') {
		if (g->named)
			return bad(r, r->line, "expected no %% line among events");
		g->raw = true;
		if (p[1] == ' ')
			buf_printf(&g->lines, "%s\n", p + 2);
		else if (p[1] == '-' && p[2] == ' ')
			buf_puts(&g->lines, p + 3);
		else
			return bad(r, r->line, "expected '%% ' or '%%- '");
		return 0;
	}
	if (g->raw)
		return bad(r, r->line, "expected only %% lines in this outcome");
	if (!g->named)
		return read_actors(r, p);
	if (p[0] == '=' && p[1] == ' ')
		return read_text(r, p + 2, "=", &g->prev_end, &g->end);
	for (p += strspn(p, " "); *p == '|'; p += strspn(p, " ")) {
		col++;
		p++;
	}
	if (col >= g->nactors)
		return bad(r, r->line, "an event in column %zu, expected at most %zu columns",
			   col + 1, g->nactors);
	return read_text(r, p, g->actors[col], &g->prev[col], &g->texts[col]);
}

static int read_seen(struct reader *r, const char *p)
{
	struct trace_case *c = r->c;
	struct outcome o = { 0 };
	unsigned int of;
	char mode[8];
	int end = 0;

	if (sscanf(p, "%u/%u in %u boots %16[0-9a-f] first %7[a-z]:%" SCNx64 ":%u%n",
		   &o.count, &of, &o.boots, o.hash, mode, &o.seed, &o.repeat, &end) != 7 ||
	    p[end] || strlen(o.hash) != 16 ||
	    (strcmp(mode, "smp") && strcmp(mode, "icount")))
		return bad(r, r->line, "expected 'seen COUNT/REPEATS in N boots HASH first MODE:SEED:REPEAT'");
	if (outcome_find(&c->r, o.hash))
		return bad(r, r->line, "outcome %s counted twice, expected once", o.hash);
	o.icount = !strcmp(mode, "icount");
	c->r.outcomes = xrealloc(c->r.outcomes, (c->r.noutcomes + 1) * sizeof(o));
	c->r.outcomes[c->r.noutcomes++] = o;
	return 0;
}

static int read_case(struct reader *r, const char *name)
{
	struct trace_case *c = trace_find(r->f, name);

	if (r->rest) {
		r->c = c;
		return c ? 0 : bad(r, r->line, "case %s, expected a case of %s.trace",
				   name, r->f->scenario);
	}
	if (c)
		return bad(r, r->line, "case %s twice in this file, expected once", name);
	r->f->cases = xrealloc(r->f->cases, (r->f->ncases + 1) * sizeof(*c));
	r->c = c = &r->f->cases[r->f->ncases++];
	memset(c, 0, sizeof(*c));
	c->name = xstrdup(name);
	c->title = xstrdup("");
	return 0;
}

static int read_key(struct reader *r, const char *key, const char *val)
{
	struct trace_file *f = r->f;
	int end = 0;

	if (!strcmp(key, "scenario")) {
		if (r->rest)
			return strcmp(f->scenario, val) ?
				bad(r, r->line, "scenario %s, expected %s", val, f->scenario) : 0;
		if (f->scenario)
			return bad(r, r->line, "a second 'scenario', expected one");
		f->scenario = xstrdup(val);
		return 0;
	}
	if (!f->scenario)
		return bad(r, r->line, "'%s', expected 'scenario NAME' first", key);
	if (!strcmp(key, "kernel") && !r->c) {
		if (!r->rest && !f->kernel)
			f->kernel = xstrdup(val);
		return 0;
	}
	if (!strcmp(key, "case"))
		return read_case(r, val);
	if (!r->c)
		return bad(r, r->line, "'%s', expected 'case NAME'", key);
	if (!strcmp(key, "title")) {
		free(r->c->title);
		r->c->title = xstrdup(val);
		return 0;
	}
	if (!strcmp(key, "kind")) {
		if (strcmp(val, "exact") && strcmp(val, "racy"))
			return bad(r, r->line, "kind '%s', expected exact or racy", val);
		r->c->racy = !strcmp(val, "racy");
		return 0;
	}
	if (!strcmp(key, "total")) {
		if (sscanf(val, "%u repeats, %u boots%n", &r->c->r.repeats,
			   &r->c->r.boots, &end) != 2 || !end || val[end])
			return bad(r, r->line, "expected 'total N repeats, N boots'");
		return 0;
	}
	if (!strcmp(key, "seen"))
		return read_seen(r, val);
	if (!strcmp(key, "outcome")) {
		if (strlen(val) != 16 || strspn(val, "0123456789abcdef") != 16)
			return bad(r, r->line, "outcome '%s', expected 16 hex digits", val);
		r->g.on = true;
		r->g.line = r->line;
		memcpy(r->g.hash, val, 17);
		return 0;
	}
	return bad(r, r->line, "'%s', expected scenario, kernel, case, title, kind, total, seen or outcome",
		   key);
}

static int read_line(struct reader *r, char *line)
{
	char *val;

	if (line[0] == ' ' && line[1] == ' ')
		return read_event(r, line + 2);
	if (finish_outcome(r))
		return -1;
	if (!*line || *line == '#')
		return 0;
	val = line + strcspn(line, " ");
	if (*val) {
		*val++ = '\0';
		val += strspn(val, " ");
	}
	return read_key(r, line, val);
}

static int read_into(struct reader *r)
{
	size_t len;
	char *data = read_file(r->path, &len), *p = data, *nl;
	int ret = 0;

	if (!data) {
		buf_printf(r->err, "%s: %s\n", r->path, strerror(errno));
		return -1;
	}
	if (memchr(data, '\0', len)) {
		buf_printf(r->err, "%s: a zero byte, expected text\n", r->path);
		ret = -1;
	}
	for (; !ret && *p; p = nl + 1) {
		r->line++;
		nl = strchr(p, '\n');
		if (!nl) {
			ret = bad(r, r->line, "an unfinished last line, expected a newline: the file is cut off");
			break;
		}
		*nl = '\0';
		ret = read_line(r, p);
	}
	if (!ret)
		ret = finish_outcome(r);
	gather_free(&r->g);
	free(data);
	return ret;
}

int trace_read(const char *path, struct trace_file *out, struct buf *err)
{
	struct reader r = { .path = path, .f = out, .err = err };
	size_t stem = strlen(path), at = err->len;
	char *rest;
	int ret;

	memset(out, 0, sizeof(*out));
	out->path = xstrdup(path);
	ret = read_into(&r);
	if (!ret && !out->scenario)
		ret = bad(&r, r.line ? r.line : 1, "nothing in this file, expected 'scenario NAME'");
	stem -= stem > 6 && !strcmp(path + stem - 6, ".trace") ? 6 : 0;
	rest = xasprintf("%.*s.rest.trace", (int)stem, path);
	if (!ret && file_exists(rest)) {
		struct reader rr = { .path = rest, .f = out, .err = err, .rest = true };

		ret = read_into(&rr);
	}
	for (size_t i = 0; !ret && i < out->ncases; i++)
		ret = check_case(&r, &out->cases[i]);
	free(rest);
	if (ret) {
		trace_file_free(out);
		if (err->len == at)
			buf_printf(err, "%s: cannot be read\n", path);
	}
	return ret;
}

struct trace_case *trace_find(const struct trace_file *f, const char *name)
{
	for (size_t i = 0; i < f->ncases; i++)
		if (!strcmp(f->cases[i].name, name))
			return &f->cases[i];
	return NULL;
}

void trace_file_free(struct trace_file *f)
{
	for (size_t i = 0; i < f->ncases; i++) {
		free(f->cases[i].name);
		free(f->cases[i].title);
		case_result_free(&f->cases[i].r);
	}
	free(f->cases);
	free(f->path);
	free(f->scenario);
	free(f->kernel);
	memset(f, 0, sizeof(*f));
}
