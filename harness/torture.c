/* torture.c - `ptbed torture': random engine operations on random threads until enough work is done. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "guest.h"
#include "job.h"
#include "lock.h"
#include "programs.h"
#include "report.h"
#include "util.h"

/*
 * The bound is work, not time: operations, lives of threads, and every ordered
 * pair of operations.  It is done in boots of CHUNK_OPS operations, each a
 * line of the log, which is committed: kernel, seed, what was done, verdict.
 * Lines of the present kernel count as done, so an interrupted run goes on
 * where it was.
 */
#define LOG_NAME "traces/soak/torture.log"
#define LOG_HEAD "# time\tkernel\tflavour\tcpus\tseed\tops\tlives\tcallbacks\tthread-pairs\tengine-pairs\tseconds\tverdict\n"
#define OPS		1000000
#define LIVES		100000
#define CHUNK_OPS	100000
#define CHUNK_SECONDS	1200
#define QUICK_OPS	20000
#define QUICK_LIVES	1000
#define BUG_OPS		60000
#define BUG_SECONDS	240
/* Rows of a matrix of pairs: operations of kernel/utrace/torture.h. */
#define MAX_ROWS	32

static const char *const bugs[] = { "lost_wakeup", "missed_stop", "early_barrier", "reap_twice" };

struct options {
	const char *flavour, *kernel;
	struct programs_options run;
	unsigned long ops, lives;
	bool tap, quick, bugs;
};

/* What was done, in one boot or in all. */
struct done {
	unsigned long ops, lives, callbacks;
	size_t rows[2];				/* threads, engines */
	unsigned long want[2][MAX_ROWS];	/* pairs that can be */
	unsigned long seen[2][MAX_ROWS];
	unsigned int boots, bad;
};

enum { OPT_FLAVOUR = 0x100, OPT_CPUS, OPT_SEED, OPT_OPS, OPT_LIVES, OPT_TAP, OPT_QUICK, OPT_BUGS, OPT_KERNEL };

static const struct argp_option argp_options[] = {
	{ "ops", OPT_OPS, "N", 0, "operations in all, those in the log included (1000000)", 0 },
	{ "lives", OPT_LIVES, "N", 0, "the same for threads that lived and died (100000)", 0 },
	{ "flavour", OPT_FLAVOUR, "plain|debug", 0, "of the kernel (plain)", 0 },
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
		o->flavour = arg;
		if (!programs_flavour_ok(arg))
			argp_error(state, "unknown flavour '%s'; expected plain or debug", arg);
		return 0;
	case OPT_KERNEL:
		o->kernel = arg;
		return 0;
	case OPT_CPUS:
		o->run.cpus = programs_number(state, "cpus", arg, 8);
		return 0;
	case OPT_SEED:
		o->run.seed = programs_number(state, "seed", arg, UINT32_MAX);
		return 0;
	case OPT_OPS:
		o->ops = programs_number(state, "ops", arg, 1ul << 40);
		return 0;
	case OPT_LIVES:
		o->lives = programs_number(state, "lives", arg, 1ul << 40);
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
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* "seen/possible:row,row,..." of a log line or a guest; rows are "seen/possible" in hex. */
static bool parse_pairs(const char *text, struct done *d, int which)
{
	size_t n = 0;

	while (n < MAX_ROWS) {
		char *end;
		unsigned long seen = strtoul(text, &end, 16), want;

		if (end == text || *end != '/')
			return false;
		text = end + 1;
		want = strtoul(text, &end, 16);
		if (end == text)
			return false;
		d->seen[which][n] |= seen;
		d->want[which][n++] |= want;
		if (*end != ',')
			break;
		text = end + 1;
	}
	d->rows[which] = n;
	return true;
}

static void print_pairs(struct buf *b, const struct done *d, int which)
{
	for (size_t i = 0; i < d->rows[which]; i++)
		buf_printf(b, "%s%lx/%lx", i ? "," : "", d->seen[which][i], d->want[which][i]);
	if (!d->rows[which])
		buf_puts(b, "-");
}

static unsigned int count(const unsigned long *words, const unsigned long *mask, size_t n)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < n; i++)
		bits += __builtin_popcountl(words[i] & mask[i]);
	return bits;
}

static unsigned int pairs_seen(const struct done *d, int which)
{
	return count(d->seen[which], d->want[which], d->rows[which]);
}

static unsigned int pairs_wanted(const struct done *d, int which)
{
	return count(d->want[which], d->want[which], d->rows[which]);
}

static bool all_pairs(const struct done *d)
{
	return d->rows[0] && d->rows[1] && pairs_seen(d, 0) == pairs_wanted(d, 0) &&
	       pairs_seen(d, 1) == pairs_wanted(d, 1);
}

static void add_done(struct done *sum, const struct done *d)
{
	sum->ops += d->ops;
	sum->lives += d->lives;
	sum->callbacks += d->callbacks;
	for (int w = 0; w < 2; w++) {
		if (d->rows[w])
			sum->rows[w] = d->rows[w];
		for (size_t i = 0; i < MAX_ROWS; i++) {
			sum->seen[w][i] |= d->seen[w][i];
			sum->want[w][i] |= d->want[w][i];
		}
	}
	sum->boots += d->boots;
	sum->bad += d->bad;
}

/* The line "# torture ops=N lives=N callbacks=N thread=PAIRS engine=PAIRS" a guest prints last. */
static bool parse_result(const char *output, struct done *d)
{
	const char *p = output ? strstr(output, "# torture ops=") : NULL, *t, *e;

	if (!p || sscanf(p, "# torture ops=%lu lives=%lu callbacks=%lu", &d->ops, &d->lives,
			 &d->callbacks) != 3)
		return false;
	t = strstr(p, " thread=");
	e = strstr(p, " engine=");
	return t && e && parse_pairs(t + 8, d, 0) && parse_pairs(e + 8, d, 1);
}

/* What the log says of this kernel; lines whose verdict is not SAME count, and are bad. */
static void read_log(const char *path, const struct kernel *k, unsigned int cpus, struct done *sum)
{
	char *text = read_file(path, NULL), *line, *next;

	for (line = text; line; line = next) {
		char key[80], thread[1024], engine[1024], verdict[32];
		struct done d = { .boots = 1 };
		unsigned int with;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (*line == '#' ||
		    sscanf(line, "%*s %79s %*s %u %*s %lu %lu %lu %1023s %1023s %*s %31s", key,
			   &with, &d.ops, &d.lives, &d.callbacks, thread, engine, verdict) != 8)
			continue;
		if (strncmp(k->key, key, strlen(key)) || with != cpus)
			continue;
		parse_pairs(thread, &d, 0);
		parse_pairs(engine, &d, 1);
		d.bad = strcmp(verdict, "SAME") != 0;
		add_done(sum, &d);
	}
	free(text);
}

static void append(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	size_t len = strlen(line);

	if (fd < 0 || write(fd, line, len) != (ssize_t)len || fsync(fd) || close(fd))
		fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
}

static void log_boot(const char *path, const struct options *o, uint64_t seed,
		     const struct done *d, double seconds, int code)
{
	struct buf b = { 0 };
	char when[32];
	time_t t = time(NULL);
	struct tm tm;

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	buf_printf(&b, "%s\t%.12s\t%s\t%u\t%llu\t%lu\t%lu\t%lu\t", when, o->run.kernel->key,
		   o->flavour, o->run.cpus, (unsigned long long)seed, d->ops, d->lives,
		   d->callbacks);
	print_pairs(&b, d, 0);
	buf_puts(&b, "\t");
	print_pairs(&b, d, 1);
	buf_printf(&b, "\t%.0f\t%s\n", seconds, verdict_word(code));
	if (!file_exists(path))
		append(path, LOG_HEAD);
	append(path, b.s);
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
static int run_chunk(struct options *o, const char *path, struct done *sum)
{
	uint64_t seed = mix64(o->run.seed, sum->boots) & 0x7fffffff;
	unsigned long ops = CHUNK_OPS, lives;
	struct programs p = { 0 };
	struct done d = { .boots = 1 };
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
	if (!parse_result(p.v[0].output, &d) && !code)
		code = EX_UNTESTED;
	d.bad = code != EX_SAME;
	log_boot(path, o, seed, &d, now_seconds() - start, code);
	if (code)
		programs_report(&p, o->run.kernel->name, o->tap);
	add_done(sum, &d);
	fprintf(stderr, "torture: %lu of %lu operations, %lu of %lu lives, %u of %u and %u of %u pairs, %.0f s, %s\n",
		sum->ops, o->ops, sum->lives, o->lives, pairs_seen(sum, 0), pairs_wanted(sum, 0),
		pairs_seen(sum, 1), pairs_wanted(sum, 1), now_seconds() - start,
		verdict_word(code));
	programs_free(&p);
	return code;
}

static int run_all(struct options *o)
{
	struct done sum = { 0 };
	char *path = top_path(LOG_NAME), *dir = top_path("traces/soak");
	int code = EX_SAME;

	make_dirs(dir);
	free(dir);
	read_log(path, o->run.kernel, o->run.cpus, &sum);
	printf("torture: the log has %u boots of this kernel on %u CPUs: %lu operations, %lu lives\n",
	       sum.boots, o->run.cpus, sum.ops, sum.lives);
	/* pairs that do not show in twice the work do not show by chance */
	while (!code && (sum.ops < o->ops || sum.lives < o->lives ||
			 (!all_pairs(&sum) && sum.ops < 2 * o->ops)))
		code = run_chunk(o, path, &sum);
	free(path);
	if (code == EX_INTERRUPTED)
		return code;
	if (sum.bad)
		code = verdict_worse(code, EX_DIFFERS);
	if (!all_pairs(&sum))
		code = verdict_worse(code, EX_UNTESTED);
	printf("torture: %s: %lu operations, %lu lives, %lu callbacks in %u boots, %u of them bad; pairs on a thread %u of %u, on an engine %u of %u\n",
	       verdict_word(code), sum.ops, sum.lives, sum.callbacks, sum.boots, sum.bad,
	       pairs_seen(&sum, 0), pairs_wanted(&sum, 0), pairs_seen(&sum, 1),
	       pairs_wanted(&sum, 1));
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
		.flavour = "plain",
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
