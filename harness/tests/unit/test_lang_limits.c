/* test_lang_limits.c - what is too much is an error at its place, several errors are told, and no more than twenty. */
#include "lang_util.h"

/* @n lines made from a format with the number in it. */
static void lines(struct buf *b, unsigned int n, const char *fmt)
{
	for (unsigned int i = 0; i < n; i++) {
		char line[200], num[16];
		const char *at = strchr(fmt, '%');

		snprintf(num, sizeof(num), "%u", i);
		snprintf(line, sizeof(line), "%.*s%s%s", (int)(at ? at - fmt : (long)strlen(fmt)), fmt,
			 at ? num : "", at ? at + 1 : "");
		buf_puts(b, line);
	}
}

static void expect_buf(struct buf *b, const char *msg)
{
	expect(b->s, msg);
	buf_free(b);
}

static void too_many_roles(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD "roles\n  T tracer\n  P tracee\n");
	lines(&b, FORM_MAX_ROLES - 2, "  O% outsider\n");
	buf_puts(&b, "  \1last outsider\n" STEPS);
	expect_buf(&b, "more than 64 roles");
}

static void too_many_edges(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD ROLES COLS "  attach P | nop\n");
	for (unsigned int i = 0; i < FORM_MAX_EDGES; i++)
		buf_printf(&b, "  nop >e%u; <e%u\n", i, i);
	buf_puts(&b, "  nop >\1last\n");
	expect_buf(&b, "more than 256 edges in a case");
}

static void too_many_values(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD ROLES COLS "  attach P | nop\n");
	for (unsigned int i = 0; i < FORM_MAX_VALUES; i++)
		buf_printf(&b, "  nop => v%u; value @v%u\n", i, i);
	buf_puts(&b, "  nop => \1last\n");
	expect_buf(&b, "more than 64 saved values in a case");
}

static void too_many_clauses(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD ROLES COLS "  attach P; react b until gone | nop\nblock b\n");
	lines(&b, FORM_MAX_CLAUSES, "  on any : mark m%\n");
	buf_puts(&b, "  \1on any : nop\n");
	expect_buf(&b, "more than 16 clauses in a block");
}

static void too_many_blocks(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD ROLES COLS "  attach P | nop\n");
	lines(&b, FORM_MAX_BLOCKS + 1, "  do b%\n");
	for (unsigned int i = 0; i < FORM_MAX_BLOCKS; i++)
		buf_printf(&b, "block b%u\n  nop\n", i);
	buf_printf(&b, "\1block b%u\n  nop\n", FORM_MAX_BLOCKS);
	expect_buf(&b, "more than 64 blocks in a case");
}

static void too_many_arguments(void **state)
{
	(void)state;
	expect(HEAD ROLES COLS "  attach P; call getpid 1 2 3 4 5 6 7 \0018 | nop\n",
	       "too many arguments of `call' from `8' on, expected: at most 8");
}

static void too_long_a_step(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD ROLES COLS "  attach P; \1mark \"");
	lines(&b, 195, "x");
	buf_puts(&b, "\" | nop\n");
	expect_buf(&b, "a step of 202 bytes, expected at most 200");
}

static void too_many_cases(void **state)
{
	struct lang_errors e;
	struct buf b = { 0 };
	struct suite s;

	(void)state;
	buf_puts(&b, HEAD "param a =");
	lines(&b, 72, " v%");
	buf_puts(&b, "\nparam b =");
	lines(&b, 70, " v%");
	buf_puts(&b, "\n" ROLES "steps\n  T | P\n  mark $a | mark $b\n");
	assert_int_equal(compile_with(b.s, NULL, NULL, NULL, &s, &e), -1);
	assert_int_equal(e.n, 1);
	assert_string_equal(e.v[0].text, "more than 5000 cases, expected fewer values or `cover pairwise'");
	assert_int_equal(e.v[0].line, 4);
	assert_int_equal(s.ncases, 0);
	lang_errors_free(&e);
	suite_free(&s);
	buf_free(&b);
}

static void too_big_a_product(void **state)
{
	struct lang_errors e;
	struct buf b = { 0 };
	struct suite s;

	(void)state;
	buf_puts(&b, HEAD);
	for (char p = 'a'; p < 'g'; p++) {
		buf_printf(&b, "param %c =", p);
		lines(&b, 10, " v%");
		buf_puts(&b, "\n");
	}
	buf_puts(&b, ROLES "steps\n  T | P\n  mark $a$b$c | mark $d$e$f\n");
	assert_int_equal(compile_with(b.s, NULL, NULL, NULL, &s, &e), -1);
	assert_int_equal(e.n, 1);
	assert_string_equal(e.v[0].text, "the parameters make 1000000 cells, expected at most 200000 (use `cover pairwise')");
	assert_int_equal(e.v[0].line, 4);
	lang_errors_free(&e);
	suite_free(&s);
	buf_free(&b);
}

static void too_many_values_of_a_parameter(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD "param a =");
	lines(&b, 128, " v%");
	buf_puts(&b, " \1last\n" ROLES "steps\n  T | P\n  mark $a | nop\n");
	expect_buf(&b, "more than 128 values");
}

static void too_many_ifs(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD "param a = x\n" ROLES COLS "  attach P | mark $a\n");
	lines(&b, 16, "  if $a == x\n");
	buf_puts(&b, "  \1if $a == x\n  nop\n");
	lines(&b, 16, "  end\n");
	expect_buf(&b, "more than 16 ifs inside each other");
}

static void too_many_rows(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD ROLES COLS "  attach P | nop\n");
	lines(&b, 1999, "  nop\n");
	buf_puts(&b, "  \1nop\n");
	expect_buf(&b, "more than 2000 rows in a case");
}

static void too_many_uses(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD ROLES COLS "  attach P | nop\n");
	lines(&b, 200, "  use m(T)\n");
	buf_puts(&b, "  use \1m(T)\nmacro m(A)\n  $A\n  nop\n");
	expect_buf(&b, "more than 200 uses of macros in a case");
}

static void too_many_header_lines(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD);
	lines(&b, 16, "param p% = a\n");
	buf_puts(&b, "\1param last = a\n" ROLES STEPS);
	expect_buf(&b, "more than 16 parameters");
	buf_puts(&b, HEAD);
	lines(&b, 128, "let l% = a\n");
	buf_puts(&b, "\1let last = a\n" ROLES STEPS);
	expect_buf(&b, "more than 128 lets");
	buf_puts(&b, HEAD "param a = x y z\n");
	lines(&b, 64, "impossible $a == x : reason %\n");
	buf_puts(&b, "\1impossible $a == y : reason\n" ROLES STEPS);
	expect_buf(&b, "more than 64 impossible lines");
	buf_puts(&b, HEAD ROLES STEPS "macro m(");
	lines(&b, 16, "p%, ");
	buf_puts(&b, "\1last)\n  T\n");
	expect_buf(&b, "more than 16 names");
}

static void too_many_axes(void **state)
{
	struct buf b = { 0 }, f = { 0 };

	(void)state;
	lines(&b, 16, "axis a% = v w\n");
	buf_puts(&f, HEAD);
	lines(&f, 16, "axis a% = v\n");
	buf_puts(&f, "\1axis a1x = v\n" ROLES STEPS);
	expect_in(f.s, b.s, NULL, "t.scn", "more than 16 axis lines");
	buf_puts(&b, "\1axis last = v\n");
	expect_in(HEAD ROLES STEPS, b.s, NULL, "AXES", "more than 16 axes");
	buf_free(&b);
	buf_free(&f);
}

/* Any name is a library that holds nothing but a comment. */
static char *read_any(void *arg, const char *name, char **path, size_t *len)
{
	(void)arg;
	*path = xstrdup(name);
	*len = 2;
	return xstrdup("#\n");
}

static void too_many_includes(void **state)
{
	struct lang_reader reader = { .read = read_any };
	struct lang_errors e = { 0 };
	struct suite s = { 0 };
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD);
	lines(&b, 17, "include m%\n");
	buf_puts(&b, ROLES STEPS);
	assert_int_equal(lang_scenario("f/t", "t.scn", b.s, b.len, NULL, &reader, NULL, &s, &e), -1);
	assert_int_equal(e.n, 1);
	assert_int_equal(e.v[0].line, 20);
	assert_int_equal(e.v[0].col, 9);
	assert_string_equal(e.v[0].text, "more than 16 included files");
	lang_errors_free(&e);
	suite_free(&s);
	buf_free(&b);
}

static void too_many_handlers(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD ROLES COLS "  attach P | nop\n");
	lines(&b, FORM_MAX_HANDLERS + 1, "  handle SIGUSR1 h%\n");
	for (unsigned int i = 0; i < FORM_MAX_HANDLERS; i++)
		buf_printf(&b, "handler h%u\n  nop\n", i);
	buf_printf(&b, "\1handler h%u\n  nop\n", FORM_MAX_HANDLERS);
	expect_buf(&b, "more than 64 handlers in a case");
}

static void too_many_columns(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD ROLES COLS "  attach P | nop\n  ");
	lines(&b, FORM_MAX_ROLES, "nop |");
	buf_puts(&b, "\1 nop\n");
	expect_buf(&b, "more than 64 columns");
}

static void too_many_steps(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD ROLES COLS "  attach P | nop\n");
	lines(&b, 1638, "  nop; nop; nop; nop; nop\n");
	buf_puts(&b, "  \1nop\n");
	expect_buf(&b, "more than 8192 steps in a case");
}

static void too_long_a_line(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, HEAD "let x = ");
	lines(&b, 500, "x");
	buf_puts(&b, "\n" ROLES COLS "  attach P | nop\n  mark $x$x$x$x$x$x$x\1$x$x\n");
	expect_buf(&b, "the line is longer than 4000 bytes with its names replaced");
}

static void too_hard_for_pairwise(void **state)
{
	struct lang_errors e;
	struct buf b = { 0 };
	struct suite s;

	(void)state;
	buf_puts(&b, HEAD "cover pairwise\n");
	lines(&b, 16, "param p% = a b c d\n");
	for (char v = 'a'; v <= 'd'; v++)
		buf_printf(&b, "impossible $p0 == a and $p1 == a and $p15 == %c and $p14 in a b c d : x\n", v);
	buf_puts(&b, ROLES "steps\n  T | P\n  mark $p0$p1$p2$p3$p4$p5$p6$p7 | mark $p8$p9$p10$p11$p12$p13$p14$p15\n");
	assert_int_equal(compile_with(b.s, NULL, NULL, NULL, &s, &e), -1);
	assert_int_equal(e.n, 1);
	assert_int_equal(e.v[0].line, 5);
	assert_string_equal(e.v[0].text, "the search for a case with p0=a and p1=a is too long, expected simpler `impossible' lines");
	lang_errors_free(&e);
	suite_free(&s);
	buf_free(&b);
}

static void too_many_pairs(void **state)
{
	struct lang_errors e;
	struct buf b = { 0 };
	struct suite s;

	(void)state;
	buf_puts(&b, HEAD "cover pairwise\n");
	for (char p = 'a'; p < 'i'; p++) {
		buf_printf(&b, "param %c =", p);
		lines(&b, 100, " v%");
		buf_puts(&b, "\n");
	}
	buf_puts(&b, ROLES "steps\n  T | P\n  mark $a$b$c$d | mark $e$f$g$h\n");
	assert_int_equal(compile_with(b.s, NULL, NULL, NULL, &s, &e), -1);
	assert_int_equal(e.n, 1);
	assert_int_equal(e.v[0].line, 5);
	assert_string_equal(e.v[0].text, "the parameters make 280000 pairs, expected at most 200000");
	lang_errors_free(&e);
	suite_free(&s);
	buf_free(&b);
}

/* A let that doubles the one above it grows fast; the line says stop, not the memory. */
static void doubling_lets(void **state)
{
	struct lang_errors e;
	struct buf b = { 0 };
	struct suite s;

	(void)state;
	buf_puts(&b, HEAD "let l0 = xxxxxxxxxx\n");
	for (unsigned int i = 1; i < 100; i++)
		buf_printf(&b, "let l%u = $l%u$l%u\n", i, i - 1, i - 1);
	buf_puts(&b, ROLES "steps\n  T | P\n  mark $l99 | nop\n");
	assert_int_equal(compile_with(b.s, NULL, NULL, NULL, &s, &e), -1);
	assert_int_equal(e.n, 1);
	assert_string_equal(e.v[0].text, "let `l9' is longer than 4000 bytes");
	assert_int_equal(e.v[0].line, 13);
	lang_errors_free(&e);
	suite_free(&s);
	buf_free(&b);
}

static void several_errors_are_told(void **state)
{
	struct lang_errors e;
	struct suite s;

	(void)state;
	assert_int_equal(compile_with(HEAD ROLES COLS "  atach P | pauze\n  wait Q | nop\n  cont P 1 2 | nop\n",
				      NULL, NULL, NULL, &s, &e), -1);
	assert_int_equal(e.n, 4);
	assert_int_equal(e.v[0].line, 9);
	assert_int_equal(e.v[0].col, 3);
	assert_int_equal(e.v[1].line, 9);
	assert_int_equal(e.v[1].col, 13);
	assert_int_equal(e.v[2].line, 10);
	assert_int_equal(e.v[2].col, 8);
	assert_int_equal(e.v[3].line, 11);
	assert_int_equal(e.v[3].col, 12);
	assert_false(e.more);
	lang_errors_free(&e);
	suite_free(&s);
}

static void errors_stop_at_twenty(void **state)
{
	struct lang_errors e;
	struct buf b = { 0 };
	struct suite s;

	(void)state;
	buf_puts(&b, HEAD ROLES COLS);
	lines(&b, 30, "  bad% | nop\n");
	assert_int_equal(compile_with(b.s, NULL, NULL, NULL, &s, &e), -1);
	assert_int_equal(e.n, LANG_MAX_ERRORS);
	assert_true(e.more);
	assert_int_equal(e.v[19].line, 28);
	lang_errors_free(&e);
	suite_free(&s);
	buf_free(&b);
}

/* The same mistake in two hundred cases is one error. */
static void errors_are_told_once(void **state)
{
	(void)state;
	expect(HEAD "param a = 1 2 3 4 5\nparam b = 1 2 3 4 5\n" ROLES "steps\n  T | P\n  \1atach P | value $a+$b\n",
	       "unknown verb `atach', expected a verb of verbs.def; did you mean `attach'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_many_roles),
		cmocka_unit_test(too_many_edges),
		cmocka_unit_test(too_many_values),
		cmocka_unit_test(too_many_clauses),
		cmocka_unit_test(too_many_blocks),
		cmocka_unit_test(too_many_arguments),
		cmocka_unit_test(too_long_a_step),
		cmocka_unit_test(too_many_cases),
		cmocka_unit_test(too_big_a_product),
		cmocka_unit_test(too_many_values_of_a_parameter),
		cmocka_unit_test(too_many_ifs),
		cmocka_unit_test(too_many_rows),
		cmocka_unit_test(too_many_uses),
		cmocka_unit_test(too_many_header_lines),
		cmocka_unit_test(too_many_axes),
		cmocka_unit_test(too_many_includes),
		cmocka_unit_test(too_many_handlers),
		cmocka_unit_test(too_many_columns),
		cmocka_unit_test(too_many_steps),
		cmocka_unit_test(too_long_a_line),
		cmocka_unit_test(too_hard_for_pairwise),
		cmocka_unit_test(too_many_pairs),
		cmocka_unit_test(doubling_lets),
		cmocka_unit_test(several_errors_are_told),
		cmocka_unit_test(errors_stop_at_twenty),
		cmocka_unit_test(errors_are_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
