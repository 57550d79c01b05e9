/* test_torture_log.c - what torture runs print and log, read back; wrong lines are named. */
#include "synth.h"

#include "prooflog.h"
#include "torture_log.h"

#define KEY "0123456789ab"
#define RESULT "some line\n# torture ops=5000 lives=40 callbacks=777 thread=3/7,f/f engine=1/1,0/2\nmore\n"

static void reads_a_result(void **state)
{
	struct torture_done d = { 0 };

	(void)state;
	assert_true(torture_parse_result(RESULT, &d));
	assert_int_equal(d.ops, 5000);
	assert_int_equal(d.lives, 40);
	assert_int_equal(d.callbacks, 777);
	assert_int_equal(d.rows[0], 2);
	assert_int_equal(torture_pairs_seen(&d, 0), 6);
	assert_int_equal(torture_pairs_wanted(&d, 0), 7);
	assert_int_equal(torture_pairs_seen(&d, 1), 1);
	assert_int_equal(torture_pairs_wanted(&d, 1), 2);
	assert_false(torture_all_pairs(&d));
}

static void a_result_that_is_cut_off_is_none(void **state)
{
	static const char *const cut[] = {
		"", "no result here", "# torture ops=5000 lives=40",
		"# torture ops=5000 lives=40 callbacks=1 thread=3/7",
		"# torture ops=5000 lives=40 callbacks=1 thread=3/7 engine=",
		"# torture ops=5000 lives=40 callbacks=1 thread=3/7 engine=1/",
		"# torture ops=5000 lives=40 callbacks=1 thread=3 engine=1/1",
		"# torture ops=5000 lives=40 callbacks=1 thread=3/7, engine=1/1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		struct torture_done d = { 0 };

		if (torture_parse_result(cut[i], &d))
			fail_msg("taken for a result: %s", cut[i]);
	}
	assert_false(torture_parse_result(NULL, &(struct torture_done){ 0 }));
}

static void no_pairs_are_not_all(void **state)
{
	struct torture_done d = { 0 };

	(void)state;
	assert_false(torture_all_pairs(&d));
	assert_true(torture_parse_result("# torture ops=1 lives=1 callbacks=1 thread=7/7 engine=3/1", &d));
	assert_true(torture_all_pairs(&d));
	/* what cannot be does not count as seen */
	assert_int_equal(torture_pairs_seen(&d, 1), 1);
}

/* A line as a boot with @d would log it. */
static void print(struct buf *b, const struct torture_done *d, const char *key, unsigned int cpus,
		  const char *verdict)
{
	const struct torture_boot boot = {
		.key = key, .flavour = "plain", .verdict = verdict, .cpus = cpus,
		.seed = 99, .seconds = 12.4, .done = d,
	};

	torture_log_print(b, "2026-01-01T00:00:00Z", &boot);
}

static void what_is_logged_is_read_back(void **state)
{
	struct torture_done d = { 0 }, more = { 0 }, none = { .ops = 3 };
	struct torture_log log = { .key = KEY "cdef", .cpus = 4 };
	struct buf b = { 0 };
	char *wrong;

	(void)state;
	torture_parse_result(RESULT, &d);
	torture_parse_result("# torture ops=10 lives=2 callbacks=3 thread=4/7,0/f engine=0/1,2/2", &more);
	buf_puts(&b, TORTURE_LOG_HEAD "\n");
	print(&b, &d, KEY "cdef", 4, "SAME");
	print(&b, &d, "ba9876543210", 4, "SAME");	/* another kernel */
	print(&b, &d, KEY "cdef", 2, "SAME");		/* another machine */
	print(&b, &more, KEY "cdef", 4, "SAME");
	print(&b, &none, KEY "cdef", 4, "PANIC");
	wrong = prooflog_parse(b.s, TORTURE_FIELDS, torture_log_line, &log);
	if (wrong)
		fail_msg("%s", wrong);
	assert_int_equal(log.sum.boots, 3);
	assert_int_equal(log.sum.bad, 1);
	assert_int_equal(log.sum.ops, 5013);
	assert_int_equal(log.sum.lives, 42);
	assert_int_equal(log.sum.callbacks, 780);
	assert_int_equal(torture_pairs_seen(&log.sum, 0), 7);
	assert_int_equal(torture_pairs_seen(&log.sum, 1), 2);
	assert_true(torture_all_pairs(&log.sum));
	buf_free(&b);
}

static void wrong_lines_are_named(void **state)
{
	static const char good[] = "t\t" KEY "\tplain\t4\t1\t5\t6\t7\t1/1\t-\t9\tSAME\n";
	static const struct {
		const char *line, *says;
	} wrong[] = {
		{ "t\t" KEY "\tplain\t4\t1\t5\t6\t7\t1/1\t-\t9\n", "2: 11 fields, expected 12" },
		{ "t\t" KEY "\tplain\t4\t1\t5\t6\t7\t1/1\t-\t9\tSAME\tx\n", "2: 13 fields" },
		{ "t\t" KEY "\tplain\t4\t1\t5\t6\t7\t1/1\t-\t9\tSAME", "2: expected a line break" },
		{ "t\t0123\tplain\t4\t1\t5\t6\t7\t1/1\t-\t9\tSAME\n", "2: expected 12 digits" },
		{ "t\t" KEY "\tplain\tfour\t1\t5\t6\t7\t1/1\t-\t9\tSAME\n", "2: expected the number of CPUs" },
		{ "t\t" KEY "\tplain\t4\t1\t-5\t6\t7\t1/1\t-\t9\tSAME\n", "2: expected numbers" },
		{ "t\t" KEY "\tplain\t4\t1\t5\t6x\t7\t1/1\t-\t9\tSAME\n", "2: expected numbers" },
		{ "t\t" KEY "\tplain\t4\t1\t5\t6\t\t1/1\t-\t9\tSAME\n", "2: expected numbers" },
		{ "t\t" KEY "\tplain\t4\t1\t5\t6\t7\t1/\t-\t9\tSAME\n", "2: expected pairs" },
		{ "t\t" KEY "\tplain\t4\t1\t5\t6\t7\t1/1\t1/1 x\t9\tSAME\n", "2: expected pairs" },
		{ "<<<<<<< HEAD\n", "2: 1 fields, expected 12" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct torture_log log = { .key = KEY, .cpus = 4 };
		char *text = xasprintf("%s%s", good, wrong[i].line);
		char *said = prooflog_parse(text, TORTURE_FIELDS, torture_log_line, &log);

		if (!said || !strstr(said, wrong[i].says))
			fail_msg("'%s': got '%s', expected '%s'", wrong[i].line,
				 said ? said : "nothing", wrong[i].says);
		assert_int_equal(log.sum.boots, 1);
		free(said);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_result),
		cmocka_unit_test(a_result_that_is_cut_off_is_none),
		cmocka_unit_test(no_pairs_are_not_all),
		cmocka_unit_test(what_is_logged_is_read_back),
		cmocka_unit_test(wrong_lines_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
