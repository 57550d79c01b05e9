/* frames.c - incremental decoder of the result channel: finds good frames, says what is wrong between them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../compat-tests/form/wire.h"
#include "frames.h"

#define MAX_LINES 20

static void complain(struct frames *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(struct frames *f, const char *fmt, ...)
{
	char line[160];
	va_list ap;

	if (f->nlines++ >= MAX_LINES)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	buf_printf(&f->trouble, "%s\n", line);
}

void frames_feed(struct frames *f, const void *data, size_t n)
{
	if (f->at) {
		size_t left = f->pending.len - f->at;

		memmove(f->pending.s, f->pending.s + f->at, left);
		f->pending.len = left;
		f->at = 0;
	}
	buf_add(&f->pending, data, n);
	f->bytes += n;
}

void frames_end(struct frames *f)
{
	f->ended = true;
}

static uint32_t head_crc(const struct frame_head *h, const void *payload)
{
	uint32_t crc = crc32(0, (const void *)&h->type, 12);

	return h->len ? crc32(crc, payload, h->len) : crc;
}

/*
 * Give up @n bytes as part of no frame.  QEMU's firmware writes to the port
 * too, before the guest; a damaged first frame still shows as a gap.
 */
static void skip(struct frames *f, size_t n)
{
	if (!f->nframes) {
		f->preamble += n;
	} else {
		f->lost = true;
		f->ngarbage += n;
	}
	f->at += n;
	f->pos += n;
}

/* Bytes until the next place a magic number may start, the end of @n if none. */
static size_t to_magic(const char *p, size_t n)
{
	static const unsigned char magic[4] = { 0x7f, 'B', 'F', '1' };
	size_t i;

	for (i = 0; i < n; i++) {
		const char *q = memchr(p + i, magic[0], n - i);
		size_t have;

		if (!q)
			return n;
		i = q - p;
		have = n - i < 4 ? n - i : 4;
		if (!memcmp(q, magic, have))
			return i;
	}
	return n;
}

static void keep_payload(struct frames *f, const void *p, size_t n)
{
	if (n + 1 > f->payload_cap) {
		f->payload_cap = n + 1 + n / 2;
		f->payload = xrealloc(f->payload, f->payload_cap);
	}
	if (n)
		memcpy(f->payload, p, n);
	f->payload[n] = '\0';
}

static void check_seq(struct frames *f, uint32_t seq)
{
	if (seq != f->next_seq) {
		f->ngaps++;
		complain(f, "byte %" PRIu64 ": frame %" PRIu32 " where %" PRIu32 " was expected",
			 f->pos, seq, f->next_seq);
	}
	f->next_seq = seq + 1;
}

bool frames_next(struct frames *f, struct frame *out)
{
	for (;;) {
		size_t left = f->pending.len - f->at, n;
		struct frame_head h;
		const char *p;

		if (!left)
			return false;
		p = f->pending.s + f->at;
		n = to_magic(p, left);
		if (n) {
			if (!f->lost && f->nframes)
				complain(f, "byte %" PRIu64 ": no frame starts here", f->pos);
			skip(f, n);
			continue;
		}
		if (left < sizeof(h)) {
			if (!f->ended)
				return false;
			goto truncated;
		}
		memcpy(&h, p, sizeof(h));
		if (h.len > FRAME_MAX) {
			if (!f->lost)
				complain(f, "byte %" PRIu64 ": a frame of %" PRIu32 " bytes, at most %u are allowed",
					 f->pos, h.len, FRAME_MAX);
			skip(f, 1);
			continue;
		}
		if (left - sizeof(h) < h.len) {
			if (!f->ended)
				return false;
			goto truncated;
		}
		if (h.crc != head_crc(&h, p + sizeof(h))) {
			f->nbadcrc++;
			complain(f, "byte %" PRIu64 ": frame %" PRIu32 " of type %" PRIu32 " has a wrong checksum",
				 f->pos, h.seq, h.type);
			skip(f, 1);
			continue;
		}
		f->lost = false;
		check_seq(f, h.seq);
		keep_payload(f, p + sizeof(h), h.len);
		out->type = h.type;
		out->seq = h.seq;
		out->len = h.len;
		out->payload = f->payload;
		f->at += sizeof(h) + h.len;
		f->pos += sizeof(h) + h.len;
		f->nframes++;
		return true;
truncated:
		f->ntruncated++;
		complain(f, "byte %" PRIu64 ": the channel ends within a frame", f->pos);
		skip(f, 1);
	}
}

bool frames_bad(const struct frames *f)
{
	return f->ngarbage || f->nbadcrc || f->ngaps || f->ntruncated;
}

void frames_free(struct frames *f)
{
	buf_free(&f->pending);
	buf_free(&f->trouble);
	free(f->payload);
	memset(f, 0, sizeof(*f));
}

void frame_put(struct buf *b, uint32_t type, uint32_t seq, const void *payload, uint32_t len)
{
	struct frame_head h = { .magic = FRAME_MAGIC, .type = type, .seq = seq, .len = len };

	h.crc = head_crc(&h, payload);
	buf_add(b, &h, sizeof(h));
	buf_add(b, payload, len);
}
