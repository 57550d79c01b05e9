/* vm.c - one boot while it runs: its files, start and end. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../compat-tests/form/wire.h"
#include "image.h"
#include "job.h"
#include "splat.h"
#include "util.h"
#include "vm_private.h"

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
		  setup->job_flags | (setup->job_flags & JOB_LAG ? 0 : JOB_PERTURB) | (b->mode == MODE_ICOUNT ? JOB_ICOUNT : 0), items, b->nitems);
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
	v->window.fd = -1;
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
	if (v->console_fd < 0 || v->frames_fd < 0 || window_make(&v->window) || write_initrd(v, setup))
		return -1;
	spec = (struct boot_spec){
		.kernel = setup->kernel, .initrd = v->initrd_path,
		.console = v->console_path, .frames = v->frames_path, .window = v->window.fd,
		.messages = v->messages_path, .append = setup->append,
		.mode = b->mode, .cpus = b->cpus, .memory = setup->memory,
		.kvm = setup->kvm, .plugin = setup->plugin,
	};
	qemu_start(&v->qemu, &spec);
	v->started = now_seconds();
	vm_set_phase(v, PH_RUN);
	vm_mark_progress(v);
	return 0;
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

static void close_files(struct vm *v)
{
	if (v->frames_fd >= 0)
		close(v->frames_fd);
	if (v->console_fd >= 0)
		close(v->console_fd);
	window_free(&v->window);
	v->frames_fd = v->console_fd = -1;
}

bool vm_work(struct vm *v, const struct vm_limits *lim)
{
	int status;

	qmp_work(&v->qemu.qmp);
	status = qemu_ended(&v->qemu);
	read_console(v);
	vm_read_frames(v, status >= 0);
	if (status < 0) {
		vm_watch(v, lim);
		return false;
	}
	v->status = status;
	if (v->phase == PH_REGISTERS && !v->dump)
		v->dump = xstrdup("(QEMU ended before its monitor answered)\n");
	close_files(v);
	vm_classify(v);
	return true;
}

void vm_abort(struct vm *v)
{
	qemu_kill(&v->qemu);
	read_console(v);
	vm_read_frames(v, true);
	close_files(v);
}

const char *vm_console(const struct vm *v)
{
	return v->console.s;
}

const char *vm_tcg_breakpoint(const struct vm *v)
{
	const char *p = v->hello || !v->console.len ? NULL : strstr(v->console.s, "Oops: int3");

	while (p && p > v->console.s && p[-1] != '\n')
		p--;
	return p;
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
