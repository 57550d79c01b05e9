/* exec-thread.c - exec by a thread that is not the leader, with engines on all threads, held and not. */
/* seconds: 120 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

enum { LEADER, EXECER, OTHER, NTHREADS };
#define TIDS 10		/* in the page: where the threads put their ids */
#define GO 20

static void *thread(void *arg)
{
	long i = (long)arg;

	page[TIDS + i] = syscall(SYS_gettid);
	for (;;) {
		if (i == EXECER && page[GO])
			execl("/engines/exec-thread", "exec-thread", "exit", "7", NULL);
		if (i == OTHER)
			page[0]++;
		usleep(1000);
	}
	return arg;
}

static int program(void *unused)
{
	pthread_t t;

	(void)unused;
	pthread_create(&t, NULL, thread, (void *)EXECER);
	pthread_create(&t, NULL, thread, (void *)OTHER);
	thread((void *)LEADER);
	return 1;
}

static pid_t start(int fd[NTHREADS], unsigned long events)
{
	pid_t pid;

	memset((void *)&page[TIDS], 0, 11 * sizeof(*page));
	pid = subject(program, NULL);
	while (!page[TIDS] || !page[TIDS + 1] || !page[TIDS + 2])
		sleep_ms(1);
	for (int i = 0; i < NTHREADS; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %ld 0", page[TIDS + i]) ||
		    probe_do(fd[i], "events %lx", events))
			bail("attach to thread %d", i);
	}
	return pid;
}

static void finish(int fd[NTHREADS], pid_t pid, const char *what)
{
	int status = subject_wait(pid, 10000);

	if (!check(status == 7 << 8, "%s: the new program ran: %x", what, status))
		whereabouts(pid);
	for (int i = 0; i < NTHREADS; i++)
		close(fd[i]);
}

/* All events of @fd up to the reap, as bits; @order is false if reap is not last. */
static unsigned long until_reap(int fd, int *count, bool *order)
{
	struct probe_line line;
	unsigned long seen = 0;

	*count = 0;
	*order = true;
	while (probe_read(fd, &line, PATIENCE)) {
		if (seen & EV(REAP))
			*order = false;
		if (line.event == EV_DEATH && !(seen & EV(EXIT)))
			*order = false;
		if (line.event == EV_REAP && !(seen & EV(DEATH)))
			*order = false;
		seen |= 1UL << line.event;
		++*count;
		if (line.event == EV_REAP)
			break;
	}
	return seen;
}

static void plain(void)
{
	const unsigned long events = EV(EXEC) | EV(EXIT) | EV(DEATH) | EV(REAP);
	const unsigned long dies = EV(EXIT) | EV(DEATH) | EV(REAP);
	struct probe_line line;
	int fd[NTHREADS], count;
	unsigned long seen;
	pid_t pid = start(fd, events);
	bool order;

	probe_do(fd[EXECER], "once %d %d", EV_EXEC, DO_STOP);
	page[GO] = 1;
	check(probe_event(fd[EXECER], EV_EXEC, &line, 10000) && line.pid == pid,
	      "the thread reports its exec under the leader's id: %d of %d", line.pid, pid);
	check(reaches(pid, 't', PATIENCE), "and stops there: %c", state_of(pid));
	seen = until_reap(fd[LEADER], &count, &order);
	check(seen == dies && count == 3 && order, "the leader's engine saw exit, death, reap: %lx, %d",
	      seen, count);
	seen = until_reap(fd[OTHER], &count, &order);
	check(seen == dies && count == 3 && order, "that of another thread, too: %lx, %d", seen, count);
	check(probe_do(fd[LEADER], "control 5") == -ESRCH, "the leader's engine is gone");
	check(!probe_do(fd[EXECER], "examine"), "that of the thread can look at it");
	check(!probe_do(fd[EXECER], "control 5"), "and let it go");
	check(subject_wait(pid, 10000) == 7 << 8, "the new program ran");
	seen = until_reap(fd[EXECER], &count, &order);
	check(seen == dies && count == 3 && order, "its engine saw its exit, death, reap: %lx, %d", seen, count);
	for (int i = 0; i < NTHREADS; i++)
		close(fd[i]);
}

/* Exec kills the others wherever engines hold them. */
static void held(int which, const char *what)
{
	int fd[NTHREADS];
	pid_t pid = start(fd, EV(QUIESCE));

	probe_do(fd[which], "on %d %d", EV_QUIESCE, DO_STOP);
	probe_do(fd[which], "control %d", DO_STOP);
	check(reaches(page[TIDS + which], 't', PATIENCE), "%s is held", what);
	probe_do(fd[which], "on %d %d", EV_QUIESCE, DO_RESUME);
	page[GO] = 1;
	finish(fd, pid, what);
}

/* The execing thread is held while it waits for the others: not before it is done. */
static void holds_execer(void)
{
	struct probe_line line;
	int fd[NTHREADS];
	pid_t pid = start(fd, EV(EXIT));

	/* the other thread's last callback takes a while: exec waits for it */
	probe_do(fd[OTHER], "delay 300000");
	probe_do(fd[EXECER], "events %lx", EV(EXEC));
	page[GO] = 1;
	check(probe_event(fd[OTHER], EV_EXIT, &line, PATIENCE), "the other thread exits");
	check(probe_do(fd[EXECER], "control %d", DO_STOP) == -EINPROGRESS,
	      "a stop of the thread in exec is on its way");
	check(probe_event(fd[EXECER], EV_EXEC, &line, PATIENCE), "the exec is made");
	/* the callback of exec resumes: what it returns decides */
	finish(fd, pid, "a stop asked for during exec");
}

/* An engine that leaves in the exec report, one that came before it. */
static void leaves(void)
{
	int fd[NTHREADS], one = probe_open();
	struct probe_line line;
	pid_t pid = start(fd, EV(EXEC));

	probe_do(one, "attach %ld 0", page[TIDS + EXECER]);
	probe_do(one, "events %lx", EV(EXEC) | EV(EXIT));
	probe_do(fd[EXECER], "on %d %d", EV_EXEC, DO_DETACH);
	page[GO] = 1;
	check(probe_event(fd[EXECER], EV_EXEC, &line, PATIENCE), "one engine leaves in its callback");
	check(probe_event(one, EV_EXEC, &line, PATIENCE), "the other one is asked all the same");
	check(probe_event(one, EV_EXIT, &line, PATIENCE), "and sees the exit");
	check(probe_do(fd[EXECER], "events 0") == -ESRCH, "the first is gone");
	finish(fd, pid, "an engine leaves");
	close(one);
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "exit"))
		return argv[2][0] - '0';
	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (int i = 0; i < 5; i++) {
		plain();
		held(LEADER, "the leader");
		held(OTHER, "another thread");
		holds_execer();
		leaves();
	}
	return done_testing();
}
