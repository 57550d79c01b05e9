/* common.c - what all actors of ptrace-storm do. */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

struct storm *storm;

bool storm_map(void)
{
	/* a tracer may abort a call */
	for (int i = 0; i < 20; i++) {
		long at = sys6(SYS_mmap, 0, sizeof(*storm), PROT_READ | PROT_WRITE, MAP_SHARED,
			       STORM_FD, 0);

		if (at > 4096) {
			storm = (struct storm *)at;
			return true;
		}
	}
	return false;
}

void nap_us(unsigned int us)
{
	struct timespec t = { .tv_nsec = us * 1000L };

	sys2(SYS_nanosleep, &t, NULL);
}

void leave(long nr)
{
	for (;;)
		sys1(nr, 0);
}

#define STACKS 6

/* Below 4 GiB, so that 32-bit code can run on them. */
static char stacks[STACKS][16384] __attribute__((aligned(16)));
static volatile int used;

long clone_with(int (*run)(void *), void *arg, int flags)
{
	int mine = __atomic_fetch_add(&used, 1, __ATOMIC_RELAXED);

	if (mine >= STACKS)
		return -1;
	return clone(run, stacks[mine] + sizeof(stacks[mine]), flags, arg);
}

int pool_draw(uint64_t *rnd)
{
	int tid = storm->pool[draw(rnd, POOL)];

	return tid > 1 ? tid : 0;
}

void pool_offer(int tid)
{
	unsigned int slot = __atomic_fetch_add(&storm->next, 1, __ATOMIC_RELAXED);

	if (tid > 1)
		storm->pool[slot % POOL] = tid;
}

int draw_signal(uint64_t *rnd)
{
	static const signed char common[] = {
		SIGUSR1, SIGUSR1, SIGUSR2, SIGSTOP, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT,
		SIGCONT, SIGCONT, SIGTRAP, SIGCHLD, SIGWINCH, SIGALRM, 34, 35, 0,
	};

	if (!one_in(rnd, 20))
		return common[draw(rnd, sizeof(common))];
	/* anything: fatal ones, those the C library keeps, numbers that are none */
	return (int)draw(rnd, 70) - 1;
}

unsigned long requests_made(void)
{
	unsigned long sum = 0;

	for (int i = 0; i < ACTORS; i++)
		sum += storm->actors[i].requests;
	return sum;
}
