/* test_frames.c - the decoder of the result channel: good frames survive whatever is between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compat-tests/form/wire.h"
#include "harness/frames.h"

/* Three frames with payloads "one", "" and 70000 times 'x'. */
static void sample(struct buf *b, size_t start[4])
{
	char *big = malloc(70000);

	memset(big, 'x', 70000);
	start[0] = b->len;
	frame_put(b, FRAME_HELLO, 0, "one", 3);
	start[1] = b->len;
	frame_put(b, FRAME_BEGIN, 1, "", 0);
	start[2] = b->len;
	frame_put(b, FRAME_RESULT, 2, big, 70000);
	start[3] = b->len;
	free(big);
}

/* Decode in pieces of @step bytes; returns the bit set of sequence numbers that arrived. */
static unsigned int decode(struct frames *f, const struct buf *b, size_t step)
{
	unsigned int got = 0;
	struct frame out;
	size_t at, n;

	memset(f, 0, sizeof(*f));
	for (at = 0; at < b->len; at += n) {
		n = b->len - at < step ? b->len - at : step;
		frames_feed(f, b->s + at, n);
		while (frames_next(f, &out))
			got |= 1u << (out.seq & 31);
	}
	frames_end(f);
	while (frames_next(f, &out))
		got |= 1u << (out.seq & 31);
	return got;
}

static void good_frames_arrive_however_they_are_cut(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 7, 19, 20, 21, 4096, 1 << 20 };
	struct buf b = { 0 };
	struct frames f;
	size_t start[4], i;

	(void)state;
	sample(&b, start);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_int_equal(decode(&f, &b, steps[i]), 7);
		assert_false(frames_bad(&f));
		assert_int_equal(f.bytes, b.len);
		frames_free(&f);
	}
	buf_free(&b);
}

static void payload_is_what_was_sent(void **state)
{
	struct buf b = { 0 };
	struct frames f = { 0 };
	struct frame out;
	size_t start[4];

	(void)state;
	sample(&b, start);
	frames_feed(&f, b.s, b.len);
	assert_true(frames_next(&f, &out));
	assert_int_equal(out.type, FRAME_HELLO);
	assert_int_equal(out.len, 3);
	assert_string_equal((const char *)out.payload, "one");
	assert_true(frames_next(&f, &out));
	assert_int_equal(out.len, 0);
	assert_true(frames_next(&f, &out));
	assert_int_equal(out.len, 70000);
	assert_int_equal(out.payload[69999], 'x');
	assert_false(frames_next(&f, &out));
	frames_free(&f);
	buf_free(&b);
}

static void a_flipped_bit_costs_one_frame(void **state)
{
	struct buf b = { 0 };
	struct frames f;
	size_t start[4], i;

	(void)state;
	sample(&b, start);
	/* each byte of the second frame in turn, one bit of each */
	for (i = start[1]; i < start[2]; i++) {
		b.s[i] ^= 1 << (i & 7);
		assert_int_equal(decode(&f, &b, 1 << 20), 5);
		assert_true(frames_bad(&f));
		assert_true(f.ngaps == 1);
		assert_non_null(f.trouble.s);
		frames_free(&f);
		b.s[i] ^= 1 << (i & 7);
	}
	buf_free(&b);
}

static void garbage_between_frames_is_reported(void **state)
{
	static const char junk[] = "\177BF1 no frame, \177BF and \177BF1\377\377\377\377";
	struct buf b = { 0 };
	struct frames f;

	(void)state;
	frame_put(&b, FRAME_HELLO, 0, "a", 1);
	buf_add(&b, junk, sizeof(junk) - 1);
	frame_put(&b, FRAME_BYE, 1, "bbbb", 4);
	assert_int_equal(decode(&f, &b, 5), 3);
	assert_true(frames_bad(&f));
	assert_int_equal(f.ngaps, 0);
	assert_int_equal(f.ngarbage, sizeof(junk) - 1);
	frames_free(&f);
	buf_free(&b);
}

static void every_truncation_is_seen(void **state)
{
	struct buf b = { 0 }, cut;
	struct frames f;
	size_t start[4], n;

	(void)state;
	sample(&b, start);
	for (n = start[1] + 1; n < start[3]; n += n < start[2] + 40 ? 1 : 997) {
		if (n == start[2])
			continue;
		cut = b;
		cut.len = n;
		assert_int_equal(decode(&f, &cut, 64), n < start[2] ? 1 : 3);
		assert_true(frames_bad(&f));
		assert_true(f.ntruncated >= 1);
		frames_free(&f);
	}
	buf_free(&b);
}

static void frames_behind_a_wrong_length_are_found_at_the_end(void **state)
{
	struct buf b = { 0 };
	struct frames f;
	uint32_t len = 100000;
	size_t start[4];

	(void)state;
	sample(&b, start);
	memcpy(b.s + start[1] + offsetof(struct frame_head, len), &len, sizeof(len));
	assert_int_equal(decode(&f, &b, 4096), 5);
	assert_true(frames_bad(&f));
	frames_free(&f);
	buf_free(&b);
}

static void repeated_and_missing_numbers_are_gaps(void **state)
{
	struct buf b = { 0 };
	struct frames f;

	(void)state;
	frame_put(&b, FRAME_NOTE, 0, "", 0);
	frame_put(&b, FRAME_NOTE, 0, "", 0);
	frame_put(&b, FRAME_NOTE, 3, "", 0);
	decode(&f, &b, 1000);
	assert_int_equal(f.nframes, 3);
	assert_int_equal(f.ngaps, 2);
	frames_free(&f);
	buf_free(&b);
}

static void firmware_may_write_first(void **state)
{
	struct buf b = { 0 };
	struct frames f;

	(void)state;
	buf_puts(&b, "SeaBIOS (version 1.16.2)\n\177BF and so on\n");
	frame_put(&b, FRAME_HELLO, 0, "x", 1);
	assert_int_equal(decode(&f, &b, 3), 1);
	assert_false(frames_bad(&f));
	assert_true(f.preamble > 20);
	frames_free(&f);
	/* but a first frame that was damaged is missed */
	b.len = 0;
	frame_put(&b, FRAME_HELLO, 0, "x", 1);
	b.s[0] ^= 1;
	frame_put(&b, FRAME_BYE, 1, "xxxx", 4);
	assert_int_equal(decode(&f, &b, 3), 2);
	assert_true(frames_bad(&f));
	frames_free(&f);
	buf_free(&b);
}

static void nothing_at_all_is_not_corrupt(void **state)
{
	struct buf b = { 0 };
	struct frames f;

	(void)state;
	assert_int_equal(decode(&f, &b, 1), 0);
	assert_false(frames_bad(&f));
	frames_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_frames_arrive_however_they_are_cut),
		cmocka_unit_test(payload_is_what_was_sent),
		cmocka_unit_test(a_flipped_bit_costs_one_frame),
		cmocka_unit_test(garbage_between_frames_is_reported),
		cmocka_unit_test(every_truncation_is_seen),
		cmocka_unit_test(frames_behind_a_wrong_length_are_found_at_the_end),
		cmocka_unit_test(repeated_and_missing_numbers_are_gaps),
		cmocka_unit_test(firmware_may_write_first),
		cmocka_unit_test(nothing_at_all_is_not_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
