/* trace.c - writes trace files: a histogram a case, then each outcome with its actors side by side. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "outcome.h"
#include "trace.h"

static void add_text(struct buf *b, unsigned long prev, const struct event *ev)
{
	if (ev->n != prev + 1)
		buf_printf(b, "#%lu ", ev->n);
	if (!*ev->text || strchr(" |#\\%=", *ev->text))
		buf_puts(b, "\\");
	buf_printf(b, "%s\n", ev->text);
}

/* Where each actor's column starts: evenly, but further left where its texts would pass the margin. */
static size_t *columns(const struct events *e)
{
	size_t *start = xcalloc(e->nactors + 1, sizeof(*start));
	size_t *longest = xcalloc(e->nactors + 1, sizeof(*longest));
	size_t width = e->nactors ? (TRACE_WIDTH - 2) / e->nactors : 0;

	for (size_t i = 0; i < e->nev; i++) {
		size_t len = strlen(e->ev[i].text), *l = &longest[e->ev[i].actor];

		if (len > *l)
			*l = len;
	}
	for (size_t a = e->nactors; a-- > 0;) {
		size_t room = longest[a] < TRACE_WIDTH ? TRACE_WIDTH - longest[a] : 0;
		size_t name = strlen(e->actors[a]) + 3;

		start[a] = 2 + a * width;
		if (start[a] > room)
			start[a] = room;
		if (a + 1 < e->nactors && start[a] + name > start[a + 1])
			start[a] = start[a + 1] > name ? start[a + 1] - name : 0;
	}
	for (size_t a = 0; a < e->nactors; a++) {
		size_t least = a ? start[a - 1] + strlen(e->actors[a - 1]) + 3 : 2;

		if (start[a] < least || !a)
			start[a] = least;
	}
	free(longest);
	return start;
}

/* Spaces and bars up to where column @a starts, from offset @at of the line. */
static void indent(struct buf *b, const size_t *start, size_t a, size_t at)
{
	for (size_t c = 1; c <= a; c++) {
		buf_printf(b, "%*s| ", (int)(start[c] - 2 - at), "");
		at = start[c];
	}
}

static void add_events(struct buf *b, const struct events *e)
{
	unsigned long *prev = xcalloc(e->nactors + 1, sizeof(*prev)), prev_end = 0;
	size_t *order = events_merge(e), *start = columns(e), at = 2;

	buf_puts(b, e->nactors ? "  " : "  -");
	for (size_t a = 0; a < e->nactors; a++) {
		if (a)
			buf_printf(b, "%*s| ", (int)(start[a] - 2 - at), "");
		buf_puts(b, e->actors[a]);
		at = start[a] + strlen(e->actors[a]);
	}
	buf_puts(b, "\n");
	for (size_t i = 0; i < e->nev; i++) {
		const struct event *ev = &e->ev[order[i]];

		buf_puts(b, "  ");
		indent(b, start, ev->actor, 2);
		add_text(b, prev[ev->actor], ev);
		prev[ev->actor] = ev->n;
	}
	for (size_t i = 0; i < e->nend; i++) {
		buf_puts(b, "  = ");
		add_text(b, prev_end, &e->end[i]);
		prev_end = e->end[i].n;
	}
	free(prev);
	free(order);
	free(start);
}

void trace_outcome(struct buf *b, const char *text)
{
	struct events e;

	if (!events_parse(text, &e)) {
		add_events(b, &e);
		events_free(&e);
		return;
	}
	while (*text) {
		size_t len = strcspn(text, "\n");

		buf_printf(b, "  %%%s %.*s\n", text[len] ? "" : "-", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void add_outcome(struct buf *b, const struct outcome *o)
{
	buf_printf(b, "\noutcome %s\n", o->hash);
	trace_outcome(b, o->text);
}

static void add_histogram(struct buf *b, const struct trace_case *c)
{
	buf_printf(b, "total %u repeats, %u boots\n", c->r.repeats, outcome_boots(&c->r));
	for (size_t i = 0; i < c->r.noutcomes; i++) {
		const struct outcome *o = &c->r.outcomes[i];

		buf_printf(b, "seen  %u/%u in %u boots %s first %s:0x%" PRIx64 ":%u\n",
			   o->count, c->r.repeats, o->boots, o->hash,
			   o->icount ? "icount" : "smp", o->seed, o->repeat);
	}
}

static void add_head(struct buf *b, const char *scenario, const char *kernel)
{
	buf_puts(b, "# What each actor observed, one event a line in the actor's own column.\n");
	buf_printf(b, "scenario %s\n", scenario);
	if (kernel)
		buf_printf(b, "kernel   %s\n", kernel);
}

/* A title or release on one line. */
static void add_line(struct buf *b, const char *key, const char *text)
{
	buf_puts(b, key);
	for (; *text; text++)
		buf_add(b, *text == '\n' ? " " : text, 1);
	buf_puts(b, "\n");
}

char *trace_path(const char *dir, const char *scenario)
{
	return xasprintf("%s/%s.trace", dir, scenario);
}

static void write_to(const char *path, const struct buf *b)
{
	char *slash = strrchr(path, '/');

	if (slash) {
		char *dir = xstrndup(path, slash - path);

		make_dirs(dir);
		free(dir);
	}
	write_file(path, b->s, b->len);
}

void trace_write(const char *dir, const char *scenario, const char *kernel,
		 const struct trace_case *cases, size_t ncases)
{
	char *path = trace_path(dir, scenario);
	char *rest_path = xasprintf("%s/%s.rest.trace", dir, scenario);
	struct buf b = { 0 }, rest = { 0 };

	add_head(&b, scenario, kernel);
	for (size_t i = 0; i < ncases; i++) {
		const struct trace_case *c = &cases[i];

		buf_printf(&b, "\ncase %s\n", c->name);
		add_line(&b, "title ", c->title);
		buf_printf(&b, "kind  %s\n", c->racy ? "racy" : "exact");
		if (kernel)
			add_histogram(&b, c);
		for (size_t o = 0; o < c->r.noutcomes; o++) {
			if (!kernel || o < TRACE_FULL) {
				add_outcome(&b, &c->r.outcomes[o]);
				continue;
			}
			if (!rest.len)
				add_head(&rest, scenario, kernel);
			if (o == TRACE_FULL) {
				buf_printf(&b, "\n# %zu outcomes more in full in %s\n",
					   c->r.noutcomes - o, strrchr(rest_path, '/') + 1);
				buf_printf(&rest, "\ncase %s\n", c->name);
			}
			add_outcome(&rest, &c->r.outcomes[o]);
		}
	}
	write_to(path, &b);
	if (rest.len)
		write_to(rest_path, &rest);
	free(path);
	free(rest_path);
	buf_free(&b);
	buf_free(&rest);
}

void trace_write_arm(const char *run_dir, const struct suite *s, const struct arm *arm)
{
	struct trace_case *cases = xcalloc(s->ncases, sizeof(*cases));
	bool *done = xcalloc(s->ncases, sizeof(*done));
	char *dir = xasprintf("%s/%s", run_dir, arm->name);
	struct buf kernel = { 0 };

	add_line(&kernel, arm->name, "");
	kernel.s[--kernel.len] = '\0';
	if (arm->release) {
		add_line(&kernel, " ", arm->release);
		kernel.s[--kernel.len] = '\0';
	}
	for (size_t i = 0; i < s->ncases; i++) {
		size_t n = 0;

		for (size_t j = i; j < s->ncases && !done[i]; j++) {
			const struct tcase *t = &s->cases[j];

			if (strcmp(t->scenario, s->cases[i].scenario))
				continue;
			if (j > i)
				done[j] = true;
			if (!arm->results[j].noutcomes)
				continue;
			cases[n].name = t->name;
			cases[n].title = t->title;
			cases[n].racy = t->racy;
			cases[n++].r = arm->results[j];
		}
		if (n)
			trace_write(dir, s->cases[i].scenario, kernel.s, cases, n);
	}
	free(cases);
	free(done);
	free(dir);
	buf_free(&kernel);
}
