/* outcome.c - sets of outcomes: hashing, counting, merging, sorting. */
#include <stdlib.h>
#include <string.h>

#include "outcome.h"
#include "util.h"

void outcome_hash(const char *text, char hash[17])
{
	char hex[65];

	sha256_hex(text, strlen(text), hex);
	memcpy(hash, hex, 16);
	hash[16] = '\0';
}

struct outcome *outcome_find(const struct case_result *r, const char *hash)
{
	for (size_t i = 0; i < r->noutcomes; i++)
		if (!strcmp(r->outcomes[i].hash, hash))
			return &r->outcomes[i];
	return NULL;
}

static struct outcome *outcome_new(struct case_result *r)
{
	r->outcomes = xrealloc(r->outcomes,
			       (r->noutcomes + 1) * sizeof(*r->outcomes));
	return memset(&r->outcomes[r->noutcomes++], 0, sizeof(*r->outcomes));
}

struct outcome *outcome_add(struct case_result *r, const char *text,
			    uint64_t seed, unsigned int repeat, bool icount)
{
	struct outcome *o;
	char hash[17];

	outcome_hash(text, hash);
	o = outcome_find(r, hash);
	if (!o) {
		o = outcome_new(r);
		memcpy(o->hash, hash, sizeof(hash));
		o->text = xstrdup(text);
		o->boots = 1;
		o->seed = seed;
		o->repeat = repeat;
		o->icount = icount;
	}
	o->count++;
	return o;
}

void outcome_merge(struct case_result *into, const struct case_result *from)
{
	for (size_t i = 0; i < from->noutcomes; i++) {
		const struct outcome *f = &from->outcomes[i];
		struct outcome *o = outcome_find(into, f->hash);

		if (o) {
			o->count += f->count;
			o->boots += f->boots;
			continue;
		}
		o = outcome_new(into);
		*o = *f;
		o->text = xstrdup(f->text);
	}
	into->repeats += from->repeats;
	into->boots += from->boots;
	into->guest_seconds += from->guest_seconds;
}

static int by_count(const void *pa, const void *pb)
{
	const struct outcome *a = pa, *b = pb;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return strcmp(a->hash, b->hash);
}

static int by_hash(const void *pa, const void *pb)
{
	const struct outcome *a = pa, *b = pb;

	return strcmp(a->hash, b->hash);
}

void outcome_sort(struct case_result *r)
{
	if (r->noutcomes)
		qsort(r->outcomes, r->noutcomes, sizeof(*r->outcomes), by_count);
}

void outcome_sort_by_hash(struct case_result *r)
{
	for (size_t i = 0; i < r->noutcomes; i++) {
		struct outcome *o = &r->outcomes[i];

		o->count = o->boots = o->repeat = 0;
		o->seed = 0;
		o->icount = false;
	}
	if (r->noutcomes)
		qsort(r->outcomes, r->noutcomes, sizeof(*r->outcomes), by_hash);
	r->repeats = r->boots = 0;
	r->guest_seconds = 0;
}

bool outcome_same_set(const struct case_result *a, const struct case_result *b)
{
	if (a->noutcomes != b->noutcomes)
		return false;
	for (size_t i = 0; i < a->noutcomes; i++)
		if (!outcome_find(b, a->outcomes[i].hash))
			return false;
	return true;
}

unsigned int outcome_boots(const struct case_result *r)
{
	unsigned int n = r->boots;

	for (size_t i = 0; i < r->noutcomes; i++)
		if (r->outcomes[i].boots > n)
			n = r->outcomes[i].boots;
	return n;
}

void case_result_free(struct case_result *r)
{
	for (size_t i = 0; i < r->noutcomes; i++)
		free(r->outcomes[i].text);
	free(r->outcomes);
	memset(r, 0, sizeof(*r));
}
