/* test_profile.c - profiles: addresses find their function, a run its counts, and wrong sums are seen. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "profile_counts.h"

#define MAP "0000000000000000 D __per_cpu_start\n" \
	"0000000000001000 T of_the_boot_code\n" \
	"ffffffff81000000 T _text\n" \
	"ffffffff81000100 t __do_sys_getppid\n" \
	"ffffffff81000100 T __ia32_sys_getppid\n" \
	"ffffffff81000100 T __x64_sys_getppid\n" \
	"ffffffff81000140 T sent\n" \
	"ffffffff81000140 t sent_inner\n" \
	"ffffffff81000180 t waiter.isra.0\n" \
	"ffffffff81000200 t waiter.cold\n" \
	"ffffffff81000210 W weak\n" \
	"ffffffff81900000 D a_variable\n" \
	"ffffffff82000000 T init_code\n" \
	"ffffffff82400000 B _end\n"

static void names(void **state)
{
	static const struct {
		uint64_t address;
		const char *name;
	} is[] = {
		{ 0x401000, PROFILE_USER }, { 0x7fffffffffff, PROFILE_USER },
		{ 0xffffffff81000000, "_text" }, { 0xffffffff810000ff, "_text" },
		/* the last global name of three, the global one of two */
		{ 0xffffffff81000100, "__x64_sys_getppid" }, { 0xffffffff8100013f, "__x64_sys_getppid" },
		{ 0xffffffff81000140, "sent" },
		/* what was cut off is the function it was cut from */
		{ 0xffffffff81000190, "waiter" }, { 0xffffffff81000200, "waiter" },
		{ 0xffffffff81000210, "weak" },
		/* a variable ends no function */
		{ 0xffffffff81900010, "weak" },
		{ 0xffffffff82000001, "init_code" }, { 0xffffffff823fffff, "init_code" },
		{ 0xffffffff82400000, PROFILE_MODULES }, { 0xfffffffffeffffff, PROFILE_MODULES },
		{ 0xffffffffff600000, PROFILE_OTHER }, { 0xffffffff80ffffff, PROFILE_OTHER },
		{ 0xffff888000001000, PROFILE_OTHER },
	};
	struct profile_map m;

	(void)state;
	assert_true(profile_map_parse(&m, MAP));
	for (size_t i = 0; i < sizeof(is) / sizeof(is[0]); i++)
		assert_string_equal(profile_map_name(&m, is[i].address), is[i].name);
	profile_map_free(&m);
}

static void no_map(void **state)
{
	static const char *const bad[] = {
		"", "nonsense\n", "ffffffff81000000 T\n", "ffffffff81000000 D only_data\n",
		"ffffffff81000000 T no_end\n", "ffffffff81000000 T a\nffffffff80000000 B _end\n",
		/* not sorted */
		"ffffffff81000100 T b\nffffffff81000000 T a\nffffffff82000000 B _end\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct profile_map m;

		assert_false(profile_map_parse(&m, bad[i]));
	}
}

/* A mark of something else, then two runs with something between them and behind. */
#define COUNTS "mark\n" \
	"401000 7\nmark\n" \
	"401000 70000\nmark\n" \
	"401000 10\nffffffff81000100 40\nffffffff81000144 2\nffffffff8100013e 3\nmark\n" \
	"401000 50000\nmark\n" \
	"401000 10\nffffffff81000100 44\nffffffffc0000010 5\nmark\n" \
	"end\n"

static void runs(void **state)
{
	struct profile_run r[2];

	(void)state;
	assert_null(profile_runs(COUNTS, 2, r));
	assert_int_equal(r[0].sum, 55);
	assert_int_equal(r[1].sum, 59);
	assert_int_equal(strncmp(r[1].text, "401000 10\nffffffff81000100 44\n", 30), 0);
	/* the last one alone */
	assert_null(profile_runs(COUNTS, 1, r));
	assert_int_equal(r[0].sum, 59);
}

static void no_runs(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "mark\n401000 7\nmark\n", "no end" },
		{ "mark\n401000 7\nmark\n401000", "no end" },
		{ "", "no end" },
		{ "end\n", "twice" },
		{ "mark\nend\n", "twice" },
		{ "mark\n401000\nmark\nend\n", "not understood" },
		{ "mark\n401000 0\nmark\nend\n", "not understood" },
		{ "mark\n401000 7x\nmark\nend\n", "not understood" },
		{ "mark\nwhat 7\nmark\nend\n", "not understood" },
	};
	struct profile_run r[1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *why = profile_runs(bad[i].text, 1, r);

		assert_non_null(why);
		assert_non_null(strstr(why, bad[i].why));
	}
}

static void attribution(void **state)
{
	static const char *const order[] = { "__x64_sys_getppid", PROFILE_MODULES, "sent", PROFILE_USER };
	static const uint64_t counts[][2] = { { 43, 88 }, { 0, 10 }, { 2, 0 }, { 10, 20 } };
	const unsigned int times[2] = { 1, 2 };
	struct profile p = { 0 };
	struct profile_run r[2];
	struct profile_map m;

	(void)state;
	assert_true(profile_map_parse(&m, MAP));
	assert_null(profile_runs(COUNTS, 2, r));
	profile_add(&p, 0, &m, &r[0]);
	/* twice as many of them in a run of the other kernel */
	profile_add(&p, 1, &m, &r[1]);
	profile_add(&p, 1, &m, &r[1]);
	profile_sort(&p, times);
	assert_int_equal(p.n, 4);
	/* differences for one: 5, 2, 1, 0 */
	assert_string_equal(p.v[0].name, PROFILE_MODULES);
	assert_string_equal(p.v[1].name, "sent");
	assert_string_equal(p.v[2].name, "__x64_sys_getppid");
	assert_string_equal(p.v[3].name, PROFILE_USER);
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < p.n; k++)
			if (!strcmp(p.v[k].name, order[i]))
				assert_memory_equal(p.v[k].count, counts[i], sizeof(counts[i]));
	assert_int_equal(profile_sum(&p, 0), 55);
	assert_int_equal(profile_sum(&p, 1), 118);
	profile_free(&p);
	profile_map_free(&m);
}

static void agreement(void **state)
{
	(void)state;
	assert_true(profile_agrees(466000, 466000));
	assert_true(profile_agrees(100, 102));
	assert_false(profile_agrees(100, 103));
	assert_true(profile_agrees(PROFILE_SLACK, 0));
	assert_true(profile_agrees(PROFILE_SLACK + 10000 + 10000 / PROFILE_SHARE, 10000));
	assert_false(profile_agrees(PROFILE_SLACK + 10001 + 10000 / PROFILE_SHARE, 10000));
	assert_true(profile_agrees(10000 - PROFILE_SLACK - 10000 / PROFILE_SHARE, 10000));
	assert_false(profile_agrees(9999 - PROFILE_SLACK - 10000 / PROFILE_SHARE, 10000));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names), cmocka_unit_test(no_map), cmocka_unit_test(runs),
		cmocka_unit_test(no_runs), cmocka_unit_test(attribution), cmocka_unit_test(agreement),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
