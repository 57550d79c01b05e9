/* coverage.c - counts which pairs of axis values the cases of a family cover, and prints the matrices. */
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "outcome.h"
#include "reports.h"

struct axis_value { const char *axis, *value; };

static bool has_value(const struct tcase *t, const char *axis, const char *value)
{
	for (size_t p = 0; p < t->nparams; p++)
		if (!strcmp(t->params[p].name, axis) && !strcmp(t->params[p].value, value))
			return true;
	return false;
}

/* How many cases of the family have all @n values. */
static size_t cases_with(const struct suite *s, const char *family,
			 const struct axis_value *v, int n)
{
	size_t count = 0;

	for (size_t i = 0; i < s->ncases; i++) {
		const struct tcase *t = &s->cases[i];
		bool all = !strcmp(t->family, family);

		for (int k = 0; k < n && all; k++)
			all = has_value(t, v[k].axis, v[k].value);
		count += all;
	}
	return count;
}

/* Does @cell, "a=x,b=y", hold wherever @v does: is each of its values one of them? */
static bool cell_holds(const char *cell, const struct axis_value *v, int n)
{
	size_t len;

	for (const char *p = cell; *p; p += len + (p[len] == ',')) {
		bool found = false;

		len = strcspn(p, ",");
		for (int i = 0; i < n && !found; i++) {
			size_t a = strlen(v[i].axis), b = strlen(v[i].value);

			found = len == a + 1 + b && !strncmp(p, v[i].axis, a) && p[a] == '=' &&
				!strncmp(p + a + 1, v[i].value, b);
		}
		if (!found)
			return false;
	}
	return *cell;
}

/* Only what the family's AXES file rules out; a scenario's own cells say nothing about other scenarios. */
static bool cannot_be(const struct suite *s, const char *family,
		      const struct axis_value *v, int n)
{
	for (size_t i = 0; i < s->nimpossible; i++)
		if (!strcmp(s->impossible[i].scenario, family) &&
		    cell_holds(s->impossible[i].cell, v, n))
			return true;
	return false;
}

/* The axes of a family, in the order of its AXES file. */
static size_t axes_of(const struct suite *s, const char *family, const struct axis ***out)
{
	const struct axis **axes = xcalloc(s->naxes, sizeof(*axes));
	size_t n = 0;

	for (size_t i = 0; i < s->naxes; i++)
		if (!strcmp(s->axes[i].family, family))
			axes[n++] = &s->axes[i];
	*out = axes;
	return n;
}

static void count_cell(const struct suite *s, struct family_coverage *c,
		       const struct axis_value *v, int n)
{
	bool covered = cases_with(s, c->family, v, n) > 0;

	/* What a case does cover is not impossible, whatever is written. */
	if (!covered && cannot_be(s, c->family, v, n)) {
		c->impossible++;
		return;
	}
	c->pairs++;
	c->covered += covered;
}

static void count_pairs(const struct suite *s, struct family_coverage *c)
{
	const struct axis **axes;
	size_t n = axes_of(s, c->family, &axes);

	for (size_t a = 0; a < n; a++)
		for (size_t x = 0; x < axes[a]->nvalues; x++) {
			struct axis_value v[2] = { { axes[a]->name, axes[a]->values[x] } };

			if (n == 1)
				count_cell(s, c, v, 1);
			for (size_t b = a + 1; b < n; b++)
				for (size_t y = 0; y < axes[b]->nvalues; y++) {
					v[1].axis = axes[b]->name;
					v[1].value = axes[b]->values[y];
					count_cell(s, c, v, 2);
				}
		}
	free(axes);
}

/* A scenario's cases share its escapes; the case that uses most counts. */
static size_t escapes_of(const struct suite *s, size_t first)
{
	size_t most = 0;

	for (size_t i = first; i < s->ncases; i++)
		if (!strcmp(s->cases[i].scenario, s->cases[first].scenario) &&
		    s->cases[i].nescapes > most)
			most = s->cases[i].nescapes;
	return most;
}

size_t coverage(const struct suite *s, struct family_coverage **out)
{
	struct family_coverage *fams = NULL;
	size_t n = 0;

	for (size_t i = 0; i < s->ncases; i++) {
		const struct tcase *t = &s->cases[i];
		struct family_coverage *c = NULL;
		bool known = false;

		for (size_t f = 0; f < n; f++)
			if (!strcmp(fams[f].family, t->family))
				c = &fams[f];
		if (!c) {
			fams = xrealloc(fams, (n + 1) * sizeof(*fams));
			c = &fams[n++];
			memset(c, 0, sizeof(*c));
			c->family = t->family;
		}
		c->ncases++;
		for (size_t j = 0; j < i && !known; j++)
			known = !strcmp(s->cases[j].scenario, t->scenario);
		if (known)
			continue;
		c->nscenarios++;
		c->nescapes += escapes_of(s, i);
	}
	for (size_t f = 0; f < n; f++)
		count_pairs(s, &fams[f]);
	*out = fams;
	return n;
}

size_t distinct_traces(const struct suite *s, const char *family,
		       const struct case_result *results)
{
	size_t count = 0;

	for (size_t i = 0; i < s->ncases; i++) {
		bool again = false;

		if (strcmp(s->cases[i].family, family) || !results[i].noutcomes)
			continue;
		for (size_t j = 0; j < i && !again; j++)
			again = !strcmp(s->cases[j].family, family) &&
				outcome_same_set(&results[i], &results[j]);
		count += !again;
	}
	return count;
}

#define LABEL 22	/* width of a row's label */
#define CELL 5

static void print_matrix(struct buf *b, const struct suite *s, const char *family,
			 const struct axis *rows, const struct axis *cols)
{
	size_t per = (80 - 2 - LABEL) / CELL;

	for (size_t from = 0; from < cols->nvalues; from += per) {
		size_t to = from + per < cols->nvalues ? from + per : cols->nvalues;

		buf_printf(b, "\n  %s down, %s across\n", rows->name, cols->name);
		for (size_t y = from; y < to; y++)
			buf_printf(b, "  %*s %c = %s\n", LABEL, "", (int)('A' + y % 26),
				   cols->values[y]);
		buf_printf(b, "  %-*s", LABEL, "");
		for (size_t y = from; y < to; y++)
			buf_printf(b, "%*c", CELL, (int)('A' + y % 26));
		buf_puts(b, "\n");
		for (size_t x = 0; x < rows->nvalues; x++) {
			buf_printf(b, "  %-*.*s", LABEL, LABEL, rows->values[x]);
			for (size_t y = from; y < to; y++) {
				struct axis_value v[2] = {
					{ rows->name, rows->values[x] },
					{ cols->name, cols->values[y] },
				};
				size_t n = cases_with(s, family, v, 2);

				if (n)
					buf_printf(b, "%*zu", CELL, n);
				else
					buf_printf(b, "%*s", CELL,
						   cannot_be(s, family, v, 2) ? "x" : ".");
			}
			buf_puts(b, "\n");
		}
	}
}

static void print_single(struct buf *b, const struct suite *s, const char *family,
			 const struct axis *axis)
{
	buf_printf(b, "\n  %s\n", axis->name);
	for (size_t x = 0; x < axis->nvalues; x++) {
		struct axis_value v = { axis->name, axis->values[x] };
		size_t n = cases_with(s, family, &v, 1);

		if (n)
			buf_printf(b, "  %-*s%*zu\n", LABEL, axis->values[x], CELL, n);
		else
			buf_printf(b, "  %-*s%*s\n", LABEL, axis->values[x], CELL,
				   cannot_be(s, family, &v, 1) ? "x" : ".");
	}
}

static void print_missing(struct buf *b, const struct suite *s, const char *family,
			  const struct axis **axes, size_t n)
{
	bool first = true;

	for (size_t a = 0; a < n; a++)
		for (size_t c = a + 1; c < n; c++)
			for (size_t x = 0; x < axes[a]->nvalues; x++)
				for (size_t y = 0; y < axes[c]->nvalues; y++) {
					struct axis_value v[2] = {
						{ axes[a]->name, axes[a]->values[x] },
						{ axes[c]->name, axes[c]->values[y] },
					};

					if (cases_with(s, family, v, 2) ||
					    cannot_be(s, family, v, 2))
						continue;
					if (first)
						buf_puts(b, "\n  not covered\n");
					first = false;
					buf_printf(b, "    %s=%s %s=%s\n", v[0].axis,
						   v[0].value, v[1].axis, v[1].value);
				}
}

/* Is @name the family, or one of its scenarios? */
static bool in_family(const char *name, const char *family)
{
	size_t n = strlen(family);

	return !strncmp(name, family, n) && (!name[n] || name[n] == '/');
}

static void print_impossible(struct buf *b, const struct suite *s, const char *family)
{
	bool first = true;

	for (size_t i = 0; i < s->nimpossible; i++) {
		const struct impossible *im = &s->impossible[i];

		if (!in_family(im->scenario, family))
			continue;
		if (first)
			buf_puts(b, "\n  impossible\n");
		first = false;
		buf_printf(b, "    %s%s%s\n      ",
			   strcmp(im->scenario, family) ? im->scenario : "",
			   strcmp(im->scenario, family) ? ": " : "", im->cell);
		buf_wrap(b, im->reason, 6, 6);
	}
}

void coverage_text(struct buf *b, const struct suite *s, const char *family)
{
	struct family_coverage *fams;
	size_t nfams = coverage(s, &fams);

	for (size_t f = 0; f < nfams; f++) {
		const struct family_coverage *c = &fams[f];
		const struct axis **axes;
		size_t n;

		if (family && strcmp(family, c->family))
			continue;
		buf_printf(b, "%s: %zu scenario%s, %zu cases, %zu escape%s\n", c->family,
			   c->nscenarios, c->nscenarios == 1 ? "" : "s", c->ncases,
			   c->nescapes, c->nescapes == 1 ? "" : "s");
		n = axes_of(s, c->family, &axes);
		if (!n)
			buf_puts(b, "  no axes declared\n");
		else
			buf_printf(b, "  %zu of %zu %s of axis values covered, %zu impossible\n",
				   c->covered, c->pairs, n == 1 ? "single values" : "pairs",
				   c->impossible);
		if (n)
			buf_puts(b, "  number of cases; . not covered, x impossible\n");
		for (size_t i = 0; i < n; i++) {
			if (n == 1)
				print_single(b, s, c->family, axes[i]);
			for (size_t k = i + 1; k < n; k++)
				print_matrix(b, s, c->family, axes[i], axes[k]);
		}
		print_missing(b, s, c->family, axes, n);
		print_impossible(b, s, c->family);
		buf_puts(b, "\n");
		free(axes);
	}
	free(fams);
}
