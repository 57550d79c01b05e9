/* test_known.c - the list of known differences, and the patterns of case names. */
#include "synth.h"

#include "glob.h"
#include "known.h"

#define H1 "0123456789abcdef"
#define H2 "fedcba9876543210"

static void load(const char *text, struct known *k, struct buf *err, int want)
{
	char *dir = synth_dir(), *path = xasprintf("%s/known-differences", dir);

	write_file(path, text, strlen(text));
	assert_int_equal(known_load(path, k, err), want);
	free(path);
	synth_rmdir(dir);
}

static void reads_entries(void **state)
{
	struct buf err = { 0 };
	struct known k;
	const struct known_entry *e;

	(void)state;
	load("# comment\n\n  detach/a[how=attach,sig=*] | https://example.org/1 | waits for the engine | " H1 "\n"
	     "sigkill/* | commit 1234 | not ours |" H1 ", " H2 " \n", &k, &err, 0);
	assert_int_equal(k.n, 2);
	e = known_find(&k, "detach/a[how=attach,sig=none]", H1);
	assert_non_null(e);
	assert_int_equal(e->line, 3);
	assert_string_equal(e->pointer, "https://example.org/1");
	assert_string_equal(e->reason, "waits for the engine");
	assert_null(known_find(&k, "detach/a[how=seize,sig=none]", H1));
	assert_int_equal(known_find(&k, "sigkill/in-exec[x=1]", H2)->line, 4);
	/* Listed, but with another outcome. */
	assert_null(known_find(&k, "detach/a[how=attach,sig=none]", H2));
	assert_ptr_equal(known_find(&k, "detach/a[how=attach,sig=none]", NULL), e);
	known_free(&k);
	buf_free(&err);
}

static void a_missing_file_is_empty(void **state)
{
	struct buf err = { 0 };
	struct known k;

	(void)state;
	assert_int_equal(known_load("/nonexistent/known-differences", &k, &err), 0);
	assert_int_equal(k.n, 0);
	assert_int_equal(err.len, 0);
	known_free(&k);
}

static void refused(const char *text, const char *where, const char *what)
{
	struct buf err = { 0 };
	struct known k;

	load(text, &k, &err, -1);
	if (!strstr(err.s, where) || !strstr(err.s, what))
		fail_msg("got '%s', expected '%s' and '%s'", err.s, where, what);
	known_free(&k);
	buf_free(&err);
}

static void bad_lines_are_named(void **state)
{
	(void)state;
	refused("ok/x | p | r | " H1 "\ndetach/a\n", "known-differences:2: ", "CASE-GLOB | POINTER | REASON | OUTCOME");
	refused("detach/a | pointer\n", "known-differences:1: ", "CASE-GLOB | POINTER | REASON");
	refused("detach/a | pointer |  \n", "known-differences:1: ", "a reason");
	refused("detach/a |  | reason\n", "known-differences:1: ", "a pointer");
	refused(" | pointer | reason\n", "known-differences:1: ", "a glob");
	refused("a/b | p | r\n", "known-differences:1: ", "one or more outcomes");
	refused("a/b | p | r |\n", "known-differences:1: ", "one or more outcomes");
	refused("a/b | p | r | *\n", "known-differences:1: ", "16 hexadecimal digits");
	refused("a/b | p | r | " H1 "0\n", "known-differences:1: ", "16 hexadecimal digits");
	refused("a/b | p | r | " H1 " | more\n", "known-differences:1: ", "16 hexadecimal digits");
	refused("a/b | p | r | " H1 "\n#\na/b | p | r | " H2 "\n", "known-differences:3: ", "line 1 already");
	/* Every wrong line is named, not only the first. */
	refused("a\nb\n", "known-differences:2: ", "known-differences:1: ");
}

static void globs_take_brackets_as_they_are(void **state)
{
	(void)state;
	assert_true(case_glob("a[b=c]", "a[b=c]"));
	assert_false(case_glob("a[b=c]", "ab"));
	assert_true(case_glob("*/x?", "detach/xy"));
	assert_true(case_glob("a*b*c", "a[b]bbc"));
	assert_false(case_glob("a*b*c", "a[b]bbcd"));
	assert_true(case_glob("*", ""));
	assert_false(case_glob("?", ""));
}

static void lists_split_outside_brackets(void **state)
{
	(void)state;
	assert_true(case_glob_list(NULL, "any"));
	assert_true(case_glob_list("", "any"));
	assert_true(case_glob_list("a[x=1,y=2]", "a[x=1,y=2]"));
	assert_true(case_glob_list("b,a[x=1,y=2]", "a[x=1,y=2]"));
	assert_true(case_glob_list("a[x=1,y=2],b", "b"));
	assert_false(case_glob_list("a[x=1,y=2]", "a[x=1,y=3]"));
	/* A scenario's name stands for all its cases. */
	assert_true(case_glob_list("detach/a", "detach/a[x=1]"));
	assert_false(case_glob_list("detach/a", "detach/ab[x=1]"));
	assert_true(case_glob_list("detach/*", "detach/ab[x=1]"));
}

static void patterns_cut_and_begun(void **state)
{
	(void)state;
	assert_int_equal(case_glob_len("a[x=1,y=2],b"), 10);
	assert_int_equal(case_glob_len("a]b,c"), 3);
	assert_int_equal(case_glob_len("a"), 1);
	assert_int_equal(case_glob_len(""), 0);
	assert_true(case_glob_n("a*,b", 2, "a[x]"));
	assert_false(case_glob_n("a*,b", 4, "a[x]"));
	assert_true(case_glob_begins("*how=seize*", 11, "f/t["));
	assert_true(case_glob_begins("f/t[how=*", 9, "f/t["));
	assert_true(case_glob_begins("f/?[", 4, "f/t["));
	assert_true(case_glob_begins("f/*", 3, "f/t["));
	assert_false(case_glob_begins("f/t", 3, "f/t["));
	assert_false(case_glob_begins("f/u*", 4, "f/t["));
	assert_false(case_glob_begins("f/tt[*", 6, "f/t["));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_entries),
		cmocka_unit_test(a_missing_file_is_empty),
		cmocka_unit_test(bad_lines_are_named),
		cmocka_unit_test(globs_take_brackets_as_they_are),
		cmocka_unit_test(lists_split_outside_brackets),
		cmocka_unit_test(patterns_cut_and_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
