/* programs.c - runs programs of compat-tests/engines in guests of one kernel and judges what they print. */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../compat-tests/form/wire.h"
#include "../compat-tests/form/wire_programs.h"
#include "accel.h"
#include "disk.h"
#include "glob.h"
#include "guest.h"
#include "image.h"
#include "job.h"
#include "kcsan_reports.h"
#include "plan.h"
#include "programs.h"
#include "report.h"
#include "session.h"
#include "splat.h"
#include "tree.h"
#include "vm.h"

#define SOURCES "compat-tests/engines"
#define DEFAULT_SECONDS 60
#define HEAD_LINES 20

static char *trimmed(const char *from, const char *to)
{
	while (from < to && isspace((unsigned char)*from))
		from++;
	while (to > from && isspace((unsigned char)to[-1]))
		to--;
	return xstrndup(from, to - from);
}

/* What the comment line of the head that starts with @open and @key says, or NULL. */
static char *head_value(const char *text, const char *open, const char *key)
{
	char *mark = xasprintf("%s %s:", open, key), *value = NULL;
	const char *p = text;

	for (int i = 0; i < HEAD_LINES && p && !value; i++) {
		const char *end = p + strcspn(p, "\n");

		if (!strncmp(p, mark, strlen(mark))) {
			const char *close = strstr(p, "*/");

			value = trimmed(p + strlen(mark), close && close < end ? close : end);
		}
		p = *end ? end + 1 : NULL;
	}
	free(mark);
	return value;
}

struct program *programs_add(struct programs *p, const char *name, const char *file,
			     const char *arguments, unsigned int seconds)
{
	struct buf b = { 0 };
	struct program *q;

	buf_printf(&b, "%s%s\n", *file == '/' ? "" : "/engines/", file);
	for (const char *a = arguments ? arguments : ""; *a; a += strspn(a, " ")) {
		size_t n = strcspn(a, " ");

		buf_printf(&b, "%.*s\n", (int)n, a);
		a += n;
	}
	p->v = xrealloc(p->v, (p->n + 1) * sizeof(*p->v));
	q = &p->v[p->n++];
	*q = (struct program){ .name = xstrdup(name), .arguments = b.s, .seconds = seconds };
	return q;
}

/* A program for each file of @dir that ends in @suffix and says by its head that it is one. */
static void find(struct programs *p, const char *where, const char *suffix, const char *open,
		 const char *there, const char *only, bool quick, bool modules)
{
	char *dir = top_path("%s", where), *pattern = xasprintf("*%s", suffix), **names;
	size_t n = list_dir(dir, pattern, &names);

	for (size_t i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]), *text = read_file(path, NULL);
		char *name = xstrndup(names[i], strlen(names[i]) - strlen(suffix));
		char *seconds, *args, *when, *less, *needs, *file;

		if (!text)
			fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
		seconds = head_value(text, open, "seconds");
		args = head_value(text, open, "args");
		when = head_value(text, open, "only");
		less = quick ? head_value(text, open, "quick") : NULL;
		needs = there ? head_value(text, open, "needs") : NULL;
		if (needs && strcmp(needs, "modules"))
			fatal(EX_USAGE, "%s: needs '%s'; expected modules", path, needs);
		file = there ? xasprintf("%s/%s", there, names[i]) : xstrdup(name);
		if (there && !seconds)
			;	/* what scripts share */
		else if (there && modules != (needs != NULL))
			;	/* not of this kind */
		else if (less && !strcmp(less, "none"))
			;	/* too long for this */
		else if (only ? case_glob_list(only, name) : !when || strcmp(when, "by-name"))
			programs_add(p, name, file, less ? less : args,
				     seconds ? strtoul(seconds, NULL, 10) : DEFAULT_SECONDS);
		free(file);
		free(seconds);
		free(args);
		free(when);
		free(less);
		free(needs);
		free(name);
		free(text);
		free(path);
		free(names[i]);
	}
	free(names);
	free(pattern);
	free(dir);
}

void programs_find(struct programs *p, const char *only, bool quick)
{
	find(p, SOURCES, ".c", "/*", NULL, only, quick, false);
}

void programs_find_scripts(struct programs *p, const char *dir, const char *there, const char *only,
			   bool modules)
{
	find(p, dir, ".sh", "#", there, only, false, modules);
}

void programs_free(struct programs *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct program *q = &p->v[i];

		free(q->name);
		free(q->arguments);
		free(q->output);
		free(q->splat);
		free(q->why);
		free(q->log);
	}
	free(p->v);
	*p = (struct programs){ 0 };
}

int programs_kernel(const char *flavour, struct kernel *k)
{
	char *name = xasprintf("utrace%s", flavour);
	int code = ensure_kernel(name, k);

	free(name);
	return code;
}

static const char *what_of(const struct programs_options *o)
{
	return o->what ? o->what : "engines";
}

/* The guest's image: the common one, then what programs need, the programs and the modules. */
static char *make_image(const struct programs_options *o)
{
	char *extra = top_path(SOURCES "/image.list"), *dir = top_path("build/image");
	char *list = xasprintf("%s/%s-%s.list", dir, what_of(o), kernel_short_name(o->kernel));
	char *path = xasprintf("%s/%s-%s.cpio", dir, what_of(o), kernel_short_name(o->kernel));
	char *base = read_file(extra, NULL), *why, *guest = top_path("build/guest/engines");
	struct buf b = { 0 }, image = { 0 };
	char **names;
	size_t n, len;

	if (!base)
		fatal(EX_SYSTEM, "%s: %s", extra, strerror(errno));
	make_dirs(dir);
	buf_printf(&b, "%s\n%s\ndir /engines 0755\ndir /modules 0755\n", base,
		   o->list ? o->list : "");
	n = list_dir(guest, NULL, &names);
	for (size_t i = 0; i < n; i++) {
		buf_printf(&b, "file /engines/%s %s/%s 0755\n", names[i], guest, names[i]);
		free(names[i]);
	}
	free(names);
	n = o->kernel->modules ? list_dir(o->kernel->modules, "*.ko", &names) : 0;
	for (size_t i = 0; i < n; i++) {
		buf_printf(&b, "file /modules/%s %s/%s 0644\n", names[i], o->kernel->modules,
			   names[i]);
		free(names[i]);
	}
	if (o->kernel->modules)
		free(names);
	write_file(list, b.s, b.len);
	free(base);
	base = read_file(ensure_image(), &len);
	if (!base)
		fatal(EX_SYSTEM, "%s: %s", ensure_image(), strerror(errno));
	buf_add(&image, base, len);
	if (image_build(list, top_dir(), &image, &why))
		fatal(EX_BUILD, "%s", why);
	write_file(path, image.s, image.len);
	buf_free(&b);
	buf_free(&image);
	free(base);
	free(extra);
	free(dir);
	free(list);
	free(guest);
	return path;
}

static unsigned int scale_of(const struct programs_options *o)
{
	/* a kernel that is given as a file does not say by its name that it has KCSAN */
	return o->kcsan || kernel_is_slow(o->kernel->name) ? SESSION_DEBUG_SCALE : 1;
}

/* One boot at work. */
struct work {
	struct programs *programs;
	const struct programs_options *o;
	size_t first;		/* program that is the boot's item 0 */
	struct buf said;	/* what the one that runs has printed so far */
};

static void worse(struct program *q, enum exit_code code, char *why)
{
	q->code = verdict_worse(q->code, code);
	if (!q->why)
		q->why = why;
	else
		free(why);
}

static void keep_splat(const struct work *w, struct program *q, const char *text)
{
	const char *from = w->o->kcsan ? kcsan_other_report(text) : splat_find(text);

	if (!from || q->splat)
		return;
	q->splat = xstrdup(from);
	q->code = verdict_worse(q->code, EX_SPLAT);
}

static void on_result(struct vm *v, size_t item, uint32_t repeat, uint64_t took_ns,
		      const char *text, size_t len)
{
	struct work *w = v->owner;
	struct program *q = &w->programs->v[w->first + item];

	(void)repeat;
	q->output = xstrndup(text, len);
	q->took = took_ns / 1e9;
	w->said.len = 0;
}

static void on_kmsg(struct vm *v, size_t item, const char *text)
{
	struct work *w = v->owner;

	if (w->o->kmsg && !append_file(w->o->kmsg, text))
		fatal(EX_SYSTEM, "%s: %s", w->o->kmsg, strerror(errno));
	if (item != NO_ITEM)
		keep_splat(w, &w->programs->v[w->first + item], text);
}

static void on_error(struct vm *v, size_t item, uint32_t repeat, const char *text)
{
	struct work *w = v->owner;

	(void)repeat;
	if (item != NO_ITEM)
		worse(&w->programs->v[w->first + item], EX_UNTESTED, xstrdup(text));
}

static void on_note(struct vm *v, const char *text)
{
	struct work *w = v->owner;

	buf_printf(&w->said, "%s\n", text);
	if (w->o->echo)
		fprintf(stderr, "%s\n", text);
}

static const struct vm_ops ops = {
	.result = on_result, .kmsg = on_kmsg, .error = on_error, .note = on_note,
};

/* Count the checks of a program that came to its end, and judge it. */
static void judge(struct program *q)
{
	struct strlist lines = { 0 };
	unsigned int planned = 0, plans = 0;
	bool ended_well = false;

	strlist_lines(&lines, q->output);
	for (size_t i = 0; i < lines.n; i++) {
		const char *l = lines.v[i];

		if (!strncmp(l, "not ok", 6))
			q->failed++;
		else if (!strncmp(l, "ok ", 3) && strstr(l, "# skip "))
			q->skipped++;
		else if (!strncmp(l, "ok ", 3))
			q->passed++;
		else if (!strncmp(l, "1..", 3))
			planned = strtoul(l + 3, NULL, 10), plans++;
		else if (!strcmp(l, "# exit status 0"))
			ended_well = true;
	}
	strlist_free(&lines);
	if (q->failed)
		worse(q, EX_DIFFERS, NULL);
	if (plans != 1 || !planned || q->passed + q->failed + q->skipped != planned)
		worse(q, EX_DIFFERS, xasprintf("%u checks planned, %u made", planned,
					       q->passed + q->failed + q->skipped));
	else if (!ended_well && !q->failed)
		worse(q, EX_DIFFERS, xstrdup("it did not exit with status 0"));
}

static enum exit_code end_code(const struct vm *v)
{
	switch (v->end) {
	case END_PANIC: return v->hello ? EX_PANIC : EX_UNTESTED;
	case END_STUCK: return EX_STUCK;
	case END_CLEAN: return EX_SAME;
	default: return EX_UNTESTED;
	}
}

static char *keep_console(const struct work *w, const struct vm *v, unsigned int number)
{
	char *dir = top_path("build/%s/%s", what_of(w->o), kernel_short_name(w->o->kernel));
	char *path = xasprintf("%s/boot-%u.log", dir, number);
	struct buf b = { 0 };

	make_dirs(dir);
	buf_printf(&b, "%s", vm_console(v));
	if (v->trouble.len)
		buf_printf(&b, "\n*** %s", v->trouble.s);
	write_file(path, b.s, b.len);
	buf_free(&b);
	free(dir);
	return path;
}

/* All that it printed, beside the console. */
static void keep_output(const struct work *w, const struct program *q)
{
	char *path = top_path("build/%s/%s/%s.out", what_of(w->o), kernel_short_name(w->o->kernel), q->name);

	/* there is one at most without a result: the one that ran when the boot was lost */
	if (q->output)
		write_file(path, q->output, strlen(q->output));
	else
		write_file(path, w->said.s ? w->said.s : "", w->said.len);
	free(path);
}

/* How the boot ended, for people; @when is what this meant for a program. */
static char *why_ended(const struct vm *v, const char *when)
{
	static const char *const words[] = {
		[END_CLEAN] = "the boot ended", [END_CHANNEL] = "the result channel broke",
		[END_PANIC] = "the kernel panicked", [END_STUCK] = "the guest was stuck",
		[END_NO_BOOT] = "the guest did not boot", [END_DIED] = "QEMU ended",
	};

	return xasprintf("%s: %s%s%s", when, words[v->end],
			 v->trouble.len ? "; " : "", v->trouble.len ? v->trouble.s : "");
}

/*
 * The boot is over: judge the programs that came to their end and the one that
 * did not.  Returns the first that did not begin.
 */
static size_t account(struct work *w, const struct vm *v, const char *log)
{
	size_t begun = v->nbegun ? v->nbegun : w->programs->n - w->first;
	enum exit_code code = end_code(v);
	const char *console = vm_console(v);
	struct program *last = &w->programs->v[w->first + begun - 1];
	bool said = false, blamed = false;

	/* one that does not boot does not boot for the next program, either */
	for (size_t i = 0; i < begun; i++) {
		struct program *q = &w->programs->v[w->first + i];

		q->log = xstrdup(log);
		keep_output(w, q);
		if (q->output && !w->o->no_tap)
			judge(q);
		if (!q->output && v->done[i][0] != VM_ERROR) {
			worse(q, code ? code : EX_UNTESTED, why_ended(v, "no result"));
			blamed = true;
		}
		said |= q->splat != NULL;
	}
	/* what breaks when all that began have their result comes from the last one, or from all before it */
	if (code && !blamed)
		worse(last, code, why_ended(v, "after its end"));
	/* and so does a report that was in no program's messages */
	if (!said)
		keep_splat(w, last, console);
	return w->first + begun;
}

/* What a boot that is made up for by another has reported, but for what a breakpoint of TCG's brings. */
static void keep_early_splat(const struct work *w, const struct vm *v)
{
	const char *console = vm_console(v), *patched = vm_tcg_breakpoint(v);
	char *text = xstrndup(console, patched ? (size_t)(patched - console) : v->console.len);

	keep_splat(w, &w->programs->v[w->first], text);
	free(text);
}

/*
 * A guest that never came up has run nothing: as with scenarios it is booted
 * again, three times in a row at most.  TCG with several CPUs loses one boot in
 * some hundred: the int3 of a static key met after its change.
 */
#define MAX_SILENT 3

/* Seconds between two looks at the room left on the disk. */
#define DISK_LOOK 0.5

/* A full disk cuts short what guests say: end the program before one is blamed for it. */
static void no_room(struct vm *v, const char *dir)
{
	vm_abort(v);
	vm_remove_files(v);
	fatal(EX_SYSTEM, "%s: %s; nothing is said about the programs", dir, strerror(ENOSPC));
}

/* Run what is left from @first on in a boot of its own; returns the first that did not run. */
static size_t run_boot(struct programs *p, const struct programs_options *o, size_t first,
		       const char *image, unsigned int number, unsigned int *silent)
{
	struct work w = { .programs = p, .o = o, .first = first };
	size_t n = p->n - first;
	struct suite suite = { .ncases = n, .cases = xcalloc(n, sizeof(*suite.cases)) };
	struct boot *b = boot_new(o->icount ? MODE_ICOUNT : MODE_SMP, o->icount ? 1 : o->cpus,
				  mix64(o->seed, number), number);
	uint32_t *ids = xcalloc(n, sizeof(*ids));
	struct vm_setup setup = {
		.kernel = o->kernel->bzimage, .append = o->append, .base_image = image,
		.work = private_dir(), .name = "engines", .suite = &suite, .ids = ids,
		.memory = o->memory ? o->memory : 2 * vm_memory(scale_of(o)),
		.job_flags = JOB_PROGRAMS, .plugin = o->plugin,
	};
	struct vm_limits lim;
	double looked = now_seconds();
	bool over = false;
	size_t next = p->n;
	struct vm v;

	for (size_t i = 0; i < n; i++) {
		struct program *q = &p->v[first + i];

		suite.cases[i].name = q->name;
		suite.cases[i].blob = xasprintf("%u\n%s", q->seconds * scale_of(o), q->arguments);
		suite.cases[i].bloblen = strlen(suite.cases[i].blob);
		boot_add(b, i, 0, 1);
	}
	case_ids(&suite, ids);
	vm_limits(&lim, scale_of(o));
	setup.kvm = !o->icount && accel_kvm(o->kernel->bzimage, ensure_image(), setup.work);
	if (vm_start(&v, &setup, b, &ops, &w))
		fatal(EX_SYSTEM, "cannot write %s: %s", v.initrd_path, strerror(errno));
	while (!over && !interrupted) {
		struct pollfd pfd = { .fd = v.qemu.pidfd, .events = POLLIN };

		poll(&pfd, 1, 50);
		over = vm_work(&v, &lim);
		if (over ? v.end != END_CLEAN : now_seconds() - looked > DISK_LOOK) {
			looked = now_seconds();
			if (disk_is_full(setup.work))
				no_room(&v, setup.work);
		}
	}
	if (over) {
		char *log = keep_console(&w, &v, number);

		*silent = v.hello || v.nbegun ? 0 : *silent + 1;
		if (*silent && *silent < MAX_SILENT) {
			warn("%s: the guest did not come up, it is booted again; see %s",
			     o->kernel->name, log);
			keep_early_splat(&w, &v);
			next = first;
		} else {
			next = account(&w, &v, log);
		}
		free(log);
	} else {
		vm_abort(&v);
	}
	vm_remove_files(&v);
	vm_free(&v);
	boot_free(b);
	buf_free(&w.said);
	for (size_t i = 0; i < n; i++)
		free(suite.cases[i].blob);
	free(suite.cases);
	free(ids);
	return next;
}

int programs_run(struct programs *p, const struct programs_options *o)
{
	enum exit_code code = EX_SAME;
	char *image = make_image(o);
	unsigned int number = 0, silent = 0;

	for (size_t next = 0; next < p->n && !interrupted; number++)
		next = run_boot(p, o, next, image, number, &silent);
	free(image);
	if (interrupted)
		return EX_INTERRUPTED;
	for (size_t i = 0; i < p->n; i++)
		code = verdict_worse(code, p->v[i].code);
	return code;
}
