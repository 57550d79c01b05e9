/* test_subresults.c - the single results of the kernel's selftests are found and counted. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "subresults.h"

static void lines(void **state)
{
	struct subresults n;
	char *s = subresults("TAP version 13\n1..3\n#  RUN  a\nok 1 a\nnot ok 2 b\nok 3 c # SKIP no x\n"
			     "[RUN]\tx at 0x7fff1234abcd\n[OK]\tdone\n[FAIL]\t0x10 is wrong\n[SKIP]\tno\n"
			     "[OK]\t  NR = 20, args\n[OK]\t  NR = 75, args\n[OK]\t  NR = 203, args\n"
			     "text with ok 4 in it\n# exit status 1\n", &n);

	(void)state;
	assert_string_equal(s, "ok 1 a\nnot ok 2 b\nok 3 c # SKIP no x\n[RUN]\tx at ADDR\n[OK]\tdone\n"
			    "[FAIL]\tADDR is wrong\n[SKIP]\tno\n"
			    "[OK]\t  NR = 20, args\n[OK]\t  NR = PID, args\n[OK]\t  NR = PID, args\n# exit status 1\n");
	assert_int_equal(n.passed, 5);
	assert_int_equal(n.failed, 2);
	assert_int_equal(n.skipped, 2);
	free(s);
}

static void ends(void **state)
{
	struct subresults n;
	char *s = subresults("# killed by signal 11\n", &n);

	(void)state;
	assert_string_equal(s, "# killed by signal 11\n");
	assert_int_equal(n.failed, 1);
	free(s);
	s = subresults(NULL, &n);
	assert_string_equal(s, "");
	assert_int_equal(n.passed + n.failed + n.skipped, 0);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(ends) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
