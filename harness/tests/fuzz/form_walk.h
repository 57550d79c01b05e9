/* form_walk.h - follow everything in a checked form as the guest does; a wild offset is a crash for the sanitizer. */
#ifndef FORM_WALK_H
#define FORM_WALK_H

#include <string.h>

#include "form/form.h"

struct form_walker {
	const struct form_case *c;
	unsigned long sum;	/* of all bytes seen, so that no read is dropped */
	unsigned int depth;
};

static inline void walk_str(struct form_walker *w, uint32_t off)
{
	for (const char *s = form_str(w->c, off); *s; s++)
		w->sum += (unsigned char)*s;
}

static inline void walk_steps(struct form_walker *w, uint32_t first, uint32_t n);

static inline void walk_block(struct form_walker *w, uint32_t i)
{
	const struct form_block *b = &form_blocks(w->c)[i];

	walk_str(w, b->name);
	for (uint32_t k = 0; k < b->nclauses; k++) {
		if (b->clause[k].on_role != FORM_NONE)
			walk_str(w, form_roles(w->c)[b->clause[k].on_role].name);
		/* Nested runs of blocks end because no block runs itself. */
		if (w->depth < 8)
			walk_steps(w, b->clause[k].first_step, b->clause[k].nsteps < 4 ?
				   b->clause[k].nsteps : 4);
	}
}

static inline void walk_arg(struct form_walker *w, const struct form_arg *a)
{
	w->sum += (unsigned long)a->val;
	switch (a->type) {
	case ARG_ROLE:
	case ARG_TID:
		walk_str(w, form_roles(w->c)[a->ref].name);
		break;
	case ARG_VALUE:
		for (const char *s = form_value(w->c, a->ref); *s; s++)
			w->sum += (unsigned char)*s;
		break;
	case ARG_STR:
	case ARG_LABEL:
		walk_str(w, a->ref);
		break;
	case ARG_EDGE:
		w->sum += strlen(form_edge(w->c, a->ref));
		break;
	case ARG_HANDLER:
		walk_str(w, form_handlers(w->c)[a->ref].name);
		break;
	case ARG_BLOCK:
		w->depth++;
		walk_block(w, a->ref);
		w->depth--;
		break;
	}
}

static inline void walk_steps(struct form_walker *w, uint32_t first, uint32_t n)
{
	for (uint32_t i = first; i < first + n; i++) {
		const struct form_step *s = &form_steps(w->c)[i];

		w->sum += strlen(form_verbs[s->verb].name);
		walk_str(w, s->text);
		for (int k = 0; k < 2; k++) {
			if (s->await[k] != FORM_NONE)
				w->sum += strlen(form_edge(w->c, s->await[k]));
			if (s->post[k] != FORM_NONE)
				w->sum += strlen(form_edge(w->c, s->post[k]));
		}
		if (s->result != FORM_NONE)
			w->sum += strlen(form_value(w->c, s->result));
		for (unsigned int k = 0; k < s->nargs; k++)
			walk_arg(w, &s->arg[k]);
	}
}

static inline unsigned long form_walk(const struct form_case *c)
{
	struct form_walker w = { .c = c };

	walk_str(&w, c->name);
	for (uint32_t i = 0; i < c->nroles; i++) {
		const struct form_role *r = &form_roles(c)[i];

		walk_str(&w, r->name);
		/* Up to the watcher: ends, because a parent comes first. */
		for (uint32_t p = i; p != FORM_NONE; p = form_roles(c)[p].parent)
			w.sum += p;
		walk_steps(&w, r->first_step, r->nsteps);
	}
	for (uint32_t i = 0; i < c->nblocks; i++)
		walk_block(&w, i);
	for (uint32_t i = 0; i < c->nhandlers; i++) {
		walk_str(&w, form_handlers(c)[i].name);
		walk_steps(&w, form_handlers(c)[i].first_step, form_handlers(c)[i].nsteps);
	}
	return w.sum;
}

#endif
