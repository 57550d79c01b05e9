/* broker-verdict.c - calls that the broker was asked about and that are not made: the tracer skips them, or the thread dies. */
/* seconds: 60 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/module.h"
#include "lib/ordered.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

#define SET_SYSCALL_VERDICT 0x4280
#define SKIP 1
#define ANSWER 4242

/* The tracer skips the call; the broker's client answers it @early, before the tracer lets go. */
static void skipped(int fd, pid_t pid, bool early)
{
	const char *when = early ? "answered before" : "not answered";
	struct broker_call c;

	memset(&c, 0, sizeof(c));
	check(!trace(PTRACE_SYSCALL, pid, 0), "%s: to a call", when);
	page[GO]++;
	check(trace_wait(pid, PATIENCE) == SYSCALL_STOP, "%s: its entry", when);
	check(broker_next(fd, &c, PATIENCE) && c.tid == pid && c.nr == SYS_getppid, "%s: the broker is asked", when);
	check(!trace(SET_SYSCALL_VERDICT, pid, SKIP), "%s: the tracer skips it", when);
	if (early)
		check(!broker_result(fd, &c, ANSWER), "%s: the client's answer", when);
	check(!trace(PTRACE_CONT, pid, 0), "%s: goes on", when);
	if (!early) {
		/* it waits for the client, whose answer another tracer's decision overrides */
		check(!broker_result(fd, &c, ANSWER), "%s: the client's answer", when);
	}
	check(ordered_done() && page[RESULT] == -ENOSYS, "%s: the tracer's word: %ld", when, page[RESULT]);
	memset(&c, 0, sizeof(c));
	page[GO]++;
	check(broker_next(fd, &c, PATIENCE) && c.nr == SYS_getppid, "%s: the next call is asked about", when);
	check(!broker_result(fd, &c, -EXDEV), "%s: its answer", when);
	check(ordered_done() && page[RESULT] == -EXDEV, "%s: its result: %ld", when, page[RESULT]);
	check(!trace(PTRACE_INTERRUPT, pid, 0) && trace_wait(pid, PATIENCE) == EVENT_STOP(SIGTRAP),
	      "%s: at rest", when);
}

/* A client whose buffer cannot be written does not lose the call. */
static void bad_buffer(int fd, pid_t pid)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct broker_call c;

	check(!trace(PTRACE_CONT, pid, 0), "bad buffer: goes on");
	page[GO]++;
	check(poll(&p, 1, PATIENCE) == 1, "bad buffer: there is a call");
	check(syscall(SYS_read, fd, 8, sizeof(c)) == -1 && errno == EFAULT, "bad buffer: EFAULT");
	memset(&c, 0, sizeof(c));
	check(broker_next(fd, &c, PATIENCE) && c.nr == SYS_getppid, "bad buffer: the call is there still");
	check(!broker_result(fd, &c, -EXDEV), "bad buffer: its answer");
	check(ordered_done() && page[RESULT] == -EXDEV, "bad buffer: its result: %ld", page[RESULT]);
}

/* The last one dies while its call is there to be read: end of file, before anybody reaps it. */
static void end_of_file(int fd, pid_t pid)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct broker_call c;
	siginfo_t info;

	page[GO]++;
	check(poll(&p, 1, PATIENCE) == 1 && p.revents == POLLIN, "end: there is a call, %x", p.revents);
	check(!broker_ended(fd), "end: not yet");
	kill(pid, SIGKILL);
	check(!waitid(P_PID, pid, &info, WEXITED | WNOWAIT), "end: it is a zombie");
	/* the engines hear of a death when its parent may know of it already */
	p.events = 0;
	check(poll(&p, 1, PATIENCE) == 1 && (p.revents & POLLHUP), "end: poll says so, %x", p.revents);
	check(read(fd, &c, sizeof(c)) == 0, "end: end of file, and the call is gone");
	check(waitpid(pid, NULL, 0) == pid, "end: it is reaped");

	pid = subject_ordered();
	check(!broker_attach(fd, pid), "after the end: another one is attached");
	check(!broker_ended(fd), "after the end: no end any more");
	page[GO]++;
	memset(&c, 0, sizeof(c));
	check(broker_next(fd, &c, PATIENCE) && c.tid == pid, "after the end: its call comes");
	check(!broker_result(fd, &c, -EXDEV) && ordered_done(), "after the end: its answer");
	subject_end(pid);
}

int main(void)
{
	pid_t pid;
	int fd;

	subject_init(55);
	if (module_load("utrace-broker", NULL))
		bail("utrace-broker");
	fd = broker_open();
	if (fd < 0)
		bail("the device: %s", strerror(errno));
	pid = subject_ordered();
	check(!broker_attach(fd, pid), "the broker attaches");
	check(trace_seize(pid), "seized, and stopped");
	skipped(fd, pid, true);
	skipped(fd, pid, false);
	bad_buffer(fd, pid);
	end_of_file(fd, pid);
	close(fd);
	return done_testing();
}
