/* core.c - runs steps: edges, verb, result, posts; arguments; parking. */
#include <asm/unistd.h>

#include "actor.h"

static verb_fn *const verbs[] = {
#define VERB(id, name, args, help) v_##id,
#include "../form/verbs.def"
#undef VERB
};

struct actor *self(void)
{
	unsigned long sp = (unsigned long)__builtin_frame_address(0);

	return (struct actor *)(sp & ~(unsigned long)(ACTOR_STACK - 1));
}

/* Take the slot of a role; what an earlier image or incarnation left is kept only in its role_state. */
void actor_init(uint32_t role)
{
	struct actor *a = slot_of(role);
	struct role_state *rs = state_of(role);

	a->sh = shared();
	a->form = the_form();
	a->role = role;
	a->step = rs->step;
	a->it = rs->it;
	a->it_status = rs->it_status;
	a->msg = rs->msg;
	a->ret = rs->ret;
	a->in_handler = false;
}

/* The testbed is wrong, not the kernel: stop the case, name this step. */
void core_failed(struct actor *a, int line)
{
	if (!__atomic_exchange_n(&a->sh->failed, FAIL_CORE, __ATOMIC_SEQ_CST)) {
		a->sh->failed_role = a->role;
		a->sh->failed_step = my_state(a)->step;
		a->sh->failed_ret = line;
	}
	park(a);
}

void park(struct actor *a)
{
	my_state(a)->phase = PH_PARKED;
	for (;;)
#ifdef __NR_pause
		sys(__NR_pause);
#endif
}

void progress(struct actor *a)
{
	__atomic_fetch_add(&my_state(a)->progress, 1, __ATOMIC_RELAXED);
}

void step_posts(struct actor *a, const struct form_step *s)
{
	for (int i = 0; i < 2; i++)
		if (s->post[i] != FORM_NONE)
			__atomic_fetch_add(&a->sh->posts[s->post[i]], 1, __ATOMIC_SEQ_CST);
}

/*
 * Where the role stands once its step is done, said before the step's edges are
 * posted: whoever is ordered behind the step finds the role at its next one and
 * that one's edge, or finished, however far the role itself has come since.
 */
static void stand_at_next(struct actor *a)
{
	struct role_state *rs = my_state(a);

	if (rs->in_handler)
		return;
	for (uint32_t k = rs->nframes; k-- > 0;) {
		const struct frame *f = &rs->frame[k];

		if (f->i < f->n) {
			rs->step = f->first + f->i;
			rs->await_edge = form_steps(a->form)[rs->step].await[0];
			return;
		}
		/* the step that runs this list has more to do itself (react) */
		if (k && rs->frame[k - 1].inside) {
			rs->step = rs->frame[k - 1].first + rs->frame[k - 1].i - 1;
			return;
		}
		if (f->left || (f->edge != FORM_NONE && !edge_posted(a, f->edge)))
			return;
	}
	rs->phase = PH_PARKED;
}

/* What follows every verb: its result becomes `ret` and the saved value, edges are posted. */
void step_finish(struct actor *a, const struct form_step *s, long ret)
{
	a->ret = ret;
	if (s->result != FORM_NONE)
		a->sh->value[s->result] = ret;
	progress(a);
	if (ret < 0 && (s->flags & STEP_ERRLOG)) {
		struct line l;
		struct form_step shown = *s;

		shown.flags = 0;
		log_begin(a, &shown, &l);
		log_add(&l, " -> %E", ret);
		log_end(a, &shown, &l);
	}
	if (ret < 0 && (s->flags & STEP_NEED)) {
		if (!__atomic_exchange_n(&a->sh->failed, FAIL_NEED, __ATOMIC_SEQ_CST)) {
			a->sh->failed_role = a->role;
			a->sh->failed_step = s - form_steps(a->form);
			a->sh->failed_ret = ret;
		}
		park(a);
	}
	stand_at_next(a);
	step_posts(a, s);
}

/*
 * In a job with JOB_LAG one role of a case is as slow as can be: it comes to do
 * a step only when everything else is at rest, or waits for it.  Whatever the
 * step ought to have been ordered before by an edge has come first then.
 */
static void lag(struct actor *a)
{
	struct role_state *rs = my_state(a);
	uint32_t grants = rs->lag_grants;

	if (!rs->lags)
		return;
	__atomic_store_n(&rs->wants_lag, 1, __ATOMIC_SEQ_CST);
	waiting(a, true);
	/* without a system call: it may be traced */
	while (__atomic_load_n(&rs->lag_grants, __ATOMIC_SEQ_CST) == grants) {
		rs->loops++;
		relax();
	}
	waiting(a, false);
	rs->lags_done = rs->lag_grants;
}

static void run_step(struct actor *a, uint32_t index)
{
	const struct form_step *s = &form_steps(a->form)[index];
	struct role_state *rs = my_state(a);

	a->step = index;
	rs->step = index;
	progress(a);
	for (int i = 0; i < 2; i++) {
		if (s->await[i] != FORM_NONE)
			await_edge(a, s->await[i]);
		rs->await_edge = i ? FORM_NONE : s->await[1];
	}
	lag(a);
	delay_step(a);
	step_finish(a, s, verbs[s->verb](a, s));
}

/* The rounds still owed by the innermost frame; pops it. */
static void run_frame(struct actor *a)
{
	struct role_state *rs = my_state(a);
	struct frame *f = &rs->frame[rs->nframes - 1];

	for (;;) {
		while (f->i < f->n)
			run_step(a, f->first + f->i++);
		if (f->edge != FORM_NONE ? edge_posted(a, f->edge) : !f->left)
			break;
		if (f->edge == FORM_NONE)
			f->left--;
		f->i = 0;
	}
	if (f->edge != FORM_NONE)
		rs->waits[f->edge]++;
	rs->nframes--;
}

/* Run steps once and then `left` times more, or until `edge` was posted. */
void run_list(struct actor *a, uint32_t first, uint32_t n, uint32_t left, uint32_t edge)
{
	struct role_state *rs = my_state(a);
	struct frame *f;

	if (rs->nframes == MAX_FRAMES)
		core_failed(a, __LINE__);
	/* taken before it is filled: a handler that comes in between takes the next one */
	f = &rs->frame[rs->nframes++];
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	f->first = first;
	f->n = n;
	f->i = 0;
	f->left = left;
	f->edge = edge;
	f->inside = 0;
	run_frame(a);
}

void run_steps(struct actor *a, uint32_t first, uint32_t n)
{
	run_list(a, first, n, 0, FORM_NONE);
}

void run_block(struct actor *a, uint32_t block)
{
	const struct form_block *b = &form_blocks(a->form)[block];

	run_steps(a, b->clause[0].first_step, b->clause[0].nsteps);
}

/* A role starts: one frame, its column. */
void run_column(void *arg)
{
	struct actor *a = arg;
	const struct form_role *r = &form_roles(a->form)[a->role];
	struct role_state *rs = my_state(a);

	rs->phase = PH_RUNNING;
	rs->nframes = 0;
	run_steps(a, r->first_step, r->nsteps);
	progress(a);
	park(a);
}

/* A new image goes on after its exec step: innermost list first, then the steps that had called it. */
void resume_column(void *arg)
{
	struct actor *a = arg;
	struct role_state *rs = my_state(a);
	const struct form_step *s;

	if (!rs->nframes)
		core_failed(a, __LINE__);
	s = &form_steps(a->form)[a->step];
	log_result(a, s, 0);
	step_finish(a, s, 0);
	for (;;) {
		run_frame(a);
		if (!rs->nframes)
			break;
		/* frame.i already points behind the step that called the list just ended */
		s = &form_steps(a->form)[rs->frame[rs->nframes - 1].first +
					 rs->frame[rs->nframes - 1].i - 1];
		step_finish(a, s, 0);
	}
	progress(a);
	park(a);
}

bool arg_given(const struct form_step *s, int i)
{
	return i < s->nargs && s->arg[i].type != ARG_NONE;
}

int64_t arg_num(struct actor *a, const struct form_step *s, int i)
{
	const struct form_arg *g = &s->arg[i];

	if (!arg_given(s, i))
		return 0;
	switch (g->type) {
	case ARG_INT:
		return g->val;
	case ARG_IT:
		return a->it;
	case ARG_SIG:
		return arg_sig(a, s, i);
	case ARG_MSG:
		return a->msg;
	case ARG_RET:
		return a->ret;
	case ARG_VALUE:
		return a->sh->value[g->ref] + g->val;
	case ARG_LABEL:
		return (unsigned long)label_addr(form_str(a->form, g->ref)) + g->val;
	case ARG_TID:
	case ARG_ROLE:
		return role_tid(a, g->ref);
	}
	core_failed(a, __LINE__);
}

pid_t arg_tid(struct actor *a, const struct form_step *s, int i)
{
	pid_t tid = arg_num(a, s, i);

	/* 0 and -1 mean "everybody" to kill() and wait(): an unborn role must not. */
	if (tid == 0 && (s->arg[i].type == ARG_ROLE || s->arg[i].type == ARG_IT))
		return NO_TID;
	return tid;
}

int arg_role(struct actor *a, const struct form_step *s, int i)
{
	if (arg_given(s, i) && (s->arg[i].type == ARG_ROLE || s->arg[i].type == ARG_TID))
		return s->arg[i].ref;
	return tid_role(a, arg_num(a, s, i));
}

/* `sig` is the signal of a signal-delivery-stop and 0 for all else: resuming with it changes nothing. */
int arg_sig(struct actor *a, const struct form_step *s, int i)
{
	if (!arg_given(s, i))
		return 0;
	if (s->arg[i].type == ARG_SIG) {
		int sig;

		if ((a->it_status & 0xff) != 0x7f)
			return 0;
		return stop_kind(a, a->it, a->it_status, &sig) == ON_SIGNAL ? sig : 0;
	}
	return arg_num(a, s, i);
}

const char *arg_str(struct actor *a, const struct form_step *s, int i)
{
	if (!arg_given(s, i) || (s->arg[i].type != ARG_STR && s->arg[i].type != ARG_LABEL))
		return "";
	return form_str(a->form, s->arg[i].ref);
}
