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

/* The guest's side of @w. */
static char *guest(struct window *w)
{
	char *p;

	assert_int_equal(window_make(w), 0);
	p = mmap(NULL, WINDOW_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, w->fd, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static void done(struct window *w, char *g)
{
	munmap(g, WINDOW_SIZE);
	window_free(w);
	assert_int_equal(w->fd, -1);
	window_free(w);
}

static void only_what_is_new(void **state)
{
	struct window w;
	char *g = guest(&w);
	struct window_head *head = (void *)g;
	const char *p;
	size_t n;

	(void)state;
	assert_null(window_take(&w, &n));
	assert_int_equal(n, 0);
	memcpy(g + WINDOW_DATA, "abcdef", 6);
	head->used = 4;
	p = window_take(&w, &n);
	assert_int_equal(n, 4);
	assert_memory_equal(p, "abcd", 4);
	assert_null(window_take(&w, &n));
	head->used = 6;
	p = window_take(&w, &n);
	assert_int_equal(n, 2);
	assert_memory_equal(p, "ef", 2);
	done(&w, g);
}

static void whatever_the_guest_says(void **state)
{
	struct window w;
	char *g = guest(&w);
	struct window_head *head = (void *)g;
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
	done(&w, g);
}

static void without_one(void **state)
{
	struct window w = { .fd = -1 };
	size_t n = 1;

	(void)state;
	assert_null(window_take(&w, &n));
	assert_int_equal(n, 0);
	window_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_new),
		cmocka_unit_test(whatever_the_guest_says),
		cmocka_unit_test(without_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
