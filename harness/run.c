/* run.c - runs all cases on all arms: one event loop over the boots that run side by side. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accel.h"
#include "compat-tests/form/wire.h"
#include "disk.h"
#include "image.h"
#include "job.h"
#include "lane.h"
#include "progress.h"
#include "record.h"
#include "results.h"
#include "splat.h"
#include "util.h"
#include "vm.h"

#define POLL_MS		40
/* Of a console, before the line with the panic: its registers and stacks. */
#define LINES_OF_PANIC	120

struct runner;

struct slot {
	bool used;
	struct runner *runner;
	struct vm vm;
	struct lane *lane;
	struct boot *boot;
};

struct runner {
	const struct suite *suite;
	const struct run_options *opt;
	struct lane *lanes;
	size_t nlanes;
	struct slot *slots;
	unsigned int njobs;
	char *base_image;
	char *work;
	uint32_t *ids;
	struct vm_limits lim;
	struct progress progress;
	double disk_looked;
	int code;		/* why the run ends early, 0: it does not */
};

static char *work_to_remove;

static void remove_work(void)
{
	if (work_to_remove)
		remove_tree(work_to_remove);
}

uint64_t new_run_seed(void)
{
	uint64_t seed = 0;

	/* short enough to be typed */
	while (!(seed &= 0xffffffff))
		if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
			fatal(EX_SYSTEM, "getrandom: %s", strerror(errno));
	return seed;
}

static void on_hello(struct vm *v, const char *text)
{
	struct slot *s = v->owner;
	struct arm *arm = s->lane->arm;
	const char *p = strstr(text, "release ");

	if (arm->release || !p || (p != text && p[-1] != '\n'))
		return;
	p += strlen("release ");
	arm->release = xstrndup(p, strcspn(p, "\n"));
}

static void on_result(struct vm *v, size_t item, uint32_t repeat, uint64_t took_ns,
		      const char *text, size_t len)
{
	struct slot *s = v->owner;

	if (s->lane->suite->cases[s->boot->items[item].icase].racy)
		v->racy_seconds += took_ns / 1e9;
	else
		v->exact_seconds += took_ns / 1e9;
	gather_result(&s->lane->gather, s->boot->items[item].icase, s->boot, repeat, took_ns,
		      text, len);
	s->lane->done++;
}

static void on_error(struct vm *v, size_t item, uint32_t repeat, const char *text)
{
	struct slot *s = v->owner;
	size_t icase = item == NO_ITEM ? SIZE_MAX : s->boot->items[item].icase;

	(void)repeat;
	gather_incident(&s->lane->gather, INC_GUEST_ERROR, icase, xstrdup(text));
}

/* End the run early because the host failed; what is complete stays. */
static void host_failed(struct runner *r, const char *what, int err)
{
	if (r->code)
		return;
	warn("%s: %s; ending the run, what was complete is kept", what, strerror(err));
	r->code = EX_SYSTEM;
}

/* What a boot says beside results is kept as it is, in order. */
static void keep_text(struct vm *v, const char *suffix, const char *text)
{
	struct slot *s = v->owner;
	char *path = xasprintf("%s/%s/boot-%u.%s", s->runner->opt->run_dir, s->lane->arm->name,
			       s->boot->number, suffix);

	if (!append_file(path, text))
		host_failed(s->runner, path, errno);
	free(path);
}

static void on_kmsg(struct vm *v, size_t item, const char *text)
{
	struct slot *s = v->owner;

	keep_text(v, "kmsg", text);
	gather_splat(&s->lane->gather, item == NO_ITEM ? SIZE_MAX : s->boot->items[item].icase,
		     text);
}

static void on_note(struct vm *v, const char *text)
{
	keep_text(v, "notes", text);
}

static const struct vm_ops ops = {
	.hello = on_hello, .result = on_result, .kmsg = on_kmsg, .error = on_error,
	.note = on_note,
};

static void look_at_disk(struct runner *r)
{
	if (now_seconds() - r->disk_looked < 0.5)
		return;
	r->disk_looked = now_seconds();
	if (disk_is_full(r->work))
		host_failed(r, r->opt->run_dir, ENOSPC);
}

static struct lane *pick_lane(struct runner *r)
{
	struct lane *best = NULL;
	size_t i;

	for (i = 0; i < r->nlanes; i++) {
		struct lane *l = &r->lanes[i];

		if (lane_ready(l) &&
		    (!best || l->running < best->running ||
		     (l->running == best->running && l->arm->nboots < best->arm->nboots)))
			best = l;
	}
	return best;
}

/*
 * A guest with several CPUs beside another such wants more CPUs than there
 * are, and a CPU of it that waits for one the host has taken away burns time.
 * So one such guest runs at a time, as early as can be.
 */
static bool several_cpus_run(const struct runner *r)
{
	size_t i;

	for (i = 0; i < r->njobs; i++)
		if (r->slots[i].used && r->slots[i].boot->mode == MODE_SMP)
			return true;
	return false;
}

static bool start_boot(struct runner *r, struct slot *s)
{
	struct boot *b = NULL;
	struct vm_setup setup;
	struct lane *l;
	char name[64];

	while (!b) {
		l = pick_lane(r);
		if (!l)
			return false;
		b = lane_next(l, several_cpus_run(r));
	}
	snprintf(name, sizeof(name), "%zu-%u", (size_t)(l - r->lanes), b->number);
	setup = (struct vm_setup){
		.kernel = l->arm->kernel, .append = l->arm->append,
		.base_image = r->base_image, .work = r->work, .name = name,
		.suite = r->suite, .ids = r->ids,
		.memory = vm_memory(r->opt->debug_scale),
		.job_flags = r->opt->laggards ? JOB_LAG : 0,
		.kvm = l->arm->kvm,
	};
	s->used = true;
	s->runner = r;
	s->lane = l;
	s->boot = b;
	if (vm_start(&s->vm, &setup, b, &ops, s)) {
		host_failed(r, s->vm.initrd_path, errno);
		vm_remove_files(&s->vm);
		vm_free(&s->vm);
		boot_free(b);
		s->used = false;
		return false;
	}
	record_boot(r->opt->run_dir, l->arm->name, r->suite, b);
	l->running++;
	l->arm->nboots++;
	l->arm->seeds = xrealloc(l->arm->seeds, (l->arm->nseeds + 1) * sizeof(*l->arm->seeds));
	l->arm->seeds[l->arm->nseeds++] = b->seed;
	return true;
}

/* The console of a boot with an incident stays, and that of the last one without. */
static char *keep_console(struct runner *r, struct slot *s)
{
	char *dir = xasprintf("%s/%s/console", r->opt->run_dir, s->lane->arm->name);
	char *path = s->vm.end == END_CLEAN ? xasprintf("%s/last.log", dir) :
		xasprintf("%s/boot-%u.log", dir, s->boot->number);
	FILE *f;

	make_dirs(dir);
	free(dir);
	f = fopen(path, "we");
	if (f) {
		fputs(s->vm.console.s, f);
		if (s->vm.dump)
			fprintf(f, "\n*** registers when no sign of life came:\n%s", s->vm.dump);
		if (s->vm.trouble.len)
			fprintf(f, "\n*** %s", s->vm.trouble.s);
	}
	if (!f || fclose(f)) {
		host_failed(r, path, errno);
		free(path);
		return NULL;
	}
	return path;
}

/* How the boot divides its host time: to HELLO, then by the guest time of its cases. */
static void add_times(struct arm *arm, const struct vm *v)
{
	double cases = v->exact_seconds + v->racy_seconds, after;

	if (!v->hello_at || !cases) {
		arm->boot_seconds += now_seconds() - v->started;
		return;
	}
	after = now_seconds() - v->hello_at;
	arm->boot_seconds += v->hello_at - v->started;
	arm->exact_seconds += after * v->exact_seconds / cases;
	arm->racy_seconds += after * v->racy_seconds / cases;
}

/*
 * How much of the console is to be searched for kernel reports: not what the
 * NMI makes a stuck guest print, nor the report that a panic ends, which is
 * kept as the panic, nor what a breakpoint of TCG's brings.
 */
static size_t console_to_search(const struct vm *v)
{
	const char *panic = v->end == END_PANIC ? panic_find(v->console.s) : NULL;
	const char *patched = vm_tcg_breakpoint(v);

	if (patched)
		return patched - v->console.s;
	if (v->dump)
		return v->console_dump;
	if (!panic)
		return v->console.len;
	return last_lines(v->console.s, panic - v->console.s, LINES_OF_PANIC) - v->console.s;
}

static void end_boot(struct runner *r, struct slot *s)
{
	char *log;

	if (s->vm.end != END_CLEAN) {
		/* lost data may mean a full disk: look before blaming the guest */
		r->disk_looked = 0;
		look_at_disk(r);
	}
	log = keep_console(r, s);
	add_times(s->lane->arm, &s->vm);
	/* one that ends before HELLO is made up for by another, but not what it reported */
	if (s->vm.console.len)
		gather_console(&s->lane->gather, s->vm.console.s, console_to_search(&s->vm));
	if (!r->code)
		lane_ended(s->lane, &s->vm, log);
	else
		s->lane->running--;
	free(log);
	vm_remove_files(&s->vm);
	vm_free(&s->vm);
	boot_free(s->boot);
	s->used = false;
}

static void wait_a_little(struct runner *r)
{
	struct pollfd p[2 * r->njobs];
	unsigned int i, n = 0;

	for (i = 0; i < r->njobs; i++) {
		struct slot *s = &r->slots[i];

		if (!s->used)
			continue;
		p[n++] = (struct pollfd){ .fd = s->vm.qemu.pidfd, .events = POLLIN };
		p[n++] = (struct pollfd){ .fd = s->vm.qemu.qmp.fd, .events = POLLIN };
	}
	poll(p, n, POLL_MS);
}

static void abort_all(struct runner *r)
{
	unsigned int i;

	for (i = 0; i < r->njobs; i++) {
		struct slot *s = &r->slots[i];

		if (!s->used)
			continue;
		vm_abort(&s->vm);
		if (s->vm.running != NO_ITEM)
			warn("%s: %s was running", s->lane->arm->name,
			     r->suite->cases[s->boot->items[s->vm.running].icase].name);
		vm_remove_files(&s->vm);
		vm_free(&s->vm);
		boot_free(s->boot);
		s->lane->running--;
		s->used = false;
	}
}

static void loop(struct runner *r)
{
	unsigned int i, used;

	do {
		used = 0;
		for (i = 0; i < r->njobs && !r->code && !interrupted; i++) {
			struct slot *s = &r->slots[i];

			if (s->used && vm_work(&s->vm, &r->lim))
				end_boot(r, s);
			if (!s->used && !r->code)
				start_boot(r, s);
			used += s->used;
		}
		look_at_disk(r);
		progress_show(&r->progress, r->lanes, r->nlanes);
		if (used && !r->code && !interrupted)
			wait_a_little(r);
	} while (used && !r->code && !interrupted);
	if (interrupted && !r->code)
		r->code = EX_INTERRUPTED;
	progress_end(&r->progress, r->lanes, r->nlanes);
	abort_all(r);
}

static void setup(struct runner *r, const struct suite *s, size_t narms,
		  const struct run_options *opt)
{
	memset(r, 0, sizeof(*r));
	r->suite = s;
	r->opt = opt;
	r->nlanes = narms;
	r->lanes = xcalloc(narms, sizeof(*r->lanes));
	r->njobs = opt->jobs ? opt->jobs : 2;
	r->slots = xcalloc(r->njobs, sizeof(*r->slots));
	r->work = xasprintf("%s/work", opt->run_dir);
	make_dirs(r->work);
	work_to_remove = r->work;
	r->base_image = image_keep(r->work);
	r->ids = xcalloc(s->ncases, sizeof(*r->ids));
	case_ids(s, r->ids);
	vm_limits(&r->lim, opt->debug_scale);
	progress_init(&r->progress, opt->progress);
}

static void start_arms(struct runner *r, struct arm *arms, uint64_t seed)
{
	static bool registered;
	bool kvm;
	size_t i;

	if (!registered)
		atexit(remove_work);
	registered = true;
	kvm = accel_kvm(arms[0].kernel, r->base_image, r->work);
	for (i = 0; i < r->nlanes; i++) {
		arms[i].kvm = kvm;
		lane_init(&r->lanes[i], r->suite, &arms[i], r->opt, arm_seed(r->opt, seed, i));
	}
}

static int finish(struct runner *r)
{
	size_t i;

	for (i = 0; i < r->nlanes; i++)
		lane_finish(&r->lanes[i]);
	remove_tree(r->work);
	work_to_remove = NULL;
	free(r->base_image);
	free(r->work);
	free(r->lanes);
	free(r->slots);
	free(r->ids);
	return r->code;
}

/*
 * Racy cases in which the arms may differ or not get more repeats, counted ones
 * and at least a fifth of that on several CPUs: what only those show is a small
 * part of what was planned.
 */
static bool more_of_doubtful(struct runner *r, const struct arm *arms)
{
	unsigned int n = r->opt->racy_repeats ? r->opt->racy_repeats : 100;
	unsigned int counted = n > 20 ? 2 * n : 40, several = n > 40 ? n / 2 : 20;
	size_t *cases = xcalloc(r->suite->ncases, sizeof(*cases)), ncases = 0, i;

	for (i = 0; r->opt->doubtful && r->nlanes == 2 && i < r->suite->ncases; i++)
		if (r->suite->cases[i].racy &&
		    r->opt->doubtful(r->suite, arms, i, r->opt->doubtful_arg))
			cases[ncases++] = i;
	for (i = 0; ncases && i < r->nlanes; i++)
		lane_more(&r->lanes[i], cases, ncases, counted, several);
	free(cases);
	return ncases;
}

int run_arms(const struct suite *s, struct arm *arms, size_t narms,
	     const struct run_options *opt)
{
	struct runner r;

	setup(&r, s, narms, opt);
	start_arms(&r, arms, opt->seed ? opt->seed : new_run_seed());
	loop(&r);
	if (!r.code && more_of_doubtful(&r, arms))
		loop(&r);
	return finish(&r);
}
