/* controls.c - `ptbed controls`: kernels with a planted ptrace bug; the testbed must find and name each. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bugs.h"
#include "commands.h"
#include "complain.h"
#include "glob.h"
#include "kernels.h"
#include "prooflog.h"
#include "proofkey.h"
#include "report.h"
#include "results.h"
#include "util.h"

/*
 * kernel-patches/planted/bugs, one bug a line:
 *
 *   NAME | EXPECTED | QUICK | what is wrong
 *
 * NAME goes to the kernel as planted=NAME.  Every glob of EXPECTED (commas)
 * must match a case that is reported as different from stock.  QUICK is what
 * --quick runs of the scenarios; without --quick all of them are run.  With
 * "-" as QUICK only EXPECTED is run, and nothing with --quick, unless the bug
 * is asked for by name.  The name "none" is the same kernel with every bug off,
 * which must be SAME.
 *
 * The comparison is that of `ptbed compare': the planted kernel is no utrace
 * kernel, so neither the baseline nor the known differences concern it.
 *
 * All scenarios for each bug take hours: without --quick what was done is logged
 * in traces/soak/controls.log, one line a bug, committed.  A bug whose last line
 * with this kernel, guest, EXPECTED and scenarios, of those that are run for it,
 * is as it should be is not run again, unless it is asked for by name.
 */
#define LOG_NAME "traces/soak/controls.log"
#define NFIELDS 10
#define LOG_HEAD "# time\tkernel\tguest\tscenarios\tbug\texpected\trepeats\tdiffers\tseconds\tverdict\n"
#define REPEATS "3,100"
#define REPEATS_QUICK "1,20"

struct options {
	bool quick, tap;
	const char *only;
};

enum { OPT_QUICK = 0x100, OPT_TAP };

static const struct argp_option argp_options[] = {
	{ "quick", OPT_QUICK, NULL, 0, "run only the scenarios each bug's line names, and no bug whose line has -", 0 },
	{ "tap", OPT_TAP, NULL, 0, "print TAP", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_QUICK:
		o->quick = true;
		return 0;
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

/* Too many to be run each time: QUICK is "-". */
static bool is_long(const struct bug *b)
{
	return !strcmp(b->quick, "-");
}

static bool is_wanted(const struct bug *b, const struct options *o)
{
	return o->only ? !strcmp(o->only, b->name) : !o->quick || !is_long(b);
}

/* A glob that fits no case tests nothing. */
static void check_globs(const struct bug *bugs, size_t n, const struct suite *s)
{
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 2; k++) {
			const char *list = k ? bugs[i].quick : bugs[i].expected;
			const char *unfit = strcmp(list, "-") ? suite_unfit(s, list) : NULL;

			if (unfit)
				fatal(EX_USAGE, "kernel-patches/planted/bugs:%d: no case fits '%s'; `ptbed list' names the scenarios",
				      bugs[i].line, unfit);
		}
}

/* What a line of the log has to say to count, and whether one does. */
struct proof {
	char kernel[PROOFKEY], guest[PROOFKEY], scenarios[PROOFKEY];
	const struct bug *bug;
	bool good;
};

static void proof_init(struct proof *p, const struct kernel *planted)
{
	memset(p, 0, sizeof(*p));
	snprintf(p->kernel, sizeof(p->kernel), "%.12s", planted->key);
	guest_key(p->guest);
}

/* A name for what run_bug() runs for the bug. */
static void key_of_run(const struct suite *s, const struct bug *b, char key[PROOFKEY])
{
	struct suite part = { .cases = xcalloc(s->ncases, sizeof(*s->cases)) };

	for (size_t i = 0; i < s->ncases; i++)
		if (!is_long(b) || case_glob_list(b->expected, s->cases[i].name))
			part.cases[part.ncases++] = s->cases[i];
	suite_key(&part, key);
	free(part.cases);
}

static const char *log_line(char *const field[], void *arg)
{
	struct proof *p = arg;
	unsigned long n;

	if (!prooflog_number(field[7], &n) || !prooflog_number(field[8], &n))
		return "numbers of differences and seconds as the eighth and ninth field";
	if (!strcmp(field[1], p->kernel) && !strcmp(field[2], p->guest) &&
	    !strcmp(field[3], p->scenarios) && !strcmp(field[4], p->bug->name) &&
	    !strcmp(field[5], p->bug->expected))
		p->good = !strcmp(field[9], "as-expected");
	return NULL;
}

static bool in_log(struct proof *p, const char *path)
{
	p->good = false;
	prooflog_read(path, NFIELDS, log_line, p);
	return p->good;
}

/* Cases that a TAP names as different. */
static size_t count_reported(const char *tap)
{
	size_t n = 0;

	for (const char *line = tap; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		n += !strncmp(line, "not ok ", 7);
	}
	return n;
}

static void log_bug(const struct proof *p, const struct bug *b, const char *path, const char *tap,
		    double seconds, bool ok)
{
	char *line = xasprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%zu\t%.0f\t%s\n", prooflog_time(),
			       p->kernel, p->guest, p->scenarios, b->name, b->expected, REPEATS,
			       count_reported(tap), seconds, ok ? "as-expected" : "wrong");

	prooflog_append(path, LOG_HEAD, line);
	free(line);
}

/* Cut the next pattern off a list. */
static char *next_glob(char **list)
{
	char *start = *list, *p = start + case_glob_len(start);

	if (!*start)
		return NULL;
	*list = *p ? p + 1 : p;
	*p = '\0';
	return start;
}

/* Does a "not ok" line of @tap name a case that fits @glob? */
static bool reported(const char *tap, const char *glob)
{
	for (const char *line = tap; line && *line; line = strchr(line, '\n')) {
		const char *end, *dash;
		char *name;
		bool fits;

		line += *line == '\n';
		if (strncmp(line, "not ok ", 7))
			continue;
		end = line + strcspn(line, "\n");
		dash = strstr(line, " - ");
		if (!dash || dash > end)
			continue;
		name = xstrndup(dash + 3, strcspn(dash + 3, " \n"));
		fits = case_glob_list(glob, name);
		free(name);
		if (fits)
			return true;
	}
	return false;
}

/* Compare stock with the planted kernel, the bug on; returns the exit code, all it printed is in @log. */
static int run_bug(const struct kernel *stock, const struct kernel *planted,
		   const struct bug *b, bool quick, const char *log)
{
	char *self = own_program(), *append = xasprintf("--append=planted=%s", b->name);
	char *only = xasprintf("--only=%s", is_long(b) ? b->expected : quick ? b->quick : "");
	const char *argv[12];
	size_t n = 0;
	int code;

	argv[n++] = self;
	argv[n++] = "compare";
	argv[n++] = "--tap";
	argv[n++] = quick ? "--repeats=" REPEATS_QUICK : "--repeats=" REPEATS;
	/* one seed, counted instructions: the same answer on any host */
	if (quick)
		argv[n++] = "--seed=1";
	argv[n++] = only;
	if (!bug_is_none(b))
		argv[n++] = append;
	argv[n++] = stock->bzimage;
	argv[n++] = planted->bzimage;
	argv[n] = NULL;
	unlink(log);
	code = run_cmd(argv, NULL, log);
	free(self);
	free(append);
	free(only);
	return code;
}

/* Nothing is known of the bug: a comparison that could not be made, or was killed.  The rest would end so, too. */
static bool ends(int code)
{
	return code >= EX_USAGE;
}

int cmd_controls(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, "[BUG]",
		"Run the scenarios on kernels with a planted ptrace bug; each must be found and named.",
		NULL, NULL, NULL
	};
	struct options o = { 0 };
	struct kernel stock, planted;
	struct bug *bugs;
	size_t nbugs = bugs_read("kernel-patches/planted/bugs", true, &bugs), n = 0, failed = 0, planned = 0, left = 0;
	struct proof proof;
	struct suite suite;
	char *dir, *path;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	for (size_t i = 0; i < nbugs; i++) {
		planned += is_wanted(&bugs[i], &o);
		left += !o.only && !is_wanted(&bugs[i], &o);
	}
	if (!planned && o.only)
		fatal(EX_USAGE, "no planted bug '%s'; kernel-patches/planted/bugs names them", o.only);
	if (!planned)
		fatal(EX_USAGE, "none of %zu planted bugs is run with --quick", left);
	dir = top_path("compat-tests/scenarios");
	if (suite_load(dir, NULL, &suite))
		exit(EX_SCENARIO);
	free(dir);
	check_globs(bugs, nbugs, &suite);
	code = ensure_kernel("stock", &stock);
	if (!code)
		code = ensure_kernel("planted", &planted);
	if (code)
		return code;
	if (o.tap)
		printf("1..%zu\n", planned);
	dir = top_path("build/controls");
	make_dirs(dir);
	path = top_path(LOG_NAME);
	if (!o.quick)
		proof_init(&proof, &planted);
	for (size_t i = 0; i < nbugs && !interrupted; i++) {
		const struct bug *b = &bugs[i];
		struct buf missing = { 0 };
		char *log, *tap;
		int expected = bug_is_none(b) ? EX_SAME : EX_DIFFERS;
		double start = now_seconds();
		bool ok;

		if (!is_wanted(b, &o))
			continue;
		if (!o.quick) {
			proof.bug = b;
			key_of_run(&suite, b, proof.scenarios);
		}
		if (!o.quick && !o.only && in_log(&proof, path)) {
			printf("ok %zu - planted bug %s: %s # in the log\n", ++n, b->name, b->what);
			continue;
		}
		log = xasprintf("%s/%s.log", dir, b->name);
		code = run_bug(&stock, &planted, b, o.quick, log);
		if (ends(code)) {
			if (code != EX_INTERRUPTED)
				complain("planted bug %s: the comparison ended with exit code %d (%s); see %s",
					 b->name, code, verdict_word(code), log);
			free(log);
			break;
		}
		tap = read_file(log, NULL);
		if (expected == EX_DIFFERS) {
			char *globs = xstrdup(b->expected);

			for (char *rest = globs, *g = next_glob(&rest); g; g = next_glob(&rest))
				if (!tap || !reported(tap, g))
					buf_printf(&missing, " %s", g);
			free(globs);
		}
		ok = code == expected && !missing.len;
		n++;
		failed += !ok;
		printf("%s %zu - planted bug %s: %s\n", ok ? "ok" : "not ok", n, b->name, b->what);
		if (code != expected)
			printf("# exit code %d (%s), expected %d; see %s\n", code,
			       verdict_word(code), expected, log);
		if (missing.len)
			printf("# not named among the differences:%s; see %s\n", missing.s, log);
		fflush(stdout);
		if (!o.quick)
			log_bug(&proof, b, path, tap, now_seconds() - start, ok);
		free(tap);
		free(log);
		buf_free(&missing);
	}
	if (left)
		printf("# %zu planted bugs are not run with --quick\n", left);
	free(dir);
	free(path);
	suite_free(&suite);
	free_kernel(&stock);
	free_kernel(&planted);
	bugs_free(bugs, nbugs);
	if (interrupted)
		return EX_INTERRUPTED;
	if (ends(code))
		return code;
	return failed ? EX_DIFFERS : EX_SAME;
}
