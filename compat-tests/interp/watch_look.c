/* watch_look.c - when a case has come to rest: equal looks, 4 ms of guest time from first to last. */
#include "watch.h"

/*
 * When a case that is not at rest is taken to run for ever: no step executed
 * for so long, or so long in all; the patient figures are for a guest whose
 * CPUs the host runs when it likes.
 */
#define NO_EVENT_NS	1000000000ull
#define NO_EVENT_PATIENT_NS 5000000000ull
#define TOTAL_NS	5000000000ull
#define TOTAL_PATIENT_NS 60000000000ull
#define ROUND_NS	(4 * LOOK_NS)
/* A role lags no longer than this: another may go round and round until it has done its step. */
#define LAG_NS		20000000ull

static struct {
	uint64_t hash;
	struct mark mark[FORM_MAX_ROLES];
	uint32_t births[FORM_MAX_ROLES];	/* of spinners, whose scheduling was set for that birth */
	uint32_t due[FORM_MAX_ROLES];	/* what loops of a poller must have come to */
	uint64_t lags_since;		/* the role that lags, 0: it does not at present */
} last;

static uint64_t mix(uint64_t h, uint64_t v)
{
	return (h ^ v) * 0x100000001b3ull;
}

static uint32_t all_progress(void)
{
	struct shared *sh = shared();
	uint32_t sum = 0;

	for (uint32_t i = 0; i < sh->nroles; i++)
		sum += sh->role[i].progress;
	return sum;
}

static enum look look_at(uint32_t i, uint64_t now, uint64_t *what)
{
	int tid = watch_tid(i);
	enum look l = look_role(i, tid, now, &last.mark[i], what);
	struct task_info info;

	if (state_of(i)->spins && last.births[i] != state_of(i)->births) {
		last.births[i] = state_of(i)->births;
		control_base(i);
	}
	/* a signal that is on its way to a spinner shows only here */
	if (l == LOOK_REST && *what == 'r' && task_info(tid, &info) &&
	    ((info.sigpnd | info.shdpnd) & ~info.sigblk))
		return LOOK_MOVING;
	return l;
}

static bool log_full(void)
{
	struct shared *sh = shared();

	for (uint32_t i = 0; i < sh->nroles; i++)
		if (sh->role[i].log.full || sh->role[i].handler_log.full)
			return true;
	return false;
}

/* Children that are no role: made by escapes, or orphans of something. */
static enum look look_strangers(uint64_t *what)
{
	int pids[64], n = task_children(shared()->watcher, pids, 64);
	enum look look = LOOK_REST;

	*what = n;
	for (int i = 0; i < n; i++) {
		const char *prefix;
		char c;

		if (resolve(FORM_NONE, pids[i], &prefix) >= 0 && !*prefix)
			continue;
		c = task_state(pids[i], NULL);
		*what = mix(*what, c);
		if (c == 'R')
			look = LOOK_MOVING;
	}
	return look;
}

/*
 * Every task that neither polls nor spins is off its CPU: it has done all its
 * state implies.  States are those of the last look: the next must find the same.
 */
static bool all_settled(void)
{
	struct shared *sh = shared();
	int pids[64], n;

	for (uint32_t i = 0; i < sh->nroles; i++) {
		struct role_state *rs = &sh->role[i];
		char c = last.mark[i].letter;

		if (!c || ((rs->waiting || rs->spinning) && (c == 'S' || c == 'R')))
			continue;
		if (!off_cpu(watch_tid(i)))
			return false;
	}
	n = task_children(sh->watcher, pids, 64);
	for (int i = 0; i < n; i++) {
		const char *prefix;

		if (resolve(FORM_NONE, pids[i], &prefix) < 0 && !off_cpu(pids[i]))
			return false;
	}
	return true;
}

/*
 * Who polls may have looked for the last time before the last task left its
 * CPU.  So once all are settled, each must look once more: loops counts looks
 * that found nothing, and one that was under way at the look behind all_settled()
 * may have begun before.
 */
static bool note_pollers(void)
{
	struct shared *sh = shared();
	bool any = false;

	for (uint32_t i = 0; i < sh->nroles; i++) {
		struct role_state *rs = &sh->role[i];
		char c = last.mark[i].letter;

		last.due[i] = rs->loops;
		if (!rs->waiting || (c != 'S' && c != 'R'))
			continue;
		last.due[i] += c == 'R' ? 2 : 1;
		any = true;
	}
	return any;
}

/* A frozen poller looks no more; look_role() has waited for it long enough. */
static bool pollers_looked(void)
{
	struct shared *sh = shared();

	if (sh->freezes)
		return true;
	for (uint32_t i = 0; i < sh->nroles; i++)
		if ((int32_t)(sh->role[i].loops - last.due[i]) < 0)
			return false;
	return true;
}

static enum look look(void)
{
	struct shared *sh = shared();
	uint64_t hash = 1469598103934665603ull, what, now = now_ns();
	uint32_t progress = all_progress();
	enum look all = LOOK_REST, one;

	hash = mix(hash, progress);
	for (uint32_t i = 0; i <= sh->nroles; i++) {
		one = i < sh->nroles ? look_at(i, now, &what) : look_strangers(&what);
		hash = mix(hash, what + 256 * i);
		if (one == LOOK_MOVING) {
			last.hash = 0;
			return one;
		}
		if (one == LOOK_WAIT)
			all = one;
	}
	if (all_progress() != progress)
		return LOOK_MOVING;
	if (hash != last.hash) {
		last.hash = hash;
		for (uint32_t i = 0; i < sh->nroles; i++)
			last.mark[i].loops = sh->role[i].loops;
		return LOOK_MOVING;
	}
	if (all == LOOK_REST)
		for (uint32_t i = 0; i < sh->nroles; i++)
			last.mark[i].loops = sh->role[i].loops;
	return all;
}

/* The role that lags may do its step; false if none does.  @late: others are not at rest. */
static bool grant_lag(bool late)
{
	struct shared *sh = shared();

	for (uint32_t i = 0; i < sh->nroles; i++) {
		struct role_state *rs = &sh->role[i];

		if (rs->wants_lag && watch_tid(i) && stat_letter(&last.mark[i], watch_tid(i)) == 'R') {
			last.lags_since = 0;
			if (late)
				control_plain(i);
			rs->wants_lag = 0;
			__atomic_fetch_add(&rs->lag_grants, 1, __ATOMIC_SEQ_CST);
			return true;
		}
	}
	return false;
}

/* Let it go although others are not at rest, when that has lasted for long. */
static void limit_lag(void)
{
	struct shared *sh = shared();
	bool lags = false;

	for (uint32_t i = 0; i < sh->nroles; i++)
		lags |= sh->role[i].wants_lag;
	if (!lags)
		last.lags_since = 0;
	else if (!last.lags_since)
		last.lags_since = now_ns();
	else if (now_ns() - last.lags_since > LAG_NS)
		grant_lag(true);
}

/*
 * Whoever lags may do its step; then whoever serves stops `until quiet` may go
 * on, one at a time.
 */
static bool grant_one(void)
{
	struct shared *sh = shared();

	if (grant_lag(false))
		return true;
	for (uint32_t i = 0; i < sh->nroles; i++) {
		struct role_state *rs = &sh->role[i];

		if (rs->wants_quiet && rs->phase == PH_RUNNING && watch_tid(i) &&
		    stat_letter(&last.mark[i], watch_tid(i)) != 'Z') {
			rs->wants_quiet = 0;
			rs->quiet_grants++;
			return true;
		}
	}
	return false;
}

uint64_t round_since(uint64_t *before, uint64_t most)
{
	uint64_t now = now_ns(), took = now - *before;

	*before = now;
	return took < most ? took : most;
}

enum ending watch_until_rest(void)
{
	uint64_t before = now_ns(), since_start = 0, since_event = 0, every = look_interval();
	uint64_t no_event = shared()->patient ? NO_EVENT_PATIENT_NS : NO_EVENT_NS;
	uint64_t total = shared()->patient ? TOTAL_PATIENT_NS : TOTAL_NS;
	uint32_t events = 0;
	bool settled = false;
	uint32_t rests = 0, need = looks_needed();

	for (uint32_t i = 0; i < shared()->nroles; i++)
		last.mark[i].every = every;
	/* the first look that finds things as the one before is the second */
	for (;;) {
		uint64_t round;

		control_sleep(now_ns() + every);
		control_make_way();
		limit_lag();
		if (shared()->failed)
			return END_FAILED;
		round = round_since(&before, ROUND_NS);
		since_start += round;
		since_event += round;
		if (all_progress() != events) {
			events = all_progress();
			since_event = 0;
		}
		if (since_event > no_event || since_start > total || log_full())
			return END_RUNNING;
		switch (look()) {
		case LOOK_MOVING:
			settled = false;
			rests = 0;
			break;
		case LOOK_WAIT:
			break;
		case LOOK_REST:
			if (++rests < need - 1)
				break;
			/*
			 * Whoever wakes another does so before it leaves the CPU: all
			 * off their CPUs, then all states read once more and found
			 * the same, is rest, however the host runs the guest's CPUs.
			 */
			if (!settled) {
				settled = all_settled() && look() != LOOK_MOVING;
				if (!settled)
					rests = 0;
				if (!settled || note_pollers())
					break;
			} else if (!pollers_looked()) {
				break;
			}
			/*
			 * Nobody to be let go on: unless somebody who was, until a
			 * moment ago, has found by itself that all is at rest.  It
			 * counts as progress before it stops to want anything.  On
			 * one CPU nobody ran since the last look.
			 */
			if (!grant_one() && (need == LOOKS_COUNTED || look() != LOOK_MOVING))
				return END_REST;
			settled = false;
			rests = 0;
		}
	}
}
