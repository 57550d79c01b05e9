/* abi.c - the system call engine sees and changes i386, x32 and 64-bit calls: number, arguments, abort, rollback. */
/* seconds: 60 */
/*
 * A 64-bit process can make all three: "int $0x80" is an i386 call, a number
 * with bit 30 set an x32 call.
 */
#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define X32_BIT 0x40000000

enum { ABI_64, ABI_X32, ABI_I386, NABIS };

static const struct abi {
	const char *name;
	uint32_t arch;
	int getpid, getppid, none, pause, fork;
} abis[] = {
	{ "64-bit", AUDIT_ARCH_X86_64, 39, 110, 999, 34, 57 },
	{ "x32", AUDIT_ARCH_X86_64, 39 | X32_BIT, 110 | X32_BIT, 999 | X32_BIT, 34 | X32_BIT,
	  57 | X32_BIT },
	{ "i386", AUDIT_ARCH_I386, 20, 64, 999, 29, 2 },
};

/* In the page: the subject's orders, results, registers after the call; those of its child. */
enum { GO = 10, DONE, RESULT, REGS, NR = REGS + 6, KIND, CHILD, CHILD_REGS };

/* Make call @nr with arguments 1..6; the argument registers after it to @regs. */
static long call_64(long nr, long *regs)
{
	register long r10 __asm__("r10") = 4, r8 __asm__("r8") = 5, r9 __asm__("r9") = 6;
	long di = 1, si = 2, dx = 3;

	__asm__ volatile("syscall" : "+a"(nr), "+D"(di), "+S"(si), "+d"(dx), "+r"(r10), "+r"(r8),
			 "+r"(r9) : : "rcx", "r11", "memory");
	regs[0] = di;
	regs[1] = si;
	regs[2] = dx;
	regs[3] = r10;
	regs[4] = r8;
	regs[5] = r9;
	return nr;
}

static long call_i386(long nr, long *regs)
{
	long bx = 1, cx = 2, dx = 3, si = 4, di = 5;
	long io[2] = { 6, 0 };

	/* rbp is the sixth argument */
	__asm__ volatile("push %%rbp\n\tmov (%[io]), %%rbp\n\tpush %[io]\n\tint $0x80\n\t"
			 "pop %[io]\n\tmov %%rbp, 8(%[io])\n\tpop %%rbp"
			 : "+a"(nr), "+b"(bx), "+c"(cx), "+d"(dx), "+S"(si), "+D"(di)
			 : [io] "r"((long *)io) : "memory", "r8", "r9", "r10", "r11");
	regs[0] = bx;
	regs[1] = cx;
	regs[2] = dx;
	regs[3] = si;
	regs[4] = di;
	regs[5] = io[1];
	return (int)nr;
}

static int program(void *unused)
{
	long regs[6], ret;

	(void)unused;
	page[0] = 1;
	for (;;) {
		while (!page[GO])
			;
		page[GO] = 0;
		ret = page[KIND] == ABI_I386 ? call_i386(page[NR], regs) : call_64(page[NR], regs);
		/* no other of these calls gives 0 */
		for (int i = 0; i < 6; i++)
			page[(ret ? REGS : CHILD_REGS) + i] = regs[i];
		if (ret)
			page[RESULT] = ret;
		page[ret ? DONE : CHILD] = 1;
	}
	return 0;
}

static bool is_set(int i)
{
	for (long end = now_ms() + PATIENCE; now_ms() < end; sleep_ms(1))
		if (page[i])
			return true;
	return false;
}

static bool done(void)
{
	return is_set(DONE);
}

static void order(int kind, int nr)
{
	page[KIND] = kind;
	page[NR] = nr;
	page[DONE] = 0;
	page[GO] = 1;
}

/* The argument registers, at @regs in the page, are those of the program. */
static bool kept_in(int regs)
{
	for (int i = 0; i < 6; i++)
		if (page[regs + i] != i + 1)
			return false;
	return true;
}

static bool kept(void)
{
	return kept_in(REGS);
}

/* What a new process does before that is none of our business. */
static pid_t start(void)
{
	pid_t pid;

	page[0] = page[GO] = 0;
	pid = subject(program, NULL);
	while (!page[0])
		sleep_ms(1);
	return pid;
}

/* The next call that waits is getppid(1, 2, 3, 4, 5, 6). */
static bool asked_as_given(int fd, const struct abi *a, struct broker_call *c)
{
	bool same;

	memset(c, 0, sizeof(*c));
	same = broker_next(fd, c, PATIENCE) && c->arch == a->arch && c->nr == a->getppid;
	for (int i = 0; i < 6; i++)
		same = same && c->args[i] == (__u64)i + 1;
	return same;
}

/* A rewritten call is nothing that anybody sees but the kernel: not its restart, not a child it makes. */
static void rewritten(int kind, bool close_in_call)
{
	static const __u64 fork_args[6];
	const struct abi *a = &abis[kind];
	struct broker_call c;
	pid_t pid = start(), child = 0;
	int fd = broker_open();

	page[CHILD] = 0;
	if (broker_attach(fd, pid))
		bail("attach");
	order(kind, a->getppid);
	check(asked_as_given(fd, a, &c) && !broker_rewrite(fd, &c, a->pause, fork_args) && reaches(pid, 'S', PATIENCE),
	      "%s: a call that sleeps: %c", a->name, state_of(pid));
	if (close_in_call)
		close(fd);
	kill(pid, SIGSTOP);
	check(reaches(pid, 'T', PATIENCE), "%s: it stops: %c", a->name, state_of(pid));
	kill(pid, SIGCONT);
	if (close_in_call) {
		check(done() && page[RESULT] == getpid() && kept(), "%s: restarted when the broker is gone: %ld, %ld .. %ld",
		      a->name, page[RESULT], page[REGS], page[REGS + 5]);
		check(subject_end(pid), "%s: it ends", a->name);
		return;
	}
	check(asked_as_given(fd, a, &c), "%s: asked again about number %d(%llu, ...), not about %d", a->name, c.nr,
	      c.args[0], a->pause);
	check(!broker_rewrite(fd, &c, a->fork, fork_args) && done(), "%s: another call", a->name);
	child = page[RESULT];
	check(child > 0 && kept(), "%s: fork: %d, %ld .. %ld", a->name, child, page[REGS], page[REGS + 5]);
	check(is_set(CHILD) && kept_in(CHILD_REGS), "%s: its child: %ld .. %ld", a->name, page[CHILD_REGS],
	      page[CHILD_REGS + 5]);
	if (child > 0)
		kill(child, SIGKILL);
	close(fd);
	check(subject_end(pid), "%s: it ends", a->name);
}

static void with_broker(int kind)
{
	const struct abi *a = &abis[kind];
	static const __u64 other[6] = { 61, 62, 63, 64, 65, 66 };
	struct broker_call c;
	pid_t pid = start();
	int fd = broker_open();
	bool args = true;

	if (broker_attach(fd, pid))
		bail("attach");
	order(kind, a->getppid);
	if (!check(broker_next(fd, &c, PATIENCE), "%s: the broker gets the call", a->name))
		whereabouts(pid);
	for (int i = 0; i < 6; i++)
		args = args && c.args[i] == (__u64)i + 1;
	check(c.arch == a->arch && c.nr == a->getppid, "%s: architecture %x, number %x", a->name, c.arch,
	      c.nr);
	check(args, "%s: arguments %llu %llu %llu %llu %llu %llu", a->name, c.args[0], c.args[1],
	      c.args[2], c.args[3], c.args[4], c.args[5]);
	check(!page[DONE], "%s: the call waits", a->name);
	check(!broker_run(fd, &c) && done() && page[RESULT] == getpid(), "%s: run: %ld", a->name,
	      page[RESULT]);

	order(kind, a->getppid);
	broker_next(fd, &c, PATIENCE);
	check(!broker_result(fd, &c, -EMLINK) && done() && page[RESULT] == -EMLINK && kept(),
	      "%s: a result: %ld", a->name, page[RESULT]);

	/* one that the kernel has not can have a result, too */
	order(kind, a->none);
	broker_next(fd, &c, PATIENCE);
	check(c.nr == a->none && !broker_result(fd, &c, 77) && done() && page[RESULT] == 77,
	      "%s: a result for an unknown call: %ld", a->name, page[RESULT]);

	order(kind, a->getppid);
	broker_next(fd, &c, PATIENCE);
	check(!broker_rewrite(fd, &c, a->getpid, other) && done() && page[RESULT] == pid,
	      "%s: another call: %ld", a->name, page[RESULT]);
	check(kept(), "%s: the program keeps its arguments: %ld %ld .. %ld", a->name, page[REGS], page[REGS + 1],
	      page[REGS + 5]);

	/* to a call that is none */
	order(kind, a->getppid);
	broker_next(fd, &c, PATIENCE);
	check(!broker_rewrite(fd, &c, a->none, NULL) && done() && page[RESULT] == -ENOSYS,
	      "%s: to an unknown call: %ld", a->name, page[RESULT]);
	close(fd);
	check(subject_end(pid), "%s: it ends", a->name);
}

static void with_probe(int kind)
{
	const struct abi *a = &abis[kind];
	struct probe_line line;
	pid_t pid = start();
	int fd = probe_open(), inner;

	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "events %lx", EV(ENTRY) | EV(SYSCALL_EXIT));
	/* abort and rollback: registers as before, the number in the result register */
	probe_do(fd, "result 555");
	probe_do(fd, "once %d %x", EV_ENTRY, 0x200 | 0x10 | DO_RESUME);
	order(kind, a->getppid);
	check(done() && page[RESULT] == a->getppid && kept(), "%s: abort, rollback: %lx", a->name,
	      page[RESULT]);
	/* rollback at exit, after the call was made */
	probe_drop(fd);
	probe_do(fd, "once %d %x", EV_SYSCALL_EXIT, 0x200 | DO_RESUME);
	order(kind, a->getppid);
	check(done() && page[RESULT] == a->getppid && kept(), "%s: rollback at exit: %lx", a->name,
	      page[RESULT]);
	check(probe_event(fd, EV_SYSCALL_EXIT, &line, PATIENCE) && (int)line.extra == getpid(),
	      "%s: the call was made before: %ld", a->name, line.extra);

	/* and without having been asked at its entry */
	probe_do(fd, "events %lx", EV(SYSCALL_EXIT));
	probe_do(fd, "once %d %x", EV_SYSCALL_EXIT, 0x200 | DO_RESUME);
	order(kind, a->getppid);
	check(done() && page[RESULT] == a->getppid && kept(), "%s: rollback at exit alone: %lx", a->name,
	      page[RESULT]);

	/* an outer engine changes all, an inner one says rollback: the call is the program's */
	close(fd);
	inner = probe_open();
	probe_do(inner, "attach %d 100", pid);
	fd = probe_open();
	probe_do(fd, "attach %d 500", pid);
	check(!probe_do(fd, "scramble 1"), "%s: an engine changes the call", a->name);
	probe_do(inner, "events %lx", EV(ENTRY));
	probe_do(fd, "events %lx", EV(ENTRY));
	order(kind, a->getppid);
	check(done() && (kind == ABI_X32 || page[RESULT] == pid) && page[REGS] == 11 &&
		      page[REGS + 5] == 16,
	      "%s: changed by an engine: %ld, %ld .. %ld", a->name, page[RESULT], page[REGS],
	      page[REGS + 5]);
	probe_drop(inner);
	probe_do(inner, "on %d %x", EV_ENTRY, 0x200 | DO_RESUME);
	order(kind, a->getppid);
	check(done() && page[RESULT] == getpid() && kept(), "%s: and rolled back by another: %ld",
	      a->name, page[RESULT]);
	check(probe_event(inner, EV_ENTRY, &line, PATIENCE), "%s: which saw the changed call: %ld", a->name,
	      line.extra);
	close(fd);
	close(inner);
	check(subject_end(pid), "%s: it ends", a->name);
}

/* One way to change a call again and again before it is rolled back. */
static const struct rounds {
	const char *name;
	int rounds;
	unsigned int outer, inner;	/* the rounds in which they change it, as bits */
	bool late;			/* who rolls back attaches in the first stop */
	unsigned int verdict;
} rounds[] = {
	{ "changed in round 1 of 2", 2, 1, 0, false, 0x200 },
	{ "in both of 2", 2, 3, 0, false, 0x200 },
	{ "in round 2 of 2", 2, 2, 0, false, 0x200 },
	{ "in all of 4", 4, 15, 0, false, 0x200 },
	{ "in round 1 by one, 2 by another", 2, 1, 2, false, 0x200 },
	{ "by both in each of 3", 3, 7, 7, false, 0x200 },
	{ "in round 1 of 2, skipped", 2, 1, 0, false, 0x210 },
	{ "by both in each of 3, skipped", 3, 7, 7, false, 0x210 },
	{ "in round 1 of 2, rolled back by one that came later", 2, 1, 0, true, 0x200 },
	{ "in each of 3, rolled back by one that came later", 3, 7, 7, true, 0x200 },
};

/* Held at its entry for one round after the other; in the last it is rolled back, to what it was before the first. */
static void in_rounds(int kind, const struct rounds *r)
{
	const struct abi *a = &abis[kind];
	long expected = r->verdict & 0x10 ? a->getppid : getpid();
	pid_t pid = start();
	int outer = probe_open(), inner = probe_open(), holder = probe_open();
	int last = r->late ? probe_open() : holder;
	struct probe_line line;
	bool good = true;

	/* who rolls back is asked last */
	probe_do(holder, "attach %d 200", pid);
	probe_do(inner, "attach %d 200", pid);
	probe_do(outer, "attach %d 500", pid);
	probe_do(holder, "on %d %d", EV_ENTRY, DO_STOP);
	probe_do(holder, "events %lx", EV(ENTRY));
	probe_do(inner, "events %lx", EV(ENTRY));
	probe_do(outer, "events %lx", EV(ENTRY));
	for (int i = 0; i < r->rounds; i++) {
		probe_do(outer, "scramble %d", r->outer >> i & 1);
		probe_do(inner, "scramble %d", r->inner >> i & 1);
		if (i == r->rounds - 1) {
			probe_do(holder, "on %d %d", EV_ENTRY, DO_RESUME);
			probe_do(last, "on %d %x", EV_ENTRY, r->verdict | DO_RESUME);
		}
		if (!i)
			order(kind, a->getppid);
		else if (probe_do(holder, "control %d", DO_REPORT))
			good = false;
		if (!probe_event(holder, EV_ENTRY, &line, PATIENCE) ||
		    (i < r->rounds - 1 && !reaches(pid, 't', PATIENCE)))
			good = false;
		if (!i && r->late &&
		    (probe_do(last, "attach %d 100", pid) || probe_do(last, "events %lx", EV(ENTRY))))
			good = false;
	}
	check(good, "%s: %s: %d rounds", a->name, r->name, r->rounds);
	check(done() && page[RESULT] == expected && kept(),
	      "%s: %s: rolled back: %ld, %ld %ld %ld %ld %ld %ld", a->name, r->name, page[RESULT], page[REGS],
	      page[REGS + 1], page[REGS + 2], page[REGS + 3], page[REGS + 4], page[REGS + 5]);
	close(outer);
	close(inner);
	close(holder);
	if (r->late)
		close(last);
	check(subject_end(pid), "%s: %s: it ends", a->name, r->name);
}

/* Rolled back at the exit: also then to what was before the first round of the entry. */
static void rounds_then_exit(int kind)
{
	const struct abi *a = &abis[kind];
	struct probe_line line;
	pid_t pid = start();
	int fd = probe_open();

	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "scramble 1");
	probe_do(fd, "on %d %d", EV_ENTRY, DO_STOP);
	probe_do(fd, "on %d %x", EV_SYSCALL_EXIT, 0x200 | DO_RESUME);
	probe_do(fd, "events %lx", EV(ENTRY) | EV(SYSCALL_EXIT));
	order(kind, a->getppid);
	check(probe_event(fd, EV_ENTRY, &line, PATIENCE) && reaches(pid, 't', PATIENCE), "%s: changed in round 1", a->name);
	probe_do(fd, "on %d %d", EV_ENTRY, DO_RESUME);
	check(!probe_do(fd, "control %d", DO_REPORT), "%s: and in round 2", a->name);
	check(done() && page[RESULT] == a->getppid && kept(), "%s: rolled back at the exit: %ld, %ld .. %ld", a->name,
	      page[RESULT], page[REGS], page[REGS + 5]);
	close(fd);
	check(subject_end(pid), "%s: it ends", a->name);
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-broker", NULL) || module_load("utrace-probe", NULL))
		bail("modules");
	for (int kind = 0; kind < NABIS; kind++) {
		with_broker(kind);
		rewritten(kind, false);
		rewritten(kind, true);
		with_probe(kind);
		for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++)
			in_rounds(kind, &rounds[i]);
		rounds_then_exit(kind);
	}
	return done_testing();
}
