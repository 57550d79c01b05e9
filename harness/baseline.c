/* baseline.c - loads and rewrites the committed outcomes of the stock kernel. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "baseline.h"
#include "compare.h"
#include "outcome.h"

static struct trace_file *file_of(const struct baseline *b, const char *scenario)
{
	for (size_t i = 0; i < b->nfiles; i++)
		if (b->files[i].scenario && !strcmp(b->files[i].scenario, scenario))
			return &b->files[i];
	return NULL;
}

/* 0 loaded or not there, -1 wrong. */
static int load_file(const char *dir, const char *scenario, struct trace_file *f,
		     struct buf *err)
{
	char *path = trace_path(dir, scenario);
	int ret = 0;

	memset(f, 0, sizeof(*f));
	if (file_exists(path))
		ret = trace_read(path, f, err);
	if (!ret && f->scenario && strcmp(f->scenario, scenario)) {
		buf_printf(err, "%s: is about scenario %s, expected %s\n", path,
			   f->scenario, scenario);
		trace_file_free(f);
		ret = -1;
	}
	free(path);
	return ret;
}

int baseline_load(const char *dir, const struct suite *s, struct baseline *b,
		  struct buf *err)
{
	const char *last = "";
	int ret = 0;

	memset(b, 0, sizeof(*b));
	b->ncases = s->ncases;
	b->cases = xcalloc(s->ncases, sizeof(*b->cases));
	for (size_t i = 0; i < s->ncases; i++) {
		struct trace_file f;

		if (!strcmp(s->cases[i].scenario, last) ||
		    file_of(b, s->cases[i].scenario))
			continue;
		last = s->cases[i].scenario;
		if (load_file(dir, last, &f, err)) {
			ret = -1;
			continue;
		}
		if (!f.scenario)
			continue;
		b->files = xrealloc(b->files, (b->nfiles + 1) * sizeof(f));
		b->files[b->nfiles++] = f;
	}
	for (size_t i = 0; i < s->ncases && !ret; i++) {
		struct trace_file *f = file_of(b, s->cases[i].scenario);
		struct trace_case *c = f ? trace_find(f, s->cases[i].name) : NULL;

		b->cases[i] = c ? &c->r : NULL;
	}
	if (ret)
		baseline_free(b);
	return ret;
}

void baseline_free(struct baseline *b)
{
	for (size_t i = 0; i < b->nfiles; i++)
		trace_file_free(&b->files[i]);
	free(b->files);
	free(b->cases);
	memset(b, 0, sizeof(*b));
}

/* Reasons not to take this arm; a line each. */
static int refuse(const struct suite *s, const struct arm *arm, struct buf *err)
{
	size_t at = err->len;

	for (size_t i = 0; i < arm->nincidents; i++) {
		const struct incident *inc = &arm->incidents[i];

		if (incident_gates(inc))
			buf_printf(err, "%s had an incident: %s%s%s; expected a run without\n",
				   arm->name, incident_word(inc->kind),
				   inc->icase < s->ncases ? " in " : "",
				   inc->icase < s->ncases ? s->cases[inc->icase].name : "");
	}
	for (size_t i = 0; i < s->ncases; i++)
		if (!s->cases[i].racy && arm->results[i].noutcomes > 1)
			buf_printf(err, "%s: declared exact, but %s shows %zu outcomes; expected one\n",
				   s->cases[i].name, arm->name, arm->results[i].noutcomes);
	return err->len > at ? -1 : 0;
}

static const struct tcase *case_in(const struct suite *s, const char *name)
{
	for (size_t i = 0; i < s->ncases; i++)
		if (!strcmp(s->cases[i].name, name))
			return &s->cases[i];
	return NULL;
}

static bool scenario_in(const struct suite *s, const char *scenario)
{
	for (size_t i = 0; i < s->ncases; i++)
		if (!strcmp(s->cases[i].scenario, scenario))
			return true;
	return false;
}

static void take_case(struct trace_file *f, const struct tcase *t,
		      const struct case_result *r, struct baseline_change *ch,
		      struct buf *log)
{
	struct trace_case *c = trace_find(f, t->name);
	bool was = c != NULL;
	struct case_result set = { 0 };

	if (c && t->racy)
		outcome_merge(&set, &c->r);
	outcome_merge(&set, r);
	if (!c) {
		f->cases = xrealloc(f->cases, (f->ncases + 1) * sizeof(*c));
		c = &f->cases[f->ncases++];
		memset(c, 0, sizeof(*c));
		c->name = xstrdup(t->name);
		c->title = xstrdup("");
		ch->added++;
		buf_printf(log, "added   %s\n", t->name);
	} else if (outcome_same_set(&c->r, &set)) {
		ch->same++;
	} else if (t->racy) {
		ch->merged++;
		buf_printf(log, "merged  %s: %zu outcomes, were %zu\n", t->name,
			   set.noutcomes, c->r.noutcomes);
	} else {
		ch->changed++;
		buf_printf(log, "changed %s: %s, was %s\n", t->name,
			   set.outcomes[0].hash,
			   was && c->r.noutcomes ? c->r.outcomes[0].hash : "nothing");
	}
	case_result_free(&c->r);
	c->r = set;
	outcome_sort_by_hash(&c->r);
	free(c->title);
	c->title = xstrdup(t->title ? t->title : "");
	c->racy = t->racy;
}

static void drop_case(struct trace_file *f, size_t i, struct baseline_change *ch,
		      struct buf *log)
{
	struct trace_case *c = &f->cases[i];

	ch->removed++;
	buf_printf(log, "removed %s: no scenario has it\n", c->name);
	free(c->name);
	free(c->title);
	case_result_free(&c->r);
	memmove(c, c + 1, (--f->ncases - i) * sizeof(*c));
}

/* Cases in the order of the suite, so that a rewrite changes only what changed. */
static void order_cases(struct trace_file *f, const struct suite *s)
{
	size_t at = 0;

	for (size_t i = 0; i < s->ncases; i++)
		for (size_t k = at; k < f->ncases; k++) {
			struct trace_case c = f->cases[k];

			if (strcmp(c.name, s->cases[i].name))
				continue;
			memmove(&f->cases[at + 1], &f->cases[at], (k - at) * sizeof(c));
			f->cases[at++] = c;
			break;
		}
}

static void update_scenario(const char *dir, const char *scenario, struct trace_file *f,
			    const struct suite *s, const struct arm *arm,
			    const struct suite *all, struct baseline_change *ch,
			    struct buf *log)
{
	struct baseline_change before = *ch;
	bool had = f->scenario != NULL;

	for (size_t i = 0; i < s->ncases; i++)
		if (!strcmp(s->cases[i].scenario, scenario) && arm->results[i].noutcomes)
			take_case(f, &s->cases[i], &arm->results[i], ch, log);
	for (size_t i = 0; all && i < f->ncases;)
		if (case_in(all, f->cases[i].name))
			i++;
		else
			drop_case(f, i, ch, log);
	order_cases(f, all ? all : s);
	before.same = ch->same;
	if (f->ncases && (!had || memcmp(&before, ch, sizeof(before)))) {
		trace_write(dir, scenario, NULL, f->cases, f->ncases);
	} else if (had && !f->ncases) {
		char *path = trace_path(dir, scenario);

		if (unlink(path))
			fatal(EX_SYSTEM, "cannot remove %s: %s", path, strerror(errno));
		ch->removed++;
		buf_printf(log, "removed %s: none of its cases is left\n", scenario);
		free(path);
	}
}

/* Call @each for the scenario of each trace file in @dir/@sub and below. */
static void each_file(const char *dir, const char *sub,
		      void (*each)(void *arg, const char *path, const char *scenario), void *arg)
{
	char *here = xasprintf("%s%s%s", dir, *sub ? "/" : "", sub), **names;
	size_t n = list_dir(here, NULL, &names);

	for (size_t i = 0; i < n; i++) {
		char *rel = xasprintf("%s%s%s", sub, *sub ? "/" : "", names[i]);
		char *path = xasprintf("%s/%s", dir, rel);
		size_t len = strlen(rel);

		if (len > 6 && !strcmp(rel + len - 6, ".trace")) {
			rel[len - 6] = '\0';
			each(arg, path, rel);
		} else {
			DIR *d = opendir(path);

			if (d) {
				closedir(d);
				each_file(dir, rel, each, arg);
			}
		}
		free(rel);
		free(path);
		free(names[i]);
	}
	free(names);
	free(here);
}

struct dropper {
	const struct suite *all;
	struct baseline_change *ch;
	struct buf *log;
};

/* Remove the file of a scenario that is gone. */
static void drop_file(void *arg, const char *path, const char *scenario)
{
	struct dropper *d = arg;

	if (scenario_in(d->all, scenario) || unlink(path))
		return;
	d->ch->removed++;
	buf_printf(d->log, "removed %s: no such scenario\n", scenario);
}

struct finder {
	const struct suite *all;
	char **names;
	size_t n;
};

static void find_gone(void *arg, const char *path, const char *scenario)
{
	struct finder *g = arg;
	struct trace_file f = { 0 };
	struct buf err = { 0 };

	if (!scenario_in(g->all, scenario)) {
		g->names = xrealloc(g->names, (g->n + 1) * sizeof(*g->names));
		g->names[g->n++] = xstrdup(scenario);
		return;
	}
	if (!trace_read(path, &f, &err)) {
		for (size_t i = 0; i < f.ncases; i++) {
			if (case_in(g->all, f.cases[i].name))
				continue;
			g->names = xrealloc(g->names, (g->n + 1) * sizeof(*g->names));
			g->names[g->n++] = xstrdup(f.cases[i].name);
		}
		trace_file_free(&f);
	}
	buf_free(&err);
}

size_t baseline_gone(const char *dir, const struct suite *all, char ***names)
{
	struct finder g = { .all = all };

	each_file(dir, "", find_gone, &g);
	*names = g.names;
	return g.n;
}

int baseline_update(const char *dir, const struct suite *s, const struct arm *arm,
		    const struct suite *all, struct baseline_change *ch,
		    struct buf *log, struct buf *err)
{
	struct baseline b;

	memset(ch, 0, sizeof(*ch));
	if (refuse(s, arm, err) || baseline_load(dir, s, &b, err))
		return -1;
	for (size_t i = 0; i < s->ncases; i++) {
		const char *scenario = s->cases[i].scenario;
		struct trace_file empty = { 0 }, *f = file_of(&b, scenario);
		bool first = true;

		for (size_t j = 0; j < i && first; j++)
			first = strcmp(s->cases[j].scenario, scenario);
		if (!first)
			continue;
		update_scenario(dir, scenario, f ? f : &empty, s, arm, all, ch, log);
		trace_file_free(&empty);
	}
	baseline_free(&b);
	if (all)
		each_file(dir, "", drop_file, &(struct dropper){ all, ch, log });
	return 0;
}
