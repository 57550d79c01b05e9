/* mutants.c - `ptbed mutants`: mistakes in the core of utrace, one chosen at boot; the engine programs must find each. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "bugs.h"
#include "commands.h"
#include "complain.h"
#include "glob.h"
#include "kernels.h"
#include "lock.h"
#include "programs.h"
#include "report.h"
#include "util.h"

/*
 * kernel-patches/mutants/bugs, one mistake a line:
 *
 *   NAME | PROGRAMS | what is wrong
 *
 * NAME goes to the kernel as mutant=NAME.  PROGRAMS are globs of engine
 * programs (commas): each glob must fit one that fails then, in its short form.
 * What has - there is found by none yet: it is not run, but counted.
 * With the name "none" all is right, and no program may fail.
 */
#define LIST "kernel-patches/mutants/bugs"

struct options {
	const char *only;
	bool tap;
};

enum { OPT_TAP = 0x100 };

static const struct argp_option argp_options[] = {
	{ "tap", OPT_TAP, NULL, 0, "print TAP", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_TAP:
		o->tap = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->only)
			argp_error(state, "unexpected argument '%s'", arg);
		o->only = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool is_missed(const struct bug *b)
{
	return !strcmp(b->expected, "-");
}

static bool is_wanted(const struct bug *b, const struct options *o)
{
	return !is_missed(b) && (!o->only || case_glob_list(o->only, b->name));
}

/* Did a program that fits @glob fail?  One that could not be run shows nothing. */
static bool found_by(const struct programs *p, const char *glob)
{
	for (size_t i = 0; i < p->n; i++)
		if (case_glob_list(glob, p->v[i].name) && p->v[i].code &&
		    p->v[i].code != EX_UNTESTED)
			return true;
	return false;
}

/* A glob that fits no program tests nothing. */
static void check_globs(const struct bug *b)
{
	struct programs all = { 0 };

	for (const char *g = b->expected; *g; g += case_glob_len(g), g += *g == ',') {
		char *glob = xstrndup(g, case_glob_len(g));

		programs_find(&all, glob, true);
		if (!all.n)
			fatal(EX_USAGE, LIST ":%d: no program fits '%s'; see: ptbed engines --list",
			      b->line, glob);
		programs_free(&all);
		free(glob);
	}
}

/* The globs of @b that fit no program that failed; NULL if there is none. */
static char *not_found_by(const struct bug *b, const struct programs *p)
{
	struct buf missing = { 0 };

	for (const char *g = b->expected; *g; g += case_glob_len(g), g += *g == ',') {
		char *glob = xstrndup(g, case_glob_len(g));

		if (!found_by(p, glob))
			buf_printf(&missing, " %s", glob);
		free(glob);
	}
	return missing.s;
}

/* Boot with the mistake on; returns whether that came of it which should, or -1 if nothing did. */
static int run_bug(const struct kernel *k, const struct bug *b, size_t number)
{
	char *append = xasprintf("mutant=%s", b->name), *missing = NULL;
	struct programs_options o = {
		.kernel = k, .append = bug_is_none(b) ? NULL : append, .what = "mutants", .cpus = 2, .seed = 1,
	};
	struct programs p = { 0 };
	int code, ret;

	programs_find(&p, b->expected, true);
	code = programs_run(&p, &o);
	if (code == EX_INTERRUPTED) {
		ret = -1;
	} else {
		if (!bug_is_none(b))
			missing = not_found_by(b, &p);
		ret = bug_is_none(b) ? code == EX_SAME : !missing;
		printf("%s %zu - mutant %s: %s\n", ret ? "ok" : "not ok", number, b->name, b->what);
		if (missing)
			printf("# not found by:%s\n", missing);
		for (size_t i = 0; bug_is_none(b) && i < p.n; i++)
			if (p.v[i].code)
				printf("# %s failed, and nothing is wrong\n", p.v[i].name);
		fflush(stdout);
	}
	programs_free(&p);
	free(missing);
	free(append);
	return ret;
}

int cmd_mutants(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, "[GLOB,...]",
		"Boot the utrace kernel with one mistake in its core after the other; the programs of "
		"compat-tests/engines that " LIST " names must find each.",
		NULL, NULL, NULL
	};
	struct options o = { 0 };
	size_t nbugs, n = 0, planned = 0, wrong = 0, missed = 0;
	struct bug *bugs;
	struct kernel k;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	nbugs = bugs_read(LIST, false, &bugs);
	for (size_t i = 0; i < nbugs; i++) {
		if (!is_missed(&bugs[i]))
			check_globs(&bugs[i]);
		missed += is_missed(&bugs[i]);
		planned += is_wanted(&bugs[i], &o);
	}
	if (!planned)
		fatal(EX_USAGE, "no mutant that programs find fits '%s'; " LIST " names them",
		      o.only ? o.only : "*");
	lock_checkout();
	code = ensure_kernel("mutants", &k);
	if (code)
		return code;
	if (o.tap)
		printf("1..%zu\n", planned);
	for (size_t i = 0; i < nbugs && !interrupted; i++) {
		int good = is_wanted(&bugs[i], &o) ? run_bug(&k, &bugs[i], ++n) : 1;

		if (good < 0)
			break;
		wrong += !good;
	}
	if (missed)
		printf("# %zu mutants are found by no program yet\n", missed);
	free_kernel(&k);
	bugs_free(bugs, nbugs);
	if (interrupted)
		return EX_INTERRUPTED;
	if (!o.tap)
		printf("mutants: %s: %zu of %zu as they should be\n",
		       verdict_word(wrong ? EX_DIFFERS : EX_SAME), planned - wrong, planned);
	return wrong ? EX_DIFFERS : EX_SAME;
}
