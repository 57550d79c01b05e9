/* log.c - one log an actor, another for its handlers: lines committed whole, or not at all. */
#include <string.h>

#include "actor.h"

void log_begin(struct actor *a, const struct form_step *s, struct line *l)
{
	l->len = 0;
	l->s[0] = '\0';
	log_add(l, "%s", form_str(a->form, s->text));
}

/*
 * Room is taken with one atomic addition, so that a handler that logs between
 * two instructions of the thread it interrupted gets room of its own; the
 * committed flag is set last, so that a line cut short by SIGKILL is not seen.
 */
static void commit(struct actor *a, const struct line *l)
{
	bool handler = my_state(a)->in_handler;
	struct log *log = handler ? &my_state(a)->handler_log : &my_state(a)->log;
	uint32_t need = (sizeof(struct log_line) + l->len + 3) & ~3u, at;
	struct log_line *line;

	at = __atomic_fetch_add(&log->len, need, __ATOMIC_SEQ_CST);
	/* a line cut short is as bad as one that is missing */
	if (at + need > log_room(handler) || l->len + 1 >= sizeof(l->s)) {
		__atomic_fetch_sub(&log->len, need, __ATOMIC_SEQ_CST);
		log->full++;
		return;
	}
	line = (struct log_line *)(log_of(a->role, handler) + at);
	line->len = l->len;
	memcpy(line + 1, l->s, l->len);
	__atomic_store_n(&line->committed, 1, __ATOMIC_RELEASE);
	progress(a);
}

void log_end(struct actor *a, const struct form_step *s, struct line *l)
{
	if (s && (s->flags & (STEP_MUTE | STEP_ERRLOG)))
		return;
	for (int i = 0; s && i < 2; i++)
		if (s->await[i] != FORM_NONE)
			log_add(l, " <%s", form_edge(a->form, s->await[i]));
	for (int i = 0; s && i < 2; i++)
		if (s->post[i] != FORM_NONE)
			log_add(l, " >%s", form_edge(a->form, s->post[i]));
	commit(a, l);
}

void log_result(struct actor *a, const struct form_step *s, long ret)
{
	struct line l;

	log_begin(a, s, &l);
	log_add(&l, " -> %E", ret);
	log_end(a, s, &l);
}
