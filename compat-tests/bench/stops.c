/* stops.c - what the stops of one tracee cost: resumed by the tracer, stopped, waited for. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "ptrace.h"
#include "subject.h"

#ifndef PTRACE_SYSEMU
#define PTRACE_SYSEMU 31
#endif

#define EVENT(n) ((n) << 16 | SIGTRAP << 8 | 0x7f)
#define SECCOMP_DATA 7

/* @n stops of one kind. */
static uint64_t stops(unsigned int n, int request, int sig, int status)
{
	uint64_t start = ticks();

	for (unsigned int i = 0; i < n; i++)
		if (!resume_to(tracee, request, sig, status))
			return BENCH_FAILED;
	return ticks() - start;
}

static bool begin_calls(void)
{
	return begin_traceme(call_getppid, PTRACE_O_TRACESYSGOOD);
}

static uint64_t run_syscall(unsigned int n)
{
	return stops(n, PTRACE_SYSCALL, 0, SYSCALL_STOP);
}

/* As strace and gdb have it: SIGCHLD is sent and stays pending. */
static uint64_t run_syscall_blocked(unsigned int n)
{
	sigset_t set, old;
	uint64_t took;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &old);
	took = stops(n, PTRACE_SYSCALL, 0, SYSCALL_STOP);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return took;
}

static void nothing(int sig)
{
	(void)sig;
}

static uint64_t run_syscall_handled(unsigned int n)
{
	struct sigaction sa = { .sa_handler = nothing, .sa_flags = SA_RESTART }, old;
	uint64_t took;

	sigaction(SIGCHLD, &sa, &old);
	took = stops(n, PTRACE_SYSCALL, 0, SYSCALL_STOP);
	sigaction(SIGCHLD, &old, NULL);
	return took;
}

static uint64_t run_sysemu(unsigned int n)
{
	return stops(n, PTRACE_SYSEMU, 0, SYSCALL_STOP);
}

static bool begin_steps(void)
{
	return begin_traceme(step_nops, 0);
}

static uint64_t run_steps(unsigned int n)
{
	return stops(n, PTRACE_SINGLESTEP, 0, STOPPED(SIGTRAP));
}

static void signal_self(void)
{
	struct sigaction sa = { .sa_handler = nothing };

	sigaction(SIGUSR1, &sa, NULL);
	for (;;)
		raise(SIGUSR1);
}

static bool begin_signals(void)
{
	return begin_traceme(signal_self, 0) &&
	       resume_to(tracee, PTRACE_CONT, 0, STOPPED(SIGUSR1));
}

/* Each signal is delivered: the stop, and the handler on the way to the next. */
static uint64_t run_signals(unsigned int n)
{
	return stops(n, PTRACE_CONT, SIGUSR1, STOPPED(SIGUSR1));
}

static void filtered(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | SECCOMP_DATA),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		_exit(1);
	call_getppid();
}

static bool begin_seccomp(void)
{
	return begin_traceme(filtered, PTRACE_O_TRACESECCOMP);
}

static uint64_t run_seccomp(unsigned int n)
{
	return stops(n, PTRACE_CONT, 0, EVENT(PTRACE_EVENT_SECCOMP));
}

static int thread(void *unused)
{
	(void)unused;
	syscall(SYS_exit, 0);
	return 0;
}

/* The tracer does not let it on before its thread is gone: one stack is enough. */
static void clone_threads(void)
{
	static char stack[16384] __attribute__((aligned(16)));

	for (;;)
		if (clone(thread, stack + sizeof(stack),
			  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			  CLONE_SYSVSEM, NULL) < 0)
			_exit(1);
}

static bool begin_clone(void)
{
	return begin_seized(clone_threads, PTRACE_O_TRACECLONE);
}

/* A thread from its birth to its end: the event, its own first stop, its exit status. */
static uint64_t run_clone(unsigned int n)
{
	uint64_t start = ticks();

	for (unsigned int i = 0; i < n; i++) {
		unsigned long tid;
		int status;

		if (!resume_to(tracee, PTRACE_CONT, 0, EVENT(PTRACE_EVENT_CLONE)) ||
		    trace(PTRACE_GETEVENTMSG, tracee, (long)&tid))
			return BENCH_FAILED;
		if (waitpid(tid, &status, __WALL) != (pid_t)tid || status != EVENT_STOP(SIGTRAP)) {
			bench_why = "a new thread does not stop";
			return BENCH_FAILED;
		}
		if (!resume_to(tid, PTRACE_CONT, 0, 0))
			return BENCH_FAILED;
	}
	return ticks() - start;
}

static void sleep_on(void)
{
	for (;;)
		pause();
}

static bool begin_sleeper(void)
{
	return begin_seized(sleep_on, 0) && !trace(PTRACE_DETACH, tracee, 0);
}

static uint64_t run_attach(unsigned int n)
{
	uint64_t start = ticks();

	for (unsigned int i = 0; i < n; i++)
		if (!resume_to(tracee, PTRACE_ATTACH, 0, STOPPED(SIGSTOP)) ||
		    trace(PTRACE_DETACH, tracee, 0)) {
			bench_why = bench_why ? bench_why : "PTRACE_DETACH";
			return BENCH_FAILED;
		}
	return ticks() - start;
}

static uint64_t run_seize(unsigned int n)
{
	uint64_t start = ticks();

	for (unsigned int i = 0; i < n; i++)
		if (trace(PTRACE_SEIZE, tracee, 0) ||
		    !resume_to(tracee, PTRACE_INTERRUPT, 0, EVENT_STOP(SIGTRAP)) ||
		    trace(PTRACE_DETACH, tracee, 0)) {
			bench_why = bench_why ? bench_why : "PTRACE_SEIZE or PTRACE_DETACH";
			return BENCH_FAILED;
		}
	return ticks() - start;
}

const struct operation bench_stops[] = {
	{ "syscall-stop", "ptrace", 80, begin_calls, run_syscall, end_tracee },
	{ "syscall-stop-sigchld-blocked", "ptrace", 80, begin_calls, run_syscall_blocked, end_tracee },
	{ "syscall-stop-sigchld-handled", "ptrace", 80, begin_calls, run_syscall_handled, end_tracee },
	{ "sysemu-stop", "ptrace", 80, begin_calls, run_sysemu, end_tracee },
	{ "singlestep", "ptrace", 80, begin_steps, run_steps, end_tracee },
	{ "signal-delivery-stop", "ptrace", 50, begin_signals, run_signals, end_tracee },
	{ "event-clone", "ptrace", 10, begin_clone, run_clone, end_tracee },
	{ "attach+detach", "ptrace", 30, begin_sleeper, run_attach, end_tracee },
	{ "seize+interrupt+detach", "ptrace", 30, begin_sleeper, run_seize, end_tracee },
	{ "seccomp-ret-trace", "ptrace", 80, begin_seccomp, run_seccomp, end_tracee },
	{ 0 }
};
