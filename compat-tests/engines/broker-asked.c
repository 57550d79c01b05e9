/* broker-asked.c - the broker's client is asked once about each call, and its answer counts for the call it was told of. */
/* seconds: 60 */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

static bool asked(int fd, pid_t pid, int nr, struct broker_call *c)
{
	memset(c, 0, sizeof(*c));
	return broker_next(fd, c, PATIENCE) && c->tid == pid && c->nr == nr;
}

/* Change one register of a thread in its stop. */
static bool change(pid_t pid, size_t reg, unsigned long value)
{
	return !ptrace(PTRACE_POKEUSER, pid, (void *)reg, (void *)value);
}

/* A tracer changes the call while the client thinks about it, and says "run" before the tracer lets go, or after. */
static void changed(int fd, pid_t pid, bool number, bool early)
{
	const char *what = number ? "number" : "argument", *when = early ? "answered before" : "answered after";
	struct broker_call c, again;

	check(!trace(PTRACE_SYSCALL, pid, 0), "%s, %s: to a call", what, when);
	page[GO]++;
	check(trace_wait(pid, PATIENCE) == SYSCALL_STOP && asked(fd, pid, SYS_getppid, &c),
	      "%s, %s: the client is asked", what,
	      when);
	if (early)
		check(!broker_run(fd, &c), "%s, %s: it says run", what, when);
	check(number ? change(pid, offsetof(struct user_regs_struct, orig_rax), SYS_getpid) :
		       change(pid, offsetof(struct user_regs_struct, rdi), 4711),
	      "%s, %s: a tracer changes it", what, when);
	check(!trace(PTRACE_CONT, pid, 0), "%s, %s: the tracer lets go", what, when);
	if (!early)
		check(!broker_run(fd, &c), "%s, %s: the client says run", what, when);
	check(asked(fd, pid, number ? SYS_getpid : SYS_getppid, &again) && (number || again.args[0] == 4711),
	      "%s, %s: it is asked about what that is now: %d(%llu)", what, when, again.nr,
	      (unsigned long long)again.args[0]);
	check(c.stop != again.stop && broker_run(fd, &c) == -ESRCH, "%s, %s: the first answer counts no more", what, when);
	check(page[DONE] != page[GO], "%s, %s: the call waits", what, when);
	check(!broker_result(fd, &again, -EXDEV) && ordered_done() && page[RESULT] == -EXDEV,
	      "%s, %s: the second counts: %ld", what, when, page[RESULT]);
	check(!trace(PTRACE_INTERRUPT, pid, 0) && trace_wait(pid, PATIENCE) == EVENT_STOP(SIGTRAP), "%s, %s: at rest", what,
	      when);
}

static void by_tracer(void)
{
	pid_t pid = subject_ordered();
	int fd = broker_open();

	if (broker_attach(fd, pid))
		bail("attach");
	check(trace_seize(pid), "traced");
	for (int i = 0; i < 4; i++)
		changed(fd, pid, i & 1, i & 2);
	trace(PTRACE_DETACH, pid, 0);
	close(fd);
	check(subject_end(pid), "it ends");
}

/* A child with that pid that makes a call when it is told to; it has not got @fd. */
static pid_t with_pid(pid_t tid, int fd)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&tid,
		.set_tid_size = 1,
	};
	long pid;

	page[GO] = page[DONE] = page[READY] = 0;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(fd);
	page[READY] = 1;
	while (!page[GO])
		;
	page[RESULT] = syscall(SYS_getppid);
	page[DONE] = 1;
	for (;;)
		;
}

/* An answer to one that died is none to the next one that has its pid. */
static void recycled(void)
{
	struct broker_call old, c;
	int fd = broker_open();
	pid_t pid = subject_ordered();

	if (broker_attach(fd, pid))
		bail("attach");
	page[GO]++;
	check(asked(fd, pid, SYS_getppid, &old), "a call, number %u", old.stop);
	check(subject_end(pid), "its thread is killed");
	check(broker_run(fd, &old) == -ESRCH, "nobody waits for the answer");
	check(with_pid(pid, fd) == pid, "another process has its pid, %d", pid);
	while (!page[READY])
		sleep_ms(1);
	check(!broker_attach(fd, pid), "it is attached");
	page[GO] = 1;
	check(asked(fd, pid, SYS_getppid, &c), "its call, number %u", c.stop);
	check(broker_result(fd, &old, 4242) == -ESRCH, "the answer to the first one's call is none to this");
	check(still(DONE) && !page[DONE], "it waits");
	check(!broker_result(fd, &c, 77) && counts_to(DONE, 1) && page[RESULT] == 77, "it gets its own: %ld", page[RESULT]);
	close(fd);
	check(subject_end(pid), "it ends");
}

static int forks(void *unused)
{
	(void)unused;
	page[READY] = 1;
	while (!page[GO])
		;
	if (!syscall(SYS_fork)) {
		page[RESULT] = syscall(SYS_getppid);
		page[DONE] = 1;
	}
	for (;;)
		;
	return 0;
}

/* The client attaches a child whose making is being reported: that is once, too. */
static void attached_first(void)
{
	int fd = broker_open(), slow, child;
	struct broker_call c, other;
	struct probe_line line;
	pid_t pid;

	page[GO] = page[DONE] = page[READY] = 0;
	pid = subject(forks, NULL);
	while (!page[READY])
		sleep_ms(1);
	/* innermost: its report is before the broker's */
	slow = probe_engine(pid, 0x100, EV(CLONE));
	probe_do(slow, "delay 5000000");
	if (broker_attach(fd, pid))
		bail("attach");
	page[GO] = 1;
	check(asked(fd, pid, SYS_fork, &c) && !broker_run(fd, &c), "child: fork");
	child = probe_event(slow, EV_CLONE, &line, PATIENCE) ? line.extra : 0;
	check(child && !broker_attach(fd, child), "child: attached while it is made: %d", child);
	check(broker_attach(fd, child) == -EEXIST, "child: once");
	probe_do(slow, "delay 0");
	check(asked(fd, child, SYS_getppid, &c), "child: its call");
	check(!broker_next(fd, &other, 200), "child: the client is asked once");
	if (!check(!broker_result(fd, &c, 77) && counts_to(DONE, 1) && page[RESULT] == 77, "child: its result: %ld",
		   page[RESULT]))
		whereabouts(child);
	if (child)
		kill(child, SIGKILL);
	close(slow);
	close(fd);
	check(subject_end(pid), "child: its parent ends");
}

static long i386(long nr, long a, long b, long c)
{
	__asm__ volatile("int $0x80" : "+a"(nr) : "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
	return (int)nr;
}

/* What a 32-bit client does. */
static void compat(void)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	struct broker_call *c = (void *)low;
	struct broker_answer *a = (void *)(low + sizeof(*c));
	int fd = broker_open(), *tid = (void *)low;
	pid_t pid = subject_ordered();
	long ret;

	if (low == MAP_FAILED)
		bail("mmap");
	*tid = pid;
	ret = i386(54, fd, BROKER_ATTACH, (long)tid);
	check(!ret, "32-bit client: attaches: %ld", ret);
	page[GO]++;
	ret = i386(3, fd, (long)c, sizeof(*c));
	check(ret == sizeof(*c) && c->tid == pid && c->nr == SYS_getppid, "32-bit client: is asked: %ld", ret);
	*a = (struct broker_answer){ .tid = c->tid, .stop = c->stop, .verdict = BROKER_RESULT, .result = -EXDEV };
	ret = i386(4, fd, (long)a, sizeof(*a));
	check(ret == sizeof(*a) && ordered_done() && page[RESULT] == -EXDEV, "32-bit client: answers: %ld, %ld", ret,
	      page[RESULT]);
	close(fd);
	munmap(low, 4096);
	check(subject_end(pid), "32-bit client: it ends");
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-broker", NULL) || module_load("utrace-probe", NULL))
		bail("modules");
	by_tracer();
	recycled();
	attached_first();
	compat();
	return done_testing();
}
