/* test_chance.c - what chance allows of an outcome on one side only: known values, and its shape. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#include "chance.h"

/* P(Bin(n,p) >= k) * P(Bin(m,p) = 0), repeat by repeat: no binomials, no logarithms. */
static long double both(unsigned int n, unsigned int k, unsigned int m, long double p)
{
	long double shown[201] = { 1 }, more = 0, none = 1;

	for (unsigned int i = 1; i <= n; i++)
		for (unsigned int j = i + 1; j-- > 0;)
			shown[j] = shown[j] * (1 - p) + (j ? shown[j - 1] * p : 0);
	for (unsigned int j = k; j <= n; j++)
		more += shown[j];
	for (unsigned int i = 0; i < m; i++)
		none *= 1 - p;
	return more * none;
}

/* The greatest of them over a grid of rates. */
static double brute(unsigned int n, unsigned int k, unsigned int m)
{
	long double best = 0;

	for (unsigned int i = 1; i < 500; i++) {
		long double x = both(n, k, m, i / 500.0L);

		best = x > best ? x : best;
	}
	return log10l(best);
}

static void as_by_brute_force(void **state)
{
	static const unsigned int n[] = { 1, 4, 12, 20, 50, 100 };

	(void)state;
	for (unsigned int i = 0; i < 6; i++)
		for (unsigned int j = 0; j < 6; j++)
			for (unsigned int k = 1; k <= n[i]; k += 1 + k / 2) {
				double is = chance_log10(n[i], k, n[j]);
				double want = brute(n[i], k, n[j]);

				/* the grid can only miss the top, and not by much */
				assert_true(is >= want - 1e-9 && is <= want + 0.05);
			}
}

static void known_values(void **state)
{
	(void)state;
	/* p^n (1-p)^n is greatest at p = 1/2 */
	assert_true(fabs(chance_log10(4, 4, 4) - log10(1.0 / 256)) < 1e-9);
	assert_true(fabs(chance_log10(10, 10, 10) - 20 * log10(0.5)) < 1e-9);
	/* p (1-p)^3 at p = 1/4 */
	assert_true(fabs(chance_log10(1, 1, 3) - log10(27.0 / 256)) < 1e-9);
	assert_true(fabs(chance_log10(100, 100, 100) - 200 * log10(0.5)) < 1e-9);
	/* nothing seen, or nothing to compare with: no evidence */
	assert_true(chance_log10(100, 0, 100) == 0);
	assert_true(chance_log10(100, 100, 0) == 0);
}

/* The least number of @n that gates against none of @m; n + 1: none does. */
static unsigned int least(unsigned int n, unsigned int m)
{
	unsigned int k = 1;

	while (k <= n && chance_log10(n, k, m) >= CHANCE_GATE)
		k++;
	return k;
}

static void what_gates(void **state)
{
	(void)state;
	assert_int_equal(least(4, 4), 5);
	assert_in_range(least(4, 20), 5, 5);
	assert_int_equal(least(4, 1000), 3);
	assert_int_equal(least(20, 20), 14);
	assert_int_equal(least(100, 100), 17);
	assert_int_equal(least(100, 4), 98);
	/* without end: e^-x P(Poisson(x) >= k) at its greatest */
	assert_int_equal(least(100000, 100000), 18);
}

static void monotone(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= 100; n += 11)
		for (unsigned int m = 1; m <= 100; m += 33)
			for (unsigned int k = 1; k <= n; k++) {
				double is = chance_log10(n, k, m);

				assert_true(is < 0);
				/* more often here, or more repeats without it there: less chance */
				assert_true(is < chance_log10(n, k - 1, m) || k == 1);
				assert_true(is > chance_log10(n, k, m + 1));
				/* as often in more repeats: more chance */
				assert_true(is < chance_log10(n + 1, k, m));
			}
}

/* All of the one and none of the other is the same question from both sides. */
static void symmetric(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= 100; n += 11)
		for (unsigned int m = 1; m <= 100; m += 7)
			assert_true(fabs(chance_log10(n, n, m) - chance_log10(m, m, n)) < 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_by_brute_force),
		cmocka_unit_test(known_values),
		cmocka_unit_test(what_gates),
		cmocka_unit_test(monotone),
		cmocka_unit_test(symmetric),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
