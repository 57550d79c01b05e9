/* form.c - form_check(): proves a flat form well-formed before anybody follows an offset in it.  No libc. */
#include <stddef.h>

#include "form.h"

/*
 * What the guest relies on and this file proves: every array lies inside the
 * blob and is aligned, every string ends inside it, every index is below its
 * count, arguments are of the kinds the verb's letters allow, a parent comes
 * before its child, and blocks do not run each other in a circle (the
 * interpreter recurses over them on a small stack).
 */
struct check {
	const struct form_case *c;
	uint64_t len;
	const char *why;
};

static int bad(struct check *k, const char *why)
{
	if (!k->why)
		k->why = why;
	return -1;
}

/* An array of @n items of @size at @off, aligned to @align and behind the head. */
static int array_ok(const struct check *k, uint32_t n, uint32_t off,
		    uint32_t size, uint32_t align)
{
	if (off % align || off < sizeof(struct form_case) || off > k->len)
		return 0;
	return (uint64_t)n * size <= k->len - off;
}

static int string_ok(const struct check *k, uint32_t off)
{
	/* The last byte of the pool is NUL, so every start inside it ends inside it. */
	return off < k->c->strings_len;
}

static int range_ok(const struct check *k, uint32_t first, uint32_t n)
{
	return first <= k->c->nsteps && n <= k->c->nsteps - first;
}

static int index_or_none(uint32_t i, uint32_t n)
{
	return i == FORM_NONE || i < n;
}

static int check_head(struct check *k)
{
	const struct form_case *c = k->c;
	const char *strings;

	if (k->len < sizeof(*c) || k->len > FORM_MAX_SIZE)
		return bad(k, "length is not that of a case");
	if ((uintptr_t)c % 8)
		return bad(k, "blob is not aligned to 8");
	if (c->magic != FORM_MAGIC)
		return bad(k, "bad magic");
	if (c->size != k->len)
		return bad(k, "size is not the length of the blob");
	if (c->crc != form_crc32(0, (const char *)c + offsetof(struct form_case, flags),
				 k->len - offsetof(struct form_case, flags)))
		return bad(k, "bad checksum");
	if (c->flags & ~(uint32_t)FORM_RACY)
		return bad(k, "unknown flags");
	if (c->cpus > FORM_MAX_CPUS)
		return bad(k, "too many cpus");
	if (!c->nroles || c->nroles > FORM_MAX_ROLES)
		return bad(k, "bad number of roles");
	if (c->nsteps > FORM_MAX_STEPS)
		return bad(k, "too many steps");
	if (c->nblocks > FORM_MAX_BLOCKS)
		return bad(k, "too many blocks");
	if (c->nedges > FORM_MAX_EDGES)
		return bad(k, "too many edges");
	if (c->nhandlers > FORM_MAX_HANDLERS)
		return bad(k, "too many handlers");
	if (c->nvalues > FORM_MAX_VALUES)
		return bad(k, "too many saved values");
	if (!array_ok(k, c->nroles, c->roles, sizeof(struct form_role), 4))
		return bad(k, "roles lie outside the blob");
	if (!array_ok(k, c->nsteps, c->steps, sizeof(struct form_step), 8))
		return bad(k, "steps lie outside the blob");
	if (!array_ok(k, c->nblocks, c->blocks, sizeof(struct form_block), 4))
		return bad(k, "blocks lie outside the blob");
	if (!array_ok(k, c->nedges, c->edges, 4, 4))
		return bad(k, "edges lie outside the blob");
	if (!array_ok(k, c->nhandlers, c->handlers, sizeof(struct form_handler), 4))
		return bad(k, "handlers lie outside the blob");
	if (!array_ok(k, c->nvalues, c->values, 4, 4))
		return bad(k, "saved values lie outside the blob");
	if (!c->strings_len || !array_ok(k, c->strings_len, c->strings, 1, 1))
		return bad(k, "strings lie outside the blob");
	strings = (const char *)c + c->strings;
	if (strings[c->strings_len - 1])
		return bad(k, "the last string does not end");
	if (!string_ok(k, c->name))
		return bad(k, "name is not a string");
	return 0;
}

static int check_names(struct check *k)
{
	const struct form_case *c = k->c;
	const uint32_t *edge = (const void *)((const char *)c + c->edges);
	const uint32_t *value = (const void *)((const char *)c + c->values);

	for (uint32_t i = 0; i < c->nedges; i++)
		if (!string_ok(k, edge[i]))
			return bad(k, "an edge's name is not a string");
	for (uint32_t i = 0; i < c->nvalues; i++)
		if (!string_ok(k, value[i]))
			return bad(k, "a saved value's name is not a string");
	return 0;
}

static int check_roles(struct check *k)
{
	const struct form_case *c = k->c;
	const struct form_role *r = form_roles(c);

	for (uint32_t i = 0; i < c->nroles; i++, r++) {
		if (!string_ok(k, r->name))
			return bad(k, "a role's name is not a string");
		if (r->kind > ROLE_PARENT)
			return bad(k, "unknown role kind");
		if (r->birth > BORN_BY_STEP)
			return bad(k, "unknown role birth");
		if (r->flags & ~(ROLE_THREAD | ROLE_QUIET | ROLE_WATCHED_SPIN))
			return bad(k, "unknown role flags");
		if (r->bits != 64 && r->bits != 32 && r->bits != 33)
			return bad(k, "unknown word size of a role");
		if (!index_or_none(r->parent, i))
			return bad(k, "a role's parent does not come before it");
		if ((r->flags & ROLE_THREAD) && r->parent == FORM_NONE)
			return bad(k, "a thread without a leader");
		if ((r->flags & ROLE_THREAD) &&
		    (form_roles(c)[r->parent].flags & ROLE_THREAD))
			return bad(k, "a thread's leader is a thread");
		if (!range_ok(k, r->first_step, r->nsteps))
			return bad(k, "a role's steps lie outside the steps");
	}
	return 0;
}

static int arg_ref_ok(const struct check *k, const struct form_arg *a)
{
	switch (a->type) {
	case ARG_NONE:
	case ARG_INT:
	case ARG_IT:
	case ARG_SIG:
	case ARG_MSG:
	case ARG_RET:
		return 1;
	case ARG_ROLE:
	case ARG_TID:
		return a->ref < k->c->nroles;
	case ARG_VALUE:
		return a->ref < k->c->nvalues;
	case ARG_STR:
	case ARG_LABEL:
		return string_ok(k, a->ref);
	case ARG_BLOCK:
		return a->ref < k->c->nblocks;
	case ARG_HANDLER:
		return a->ref < k->c->nhandlers;
	case ARG_EDGE:
		return a->ref < k->c->nedges;
	}
	return 0;
}

#define BIT(t) (1u << (t))
#define NUMBERS (BIT(ARG_INT) | BIT(ARG_VALUE) | BIT(ARG_MSG) | BIT(ARG_RET))

/* The argument types a letter of verbs.def allows, as a mask. */
uint32_t form_letter_types(char letter)
{
	switch (letter) {
	case 'R':
		return NUMBERS | BIT(ARG_ROLE) | BIT(ARG_IT);
	case 'S':
		return NUMBERS | BIT(ARG_SIG);
	case 'N':
		return NUMBERS | BIT(ARG_IT) | BIT(ARG_SIG) | BIT(ARG_LABEL) |
		       BIT(ARG_TID) | BIT(ARG_STR);
	case 'O':
	case 'F':
		return BIT(ARG_INT);
	case 'E':
		return BIT(ARG_EDGE);
	case 'B':
		return BIT(ARG_BLOCK);
	case 'H':
		return BIT(ARG_HANDLER);
	case 'L':
		return BIT(ARG_LABEL);
	case 'T':
		return BIT(ARG_STR);
	}
	return 0;
}

static int args_match(const struct form_step *s)
{
	const char *l = form_verbs[s->verb].args;
	unsigned int i = 0;

	while (*l) {
		uint32_t types = form_letter_types(*l++);

		if (*l == '*') {
			for (; i < s->nargs; i++)
				if (!(BIT(s->arg[i].type) & types))
					return 0;
			l++;
			continue;
		}
		if (*l == '?') {
			l++;
			if (i >= s->nargs)
				continue;
			types |= BIT(ARG_NONE);
		}
		if (i >= s->nargs || !(BIT(s->arg[i].type) & types))
			return 0;
		i++;
	}
	return i == s->nargs;
}

static int check_step(struct check *k, const struct form_step *s)
{
	const struct form_case *c = k->c;

	if (s->verb >= form_nverbs)
		return bad(k, "unknown verb");
	if (s->flags & ~(STEP_NEED | STEP_MUTE | STEP_ERRLOG))
		return bad(k, "unknown step flags");
	if (!string_ok(k, s->text))
		return bad(k, "a step's text is not a string");
	for (int i = 0; i < 2; i++)
		if (!index_or_none(s->await[i], c->nedges) ||
		    !index_or_none(s->post[i], c->nedges))
			return bad(k, "a step's edge does not exist");
	if (!index_or_none(s->result, c->nvalues))
		return bad(k, "a step's saved value does not exist");
	if (s->nargs > FORM_MAX_ARGS)
		return bad(k, "too many arguments");
	for (unsigned int i = 0; i < FORM_MAX_ARGS; i++) {
		const struct form_arg *a = &s->arg[i];

		if (i >= s->nargs) {
			if (a->type != ARG_NONE)
				return bad(k, "an argument behind the last one");
			continue;
		}
		if (a->type > ARG_TID)
			return bad(k, "unknown argument type");
		if (!arg_ref_ok(k, a))
			return bad(k, "an argument refers to nothing");
		if (a->key > FORM_MAX_ARGS)
			return bad(k, "unknown argument key");
	}
	if (!args_match(s))
		return bad(k, "arguments do not fit the verb");
	return 0;
}

static int check_blocks(struct check *k)
{
	const struct form_case *c = k->c;
	const struct form_block *b = form_blocks(c);
	const struct form_handler *h = form_handlers(c);

	for (uint32_t i = 0; i < c->nblocks; i++, b++) {
		if (!string_ok(k, b->name))
			return bad(k, "a block's name is not a string");
		if (!b->nclauses || b->nclauses > FORM_MAX_CLAUSES)
			return bad(k, "bad number of clauses");
		for (uint32_t j = 0; j < b->nclauses; j++) {
			const struct form_clause *cl = &b->clause[j];

			if (cl->on > ON_CONTINUED)
				return bad(k, "unknown kind of clause");
			if (cl->on == ON_NONE && b->nclauses != 1)
				return bad(k, "plain steps among clauses");
			if (!index_or_none(cl->on_role, c->nroles))
				return bad(k, "a clause's role does not exist");
			if (!range_ok(k, cl->first_step, cl->nsteps))
				return bad(k, "a clause's steps lie outside the steps");
		}
	}
	for (uint32_t i = 0; i < c->nhandlers; i++, h++) {
		if (!string_ok(k, h->name))
			return bad(k, "a handler's name is not a string");
		if (!range_ok(k, h->first_step, h->nsteps))
			return bad(k, "a handler's steps lie outside the steps");
	}
	return 0;
}

/* Blocks that the steps of block @i run, as a mask; needs all indexes checked. */
static uint64_t block_runs(const struct form_case *c, uint32_t i)
{
	const struct form_block *b = &form_blocks(c)[i];
	uint64_t runs = 0;

	for (uint32_t j = 0; j < b->nclauses; j++)
		for (uint32_t n = 0; n < b->clause[j].nsteps; n++) {
			const struct form_step *s =
				&form_steps(c)[b->clause[j].first_step + n];

			for (unsigned int a = 0; a < s->nargs; a++)
				if (s->arg[a].type == ARG_BLOCK)
					runs |= 1ull << s->arg[a].ref;
		}
	return runs;
}

/* Take away blocks that run none of the rest until nothing changes: a circle is what stays. */
static int check_recursion(struct check *k)
{
	uint32_t n = k->c->nblocks;
	uint64_t runs[FORM_MAX_BLOCKS];
	uint64_t left = n == 64 ? ~0ull : (1ull << n) - 1;
	int changed = 1;

	for (uint32_t i = 0; i < n; i++)
		runs[i] = block_runs(k->c, i);
	while (changed) {
		changed = 0;
		for (uint32_t i = 0; i < n; i++)
			if ((left >> i & 1) && !(runs[i] & left)) {
				left &= ~(1ull << i);
				changed = 1;
			}
	}
	return left ? bad(k, "a block runs itself") : 0;
}

int form_check(const void *blob, uint64_t len, const char **why)
{
	struct check k = { .c = blob, .len = len };
	int ret = check_head(&k);

	if (!ret)
		ret = check_names(&k);
	if (!ret)
		ret = check_roles(&k);
	for (uint32_t i = 0; !ret && i < k.c->nsteps; i++)
		ret = check_step(&k, &form_steps(k.c)[i]);
	if (!ret)
		ret = check_blocks(&k);
	if (!ret)
		ret = check_recursion(&k);
	if (ret && why)
		*why = k.why;
	return ret;
}
