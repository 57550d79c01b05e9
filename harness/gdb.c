/* gdb.c - `ptbed gdb': GDB on a guest's kernel, through QEMU's stub. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../compat-tests/form/wire.h"
#include "commands.h"
#include "guest.h"
#include "image.h"
#include "job.h"
#include "options.h"
#include "qemu.h"
#include "results.h"
#include "util.h"

struct opts {
	struct guest_args guest;
	const char *only;
	uint64_t seed;
	unsigned int repeat;
	bool smp;
	char **gdb_args;
	int ngdb_args;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;

	switch (key) {
	case 'o':
		o->only = arg;
		return 0;
	case 's':
		o->seed = option_number(state, arg, "--seed", 0, UINT64_MAX);
		return 0;
	case 'r':
		o->repeat = option_number(state, arg, "--repeat", 0, UINT32_MAX);
		return 0;
	case 'm':
		o->smp = true;
		return 0;
	case ARGP_KEY_ARG:
		if (!o->guest.kernel)
			break;
		o->gdb_args = &state->argv[state->next - 1];
		o->ngdb_args = state->argc - state->next + 1;
		state->next = state->argc;
		return 0;
	}
	return guest_parse(key, arg, state, &o->guest);
}

/* The one case that is wanted; 0, or an exit code. */
static int load_case(const char *only, struct suite *s)
{
	char *dir = top_path("compat-tests/scenarios");
	int failed = suite_load(dir, only, s);

	free(dir);
	if (failed)
		return EX_SCENARIO;
	if (s->ncases != 1)
		fatal(EX_USAGE, "--only='%s' fits %zu cases, expected one; `ptbed list' names the scenarios",
		      only, s->ncases);
	return 0;
}

/* A job with one repeat of the case of @s, or without a case and a shell on the console. */
static void write_initrd(const char *path, const struct opts *o, const struct suite *s)
{
	struct buf job = { 0 };
	struct job_item item;

	if (!s->ncases) {
		write_plain_initrd(path, JOB_SHELL);
		return;
	}
	item = (struct job_item){
		.id = case_id(s->cases[0].name), .first = o->repeat, .repeats = 1,
		.blob = s->cases[0].blob, .bloblen = s->cases[0].bloblen,
	};
	job_build(&job, 1, o->seed, JOB_PERTURB | (o->smp ? 0 : JOB_ICOUNT), &item, 1);
	if (!image_with_job(path, ensure_image(), job.s, job.len))
		fatal(EX_SYSTEM, "cannot write %s: %s", path, strerror(errno));
	buf_free(&job);
}

struct args {
	char **v;
	size_t n;
};

static void add(struct args *a, char *s)
{
	a->v = xrealloc(a->v, (a->n + 2) * sizeof(*a->v));
	a->v[a->n++] = s;
	a->v[a->n] = NULL;
}

static void add_ex(struct args *a, char *command)
{
	add(a, xstrdup("-ex"));
	add(a, command);
}

static char **gdb_argv(const struct kernel *k, const char *socket, const struct opts *o)
{
	struct args a = { 0 };
	int i;

	add(&a, xstrdup("gdb"));
	add(&a, xstrdup("-q"));
	if (k->dir) {
		add(&a, xstrdup("-iex"));
		add(&a, xasprintf("add-auto-load-safe-path %s", k->dir));
	}
	if (k->vmlinux)
		add(&a, xstrdup(k->vmlinux));
	add_ex(&a, xstrdup("set architecture i386:x86-64"));
	if (k->gdb_script)
		add_ex(&a, xasprintf("source %s", k->gdb_script));
	add_ex(&a, xasprintf("target remote %s", socket));
	if (k->vmlinux) {
		/* the first instruction of the guest is firmware, and no memory is mapped yet */
		add_ex(&a, xstrdup("thbreak start_kernel"));
		add_ex(&a, xstrdup("continue"));
	}
	for (i = 0; i < o->ngdb_args; i++)
		add(&a, xstrdup(o->gdb_args[i]));
	return a.v;
}

static int run_gdb(char **argv)
{
	int status;
	pid_t pid;

	/* Ctrl-C is GDB's */
	signal(SIGINT, SIG_IGN);
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		fatal(EX_SYSTEM, "cannot fork: %s", strerror(errno));
	if (!pid) {
		signal(SIGINT, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		execvp(argv[0], argv);
		fprintf(stderr, "ptbed: cannot run gdb: %s\n", strerror(errno));
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		if (interrupted)
			kill(pid, SIGTERM);
	if (interrupted)
		return EX_INTERRUPTED;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return EX_DEPS;
	return 0;
}

static void wait_for(const char *path, struct qemu *q)
{
	struct timespec nap = { .tv_nsec = 20 * 1000 * 1000 };
	int i;

	for (i = 0; i < 500 && !file_exists(path) && qemu_ended(q) < 0; i++)
		nanosleep(&nap, NULL);
	if (!q->pid || !file_exists(path))
		fatal(EX_UNTESTED, "QEMU did not open its GDB socket");
}

int cmd_gdb(int argc, char **argv)
{
	static const struct argp_option options[] = {
		GUEST_OPTION,
		{ "only", 'o', "CASE", 0, "run this case in the guest, not a shell", 0 },
		{ "seed", 's', "N", 0, "seed of its boot", 0 },
		{ "repeat", 'r', "N", 0, "number of the repeat", 0 },
		{ "smp", 'm', NULL, 0, "two CPUs, not deterministic", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options, .parser = parse, .args_doc = "KERNEL [-- GDB-OPTION...]",
		.doc = "Boot KERNEL under GDB, stopped at start_kernel.\v"
			"A name (stock, utrace, ...) takes the flavour with debug information. "
			"In the deterministic machine a breakpoint that is not hit changes nothing, "
			"one that is hit leaves all before it as it was.",
	};
	struct opts o = { .seed = 1 };
	struct suite s = { 0 };
	struct boot_spec spec = { .cpus = 2, .memory = 512 };
	char *initrd, *console, *frames, *messages, *socket, **gdb, *name;
	const char *dir;
	struct kernel k;
	struct qemu q;
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	/* before a kernel is built for it */
	code = o.only ? load_case(o.only, &s) : 0;
	if (code)
		return code;
	name = strchr(o.guest.kernel, '/') || strstr(o.guest.kernel, "-gdb") ?
		xstrdup(o.guest.kernel) : xasprintf("%s-gdb", o.guest.kernel);
	code = find_kernel(name, &k);
	if (code)
		return code;
	dir = private_dir();
	initrd = xasprintf("%s/initrd", dir);
	console = xasprintf("%s/console", dir);
	frames = xasprintf("%s/frames", dir);
	messages = xasprintf("%s/qemu", dir);
	socket = xasprintf("%s/gdb", dir);
	write_initrd(initrd, &o, &s);
	spec.kernel = k.bzimage;
	spec.initrd = initrd;
	spec.console = console;
	spec.frames = frames;
	spec.messages = messages;
	spec.append = o.guest.append;
	spec.gdb = socket;
	spec.mode = o.smp ? MODE_SMP : MODE_ICOUNT;
	qemu_start(&q, &spec);
	wait_for(socket, &q);
	fprintf(stderr, "ptbed: %s; the guest's console: tail -f %s\n", k.name, console);
	gdb = gdb_argv(&k, socket, &o);
	code = run_gdb(gdb);
	qemu_kill(&q);
	qemu_free_argv(gdb);
	suite_free(&s);
	free(initrd);
	free(console);
	free(frames);
	free(messages);
	free(socket);
	free(name);
	return code;
}
