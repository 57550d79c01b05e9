/* lane.c - one arm at work: the boots it still has to do, what was lost, when to give up. */
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "lane.h"
#include "util.h"

/* In a row: a kernel that never says HELLO, one on which nothing completes. */
#define MAX_SILENT	3
#define MAX_EMPTY	12
/* Lost boots of one arm; a kernel this broken has been shown to be. */
#define MAX_LOST	60

void lane_init(struct lane *l, const struct suite *s, struct arm *arm,
	       const struct run_options *opt, uint64_t seed)
{
	size_t i, k;

	memset(l, 0, sizeof(*l));
	l->suite = s;
	l->arm = arm;
	l->opt = opt;
	l->seed = seed;
	l->standing = xcalloc(s->ncases, 1);
	l->reported = xcalloc(s->ncases, 1);
	gather_init(&l->gather, s, arm);
	plan_arm(s, opt, seed, &l->queue);
	l->next_number = l->queue.nboots;
	for (i = 0; i < l->queue.nboots; i++)
		for (k = 0; k < l->queue.boots[i]->nitems; k++)
			l->total += l->queue.boots[i]->items[k].repeats;
}

bool lane_ready(const struct lane *l)
{
	if (l->over)
		return false;
	/* what is retried comes last, when all that was lost is known */
	return l->queue.nboots || (l->nretries && !l->running);
}

static void push_front(struct lane *l, struct boot *b)
{
	struct plan *q = &l->queue;

	q->boots = xrealloc(q->boots, (q->nboots + 1) * sizeof(*q->boots));
	memmove(q->boots + 1, q->boots, q->nboots++ * sizeof(*q->boots));
	q->boots[0] = b;
}

static struct boot *pop(struct lane *l, bool counted)
{
	struct plan *q = &l->queue;
	struct boot *b;
	size_t i = 0;

	while (i < q->nboots && (q->boots[i]->mode == MODE_ICOUNT) != counted)
		i++;
	if (i == q->nboots)
		i = 0;
	b = q->boots[i];
	memmove(q->boots + i, q->boots + i + 1, (--q->nboots - i) * sizeof(*q->boots));
	return b;
}

static void add_retry(struct lane *l, const struct item *it, const struct boot *b)
{
	l->retries = xrealloc(l->retries, (l->nretries + 1) * sizeof(*l->retries));
	l->retries[l->nretries++] = (struct retry){ *it, b->mode, b->cpus };
}

static struct boot *extra_boot(struct lane *l, int mode, unsigned int cpus, bool retry)
{
	unsigned int n = l->next_number++;
	struct boot *b = boot_new(mode, cpus, boot_seed(l->seed, n), n);

	b->retry = retry;
	return b;
}

/* Make one boot of the first retry, with all that may share it. */
static struct boot *retry_boot(struct lane *l)
{
	struct boot *b = extra_boot(l, l->retries[0].mode, l->retries[0].cpus, true);
	bool lone = false;
	size_t i, kept = 0;

	for (i = 0; i < l->nretries; i++) {
		struct retry *r = &l->retries[i];
		unsigned char st = l->standing[r->item.icase];

		if (st == CASE_GIVEN_UP)
			continue;
		if (r->mode != b->mode || r->cpus != b->cpus || lone ||
		    (b->nitems && st == CASE_LONE_RETRY)) {
			l->retries[kept++] = *r;
			continue;
		}
		boot_add(b, r->item.icase, r->item.first, r->item.repeats);
		lone = st == CASE_LONE_RETRY;
	}
	l->nretries = kept;
	return b;
}

/* A case that was lost is left out of later boots, so that it takes nobody along. */
static void leave_out_lost(struct lane *l, struct boot *b)
{
	size_t i, kept = 0;

	if (b->retry)
		return;
	for (i = 0; i < b->nitems; i++) {
		unsigned char st = l->standing[b->items[i].icase];

		if (st == CASE_FRESH)
			b->items[kept++] = b->items[i];
		else if (st != CASE_GIVEN_UP)
			add_retry(l, &b->items[i], b);
	}
	b->nitems = kept;
}

struct boot *lane_next(struct lane *l, bool counted)
{
	while (lane_ready(l)) {
		struct boot *b = l->queue.nboots ? pop(l, counted || !l->said_hello) : retry_boot(l);

		leave_out_lost(l, b);
		if (b->nitems)
			return b;
		boot_free(b);
	}
	return NULL;
}

static const char *case_name(const struct lane *l, size_t icase)
{
	return l->suite->cases[icase].name;
}

/* Some repeats of a case will never run: say so, once. */
static void report_not_run(struct lane *l, size_t icase, const char *why)
{
	if (l->reported[icase])
		return;
	l->reported[icase] = true;
	gather_incident(&l->gather, INC_NOT_RUN, icase,
			xasprintf("%s: %s\n", case_name(l, icase), why));
}

/* Nor will the others. */
static void give_up_case(struct lane *l, size_t icase, const char *why)
{
	l->standing[icase] = CASE_GIVEN_UP;
	report_not_run(l, icase, why);
}

/* Give up all boots that are left of @mode (0: of any), and what they were to run. */
static void drop(struct lane *l, int mode, const char *why)
{
	size_t i, k, kept = 0;

	for (i = 0; i < l->queue.nboots; i++) {
		struct boot *b = l->queue.boots[i];

		if (mode && b->mode != mode) {
			l->queue.boots[kept++] = b;
			continue;
		}
		for (k = 0; k < b->nitems; k++)
			report_not_run(l, b->items[k].icase, why);
		boot_free(b);
	}
	l->queue.nboots = kept;
	for (i = kept = 0; i < l->nretries; i++) {
		if (mode && l->retries[i].mode != mode)
			l->retries[kept++] = l->retries[i];
		else
			report_not_run(l, l->retries[i].item.icase, why);
	}
	l->nretries = kept;
}

static void give_up(struct lane *l, const char *why)
{
	l->over = why;
	drop(l, 0, why);
}

/* A kernel that never comes up in one mode may have done so in the other. */
static void give_up_silent(struct lane *l, int mode)
{
	bool all = !l->said_hello || l->mode[mode == MODE_SMP ? MODE_ICOUNT : MODE_SMP].given_up;
	enum incident_kind kind = l->mode[mode].panics >= MAX_SILENT ? INC_PANIC : INC_NO_BOOT;

	l->mode[mode].given_up = true;
	gather_incident(&l->gather, kind, SIZE_MAX,
			xasprintf("%d boots in a row %s before the guest said HELLO; %s\n", MAX_SILENT,
				  kind == INC_PANIC ? "panicked" : "ended",
				  all ? "this kernel is given up" :
				  mode == MODE_SMP ? "its boots with several CPUs are given up" :
				  "its counted boots are given up"));
	if (all)
		give_up(l, "the kernel does not boot");
	else
		drop(l, mode, "the kernel does not boot");
}

static void missing(struct lane *l, const struct boot *b, const struct item *it, bool lone)
{
	unsigned char *st = &l->standing[it->icase];

	if (*st == CASE_GIVEN_UP)
		return;
	if (l->over) {
		give_up_case(l, it->icase, l->over);
		return;
	}
	if (b->retry) {
		give_up_case(l, it->icase,
			     "gave no result, nor when it was run again in a fresh boot");
		return;
	}
	*st = lone || *st == CASE_LONE_RETRY ? CASE_LONE_RETRY : CASE_SHARED_RETRY;
	add_retry(l, it, b);
}

/*
 * Queue the repeats that have no result: those not yet begun in a fresh boot
 * at once, those of the case that was running, or that went missing, later.
 */
static void requeue(struct lane *l, struct vm *v)
{
	struct boot *b = v->boot, *rest = NULL;
	size_t i, next = v->bye ? b->nitems : v->nbegun;

	for (i = 0; i < b->nitems; i++) {
		struct item it = b->items[i];
		unsigned int k, from;

		for (k = 0; k < it.repeats; k++) {
			struct item part = { .icase = it.icase, .first = it.first + k };

			if (v->done[i][k] == VM_RESULT)
				continue;
			for (from = k; k < it.repeats && v->done[i][k] != VM_RESULT; k++)
				;
			part.repeats = k - from;
			if (i == v->running) {
				missing(l, b, &part, true);
			} else if (i >= next) {
				if (!rest)
					rest = extra_boot(l, b->mode, b->cpus, b->retry);
				boot_add(rest, part.icase, part.first, part.repeats);
			} else {
				missing(l, b, &part, false);
			}
		}
	}
	if (rest)
		push_front(l, rest);
}

static enum incident_kind kind_of(const struct vm *v)
{
	switch (v->end) {
	case END_PANIC: return vm_tcg_breakpoint(v) ? INC_NO_BOOT : INC_PANIC;
	case END_STUCK: return INC_STUCK;
	case END_NO_BOOT: return INC_NO_BOOT;
	case END_DIED: return INC_QEMU_DIED;
	case END_CHANNEL: case END_CLEAN: break;
	}
	return INC_CHANNEL;
}

void lane_ended(struct lane *l, struct vm *v, const char *log)
{
	struct arm *arm = l->arm;
	typeof(&l->mode[0]) m = &l->mode[v->boot->mode];

	l->running--;
	l->said_hello |= v->hello;
	m->silent = v->hello ? 0 : m->silent + 1;
	m->panics = v->hello || v->end != END_PANIC ? 0 : m->panics + 1;
	l->empty_boots = v->nresults || v->boot->retry ? 0 : l->empty_boots + 1;
	if (v->end != END_CLEAN) {
		size_t icase, i;
		char *text = describe_loss(l->suite, v, &icase);

		i = gather_incident(&l->gather, kind_of(v), icase, text);

		arm->incidents[i].log = log ? xstrdup(log) : NULL;
		arm->nlost += v->end != END_CHANNEL || !v->bye;
	}
	requeue(l, v);
	if (m->given_up)		/* it was under way already */
		drop(l, v->boot->mode, "the kernel does not boot");
	if (l->over || !lane_ready(l))
		return;
	if (m->silent >= MAX_SILENT && !m->given_up) {
		give_up_silent(l, v->boot->mode);
	} else if (l->empty_boots >= MAX_EMPTY) {
		give_up(l, "nothing completes on this kernel");
	} else if (arm->nlost >= MAX_LOST) {
		give_up(l, "too many boots were lost on this kernel");
	}
}

static void one_more(struct lane *l, int mode, const size_t *cases, size_t n, unsigned int skip,
		     unsigned int repeats)
{
	struct plan *q = &l->queue;
	struct boot *b;

	if (l->mode[mode].given_up || !repeats)
		return;
	b = extra_boot(l, mode, mode == MODE_SMP ? several_cpus(l->opt->cpus) : 1, false);
	for (size_t i = 0; i < n; i++) {
		const struct tcase *c = &l->suite->cases[cases[i]];

		if (l->standing[cases[i]] != CASE_FRESH || c->cpus > b->cpus ||
		    !plan_allows(c, mode, l->opt))
			continue;
		boot_add(b, cases[i], plan_repeats(c, l->opt) + skip, repeats);
		l->total += repeats;
	}
	if (!b->nitems) {
		boot_free(b);
		return;
	}
	q->boots = xrealloc(q->boots, (q->nboots + 1) * sizeof(*q->boots));
	q->boots[q->nboots++] = b;
}

/* In two boots: what one alone shows may be that boot's. */
static void more_in(struct lane *l, int mode, const size_t *cases, size_t n, unsigned int skip,
		    unsigned int repeats)
{
	one_more(l, mode, cases, n, skip, repeats / 2);
	one_more(l, mode, cases, n, skip + repeats / 2, repeats - repeats / 2);
}

void lane_more(struct lane *l, const size_t *cases, size_t n, unsigned int counted,
	       unsigned int several)
{
	if (l->over)
		return;
	more_in(l, MODE_ICOUNT, cases, n, 0, counted);
	more_in(l, MODE_SMP, cases, n, counted, several);
}

void lane_finish(struct lane *l)
{
	struct arm *arm = l->arm;
	size_t i;

	if (l->over)		/* what boots that ran on meanwhile left over */
		drop(l, 0, l->over);
	for (i = 0; i < arm->nincidents; i++) {
		struct incident *inc = &arm->incidents[i];

		if (inc->kind == INC_SPLAT || inc->kind == INC_NOT_RUN)
			continue;
		if (inc->icase == SIZE_MAX)
			inc->retried = l->done == l->total;
		else
			inc->retried = arm->results[inc->icase].repeats >=
				plan_repeats(&l->suite->cases[inc->icase], l->opt);
	}
	gather_finish(&l->gather);
	plan_free(&l->queue);
	free(l->retries);
	free(l->standing);
	free(l->reported);
}
