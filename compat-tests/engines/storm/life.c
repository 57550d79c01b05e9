/* life.c - tracees of ptrace-storm: processes and threads that fork, exec, stop, sleep and end at random. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

#define THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static void handler(int sig)
{
	(void)sig;
}

static void __attribute__((noreturn)) leave_by(bool thread)
{
	leave(thread ? SYS_exit : SYS_exit_group);
}

/* Numbers of a life, for those it makes. */
struct birth {
	uint64_t seed;
	unsigned int depth;
};

static int thread_life(void *arg)
{
	const struct birth *b = arg;

	life(b->seed, b->depth, true);
}

static void exec_self(uint64_t seed, unsigned int depth)
{
	char number[24], generation[8];
	char *const argv[] = { "ptrace-storm", "life", number, generation, NULL }, *const env[] = { NULL };

	struct itimerval never = { 0 };

	/* nobody handles the signal until the new program does */
	sys3(SYS_setitimer, ITIMER_REAL, &never, NULL);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)seed);
	snprintf(generation, sizeof(generation), "%u", depth);
	sys3(SYS_execve, PROGRAM, argv, env);
}

static int vfork_life(void *arg)
{
	const struct birth *b = arg;

	add_one(&storm->lives);
	pool_offer(sys0(SYS_gettid));
	if (b->seed & 1)
		exec_self(b->seed, b->depth);
	leave(SYS_exit_group);
}

/* Threads and vfork()ed children read it while they start. */
static struct birth births[16];

static struct birth *birth(uint64_t *rnd, unsigned int depth)
{
	static volatile unsigned int used;
	struct birth *b = &births[__atomic_fetch_add(&used, 1, __ATOMIC_RELAXED) % 16];

	b->seed = draw64(rnd);
	b->depth = depth;
	return b;
}

static void make_child(uint64_t *rnd, unsigned int depth)
{
	uint64_t seed = draw64(rnd);
	int sig = one_in(rnd, 4) ? 0 : SIGCHLD;	/* none at its end: a child for __WALL, __WCLONE */
	long flags = one_in(rnd, 6) ? CLONE_PARENT : one_in(rnd, 6) ? CLONE_UNTRACED : 0;

	if (!sys5(SYS_clone, flags | sig, 0, NULL, NULL, 0))
		life(seed, depth, false);
}

/* System calls through the gates of 32-bit programs; the second from 32-bit code. */
static void call_by_int80(void)
{
	long ret = 20;	/* getpid */

	__asm__ volatile("int $0x80" : "+a"(ret) : : "r8", "r9", "r10", "r11", "memory");
}

static void call_from_32bit(void)
{
	long ret = 64;	/* getppid */

	/* an interrupt keeps no more of the stack pointer than 32 bits of it */
	if ((unsigned long)__builtin_frame_address(0) >> 32)
		return;
	__asm__ volatile("ljmp *2f(%%rip)\n"
			 ".pushsection .rodata\n"
			 "2:	.long 1f\n"
			 "	.word 0x23\n"
			 ".popsection\n"
			 ".code32\n"
			 "1:	int $0x80\n"
			 "	nop\n"
			 "	ljmp $0x33, $3f\n"
			 ".code64\n"
			 "3:\n"
			 : "+a"(ret) : : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
			   "r12", "r13", "r14", "r15", "cc", "memory");
}

/* Calls that wait; the timer ends those that nobody else does. */
static void block(uint64_t *rnd)
{
	struct pollfd none = { .fd = -1 };
	static int word;
	struct timespec t = { .tv_nsec = draw(rnd, 3000000) };
	unsigned long all = ~0ul;
	int ends[2] = { -1, -1 };

	switch (draw(rnd, 7)) {
	case 0:
		sys0(SYS_pause);
		break;
	case 1:
		sys5(SYS_ppoll, &none, 1, &t, NULL, 8);
		break;
	case 2:
		sys6(SYS_futex, (long)&word, 0, 0, (long)&t, 0, 0);
		break;
	case 3:
		sys4(SYS_rt_sigtimedwait, &all, NULL, &t, 8);
		break;
	case 4:
		sys5(SYS_waitid, P_ALL, 0, NULL, WEXITED | WSTOPPED | WCONTINUED | __WALL, NULL);
		break;
	case 5:
		if (!sys2(SYS_pipe2, ends, O_CLOEXEC)) {
			sys3(SYS_read, ends[0], &all, sizeof(all));
			sys1(SYS_close, ends[0]);
			sys1(SYS_close, ends[1]);
		}
		break;
	default:
		sys2(SYS_nanosleep, &t, &t);
	}
}

static void signal_self(int sig)
{
	long pid = sys0(SYS_getpid), tid = sys0(SYS_gettid);

	if (pid > 1 && tid > 1)
		sys3(SYS_tgkill, pid, tid, sig);
}

static void step(uint64_t *rnd, unsigned int depth, bool thread)
{
	bool room = storm->crowd < CROWD && depth < 4;
	int status;

	switch (draw(rnd, 28)) {
	case 0: case 1:
		if (room)
			make_child(rnd, depth + 1);
		break;
	case 2: case 3:
		if (room)
			clone_with(thread_life, birth(rnd, depth + 1), THREAD_FLAGS);
		break;
	case 4: case 5:
		if (room)
			clone_with(vfork_life, birth(rnd, depth + 1), CLONE_VM | CLONE_VFORK | SIGCHLD);
		break;
	case 6:
		if (one_in(rnd, 3))
			exec_self(draw64(rnd), depth);
		break;
	case 7:
		signal_self(one_in(rnd, 3) ? SIGSTOP : one_in(rnd, 2) ? SIGTSTP : SIGTTIN);
		break;
	case 8: case 9:
		signal_self(one_in(rnd, 2) ? SIGUSR1 : 34);
		break;
	case 10:
		signal_self(draw_signal(rnd));
		break;
	case 11:
		__asm__ volatile("int3");
		break;
	case 12:
		call_by_int80();
		break;
	case 13:
		call_from_32bit();
		break;
	case 14: case 15: case 16:
		block(rnd);
		break;
	case 17:
		sys4(SYS_wait4, -1, &status, WNOHANG | __WALL | WUNTRACED, NULL);
		break;
	case 18:
		for (volatile unsigned int i = draw(rnd, 5000); i; i--)
			;
		break;
	case 19: case 20:
		sys1(SYS_getpgid, 0);	/* what the filter is about */
		break;
	case 21:
		if (thread && one_in(rnd, 4))
			leave(SYS_exit_group);
		if (!thread && one_in(rnd, 8))
			leave(SYS_exit);	/* a leader that leaves its threads behind */
		break;
	case 22:
		if (one_in(rnd, 3))
			sys4(SYS_ptrace, 0 /* PTRACE_TRACEME */, 0, 0, 0);
		break;
	case 23:
		pool_offer(sys0(SYS_gettid));
		break;
	default:
		sys0(SYS_getppid);
		nap_us(500 + draw(rnd, 4000));
	}
}

/* getpgid() is told to the tracer, or fails where there is none; getsid() fails. */
static void filter_calls(void)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | 7),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), (struct sock_filter *)code };

	sys3(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void settle(uint64_t *rnd)
{
	static const int handled[] = { SIGUSR1, SIGUSR2, SIGALRM, SIGTRAP, 34, 35 };
	struct sigaction sa = { .sa_handler = handler };
	unsigned int ms = 100 + draw(rnd, 300);
	struct itimerval often = { { 0, ms * 1000 }, { 0, ms * 1000 } };

	if (one_in(rnd, 2))
		sa.sa_flags = SA_RESTART;
	for (unsigned int i = 0; i < sizeof(handled) / sizeof(*handled); i++)
		sigaction(handled[i], &sa, NULL);
	if (one_in(rnd, 4))
		signal(SIGCHLD, SIG_IGN);	/* its children reap themselves */
	sys3(SYS_setitimer, ITIMER_REAL, &often, NULL);
	sys2(SYS_setpgid, 0, 0);
	/* tracers come first */
	sys3(SYS_setpriority, PRIO_PROCESS, 0, 5);
	if (one_in(rnd, 3))
		filter_calls();
}

void life(uint64_t seed, unsigned int depth, bool thread)
{
	unsigned int steps;
	uint64_t rnd = seed;

	steps = 10 + draw(&rnd, 120);
	add_one(&storm->lives);
	pool_offer(sys0(SYS_gettid));
	if (!thread)
		settle(&rnd);
	for (unsigned int i = 0; i < steps && !storm->stop; i++)
		step(&rnd, depth, thread);
	leave_by(thread);
}
