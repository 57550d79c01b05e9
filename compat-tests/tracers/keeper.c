/* keeper.c - what CRIU saves and restores: threads with signals pending, blocked calls, timers; it tells what it kept. */
/*
 * usage: keeper FILE [filtered]
 *
 * filtered: under a seccomp filter that allows everything.
 *
 * Five threads block their signals and queue some for themselves, with numbers;
 * two more are for the process.  They sleep in different calls, one computes,
 * until there is a FILE; then each takes what is pending for it.  What they got,
 * how their calls ended and what they had blocked is written to standard output,
 * in the order of the threads, and last whether the process's timer goes on.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define THREADS 5

/* What they sleep in, by number. */
enum { IN_FUTEX, IN_READ, IN_NANOSLEEP, IN_SIGTIMEDWAIT, IN_LOOP };

static struct keeper {
	pthread_t thread;
	volatile int ready;
	char words[400];
} keepers[THREADS];

static int ends[2], word;
static volatile int over, alarms;
static __thread unsigned int own;

static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

static void on_usr1(int sig)
{
	(void)sig;
}

static void queue(pid_t pid, pid_t tid, int sig, int number)
{
	siginfo_t i;

	memset(&i, 0, sizeof(i));
	i.si_signo = sig;
	i.si_code = SI_QUEUE;
	i.si_pid = pid;
	i.si_value.sival_int = number;
	if (syscall(SYS_rt_tgsigqueueinfo, pid, tid, sig, &i))
		exit(3);
}

/* Sleeps until all is over; @to says how. */
static void sleep_as(int number, char *to, size_t size)
{
	struct timespec hour = { 3600, 0 };
	sigset_t hup;
	int cut = 0;
	siginfo_t i;
	char c;

	switch (number) {
	case IN_FUTEX:
		while (!over)
			syscall(SYS_futex, &word, 0, 0, NULL, NULL, 0);
		snprintf(to, size, "futex");
		break;
	case IN_READ:
		snprintf(to, size, "read %zd", read(ends[0], &c, 1));
		break;
	case IN_NANOSLEEP:
		while (!over && nanosleep(&hour, NULL))
			cut++;
		snprintf(to, size, "nanosleep, cut short %d", cut);
		break;
	case IN_SIGTIMEDWAIT:
		sigemptyset(&hup);
		sigaddset(&hup, SIGHUP);
		while (!over && sigwaitinfo(&hup, &i) < 0)
			cut++;
		snprintf(to, size, "sigwaitinfo, cut short %d", cut);
		break;
	default:
		while (!over)
			own = own * 1664525 + 1013904223;
		snprintf(to, size, "loop");
	}
}

static void *keep(void *arg)
{
	struct keeper *k = arg;
	struct timespec none = { 0, 0 };
	char slept[100] = "", *to = k->words;
	const char *limit = to + sizeof(k->words);
	stack_t alt, old;
	sigset_t all, mask;
	siginfo_t i;
	int number = k - keepers;

	sigemptyset(&all);
	for (int sig = SIGRTMIN; sig <= SIGRTMIN + THREADS; sig++)
		sigaddset(&all, sig);
	sigaddset(&all, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	alt = (stack_t){ .ss_sp = malloc(65536), .ss_size = 65536 };
	sigaltstack(&alt, NULL);
	for (int n = 0; n <= number; n++)
		queue(getpid(), syscall(SYS_gettid), SIGRTMIN + number, 100 * number + n);
	k->ready = 1;
	sleep_as(number, slept, sizeof(slept));
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	sigaltstack(NULL, &old);
	to += snprintf(to, limit - to, "%d: %s, mask %d%d%d, stack %s:", number, slept, sigismember(&mask, SIGUSR2),
		       sigismember(&mask, SIGRTMIN), sigismember(&mask, SIGHUP),
		       old.ss_sp == alt.ss_sp && old.ss_size == alt.ss_size ? "kept" : "lost");
	/* its own; the process's are taken by main() */
	sigemptyset(&all);
	sigaddset(&all, SIGRTMIN + number);
	while (sigtimedwait(&all, &i, &none) > 0)
		to += snprintf(to, limit - to, " %d from %s with %d", i.si_signo,
			       i.si_pid == getpid() ? "me" : "another", i.si_value.sival_int);
	return NULL;
}

static int filter(void)
{
	struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog all = { 1, allow };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all);
}

int main(int argc, char **argv)
{
	struct itimerval timer = { { 0, 500000 }, { 0, 500000 } };
	struct timespec some = { 0, 10000000 }, none = { 0, 0 };
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	sigset_t all;
	siginfo_t i;

	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "filtered")) || pipe(ends)) {
		fprintf(stderr, "usage: keeper FILE [filtered]\n");
		return 2;
	}
	if (argc == 3 && filter())
		return 3;
	sigaction(SIGALRM, &sa, NULL);
	sa.sa_handler = on_usr1;
	sigaction(SIGUSR1, &sa, NULL);
	sigemptyset(&all);
	sigaddset(&all, SIGUSR2);
	sigaddset(&all, SIGHUP);
	sigaddset(&all, SIGALRM);
	sigaddset(&all, SIGRTMIN + THREADS);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	for (int n = 0; n < THREADS; n++) {
		if (pthread_create(&keepers[n].thread, NULL, keep, &keepers[n]))
			return 3;
		while (!keepers[n].ready)
			nanosleep(&some, NULL);
	}
	/* for the process, and for this thread */
	sigqueue(getpid(), SIGRTMIN + THREADS, (union sigval){ .sival_int = 1000 });
	kill(getpid(), SIGUSR2);
	setitimer(ITIMER_REAL, &timer, NULL);
	sigemptyset(&all);
	sigaddset(&all, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &all, NULL);
	if (printf("ready\n") < 0 || fflush(stdout))
		return 3;
	while (access(argv[1], F_OK))
		nanosleep(&some, NULL);
	/* there is time until the timer again */
	for (int was = alarms, n = 0; alarms == was && n < 2000; n++)
		nanosleep(&some, NULL);
	over = 1;
	word = 1;
	syscall(SYS_futex, &word, 1, 1000, NULL, NULL, 0);
	if (write(ends[1], "x", 1) != 1)
		return 3;
	/* for those whose call was not cut short */
	pthread_kill(keepers[IN_SIGTIMEDWAIT].thread, SIGHUP);
	pthread_kill(keepers[IN_NANOSLEEP].thread, SIGUSR1);
	for (int n = 0; n < THREADS; n++) {
		pthread_join(keepers[n].thread, NULL);
		printf("%s\n", keepers[n].words);
	}
	printf("main: timer %s", alarms ? "goes on" : "lost");
	sigemptyset(&all);
	sigaddset(&all, SIGRTMIN + THREADS);
	while (sigtimedwait(&all, &i, &none) > 0)
		printf(" %d code %d with %d", i.si_signo, i.si_code, i.si_value.sival_int);
	sigemptyset(&all);
	sigaddset(&all, SIGUSR2);
	while (sigtimedwait(&all, &i, &none) > 0)
		printf(" %d code %d", i.si_signo, i.si_code);
	printf("\n");
	return 0;
}
