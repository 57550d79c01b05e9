/* vm_frames.c - a running boot's result channel: what each frame means, and whom to tell. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "../compat-tests/form/wire.h"
#include "util.h"
#include "vm_private.h"

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
	vm_kill(v);
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
			vm_set_phase(v, PH_LEAVING);
		return;
	case FRAME_NOTE:
		if (v->ops->note)
			v->ops->note(v, text);
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

static void take_frames(struct vm *v, const char *bytes, size_t n)
{
	struct frame f;

	frames_feed(&v->frames, bytes, n);
	while (frames_next(&v->frames, &f))
		on_frame(v, &f);
}

void vm_read_frames(struct vm *v, bool last)
{
	static char chunk[1 << 16];
	bool any = false;
	const char *p;
	ssize_t n;
	size_t m;

	/* the guest goes over to the port when the window is full: not before that is read */
	n = read(v->frames_fd, chunk, sizeof(chunk));
	p = window_take(&v->window, &m);
	if (p) {
		any = true;
		take_frames(v, p, m);
	}
	for (; n > 0; n = read(v->frames_fd, chunk, sizeof(chunk))) {
		any = true;
		take_frames(v, chunk, n);
	}
	if (last) {
		frames_end(&v->frames);
		take_frames(v, "", 0);
	}
	if (any && v->qemu.pid)
		vm_mark_progress(v);
}
