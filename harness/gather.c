/* gather.c - collects the results and incidents of one arm: groups equal outcomes, counts repeats and boots. */
#include <stdlib.h>
#include <string.h>

#include "gather.h"
#include "splat.h"
#include "util.h"

/* A report may drag a whole task list along. */
#define MAX_SPLAT 16384

void gather_init(struct gather *g, const struct suite *s, struct arm *arm)
{
	g->suite = s;
	g->arm = arm;
	g->seen = xcalloc(s->ncases, sizeof(*g->seen));
	if (!arm->results)
		arm->results = xcalloc(s->ncases, sizeof(*arm->results));
}

static size_t find_outcome(struct gather *g, size_t icase, const char *text, size_t len)
{
	struct case_result *r = &g->arm->results[icase];
	struct outcome *o;
	char hex[65];
	size_t i;

	sha256_hex(text, len, hex);
	hex[16] = '\0';
	for (i = 0; i < r->noutcomes; i++)
		if (!strcmp(r->outcomes[i].hash, hex))
			return i;
	r->outcomes = xrealloc(r->outcomes, (i + 1) * sizeof(*r->outcomes));
	g->seen[icase] = xrealloc(g->seen[icase], (i + 1) * sizeof(**g->seen));
	memset(&g->seen[icase][i], 0, sizeof(**g->seen));
	o = &r->outcomes[i];
	memset(o, 0, sizeof(*o));
	strcpy(o->hash, hex);
	o->text = xstrndup(text, len);
	r->noutcomes++;
	return i;
}

/* Counted boots repeat exactly, so they are the ones to replay; then the earliest. */
static bool better_replay(const struct outcome *o, const struct seen *s, const struct boot *b,
			  unsigned int repeat)
{
	bool icount = b->mode == MODE_ICOUNT;

	if (!o->count)
		return true;
	if (o->icount != icount)
		return icount;
	if (s->first_boot != b->number)
		return b->number < s->first_boot;
	return repeat < o->repeat;
}

void gather_result(struct gather *g, size_t icase, const struct boot *b, unsigned int repeat,
		   uint64_t took_ns, const char *text, size_t len)
{
	struct case_result *r = &g->arm->results[icase];
	size_t i = find_outcome(g, icase, text, len), k;
	struct seen *s = &g->seen[icase][i];
	struct outcome *o = &r->outcomes[i];

	if (better_replay(o, s, b, repeat)) {
		s->first_boot = b->number;
		o->seed = b->seed;
		o->repeat = repeat;
		o->icount = b->mode == MODE_ICOUNT;
	}
	o->count++;
	r->repeats++;
	r->guest_seconds += took_ns / 1e9;
	for (k = 0; k < s->nboots; k++)
		if (s->boots[k] == b->number)
			return;
	s->boots = xrealloc(s->boots, (s->nboots + 1) * sizeof(*s->boots));
	s->boots[s->nboots++] = b->number;
	o->boots++;
}

size_t gather_incident(struct gather *g, enum incident_kind kind, size_t icase, char *text)
{
	struct arm *a = g->arm;

	a->incidents = xrealloc(a->incidents, (a->nincidents + 1) * sizeof(*a->incidents));
	a->incidents[a->nincidents] = (struct incident){
		.kind = kind, .icase = icase, .text = text,
	};
	return a->nincidents++;
}

void gather_splat(struct gather *g, size_t icase, const char *text)
{
	const char *from = splat_find(text);
	char *title, *old;
	bool known = false;
	size_t i;

	if (!from)
		return;
	title = splat_title(from);
	for (i = 0; i < g->arm->nincidents && !known; i++) {
		struct incident *inc = &g->arm->incidents[i];

		if (inc->kind != INC_SPLAT || (icase != SIZE_MAX && inc->icase != icase))
			continue;
		old = splat_title(inc->text);
		known = !strcmp(old, title);
		free(old);
	}
	free(title);
	if (!known)
		gather_incident(g, INC_SPLAT, icase, xstrndup(from, MAX_SPLAT));
}

void gather_console(struct gather *g, const char *console, size_t len)
{
	char *text = xstrndup(console, len);

	for (const char *p = splat_find(text); p; p = splat_next(p))
		gather_splat(g, SIZE_MAX, p);
	free(text);
}

static int by_count(const void *a, const void *b)
{
	const struct outcome *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->hash, y->hash);
}

void gather_finish(struct gather *g)
{
	size_t i, k;

	for (i = 0; i < g->suite->ncases; i++) {
		struct case_result *r = &g->arm->results[i];

		for (k = 0; k < r->noutcomes; k++)
			free(g->seen[i][k].boots);
		free(g->seen[i]);
		if (r->noutcomes)
			qsort(r->outcomes, r->noutcomes, sizeof(*r->outcomes), by_count);
	}
	free(g->seen);
	g->seen = NULL;
}

void free_arm_results(struct arm *arm, size_t ncases)
{
	size_t i, k;

	for (i = 0; arm->results && i < ncases; i++) {
		for (k = 0; k < arm->results[i].noutcomes; k++)
			free(arm->results[i].outcomes[k].text);
		free(arm->results[i].outcomes);
	}
	for (i = 0; i < arm->nincidents; i++) {
		free(arm->incidents[i].text);
		free(arm->incidents[i].log);
	}
	free(arm->results);
	free(arm->incidents);
	free(arm->seeds);
	free(arm->release);
	arm->results = NULL;
	arm->incidents = NULL;
	arm->seeds = NULL;
	arm->release = NULL;
	arm->nincidents = arm->nseeds = arm->nboots = arm->nlost = 0;
}
