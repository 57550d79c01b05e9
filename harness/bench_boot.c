/* bench_boot.c - one boot of a kernel with the bench program. */
#include <stdlib.h>

#include "bench_boot.h"
#include "programs.h"
#include "report.h"

#define SECONDS 900

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
