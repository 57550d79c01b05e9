/* bench.c - guest time of one hand-over by an ordering edge, for each kind of waiting role. */
#include <asm/unistd.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "watch.h"

#define ROUNDS 500

/* Two roles hand over to each other through edges 0 and 1; role 1 is the other process. */
static void hand_over(struct actor *a, uint32_t rounds)
{
	uint32_t mine = a->role;

	for (uint32_t i = 0; i < rounds; i++) {
		if (mine) {
			await_edge(a, 0);
			__atomic_fetch_add(&a->sh->posts[1], 1, __ATOMIC_SEQ_CST);
		} else {
			__atomic_fetch_add(&a->sh->posts[0], 1, __ATOMIC_SEQ_CST);
			await_edge(a, 1);
		}
	}
}

static uint32_t rounds;

static void bench_role(void *arg)
{
	struct actor *a = arg;
	uint64_t start = now_ns();

	hand_over(a, rounds);
	a->sh->value[a->role] = now_ns() - start;
	sys(__NR_exit, 0);
	__builtin_unreachable();
}

/* ns per hand-over. */
static unsigned int measure(bool quiet, bool one_cpu, uint32_t n)
{
	struct form_case *c = (void *)(SHARED_BASE + FORM_OFF);
	struct form_role *r = (void *)(c + 1);
	uint64_t all = ~0ull >> (64 - req->ncpus), cpu0 = 1;
	struct shared *sh = shared();

	c->nroles = sh->nroles = 2;
	c->roles = sizeof(*c);
	rounds = n;
	sys(__NR_sched_setaffinity, 0, sizeof(all), one_cpu ? &cpu0 : &all);
	for (uint32_t i = 0; i < 2; i++) {
		r[i].flags = quiet ? ROLE_QUIET : 0;
		sh->posts[i] = 0;
		sh->role[i].waits[0] = sh->role[i].waits[1] = 0;
		sh->role[i].await_edge = FORM_NONE;
		actor_init(i);
		spawn(SIGCHLD, (char *)slot_of(i) + ACTOR_STACK, NULL, NULL, bench_role, slot_of(i));
	}
	for (int i = 0; i < 2; i++)
		sys(__NR_wait4, -1, 0, __WALL, 0);
	return (uint32_t)sh->value[0] / (2 * n);
}

int bench_main(void)
{
	long p = sys(__NR_mmap, 0, sizeof(*req), PROT_READ | PROT_WRITE, MAP_SHARED, REQUEST_FD, 0);

	if (SYS_IS_ERR(p))
		return 3;
	req = (struct request *)p;
	p = sys(__NR_mmap, SHARED_BASE, SHARED_SIZE, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_ANONYMOUS, -1, 0);
	if (SYS_IS_ERR(p))
		return 4;
	req->len = fmt(req->text, sizeof(req->text), "edge, guest ns a hand-over:\n");
#define ROW(name, ...) \
	req->len += fmt(req->text + req->len, 256, "%s %u\n", name, measure(__VA_ARGS__))
	ROW("one-cpu", false, true, ROUNDS);
	ROW("one-cpu-quiet", true, true, 10);
	if (req->ncpus > 1) {
		ROW("any-cpu", false, false, ROUNDS);
		ROW("any-cpu-quiet", true, false, ROUNDS);
	}
	req->answer = ANSWER_NOTE;
	return 0;
}
