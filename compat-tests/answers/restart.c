/* restart.c - system calls that block, interrupted: what the tracer sees of their restart. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/regs.h"
#include "lib/stage.h"
#include "lib/walk.h"

static const struct timespec hour = { .tv_sec = 3600 };
static unsigned int word;
static int pipe_fd, epoll_fd, socket_fd, timed_fd, msg_id, sem_id;

static void do_pause(void) { pause(); }
static void do_nanosleep(void) { nanosleep(&hour, NULL); }
static void do_clock_nanosleep(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += 3600;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}
static void do_poll(void) { poll(NULL, 0, 3600000); }
static void do_poll_for_ever(void) { poll(NULL, 0, -1); }
static void do_ppoll(void)
{
	sigset_t none;

	sigemptyset(&none);
	ppoll(NULL, 0, &hour, &none);
}
static void do_select(void) { select(0, NULL, NULL, NULL, NULL); }
static void do_pselect(void) { pselect(0, NULL, NULL, NULL, &hour, NULL); }
static void do_futex(void) { syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0); }
static void do_futex_timed(void) { syscall(SYS_futex, &word, FUTEX_WAIT, 0, &hour, NULL, 0); }
static void do_read(void)
{
	char c;

	if (read(pipe_fd, &c, 1) < 0)
		return;
}
static void do_epoll(void)
{
	struct epoll_event e;

	epoll_wait(epoll_fd, &e, 1, -1);
}
static void do_accept(void) { accept(socket_fd, NULL, NULL); }
static void do_recv_timed(void)
{
	char c;

	recv(timed_fd, &c, 1, 0);
}
static void do_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigsuspend(&none);
}
static void do_sigtimedwait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigtimedwait(&set, NULL, &hour);
}
static void do_wait(void) { wait4(-1, NULL, 0, NULL); }
static void do_msgrcv(void)
{
	struct { long type; char c; } m;

	msgrcv(msg_id, &m, 1, 0, 0);
}
static void do_semop(void)
{
	struct sembuf op = { .sem_op = -1 };

	semop(sem_id, &op, 1);
}

static const struct { const char *name; void (*call)(void); } calls[] = {
	{ "pause", do_pause }, { "nanosleep", do_nanosleep }, { "clock_nanosleep", do_clock_nanosleep },
	{ "poll", do_poll }, { "poll-for-ever", do_poll_for_ever }, { "ppoll", do_ppoll },
	{ "select", do_select }, { "pselect", do_pselect }, { "futex", do_futex },
	{ "futex-timed", do_futex_timed }, { "read", do_read }, { "epoll", do_epoll },
	{ "accept", do_accept }, { "recv-timed", do_recv_timed }, { "sigsuspend", do_sigsuspend },
	{ "sigtimedwait", do_sigtimedwait }, { "wait", do_wait }, { "msgrcv", do_msgrcv },
	{ "semop", do_semop },
};

static int chosen, action_flags;

static void caught(int sig)
{
	(void)sig;
}

static void body(void)
{
	struct sigaction sa = { .sa_handler = caught, .sa_flags = action_flags };
	struct timeval hour_of_tv = { .tv_sec = 3600 };
	int ends[2];

	sigaction(SIGUSR1, &sa, NULL);
	if (pipe(ends))
		_exit(1);
	pipe_fd = ends[0];
	epoll_fd = epoll_create1(0);
	socket_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(socket_fd, &(struct sockaddr){ .sa_family = AF_UNIX }, sizeof(sa_family_t));
	listen(socket_fd, 1);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		_exit(1);
	timed_fd = ends[0];
	setsockopt(timed_fd, SOL_SOCKET, SO_RCVTIMEO, &hour_of_tv, sizeof(hour_of_tv));
	msg_id = msgget(IPC_PRIVATE, 0600);
	sem_id = semget(IPC_PRIVATE, 1, 0600);
	if (calls[chosen].call == do_wait && !fork())
		for (;;)
			pause();
	syscall(SYS_getppid);
	calls[chosen].call();
	syscall(SYS_getuid);
}

static void add_regs(struct text *t, pid_t pid)
{
	regs_t r;

	if (regs_get(pid, &r))
		add(t, " (orig_ax %s ax %s)", result_words((int)r.orig_ax), result_words((int)r.ax));
}

/* Stopped behind the getppid() before the call. */
static bool begin(struct scene *s, struct text *t, int i)
{
	regs_t r;

	chosen = i;
	*s = (struct scene){ .status = -1 };
	t->n = 0;
	t->s[0] = '\0';
	roles_clear();
	if (!stage_start(s, BODY_OWN, true, PTRACE_O_TRACESYSGOOD))
		return false;
	do {
		if (!stage_go(s, PTRACE_SYSCALL, 0) || !regs_get(s->p, &r)) {
			broken("%s: no start", calls[i].name);
			return false;
		}
	} while ((uint32_t)r.orig_ax != (uint32_t)SYS_getppid || (long)r.ax < 0);
	return true;
}

static void stops(int i)
{
	struct text t;
	struct scene s;

	if (begin(&s, &t, i)) {
		walk(&t, s.p, PTRACE_CONT, 0);
		for (int n = 0; n < 2; n++) {
			pt(PTRACE_INTERRUPT, s.p, 0, 0);
			walk_on(&t, s.p);
			add_regs(&t, s.p);
			walk(&t, s.p, PTRACE_CONT, 0);
			add(&t, " in %s", proc_syscall(s.p));
		}
		kill(s.p, SIGUSR1);
		walk_on(&t, s.p);
		add_regs(&t, s.p);
		walk(&t, s.p, PTRACE_CONT, 0);
		add(&t, " in %s", proc_syscall(s.p));
		kill(s.p, SIGSTOP);
		walk_on(&t, s.p);
		walk(&t, s.p, PTRACE_CONT, SIGSTOP);
		add_regs(&t, s.p);
		pt(PTRACE_LISTEN, s.p, 0, 0);
		kill(s.p, SIGCONT);
		walk_on(&t, s.p);
		walk(&t, s.p, PTRACE_CONT, 0);
		walk(&t, s.p, PTRACE_CONT, 0);
		add(&t, " in %s", proc_syscall(s.p));
	}
	say("%s stops:%s", calls[i].name, t.s);
	stage_end(&s);
}

/* With both ends of system calls told, and a signal that has a handler. */
static void handled(int i, const char *name, int flags)
{
	struct text t;
	struct scene s;

	action_flags = flags;
	if (begin(&s, &t, i)) {
		walk(&t, s.p, PTRACE_SYSCALL, 0);
		walk(&t, s.p, PTRACE_SYSCALL, 0);
		kill(s.p, SIGUSR1);
		for (int n = 0, status = walk_on(&t, s.p); n < 9 && status; n++) {
			add_regs(&t, s.p);
			status = walk(&t, s.p, PTRACE_SYSCALL, signal_of(status));
		}
		add(&t, " in %s", proc_syscall(s.p));
	}
	say("%s handled %s:%s", calls[i].name, name, t.s);
	stage_end(&s);
}

/* INTERRUPT while calls are told; and a step out of the restart. */
static void trapped(int i, const char *name, long request)
{
	struct text t;
	struct scene s;

	if (begin(&s, &t, i)) {
		walk(&t, s.p, PTRACE_SYSCALL, 0);
		walk(&t, s.p, request, 0);
		pt(PTRACE_INTERRUPT, s.p, 0, 0);
		for (int n = 0, status = walk_on(&t, s.p); n < 4 && status; n++) {
			add_regs(&t, s.p);
			status = walk(&t, s.p, request, signal_of(status));
		}
		add(&t, " in %s", proc_syscall(s.p));
	}
	say("%s trapped %s:%s", calls[i].name, name, t.s);
	stage_end(&s);
}

/* The tracer changes registers while a restart is due. */
static void changed(int i)
{
	struct text t;
	struct scene s;
	regs_t r;

	if (begin(&s, &t, i)) {
		walk(&t, s.p, PTRACE_CONT, 0);
		pt(PTRACE_INTERRUPT, s.p, 0, 0);
		walk_on(&t, s.p);
		if (regs_get(s.p, &r)) {
			r.orig_ax = -1;
			r.ax = -EDOM;
			add(&t, " set: %s", answer(regs_set(s.p, &r) ? 0 : -1));
		}
		for (int n = 0; n < 2; n++) {
			walk(&t, s.p, PTRACE_SYSCALL, 0);
			add_regs(&t, s.p);
		}
	}
	say("%s changed:%s", calls[i].name, t.s);
	stage_end(&s);
}

int main(void)
{
	own_body = body;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		stops(i);
		handled(i, "plain", 0);
		handled(i, "restarted", SA_RESTART);
		trapped(i, "call", PTRACE_SYSCALL);
		trapped(i, "step", PTRACE_SINGLESTEP);
		changed(i);
	}
	return finish();
}
