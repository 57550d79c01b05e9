/* sidebyside.h - two outcomes of one case next to each other. */
#ifndef HARNESS_SIDEBYSIDE_H
#define HARNESS_SIDEBYSIDE_H

#include "util.h"

/*
 * The events of both, merged and aligned, an event a row as "ACTOR TEXT", in 80
 * columns.  In the margin: > the first divergence, | a row that differs,
 * < and ) events only on the left or right.
 */
void side_by_side(struct buf *b, const char *left, const char *left_text,
		  const char *right, const char *right_text);

/* Number of events both have, aligned: how alike two outcomes are. */
size_t likeness(const char *a, const char *b);

#endif
