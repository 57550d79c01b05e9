/* test_storm_log.c - what shards of a storm print and log, read back; wrong lines are named. */
#include "synth.h"

#include "prooflog.h"
#include "storm_log.h"

#define KEY "0123456789ab"
#define PROGRAM "ba9876543210"

static void reads_a_result(void **state)
{
	unsigned long n = 0;

	(void)state;
	assert_true(storm_parse_result("ok 1 - x\n# storm requests=20013 ms=11295\n1..1\n", &n));
	assert_int_equal(n, 20013);
	assert_false(storm_parse_result("# storm requests=20013", &n));
	assert_false(storm_parse_result("ok 1 - x\n", &n));
	assert_false(storm_parse_result(NULL, &n));
}

static void print(struct buf *b, const char *key, const char *program, unsigned int cpus,
		  const char *verdict)
{
	const struct storm_shard s = {
		.kernel = "utrace", .key = key, .program = program, .verdict = verdict, .cpus = cpus,
		.seed = 77, .requests = 1000, .seconds = 12.4,
	};

	storm_log_print(b, "2026-01-01T00:00:00Z", &s);
}

static void what_is_logged_is_read_back(void **state)
{
	struct storm_log log = { .key = KEY "cdef", .program = PROGRAM "cdef", .cpus = 4 };
	struct buf b = { 0 };
	char *wrong;

	(void)state;
	buf_puts(&b, STORM_LOG_HEAD "\n");
	print(&b, KEY "cdef", PROGRAM "cdef", 4, "SAME");
	print(&b, PROGRAM, PROGRAM, 4, "SAME");		/* another kernel */
	print(&b, KEY, KEY, 4, "SAME");			/* another program */
	print(&b, KEY, PROGRAM, 2, "SAME");		/* another machine */
	print(&b, KEY, PROGRAM, 4, "PANIC");
	wrong = prooflog_parse(b.s, STORM_FIELDS, storm_log_line, &log);
	if (wrong)
		fail_msg("%s", wrong);
	assert_int_equal(log.shards, 2);
	assert_int_equal(log.bad, 1);
	assert_int_equal(log.requests, 2000);
	buf_free(&b);
}

static void wrong_lines_are_named(void **state)
{
	static const char good[] = "t\tutrace\t" KEY "\t" PROGRAM "\t4\t1\t5\t6\tSAME\n";
	static const struct {
		const char *line, *says;
	} wrong[] = {
		{ "t\tutrace\t" KEY "\t" PROGRAM "\t4\t1\t5\t6\n", "2: 8 fields, expected 9" },
		{ "t\tutrace\t" KEY "\t" PROGRAM "\t4\t1\t5\t6\tSAME", "2: expected a line break" },
		{ "t\tutrace\t0123\t" PROGRAM "\t4\t1\t5\t6\tSAME\n", "2: expected 12 digits" },
		{ "t\tutrace\t" KEY "\t0123\t4\t1\t5\t6\tSAME\n", "2: expected 12 digits" },
		{ "t\tutrace\t" KEY "\t" PROGRAM "\tfour\t1\t5\t6\tSAME\n", "2: expected numbers" },
		{ "t\tutrace\t" KEY "\t" PROGRAM "\t4\t1\t5x\t6\tSAME\n", "2: expected numbers" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct storm_log log = { .key = KEY, .program = PROGRAM, .cpus = 4 };
		char *text = xasprintf("%s%s", good, wrong[i].line);
		char *said = prooflog_parse(text, STORM_FIELDS, storm_log_line, &log);

		if (!said || !strstr(said, wrong[i].says))
			fail_msg("'%s': got '%s', expected '%s'", wrong[i].line,
				 said ? said : "nothing", wrong[i].says);
		assert_int_equal(log.shards, 1);
		free(said);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_result),
		cmocka_unit_test(what_is_logged_is_read_back),
		cmocka_unit_test(wrong_lines_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
