/* watch_render.c - the trace text of one repeat: logs with roles for pids, then the end states. */
#include <string.h>

#include "watch.h"

#define MAX_STRANGERS 256
static int strangers[MAX_STRANGERS];
static int nstrangers;
static bool overflow;

static void text_raw(const char *s, unsigned int n)
{
	if (req->len + n >= sizeof(req->text)) {
		overflow = true;
		return;
	}
	memcpy(req->text + req->len, s, n);
	req->len += n;
}

static void text_str(const char *s)
{
	text_raw(s, strlen(s));
}

static void text_num(uint64_t n)
{
	char s[24];

	text_raw(s, fmt(s, sizeof(s), "%llu", (unsigned long long)n));
}

static const char *role_name(uint32_t role)
{
	return form_str(the_form(), form_roles(the_form())[role].name);
}

/* Numbers no role has: ?1, ?2 ... in the order the trace first shows them. */
static void text_pid(uint32_t viewer, int pid)
{
	const char *prefix;
	int role = resolve(viewer, pid, &prefix), i;

	if (role >= 0) {
		text_str(prefix);
		text_str(role_name(role));
		return;
	}
	if (pid == 1 || pid == shared()->watcher) {
		text_str("init");
		return;
	}
	for (i = 0; i < nstrangers && strangers[i] != pid; i++)
		;
	if (i == nstrangers && nstrangers < MAX_STRANGERS)
		strangers[nstrangers++] = pid;
	text_str("?");
	text_num(i + 1);
}

static int hex8(const char *s)
{
	unsigned int v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 4 | (s[i] <= '9' ? s[i] - '0' : s[i] - 'a' + 10);
	return v;
}

static void render_line(uint32_t role, const char *s, unsigned int len)
{
	unsigned int from = 0, i;

	for (i = 0; i < len; i++) {
		if (s[i] != 1 || i + 9 > len)
			continue;
		text_raw(s + from, i - from);
		text_pid(role, hex8(s + i + 1));
		i += 8;
		from = i + 1;
	}
	text_raw(s + from, len - from);
}

static void render_log(uint32_t role, bool handler)
{
	const struct log *log = handler ? &state_of(role)->handler_log : &state_of(role)->log;
	const char *base = log_of(role, handler);
	uint32_t at = 0, n = 0;

	while (at + sizeof(struct log_line) <= log->len && log->len <= log_room(handler)) {
		const struct log_line *l = (const void *)(base + at);

		if (!l->len && !l->committed) {
			/* room was taken, nothing was written: killed there */
			at += 4;
			continue;
		}
		if (l->committed) {
			text_str(role_name(role));
			if (handler)
				text_str("!");
			text_str("\t");
			text_num(++n);
			text_str("\t");
			render_line(role, (const char *)(l + 1), l->len);
			text_str("\n");
		}
		at += (sizeof(*l) + l->len + 3) & ~3u;
	}
	if (log->full)
		overflow = true;
}

void render_logs(void)
{
	for (uint32_t i = 0; i < shared()->nroles; i++) {
		render_log(i, false);
		render_log(i, true);
	}
}

bool render_fits(void)
{
	return !overflow;
}

static void text_signals(const char *what, uint64_t set)
{
	const char *name;

	if (!set)
		return;
	text_str(what);
	for (int sig = 1; sig <= 64; sig++) {
		if (!((set >> (sig - 1)) & 1))
			continue;
		name = sig_name(sig);
		text_str(" ");
		if (name)
			text_str(name);
		else
			text_num(sig);
	}
}

static bool unfinished(uint32_t i)
{
	struct role_state *rs = state_of(i);
	int tid = watch_tid(i);
	char c = tid ? task_state(tid, NULL) : 0;

	return (rs->phase == PH_RUNNING || (rs->phase == PH_PARKED && rs->in_handler)) &&
	       !rs->spinning && !rs->replaced && c && c != 'Z' && c != 'X';
}

/* Where a living role is, then its state as /proc has it. */
static void render_alive(uint32_t i, int tid)
{
	struct role_state *rs = state_of(i);
	struct task_info info;

	if (!task_info(tid, &info)) {
		text_str(" gone");
		return;
	}
	if (rs->phase == PH_PARKED && !rs->in_handler) {
		text_str(" finished");
	} else if (info.state == 'R' && !rs->waiting && !rs->spinning) {
		/* where it was seen is chance */
		text_str(" runs");
	} else if (rs->phase == PH_STARTING || rs->step == FORM_NONE) {
		text_str(" not started");
	} else {
		const struct form_step *s = &form_steps(the_form())[rs->step];

		text_str(rs->phase == PH_LEFT ? " leaving at `" : rs->spinning ? " spins at `" :
			 " BLOCKED at `");
		text_str(form_str(the_form(), s->text));
		text_str("`");
		if (rs->await_edge != FORM_NONE) {
			text_str(" <");
			text_str(form_edge(the_form(), rs->await_edge));
		}
		if (rs->in_handler)
			text_str(" in its handler");
	}
	/* who polls is now asleep, now running: no difference */
	if ((rs->waiting || rs->spinning || rs->phase == PH_PARKED) &&
	    (info.state == 'S' || info.state == 'R'))
		info.state = 0;
	if (info.state) {
		text_str(", ");
		text_raw(&info.state, 1);
	}
	if (info.tracer) {
		text_str(", traced by ");
		text_pid(FORM_NONE, info.tracer);
	}
	text_signals(", pending", info.sigpnd);
	text_signals(", process pending", info.shdpnd);
	text_signals(", blocked", info.sigblk);
}

static void render_end(uint32_t i)
{
	struct role_state *rs = state_of(i);
	int tid = watch_tid(i), code = 0;
	struct task_info info;
	char c;

	text_str(role_name(i));
	if (rs->phase == PH_UNBORN && !rs->tid && !rs->root_tid) {
		text_str(" not born");
		return;
	}
	c = tid ? task_state(tid, &code) : 0;
	if (!c || c == 'X') {
		text_str(" gone");
		if (rs->replaced) {
			text_str(", its tid is ");
			text_str(role_name(rs->replaced - 1));
		}
		return;
	}
	if (c != 'Z') {
		render_alive(i, tid);
		return;
	}
	text_str(" zombie, ");
	{
		char s[64];

		text_raw(s, fmt(s, sizeof(s), "%W", code));
	}
	if (task_info(tid, &info) && info.tracer) {
		text_str(", traced by ");
		text_pid(FORM_NONE, info.tracer);
	}
}

void render_ends(enum ending ending)
{
	struct shared *sh = shared();
	bool blocked = false;
	int pids[64], n;

	for (uint32_t i = 0; i < sh->nroles; i++)
		blocked |= unfinished(i);
	if (ending == END_RUNNING)
		text_str("=\t0\tRUNNING\n");
	else if (blocked)
		text_str("=\t0\tBLOCKED\n");
	for (uint32_t i = 0; i < sh->nroles; i++) {
		text_str("=\t");
		text_num(i + 1);
		text_str("\t");
		render_end(i);
		text_str("\n");
	}
	n = task_children(sh->watcher, pids, 64);
	for (int k = 0, no = sh->nroles; k < n; k++) {
		const char *prefix;
		char c;

		if (resolve(FORM_NONE, pids[k], &prefix) >= 0)
			continue;
		c = task_state(pids[k], NULL);
		if (!c)
			continue;
		text_str("=\t");
		text_num(++no);
		text_str("\t");
		text_pid(FORM_NONE, pids[k]);
		text_str(" is no role, ");
		text_raw(&c, 1);
		text_str("\n");
	}
}
