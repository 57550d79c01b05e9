/* matrix.c - every request, at every place where a tracee can be, with good and bad arguments. */
/* call: 64 */
/* call: 64 32 */
/* call: 64 x32 */
/* call: 32 */
/* call: 32 64 */
/* call: x32 */
/* seconds: 600 */
#include <asm/ptrace-abi.h>
#include <errno.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "lib/stage.h"

#define BAD (~0xffful)

static union {
	unsigned char bytes[4096];
	struct iovec iov;
	struct ptrace_peeksiginfo_args peek;
} buf;
static unsigned char other[4096];

struct arguments {
	const char *label;
	unsigned long addr, data;
	void (*fill)(void);	/* what to put into buf */
};

static void fill_iov(void)
{
	buf.iov = (struct iovec){ other, sizeof(other) };
}

static void fill_iov_empty(void)
{
	buf.iov = (struct iovec){ other, 0 };
}

static void fill_iov_odd(void)
{
	buf.iov = (struct iovec){ other, 5 };
}

static void fill_iov_bad(void)
{
	buf.iov = (struct iovec){ (void *)BAD, 64 };
}

static void fill_peek(void)
{
	buf.peek = (struct ptrace_peeksiginfo_args){ .nr = 1 };
}

static void fill_peek_shared(void)
{
	buf.peek = (struct ptrace_peeksiginfo_args){ .nr = 1, .flags = PTRACE_PEEKSIGINFO_SHARED };
}

static void fill_peek_flags(void)
{
	buf.peek = (struct ptrace_peeksiginfo_args){ .nr = 1, .flags = 2 };
}

static void fill_peek_negative(void)
{
	buf.peek = (struct ptrace_peeksiginfo_args){ .nr = -1 };
}

#define B P(&buf)
#define MORE 6

enum { READS = 1 };

static struct request {
	long number;
	const char *name;
	int flags;
	struct arguments more[MORE];
} requests[] = {
	{ 1, "PEEKTEXT", READS, { { "word,other", P(&stage_word), P(other), NULL } } },
	{ 2, "PEEKDATA", READS, { { "word,other", P(&stage_word), P(other), NULL } } },
	{ 3, "PEEKUSR", READS, { { "8,other", 8, P(other), NULL }, { "4,other", 4, P(other), NULL } } },
	{ 4, "POKETEXT", 0, { { "word,7", P(&stage_word), 7, NULL } } },
	{ 5, "POKEDATA", 0, { { "word,7", P(&stage_word), 7, NULL } } },
	{ 6, "POKEUSR", 0, { { "8,7", 8, 7, NULL }, { "4,7", 4, 7, NULL } } },
	{ 7, "CONT", 0, { { "0,STOP", 0, SIGSTOP, NULL }, { "0,KILL", 0, SIGKILL, NULL } } },
	{ 8, "KILL", 0, { { 0 } } },
	{ 9, "SINGLESTEP", 0, { { 0 } } },
	{ 10, "10", 0, { { 0 } } },
	{ 11, "11", 0, { { 0 } } },
	{ 12, "GETREGS", READS, { { 0 } } },
	{ 13, "SETREGS", 0, { { 0 } } },
	{ 14, "GETFPREGS", READS, { { 0 } } },
	{ 15, "SETFPREGS", 0, { { 0 } } },
	{ 16, "ATTACH", 0, { { 0 } } },
	{ 17, "DETACH", 0, { { "0,STOP", 0, SIGSTOP, NULL } } },
	{ 18, "GETFPXREGS", READS, { { 0 } } },
	{ 19, "SETFPXREGS", 0, { { 0 } } },
	{ 20, "20", 0, { { 0 } } },
	{ 21, "OLDSETOPTIONS", 0, { { "0,ff", 0, 0xff, NULL } } },
	{ 22, "22", 0, { { 0 } } },
	{ 23, "23", 0, { { 0 } } },
	{ 24, "SYSCALL", 0, { { 0 } } },
	{ 25, "GET_THREAD_AREA", READS, { { "12,other", 12, P(other), NULL } } },
	{ 26, "SET_THREAD_AREA", 0, { { "12,other", 12, P(other), NULL } } },
	{ 27, "27", 0, { { 0 } } },
	{ 30, "ARCH_PRCTL", READS, { { "other,GET_FS", P(other), 0x1003, NULL } } },
	{ 31, "SYSEMU", 0, { { 0 } } },
	{ 32, "SYSEMU_SINGLESTEP", 0, { { 0 } } },
	{ 33, "SINGLEBLOCK", 0, { { 0 } } },
	{ 34, "34", 0, { { 0 } } },
	{ 0x41ff, "41ff", 0, { { 0 } } },
	{ 0x4200, "SETOPTIONS", 0, { { "0,ff", 0, 0xff, NULL }, { "0,100000", 0, 0x100000, NULL },
				     { "0,200000", 0, 0x200000, NULL }, { "0,100", 0, 0x100, NULL } } },
	{ 0x4201, "GETEVENTMSG", READS, { { 0 } } },
	{ 0x4202, "GETSIGINFO", READS, { { 0 } } },
	{ 0x4203, "SETSIGINFO", 0, { { 0 } } },
	{ 0x4204, "GETREGSET", READS, {
		{ "PRSTATUS,iov", 1, B, fill_iov }, { "PRSTATUS,empty", 1, B, fill_iov_empty },
		{ "PRSTATUS,odd", 1, B, fill_iov_odd }, { "PRSTATUS,badiov", 1, B, fill_iov_bad },
		{ "PRFPREG,iov", 2, B, fill_iov }, { "999,iov", 0x999, B, fill_iov } } },
	{ 0x4205, "SETREGSET", 0, {
		{ "PRSTATUS,iov", 1, B, fill_iov }, { "PRSTATUS,empty", 1, B, fill_iov_empty },
		{ "PRSTATUS,odd", 1, B, fill_iov_odd }, { "PRSTATUS,badiov", 1, B, fill_iov_bad },
		{ "PRFPREG,iov", 2, B, fill_iov }, { "999,iov", 0x999, B, fill_iov } } },
	{ 0x4206, "SEIZE", 0, { { "0,ff", 0, 0xff, NULL }, { "0,200000", 0, 0x200000, NULL },
				{ "0,80000000", 0, 0x80000000, NULL } } },
	{ 0x4207, "INTERRUPT", 0, { { 0 } } },
	{ 0x4208, "LISTEN", 0, { { 0 } } },
	{ 0x4209, "PEEKSIGINFO", READS, {
		{ "peek,other", B, P(other), fill_peek }, { "shared,other", B, P(other), fill_peek_shared },
		{ "flags,other", B, P(other), fill_peek_flags },
		{ "negative,other", B, P(other), fill_peek_negative } } },
	{ 0x420a, "GETSIGMASK", READS, { { "8,other", 8, P(other), NULL }, { "4,other", 4, P(other), NULL } } },
	{ 0x420b, "SETSIGMASK", 0, { { "8,other", 8, P(other), NULL }, { "4,other", 4, P(other), NULL } } },
	{ 0x420c, "SECCOMP_GET_FILTER", READS, { { "0,other", 0, P(other), NULL } } },
	{ 0x420d, "SECCOMP_GET_METADATA", READS, { { "16,buf", 16, B, NULL } } },
	{ 0x420e, "GET_SYSCALL_INFO", READS, { { "88,other", 88, P(other), NULL } } },
	{ 0x420f, "GET_RSEQ_CONFIGURATION", READS, { { "24,other", 24, P(other), NULL } } },
	{ 0x4210, "SET_SUD_CONFIG", 0, { { "32,other", 32, P(other), NULL } } },
	{ 0x4211, "GET_SUD_CONFIG", READS, { { "32,other", 32, P(other), NULL } } },
	{ 0x4212, "4212", 0, { { 0 } } },
	{ 0x427f, "427f", 0, { { 0 } } },
	{ 0xffff, "ffff", 0, { { 0 } } },
	{ -1, "minus-one", 0, { { 0 } } },
};

static const struct arguments common[] = {
	{ "0,0", 0, 0, NULL },
	{ "0,buf", 0, B, NULL },
	{ "0,bad", 0, BAD, NULL },
	{ "1,USR1", 1, SIGUSR1, NULL },
	{ "3,65", 3, 65, NULL },
	{ "-1,-1", ~0ul, ~0ul, NULL },
};

static struct scene scene;
static char base[100];
static bool there;

static bool ready(const struct stage *stage)
{
	if (there)
		return true;
	there = stage_make(stage, &scene);
	if (there)
		snprintf(base, sizeof(base), "%s", look(scene.p));
	return there;
}

static void ask(struct text *t, const struct stage *stage, const struct request *r,
		const struct arguments *a)
{
	const char *now;
	long ret;

	if (!ready(stage)) {
		add(t, " ?");
		return;
	}
	memset(&buf, 0, sizeof(buf));
	memset(other, 0, sizeof(other));
	if (a->fill)
		a->fill();
	ret = pt(r->number, scene.p, a->addr, a->data);
	add(t, " %s=%s", a->label, answer(ret));
	now = look(scene.p);
	if (strcmp(now, base))
		add(t, "[%s]", now);
	if (strcmp(now, base) || (ret >= 0 && !(r->flags & READS))) {
		/* what it has changed may come to light when it goes on */
		if (*now == 't' && !pt(PTRACE_CONT, scene.p, 0, 0))
			add(t, "[then %s]", look(scene.p));
		stage_end(&scene);
		there = false;
	}
}

int main(int argc, char **argv)
{
	size_t n = sizeof(requests) / sizeof(requests[0]);

	stage_abi = argc > 1 ? argv[1] : NULL;
	for (size_t i = 0; i < nstages; i++) {
		for (size_t k = 0; k < n; k++) {
			const struct request *r = &requests[k];
			struct text t = { .n = 0 };

			t.s[0] = '\0';
			for (size_t c = 0; c < sizeof(common) / sizeof(common[0]); c++)
				ask(&t, &stages[i], r, &common[c]);
			for (size_t c = 0; c < MORE && r->more[c].label; c++)
				ask(&t, &stages[i], r, &r->more[c]);
			say("%s %s:%s", stages[i].name, r->name, t.s);
		}
		stage_end(&scene);
		there = false;
	}
	return finish();
}
