/* untraced.c - what the kernel does without a tracer: a call, fork+exit+wait, exec, signals. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "subject.h"

static uint64_t run_getppid(unsigned int n)
{
	uint64_t start = ticks();

	for (unsigned int i = 0; i < n; i++)
		syscall(SYS_getppid);
	return ticks() - start;
}

static uint64_t run_fork(unsigned int n)
{
	uint64_t start = ticks();

	for (unsigned int i = 0; i < n; i++) {
		pid_t pid = fork();
		int status;

		if (!pid)
			_exit(0);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
			bench_why = "a child is not to be had";
			return BENCH_FAILED;
		}
	}
	return ticks() - start;
}

/* argv of a link of the chain: this program, "exec-chain", execs left, the clock, ticks at the start. */
static void exec_next(const char *left, const char *clock, const char *start)
{
	execl("/proc/self/exe", "bench", "exec-chain", left, clock, start, NULL);
	_exit(1);
}

void exec_chain(int argc, char **argv)
{
	unsigned long long start, took;
	char left[16];

	if (argc != 5 || strcmp(argv[1], "exec-chain"))
		return;
	if (atoi(argv[2]) > 0) {
		snprintf(left, sizeof(left), "%d", atoi(argv[2]) - 1);
		exec_next(left, argv[3], argv[4]);
	}
	counted = atoi(argv[3]);
	took = ticks();
	start = strtoull(argv[4], NULL, 10);
	took = took > start ? took - start : 0;
	_exit(write(3, &took, sizeof(took)) != sizeof(took));
}

/* Execs in a chain, a C program's start among each. */
static uint64_t run_exec(unsigned int n)
{
	unsigned long long took = 0;
	char left[16], start[32];
	int ends[2], status;
	pid_t pid;

	if (pipe(ends))
		return BENCH_FAILED;
	pid = fork();
	if (!pid) {
		dup2(ends[1], 3);
		snprintf(left, sizeof(left), "%u", n - 1);
		snprintf(start, sizeof(start), "%llu", (unsigned long long)ticks());
		exec_next(left, counted ? "1" : "0", start);
	}
	close(ends[1]);
	if (read(ends[0], &took, sizeof(took)) != sizeof(took))
		took = 0;
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid || status || !took) {
		bench_why = "the chain of execs broke";
		return BENCH_FAILED;
	}
	return took;
}

static volatile sig_atomic_t got;

static void count_signal(int sig)
{
	(void)sig;
	got++;
}

static sigset_t waiting;

static void await_signal(void)
{
	while (!got)
		sigsuspend(&waiting);
	got = 0;
}

static int answer(void *unused)
{
	(void)unused;
	do
		await_signal();
	while (!kill(getppid(), SIGUSR1));
	return 1;
}

static bool begin_signals(void)
{
	struct sigaction sa = { .sa_handler = count_signal };
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigaction(SIGUSR1, &sa, NULL);
	sigprocmask(SIG_BLOCK, &block, &waiting);
	sigdelset(&waiting, SIGUSR1);
	got = 0;
	tracee = subject(answer, NULL);
	return true;
}

static uint64_t run_signals(unsigned int n)
{
	uint64_t start = ticks();

	for (unsigned int i = 0; i < n; i++) {
		kill(tracee, SIGUSR1);
		await_signal();
	}
	return ticks() - start;
}

static uint64_t run_raise(unsigned int n)
{
	struct sigaction sa = { .sa_handler = count_signal };
	pid_t pid = getpid();
	uint64_t start;

	sigaction(SIGUSR2, &sa, NULL);
	got = 0;
	start = ticks();
	for (unsigned int i = 0; i < n; i++)
		syscall(SYS_tgkill, pid, pid, SIGUSR2);
	start = ticks() - start;
	if (got != (int)n) {
		bench_why = "a signal was not handled";
		return BENCH_FAILED;
	}
	got = 0;
	return start;
}

static void end_signals(void)
{
	end_tracee();
	sigprocmask(SIG_SETMASK, &waiting, NULL);
}

const struct operation bench_untraced[] = {
	{ "getppid", "call", 2000, NULL, run_getppid, NULL },
	{ "fork+exit+wait", "untraced", 5, NULL, run_fork, NULL },
	{ "exec", "untraced", 3, NULL, run_exec, NULL },
	{ "signal-to-self", "signal", 200, NULL, run_raise, NULL },
	{ "signal-ping-pong", "signal", 50, begin_signals, run_signals, end_signals },
	{ 0 }
};
