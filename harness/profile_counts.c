/* profile_counts.c - instructions by function on two kernels, from what the plugin counted. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile_counts.h"
#include "util.h"

#define MARK "mark\n"
#define END "end\n"

static const char *next_line(const char *p)
{
	p += strcspn(p, "\n");
	return *p ? p + 1 : p;
}

static bool parse_count(const char *line, uint64_t *address, uint64_t *count)
{
	char *end;

	*address = strtoull(line, &end, 16);
	if (end == line || *end != ' ')
		return false;
	line = end + 1;
	*count = strtoull(line, &end, 10);
	return end != line && *end == '\n' && *count > 0;
}

const char *profile_runs(const char *text, size_t n, struct profile_run *runs)
{
	struct profile_run now = { .text = text };
	size_t marks = 0, seen = 0;
	const char *p;

	for (p = text; *p && strcmp(p, END); p = next_line(p))
		marks += !strncmp(p, MARK, strlen(MARK));
	if (!*p)
		return "it has no end";
	if (marks < 2 * n)
		return "the clock was not read twice in each run";
	for (p = text; strcmp(p, END); p = next_line(p)) {
		uint64_t address, count;

		if (strncmp(p, MARK, strlen(MARK))) {
			if (!parse_count(p, &address, &count))
				return "a line of it is not understood";
			now.sum += count;
			continue;
		}
		now.len = p - now.text;
		/* of the last 2n marks the second, the fourth ... end a run */
		if (seen >= marks - 2 * n && (seen - (marks - 2 * n)) % 2)
			*runs++ = now;
		seen++;
		now = (struct profile_run){ .text = next_line(p) };
	}
	return NULL;
}

static struct profile_row *get(struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].name, name))
			return &p->v[i];
	p->v = xrealloc(p->v, (p->n + 1) * sizeof(*p->v));
	p->v[p->n] = (struct profile_row){ .name = xstrdup(name) };
	return &p->v[p->n++];
}

void profile_add(struct profile *p, int side, const struct profile_map *m, const struct profile_run *run)
{
	const char *end = run->text + run->len;

	for (const char *l = run->text; l < end; l = next_line(l)) {
		uint64_t address, count;

		if (parse_count(l, &address, &count))
			get(p, profile_map_name(m, address))->count[side] += count;
	}
}

static double difference(const struct profile_row *r, const unsigned int times[2])
{
	return fabs((double)r->count[1] / times[1] - (double)r->count[0] / times[0]);
}

static int compare_rows(const void *a, const void *b, void *times)
{
	const struct profile_row *x = a, *y = b;
	double dx = difference(x, times), dy = difference(y, times);

	if (dx != dy)
		return dx > dy ? -1 : 1;
	if (x->count[0] != y->count[0])
		return x->count[0] > y->count[0] ? -1 : 1;
	return strcmp(x->name, y->name);
}

void profile_sort(struct profile *p, const unsigned int times[2])
{
	qsort_r(p->v, p->n, sizeof(*p->v), compare_rows, (void *)times);
}

uint64_t profile_sum(const struct profile *p, int side)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < p->n; i++)
		sum += p->v[i].count[side];
	return sum;
}

void profile_free(struct profile *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].name);
	free(p->v);
	*p = (struct profile){ 0 };
}

bool profile_agrees(uint64_t counted, double took)
{
	return fabs(counted - took) <= took / PROFILE_SHARE + PROFILE_SLACK;
}
