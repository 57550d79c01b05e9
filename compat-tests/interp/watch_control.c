/* watch_control.c - the controller: preempts actors at random instants and changes their scheduling. */
#include <asm/unistd.h>
#include <sched.h>
#include <time.h>

#include "watch.h"

/*
 * The watcher is SCHED_FIFO above everybody.  In a perturbed run it wakes at
 * random instants and makes one actor real-time or ordinary again.  An actor
 * that spins at a real-time priority would hold its CPU for ever: so the
 * controller never stops while one is, and when nothing has moved for a while
 * everybody is made ordinary again and it goes quiet until something moves.
 *
 * Instants close together are dear, and of use only where a race is: they come
 * in bursts, one when roles have met to race (v_race wakes the controller) and
 * some at random; between bursts it wakes now and then.
 *
 * In some repeats of an exact case one role is starved: as SCHED_IDLE it runs
 * when no other can.  Whatever a step of its own ought to have been ordered
 * before by an edge then comes first, if the edge was forgotten.
 */
#define CALM_NS		1000000ull
/* How far apart the instants between bursts are at most, in a racy case and in an exact one. */
#define SCALE_APART	1000000u
#define SCALE_EXACT	2000000u
#define BURST		32
#define STARVE_ONE_IN	4
/* How far apart the instants of a burst are at most; drawn for each repeat. */
static const uint32_t scales[] = { 4000, 10000, 30000, 60000, 60000, 150000, 500000, 30000 };

static struct {
	bool on, calm, racy;
	u64a rng;
	uint32_t scale;
	uint32_t burst;		/* instants left of it */
	uint32_t met;		/* meetings that had their burst */
	uint64_t moved;
	uint32_t progress;
	uint64_t realtime;	/* bit a role: SCHED_FIFO now, or again when the watcher has looked */
	bool aside;		/* they are ordinary while it looks */
	uint8_t prio[FORM_MAX_ROLES];
	int tid[FORM_MAX_ROLES];	/* the threads that were told */
	uint32_t starved;	/* role, or FORM_NONE */
	int starved_tid;	/* the thread that was told */
} ctl;

/* Sleep until @ns, or until roles met to race. */
static void sleep_until(uint64_t ns)
{
	struct { int64_t s, ns; } t = { ns / 1000000000, ns % 1000000000 };

	while (ns > now_ns() && __atomic_load_n(&shared()->met, __ATOMIC_SEQ_CST) == ctl.met)
		sys(__NR_futex, &shared()->met, FUTEX_WAIT_BITSET, ctl.met, &t, 0,
		    FUTEX_BITSET_MATCH_ANY);
}

void control_start(uint64_t seed, bool racy)
{
	ctl.on = req->flags & JOB_PERTURB;
	ctl.calm = false;
	ctl.racy = racy;
	ctl.rng = rng_mix(seed, 0xc0117701ull);
	ctl.scale = scales[rng_next(&ctl.rng) >> 61];
	ctl.burst = ctl.met = 0;
	ctl.realtime = 0;
	ctl.aside = false;
	ctl.progress = 0;
	ctl.moved = now_ns();
	ctl.starved = FORM_NONE;
	ctl.starved_tid = 0;
	if (ctl.on && !racy) {
		uint64_t r = rng_next(&ctl.rng);

		if (!(r % STARVE_ONE_IN))
			ctl.starved = (uint32_t)(r >> 32) % the_form()->nroles;
	}
}

static void set_tid_policy(int tid, int policy, int prio)
{
	struct { int prio; } p = { prio };

	if (tid > 0)
		sys(__NR_sched_setscheduler, tid, policy | SCHED_RESET_ON_FORK, &p);
}

static void set_policy(uint32_t role, int policy, int prio)
{
	set_tid_policy(watch_tid(role), policy, prio);
}

/*
 * Looking waits for locks and lookups in /proc that a role may be in the midst
 * of.  Preempted there by another that spins in real time it would never end
 * them, and the watcher, who alone can change that, wait for ever.
 */
void control_make_way(void)
{
	if (!ctl.realtime || ctl.aside)
		return;
	ctl.aside = true;
	for (uint32_t i = 0; i < shared()->nroles; i++)
		if ((ctl.realtime >> i) & 1)
			set_tid_policy(ctl.tid[i], SCHED_OTHER, 0);
}

/* Looking is over. */
static void take_up_again(void)
{
	if (!ctl.aside)
		return;
	ctl.aside = false;
	for (uint32_t i = 0; i < shared()->nroles; i++)
		if ((ctl.realtime >> i) & 1)
			set_tid_policy(ctl.tid[i], SCHED_FIFO, ctl.prio[i]);
}

/*
 * A role that spins, to await edges without a system call or as declared, would
 * keep a CPU from the others until the tick takes it away, 4 ms later.  As
 * SCHED_IDLE it gives way to whoever wakes up.  No ptrace rule knows of it.
 */
void control_base(uint32_t role)
{
	/* while the controller is at work a spinner is to run like the others */
	if (ctl.on && ctl.racy && !ctl.calm)
		return;
	set_policy(role, state_of(role)->spins || role == ctl.starved ? SCHED_IDLE : SCHED_OTHER, 0);
}

void control_plain(uint32_t role)
{
	set_policy(role, SCHED_OTHER, 0);
}

void control_calm(void)
{
	ctl.calm = true;
	for (uint32_t i = 0; i < shared()->nroles; i++)
		if (((ctl.realtime >> i) & 1) || state_of(i)->spins)
			control_base(i);
	ctl.realtime = 0;
	ctl.aside = false;
}

void control_starve(void)
{
	int tid;

	if (ctl.starved == FORM_NONE)
		return;
	tid = watch_tid(ctl.starved);
	if (tid == ctl.starved_tid)
		return;
	ctl.starved_tid = tid;
	set_policy(ctl.starved, SCHED_IDLE, 0);
}

static bool moving(void)
{
	struct shared *sh = shared();
	uint32_t sum = 0;

	for (uint32_t i = 0; i < sh->nroles; i++)
		sum += sh->role[i].progress;
	if (sum == ctl.progress)
		return false;
	ctl.progress = sum;
	ctl.moved = now_ns();
	return true;
}

static void poke(void)
{
	struct shared *sh = shared();
	uint64_t r = rng_next(&ctl.rng);
	uint32_t role = (uint32_t)(r >> 32) % sh->nroles, what = r & 7;

	if (sh->role[role].phase < PH_RUNNING || role == ctl.starved)
		return;
	if (what < 4) {
		/* may itself look for the thread */
		ctl.tid[role] = watch_tid(role);
		ctl.prio[role] = 1 + (r >> 8) % 8;
		take_up_again();
		set_tid_policy(ctl.tid[role], SCHED_FIFO, ctl.prio[role]);
		ctl.realtime |= 1ull << role;
	} else if (what < 6) {
		set_policy(role, SCHED_OTHER, 0);
		ctl.realtime &= ~(1ull << role);
	} else if (what == 6 && req->ncpus > 1 && the_form()->cpus != 1) {
		uint64_t mask = 1ull << ((r >> 8) % req->ncpus);

		if (r & 0x10000)
			mask = (1ull << req->ncpus) - 1;
		if (watch_tid(role) > 0)
			sys(__NR_sched_setaffinity, watch_tid(role), sizeof(mask), &mask);
	}
	/* else: to have preempted somebody is all */
}

/* When to wake next. */
static uint64_t next_instant(uint64_t now)
{
	uint32_t scale = ctl.racy ? SCALE_APART : SCALE_EXACT;
	uint64_t r = rng_next(&ctl.rng);

	if (ctl.racy) {
		if (!ctl.burst && !(r & 3))
			ctl.burst = BURST / 4;
		if (ctl.burst) {
			ctl.burst--;
			scale = ctl.scale;
		}
	}
	/* between 1/120 of the scale and the scale */
	return now + scale / 120 + (uint32_t)(r >> 32) % scale;
}

void control_sleep(uint64_t until)
{
	for (;;) {
		uint32_t met = __atomic_load_n(&shared()->met, __ATOMIC_SEQ_CST);
		uint64_t now = now_ns(), at = until;
		bool active;

		if (met != ctl.met) {
			ctl.met = met;
			ctl.burst = BURST;
		}
		control_starve();
		if (now >= until)
			return;
		if (ctl.on && moving())
			ctl.calm = false;
		else if (ctl.on && !ctl.calm && now - ctl.moved > CALM_NS)
			control_calm();
		active = ctl.on && !ctl.calm;
		if (active)
			at = next_instant(now);
		take_up_again();
		sleep_until(at < until ? at : until);
		if (active)
			poke();
	}
}
