/* test_compare.c - verdicts on cases and runs, outcome sets, the baseline. */
#include "synth.h"

#include "compare.h"

#define X "T\t1\tx\n"
#define Y "T\t1\ty\n"
#define Z "T\t1\tz\n"

/* Two kernels, one exact case (0) and one racy case (1). */
struct world {
	struct suite s;
	struct arm a, b;
	struct compare_options opt;
	struct comparison c;
};

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	synth_case(&w->s, "detach/exact", "p=1,q=2", false);
	synth_case(&w->s, "detach/racy", NULL, true);
	w->a = synth_arm("stock", &w->s);
	w->b = synth_arm("utrace", &w->s);
	w->opt.exact_repeats = 3;
	w->opt.racy_repeats = 100;
}

/* Both cases the same on both kernels. */
static void world_same(struct world *w)
{
	world_init(w);
	synth_saw(&w->a, 0, X, 3, 2);
	synth_saw(&w->b, 0, X, 3, 2);
	synth_saw(&w->a, 1, X, 100, 4);
	synth_saw(&w->b, 1, X, 100, 4);
}

static void world_judge(struct world *w)
{
	compare_arms(&w->s, &w->a, &w->b, &w->opt, &w->c);
}

static void world_free(struct world *w)
{
	comparison_free(&w->c);
	synth_arm_free(&w->a, &w->s);
	synth_arm_free(&w->b, &w->s);
	synth_suite_free(&w->s);
}

static void ranks(void **state)
{
	static const enum exit_code order[] = {
		EX_SAME, EX_UNRESOLVED, EX_BASELINE, EX_UNTESTED, EX_DIFFERS, EX_STUCK,
		EX_SPLAT, EX_PANIC, EX_SYSTEM, EX_INTERRUPTED,
	};

	(void)state;
	for (size_t i = 1; i < sizeof(order) / sizeof(order[0]); i++) {
		assert_true(verdict_rank(order[i]) > verdict_rank(order[i - 1]));
		assert_int_equal(verdict_worse(order[i], order[i - 1]), order[i]);
		assert_int_equal(verdict_worse(order[i - 1], order[i]), order[i]);
		assert_string_not_equal(verdict_word(order[i]), verdict_word(order[i - 1]));
	}
}

static void sets(void **state)
{
	struct case_result a = { 0 }, b = { 0 };

	(void)state;
	outcome_add(&a, X, 7, 1, true);
	outcome_add(&a, Y, 8, 2, false);
	outcome_add(&a, Y, 9, 3, false);
	a.repeats = 3;
	a.boots = 1;
	outcome_sort(&a);
	assert_string_equal(a.outcomes[0].text, Y);
	assert_int_equal(a.outcomes[0].count, 2);
	assert_int_equal(a.outcomes[0].seed, 8);	/* of the first */
	outcome_add(&b, Z, 1, 1, false);
	assert_false(outcome_same_set(&a, &b));
	outcome_merge(&b, &a);
	outcome_merge(&b, &a);
	outcome_sort(&b);
	assert_int_equal(b.noutcomes, 3);
	assert_int_equal(b.outcomes[0].count, 4);
	assert_int_equal(b.outcomes[0].boots, 2);
	assert_int_equal(b.repeats, 6);
	assert_int_equal(outcome_boots(&b), 2);
	outcome_add(&a, Z, 0, 0, false);
	assert_true(outcome_same_set(&a, &b));
	assert_int_equal(strlen(b.outcomes[0].hash), 16);
	case_result_free(&a);
	case_result_free(&b);
}

static void same(void **state)
{
	struct world w;

	(void)state;
	world_same(&w);
	world_judge(&w);
	assert_int_equal(w.c.code, EX_SAME);
	assert_int_equal(w.c.same, 2);
	assert_string_equal(case_word(&w.c.cases[0]), "SAME");
	assert_false(case_failed(&w.c.cases[0]));
	world_free(&w);
}

static void another_outcome_differs(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	synth_saw(&w.a, 0, X, 3, 2);
	synth_saw(&w.b, 0, Y, 3, 2);
	synth_saw(&w.a, 1, X, 100, 4);
	synth_saw(&w.b, 1, X, 100, 4);
	world_judge(&w);
	assert_int_equal(w.c.code, EX_DIFFERS);
	assert_int_equal(w.c.cases[0].flags, CASE_DIFFERS);
	assert_string_equal(w.c.cases[0].div.a, "x");
	assert_string_equal(w.c.cases[0].div.b, "y");
	assert_true(case_failed(&w.c.cases[0]));
	assert_int_equal(w.c.cases[1].code, EX_SAME);
	world_free(&w);
}

static void one_outcome_more_on_b_differs(void **state)
{
	struct world w;

	(void)state;
	world_same(&w);
	synth_saw(&w.b, 0, Y, 1, 1);
	world_judge(&w);
	assert_int_equal(w.c.cases[0].flags, CASE_DIFFERS);
	assert_string_equal(w.c.cases[0].b->text, Y);
	assert_int_equal(w.c.code, EX_DIFFERS);
	world_free(&w);
}

static void a_shaky_reference_is_no_pass(void **state)
{
	struct world w;

	(void)state;
	world_same(&w);
	synth_saw(&w.a, 0, Y, 1, 1);
	world_judge(&w);
	assert_int_equal(w.c.cases[0].flags, CASE_UNTESTED | CASE_NOT_EXACT);
	assert_string_equal(case_word(&w.c.cases[0]), "NOT EXACT");
	assert_non_null(strstr(w.c.cases[0].why, "2 outcomes"));
	assert_int_equal(w.c.code, EX_UNTESTED);
	world_free(&w);
}

static void missing_repeats_are_untested(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	synth_saw(&w.a, 0, X, 3, 1);
	synth_saw(&w.b, 0, X, 2, 1);
	synth_saw(&w.a, 1, X, 100, 4);
	world_judge(&w);
	assert_int_equal(w.c.cases[0].code, EX_UNTESTED);
	assert_non_null(strstr(w.c.cases[0].why, "utrace completed 2 of 3"));
	assert_int_equal(w.c.cases[1].code, EX_UNTESTED);
	assert_int_equal(w.c.code, EX_UNTESTED);
	world_free(&w);
	/* A difference among what was completed is still one. */
	world_init(&w);
	synth_saw(&w.a, 0, X, 3, 1);
	synth_saw(&w.b, 0, Y, 1, 1);
	synth_saw(&w.a, 1, X, 100, 4);
	synth_saw(&w.b, 1, X, 100, 4);
	world_judge(&w);
	assert_int_equal(w.c.cases[0].code, EX_DIFFERS);
	world_free(&w);
}

static void racy_sets(void **state)
{
	struct world w;
	struct case_verdict *v;

	(void)state;
	world_same(&w);
	synth_saw(&w.b, 1, Y, 3, 2);
	synth_saw(&w.a, 1, Z, 8, 1);	/* in one boot of four */
	world_judge(&w);
	v = &w.c.cases[1];
	assert_int_equal(v->flags, CASE_UNRESOLVED);
	assert_int_equal(v->ncand, 2);
	assert_string_equal(v->cand[0].o->text, Y);
	assert_false(v->cand[0].lost);
	assert_int_equal(v->cand[0].absent, 108);
	assert_true(v->cand[1].lost);
	assert_false(v->cand[1].counts);
	/* Reported, not gating, unless asked for. */
	assert_int_equal(w.c.code, EX_SAME);
	assert_int_equal(w.c.unresolved, 1);
	comparison_free(&w.c);
	w.opt.strict_racy = true;
	world_judge(&w);
	assert_int_equal(w.c.code, EX_UNRESOLVED);
	world_free(&w);
}

static void racy_outcome_lost_in_half_of_the_boots(void **state)
{
	struct world w;

	(void)state;
	world_same(&w);
	synth_saw(&w.a, 1, Y, 2, 2);	/* rare, but in two of four boots */
	world_judge(&w);
	assert_int_equal(w.c.cases[1].flags, CASE_UNRESOLVED);
	assert_true(w.c.cases[1].cand[0].lost && w.c.cases[1].cand[0].counts);
	world_free(&w);
	/* In a single boot everything is half of the boots. */
	world_init(&w);
	synth_saw(&w.a, 0, X, 3, 1);
	synth_saw(&w.b, 0, X, 3, 1);
	synth_saw(&w.a, 1, X, 90, 1);
	synth_saw(&w.a, 1, Y, 10, 1);
	synth_saw(&w.b, 1, X, 100, 1);
	world_judge(&w);
	assert_int_equal(w.c.cases[1].flags, 0);
	assert_int_equal(w.c.cases[1].ncand, 1);
	world_free(&w);
}

/* What one side shows so often that chance is no explanation differs, whichever side that is. */
static void racy_outcome_beyond_chance(void **state)
{
	struct world w;
	struct case_verdict *v;

	(void)state;
	for (unsigned int lost = 0; lost < 2; lost++)
		for (unsigned int n = 16; n <= 17; n++) {
			bool gates = n == 17;

			world_init(&w);
			synth_saw(&w.a, 0, X, 3, 1);
			synth_saw(&w.b, 0, X, 3, 1);
			synth_saw(lost ? &w.b : &w.a, 1, X, 100, 4);
			synth_saw(lost ? &w.a : &w.b, 1, X, 100 - n, 4);
			synth_saw(lost ? &w.a : &w.b, 1, Y, n, 4);
			world_judge(&w);
			v = &w.c.cases[1];
			assert_int_equal(v->ncand, 1);
			assert_int_equal(v->cand[0].lost, lost);
			assert_int_equal(v->cand[0].of, 100);
			assert_int_equal(v->cand[0].gates, gates);
			assert_int_equal(v->flags, gates ? CASE_DIFFERS : CASE_UNRESOLVED);
			assert_int_equal(w.c.code, gates ? EX_DIFFERS : EX_SAME);
			if (gates) {
				assert_string_equal(v->why, lost ?
					"racy, shown 17 of 100 on stock, 0 of 100 on utrace, chance < 1e-6" :
					"racy, shown 17 of 100 on utrace, 0 of 100 on stock, chance < 1e-6");
				assert_string_equal(v->div.a, lost ? "y" : "x");
				assert_string_equal(v->div.b, lost ? "x" : "y");
				assert_true(case_failed(v));
				assert_int_equal(w.c.differs, 1);
			}
			world_free(&w);
		}
	/* Nor what one boot of several has shown, however often. */
	for (unsigned int lost = 0; lost < 2; lost++)
		for (unsigned int boots = 1; boots <= 2; boots++) {
			struct arm *has = lost ? &w.a : &w.b;

			world_same(&w);
			synth_saw(has, 1, Y, 40, boots);
			world_judge(&w);
			assert_int_equal(w.c.cases[1].flags, boots == 2 ? CASE_DIFFERS : CASE_UNRESOLVED);
			assert_int_equal(w.c.cases[1].cand[0].gates, boots == 2);
			assert_true(w.c.cases[1].cand[0].counts);
			world_free(&w);
		}
	/* Four repeats against twenty never say so much. */
	world_init(&w);
	synth_saw(&w.a, 0, X, 3, 1);
	synth_saw(&w.b, 0, X, 3, 1);
	synth_saw(&w.a, 1, X, 20, 2);
	synth_saw(&w.b, 1, Y, 4, 2);
	w.opt.racy_repeats = 4;
	world_judge(&w);
	assert_int_equal(w.c.cases[1].flags, CASE_UNRESOLVED);
	assert_int_equal(w.c.code, EX_SAME);
	world_free(&w);
}

/* Which races are worth more repeats. */
static void racy_doubt(void **state)
{
	static const struct {
		unsigned int n, of;
		bool lost, counted, doubtful, one_boot;
	} cases[] = {
		{ 2, 100, false, true, false, false }, { 3, 100, false, true, true, false },
		{ 1, 100, false, false, false, false }, { 2, 100, false, false, true, false },
		{ 17, 100, false, true, false, false },	/* decided */
		{ 7, 100, true, true, false, false }, { 10, 100, true, true, true, false },
		{ 17, 100, true, true, false, false }, { 1, 4, false, true, true, false },
		{ 19, 20, true, true, false, false },
		{ 17, 100, false, true, true, true }, { 19, 20, true, true, true, true },
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arm *has = cases[i].lost ? &w.a : &w.b, *not = cases[i].lost ? &w.b : &w.a;
		struct case_result *r;

		world_init(&w);
		r = &has->results[1];
		synth_saw(not, 1, X, cases[i].of, 4);
		synth_saw(has, 1, X, cases[i].of - cases[i].n, 4);
		synth_saw(has, 1, Y, cases[i].n, cases[i].one_boot || cases[i].n < 2 ? 1 : 2);
		for (size_t o = 0; o < r->noutcomes; o++)
			r->outcomes[o].icount = cases[i].counted;
		assert_int_equal(racy_doubtful(&w.s, &w.a, &w.b, 1, NULL), cases[i].doubtful);
		assert_false(racy_doubtful(&w.s, &w.a, &w.a, 1, NULL));
		world_free(&w);
	}
}

static void a_recorded_racy_outcome_never_gates(void **state)
{
	struct case_result rec = { 0 }, exact = { 0 };
	const struct case_result *cases[] = { &exact, &rec };
	struct baseline base = { 0 };
	struct world w;

	(void)state;
	base.cases = cases;
	outcome_add(&exact, X, 1, 1, true);
	outcome_add(&rec, X, 1, 1, true);
	outcome_add(&rec, Y, 1, 1, true);
	world_same(&w);
	synth_saw(&w.b, 1, Y, 100, 4);
	w.opt.baseline = &base;
	world_judge(&w);
	assert_int_equal(w.c.cases[1].ncand, 0);
	assert_int_equal(w.c.code, EX_SAME);
	world_free(&w);
	case_result_free(&rec);
	case_result_free(&exact);
}

static void frequencies_never_gate(void **state)
{
	struct world w;

	(void)state;
	world_same(&w);
	synth_saw(&w.a, 1, Y, 900, 4);
	synth_saw(&w.b, 1, Y, 1, 1);
	w.opt.strict_racy = true;
	world_judge(&w);
	assert_int_equal(w.c.code, EX_SAME);
	world_free(&w);
}

static void bounds(void **state)
{
	(void)state;
	assert_true(rate_bound(0) == 1.0);
	assert_true(rate_bound(100) > 0.0299 && rate_bound(100) < 0.0301);
}

static void incident(enum incident_kind kind, bool retried, enum exit_code run,
		     enum exit_code of_case)
{
	struct world w;

	world_same(&w);
	synth_incident(&w.b, kind, 0, retried);
	world_judge(&w);
	assert_int_equal(w.c.code, run);
	assert_int_equal(w.c.cases[0].code, of_case);
	world_free(&w);
}

static void incidents(void **state)
{
	struct world w;

	(void)state;
	incident(INC_SPLAT, false, EX_SPLAT, EX_SPLAT);
	incident(INC_PANIC, false, EX_PANIC, EX_PANIC);
	incident(INC_PANIC, true, EX_PANIC, EX_PANIC);
	incident(INC_STUCK, true, EX_STUCK, EX_STUCK);
	incident(INC_QEMU_DIED, true, EX_SAME, EX_SAME);
	incident(INC_QEMU_DIED, false, EX_UNTESTED, EX_UNTESTED);
	incident(INC_CHANNEL, false, EX_UNTESTED, EX_UNTESTED);
	incident(INC_GUEST_ERROR, false, EX_UNTESTED, EX_UNTESTED);
	incident(INC_NOT_RUN, false, EX_UNTESTED, EX_UNTESTED);
	/* Of no case: a broken kernel gates, a lost boot that cost nothing does not. */
	world_same(&w);
	synth_incident(&w.a, INC_NO_BOOT, SIZE_MAX, false);
	world_judge(&w);
	assert_int_equal(w.c.code, EX_SAME);
	comparison_free(&w.c);
	synth_incident(&w.a, INC_PANIC, SIZE_MAX, true);
	world_judge(&w);
	assert_int_equal(w.c.code, EX_PANIC);
	assert_int_equal(w.c.own, EX_PANIC);
	assert_int_equal(w.c.same, 2);
	world_free(&w);
}

static void a_difference_is_not_hidden(void **state)
{
	struct world w;

	(void)state;
	/* Untested elsewhere and an unresolved race do not outrank DIFFERS. */
	world_init(&w);
	synth_saw(&w.a, 0, X, 3, 2);
	synth_saw(&w.b, 0, Y, 3, 2);
	synth_saw(&w.a, 1, X, 100, 4);
	synth_saw(&w.b, 1, X, 87, 4);
	synth_saw(&w.b, 1, Y, 3, 2);
	synth_incident(&w.b, INC_NOT_RUN, 1, false);
	w.opt.strict_racy = true;
	world_judge(&w);
	assert_int_equal(w.c.code, EX_DIFFERS);
	assert_int_equal(w.c.differs, 1);
	assert_int_equal(w.c.untested, 1);
	assert_int_equal(w.c.cases[1].flags, CASE_UNTESTED | CASE_UNRESOLVED);
	comparison_free(&w.c);
	/* A panic does, but the case is still marked. */
	synth_incident(&w.b, INC_PANIC, 0, false);
	world_judge(&w);
	assert_int_equal(w.c.code, EX_PANIC);
	assert_true(w.c.cases[0].flags & CASE_DIFFERS);
	world_free(&w);
}

/* @text with each % replaced by the hash of @outcome. */
static void known_list(struct known *k, const char *text, const char *outcome)
{
	char *dir = synth_dir(), *path = xasprintf("%s/k", dir), hash[17];
	struct buf err = { 0 }, b = { 0 };

	outcome_hash(outcome, hash);
	for (; *text; text++)
		if (*text == '%')
			buf_puts(&b, hash);
		else
			buf_add(&b, text, 1);
	write_file(path, b.s, b.len);
	buf_free(&b);
	assert_int_equal(known_load(path, k, &err), 0);
	free(path);
	synth_rmdir(dir);
}

static void known_differences(void **state)
{
	struct world w;
	struct known k;

	(void)state;
	known_list(&k, "detach/exact* | issue 1 | because | %\n", Y);
	world_init(&w);
	synth_saw(&w.a, 0, X, 3, 2);
	synth_saw(&w.b, 0, Y, 3, 2);
	synth_saw(&w.a, 1, X, 100, 4);
	synth_saw(&w.b, 1, X, 100, 4);
	w.opt.known = &k;
	world_judge(&w);
	assert_int_equal(w.c.code, EX_SAME);
	assert_int_equal(w.c.known, 1);
	assert_string_equal(case_word(&w.c.cases[0]), "KNOWN");
	assert_string_equal(w.c.cases[0].known->reason, "because");
	assert_int_equal(w.c.nstale, 0);
	world_free(&w);
	/* It no longer differs: the entry is stale. */
	world_same(&w);
	w.opt.known = &k;
	world_judge(&w);
	assert_int_equal(w.c.nstale, 1);
	assert_int_equal(w.c.stale[0]->line, 1);
	assert_int_equal(w.c.code, EX_DIFFERS);
	world_free(&w);
	/* Not tested this time: nothing is known. */
	world_init(&w);
	synth_saw(&w.a, 1, X, 100, 4);
	synth_saw(&w.b, 1, X, 100, 4);
	w.opt.known = &k;
	world_judge(&w);
	assert_int_equal(w.c.nstale, 0);
	assert_int_equal(w.c.code, EX_UNTESTED);
	world_free(&w);
	known_free(&k);
}

static void known_of_no_case_or_of_a_race(void **state)
{
	struct world w;
	struct known k;

	(void)state;
	known_list(&k, "gone/* | issue 1 | because | %\ndetach/racy | issue 2 | a race | %\n", Y);
	world_same(&w);
	w.opt.known = &k;
	world_judge(&w);
	assert_int_equal(w.c.nstale, 0);	/* of a part of the suite nobody can say */
	comparison_free(&w.c);
	w.opt.whole_suite = true;
	world_judge(&w);
	assert_int_equal(w.c.nstale, 1);	/* not the race */
	assert_int_equal(w.c.stale[0]->line, 1);
	comparison_free(&w.c);
	/* A known race is not UNRESOLVED. */
	synth_saw(&w.b, 1, Y, 5, 2);
	w.opt.strict_racy = true;
	w.opt.whole_suite = false;
	world_judge(&w);
	assert_int_equal(w.c.cases[1].flags, CASE_KNOWN);
	assert_int_equal(w.c.code, EX_SAME);
	comparison_free(&w.c);
	/* A second outcome of it, not listed, is. */
	synth_saw(&w.b, 1, Z, 1, 1);
	world_judge(&w);
	assert_int_equal(w.c.cases[1].flags, CASE_UNRESOLVED);
	assert_int_equal(w.c.code, EX_UNRESOLVED);
	world_free(&w);
	known_free(&k);
}

static void known_with_another_outcome_differs(void **state)
{
	struct world w;
	struct known k;

	(void)state;
	known_list(&k, "detach/exact* | issue 1 | because | %\n", Z);
	world_init(&w);
	synth_saw(&w.a, 0, X, 3, 2);
	synth_saw(&w.b, 0, Y, 3, 2);
	synth_saw(&w.a, 1, X, 100, 4);
	synth_saw(&w.b, 1, X, 100, 4);
	w.opt.known = &k;
	world_judge(&w);
	assert_int_equal(w.c.cases[0].flags, CASE_DIFFERS);
	assert_null(w.c.cases[0].known);
	assert_non_null(strstr(w.c.cases[0].why, "known-differences:1 lists the case, but not the outcome"));
	assert_int_equal(w.c.code, EX_DIFFERS);
	assert_int_equal(w.c.nstale, 1);
	comparison_free(&w.c);
	/* One that is listed and one that is not. */
	synth_saw(&w.b, 0, Z, 3, 2);
	world_judge(&w);
	assert_int_equal(w.c.cases[0].flags, CASE_DIFFERS);
	assert_null(w.c.cases[0].known);
	assert_int_equal(w.c.nstale, 0);
	world_free(&w);
	known_free(&k);
}

static void known_outcome_that_is_gone(void **state)
{
	struct world w;
	struct known k;

	(void)state;
	known_list(&k, "detach/exact* | issue 1 | because | 0123456789abcdef %\n", Y);
	world_same(&w);
	synth_saw(&w.b, 0, Y, 3, 2);
	w.opt.known = &k;
	world_judge(&w);
	assert_int_equal(w.c.nstale, 0);	/* of a part of the suite nobody can say */
	assert_int_equal(w.c.code, EX_SAME);
	comparison_free(&w.c);
	w.opt.whole_suite = true;
	world_judge(&w);
	assert_int_equal(w.c.cases[0].flags, CASE_KNOWN);
	assert_int_equal(w.c.nstale, 1);
	assert_int_equal(w.c.code, EX_DIFFERS);
	world_free(&w);
	known_free(&k);
}

static void interrupted_run(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	synth_saw(&w.a, 0, X, 3, 2);
	synth_saw(&w.b, 0, Y, 3, 2);
	w.opt.interrupted = true;
	world_judge(&w);
	assert_int_equal(w.c.code, EX_INTERRUPTED);
	assert_int_equal(w.c.differs, 1);
	assert_non_null(strstr(w.c.cases[1].why, "interrupted"));
	world_free(&w);
}

static void nothing_compared_is_no_pass(void **state)
{
	struct world w;

	(void)state;
	memset(&w, 0, sizeof(w));
	w.a = synth_arm("stock", &w.s);
	w.b = synth_arm("utrace", &w.s);
	world_judge(&w);
	assert_int_equal(w.c.code, EX_UNTESTED);
	world_free(&w);
}

/* Update @dir from arm A of @w; expects success and returns the log. */
static char *update(const char *dir, struct world *w, const struct suite *all,
		    struct baseline_change *ch)
{
	struct buf log = { 0 }, err = { 0 };

	buf_puts(&log, "");
	if (baseline_update(dir, &w->s, &w->a, all, ch, &log, &err))
		fail_msg("%s", err.s);
	return log.s;
}

static void judge_with(struct world *w, const char *dir)
{
	static struct baseline b;
	struct buf err = { 0 };

	if (baseline_load(dir, &w->s, &b, &err))
		fail_msg("%s", err.s);
	w->opt.baseline = &b;
	world_judge(w);
	w->opt.baseline = NULL;
	baseline_free(&b);
}

static void baseline_of_a_run(void **state)
{
	char *dir = synth_dir(), *log;
	struct baseline_change ch;
	struct world w;

	(void)state;
	/* Nothing recorded yet: nobody may forget to commit it. */
	world_same(&w);
	judge_with(&w, dir);
	assert_int_equal(w.c.code, EX_BASELINE);
	assert_true(w.c.cases[0].flags & CASE_BASE_NEW);
	comparison_free(&w.c);
	log = update(dir, &w, NULL, &ch);
	assert_int_equal(ch.added, 2);
	assert_non_null(strstr(log, "added   detach/exact[p=1,q=2]\n"));
	free(log);
	judge_with(&w, dir);
	assert_int_equal(w.c.code, EX_SAME);
	comparison_free(&w.c);
	/* Again: nothing changes. */
	log = update(dir, &w, NULL, &ch);
	assert_int_equal(ch.same, 2);
	assert_string_equal(log, "");
	free(log);
	/* The racy reference shows more: reported, not gating, then merged. */
	synth_saw(&w.a, 1, Y, 1, 1);
	judge_with(&w, dir);
	assert_int_equal(w.c.cases[1].flags, CASE_BASE_MORE);
	assert_int_equal(w.c.cases[1].nbase_more, 1);
	assert_int_equal(w.c.code, EX_SAME);
	comparison_free(&w.c);
	log = update(dir, &w, NULL, &ch);
	assert_int_equal(ch.merged, 1);
	free(log);
	world_free(&w);
	/* It shows another in most repeats, on both kernels: not the kernel that was recorded. */
	world_same(&w);
	synth_saw(&w.a, 1, Z, 100, 4);
	synth_saw(&w.b, 1, Z, 100, 4);
	judge_with(&w, dir);
	assert_int_equal(w.c.cases[1].flags, CASE_BASE_MORE | CASE_BASE_CHANGED);
	assert_int_equal(w.c.code, EX_BASELINE);
	world_free(&w);
	/* An outcome of B that only the baseline knows is no candidate. */
	world_same(&w);
	synth_saw(&w.b, 1, Y, 1, 1);
	judge_with(&w, dir);
	assert_int_equal(w.c.cases[1].flags, 0);
	/* Merging keeps what this run did not show. */
	free(update(dir, &w, NULL, &ch));
	assert_int_equal(ch.same, 2);
	assert_int_equal(ch.merged, 0);
	world_free(&w);
	synth_rmdir(dir);
}

static void baseline_change_of_an_exact_case(void **state)
{
	char *dir = synth_dir(), *log;
	struct baseline_change ch;
	struct world w;

	(void)state;
	world_same(&w);
	free(update(dir, &w, NULL, &ch));
	synth_arm_free(&w.a, &w.s);
	synth_arm_free(&w.b, &w.s);
	w.a = synth_arm("stock", &w.s);
	w.b = synth_arm("utrace", &w.s);
	for (int i = 0; i < 2; i++) {
		synth_saw(i ? &w.a : &w.b, 0, Y, 3, 2);
		synth_saw(i ? &w.a : &w.b, 1, X, 100, 4);
	}
	judge_with(&w, dir);
	assert_int_equal(w.c.code, EX_BASELINE);
	assert_int_equal(w.c.cases[0].flags, CASE_BASE_CHANGED);
	assert_string_equal(w.c.cases[0].a_name, "baseline");
	assert_string_equal(w.c.cases[0].div.a, "x");
	assert_string_equal(w.c.cases[0].div.b, "y");
	assert_non_null(strstr(w.c.cases[0].why, "changed against the baseline"));
	log = update(dir, &w, NULL, &ch);
	assert_int_equal(ch.changed, 1);
	free(log);
	world_free(&w);
	synth_rmdir(dir);
}

static void baseline_refuses(void **state)
{
	char *dir = synth_dir();
	struct buf log = { 0 }, err = { 0 };
	struct baseline_change ch;
	struct world w;
	char **names;

	(void)state;
	world_same(&w);
	synth_incident(&w.a, INC_SPLAT, 0, false);
	assert_int_equal(baseline_update(dir, &w.s, &w.a, NULL, &ch, &log, &err), -1);
	assert_non_null(strstr(err.s, "kernel report in detach/exact"));
	assert_int_equal(list_dir(dir, NULL, &names), 0);
	buf_free(&err);
	w.a.nincidents = 0;
	synth_saw(&w.a, 0, Y, 1, 1);
	assert_int_equal(baseline_update(dir, &w.s, &w.a, NULL, &ch, &log, &err), -1);
	assert_non_null(strstr(err.s, "declared exact, but stock shows 2 outcomes"));
	buf_free(&err);
	buf_free(&log);
	world_judge(&w);
	world_free(&w);
	synth_rmdir(dir);
}

static void baseline_drops_what_is_gone(void **state)
{
	char *dir = synth_dir(), *log, *path;
	struct suite fewer = { 0 };
	struct baseline_change ch;
	struct world w;

	(void)state;
	world_same(&w);
	free(update(dir, &w, NULL, &ch));
	synth_case(&fewer, "detach/exact", "p=1,q=2", false);
	log = update(dir, &w, &fewer, &ch);
	assert_int_equal(ch.removed, 2);	/* the case and its file */
	assert_non_null(strstr(log, "removed detach/racy"));
	free(log);
	path = trace_path(dir, "detach/racy");
	assert_false(file_exists(path));
	free(path);
	path = trace_path(dir, "detach/exact");
	assert_true(file_exists(path));
	free(path);
	world_judge(&w);
	world_free(&w);
	synth_suite_free(&fewer);
	synth_rmdir(dir);
}

static void baseline_names_what_is_gone(void **state)
{
	char *dir = synth_dir(), *log, *path, **names;
	struct suite all = { 0 };
	struct baseline_change ch;
	struct world w;

	(void)state;
	assert_int_equal(baseline_gone("/nonexistent/baseline", &all, &names), 0);
	world_same(&w);
	free(update(dir, &w, NULL, &ch));
	assert_int_equal(baseline_gone(dir, &w.s, &names), 0);
	free(names);
	/* A case of a scenario that is there has gone, and a scenario. */
	synth_case(&all, "detach/exact", "p=2,q=2", false);
	assert_int_equal(baseline_gone(dir, &all, &names), 2);
	assert_string_equal(names[0], "detach/exact[p=1,q=2]");
	assert_string_equal(names[1], "detach/racy");
	free(names[0]);
	free(names[1]);
	free(names);
	/* What is told to remove it removes it, when nothing is left of a file too. */
	log = update(dir, &w, &all, &ch);
	free(log);
	path = trace_path(dir, "detach/exact");
	assert_false(file_exists(path));
	free(path);
	assert_int_equal(baseline_gone(dir, &all, &names), 0);
	free(names);
	world_judge(&w);
	world_free(&w);
	synth_suite_free(&all);
	synth_rmdir(dir);
}

/* Every case that traces/baseline records is one of compat-tests/scenarios. */
static void committed_baseline_has_nothing_that_is_gone(void **state)
{
	char *scenarios = top_path("compat-tests/scenarios"), *dir = top_path("traces/baseline");
	struct suite all;
	char **names;
	size_t n;

	(void)state;
	assert_int_equal(suite_load(scenarios, NULL, &all), 0);
	assert_true(all.ncases > 0);
	n = baseline_gone(dir, &all, &names);
	for (size_t i = 0; i < n; i++) {
		print_error("%s\n", names[i]);
		free(names[i]);
	}
	free(names);
	assert_int_equal(n, 0);
	suite_free(&all);
	free(scenarios);
	free(dir);
}

static void damaged_baseline_is_named(void **state)
{
	char *dir = synth_dir(), *path;
	struct baseline_change ch;
	struct baseline b;
	struct buf err = { 0 };
	struct world w;
	char *text, *x;

	(void)state;
	world_same(&w);
	free(update(dir, &w, NULL, &ch));
	path = trace_path(dir, "detach/exact");
	text = read_file(path, NULL);
	x = strstr(text, "\n  x\n");
	assert_non_null(x);
	x[3] = 'q';
	write_file(path, text, strlen(text));
	assert_int_equal(baseline_load(dir, &w.s, &b, &err), -1);
	assert_non_null(strstr(err.s, "detach/exact.trace:8: "));
	free(text);
	free(path);
	buf_free(&err);
	world_judge(&w);
	world_free(&w);
	synth_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks),
		cmocka_unit_test(sets),
		cmocka_unit_test(same),
		cmocka_unit_test(another_outcome_differs),
		cmocka_unit_test(one_outcome_more_on_b_differs),
		cmocka_unit_test(a_shaky_reference_is_no_pass),
		cmocka_unit_test(missing_repeats_are_untested),
		cmocka_unit_test(racy_sets),
		cmocka_unit_test(racy_outcome_lost_in_half_of_the_boots),
		cmocka_unit_test(racy_outcome_beyond_chance),
		cmocka_unit_test(racy_doubt),
		cmocka_unit_test(a_recorded_racy_outcome_never_gates),
		cmocka_unit_test(frequencies_never_gate),
		cmocka_unit_test(bounds),
		cmocka_unit_test(incidents),
		cmocka_unit_test(a_difference_is_not_hidden),
		cmocka_unit_test(known_differences),
		cmocka_unit_test(known_of_no_case_or_of_a_race),
		cmocka_unit_test(known_with_another_outcome_differs),
		cmocka_unit_test(known_outcome_that_is_gone),
		cmocka_unit_test(interrupted_run),
		cmocka_unit_test(nothing_compared_is_no_pass),
		cmocka_unit_test(baseline_of_a_run),
		cmocka_unit_test(baseline_change_of_an_exact_case),
		cmocka_unit_test(baseline_refuses),
		cmocka_unit_test(baseline_drops_what_is_gone),
		cmocka_unit_test(baseline_names_what_is_gone),
		cmocka_unit_test(committed_baseline_has_nothing_that_is_gone),
		cmocka_unit_test(damaged_baseline_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
