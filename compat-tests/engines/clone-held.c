/* clone-held.c - a new child runs while its parent is held by the report of it; then vfork's end is told. */
/* seconds: 120 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define ENGINES 3

/* In the page: what is to be done, the child's and the parent's counts, the child is to end, ids. */
enum { READY = 10, GO, CHILD, PARENT, END, CHILD_ID, ENDED };

enum kind { FORK, VFORK, CLONE3, THREAD, KINDS };
static const char *const names[KINDS] = { "fork", "vfork", "clone3", "thread" };

static pid_t pid;
static int fd[ENGINES];

/* It counts until it is told to end. */
static int child(void *unused)
{
	(void)unused;
	page[CHILD_ID] = syscall(SYS_gettid);
	while (!page[END])
		page[CHILD]++;
	page[ENDED] = 1;
	return 7;
}

static void *child_thread(void *unused)
{
	child(unused);
	return unused;
}

static void make(enum kind kind)
{
	/* flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls */
	unsigned long args[8] = { [4] = SIGCHLD };
	pthread_t t;

	switch (kind) {
	case FORK:
		if (!syscall(SYS_fork))
			_exit(child(NULL));
		break;
	case VFORK:
		if (!vfork())
			_exit(child(NULL));
		break;
	case CLONE3:
		if (!syscall(SYS_clone3, args, sizeof(args)))
			_exit(child(NULL));
		break;
	default:
		pthread_create(&t, NULL, child_thread, NULL);
	}
}

static int parent(void *kind)
{
	page[READY] = 1;
	while (!page[GO])
		;
	make(*(enum kind *)kind);
	for (;;)
		page[PARENT]++;
	return 0;
}

static void start(enum kind kind)
{
	for (int i = READY; i <= ENDED; i++)
		page[i] = 0;
	pid = subject(parent, &kind);
	while (!page[READY])
		sleep_ms(1);
	for (int i = 0; i < ENGINES; i++) {
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %d 0", pid) ||
		    probe_do(fd[i], "events %lx", EV(CLONE) | EV(VFORK_DONE)))
			bail("attach");
	}
}

static bool ended(void)
{
	for (long end = now_ms() + PATIENCE; !page[ENDED]; sleep_ms(1))
		if (now_ms() > end)
			return false;
	return true;
}

static void end(const char *what)
{
	for (int i = 0; i < ENGINES; i++)
		close(fd[i]);
	page[END] = 1;
	check(ended(), "%s: the child ends", what);
	check(subject_end(pid), "%s: the parent ends", what);
}

/* The child may never end by itself. */
static void give_up(void)
{
	for (int i = 0; i < ENGINES; i++)
		close(fd[i]);
	if (page[CHILD_ID])
		kill(page[CHILD_ID], SIGKILL);
	subject_end(pid);
}

/* All engines are told of the same child, once. */
static void told(const char *what, unsigned int event, const char *name)
{
	struct probe_line line = { 0 };

	for (int i = 0; i < ENGINES; i++) {
		bool got = probe_event(fd[i], event, &line, PATIENCE);

		check(got && line.pid == pid && line.extra == page[CHILD_ID], "%s: engine %d is told of %s: %ld of %ld",
		      what, i + 1, name, line.extra, page[CHILD_ID]);
		check(!probe_event(fd[i], event, &line, 0), "%s: engine %d is told of %s once", what, i + 1, name);
	}
}

/* The parent stands, as long as one of the first @holders does not let it go. */
static void let_go(const char *what, int holders, const char *where)
{
	for (int i = 0; i < holders; i++) {
		check(state_of(pid) == 't' && !page[PARENT], "%s: held %s by %d: %c, %ld", what, where, i + 1,
		      state_of(pid), page[PARENT]);
		check(!probe_do(fd[i], "control %d", DO_RESUME), "%s: let go %s by %d", what, where, i + 1);
	}
}

/* @first: the child ends before the parent is let go. */
static void held(enum kind kind, int holders, bool first)
{
	char what[80];

	snprintf(what, sizeof(what), "%s, held by %d, %s", names[kind], holders,
		 first ? "the child ends first" : "the child lives");
	start(kind);
	for (int i = 0; i < holders; i++) {
		probe_do(fd[i], "once %d %d", EV_CLONE, DO_STOP);
		probe_do(fd[i], "once %d %d", EV_VFORK_DONE, DO_STOP);
	}
	page[GO] = 1;
	check(reaches(pid, 't', PATIENCE), "%s: the parent is held: %c", what, state_of(pid));
	if (!check(moves(CHILD), "%s: the child runs meanwhile: %ld", what, page[CHILD])) {
		give_up();
		return;
	}
	told(what, EV_CLONE, "the child");
	if (first) {
		page[END] = 1;
		check(ended(), "%s: it ends meanwhile", what);
	}
	let_go(what, holders, "at the child's birth");
	if (kind == VFORK) {
		if (!first)
			check(moves(CHILD) && !page[PARENT], "vfork, held by %d: the parent waits for the child", holders);
		page[END] = 1;
		told(what, EV_VFORK_DONE, "vfork's end");
		check(reaches(pid, 't', PATIENCE), "%s: the parent is held again: %c", what, state_of(pid));
		let_go(what, holders, "at vfork's end");
	}
	check(moves(PARENT), "%s: the parent runs", what);
	end(what);
}

/* The child runs though its parent is killed in that stop. */
static void killed(enum kind kind)
{
	int status;

	start(kind);
	probe_do(fd[1], "once %d %d", EV_CLONE, DO_STOP);
	page[GO] = 1;
	if (!check(reaches(pid, 't', PATIENCE) && moves(CHILD), "%s, killed: the parent is held, the child runs: %c, %ld",
		   names[kind], state_of(pid), page[CHILD])) {
		give_up();
		return;
	}
	kill(pid, SIGKILL);
	status = subject_wait(pid, PATIENCE);
	check(status == SIGKILL, "%s, killed: the parent ends: %x", names[kind], status);
	if (kind != THREAD)
		check(moves(CHILD), "%s, killed: the child does not", names[kind]);
	page[END] = 1;
	for (int i = 0; i < ENGINES; i++)
		close(fd[i]);
	if (kind != THREAD)
		check(ended(), "%s, killed: it ends when it is told to", names[kind]);
}

/* An engine that follows is told of what the child does while the parent is held. */
static void followed(enum kind kind)
{
	struct probe_line line = { 0 };
	bool exits = false;

	start(kind);
	probe_do(fd[0], "once %d %d", EV_CLONE, DO_STOP);
	probe_do(fd[2], "events %lx", EV(CLONE) | EV(EXIT) | EV(SYSCALL_EXIT));
	probe_do(fd[2], "follow 1");
	page[GO] = 1;
	if (!check(reaches(pid, 't', PATIENCE) && moves(CHILD), "%s, followed: the parent is held, the child runs: %c, %ld",
		   names[kind], state_of(pid), page[CHILD])) {
		give_up();
		return;
	}
	page[END] = 1;
	while (!exits && probe_event(fd[2], EV_EXIT, &line, PATIENCE))
		exits = line.pid == page[CHILD_ID];
	check(exits, "%s, followed: its exit is told meanwhile: %d of %ld", names[kind], line.pid, page[CHILD_ID]);
	check(state_of(pid) == 't' && !page[PARENT], "%s, followed: the parent is held still: %c", names[kind],
	      state_of(pid));
	check(!probe_do(fd[0], "control %d", DO_RESUME) && moves(PARENT), "%s, followed: it runs when it is let go",
	      names[kind]);
	end(names[kind]);
}

int main(void)
{
	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (enum kind kind = FORK; kind < KINDS; kind++) {
		for (int holders = 1; holders <= ENGINES; holders++) {
			held(kind, holders, false);
			held(kind, holders, true);
		}
		killed(kind);
		followed(kind);
	}
	return done_testing();
}
