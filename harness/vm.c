/* vm.c - one boot while it runs: reads its result channel, watches it, dumps it when stuck, classifies its end. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../compat-tests/form/wire.h"
#include "image.h"
#include "job.h"
#include "splat.h"
#include "util.h"
#include "vm.h"

enum phase {
	PH_RUN,
	PH_REGISTERS,		/* stuck: asked for the registers */
	PH_NMI,			/* stuck: waits for the task states */
	PH_LEAVING,		/* BYE or a panic was seen: it is to end by itself */
	PH_KILLED,
};

/* Seconds for QEMU's monitor to answer, and for a guest that is done to be gone. */
#define MONITOR_LIMIT	5
#define LEAVE_LIMIT	20

/* Seconds of service; see struct vm_limits.  $PTBED_SILENCE replaces them. */
#define HELLO_LIMIT	60
/* the guest itself ends a case after a minute */
#define SILENCE_LIMIT	90
#define NMI_LIMIT	20

void vm_limits(struct vm_limits *lim, unsigned int debug_scale)
{
	const char *s = getenv("PTBED_SILENCE");
	double forced = s ? atof(s) : 0;

	if (!debug_scale)
		debug_scale = 1;
	lim->hello = forced > 0 ? forced : HELLO_LIMIT * debug_scale;
	lim->silence = forced > 0 ? forced : SILENCE_LIMIT * debug_scale;
	lim->nmi = forced > 0 ? forced + 3 : NMI_LIMIT * debug_scale;
}

unsigned int vm_memory(unsigned int debug_scale)
{
	/* KASAN keeps a shadow of an eighth, and quarantines what is freed */
	return debug_scale > 1 ? 1024 : 256;
}

static void set_phase(struct vm *v, enum phase p)
{
	v->phase = p;
	v->phase_since = now_seconds();
}

static void kill_it(struct vm *v)
{
	if (v->qemu.pid) {
		kill(v->qemu.pid, SIGKILL);
		kill(-v->qemu.pid, SIGKILL);
	}
	set_phase(v, PH_KILLED);
}

static void mark_progress(struct vm *v)
{
	v->quiet_since = now_seconds();
	v->quiet_waited = qemu_waited(&v->qemu);
}

/* More than @limit seconds since the last sign of life, in which the host did serve QEMU? */
static bool quiet_for(const struct vm *v, double limit)
{
	double wall = now_seconds() - v->quiet_since;
	uint64_t waited;

	if (wall <= limit)
		return false;
	waited = qemu_waited(&v->qemu);
	if (waited > v->quiet_waited)
		wall -= (waited - v->quiet_waited) / 1e9;
	return wall > limit;
}

static int write_initrd(struct vm *v, const struct vm_setup *setup)
{
	struct boot *b = v->boot;
	struct job_item *items = xcalloc(b->nitems, sizeof(*items));
	struct buf job = { 0 };
	size_t i;
	bool ok;

	for (i = 0; i < b->nitems; i++) {
		const struct tcase *c = &setup->suite->cases[b->items[i].icase];

		items[i] = (struct job_item){
			.id = v->ids[i], .first = b->items[i].first,
			.repeats = b->items[i].repeats, .blob = c->blob, .bloblen = c->bloblen,
		};
	}
	job_build(&job, v->nonce, b->seed,
		  JOB_PERTURB | (b->mode == MODE_ICOUNT ? JOB_ICOUNT : 0), items, b->nitems);
	ok = image_with_job(v->initrd_path, setup->base_image, job.s, job.len);
	buf_free(&job);
	free(items);
	return ok ? 0 : -1;
}

/* An empty file to be written by QEMU, open for us to read. */
static int open_output(const char *path)
{
	return open(path, O_RDONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

int vm_start(struct vm *v, const struct vm_setup *setup, struct boot *b,
	     const struct vm_ops *ops, void *owner)
{
	struct boot_spec spec;
	size_t i;

	memset(v, 0, sizeof(*v));
	v->owner = owner;
	v->ops = ops;
	v->boot = b;
	v->running = v->last = NO_ITEM;
	/* drawn from the seed, so that a replay is the same boot to the last byte */
	v->nonce = mix64(b->seed, 0x6e6f6e6365) | 1;
	v->ids = xcalloc(b->nitems, sizeof(*v->ids));
	v->done = xcalloc(b->nitems, sizeof(*v->done));
	for (i = 0; i < b->nitems; i++) {
		v->ids[i] = setup->ids[b->items[i].icase];
		v->done[i] = xcalloc(b->items[i].repeats, 1);
	}
	v->base = xasprintf("%s/%s", setup->work, setup->name);
	v->console_path = xasprintf("%s.console", v->base);
	v->frames_path = xasprintf("%s.frames", v->base);
	v->initrd_path = xasprintf("%s.initrd", v->base);
	v->messages_path = xasprintf("%s.qemu", v->base);
	buf_puts(&v->console, "");
	v->console_fd = open_output(v->console_path);
	v->frames_fd = open_output(v->frames_path);
	if (v->console_fd < 0 || v->frames_fd < 0 || write_initrd(v, setup))
		return -1;
	spec = (struct boot_spec){
		.kernel = setup->kernel, .initrd = v->initrd_path,
		.console = v->console_path, .frames = v->frames_path,
		.messages = v->messages_path, .append = setup->append,
		.mode = b->mode, .cpus = b->cpus, .memory = setup->memory,
		.kvm = setup->kvm,
	};
	qemu_start(&v->qemu, &spec);
	v->started = now_seconds();
	set_phase(v, PH_RUN);
	mark_progress(v);
	return 0;
}

/* The boot's item that a frame speaks of. */
static size_t item_of(const struct vm *v, uint32_t id, uint32_t repeat)
{
	const struct boot *b = v->boot;
	size_t i, n = b->nitems;
	/* frames come in the order of the job, so start at the one that runs */
	size_t from = v->running == NO_ITEM ? 0 : v->running;

	for (i = 0; i < n; i++) {
		size_t k = (from + i) % n;

		if (v->ids[k] == id && repeat - b->items[k].first < b->items[k].repeats)
			return k;
	}
	return NO_ITEM;
}

static bool same_nonce(const char *text, uint64_t nonce)
{
	const char *p = strstr(text, "nonce ");
	char dec[32], hex[32];

	if (!p)
		return false;
	p += strlen("nonce ");
	if (!strncmp(p, "0x", 2))
		p += 2;
	snprintf(dec, sizeof(dec), "%" PRIu64, nonce);
	snprintf(hex, sizeof(hex), "%" PRIx64, nonce);
	while (*p == '0')
		p++;
	return (!strncmp(p, dec, strlen(dec)) && strchr(" \n", p[strlen(dec)])) ||
	       (!strncmp(p, hex, strlen(hex)) && strchr(" \n", p[strlen(hex)]));
}

/* Nothing this guest says is to be believed. */
static void refuse(struct vm *v, const char *why)
{
	buf_printf(&v->trouble, "%s\n", why);
	v->refused = true;
	kill_it(v);
}

static void on_hello(struct vm *v, const char *text)
{
	if (!same_nonce(text, v->nonce)) {
		refuse(v, "the guest runs another job than it was given");
		return;
	}
	/* some ten milliseconds where a case expects microseconds: nothing would be as meant */
	if (strstr(text, "\nhrtimers 0\n")) {
		refuse(v, "the guest has no high-resolution timers");
		return;
	}
	v->hello = true;
	v->hello_at = now_seconds();
	if (v->ops->hello)
		v->ops->hello(v, text);
}

static void on_frame(struct vm *v, const struct frame *f)
{
	const char *text = (const char *)f->payload;
	struct frame_case fc = { 0 };
	size_t len = f->len, item, k;

	if (v->refused)
		return;
	switch (f->type) {
	case FRAME_HELLO:
		on_hello(v, text);
		return;
	case FRAME_BYE:
		if (len < 4)
			break;
		memcpy(&v->announced, text, 4);
		v->bye = true;
		v->running = NO_ITEM;
		if (v->phase == PH_RUN)
			set_phase(v, PH_LEAVING);
		return;
	case FRAME_NOTE:
		return;
	case FRAME_BEGIN:
	case FRAME_RESULT:
	case FRAME_KMSG:
	case FRAME_ERROR:
		break;
	default:
		buf_printf(&v->trouble, "frame %" PRIu32 " has the unknown type %" PRIu32 "\n",
			   f->seq, f->type);
		return;
	}
	if (len < sizeof(fc)) {
		buf_printf(&v->trouble, "frame %" PRIu32 " of type %" PRIu32 " is too short\n",
			   f->seq, f->type);
		return;
	}
	memcpy(&fc, text, sizeof(fc));
	text += sizeof(fc);
	len -= sizeof(fc);
	item = item_of(v, fc.id, fc.repeat);
	if (item == NO_ITEM && (f->type == FRAME_BEGIN || f->type == FRAME_RESULT)) {
		buf_printf(&v->trouble, "frame %" PRIu32 " is about a case that is not in the job\n",
			   f->seq);
		return;
	}
	k = item == NO_ITEM ? 0 : fc.repeat - v->boot->items[item].first;
	switch (f->type) {
	case FRAME_BEGIN:
		v->hello = true;	/* its frame may have been damaged */
		v->running = v->last = item;
		v->running_repeat = fc.repeat;
		v->nbegun = item + (k + 1 == v->boot->items[item].repeats);
		break;
	case FRAME_RESULT:
		v->nresults++;
		v->running = NO_ITEM;
		if (v->done[item][k] == VM_RESULT)
			break;
		v->done[item][k] = VM_RESULT;
		v->ops->result(v, item, fc.repeat, fc.took_ns, text, len);
		break;
	case FRAME_KMSG:
		v->ops->kmsg(v, item, text);
		break;
	case FRAME_ERROR:
		v->nerrors++;
		if (item != NO_ITEM && !v->done[item][k])
			v->done[item][k] = VM_ERROR;
		if (item == v->running)
			v->running = NO_ITEM;
		v->ops->error(v, item, fc.repeat, text);
		break;
	}
}

static void read_frames(struct vm *v, bool last)
{
	static char chunk[1 << 16];
	struct frame f;
	bool any = false;
	ssize_t n;

	while ((n = read(v->frames_fd, chunk, sizeof(chunk))) > 0) {
		any = true;
		frames_feed(&v->frames, chunk, n);
		while (frames_next(&v->frames, &f))
			on_frame(v, &f);
	}
	if (last) {
		frames_end(&v->frames);
		while (frames_next(&v->frames, &f))
			on_frame(v, &f);
	}
	if (any && v->qemu.pid)
		mark_progress(v);
}

static void read_console(struct vm *v)
{
	static char chunk[1 << 16];
	size_t old = v->console.len;
	ssize_t n;

	while ((n = read(v->console_fd, chunk, sizeof(chunk))) > 0) {
		ssize_t i, len = 0;

		/* serial lines end in \r\n; and keep it a string, whatever the guest printed */
		for (i = 0; i < n; i++)
			if (chunk[i] != '\r')
				chunk[len++] = chunk[i] ? chunk[i] : ' ';
		buf_add(&v->console, chunk, len);
	}
	if (v->console.len == old || v->panicked)
		return;
	/* the line may have come in two pieces */
	if (panic_find(v->console.s + (old > 256 ? old - 256 : 0)))
		v->panicked = true;
}

static void be_stuck(struct vm *v, double limit)
{
	buf_printf(&v->trouble, "no sign of life in %.0f seconds\n", limit);
	qmp_human(&v->qemu.qmp, "info registers -a");
	set_phase(v, PH_REGISTERS);
}

static void ask_tasks(struct vm *v)
{
	if (v->qemu.qmp.reply) {
		char *p, *to;

		v->dump = xstrdup(v->qemu.qmp.reply);
		for (p = to = v->dump; *p; p++)
			if (*p != '\r')
				*to++ = *p;
		*to = '\0';
	} else {
		v->dump = xstrdup("(QEMU's monitor did not answer)\n");
	}
	qmp_command(&v->qemu.qmp, "inject-nmi");
	set_phase(v, PH_NMI);
	v->console_mark = v->console.len;
}

/* Still printing: give it its time from now on. */
static void extend_while_printing(struct vm *v)
{
	if (v->console.len == v->console_mark)
		return;
	v->console_mark = v->console.len;
	v->phase_since = now_seconds();
}

static void watch(struct vm *v, const struct vm_limits *lim)
{
	double in_phase = now_seconds() - v->phase_since;
	bool monitor = qmp_work(&v->qemu.qmp);

	switch (v->phase) {
	case PH_RUN:
		if (v->panicked)
			set_phase(v, PH_LEAVING);
		else if (quiet_for(v, v->hello ? lim->silence : lim->hello))
			be_stuck(v, v->hello ? lim->silence : lim->hello);
		break;
	case PH_REGISTERS:
		if (!monitor)
			kill_it(v);
		else if (qmp_idle(&v->qemu.qmp) || in_phase > MONITOR_LIMIT)
			ask_tasks(v);
		break;
	case PH_NMI:
		extend_while_printing(v);
		if (!monitor || now_seconds() - v->phase_since > lim->nmi)
			kill_it(v);
		break;
	case PH_LEAVING:
		/* a panic's task states may be long */
		if (v->panicked)
			extend_while_printing(v);
		if (now_seconds() - v->phase_since > LEAVE_LIMIT)
			kill_it(v);
		break;
	case PH_KILLED:
		break;
	}
}

static void classify(struct vm *v)
{
	if (v->refused) {
		v->end = END_NO_BOOT;
	} else if (v->dump) {
		v->end = v->hello ? END_STUCK : END_NO_BOOT;
	} else if (v->bye) {
		bool lost = frames_bad(&v->frames) || v->announced != v->nresults ||
			    v->trouble.len;

		v->end = lost ? END_CHANNEL : END_CLEAN;
		if (v->announced != v->nresults)
			buf_printf(&v->trouble, "the guest sent %" PRIu32 " results, %" PRIu32 " arrived\n",
				   v->announced, v->nresults);
	} else if (v->panicked) {
		v->end = END_PANIC;
	} else if (WIFSIGNALED(v->status) && v->phase != PH_KILLED) {
		v->end = END_DIED;
		buf_printf(&v->trouble, "QEMU was killed by %s\n", strsignal(WTERMSIG(v->status)));
	} else if (v->phase == PH_KILLED) {
		v->end = END_CHANNEL;
	} else if (WEXITSTATUS(v->status)) {
		char *messages = read_file(v->messages_path, NULL);
		bool said = messages && *messages;

		/* what QEMU gives up for, it prints; else the guest asked it to end */
		v->end = v->hello && !said ? END_CHANNEL : END_DIED;
		buf_printf(&v->trouble, "QEMU ended with status %d%s%s\n", WEXITSTATUS(v->status),
			   said ? ": " : " before the guest said it was done", said ? messages : "");
		free(messages);
	} else {
		v->end = v->hello ? END_PANIC : END_NO_BOOT;
		buf_puts(&v->trouble, "the guest restarted without a word\n");
	}
	if (frames_bad(&v->frames))
		buf_printf(&v->trouble, "result channel: %s", v->frames.trouble.s);
}

static void close_files(struct vm *v)
{
	if (v->frames_fd >= 0)
		close(v->frames_fd);
	if (v->console_fd >= 0)
		close(v->console_fd);
	v->frames_fd = v->console_fd = -1;
}

bool vm_work(struct vm *v, const struct vm_limits *lim)
{
	int status;

	qmp_work(&v->qemu.qmp);
	status = qemu_ended(&v->qemu);
	read_console(v);
	read_frames(v, status >= 0);
	if (status < 0) {
		watch(v, lim);
		return false;
	}
	v->status = status;
	if (v->phase == PH_REGISTERS && !v->dump)
		v->dump = xstrdup("(QEMU ended before its monitor answered)\n");
	close_files(v);
	classify(v);
	return true;
}

void vm_abort(struct vm *v)
{
	qemu_kill(&v->qemu);
	read_console(v);
	read_frames(v, true);
	close_files(v);
}

const char *vm_console(const struct vm *v)
{
	return v->console.s;
}

void vm_remove_files(struct vm *v)
{
	unlink(v->console_path);
	unlink(v->frames_path);
	unlink(v->initrd_path);
	unlink(v->messages_path);
}

void vm_free(struct vm *v)
{
	size_t i;

	qemu_kill(&v->qemu);
	close_files(v);
	for (i = 0; i < v->boot->nitems; i++)
		free(v->done[i]);
	free(v->done);
	free(v->ids);
	free(v->base);
	free(v->console_path);
	free(v->frames_path);
	free(v->initrd_path);
	free(v->messages_path);
	free(v->dump);
	buf_free(&v->console);
	buf_free(&v->trouble);
	frames_free(&v->frames);
}
