/* broker-debugger.c - the broker answers 10,000 calls of four threads exactly while a debugger works on them. */
/* seconds: 300 */
/* args: 2500 */
/* quick: 200 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/debugger.h"
#include "lib/module.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define THREADS 4
#define MOST 2500		/* calls of each */
#define MARK 0x51ab		/* first argument of the calls that count */
#define RESULT 777777

static struct shared {
	struct debugger_seen seen;
	volatile int attached, ready, go, finish;
	volatile long made[THREADS][3];		/* by verdict */
	volatile long wrong, first_wrong;
	long calls;				/* of each thread */
} *sh;

/* A place for a breakpoint: called once before each call that counts. */
extern char break_here[];
__asm__(".text; .globl hit_break; hit_break: .globl break_here; break_here: nop; ret");
void hit_break(void);

/*
 * Which answer the call number @i of a thread gets: by its second argument,
 * which the broker sees, so both sides know it whatever the order.
 */
static void *caller(void *arg)
{
	long me = (long)arg, want[3], got;
	pid_t parent = getppid();

	__atomic_add_fetch(&sh->ready, 1, __ATOMIC_SEQ_CST);
	while (!sh->go)
		usleep(1000);
	want[0] = parent;
	want[1] = RESULT;
	want[2] = getpid();
	for (long i = 0; i < sh->calls; i++) {
		hit_break();
		got = syscall(SYS_getppid, MARK, i, me);
		if (got == want[i % 3]) {
			sh->made[me][i % 3]++;
		} else if (!sh->wrong++) {
			sh->first_wrong = got;
		}
	}
	/* the debugger does not follow threads that come and go */
	while (!sh->finish)
		usleep(1000);
	return NULL;
}

static int program(void *unused)
{
	pthread_t t[THREADS];

	(void)unused;
	/* the broker follows threads that are made, it does not look for those there are */
	while (!sh->attached)
		usleep(1000);
	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, caller, (void *)i))
			return 2;
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	return 7;
}

static pid_t brokered;

static int debug(void *unused)
{
	(void)unused;
	return debugger_run(brokered, break_here, 120, &sh->seen);
}

/* Answers by verdict, exactly once each. */
static long answers[3], others, refused;
static char seen[THREADS][MOST];
static long twice;

static void serve(int fd, const struct broker_call *c)
{
	int ret, kind = c->args[1] % 3;

	if (c->nr != SYS_getppid || c->args[0] != MARK) {
		others++;
		ret = broker_run(fd, c);
	} else {
		if (c->args[2] >= THREADS || c->args[1] >= (unsigned long)sh->calls || seen[c->args[2]][c->args[1]]++)
			twice++;
		if (kind == 0)
			ret = broker_run(fd, c);
		else if (kind == 1)
			ret = broker_result(fd, c, RESULT);
		else
			ret = broker_rewrite(fd, c, SYS_getpid, NULL);
		answers[kind] += !ret;
	}
	/* that call would never be made: nobody kills this program */
	if (ret && !refused++)
		diag("answer refused: %s", strerror(-ret));
}

int main(int argc, char **argv)
{
	long made[3] = { 0 }, want[3], next = 0, done = 0, before = -1;
	int fd, status;
	struct broker_call c;
	pid_t tracer;
	bool up = false;

	subject_init(280);
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED)
		bail("mmap");
	sh->calls = argc > 1 ? atol(argv[1]) : MOST;
	if (sh->calls < 3 || sh->calls > MOST)
		bail("calls of a thread");
	if (module_load("utrace-broker", NULL))
		bail("utrace-broker");
	fd = broker_open();
	if (fd < 0)
		bail("broker");

	brokered = subject(program, NULL);
	if (!check(!broker_attach(fd, brokered), "attached to %d", brokered))
		return done_testing();
	sh->attached = 1;
	for (long end = now_ms() + 20000; now_ms() < end && sh->ready < THREADS;)
		if (broker_next(fd, &c, 10))
			serve(fd, &c);
	check(sh->ready == THREADS, "%d threads are there", sh->ready);
	/* the debugger is there before the first of the calls that count, and to the end */
	tracer = subject(debug, NULL);
	for (long end = now_ms() + 20000; now_ms() < end && !up;) {
		if (broker_next(fd, &c, 10))
			serve(fd, &c);
		up = sh->seen.attached > 0;
	}
	check(up, "the debugger is attached: line %ld of debugger.c", sh->seen.failed);
	sh->go = 1;
	while (broker_next(fd, &c, 10000)) {
		serve(fd, &c);
		done = answers[0] + answers[1] + answers[2];
		if (done == THREADS * sh->calls)
			break;
		if (now_ms() < next)
			continue;
		diag("%ld answers, %ld sessions, %ld breakpoints, %ld steps, %ld calls", done,
		     sh->seen.sessions, sh->seen.breakpoints, sh->seen.steps, sh->seen.calls);
		/* other calls may go on for ever */
		if (done == before)
			break;
		before = done;
		next = now_ms() + 10000;
	}
	if (done != THREADS * sh->calls) {
		whereabouts(brokered);
		whereabouts(tracer);
	}
	sh->seen.stop = 1;
	for (long end = now_ms() + 20000; now_ms() < end;) {
		if (broker_next(fd, &c, 10))
			serve(fd, &c);
		if (waitpid(tracer, &status, WNOHANG) == tracer) {
			tracer = 0;
			break;
		}
	}
	sh->finish = 1;
	check(!tracer && WIFEXITED(status) && !WEXITSTATUS(status),
	      "the debugger had no trouble: line %ld of debugger.c", sh->seen.failed);
	while (broker_next(fd, &c, 300))
		serve(fd, &c);
	status = subject_wait(brokered, 10000);
	check(status == 7 << 8, "the program ended as it wanted: %x", status);

	for (int i = 0; i < THREADS; i++)
		for (int k = 0; k < 3; k++)
			made[k] += sh->made[i][k];
	for (int k = 0; k < 3; k++)
		want[k] = THREADS * ((sh->calls + 2 - k) / 3);
	check(answers[0] == want[0] && answers[1] == want[1] && answers[2] == want[2],
	      "answers: run %ld, result %ld, rewrite %ld of %ld, %ld, %ld", answers[0], answers[1],
	      answers[2], want[0], want[1], want[2]);
	check(made[0] == want[0] && made[1] == want[1] && made[2] == want[2] && !sh->wrong,
	      "results in the threads: %ld, %ld, %ld, %ld wrong (first %ld)", made[0], made[1],
	      made[2], sh->wrong, sh->first_wrong);
	check(!refused && !twice, "no call came twice (%ld), no answer was refused (%ld)", twice, refused);
	check(sh->seen.sessions >= 4 && sh->seen.breakpoints > 100 && sh->seen.steps > 100 &&
		      sh->seen.calls > 100,
	      "the debugger worked: %ld sessions, %ld breakpoints, %ld steps, %ld calls",
	      sh->seen.sessions, sh->seen.breakpoints, sh->seen.steps, sh->seen.calls);
	check(!sh->seen.wrong && !sh->seen.signals, "and saw nothing else: %ld traps, %ld signals",
	      sh->seen.wrong, sh->seen.signals);
	diag("%ld other calls were let through", others);
	if (tracer)
		subject_end(tracer);
	close(fd);
	return done_testing();
}
