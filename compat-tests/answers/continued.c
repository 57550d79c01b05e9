/* continued.c - race: SIGCONT against the stop signal that a tracer passes on; who is told of a stop is told of its end. */
/* call: 64 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/look.h"

#define ROUNDS 1500
#define MOST_SPIN 6000

static struct shared {
	volatile unsigned int go, sent;	/* rounds begun, and rounds whose SIGCONT is sent */
	volatile unsigned int over;	/* rounds that the tracer has done */
	volatile unsigned int asked, read;	/* the tracer waits for the parent to have read all */
} *sh;

static volatile pid_t target;

/* Sends SIGCONT, from at once to some time after the tracer has begun. */
static void *sender(void *arg)
{
	unsigned int seed = 1;

	for (unsigned int n = 1; n <= ROUNDS; n++) {
		while (sh->go < n)
			;
		for (volatile unsigned int spin = rand_r(&seed) % MOST_SPIN; spin; spin--)
			;
		kill(target, SIGCONT);
		sh->sent = n;
	}
	return arg;
}

/* The parent has read what it was told up to now: one SIGCHLD pending hides the next. */
static void let_read(void)
{
	unsigned int asked = ++sh->asked;

	while (sh->read < asked)
		nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
}

/* Resumes the target at every stop until the signal comes; leaves it there.  False if it has ended. */
static bool serve_until(int signal)
{
	int status;

	while (waitpid(target, &status, __WALL) == target && WIFSTOPPED(status)) {
		let_read();
		if (status >> 8 == signal)
			return true;
		ptrace(PTRACE_CONT, target, 0, 0);
	}
	return false;
}

/*
 * All that a round brings is over: SIGURG is dequeued after SIGSTOP and SIGCONT,
 * and get_signal() tells the parent of an end when it is entered.  The first
 * one may find it in its loop, so there are two.
 */
static bool settle(void)
{
	for (int n = 0; n < 2; n++) {
		kill(target, SIGURG);
		if (!serve_until(SIGURG))
			return false;
		ptrace(PTRACE_CONT, target, 0, 0);
	}
	return true;
}

static void tracer(bool seize)
{
	pthread_t t;
	int status;

	if (ptrace(seize ? PTRACE_SEIZE : PTRACE_ATTACH, target, 0, 0))
		_exit(1);
	if (!seize && (waitpid(target, &status, __WALL) != target || ptrace(PTRACE_CONT, target, 0, 0)))
		_exit(2);
	if (pthread_create(&t, NULL, sender, NULL))
		_exit(3);
	for (unsigned int n = 1; n <= ROUNDS; n++) {
		kill(target, SIGUSR1);
		if (!serve_until(SIGUSR1))
			_exit(4);
		sh->go = n;
		ptrace(PTRACE_CONT, target, 0, SIGSTOP);
		while (sh->sent < n)
			;
		if (!settle())
			_exit(5);
		sh->over = n;
		let_read();
	}
	_exit(0);
}

static void one(bool seize)
{
	const char *how = seize ? "seized" : "attached";
	unsigned int stopped = 0, continued = 0, lost = 0, extra = 0, begun = 0, n = 0;
	sigset_t set;
	pid_t t;

	*sh = (struct shared){ 0 };
	target = fork();
	if (!target)
		for (;;)
			pause();
	rest(target);
	t = fork();
	if (!t)
		tracer(seize);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	while (n < ROUNDS) {
		unsigned int asked = sh->asked, over = sh->over;
		siginfo_t info;
		int status;

		/* what comes before the tracer asks, and what is there then */
		while (sigtimedwait(&set, &info,
				    &(struct timespec){ .tv_nsec = asked != sh->read ? 0 : 200000 }) == SIGCHLD)
			if (info.si_pid == target) {
				stopped += info.si_code == CLD_STOPPED;
				continued += info.si_code == CLD_CONTINUED;
			}
		if (over > n) {
			n = over;
			lost += stopped > continued;
			extra += continued > stopped;
			begun += stopped > 0;
			stopped = continued = 0;
		}
		sh->read = asked;
		if (waitpid(t, &status, WNOHANG) == t && status) {
			broken("%s: the tracer failed: %x after %u rounds", how, status, sh->over);
			break;
		}
	}
	say("%s: stops told of without their end: %u, ends without their stop: %u", how, lost, extra);
	fprintf(stderr, "# %u of %u rounds with a stop\n", begun, n);
	kill(target, SIGKILL);
	waitpid(target, NULL, __WALL);
	kill(t, SIGKILL);
	waitpid(t, NULL, 0);
}

int main(void)
{
	sigset_t set;

	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED)
		return 1;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	one(false);
	one(true);
	return finish();
}
