/* laggards.c - `ptbed laggards': is every exact case ordered by its edges, however slow one role is? */
#include <argp.h>
#include <stdlib.h>

#include "commands.h"
#include "guest.h"
#include "kernels.h"
#include "options.h"
#include "session.h"
#include "util.h"

struct options {
	const char *kernel;
	struct session_options s;
};

enum { OPT_ONLY = 0x100, OPT_KERNEL, OPT_JOBS };

static const struct argp_option argp_options[] = {
	{ "only", OPT_ONLY, "GLOB,...", 0, "only scenarios or cases whose name fits", 0 },
	{ "kernel", OPT_KERNEL, "NAME|FILE", 0, "another kernel than stock", 0 },
	{ "jobs", OPT_JOBS, "N", 0, "virtual machines at once (2)", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_ONLY:
		o->s.run.only = arg;
		return 0;
	case OPT_KERNEL:
		o->kernel = arg;
		return 0;
	case OPT_JOBS:
		o->s.run.jobs = option_number(state, arg, "--jobs", 1, 64);
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

/* Racy cases have no order to be shown, those for several CPUs no counted boot. */
static void leave_exact(struct suite *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->ncases; i++)
		if (!s->cases[i].racy && s->cases[i].cpus < 2)
			s->cases[n++] = s->cases[i];
	s->ncases = n;
}

int cmd_laggards(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Run every exact case once for each of its roles, which does its steps only when all "
		"others are at rest or wait for it.  The outcome must be the recorded one: else a step "
		"lacks an edge, and a slow host will show the other outcome one day.",
		NULL, NULL, NULL
	};
	struct options o = { .kernel = "stock", .s = SESSION_DEFAULTS };
	struct arm arm = { .name = "stock" };
	struct kernel k;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	session_begin(&o.s);
	leave_exact(&o.s.suite);
	if (!o.s.suite.ncases)
		fatal(EX_USAGE, "no exact case fits --only='%s'", o.s.run.only);
	code = find_kernel(o.kernel, &k);
	if (code)
		return code;
	arm.kernel = xstrdup(k.bzimage);
	o.s.run.laggards = true;
	if (kernel_is_slow(k.name))
		o.s.run.debug_scale = SESSION_DEBUG_SCALE;
	o.s.report.make_target = "laggards";
	code = session_run(&o.s, &arm, 1);
	session_clear(&o.s, &arm, 1);
	free_kernel(&k);
	return code;
}
