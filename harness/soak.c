/* soak.c - `ptbed soak`: stock against stock with different schedules, many full runs; nothing may differ. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "kernels.h"
#include "options.h"
#include "prooflog.h"
#include "proofkey.h"
#include "session.h"
#include "soak_log.h"
#include "util.h"

/* Two busy loops beside two virtual machines take half of a host of two cores. */
#define LOADED_PERCENT 33

struct options {
	unsigned int runs;
	struct session_options s;
};

enum { OPT_RUNS = 0x100, OPT_REPEATS };

static const struct argp_option argp_options[] = {
	{ "runs", OPT_RUNS, "N", 0, "runs in all, those in the log included (20)", 0 },
	{ "repeats", OPT_REPEATS, "EXACT[,RACY]", 0,
	  "repeats of each case in each run and arm (3,100); racy ones are never counted as "
	  "different", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_RUNS:
		o->runs = option_number(state, arg, "--runs", 1, 100000);
		return 0;
	case OPT_REPEATS:
		option_repeats(state, arg, &o->s.run);
		return 0;
	default:
		return option_no_argument(key, arg, state);
	}
}

/* Seconds of CPU that all of the host had, and that it used. */
static void host_cpu(double *all, double *used)
{
	unsigned long long v[8] = { 0 };
	char *text = read_file("/proc/stat", NULL);

	*all = *used = 0;
	if (text && sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1],
			   &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) == 8) {
		for (int i = 0; i < 8; i++) {
			*all += v[i];
			/* idle and waiting for I/O */
			if (i != 3 && i != 4)
				*used += v[i];
		}
		*all /= sysconf(_SC_CLK_TCK);
		*used /= sysconf(_SC_CLK_TCK);
	}
	free(text);
}

/* Seconds of CPU of our virtual machines so far. */
static double our_cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return u.ru_utime.tv_sec + u.ru_stime.tv_sec +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

struct host_mark {
	double all, used, ours;
};

static struct host_mark host_mark(void)
{
	struct host_mark m;

	host_cpu(&m.all, &m.used);
	m.ours = our_cpu();
	return m;
}

/* Percent of the host's CPUs that others had since @m. */
static unsigned int others_since(const struct host_mark *m)
{
	struct host_mark now = host_mark();
	double all = now.all - m->all, others = now.used - m->used - (now.ours - m->ours);

	return all > 0 && others > 0 ? (unsigned int)(others * 100 / all) : 0;
}

/* Busy loops, one for each core and two at least. */
struct load {
	pid_t *loops;
	long n;
};

/* They end by stop_load() or our death. */
static struct load start_load(void)
{
	struct load l = { .n = sysconf(_SC_NPROCESSORS_ONLN) };

	if (l.n < 2)
		l.n = 2;
	l.loops = xcalloc((size_t)l.n, sizeof(*l.loops));
	for (long i = 0; i < l.n; i++) {
		l.loops[i] = fork();
		if (l.loops[i] < 0)
			fatal(EX_SYSTEM, "fork: %s", strerror(errno));
		if (!l.loops[i]) {
			volatile unsigned long n = 0;

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			signal(SIGINT, SIG_DFL);
			signal(SIGTERM, SIG_DFL);
			for (;;)
				n++;
		}
	}
	return l;
}

static void stop_load(struct load *l)
{
	for (long i = 0; i < l->n; i++) {
		kill(l->loops[i], SIGKILL);
		waitpid(l->loops[i], NULL, 0);
	}
	free(l->loops);
	*l = (struct load){ 0 };
}

/* One run on @arms; its line goes to the log.  Returns the verdict's exit code. */
static int run_once(struct options *o, const struct kernel *k, const char *guest, bool loaded)
{
	struct arm arms[2] = { { .name = "S" }, { .name = "S2" } };
	double start = now_seconds();
	struct host_mark mark = host_mark();
	char *started = xstrdup(prooflog_time()), *path = top_path(SOAK_LOG_NAME), *culprits, suite[PROOFKEY];
	struct buf line = { 0 };
	struct load load = { 0 };
	unsigned int others;
	int code;

	for (int i = 0; i < 2; i++)
		arms[i].kernel = xstrdup(k->bzimage);
	o->s.run.seed = 0;
	o->s.report.make_target = "soak";
	if (loaded)
		load = start_load();
	code = session_run(&o->s, arms, 2);
	others = others_since(&mark);
	stop_load(&load);
	loaded = loaded || others >= LOADED_PERCENT;
	/* Of a host that fails nothing is learnt. */
	if (code < EX_USAGE) {
		soak_list_write(&o->s.suite, suite);
		buf_printf(&line, "%s\t%s\t%s\t%s\t%s %u%%\t%zu\t%u,%u\t", started,
			   k->source_version, guest, suite,
			   loaded ? "loaded" : "idle", others,
			   o->s.suite.ncases, o->s.run.exact_repeats, o->s.run.racy_repeats);
		for (int i = 0; i < 2; i++)
			for (size_t j = 0; j < arms[i].nseeds; j++)
				buf_printf(&line, "%s%llx", i + j ? (j ? "," : "/") : "",
					   (unsigned long long)arms[i].seeds[j]);
		buf_printf(&line, "\t%.0f\t%zu", now_seconds() - start,
			   session_differences(&o->s, arms, &culprits));
		buf_printf(&line, "\t%s%s%s\n", verdict_word(code), code && culprits ? " " : "",
			   code && culprits ? culprits : "");
		free(culprits);
		prooflog_append(path, SOAK_LOG_HEAD, line.s);
		buf_free(&line);
	}
	session_clear(&o->s, arms, 2);
	free(started);
	free(path);
	return code;
}

/*
 * What the log says of all scenarios as they are now.  Returns those that are to
 * be run, NULL: none; and in *@load whether the host may be loaded for them.
 */
static char *look(const struct suite *whole, const struct kernel *k, const char *guest,
		  unsigned int runs, bool *load, int *verdict)
{
	struct soak_log log = { 0 };
	const struct soaked *least;
	size_t done = 0, bad = 0, half = 0;
	char *due;

	soak_log_read(&log, whole, k->source_version, guest);
	for (size_t i = 0; i < log.n; i++) {
		done += log.scenarios[i].n >= runs;
		bad += log.scenarios[i].bad != 0;
		half += log.scenarios[i].loaded >= runs / 2;
	}
	printf("soak: %zu of %zu scenarios have %u runs with %s, guest %s; %zu have half of them on a loaded host, %zu were not the same in one\n",
	       done, log.n, runs, k->source_version, guest, half, bad);
	fflush(stdout);
	*verdict = bad ? EX_DIFFERS : EX_SAME;
	least = soak_log_least(&log, runs);
	*load = least && least->loaded < runs / 2 &&
		(least->n >= runs || least->loaded <= least->n / 2);
	due = soak_log_due(&log, runs);
	soak_log_free(&log);
	if (!due || done)
		return due;
	/* Every one: no list. */
	free(due);
	return xstrdup("");
}

int cmd_soak(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse, NULL,
		"Run every scenario on the stock kernel twice, with schedules of each arm's own, "
		"again and again, half of the runs on a loaded host: with a busy loop for each core, "
		"two at least. No exact case may differ. Can be interrupted and "
		"goes on where it was; scenarios that are as they were when they had their runs "
		"are not run again. The log is " SOAK_LOG_NAME ".",
		NULL, NULL, NULL
	};
	struct options o = { .runs = 20, .s = SESSION_DEFAULTS };
	char guest[PROOFKEY], *dir, *due;
	struct suite whole;
	struct kernel k;
	bool load;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	/* It is about exact cases. */
	o.s.settle = false;
	session_begin(&o.s);
	whole = o.s.suite;
	code = ensure_kernel("stock", &k);
	if (code)
		return code;
	guest_key(guest);
	dir = top_path("traces/soak");
	make_dirs(dir);
	free(dir);
	while ((due = look(&whole, &k, guest, o.runs, &load, &code))) {
		o.s.run.only = due;
		session_begin(&o.s);
		code = run_once(&o, &k, guest, load);
		suite_free(&o.s.suite);
		free(due);
		if (interrupted)
			code = EX_INTERRUPTED;
		if (code >= EX_USAGE)
			break;
	}
	suite_free(&whole);
	free_kernel(&k);
	return code;
}
