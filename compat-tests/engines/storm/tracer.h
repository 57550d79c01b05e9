/* tracer.h - a tracer of ptrace-storm: what it knows of its tracees, and the requests it makes. */
#ifndef ENGINES_STORM_TRACER_H
#define ENGINES_STORM_TRACER_H

#include "storm.h"

#define TRACEES 16

struct tracee {
	int tid;
	bool stopped;		/* as far as the tracer knows */
	bool seized;
	int sig;		/* of the stop */
};

struct tracer {
	uint64_t rnd;
	struct actor *me;
	bool thread;
	unsigned int n;
	struct tracee tracees[TRACEES];
};

/* tracer.c: @who is traced now, or was all the time. */
void tracer_add(struct tracer *t, struct tracee who);
void tracer_remove(struct tracer *t, int tid);

/* request.c: what a request is called, NULL: no more; whether some of it must succeed on this kernel. */
const char *request_name(unsigned int kind);
bool request_succeeds(unsigned int kind, bool utrace);
/* A random request, on one of its own threads (@who) or on another one. */
void request_any(struct tracer *t, struct tracee *who, int tid);
/* Attach to @tid, or interrupt it. */
void request_attach(struct tracer *t, int tid, bool seize);
void request_interrupt(struct tracer *t, int tid);
void request_traceme(uint64_t *rnd, struct actor *me);

#endif
