/* compare.c - compares two kernels case by case: exact cases by their one outcome, racy ones as sets. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "compare.h"
#include "outcome.h"

double rate_bound(unsigned int n)
{
	return n > 3 ? 3.0 / n : 1.0;
}

static void because(struct case_verdict *v, char *why)
{
	char *old = v->why;

	if (!old) {
		v->why = why;
		return;
	}
	v->why = xasprintf("%s; %s", old, why);
	free(old);
	free(why);
}

static void differ_with(struct case_verdict *v, const struct outcome *a, const char *a_name,
			const struct outcome *b, const char *b_name)
{
	if (v->a)
		return;
	v->a = a;
	v->b = b;
	v->a_name = a_name;
	v->b_name = b_name;
	diverge(a->text, b->text, &v->div);
}

/* Were all repeats completed?  What is missing is never a silent pass. */
static void check_complete(const struct tcase *t, const struct arm *arm,
			   const struct case_result *r, const struct compare_options *opt,
			   struct case_verdict *v)
{
	unsigned int want = t->racy ? opt->racy_repeats : opt->exact_repeats;

	if (!want)
		want = 1;
	if (r->repeats >= want && r->noutcomes)
		return;
	v->flags |= CASE_UNTESTED;
	because(v, xasprintf("%s completed %u of %u repeats%s", arm->name,
			     r->noutcomes ? r->repeats : 0, want,
			     opt->interrupted ? " (interrupted)" : ""));
}

static void compare_exact(const struct comparison *c, size_t i, struct case_verdict *v)
{
	const struct case_result *a = &c->a->results[i];
	const struct case_result *b = c->b ? &c->b->results[i] : NULL;
	const struct outcome *other = NULL;

	if (a->noutcomes > 1) {
		v->flags |= CASE_UNTESTED | CASE_NOT_EXACT;
		because(v, xasprintf("declared exact, but %s shows %zu outcomes: not exact",
				     c->a->name, a->noutcomes));
	}
	for (size_t o = 0; b && o < b->noutcomes && !other; o++)
		if (!outcome_find(a, b->outcomes[o].hash))
			other = &b->outcomes[o];
	if (a->noutcomes && other) {
		differ_with(v, &a->outcomes[0], c->a->name, other, c->b->name);
		/* A reference that is not exact proves nothing about B. */
		if (a->noutcomes == 1)
			v->flags |= CASE_DIFFERS;
	} else if (a->noutcomes > 1) {
		differ_with(v, &a->outcomes[0], c->a->name, &a->outcomes[1], c->a->name);
	}
}

char *candidate_text(const struct comparison *c, const struct candidate *k)
{
	return xasprintf("racy, shown %u of %u on %s, 0 of %u on %s, chance < 1e-%.0f", k->o->count,
			 k->of, k->lost ? c->a->name : c->b->name, k->absent,
			 k->lost ? c->b->name : c->a->name, ceil(-k->log_chance) - 1);
}

/* @has shows @o, in none of the repeats of @not; @lost: @has is the reference. */
static void add_candidate(const struct comparison *c, struct case_verdict *v, const struct outcome *o,
			  const struct case_result *has, const struct case_result *not, bool lost,
			  bool counts)
{
	struct candidate *k;

	v->cand = xrealloc(v->cand, (v->ncand + 1) * sizeof(*v->cand));
	k = &v->cand[v->ncand++];
	*k = (struct candidate){
		.o = o, .lost = lost, .counts = counts, .of = has->repeats, .absent = not->repeats,
		.log_chance = chance_log10(has->repeats, o->count, not->repeats),
	};
	k->counts |= k->log_chance < CHANCE_GATE;
	/* The repeats of one boot may go together; those of two boots do not. */
	k->gates = k->log_chance < CHANCE_GATE && (o->boots >= 2 || outcome_boots(has) < 2);
	if (k->gates) {
		v->flags |= CASE_DIFFERS;
		because(v, candidate_text(c, k));
		if (lost)
			differ_with(v, o, c->a->name, &not->outcomes[0], c->b->name);
		else
			differ_with(v, &not->outcomes[0], c->a->name, o, c->b->name);
	} else if (k->counts) {
		v->flags |= CASE_UNRESOLVED;
	}
}

static void compare_racy(const struct comparison *c, size_t i, const struct case_result *base,
			 struct case_verdict *v)
{
	const struct case_result *a = &c->a->results[i], *b = &c->b->results[i];
	unsigned int boots = outcome_boots(a);

	if (!a->noutcomes || !b->noutcomes)
		return;
	for (size_t o = 0; o < b->noutcomes; o++) {
		const struct outcome *x = &b->outcomes[o];

		if (!outcome_find(a, x->hash) && !(base && outcome_find(base, x->hash)))
			add_candidate(c, v, x, b, a, false, true);
	}
	for (size_t o = 0; o < a->noutcomes; o++) {
		const struct outcome *x = &a->outcomes[o];

		/* In one boot everything is "half of the boots": that is no evidence. */
		if (!outcome_find(b, x->hash))
			add_candidate(c, v, x, a, b, true, x->boots >= 2 && x->boots * 2 >= boots);
	}
}

/*
 * A race's outcome that comes in most repeats, and not for want of them: had it
 * been so when the baseline was taken it would be there, few as its repeats were.
 */
static bool is_the_rule(const struct case_result *r, const struct outcome *o)
{
	return o->count * 2 >= r->repeats && chance_log10(r->repeats, o->count, r->repeats) < CHANCE_GATE;
}

static void compare_baseline(const struct comparison *c, size_t i,
			     const struct case_result *base, struct case_verdict *v)
{
	const struct case_result *a = &c->a->results[i];

	if (!a->noutcomes)
		return;
	if (!base) {
		v->flags |= CASE_BASE_NEW;
		because(v, xstrdup("new, not in the baseline"));
		return;
	}
	for (size_t o = 0; o < a->noutcomes; o++)
		v->nbase_more += !outcome_find(base, a->outcomes[o].hash);
	if (!v->nbase_more)
		return;
	if (c->s->cases[i].racy) {
		v->flags |= CASE_BASE_MORE;
		for (size_t o = 0; o < a->noutcomes; o++)
			if (!outcome_find(base, a->outcomes[o].hash) && is_the_rule(a, &a->outcomes[o])) {
				v->flags |= CASE_BASE_CHANGED;
				if (base->noutcomes)
					differ_with(v, &base->outcomes[0], "baseline",
						    &a->outcomes[o], c->a->name);
			}
		because(v, xasprintf("%zu outcome%s of %s not in the baseline", v->nbase_more,
				     v->nbase_more == 1 ? "" : "s", c->a->name));
		return;
	}
	/* A shaky reference is reported as NOT EXACT, not as a changed kernel. */
	if (v->flags & CASE_NOT_EXACT)
		return;
	v->flags |= CASE_BASE_CHANGED;
	because(v, xasprintf("%s changed against the baseline", c->a->name));
	if (base->noutcomes)
		differ_with(v, &base->outcomes[0], "baseline", &a->outcomes[0], c->a->name);
}

static void add_incidents(const struct arm *arm, size_t ncases, struct case_verdict *cases)
{
	for (size_t k = 0; arm && k < arm->nincidents; k++) {
		const struct incident *inc = &arm->incidents[k];
		struct case_verdict *v;

		if (inc->icase >= ncases || !incident_gates(inc))
			continue;
		v = &cases[inc->icase];
		switch (incident_code(inc)) {
		case EX_PANIC:
			v->flags |= CASE_PANIC;
			break;
		case EX_SPLAT:
			v->flags |= CASE_SPLAT;
			break;
		case EX_STUCK:
			v->flags |= CASE_STUCK;
			break;
		default:
			v->flags |= CASE_UNTESTED;
		}
		because(v, xasprintf("%s on %s", incident_word(inc->kind), arm->name));
	}
}

/* The @n-th outcome in which case @i differs, or NULL: exact, what only B shows; racy, what counts. */
static const struct outcome *differing(const struct comparison *c, size_t i, size_t n)
{
	const struct case_verdict *v = &c->cases[i];
	const struct case_result *a = &c->a->results[i], *b = c->b ? &c->b->results[i] : NULL;

	for (size_t k = 0; c->s->cases[i].racy && k < v->ncand; k++)
		if (v->cand[k].counts && !n--)
			return v->cand[k].o;
	for (size_t o = 0; !c->s->cases[i].racy && b && o < b->noutcomes; o++)
		if (!outcome_find(a, b->outcomes[o].hash) && !n--)
			return &b->outcomes[o];
	return NULL;
}

/* A case is known when each outcome in which it differs is listed for it. */
static void excuse(const struct comparison *c, const struct known *known, size_t i)
{
	struct case_verdict *v = &c->cases[i];
	unsigned int which = v->flags & (CASE_DIFFERS | CASE_UNRESOLVED);
	const char *name = c->s->cases[i].name;
	const struct known_entry *e = NULL;
	const struct outcome *o;

	for (size_t n = 0; which && known && (o = differing(c, i, n)); n++) {
		e = known_find(known, name, o->hash);
		if (!e) {
			e = known_find(known, name, NULL);
			if (e)
				because(v, xasprintf("known-differences:%zu lists the case, but not the outcome %s",
						     e->line, o->hash));
			v->known = NULL;
			return;
		}
		if (!n)
			v->known = e;
	}
	if (v->known)
		v->flags = (v->flags & ~which) | CASE_KNOWN;
}

static enum exit_code code_of(unsigned int flags)
{
	static const struct { unsigned int flag; enum exit_code code; } map[] = {
		{ CASE_DIFFERS, EX_DIFFERS },
		{ CASE_UNRESOLVED, EX_UNRESOLVED },
		{ CASE_UNTESTED, EX_UNTESTED },
		{ CASE_STUCK, EX_STUCK },
		{ CASE_SPLAT, EX_SPLAT },
		{ CASE_PANIC, EX_PANIC },
		{ CASE_BASE_NEW, EX_BASELINE },
		{ CASE_BASE_CHANGED, EX_BASELINE },
	};
	enum exit_code code = EX_SAME;

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (flags & map[i].flag)
			code = verdict_worse(code, map[i].code);
	return code;
}

static void count(struct comparison *c, const struct case_verdict *v)
{
	switch (v->code) {
	case EX_DIFFERS: c->differs++; break;
	case EX_UNRESOLVED: c->unresolved++; break;
	case EX_UNTESTED: c->untested++; break;
	case EX_STUCK: c->stuck++; break;
	case EX_SPLAT: c->splat++; break;
	case EX_PANIC: c->panic++; break;
	case EX_BASELINE: c->base++; break;
	default:
		if (v->flags & CASE_KNOWN)
			c->known++;
		else
			c->same++;
	}
}

/* Does a case that the entry names differ in this outcome? */
static bool is_shown(const struct comparison *c, const struct known_entry *e, const char *hash)
{
	const struct outcome *o;

	for (size_t i = 0; i < c->s->ncases; i++)
		for (size_t n = 0; known_fits(e, c->s->cases[i].name) && (o = differing(c, i, n)); n++)
			if (!strcmp(o->hash, hash))
				return true;
	return false;
}

/*
 * A listed difference is stale when the cases it names were compared and none
 * shows it; of the whole suite, when one of its outcomes is not shown.  A racy
 * case that shows nothing this time proves nothing.
 */
static bool is_stale(const struct comparison *c, const struct known_entry *e, bool whole_suite)
{
	bool fits = false;
	size_t shown = 0;

	for (size_t i = 0; i < c->s->ncases; i++) {
		const struct case_verdict *v = &c->cases[i];

		if (!known_fits(e, c->s->cases[i].name))
			continue;
		fits = true;
		if ((v->flags & CASE_UNTESTED) || c->s->cases[i].racy)
			return false;
	}
	for (size_t h = 0; h < e->nhashes; h++)
		shown += is_shown(c, e, e->hashes[h]);
	return whole_suite ? shown < e->nhashes : fits && !shown;
}

static void find_stale(struct comparison *c, const struct compare_options *opt)
{
	const struct known *known = opt->known;

	for (size_t k = 0; known && c->b && k < known->n; k++) {
		if (!is_stale(c, &known->entries[k],
			      opt->whole_suite && !opt->interrupted))
			continue;
		c->stale = xrealloc(c->stale, (c->nstale + 1) * sizeof(*c->stale));
		c->stale[c->nstale++] = &known->entries[k];
	}
}

/* Incidents of no particular case gate too when they are about a kernel. */
static enum exit_code loose_incidents(const struct arm *arm, size_t ncases)
{
	enum exit_code code = EX_SAME;

	for (size_t k = 0; arm && k < arm->nincidents; k++) {
		const struct incident *inc = &arm->incidents[k];

		if (inc->icase >= ncases && incident_gates(inc) &&
		    incident_code(inc) != EX_UNTESTED)
			code = verdict_worse(code, incident_code(inc));
	}
	return code;
}

void comparison_own(struct comparison *c, enum exit_code code)
{
	c->own = verdict_worse(c->own, code);
	c->code = verdict_worse(c->code, code);
}

void compare_arms(const struct suite *s, const struct arm *a, const struct arm *b,
		  const struct compare_options *opt, struct comparison *c)
{
	memset(c, 0, sizeof(*c));
	c->s = s;
	c->a = a;
	c->b = b;
	c->cases = xcalloc(s->ncases, sizeof(*c->cases));
	add_incidents(a, s->ncases, c->cases);
	add_incidents(b, s->ncases, c->cases);
	for (size_t i = 0; i < s->ncases; i++) {
		const struct tcase *t = &s->cases[i];
		struct case_verdict *v = &c->cases[i];
		const struct case_result *base =
			opt->baseline ? opt->baseline->cases[i] : NULL;

		check_complete(t, a, &a->results[i], opt, v);
		if (b)
			check_complete(t, b, &b->results[i], opt, v);
		if (!t->racy)
			compare_exact(c, i, v);
		else if (b)
			compare_racy(c, i, base, v);
		if (opt->baseline)
			compare_baseline(c, i, base, v);
		excuse(c, opt->known, i);
		v->code = code_of(v->flags);
		count(c, v);
		if (v->code != EX_UNRESOLVED || opt->strict_racy)
			c->code = verdict_worse(c->code, v->code);
	}
	find_stale(c, opt);
	if (c->nstale)
		c->code = verdict_worse(c->code, EX_DIFFERS);
	comparison_own(c, loose_incidents(a, s->ncases));
	comparison_own(c, loose_incidents(b, s->ncases));
	if (!s->ncases)
		comparison_own(c, EX_UNTESTED);
	if (opt->interrupted)
		comparison_own(c, EX_INTERRUPTED);
}

static void verdict_free(struct case_verdict *v)
{
	free(v->cand);
	free(v->why);
	divergence_free(&v->div);
}

/* One repeat of so many makes an outcome worth a second look; so does a chance that a lost one has. */
#define DOUBT_OF 40
#define CHANCE_DOUBT (-3.0)

bool racy_doubtful(const struct suite *s, const struct arm *a, const struct arm *b, size_t i,
		   const struct baseline *baseline)
{
	const struct comparison c = { .s = s, .a = a, .b = b };
	const struct case_result *base = baseline ? baseline->cases[i] : NULL;
	struct case_verdict v = { 0 };
	bool doubtful = false;

	compare_racy(&c, i, base, &v);
	for (size_t k = 0; k < v.ncand; k++) {
		const struct candidate *x = &v.cand[k];

		if (x->lost)
			doubtful |= x->log_chance < CHANCE_DOUBT;
		else
			doubtful |= x->o->count * DOUBT_OF >= x->of ||
				    (!x->o->icount && x->o->count >= 2);
	}
	doubtful = doubtful && !(v.flags & CASE_DIFFERS);
	verdict_free(&v);
	return doubtful;
}

void comparison_free(struct comparison *c)
{
	for (size_t i = 0; c->s && i < c->s->ncases; i++)
		verdict_free(&c->cases[i]);
	free(c->cases);
	free(c->stale);
	memset(c, 0, sizeof(*c));
}

const char *case_word(const struct case_verdict *v)
{
	if (v->flags & CASE_NOT_EXACT && v->code == EX_UNTESTED)
		return "NOT EXACT";
	if (v->code == EX_SAME && v->flags & CASE_KNOWN)
		return "KNOWN";
	return verdict_word(v->code);
}

bool case_failed(const struct case_verdict *v)
{
	return v->code != EX_SAME && v->code != EX_UNRESOLVED;
}
