/* test_bench.c - costs: what the program prints is read, least, median and bounds are right. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bench_cost.h"

#define A "# unit instructions\nok 1 - getppid: 3 runs\n# bench getppid call 10 2330 2330 9000\n" \
	"# bench stop ptrace 2 2000 3000 4000 9000\n# absent logged engine no module x\n"

static void figures(void **state)
{
	struct bench_costs c = { 0 };
	const struct bench_cost *o;

	(void)state;
	assert_true(bench_parse(&c, 0, A));
	assert_true(c.counted[0]);
	assert_int_equal(c.n, 3);
	o = bench_find(&c, "stop");
	assert_non_null(o);
	assert_true(bench_least(&o->side[0]) == 1000);
	assert_true(bench_quantile(&o->side[0], 0.5) == 1750);
	assert_true(bench_quantile(&o->side[0], 1) == 4500);
	assert_true(bench_ratio(o) == 0);
	assert_string_equal(bench_find(&c, "logged")->side[0].absent, "no module x");
	/* another boot's runs are more of the same */
	assert_true(bench_parse(&c, 0, "# unit instructions\n# bench stop ptrace 2 100\n"));
	assert_true(bench_least(&o->side[0]) == 50);
	assert_null(bench_find(&c, "none"));
	bench_free(&c);
}

static void damaged(void **state)
{
	static const char *const bad[] = {
		"# bench getppid call 10 2330\n", "# unit ns\n# bench getppid call 0 2330\n",
		"# unit ns\n# bench getppid call 10\n", "# unit ns\n# bench getppid\n",
		"# unit ns\n# bench getppid call 10 12 x\n", "# unit ns\n# bench getppid call 10 0\n",
		"# unit ns\n# absent getppid\n",
		"# unit ns\n# bench a call 10 5\n# bench a call 11 5\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bench_costs c = { 0 };

		assert_false(bench_parse(&c, 0, bad[i]));
		bench_free(&c);
	}
}

/* @b on the second kernel against 100,000 on the first. */
static bool above(const char *kind, unsigned int b, double *ratio)
{
	const struct bench_bounds bounds = { .call = 1.0, .untraced = 1.005, .signal = 1.015, .ptrace = 1.02 };
	struct bench_costs c = { 0 };
	char text[200];
	bool is;

	snprintf(text, sizeof(text), "# unit instructions\n# bench x %s 1 100000\n", kind);
	assert_true(bench_parse(&c, 0, text));
	snprintf(text, sizeof(text), "# unit instructions\n# bench x %s 1 %u\n", kind, b);
	assert_true(bench_parse(&c, 1, text));
	*ratio = bench_ratio(&c.v[0]);
	is = bench_above(&bounds, &c.v[0]);
	bench_free(&c);
	return is;
}

static void bounds(void **state)
{
	double r;

	(void)state;
	assert_false(above("call", 100049, &r));
	assert_true(above("call", 100051, &r));
	assert_false(above("untraced", 100500, &r));
	assert_true(above("untraced", 100600, &r));
	assert_false(above("signal", 101500, &r));
	assert_true(above("signal", 101600, &r));
	assert_false(above("ptrace", 102000, &r));
	assert_true(r == 1.02);
	assert_true(above("ptrace", 102100, &r));
	assert_false(above("ptrace", 50000, &r));
	assert_false(above("engine", 900000, &r));
}

static void logged(void **state)
{
	struct bench_bounds bounds = { .logged = 1000 };
	struct bench_costs c = { 0 };

	(void)state;
	assert_true(bench_parse(&c, 0, "# unit instructions\n# bench getppid call 10 1000\n"));
	assert_true(bench_parse(&c, 1, "# unit instructions\n# bench getppid call 10 1000\n"));
	assert_true(bench_logged(&c) == 0);
	assert_false(bench_logged_above(&bounds, &c));
	assert_true(bench_parse(&c, 1, "# unit instructions\n# bench getppid-logged engine 10 11000\n"));
	assert_true(bench_logged(&c) == 1000);
	assert_false(bench_logged_above(&bounds, &c));
	bounds.logged = 999;
	assert_true(bench_logged_above(&bounds, &c));
	bounds.logged = 0;
	assert_false(bench_logged_above(&bounds, &c));
	bench_free(&c);
}

static void one_sided(void **state)
{
	const struct bench_bounds bounds = { .call = 1.0, .ptrace = 1.02 };
	struct bench_costs c = { 0 };

	(void)state;
	assert_true(bench_parse(&c, 0, A));
	assert_true(bench_parse(&c, 1, "# unit instructions\n# bench getppid call 10 2330\n"
				"# bench logged engine 1 5\n# absent new ptrace none\n"));
	assert_false(bench_one_sided(&bounds, bench_find(&c, "getppid")));
	assert_true(bench_one_sided(&bounds, bench_find(&c, "stop")));
	/* without a bound, or on neither: there is nothing to be above of */
	assert_false(bench_one_sided(&bounds, bench_find(&c, "logged")));
	assert_false(bench_one_sided(&bounds, bench_find(&c, "new")));
	bench_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures), cmocka_unit_test(damaged), cmocka_unit_test(bounds), cmocka_unit_test(logged),
		cmocka_unit_test(one_sided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
