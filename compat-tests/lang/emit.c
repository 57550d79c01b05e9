/* emit.c - the flat form of a compiled case, see form.h. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../../harness/util.h"
#include "parse.h"

static uint32_t put_steps(const struct stepvec *v, struct form_step *steps, uint32_t *at)
{
	uint32_t first = *at;

	if (v->n)
		memcpy(steps + first, v->v, v->n * sizeof(*steps));
	*at += (uint32_t)v->n;
	return first;
}

static uint32_t place(uint32_t *at, size_t n, size_t size)
{
	uint32_t off = (*at + 7) & ~7u;

	*at = off + (uint32_t)(n * size);
	return off;
}

/* Malloced; the case is small enough by its limits for 32-bit offsets. */
void *build_emit(struct build *b, size_t *len)
{
	struct form_case *c, head = { .magic = FORM_MAGIC };
	uint32_t at = sizeof(head), step = 0;
	struct form_role *roles;
	struct form_step *steps;
	struct form_block *blocks;
	struct form_handler *handlers;
	uint32_t *edges, *values;
	uint32_t names[FORM_MAX_ROLES], *bn = ar_alloc(b->a, (FORM_MAX_BLOCKS + FORM_MAX_HANDLERS) * 4);
	uint32_t *en = ar_alloc(b->a, FORM_MAX_EDGES * 4), *vn = ar_alloc(b->a, FORM_MAX_VALUES * 4);

	for (size_t i = 0; i < b->nroles; i++)
		names[i] = build_str(b, b->role[i].name);
	for (size_t i = 0; i < b->nblocks; i++)
		bn[i] = build_str(b, b->block[i].sec->name);
	for (size_t i = 0; i < b->nhandlers; i++)
		bn[FORM_MAX_BLOCKS + i] = build_str(b, b->handler[i].sec->name);
	for (size_t i = 0; i < b->nedges; i++)
		en[i] = build_str(b, b->edge[i].name);
	for (size_t i = 0; i < b->nvalues; i++)
		vn[i] = build_str(b, b->value[i].name);
	head.flags = b->s->racy ? FORM_RACY : 0;
	head.cpus = b->s->cpus;
	head.name = build_str(b, b->name);
	head.nroles = (uint32_t)b->nroles;
	head.nsteps = (uint32_t)b->nsteps;
	head.nblocks = (uint32_t)b->nblocks;
	head.nedges = (uint32_t)b->nedges;
	head.nhandlers = (uint32_t)b->nhandlers;
	head.nvalues = (uint32_t)b->nvalues;
	head.roles = place(&at, b->nroles, sizeof(*roles));
	head.steps = place(&at, b->nsteps, sizeof(*steps));
	head.blocks = place(&at, b->nblocks, sizeof(*blocks));
	head.edges = place(&at, b->nedges, 4);
	head.handlers = place(&at, b->nhandlers, sizeof(*handlers));
	head.values = place(&at, b->nvalues, 4);
	head.strings = place(&at, b->poollen, 1);
	head.strings_len = (uint32_t)b->poollen;
	head.size = (at + 7) & ~7u;

	c = xcalloc(1, head.size);
	memcpy(c, &head, sizeof(head));
	roles = (void *)((char *)c + c->roles);
	steps = (void *)((char *)c + c->steps);
	blocks = (void *)((char *)c + c->blocks);
	edges = (void *)((char *)c + c->edges);
	handlers = (void *)((char *)c + c->handlers);
	values = (void *)((char *)c + c->values);
	for (size_t i = 0; i < b->nroles; i++) {
		roles[i] = b->role[i].r;
		roles[i].name = names[i];
		roles[i].nsteps = (uint32_t)b->role[i].steps.n;
		roles[i].first_step = put_steps(&b->role[i].steps, steps, &step);
	}
	for (size_t i = 0; i < b->nblocks; i++) {
		const struct bblock *bl = &b->block[i];

		blocks[i].name = bn[i];
		blocks[i].nclauses = (uint32_t)bl->nclauses;
		for (size_t k = 0; k < bl->nclauses; k++) {
			struct form_clause *cl = &blocks[i].clause[k];

			*cl = bl->clause[k].c;
			cl->nsteps = (uint32_t)bl->clause[k].steps.n;
			cl->first_step = put_steps(&bl->clause[k].steps, steps, &step);
		}
	}
	for (size_t i = 0; i < b->nhandlers; i++) {
		handlers[i].name = bn[FORM_MAX_BLOCKS + i];
		handlers[i].nsteps = (uint32_t)b->handler[i].steps.n;
		handlers[i].first_step = put_steps(&b->handler[i].steps, steps, &step);
	}
	for (size_t i = 0; i < b->nedges; i++)
		edges[i] = en[i];
	for (size_t i = 0; i < b->nvalues; i++)
		values[i] = vn[i];
	memcpy((char *)c + c->strings, b->pool, b->poollen);
	c->crc = form_crc32(0, (char *)c + offsetof(struct form_case, flags),
			    head.size - offsetof(struct form_case, flags));
	*len = head.size;
	return c;
}
