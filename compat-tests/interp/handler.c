/* handler.c - signal handlers: which block a signal runs in which process, and running it. */
#include <string.h>

#include "actor.h"

void handler_bind(struct actor *a, int sig, uint32_t handler, bool mute)
{
	struct role_state *owner = state_of(my_state(a)->sighand);

	if (sig < 0 || sig > 64)
		return;
	owner->handler_mute[sig] = mute;
	owner->handler[sig] = handler == FORM_NONE ? HANDLER_ENTRY : handler + 1;
}

void *altstack(struct actor *a, size_t *len)
{
	*len = ALT_STACK_SIZE;
	return (char *)slot_of(a->role) + ALT_STACK_OFF;
}

/*
 * What the interrupted step relies on is put away and put back: a handler's
 * steps have results, waits and positions of their own.
 */
void handler_entry(int sig, void *siginfo, void *ucontext)
{
	struct actor *a = self(), was = *a;
	struct role_state *rs = my_state(a), *owner = state_of(rs->sighand);
	uint32_t step = rs->step, waits = rs->waiting, edge = rs->await_edge;
	uint32_t spinning = rs->spinning, quiet = rs->wants_quiet, lag = rs->wants_lag;
	uint32_t h = owner->handler[sig];
	struct line l = { .len = 0 };

	(void)ucontext;
	rs->waiting = rs->spinning = rs->wants_quiet = rs->wants_lag = 0;
	rs->await_edge = FORM_NONE;
	rs->in_handler++;
	a->in_handler = true;
	progress(a);
	if (!owner->handler_mute[sig]) {
		siginfo_text(&l, siginfo);
		log_end(a, NULL, &l);
	}
	if (h && h != HANDLER_ENTRY) {
		const struct form_handler *fh = &form_handlers(a->form)[h - 1];

		run_steps(a, fh->first_step, fh->nsteps);
	}
	*a = was;
	rs->in_handler--;
	rs->step = step;
	rs->waiting = waits;
	rs->await_edge = edge;
	rs->spinning = spinning;
	rs->wants_quiet = quiet;
	rs->wants_lag = lag;
	progress(a);
}
