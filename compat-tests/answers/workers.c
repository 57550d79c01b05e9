/* workers.c - threads of the kernel in a process, io_uring's and vhost's, traced; work that io_uring leaves to a thread that stops. */
/* call: 64 */
/* call: 32 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/vhost.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/regs.h"
#include "lib/stage.h"
#include "lib/walk.h"

static bool by_poller, by_vhost;

static void own_vhost(void)
{
	int fd = open("/dev/vhost-vsock", O_RDWR);

	if (fd < 0 || ioctl(fd, VHOST_SET_OWNER))
		_exit(4);
}

/* A read of an empty pipe that a worker has to wait for; or a ring that is polled by a thread. */
static void submit(void)
{
	struct io_uring_params p = { .flags = by_poller ? IORING_SETUP_SQPOLL : 0, .sq_thread_idle = 100000 };
	int ends[2], fd = syscall(SYS_io_uring_setup, 4, &p);
	struct io_uring_sqe *sqe;
	static char c;
	char *ring;

	if (fd < 0 || pipe(ends))
		_exit(1);
	ring = mmap(NULL, p.sq_off.array + 4 * sizeof(unsigned int), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    IORING_OFF_SQ_RING);
	sqe = mmap(NULL, 4 * sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES);
	if (ring == MAP_FAILED || (void *)sqe == MAP_FAILED)
		_exit(2);
	if (!by_poller) {
		*sqe = (struct io_uring_sqe){ .opcode = IORING_OP_READ, .flags = IOSQE_ASYNC, .fd = ends[0],
					      .addr = (uintptr_t)&c, .len = 1, .off = -1 };
		((unsigned int *)(ring + p.sq_off.array))[0] = 0;
		__atomic_store_n((unsigned int *)(ring + p.sq_off.tail), 1, __ATOMIC_RELEASE);
		if (syscall(SYS_io_uring_enter, fd, 1, 0, 0, NULL, 0) != 1)
			_exit(3);
	}
}

/* The other thread of @p; 0 if there is none. */
static pid_t worker_of(pid_t p)
{
	uint64_t until = now_ms() + PATIENCE_MS;
	pid_t tids[2] = { 0 };

	while (threads_of(p, tids, 2) < 2 && now_ms() < until)
		nap();
	return tids[0] == p ? tids[1] : tids[0];
}

static void one(const char *words, long attach, int sig)
{
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };
	unsigned long mask = 0;
	regs_t r;
	pid_t w;

	t.s[0] = '\0';
	roles_clear();
	s.p = fork();
	if (!s.p) {
		if (by_vhost)
			own_vhost();
		else
			submit();
		for (;;)
			pause();
	}
	role(s.p, "P");
	w = worker_of(s.p);
	if (!w) {
		broken("%s: no worker", words);
		return stage_end(&s);
	}
	role(w, "W");
	/* one that polls runs */
	if (!by_poller)
		rest(w);
	add(&t, " %s", answer(pt(attach, w, 0, 0)));
	if (sig)
		add(&t, " signal %s", answer(syscall(SYS_tgkill, s.p, w, sig)));
	else if (attach == PTRACE_SEIZE)
		add(&t, " interrupt %s", answer(pt(PTRACE_INTERRUPT, w, 0, 0)));
	if (!by_poller)
		walk_on(&t, w);
	else if (await_state(w, "t"))
		walk_on(&t, w);
	add(&t, " tracer %s", who(atoi(status_line(w, "TracerPid"))));
	add(&t, " mask %s", answer(pt(PTRACE_GETSIGMASK, w, 8, P(&mask))));
	add(&t, " set %s", answer(pt(PTRACE_SETSIGMASK, w, 8, P(&mask))));
	if (regs_get(w, &r))
		add(&t, " ax %s orig_ax %s", result_words((int)r.ax), result_words((int)r.orig_ax));
	else
		add(&t, " regs %s", errno_word(errno));
	add(&t, " step %s", answer(pt(PTRACE_SINGLESTEP, w, 0, 0)));
	if (!by_poller)
		walk_on(&t, w);
	add(&t, " interrupt %s", answer(pt(PTRACE_INTERRUPT, w, 0, 0)));
	if (attach == PTRACE_SEIZE) {
		if (by_poller)
			await_state(w, "t");
		walk_on(&t, w);
		add(&t, " syscall %s", answer(pt(PTRACE_SYSCALL, w, 0, 0)));
		if (!by_poller)
			walk_on(&t, w);
		pt(PTRACE_INTERRUPT, w, 0, 0);
		if (by_poller)
			await_state(w, "t");
		walk_on(&t, w);
	}
	kill(s.p, SIGSTOP);
	rest(s.p);
	if (!by_poller)
		walk_on(&t, w);
	add(&t, " detach %s", answer(pt(PTRACE_DETACH, w, 0, 0)));
	add(&t, " P %c", rest(s.p));
	kill(s.p, SIGKILL);
	rest(s.p);
	add(&t, " P %s W %s", status_words(await(s.p)), report(w));
	say("%s:%s", words, t.s);
	stage_end(&s);
}

/* The completion ring of @fd: where the kernel puts its tail. */
static const unsigned int *completions(int fd, const struct io_uring_params *p)
{
	char *ring = mmap(NULL, p->cq_off.cqes + 8 * sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, IORING_OFF_CQ_RING);

	return ring == MAP_FAILED ? NULL : (unsigned int *)(ring + p->cq_off.tail);
}

/* Submits a poll of @end, then gets two signals at once, that a tracer is shown one by one. */
static void poll_and_signals(int fd, const struct io_uring_params *p, int end)
{
	struct io_uring_sqe *sqe;
	sigset_t both;
	char *ring;

	ring = mmap(NULL, p->sq_off.array + 4 * sizeof(unsigned int), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    IORING_OFF_SQ_RING);
	sqe = mmap(NULL, 4 * sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES);
	if (ring == MAP_FAILED || (void *)sqe == MAP_FAILED)
		_exit(2);
	*sqe = (struct io_uring_sqe){ .opcode = IORING_OP_POLL_ADD, .fd = end, .poll32_events = POLLIN };
	((unsigned int *)(ring + p->sq_off.array))[0] = 0;
	__atomic_store_n((unsigned int *)(ring + p->sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, fd, 1, 0, 0, NULL, 0) != 1)
		_exit(3);
	sigemptyset(&both);
	sigaddset(&both, SIGUSR1);
	sigaddset(&both, SIGUSR2);
	sigprocmask(SIG_BLOCK, &both, NULL);
	raise(SIGUSR1);
	raise(SIGUSR2);
	ptrace(PTRACE_TRACEME);
	sigprocmask(SIG_UNBLOCK, &both, NULL);
	for (;;)
		pause();
}

/*
 * Task work that comes while the tracee is in a signal-delivery-stop is done on
 * the way back to user mode, not before a stop for the next signal or a trap.
 */
static void work_between_stops(const char *words, bool trap)
{
	struct io_uring_params p = { 0 };
	int ends[2], fd = syscall(SYS_io_uring_setup, 4, &p);
	const unsigned int *tail = fd < 0 ? NULL : completions(fd, &p);
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };

	t.s[0] = '\0';
	roles_clear();
	if (!tail || pipe(ends)) {
		broken("%s: no ring", words);
		return;
	}
	s.p = fork();
	if (!s.p)
		poll_and_signals(fd, &p, ends[0]);
	role(s.p, "P");
	walk_on(&t, s.p);
	add(&t, " work %s", answer(write(ends[1], "x", 1)));
	add(&t, " done %u", __atomic_load_n(tail, __ATOMIC_ACQUIRE));
	if (trap) {
		/* a group stop instead of the second signal: its trap comes first */
		kill(s.p, SIGSTOP);
		for (int i = 0; i < 2; i++) {
			walk(&t, s.p, PTRACE_CONT, i ? SIGSTOP : 0);
			add(&t, " done %u", __atomic_load_n(tail, __ATOMIC_ACQUIRE));
		}
	}
	walk(&t, s.p, PTRACE_CONT, 0);
	add(&t, " done %u", __atomic_load_n(tail, __ATOMIC_ACQUIRE));
	walk(&t, s.p, PTRACE_CONT, 0);
	add(&t, " done %u", __atomic_load_n(tail, __ATOMIC_ACQUIRE));
	say("%s:%s", words, t.s);
	stage_end(&s);
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	work_between_stops("work left between two signals", false);
	work_between_stops("work left before a group stop", true);
	one("worker, seized and interrupted", PTRACE_SEIZE, 0);
	one("worker, attached", PTRACE_ATTACH, 0);
	one("worker, seized and signalled", PTRACE_SEIZE, SIGUSR1);
	one("worker, seized and stopped", PTRACE_SEIZE, SIGSTOP);
	by_vhost = true;
	one("vhost, seized and interrupted", PTRACE_SEIZE, 0);
	one("vhost, attached", PTRACE_ATTACH, 0);
	one("vhost, seized and signalled", PTRACE_SEIZE, SIGUSR1);
	one("vhost, seized and stopped", PTRACE_SEIZE, SIGSTOP);
	by_vhost = false;
	by_poller = true;
	one("poller, seized and interrupted", PTRACE_SEIZE, 0);
	return finish();
}
