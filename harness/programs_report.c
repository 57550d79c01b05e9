/* programs_report.c - tells what came of programs in guests: a table, or TAP. */
#include <stdlib.h>
#include <string.h>

#include "programs.h"
#include "report.h"
#include "tree.h"

/* A check's line without "ok", its number and the dash. */
static const char *check_text(const char *line)
{
	const char *dash = strstr(line, " - ");

	return dash ? dash + 3 : line + strcspn(line, " ");
}

/* Every check, numbered through, and one more for each program: that it ended as it should. */
static void print_tap(const struct programs *p)
{
	unsigned int n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct program *q = &p->v[i];
		struct strlist lines = { 0 };

		strlist_lines(&lines, q->output ? q->output : "");
		for (size_t k = 0; k < lines.n; k++) {
			const char *l = lines.v[k];
			bool bad = !strncmp(l, "not ok", 6);

			if (bad || !strncmp(l, "ok ", 3))
				printf("%s %u - %s: %s\n", bad ? "not ok" : "ok", ++n, q->name,
				       check_text(l));
			else if (q->code && strncmp(l, "1..", 3))
				printf("%s%s\n", *l == '#' ? "" : "# ", l);
		}
		strlist_free(&lines);
		printf("%s %u - %s: ended well\n",
		       q->why || q->splat ? "not ok" : "ok", ++n, q->name);
		if (q->why)
			printf("# %s; console: %s\n", q->why, q->log ? q->log : "none");
		if (q->splat)
			printf("# kernel report: %.*s; console: %s\n",
			       (int)strcspn(q->splat, "\n"), q->splat, q->log ? q->log : "none");
	}
	printf("1..%u\n", n);
}

static void print_failed(const struct program *q)
{
	struct strlist lines = { 0 };

	strlist_lines(&lines, q->output ? q->output : "");
	for (size_t i = 0; i < lines.n; i++)
		if (!strncmp(lines.v[i], "not ok", 6))
			printf("    %s\n", lines.v[i]);
	strlist_free(&lines);
	if (q->why)
		printf("    %s\n", q->why);
	if (q->splat)
		printf("    %.*s\n", (int)strcspn(q->splat, "\n"), q->splat);
	if (q->log)
		printf("    console: %s\n", q->log);
}

static void print_table(const struct programs *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct program *q = &p->v[i];

		printf("%-24s %4u passed %4u failed %4u skipped %7.1f s  %s\n", q->name, q->passed,
		       q->failed, q->skipped, q->took, q->code ? verdict_word(q->code) : "ok");
		if (q->code)
			print_failed(q);
	}
}

void programs_report(const struct programs *p, const char *kernel, bool tap)
{
	unsigned int passed = 0, failed = 0, skipped = 0;
	FILE *out = tap ? stderr : stdout;

	if (tap)
		print_tap(p);
	else
		print_table(p);
	for (size_t i = 0; i < p->n; i++) {
		const struct program *q = &p->v[i];

		passed += q->passed;
		/* one that failed in no check of its own counts as one */
		failed += q->failed ? q->failed : q->code != EX_SAME;
		skipped += q->skipped;
	}
	fprintf(out, "%s: %u passed, %u failed", kernel, passed, failed);
	if (skipped)
		fprintf(out, ", %u skipped", skipped);
	fprintf(out, "\n");
}
