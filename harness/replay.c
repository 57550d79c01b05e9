/* replay.c - repeats one outcome: run_one(), and `ptbed replay'. */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "accel.h"
#include "commands.h"
#include "guest.h"
#include "image.h"
#include "job.h"
#include "kernels.h"
#include "record.h"
#include "results.h"
#include "session.h"
#include "util.h"
#include "vm.h"

/* The one result that is waited for. */
struct wanted {
	size_t item;
	uint32_t repeat;
	char *text;
};

static void on_result(struct vm *v, size_t item, uint32_t repeat, uint64_t took_ns,
		      const char *text, size_t len)
{
	struct wanted *w = v->owner;

	(void)took_ns;
	if (item == w->item && repeat == w->repeat && !w->text)
		w->text = xstrndup(text, len);
}

static void on_kmsg(struct vm *v, size_t item, const char *text)
{
	struct wanted *w = v->owner;

	if (item == w->item)
		warn("the kernel said:\n%s", text);
}

static void on_error(struct vm *v, size_t item, uint32_t repeat, const char *text)
{
	struct wanted *w = v->owner;

	if (item == NO_ITEM || (item == w->item && repeat == w->repeat))
		warn("the guest reports: %s", text);
}

static const struct vm_ops ops = { .result = on_result, .kmsg = on_kmsg, .error = on_error };

static int code_of(const struct vm *v)
{
	switch (v->end) {
	case END_PANIC: return EX_PANIC;
	case END_STUCK: return EX_STUCK;
	default: return EX_UNTESTED;
	}
}

static int run_boot(const struct vm_setup *setup, struct boot *b, const struct vm_limits *lim,
		    struct wanted *w)
{
	struct vm v;
	bool over = false;
	int code = 0;

	if (vm_start(&v, setup, b, &ops, w)) {
		warn("cannot write %s: %s", v.initrd_path, strerror(errno));
		vm_free(&v);
		return EX_SYSTEM;
	}
	while (!over && !w->text && !interrupted) {
		struct pollfd p = { .fd = v.qemu.pidfd, .events = POLLIN };

		poll(&p, 1, 50);
		over = vm_work(&v, lim);
	}
	if (!over)
		vm_abort(&v);
	if (interrupted) {
		code = EX_INTERRUPTED;
	} else if (!w->text) {
		code = code_of(&v);
		warn("the boot ended without this result: %s\n%s",
		     v.trouble.len ? v.trouble.s : "", vm_console(&v));
	}
	vm_remove_files(&v);
	vm_free(&v);
	return code;
}

static size_t item_with(const struct boot *b, size_t icase, unsigned int repeat)
{
	size_t i;

	for (i = 0; i < b->nitems; i++)
		if (b->items[i].icase == icase && repeat - b->items[i].first < b->items[i].repeats)
			return i;
	return NO_ITEM;
}

int run_one(const struct suite *all, const struct tcase *c, struct arm *arm, uint64_t seed,
	    int mode, unsigned int repeat, const struct run_options *opt, const char *record,
	    bool *exact, char **text)
{
	struct boot *b = record ? recorded_boot(record, all, seed, mode) : NULL;
	uint32_t *ids = xcalloc(all->ncases, sizeof(*ids));
	struct wanted w = { .repeat = repeat };
	size_t icase = c - all->cases;
	struct vm_limits lim;
	struct vm_setup setup = {
		.kernel = arm->kernel, .append = arm->append, .base_image = ensure_image(),
		.work = private_dir(), .name = "replay", .suite = all, .ids = ids,
		.memory = vm_memory(opt->debug_scale),
	};
	int code;

	case_ids(all, ids);
	vm_limits(&lim, opt->debug_scale);
	if (mode == MODE_SMP)
		setup.kvm = accel_kvm(arm->kernel, setup.base_image, setup.work);
	*exact = mode == MODE_ICOUNT && b && item_with(b, icase, repeat) != NO_ITEM;
	if (!*exact) {
		unsigned int cpus = mode == MODE_ICOUNT ? 1 : b ? b->cpus : several_cpus(c->cpus);

		boot_free(b);
		b = boot_new(mode, cpus, seed, 0);
		boot_add(b, icase, repeat, 1);
	}
	w.item = item_with(b, icase, repeat);
	code = run_boot(&setup, b, &lim, &w);
	boot_free(b);
	free(ids);
	*text = w.text;
	return code;
}

struct opts {
	struct guest_args guest;
	const char *name, *where, *run;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;

	switch (key) {
	case 'r':
		o->run = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 2)
			argp_error(state, "'%s' is too much, expected KERNEL CASE MODE:SEED:REPEAT", arg);
		if (!state->arg_num)
			break;
		*(state->arg_num == 1 ? &o->name : &o->where) = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->where)
			argp_error(state, "expected KERNEL CASE MODE:SEED:REPEAT");
		return 0;
	}
	return guest_parse(key, arg, state, &o->guest);
}

/* "icount:0x13a9:7" */
static bool parse_where(const char *s, int *mode, uint64_t *seed, unsigned int *repeat)
{
	char *end;
	unsigned long n;

	if (!strncmp(s, "icount:", 7))
		*mode = MODE_ICOUNT;
	else if (!strncmp(s, "smp:", 4))
		*mode = MODE_SMP;
	else
		return false;
	s = strchr(s, ':') + 1;
	errno = 0;
	*seed = strtoull(s, &end, 0);
	if (!isdigit((unsigned char)*s) || *end != ':')
		return false;
	s = end + 1;
	n = strtoul(s, &end, 0);
	*repeat = n;
	return isdigit((unsigned char)*s) && !*end && !errno && n <= UINT_MAX;
}

int cmd_replay(int argc, char **argv)
{
	static const struct argp_option options[] = {
		GUEST_OPTION,
		{ "run", 'r', "DIR", 0, "the kernel's directory of the run it comes from (traces/latest/KERNEL)", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options, .parser = parse, .args_doc = "KERNEL CASE MODE:SEED:REPEAT",
		.doc = "Run one repeat of a case again and print what was observed.\v"
			"MODE:SEED:REPEAT stands in the trace of the case, behind `first'. With mode "
			"icount the whole boot is repeated up to it, which gives the same trace to "
			"the last byte as long as kernel and scenarios are the same.",
	};
	struct opts o = { 0 };
	struct run_options run = { 0 };
	struct arm arm = { 0 };
	struct suite s;
	struct kernel k;
	unsigned int repeat;
	uint64_t seed;
	char *dir, *record, *text;
	bool exact;
	int mode, code;
	size_t i;

	argp_err_exit_status = EX_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!parse_where(o.where, &mode, &seed, &repeat))
		fatal(EX_USAGE, "'%s': expected icount:SEED:REPEAT or smp:SEED:REPEAT", o.where);
	dir = top_path("compat-tests/scenarios");
	if (suite_load(dir, NULL, &s))
		return EX_SCENARIO;
	for (i = 0; i < s.ncases && strcmp(s.cases[i].name, o.name); i++)
		;
	if (i == s.ncases)
		fatal(EX_USAGE, "no case '%s'; `ptbed list' names the cases", o.name);
	code = find_kernel(o.guest.kernel, &k);
	if (code)
		return code;
	arm.name = k.name;
	arm.kernel = k.bzimage;
	arm.append = (char *)o.guest.append;
	/* run directories name arms, not paths */
	record = o.run ? xasprintf("%s/boots.jsonl", o.run) :
		top_path("traces/latest/%s/boots.jsonl", strchr(o.guest.kernel, '/') ? "utrace" : o.guest.kernel);
	run.debug_scale = kernel_file_is_slow(k.bzimage) ? SESSION_DEBUG_SCALE : 1;
	code = run_one(&s, &s.cases[i], &arm, seed, mode, repeat, &run, record, &exact, &text);
	if (!exact)
		warn("%s", mode == MODE_SMP ? "several CPUs never run the same way twice" :
		     "this boot is not on record with these scenarios: the case runs alone, at other instants");
	if (text)
		printf("%s", text);
	free(text);
	free(record);
	free(dir);
	suite_free(&s);
	return code;
}
