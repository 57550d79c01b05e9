/* in-hand.c - a signal in the hands of engines: what comes meanwhile, who was told of it before, and what INTERRUPT and REPORT make of it. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* Verdicts as in <linux/utrace.h>, and what goes with them. */
enum { DELIVER = 0x00, IGN = 0x10, TERM = 0x20, CORE = 0x30, STOP = 0x40, TSTP = 0x50, REPORT = 0x60 };
#define VERDICT 0xf0
#define HOLD 0x100
#define REPEAT 0x200
#define CORE_FILE "/tmp/in-hand.core"
#define CORE_SIZE (32 << 20)

enum { READY = 10, HANDLED };

static pid_t pid;

static void handler(int sig)
{
	(void)sig;
	page[HANDLED]++;
}

/* Counts, with a handler for @sig; not of an orphaned process group, or SIGTSTP would do nothing. */
static int counts(void *sig)
{
	if (setpgid(0, 0))
		return 1;
	signal((int)(long)sig, handler);
	page[READY] = 1;
	return spin(NULL);
}

static int sleeps(void *sig)
{
	signal((int)(long)sig, handler);
	page[READY] = 1;
	return sleeper(NULL);
}

static void start(int (*run)(void *), int sig)
{
	page[READY] = page[HANDLED] = 0;
	pid = subject(run, (void *)(long)sig);
	if (!counts_to(READY, 1))
		bail("the subject");
}

/* The next report of a signal is of @sig, with @given. */
static void reported(int fd, int sig, unsigned int given, const char *what)
{
	struct probe_line line = { 0 };
	bool told = probe_event(fd, EV_SIGNAL, &line, PATIENCE);

	check(told && line.extra == sig && (line.action & ~7u) == given, "%s: told of %ld with %x, expected %d with %x", what,
	      line.extra, line.action & ~7u, sig, given);
}

/* @sig is held by an engine, and put back after @crossing came; @stays: it is on its queue then, and acts. */
static void put_back(int sig, unsigned int verdict, int crossing, bool handled, bool stopped, const char *what)
{
	int fd, status = 0;

	start(counts, SIGCONT);
	fd = probe_engine(pid, 0, EV(SIGNAL) | EV(SIGNAL_STOP));
	probe_do(fd, "once %d %x", EV_SIGNAL, verdict | DO_STOP);
	kill(pid, sig);
	reported(fd, sig, verdict, what);
	check(reaches(pid, 't', PATIENCE), "%s: it is held", what);
	if (crossing)
		kill(pid, crossing);
	/* the second round puts it back; whatever is told after that is passed on */
	probe_do(fd, "once %d %x", EV_SIGNAL, verdict | HOLD | DO_RESUME);
	check(!probe_do(fd, "control %d", DO_RESUME), "%s: let go", what);
	reported(fd, sig, verdict | REPEAT, what);
	if (stopped)
		check(reaches(pid, 'T', PATIENCE), "%s: it stops", what);
	else
		check(moves(0) && moves(0), "%s: it runs on", what);
	if (handled)
		counts_to(HANDLED, 1);
	check(page[HANDLED] == handled, "%s: SIGCONT was handled %ld times, expected %d", what, page[HANDLED], handled);
	waitpid(pid, &status, WUNTRACED | WNOHANG);
	check(!status == !stopped, "%s: the parent is told %x", what, status);
	close(fd);
	check(subject_end(pid), "%s: it is ended", what);
}

/* An engine that comes while a signal is held was not told of it before. */
static void comes_later(void)
{
	int fd, later;

	start(counts, SIGUSR1);
	fd = probe_engine(pid, 0, EV(SIGNAL));
	probe_do(fd, "once %d %x", EV_SIGNAL, DELIVER | DO_STOP);
	kill(pid, SIGUSR1);
	reported(fd, SIGUSR1, DELIVER, "the first engine");
	check(reaches(pid, 't', PATIENCE), "it is held");
	later = probe_engine(pid, 0, EV(SIGNAL));
	probe_do(later, "once %d %x", EV_SIGNAL, DELIVER | DO_STOP);
	probe_do(fd, "control %d", DO_RESUME);
	reported(fd, SIGUSR1, DELIVER | REPEAT, "the first engine, after its stop");
	reported(later, SIGUSR1, DELIVER, "one that came meanwhile");
	probe_do(later, "control %d", DO_RESUME);
	reported(fd, SIGUSR1, DELIVER | REPEAT, "the first engine, after the other's stop");
	reported(later, SIGUSR1, DELIVER | REPEAT, "the other, after its stop");
	check(counts_to(HANDLED, 1), "the handler runs");
	close(fd);
	close(later);
	subject_end(pid);
}

/* One that wants another verdict than the signal began with was not told before it was that. */
static void wants_another(void)
{
	int fd, core;

	start(counts, SIGUSR1);
	fd = probe_engine(pid, 0, EV(SIGNAL_TERM));
	core = probe_engine(pid, 0, EV(SIGNAL_CORE));
	probe_do(fd, "once %d %x", EV_SIGNAL, TERM | DO_STOP);
	kill(pid, SIGTERM);
	reported(fd, SIGTERM, TERM, "one that wants TERM");
	check(reaches(pid, 't', PATIENCE), "it is held");
	probe_do(fd, "once %d %x", EV_SIGNAL, CORE | DO_RESUME);
	probe_do(core, "once %d %x", EV_SIGNAL, IGN | DO_RESUME);
	probe_do(fd, "control %d", DO_RESUME);
	reported(fd, SIGTERM, TERM | REPEAT, "the same, after its stop");
	reported(core, SIGTERM, CORE, "one that wants CORE, which it is now");
	check(moves(0), "it was dropped, and the program runs");
	close(fd);
	close(core);
	subject_end(pid);
}

/* REPORT alone is no INTERRUPT, though a signal comes while somebody holds the thread. */
static void report_waits(void)
{
	struct probe_line line = { 0 };
	bool interrupted = false, told = false;
	int fd, holder;

	start(sleeps, SIGUSR1);
	reaches(pid, 'S', PATIENCE);
	fd = probe_engine(pid, 0, EV(QUIESCE));
	holder = probe_engine(pid, 0, 0);
	check(!probe_do(fd, "control %d", DO_REPORT), "REPORT to one that sleeps");
	check(probe_do(holder, "control %d", DO_STOP) == -EINPROGRESS, "STOP of another engine");
	kill(pid, SIGUSR1);
	check(reaches(pid, 't', PATIENCE), "the signal makes it stop");
	probe_do(holder, "control %d", DO_RESUME);
	while (!told && probe_read(fd, &line, PATIENCE)) {
		interrupted |= line.event == EV_SIGNAL && (line.action & VERDICT) == REPORT;
		told = line.event == EV_QUIESCE && !line.extra;
	}
	check(!interrupted, "it is not reported as INTERRUPT is");
	check(told, "report_quiesce(0) comes before user mode");
	check(counts_to(HANDLED, 1), "the handler runs");
	close(fd);
	close(holder);
	subject_end(pid);
}

static int dumps(void *unused)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	char *memory = mmap(NULL, CORE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || setrlimit(RLIMIT_CORE, &all))
		return 1;
	memset(memory, 1, CORE_SIZE);
	page[READY] = 1;
	return sleeper(unused);
}

/* INTERRUPT does not cut a core dump short: as a program in a kernel's own signal it takes none but SIGKILL. */
static void interrupted_dump(bool interrupts)
{
	const char *what = interrupts ? "a dump with INTERRUPT" : "a dump";
	struct stat st = { 0 };
	int fd, status = -1;
	long n = 0, end;

	unlink(CORE_FILE);
	start(dumps, 0);
	fd = probe_engine(pid, 0, EV(QUIESCE));
	kill(pid, SIGQUIT);
	end = now_ms() + 20000;
	while (stat(CORE_FILE, &st) && now_ms() < end)
		;
	if (interrupts)
		n = !probe_do(fd, "control %d", DO_INTERRUPT);
	while (status < 0 && now_ms() < end)
		status = subject_wait(pid, 1000);
	if (interrupts)
		check(n > 0, "%s: INTERRUPT is taken while it is made", what);
	check(WIFSIGNALED(status) && WCOREDUMP(status), "%s: it ends with a core: %x", what, status);
	check(!stat(CORE_FILE, &st) && st.st_size > CORE_SIZE && st.st_blocks * 512L > CORE_SIZE,
	      "%s: the file has %lld bytes, in %lld blocks", what, (long long)st.st_size, (long long)st.st_blocks);
	unlink(CORE_FILE);
	close(fd);
}

int main(void)
{
	subject_init(60);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	put_back(SIGTSTP, TSTP, 0, false, true, "a stop signal that is put back");
	put_back(SIGTSTP, TSTP, SIGCONT, true, false, "a stop signal that is put back after a SIGCONT");
	put_back(SIGSTOP, STOP, SIGCONT, true, false, "SIGSTOP that is put back after a SIGCONT");
	put_back(SIGCONT, DELIVER, 0, true, false, "SIGCONT that is put back");
	put_back(SIGCONT, DELIVER, SIGSTOP, false, true, "SIGCONT that is put back after a SIGSTOP");
	put_back(SIGCONT, DELIVER, SIGTSTP, false, true, "SIGCONT that is put back after a SIGTSTP");
	comes_later();
	wants_another();
	report_waits();
	if (put("/proc/sys/kernel/core_pattern", CORE_FILE))
		bail("core_pattern");
	interrupted_dump(false);
	interrupted_dump(true);
	put("/proc/sys/kernel/core_pattern", "/tmp/core.%p");
	return done_testing();
}
