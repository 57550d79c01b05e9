/* exec-user.c - exec of a setuid program raises no privileges while an engine that acts for a user is attached. */
/* seconds: 60 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define USER 1000
#define PROGRAM "/tmp/exec-user"
/* UTRACE_ATTACH_USER of <linux/utrace.h>, and LSM_UNSAFE_PTRACE of <linux/security.h>. */
#define FOR_USER 0x80
#define UNSAFE_PTRACE 2
/* Exit status of the program. */
#define RAN 8
#define IS_ROOT 1

/* In the page: the order to exec. */
enum { GO = 10 };

static int fd, other;
static pid_t pid;

static int execs(void *unused)
{
	(void)unused;
	if (setgid(USER) || setuid(USER))
		return 0x70;
	while (!page[GO])
		usleep(1000);
	execl(PROGRAM, PROGRAM, "who", NULL);
	return 0x71;
}

static void idle(void)
{
}

static void no_events(void)
{
	check(!probe_do(fd, "events 0"), "it wants no events");
}

static void has_stopped(void)
{
	check(probe_do(fd, "control %d", DO_STOP) <= 0 && reaches(pid, 't', PATIENCE), "it stops the thread");
	check(!probe_do(fd, "control %d", DO_RESUME), "and lets it go");
}

static void has_asked(void)
{
	check(!probe_do(fd, "events %lx", EV(EXEC) | EV(QUIESCE)) && !probe_do(fd, "control %d", DO_REPORT),
	      "it asks for a report");
}

static void has_left(void)
{
	check(!probe_do(fd, "detach_sync"), "it leaves");
}

static void beside(int flags)
{
	other = probe_open();
	check(!probe_do(other, "attach %d %x", pid, flags) && !probe_do(other, "events %lx", EV(EXIT)),
	      "another one attaches, %s", flags ? "for a user" : "for nobody");
}

static void beside_other(void)
{
	beside(0);
}

static void beside_user(void)
{
	beside(FOR_USER);
}

static void other_came_and_left(void)
{
	beside(FOR_USER);
	check(!probe_do(other, "detach_sync"), "and leaves");
}

/* What happens before the exec; @safe: whether it may raise privileges if the engine acts for a user, for nobody. */
static const struct story {
	const char *name;
	void (*happens)(void);
	bool safe_user, safe_nobody, told;
} stories[] = {
	{ "alone", idle, false, true, true },
	{ "without events", no_events, false, true, false },
	{ "after a stop", has_stopped, false, true, true },
	{ "after a request", has_asked, false, true, true },
	{ "beside one for nobody", beside_other, false, true, true },
	{ "beside one for a user", beside_user, false, false, true },
	{ "after one for a user", other_came_and_left, false, true, true },
	{ "when it has left", has_left, true, true, false },
};

static void tell(const struct story *s, int flags)
{
	bool safe = flags ? s->safe_user : s->safe_nobody;
	const char *who = flags ? "for a user" : "for nobody";
	struct probe_line line;
	int status;

	diag("%s, %s", who, s->name);
	page[GO] = 0;
	pid = subject(execs, NULL);
	fd = probe_open();
	other = -1;
	check(!probe_do(fd, "attach %d %x", pid, flags) && !probe_do(fd, "events %lx", EV(EXEC)),
	      "%s, %s: attached", who, s->name);
	s->happens();
	page[GO] = 1;
	if (s->told) {
		memset(&line, 0, sizeof(line));
		check(probe_event(fd, EV_EXEC, &line, PATIENCE) && !(line.extra & UNSAFE_PTRACE) == safe,
		      "%s, %s: the exec is told as %s: %lx", who, s->name, safe ? "safe" : "unsafe",
		      line.extra);
	}
	status = subject_wait(pid, PATIENCE);
	check(WIFEXITED(status) && WEXITSTATUS(status) == (safe ? RAN | IS_ROOT : RAN),
	      "%s, %s: the program is %s: %x", who, s->name, safe ? "root" : "not root", status);
	close(fd);
	if (other >= 0)
		close(other);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return RAN | (geteuid() ? 0 : IS_ROOT);
	subject_init(55);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	copy_self(PROGRAM, 04755);
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		tell(&stories[i], FOR_USER);
		tell(&stories[i], 0);
	}
	return done_testing();
}
