/* events.h - a trace text as events: actors, their own order, and one merged order. */
#ifndef HARNESS_EVENTS_H
#define HARNESS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

struct event {
	unsigned int actor;	/* index into .actors */
	unsigned long n;	/* the actor's own number of it */
	const char *text;
};

struct events {
	size_t nactors;
	const char **actors;	/* in role order; the end state "=" is none of them */
	size_t nev;
	struct event *ev;	/* an actor's events follow each other, actors in order */
	size_t nend;
	struct event *end;	/* lines of the end state; .actor is meaningless */
	char *copy;		/* what the strings point into */
};

/*
 * Split @text, the format wire.h gives.  Returns 0, or -1 when it is not in that
 * form (an unfinished line, an actor in two places ...): then it must be shown
 * and compared as it is, and nothing is allocated.
 */
int events_parse(const char *text, struct events *e);
void events_free(struct events *e);

/* The same text again; what events_parse() took is given back byte for byte. */
char *events_text(const struct events *e);

/*
 * One order of all e->ev that respects each actor's own order and the edges: the
 * n-th await of an edge by an actor comes after the edge's n-th post.  Where that
 * leaves a choice an actor goes on whose await has just been met, else one that
 * awaits nothing; of several the first in role order: equal texts merge alike.
 * Posts that were not logged are taken as done.
 * Returns e->nev indexes into e->ev, to be freed.
 */
size_t *events_merge(const struct events *e);

#endif
