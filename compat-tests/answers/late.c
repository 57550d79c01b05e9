/* late.c - a tracer that comes, or changes its mind, in the middle of something. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/regs.h"
#include "lib/stage.h"
#include "lib/walk.h"

#define ALL (PTRACE_O_TRACESYSGOOD | 0xfeul)

static struct text t;
static int go[2];

static void wait_for_go(void)
{
	char c;

	if (read(go[0], &c, 1) != 1)
		_exit(1);
}

static void in_vfork(void)
{
	sigset_t set;

	/* when that of the child comes is open */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (!vfork()) {
		wait_for_go();
		_exit(0);
	}
	syscall(SYS_getuid);
}

static void in_read(void)
{
	wait_for_go();
	syscall(SYS_getuid);
}

static void in_sleep(void)
{
	nanosleep(&(struct timespec){ .tv_sec = 3600 }, NULL);
}

static void in_stop(void)
{
	kill(getpid(), SIGSTOP);
	syscall(SYS_getuid);
}

static void *exit_late(void *unused)
{
	(void)unused;
	wait_for_go();
	syscall(SYS_exit_group, 9);
	return NULL;
}

static void in_dead_leader(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, exit_late, NULL);
	syscall(SYS_exit, 2);
}

static void in_suspended_signal(void)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	kill(getpid(), SIGTERM);
	wait_for_go();
	syscall(SYS_getuid);
}

static const struct { const char *name; void (*body)(void); const char *letters; } places[] = {
	{ "vfork", in_vfork, "D" }, { "read", in_read, "S" }, { "nanosleep", in_sleep, "S" },
	{ "group stop", in_stop, "T" }, { "dead leader", in_dead_leader, "Z" },
	{ "blocked signal", in_suspended_signal, "S" },
};

/* How the tracer comes: SEIZE, with or without INTERRUPT; ATTACH.  Then it goes on with @request. */
static void come(size_t place, int way, long request, unsigned long options)
{
	static const char *const ways[] = { "seize", "seize, interrupt", "attach" };
	struct scene s = { .status = -1 };
	int status = 0;
	pid_t p;

	t.n = 0;
	t.s[0] = '\0';
	roles_clear();
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (pipe(go))
		return;
	p = fork();
	if (!p) {
		places[place].body();
		for (;;)
			pause();
	}
	role(p, "P");
	await_state(p, places[place].letters);
	rest(p);
	add(&t, " %s", answer(way == 2 ? pt(PTRACE_ATTACH, p, 0, 0) : pt(PTRACE_SEIZE, p, 0, options)));
	if (way == 1)
		add(&t, " %s", answer(pt(PTRACE_INTERRUPT, p, 0, 0)));
	status = walk_on(&t, p);
	if (status) {
		if (way == 2)
			add(&t, " options %s", answer(pt(PTRACE_SETOPTIONS, p, 0, options)));
		status = walk(&t, p, request, 0);
	}
	if (write(go[1], "gg", 2) != 2)
		broken("late");
	if (*places[place].letters == 'D')
		await_state(p, "StTZ-");
	/* nobody can trace it: its letter stays, until it is reported */
	if (*places[place].letters == 'Z')
		add(&t, " > %s", status_words(await(p)));
	for (int n = 0; n < 8; n++) {
		if (!status)
			status = walk_on(&t, p);
		if (!status)
			break;
		status = walk(&t, p, request, signal_of(status));
	}
	close(go[0]);
	close(go[1]);
	add(&t, "; %c", state_of(p));
	say("%s in %s, then %ld, options %lx:%s", ways[way], places[place].name, request, options, t.s);
	s.p = p;
	stage_end(&s);
}

/* At every stop the options are changed, or another request is made than the last. */
static void change(const struct stage *stage, unsigned long options, long request)
{
	struct scene s;
	int status = 0;

	t.n = 0;
	t.s[0] = '\0';
	if (!stage_make(stage, &s))
		return;
	if (s.p > 2 && s.p != getpid() && state_of(s.p) == 't') {
		if (pt(PTRACE_SETOPTIONS, s.p, 0, options))
			add(&t, " %s", errno_word(errno));
		/* SIGKILL ends the longest of loops */
		status = walk(&t, s.p, request, 0);
		for (int n = 0; n < 4 && status; n++)
			status = walk(&t, s.p, n % 2 ? PTRACE_SYSCALL : request, 0);
		say("at %s options %lx, then %ld:%s", stage->name, options, request, t.s);
	}
	stage_end(&s);
}

int main(void)
{
	static const long requests[] = { PTRACE_CONT, PTRACE_SYSCALL, PTRACE_SINGLESTEP, 31, 32 };

	for (size_t place = 0; place < sizeof(places) / sizeof(places[0]); place++)
		for (int way = 0; way < 3; way++)
			for (size_t r = 0; r < 3; r++) {
				come(place, way, requests[r], 0);
				come(place, way, requests[r], ALL);
			}
	for (size_t i = 0; i < nstages; i++)
		for (size_t r = 0; r < sizeof(requests) / sizeof(requests[0]); r++) {
			change(&stages[i], 0, requests[r]);
			change(&stages[i], ALL, requests[r]);
		}
	return finish();
}
