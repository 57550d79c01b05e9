/* family.c - what gdb follows: a fork, a vfork with an exec, signals, calls. */
/*
 * usage: family		the whole of it
 *        family STATUS	ends with that
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

volatile int caught, answer = 1;

static void handler(int sig)
{
	caught = sig;
}

__attribute__((noinline)) int twice(int n)
{
	__asm__ volatile("" : "+r"(n));
	return 2 * n;
}

__attribute__((noinline)) void in_child(void)
{
	_exit(twice(2));
}

__attribute__((noinline)) void in_parent(int status)
{
	printf("child %d\n", WEXITSTATUS(status));
}

__attribute__((noinline)) void at_end(void)
{
	printf("caught %d, answer %d\n", caught, answer);
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc > 1)
		return atoi(argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGUSR1, handler);
	if (!fork())
		in_child();
	wait(&status);
	in_parent(status);
	pid = vfork();
	if (!pid) {
		execl("/proc/self/exe", "family", "5", NULL);
		_exit(9);
	}
	waitpid(pid, &status, 0);
	in_parent(status);
	syscall(SYS_getppid);
	raise(SIGUSR1);
	at_end();
	return answer;
}
