/* calls.c - a program of four threads whose calls the broker answers while gdb works on it. */
/*
 * usage: calls CALLS [answered]
 *
 * Each thread makes CALLS calls, getppid(2) and getpgrp(2) in turn, but only
 * while a debugger has set `attached'.  With "answered" they have to give what
 * the broker makes of them, RESULT and what getpid(2) gives; else what they
 * give by themselves.  Ends once a debugger has set `finish': with 7 if all
 * results were right.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS 4
#define RESULT 777777
#define BETWEEN 50	/* calls from one breakpoint to the next */

/* For debuggers. */
volatile int attached, finish;
volatile long made, wrong, want_getppid, want_getpgrp;

static long calls;

/* A place for a breakpoint. */
__attribute__((noinline)) void mark(long thread, long i)
{
	__asm__ volatile("" :: "r"(thread), "r"(i));
}

/* Not one function of libc, for a debugger to step through. */
__attribute__((noinline)) long call(long nr)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr) : "rcx", "r11", "memory");
	return ret;
}

static void *caller(void *arg)
{
	long me = (long)arg;

	for (long i = 0; i < calls; i++) {
		while (!attached)
			usleep(1000);
		if (i % BETWEEN == 0)
			mark(me, i);
		if (call(i % 2 ? SYS_getpgrp : SYS_getppid) != (i % 2 ? want_getpgrp : want_getppid))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&made, 1, __ATOMIC_SEQ_CST);
	}
	/* who debugs finds as many threads, and at last the breakpoint */
	while (!finish) {
		usleep(1000);
		if (made == THREADS * calls)
			mark(me, -1);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t[THREADS];
	bool answered = argc == 3 && !strcmp(argv[2], "answered");

	calls = argc > 1 ? atol(argv[1]) : 0;
	if (calls < 1 || (!answered && getpgrp() == getpid())) {
		fprintf(stderr, "usage: calls CALLS [answered], not as leader of a process group\n");
		return 2;
	}
	want_getppid = answered ? RESULT : getppid();
	want_getpgrp = answered ? getpid() : getpgrp();
	printf("pid %d\n", getpid());
	fflush(stdout);
	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, caller, (void *)i))
			return 2;
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	printf("made %ld, wrong %ld\n", made, wrong);
	return wrong || made != THREADS * calls ? 1 : 7;
}
