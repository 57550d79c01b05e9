/* frames.c - the result channel: checksummed frames written to an I/O port. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <time.h>

#include "compat-tests/form/form.h"
#include "init.h"

static uint32_t seq;

uint64_t guest_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

void frames_open(void)
{
	seq = 0;
}

static void out_bytes(const void *data, size_t len)
{
	const void *p = data;

	if (len)
		__asm__ volatile("rep outsb" : "+S"(p), "+c"(len) : "d"((uint16_t)FRAME_PORT) : "memory");
}

/*
 * The right to use ports is taken for the frame only: what PID 1 holds its
 * children inherit, and no actor should.
 */
void frame_send(uint32_t type, const void *head, size_t headlen, const void *data, size_t len)
{
	struct frame_head h = { .magic = FRAME_MAGIC, .type = type };
	uint32_t crc;

	if (len > FRAME_MAX - headlen)
		len = FRAME_MAX - headlen;
	h.seq = seq++;
	h.len = headlen + len;
	crc = form_crc32(0, &h.type, 12);
	crc = form_crc32(crc, head, headlen);
	h.crc = form_crc32(crc, data, len);
	if (iopl(3)) {
		perror("init: iopl");
		return;
	}
	out_bytes(&h, sizeof(h));
	out_bytes(head, headlen);
	out_bytes(data, len);
	iopl(0);
}

void frame_text(uint32_t type, const char *format, ...)
{
	static char text[4096];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	frame_send(type, NULL, 0, text, n < (int)sizeof(text) ? n : (int)sizeof(text) - 1);
}
