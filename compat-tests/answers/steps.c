/* steps.c - single-step, block-step and stepping with SYSEMU over every kind of instruction. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/regs.h"
#include "lib/stage.h"

#ifndef PTRACE_SINGLEBLOCK
#define PTRACE_SINGLEBLOCK 33
#endif

#define STEPS 14

/* What the snippets use: their own number, a place to write to. */
unsigned int step_pid;
unsigned char step_bytes[64];
void step_handler(int sig);

#define TEXT(x) TEXT_(x)
#define TEXT_(x) #x
#define SNIPPET(name, code) \
	"step_" name ":\n" code "\nstep_" name "_end:\n nop\n jmp step_over\n"

#ifdef __i386__
#define CALL "int $0x80\n"
#define NR(name) TEXT(SYS_##name)
#define ARGS(a, b, c) "mov " a ",%ebx\n mov " b ",%ecx\n mov " c ",%edx\n"
#define PUSHF "pushf\n"
#define ON_STACK(op, v) op " $" v ",(%esp)\n"
#define POP_A "pop %eax\n"
#define AT_C "%ecx"
#define SPECIAL \
	SNIPPET("vdso", "mov $" NR(getppid) ",%eax\n call *%gs:0x10\n nop")
#else
#define CALL "syscall\n"
#define NR(name) TEXT(SYS_##name)
#define ARGS(a, b, c) "mov " a ",%edi\n mov " b ",%esi\n mov " c ",%edx\n"
#define PUSHF "pushfq\n"
#define ON_STACK(op, v) op " $" v ",(%rsp)\n"
#define POP_A "pop %rax\n"
#define AT_C "%rcx"
#define SPECIAL \
	SNIPPET("vdso", "xor %edi,%edi\n mov $0xffffffffff600400,%rax\n call *%rax\n nop")
#endif

/*
 * No iret: under TCG one in user mode reads its frame as if the kernel did, which
 * ends in an oops of any kernel.
 */
asm(".text\n"
    "step_handler: nop\n ret\n"
    "step_over: mov $" NR(pause) ",%eax\n" CALL "jmp step_over\n"
    SNIPPET("nops", "nop\n nop")
    SNIPPET("jump", "jmp 1f\n nop\n 1: nop")
    SNIPPET("rep", "mov $step_bytes,%esi\n mov $step_bytes+8,%edi\n mov $3,%ecx\n rep movsb\n nop")
    SNIPPET("pushf", PUSHF POP_A " and $0x100,%eax\n nop")
    SNIPPET("popf", PUSHF ON_STACK("orl", "0x100") "popf\n nop\n nop\n" PUSHF ON_STACK("andl", "~0x100")
	    "popf\n nop")
    SNIPPET("movss", "mov %ss,%eax\n mov %eax,%ss\n nop\n nop")
    SNIPPET("int3", "int3\n nop")
    SNIPPET("icebp", ".byte 0xf1\n nop")
    SNIPPET("ud2", "ud2\n nop")
    SNIPPET("hlt", "hlt\n nop")
    SNIPPET("divide", "xor %eax,%eax\n xor %edx,%edx\n xor %ecx,%ecx\n div %ecx\n nop")
    SNIPPET("load", "xor %ecx,%ecx\n mov (" AT_C "),%eax\n nop")
    SNIPPET("cpuid", "xor %eax,%eax\n cpuid\n rdtsc\n nop")
    SNIPPET("call", "mov $" NR(getppid) ",%eax\n" CALL "nop\n nop")
    SNIPPET("int80", "mov $64,%eax\n int $0x80\n nop\n nop")
    SNIPPET("nocall", "mov $-1,%eax\n" CALL "nop\n nop")
    SNIPPET("kill", ARGS("step_pid", "step_pid", "$10") "mov $" NR(tgkill) ",%eax\n" CALL "nop\n nop")
    SNIPPET("fork", "mov $" NR(fork) ",%eax\n" CALL "nop\n nop")
    /* with no exit signal, which would race with the parent's next step */
    SNIPPET("vfork", ARGS("$0x4100", "$0", "$0") "mov $" NR(clone) ",%eax\n" CALL "test %eax,%eax\n jnz 2f\n mov $" NR(exit)
	    ",%eax\n" CALL "2: nop\n nop")
    SNIPPET("exit", ARGS("$3", "$0", "$0") "mov $" NR(exit_group) ",%eax\n" CALL "nop")
    SPECIAL
    );

#define EACH(X) X(nops) X(jump) X(rep) X(pushf) X(popf) X(movss) X(int3) X(icebp) X(ud2) X(hlt) \
	X(divide) X(load) X(cpuid) X(call) X(int80) X(nocall) X(kill) X(fork) X(vfork) X(exit) X(vdso)

#define DECLARE(name) extern char step_##name[], step_##name##_end[];
EACH(DECLARE)

static const struct { const char *name; char *from, *to; } snippets[] = {
#define ROW(name) { #name, step_##name, step_##name##_end },
	EACH(ROW)
};

static void body(void)
{
	struct sigaction sa = { .sa_handler = step_handler };

	step_pid = getpid();
	sigaction(SIGUSR1, &sa, NULL);
	syscall(SYS_getppid);
}

static void place(struct text *t, unsigned long long ip, int i)
{
	unsigned long long from = (uintptr_t)snippets[i].from, to = (uintptr_t)snippets[i].to;
	unsigned long long handler = (uintptr_t)step_handler;

	if (ip >= from && ip < to)
		add(t, "+%llu", ip - from);
	else if (ip == to)
		add(t, "end");
	else if (ip >= handler && ip < handler + 2)
		add(t, "handler+%llu", ip - handler);
	else
		add(t, "elsewhere");
}

/* The processor's word on what trap it was. */
static void dr6(struct text *t, pid_t pid)
{
	unsigned long dr6 = 0, at = offsetof(struct user, u_debugreg) + 6 * sizeof(long);

	if (!pt(PTRACE_PEEKUSER, pid, at, P(&dr6)))
		add(t, ",%lx", dr6 & 0xf00f);
}

static void stop(struct text *t, pid_t pid, int status, int i, unsigned long long *ip)
{
	siginfo_t info;
	regs_t r;

	memset(&info, 0, sizeof(info));
	add(t, " %s", status_words(status) + (WIFSTOPPED(status) ? strlen("stopped ") : 0));
	*ip = 0;
	if (!WIFSTOPPED(status))
		return;
	if (pt(PTRACE_GETSIGINFO, pid, 0, P(&info)))
		add(t, "/%s", errno_word(errno));
	else
		add(t, "/%x", info.si_code);
	add(t, "@");
	if (regs_get(pid, &r)) {
		*ip = r.ip;
		place(t, r.ip, i);
		if (r.flags & FLAG_TF)
			add(t, ",TF");
	}
	dr6(t, pid);
}

static void walk_snippet(const char *mode, long request, int i)
{
	struct text t = { .n = 0 };
	unsigned long long ip = 0;
	struct scene s;
	int status;
	regs_t r;

	t.s[0] = '\0';
	roles_clear();
	s = (struct scene){ .status = -1 };
	/* past the set-up of its body, at the exit of the call there */
	if (!stage_start(&s, BODY_OWN, true, PTRACE_O_TRACESYSGOOD))
		return stage_end(&s);
	do {
		if (!stage_go(&s, PTRACE_SYSCALL, 0) || !regs_get(s.p, &r)) {
			broken("%s %s: no start", mode, snippets[i].name);
			return stage_end(&s);
		}
	} while (r.orig_ax != (uint32_t)SYS_getppid || (long)r.ax < 0);
	r.ip = (uintptr_t)snippets[i].from;
	r.orig_ax = -1;
	if (!regs_set(s.p, &r))
		broken("%s %s: registers: %s", mode, snippets[i].name, errno_word(errno));
	status = 0;
	for (int n = 0; n < STEPS && ip != (uintptr_t)snippets[i].to; n++) {
		int sig = status && !(status >> 16) && WSTOPSIG(status) < 0x80 ? WSTOPSIG(status) : 0;

		if (sig == SIGTRAP || sig == SIGSEGV || sig == SIGILL || sig == SIGFPE)
			sig = 0;
		if (pt(request, s.p, 0, sig)) {
			add(&t, " %s", errno_word(errno));
			break;
		}
		if (rest(s.p) != 't' || (status = await(s.p)) == -1 || !WIFSTOPPED(status)) {
			add(&t, " then %s", state_of(s.p) == 'Z' || state_of(s.p) == '-' ? "dead" : look(s.p));
			break;
		}
		stop(&t, s.p, status, i, &ip);
	}
	say("%s %s:%s", mode, snippets[i].name, t.s);
	stage_end(&s);
}

int main(void)
{
	static const struct { const char *name; long request; } modes[] = {
		{ "step", PTRACE_SINGLESTEP }, { "block", PTRACE_SINGLEBLOCK },
		{ "sysemu-step", PTRACE_SYSEMU_SINGLESTEP }, { "syscall", PTRACE_SYSCALL },
		{ "sysemu", PTRACE_SYSEMU },
	};

	own_body = body;
	for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++)
		for (size_t i = 0; i < sizeof(snippets) / sizeof(snippets[0]); i++)
			walk_snippet(modes[m].name, modes[m].request, i);
	return finish();
}
