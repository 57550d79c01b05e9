/* report.c - the end of a run: traces, comparison, files, summary, exit code. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports.h"

static void write_in(const struct run *r, const char *name, const struct buf *b)
{
	char *path = xasprintf("%s/%s", r->opt->run_dir, name);

	write_file(path, b->s, b->len);
	free(path);
}

/* Verdict words at the start of a line stand out on a terminal. */
static void print_summary(FILE *to, const char *s)
{
	bool tty = isatty(fileno(to)) && !getenv("NO_COLOR");

	while (*s) {
		size_t line = strcspn(s, "\n") + 1, word = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		bool good = !strncmp(s, "SAME:", 5);

		if (!s[line - 1])
			line--;
		if (tty && word > 3 && (s[word] == ' ' || s[word] == ':'))
			fprintf(to, "\033[1;%dm%.*s\033[0m%.*s", good ? 32 : 31, (int)word, s,
				(int)(line - word), s + word);
		else
			fprintf(to, "%.*s", (int)line, s);
		s += line;
	}
	fflush(to);
}

/* runs/ID under any directory gets its `latest` beside runs; a relative link, replaced at once. */
static void point_latest(const char *run_dir)
{
	const char *id = strrchr(run_dir, '/'), *runs = id;
	char *to, *tmp, *link;

	while (runs && runs > run_dir && runs[-1] != '/')
		runs--;
	if (!id || id - runs != 4 || strncmp(runs, "runs/", 5))
		return;
	to = xasprintf("runs/%s", id + 1);
	link = xasprintf("%.*slatest", (int)(runs - run_dir), run_dir);
	tmp = xasprintf("%s.%d", link, (int)getpid());
	unlink(tmp);
	if (symlink(to, tmp) || rename(tmp, link)) {
		int err = errno;

		unlink(tmp);
		fatal(EX_SYSTEM, "cannot point %s at %s: %s", link, to, strerror(err));
	}
	free(to);
	free(tmp);
	free(link);
}

static void write_all(const struct run *r)
{
	struct buf table = { 0 }, tap = { 0 }, junit = { 0 }, json = { 0 };

	table_text(&table, r);
	tap_text(&tap, r);
	junit_text(&junit, r);
	summary_json(&json, r);
	write_in(r, "summary.json", &json);
	write_in(r, "results.tap", &tap);
	write_in(r, "junit.xml", &junit);
	write_in(r, "summary.txt", &table);
	if (r->ro->tap) {
		fputs(tap.s, stdout);
		fflush(stdout);
	}
	print_summary(r->ro->tap ? stderr : stdout, table.s);
	/* last: if it fails the program ends */
	point_latest(r->opt->run_dir);
	buf_free(&table);
	buf_free(&tap);
	buf_free(&junit);
	buf_free(&json);
}

/* What was wrong with a committed file; the run's results are written first, then this is the verdict. */
static enum exit_code load_lists(const struct suite *s, const struct report_options *ro,
				 struct baseline *base, struct known *known)
{
	char *dir = top_path("traces/baseline");
	char *list = top_path("compat-tests/known-differences");
	enum exit_code code = EX_SAME;
	struct buf err = { 0 };

	memset(base, 0, sizeof(*base));
	memset(known, 0, sizeof(*known));
	if (ro->use_baseline && baseline_load(dir, s, base, &err))
		code = EX_BASELINE;
	if (ro->use_known && known_load(list, known, &err))
		code = EX_SCENARIO;
	if (err.len)
		fputs(err.s, stderr);
	buf_free(&err);
	free(dir);
	free(list);
	return code;
}

int report_lists(const struct suite *s, struct report_options *ro, bool whole)
{
	char *dir = top_path("traces/baseline");
	struct baseline base;
	struct known known;
	enum exit_code code = load_lists(s, ro, &base, &known);

	if (!code && whole && ro->use_baseline)
		ro->ngone = baseline_gone(dir, s, &ro->gone);
	if (base.cases)
		baseline_free(&base);
	known_free(&known);
	free(dir);
	return code;
}

int report_run(const struct suite *s, const struct arm *arms, size_t narms,
	       const struct run_options *opt, const struct report_options *ro)
{
	struct comparison c;
	struct baseline base;
	struct known known;
	enum exit_code lists = load_lists(s, ro, &base, &known), code;
	struct compare_options co = {
		.exact_repeats = opt->exact_repeats,
		.racy_repeats = opt->racy_repeats,
		.baseline = ro->use_baseline && base.cases ? &base : NULL,
		.known = ro->use_known ? &known : NULL,
		.strict_racy = ro->strict_racy,
		.whole_suite = !opt->only || !*opt->only,
		.interrupted = ro->interrupted,
	};
	struct run r = { s, arms, narms, opt, ro, &c };

	for (size_t a = 0; a < narms; a++)
		trace_write_arm(opt->run_dir, s, &arms[a]);
	compare_arms(s, &arms[0], narms > 1 ? &arms[1] : NULL, &co, &c);
	comparison_own(&c, lists);
	if (ro->ngone)
		comparison_own(&c, EX_BASELINE);
	comparison_own(&c, ro->run_code);
	write_all(&r);
	code = c.code;
	comparison_free(&c);
	if (base.cases)
		baseline_free(&base);
	known_free(&known);
	return code;
}
