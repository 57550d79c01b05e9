/* request.c - every request of ptrace, with random arguments, on threads in any state. */
#include <elf.h>
#include <errno.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "tracer.h"

/* What <linux/ptrace.h> has not. */
enum { GETREGS = 12, SETREGS, GETFPREGS, SETFPREGS, OLDSETOPTIONS = 21, GET_THREAD_AREA = 25,
       ARCH_PRCTL = 30, SYSEMU, SYSEMU_SINGLESTEP, SINGLEBLOCK, SET_USER_DISPATCH = 0x4210,
       GET_USER_DISPATCH, SET_SYSCALL_VERDICT = 0x4280 };

/* Of SET_USER_DISPATCH. */
struct dispatch {
	uint64_t mode, selector, offset, len;
};

/* Always with its kind, so that all is counted. */
static long ask(struct tracer *t, unsigned int kind, long nr, int tid, long addr, void *data)
{
	long ret = sys4(SYS_ptrace, nr, tid, addr, data);

	add_one(&t->me->requests);
	add_one(&storm->made[kind]);
	if (ret >= 0)
		add_one(&storm->good[kind]);
	return ret;
}

typedef long make(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid);

static long with_signal(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	long sig = 0;

	if (who && one_in(&t->rnd, 3))
		sig = who->sig;
	else if (one_in(&t->rnd, 8))
		sig = draw_signal(&t->rnd);
	else if (one_in(&t->rnd, 30))
		sig = (long)draw64(&t->rnd);
	return ask(t, kind, nr, tid, 0, (void *)sig);
}

static long resume(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	long ret = with_signal(t, kind, nr, who, tid);

	if (!ret && who)
		who->stopped = false;
	return ret;
}

static long detach(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	long ret = with_signal(t, kind, nr, who, tid);

	if (!ret && who) {
		pool_offer(tid);
		tracer_remove(t, tid);
	}
	return ret;
}

static long plain(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	long ret = ask(t, kind, nr, tid, 0, NULL);

	if (!ret && who && nr == PTRACE_LISTEN)
		who->stopped = false;
	return ret;
}

/* As the tracee has them, but for a call that may be called off. */
static long registers(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	struct user_regs_struct r;
	long ret;

	(void)who;
	memset(&r, 0, sizeof(r));
	ret = ask(t, kind, nr == SETREGS ? GETREGS : nr, tid, 0, &r);
	if (ret || nr != SETREGS)
		return ret;
	if (one_in(&t->rnd, 8))
		r.orig_rax = -1;
	return ask(t, kind, nr, tid, 0, &r);
}

static long fp_registers(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	struct user_fpregs_struct r;
	long ret;

	(void)who;
	ret = ask(t, kind, GETFPREGS, tid, 0, &r);
	return ret || nr == GETFPREGS ? ret : ask(t, kind, nr, tid, 0, &r);
}

static long regset(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	static const int notes[] = { NT_PRSTATUS, NT_PRSTATUS, NT_PRFPREG, NT_X86_XSTATE, NT_386_TLS,
				     NT_386_IOPERM, 0x204 /* the shadow stack */, 99 };
	unsigned char data[8192];
	struct iovec v = { data, sizeof(data) };
	int note = notes[draw(&t->rnd, sizeof(notes) / sizeof(*notes))];
	long ret;

	(void)who;
	ret = ask(t, kind, PTRACE_GETREGSET, tid, note, &v);
	if (ret || nr == PTRACE_GETREGSET)
		return ret;
	/* some of it, or too much of it */
	if (one_in(&t->rnd, 4))
		v.iov_len = draw(&t->rnd, 1024);
	return ask(t, kind, nr, tid, note, &v);
}

/* The program is where it is in all processes, so text and data are, too. */
static long place(struct tracer *t)
{
	switch (draw(&t->rnd, 6)) {
	case 0: return 0;
	case 1: return (long)draw64(&t->rnd);
	case 2: return (long)&storm + draw(&t->rnd, 8);
	case 3: return (long)0xffffffffff600000;	/* vsyscall */
	default: return (long)life + draw(&t->rnd, 256);
	}
}

static long memory(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	long addr = place(t), word = 0, ret;

	(void)who;
	ret = ask(t, kind, PTRACE_PEEKDATA, tid, addr, &word);
	if (ret || nr == PTRACE_PEEKTEXT || nr == PTRACE_PEEKDATA)
		return ret;
	return ask(t, kind, nr, tid, addr, (void *)word);
}

static long user_area(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	unsigned int at = draw(&t->rnd, sizeof(struct user) + 16);
	long word = 0, ret;

	(void)who;
	if (!one_in(&t->rnd, 8))
		at &= ~7u;
	ret = ask(t, kind, PTRACE_PEEKUSR, tid, at, &word);
	if (ret || nr == PTRACE_PEEKUSR)
		return ret;
	return ask(t, kind, nr, tid, at, (void *)word);
}

/* One debug register, most of the times for something that can be. */
static long debug_register(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	unsigned int i = draw(&t->rnd, 8);
	long at = offsetof(struct user, u_debugreg) + i * sizeof(long), value = 0;

	(void)who;
	if (i < 4)
		value = one_in(&t->rnd, 3) ? 0 : place(t);
	else if (i == 7 && !one_in(&t->rnd, 3))
		/* enable bits of four, length and access of each */
		value = (draw(&t->rnd, 256) & 0x55) | (long)(draw64(&t->rnd) & 0xffff) << 16;
	return ask(t, kind, nr, tid, at, (void *)value);
}

static long siginfo(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	siginfo_t si;
	long ret;

	(void)who;
	ret = ask(t, kind, PTRACE_GETSIGINFO, tid, 0, &si);
	return ret || nr == PTRACE_GETSIGINFO ? ret : ask(t, kind, nr, tid, 0, &si);
}

static long peek_signals(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	siginfo_t si[4];
	struct ptrace_peeksiginfo_args a = {
		.off = draw(&t->rnd, 3), .flags = draw(&t->rnd, 3), .nr = draw(&t->rnd, 5),
	};

	(void)who;
	return ask(t, kind, nr, tid, (long)&a, si);
}

static long signal_mask(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	uint64_t mask = 0;
	long ret;

	(void)who;
	ret = ask(t, kind, PTRACE_GETSIGMASK, tid, 8, &mask);
	if (ret || nr == PTRACE_GETSIGMASK)
		return ret;
	if (one_in(&t->rnd, 2))
		mask = one_in(&t->rnd, 2) ? 0 : draw64(&t->rnd) & draw64(&t->rnd);
	return ask(t, kind, nr, tid, one_in(&t->rnd, 10) ? 4 : 8, &mask);
}

static long draw_options(uint64_t *rnd)
{
	long o = draw64(rnd) & 0xff;

	if (!one_in(rnd, 4))
		o |= PTRACE_O_TRACESYSGOOD;
	if (one_in(rnd, 4))
		o |= PTRACE_O_EXITKILL;
	if (one_in(rnd, 8))
		o |= PTRACE_O_SUSPEND_SECCOMP;
	if (one_in(rnd, 20))
		o |= 1l << draw(rnd, 32);
	return o;
}

static long options(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	(void)who;
	return ask(t, kind, nr, tid, 0, (void *)draw_options(&t->rnd));
}

/* Requests that fill a structure of a size that is told, or of their own. */
static long fills(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	static const long room[] = { 128, 24, 88, 1, 0 };
	unsigned char data[256];

	(void)who;
	memset(data, 0, sizeof(data));
	return ask(t, kind, nr, tid, room[draw(&t->rnd, 5)], data);
}

static long seccomp(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	unsigned char data[64 * 8];

	(void)who;
	memset(data, 0, sizeof(data));
	if (nr == PTRACE_SECCOMP_GET_METADATA)
		return ask(t, kind, nr, tid, 16, data);
	return ask(t, kind, nr, tid, draw(&t->rnd, 3), one_in(&t->rnd, 3) ? NULL : data);
}

/* Off, or on with all of the program excepted from it. */
static long user_dispatch(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	struct dispatch c = { 0 };
	long ret;

	(void)who;
	ret = ask(t, kind, GET_USER_DISPATCH, tid, sizeof(c), &c);
	if (ret || nr == GET_USER_DISPATCH)
		return ret;
	if (one_in(&t->rnd, 2))
		c = (struct dispatch){ .mode = 1, .offset = 0x400000, .len = 0x1000000 };
	return ask(t, kind, nr, tid, one_in(&t->rnd, 10) ? 8 : sizeof(c), &c);
}

static long arch(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	unsigned long base;

	(void)who;
	return ask(t, kind, nr, tid, (long)&base, (void *)(one_in(&t->rnd, 2) ? 0x1003l : 0x1004l));
}

static long thread_area(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	unsigned int desc[4];

	(void)who;
	return ask(t, kind, nr, tid, 12 + draw(&t->rnd, 4), desc);
}

static long verdict(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	(void)who;
	return ask(t, kind, nr, tid, 0, (void *)(long)draw(&t->rnd, 3));
}

static long unknown(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	static const long numbers[] = { 10, 22, 34, 100, 0x41ff, 0x4212, 0x4300, -1 };

	(void)who;
	(void)nr;
	return ask(t, kind, numbers[draw(&t->rnd, 8)], tid, 0, NULL);
}

static long attach(struct tracer *t, unsigned int kind, long nr, struct tracee *who, int tid)
{
	long o = nr == PTRACE_SEIZE ? draw_options(&t->rnd) : 0;
	long ret = ask(t, kind, nr, tid, 0, (void *)o);

	(void)who;
	if (!ret)
		tracer_add(t, (struct tracee){ .tid = tid, .seized = nr == PTRACE_SEIZE });
	return ret;
}

enum { KIND_TRACEME, KIND_ATTACH, KIND_SEIZE, KIND_INTERRUPT };
/* Which of them must succeed now and then, if there are many. */
enum { NEVER, ALWAYS, UTRACE };

static const struct {
	const char *name;
	long nr;
	unsigned int weight;	/* among random requests */
	int succeeds;
	make *make;
} kinds[] = {
	[KIND_TRACEME] = { "TRACEME", PTRACE_TRACEME, 0, ALWAYS, NULL },
	[KIND_ATTACH] = { "ATTACH", PTRACE_ATTACH, 1, ALWAYS, attach },
	[KIND_SEIZE] = { "SEIZE", PTRACE_SEIZE, 1, ALWAYS, attach },
	[KIND_INTERRUPT] = { "INTERRUPT", PTRACE_INTERRUPT, 3, ALWAYS, plain },
	{ "CONT", PTRACE_CONT, 9, ALWAYS, resume },
	{ "SYSCALL", PTRACE_SYSCALL, 10, ALWAYS, resume },
	{ "SINGLESTEP", PTRACE_SINGLESTEP, 4, ALWAYS, resume },
	{ "SINGLEBLOCK", SINGLEBLOCK, 2, ALWAYS, resume },
	{ "SYSEMU", SYSEMU, 2, ALWAYS, resume },
	{ "SYSEMU_SINGLESTEP", SYSEMU_SINGLESTEP, 2, ALWAYS, resume },
	{ "LISTEN", PTRACE_LISTEN, 3, ALWAYS, plain },
	{ "DETACH", PTRACE_DETACH, 2, ALWAYS, detach },
	{ "KILL", PTRACE_KILL, 1, ALWAYS, plain },
	{ "GETREGS", GETREGS, 2, ALWAYS, registers },
	{ "SETREGS", SETREGS, 3, ALWAYS, registers },
	{ "GETFPREGS", GETFPREGS, 1, ALWAYS, fp_registers },
	{ "SETFPREGS", SETFPREGS, 1, ALWAYS, fp_registers },
	{ "GETREGSET", PTRACE_GETREGSET, 2, ALWAYS, regset },
	{ "SETREGSET", PTRACE_SETREGSET, 3, ALWAYS, regset },
	{ "PEEKTEXT", PTRACE_PEEKTEXT, 1, ALWAYS, memory },
	{ "PEEKDATA", PTRACE_PEEKDATA, 1, ALWAYS, memory },
	{ "POKETEXT", PTRACE_POKETEXT, 1, ALWAYS, memory },
	{ "POKEDATA", PTRACE_POKEDATA, 1, ALWAYS, memory },
	{ "PEEKUSER", PTRACE_PEEKUSR, 1, ALWAYS, user_area },
	{ "POKEUSER", PTRACE_POKEUSR, 1, ALWAYS, user_area },
	{ "POKEUSER, debug registers", PTRACE_POKEUSR, 3, ALWAYS, debug_register },
	{ "GETSIGINFO", PTRACE_GETSIGINFO, 2, ALWAYS, siginfo },
	{ "SETSIGINFO", PTRACE_SETSIGINFO, 2, ALWAYS, siginfo },
	{ "PEEKSIGINFO", PTRACE_PEEKSIGINFO, 2, ALWAYS, peek_signals },
	{ "GETSIGMASK", PTRACE_GETSIGMASK, 1, ALWAYS, signal_mask },
	{ "SETSIGMASK", PTRACE_SETSIGMASK, 2, ALWAYS, signal_mask },
	{ "SETOPTIONS", PTRACE_SETOPTIONS, 8, ALWAYS, options },
	{ "OLDSETOPTIONS", OLDSETOPTIONS, 1, ALWAYS, options },
	{ "GETEVENTMSG", PTRACE_GETEVENTMSG, 2, ALWAYS, fills },
	{ "GET_SYSCALL_INFO", PTRACE_GET_SYSCALL_INFO, 3, ALWAYS, fills },
	{ "SECCOMP_GET_FILTER", PTRACE_SECCOMP_GET_FILTER, 1, ALWAYS, seccomp },
	{ "SECCOMP_GET_METADATA", PTRACE_SECCOMP_GET_METADATA, 1, ALWAYS, seccomp },
	{ "GET_RSEQ_CONFIGURATION", PTRACE_GET_RSEQ_CONFIGURATION, 1, ALWAYS, fills },
	{ "SET_SYSCALL_USER_DISPATCH_CONFIG", SET_USER_DISPATCH, 1, ALWAYS, user_dispatch },
	{ "GET_SYSCALL_USER_DISPATCH_CONFIG", GET_USER_DISPATCH, 1, ALWAYS, user_dispatch },
	{ "ARCH_PRCTL", ARCH_PRCTL, 1, ALWAYS, arch },
	{ "GET_THREAD_AREA", GET_THREAD_AREA, 1, ALWAYS, thread_area },
	{ "SET_SYSCALL_VERDICT", SET_SYSCALL_VERDICT, 4, UTRACE, verdict },
	{ "a number that is none", 0, 1, NEVER, unknown },
};

#define NKINDS (sizeof(kinds) / sizeof(*kinds))
_Static_assert(NKINDS <= KINDS, "there is a counter for each");

const char *request_name(unsigned int kind)
{
	return kind < NKINDS ? kinds[kind].name : NULL;
}

bool request_succeeds(unsigned int kind, bool utrace)
{
	return kinds[kind].succeeds == ALWAYS || (utrace && kinds[kind].succeeds == UTRACE);
}

void request_any(struct tracer *t, struct tracee *who, int tid)
{
	unsigned int sum = 0, which, kind = 0;
	bool theirs = who && who->stopped;

	for (unsigned int i = 0; i < NKINDS; i++)
		sum += kinds[i].weight;
	which = draw(&t->rnd, sum);
	while (which >= kinds[kind].weight)
		which -= kinds[kind++].weight;
	if (kinds[kind].make(t, kind, kinds[kind].nr, who, tid) != -ESRCH || !who)
		return;
	/* it is not stopped, or not there any more */
	if (theirs)
		who->stopped = false;
	else if (one_in(&t->rnd, 4) && sys2(SYS_tkill, tid, 0) == -ESRCH)
		tracer_remove(t, tid);
}

void request_attach(struct tracer *t, int tid, bool seize)
{
	unsigned int kind = seize ? KIND_SEIZE : KIND_ATTACH;

	attach(t, kind, kinds[kind].nr, NULL, tid);
}

void request_interrupt(struct tracer *t, int tid)
{
	plain(t, KIND_INTERRUPT, PTRACE_INTERRUPT, NULL, tid);
}

void request_traceme(uint64_t *rnd, struct actor *me)
{
	struct tracer t = { .rnd = *rnd, .me = me };

	ask(&t, KIND_TRACEME, PTRACE_TRACEME, 0, 0, NULL);
}
