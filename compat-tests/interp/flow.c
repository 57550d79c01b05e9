/* flow.c - verbs of flow: marks, blocks, races, spins, exits. */
#include <asm/unistd.h>
#include <errno.h>
#include <string.h>

#include "actor.h"

static void log_text(struct actor *a, const struct form_step *s)
{
	struct line l;

	log_begin(a, s, &l);
	log_end(a, s, &l);
}

/* Structure is not an event; only its edges are worth a line. */
static void log_edges(struct actor *a, const struct form_step *s)
{
	for (int i = 0; i < 2; i++)
		if (s->await[i] != FORM_NONE || s->post[i] != FORM_NONE) {
			log_text(a, s);
			return;
		}
}

long v_nop(struct actor *a, const struct form_step *s)
{
	log_text(a, s);
	return 0;
}

long v_mark(struct actor *a, const struct form_step *s)
{
	log_text(a, s);
	return 0;
}

long v_note(struct actor *a, const struct form_step *s)
{
	int64_t v = arg_num(a, s, 0);
	struct line l;

	log_begin(a, s, &l);
	if (s->arg[0].type == ARG_TID || s->arg[0].type == ARG_ROLE || s->arg[0].type == ARG_IT)
		log_add(&l, " -> %P", (int)v);
	else
		log_add(&l, " -> %lld", (long long)v);
	log_end(a, s, &l);
	return v;
}

long v_do(struct actor *a, const struct form_step *s)
{
	log_edges(a, s);
	run_block(a, s->arg[0].ref);
	return 0;
}

long v_repeat(struct actor *a, const struct form_step *s)
{
	const struct form_block *b = &form_blocks(a->form)[s->arg[1].ref];
	int64_t n = arg_num(a, s, 0);

	log_edges(a, s);
	if (n > 0)
		run_list(a, b->clause[0].first_step, b->clause[0].nsteps, n - 1, FORM_NONE);
	return 0;
}

long v_loop(struct actor *a, const struct form_step *s)
{
	const struct form_block *b = &form_blocks(a->form)[s->arg[1].ref];
	uint32_t edge = s->arg[0].ref;

	log_edges(a, s);
	if (edge_posted(a, edge))
		my_state(a)->waits[edge]++;
	else
		run_list(a, b->clause[0].first_step, b->clause[0].nsteps, 0, edge);
	return 0;
}

/* Wait until every other role of race @k still under way has come as often as this one. */
static void meet(struct actor *a, uint32_t k)
{
	struct shared *sh = a->sh;
	uint32_t mine = __atomic_add_fetch(&my_state(a)->raced[k], 1, __ATOMIC_SEQ_CST);

	for (uint32_t i = 0, turn = 0; i < sh->nroles; i++) {
		const struct role_state *o = &sh->role[i];

		if (!((sh->race[k].members >> i) & 1))
			continue;
		while (__atomic_load_n(&o->raced[k], __ATOMIC_SEQ_CST) < mine &&
		       __atomic_load_n(&o->phase, __ATOMIC_SEQ_CST) < PH_PARKED)
			poll_pause(a, turn++);
	}
}

/*
 * A meeting: the k-th `race NAME` of a role waits for the k-th of every other
 * role that has it in its column, unless that one finished or left.  Roles come
 * to it at times of their own and nap; so they meet a second time, by when all
 * are awake, or whoever came last would always be the first to go on.
 */
long v_race(struct actor *a, const struct form_step *s)
{
	struct shared *sh = a->sh;
	uint32_t k;

	for (k = 0; k < sh->nraces; k++)
		if (!strcmp(form_str(a->form, sh->race[k].name), arg_str(a, s, 0)))
			break;
	if (k == sh->nraces)
		core_failed(a, __LINE__);
	log_text(a, s);
	waiting(a, true);
	meet(a, k);
	meet(a, k);
	waiting(a, false);
	/* a quiet role makes no system call of its own: the others wake the controller */
	__atomic_add_fetch(&sh->met, 1, __ATOMIC_SEQ_CST);
	if (!(form_roles(a->form)[a->role].flags & ROLE_QUIET) && sh->delays == DELAY_LONG)
		sys(__NR_futex, &sh->met, FUTEX_WAKE, 1, 0, 0, 0);
	delay_race(a);
	return 0;
}

long v_bind(struct actor *a, const struct form_step *s)
{
	int64_t tid = arg_num(a, s, 1);

	if (tid <= 0) {
		log_result(a, s, -ESRCH);
		return -ESRCH;
	}
	role_bind(a->role, s->arg[0].ref, tid);
	log_text(a, s);
	return 0;
}

long v_pause(struct actor *a, const struct form_step *s)
{
	long ret = sys(__NR_pause);

	log_result(a, s, ret);
	return ret;
}

long v_spin(struct actor *a, const struct form_step *s)
{
	struct role_state *rs = my_state(a);

	/* the end state says that it spins; a line would say how far it came before a kill */
	log_edges(a, s);
	rs->spinning = 1;
	for (;;) {
		__atomic_fetch_add(&rs->loops, 1, __ATOMIC_RELAXED);
		relax();
	}
	return 0;
}

long v_spinwhile(struct actor *a, const struct form_step *s)
{
	struct role_state *rs = my_state(a);
	uint32_t edge = s->arg[0].ref;

	rs->await_edge = edge;
	waiting(a, true);
	while (!edge_posted(a, edge)) {
		__atomic_fetch_add(&rs->loops, 1, __ATOMIC_RELAXED);
		relax();
	}
	waiting(a, false);
	rs->await_edge = FORM_NONE;
	rs->waits[edge]++;
	log_text(a, s);
	return 0;
}

/* Nobody comes back to post the edges afterwards: they are posted as it leaves. */
static long leave(struct actor *a, const struct form_step *s, long nr)
{
	long code = arg_num(a, s, 0), ret;

	log_text(a, s);
	step_posts(a, s);
	my_state(a)->phase = PH_LEFT;
	ret = sys(nr, code);
	return ret;
}

long v_exit(struct actor *a, const struct form_step *s)
{
	return leave(a, s, __NR_exit);
}

long v_exitgroup(struct actor *a, const struct form_step *s)
{
	return leave(a, s, __NR_exit_group);
}
