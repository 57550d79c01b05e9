/* window.c - the memory through which a guest sends its results: a memfd that QEMU maps as a PCI device. */
#include <sys/mman.h>
#include <unistd.h>

#include "../compat-tests/form/wire.h"
#include "window.h"

int window_make(struct window *w)
{
	void *p;

	w->map = NULL;
	w->read = 0;
	w->fd = memfd_create("ptbed-results", MFD_CLOEXEC);
	if (w->fd < 0)
		return -1;
	if (ftruncate(w->fd, WINDOW_SIZE))
		return -1;
	p = mmap(NULL, WINDOW_SIZE, PROT_READ, MAP_SHARED, w->fd, 0);
	if (p == MAP_FAILED)
		return -1;
	w->map = p;
	return 0;
}

const char *window_take(struct window *w, size_t *n)
{
	const struct window_head *head = (const void *)w->map;
	const char *from = w->map + WINDOW_DATA + w->read;
	uint64_t used;

	*n = 0;
	if (!head)
		return NULL;
	used = __atomic_load_n(&head->used, __ATOMIC_ACQUIRE);
	if (used > WINDOW_SIZE - WINDOW_DATA)
		used = WINDOW_SIZE - WINDOW_DATA;
	if (used <= w->read)
		return NULL;
	*n = used - w->read;
	w->read = used;
	return from;
}

void window_free(struct window *w)
{
	if (w->map)
		munmap((void *)w->map, WINDOW_SIZE);
	if (w->fd >= 0)
		close(w->fd);
	w->map = NULL;
	w->fd = -1;
}
