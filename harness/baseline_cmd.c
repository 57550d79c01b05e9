/* baseline_cmd.c - `ptbed baseline`: takes a run's stock outcomes into traces/baseline, on request only. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "commands.h"
#include "compare.h"
#include "lock.h"
#include "outcome.h"
#include "runload.h"

#include "../compat-tests/lang/lang.h"

enum { OPT_UPDATE = 0x100, OPT_ONLY, OPT_ARM };

static const struct argp_option options[] = {
	{ "update", OPT_UPDATE, NULL, 0, "write traces/baseline; without it nothing is written", 0 },
	{ "only", OPT_ONLY, "GLOB,...", 0, "only scenarios or cases whose name fits", 0 },
	{ "arm", OPT_ARM, "NAME", 0, "the run's kernel to take (its reference)", 0 },
	{ 0 }
};

struct baseline_args {
	bool update;
	const char *only, *arm, *run;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct baseline_args *a = state->input;

	switch (key) {
	case OPT_UPDATE:
		a->update = true;
		return 0;
	case OPT_ONLY:
		a->only = arg;
		return 0;
	case OPT_ARM:
		a->arm = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (a->run)
			argp_error(state, "unexpected argument '%s'", arg);
		a->run = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static size_t arm_index(const struct loaded_run *run, const char *name)
{
	for (size_t i = 0; name && i < run->narms; i++)
		if (!strcmp(run->arms[i], name))
			return i;
	if (name)
		fatal(EX_USAGE, "run %s has no kernel '%s'; its reference is '%s'",
		      short_path(run->dir), name, run->arms[0]);
	return 0;
}

static size_t case_index(const struct suite *s, const char *name)
{
	for (size_t i = 0; name && i < s->ncases; i++)
		if (!strcmp(s->cases[i].name, name))
			return i;
	return SIZE_MAX;
}

static void load_incidents(const struct loaded_run *run, size_t k, const struct suite *s,
			   struct arm *arm)
{
	json_t *list = json_object_get(json_array_get(json_object_get(run->summary, "arms"), k),
				       "incidents"), *j;
	size_t i;

	json_array_foreach(list, i, j) {
		const char *kind = json_string_value(json_object_get(j, "kind"));
		struct incident inc = { 0 };

		if (!kind || !incident_from_id(kind, &inc.kind))
			fatal(EX_USAGE, "%s/summary.json: incident '%s' is of no known kind",
			      short_path(run->dir), kind ? kind : "");
		inc.icase = case_index(s, json_string_value(json_object_get(j, "case")));
		inc.retried = json_is_true(json_object_get(j, "retried"));
		arm->incidents = xrealloc(arm->incidents, (i + 1) * sizeof(inc));
		arm->incidents[arm->nincidents++] = inc;
	}
}

/* The wanted cases' results of a run as an arm, parallel to @s. */
static void load_arm(struct loaded_run *run, size_t k, const struct suite *s,
		     const char *only, struct arm *arm)
{
	memset(arm, 0, sizeof(*arm));
	arm->name = (char *)run->arms[k];
	arm->results = xcalloc(s->ncases, sizeof(*arm->results));
	for (size_t i = 0; i < s->ncases; i++) {
		const struct trace_case *c;

		if (!lang_only(only, s->cases[i].scenario, s->cases[i].name))
			continue;
		c = run_case(run, k, s->cases[i].scenario, s->cases[i].name);
		if (c)
			arm->results[i] = c->r;
	}
	load_incidents(run, k, s, arm);
}

/* Without --update: say what stands. */
static int report_only(const char *dir, const struct suite *s, const struct arm *arm, bool whole)
{
	size_t known = 0, missing = 0, differ = 0, ngone = 0;
	char **gone;
	struct buf err = { 0 };
	struct baseline b;

	if (baseline_load(dir, s, &b, &err)) {
		fputs(err.s, stderr);
		return EX_BASELINE;
	}
	for (size_t i = 0; i < s->ncases; i++) {
		const struct case_result *r = &arm->results[i];
		bool same = true;

		if (!r->noutcomes)
			continue;
		for (size_t o = 0; b.cases[i] && o < r->noutcomes; o++)
			same &= outcome_find(b.cases[i], r->outcomes[o].hash) != NULL;
		missing += !b.cases[i];
		known += b.cases[i] && same;
		differ += !same;
		if (!b.cases[i] || !same)
			printf("%-8s %s\n", b.cases[i] ? "differs" : "new", s->cases[i].name);
	}
	if (whole)
		ngone = baseline_gone(dir, s, &gone);
	for (size_t i = 0; i < ngone; i++) {
		printf("%-8s %s\n", "gone", gone[i]);
		free(gone[i]);
	}
	if (whole)
		free(gone);
	printf("%zu cases as recorded, %zu new, %zu with other outcomes, %zu gone; "
	       "--update records that\n", known, missing, differ, ngone);
	baseline_free(&b);
	return missing || differ || ngone ? EX_BASELINE : EX_SAME;
}

static int update(const char *dir, const struct suite *s, const struct arm *arm, bool whole)
{
	struct baseline_change ch;
	struct buf log = { 0 }, err = { 0 };

	buf_puts(&log, "");
	lock_checkout();
	if (baseline_update(dir, s, arm, whole ? s : NULL, &ch, &log, &err)) {
		fputs(err.s, stderr);
		fprintf(stderr, "traces/baseline is unchanged\n");
		buf_free(&err);
		buf_free(&log);
		return EX_BASELINE;
	}
	fputs(log.s, stdout);
	printf("%s: %zu cases added, %zu changed, %zu merged, %zu removed, %zu as before\n",
	       short_path(dir), ch.added, ch.changed, ch.merged, ch.removed, ch.same);
	buf_free(&log);
	return 0;
}

int cmd_baseline(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "[RUN]",
		"Compare traces/baseline with the stock outcomes of the newest run, or of RUN; with --update "
		"record them: an exact case's outcome replaces the recorded one, a racy case's set is merged.",
		NULL, NULL, NULL
	};
	char *sdir = top_path("compat-tests/scenarios"), *dir = top_path("traces/baseline");
	struct baseline_args a = { 0 };
	struct loaded_run run;
	struct suite s;
	struct arm arm;
	char *unfit;
	bool whole;
	int ret;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return EX_USAGE;
	run_load(a.run, &run);
	if (suite_load(sdir, NULL, &s))
		return EX_SCENARIO;
	unfit = suite_unfit(&s, a.only);
	if (unfit)
		fatal(EX_USAGE, "no case fits '%s' of --only; `ptbed list' names the scenarios", unfit);
	if (a.update && json_is_true(json_object_get(run.summary, "interrupted")))
		fatal(EX_BASELINE, "run %s was interrupted; expected a whole run",
		      short_path(run.dir));
	load_arm(&run, arm_index(&run, a.arm), &s, a.only, &arm);
	whole = !a.only || !*a.only;
	ret = a.update ? update(dir, &s, &arm, whole) : report_only(dir, &s, &arm, whole);
	free(arm.incidents);
	free(arm.results);
	suite_free(&s);
	run_unload(&run);
	free(dir);
	free(sdir);
	return ret;
}
