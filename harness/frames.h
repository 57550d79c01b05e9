/* frames.h - incremental decoder of the result channel: bytes in, good frames and complaints out. */
#ifndef HARNESS_FRAMES_H
#define HARNESS_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

struct frame {
	uint32_t type;			/* enum frame_type; unknown ones are passed on */
	uint32_t seq;
	uint32_t len;
	const unsigned char *payload;	/* valid until the next call; 8-byte aligned */
};

/* All zeros is an empty decoder.  The counters only grow. */
struct frames {
	struct buf pending;		/* bytes not yet consumed start at .at */
	size_t at;
	uint64_t pos;			/* offset in the channel of pending.s[at] */
	uint32_t next_seq;
	bool lost;			/* skipping to the next magic */
	bool ended;
	uint64_t bytes;			/* fed in all */
	uint32_t nframes;
	uint64_t preamble;		/* bytes before the first frame: the firmware's messages */
	uint64_t ngarbage;		/* bytes behind it that belong to no good frame */
	uint32_t nbadcrc, ngaps, ntruncated;
	unsigned int nlines;
	struct buf trouble;		/* one line for each complaint, the first ones only */
	unsigned char *payload;		/* aligned copy of the last frame's payload */
	size_t payload_cap;
};

/* Add the next bytes of the channel. */
void frames_feed(struct frames *f, const void *data, size_t n);
/* No more bytes will come: what is left is decoded as far as possible. */
void frames_end(struct frames *f);
/*
 * The next good frame, or false when more bytes are needed.  The frames
 * returned do not depend on how the bytes were cut into frames_feed() calls.
 * After frames_end() call it until it returns false.
 */
bool frames_next(struct frames *f, struct frame *out);
/* Something on the channel was not as it should be; .trouble says what. */
bool frames_bad(const struct frames *f);
void frames_free(struct frames *f);

/* Append one frame to @b, as the guest does; for tests and the fake QEMU. */
void frame_put(struct buf *b, uint32_t type, uint32_t seq, const void *payload, uint32_t len);

#endif
