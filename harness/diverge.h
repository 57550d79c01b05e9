/* diverge.h - where two outcomes of one case part. */
#ifndef HARNESS_DIVERGE_H
#define HARNESS_DIVERGE_H

#include <stdbool.h>

struct divergence {
	bool found;
	char *actor;		/* "=" the end state, "line" when a text is not a trace */
	unsigned long n;	/* the actor's event number, or the line */
	char *a, *b;		/* what each side shows there; NULL: nothing more */
};

/*
 * The first event that differs.  Each actor's events are compared in its own
 * order; of the actors that differ the one whose event comes first in the merged
 * order is taken, the end state last.  Returns d->found: false only for equal
 * texts.
 */
bool diverge(const char *ta, const char *tb, struct divergence *d);
void divergence_free(struct divergence *d);

#endif
