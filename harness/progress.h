/* progress.h - the line that tells how far a run is. */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include <stdbool.h>

#include "lane.h"

struct progress {
	bool on, tty, shown;
	double started, last;
};

void progress_init(struct progress *p, bool on);
/* On a terminal rewrites one line of stderr, else adds one now and then. */
void progress_show(struct progress *p, const struct lane *lanes, size_t nlanes);
/* Leave the line behind, so that other output starts on its own. */
void progress_end(struct progress *p, const struct lane *lanes, size_t nlanes);

#endif
