/* edges.c - ordering edges and other waits by looking: spin, yield, nap; what the watcher must know about them. */
#include <asm/unistd.h>
#include <time.h>

#include "actor.h"

/*
 * A turn is a look at what is waited for.  On CPUs that run freely the first
 * ones only spin, for a poster that runs on another CPU; then the CPU is given
 * away, which on one CPU is what lets the poster run at all; then the waiter
 * naps, so that a case at rest costs little.  A quiet role makes no system
 * call: it spins, and on one CPU gives way only when the tick or somebody more
 * urgent preempts it.
 */
#define SPIN_TURNS	16
#define YIELD_TURNS	16
#define YIELD_TURNS_COUNTED	4
/*
 * Each nap costs a guest two address-space switches and two settings of the
 * timer, a third of what a case costs when naps are short.  Free-running CPUs
 * nap 20 us to 320 us, twice as long each eighth time.  Counted ones nap 40 us,
 * 320 us, then 1.28 ms: guest time spent asleep costs the host nothing.  All stay below the watcher's interval (LOOK_NS), between two of
 * which a poller must be seen to turn.
 */
#define NAP_NS		20000
#define NAP_TURNS	8
#define NAP_DOUBLINGS	4
#define NAP_DOUBLINGS_COUNTED	6

uint64_t now_ns(void)
{
	struct { int64_t s, ns; } t;

#ifdef __i386__
	sys(__NR_clock_gettime64, CLOCK_MONOTONIC, &t);
#else
	sys(__NR_clock_gettime, CLOCK_MONOTONIC, &t);
#endif
	return t.s * 1000000000ull + t.ns;
}

void nap(uint64_t ns)
{
	struct { int64_t s, ns; } t = { 0, ns };

	/* without a 64-bit division, which ia32 would need libgcc for */
	while (t.ns >= 1000000000) {
		t.ns -= 1000000000;
		t.s++;
	}
#ifdef __i386__
	sys(__NR_clock_nanosleep_time64, CLOCK_MONOTONIC, 0, &t, 0);
#else
	sys(__NR_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, 0);
#endif
}

static uint64_t nap_length(bool counted, unsigned int nth)
{
	unsigned int doublings = counted ? 1 + 3 * nth : nth / NAP_TURNS;
	unsigned int most = counted ? NAP_DOUBLINGS_COUNTED : NAP_DOUBLINGS;

	return (uint64_t)NAP_NS << (doublings < most ? doublings : most);
}

void poll_pause(struct actor *a, unsigned int turn)
{
	struct role_state *rs = my_state(a);
	bool counted = !a->sh->patient;
	unsigned int spins = counted ? 0 : SPIN_TURNS;
	unsigned int yields = counted ? YIELD_TURNS_COUNTED : YIELD_TURNS;

	rs->loops++;
	if (turn < spins || (form_roles(a->form)[a->role].flags & ROLE_QUIET))
		relax();
	else if (turn < spins + yields)
		sys(__NR_sched_yield);
	else
		nap(nap_length(counted, turn - spins - yields));
}

void waiting(struct actor *a, bool on)
{
	struct role_state *rs = my_state(a);

	rs->waiting += on ? 1 : -1;
	progress(a);
}

void timer_armed(struct actor *a, int delta)
{
	my_state(a)->timers += delta;
}

void timer_until(struct actor *a, uint64_t ns)
{
	my_state(a)->timer_ns = ns;
}

/* Posted once more than this role waited for it. */
bool edge_posted(struct actor *a, uint32_t edge)
{
	return __atomic_load_n(&a->sh->posts[edge], __ATOMIC_SEQ_CST) > my_state(a)->waits[edge];
}

void await_edge(struct actor *a, uint32_t edge)
{
	struct role_state *rs = my_state(a);

	rs->await_edge = edge;
	if (!edge_posted(a, edge)) {
		waiting(a, true);
		for (unsigned int turn = 0; !edge_posted(a, edge); turn++)
			poll_pause(a, turn);
		waiting(a, false);
	}
	rs->waits[edge]++;
}
