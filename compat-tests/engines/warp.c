/* warp.c - an engine shows the program another register than it has: ptrace's user sees its own at each stop. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

/*
 * "You could have an engine that warps all the registers" (seed 0): here r15,
 * by the last report before user mode, and back by the first one after it.
 */
#define OWN	0x1122334455667788l
#define WARP	0x00ff00ff00ff00ffl
#define OTHER	0x7766554433221100l

/* What the program sees in r15; how often it looked; what it is to do next. */
enum { SEEN = 10, TURNS, ORDER, IN_FRAME, IN_HANDLER };
enum { CALL = 1, BREAKPOINT, FAULT };

static void handler(int sig, siginfo_t *info, void *context)
{
	long r15;

	(void)sig;
	(void)info;
	__asm__ volatile("mov %%r15, %0" : "=r"(r15));
	page[IN_HANDLER] = r15;
	page[IN_FRAME] = ((ucontext_t *)context)->uc_mcontext.gregs[REG_R15];
}

static int program(void *unused)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	(void)unused;
	sigaction(SIGUSR1, &action, NULL);
	__asm__ volatile("mov %[own], %%r15\n"
			 "1:	mov %%r15, 80(%[page])\n"
			 "	incq 88(%[page])\n"
			 "	mov 96(%[page]), %%rax\n"
			 "	test %%rax, %%rax\n"
			 "	jz 1b\n"
			 "	movq $0, 96(%[page])\n"
			 "	cmp $1, %%rax\n"
			 "	je 2f\n"
			 "	cmp $2, %%rax\n"
			 "	je 3f\n"
			 "	ud2\n"
			 "	jmp 1b\n"
			 "2:	mov $110, %%eax\n"
			 "	syscall\n"
			 "	jmp 1b\n"
			 "3:	int3\n"
			 "	jmp 1b\n"
			 : : [own] "r"(OWN), [page] "r"(page)
			 : "rax", "rcx", "r11", "r15", "memory");
	return 0;
}

/* Does the program come to see @value? */
static bool sees(long value)
{
	for (long end = now_ms() + PATIENCE; now_ms() < end; sleep_ms(1))
		if (page[SEEN] == value && moves(TURNS))
			return true;
	return false;
}

static unsigned long r15_of(pid_t pid)
{
	struct user_regs_struct regs = { 0 };

	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	return regs.r15;
}

static void check_stop(pid_t pid, int status, const char *what)
{
	int got = trace_wait(pid, PATIENCE);
	unsigned long r15 = r15_of(pid);

	check(got == status, "%s: %x", what, got);
	check(r15 == OWN, "%s: the register is the program's own: %lx", what, r15);
}

static void go_on(pid_t pid, int request, int sig)
{
	check(!trace(request, pid, sig), "goes on");
}

static void stops(pid_t pid)
{
	trace(PTRACE_SEIZE, pid, PTRACE_O_TRACESYSGOOD);
	trace(PTRACE_INTERRUPT, pid, 0);
	check_stop(pid, EVENT_STOP(SIGTRAP), "INTERRUPT");
	page[SEEN] = 0;
	go_on(pid, PTRACE_CONT, 0);
	check(sees(OWN ^ WARP), "the program sees the other one again: %lx", page[SEEN]);

	kill(pid, SIGUSR1);
	check_stop(pid, STOPPED(SIGUSR1), "a signal");
	go_on(pid, PTRACE_CONT, SIGUSR1);
	check(sees(OWN ^ WARP) && page[IN_FRAME] == OWN, "in its frame stands the own: %lx", page[IN_FRAME]);
	check(page[IN_HANDLER] == (OWN ^ WARP), "in its handler the other is seen: %lx", page[IN_HANDLER]);

	page[ORDER] = BREAKPOINT;
	check_stop(pid, STOPPED(SIGTRAP), "a breakpoint");
	go_on(pid, PTRACE_SYSCALL, 0);
	check(sees(OWN ^ WARP), "and after it");

	page[ORDER] = CALL;
	check_stop(pid, SYSCALL_STOP, "a call's entry");
	go_on(pid, PTRACE_SYSCALL, 0);
	check_stop(pid, SYSCALL_STOP, "its exit");
	for (int i = 0; i < 5; i++) {
		go_on(pid, PTRACE_SINGLESTEP, 0);
		check_stop(pid, STOPPED(SIGTRAP), "a step");
	}
	go_on(pid, PTRACE_CONT, 0);
	check(sees(OWN ^ WARP), "and after the steps: %lx", page[SEEN]);
}

/* What a tracer stores is the program's own, too. */
static void stored(pid_t pid)
{
	struct user_regs_struct regs;

	page[ORDER] = FAULT;
	check_stop(pid, STOPPED(SIGILL), "a fault");
	check(!ptrace(PTRACE_GETREGS, pid, 0, &regs), "its registers");
	regs.rip += 2;
	regs.r15 = OTHER;
	check(!ptrace(PTRACE_SETREGS, pid, 0, &regs), "are changed");
	go_on(pid, PTRACE_CONT, 0);
	check(sees(OTHER ^ WARP), "the program sees what that is to it: %lx", page[SEEN]);
	trace(PTRACE_INTERRUPT, pid, 0);
	check(trace_wait(pid, PATIENCE) == EVENT_STOP(SIGTRAP) && r15_of(pid) == OTHER,
	      "and the tracer what it stored: %lx", r15_of(pid));
}

static void warp(unsigned int place, const char *name)
{
	pid_t pid;
	int fd = probe_open();

	memset((void *)&page[SEEN], 0, 8 * sizeof(*page));
	pid = subject(program, NULL);
	check(sees(OWN), "%s: without the engine: %lx", name, page[SEEN]);
	check(!probe_do(fd, "warp %lx", WARP) && !probe_do(fd, "attach %d %x", pid, place),
	      "the engine attaches");
	/* system calls, too: sigreturn brings registers with it */
	check(!probe_do(fd, "events %lx", EV(ARRIVAL) | EV(FINAL) | EV(ENTRY) | EV(SYSCALL_EXIT)),
	      "to the border of user mode");
	/* the next visit to the kernel that reports anything */
	kill(pid, SIGUSR1);
	check(sees(OWN ^ WARP), "with it: %lx", page[SEEN]);
	stops(pid);
	stored(pid);
	/* stopped, it is as the program left it */
	check(!probe_do(fd, "warp 0"), "the engine stops that");
	go_on(pid, PTRACE_CONT, 0);
	check(sees(OTHER), "the program sees its own: %lx", page[SEEN]);
	check(!probe_do(fd, "detach_sync"), "it leaves");
	check(!trace(PTRACE_INTERRUPT, pid, 0) && trace_wait(pid, PATIENCE) == EVENT_STOP(SIGTRAP) &&
	      !trace(PTRACE_DETACH, pid, 0), "so does the tracer");
	check(moves(TURNS), "the program goes on");
	check(subject_end(pid), "and ends");
	close(fd);
}

int main(void)
{
	subject_init(50);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	warp(0x100, "innermost");
	warp(0x500, "outermost");
	return done_testing();
}
