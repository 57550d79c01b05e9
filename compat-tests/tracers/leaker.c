/* leaker.c - a program with LeakSanitizer in it, which stops all threads by ptrace to see what they refer to. */
/*
 * usage: leaker ROUNDS
 *
 * Four threads have something allocated that only they know of: one in its
 * registers, one on its stack, one in thread-local memory, one in nothing but
 * the argument of the system call it sleeps in.  Each round the program loses a
 * block more and has LeakSanitizer look: a task of its own, a clone(2) with
 * CLONE_VM, attaches to every thread, reads its registers, looks through the
 * memory and detaches.  The blocks lost have to be found, those of the threads
 * not, and the threads have to go on.  At the end it looks once more, by itself.
 */
#include <pthread.h>
#include <sanitizer/lsan_interface.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define THREADS 4
#define SIZE 48

static volatile unsigned long turns[THREADS];
static volatile int ready, over;
static int ends[2];
static __thread char *volatile mine;
static void *volatile lost;

/* Its block's address is in a register and nowhere else, as far as the compiler goes. */
static void *in_register(void *arg)
{
	register char *block = malloc(SIZE);

	(void)arg;
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	while (!over) {
		__asm__ volatile("" : "+r"(block));
		turns[0]++;
	}
	free(block);
	return NULL;
}

static void *on_stack(void *arg)
{
	struct timespec nap = { .tv_nsec = 1000 * 1000 };
	char *volatile block = malloc(SIZE);

	(void)arg;
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	while (!over) {
		nanosleep(&nap, NULL);
		turns[1]++;
	}
	free(block);
	return NULL;
}

static void *in_tls(void *arg)
{
	(void)arg;
	mine = malloc(SIZE);
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	while (!over) {
		sched_yield();
		turns[2]++;
	}
	free(mine);
	return NULL;
}

static void *in_syscall(void *arg)
{
	char *block = malloc(SIZE);

	(void)arg;
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	while (read(ends[0], block, 1) == 1 && *block != 'e')
		turns[3]++;
	free(block);
	return NULL;
}

/* Every thread has done something since, and the one that sleeps does when it is told. */
static int all_go_on(void)
{
	struct timespec nap = { .tv_nsec = 1000 * 1000 };
	unsigned long before[THREADS];
	int tries, i;

	for (i = 0; i < THREADS; i++)
		before[i] = turns[i];
	if (write(ends[1], "x", 1) != 1)
		return 0;
	for (tries = 0; tries < 20000; tries++) {
		for (i = 0; i < THREADS && turns[i] != before[i]; i++)
			;
		if (i == THREADS)
			return 1;
		nanosleep(&nap, NULL);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static void *(*const starts[THREADS])(void *) = { in_register, on_stack, in_tls, in_syscall };
	int rounds = argc == 2 ? atoi(argv[1]) : 0, r;
	pthread_t threads[THREADS];

	if (rounds < 1 || rounds > 99) {
		fprintf(stderr, "usage: leaker ROUNDS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(ends))
		return 2;
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, starts[i], NULL))
			return 2;
	while (ready < THREADS)
		sched_yield();
	printf("nothing is lost: %d\n", __lsan_do_recoverable_leak_check());
	for (r = 1; r <= rounds; r++) {
		lost = malloc(1000 + r);
		lost = NULL;
		printf("round %d: leak %d", r, __lsan_do_recoverable_leak_check());
		printf(", threads go on %d\n", all_go_on());
	}
	over = 1;
	if (write(ends[1], "e", 1) != 1)
		return 2;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("the end\n");
	return 0;
}
