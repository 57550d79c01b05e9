/* changed-action.c - engines change the flags by which a signal is handled: once, the program's own stay. */
/* seconds: 60 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define IGN 0x10

/* In the page: signals it is to send itself, those it did; what the handler saw, and what is left of the action. */
enum { READY = 10, GO, DONE, HANDLED, BLOCKED, ON_STACK, KEPT, RESULT };

static pid_t pid;
static int fd, other, pipe_in;
/* The flags of the program's own action. */
static int own;

static char stack[65536];

static void handler(int sig)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	sigset_t now;

	sigprocmask(SIG_BLOCK, NULL, &now);
	page[BLOCKED] = sigismember(&now, sig);
	page[ON_STACK] = here >= (uintptr_t)stack && here < (uintptr_t)stack + sizeof(stack);
	page[HANDLED]++;
}

static void set_up(void)
{
	const stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction sa = { .sa_handler = handler, .sa_flags = own };

	sigaltstack(&alternative, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	page[READY] = 1;
}

/* It takes each signal before the next, and looks at the action after that. */
static int catcher(void *unused)
{
	struct sigaction now;

	(void)unused;
	set_up();
	for (;;) {
		while (page[DONE] == page[GO])
			;
		kill(getpid(), SIGUSR1);
		sigaction(SIGUSR1, NULL, &now);
		/* SA_RESTORER is the library's */
		page[KEPT] = now.sa_handler == handler && (now.sa_flags & ~0x04000000) == own;
		page[DONE]++;
	}
	return 0;
}

static int reader(void *unused)
{
	char c;

	(void)unused;
	set_up();
	page[RESULT] = read(pipe_in, &c, 1) < 0 ? -errno : 1;
	page[DONE]++;
	return spin(NULL);
}

static void start(int (*run)(void *), int keep, int flags)
{
	for (int i = READY; i <= RESULT; i++)
		page[i] = 0;
	own = flags;
	pid = subject_keeping(keep, run, NULL);
	if (!counts_to(READY, 1))
		bail("the subject");
	fd = probe_engine(pid, 0, EV(SIGNAL));
	other = probe_engine(pid, 0, EV(SIGNAL));
}

static void end(const char *what)
{
	close(fd);
	close(other);
	check(subject_end(pid), "%s: it ends", what);
}

/* One more signal; it is handled with the flags @want. */
static void handled_with(int want, const char *what)
{
	long n = page[HANDLED] + 1;
	bool over;

	page[BLOCKED] = page[ON_STACK] = -1;
	page[GO]++;
	over = counts_to(DONE, page[GO]);
	check(over && page[HANDLED] == n, "%s: it is handled: %ld times, not %ld", what,
	      page[HANDLED], n);
	check(page[BLOCKED] == !(want & SA_NODEFER), "%s: in the handler it is blocked: %ld", what, page[BLOCKED]);
	check(page[ON_STACK] == !!(want & SA_ONSTACK), "%s: on the other stack: %ld", what, page[ON_STACK]);
	check(page[KEPT], "%s: the program's action is as it was", what);
}

static const int sets[] = { 0, SA_NODEFER, SA_ONSTACK, SA_NODEFER | SA_ONSTACK };
#define SETS (sizeof(sets) / sizeof(sets[0]))

/* Every set of flags, and what one engine or two make of it. */
static void flags_changed(void)
{
	char what[80];
	bool over;

	for (size_t i = 0; i < SETS; i++) {
		start(catcher, -1, sets[i]);
		for (size_t j = 0; j < SETS; j++)
			for (size_t k = 0; k < SETS; k++) {
				snprintf(what, sizeof(what), "flags %x, changed by %x and %x", sets[i], sets[j],
					 sets[k]);
				probe_do(fd, "flags %x", sets[j]);
				probe_do(other, "flags %x", sets[k]);
				handled_with(sets[i] ^ sets[j] ^ sets[k], what);
			}
		probe_do(fd, "flags 0");
		probe_do(other, "flags 0");
		snprintf(what, sizeof(what), "flags %x, not changed any more", sets[i]);
		handled_with(sets[i], what);
		/* what is dropped is not handled, with whatever flags */
		probe_do(fd, "flags %x", SA_NODEFER);
		probe_do(fd, "once %d %x", EV_SIGNAL, IGN | DO_RESUME);
		page[HANDLED] = 0;
		page[GO]++;
		over = counts_to(DONE, page[GO]);
		check(over && !page[HANDLED], "flags %x, changed and dropped: handled %ld times",
		      sets[i], page[HANDLED]);
		handled_with(sets[i] ^ SA_NODEFER, "changed again");
		end(what);
	}
}

/* The flag that has the action reset: the program's own has its effect, an engine's has none on the program. */
static void reset(void)
{
	bool over;

	start(catcher, -1, 0);
	probe_do(fd, "flags %x", (unsigned int)SA_RESETHAND);
	handled_with(0, "RESETHAND by an engine");
	handled_with(0, "RESETHAND by an engine, again");
	end("RESETHAND by an engine");

	for (size_t i = 0; i < SETS; i++) {
		start(catcher, -1, (int)SA_RESETHAND);
		probe_do(fd, "flags %x", sets[i]);
		page[GO]++;
		over = counts_to(DONE, 1);
		check(over && page[HANDLED] == 1 && !page[KEPT],
		      "RESETHAND by the program, changed by %x: handled %ld times, kept: %ld", sets[i],
		      page[HANDLED], page[KEPT]);
		page[GO]++;
		check(subject_wait(pid, PATIENCE) == SIGUSR1,
		      "RESETHAND by the program, changed by %x: the next is deadly", sets[i]);
		close(fd);
		close(other);
	}
}

/* The flag that has a call restarted: a read goes on, or fails. */
static void restarted(int flags, int flip)
{
	long want = (flags ^ flip) & SA_RESTART ? 1 : -EINTR;
	char what[60];
	int fds[2];

	snprintf(what, sizeof(what), "a call, flags %x changed by %x", flags, flip);
	if (pipe(fds))
		bail("pipe");
	pipe_in = fds[0];
	start(reader, fds[0], flags);
	close(fds[0]);
	probe_do(fd, "flags %x", flip);
	check(reaches(pid, 'S', PATIENCE), "%s: it reads", what);
	kill(pid, SIGUSR1);
	check(counts_to(HANDLED, 1), "%s: the signal is handled", what);
	check(write(fds[1], "x", 1) == 1 && counts_to(DONE, 1), "%s: the call is over", what);
	check(page[RESULT] == want, "%s: %ld, expected %ld", what, page[RESULT], want);
	close(fds[1]);
	end(what);
}

int main(void)
{
	subject_init(55);
	signal(SIGPIPE, SIG_IGN);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	flags_changed();
	reset();
	for (int i = 0; i < 4; i++)
		restarted(i & 1 ? SA_RESTART : 0, i & 2 ? SA_RESTART : 0);
	return done_testing();
}
