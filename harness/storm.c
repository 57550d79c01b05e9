/* storm.c - `ptbed storm': random ptrace requests of many tracers until enough were made, in shards. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "guest.h"
#include "job.h"
#include "lock.h"
#include "options.h"
#include "programs.h"
#include "prooflog.h"
#include "report.h"
#include "storm_log.h"
#include "util.h"

/*
 * The bound is work, not time.  A shard is a boot with a seed of its own and a
 * line of the log, which is committed.  Lines of the present kernel, program
 * and number of CPUs count as done, so an interrupted run goes on where it was.
 */
#define LOG_NAME "traces/soak/storm.log"
#define PROGRAM		"ptrace-storm"
#define REQUESTS	1000000
#define SHARD		100000
#define SHARD_SECONDS	1200
#define QUICK		20000
/* With less the program's bound for leaks would find none of one in 1000 requests. */
#define LEAST		10000

/* Bugs made on purpose, by the arguments of the program. */
static const struct {
	const char *name, *arguments;
	unsigned int seconds;
} bugs[] = {
	{ "process", "requests=1000 stall=5 bug=process", 240 },
	{ "stall", "stall=5 bug=stall", 240 },
	{ "pids", "requests=10000 bug=pids", 300 },
};

struct options {
	const char *kernel;
	struct programs_options run;
	unsigned long requests, shard;
	bool tap, quick;
};

enum { OPT_KERNEL = 0x100, OPT_CPUS, OPT_SEED, OPT_REQUESTS, OPT_SHARD, OPT_TAP, OPT_QUICK };

static const struct argp_option argp_options[] = {
	{ "requests", OPT_REQUESTS, "N", 0, "in all, those in the log included (1000000); with --quick of the one shard (20000)", 0 },
	{ "shard", OPT_SHARD, "N", 0, "requests of one boot (100000)", 0 },
	{ "kernel", OPT_KERNEL, "NAME|FILE", 0, "to be tested (utrace-debug)", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "virtual CPUs (4)", 0 },
	{ "seed", OPT_SEED, "N", 0, "to begin with, with --quick of the one shard (1)", 0 },
	{ "quick", OPT_QUICK, NULL, 0, "one shard and the bugs made on purpose; nothing is logged", 0 },
	{ "tap", OPT_TAP, NULL, 0, "print TAP", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_KERNEL:
		o->kernel = arg;
		return 0;
	case OPT_CPUS:
		o->run.cpus = option_number(state, arg, "--cpus", 1, 8);
		return 0;
	case OPT_SEED:
		o->run.seed = option_number(state, arg, "--seed", 1, UINT32_MAX);
		return 0;
	case OPT_REQUESTS:
		o->requests = option_number(state, arg, "--requests", 1, 1ul << 40);
		return 0;
	case OPT_SHARD:
		o->shard = option_number(state, arg, "--shard", LEAST, 1ul << 40);
		return 0;
	case OPT_TAP:
		o->tap = true;
		return 0;
	case OPT_QUICK:
		o->quick = true;
		return 0;
	case ARGP_KEY_END:
		if (!o->requests)
			o->requests = o->quick ? QUICK : REQUESTS;
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

static void add_run(struct programs *p, unsigned long requests, uint64_t seed)
{
	/* as many again for each further SHARD requests */
	unsigned int seconds = SHARD_SECONDS * ((requests + SHARD - 1) / SHARD);
	char *args = xasprintf("requests=%lu seed=%llu", requests, (unsigned long long)seed);

	programs_add(p, "storm", PROGRAM, args, seconds);
	free(args);
}

/* A short shard and the bugs. */
static int run_quick(struct options *o)
{
	struct programs p = { 0 };
	int code;

	add_run(&p, o->requests, o->run.seed);
	for (size_t i = 0; i < sizeof(bugs) / sizeof(bugs[0]); i++)
		programs_add(&p, bugs[i].name, PROGRAM, bugs[i].arguments, bugs[i].seconds);
	code = programs_run(&p, &o->run);
	if (code != EX_INTERRUPTED)
		programs_report(&p, o->run.kernel->name, o->tap);
	programs_free(&p);
	return code;
}

/* 64 hex digits over a file; caller frees. */
static char *file_key(const char *path)
{
	char hex[65], *text;
	size_t len;

	text = read_file(path, &len);
	if (!text)
		fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
	sha256_hex(text, len, hex);
	free(text);
	return xstrdup(hex);
}

/* One shard of what is left to do. */
static int run_shard(struct options *o, const char *path, struct storm_log *log)
{
	struct storm_shard s = {
		.kernel = kernel_short_name(o->run.kernel), .key = log->key,
		.program = log->program, .cpus = log->cpus,
		.seed = mix64(o->run.seed, log->shards) & 0x7fffffff,
	};
	unsigned long left = o->requests - log->requests, requests;
	struct programs p = { 0 };
	struct buf b = { 0 };
	int code;

	requests = left < LEAST ? LEAST : left < o->shard ? left : o->shard;
	add_run(&p, requests, s.seed);
	code = programs_run(&p, &o->run);
	if (code == EX_INTERRUPTED) {
		programs_free(&p);
		return code;
	}
	if (!storm_parse_result(p.v[0].output, &s.requests) && !code)
		code = EX_UNTESTED;
	s.seconds = p.v[0].took;
	s.verdict = verdict_word(code);
	storm_log_print(&b, prooflog_time(), &s);
	prooflog_append(path, STORM_LOG_HEAD, b.s);
	buf_free(&b);
	if (code) {
		programs_report(&p, o->run.kernel->name, o->tap);
		fprintf(stderr, "storm: again: ptbed storm --quick --kernel=%s --cpus=%u --seed=%llu --requests=%lu\n",
			o->kernel, o->run.cpus, (unsigned long long)s.seed, requests);
	}
	programs_free(&p);
	log->requests += s.requests;
	log->shards++;
	log->bad += code != EX_SAME;
	fprintf(stderr, "storm: %lu of %lu requests, seed %llu, %.0f s, %s\n", log->requests,
		o->requests, (unsigned long long)s.seed, s.seconds, s.verdict);
	return code;
}

static int run_all(struct options *o)
{
	char *path = top_path(LOG_NAME), *dir = top_path("traces/soak");
	char *program = top_path("build/guest/engines/" PROGRAM), *program_key = file_key(program);
	/* a kernel that is a file and not in the store has no key of its own */
	char *key = o->run.kernel->key ? xstrdup(o->run.kernel->key) : file_key(o->run.kernel->bzimage);
	struct storm_log log = { .key = key, .program = program_key, .cpus = o->run.cpus };
	int code = EX_SAME;

	make_dirs(dir);
	prooflog_read(path, STORM_FIELDS, storm_log_line, &log);
	printf("storm: the log has %u shards of %s on %u CPUs: %lu requests\n", log.shards,
	       o->run.kernel->name, o->run.cpus, log.requests);
	while (!code && log.requests < o->requests)
		code = run_shard(o, path, &log);
	if (log.bad && code != EX_INTERRUPTED)
		code = verdict_worse(code, EX_DIFFERS);
	if (code != EX_INTERRUPTED)
		printf("storm: %s: %lu requests in %u shards, %u of them bad\n", verdict_word(code),
		       log.requests, log.shards, log.bad);
	free(key);
	free(program);
	free(program_key);
	free(path);
	free(dir);
	return code;
}

int cmd_storm(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"A storm of ptrace requests: many tracers and tracees, random requests, signals, kills, "
		"execs and exits; afterwards the kernel has reported nothing and nothing is left of it.  "
		"Can be interrupted and goes on where it was; the log is " LOG_NAME ".",
		NULL, NULL, NULL
	};
	struct options o = {
		.kernel = "utrace-debug", .shard = SHARD,
		.run = { .cpus = 4, .seed = 1, .what = "storm" },
	};
	struct kernel k;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	lock_checkout();
	code = find_kernel(o.kernel, &k);
	if (code)
		return code;
	o.run.kernel = &k;
	code = o.quick ? run_quick(&o) : run_all(&o);
	free_kernel(&k);
	return code;
}
