/* test_window.c - the memory through which results come: what is new, and never past its end. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "compat-tests/form/wire.h"
#include "harness/window.h"

static struct window w;
static char *guest;			/* its side of the window */
static struct window_head *head;

static int make(void **state)
{
	(void)state;
	if (window_make(&w))
		return -1;
	guest = mmap(NULL, WINDOW_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, w.fd, 0);
	head = (void *)guest;
	return guest == MAP_FAILED ? -1 : 0;
}

static int done(void **state)
{
	(void)state;
	munmap(guest, WINDOW_SIZE);
	window_free(&w);
	if (w.fd != -1)
		return -1;
	window_free(&w);
	return 0;
}

static void only_what_is_new(void **state)
{
	const char *p;
	size_t n;

	(void)state;
	assert_null(window_take(&w, &n));
	assert_int_equal(n, 0);
	memcpy(guest + WINDOW_DATA, "abcdef", 6);
	head->used = 4;
	p = window_take(&w, &n);
	assert_int_equal(n, 4);
	assert_memory_equal(p, "abcd", 4);
	assert_null(window_take(&w, &n));
	head->used = 6;
	p = window_take(&w, &n);
	assert_int_equal(n, 2);
	assert_memory_equal(p, "ef", 2);
}

static void whatever_the_guest_says(void **state)
{
	const char *p;
	size_t n;

	(void)state;
	head->used = 100;
	window_take(&w, &n);
	/* less than before: nothing */
	head->used = 50;
	assert_null(window_take(&w, &n));
	assert_int_equal(n, 0);
	/* more than there is: up to the end */
	head->used = UINT64_MAX;
	p = window_take(&w, &n);
	assert_ptr_equal(p, w.map + WINDOW_DATA + 100);
	assert_int_equal(n, WINDOW_SIZE - WINDOW_DATA - 100);
	assert_int_equal(p[n - 1], 0);
	assert_null(window_take(&w, &n));
}

static void without_one(void **state)
{
	struct window none = { .fd = -1 };
	size_t n = 1;

	(void)state;
	assert_null(window_take(&none, &n));
	assert_int_equal(n, 0);
	window_free(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_what_is_new, make, done),
		cmocka_unit_test_setup_teardown(whatever_the_guest_says, make, done),
		cmocka_unit_test(without_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
