/* check_series.c - `ptbed check-series': each step of the series builds, boots and passes the quick gate. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"
#include "commands.h"
#include "complain.h"
#include "kernels.h"
#include "options.h"
#include "proofkey.h"
#include "prooflog.h"
#include "report.h"
#include "store.h"
#include "util.h"

/*
 * The log is one line for each kernel: the patches up to a step, with
 * CONFIG_UTRACE on or off.  It is committed.  The key is over all that goes
 * into that kernel, so a line counts as long as patches up to its step, their
 * new files, source, configuration and compiler are the same, and an
 * interrupted check goes on where it was.  Two steps may give the very same
 * image (a patch that only brings files nobody builds yet); then the gate has
 * been passed already, and the line names the step that did.
 *
 * A line also has a key over what the gate ran: scenarios, guest, stock kernel
 * and options.  It counts for that gate only, for the same kernel and for the
 * same image alike.
 *
 * The gate's verdict is "not built" when there is nothing to boot.  SAME
 * needs every case to be completed on the kernel, so it has booted.
 */
#define LOG_NAME "traces/soak/series.log"
#define LOG_HEAD "# time\tkey\tstep\tpatch\tCONFIG_UTRACE\timage\tgate\tpassed by\tseconds\tgate's key\n"
#define NFIELDS 10
#define KEY 12
#define GATE_REPEATS "--repeats=1,4"
#define GATE_SEED "--seed=2"
#define DIR "build/series-steps"

enum { OFF, ON };
static const char *const letter[] = { "n", "y" };

struct options {
	size_t from, to;
	unsigned int jobs;
	bool no_gate;
	const char *only;	/* "y", "n", or NULL */
};

enum { OPT_FROM = 0x100, OPT_TO, OPT_JOBS, OPT_NO_GATE, OPT_UTRACE };

static const struct argp_option argp_options[] = {
	{ "from", OPT_FROM, "N", 0, "first step (1)", 0 },
	{ "to", OPT_TO, "N", 0, "last step (the last patch)", 0 },
	{ "utrace", OPT_UTRACE, "y|n", 0, "only kernels with the option so (both)", 0 },
	{ "jobs", OPT_JOBS, "N", 0, "virtual machines at once in the gate (2)", 0 },
	{ "no-gate", OPT_NO_GATE, NULL, 0, "only build; nothing is logged", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_FROM:
		o->from = option_number(state, arg, "--from", 1, 9999);
		return 0;
	case OPT_TO:
		o->to = option_number(state, arg, "--to", 1, 9999);
		return 0;
	case OPT_JOBS:
		o->jobs = option_number(state, arg, "--jobs", 1, 64);
		return 0;
	case OPT_UTRACE:
		if (strcmp(arg, "y") && strcmp(arg, "n"))
			argp_error(state, "--utrace is '%s', expected y or n", arg);
		o->only = arg;
		return 0;
	case OPT_NO_GATE:
		o->no_gate = true;
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

/* One kernel to check, and what the log knows of it. */
struct step {
	size_t number;		/* how many patches are in */
	const char *patch;
	int utrace;		/* OFF or ON */
	char key[KEY + 1];
	const char *gate;	/* the gate's key; NULL: not gated */
	bool done;
	enum exit_code code;	/* when done */
	char image[KEY + 1];	/* set by build() */
	char *bzimage;
	char passed_by[32];	/* the first with this image, if it passed */
};

/* The first @n patches of @s; shares all strings with it, not to be freed. */
static struct series first_patches(const struct series *s, size_t n)
{
	struct series part = *s;

	part.n = n;
	return part;
}

/* Does a Kconfig file that the first patches bring or change define CONFIG_UTRACE? */
static int has_option(const struct series *part, bool *has)
{
	struct overlay o = { 0 };
	char *base = source_tree();
	int ret = base ? overlay_make(&o, part, base, NULL, NULL) : EX_INTERRUPTED;

	*has = false;
	for (size_t i = 0; !ret && i < o.touched.n && !*has; i++) {
		char *path = xasprintf("%s/%s", o.dir, o.touched.v[i]);
		char *text = strstr(path, "Kconfig") ? read_file(path, NULL) : NULL;

		*has = text && (strstr(text, "\nconfig UTRACE\n") ||
				!strncmp(text, "config UTRACE\n", 14));
		free(text);
		free(path);
	}
	overlay_free(&o);
	free(base);
	return ret;
}

/*
 * What is asked for: CONFIG_UTRACE must be given; what else the utrace kernel
 * has is a wish, for an option may come with a later patch.
 */
static int step_config(int utrace, struct kconfig *config, struct kconfig *wish)
{
	char *path = top_path("vm-images/kernel/utrace.config");
	int ret = checks_config(config, "-series");

	if (!ret && utrace) {
		kconfig_set(config, "CONFIG_UTRACE", "y");
		ret = kconfig_add_file(wish, path);
	}
	free(path);
	return ret;
}

static void step_key(const struct series *s, struct step *st, const struct kconfig *config,
		     const struct kconfig *wish)
{
	struct buf b = { 0 };
	struct key k = { 0 };
	char *hex;

	key_add_str(&k, "recipe", build_recipe());
	key_add_str(&k, "source", source_version());
	key_add_str(&k, "compiler", build_compiler());
	kconfig_print(config, &b);
	kconfig_print(wish, &b);
	key_add(&k, "config", b.s, b.len);
	for (size_t i = 0; i < st->number; i++) {
		const struct patch *p = &s->patches[i];

		key_add(&k, p->name, p->text, p->len);
		for (size_t j = 0; j < p->new_files.n; j++) {
			char *path = xasprintf("%s/files/%s", s->dir, p->new_files.v[j]);

			key_add_file(&k, p->new_files.v[j], path);
			free(path);
		}
	}
	hex = key_finish(&k);
	snprintf(st->key, sizeof(st->key), "%.*s", KEY, hex);
	free(hex);
	buf_free(&b);
}

/* The key of what the gate runs beside the step's kernel, in @key.  An exit code when stock cannot be built. */
static int gate_key(char key[KEY + 1])
{
	char *dir = top_path("compat-tests/scenarios"), *hex;
	char scenarios[PROOFKEY], guest[PROOFKEY];
	struct kernel stock;
	struct suite suite;
	struct key k = { 0 };
	int code = ensure_kernel("stock", &stock);

	if (!code && suite_load(dir, NULL, &suite))
		exit(EX_SCENARIO);
	if (!code) {
		suite_key(&suite, scenarios);
		suite_free(&suite);
		guest_key(guest);
		key_add_str(&k, "scenarios", scenarios);
		key_add_str(&k, "guest", guest);
		key_add_str(&k, "stock", stock.key);
		key_add_str(&k, "options", GATE_REPEATS " " GATE_SEED);
		hex = key_finish(&k);
		snprintf(key, KEY + 1, "%.*s", KEY, hex);
		free(hex);
		free_kernel(&stock);
	}
	free(dir);
	return code;
}

/* A line of the log: is it this kernel, or one with the same image? */
static const char *log_line(char *const field[], void *arg)
{
	struct step *st = arg;
	unsigned long n;

	if (strlen(field[1]) != KEY)
		return "12 digits of a key as the second field";
	if (!prooflog_number(field[2], &n))
		return "the number of a step as the third field";
	if (strcmp(field[4], "y") && strcmp(field[4], "n"))
		return "y or n as the fifth field";
	if (strlen(field[9]) != KEY)
		return "12 digits of a key as the tenth field";
	if (!st->gate || strcmp(field[9], st->gate))
		return NULL;
	if (!strcmp(field[1], st->key)) {
		/* checked again after a failure: the last line counts */
		st->done = true;
		st->code = strcmp(field[6], "SAME") ? EX_DIFFERS : EX_SAME;
	}
	if (*st->image && !strcmp(field[5], st->image) && !strcmp(field[6], "SAME") &&
	    !*st->passed_by)
		snprintf(st->passed_by, sizeof(st->passed_by), "%lu-%s", n, field[4]);
	return NULL;
}

static int build(const struct series *s, struct step *st, const struct kconfig *config,
		 const struct kconfig *wish)
{
	struct series part = first_patches(s, st->number);
	struct build b = {
		.name = st->utrace ? "series-y" : "series-n",
		.series = &part, .config = config, .wish = wish,
	};
	int ret = checks_build(&b);

	if (!ret) {
		char *from = xasprintf("%s/arch/x86/boot/bzImage", b.tree), hex[65];
		size_t len = 0;
		char *image;

		copy_file(from, st->bzimage);
		image = read_file(st->bzimage, &len);
		if (!image)
			fatal(EX_SYSTEM, "%s: %s", st->bzimage, strerror(errno));
		sha256_hex(image, len, hex);
		snprintf(st->image, sizeof(st->image), "%.*s", KEY, hex);
		free(image);
		free(from);
	}
	build_free(&b);
	return ret;
}

/* The quick gate of `make test' with this kernel in place of the utrace kernel. */
static int gate(const struct options *o, const struct step *st)
{
	struct kernel stock;
	char *log, *a, *b, *jobs, *self;
	int code = ensure_kernel("stock", &stock);

	if (code)
		return code;
	self = own_program();
	log = top_path(DIR "/%02zu-%s.gate", st->number, letter[st->utrace]);
	a = xasprintf("--stock=%s", stock.bzimage);
	b = xasprintf("--utrace=%s", st->bzimage);
	jobs = xasprintf("--jobs=%u", o->jobs);
	{
		const char *const argv[] = {
			self, "compat", "--tap", GATE_REPEATS, GATE_SEED, jobs, a, b, NULL
		};

		unlink(log);
		code = run_cmd(argv, NULL, log);
	}
	if (code && code != EX_INTERRUPTED)
		complain("step %zu: the gate says %s; see %s", st->number, verdict_word(code),
			 log);
	free_kernel(&stock);
	free(self);
	free(log);
	free(a);
	free(b);
	free(jobs);
	return interrupted ? EX_INTERRUPTED : code;
}

/* Exit codes that say nothing about a kernel: the check ends with them. */
static bool ends(int code)
{
	return code == EX_INTERRUPTED || code == EX_SYSTEM || code == EX_BUSY ||
	       code == EX_DEPS || code == EX_USAGE || code == EX_SCENARIO;
}

static void log_step(const char *path, const struct step *st, const char *verdict, double seconds)
{
	char *line = xasprintf("%s\t%s\t%zu\t%s\t%s\t%s\t%s\t%s\t%.0f\t%s\n", prooflog_time(), st->key,
			       st->number, st->patch, letter[st->utrace],
			       *st->image ? st->image : "-", verdict,
			       *st->passed_by ? st->passed_by : "-", seconds, st->gate);

	prooflog_append(path, LOG_HEAD, line);
	free(line);
}

static int check_step(const struct options *o, const struct series *s, struct step *st,
		      const char *path)
{
	struct kconfig config = { 0 }, wish = { 0 };
	double start = now_seconds();
	int code = step_config(st->utrace, &config, &wish);

	if (!code) {
		step_key(s, st, &config, &wish);
		prooflog_read(path, NFIELDS, log_line, st);
	}
	if (!code && st->done && !st->code) {
		printf("step %2zu %s  in the log\n", st->number, letter[st->utrace]);
		goto out;
	}
	if (!code)
		code = build(s, st, &config, &wish);
	if (ends(code))
		goto out;
	if (code) {
		complain("step %zu, CONFIG_UTRACE=%s: %s does not build", st->number,
			 letter[st->utrace], st->patch);
		if (!o->no_gate)
			log_step(path, st, "not built", now_seconds() - start);
		goto out;
	}
	if (o->no_gate) {
		printf("step %2zu %s  built in %.0f s\n", st->number, letter[st->utrace],
		       now_seconds() - start);
		goto out;
	}
	prooflog_read(path, NFIELDS, log_line, st);
	if (!*st->passed_by)
		code = gate(o, st);
	if (!ends(code)) {
		log_step(path, st, verdict_word(code), now_seconds() - start);
		printf("step %2zu %s  %s %s%s%s\n", st->number, letter[st->utrace],
		       verdict_word(code), st->patch, *st->passed_by ? ", the image of " : "",
		       st->passed_by);
	}
out:
	fflush(stdout);
	kconfig_free(&config);
	kconfig_free(&wish);
	return code;
}

static int check_steps(const struct options *o, const struct series *s, const char *path)
{
	size_t to = o->to && o->to < s->n ? o->to : s->n, checked = 0, bad = 0;
	struct step none = { 0 };
	char key[KEY + 1] = "";
	int code;

	/* a damaged log is told before anything is built */
	prooflog_read(path, NFIELDS, log_line, &none);
	code = o->no_gate ? 0 : gate_key(key);
	if (code)
		return code;

	for (size_t i = o->from; i <= to && !ends(code); i++) {
		struct series part = first_patches(s, i);
		bool has;
		int one = has_option(&part, &has);

		if (one)
			return one;
		for (int utrace = OFF; utrace <= ON; utrace++) {
			struct step st = {
				.number = i, .patch = s->patches[i - 1].name, .utrace = utrace,
				.gate = o->no_gate ? NULL : key,
			};

			if (o->only && strcmp(o->only, letter[utrace]))
				continue;
			if (utrace && !has && i == s->n) {
				complain("there is no CONFIG_UTRACE after the last patch: nothing was built with it");
				code = verdict_worse(code, EX_UNTESTED);
				continue;
			}
			if (utrace && !has) {
				printf("step %2zu y  there is no CONFIG_UTRACE yet\n", i);
				continue;
			}
			st.bzimage = top_path(DIR "/%02zu-%s.bzImage", i, letter[utrace]);
			one = check_step(o, s, &st, path);
			free(st.bzimage);
			code = verdict_worse(code, one);
			if (ends(one))
				break;
			checked++;
			bad += one != 0;
		}
	}
	if (!ends(code))
		printf("check-series: %zu of %zu patches, %zu kernels, %zu bad%s\n",
		       to >= o->from ? to - o->from + 1 : 0, s->n, checked, bad,
		       o->no_gate ? "; built only" : "");
	return code;
}

int cmd_check_series(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Build the series patch by patch, with CONFIG_UTRACE off and, as soon as there is such an "
		"option, on; boot each kernel and run the quick gate on it.  Can be interrupted and goes on "
		"where it was; the log is " LOG_NAME ".",
		NULL, NULL, NULL
	};
	struct options o = { .from = 1, .jobs = 2 };
	struct series s = { 0 };
	char *dir, *path;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	dir = top_path("kernel-patches/6.12");
	code = series_read(&s, dir);
	if (!code && o.from > s.n)
		fatal(EX_USAGE, "--from is %zu, the series has %zu patches", o.from, s.n);
	if (!code && o.to && o.to < o.from)
		fatal(EX_USAGE, "--to is %zu, expected a step from %zu on", o.to, o.from);
	free(dir);
	if (code)
		return code;
	dir = top_path(DIR);
	make_dirs(dir);
	free(dir);
	dir = top_path("traces/soak");
	make_dirs(dir);
	free(dir);
	path = top_path(LOG_NAME);
	code = check_steps(&o, &s, path);
	free(path);
	series_free(&s);
	return code;
}
