/* stand-in.c - a verdict that a signal does not have by itself acts as SIGTERM, SIGQUIT, SIGSTOP or SIGTSTP. */
/* seconds: 60 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* Verdicts as in <linux/utrace.h>, and the signals by whose default action they are carried out. */
static const struct { unsigned int verdict; int sig; const char *name; } verdicts[] = {
	{ 0x20, SIGTERM, "TERM" }, { 0x30, SIGQUIT, "CORE" }, { 0x40, SIGSTOP, "STOP" }, { 0x50, SIGTSTP, "TSTP" },
};

/* Signals, and the verdict that each has by itself. */
static const struct { int sig; unsigned int verdict; } signals[] = {
	{ SIGUSR1, 0x20 }, { SIGTERM, 0x20 }, { 40, 0x20 }, { SIGQUIT, 0x30 }, { SIGSEGV, 0x30 },
	{ SIGSTOP, 0x40 }, { SIGTSTP, 0x50 }, { SIGTTOU, 0x50 }, { SIGURG, 0x10 }, { SIGCHLD, 0x10 },
};

/* What the program does about them. */
enum disposition { DEFAULT, IGNORES, HANDLES, DISPOSITIONS };
static const char * const names[] = { "not handled", "ignored", "handled" };

enum { READY = 10 };

static void handler(int sig)
{
	(void)sig;
}

static int program(void *arg)
{
	void (*const actions[])(int) = { SIG_DFL, SIG_IGN, handler };
	enum disposition how = *(enum disposition *)arg;
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	/* not orphaned, or SIGTSTP would do nothing */
	if (setpgid(0, 0))
		return 1;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i].sig, actions[how]);
	page[READY] = 1;
	return spin(NULL);
}

static void decided(int sig, unsigned int own, size_t v, enum disposition how)
{
	/* what it does by itself it does as itself */
	int as = verdicts[v].verdict == own ? sig : verdicts[v].sig;
	int want = verdicts[v].verdict < 0x40 ? as : STOPPED(as);
	int fd = probe_open(), status;
	char what[64];
	pid_t pid;

	snprintf(what, sizeof(what), "signal %d, %s, decided as %s", sig, names[how], verdicts[v].name);
	page[READY] = 0;
	pid = subject(program, &how);
	for (long e = now_ms() + PATIENCE; !page[READY] && now_ms() < e;)
		sleep_ms(1);
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "on %d %x", EV_SIGNAL, verdicts[v].verdict | DO_RESUME);
	check(!probe_do(fd, "events %lx", EV(SIGNAL) | EV(SIGNAL_IGN) | EV(SIGNAL_STOP) | EV(SIGNAL_TERM) |
		       EV(SIGNAL_CORE)), "%s: an engine", what);
	kill(pid, sig);
	status = subject_told(pid);
	check(status == want, "%s: wait() says %x, expected %x", what, status, want);
	close(fd);
	if (status < 0 || WIFSTOPPED(status))
		check(subject_end(pid), "%s: it is ended", what);
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		for (size_t v = 0; v < sizeof(verdicts) / sizeof(verdicts[0]); v++)
			for (enum disposition how = DEFAULT; how < DISPOSITIONS; how++)
				decided(signals[i].sig, signals[i].verdict, v, how);
	return done_testing();
}
