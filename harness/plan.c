/* plan.c - which cases run in which boot, how often, and with which seed. */
#include <stdlib.h>
#include <string.h>

#include "compat-tests/form/form.h"
#include "job.h"
#include "plan.h"
#include "util.h"

/*
 * Case repeats a boot, up to two minutes' worth.  Only the case that is running
 * is lost with a boot, so this bounds the tail of a run, where one boot still
 * works and the other CPUs idle, and the damage of a broken channel.  A boot
 * costs as much as 60 repeats, and all its code is translated anew.
 */
#define SHARD 4500

uint64_t arm_seed(const struct run_options *opt, uint64_t run_seed, size_t arm)
{
	return mix64(run_seed, opt->same_seeds ? 0 : arm);
}

uint64_t boot_seed(uint64_t seed, unsigned int number)
{
	return mix64(seed, number);
}

struct boot *boot_new(int mode, unsigned int cpus, uint64_t seed, unsigned int number)
{
	struct boot *b = xcalloc(1, sizeof(*b));

	b->mode = mode;
	b->cpus = cpus;
	b->seed = seed;
	b->number = number;
	return b;
}

void boot_add(struct boot *b, size_t icase, unsigned int first, unsigned int repeats)
{
	if (b->nitems == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 16;
		b->items = xrealloc(b->items, b->cap * sizeof(*b->items));
	}
	b->items[b->nitems++] = (struct item){ icase, first, repeats };
}

void boot_free(struct boot *b)
{
	if (b)
		free(b->items);
	free(b);
}

unsigned int plan_repeats(const struct tcase *c, const struct run_options *opt)
{
	const struct form_case *form = c->blob;

	/* a repeat for each role that lags */
	if (opt->laggards)
		return form->nroles > 3 ? form->nroles : 3;
	if (c->racy)
		return opt->racy_repeats ? opt->racy_repeats : 100;
	return opt->exact_repeats ? opt->exact_repeats : 3;
}

static unsigned int at_least(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static unsigned int at_most(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int several_cpus(unsigned int asked)
{
	return at_least(asked, 2);
}

bool plan_allows(const struct tcase *c, int mode, const struct run_options *opt)
{
	if (mode == MODE_SMP)
		return c->cpus != 1;
	return c->cpus == 1 || (!c->cpus && opt->cpus < 2);
}

/* How the repeats of a case are shared out: [0] counted, [1] several CPUs. */
struct share {
	unsigned int repeats[2], passes[2];
};

static struct share share_of(const struct tcase *c, const struct run_options *opt)
{
	unsigned int n = plan_repeats(c, opt);
	unsigned int wish = c->racy ? 4 : at_most(n, 3);
	struct share s;

	if (opt->laggards)
		return (struct share){ { n, 0 }, { 1, 0 } };
	wish = at_least(wish, opt->boots);
	/*
	 * A repeat on several CPUs costs three to five counted ones.  So a sixteenth
	 * of the racy repeats and one of three in so many of the exact cases
	 * run there: in which, the run's seed says, the same on each arm.
	 */
	if (c->racy)
		s.repeats[1] = at_least(n / 16, 1);
	else
		s.repeats[1] = mix64(opt->seed, case_id(c->name)) % 16 ? 0 : (n + 1) / 3;
	s.passes[1] = c->racy ? at_most(wish / 2, s.repeats[1]) : at_least(wish / 3, 1);
	if (!plan_allows(c, MODE_SMP, opt)) {
		s.repeats[1] = s.passes[1] = 0;
	} else if (!plan_allows(c, MODE_ICOUNT, opt)) {
		s.repeats[1] = n;
		s.passes[1] = wish;
	}
	s.repeats[0] = n - s.repeats[1];
	s.passes[0] = at_most(wish - s.passes[1], s.repeats[0]);
	s.passes[1] = at_most(s.passes[1], s.repeats[1]);
	if (s.repeats[0] && !s.passes[0])
		s.passes[0] = 1;
	return s;
}

static void add_boot(struct plan *p, struct boot *b)
{
	p->boots = xrealloc(p->boots, (p->nboots + 1) * sizeof(*p->boots));
	p->boots[p->nboots++] = b;
}

/* CPUs of a boot with several, for @c. */
static unsigned int several_for(const struct tcase *c, const struct run_options *opt)
{
	return several_cpus(at_least(c->cpus, opt->cpus));
}

/* The part of pass @k in all cases that fit (mode, cpus); one shard when @b. */
struct group {
	int m;			/* 0 counted, 1 several CPUs */
	unsigned int cpus, pass;
};

static bool part_of(const struct tcase *c, const struct run_options *opt, const struct group *g,
		    struct item *it)
{
	struct share s = share_of(c, opt);
	unsigned int n = s.repeats[g->m], k = g->pass, passes = s.passes[g->m];

	if (g->m && several_for(c, opt) != g->cpus)
		return false;
	if (k >= passes)
		return false;
	it->first = (g->m ? s.repeats[0] : 0) + (uint64_t)n * k / passes;
	it->repeats = (uint64_t)n * (k + 1) / passes - (uint64_t)n * k / passes;
	return it->repeats;
}

static void plan_group(const struct suite *s, const struct run_options *opt, uint64_t seed,
		       const struct group *g, struct plan *out)
{
	unsigned int total = 0, shards, weight = 0, shard = 0;
	struct boot *b = NULL;
	struct item it;
	size_t i;

	for (i = 0; i < s->ncases; i++)
		if (part_of(&s->cases[i], opt, g, &it))
			total += it.repeats;
	if (!total)
		return;
	shards = (total + SHARD - 1) / SHARD;
	for (i = 0; i < s->ncases; i++) {
		if (!part_of(&s->cases[i], opt, g, &it))
			continue;
		if (!b || (uint64_t)weight * shards >= (uint64_t)total * (shard + 1)) {
			shard += b != NULL;
			b = boot_new(g->m ? MODE_SMP : MODE_ICOUNT, g->m ? g->cpus : 1,
				     boot_seed(seed, out->nboots), out->nboots);
			add_boot(out, b);
		}
		boot_add(b, i, it.first, it.repeats);
		weight += it.repeats;
	}
}

void plan_arm(const struct suite *s, const struct run_options *opt, uint64_t seed,
	      struct plan *out)
{
	unsigned int passes = 0, cpus = 2, k, c;
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < s->ncases; i++) {
		struct share sh = share_of(&s->cases[i], opt);

		passes = at_least(passes, at_least(sh.passes[0], sh.passes[1]));
		cpus = at_least(cpus, several_for(&s->cases[i], opt));
	}
	for (k = 0; k < passes; k++) {
		plan_group(s, opt, seed, &(struct group){ 0, 1, k }, out);
		for (c = 2; c <= cpus; c++)
			plan_group(s, opt, seed, &(struct group){ 1, c, k }, out);
	}
}

void plan_free(struct plan *p)
{
	size_t i;

	for (i = 0; i < p->nboots; i++)
		boot_free(p->boots[i]);
	free(p->boots);
	memset(p, 0, sizeof(*p));
}
