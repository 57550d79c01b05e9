/* changed-code.c - an engine changes the code of a thread that exits: the process's, if that was this thread's. */
/* seconds: 60 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* Codes as the kernel has them, and as wait() gives them. */
#define EXITED(n) ((n) << 8)
#define MAIN 3
#define THREAD 5
#define GROUP 9
#define CHANGED 77

/* In the page: the other thread, and what each of the two is to do. */
enum { TID = 10, MAIN_DOES, THREAD_DOES };
/* EXIT_ALIKE: the whole process, with the code of the other thread. */
enum { STAY, EXIT, EXIT_GROUP, EXIT_ALIKE };

static pid_t pid;
static int fd;

static void live(int does, int code)
{
	while (page[does] == STAY)
		;
	if (page[does] == EXIT_GROUP)
		syscall(SYS_exit_group, GROUP);
	if (page[does] == EXIT_ALIKE)
		syscall(SYS_exit_group, THREAD);
	syscall(SYS_exit, code);
}

static void *thread(void *arg)
{
	page[TID] = syscall(SYS_gettid);
	live(THREAD_DOES, THREAD);
	return arg;
}

static int program(void *threads)
{
	const struct rlimit none = { 0, 0 };
	pthread_t t;

	setrlimit(RLIMIT_CORE, &none);
	if (threads && pthread_create(&t, NULL, thread, NULL))
		return 1;
	if (!threads)
		page[TID] = getpid();
	live(MAIN_DOES, MAIN);
	return 1;
}

/* An engine on the thread @first or the other one, that makes @code of its code. */
static void start(bool threads, bool first, int code)
{
	page[TID] = page[MAIN_DOES] = page[THREAD_DOES] = 0;
	pid = subject(program, threads ? &pid : NULL);
	while (!page[TID])
		sleep_ms(1);
	fd = probe_open();
	if (probe_do(fd, "attach %d 0", first ? pid : (pid_t)page[TID]) ||
	    probe_do(fd, "events %lx", EV(EXIT) | EV(DEATH)))
		bail("attach");
	if (code >= 0)
		probe_do(fd, "code %d", code);
}

/* The exit report tells @code. */
static void exits(int code, const char *what)
{
	struct probe_line line = { 0 };
	bool told = probe_event(fd, EV_EXIT, &line, PATIENCE);

	check(told && line.extra == code, "%s: the report of the exit says %lx, expected %x", what, line.extra, code);
}

static void ends(int want, const char *what)
{
	int status = subject_wait(pid, PATIENCE);

	check(status == want, "%s: the process ends with %x, expected %x", what, status, want);
	if (status < 0)
		subject_end(pid);
	close(fd);
}

/* One thread: its code is the process's, whoever set it. */
static void alone(void)
{
	static const struct { int does, sig, code; const char *name; } ways[] = {
		{ EXIT, 0, EXITED(MAIN), "exit" },
		{ EXIT_GROUP, 0, EXITED(GROUP), "exit_group" },
		{ STAY, SIGTERM, SIGTERM, "SIGTERM" },
		{ STAY, SIGQUIT, SIGQUIT, "SIGQUIT" },
		{ STAY, SIGKILL, SIGKILL, "SIGKILL" },
	};
	static const int codes[] = { -1, 0, EXITED(CHANGED), SIGUSR2, EXITED(MAIN), EXITED(GROUP) };
	char what[60];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		for (size_t j = 0; j < sizeof(codes) / sizeof(codes[0]); j++) {
			snprintf(what, sizeof(what), "alone, %s, code %x", ways[i].name, codes[j]);
			start(false, true, codes[j]);
			page[MAIN_DOES] = ways[i].does;
			if (ways[i].sig)
				kill(pid, ways[i].sig);
			exits(ways[i].code, what);
			ends(codes[j] < 0 ? ways[i].code : codes[j], what);
		}
}

/* Two engines: each is told the code from before, the last one's counts. */
static void two_engines(void)
{
	struct probe_line line = { 0 };
	int outer = probe_open();
	bool told;

	start(false, true, EXITED(CHANGED));
	probe_do(outer, "attach %d 0", pid);
	probe_do(outer, "code %d", EXITED(CHANGED + 1));
	probe_do(outer, "events %lx", EV(EXIT));
	page[MAIN_DOES] = EXIT;
	exits(EXITED(MAIN), "two engines");
	told = probe_event(outer, EV_EXIT, &line, PATIENCE);
	check(told && line.extra == EXITED(MAIN), "two engines: the outer one is told %lx", line.extra);
	ends(EXITED(CHANGED + 1), "two engines");
	close(outer);
}

/* Of two threads the last one's is the process's. */
static void one_after_the_other(bool first_traced, bool first_last)
{
	struct probe_line line;
	char what[80];
	int own = first_traced ? EXITED(MAIN) : EXITED(THREAD), last = first_last ? EXITED(MAIN) : EXITED(THREAD);

	snprintf(what, sizeof(what), "of two threads the %s is traced, the %s ends last",
		 first_traced ? "first" : "other", first_last ? "first" : "other");
	start(true, first_traced, EXITED(CHANGED));
	page[first_last ? THREAD_DOES : MAIN_DOES] = EXIT;
	if (first_last) {
		/* the thread is gone altogether when it has */
		check(reaches(page[TID], '?', PATIENCE), "%s: the other ends", what);
	} else {
		check(reaches(pid, 'Z', PATIENCE), "%s: the first ends", what);
	}
	page[first_last ? MAIN_DOES : THREAD_DOES] = EXIT;
	exits(own, what);
	check(probe_event(fd, EV_DEATH, &line, PATIENCE), "%s: it dies", what);
	ends(first_traced == first_last ? EXITED(CHANGED) : last, what);
}

/*
 * A thread exits, and while its engine thinks about the code, or holds it, the
 * process is ended: by its first thread or a signal, whose code stands, be it
 * the same.
 */
static void beside_group(int does, int sig, bool held)
{
	int code = does == EXIT_GROUP ? EXITED(GROUP) : does == EXIT_ALIKE ? EXITED(THREAD) : sig;
	char what[80];

	snprintf(what, sizeof(what), "a thread %s at its exit while %s ends the process",
		 held ? "is held" : "takes long",
		 sig ? "a signal" : does == EXIT_GROUP ? "exit_group" : "exit_group with its code");
	start(true, false, EXITED(CHANGED));
	if (held)
		probe_do(fd, "on %d %x", EV_EXIT, DO_STOP);
	else
		probe_do(fd, "delay 20000000");
	page[THREAD_DOES] = EXIT;
	exits(EXITED(THREAD), what);
	check(!held || reaches(page[TID], 't', PATIENCE), "%s: it is there", what);
	if (sig)
		kill(pid, sig);
	else
		page[MAIN_DOES] = does;
	/* either ends the hold */
	if (!held) {
		check(reaches(pid, 'Z', PATIENCE), "%s: the first thread is dead", what);
		probe_do(fd, "delay 0");
	}
	ends(code, what);
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	alone();
	two_engines();
	for (int i = 0; i < 4; i++)
		one_after_the_other(i & 1, i & 2);
	for (int held = 0; held < 2; held++) {
		beside_group(EXIT_GROUP, 0, held);
		beside_group(EXIT_ALIKE, 0, held);
		beside_group(STAY, SIGTERM, held);
		beside_group(STAY, SIGKILL, held);
	}
	return done_testing();
}
