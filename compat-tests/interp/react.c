/* react.c - verb react: wait for any tracee and serve each stop by the first clause that fits. */
#include <asm/unistd.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "actor.h"

enum until { UNTIL_GONE, UNTIL_STOPS, UNTIL_QUIET };

/* tid, 0 when the rest of the case came to rest first (until quiet), or -errno. */
static long next(struct actor *a, int *status, enum until until)
{
	struct role_state *rs = my_state(a);
	uint32_t grants = rs->quiet_grants;
	unsigned int turn = 0;
	long tid;

	progress(a);
	if (until != UNTIL_QUIET)
		return sys(__NR_wait4, -1, status, __WALL, 0);
	tid = sys(__NR_wait4, -1, status, __WALL | WNOHANG, 0);
	if (tid)
		return tid;
	rs->wants_quiet = 1;
	waiting(a, true);
	do {
		poll_pause(a, turn++);
		tid = sys(__NR_wait4, -1, status, __WALL | WNOHANG, 0);
	} while (!tid && rs->quiet_grants == grants);
	waiting(a, false);
	rs->wants_quiet = 0;
	return tid;
}

static int kind_of(struct actor *a, pid_t tid, int status, int *arg)
{
	*arg = 0;
	if (WIFEXITED(status))
		return ON_EXITED;
	if (WIFSIGNALED(status))
		return ON_KILLED;
	if (WIFCONTINUED(status))
		return ON_CONTINUED;
	return stop_kind(a, tid, status, arg);
}

static const struct form_clause *match(struct actor *a, const struct form_block *b, pid_t tid,
				       int kind, int arg)
{
	for (uint32_t i = 0; i < b->nclauses; i++) {
		const struct form_clause *c = &b->clause[i];

		if (c->on_role != FORM_NONE && tid_role(a, tid) != (int)c->on_role)
			continue;
		if (c->on == ON_ANY)
			return c;
		if (c->on == kind && (!c->on_arg || c->on_arg == (uint32_t)arg))
			return c;
	}
	return NULL;
}

/* A stop that no clause fits goes on, with its signal if it has one to deliver. */
static void go_on(struct actor *a, const struct form_step *s, pid_t tid, int sig)
{
	long ret = sys(__NR_ptrace, PTRACE_CONT, tid, 0, sig);
	struct line l = { .len = 0 };

	log_add(&l, "(cont %P %G) -> %E", tid, sig, ret);
	log_end(a, s, &l);
}

long v_react(struct actor *a, const struct form_step *s)
{
	const struct form_block *b = &form_blocks(a->form)[s->arg[0].ref];
	const char *word = arg_str(a, s, 1);
	enum until until = !strcmp(word, "stops") ? UNTIL_STOPS :
			   !strcmp(word, "quiet") ? UNTIL_QUIET : UNTIL_GONE;
	int64_t stops = until == UNTIL_STOPS ? arg_num(a, s, 2) : 0;
	struct form_step plain = *s;	/* edges go with the last line only */
	struct frame *caller = &my_state(a)->frame[my_state(a)->nframes - 1];
	struct line l;
	long tid;

	plain.await[0] = plain.await[1] = plain.post[0] = plain.post[1] = FORM_NONE;
	while (until != UNTIL_STOPS || stops > 0) {
		const struct form_clause *c;
		int status = 0, kind, arg;

		tid = next(a, &status, until);
		if (tid == -EINTR)
			continue;
		if (tid <= 0) {
			log_begin(a, s, &l);
			log_add(&l, tid ? " -> %E" : " -> quiet", tid);
			log_end(a, s, &l);
			return tid == -ECHILD && until == UNTIL_GONE ? 0 : tid;
		}
		a->it = tid;
		a->it_status = status;
		l.len = 0;
		log_add(&l, "%s: %P %W", form_str(a->form, b->name), (int)tid, status);
		log_end(a, &plain, &l);
		kind = kind_of(a, tid, status, &arg);
		c = match(a, b, tid, kind, arg);
		if (c) {
			caller->inside = 1;
			run_steps(a, c->first_step, c->nsteps);
			caller->inside = 0;
			/* clauses may have moved these by waits of their own */
			my_state(a)->step = s - form_steps(a->form);
			a->step = my_state(a)->step;
		} else if (WIFSTOPPED(status)) {
			go_on(a, &plain, tid, kind == ON_SIGNAL ? WSTOPSIG(status) : 0);
		}
		if (WIFSTOPPED(status))
			stops--;
	}
	log_begin(a, s, &l);
	log_add(&l, " -> done");
	log_end(a, s, &l);
	return 0;
}
