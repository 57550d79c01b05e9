/* rest.c - when a role is at rest: for the watcher, about all roles, and for await-rest, about one. */
#include <asm/unistd.h>
#include <fcntl.h>
#include <string.h>

#include "actor.h"

const char *stat_behind_name(const char *buf, long n)
{
	const char *end = buf + n, *name_end = NULL;

	/* a name in parentheses, of at most 64 bytes: numbers have no parenthesis */
	for (const char *p = buf; p < end && p < buf + 80; p++)
		if (*p == ')')
			name_end = p;
	if (!name_end || name_end + 2 >= end || name_end[1] != ' ')
		return NULL;
	return name_end + 2;
}

/* The state letter in the text of a stat file, 0 when there is none. */
static char parse_stat(const char *buf, long n, int *exit_code)
{
	const char *end = buf + n, *p, *state = stat_behind_name(buf, n);

	if (!state)
		return 0;
	if (exit_code) {
		/* the last field */
		for (p = end; p[-1] != ' '; p--)
			;
		for (*exit_code = 0; p < end && *p >= '0' && *p <= '9'; p++)
			*exit_code = *exit_code * 10 + *p - '0';
	}
	return *state;
}

static long open_stat(int tid)
{
	char path[32];

	fmt(path, sizeof(path), "/proc/%d/stat", tid);
	return sys(__NR_open, path, O_RDONLY | O_CLOEXEC);
}

char task_state(int tid, int *exit_code)
{
	char buf[512];
	long fd = open_stat(tid), n;

	if (fd < 0)
		return 0;
	n = sys(__NR_read, fd, buf, sizeof(buf));
	sys(__NR_close, fd);
	return n > 0 ? parse_stat(buf, n, exit_code) : 0;
}

void stat_close(struct mark *m)
{
	if (m->stat_tid)
		sys(__NR_close, m->stat_fd);
	m->stat_tid = 0;
}

/*
 * The file stays that of the task it was opened for, whoever has the number
 * later: once that task is gone a read says so, and the path is looked up anew.
 */
char stat_letter(struct mark *m, int tid)
{
	char buf[128];
	long fd, n;

	for (int kept = m->stat_tid == tid; ; kept = false) {
		if (!kept) {
			stat_close(m);
			fd = open_stat(tid);
			if (fd < 0)
				return 0;
			m->stat_tid = tid;
			m->stat_fd = fd;
		}
		n = sys(__NR_pread64, m->stat_fd, buf, sizeof(buf), 0, 0);
		if (n > 0)
			return parse_stat(buf, n, NULL);
		stat_close(m);
		if (!kept)
			return 0;
	}
}

/*
 * The state letter alone proves nothing: a task sets it before it has left the
 * CPU, and before it has told its tracer or parent (ptrace_stop(), exit_notify()),
 * and may be preempted in between.  /proc/TID/syscall says "running" until
 * wait_task_inactive() found the task off the run queue.
 */
bool off_cpu(int tid)
{
	char path[32], first = 0;
	long fd;

	fmt(path, sizeof(path), "/proc/%d/syscall", tid);
	fd = sys(__NR_open, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	sys(__NR_read, fd, &first, 1);
	sys(__NR_close, fd);
	return first != 'r';
}

static bool met(const struct role_state *rs)
{
	return rs->await_edge != FORM_NONE &&
	       shared()->posts[rs->await_edge] > rs->waits[rs->await_edge];
}

uint32_t looks_needed(void)
{
	return shared()->patient ? LOOKS : LOOKS_COUNTED;
}

/* Of the watcher, in ns. */
uint32_t look_interval(void)
{
	return LOOK_NS * (LOOKS - 1) / (looks_needed() - 1);
}

/*
 * How many times LOOK_NS an uninterruptible sleep must last to be taken for good: a
 * vfork parent sleeps so until its child lets it go, an exec may wait for a
 * thread that does not die; any other step is most likely waiting for the
 * kernel itself (a grace period, a tick in wait_task_inactive()).
 */
static uint32_t deep_limit(const struct role_state *rs)
{
	uint32_t verb = rs->step == FORM_NONE ? NVERBS : form_steps(the_form())[rs->step].verb;

	switch (verb) {
	case VERB_vfork: case VERB_clone: case VERB_fork:
		return 0;
	case VERB_exec:
		return 10;
	}
	return shared()->patient ? 500 : 150;
}

/*
 * At rest is a role that is dead, or asleep or stopped in the kernel, or parked,
 * or that polls for something that does not come, or spins as declared.  Who
 * polls or spins must be seen to go round between two looks: one that does not
 * may be a CPU the host has taken away, and its next turn could change
 * everything.  Whoever is runnable and neither polls nor spins is under way.
 * *what is what must not change between looks.
 */
enum look look_role(uint32_t role, int tid, uint64_t now, struct mark *m, uint64_t *what)
{
	const struct role_state *rs = state_of(role);
	bool turned = rs->loops != m->loops;
	char c;

	*what = 0;
	m->letter = 0;
	if (rs->phase == PH_UNBORN || rs->replaced)
		return LOOK_REST;
	c = m->letter = tid ? stat_letter(m, tid) : 0;
	*what = (unsigned char)c;
	if (c == 0 || c == 'Z' || c == 'T' || c == 't')
		return LOOK_REST;
	/* somebody is releasing it */
	if (c == 'X')
		return LOOK_MOVING;
	if (rs->timers || rs->timer_ns > now)
		return LOOK_MOVING;
	if (c == 'D') {
		uint64_t lasted = m->deep;

		m->deep += m->every;
		return lasted < deep_limit(rs) * LOOK_NS ? LOOK_WAIT : LOOK_REST;
	}
	m->deep = 0;
	if (rs->spinning) {
		*what = 'r';
		return c != 'R' || turned ? LOOK_REST : LOOK_WAIT;
	}
	if (rs->waiting) {
		*what = 'w';
		if (met(rs) || rs->lags_done != rs->lag_grants)
			return LOOK_MOVING;
		if (turned) {
			m->asleep = 0;
			return LOOK_REST;
		}
		/* the freezer may hold it in its nap; a CPU the host took away looks the same */
		m->asleep += m->every;
		if (shared()->freezes && c != 'R' && m->asleep > 50 * LOOK_NS)
			return LOOK_REST;
		return LOOK_WAIT;
	}
	return c == 'R' ? LOOK_MOVING : LOOK_REST;
}

/*
 * Equal looks at one role.  When the whole case is at rest the watcher
 * says so (quiet_grants), so that a case never ends while this step could go on.
 */
long v_pollrest(struct actor *a, const struct form_step *s)
{
	struct role_state *rs = my_state(a);
	uint32_t grants = rs->quiet_grants;
	uint64_t last = 0, what;
	struct mark mark = { .every = look_interval() };
	uint32_t rests = 0, need = looks_needed();

	/*
	 * Under icount no vCPU is ever taken away, and off_cpu() has the last word
	 * anyway: a step may look five times as often as the watcher, which is a
	 * third of what a case costs.
	 */
	if (!shared()->patient)
		mark.every /= 5;
	rs->wants_quiet = 1;
	waiting(a, true);
	while (rests < need && rs->quiet_grants == grants) {
		/* asked for anew each time: an exec may have given the number to another role */
		int role = arg_role(a, s, 0);
		enum look look = LOOK_REST;
		bool gone = false;	/* or polls, or spins */

		what = 0;
		if (role >= 0) {
			const struct role_state *o = state_of(role);

			/* and the role another number, or its first */
			int tid = arg_tid(a, s, 0);

			look = look_role(role, tid, now_ns(), &mark, &what);
			/* not for want of anything but the watcher's leave */
			if (o->wants_lag)
				look = LOOK_MOVING;
			/* born, but its number is not written down yet */
			if (tid == NO_TID && o->phase != PH_UNBORN && s->arg[0].type == ARG_ROLE)
				look = LOOK_MOVING;
			gone = !what || what == 'w' || what == 'r';
			what += 256ull * (o->progress + 1);
		}
		if (what != last || look == LOOK_MOVING)
			rests = 0;
		if (look == LOOK_REST)
			rests++;
		/* the last word */
		if (rests == need && role >= 0 && !gone && !off_cpu(mark.stat_tid))
			rests = 0;
		last = what;
		mark.loops = role >= 0 ? state_of(role)->loops : 0;
		rs->loops++;
		if (rests < need)
			nap(mark.every);
	}
	stat_close(&mark);
	/* progress first, then this: see watch_until_rest() */
	waiting(a, false);
	__atomic_store_n(&rs->wants_quiet, 0, __ATOMIC_SEQ_CST);
	log_result(a, s, 0);
	return 0;
}
