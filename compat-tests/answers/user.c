/* user.c - the user area: every offset read and written, and breakpoints in its debug registers. */
/* call: 64 */
/* call: 64 32 */
/* call: 32 */
/* call: 32 64 */
/* call: x32 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/regs.h"
#include "lib/stage.h"
#include "lib/walk.h"

#define DR(n) (offsetof(struct user, u_debugreg) + (n) * sizeof(((struct user *)0)->u_debugreg[0]))

static struct text t;

static void begin(void)
{
	t.n = 0;
	t.s[0] = '\0';
	roles_clear();
}

static void offsets(void)
{
	static const unsigned long values[] = { 0, 1, 0x33, 0x23, 0x100, 0x3000, 0xffff, ~0ul };
	unsigned long size = sizeof(struct user);
	struct scene s = { .status = -1 };

	for (unsigned long at = 0; at < size + 32; at += 4) {
		/* the general registers, a sample of what lies behind, and the debug registers */
		if (at > sizeof(struct user_regs_struct) + 16 && at < DR(0) - 16 && at % 64)
			continue;
		begin();
		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			unsigned long word = 0;

			/* a number that says nothing about addresses is compared, others are not */
			add(&t, " %lx=", values[v]);
			if (!s.p && !stage_start(&s, BODY_PAUSE, true, 0))
				return;
			add(&t, "%s", answer(pt(PTRACE_POKEUSER, s.p, at, values[v])));
			if (pt(PTRACE_PEEKUSER, s.p, at, P(&word)))
				add(&t, "/%s", errno_word(errno));
			else
				add(&t, "/%s", word == values[v] ? "same" : word ? "other" : "0");
		}
		say("offset %lx:%s", at, t.s);
		stage_end(&s);
	}
}

/* Debug registers one after the other: what is taken, what is refused. */
static void controls(void)
{
	static const unsigned long sevens[] = {
		0, 1, 2, 3, 0x55, 0xff, 0x400, 0x10001, 0x20001, 0x30001, 0xd0001, 0xf0001, 0x70001, 0xb0001,
		0x155, 0x2001, 0xffff0001, 0x300,
	};
	unsigned long addresses[] = { 0, P(&stage_word), P(&stage_word) + 1, ~0ul, 0xb0000000ul };
	unsigned long word;

	for (size_t a = 0; a < sizeof(addresses) / sizeof(addresses[0]); a++) {
		begin();
		for (size_t i = 0; i < sizeof(sevens) / sizeof(sevens[0]); i++) {
			struct scene s = { .status = -1 };

			if (!stage_start(&s, BODY_PAUSE, true, 0))
				return stage_end(&s);
			word = 0;
			add(&t, " %s", answer(pt(PTRACE_POKEUSER, s.p, DR(0), addresses[a])));
			add(&t, ",%lx=%s", sevens[i], answer(pt(PTRACE_POKEUSER, s.p, DR(7), sevens[i])));
			pt(PTRACE_PEEKUSER, s.p, DR(7), P(&word));
			add(&t, ",%lx", word);
			stage_end(&s);
		}
		say("control of address %zu:%s", a, t.s);
	}
}

static volatile unsigned long watched[4];

__attribute__((noinline)) static void touched(void)
{
	watched[0] = 1;
	watched[1] += watched[0];
	asm volatile("nop");
}

static void body(void)
{
	for (int i = 0; i < 3; i++) {
		touched();
		syscall(SYS_getppid);
	}
}

/* A breakpoint, hit while it runs, steps, and is traced by calls; kept over fork and exec or not. */
static void hit(const char *words, unsigned long address, unsigned long control, long request)
{
	struct scene s = { .status = -1 };
	siginfo_t info;
	unsigned long six;

	begin();
	own_body = body;
	if (!stage_start(&s, BODY_OWN, true, PTRACE_O_TRACESYSGOOD))
		return stage_end(&s);
	add(&t, " %s", answer(pt(PTRACE_POKEUSER, s.p, DR(0), address)));
	add(&t, " %s", answer(pt(PTRACE_POKEUSER, s.p, DR(7), control)));
	for (int n = 0, status = walk(&t, s.p, request, 0); n < 12 && status; n++) {
		memset(&info, 0, sizeof(info));
		six = 0;
		pt(PTRACE_GETSIGINFO, s.p, 0, P(&info));
		pt(PTRACE_PEEKUSER, s.p, DR(6), P(&six));
		add(&t, "(%x %lx)", info.si_code, six & 0xf00f);
		if (n == 4)
			add(&t, " clear %s", answer(pt(PTRACE_POKEUSER, s.p, DR(6), 0)));
		if (n == 8)
			add(&t, " off %s", answer(pt(PTRACE_POKEUSER, s.p, DR(7), 0)));
		status = walk(&t, s.p, request, signal_of(status));
	}
	say("breakpoint %s, request %ld:%s", words, request, t.s);
	stage_end(&s);
}

int main(int argc, char **argv)
{
	static const long requests[] = { PTRACE_CONT, PTRACE_SYSCALL };

	stage_abi = argc > 1 ? argv[1] : NULL;
	offsets();
	if (stage_abi)
		return finish();
	controls();
	for (size_t i = 0; i < 2; i++) {
		hit("on execution", P(touched), 0x1, requests[i]);
		hit("on writing", P(&watched[1]), 0x10001 | (sizeof(long) == 8 ? 0x80000 : 0xc0000), requests[i]);
		hit("on access", P(&watched[0]), 0x30001 | (sizeof(long) == 8 ? 0x80000 : 0xc0000), requests[i]);
		hit("elsewhere", P(&watched[3]), 0x30001 | (sizeof(long) == 8 ? 0x80000 : 0xc0000), requests[i]);
	}
	return finish();
}
