/* test_splat.c - what counts as a kernel report, and when two are the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/splat.h"

static void reports_are_found(void **state)
{
	static const char *const reports[] = {
		"<4>[   12.345678] WARNING: CPU: 0 PID: 12 at kernel/ptrace.c:1 f+0x1/0x2\n",
		"WARNING: possible circular locking dependency detected\n",
		"[    1.000000][   T77] BUG: KASAN: slab-use-after-free in f+0x1/0x2\n",
		"<1>[    3.1] BUG: kernel NULL pointer dereference, address: 0\n",
		"[    1.0] kernel BUG at kernel/signal.c:99!\n",
		"[    1.0] INFO: task tracee:42 blocked for more than 120 seconds.\n",
		"[    1.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n",
		"[    1.0] Oops: general protection fault, probably for non-canonical address\n",
		"[    1.0] BUG: sleeping function called from invalid context at mm/x.c:1\n",
		"[    1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 22s!\n",
		"[    1.0] UBSAN: array-index-out-of-bounds in kernel/x.c:1:2\n",
		"[    1.0] ODEBUG: free active (active state 0) object: f\n",
		"[    1.0] [ BUG: Invalid wait context ]\n",
		"[    1.0] watchdog: Watchdog detected hard LOCKUP on cpu 0\n",
		"[    1.0] bad: scheduling from the idle thread!\n",
		"[    1.0] Out of memory: Killed process 7 (x) total-vm:1kB\n",
		"[    1.0] interp64: page allocation failure: order:3, mode:0x1\n",
		"[    1.0] BUG task_struct (Not tainted): Object padding overwritten\n",
		"[    1.0] mm/pgtable-generic.c:54: bad pmd 00000000c0ffee00(0000000000000001)\n",
		"[    1.0] huh, entered softirq 1 TIMER with preempt_count 00000100\n",
		"[    1.0] note: interp64[7] exited with preempt_count 1\n",
		"[    1.0] unchecked MSR access error: WRMSR to 0x1d9 (tried to write 0x2) at rIP: 0xffffffff81000000 (f+0x1/0x2)\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		assert_ptr_equal(splat_find(reports[i]), reports[i]);
	}
}

static void other_messages_are_not(void **state)
{
	(void)state;
	assert_null(splat_find(""));
	assert_null(splat_find("<4>[    1.0] process 'x' launched '/bin/true' with NULL argv\n"
			       "<4>[    1.1] ptrace: no WARNING: here\n"
			       "interp64[77]: segfault at 0 ip 0 sp 0 error 4 in interp64\n"
			       "this is not a BUG: at all\n"));
}

static void the_first_of_several_lines_is_returned(void **state)
{
	static const char text[] = "a\n[ 1.0] ------------[ cut here ]------------\n"
		"[ 1.0] WARNING: one\n[ 1.0] BUG: two\n";

	(void)state;
	assert_ptr_equal(splat_find(text), strstr(text, "[ 1.0] WARNING"));
}

static void the_next_one_is_found(void **state)
{
	static const char text[] = "[ 1.0] WARNING: one\n[ 1.0]  f+0x1\n[ 1.0] BUG: two\nend";
	const char *p = splat_find(text);

	(void)state;
	p = splat_next(p);
	assert_ptr_equal(p, strstr(text, "[ 1.0] BUG"));
	assert_null(splat_next(p));
}

static void titles_ignore_times_and_numbers(void **state)
{
	char *a = splat_title("<4>[    1.0] WARNING: CPU: 0 PID: 77 at kernel/ptrace.c:123 f+0x1/0x2\nx");
	char *b = splat_title("[   99.12][ T5] WARNING: CPU: 1 PID: 4 at kernel/ptrace.c:123 f+0x1/0x2\n");
	char *c = splat_title("[   99.12] WARNING: CPU: 1 PID: 4 at kernel/ptrace.c:124 f+0x1/0x2\n");

	(void)state;
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_non_null(strstr(a, "kernel/ptrace.c:123"));
	free(a);
	free(b);
	free(c);
}

static void panic_is_the_last_one(void **state)
{
	static const char text[] = "[1.0] Kernel panic - not syncing: one\n[2.0] Kernel panic - not syncing: two\nend\n";

	(void)state;
	assert_ptr_equal(panic_find(text), strstr(text, "[2.0]"));
	assert_null(panic_find("no Kernel panic"));
}

static void tail_has_as_many_lines_as_asked_for(void **state)
{
	static const char text[] = "one\ntwo\nthree\n";

	(void)state;
	assert_string_equal(last_lines(text, strlen(text), 2), "two\nthree\n");
	assert_string_equal(last_lines(text, strlen(text), 1), "three\n");
	assert_string_equal(last_lines(text, strlen(text), 9), text);
	assert_string_equal(last_lines("", 0, 3), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_are_found),
		cmocka_unit_test(other_messages_are_not),
		cmocka_unit_test(the_first_of_several_lines_is_returned),
		cmocka_unit_test(the_next_one_is_found),
		cmocka_unit_test(titles_ignore_times_and_numbers),
		cmocka_unit_test(panic_is_the_last_one),
		cmocka_unit_test(tail_has_as_many_lines_as_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
