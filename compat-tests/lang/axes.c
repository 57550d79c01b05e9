/* axes.c - a family's AXES file: its axes, and the cells of them that cannot exist. */
#include <stdlib.h>
#include <string.h>

#include "../../harness/util.h"
#include "parse.h"

struct lang_axes *lang_axes(const char *family, const char *path, const char *text,
			    size_t len, struct lang_errors *err)
{
	struct lang_axes *a = xcalloc(1, sizeof(*a));
	struct source src = { 0 };
	size_t errors = err->total;
	bool more = err->more;

	a->family = ar_strndup(&a->a, family, strlen(family));
	if (!source_split(&a->a, err, ar_strndup(&a->a, path, strlen(path)), text, len, &src))
		axes_parse(a, &src, err);
	for (size_t i = 0; i < a->nimp; i++)
		if (impossible_check(&a->a, err, NULL, a->axis, a->naxes, &a->imp[i]) &&
		    !impossible_report(NULL, a->axis, a->naxes, &a->imp[i], &a->a, NULL, family))
			impossible_error(err, &a->imp[i]);
	if (err->total == errors && err->more == more)
		return a;
	lang_axes_free(a);
	return NULL;
}

void lang_axes_free(struct lang_axes *a)
{
	if (!a)
		return;
	ar_free(&a->a);
	free(a);
}

/* --- pairs of values that no line names but that no cell can have --- */

struct try {
	const struct lang_axes *a;
	size_t val[MAX_PARAMS];
	bool set[MAX_PARAMS];
	unsigned int nodes;
};

static const char *look_try(void *arg, const char *name)
{
	const struct try *t = arg;

	for (size_t i = 0; i < t->a->naxes; i++)
		if (t->set[i] && !strcmp(t->a->axis[i].name, name))
			return t->a->axis[i].value[t->val[i]];
	return NULL;
}

static bool refused(struct try *t)
{
	for (size_t i = 0; i < t->a->nimp; i++)
		if (cond_eval(&t->a->imp[i].cond, look_try, t) == 1)
			return true;
	return false;
}

/* Can what is set be completed to a cell?  A search that is too long counts as yes. */
static bool completes(struct try *t, size_t at)
{
	while (at < t->a->naxes && t->set[at])
		at++;
	if (at == t->a->naxes)
		return true;
	t->set[at] = true;
	for (t->val[at] = 0; t->val[at] < t->a->axis[at].n; t->val[at]++) {
		if (++t->nodes > 20000)
			break;
		if (!refused(t) && completes(t, at + 1))
			break;
	}
	t->set[at] = false;
	return t->val[at] < t->a->axis[at].n;
}

static void report_implied(const struct lang_axes *a, struct arena *tmp, struct suite *out)
{
	struct try t = { .a = a };

	for (size_t i = 0; i < a->naxes; i++)
		for (size_t k = i + 1; k < a->naxes; k++)
			for (size_t v = 0; v < a->axis[i].n; v++)
				for (size_t w = 0; w < a->axis[k].n; w++) {
					t.set[i] = t.set[k] = true;
					t.val[i] = v;
					t.val[k] = w;
					t.nodes = 0;
					if (!refused(&t) && !completes(&t, 0))
						report_impossible(out, a->family,
								  ar_printf(tmp, "%s=%s,%s=%s", a->axis[i].name,
									    a->axis[i].value[v], a->axis[k].name,
									    a->axis[k].value[w]),
								  "no possible case has both");
					t.set[i] = t.set[k] = false;
				}
}

void lang_axes_report(const struct lang_axes *a, struct suite *out)
{
	struct arena tmp = { 0 };

	for (size_t i = 0; i < a->naxes; i++) {
		struct axis *x;

		out->axes = xrealloc(out->axes, (out->naxes + 1) * sizeof(*x));
		x = &out->axes[out->naxes++];
		x->family = xstrdup(a->family);
		x->name = xstrdup(a->axis[i].name);
		x->nvalues = a->axis[i].n;
		x->values = xcalloc(x->nvalues, sizeof(*x->values));
		for (size_t k = 0; k < x->nvalues; k++)
			x->values[k] = xstrdup(a->axis[i].value[k]);
	}
	for (size_t i = 0; i < a->nimp; i++)
		impossible_report(NULL, a->axis, a->naxes, &a->imp[i], &tmp, out, a->family);
	report_implied(a, &tmp, out);
	ar_free(&tmp);
}
