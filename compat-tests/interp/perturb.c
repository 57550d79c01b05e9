/* perturb.c - seeded delays of actors, and the random numbers behind them. */
#include "actor.h"

/* splitmix64: every 64-bit seed, small ones too, starts a sequence of its own. */
uint64_t rng_next(u64a *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

uint64_t rng_mix(uint64_t a, uint64_t b)
{
	u64a s = a ^ (b * 0xd6e8feb86659fd93ull);

	rng_next(&s);
	return rng_next(&s);
}

static void delay(uint32_t loops)
{
	while (loops--)
		__asm__ volatile("" : : : "memory");
}

/* A length below 2^max loops: each power of two is as likely, so that short and long offsets both occur. */
static void delay_below(struct actor *a, unsigned int max)
{
	uint64_t r = rng_next(&my_state(a)->rng);
	unsigned int bits = (uint32_t)(r >> 40) % (max + 1);

	delay((uint32_t)r & ((1u << bits) - 1));
}

void delay_step(struct actor *a)
{
	uint64_t r;

	if (a->sh->delays == DELAY_NONE)
		return;
	r = rng_next(&my_state(a)->rng);
	if (r & 3)
		return;
	delay_below(a, a->sh->delays == DELAY_LONG && !(r & 0x70) ? 16 : 12);
}

void delay_race(struct actor *a)
{
	if (a->sh->delays == DELAY_NONE)
		return;
	delay_below(a, a->sh->delays == DELAY_LONG ? 18 : 12);
}
