/* frames.c - the result channel: checksummed frames in memory that the host shares, or written to an I/O port. */
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "compat-tests/form/form.h"
#include "init.h"

static uint32_t seq;
static struct window_head *window;	/* NULL: there is none, or it is full */

uint64_t guest_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static bool says(const char *dir, const char *file, const char *text)
{
	char path[128], have[16];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return read_text(path, have, sizeof(have)) > 0 && !strcmp(have, text);
}

/* The window of the PCI device @dir: no actor inherits it. */
static void map_window(const char *dir)
{
	char path[128];
	void *p;
	int fd;

	snprintf(path, sizeof(path), "%s/resource2", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		perror("init: window");
		return;
	}
	p = mmap(NULL, WINDOW_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED || madvise(p, WINDOW_SIZE, MADV_DONTFORK))
		perror("init: window");
	else
		window = p;
	close(fd);
}

void frames_open(void)
{
	glob_t devices;

	seq = 0;
	if (glob("/sys/bus/pci/devices/*", 0, NULL, &devices))
		return;
	for (size_t i = 0; i < devices.gl_pathc && !window; i++)
		if (says(devices.gl_pathv[i], "vendor", WINDOW_VENDOR) &&
		    says(devices.gl_pathv[i], "device", WINDOW_DEVICE))
			map_window(devices.gl_pathv[i]);
	globfree(&devices);
}

struct piece {
	const void *p;
	size_t len;
};

static bool to_window(const struct piece *pieces, size_t n)
{
	uint64_t used;

	if (!window)
		return false;
	used = window->used;
	for (size_t i = 0; i < n; i++) {
		if (pieces[i].len > WINDOW_SIZE - WINDOW_DATA - used) {
			window = NULL;		/* and so it stays: frames are in order */
			return false;
		}
		if (pieces[i].len)
			memcpy((char *)window + WINDOW_DATA + used, pieces[i].p, pieces[i].len);
		used += pieces[i].len;
	}
	__atomic_store_n(&window->used, used, __ATOMIC_RELEASE);
	return true;
}

/*
 * The right to use ports is taken for the frame only: what PID 1 holds its
 * children inherit, and no actor should.
 */
static void to_port(const struct piece *pieces, size_t n)
{
	if (iopl(3)) {
		perror("init: iopl");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const void *p = pieces[i].p;
		size_t len = pieces[i].len;

		if (len)
			__asm__ volatile("rep outsb" : "+S"(p), "+c"(len) : "d"((uint16_t)FRAME_PORT) : "memory");
	}
	iopl(0);
}

void frame_send(uint32_t type, const void *head, size_t headlen, const void *data, size_t len)
{
	struct frame_head h = { .magic = FRAME_MAGIC, .type = type };
	struct piece pieces[3];
	uint32_t crc;

	if (len > FRAME_MAX - headlen)
		len = FRAME_MAX - headlen;
	h.seq = seq++;
	h.len = headlen + len;
	crc = form_crc32(0, &h.type, 12);
	crc = form_crc32(crc, head, headlen);
	h.crc = form_crc32(crc, data, len);
	pieces[0] = (struct piece){ &h, sizeof(h) };
	pieces[1] = (struct piece){ head, headlen };
	pieces[2] = (struct piece){ data, len };
	if (!to_window(pieces, 3))
		to_port(pieces, 3);
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
