/* progress.c - the line that tells how far a run is. */
#include <string.h>
#include <unistd.h>

#include "progress.h"
#include "util.h"

#define TTY_SECONDS	0.5
#define LOG_SECONDS	10

void progress_init(struct progress *p, bool on)
{
	memset(p, 0, sizeof(*p));
	p->on = on;
	p->tty = isatty(STDERR_FILENO);
	p->started = p->last = now_seconds();
}

/* "stock 812/2400  utrace 790/2400  boots 14  lost 1  1:05" */
static void put(struct progress *p, const struct lane *lanes, size_t nlanes, const char *end)
{
	unsigned int s = now_seconds() - p->started;
	size_t boots = 0, lost = 0, i;
	struct buf b = { 0 };

	for (i = 0; i < nlanes; i++) {
		const struct lane *l = &lanes[i];

		buf_printf(&b, "%s %llu/%llu  ", l->arm->name, (unsigned long long)l->done,
			   (unsigned long long)l->total);
		boots += l->arm->nboots;
		lost += l->arm->nlost;
	}
	buf_printf(&b, "boots %zu  ", boots);
	if (lost)
		buf_printf(&b, "lost %zu  ", lost);
	fprintf(stderr, "%s%s%u:%02u%s", p->tty ? "\r\033[K" : "ptbed: ", b.s, s / 60, s % 60, end);
	fflush(stderr);
	buf_free(&b);
	p->shown = true;
}

void progress_show(struct progress *p, const struct lane *lanes, size_t nlanes)
{
	double now = now_seconds();

	if (!p->on || now - p->last < (p->tty ? TTY_SECONDS : LOG_SECONDS))
		return;
	p->last = now;
	put(p, lanes, nlanes, p->tty ? "" : "\n");
}

void progress_end(struct progress *p, const struct lane *lanes, size_t nlanes)
{
	if (p->on)
		put(p, lanes, nlanes, "\n");
}
