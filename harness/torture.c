/* torture.c - `ptbed torture': random engine operations on random threads until enough work is done. */
#include <argp.h>
#include <stdlib.h>

#include "commands.h"
#include "guest.h"
#include "job.h"
#include "lock.h"
#include "options.h"
#include "programs.h"
#include "prooflog.h"
#include "report.h"
#include "torture_log.h"
#include "util.h"

/*
 * The bound is work, not time: operations, lives of threads, and every ordered
 * pair of operations.  It is done in boots of CHUNK_OPS operations, each a
 * line of the log, which is committed: kernel, seed, what was done, verdict.
 * Lines of the present kernel count as done, so an interrupted run goes on
 * where it was.
 */
#define LOG_NAME "traces/soak/torture.log"
#define OPS		1000000
#define LIVES		100000
#define CHUNK_OPS	100000
#define CHUNK_SECONDS	1200
#define QUICK_OPS	20000
#define QUICK_LIVES	1000
#define BUG_OPS		60000
#define BUG_SECONDS	240

static const char *const bugs[] = { "lost_wakeup", "missed_stop", "early_barrier", "reap_twice" };

struct options {
	const char *flavour, *kernel;
	struct programs_options run;
	unsigned long ops, lives;
	bool tap, quick, bugs;
};

enum { OPT_FLAVOUR = 0x100, OPT_CPUS, OPT_SEED, OPT_OPS, OPT_LIVES, OPT_TAP, OPT_QUICK, OPT_BUGS, OPT_KERNEL };

static const struct argp_option argp_options[] = {
	{ "ops", OPT_OPS, "N", 0, "operations in all, those in the log included (1000000)", 0 },
	{ "lives", OPT_LIVES, "N", 0, "the same for threads that lived and died (100000)", 0 },
	{ "flavour", OPT_FLAVOUR, "FLAVOUR", 0, "of the kernel: " KERNEL_FLAVOURS " (plain)", 0 },
	{ "kernel", OPT_KERNEL, "NAME|FILE", 0, "with --quick or --bugs: another kernel than utrace", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "virtual CPUs (4)", 0 },
	{ "seed", OPT_SEED, "N", 0, "to begin with (1)", 0 },
	{ "quick", OPT_QUICK, NULL, 0, "one short run and the bugs made on purpose; nothing is logged", 0 },
	{ "bugs", OPT_BUGS, NULL, 0, "only the bugs made on purpose: each must be found", 0 },
	{ "tap", OPT_TAP, NULL, 0, "print TAP", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_FLAVOUR:
		o->flavour = kernel_flavour(arg);
		if (!o->flavour)
			argp_error(state, "unknown flavour '%s'; expected " KERNEL_FLAVOURS, arg);
		return 0;
	case OPT_KERNEL:
		o->kernel = arg;
		return 0;
	case OPT_CPUS:
		o->run.cpus = option_number(state, arg, "--cpus", 1, 8);
		return 0;
	case OPT_SEED:
		o->run.seed = option_number(state, arg, "--seed", 1, UINT32_MAX);
		return 0;
	case OPT_OPS:
		o->ops = option_number(state, arg, "--ops", 1, 1ul << 40);
		return 0;
	case OPT_LIVES:
		o->lives = option_number(state, arg, "--lives", 1, 1ul << 40);
		return 0;
	case OPT_TAP:
		o->tap = true;
		return 0;
	case OPT_QUICK:
		o->quick = true;
		return 0;
	case OPT_BUGS:
		o->bugs = true;
		return 0;
	case ARGP_KEY_END:
		if (o->kernel && !o->quick && !o->bugs)
			argp_error(state, "--kernel goes with --quick or --bugs: the log is about utrace");
		if (!o->ops)
			o->ops = o->quick ? QUICK_OPS : OPS;
		if (!o->lives)
			o->lives = o->quick ? QUICK_LIVES : LIVES;
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

static void log_boot(const char *path, const struct options *o, uint64_t seed,
		     const struct torture_done *d, double seconds, int code)
{
	const struct torture_boot boot = {
		.key = o->run.kernel->key, .flavour = *o->flavour ? o->flavour + 1 : "plain", .cpus = o->run.cpus,
		.seed = seed, .seconds = seconds, .verdict = verdict_word(code), .done = d,
	};
	struct buf b = { 0 };

	torture_log_print(&b, prooflog_time(), &boot);
	prooflog_append(path, TORTURE_LOG_HEAD, b.s);
	buf_free(&b);
}

static void add_run(struct programs *p, const char *name, unsigned long ops, unsigned long lives,
		    uint64_t seed, const char *bug, unsigned int seconds)
{
	char *args = xasprintf("ops=%lu lives=%lu seed=%llu bug=%s", ops, lives,
			       (unsigned long long)seed, bug);

	programs_add(p, name, "torture", args, seconds);
	free(args);
}

/* The runs that need no log: a short one, and the planted bugs. */
static int run_unlogged(struct options *o)
{
	struct programs p = { 0 };
	int code;

	if (o->quick)
		add_run(&p, "torture", o->ops, o->lives, o->run.seed, "none", CHUNK_SECONDS);
	for (size_t i = 0; i < sizeof(bugs) / sizeof(bugs[0]); i++)
		add_run(&p, bugs[i], BUG_OPS, 0, o->run.seed, bugs[i], BUG_SECONDS);
	code = programs_run(&p, &o->run);
	if (code != EX_INTERRUPTED)
		programs_report(&p, o->run.kernel->name, o->tap);
	programs_free(&p);
	return code;
}

static unsigned long least(unsigned long a, unsigned long b)
{
	return a < b ? a : b;
}

/* One boot: a chunk of what is left to do. */
static int run_chunk(struct options *o, const char *path, struct torture_done *sum)
{
	uint64_t seed = mix64(o->run.seed, sum->boots) & 0x7fffffff;
	unsigned long ops = CHUNK_OPS, lives;
	struct programs p = { 0 };
	struct torture_done d = { .boots = 1 };
	double start = now_seconds();
	int code;

	if (sum->ops < o->ops)
		ops = least(CHUNK_OPS, o->ops - sum->ops);
	lives = o->lives * (ops / (double)o->ops);
	add_run(&p, "torture", ops, lives, seed, "none", CHUNK_SECONDS);
	code = programs_run(&p, &o->run);
	if (code == EX_INTERRUPTED) {
		programs_free(&p);
		return code;
	}
	if (!torture_parse_result(p.v[0].output, &d) && !code)
		code = EX_UNTESTED;
	d.bad = code != EX_SAME;
	log_boot(path, o, seed, &d, now_seconds() - start, code);
	if (code)
		programs_report(&p, o->run.kernel->name, o->tap);
	torture_add(sum, &d);
	fprintf(stderr, "torture: %lu of %lu operations, %lu of %lu lives, %u of %u and %u of %u pairs, %.0f s, %s\n",
		sum->ops, o->ops, sum->lives, o->lives, torture_pairs_seen(sum, 0),
		torture_pairs_wanted(sum, 0), torture_pairs_seen(sum, 1),
		torture_pairs_wanted(sum, 1), now_seconds() - start, verdict_word(code));
	programs_free(&p);
	return code;
}

static int run_all(struct options *o)
{
	struct torture_log log = { .key = o->run.kernel->key, .cpus = o->run.cpus };
	struct torture_done sum;
	char *path = top_path(LOG_NAME), *dir = top_path("traces/soak");
	int code = EX_SAME;

	make_dirs(dir);
	free(dir);
	prooflog_read(path, TORTURE_FIELDS, torture_log_line, &log);
	sum = log.sum;
	printf("torture: the log has %u boots of this kernel on %u CPUs: %lu operations, %lu lives\n",
	       sum.boots, o->run.cpus, sum.ops, sum.lives);
	/* pairs that do not show in twice the work do not show by chance */
	while (!code && (sum.ops < o->ops || sum.lives < o->lives ||
			 (!torture_all_pairs(&sum) && sum.ops < 2 * o->ops)))
		code = run_chunk(o, path, &sum);
	free(path);
	if (code == EX_INTERRUPTED)
		return code;
	if (sum.bad)
		code = verdict_worse(code, EX_DIFFERS);
	if (!torture_all_pairs(&sum))
		code = verdict_worse(code, EX_UNTESTED);
	printf("torture: %s: %lu operations, %lu lives, %lu callbacks in %u boots, %u of them bad; pairs on a thread %u of %u, on an engine %u of %u\n",
	       verdict_word(code), sum.ops, sum.lives, sum.callbacks, sum.boots, sum.bad,
	       torture_pairs_seen(&sum, 0), torture_pairs_wanted(&sum, 0),
	       torture_pairs_seen(&sum, 1), torture_pairs_wanted(&sum, 1));
	return code;
}

int cmd_torture(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Torture utrace: random operations on random engines of random threads, every promise of "
		"the interface checked, bounded by the work done.  Can be interrupted and goes on where it "
		"was; the log is " LOG_NAME ".",
		NULL, NULL, NULL
	};
	struct options o = {
		.flavour = "",
		.run = { .cpus = 4, .seed = 1 },
	};
	struct kernel k;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	lock_checkout();
	code = o.kernel ? find_kernel(o.kernel, &k) : programs_kernel(o.flavour, &k);
	if (code)
		return code;
	o.run.kernel = &k;
	code = o.quick || o.bugs ? run_unlogged(&o) : run_all(&o);
	free_kernel(&k);
	return code;
}
