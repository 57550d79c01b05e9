/* takers.c - which thread takes a signal, and that its engines are asked, and no others, before anything is decided. */
/* seconds: 120 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* In the page: thread ids, the signal that is blocked and by whom, orders to unblock, who handled one. */
enum { TID = 10, SIGNAL = 12, BLOCKED, UNBLOCK, READY = 16, HANDLED = 18 };
enum { LEADER, SIBLING, THREADS, PROCESS = THREADS };

static const char *const who[] = { "leader", "sibling", "process" };

static const struct kind {
	const char *name;
	int signal;
	unsigned int verdict;	/* that its engine is given */
	bool deadly;
} kinds[] = {
	{ "handled", SIGUSR1, 0x00, false },
	{ "deadly", SIGTERM, 0x20, true },
	{ "core", SIGQUIT, 0x30, true },
};

/* One case; the bits 1 << LEADER and 1 << SIBLING. */
struct taking {
	const struct kind *kind;
	unsigned int traced, blocked, held;
	int to;			/* LEADER or SIBLING: tgkill(), PROCESS: kill() */
};

static int fd[THREADS];
static pid_t pid;

static void on_signal(int sig)
{
	(void)sig;
	page[HANDLED] = syscall(SYS_gettid);
}

static void *live(void *arg)
{
	int me = arg ? SIBLING : LEADER;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, page[SIGNAL]);
	if (page[BLOCKED] & (1 << me))
		pthread_sigmask(SIG_BLOCK, &set, NULL);
	page[TID + me] = syscall(SYS_gettid);
	page[READY + me] = 1;
	while (!(page[UNBLOCK] & (1 << me)))
		usleep(1000);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	sleeper(NULL);
	return arg;
}

static int two_threads(void *unused)
{
	static const struct rlimit none;
	const struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	pthread_t t;

	setrlimit(RLIMIT_CORE, &none);
	sigaction(SIGUSR1, &sa, NULL);
	pthread_create(&t, NULL, live, (void *)1);
	live(unused);
	return 0;
}

/* The thread that is to take it: LEADER, SIBLING, or -1 if it has to wait. */
static int taker(const struct taking *c)
{
	unsigned int can = ~c->blocked;

	/* a held thread takes what is sent to the process only if no other can */
	if (c->to != PROCESS)
		return can & (1 << c->to) ? c->to : -1;
	if (can & ~c->held & (1 << LEADER))
		return LEADER;
	if (can & ~c->held & (1 << SIBLING))
		return SIBLING;
	return -1;
}

static void start(const struct taking *c)
{
	memset((void *)&page[TID], 0, 10 * sizeof(*page));
	page[SIGNAL] = c->kind->signal;
	page[BLOCKED] = c->blocked;
	pid = subject(two_threads, NULL);
	while (!page[READY + LEADER] || !page[READY + SIBLING])
		sleep_ms(1);
	for (int i = 0; i < THREADS; i++) {
		fd[i] = -1;
		if (!((c->traced | c->held) & (1 << i)))
			continue;
		fd[i] = probe_open();
		if (probe_do(fd[i], "attach %ld 0", page[TID + i]))
			bail("attach");
		if (c->held & (1 << i)) {
			probe_do(fd[i], "control %d", DO_STOP);
			if (!reaches(page[TID + i], 't', PATIENCE))
				bail("hold");
		}
		if (!(c->traced & (1 << i)))
			continue;
		if (c->kind->deadly)
			probe_do(fd[i], "on %d %x", EV_SIGNAL, 0x10 | DO_RESUME);
		probe_do(fd[i], "events %lx", EV(SIGNAL) | EV(SIGNAL_TERM) | EV(SIGNAL_CORE));
	}
}

static void name(const struct taking *c, char *text, int room)
{
	static const char *const sets[] = { "none", "leader", "sibling", "both" };

	snprintf(text, room, "%s signal to the %s, traced: %s, blocked: %s, held: %s", c->kind->name, who[c->to],
		 sets[c->traced], sets[c->blocked], sets[c->held]);
}

static bool handled_by(int thread)
{
	for (long end = now_ms() + PATIENCE; now_ms() < end; sleep_ms(1))
		if (page[HANDLED])
			return page[HANDLED] == page[TID + thread];
	return false;
}

/* What became of it when @t, or nobody, was to take it. */
static void judge(const struct taking *c, int t, const char *text)
{
	struct probe_line line = { .pid = 0 };
	int status;

	if (t >= 0 && (c->traced & (1 << t))) {
		bool told = probe_event(fd[t], EV_SIGNAL, &line, PATIENCE);

		check(told && line.extra == c->kind->signal && line.pid == page[TID + t] &&
			      (line.action & 0xf0) == c->kind->verdict,
		      "%s: the %s's engine is asked: %d, thread %d of %ld, signal %ld, action %x", text, who[t],
		      told, line.pid, page[TID + t], line.extra, line.action);
	}
	if (t >= 0 && c->kind->deadly && !(c->traced & (1 << t))) {
		status = subject_wait(pid, PATIENCE);
		check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == c->kind->signal,
		      "%s: nobody is asked, it dies: %x", text, status);
		pid = 0;
	} else if (t >= 0 && !c->kind->deadly) {
		check(handled_by(t), "%s: the %s runs the handler: %ld of %ld", text, who[t], page[HANDLED],
		      page[TID + t]);
	}
	for (int i = 0; i < THREADS; i++)
		if (i != t && (c->traced & (1 << i)))
			check(!probe_read(fd[i], &line, 0), "%s: the %s's engine is not asked", text, who[i]);
	if (pid)
		check(waitpid(pid, &status, WNOHANG) == 0, "%s: it lives", text);
}

static void take(const struct taking *c)
{
	char text[128];
	int t;

	name(c, text, sizeof(text));
	start(c);
	t = taker(c);
	if (c->to == PROCESS)
		kill(pid, c->kind->signal);
	else
		syscall(SYS_tgkill, pid, page[TID + c->to], c->kind->signal);
	if (t < 0)
		sleep_ms(10);
	judge(c, t, text);
	if (t < 0 && c->to != PROCESS) {
		/* it waits for that thread, and is decided on when that is ready */
		strncat(text, ", unblocked", sizeof(text) - strlen(text) - 1);
		page[UNBLOCK] = 1 << c->to;
		judge(c, c->to, text);
	}
	for (int i = 0; i < THREADS; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	if (pid)
		check(subject_end(pid), "%s: it ends", text);
}

/* Each set of threads that is traced, and that blocks the signal. */
static void all_sets(const struct kind *kind, int to)
{
	struct taking c = { .kind = kind, .to = to };

	for (c.traced = 0; c.traced < 4; c.traced++)
		for (c.blocked = 0; c.blocked < 3; c.blocked++)
			take(&c);
}

/* One is held: the other one is there for what is sent to the process. */
static void one_held(const struct kind *kind)
{
	struct taking c = { .kind = kind, .to = PROCESS };

	for (c.held = 1; c.held < 3; c.held++)
		for (c.traced = 0; c.traced < 4; c.traced++)
			take(&c);
}

int main(void)
{
	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (int to = LEADER; to <= PROCESS; to++)
			all_sets(&kinds[i], to);
		one_held(&kinds[i]);
	}
	return done_testing();
}
