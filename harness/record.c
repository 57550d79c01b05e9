/* record.c - the record of what each boot of a run was given, for exact replays. */
#include <errno.h>
#include <jansson.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "util.h"

void record_boot(const char *run_dir, const char *arm, const struct suite *s,
		 const struct boot *b)
{
	char *dir = xasprintf("%s/%s", run_dir, arm), *path = xasprintf("%s/boots.jsonl", dir);
	json_t *items = json_array(), *o;
	char seed[32], *line;
	size_t i;
	FILE *f;

	for (i = 0; i < b->nitems; i++)
		json_array_append_new(items, json_pack("[s,i,i]", s->cases[b->items[i].icase].name,
						       (int)b->items[i].first,
						       (int)b->items[i].repeats));
	snprintf(seed, sizeof(seed), "0x%016llx", (unsigned long long)b->seed);
	o = json_pack("{s:i, s:s, s:s, s:i, s:o}", "number", (int)b->number, "seed", seed,
		      "mode", b->mode == MODE_ICOUNT ? "icount" : "smp", "cpus", (int)b->cpus,
		      "items", items);
	line = json_dumps(o, JSON_COMPACT);
	make_dirs(dir);
	f = fopen(path, "ae");
	if (f)
		fprintf(f, "%s\n", line);
	if (!f || fclose(f))
		warn("%s: %s; boots of this run cannot be replayed exactly", path, strerror(errno));
	free(line);
	json_decref(o);
	free(path);
	free(dir);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct tcase *const *)a)->name,
		      (*(const struct tcase *const *)b)->name);
}

/* A boot of the line's items; NULL when a case is not in @sorted. */
static struct boot *make_boot(json_t *line, const struct tcase **sorted, const struct suite *s,
			      uint64_t seed, int mode)
{
	struct boot *b = boot_new(mode, json_integer_value(json_object_get(line, "cpus")), seed,
				  json_integer_value(json_object_get(line, "number")));
	json_t *items = json_object_get(line, "items"), *it;
	size_t i;

	json_array_foreach(items, i, it) {
		const char *name = json_string_value(json_array_get(it, 0));
		struct tcase key = { .name = (char *)name };
		const struct tcase *k = &key, **found = NULL;

		if (name && s->ncases)
			found = bsearch(&k, sorted, s->ncases, sizeof(*sorted), by_name);
		if (!found) {
			boot_free(b);
			return NULL;
		}
		boot_add(b, *found - s->cases, json_integer_value(json_array_get(it, 1)),
			 json_integer_value(json_array_get(it, 2)));
	}
	return b;
}

struct boot *recorded_boot(const char *record, const struct suite *s, uint64_t seed, int mode)
{
	char *text = read_file(record, NULL), *line, *save;
	const struct tcase **sorted;
	struct boot *b = NULL;
	size_t i;

	if (!text)
		return NULL;
	sorted = xcalloc(s->ncases, sizeof(*sorted));
	for (i = 0; i < s->ncases; i++)
		sorted[i] = &s->cases[i];
	qsort(sorted, s->ncases, sizeof(*sorted), by_name);
	for (line = strtok_r(text, "\n", &save); line && !b; line = strtok_r(NULL, "\n", &save)) {
		json_t *o = json_loads(line, 0, NULL);
		const char *sd = json_string_value(json_object_get(o, "seed"));
		const char *md = json_string_value(json_object_get(o, "mode"));

		if (sd && md && strtoull(sd, NULL, 16) == seed &&
		    !strcmp(md, "icount") == (mode == MODE_ICOUNT))
			b = make_boot(o, sorted, s, seed, mode);
		json_decref(o);
	}
	free(sorted);
	free(text);
	return b;
}
