/* bench_boot.c - one boot of a kernel with the bench program. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench_boot.h"
#include "programs.h"
#include "report.h"
#include "tree.h"

#define SECONDS 900
#define SOURCES "compat-tests/bench"
/* How the line of an operation begins in the tables there. */
#define ENTRY "\t{ \""

/* Add the operations of one source of the benchmark to @names; true: @name is one of them. */
static bool add_names(struct buf *names, const char *text, const char *name)
{
	struct strlist lines = { 0 };
	bool found = false;

	strlist_lines(&lines, text);
	for (size_t i = 0; i < lines.n; i++) {
		const char *n = lines.v[i] + strlen(ENTRY);
		size_t len;

		if (strncmp(lines.v[i], ENTRY, strlen(ENTRY)))
			continue;
		len = strcspn(n, "\"");
		buf_printf(names, "%s%.*s", names->len ? ", " : "", (int)len, n);
		found |= strlen(name) == len && !strncmp(n, name, len);
	}
	strlist_free(&lines);
	return found;
}

void bench_check_name(const char *name)
{
	char *dir = top_path(SOURCES), **files;
	size_t n = list_dir(dir, "*.c", &files);
	struct buf names = { 0 };
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, files[i]), *text = read_file(path, NULL);

		if (!text)
			fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
		found |= add_names(&names, text, name);
		free(text);
		free(path);
		free(files[i]);
	}
	if (!found)
		fatal(EX_USAGE, "no operation '%s'; expected one of %s", name, names.s ? names.s : "none");
	buf_free(&names);
	free(files);
	free(dir);
}

enum exit_code bench_boot(const struct bench_boot *b, struct bench_costs *costs, int side)
{
	struct programs_options run = {
		.kernel = b->kernel, .what = "bench", .cpus = b->cpus, .seed = 1, .icount = b->exact,
		.plugin = b->plugin,
		/* a thousand processes */
		.memory = 1024,
	};
	char *args = xasprintf("runs=%u%s%s", b->runs, b->only ? " only=" : "", b->only ? b->only : "");
	struct programs p = { 0 };
	enum exit_code code;

	programs_add(&p, b->exact ? "bench" : "bench-wall", "bench", args, SECONDS);
	free(args);
	fprintf(stderr, "bench: %s on %s\n", b->exact ? "counting instructions" : "measuring times",
		b->kernel->name);
	code = programs_run(&p, &run);
	if (code == EX_INTERRUPTED)
		goto out;
	if (code)
		programs_report(&p, b->kernel->name, false);
	/* what could not be measured is no difference */
	if (code == EX_DIFFERS)
		code = EX_UNTESTED;
	if (p.v[0].output && !bench_parse(costs, side, p.v[0].output)) {
		warn("%s: what bench printed cannot be read", b->kernel->name);
		code = verdict_worse(code, EX_UNTESTED);
	}
	if (!code && costs->counted[side] != b->exact) {
		warn("%s: instructions are %scounted there", b->kernel->name, b->exact ? "not " : "");
		code = EX_UNTESTED;
	}
out:
	programs_free(&p);
	return code;
}
