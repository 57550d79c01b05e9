/* declined.c - a tracer passes a stop signal on that a SIGCONT has overtaken: who is told of that SIGCONT, and when. */
/* call: 64 */
/* call: 32 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/look.h"

/* What the tracer is told to do: one byte each; it answers with a word that says what came of it. */
enum { SEIZE = 'z', ATTACH = 'a', WAIT = 'w', GO = 'c', PASS = 's', TOLD = 't' };

static pid_t tracee;
static int orders, answers;

/* All that this process was told by SIGCHLD of the tracee, in order, until none comes for a while. */
static void told(struct text *t)
{
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	t->n = 0;
	add(t, "%s", "");
	while (sigtimedwait(&set, &info, &(struct timespec){ .tv_nsec = 40000000 }) == SIGCHLD)
		if (info.si_pid == tracee)
			add(t, "%scode %d status %d", t->n ? ", " : "", info.si_code, info.si_status);
	if (!t->n)
		add(t, "nothing");
}

static void tracer(int in, int out)
{
	struct text t;
	char order;

	while (read(in, &order, 1) == 1) {
		t.n = 0;
		switch (order) {
		case SEIZE:
			add(&t, "%s", answer(pt(PTRACE_SEIZE, tracee, 0, 0)));
			break;
		case ATTACH:
			add(&t, "%s", answer(pt(PTRACE_ATTACH, tracee, 0, 0)));
			break;
		case WAIT:
			add(&t, "%s", look(tracee));
			break;
		case GO:
			add(&t, "%s", answer(pt(PTRACE_CONT, tracee, 0, 0)));
			break;
		case PASS:
			add(&t, "%s", answer(pt(PTRACE_CONT, tracee, 0, SIGSTOP)));
			break;
		case TOLD:
			told(&t);
			break;
		}
		if (write(out, t.s, t.n + 1) != (ssize_t)t.n + 1)
			_exit(1);
	}
	_exit(0);
}

/* Give the tracer an order, and say what came of it and what the parent was told by it. */
static void order(const char *how, const char *step, char what)
{
	char text[512];
	struct text t;
	ssize_t n;

	if (write(orders, &what, 1) != 1 || (n = read(answers, text, sizeof(text) - 1)) <= 0) {
		broken("%s, %s: no tracer", how, step);
		return;
	}
	text[n] = '\0';
	told(&t);
	say("%s, %s: %s; the parent is told: %s", how, step, text, t.s);
}

static void sent(const char *how, const char *step, int sig)
{
	struct text t;

	kill(tracee, sig);
	rest(tracee);
	told(&t);
	say("%s, %s: the parent is told: %s", how, step, t.s);
}

struct way {
	const char *name;
	bool seize;		/* how it comes to be traced */
	bool before;		/* a group stop came before, and the tracee was let go from it */
	int second;		/* the signal that the tracer passes on, or replaces by SIGSTOP */
	bool blocked;		/* SIGCONT is */
};

static const struct way ways[] = {
	{ "attached", false, false, SIGSTOP, false },
	{ "attached, stopped before", false, true, SIGSTOP, false },
	{ "attached, stopped before, TSTP", false, true, SIGTSTP, false },
	{ "attached, stopped before, USR1", false, true, SIGUSR1, false },
	{ "attached, stopped before, SIGCONT blocked", false, true, SIGSTOP, true },
	{ "seized", true, false, SIGSTOP, false },
	{ "seized, stopped before", true, true, SIGSTOP, false },
	{ "seized, stopped before, SIGCONT blocked", true, true, SIGSTOP, true },
};

static void one(const struct way *w)
{
	int to[2], from[2];
	pid_t t;

	tracee = fork();
	if (!tracee) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGCONT);
		sigprocmask(w->blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
		for (;;)
			pause();
	}
	rest(tracee);
	if (pipe(to) || pipe(from)) {
		broken("pipe: %s", errno_word(errno));
		return;
	}
	t = fork();
	if (!t) {
		close(to[1]);
		tracer(to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	orders = to[1];
	answers = from[0];

	order(w->name, "attach", w->seize ? SEIZE : ATTACH);
	if (!w->seize) {
		order(w->name, "wait", WAIT);
		order(w->name, "go on", GO);
	}
	order(w->name, "the tracer's SIGCHLD", TOLD);
	if (w->before) {
		sent(w->name, "SIGSTOP", SIGSTOP);
		order(w->name, "its stop", WAIT);
		order(w->name, "passed on", PASS);
		order(w->name, "the group stop", WAIT);
		order(w->name, "let go", GO);
		order(w->name, "the tracer's SIGCHLD", TOLD);
	}
	sent(w->name, "the signal", w->second);
	order(w->name, "its stop", WAIT);
	order(w->name, "the tracer's SIGCHLD", TOLD);
	sent(w->name, "SIGCONT", SIGCONT);
	order(w->name, "SIGSTOP is passed on", PASS);
	order(w->name, "what follows", WAIT);
	order(w->name, "the tracer's SIGCHLD", TOLD);
	order(w->name, "go on", GO);
	order(w->name, "what follows", WAIT);
	order(w->name, "go on", GO);
	order(w->name, "in the end", WAIT);
	order(w->name, "the tracer's SIGCHLD", TOLD);

	kill(tracee, SIGKILL);
	close(orders);
	close(answers);
	waitpid(t, NULL, 0);
	waitpid(tracee, NULL, __WALL);
}

int main(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		one(&ways[i]);
	return finish();
}
