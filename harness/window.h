/* window.h - the memory through which a guest sends its results. */
#ifndef HARNESS_WINDOW_H
#define HARNESS_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct window {
	int fd;			/* for QEMU; -1: none */
	const char *map;
	uint64_t read;		/* bytes of the stream that were taken */
};

/* Make one, empty; 0, or -1 and errno. */
int window_make(struct window *w);
/*
 * What the guest has put there since the last call: a pointer into the window,
 * valid until window_free(), and its length in *@n, 0 if there is nothing new.
 * Never past the window, whatever the guest wrote.
 */
const char *window_take(struct window *w, size_t *n);
/* Also of one that is all zero but .fd = -1. */
void window_free(struct window *w);

#endif
