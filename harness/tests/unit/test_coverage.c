/* test_coverage.c - pairs of axis values, impossible cells, distinct traces. */
#include "synth.h"

#include "coverage.h"

static char *hows[] = { (char *)"attach", (char *)"seize" };
static char *sigs[] = { (char *)"none", (char *)"SIGKILL", (char *)"SIGSTOP" };
static char *ends[] = { (char *)"exit", (char *)"detach" };
static struct axis axes[] = {
	{ (char *)"detach", (char *)"how", 2, hows },
	{ (char *)"detach", (char *)"sig", 3, sigs },
	{ (char *)"detach", (char *)"end", 2, ends },
	{ (char *)"sysemu", (char *)"end", 2, ends },
};
static struct impossible cells[] = {
	{ (char *)"detach", (char *)"how=seize,sig=SIGSTOP", (char *)"no such stop" },
	{ (char *)"detach/a", (char *)"how=attach,sig=none", (char *)"only this scenario" },
};

static void make(struct suite *s)
{
	memset(s, 0, sizeof(*s));
	synth_case(s, "detach/a", "how=attach,sig=SIGKILL", false)->nescapes = 2;
	synth_case(s, "detach/a", "how=seize,sig=SIGKILL", false)->nescapes = 3;
	synth_case(s, "detach/b", "how=attach,sig=none,other=z", true)->nescapes = 1;
	synth_case(s, "detach/b", "sig=SIGSTOP,end=exit", true);
	synth_case(s, "sysemu/x", "end=exit", false);
	s->axes = axes;
	s->naxes = 4;
	s->impossible = cells;
	s->nimpossible = 2;
}

static void counts_pairs(void **state)
{
	struct family_coverage *f;
	struct suite s;

	(void)state;
	make(&s);
	assert_int_equal(coverage(&s, &f), 2);
	assert_string_equal(f[0].family, "detach");
	assert_int_equal(f[0].nscenarios, 2);
	assert_int_equal(f[0].ncases, 4);
	assert_int_equal(f[0].nescapes, 3 + 1);
	/* 2x3 + 2x2 + 3x2 = 16 pairs, one impossible; a/SIGKILL, s/SIGKILL, a/none, SIGSTOP/exit. */
	assert_int_equal(f[0].pairs, 15);
	assert_int_equal(f[0].impossible, 1);
	assert_int_equal(f[0].covered, 4);
	/* One axis: its values. */
	assert_int_equal(f[1].pairs, 2);
	assert_int_equal(f[1].covered, 1);
	free(f);
	synth_suite_free(&s);
}

static void a_covered_cell_is_not_impossible(void **state)
{
	struct family_coverage *f;
	struct suite s;

	(void)state;
	make(&s);
	synth_case(&s, "detach/c", "how=seize,sig=SIGSTOP", false);
	coverage(&s, &f);
	assert_int_equal(f[0].impossible, 0);
	assert_int_equal(f[0].pairs, 16);
	assert_int_equal(f[0].covered, 5);
	free(f);
	synth_suite_free(&s);
}

/* A cell rules out the pairs it is part of only when it is the pair, or less. */
static void cells_rule_out(void **state)
{
	static const struct { const char *cell; size_t impossible; } table[] = {
		{ "how=seize,sig=SIGSTOP", 1 },
		{ "sig=SIGSTOP,how=seize", 1 },
		{ "how=seize", 4 },			/* sig none, SIGSTOP; end exit, detach */
		{ "how=seize,sig=SIGSTOP,end=exit", 0 },
		{ "how=seize,sig=SIGST", 0 },
		{ "how=seize,sig=SIGSTOPS", 0 },
		{ "ho=seize,sig=SIGSTOP", 0 },
		{ "how=seize,other=z", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct impossible one = { (char *)"detach", (char *)table[i].cell, (char *)"why" };
		struct family_coverage *f;
		struct suite s;

		make(&s);
		s.impossible = &one;
		s.nimpossible = 1;
		coverage(&s, &f);
		if (f[0].impossible != table[i].impossible)
			fail_msg("'%s' rules out %zu pairs, expected %zu", table[i].cell,
				 f[0].impossible, table[i].impossible);
		assert_int_equal(f[0].pairs + f[0].impossible, 16);
		free(f);
		synth_suite_free(&s);
	}
}

static void matrix_shows_holes(void **state)
{
	struct suite s;
	struct buf b = { 0 };

	(void)state;
	make(&s);
	coverage_text(&b, &s, "detach");
	assert_non_null(strstr(b.s, "4 of 15 pairs of axis values covered, 1 impossible"));
	assert_non_null(strstr(b.s, "  how down, sig across\n"));
	assert_non_null(strstr(b.s, "  attach                    1    1    .\n"));
	assert_non_null(strstr(b.s, "  seize                     .    1    x\n"));
	assert_non_null(strstr(b.s, "    how=seize sig=none\n"));
	assert_null(strstr(b.s, "    how=seize sig=SIGSTOP\n"));
	assert_non_null(strstr(b.s, "no such stop"));
	assert_non_null(strstr(b.s, "detach/a: how=attach,sig=none"));
	assert_null(strstr(b.s, "sysemu"));
	for (char *p = b.s; *p; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") <= 80);
	buf_free(&b);
	synth_suite_free(&s);
}

static void equal_traces_count_once(void **state)
{
	struct suite s;
	struct arm a;

	(void)state;
	make(&s);
	a = synth_arm("stock", &s);
	synth_saw(&a, 0, "T\t1\tx\n", 3, 1);
	synth_saw(&a, 1, "T\t1\tx\n", 3, 1);
	synth_saw(&a, 2, "T\t1\tx\n", 3, 1);
	synth_saw(&a, 2, "T\t1\ty\n", 3, 1);
	synth_saw(&a, 4, "T\t1\tx\n", 3, 1);
	assert_int_equal(distinct_traces(&s, "detach", a.results), 2);	/* {x}, {x,y}; case 3 showed nothing */
	assert_int_equal(distinct_traces(&s, "sysemu", a.results), 1);
	synth_arm_free(&a, &s);
	synth_suite_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_rule_out),
		cmocka_unit_test(counts_pairs),
		cmocka_unit_test(a_covered_cell_is_not_impossible),
		cmocka_unit_test(matrix_shows_holes),
		cmocka_unit_test(equal_traces_count_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
