/* threads.c - what real tracers trace: threads that signal themselves, each making the same calls every time. */
/*
 * usage: threads THREADS ROUNDS	each thread signals itself ROUNDS times, then main does
 *        threads THREADS wait		threads sleep until a debugger has set `turn' to 3
 *
 * The threads are made by clone(2) and wait in read(2): no lock, whose calls
 * would depend on who comes first.  Prints what prctl(2) says of seccomp.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS 16
#define STACK 65536
#define TURNS 3

static char stacks[MAX_THREADS][STACK] __attribute__((aligned(16)));
static volatile int tids[MAX_THREADS];
static int go[MAX_THREADS][2], done[2], rounds;
static volatile int handled;

/* For debuggers. */
volatile int turn, total;

static void handler(int sig)
{
	(void)sig;
	__atomic_fetch_add(&handled, 1, __ATOMIC_SEQ_CST);
}

__attribute__((noinline)) static void nap(void)
{
	const struct timespec t = { 0, 20000000 };

	syscall(SYS_nanosleep, &t, NULL);
}

/* One round: even ones with SIGUSR1, odd ones with SIGUSR2. */
__attribute__((noinline)) void work(int thread, int round)
{
	__asm__ volatile("" :: "r"(thread));
	syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid), round % 2 ? SIGUSR2 : SIGUSR1);
}

static int run(void *arg)
{
	int me = (long)arg;
	char c;

	if (read(go[me][0], &c, 1) != 1)
		syscall(SYS_exit, 1);
	for (int i = 0; i < rounds; i++)
		work(me, i);
	while (!rounds && turn < TURNS)
		nap();
	if (write(done[1], "x", 1) != 1)
		syscall(SYS_exit, 1);
	syscall(SYS_exit, 0);
	return 0;
}

__attribute__((noinline)) int add(int n)
{
	for (int i = 1; i <= n; i++)
		total += i;
	return total;
}

/* All threads are gone: debuggers step from here. */
__attribute__((noinline)) int finish(int n)
{
	int sum = add(n);

	sum += add(n + 1);
	return sum;
}

static void print_seccomp(void)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "Seccomp: %d\n", prctl(PR_GET_SECCOMP));

	if (write(1, line, n) != n)
		exit(2);
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = handler };
	int n = argc == 3 ? atoi(argv[1]) : 0;
	char c;

	if (n < 1 || n > MAX_THREADS || pipe(done)) {
		fprintf(stderr, "usage: threads THREADS ROUNDS|wait\n");
		return 2;
	}
	rounds = atoi(argv[2]);
	print_seccomp();
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	for (long i = 0; i < n; i++) {
		tids[i] = 1;
		if (pipe(go[i]) ||
		    clone(run, stacks[i] + STACK, CLONE_VM | CLONE_FS | CLONE_FILES |
			  CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID,
			  (void *)i, NULL, NULL, &tids[i]) < 0)
			return 2;
	}
	for (int i = 0; i < n; i++)
		if (write(go[i][1], "g", 1) != 1)
			return 2;
	for (int i = 0; i < n; i++)
		if (read(done[0], &c, 1) != 1)
			return 2;
	/* until they are gone, without a call */
	for (int i = 0; i < n; i++)
		while (tids[i])
			__builtin_ia32_pause();
	for (int i = 0; i < rounds; i++)
		work(n, i);
	if (handled != (n + 1) * rounds)
		return 1;
	return finish(3) != 22 ? 1 : turn;
}
