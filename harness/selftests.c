/* selftests.c - `ptbed selftests': the kernel's own selftests on both kernels, sub-result by sub-result. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "lock.h"
#include "samework.h"
#include "selftests_build.h"
#include "subresults.h"
#include "tree.h"

struct options {
	struct samework_options both;	/* first: what samework_input() is given */
	bool list;
};

enum { OPT_LIST = 0x100 };

static const struct argp_option argp_options[] = {
	{ "list", OPT_LIST, NULL, 0, "build and list the programs", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	if (key != OPT_LIST)
		return samework_input(key, arg, state);
	o->list = true;
	return 0;
}

static char *results(const struct program *q)
{
	return subresults(q->output, NULL);
}

static void print_left_out(const char *left_out)
{
	struct strlist lines = { 0 };

	strlist_lines(&lines, left_out);
	for (size_t i = 0; i < lines.n; i++)
		printf("left out: %s\n", lines.v[i]);
	strlist_free(&lines);
}

int cmd_selftests(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Build the kernel's own selftests of ptrace and what is near it from the source package, run "
		"them in guests of both kernels and compare every sub-result.",
		samework_child, NULL, NULL
	};
	struct options o = { .both = SAMEWORK_DEFAULTS };
	struct samework w = { .what = "selftests", .lines = results };
	struct buf left_out = { 0 }, again = { 0 };
	char *lines;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	if (o.both.only)
		selftests_check_names(o.both.only);
	lock_checkout();
	code = selftests_build(&w.programs[0], &left_out, o.both.only);
	if (!code)
		code = selftests_build(&w.programs[1], &again, o.both.only);
	if (code)
		return code;
	if (!w.programs[0].n)
		fatal(EX_SCENARIO, "compat-tests/selftests/list names no program");
	for (size_t i = 0; o.list && i < w.programs[0].n; i++)
		printf("%s\n", w.programs[0].v[i].name);
	if (!o.list) {
		code = samework_kernels(&w, &o.both);
		if (code)
			return code;
	}
	if (!o.list) {
		lines = selftests_image(&w.programs[0]);
		w.run = (struct programs_options){
			.cpus = o.both.cpus, .seed = 1, .echo = o.both.verbose, .list = lines, .no_tap = true,
		};
		code = samework_run(&w);
		if (code != EX_INTERRUPTED) {
			samework_subresults(&w);
			print_left_out(left_out.s);
		}
		free(lines);
	}
	samework_free(&w);
	buf_free(&left_out);
	buf_free(&again);
	return code;
}
