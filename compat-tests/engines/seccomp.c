/* seccomp.c - engines decide before filters: what they make of a call is what the filter judges. */
/* seconds: 60 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

enum { GO = 10, DONE, RESULT, NR };

/* A program whose filter returns @action for getppid and getpgrp's kill. */
static int filtered(void *arg)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, *(unsigned int *)arg),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgrp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return 1;
	page[0] = 1;
	for (;;) {
		while (!page[GO])
			;
		page[GO] = 0;
		page[RESULT] = syscall(page[NR]);
		if (page[RESULT] == -1)
			page[RESULT] = -errno;
		page[DONE] = 1;
	}
}

static pid_t start(unsigned int action)
{
	pid_t pid;

	page[0] = page[GO] = 0;
	pid = subject(filtered, &action);
	while (!page[0])
		sleep_ms(1);
	return pid;
}

static void order(int nr)
{
	page[NR] = nr;
	page[DONE] = 0;
	page[GO] = 1;
}

static bool done(void)
{
	for (long end = now_ms() + PATIENCE; now_ms() < end; sleep_ms(1))
		if (page[DONE])
			return true;
	return false;
}

static void before_filters(void)
{
	pid_t pid = start(SECCOMP_RET_ERRNO | EMFILE);
	struct broker_call c;
	int fd = broker_open(), status;

	check(!broker_attach(fd, pid), "attached");
	order(SYS_getppid);
	broker_next(fd, &c, PATIENCE);
	check(!broker_run(fd, &c) && done() && page[RESULT] == -EMFILE,
	      "a call that is run passes the filter: %ld", page[RESULT]);
	order(SYS_getppid);
	broker_next(fd, &c, PATIENCE);
	check(!broker_result(fd, &c, 5) && done() && page[RESULT] == 5,
	      "one that is not made does not: %ld", page[RESULT]);
	order(SYS_getppid);
	broker_next(fd, &c, PATIENCE);
	check(!broker_rewrite(fd, &c, SYS_getpid, NULL) && done() && page[RESULT] == pid,
	      "the filter judges what the engine made of it: %ld", page[RESULT]);
	order(SYS_getpid);
	broker_next(fd, &c, PATIENCE);
	check(!broker_rewrite(fd, &c, SYS_getppid, NULL) && done() && page[RESULT] == -EMFILE,
	      "an allowed call becomes one that is not: %ld", page[RESULT]);
	order(SYS_getpid);
	broker_next(fd, &c, PATIENCE);
	check(!broker_rewrite(fd, &c, SYS_getpgrp, NULL), "an allowed call becomes a deadly one");
	status = subject_wait(pid, PATIENCE);
	check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "it kills: %x", status);
	close(fd);
}

/* SECCOMP_RET_TRACE goes to engines that want it; without any the call fails. */
static void traced(void)
{
	pid_t pid = start(SECCOMP_RET_TRACE | 0x77);
	struct probe_line line;
	int fd = probe_open(), status;

	order(SYS_getppid);
	check(done() && page[RESULT] == -ENOSYS, "nobody takes it: %ld", page[RESULT]);
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "events %lx", EV(SECCOMP) | EV(ENTRY));
	order(SYS_getppid);
	check(done() && page[RESULT] == getpid(), "an engine lets it pass: %ld", page[RESULT]);
	check(probe_read(fd, &line, PATIENCE) && line.event == EV_ENTRY, "asked at entry first: %u",
	      line.event);
	check(probe_read(fd, &line, PATIENCE) && line.event == EV_SECCOMP && line.extra == 0x77,
	      "then with the filter's data: %u, %lx", line.event, line.extra);
	/* a stop there */
	probe_do(fd, "once %d %d", EV_SECCOMP, DO_STOP);
	order(SYS_getppid);
	check(probe_event(fd, EV_SECCOMP, &line, PATIENCE) && reaches(pid, 't', PATIENCE) && !page[DONE],
	      "it stops there: %c", state_of(pid));
	check(!probe_do(fd, "control %d", DO_RESUME) && done() && page[RESULT] == getpid(),
	      "and goes on: %ld", page[RESULT]);
	/* aborted at entry the filter has nothing to say */
	probe_drop(fd);
	probe_do(fd, "result 99");
	probe_do(fd, "once %d %x", EV_ENTRY, 0x10 | DO_RESUME);
	order(SYS_getppid);
	check(done() && page[RESULT] == 99, "aborted at entry: %ld", page[RESULT]);
	probe_read(fd, &line, 1000);
	check(!probe_read(fd, &line, 50), "the filter was not asked");
	/* killed there */
	probe_do(fd, "once %d %d", EV_SECCOMP, DO_STOP);
	order(SYS_getppid);
	check(probe_event(fd, EV_SECCOMP, &line, PATIENCE) && reaches(pid, 't', PATIENCE), "it stops again");
	kill(pid, SIGKILL);
	status = subject_wait(pid, PATIENCE);
	check(status == SIGKILL, "and can be killed there: %x", status);
	close(fd);
}

int main(void)
{
	subject_init(55);
	if (module_load("utrace-broker", NULL) || module_load("utrace-probe", NULL))
		bail("modules");
	before_filters();
	traced();
	return done_testing();
}
