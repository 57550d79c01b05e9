/* actor.c - threads that do one thing at a time, when they are told, and leave word of what came of it. */
#include <errno.h>
#include <linux/futex.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"
#include "filter.h"
#include "regs.h"
#include "say.h"
#include "stage.h"

/* The descriptor of the shared memory, which exec leaves open. */
#define CAST_FD 100
#define STACK 32768

#define NAME(name) #name,
const char *const deed_names[NDEEDS] = { DEEDS(NAME) };
#undef NAME

static struct cast *cast;
/* of threads; those of one process do not share a number */
static char stacks[ACTORS][STACK] __attribute__((aligned(16)));

struct cast *actor_cast(void)
{
	int fd;

	if (cast)
		return cast;
	fd = memfd_create("cast", 0);
	if (fd < 0 || ftruncate(fd, sizeof(*cast)) || dup2(fd, CAST_FD) < 0 || close(fd))
		return NULL;
	cast = mmap(NULL, sizeof(*cast), PROT_READ | PROT_WRITE, MAP_SHARED, CAST_FD, 0);
	return cast == MAP_FAILED ? cast = NULL : cast;
}

/* What came of it is told bit by bit. */
static void came(struct actor *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void came(struct actor *self, const char *format, ...)
{
	size_t n = strlen(self->came);
	va_list ap;

	va_start(ap, format);
	vsnprintf(self->came + n, sizeof(self->came) - n, format, ap);
	va_end(ap);
}

static void came_result(struct actor *self, long result)
{
	/* a large one is somebody */
	if (result > 9999)
		came(self, "#%ld", result);
	else
		came(self, "%s", result < 0 ? errno_word(errno) : result_words(result));
}

/* Numbers in siginfo that are somebody, or a code that came with one: not addresses. */
static void came_siginfo(struct actor *self, const siginfo_t *i)
{
	bool sent = i->si_code <= 0 || i->si_code > 0xff || i->si_signo == SIGCHLD ||
		    (i->si_signo == SIGTRAP && (i->si_code & 0x7f) == SIGTRAP);

	came(self, "%s/%x", signal_word(i->si_signo), (unsigned int)i->si_code);
	if (sent)
		came(self, "/#%d/%d", (int)i->si_pid, (int)i->si_uid);
	if (i->si_signo == SIGCHLD && i->si_code > 0)
		came(self, "/%x", (unsigned int)i->si_status);
}

static void came_registers(struct actor *self, pid_t pid)
{
	long long nr, result;
	regs_t r;

	if (!regs_get(pid, &r)) {
		came(self, " regs %s", errno_word(errno));
		return;
	}
#ifdef __i386__
	nr = (int32_t)r.orig_ax;
	result = (int32_t)r.ax;
#else
	nr = (int64_t)r.orig_ax;
	result = (int64_t)r.ax;
#endif
	/* a positive one may be a process or an address */
	came(self, " nr %lld %s%s", nr, result > 0 ? "positive" : result_words(result),
	     r.flags & FLAG_TF ? " TF" : "");
}

/* All that a tracer can ask about the stop of @pid. */
static void came_stop(struct actor *self, pid_t pid)
{
	struct ptrace_syscall_info info;
	unsigned long message = 0;
	siginfo_t i;

	if (pt(PTRACE_GETSIGINFO, pid, 0, P(&i)))
		came(self, " %s", errno_word(errno));
	else
		came(self, " "), came_siginfo(self, &i);
	if (pt(PTRACE_GETEVENTMSG, pid, 0, P(&message)))
		came(self, " %s", errno_word(errno));
	else
		came(self, message > 9999 ? " #%lu" : " %lu", message);
	if (pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), P(&info)) <= 0)
		came(self, " %s", errno_word(errno));
	else
		came(self, " op %d", info.op);
	came_registers(self, pid);
}

static void caught(int sig, siginfo_t *i, void *unused)
{
	unsigned int n = cast->ncaught;
	int saved = errno;

	(void)unused;
	if (n < sizeof(cast->caught) - 80)
		cast->ncaught = n + snprintf(cast->caught + n, sizeof(cast->caught) - n, " #%d!%s/%d/#%d",
					     (int)syscall(SYS_gettid), signal_word(sig), i->si_code,
					     i->si_code > 0 ? 0 : (int)i->si_pid);
	errno = saved;
}

static void do_action(struct actor *self, const struct command *c)
{
	struct sigaction sa = { .sa_flags = SA_RESTART };

	if (c->b == 2) {
		sa.sa_flags |= SA_SIGINFO;
		sa.sa_sigaction = caught;
	} else {
		sa.sa_handler = c->b ? SIG_IGN : SIG_DFL;
	}
	came_result(self, sigaction(c->a, &sa, NULL));
}

static void do_mask(struct actor *self, const struct command *c)
{
	uint64_t set = 1ull << (c->a - 1);

	came_result(self, syscall(SYS_rt_sigprocmask, c->deed == DO_BLOCK ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL,
				  sizeof(set)));
}

/* Whatever is pending and blocked. */
static void do_take(struct actor *self)
{
	const struct timespec none = { 0, 0 };
	sigset_t all;
	siginfo_t i;
	int n = 0;

	sigfillset(&all);
	while (n++ < 6 && sigtimedwait(&all, &i, &none) > 0)
		came(self, " "), came_siginfo(self, &i);
	came(self, " %s", errno_word(errno));
}

static void do_wait(struct actor *self, const struct command *c)
{
	int status = 0;
	long got = syscall(SYS_wait4, (long)c->target, &status, c->a | (c->b ? 0 : WNOHANG), NULL);

	if (got <= 0) {
		came_result(self, got);
		return;
	}
	came(self, "#%ld %s", got, status_words(status));
	if (WIFSTOPPED(status))
		came_stop(self, got);
}

static void do_waitid(struct actor *self, const struct command *c)
{
	siginfo_t i = { .si_pid = 0 };

	if (waitid(c->target > 0 ? P_PID : P_ALL, c->target > 0 ? c->target : 0, &i, c->a | WNOHANG))
		came_result(self, -1);
	else if (i.si_pid)
		came_siginfo(self, &i);
	else
		came(self, "none");
}

static void do_setsiginfo(struct actor *self, const struct command *c)
{
	siginfo_t i;

	if (pt(PTRACE_GETSIGINFO, c->target, 0, P(&i))) {
		came_result(self, -1);
		return;
	}
	i.si_signo = c->a;
	i.si_code = SI_QUEUE;
	i.si_pid = 1;
	i.si_value.sival_int = 7;
	came_result(self, pt(PTRACE_SETSIGINFO, c->target, 0, P(&i)));
}

static void do_peek(struct actor *self, const struct command *c)
{
	struct { uint64_t from; uint32_t flags; int32_t n; } args = { 0, c->a, 3 };
	siginfo_t i[3];
	long n = pt(PTRACE_PEEKSIGINFO, c->target, P(&args), P(i));

	came_result(self, n);
	for (long k = 0; k < n; k++)
		came(self, " "), came_siginfo(self, &i[k]);
}

static void do_register(struct actor *self, const struct command *c)
{
	regs_t r;

	if (!regs_get(c->target, &r)) {
		came_result(self, -1);
		return;
	}
	if (c->deed == DO_NUMBER)
		r.orig_ax = (int)c->a;
	else
		r.ax = (int)c->a;
	came_result(self, regs_set(c->target, &r) ? 0 : -1);
}

static int play(void *which)
{
	actor_play((uintptr_t)which);
}

static void do_new(struct actor *self, const struct command *c)
{
	const int thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	void *top = stacks[c->a] + STACK, *which = (void *)(uintptr_t)c->a;
	long pid;

	switch (c->deed) {
	case DO_THREAD:
		pid = clone(play, top, thread, which);
		break;
	case DO_VFORK:
		pid = clone(play, top, CLONE_VM | CLONE_VFORK | SIGCHLD, which);
		break;
	default:
		pid = syscall(SYS_clone, c->deed == DO_FORK ? SIGCHLD : 0, 0, 0, 0, 0);
		if (!pid)
			actor_play(c->a);
	}
	if (pid > 0)
		came(self, "#%ld", pid);
	else
		came_result(self, pid);
}

static void do_exec(struct actor *self)
{
	char which[12];

	snprintf(which, sizeof(which), "%d", (int)(self - cast->actors));
	execl(stage_program(NULL), "actor", "--actor", which, NULL);
	came_result(self, -1);
}

static void do_read(struct actor *self)
{
	int ends[2];
	char c;

	if (pipe(ends)) {
		came_result(self, -1);
		return;
	}
	came_result(self, read(ends[0], &c, 1));
	close(ends[0]);
	close(ends[1]);
}

static void do_ptrace(struct actor *self, const struct command *c)
{
	static const struct { enum deed deed; long request; } plain[] = {
		{ DO_ATTACH, PTRACE_ATTACH }, { DO_SEIZE, PTRACE_SEIZE }, { DO_TRACEME, PTRACE_TRACEME },
		{ DO_SETOPTIONS, PTRACE_SETOPTIONS }, { DO_INTERRUPT, PTRACE_INTERRUPT },
		{ DO_LISTEN, PTRACE_LISTEN }, { DO_DETACH, PTRACE_DETACH }, { DO_KILLREQ, PTRACE_KILL },
	};
	uint64_t mask = 1ull << (c->a - 1);

	if (c->deed == DO_RESUME)
		came_result(self, pt(c->a, c->target, 0, c->b));
	else if (c->deed == DO_SETSIGMASK)
		came_result(self, pt(PTRACE_SETSIGMASK, c->target, sizeof(mask), P(&mask)));
	else if (c->deed == DO_ASK)
		came_stop(self, c->target);
	else
		for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
			if (plain[i].deed == c->deed)
				came_result(self, pt(plain[i].request, c->target, 0, c->b));
}

static void perform(struct actor *self)
{
	/* others give the next one only when this is done */
	const struct command *c = &self->command;

	self->came[0] = '\0';
	switch (c->deed) {
	case DO_WAIT:		return do_wait(self, c);
	case DO_WAITID:		return do_waitid(self, c);
	case DO_KILL:		return came_result(self, kill(c->target, c->a));
	case DO_TGKILL:		return came_result(self, syscall(SYS_tkill, c->target, c->a));
	case DO_ACTION:		return do_action(self, c);
	case DO_BLOCK:
	case DO_UNBLOCK:	return do_mask(self, c);
	case DO_TAKE:		return do_take(self);
	case DO_CALL:		return came_result(self, syscall(SYS_getppid) > 0 ? 0 : -1);
	case DO_PAUSE:		return came_result(self, pause());
	case DO_READ:		return do_read(self);
	case DO_FAULT:		*(volatile int *volatile)NULL = 1; return;
	case DO_TRAP:		__asm__ volatile("int3"); return;
	case DO_FILTER:		return came_result(self, filter_call(SYS_getppid, c->a) ? 0 : -1);
	case DO_GROUP:		return came_result(self, setpgid(0, 0));
	case DO_DEATHSIG:	return came_result(self, prctl(PR_SET_PDEATHSIG, c->a));
	case DO_SETSIGINFO:	return do_setsiginfo(self, c);
	case DO_PEEKSIGINFO:	return do_peek(self, c);
	case DO_NUMBER:
	case DO_RESULT:		return do_register(self, c);
	case DO_FORK:
	case DO_VFORK:
	case DO_CLONE:
	case DO_THREAD:		return do_new(self, c);
	case DO_EXEC:		return do_exec(self);
	case DO_EXIT:		syscall(SYS_exit, c->a); return came(self, "it goes on");
	case DO_EXITGROUP:	syscall(SYS_exit_group, c->a); return came(self, "it goes on");
	default:		return do_ptrace(self, c);
	}
}

void actor_play(unsigned int which)
{
	struct actor *self = &cast->actors[which];

	self->tid = syscall(SYS_gettid);
	self->tgid = getpid();
	/* a command that was not finished is not begun again: whoever gave it has gone */
	self->done = self->given;
	for (;;) {
		while (self->given == self->done)
			syscall(SYS_futex, &self->given, FUTEX_WAIT, self->done, NULL, NULL, 0);
		perform(self);
		self->done++;
	}
}

bool actor_tell(unsigned int which, const struct command *command)
{
	struct actor *a = &cast->actors[which];

	if (a->given != a->done)
		return false;
	a->command = *command;
	a->given++;
	syscall(SYS_futex, &a->given, FUTEX_WAKE, 1, NULL, NULL, 0);
	return true;
}

void actor_do(unsigned int which, const struct command *command)
{
	struct actor *a = &cast->actors[which];

	a->command = *command;
	a->given++;
	perform(a);
	a->done++;
}

/* What an actor called exec for. */
__attribute__((constructor)) static void go_on(int argc, char **argv)
{
	if (argc != 3 || strcmp(argv[1], "--actor"))
		return;
	cast = mmap(NULL, sizeof(*cast), PROT_READ | PROT_WRITE, MAP_SHARED, CAST_FD, 0);
	if (cast == MAP_FAILED)
		_exit(122);
	actor_play(atoi(argv[2]));
}
