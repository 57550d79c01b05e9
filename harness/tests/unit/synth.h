/* synth.h - suites, arms and random traces made in memory, for the unit tests of comparison and reports. */
#ifndef TESTS_SYNTH_H
#define TESTS_SYNTH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outcome.h"
#include "results.h"
#include "util.h"

/* Where a test writes; removed again by synth_rmdir(). */
static inline char *synth_dir(void)
{
	char *dir = xasprintf("%s/ptbed-unit.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static inline void synth_rmdir(char *dir)
{
	remove_tree(dir);
	free(dir);
}

/* Add the case "SCENARIO[PARAMS]", PARAMS "a=x,b=y" or NULL. */
static inline struct tcase *synth_case(struct suite *s, const char *scenario,
				       const char *params, bool racy)
{
	struct tcase *t;

	s->cases = xrealloc(s->cases, (s->ncases + 1) * sizeof(*t));
	t = memset(&s->cases[s->ncases++], 0, sizeof(*t));
	t->scenario = xstrdup(scenario);
	t->family = xstrndup(scenario, strcspn(scenario, "/"));
	t->name = params ? xasprintf("%s[%s]", scenario, params) : xstrdup(scenario);
	t->title = xasprintf("What %s teaches", scenario);
	t->ids = xstrdup("D1");
	t->racy = racy;
	for (const char *p = params; p && *p; p += *p == ',') {
		size_t n = strcspn(p, "="), len;

		t->params = xrealloc(t->params, (t->nparams + 1) * sizeof(*t->params));
		t->params[t->nparams].name = xstrndup(p, n);
		p += n + 1;
		len = strcspn(p, ",");
		t->params[t->nparams++].value = xstrndup(p, len);
		p += len;
	}
	return t;
}

static inline void synth_suite_free(struct suite *s)
{
	for (size_t i = 0; i < s->ncases; i++) {
		struct tcase *t = &s->cases[i];

		for (size_t p = 0; p < t->nparams; p++) {
			free(t->params[p].name);
			free(t->params[p].value);
		}
		free(t->params);
		free(t->scenario);
		free(t->family);
		free(t->name);
		free(t->title);
		free(t->ids);
	}
	free(s->cases);
	memset(s, 0, sizeof(*s));
}

static inline struct arm synth_arm(const char *name, const struct suite *s)
{
	struct arm a = { .name = (char *)name };

	a.results = xcalloc(s->ncases, sizeof(*a.results));
	return a;
}

/* @count repeats of case @i showed @text, in @boots boots. */
static inline void synth_saw(struct arm *a, size_t i, const char *text, unsigned int count,
			     unsigned int boots)
{
	struct case_result *r = &a->results[i];
	struct outcome *o = NULL;

	for (unsigned int k = 0; k < count; k++)
		o = outcome_add(r, text, 0x1234, k, false);
	o->boots = boots;
	r->repeats += count;
	if (boots > r->boots)
		r->boots = boots;
	outcome_sort(r);
}

static inline void synth_incident(struct arm *a, enum incident_kind kind, size_t icase,
				  bool retried)
{
	a->incidents = xrealloc(a->incidents, (a->nincidents + 1) * sizeof(*a->incidents));
	a->incidents[a->nincidents++] = (struct incident){
		.kind = kind, .icase = icase, .retried = retried,
		.text = (char *)"line 1\nBUG: something <odd> & \"quoted\"\x01\n",
		.log = (char *)"log/console-1.txt",
	};
}

static inline void synth_arm_free(struct arm *a, const struct suite *s)
{
	for (size_t i = 0; i < s->ncases; i++)
		case_result_free(&a->results[i]);
	free(a->results);
	free(a->incidents);
}

/* A small generator, so that a failing seed can be run again. */
static inline unsigned int synth_random(uint64_t *state, unsigned int below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned int)(*state >> 33) % below;
}

/* A random trace: some actors, odd texts, edges, sometimes no trace at all. */
static inline char *synth_trace(uint64_t *rnd)
{
	static const char *const actors[] = { "T", "P", "P!", "T2", "sibling_with_name", "O" };
	static const char *const words[] = {
		"attach P -> 0", "|", "#7 x", "\\", "%", "= odd", "", " leading", "trailing ",
		"cont P SIGUSR1 -> EIO <go >went", "wait P -> P stopped SIGUSR1 >a",
		"mark <a", "x | y | z", "sigmask P -> SIGHUP+SIGINT+SIGQUIT+SIGILL+SIGTRAP+SIGABRT+SIGBUS",
		"nop <a <went", "\ttab", "% -", "#", "< >", "nop >go",
	};
	struct buf b = { 0 };
	unsigned int kind = synth_random(rnd, 20);

	buf_puts(&b, "");
	if (kind == 0) {	/* no trace */
		for (unsigned int n = synth_random(rnd, 4); n; n--)
			buf_printf(&b, "%s\n", words[synth_random(rnd, 20)]);
		if (synth_random(rnd, 2))
			buf_puts(&b, "unfinished");
		return b.s;
	}
	for (size_t a = 0; a < 6; a++) {
		unsigned int n = synth_random(rnd, 3) ? synth_random(rnd, 8) : 0, at = 0;

		for (; n; n--) {
			at += synth_random(rnd, 10) ? 1 : synth_random(rnd, 5);
			buf_printf(&b, "%s\t%u\t%s\n", actors[a], at,
				   words[synth_random(rnd, 20)]);
		}
	}
	if (kind < 15) {
		if (kind < 5)
			buf_puts(&b, "=\t0\tBLOCKED\n");
		buf_puts(&b, "=\t1\tT: parked\n=\t2\tP: killed SIGKILL\n");
	}
	return b.s;
}

#endif
