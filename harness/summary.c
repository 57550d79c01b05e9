/* summary.c - writes a run's summary.json, what `failed`, `diff` and `baseline` read again. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "reports.h"

/*
 * Schema 1.  Strings are ASCII, seeds are hexadecimal strings (JSON numbers lose
 * bits), hashes name outcomes in the trace files beside it.
 *
 *	schema, id, verdict, meaning, exit, run (verdict of what belongs to no case), interrupted
 *	same_kernel: what both arms have alike, else null
 *	options: only seed exact_repeats racy_repeats boots jobs strict_racy
 *	accelerator, seconds: total boot exact racy
 *	counts: cases same differs known unresolved untested stuck splat panic baseline
 *	arms[]: name kernel release boots lost seeds[] incidents[]
 *	families[]: name scenarios cases distinct escapes pairs covered impossible
 *	scenarios[]: name seconds{ARM}
 *	cases[]: name scenario family racy verdict failed why known{line pointer reason}
 *		repeat baseline first_divergence{actor event ARM...} outcomes{ARM[]}
 *		repeats{ARM} seconds{ARM} candidates[]: hash only_on count of boots
 *		absent_in rate_bound log10_chance counts gates
 *	stale[]: entries of known-differences that no longer occur
 *	gone[]: cases and scenarios of the baseline that no scenario has
 */

static json_t *text(const char *s)
{
	char *c;
	json_t *j;

	if (!s)
		return json_null();
	c = clean_text(s);
	j = json_string(c);
	free(c);
	return j;
}

static json_t *hex(uint64_t v)
{
	return json_sprintf("0x%" PRIx64, v);
}

static json_t *incidents(const struct run *r, const struct arm *arm)
{
	json_t *list = json_array();

	for (size_t i = 0; i < arm->nincidents; i++) {
		const struct incident *inc = &arm->incidents[i];
		json_t *j = json_object();

		json_object_set_new(j, "kind", text(incident_id(inc->kind)));
		json_object_set_new(j, "case", text(inc->icase < r->s->ncases ?
						    r->s->cases[inc->icase].name : NULL));
		json_object_set_new(j, "retried", json_boolean(inc->retried));
		json_object_set_new(j, "gates", json_boolean(incident_gates(inc)));
		json_object_set_new(j, "text", text(inc->text));
		json_object_set_new(j, "log", text(inc->log ? short_path(inc->log) : NULL));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *arms(const struct run *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->narms; i++) {
		const struct arm *arm = &r->arms[i];
		json_t *j = json_object(), *seeds = json_array();

		for (size_t k = 0; k < arm->nseeds; k++)
			json_array_append_new(seeds, hex(arm->seeds[k]));
		json_object_set_new(j, "name", text(arm->name));
		json_object_set_new(j, "kernel", text(arm->kernel ? short_path(arm->kernel) : NULL));
		json_object_set_new(j, "release", text(arm->release));
		json_object_set_new(j, "boots", json_integer(arm->nboots));
		json_object_set_new(j, "lost", json_integer(arm->nlost));
		json_object_set_new(j, "seeds", seeds);
		json_object_set_new(j, "incidents", incidents(r, arm));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *families(const struct run *r)
{
	struct family_coverage *fams;
	size_t n = coverage(r->s, &fams);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct family_coverage *f = &fams[i];
		size_t distinct = distinct_traces(r->s, f->family, r->arms[0].results);
		json_t *j = json_object();

		json_object_set_new(j, "name", text(f->family));
		json_object_set_new(j, "scenarios", json_integer(f->nscenarios));
		json_object_set_new(j, "cases", json_integer(f->ncases));
		json_object_set_new(j, "distinct", json_integer(distinct));
		json_object_set_new(j, "escapes", json_integer(f->nescapes));
		json_object_set_new(j, "pairs", json_integer(f->pairs));
		json_object_set_new(j, "covered", json_integer(f->covered));
		json_object_set_new(j, "impossible", json_integer(f->impossible));
		json_array_append_new(list, j);
	}
	free(fams);
	return list;
}

static json_t *scenarios(const struct run *r)
{
	json_t *list = json_array(), *index = json_object();

	for (size_t i = 0; i < r->s->ncases; i++) {
		const char *name = r->s->cases[i].scenario;
		json_t *j = json_object_get(index, name);

		if (!j) {
			j = json_object();
			json_object_set_new(j, "name", text(name));
			json_object_set_new(j, "seconds", json_object());
			json_object_set(index, name, j);
			json_array_append_new(list, j);
		}
		j = json_object_get(j, "seconds");
		for (size_t a = 0; a < r->narms; a++) {
			double was = json_number_value(json_object_get(j, r->arms[a].name));

			json_object_set_new(j, r->arms[a].name,
				json_real(was + r->arms[a].results[i].guest_seconds));
		}
	}
	json_decref(index);
	return list;
}

static json_t *outcomes(const struct case_result *res)
{
	json_t *list = json_array();

	for (size_t o = 0; o < res->noutcomes; o++) {
		const struct outcome *x = &res->outcomes[o];
		json_t *j = json_object();

		json_object_set_new(j, "hash", text(x->hash));
		json_object_set_new(j, "count", json_integer(x->count));
		json_object_set_new(j, "boots", json_integer(x->boots));
		json_object_set_new(j, "seed", hex(x->seed));
		json_object_set_new(j, "repeat", json_integer(x->repeat));
		json_object_set_new(j, "icount", json_boolean(x->icount));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *divergence(const struct case_verdict *v)
{
	json_t *j = json_object();

	json_object_set_new(j, "actor", text(v->div.actor));
	json_object_set_new(j, "event", json_integer(v->div.n));
	json_object_set_new(j, "a", json_pack("{s:s, s:s, s:o}", "of", v->a_name,
					      "hash", v->a->hash, "text", text(v->div.a)));
	json_object_set_new(j, "b", json_pack("{s:s, s:s, s:o}", "of", v->b_name,
					      "hash", v->b->hash, "text", text(v->div.b)));
	return j;
}

static json_t *candidates(const struct run *r, const struct case_verdict *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->ncand; i++) {
		const struct candidate *k = &v->cand[i];
		json_t *j = json_object();

		json_object_set_new(j, "hash", text(k->o->hash));
		json_object_set_new(j, "only_on", text(k->lost ? r->c->a->name : r->c->b->name));
		json_object_set_new(j, "count", json_integer(k->o->count));
		json_object_set_new(j, "of", json_integer(k->of));
		json_object_set_new(j, "boots", json_integer(k->o->boots));
		json_object_set_new(j, "absent_in", json_integer(k->absent));
		json_object_set_new(j, "rate_bound", json_real(rate_bound(k->absent)));
		json_object_set_new(j, "log10_chance", json_real(k->log_chance));
		json_object_set_new(j, "counts", json_boolean(k->counts));
		json_object_set_new(j, "gates", json_boolean(k->gates));
		json_array_append_new(list, j);
	}
	return list;
}

static const char *baseline_word(const struct run *r, const struct case_verdict *v)
{
	if (!r->ro->use_baseline)
		return NULL;
	if (v->flags & CASE_BASE_NEW)
		return "new";
	if (v->flags & CASE_BASE_CHANGED)
		return "changed";
	return v->flags & CASE_BASE_MORE ? "more" : "same";
}

static json_t *one_case(const struct run *r, size_t i)
{
	const struct tcase *t = &r->s->cases[i];
	const struct case_verdict *v = &r->c->cases[i];
	json_t *j = json_object(), *out = json_object(), *rep = json_object();
	json_t *sec = json_object();

	json_object_set_new(j, "name", text(t->name));
	json_object_set_new(j, "scenario", text(t->scenario));
	json_object_set_new(j, "family", text(t->family));
	json_object_set_new(j, "racy", json_boolean(t->racy));
	json_object_set_new(j, "verdict", text(case_word(v)));
	json_object_set_new(j, "failed", json_boolean(case_failed(v)));
	json_object_set_new(j, "why", text(v->why));
	json_object_set_new(j, "baseline", text(baseline_word(r, v)));
	if (v->known)
		json_object_set_new(j, "known", json_pack("{s:I, s:o, s:o}", "line",
			(json_int_t)v->known->line, "pointer", text(v->known->pointer),
			"reason", text(v->known->reason)));
	if (case_failed(v)) {
		char *cmd = repeat_command(r, t->name);

		json_object_set_new(j, "repeat", text(cmd));
		free(cmd);
	}
	if (v->a)
		json_object_set_new(j, "first_divergence", divergence(v));
	if (v->ncand)
		json_object_set_new(j, "candidates", candidates(r, v));
	for (size_t a = 0; a < r->narms; a++) {
		const struct case_result *res = &r->arms[a].results[i];
		const char *name = r->arms[a].name;

		json_object_set_new(out, name, outcomes(res));
		json_object_set_new(rep, name, json_integer(res->repeats));
		json_object_set_new(sec, name, json_real(res->guest_seconds));
	}
	json_object_set_new(j, "outcomes", out);
	json_object_set_new(j, "repeats", rep);
	json_object_set_new(j, "seconds", sec);
	return j;
}

static json_t *options(const struct run *r)
{
	const struct run_options *o = r->opt;
	json_t *j = json_object();

	json_object_set_new(j, "only", text(o->only));
	json_object_set_new(j, "seed", json_sprintf("%" PRIu64, o->seed));
	json_object_set_new(j, "exact_repeats", json_integer(o->exact_repeats));
	json_object_set_new(j, "racy_repeats", json_integer(o->racy_repeats));
	json_object_set_new(j, "boots", json_integer(o->boots));
	json_object_set_new(j, "jobs", json_integer(o->jobs));
	json_object_set_new(j, "strict_racy", json_boolean(r->ro->strict_racy));
	return j;
}

static json_t *counts(const struct comparison *c)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
		"cases", (json_int_t)c->s->ncases, "same", (json_int_t)c->same,
		"differs", (json_int_t)c->differs, "known", (json_int_t)c->known,
		"unresolved", (json_int_t)c->unresolved,
		"untested", (json_int_t)c->untested, "stuck", (json_int_t)c->stuck,
		"splat", (json_int_t)c->splat, "panic", (json_int_t)c->panic,
		"baseline", (json_int_t)c->base);
}

void summary_json(struct buf *b, const struct run *r)
{
	const struct comparison *c = r->c;
	const struct report_options *ro = r->ro;
	const char *slash = strrchr(r->opt->run_dir, '/');
	json_t *root = json_object(), *cases = json_array(), *stale = json_array();
	json_t *gone = json_array();
	char *s, *meaning;

	json_object_set_new(root, "schema", json_integer(SUMMARY_SCHEMA));
	json_object_set_new(root, "id", text(slash ? slash + 1 : r->opt->run_dir));
	json_object_set_new(root, "verdict", text(verdict_word(c->code)));
	meaning = run_meaning(r);
	json_object_set_new(root, "meaning", text(meaning));
	free(meaning);
	json_object_set_new(root, "exit", json_integer(c->code));
	json_object_set_new(root, "run", text(verdict_word(c->own)));
	json_object_set_new(root, "same_kernel", text(same_kernel(r)));
	json_object_set_new(root, "interrupted", json_boolean(ro->interrupted));
	json_object_set_new(root, "options", options(r));
	json_object_set_new(root, "accelerator", text(accelerator(r)));
	json_object_set_new(root, "seconds", json_pack("{s:f,s:f,s:f,s:f}",
		"total", ro->total_seconds, "boot", ro->boot_seconds,
		"exact", ro->exact_seconds, "racy", ro->racy_seconds));
	json_object_set_new(root, "counts", counts(c));
	json_object_set_new(root, "arms", arms(r));
	json_object_set_new(root, "families", families(r));
	json_object_set_new(root, "scenarios", scenarios(r));
	for (size_t i = 0; i < r->s->ncases; i++)
		json_array_append_new(cases, one_case(r, i));
	json_object_set_new(root, "cases", cases);
	for (size_t i = 0; i < c->nstale; i++)
		json_array_append_new(stale, json_pack("{s:I, s:o, s:o, s:o}", "line",
			(json_int_t)c->stale[i]->line, "cases", text(c->stale[i]->glob),
			"pointer", text(c->stale[i]->pointer),
			"reason", text(c->stale[i]->reason)));
	json_object_set_new(root, "stale", stale);
	for (size_t i = 0; i < ro->ngone; i++)
		json_array_append_new(gone, text(ro->gone[i]));
	json_object_set_new(root, "gone", gone);
	s = json_dumps(root, JSON_INDENT(1));
	if (!s)
		fatal(EX_SYSTEM, "cannot make summary.json: out of memory");
	buf_puts(b, s);
	buf_puts(b, "\n");
	free(s);
	json_decref(root);
}
