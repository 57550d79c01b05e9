/* results.h - what a run produced, between the runner (run.c) and comparison and reports. */
#ifndef HARNESS_RESULTS_H
#define HARNESS_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One case after expansion, in the order of the scenario files. */
struct tcase {
	char *family;		/* "detach" */
	char *scenario;		/* "detach/from-signal-stop" */
	char *name;		/* "detach/from-signal-stop[how=attach,sig=none]" (no [] without params) */
	char *title;
	char *file;		/* path of the .scn relative to the checkout */
	char *ids, *tags;	/* space separated */
	bool racy;
	unsigned int cpus;	/* 0 any */
	size_t nparams;
	struct { char *name, *value; } *params;	/* and fixed axis lines, .value */
	size_t nescapes;	/* native and call verbs used */
	void *blob;		/* struct form_case */
	size_t bloblen;
	char *text;		/* the scenario expanded, for `show` */
};

struct impossible {		/* a cell that cannot exist */
	char *scenario;		/* or family when it comes from AXES */
	char *cell;		/* "a=x,b=y" */
	char *reason;
};

struct axis { char *family, *name; size_t nvalues; char **values; };

struct suite {
	size_t ncases;
	struct tcase *cases;
	size_t nimpossible;
	struct impossible *impossible;
	size_t naxes;
	struct axis *axes;
};

/*
 * compat-tests/lang: load every scenario under @dir whose name fits the glob
 * @only (NULL: all).  On a wrong file prints "file:line:column: message, expected ..." to
 * stderr for each error and returns -1.  @only is matched against scenario and
 * case names, and may be several globs with commas; see glob.h.  A directory
 * that is there and cannot be read ends the program with EX_SYSTEM.
 */
int suite_load(const char *dir, const char *only, struct suite *out);
/* The first glob of @only that fits no case, its scenario or family, to be freed; NULL: each fits one. */
char *suite_unfit(const struct suite *s, const char *only);
void suite_free(struct suite *s);

/* One distinct outcome of a case on one arm. */
struct outcome {
	char hash[17];		/* first 16 hex digits of SHA-256 of the text */
	char *text;		/* trace text, as in wire.h */
	unsigned int count;	/* repeats that showed it */
	unsigned int boots;	/* boots that showed it */
	uint64_t seed;		/* of the first boot that showed it, with its mode and repeat, to replay */
	unsigned int repeat;
	bool icount;
};

enum incident_kind {
	INC_SPLAT,		/* kernel warning, lockdep, KASAN ... ; .text is the report */
	INC_PANIC,
	INC_STUCK,		/* no progress, ended by us */
	INC_NO_BOOT,		/* no HELLO */
	INC_QEMU_DIED,
	INC_CHANNEL,		/* corrupt or truncated result channel */
	INC_GUEST_ERROR,	/* FRAME_ERROR: setup failed or interpreter crashed */
	INC_NOT_RUN,		/* a case lost twice, given up */
};

struct incident {
	enum incident_kind kind;
	size_t icase;		/* index into suite.cases, SIZE_MAX: none */
	char *text;		/* console tail, dump, report */
	char *log;		/* path of the kept console file */
	bool retried;		/* the case was run again in a fresh boot and completed */
};

struct case_result {
	size_t noutcomes;
	struct outcome *outcomes;	/* most frequent first, then by hash */
	unsigned int repeats;		/* completed */
	unsigned int boots;		/* boots that completed at least one of them; 0: not counted */
	double guest_seconds;
};

struct arm {
	char *name;		/* "stock", "utrace", or the user's name for a bzImage */
	char *kernel;		/* path of the bzImage */
	char *release;		/* uname -r -v as the guest said */
	char *append;		/* added to the kernel command line, or NULL */
	struct case_result *results;	/* parallel to suite.cases */
	size_t nincidents;
	struct incident *incidents;
	size_t nseeds;
	uint64_t *seeds;	/* of every boot of this arm */
	size_t nboots, nlost;
	/* host seconds, summed over boots that may have run side by side */
	double boot_seconds, exact_seconds, racy_seconds;
	bool kvm;		/* the boots with several CPUs used KVM, else TCG */
};

enum { MODE_ICOUNT = 1, MODE_SMP = 2 };

struct run_options {
	const char *only;
	unsigned int exact_repeats;	/* default 3 */
	unsigned int racy_repeats;	/* default 100 */
	unsigned int boots;		/* split repeats over at least so many boots; 0 default */
	unsigned int cpus;		/* at least so many for all repeats of cases that do not need one; 0 as planned */
	unsigned int jobs;		/* VMs at once, default 2 */
	uint64_t seed;			/* 0: drawn, see new_run_seed(); every arm draws its own from it */
	bool same_seeds;		/* only for tests */
	const char *run_dir;		/* traces/runs/<id> */
	bool progress;
	bool laggards;			/* one role of each case lags, in turn: JOB_LAG */
	unsigned int debug_scale;	/* time limits times this, for debug kernels */
	/*
	 * Asked of each racy case when two arms are through: do their outcomes so
	 * far leave open whether they differ, so that more repeats are wanted?
	 * NULL: never.
	 */
	bool (*doubtful)(const struct suite *s, const struct arm *arms, size_t icase, void *arg);
	void *doubtful_arg;
};

/*
 * Run all cases on all arms; fills everything in struct arm but .name, .kernel
 * and .append.  Returns 0; EX_INTERRUPTED, or EX_SYSTEM when the disk is full
 * (said on stderr), with what was complete kept.
 */
int run_arms(const struct suite *s, struct arm *arms, size_t narms,
	     const struct run_options *opt);
/* A seed for opt->seed, never 0: to be drawn by whoever wants to report it. */
uint64_t new_run_seed(void);

/*
 * Repeat one outcome: run case @c on arm->kernel with the seed, mode and repeat
 * number of a struct outcome.  With the record of boots that a run leaves in
 * RUN_DIR/ARM/boots.jsonl (@record; NULL: none) the whole boot is repeated up to
 * that repeat, which under icount gives the very same outcome; without one, or
 * when @all lacks a case of that boot, the case runs in a boot of its own, with
 * the same perturbation but not the same instants.  *exact tells which it was.
 * Returns 0 and the trace in *text (caller frees); EX_PANIC, EX_STUCK or
 * EX_UNTESTED, said on stderr, when no result came; EX_INTERRUPTED; EX_SYSTEM.
 */
int run_one(const struct suite *all, const struct tcase *c, struct arm *arm, uint64_t seed,
	    int mode, unsigned int repeat, const struct run_options *opt, const char *record,
	    bool *exact, char **text);
void free_arm_results(struct arm *arm, size_t ncases);

#endif
