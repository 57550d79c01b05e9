/* job.c - makes the job file a guest reads (wire.h) from cases of a suite. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../compat-tests/form/wire.h"
#include "job.h"

uint64_t mix64(uint64_t a, uint64_t b)
{
	uint64_t x = a + 0x9e3779b97f4a7c15u * (b + 1);

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

uint32_t case_id(const char *name)
{
	uint32_t id = crc32(0, (const void *)name, strlen(name));

	return id == 0 || id == UINT32_MAX ? 1 : id;
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = **(uint32_t *const *)a, y = **(uint32_t *const *)b;

	if (x != y)
		return x < y ? -1 : 1;
	return *(uint32_t *const *)a < *(uint32_t *const *)b ? -1 : 1;
}

void case_ids(const struct suite *s, uint32_t *ids)
{
	uint32_t **order = xcalloc(s->ncases, sizeof(*order));
	bool clash = true;
	size_t i;

	for (i = 0; i < s->ncases; i++) {
		ids[i] = case_id(s->cases[i].name);
		order[i] = &ids[i];
	}
	while (clash) {
		clash = false;
		qsort(order, s->ncases, sizeof(*order), by_id);
		for (i = 1; i < s->ncases; i++) {
			if (*order[i] != *order[i - 1])
				continue;
			do
				++*order[i];
			while (*order[i] == 0 || *order[i] == UINT32_MAX);
			clash = true;
		}
	}
	free(order);
}

void job_build(struct buf *out, uint64_t nonce, uint64_t seed, uint32_t flags,
	       const struct job_item *items, size_t nitems)
{
	static const char zeros[8];
	struct job_head head = {
		.magic = JOB_MAGIC, .count = nitems, .nonce = nonce,
		.seed = seed, .flags = flags,
	};
	size_t start = out->len, i, after;
	struct job_head *h;

	buf_add(out, &head, sizeof(head));
	for (i = 0; i < nitems; i++) {
		struct job_case jc = {
			.id = items[i].id, .repeats = items[i].repeats,
			.first_repeat = items[i].first, .len = items[i].bloblen,
		};

		buf_add(out, &jc, sizeof(jc));
		buf_add(out, items[i].blob, items[i].bloblen);
		buf_add(out, zeros, -items[i].bloblen & 7);
	}
	h = (void *)(out->s + start);
	h->size = out->len - start;
	after = offsetof(struct job_head, crc) + sizeof(h->crc);
	h->crc = crc32(0, (const void *)((char *)h + after), h->size - after);
}
