/* answers.c - `ptbed answers': programs that ask ptrace everything, on both kernels, line by line. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "glob.h"
#include "lock.h"
#include "options.h"
#include "report.h"
#include "samework.h"
#include "subresults.h"
#include "tree.h"

#define SOURCES "compat-tests/answers"
#define BUILT "build/guest/answers"
#define SECONDS 120
#define MAX_REPEATS 100
/* What a program prints has a bound. */
#define MAX_SCENES 300
/* What a hundred scenes are given, on a slow host, besides the program's own time. */
#define SECONDS_OF_SCENES 120

struct options {
	struct samework_options both;	/* first: what samework_input() is given */
	unsigned int repeats;
	/* 0: what the programs say themselves */
	uint64_t seed, scenes;
	bool list;
};

enum { OPT_LIST = 0x100, OPT_REPEATS, OPT_SEED, OPT_SCENES };

static const struct argp_option argp_options[] = {
	{ "list", OPT_LIST, NULL, 0, "list the programs", 0 },
	{ "repeats", OPT_REPEATS, "N", 0, "run each so often, and compare with its first time, too (1)", 0 },
	{ "scenes", OPT_SCENES, "N", 0, "how many scenes, of programs that play random ones: 300 at most", 0 },
	{ "seed", OPT_SEED, "N", 0, "seed of the first of them", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_LIST:
		o->list = true;
		return 0;
	case OPT_REPEATS:
		o->repeats = option_number(state, arg, "--repeats", 1, MAX_REPEATS);
		return 0;
	case OPT_SEED:
		o->seed = option_number(state, arg, "--seed", 1, UINT32_MAX);
		return 0;
	case OPT_SCENES:
		o->scenes = option_number(state, arg, "--scenes", 1, MAX_SCENES);
		return 0;
	default:
		return samework_input(key, arg, state);
	}
}

static char *results(const struct program *q)
{
	return subresults(q->output, NULL);
}

/* What follows @open in @line up to the end of the comment, or NULL; caller frees. */
static char *head_value(const char *line, const char *open)
{
	const char *close = strstr(line, " */");

	if (strncmp(line, open, strlen(open)) || !close)
		return NULL;
	return xstrndup(line + strlen(open), close - line - strlen(open));
}

/* @call, freed, or with " KEY=..." in it the same with @value, if that is not 0; caller frees. */
static char *with_value(char *call, const char *key, uint64_t value)
{
	char *mark = xasprintf(" %s=", key), *at = value ? strstr(call, mark) : NULL, *other = NULL;

	if (at) {
		at += strlen(mark);
		other = xasprintf("%.*s%llu%s", (int)(at - call), call, (unsigned long long)value,
				  at + strcspn(at, " "));
		free(call);
	}
	free(mark);
	return other ? other : call;
}

/* One way to call it: word size and arguments. */
static void add_call(struct programs *p, const char *program, const char *as_written, unsigned int seconds,
		     const struct options *o)
{
	char *call = with_value(with_value(xstrdup(as_written), "seed", o->seed), "scenes", o->scenes);
	size_t n = strcspn(call, " ");
	char *abi = xstrndup(call, n), *file = xasprintf("/answers/%s-%s", program, abi);
	char *name = xasprintf("%s-%s", program, call);

	for (char *c = name; *c; c++)
		if (*c == ' ')
			*c = '-';
	if (strcmp(call, as_written))
		seconds += o->scenes * SECONDS_OF_SCENES / 100;
	if (!o->both.only || case_glob_list(o->both.only, name))
		for (unsigned int i = 1; i <= o->repeats; i++) {
			char *again = i > 1 ? xasprintf("%s#%u", name, i) : xstrdup(name);

			programs_add(p, again, file, call + n + strspn(call + n, " "), seconds);
			free(again);
		}
	free(abi);
	free(file);
	free(name);
	free(call);
}

static void find(struct programs *p, const struct options *o)
{
	char *dir = top_path(SOURCES), **names;
	size_t n = list_dir(dir, "*.c", &names);

	for (size_t i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]), *text = read_file(path, NULL), *value;
		char *program = xstrndup(names[i], strlen(names[i]) - 2);
		unsigned int seconds = SECONDS;
		struct strlist lines = { 0 };

		if (!text)
			fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
		strlist_lines(&lines, text);
		for (size_t k = 0; k < lines.n; k++) {
			value = head_value(lines.v[k], "/* seconds: ");
			if (value)
				seconds = strtoul(value, NULL, 10);
			free(value);
		}
		for (size_t k = 0; k < lines.n; k++) {
			value = head_value(lines.v[k], "/* call: ");
			if (value)
				add_call(p, program, value, seconds, o);
			free(value);
		}
		strlist_free(&lines);
		free(program);
		free(path);
		free(text);
		free(names[i]);
	}
	free(names);
	free(dir);
}

/* All programs: one is called by another of its name, as a tracee of another word size. */
static char *image_lines(void)
{
	char *dir = top_path(BUILT), **names;
	size_t n = list_dir(dir, NULL, &names);
	struct buf b = { 0 };

	buf_puts(&b, "dir /answers 0755\n");
	for (size_t i = 0; i < n; i++) {
		buf_printf(&b, "file /answers/%s " BUILT "/%s 0755\n", names[i], names[i]);
		free(names[i]);
	}
	free(names);
	free(dir);
	return b.s;
}

/* The second and later times: as the first?  Said for each that is not. */
static enum exit_code compare_repeats(const struct samework *w, unsigned int repeats)
{
	static const char *const sides[] = { "stock", "utrace" };
	enum exit_code code = EX_SAME;

	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < w->programs[s].n; i++) {
			const struct program *q = &w->programs[s].v[i], *first = q - i % repeats;
			char *a = results(first), *b = results(q);

			if (strcmp(a, b)) {
				printf("%s: %s is not as %s\n", sides[s], q->name, first->name);
				code = EX_DIFFERS;
			}
			free(a);
			free(b);
		}
	return code;
}

static void print_totals(const struct samework *w)
{
	struct subresults sum = { 0 }, n;

	for (size_t i = 0; i < w->programs[0].n; i++) {
		free(subresults(w->programs[0].v[i].output, &n));
		sum.passed += n.passed;
	}
	printf("%u observations on stock\n", sum.passed);
}

int cmd_answers(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Run the programs of " SOURCES " in guests of both kernels: what they observe of ptrace has to "
		"be the same, line by line.",
		samework_child, NULL, NULL
	};
	struct options o = { .both = SAMEWORK_DEFAULTS, .repeats = 1 };
	struct samework w = { .what = "answers", .lines = results };
	char *lines;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	for (int s = 0; s < 2; s++)
		find(&w.programs[s], &o);
	if (!w.programs[0].n)
		fatal(EX_USAGE, "no program of " SOURCES " fits '%s'; see: ptbed answers --list", o.both.only);
	for (size_t i = 0; o.list && i < w.programs[0].n; i++)
		printf("%s\n", w.programs[0].v[i].name);
	if (o.list) {
		samework_free(&w);
		return 0;
	}
	lock_checkout();
	code = samework_kernels(&w, &o.both);
	if (code)
		return code;
	lines = image_lines();
	w.run = (struct programs_options){
		.cpus = o.both.cpus, .seed = 1, .echo = o.both.verbose, .list = lines,
	};
	code = samework_run(&w);
	if (code != EX_INTERRUPTED) {
		code = verdict_worse(code, compare_repeats(&w, o.repeats));
		print_totals(&w);
	}
	free(lines);
	samework_free(&w);
	return code;
}
