/* vm_watch.c - watches a running boot, dumps it when it is stuck, and classifies its end. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "util.h"
#include "vm_private.h"

/* Seconds for QEMU's monitor to answer, and for a guest that is done to be gone. */
#define MONITOR_LIMIT	5
#define LEAVE_LIMIT	20

/* Seconds of service; see struct vm_limits.  $PTBED_SILENCE replaces them. */
#define HELLO_LIMIT	60
/* the guest itself ends a case after a minute */
#define SILENCE_LIMIT	90
#define NMI_LIMIT	20
/* Who prints without end gets so many times his limit. */
#define PRINTING_LIMITS	10

/* What $PTBED_SILENCE says, 0: nothing.  Ends the program (EX_USAGE) if it is no time. */
static double forced_limit(void)
{
	const char *s = getenv("PTBED_SILENCE");
	double limit;
	char *end;

	if (!s || !*s)
		return 0;
	limit = strtod(s, &end);
	if (end == s || *end || !isfinite(limit) || limit <= 0)
		fatal(EX_USAGE, "PTBED_SILENCE=%s, expected a number of seconds above 0", s);
	return limit;
}

void vm_limits(struct vm_limits *lim, unsigned int debug_scale)
{
	double forced = forced_limit();

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

void vm_set_phase(struct vm *v, enum phase p)
{
	v->phase = p;
	v->phase_since = v->phase_began = now_seconds();
}

void vm_kill(struct vm *v)
{
	if (v->qemu.pid) {
		kill(v->qemu.pid, SIGKILL);
		kill(-v->qemu.pid, SIGKILL);
	}
	vm_set_phase(v, PH_KILLED);
}

void vm_mark_progress(struct vm *v)
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

static void be_stuck(struct vm *v, double limit)
{
	buf_printf(&v->trouble, "no sign of life in %.0f seconds\n", limit);
	qmp_human(&v->qemu.qmp, "info registers -a");
	vm_set_phase(v, PH_REGISTERS);
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
	vm_set_phase(v, PH_NMI);
	v->console_mark = v->console_dump = v->console.len;
}

/* Still printing: give it its time from now on; but not for ever. */
static void extend_while_printing(struct vm *v, double limit)
{
	if (v->console.len == v->console_mark ||
	    now_seconds() - v->phase_began > PRINTING_LIMITS * limit)
		return;
	v->console_mark = v->console.len;
	v->phase_since = now_seconds();
}

void vm_watch(struct vm *v, const struct vm_limits *lim)
{
	double in_phase = now_seconds() - v->phase_since;
	bool monitor = qmp_work(&v->qemu.qmp);

	switch (v->phase) {
	case PH_RUN:
		if (v->panicked)
			vm_set_phase(v, PH_LEAVING);
		else if (quiet_for(v, v->hello ? lim->silence : lim->hello))
			be_stuck(v, v->hello ? lim->silence : lim->hello);
		break;
	case PH_REGISTERS:
		if (!monitor)
			vm_kill(v);
		else if (qmp_idle(&v->qemu.qmp) || in_phase > MONITOR_LIMIT)
			ask_tasks(v);
		break;
	case PH_NMI:
		extend_while_printing(v, lim->nmi);
		if (!monitor || now_seconds() - v->phase_since > lim->nmi)
			vm_kill(v);
		break;
	case PH_LEAVING:
		/* a panic's task states may be long */
		if (v->panicked)
			extend_while_printing(v, LEAVE_LIMIT);
		if (now_seconds() - v->phase_since > LEAVE_LIMIT)
			vm_kill(v);
		break;
	case PH_KILLED:
		break;
	}
}

void vm_classify(struct vm *v)
{
	if (v->refused) {
		v->end = END_NO_BOOT;
	} else if (v->dump) {
		v->end = v->hello ? END_STUCK : END_NO_BOOT;
	} else if (v->panicked && v->bye) {
		/* on its way down; what it had to say has been said */
		v->end = END_PANIC;
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
