/* test_kcsan_reports.c - reports of data races are passed over, whatever else is among them is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kcsan_reports.h"

#define RACE	"BUG: KCSAN: data-race in do_wait / exit_notify\n do_wait+0x1c/0x90\nvalue changed: 0x00 -> 0x01\n"
#define STAMPED	"<3>[    1.2] BUG: KCSAN: assert: race in utrace_x+0x1/0x2\n"

static void races_alone_are_none(void **state)
{
	(void)state;
	assert_null(kcsan_other_report(""));
	assert_null(kcsan_other_report("nothing to report\n"));
	assert_null(kcsan_other_report(RACE));
	assert_null(kcsan_other_report(RACE STAMPED RACE));
	assert_null(kcsan_other_report("BUG: KCSAN: data-race in a / b"));
}

static void others_are_found_wherever_they_stand(void **state)
{
	static const char *const others[] = {
		"WARNING: CPU: 0 PID: 1 at kernel/utrace/stop.c:12 f+0x1/0x2\n",
		"BUG: KASAN: slab-use-after-free in f+0x1/0x2\n",
		"<4>[   12.5] [ T77] INFO: task x:7 blocked for more than 120 seconds.\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		char text[1024];

		snprintf(text, sizeof(text), "%s%s%s%s", RACE, STAMPED, others[i], RACE);
		assert_ptr_equal(kcsan_other_report(text), strstr(text, others[i]));
		assert_ptr_equal(kcsan_other_report(others[i]), others[i]);
	}
}

static void a_line_is_not_excused_by_the_next_one(void **state)
{
	static const char text[] = "WARNING: CPU: 0 PID: 1 at x.c:1 f\n" RACE;

	(void)state;
	assert_ptr_equal(kcsan_other_report(text), text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(races_alone_are_none),
		cmocka_unit_test(others_are_found_wherever_they_stand),
		cmocka_unit_test(a_line_is_not_excused_by_the_next_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
