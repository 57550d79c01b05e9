/* events.c - a trace text as events: parsing, and merging the actors by the declared edges. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "util.h"

/* One line "ACTOR TAB N TAB TEXT"; cuts @line into its parts. */
static bool split_line(char *line, char **actor, unsigned long *n, char **text)
{
	char *num = strchr(line, '\t'), *rest, *end;

	if (!num || num == line)
		return false;
	*num++ = '\0';
	rest = strchr(num, '\t');
	if (!rest)
		return false;
	*rest++ = '\0';
	if (strspn(num, "0123456789") != strlen(num) || !*num || strlen(num) > 9 ||
	    (num[0] == '0' && num[1]))
		return false;
	*n = strtoul(num, &end, 10);
	*actor = line;
	*text = rest;
	/* Whatever else it is, the reader of trace files could not tell it from their marks. */
	for (const char *c = line; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_.!", *c) && strcmp(line, "="))
			return false;
	return true;
}

static bool add_event(struct events *e, const char *actor, unsigned long n,
		      const char *text)
{
	struct event ev = { .n = n, .text = text };

	if (!strcmp(actor, "=")) {
		e->end = xrealloc(e->end, (e->nend + 1) * sizeof(ev));
		e->end[e->nend++] = ev;
		return true;
	}
	if (e->nend)
		return false;	/* the end state comes last */
	if (!e->nactors || strcmp(e->actors[e->nactors - 1], actor)) {
		for (size_t i = 0; i < e->nactors; i++)
			if (!strcmp(e->actors[i], actor))
				return false;
		e->actors = xrealloc(e->actors, (e->nactors + 1) * sizeof(*e->actors));
		e->actors[e->nactors++] = actor;
	}
	ev.actor = e->nactors - 1;
	e->ev = xrealloc(e->ev, (e->nev + 1) * sizeof(ev));
	e->ev[e->nev++] = ev;
	return true;
}

int events_parse(const char *text, struct events *e)
{
	char *p, *nl;

	memset(e, 0, sizeof(*e));
	e->copy = xstrdup(text);
	for (p = e->copy; *p; p = nl + 1) {
		unsigned long n;
		char *actor, *rest;

		nl = strchr(p, '\n');
		if (!nl)
			goto bad;
		*nl = '\0';
		if (!split_line(p, &actor, &n, &rest) ||
		    !add_event(e, actor, n, rest))
			goto bad;
	}
	return 0;
bad:
	events_free(e);
	return -1;
}

void events_free(struct events *e)
{
	free(e->actors);
	free(e->ev);
	free(e->end);
	free(e->copy);
	memset(e, 0, sizeof(*e));
}

char *events_text(const struct events *e)
{
	struct buf b = { 0 };

	buf_puts(&b, "");
	for (size_t i = 0; i < e->nev; i++)
		buf_printf(&b, "%s\t%lu\t%s\n", e->actors[e->ev[i].actor],
			   e->ev[i].n, e->ev[i].text);
	for (size_t i = 0; i < e->nend; i++)
		buf_printf(&b, "=\t%lu\t%s\n", e->end[i].n, e->end[i].text);
	return b.s;
}

/* An edge of one trace while it is merged. */
struct edge {
	const char *name;
	size_t len;
	unsigned int total;	/* posts in the whole trace */
	unsigned int posted;	/* posts merged so far */
	unsigned int *awaited;	/* merged so far, one count an actor */
};

struct merge {
	const struct events *e;
	size_t nedges;
	struct edge *edges;
};

static struct edge *find_edge(struct merge *m, const char *name, size_t len)
{
	struct edge *ed;

	for (size_t i = 0; i < m->nedges; i++)
		if (m->edges[i].len == len && !memcmp(m->edges[i].name, name, len))
			return &m->edges[i];
	m->edges = xrealloc(m->edges, (m->nedges + 1) * sizeof(*ed));
	ed = &m->edges[m->nedges++];
	memset(ed, 0, sizeof(*ed));
	ed->name = name;
	ed->len = len;
	ed->awaited = xcalloc(m->e->nactors, sizeof(*ed->awaited));
	return ed;
}

enum edge_pass { COUNT_POSTS, AWAITS, CAN_GO, GONE };

/*
 * Walk the edge words that @ev ends in.  COUNT_POSTS adds up the posts, AWAITS
 * answers whether there is an await, CAN_GO whether every awaited post is there,
 * GONE takes the event as merged.
 */
static bool walk_edges(struct merge *m, const struct event *ev, enum edge_pass pass)
{
	const char *end = ev->text + strlen(ev->text), *w;
	bool ok = pass != AWAITS;

	for (; end > ev->text; end = w - 1) {
		struct edge *ed;

		for (w = end; w > ev->text && w[-1] != ' '; w--)
			;
		if (w == ev->text || end - w < 2 || (*w != '<' && *w != '>'))
			break;
		ed = find_edge(m, w + 1, end - w - 1);
		if (*w == '>') {
			ed->total += pass == COUNT_POSTS;
			ed->posted += pass == GONE;
		} else if (pass == AWAITS) {
			ok = true;
		} else if (pass == GONE) {
			ed->awaited[ev->actor]++;
		} else if (pass == CAN_GO) {
			unsigned int nth = ed->awaited[ev->actor] + 1;

			ok &= ed->posted >= (nth < ed->total ? nth : ed->total);
		}
	}
	return ok;
}

/*
 * Who goes on: the first in role order whose awaited post is there, so that what
 * was waited for is followed by who waited; else the first that awaits nothing.
 */
static size_t pick_actor(struct merge *m, const size_t *next, const size_t *stop)
{
	size_t n = m->e->nactors, free_one = n, any = n;

	for (size_t a = 0; a < n; a++) {
		const struct event *ev = &m->e->ev[next[a]];

		if (next[a] == stop[a])
			continue;
		if (any == n)
			any = a;
		if (!walk_edges(m, ev, CAN_GO))
			continue;
		if (walk_edges(m, ev, AWAITS))
			return a;
		if (free_one == n)
			free_one = a;
	}
	/* Edges in a circle (a damaged trace): the first goes on. */
	return free_one < n ? free_one : any;
}

size_t *events_merge(const struct events *e)
{
	size_t *order = xcalloc(e->nev, sizeof(*order));
	size_t *next = xcalloc(e->nactors + 1, sizeof(*next));
	size_t *stop = xcalloc(e->nactors + 1, sizeof(*stop));
	struct merge m = { .e = e };
	size_t done = 0;

	for (size_t i = e->nev; i-- > 0;) {
		next[e->ev[i].actor] = i;
		if (!stop[e->ev[i].actor])
			stop[e->ev[i].actor] = i + 1;
		walk_edges(&m, &e->ev[i], COUNT_POSTS);
	}
	while (done < e->nev) {
		size_t pick = pick_actor(&m, next, stop);

		walk_edges(&m, &e->ev[next[pick]], GONE);
		order[done++] = next[pick]++;
	}
	for (size_t i = 0; i < m.nedges; i++)
		free(m.edges[i].awaited);
	free(m.edges);
	free(next);
	free(stop);
	return order;
}
