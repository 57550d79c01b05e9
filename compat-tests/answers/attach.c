/* attach.c - odd ways to become a tracer, and the tracer's end at every place. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/stage.h"
#include "lib/walk.h"

static struct text t;

static void begin(void)
{
	t.n = 0;
	t.s[0] = '\0';
	roles_clear();
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

static void end(const char *words)
{
	struct scene s = { .status = -1 };

	say("%s:%s", words, t.s);
	stage_end(&s);
}

static void add_tracer(pid_t p)
{
	add(&t, " %c tracer %s", rest(p), who(atoi(status_line(p, "TracerPid"))));
}

/* Attach by each request to a child in each state; attach again; leave; attach again. */
static void twice(long request, const char *words, int stopped)
{
	char line[100];
	pid_t p;

	begin();
	p = stage_child();
	role(p, "P");
	await_state(p, "S");
	if (stopped) {
		kill(p, SIGSTOP);
		await_state(p, "T");
	}
	add(&t, " %s", answer(pt(request, p, 0, 0)));
	add(&t, " again %s", answer(pt(PTRACE_SEIZE, p, 0, 0)));
	add(&t, " again %s", answer(pt(PTRACE_ATTACH, p, 0, 0)));
	add_tracer(p);
	add(&t, " %s", report(p));
	add(&t, " detach %s", answer(pt(PTRACE_DETACH, p, 0, 0)));
	add_tracer(p);
	if (atoi(status_line(p, "TracerPid"))) {
		add(&t, " interrupt %s", answer(pt(PTRACE_INTERRUPT, p, 0, 0)));
		walk_on(&t, p);
		add(&t, " detach %s", answer(pt(PTRACE_DETACH, p, 0, 0)));
		add_tracer(p);
	}
	for (int i = 0; i < 3; i++) {
		long r = i % 2 ? PTRACE_ATTACH : PTRACE_SEIZE;

		add(&t, "; %s %s", i % 2 ? "attach" : "seize", answer(pt(r, p, 0, 0)));
		if (r == PTRACE_SEIZE)
			pt(PTRACE_INTERRUPT, p, 0, 0);
		walk_on(&t, p);
		add(&t, " detach %s", answer(pt(PTRACE_DETACH, p, 0, 0)));
		walk_on(&t, p);
	}
	kill(p, SIGCONT);
	add_tracer(p);
	snprintf(line, sizeof(line), "%s of a %s child", words, stopped ? "stopped" : "sleeping");
	end(line);
}

/* What a child of ours says, as its exit code: an errno, or 0. */
static void says(const char *words, int (*function)(void))
{
	pid_t p;
	int status;

	begin();
	p = fork();
	if (!p)
		_exit(function());
	status = await(p);
	if (WIFEXITED(status))
		add(&t, " %s", WEXITSTATUS(status) ? errno_word(WEXITSTATUS(status)) : "0");
	else
		add(&t, " %s", status_words(status));
	end(words);
}

static int err(long ret)
{
	return ret < 0 ? errno : 0;
}

static int self_seize(void) { return err(pt(PTRACE_SEIZE, getpid(), 0, 0)); }
static int self_attach(void) { return err(pt(PTRACE_ATTACH, getpid(), 0, 0)); }
static int kernel_attach(void) { return err(pt(PTRACE_ATTACH, 2, 0, 0)); }
static int kernel_seize(void) { return err(pt(PTRACE_SEIZE, 2, 0, 0)); }
static int nobody_attach(void) { return err(pt(PTRACE_ATTACH, 4000000, 0, 0)); }
static int traceme_twice(void)
{
	pt(PTRACE_TRACEME, 0, 0, 0);
	return err(pt(PTRACE_TRACEME, 0, 0, 0));
}
static int traceme_arguments(void) { return err(pt(PTRACE_TRACEME, 77, 88, 99)); }

static void *seize_leader(void *ret)
{
	*(long *)ret = err(pt(PTRACE_SEIZE, getpid(), 0, 0));
	return NULL;
}

static int thread_seizes_leader(void)
{
	pthread_t thread;
	long ret = -1;

	pthread_create(&thread, NULL, seize_leader, &ret);
	pthread_join(thread, NULL);
	return ret;
}

/* TRACEME of a child whose parent is init or has just been replaced. */
static int traceme_orphan(void)
{
	int ends[2];
	char c = 0;

	if (pipe(ends))
		return 99;
	if (!fork()) {
		pid_t old = getppid();

		if (fork())
			_exit(0);
		while (getppid() == old)
			sched_yield();
		nap();
		c = err(pt(PTRACE_TRACEME, 0, 0, 0));
		if (write(ends[1], &c, 1) != 1)
			_exit(1);
		_exit(0);
	}
	return read(ends[0], &c, 1) == 1 ? c : 98;
}

/* Each thread of a process is asked by another thread of its tracer. */
static pid_t asked;

static void *asks(void *unused)
{
	char s[64];

	(void)unused;
	add(&t, " cont %s", answer(pt(PTRACE_CONT, asked, 0, 0)));
	add(&t, " getregs %s", answer(pt(PTRACE_GETREGS, asked, 0, P(s))));
	add(&t, " detach %s", answer(pt(PTRACE_DETACH, asked, 0, 0)));
	add(&t, " kill %s", answer(pt(PTRACE_KILL, asked, 0, 0)));
	add(&t, " interrupt %s", answer(pt(PTRACE_INTERRUPT, asked, 0, 0)));
	add(&t, " seize %s", answer(pt(PTRACE_SEIZE, asked, 0, 0)));
	add(&t, " wait %s", report(asked));
	return NULL;
}

static void other_thread(void)
{
	pthread_t thread;
	pid_t p;

	begin();
	p = asked = stage_child();
	await_state(p, "S");
	pt(PTRACE_SEIZE, p, 0, 0);
	pt(PTRACE_INTERRUPT, p, 0, 0);
	rest(p);
	pthread_create(&thread, NULL, asks, NULL);
	pthread_join(thread, NULL);
	add_tracer(p);
	end("another thread of the tracer");
}

/* A thread that traces ends: its tracees are nobody's. */
static void *seizes(void *unused)
{
	(void)unused;
	add(&t, " seize %s", answer(pt(PTRACE_SEIZE, asked, 0, 0)));
	pt(PTRACE_INTERRUPT, asked, 0, 0);
	walk_on(&t, asked);
	return NULL;
}

static void tracer_thread_ends(void)
{
	pthread_t thread;
	pid_t p;

	begin();
	p = asked = stage_child();
	await_state(p, "S");
	pthread_create(&thread, NULL, seizes, NULL);
	pthread_join(thread, NULL);
	/* joined is not gone */
	for (uint64_t until = now_ms() + 2000; atoi(status_line(p, "TracerPid")) && now_ms() < until;)
		nap();
	add_tracer(p);
	add(&t, " seize %s", answer(pt(PTRACE_SEIZE, p, 0, 0)));
	pt(PTRACE_INTERRUPT, p, 0, 0);
	walk_on(&t, p);
	walk(&t, p, PTRACE_CONT, 0);
	end("the thread that traces ends");
}

/* The tracer dies; the tracee is a child of ours, stopped in each way. */
static void tracer_dies(const struct stage *stage, unsigned long options, const char *words)
{
	char line[120];
	int ends[2];
	pid_t helper, p = 0;
	ssize_t n;

	begin();
	if (pipe(ends))
		return;
	helper = fork();
	if (!helper) {
		struct scene s;

		close(ends[0]);
		if (stage_make(stage, &s)) {
			if (options)
				pt(PTRACE_SETOPTIONS, s.p, 0, options);
			if (write(ends[1], &s.p, sizeof(s.p)) != sizeof(s.p))
				_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	n = read(ends[0], &p, sizeof(p));
	close(ends[0]);
	if (n == sizeof(p)) {
		role(p, "P");
		/* all its threads, not only the one that was forked */
		await(helper);
		rest(p);
		add(&t, " %s", look(p));
	}
	snprintf(line, sizeof(line), "the tracer dies at %s, options %s", stage->name, words);
	end(line);
}

int main(void)
{
	for (int stopped = 0; stopped < 2; stopped++) {
		twice(PTRACE_SEIZE, "SEIZE", stopped);
		twice(PTRACE_ATTACH, "ATTACH", stopped);
	}
	says("SEIZE itself", self_seize);
	says("ATTACH itself", self_attach);
	says("ATTACH a kernel thread", kernel_attach);
	says("SEIZE a kernel thread", kernel_seize);
	says("ATTACH nobody", nobody_attach);
	says("TRACEME twice", traceme_twice);
	says("TRACEME with arguments", traceme_arguments);
	says("a thread seizes its leader", thread_seizes_leader);
	says("TRACEME of an orphan", traceme_orphan);
	other_thread();
	tracer_thread_ends();
	for (size_t i = 0; i < nstages; i++)
		if (strcmp(stages[i].name, "minus-one") && strcmp(stages[i].name, "zero") &&
		    strcmp(stages[i].name, "self") && strcmp(stages[i].name, "kernel-thread") &&
		    strcmp(stages[i].name, "own-thread") && strcmp(stages[i].name, "nobody")) {
			tracer_dies(&stages[i], 0, "as they are");
			tracer_dies(&stages[i], PTRACE_O_EXITKILL, "EXITKILL");
		}
	return finish();
}
