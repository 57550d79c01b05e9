/* cells.c - the cases of a scenario: the product of its parameters without the impossible cells. */
#include <stdlib.h>
#include <string.h>

#include "../../harness/util.h"
#include "parse.h"

#define MAX_PRODUCT 200000u

void report_impossible(struct suite *out, const char *scenario, const char *cell, const char *reason)
{
	struct impossible *im;

	out->impossible = xrealloc(out->impossible, (out->nimpossible + 1) * sizeof(*im));
	im = &out->impossible[out->nimpossible++];
	im->scenario = xstrdup(scenario);
	im->cell = xstrdup(cell);
	im->reason = xstrdup(reason);
}

static const char *look_scenario(void *arg, const char *name)
{
	return scn_value(arg, name);
}

/* An axis of the family: a parameter of that name, or an axis line. */
static const char *look_axis(void *arg, const char *name)
{
	struct scn *s = arg;

	if (scn_param(s, name))
		return scn_value(s, name);
	for (size_t i = 0; i < s->nfixed; i++)
		if (!strcmp(s->fixed[i].name, name)) {
			const char *v = s->fixed[i].text.s;

			if (v[0] != '$')
				return v;
			return scn_value(s, v + 1);
		}
	return NULL;
}

int cell_impossible(struct scn *s, const unsigned int *cell, const bool *set, const char **reason)
{
	int any = 0;

	scn_choose(s, cell, set);
	for (size_t i = 0; i < s->nimp + (s->axes ? s->axes->nimp : 0); i++) {
		bool own = i < s->nimp;
		const struct impossible_line *im = own ? &s->imp[i] : &s->axes->imp[i - s->nimp];
		int v = cond_eval(&im->cond, own ? look_scenario : look_axis, s);

		if (v == 1) {
			*reason = im->reason;
			return 1;
		}
		if (v < 0)
			any = -1;
	}
	return any;
}

/* --- which cells an impossible line takes away, for the report --- */

struct assign {			/* values of the variables a condition names */
	size_t n;
	const struct param *var[MAX_PARAMS];
	size_t val[MAX_PARAMS];
};

static const char *look_assign(void *arg, const char *name)
{
	struct assign *as = arg;

	for (size_t i = 0; i < as->n; i++)
		if (!strcmp(as->var[i]->name, name))
			return as->var[i]->value[as->val[i]];
	return NULL;
}

/* The parameters that name stands for: itself, or what a let depends on. */
static void depend(struct scn *s, const struct param *params, size_t n, struct assign *as,
		   const char *name, size_t nlets)
{
	for (size_t i = 0; i < n; i++) {
		bool have = false;

		if (strcmp(params[i].name, name))
			continue;
		for (size_t k = 0; k < as->n; k++)
			have = have || as->var[k] == &params[i];
		if (!have && as->n < MAX_PARAMS)
			as->var[as->n++] = &params[i];
	}
	for (size_t i = 0; s && i < nlets; i++) {
		struct let *l = &s->let[i];
		size_t texts = l->by ? l->n : 1;

		if (strcmp(l->name, name))
			continue;
		l->asked = true;
		if (l->by)
			depend(s, params, n, as, l->by, i);
		for (size_t k = 0; k < texts; k++) {
			const char *d = l->by ? l->item[k].text.s : l->text.s;

			for (; (d = strchr(d, '$')); d++) {
				const char *b = d + 1 + (d[1] == '{');
				size_t len = strspn(b, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

				depend(s, params, n, as, ar_strndup(s->a, b, len), i);
			}
		}
	}
}

struct assign_look { struct scn *s; struct assign *as; unsigned int cell[MAX_PARAMS]; bool set[MAX_PARAMS]; };

static const char *look_both(void *arg, const char *name)
{
	struct assign_look *l = arg;

	return l->s ? scn_value(l->s, name) : look_assign(l->as, name);
}

static int by_order(const void *a, const void *b)
{
	const struct param *const *x = a, *const *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * Report every assignment of the variables of @im that it makes impossible;
 * returns how many.  @s NULL: the line is of an AXES file.
 */
size_t impossible_report(struct scn *s, const struct param *params, size_t nparams,
			 const struct impossible_line *im, struct arena *a, struct suite *out,
			 const char *name)
{
	struct assign as = { 0 };
	struct assign_look l = { .s = s, .as = &as };
	size_t found = 0, total = 1;

	for (size_t i = 0; i < im->cond.n; i++)
		for (size_t k = 0; k < im->cond.alt[i].n; k++) {
			const struct cond_term *t = &im->cond.alt[i].term[k];

			depend(s, params, nparams, &as, t->var, s ? s->nlets : 0);
			for (size_t w = 0; w < t->n; w++)
				if (t->word[w].var)
					depend(s, params, nparams, &as, t->word[w].s, s ? s->nlets : 0);
		}
	qsort(as.var, as.n, sizeof(as.var[0]), by_order);
	for (size_t i = 0; i < as.n; i++)
		total = total > MAX_PRODUCT ? total : total * as.var[i]->n;
	for (size_t at = 0; at < total && total <= MAX_PRODUCT; at++) {
		size_t rest = at;
		const char *cell = "";

		for (size_t i = as.n; i-- > 0; rest /= as.var[i]->n)
			as.val[i] = rest % as.var[i]->n;
		for (size_t i = 0; i < as.n; i++) {
			l.cell[as.var[i] - params] = (unsigned int)as.val[i];
			l.set[as.var[i] - params] = true;
		}
		if (s)
			scn_choose(s, l.cell, l.set);
		if (cond_eval(&im->cond, look_both, &l) != 1)
			continue;
		for (size_t i = 0; i < as.n; i++)
			cell = ar_printf(a, "%s%s%s=%s", cell, i ? "," : "", as.var[i]->name,
					 as.var[i]->value[as.val[i]]);
		if (out)
			report_impossible(out, name, cell, im->reason);
		found++;
	}
	return found;
}

/* Names in the conditions exist and values are values. */
bool impossible_check(struct arena *a, struct lang_errors *err, struct scn *s,
		      const struct param *params, size_t nparams, const struct impossible_line *im)
{
	size_t errors = err->total;

	for (size_t i = 0; i < im->cond.n; i++)
		for (size_t k = 0; k < im->cond.alt[i].n; k++) {
			const struct cond_term *t = &im->cond.alt[i].term[k];
			const struct param *p = NULL;
			bool known = false;
			struct near n;

			near_start(&n, t->var);
			for (size_t v = 0; v < nparams; v++) {
				near_try(&n, params[v].name);
				if (!strcmp(params[v].name, t->var))
					p = &params[v];
			}
			for (size_t v = 0; s && v < s->nlets; v++) {
				near_try(&n, s->let[v].name);
				known = known || !strcmp(s->let[v].name, t->var);
			}
			if (!p && !known) {
				err_text(err, &im->cond.text, t->at, "unknown name `$%s', expected %s%s",
					 t->var, s ? "a parameter or a let" : "an axis", near_text(&n, a));
				continue;
			}
			for (size_t w = 0; p && w < t->n; w++) {
				bool has = t->word[w].var;

				near_start(&n, t->word[w].s);
				for (size_t v = 0; v < p->n; v++) {
					near_try(&n, p->value[v]);
					has = has || !strcmp(p->value[v], t->word[w].s);
				}
				if (!has)
					err_text(err, &im->cond.text, t->word[w].at,
						 "%s `%s' has no value `%s', expected one of its values%s",
						 s ? "parameter" : "axis", p->name, t->word[w].s,
						 near_text(&n, a));
			}
		}
	return err->total == errors;
}

void impossible_error(struct lang_errors *err, const struct impossible_line *im)
{
	err_add(err, im->line->file, im->line->no, 1,
		"`impossible %s' holds in no case, expected a condition that takes some away", im->cell);
}

static void report_own(struct scn *s, struct suite *report)
{
	for (size_t i = 0; i < s->nimp; i++) {
		if (!impossible_check(s->a, s->err, s, s->param, s->nparams, &s->imp[i]))
			continue;
		if (!impossible_report(s, s->param, s->nparams, &s->imp[i], s->a, report, s->name))
			impossible_error(s->err, &s->imp[i]);
	}
}

/* A value that no case has would be a lie in the header. */
static void check_values(struct scn *s, const struct cells *c)
{
	for (size_t p = 0; p < s->nparams; p++)
		for (size_t v = 0; v < s->param[p].n; v++) {
			bool has = false;

			for (size_t i = 0; !has && i < c->n; i++)
				has = c->v[i][p] == v;
			if (!has)
				err_add(s->err, s->param[p].line->file, s->param[p].vline[v],
					s->param[p].vcol[v],
					"value `%s' of `%s' is impossible in every case, expected it left out",
					s->param[p].value[v], s->param[p].name);
		}
}

static void product(struct scn *s, struct cells *out)
{
	unsigned int cell[MAX_PARAMS] = { 0 };
	size_t i;

	do {
		const char *why;

		if (cell_impossible(s, cell, NULL, &why) != 1) {
			if (out->n == LANG_MAX_CASES) {
				err_add(s->err, s->path, s->nparams ? s->param[0].line->no : 1, 1,
					"more than %d cases, expected fewer values or `cover pairwise'",
					LANG_MAX_CASES);
				return;
			}
			memcpy(AR_PUSH(s->a, out->v, out->n, out->cap), cell, sizeof(cell));
		}
		for (i = s->nparams; i-- > 0;) {
			if (++cell[i] < s->param[i].n)
				break;
			cell[i] = 0;
		}
	} while (i != SIZE_MAX);
}

/*
 * A few cells of the product in which every value stands once at least, each
 * the first that brings the most values not yet had.
 */
static void keep_each(struct scn *s, struct cells *c)
{
	bool had[MAX_PARAMS][MAX_PARAM_VALUES] = { 0 };
	size_t kept = 0;

	for (;;) {
		size_t best = 0, most = 0;

		for (size_t i = kept; i < c->n; i++) {
			size_t fresh = 0;

			for (size_t p = 0; p < s->nparams; p++)
				fresh += !had[p][c->v[i][p]];
			if (fresh > most) {
				most = fresh;
				best = i;
			}
		}
		if (!most)
			break;
		for (size_t p = 0; p < s->nparams; p++)
			had[p][c->v[best][p]] = true;
		/* the others keep their order: it says which is first */
		unsigned int cell[MAX_PARAMS];

		memcpy(cell, c->v[best], sizeof(cell));
		memmove(c->v[kept + 1], c->v[kept], (best - kept) * sizeof(cell));
		memcpy(c->v[kept++], cell, sizeof(cell));
	}
	if (kept)
		c->n = kept;
}

int cells_make(struct scn *s, struct cells *out, struct suite *report)
{
	size_t errors = s->err->total;
	double total = 1;

	report_own(s, report);
	if (s->err->total > errors)
		return -1;
	for (size_t i = 0; i < s->nparams; i++)
		total *= (double)s->param[i].n;
	if (s->cover == COVER_PAIRWISE && s->nparams > 1) {
		if (pairwise_make(s, out, report))
			return -1;
	} else if (total > MAX_PRODUCT) {
		err_add(s->err, s->path, s->param[0].line->no, 1,
			"the parameters make %.0f cells, expected at most %u (use `cover pairwise')",
			total, MAX_PRODUCT);
		return -1;
	} else {
		product(s, out);
		if (s->cover == COVER_EACH)
			keep_each(s, out);
	}
	if (s->err->total > errors)
		return -1;
	if (!out->n) {
		const char *why = "";

		cell_impossible(s, (unsigned int[MAX_PARAMS]){ 0 }, NULL, &why);
		err_add(s->err, s->path, s->src.sec[0].head->no, 1,
			"every case is impossible (%s), expected at least one", why);
		return -1;
	}
	check_values(s, out);
	return s->err->total > errors ? -1 : 0;
}
