/* samework.c - the same programs on two kernels: what they print to be compared, and where it differs. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "options.h"
#include "report.h"
#include "samework.h"
#include "subresults.h"
#include "tree.h"

#define SHOWN_LINES 20

static const char *const sides[] = { "stock", "utrace" };

enum { OPT_STOCK = 0x200, OPT_UTRACE, OPT_ONLY, OPT_CPUS, OPT_TAP, OPT_VERBOSE };

static const struct argp_option argp_options[] = {
	{ "stock", OPT_STOCK, "NAME|FILE", 0, "the reference (stock)", 0 },
	{ "utrace", OPT_UTRACE, "NAME|FILE", 0, "the other kernel (utrace)", 0 },
	{ "only", OPT_ONLY, "GLOB,...", 0, "only programs whose name fits", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "virtual CPUs (2)", 0 },
	{ "tap", OPT_TAP, NULL, 0, "TAP on standard output, the table on standard error", 0 },
	{ "verbose", OPT_VERBOSE, NULL, 0, "print what programs print while they do", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct samework_options *o = state->input;

	switch (key) {
	case OPT_STOCK:
		o->kernel[0] = arg;
		return 0;
	case OPT_UTRACE:
		o->kernel[1] = arg;
		return 0;
	case OPT_ONLY:
		o->only = arg;
		return 0;
	case OPT_CPUS:
		o->cpus = option_number(state, arg, "--cpus", 1, 8);
		return 0;
	case OPT_TAP:
		o->tap = true;
		return 0;
	case OPT_VERBOSE:
		o->verbose = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp options = { argp_options, parse, NULL, NULL, NULL, NULL, NULL };
const struct argp_child samework_child[] = { { &options, 0, NULL, 0 }, { 0 } };

error_t samework_input(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->input;
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

int samework_kernels(struct samework *w, const struct samework_options *o)
{
	int code = 0;

	for (int s = 0; s < 2 && !code; s++)
		code = find_kernel(o->kernel[s], &w->kernel[s]);
	if (!code && o->tap) {
		w->tap = fdopen(dup(STDOUT_FILENO), "w");
		if (!w->tap || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
			fatal(EX_SYSTEM, "cannot set up standard output: %s", strerror(errno));
	}
	return code;
}

void samework_free(struct samework *w)
{
	for (int s = 0; s < 2; s++) {
		programs_free(&w->programs[s]);
		free_kernel(&w->kernel[s]);
	}
	if (w->tap && fclose(w->tap))
		fatal(EX_SYSTEM, "cannot write TAP: %s", strerror(errno));
}

static char *keep(const struct samework *w, int side, const struct program *q, const char *text)
{
	char *dir = top_path("build/%s/%s", w->what, sides[side]);
	char *path = xasprintf("%s/%s.txt", dir, q->name);

	make_dirs(dir);
	write_file(path, text, strlen(text));
	free(dir);
	return path;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* The first lines of a unified diff. */
static void show_diff(const char *a, const char *b)
{
	const char *const argv[] = { "diff", "-U1", "--label", "stock", "--label", "utrace", a, b, NULL };
	struct strlist lines = { 0 };
	struct buf out = { 0 };

	run_capture(argv, NULL, &out);
	strlist_lines(&lines, out.s ? out.s : "");
	for (size_t i = 0; i < lines.n && i < SHOWN_LINES; i++)
		printf("    %s\n", lines.v[i]);
	if (lines.n > SHOWN_LINES)
		printf("    ... %zu lines more: diff -u %s %s\n", lines.n - SHOWN_LINES, a, b);
	strlist_free(&lines);
	buf_free(&out);
}

static void show_trouble(const struct program *q, const char *side)
{
	struct strlist lines = { 0 };

	strlist_lines(&lines, q->output ? q->output : "");
	for (size_t i = 0; i < lines.n; i++)
		if (q->failed && !strncmp(lines.v[i], "not ok", 6))
			printf("    %s: %s\n", side, lines.v[i]);
	strlist_free(&lines);
	if (q->why)
		printf("    %s: %s\n", side, q->why);
	if (q->splat)
		printf("    %s: %.*s\n", side, (int)strcspn(q->splat, "\n"), q->splat);
	if (q->log)
		printf("    %s's console: %s\n", side, q->log);
}

static enum exit_code compare(const struct samework *w, size_t i)
{
	const struct program *q[2] = { &w->programs[0].v[i], &w->programs[1].v[i] };
	enum exit_code code = verdict_worse(q[0]->code, q[1]->code);
	char *text[2], *path[2];
	size_t n;

	for (int s = 0; s < 2; s++) {
		text[s] = w->lines(q[s]);
		path[s] = keep(w, s, q[s], text[s]);
	}
	n = count_lines(text[0]);
	if (!code && (!n || strcmp(text[0], text[1])))
		code = EX_DIFFERS;
	printf("%-28s %5zu lines %7.1f s %7.1f s  %s\n", q[0]->name, n, q[0]->took, q[1]->took,
	       code ? verdict_word(code) : "same");
	for (int s = 0; s < 2; s++)
		if (q[s]->code)
			show_trouble(q[s], sides[s]);
	if (strcmp(text[0], text[1]))
		show_diff(path[0], path[1]);
	else if (!n)
		printf("    nothing to compare\n");
	for (int s = 0; s < 2; s++) {
		free(text[s]);
		free(path[s]);
	}
	return code;
}

/* What is compared to nothing is neither the same nor does it differ. */
static const char *alone_word(enum exit_code code, const char *passed)
{
	if (code == EX_DIFFERS)
		return "FAILED";
	return code ? verdict_word(code) : passed;
}

/* One that runs on the second kernel only. */
static enum exit_code tell_alone(const struct program *q)
{
	printf("%-28s %5u checks %6s - %9.1f s  %s\n", q->name, q->passed + q->failed, "", q->took,
	       alone_word(q->code, "utrace only"));
	if (q->code)
		show_trouble(q, sides[1]);
	return q->code;
}

static void tap_line(const struct samework *w, size_t i, enum exit_code code, const struct program *q,
		     const char *what)
{
	if (w->tap)
		fprintf(w->tap, "%s %zu - %s: %s%s%s\n", code ? "not ok" : "ok", i + 1, q->name, what,
			code ? ": " : "", code ? verdict_word(code) : "");
}

enum exit_code samework_run(struct samework *w)
{
	size_t n = w->programs[0].n, all = w->programs[1].n, different = 0, failed = 0;
	enum exit_code code = EX_SAME;

	for (int s = 0; s < 2; s++) {
		if (!w->programs[s].n)
			continue;
		w->run.what = w->what;
		w->run.kernel = &w->kernel[s];
		fprintf(stderr, "%s: %zu programs on %s\n", w->what, w->programs[s].n, w->kernel[s].name);
		code = programs_run(&w->programs[s], &w->run);
		if (code == EX_INTERRUPTED)
			return code;
	}
	code = EX_SAME;
	if (w->tap)
		fprintf(w->tap, "1..%zu\n", all > n ? all : n);
	for (size_t i = 0; i < n; i++) {
		enum exit_code one = compare(w, i);

		tap_line(w, i, one, &w->programs[0].v[i], "the same on both kernels");
		different += one != EX_SAME;
		code = verdict_worse(code, one);
	}
	for (size_t i = n; i < all; i++) {
		enum exit_code one = tell_alone(&w->programs[1].v[i]);

		tap_line(w, i, one, &w->programs[1].v[i], "on utrace only");
		failed += one != EX_SAME;
		code = verdict_worse(code, one);
	}
	printf("%s: %s: ", w->what, n ? verdict_word(code) : alone_word(code, "PASSED"));
	if (n)
		printf("%zu of %zu programs the same%s", n - different, n, all > n ? ", " : "");
	if (all > n)
		printf("%zu of %zu on utrace only passed", all - n - failed, all - n);
	printf("\n");
	return code;
}

unsigned int samework_subresults(const struct samework *w)
{
	struct subresults sum[2] = { 0 }, n;
	struct strlist bad = { 0 };

	for (int s = 0; s < 2; s++) {
		for (size_t i = 0; i < w->programs[s].n; i++) {
			const struct program *q = &w->programs[s].v[i];

			free(subresults(q->output, &n));
			sum[s].passed += n.passed;
			sum[s].failed += n.failed;
			sum[s].skipped += n.skipped;
			if (n.failed && !s)
				strlist_add(&bad, q->name);
		}
		printf("%s: %u sub-results passed, %u failed, %u skipped\n", sides[s], sum[s].passed,
		       sum[s].failed, sum[s].skipped);
	}
	if (bad.n)
		printf("with failures on stock:");
	for (size_t i = 0; i < bad.n; i++)
		printf(" %s", bad.v[i]);
	if (bad.n)
		printf("\n");
	strlist_free(&bad);
	return sum[0].passed + sum[0].failed + sum[0].skipped;
}
