/* failed.c - `ptbed failed`: the cases that failed in a run, fit for ONLY=. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "reports.h"

enum { OPT_ONLY = 0x100, OPT_RACY };

static const struct argp_option options[] = {
	{ "only", OPT_ONLY, NULL, 0, "one line with commas, to put after ONLY=", 0 },
	{ "racy", OPT_RACY, NULL, 0, "undecided racy cases as well", 0 },
	{ 0 }
};

struct failed_args {
	bool only, racy;
	const char *run;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct failed_args *a = state->input;

	switch (key) {
	case OPT_ONLY:
		a->only = true;
		return 0;
	case OPT_RACY:
		a->racy = true;
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

int cmd_failed(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "[RUN]",
		"Name the cases that failed in the newest run, or in RUN, a line each with the verdict behind; "
		"`make compat ONLY=\"$(ptbed failed --only)\"' runs them again.",
		NULL, NULL, NULL
	};
	struct failed_args a = { 0 };
	json_t *root, *cases, *c;
	size_t i, n = 0;
	char *dir;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return EX_USAGE;
	dir = run_dir_of(a.run);
	root = summary_load(dir);
	cases = json_object_get(root, "cases");
	json_array_foreach(cases, i, c) {
		const char *name = json_string_value(json_object_get(c, "name"));
		const char *verdict = json_string_value(json_object_get(c, "verdict"));

		if (!name || !verdict)
			fatal(EX_USAGE, "%s/summary.json: a case without name or verdict", dir);
		if (!json_is_true(json_object_get(c, "failed")) &&
		    !(a.racy && !strcmp(verdict, "UNRESOLVED")))
			continue;
		if (a.only)
			printf("%s%s", n ? "," : "", name);
		else
			printf("%s  # %s\n", name, verdict);
		n++;
	}
	if (a.only && n)
		printf("\n");
	if (!n)
		fprintf(stderr, "no failed case in run %s: %s\n",
			json_string_value(json_object_get(root, "id")),
			json_string_value(json_object_get(root, "verdict")));
	json_decref(root);
	free(dir);
	return 0;
}
