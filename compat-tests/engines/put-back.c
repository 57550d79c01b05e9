/* put-back.c - HOLD puts a signal back on its queue: it is reported again, whoever else is asked, and acts then. */
/* seconds: 90 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* Verdicts as in <linux/utrace.h>, and what goes with them. */
enum { DELIVER = 0x00, IGN = 0x10, TERM = 0x20, CORE = 0x30, TSTP = 0x50, REPORT = 0x60 };
#define VERDICT 0xf0
#define HOLD 0x100
#define REPEAT 0x200
#define ANY (-1)

/* In the page: it is there; the handler ran, and what it was given; signals are to be unblocked. */
enum { READY = 10, HANDLED, NUMBER, CODE, VALUE, UNBLOCK };

/* What a signal does to the subject. */
enum effect { RUNS_ON, RUNS_HANDLER, STOPS, ENDS };

static const struct row {
	int sig;
	enum effect effect;
	unsigned int own;		/* the verdict it has by itself */
	unsigned int held;		/* returned with HOLD */
	unsigned long event;
} rows[] = {
	{ SIGTERM, ENDS, TERM, TERM, EV(SIGNAL_TERM) },
	{ SIGTERM, ENDS, TERM, CORE, EV(SIGNAL_TERM) },
	{ 40, ENDS, TERM, TERM, EV(SIGNAL_TERM) },
	{ SIGQUIT, ENDS, CORE, CORE, EV(SIGNAL_CORE) },
	{ SIGTSTP, STOPS, TSTP, TSTP, EV(SIGNAL_STOP) },
	{ SIGUSR1, RUNS_HANDLER, DELIVER, DELIVER, EV(SIGNAL) },
	{ SIGUSR2, RUNS_ON, IGN, DELIVER, EV(SIGNAL_IGN) },
	{ SIGURG, RUNS_ON, IGN, TERM, EV(SIGNAL_IGN) },
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
	page[VALUE] = info->si_value.sival_int;
	page[HANDLED]++;
}

static int program(void *unused)
{
	const struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	const struct rlimit none = { 0, 0 };
	sigset_t all;

	(void)unused;
	setrlimit(RLIMIT_CORE, &none);
	/* not orphaned, or SIGTSTP would do nothing */
	if (setpgid(0, 0))
		return 1;
	sigaction(SIGUSR1, &sa, NULL);
	signal(SIGUSR2, SIG_IGN);
	sigfillset(&all);
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

/* The subject, with @sig sent to it, blocked as yet: to the process or the thread. */
static void start(int sig, bool shared)
{
	siginfo_t info = { .si_signo = sig, .si_code = SI_QUEUE };

	for (int i = READY; i <= UNBLOCK; i++)
		page[i] = 0;
	pid = subject(program, NULL);
	if (!counts_to(READY, 1))
		bail("the subject");
	info.si_pid = getpid();
	info.si_value.sival_int = 77;
	if (shared ? syscall(SYS_rt_sigqueueinfo, pid, sig, &info) :
		     syscall(SYS_rt_tgsigqueueinfo, pid, pid, sig, &info))
		bail("signal");
}

/* The next signal report is of @sig with @verdict, HOLD and REPEAT included. */
static bool reported(int file, int sig, unsigned int verdict, const char *what)
{
	struct probe_line line = { 0 };
	bool told = probe_event(file, EV_SIGNAL, &line, PATIENCE);

	return check(told && (line.action & ~7u) == verdict && line.extra == sig,
		     "%s: reported as %ld with %x, expected %d with %x", what, line.extra, line.action & ~7u, sig,
		     verdict);
}

/* Is @sig on the queue of the process, or the thread? */
static bool queued(int sig, bool shared)
{
	char path[64], text[4096], *p;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	get(path, text, sizeof(text));
	p = strstr(text, shared ? "ShdPnd:" : "SigPnd:");
	return p && strtoull(p + 7, NULL, 16) >> (sig - 1) & 1;
}

/* Whether the signal had its effect, once, with what was sent along; the subject ends. */
static void acts(int sig, enum effect effect, const char *what)
{
	int status;

	if (effect == ENDS) {
		status = subject_wait(pid, PATIENCE);
		check(status == sig, "%s: it ends: %x", what, status);
		return;
	}
	if (effect == STOPS) {
		status = subject_told(pid);
		check(status == STOPPED(sig), "%s: the parent is told of a stop: %x", what, status);
		kill(pid, SIGCONT);
	} else if (effect == RUNS_HANDLER) {
		counts_to(HANDLED, 1);
		check(page[NUMBER] == sig && page[CODE] == SI_QUEUE && page[VALUE] == 77,
		      "%s: the handler is given signal %ld, code %ld, value %ld", what, page[NUMBER], page[CODE],
		      page[VALUE]);
	}
	check(moves(0) && moves(0), "%s: it runs on", what);
	check(page[HANDLED] == (effect == RUNS_HANDLER), "%s: handled %ld times", what, page[HANDLED]);
	check(!queued(sig, true) && !queued(sig, false), "%s: nothing is left on a queue", what);
	status = 0;
	waitpid(pid, &status, WUNTRACED | WNOHANG);
	check(!status, "%s: nor is there another end or stop: %x", what, status);
	check(subject_end(pid), "%s: it is ended", what);
}

static const char *name_of(const struct row *r, unsigned long events, bool shared, const char *how)
{
	static char what[120];

	snprintf(what, sizeof(what), "signal %d, sent to the %s, %x is held, wanted: %lx, %s", r->sig,
		 shared ? "process" : "thread", r->held, events, how);
	return what;
}

/* Put back @times times, without a pause; then it is dropped, or has its effect. */
static void at_once(const struct row *r, unsigned long events, bool shared, int times, bool drops)
{
	const char *what = name_of(r, events, shared, drops ? "and dropped then" : "and passed then");
	unsigned int then = (drops ? IGN : r->own) | DO_RESUME;

	start(r->sig, shared);
	fd = probe_engine(pid, 0, events);
	if (times == 1) {
		probe_do(fd, "once %d %x", EV_SIGNAL, r->held | HOLD | DO_RESUME);
		probe_do(fd, "within %d on %d %x", EV_SIGNAL, EV_SIGNAL, then);
	} else {
		probe_do(fd, "on %d %x", EV_SIGNAL, r->held | HOLD | DO_RESUME);
	}
	page[UNBLOCK] = 1;
	for (int i = 0; i < times; i++)
		if (!reported(fd, r->sig, r->own, what))
			break;
	if (times > 1)
		probe_do(fd, "on %d %x", EV_SIGNAL, then);
	/* it was put back, and taken again: not the same report once more */
	reported(fd, r->sig, r->own, what);
	acts(r->sig, drops ? RUNS_ON : r->effect, what);
	close(fd);
}

/* It is on the queue that it came from; a report without a signal comes between, where that is to be seen. */
static void seen_on_queue(const struct row *r, bool shared, bool drops)
{
	const char *what = name_of(r, EV(QUIESCE), shared, drops ? "looked at, and dropped" : "looked at, and passed");
	bool there, elsewhere;

	start(r->sig, shared);
	fd = probe_engine(pid, 0, EV(QUIESCE));
	probe_do(fd, "on %d %x", EV_SIGNAL, r->held | HOLD | DO_INTERRUPT);
	probe_do(fd, "within %d on %d %x", EV_SIGNAL, EV_SIGNAL, REPORT | DO_STOP);
	page[UNBLOCK] = 1;
	reported(fd, r->sig, r->own, what);
	reported(fd, 0, REPORT, what);
	there = reaches(pid, 't', PATIENCE);
	check(there, "%s: held: %c", what, state_of(pid));
	there = queued(r->sig, shared);
	elsewhere = queued(r->sig, !shared);
	check(there && !elsewhere, "%s: it is on its queue, %d, and on no other, %d", what, there, elsewhere);
	probe_do(fd, "on %d %x", EV_SIGNAL, (drops ? IGN : r->own) | DO_RESUME);
	check(!probe_do(fd, "control %d", DO_RESUME), "%s: let go", what);
	reported(fd, 0, REPORT | REPEAT, what);
	reported(fd, r->sig, r->own, what);
	acts(r->sig, drops ? RUNS_ON : r->effect, what);
	close(fd);
}

/* An inner engine holds it, and an outer one is asked: it sees that, and leaves it so or not. */
static void two(const struct row *r, unsigned int place, int answer)
{
	bool goes_on = answer == ANY || answer & HOLD;
	char what[100];
	int outer;

	snprintf(what, sizeof(what), "signal %d, %x held by one, another at %x %s", r->sig, r->held, place,
		 answer == ANY ? "keeps that" : goes_on ? "holds it, too" : "does not hold it");
	start(r->sig, true);
	fd = probe_engine(pid, 0x100, EV(QUIESCE));
	outer = probe_engine(pid, place, EV(QUIESCE));
	probe_do(fd, "once %d %x", EV_SIGNAL, r->held | HOLD | DO_RESUME);
	probe_do(fd, "within %d on %d %x", EV_SIGNAL, EV_SIGNAL, r->own | DO_RESUME);
	if (answer != ANY)
		probe_do(outer, "once %d %x", EV_SIGNAL, answer | DO_RESUME);
	page[UNBLOCK] = 1;
	reported(fd, r->sig, r->own, what);
	reported(outer, r->sig, r->held | HOLD, what);
	if (goes_on) {
		reported(fd, r->sig, r->own, what);
		reported(outer, r->sig, r->own, what);
	}
	acts(r->sig, r->effect, what);
	close(outer);
	close(fd);
}

int main(void)
{
	/* the verdict that is put off is to drop it */
	static const struct row dropped[] = {
		{ SIGTERM, ENDS, TERM, IGN, EV(SIGNAL_TERM) },
		{ SIGUSR1, RUNS_HANDLER, DELIVER, IGN, EV(SIGNAL) },
		{ SIGUSR2, RUNS_ON, IGN, IGN, EV(SIGNAL_IGN) },
	};

	subject_init(85);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (size_t i = 0; i < ROWS; i++) {
		for (int shared = 0; shared < 2; shared++) {
			for (int drops = 0; drops < 2; drops++) {
				at_once(&rows[i], EV(QUIESCE), shared, 1, drops);
				at_once(&rows[i], rows[i].event, shared, 1, drops);
				seen_on_queue(&rows[i], shared, drops);
			}
			at_once(&rows[i], EV(QUIESCE), shared, 20, true);
		}
		two(&rows[i], 0, ANY);
		two(&rows[i], 0x400, ANY);
		two(&rows[i], 0x500, ANY);
		two(&rows[i], 0x500, (int)(rows[i].held | HOLD));
		two(&rows[i], 0x500, (int)rows[i].own);
	}
	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		at_once(&dropped[i], EV(QUIESCE), true, 1, false);
	return done_testing();
}
