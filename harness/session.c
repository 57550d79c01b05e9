/* session.c - one run from scenarios to report. */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "compare.h"
#include "lock.h"

void session_begin(struct session_options *o)
{
	char *dir, *unfit;
	bool whole = !o->run.only || !*o->run.only;
	int code;

	lock_checkout();
	check_latest();
	dir = top_path("compat-tests/scenarios");
	if (suite_load(dir, o->run.only, &o->suite))
		exit(EX_SCENARIO);
	free(dir);
	unfit = suite_unfit(&o->suite, o->run.only);
	if (unfit)
		fatal(EX_USAGE, "no case fits --only='%s'; `ptbed list' names the scenarios", unfit);
	if (!o->suite.ncases)
		fatal(EX_USAGE, "no case in compat-tests/scenarios");
	/* Found now, and not when all has been run. */
	code = report_lists(&o->suite, &o->report, whole);
	if (code)
		fatal(code, "nothing was run: what it would be compared with is wrong");
}

/* What run_arms() is to ask; the baseline is read when it first matters. */
struct doubt {
	const struct report_options *ro;
	bool loaded;
	struct baseline base;
};

static bool is_doubtful(const struct suite *s, const struct arm *arms, size_t icase, void *arg)
{
	struct doubt *d = arg;

	/* The baseline can only excuse. */
	if (!racy_doubtful(s, &arms[0], &arms[1], icase, NULL))
		return false;
	if (d->ro->use_baseline && !d->loaded) {
		char *dir = top_path("traces/baseline");
		struct buf err = { 0 };

		/* A damaged one is an error of the report that follows. */
		d->loaded = !baseline_load(dir, s, &d->base, &err);
		buf_free(&err);
		free(dir);
	}
	return racy_doubtful(s, &arms[0], &arms[1], icase, d->loaded ? &d->base : NULL);
}

int session_run(struct session_options *o, struct arm *arms, size_t narms)
{
	struct doubt doubt = { .ro = &o->report };
	double start = now_seconds();
	char *dir;
	int code;

	/* Drawn here, so that the report can print the command that repeats the run. */
	if (!o->run.seed)
		o->run.seed = new_run_seed();
	dir = new_run_dir();
	o->run.run_dir = dir;
	if (o->append)
		arms[narms - 1].append = xstrdup(o->append);
	for (size_t i = 0; i < narms; i++)
		arms[i].results = xcalloc(o->suite.ncases, sizeof(*arms[i].results));
	if (o->settle) {
		o->run.doubtful = is_doubtful;
		o->run.doubtful_arg = &doubt;
	}
	code = run_arms(&o->suite, arms, narms, &o->run);
	o->run.doubtful_arg = NULL;
	o->run.doubtful = NULL;
	if (doubt.loaded)
		baseline_free(&doubt.base);
	/* Whatever ended it, the results that were complete are kept and reported. */
	o->report.interrupted = code == EX_INTERRUPTED;
	o->report.run_code = code;
	o->report.total_seconds = now_seconds() - start;
	o->report.boot_seconds = o->report.exact_seconds = o->report.racy_seconds = 0;
	for (size_t i = 0; i < narms; i++) {
		o->report.boot_seconds += arms[i].boot_seconds;
		o->report.exact_seconds += arms[i].exact_seconds;
		o->report.racy_seconds += arms[i].racy_seconds;
	}
	return report_run(&o->suite, arms, narms, &o->run, &o->report);
}

size_t session_differences(const struct session_options *o, const struct arm *arms, char **scenarios)
{
	char *dir = top_path("traces/baseline");
	const struct suite *s = &o->suite;
	struct baseline base = { 0 };
	struct buf err = { 0 };
	/* If it is damaged the run says so, and is about no scenario. */
	bool loaded = o->report.use_baseline && !baseline_load(dir, s, &base, &err);
	const struct compare_options opt = {
		.exact_repeats = o->run.exact_repeats,
		.racy_repeats = o->run.racy_repeats,
		.baseline = loaded ? &base : NULL,
	};
	struct comparison c = { 0 };
	const char *last = NULL;
	struct buf names = { 0 };
	size_t n = 0;

	compare_arms(s, &arms[0], &arms[1], &opt, &c);
	for (size_t i = 0; i < s->ncases; i++) {
		unsigned int flags = c.cases[i].flags;

		n += !s->cases[i].racy && (flags & (CASE_DIFFERS | CASE_NOT_EXACT | CASE_UNTESTED));
		if (!(flags & ~(CASE_KNOWN | CASE_UNRESOLVED)) ||
		    (last && !strcmp(last, s->cases[i].scenario)))
			continue;
		last = s->cases[i].scenario;
		buf_printf(&names, "%s%s", names.len ? "," : "", last);
	}
	comparison_free(&c);
	if (loaded)
		baseline_free(&base);
	buf_free(&err);
	free(dir);
	*scenarios = names.s;
	return n;
}

void session_clear(const struct session_options *o, struct arm *arms, size_t narms)
{
	for (size_t i = 0; i < narms; i++) {
		free_arm_results(&arms[i], o->suite.ncases);
		free(arms[i].kernel);
	}
}
