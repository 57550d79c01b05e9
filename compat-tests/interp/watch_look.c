/* watch_look.c - when a case has come to rest: three equal looks, 2 ms of guest time apart. */
#include "watch.h"

#define NO_EVENT_NS	5000000000ull	/* no log line for so long: it runs for ever */
#define TOTAL_NS	60000000000ull

static struct {
	uint64_t hash;
	struct mark mark[FORM_MAX_ROLES];
	uint32_t births[FORM_MAX_ROLES];	/* of spinners, whose scheduling was set for that birth */
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

static uint32_t all_logs(void)
{
	struct shared *sh = shared();
	uint32_t sum = 0;

	for (uint32_t i = 0; i < sh->nroles; i++)
		sum += sh->role[i].log.len + sh->role[i].handler_log.len;
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

/* Whoever serves stops `until quiet` may go on, one at a time. */
static bool grant_quiet(void)
{
	struct shared *sh = shared();

	for (uint32_t i = 0; i < sh->nroles; i++) {
		struct role_state *rs = &sh->role[i];

		if (rs->wants_quiet && rs->phase == PH_RUNNING && watch_tid(i) &&
		    task_state(watch_tid(i), NULL) != 'Z') {
			rs->wants_quiet = 0;
			rs->quiet_grants++;
			return true;
		}
	}
	return false;
}

enum ending watch_until_rest(void)
{
	uint64_t start = now_ns(), event = start, next = start;
	uint32_t logs = 0;
	int rests = 0;

	/* the first look that finds things as the one before is the second of three */
	for (;;) {
		uint64_t now;

		next = now_ns() + LOOK_NS;
		control_sleep(next);
		if (shared()->failed)
			return END_FAILED;
		now = now_ns();
		if (all_logs() != logs) {
			logs = all_logs();
			event = now;
		}
		if (now - event > NO_EVENT_NS || now - start > TOTAL_NS)
			return END_RUNNING;
		switch (look()) {
		case LOOK_MOVING:
			rests = 0;
			break;
		case LOOK_WAIT:
			break;
		case LOOK_REST:
			if (++rests < LOOKS - 1)
				break;
			if (!grant_quiet())
				return END_REST;
			rests = 0;
		}
	}
}
