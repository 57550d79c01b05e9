/* made-up.c - a signal that an engine made up is one as any other: it acts, is reported, blocked, shown. */
/* seconds: 90 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* Verdicts as in <linux/utrace.h>. */
enum { DELIVER = 0x00, IGN = 0x10, TERM = 0x20, CORE = 0x30, STOP = 0x40, TSTP = 0x50, REPORT = 0x60, HANDLER = 0x70 };
#define VERDICT 0xf0
#define SIGNALS_ALL (EV(SIGNAL) | EV(SIGNAL_IGN) | EV(SIGNAL_STOP) | EV(SIGNAL_TERM) | EV(SIGNAL_CORE))

/* In the page: it is there; what the handler was given, and how often it ran; signals are to be unblocked. */
enum { READY = 10, HANDLED, NUMBER, CODE, UNBLOCK };

/* How the subject is: in an orphaned process group, with signals blocked. */
enum { ORPHANED = 1, BLOCKS };

/* What a signal does to it. */
enum effect { RUNS_ON, RUNS_HANDLER, STOPS, ENDS };
static const struct row {
	int sig;
	enum effect effect;
	unsigned int verdict;
	unsigned int how;
} rows[] = {
	{ SIGUSR1, RUNS_HANDLER, DELIVER, 0 },	{ SIGALRM, RUNS_HANDLER, DELIVER, 0 },
	{ SIGUSR2, RUNS_ON, IGN, 0 },		{ SIGURG, RUNS_ON, IGN, 0 },
	{ SIGCHLD, RUNS_ON, IGN, 0 },		{ SIGCONT, RUNS_ON, IGN, 0 },
	{ SIGSTOP, STOPS, STOP, 0 },		{ SIGSTOP, STOPS, STOP, ORPHANED },
	{ SIGTSTP, STOPS, TSTP, 0 },		{ SIGTSTP, RUNS_ON, TSTP, ORPHANED },
	{ SIGTTIN, STOPS, TSTP, 0 },		{ SIGTTOU, RUNS_ON, TSTP, ORPHANED },
	{ SIGTERM, ENDS, TERM, 0 },		{ SIGHUP, ENDS, TERM, 0 },
	{ SIGQUIT, ENDS, CORE, 0 },		{ SIGTRAP, ENDS, CORE, 0 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static pid_t pid;
static int fd;

static void handler(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	page[NUMBER] = info->si_signo;
	page[CODE] = info->si_code;
	page[HANDLED]++;
}

static int program(void *arg)
{
	const struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	const struct rlimit none = { 0, 0 };
	unsigned int how = *(unsigned int *)arg;
	sigset_t all;

	setrlimit(RLIMIT_CORE, &none);
	/* a group with a parent in another group of its session is none of orphans */
	if (how == ORPHANED ? setsid() < 0 : setpgid(0, 0))
		return 1;
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGALRM, &sa, NULL);
	signal(SIGUSR2, SIG_IGN);
	sigfillset(&all);
	if (how == BLOCKS)
		sigprocmask(SIG_BLOCK, &all, NULL);
	page[READY] = 1;
	for (;;) {
		page[0]++;
		if (page[UNBLOCK]) {
			page[UNBLOCK] = 0;
			sigprocmask(SIG_UNBLOCK, &all, NULL);
		}
	}
	return 0;
}

static void start(unsigned int how)
{
	for (int i = READY; i <= UNBLOCK; i++)
		page[i] = 0;
	pid = subject(program, &how);
	if (!counts_to(READY, 1))
		bail("the subject");
	fd = probe_engine(pid, 0, EV(QUIESCE));
}

static void end(const char *what)
{
	close(fd);
	check(subject_end(pid), "%s: it ends", what);
}

/* The engine asks for a report, and puts @sig there; its callback returns @answer. */
static void make_up(int sig, unsigned int answer, const char *what)
{
	int got;

	probe_do(fd, "signal %d", sig);
	probe_do(fd, "once %d %x", EV_SIGNAL, answer);
	got = probe_do(fd, "control %d", DO_INTERRUPT);
	check(!got, "%s: a report is asked for: %d", what, got);
}

/* The report without a signal, into which the signal was put. */
static bool report_made(int sig)
{
	struct probe_line line = { 0 };

	return probe_event(fd, EV_SIGNAL, &line, PATIENCE) && (line.action & VERDICT) == REPORT && line.extra == sig;
}

/* The next signal report is with @verdict. */
static void reported(int file, int sig, unsigned int verdict, const char *what)
{
	struct probe_line line = { 0 };
	bool told = probe_event(file, EV_SIGNAL, &line, PATIENCE);

	check(told && (line.action & VERDICT) == verdict && line.extra == sig,
	      "%s: reported as %ld with %x, expected %d with %x", what, line.extra, line.action & VERDICT, sig,
	      verdict);
}

/* No signal report is there. */
static void unreported(int file, const char *what)
{
	struct probe_line line = { 0 };
	bool told = probe_event(file, EV_SIGNAL, &line, 0);

	check(!told, "%s: not reported: %ld with %x", what, line.extra, line.action & VERDICT);
}

/* Whether the signal had its effect, on a subject that is ended by that or at the end of it. */
static void acts(int sig, enum effect effect, const char *what)
{
	int status;

	switch (effect) {
	case STOPS:
		status = subject_told(pid);
		check(status == STOPPED(sig), "%s: the parent is told of a stop: %x", what, status);
		check(reaches(pid, 'T', PATIENCE) && still(0), "%s: it is stopped", what);
		kill(pid, SIGCONT);
		check(moves(0), "%s: and goes on", what);
		break;
	case ENDS:
		status = subject_wait(pid, PATIENCE);
		check(status == sig, "%s: it ends: %x", what, status);
		break;
	case RUNS_HANDLER:
		counts_to(HANDLED, 1);
		check(page[HANDLED] == 1 && page[NUMBER] == sig && page[CODE] == SI_USER,
		      "%s: the handler runs %ld times: signal %ld, code %ld", what, page[HANDLED], page[NUMBER],
		      page[CODE]);
		/* fall through */
	case RUNS_ON:
		check(moves(0) && moves(0), "%s: it runs on", what);
		check(page[HANDLED] == (effect == RUNS_HANDLER), "%s: handled %ld times", what, page[HANDLED]);
		/* a stop that was not to be is not seen here */
		check(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0, "%s: nor is it stopped", what);
		break;
	}
}

/* Each action that a signal has; the engine leaves with it, or stays and is asked about it. */
static void default_actions(const struct row *r, bool leaves)
{
	bool asked = !leaves;
	char what[64];
	int got;

	snprintf(what, sizeof(what), "SIG%s%s%s", sigabbrev_np(r->sig), r->how ? ", orphaned" : "",
		 leaves ? ", the engine leaves" : "");
	start(r->how);
	make_up(r->sig, DELIVER | (leaves ? DO_DETACH : DO_RESUME), what);
	check(report_made(r->sig), "%s: it is made up", what);
	if (asked)
		reported(fd, r->sig, r->verdict, what);
	acts(r->sig, r->effect, what);
	if (asked && r->effect == RUNS_HANDLER)
		reported(fd, r->sig, HANDLER, what);
	got = r->effect == ENDS ? 0 : probe_do(fd, "events 0");
	check(leaves ? got || r->effect == ENDS : !got, "%s: the engine is there or not: %d", what, got);
	unreported(fd, what);
	close(fd);
	if (r->effect != ENDS)
		check(subject_end(pid), "%s: it is ended", what);
}

/* SIGKILL is not asked about. */
static void killed(bool leaves)
{
	const char *what = leaves ? "SIGKILL, the engine leaves" : "SIGKILL";

	start(0);
	make_up(SIGKILL, DELIVER | (leaves ? DO_DETACH : DO_RESUME), what);
	check(report_made(SIGKILL), "%s: it is made up", what);
	acts(SIGKILL, ENDS, what);
	unreported(fd, what);
	close(fd);
}

/* What is returned where the signal is made up is no verdict on it. */
static void no_verdict(void)
{
	static const unsigned int answers[] = { TERM, CORE, STOP, TSTP };
	char what[64];

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		snprintf(what, sizeof(what), "made up with %x", answers[i]);
		start(0);
		make_up(SIGUSR1, answers[i] | DO_RESUME, what);
		check(report_made(SIGUSR1), "%s: it is made up", what);
		reported(fd, SIGUSR1, DELIVER, what);
		acts(SIGUSR1, RUNS_HANDLER, what);
		end(what);
	}
}

/* Nothing is made up: the engine thinks better of it, puts no signal there, or none that is. */
static void nothing(void)
{
	static const struct { int sig; unsigned int answer; } tries[] = {
		{ SIGTERM, IGN }, { SIGTERM, REPORT }, { 0, DELIVER }, { 0, TERM }, { 0, STOP }, { 0, REPORT },
		{ 65, DELIVER }, { 1000, TERM },
	};
	char what[64];

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		for (int leaves = 0; leaves < 2; leaves++) {
			snprintf(what, sizeof(what), "signal %d returned with %x%s", tries[i].sig, tries[i].answer,
				 leaves ? ", the engine leaves" : "");
			start(0);
			make_up(tries[i].sig, tries[i].answer | (leaves ? DO_DETACH : DO_RESUME), what);
			check(report_made(tries[i].sig), "%s: it is reported", what);
			acts(0, RUNS_ON, what);
			unreported(fd, what);
			end(what);
		}
}

/* Is @sig on the queue of the thread itself, within PATIENCE? */
static bool queued(int sig)
{
	char path[64], text[4096], *p;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	for (long e = now_ms() + PATIENCE; now_ms() < e; sleep_ms(1)) {
		get(path, text, sizeof(text));
		p = strstr(text, "SigPnd:");
		if (p && strtoull(p + 7, NULL, 16) >> (sig - 1) & 1)
			return true;
	}
	return false;
}

/* Blocked it waits on the queue, and is taken off it as one that was sent. */
static void blocked(int sig, enum effect effect, unsigned int verdict, bool leaves)
{
	char what[64];

	snprintf(what, sizeof(what), "SIG%s, blocked%s", sigabbrev_np(sig), leaves ? ", the engine leaves" : "");
	start(BLOCKS);
	make_up(sig, DELIVER | (leaves ? DO_DETACH : DO_RESUME), what);
	check(report_made(sig), "%s: it is made up", what);
	check(queued(sig), "%s: it is queued", what);
	acts(sig, RUNS_ON, what);
	unreported(fd, what);
	page[UNBLOCK] = 1;
	acts(sig, effect, what);
	if (!leaves)
		reported(fd, sig, verdict, what);
	close(fd);
	if (effect != ENDS)
		check(subject_end(pid), "%s: it is ended", what);
}

/* SIGSTOP is in hand when SIGCONT comes, or does not. */
static void continued(bool cont)
{
	const char *what = cont ? "SIGSTOP is in hand when SIGCONT comes" : "SIGSTOP is in hand for a while";

	start(0);
	/* when it is asked about it the engine holds the thread */
	probe_do(fd, "within %d once %d %x", EV_SIGNAL, EV_SIGNAL, STOP | DO_STOP);
	make_up(SIGSTOP, DELIVER | DO_RESUME, what);
	check(report_made(SIGSTOP), "%s: it is made up", what);
	reported(fd, SIGSTOP, STOP, what);
	check(reaches(pid, 't', PATIENCE), "%s: held", what);
	if (cont)
		kill(pid, SIGCONT);
	probe_do(fd, "control %d", DO_RESUME);
	acts(SIGSTOP, cont ? RUNS_ON : STOPS, what);
	end(what);
}

/*
 * An outer engine that wants signals hears of it, as of one that was sent, and
 * decides; that one was made up is not its business.
 */
static void another_decides(bool leaves)
{
	static const struct { int sig; unsigned int was, answer; enum effect effect; int does; } cases[] = {
		{ SIGUSR1, DELIVER, DELIVER, RUNS_HANDLER, SIGUSR1 },
		{ SIGUSR1, DELIVER, IGN, RUNS_ON, 0 },
		/* the end is what this one has by itself */
		{ SIGUSR1, DELIVER, TERM, ENDS, SIGUSR1 },
		{ SIGUSR1, DELIVER, STOP, STOPS, SIGSTOP },
		{ SIGUSR1, DELIVER, TSTP, STOPS, SIGTSTP },
		{ SIGSTOP, STOP, STOP, STOPS, SIGSTOP },
		{ SIGSTOP, STOP, IGN, RUNS_ON, 0 },
		{ SIGTERM, TERM, IGN, RUNS_ON, 0 },
		{ SIGURG, IGN, TERM, ENDS, SIGTERM },
	};
	char what[80];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int other;

		snprintf(what, sizeof(what), "SIG%s, another one says %x%s", sigabbrev_np(cases[i].sig),
			 cases[i].answer, leaves ? ", the engine leaves" : "");
		start(0);
		other = probe_engine(pid, 0, SIGNALS_ALL);
		probe_do(other, "once %d %x", EV_SIGNAL, cases[i].answer | DO_RESUME);
		make_up(cases[i].sig, DELIVER | (leaves ? DO_DETACH : DO_RESUME), what);
		reported(other, cases[i].sig, cases[i].was, what);
		acts(cases[i].does, cases[i].effect, what);
		close(other);
		close(fd);
		if (cases[i].effect != ENDS)
			check(subject_end(pid), "%s: it is ended", what);
	}
}

/* ptrace's tracer is shown it first: what it drops nobody is asked about, what it passes is asked about. */
static void shown(int pass, bool leaves)
{
	char what[64];
	int got;

	snprintf(what, sizeof(what), "a tracer that makes %d of it%s", pass, leaves ? ", the engine leaves" : "");
	start(0);
	if (!trace_seize(pid) || trace(PTRACE_CONT, pid, 0))
		bail("trace");
	make_up(SIGUSR1, DELIVER | (leaves ? DO_DETACH : DO_RESUME), what);
	got = trace_wait(pid, PATIENCE);
	check(got == STOPPED(SIGUSR1), "%s: it is shown: %x", what, got);
	check(report_made(SIGUSR1), "%s: it is made up", what);
	unreported(fd, what);
	check(!trace(PTRACE_CONT, pid, pass), "%s: it goes on", what);
	if (pass && !leaves)
		reported(fd, pass, DELIVER, what);
	acts(pass, pass ? RUNS_HANDLER : RUNS_ON, what);
	if (!pass)
		unreported(fd, what);
	end(what);
}

int main(void)
{
	subject_init(85);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (int leaves = 0; leaves < 2; leaves++) {
		for (size_t i = 0; i < ROWS; i++)
			default_actions(&rows[i], leaves);
		killed(leaves);
		blocked(SIGUSR1, RUNS_HANDLER, DELIVER, leaves);
		blocked(SIGTSTP, STOPS, TSTP, leaves);
		blocked(SIGTERM, ENDS, TERM, leaves);
		another_decides(leaves);
		shown(SIGUSR1, leaves);
		shown(SIGALRM, leaves);
		shown(0, leaves);
	}
	no_verdict();
	nothing();
	continued(true);
	continued(false);
	return done_testing();
}
