/* test_plan.c - planning of boots: every repeat once, seeds fresh in each arm and boot, CPUs as asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/job.h"
#include "harness/plan.h"
#include "compat-tests/form/wire.h"

#define MANY 700

static struct tcase cases[MANY];
static char names[MANY][32];

static struct suite suite_of(size_t n)
{
	struct suite s = { .ncases = n, .cases = cases };
	size_t i;

	memset(cases, 0, sizeof(cases));
	for (i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), "family/case%zu", i);
		cases[i].name = names[i];
	}
	return s;
}

/* How often repeat @k of case @i is planned, in boots of @mode (0: any). */
static unsigned int planned(const struct plan *p, size_t i, unsigned int k, int mode)
{
	unsigned int n = 0;
	size_t b, j;

	for (b = 0; b < p->nboots; b++)
		for (j = 0; j < p->boots[b]->nitems; j++) {
			const struct item *it = &p->boots[b]->items[j];

			n += it->icase == i && k - it->first < it->repeats &&
				(!mode || p->boots[b]->mode == mode);
		}
	return n;
}

static size_t boots_of(const struct plan *p, size_t i, int mode)
{
	size_t n = 0, b, j;

	for (b = 0; b < p->nboots; b++)
		for (j = 0; j < p->boots[b]->nitems; j++)
			n += p->boots[b]->items[j].icase == i && p->boots[b]->mode == mode;
	return n;
}

static void every_repeat_is_planned_once(void **state)
{
	struct run_options opt = { 0 };
	struct suite s = suite_of(MANY);
	struct plan p;
	size_t i;
	unsigned int k, n;

	(void)state;
	for (i = 0; i < MANY; i++) {
		cases[i].racy = i % 5 == 0;
		cases[i].cpus = i % 7 == 0 ? 1 : i % 11 == 0 ? 2 : i % 13 == 0 ? 4 : 0;
	}
	for (opt.exact_repeats = 1; opt.exact_repeats < 8; opt.exact_repeats++) {
		opt.racy_repeats = opt.exact_repeats * 9;
		opt.boots = opt.exact_repeats == 6 ? 24 : 0;
		plan_arm(&s, &opt, 1, &p);
		for (i = 0; i < MANY; i += 3) {
			n = plan_repeats(&cases[i], &opt);
			for (k = 0; k < n; k++)
				assert_int_equal(planned(&p, i, k, 0), 1);
			assert_int_equal(planned(&p, i, n, 0), 0);
			if (cases[i].cpus == 1)
				assert_int_equal(boots_of(&p, i, MODE_SMP), 0);
			if (cases[i].cpus > 1)
				assert_int_equal(boots_of(&p, i, MODE_ICOUNT), 0);
		}
		plan_free(&p);
	}
}

static void defaults_are_as_documented(void **state)
{
	struct run_options opt = { 0 };
	struct suite s = suite_of(2);
	struct plan p;
	unsigned int k, counted = 0;

	(void)state;
	cases[1].racy = true;
	plan_arm(&s, &opt, 1, &p);
	/* exact: two counted boots with a seed each */
	assert_int_equal(plan_repeats(&cases[0], &opt), 3);
	assert_int_equal(boots_of(&p, 0, MODE_ICOUNT), 2);
	/* racy: fifteen sixteenths counted, two boots of either kind */
	assert_int_equal(plan_repeats(&cases[1], &opt), 100);
	assert_int_equal(boots_of(&p, 1, MODE_ICOUNT), 2);
	assert_int_equal(boots_of(&p, 1, MODE_SMP), 2);
	for (k = 0; k < 100; k++)
		counted += planned(&p, 1, k, MODE_ICOUNT);
	assert_int_equal(counted, 94);
	plan_free(&p);
	/* and for a sixteenth of the exact cases, another with each seed, one on several CPUs */
	for (opt.seed = 1, k = 0; opt.seed <= 400; opt.seed++) {
		plan_arm(&s, &opt, 1, &p);
		assert_in_range(boots_of(&p, 0, MODE_SMP), 0, 1);
		k += boots_of(&p, 0, MODE_SMP);
		plan_free(&p);
	}
	assert_in_range(k, 10, 45);
	opt.seed = 0;
	opt.boots = 24;
	plan_arm(&s, &opt, 1, &p);
	assert_int_equal(boots_of(&p, 1, MODE_ICOUNT) + boots_of(&p, 1, MODE_SMP), 24);
	plan_free(&p);
}

static void cpus_of_a_boot_are_what_its_cases_need(void **state)
{
	struct run_options opt = { 0 };
	struct suite s = suite_of(4);
	struct plan p;
	size_t b, j;

	(void)state;
	cases[1].cpus = 1;
	cases[2].cpus = 2;
	cases[3].cpus = 4;
	plan_arm(&s, &opt, 1, &p);
	for (b = 0; b < p.nboots; b++) {
		assert_int_equal(p.boots[b]->mode == MODE_ICOUNT, p.boots[b]->cpus == 1);
		for (j = 0; j < p.boots[b]->nitems; j++) {
			unsigned int need = cases[p.boots[b]->items[j].icase].cpus;

			assert_true(!need || need == p.boots[b]->cpus);
		}
	}
	plan_free(&p);
}

static void cpus_that_are_asked_for_are_those_of_all_that_do_not_need_one(void **state)
{
	struct run_options opt = { .cpus = 4 };
	struct suite s = suite_of(5);
	struct plan p;

	(void)state;
	cases[1].cpus = 1;
	cases[2].cpus = 2;
	cases[3].cpus = 8;
	cases[4].racy = true;
	plan_arm(&s, &opt, 1, &p);
	for (size_t b = 0; b < p.nboots; b++)
		for (size_t j = 0; j < p.boots[b]->nitems; j++) {
			unsigned int need = cases[p.boots[b]->items[j].icase].cpus;

			assert_int_equal(p.boots[b]->cpus, need == 1 || need == 8 ? need : 4);
			assert_int_equal(p.boots[b]->mode, need == 1 ? MODE_ICOUNT : MODE_SMP);
		}
	for (size_t i = 0; i < s.ncases; i++)
		for (unsigned int k = 0; k < plan_repeats(&cases[i], &opt); k++)
			assert_int_equal(planned(&p, i, k, 0), 1);
	plan_free(&p);
}

static void no_seed_is_used_twice(void **state)
{
	struct run_options opt = { 0 };
	struct suite s = suite_of(MANY);
	struct plan p[2];
	size_t a, b, i, k, n = 0;
	uint64_t seeds[200];

	(void)state;
	for (a = 0; a < 2; a++) {
		plan_arm(&s, &opt, arm_seed(&opt, 42, a), &p[a]);
		for (b = 0; b < p[a].nboots; b++) {
			assert_true(n < 200);
			seeds[n++] = p[a].boots[b]->seed;
		}
	}
	assert_true(n > 4);
	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			assert_true(seeds[i] != seeds[k]);
	plan_free(&p[0]);
	plan_free(&p[1]);
	/* the same run seed gives the same seeds, and equal ones to all arms when asked to */
	assert_true(arm_seed(&opt, 42, 1) == arm_seed(&opt, 42, 1));
	opt.same_seeds = true;
	assert_true(arm_seed(&opt, 42, 1) == arm_seed(&opt, 42, 0));
}

static void ids_depend_on_names_alone(void **state)
{
	struct suite s = suite_of(MANY), one = { .ncases = 1, .cases = &cases[77] };
	static uint32_t ids[MANY];
	uint32_t id;
	size_t i, k;

	(void)state;
	case_ids(&s, ids);
	case_ids(&one, &id);
	assert_int_equal(ids[77], id);
	for (i = 0; i < MANY; i++)
		for (k = 0; k < i; k++)
			assert_true(ids[i] != ids[k]);
	/* two cases of one name still get numbers of their own */
	cases[1].name = cases[0].name;
	case_ids(&s, ids);
	assert_true(ids[0] != ids[1]);
}

static void job_is_as_the_guest_expects(void **state)
{
	const struct job_item items[2] = {
		{ .id = 5, .first = 2, .repeats = 3, .blob = "abc", .bloblen = 3 },
		{ .id = 6, .first = 0, .repeats = 1, .blob = "12345678", .bloblen = 8 },
	};
	struct buf b = { 0 };
	struct job_head h;
	struct job_case c;

	(void)state;
	job_build(&b, 77, 88, JOB_ICOUNT, items, 2);
	memcpy(&h, b.s, sizeof(h));
	assert_int_equal(h.magic, JOB_MAGIC);
	assert_int_equal(h.count, 2);
	assert_int_equal(h.size, b.len);
	assert_int_equal(b.len, sizeof(h) + 2 * sizeof(c) + 8 + 8);
	assert_int_equal(h.nonce, 77);
	assert_int_equal(h.seed, 88);
	assert_int_equal(h.flags, JOB_ICOUNT);
	memcpy(&c, b.s + sizeof(h), sizeof(c));
	assert_int_equal(c.id, 5);
	assert_int_equal(c.first_repeat, 2);
	assert_int_equal(c.repeats, 3);
	assert_int_equal(c.len, 3);
	assert_memory_equal(b.s + sizeof(h) + sizeof(c), "abc\0\0\0\0\0", 8);
	memcpy(&c, b.s + sizeof(h) + sizeof(c) + 8, sizeof(c));
	assert_int_equal(c.id, 6);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_repeat_is_planned_once),
		cmocka_unit_test(defaults_are_as_documented),
		cmocka_unit_test(cpus_of_a_boot_are_what_its_cases_need),
		cmocka_unit_test(cpus_that_are_asked_for_are_those_of_all_that_do_not_need_one),
		cmocka_unit_test(no_seed_is_used_twice),
		cmocka_unit_test(ids_depend_on_names_alone),
		cmocka_unit_test(job_is_as_the_guest_expects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
