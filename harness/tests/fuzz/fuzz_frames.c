/* fuzz_frames.c - libFuzzer target for the result decoder: any bytes, cut anywhere, and damaged good channels. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compat-tests/form/wire.h"
#include "harness/frames.h"
#include "harness/util.h"

/* What a decoder made of the bytes. */
struct outcome {
	struct buf got;		/* head and payload of each good frame */
	uint64_t used, garbage;
	uint32_t nframes;
};

static void take(struct frames *f, struct outcome *o)
{
	struct frame fr;

	while (frames_next(f, &fr)) {
		if (fr.len > FRAME_MAX)
			abort();
		buf_add(&o->got, &fr.type, 12);
		buf_add(&o->got, fr.payload, fr.len);
		o->used += sizeof(struct frame_head) + fr.len;
	}
}

static void decode(const uint8_t *p, size_t n, size_t step, struct outcome *o)
{
	struct frames f = { 0 };
	size_t at, len;

	memset(o, 0, sizeof(*o));
	buf_puts(&o->got, "");
	for (at = 0; at < n; at += len) {
		len = n - at < step ? n - at : step;
		frames_feed(&f, p + at, len);
		take(&f, o);
	}
	frames_end(&f);
	take(&f, o);
	o->garbage = f.ngarbage + f.preamble;
	o->nframes = f.nframes;
	/* each byte is part of a good frame or was reported */
	if (o->used + o->garbage != n || f.bytes != n || f.pos != n)
		abort();
	if (f.ngarbage && !frames_bad(&f))
		abort();
	frames_free(&f);
}

static void check(const uint8_t *p, size_t n, size_t step)
{
	struct outcome whole, cut;

	decode(p, n, n ? n : 1, &whole);
	decode(p, n, step, &cut);
	if (whole.got.len != cut.got.len || memcmp(whole.got.s, cut.got.s, cut.got.len) ||
	    whole.garbage != cut.garbage)
		abort();
	buf_free(&whole.got);
	buf_free(&cut.got);
}

/* A good channel made of @p's bytes, with one place damaged: the other frames must arrive. */
static void check_damaged(const uint8_t *p, size_t n, uint8_t where, uint8_t how)
{
	struct buf b = { 0 };
	struct outcome o;
	uint32_t frames = 0;
	size_t at, len;

	buf_puts(&b, "");
	for (at = 0; at < n; at += len) {
		len = 1 + p[at] % 40;
		if (len > n - at)
			len = n - at;
		frame_put(&b, 1 + p[at] % 7, frames++, p + at, len);
	}
	if (!frames)
		goto out;
	decode((void *)b.s, b.len, b.len, &o);
	if (o.nframes != frames || o.garbage)
		abort();
	buf_free(&o.got);
	if (!how)
		goto out;
	b.s[b.len * where / 256] ^= how;
	decode((void *)b.s, b.len, 1 + how, &o);
	if (o.nframes < frames - 1 || o.nframes > frames)
		abort();
	buf_free(&o.got);
out:
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	if (data[0] & 1)
		check_damaged(data + 3, size - 3, data[1], data[2]);
	else
		check(data + 3, size - 3, 1 + data[1]);
	return 0;
}
