/* table.c - the end of a run for people: table by family, failures, incidents, times, paths, in 80 columns. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "reports.h"

#define SHOWN_FAILURES 20	/* in full; the rest by name */
#define NAMED_FAILURES 100
#define SHOWN_SEEDS 9		/* an arm */
#define SHOWN_INCIDENTS 10
#define TAIL_LINES 8

struct row {
	size_t cases, distinct, same, differ, known, racy_same, racy_open, untested, broken;
};

/* A case stands in one column, what is worst first; a changed baseline has lines of its own. */
static void count_case(struct row *w, const struct tcase *t, const struct case_verdict *v)
{
	w->cases++;
	if (v->flags & (CASE_PANIC | CASE_SPLAT | CASE_STUCK))
		w->broken++;
	else if (v->flags & CASE_DIFFERS)
		w->differ++;
	else if (v->flags & CASE_UNTESTED)
		w->untested++;
	else if (v->flags & CASE_UNRESOLVED)
		w->racy_open++;
	else if (v->flags & CASE_KNOWN)
		w->known++;
	else if (t->racy)
		w->racy_same++;
	else
		w->same++;
}

static void add_row(struct buf *b, const char *name, const struct row *w, const char *pairs)
{
	buf_printf(b, "%-10.10s %5zu %8zu %5zu %6zu %5zu %5zu %5zu %6zu %6zu %9s\n", name,
		   w->cases, w->distinct, w->same, w->differ, w->known, w->racy_same,
		   w->racy_open, w->untested, w->broken, pairs);
}

static void add_table(struct buf *b, const struct run *r)
{
	struct family_coverage *fams;
	size_t n = coverage(r->s, &fams), impossible = 0, escapes = 0, pairs = 0, covered = 0;
	struct row all = { 0 };
	char *cell;

	buf_printf(b, "%-10s %5s %8s %5s %6s %5s %5s %5s %6s %6s %9s\n", "family", "cases",
		   "distinct", "same", "differ", "known", "racy=", "racy?", "untest",
		   "broken", "pairs");
	for (size_t f = 0; f < n; f++) {
		const char *fam = fams[f].family;
		struct row w = { 0 };

		for (size_t i = 0; i < r->s->ncases; i++) {
			if (strcmp(r->s->cases[i].family, fam))
				continue;
			count_case(&w, &r->s->cases[i], &r->c->cases[i]);
			count_case(&all, &r->s->cases[i], &r->c->cases[i]);
		}
		w.distinct = distinct_traces(r->s, fam, r->arms[0].results);
		all.distinct += w.distinct;
		cell = fams[f].pairs ? xasprintf("%zu/%zu", fams[f].covered, fams[f].pairs) :
			xstrdup("-");
		add_row(b, fam, &w, cell);
		free(cell);
		impossible += fams[f].impossible;
		escapes += fams[f].nescapes;
		pairs += fams[f].pairs;
		covered += fams[f].covered;
	}
	cell = xasprintf("%zu/%zu", covered, pairs);
	if (n > 1)
		add_row(b, "all", &all, cell);
	free(cell);
	free(fams);
	buf_printf(b, "\nPairs of axis values covered/possible; %zu impossible, reasons in\n"
		   "`ptbed list --coverage'. %zu escapes to C or raw calls.\n", impossible, escapes);
}

static void add_compared(struct buf *b, const struct run *r)
{
	size_t done = 0, exact = 0, racy = 0;

	for (size_t i = 0; i < r->s->ncases; i++) {
		bool all = true;

		for (size_t a = 0; a < r->narms; a++)
			all &= r->arms[a].results[i].noutcomes > 0;
		done += all;
		exact += all && !r->s->cases[i].racy;
		racy += all && r->s->cases[i].racy;
	}
	buf_printf(b, "%zu of %zu cases compared: %zu exact with %u repeats, %zu racy with %u.\n",
		   done, r->s->ncases, exact, r->opt->exact_repeats, racy,
		   r->opt->racy_repeats);
}

static void add_side(struct buf *b, const char *name, size_t width, const char *what)
{
	buf_printf(b, "    %-*s  ", (int)width, name);
	buf_wrap(b, what ? what : "(nothing)", width + 6, width + 6);
}

static void add_failure(struct buf *b, const struct run *r, size_t i)
{
	const struct tcase *t = &r->s->cases[i];
	const struct case_verdict *v = &r->c->cases[i];
	char *cmd = repeat_command(r, t->name), *diff = diff_command(t->name);

	buf_printf(b, "\n%s  %s\n", case_word(v), t->name);
	if (t->title && *t->title) {
		buf_puts(b, "  ");
		buf_wrap(b, t->title, 2, 2);
	}
	if (v->why) {
		buf_puts(b, "  ");
		buf_wrap(b, v->why, 2, 2);
	}
	if (v->a) {
		size_t la = strlen(v->a_name), lb = strlen(v->b_name);

		if (!strcmp(v->div.actor, "="))
			buf_puts(b, "  first divergence: in the end state\n");
		else
			buf_printf(b, "  first divergence: %s, event %lu\n", v->div.actor, v->div.n);
		add_side(b, v->a_name, la > lb ? la : lb, v->div.a);
		add_side(b, v->b_name, la > lb ? la : lb, v->div.b);
		if (v->flags & CASE_DIFFERS)
			buf_printf(b, "  outcome of %s: %s\n", v->b_name, v->b->hash);
	}
	buf_printf(b, "  %s\n", cmd);
	if (v->a)
		buf_printf(b, "  %s\n", diff);
	free(cmd);
	free(diff);
}

static void add_failures(struct buf *b, const struct run *r)
{
	size_t shown = 0, named = 0, more = 0, cut_off = 0;

	/* Cases only missing from the baseline are listed apart: nothing was seen to differ. */
	for (size_t i = 0; i < r->s->ncases; i++) {
		const struct case_verdict *v = &r->c->cases[i];

		if (!case_failed(v) || (v->code == EX_BASELINE && v->flags & CASE_BASE_NEW))
			continue;
		if (r->ro->interrupted && v->code == EX_UNTESTED && !v->a) {
			cut_off++;
			continue;
		}
		if (shown++ < SHOWN_FAILURES)
			add_failure(b, r, i);
		else if (named++ < NAMED_FAILURES)
			buf_printf(b, "%s%s  %s\n", named == 1 ? "\n" : "", case_word(v),
				   r->s->cases[i].name);
		else
			more++;
	}
	if (more)
		buf_printf(b, "... and %zu more: `make failed'\n", more);
	if (cut_off)
		buf_printf(b, "\n%zu cases were not completed when the run was interrupted.\n",
			   cut_off);
}

static void add_new_cases(struct buf *b, const struct run *r)
{
	size_t n = 0, more = 0;

	for (size_t i = 0; i < r->s->ncases; i++) {
		if (!(r->c->cases[i].flags & CASE_BASE_NEW))
			continue;
		if (!n++)
			buf_puts(b, "\nNew, not in the baseline (`make baseline' records them):\n");
		if (n <= SHOWN_INCIDENTS)
			buf_printf(b, "  %s\n", r->s->cases[i].name);
		else
			more++;
	}
	if (more)
		buf_printf(b, "  ... and %zu more\n", more);
}

static void add_gone(struct buf *b, const struct run *r)
{
	const struct report_options *ro = r->ro;

	if (ro->ngone)
		buf_puts(b, "\nBASELINE  recorded, but no scenario has it (`make baseline' removes it):\n");
	for (size_t i = 0; i < ro->ngone && i < SHOWN_INCIDENTS; i++)
		buf_printf(b, "  %s\n", ro->gone[i]);
	if (ro->ngone > SHOWN_INCIDENTS)
		buf_printf(b, "  ... and %zu more in summary.json\n", ro->ngone - SHOWN_INCIDENTS);
}

static void add_more_outcomes(struct buf *b, const struct run *r)
{
	bool first = true;

	for (size_t i = 0; i < r->s->ncases; i++) {
		const struct case_verdict *v = &r->c->cases[i];

		if (!(v->flags & CASE_BASE_MORE))
			continue;
		if (first)
			buf_printf(b, "\nRacy outcomes of %s new to the baseline (`make baseline' adds them):\n",
				   r->c->a->name);
		first = false;
		buf_printf(b, "  %4zu  %s\n", v->nbase_more, r->s->cases[i].name);
	}
}

static void add_unresolved(struct buf *b, const struct run *r)
{
	bool first = true;

	for (size_t i = 0; i < r->s->ncases; i++) {
		const struct case_verdict *v = &r->c->cases[i];

		if (!(v->flags & CASE_UNRESOLVED))
			continue;
		if (first)
			buf_printf(b, "\nRacy outcomes on one side only, UNRESOLVED (%s):\n",
				   r->ro->strict_racy ? "gating" : "reported, not gating");
		first = false;
		buf_printf(b, "  %s\n", r->s->cases[i].name);
		for (size_t k = 0; k < v->ncand; k++) {
			const struct candidate *c = &v->cand[k];
			const char *has = c->lost ? r->c->a->name : r->c->b->name;
			const char *not = c->lost ? r->c->b->name : r->c->a->name;

			if (!c->counts || c->gates)
				continue;
			buf_printf(b, "    %s  %s %u times in %u boots;\n"
				   "      %s 0 in %u: its rate there is < %.2g at 95%%\n",
				   c->o->hash, has, c->o->count, c->o->boots, not,
				   c->absent, rate_bound(c->absent));
		}
	}
}

static void add_known(struct buf *b, const struct run *r)
{
	bool first = true;

	for (size_t i = 0; i < r->s->ncases; i++) {
		const struct case_verdict *v = &r->c->cases[i];

		if (!(v->flags & CASE_KNOWN))
			continue;
		if (first)
			buf_puts(b, "\nKnown differences:\n");
		first = false;
		buf_printf(b, "  %s\n    ", r->s->cases[i].name);
		buf_wrap(b, v->known->reason, 4, 4);
		buf_puts(b, "    ");
		buf_wrap(b, v->known->pointer, 4, 4);
	}
	for (size_t i = 0; i < r->c->nstale; i++) {
		const struct known_entry *e = r->c->stale[i];

		buf_printf(b, "\nDIFFERS  stale entry, compat-tests/known-differences:%zu\n"
			   "  '%s' no longer differs as listed;\n"
			   "  take out the line, or the outcome that is gone.\n",
			   e->line, e->glob);
	}
}

static void add_incident(struct buf *b, const struct run *r, const struct arm *arm,
			 const struct incident *inc)
{
	char *tail;

	buf_printf(b, "\n%s  %s on %s%s\n",
		   incident_gates(inc) ? verdict_word(incident_code(inc)) : "recovered",
		   incident_word(inc->kind), arm->name,
		   inc->retried ? "; the case was run again" : "");
	if (inc->icase < r->s->ncases)
		buf_printf(b, "  in %s\n", r->s->cases[inc->icase].name);
	if (inc->text && *inc->text) {
		char *clean = clean_text(inc->text);
		int first = strcspn(clean, "\n");

		/* which case it was, or came after, stands in the first line; the tail is console */
		tail = tail_text(clean, TAIL_LINES);
		if (strlen(tail) + first < strlen(clean))
			buf_printf(b, "  | %.*s\n", first, clean);
		buf_indent(b, "  | ", tail);
		free(tail);
		free(clean);
	}
	if (inc->log)
		buf_printf(b, "  %s\n", short_path(inc->log));
}

static void add_incidents(struct buf *b, const struct run *r)
{
	size_t n = 0;

	/* Those that gate first. */
	for (int gating = 1; gating >= 0; gating--)
		for (size_t a = 0; a < r->narms; a++)
			for (size_t k = 0; k < r->arms[a].nincidents; k++) {
				const struct incident *inc = &r->arms[a].incidents[k];

				if (incident_gates(inc) == gating && n++ < SHOWN_INCIDENTS)
					add_incident(b, r, &r->arms[a], inc);
			}
	if (n > SHOWN_INCIDENTS)
		buf_printf(b, "\n... and %zu more incidents in summary.json\n",
			   n - SHOWN_INCIDENTS);
}

static void add_seeds(struct buf *b, const struct arm *arm)
{
	size_t n = arm->nseeds < SHOWN_SEEDS ? arm->nseeds : SHOWN_SEEDS;

	buf_printf(b, "%s: %zu boots, %zu lost\n", arm->name, arm->nboots, arm->nlost);
	if (arm->release) {
		char *c = clean_text(arm->release);

		buf_puts(b, "  ");
		buf_wrap(b, c, 2, 4);
		free(c);
	}
	if (n)
		buf_puts(b, "  seeds");
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s 0x%016" PRIx64, i && i % 3 == 0 ? "\n       " : "",
			   arm->seeds[i]);
	if (arm->nseeds > n)
		buf_printf(b, "\n        and %zu more in summary.json", arm->nseeds - n);
	if (n)
		buf_puts(b, "\n");
}

static void add_times(struct buf *b, const struct run *r)
{
	const struct report_options *ro = r->ro;

	buf_printf(b, "Accelerator: %s.", accelerator(r));
	if (ro->total_seconds > 0)
		buf_printf(b, " Time: %.0f s", ro->total_seconds);
	if (ro->boot_seconds > 0 || ro->exact_seconds > 0 || ro->racy_seconds > 0)
		buf_printf(b, "%s boot %.0f s, exact %.0f s, racy %.0f s",
			   ro->total_seconds > 0 ? ";" : " Time:", ro->boot_seconds,
			   ro->exact_seconds, ro->racy_seconds);
	buf_puts(b, "\nGuest time:");
	for (size_t a = 0; a < r->narms; a++) {
		double exact = 0, racy = 0;

		for (size_t i = 0; i < r->s->ncases; i++)
			*(r->s->cases[i].racy ? &racy : &exact) +=
				r->arms[a].results[i].guest_seconds;
		buf_printf(b, "%s %s exact %.1f s, racy %.1f s", a ? ";" : "",
			   r->arms[a].name, exact, racy);
	}
	buf_puts(b, ".\n");
}

static void add_paths(struct buf *b, const struct run *r)
{
	const char *dir = short_path(r->opt->run_dir);

	buf_printf(b, "\n%s/\n ", dir);
	for (size_t a = 0; a < r->narms; a++)
		buf_printf(b, " %s/SCENARIO.trace", r->arms[a].name);
	buf_puts(b, "\n  summary.json summary.txt results.tap junit.xml\n");
}

/* "3 differ, 1 untested": nothing is hidden by the one word at the end. */
static void add_counts(struct buf *b, const struct comparison *c, bool gating_races)
{
	const struct { size_t n; const char *what; } parts[] = {
		{ c->same, "same" }, { c->differs, "DIFFER" }, { c->known, "known" },
		{ c->base, "BASELINE" }, { c->untested, "UNTESTED" }, { c->stuck, "STUCK" },
		{ c->splat, "SPLAT" }, { c->panic, "PANIC" }, { c->nstale, "stale" },
		{ c->unresolved, "UNRESOLVED" },
	};
	bool first = true;

	buf_printf(b, "\n%zu cases:", c->s->ncases);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].n)
			continue;
		buf_printf(b, "%s %zu %s", first ? "" : ",", parts[i].n, parts[i].what);
		first = false;
	}
	if (c->unresolved && !gating_races)
		buf_puts(b, " (not gating)");
	buf_puts(b, "\n");
}

void table_text(struct buf *b, const struct run *r)
{
	const struct comparison *c = r->c;
	char *meaning;

	add_failures(b, r);
	add_incidents(b, r);
	add_unresolved(b, r);
	add_known(b, r);
	add_new_cases(b, r);
	add_gone(b, r);
	add_more_outcomes(b, r);
	buf_puts(b, "\n");
	add_table(b, r);
	add_compared(b, r);
	buf_puts(b, "\n");
	for (size_t a = 0; a < r->narms; a++)
		add_seeds(b, &r->arms[a]);
	if (same_kernel(r))
		buf_printf(b, "Both arms have %s: are these the kernels that were meant?\n",
			   same_kernel(r));
	add_times(b, r);
	add_paths(b, r);
	add_counts(b, c, r->ro->strict_racy);
	meaning = run_meaning(r);
	buf_printf(b, "%s: %s\n", verdict_word(c->code), meaning);
	free(meaning);
}
