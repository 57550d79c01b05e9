/* seccomp.c - filters that ask the tracer, and what it can do and read: dispatch and rseq, too. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/filter.h"
#include "lib/regs.h"
#include "lib/stage.h"
#include "lib/walk.h"

#define SECCOMP_OPT (1ul << PTRACE_EVENT_SECCOMP)

static unsigned int actions[3];
static int nactions;
static volatile char selector;
static bool dispatch;

static void handler(int sig)
{
	(void)sig;
	selector = 0;
}

/* getppid() is what the filters are about. */
static void body(void)
{
	signal(SIGSYS, handler);
	for (int i = 0; i < nactions; i++)
		filter_call(SYS_getppid, actions[i]);
	if (dispatch) {
		selector = 1;
		prctl(59, 1, 0, 0, &selector);
	}
	syscall(SYS_getppid);
	selector = 0;
	syscall(SYS_getuid);
}

static void add_regs(struct text *t, pid_t pid)
{
	regs_t r;

	if (regs_get(pid, &r))
		add(t, "(%s %s)", result_words((int)r.orig_ax),
		    (long)r.ax == (long)getpid() ? "me" : result_words((int)r.ax));
}

static void add_message(struct text *t, pid_t pid)
{
	unsigned long m = 0;

	if (!pt(PTRACE_GETEVENTMSG, pid, 0, P(&m)))
		add(t, "=%lx", m);
}

enum change { NOTHING, SKIP, OTHER, SAME };
static const char *const changes[] = { "as it is", "skipped", "made another", "made the same" };

static void change(pid_t pid, enum change c)
{
	regs_t r;

	if (c == NOTHING || !regs_get(pid, &r))
		return;
	r.orig_ax = c == SKIP ? -1 : c == OTHER ? SYS_getgid : SYS_getppid;
	if (c == SKIP)
		r.ax = -EDOM;
	regs_set(pid, &r);
}

/* The first stop at the call is where the tracer changes it. */
static void traced(const char *words, unsigned long options, long request, enum change c)
{
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };
	bool changed = false;
	regs_t r;

	t.s[0] = '\0';
	roles_clear();
	own_body = body;
	if (!stage_start(&s, BODY_OWN, true, PTRACE_O_TRACESYSGOOD | options))
		return stage_end(&s);
	for (int n = 0, status = walk(&t, s.p, request, 0); n < 14 && status; n++) {
		bool call = regs_get(s.p, &r) && (uint32_t)r.orig_ax == (uint32_t)SYS_getppid;

		add_regs(&t, s.p);
		if (status >> 16)
			add_message(&t, s.p);
		if (call && !changed && (status >> 16 || WSTOPSIG(status) & 0x80)) {
			change(s.p, c);
			changed = true;
		}
		status = walk(&t, s.p, request, signal_of(status));
	}
	say("%s, options %lx, request %ld, %s:%s", words, options, request, changes[c], t.s);
	stage_end(&s);
}

/* What there is to read about filters, by whom. */
static void filters(void)
{
	static struct sock_filter code[64];
	struct { uint64_t off, flags; } meta;
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };

	t.s[0] = '\0';
	roles_clear();
	own_body = body;
	actions[0] = SECCOMP_RET_ALLOW;
	actions[1] = SECCOMP_RET_LOG;
	nactions = 2;
	if (stage_start(&s, BODY_OWN, true, 0)) {
		for (int when = 0; when < 2; when++) {
			for (long off = 0; off < 4; off++) {
				add(&t, " filter %ld", off);
				add(&t, " %s", answer(pt(PTRACE_SECCOMP_GET_FILTER, s.p, off, 0)));
				add(&t, " %s", answer(pt(PTRACE_SECCOMP_GET_FILTER, s.p, off, P(code))));
				for (unsigned long size = 0; size < 32; size += 8) {
					meta.off = off;
					meta.flags = 9;
					add(&t, " %lu:%s", size,
					    answer(pt(PTRACE_SECCOMP_GET_METADATA, s.p, size, P(&meta))));
				}
			}
			if (!when) {
				walk(&t, s.p, PTRACE_CONT, 0);
				pt(PTRACE_INTERRUPT, s.p, 0, 0);
				walk_on(&t, s.p);
			}
		}
	}
	say("filters:%s", t.s);
	stage_end(&s);
}

/* Dispatch to user space, set and read by the tracer; restartable sequences. */
static void dispatch_config(void)
{
	struct { uint64_t mode, selector, offset, len; } sud;
	struct { uint64_t rseq; uint32_t size, signature, flags, pad; } rseq;
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };

	t.s[0] = '\0';
	roles_clear();
	if (stage_start(&s, BODY_PAUSE, true, PTRACE_O_TRACESYSGOOD)) {
		for (unsigned long size = 0; size < 48; size += 8) {
			memset(&rseq, 9, sizeof(rseq));
			add(&t, " rseq %lu:%s", size, answer(pt(PTRACE_GET_RSEQ_CONFIGURATION, s.p, size, P(&rseq))));
			if (size == 24)
				add(&t, "(%d %u %x %u)", !!rseq.rseq, rseq.size, rseq.signature, rseq.flags);
			memset(&sud, 9, sizeof(sud));
			add(&t, " sud %lu:%s", size, answer(pt(0x4211, s.p, size, P(&sud))));
			if (size == 32)
				add(&t, "(%llu %llx %llx %llx)", (long long)sud.mode, (long long)sud.selector,
				    (long long)sud.offset, (long long)sud.len);
		}
		for (int mode = 0; mode < 3; mode++)
			for (int len = 0; len < 2; len++) {
				memset(&sud, 0, sizeof(sud));
				sud.mode = mode;
				sud.len = len;
				add(&t, " set %d,%d:%s", mode, len, answer(pt(0x4210, s.p, sizeof(sud), P(&sud))));
				sud.selector = P(&selector);
				add(&t, " with selector:%s", answer(pt(0x4210, s.p, sizeof(sud), P(&sud))));
				sud.selector = ~0ull;
				add(&t, " bad selector:%s", answer(pt(0x4210, s.p, sizeof(sud), P(&sud))));
			}
	}
	say("configuration:%s", t.s);
	stage_end(&s);
}

int main(void)
{
	static const struct { const char *words; unsigned int a[3]; int n; } sets[] = {
		{ "TRACE", { SECCOMP_RET_TRACE | 77 }, 1 },
		{ "ERRNO", { SECCOMP_RET_ERRNO | 42 }, 1 },
		{ "TRAP", { SECCOMP_RET_TRAP | 5 }, 1 },
		{ "KILL", { SECCOMP_RET_KILL_PROCESS }, 1 },
		{ "TRACE TRACE", { SECCOMP_RET_TRACE | 77, SECCOMP_RET_TRACE | 78 }, 2 },
		{ "TRACE ERRNO", { SECCOMP_RET_TRACE | 77, SECCOMP_RET_ERRNO | 42 }, 2 },
		{ "TRACE KILL", { SECCOMP_RET_TRACE | 77, SECCOMP_RET_KILL_PROCESS }, 2 },
	};
	static const unsigned long options[] = { 0, SECCOMP_OPT, SECCOMP_OPT | PTRACE_O_SUSPEND_SECCOMP };
	static const long requests[] = { PTRACE_CONT, PTRACE_SYSCALL, 31 };

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		memcpy(actions, sets[i].a, sizeof(actions));
		nactions = sets[i].n;
		for (size_t o = 0; o < sizeof(options) / sizeof(options[0]); o++)
			for (size_t r = 0; r < sizeof(requests) / sizeof(requests[0]); r++)
				for (enum change c = NOTHING; c <= SAME; c++)
					traced(sets[i].words, options[o], requests[r], c);
	}
	dispatch = true;
	nactions = 0;
	for (size_t r = 0; r < sizeof(requests) / sizeof(requests[0]); r++)
		traced("dispatched", 0, requests[r], NOTHING);
	actions[0] = SECCOMP_RET_TRACE | 77;
	nactions = 1;
	for (size_t r = 0; r < sizeof(requests) / sizeof(requests[0]); r++)
		traced("dispatched, TRACE", SECCOMP_OPT, requests[r], NOTHING);
	dispatch = false;
	filters();
	dispatch_config();
	return finish();
}
