/* stops.c - what a tracer can read of a tracee at every place. */
/* call: 64 */
/* call: 64 32 */
/* call: 64 x32 */
/* call: 32 */
/* call: 32 64 */
/* call: x32 */
/* call: x32 64 */
#include <errno.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/regs.h"
#include "lib/sigchld.h"
#include "lib/stage.h"

/* A system call's number, or an error. */
static const char *number(long long v)
{
	static char s[4][32];
	static int at;
	char *to = s[at++ % 4];

	if (v < 0 && v > -4096)
		snprintf(to, 32, "-%s", errno_word(-v));
	else
		snprintf(to, 32, "%llx", v);
	return to;
}

/* A call's result: our pid differs from boot to boot. */
static const char *value(long long v)
{
	return v == getpid() ? "me" : number(v);
}

static void say_regs(const char *name, pid_t pid)
{
	union { struct regs64 r64; struct regs32 r32; } r;
	struct iovec iov = { &r, sizeof(r) };

	if (pt(PTRACE_GETREGSET, pid, 1, P(&iov)))
		say("%s registers: %s", name, errno_word(errno));
	else if (iov.iov_len == sizeof(r.r32))
		say("%s registers: 32 bits, orig_ax %s ax %s cs %x ss %x TF %d", name,
		    number((int)r.r32.orig_ax), value((int)r.r32.ax), r.r32.cs, r.r32.ss,
		    !!(r.r32.flags & 0x100));
	else
		say("%s registers: %u bytes, orig_ax %s ax %s cs %x ss %x TF %d", name,
		    (unsigned int)iov.iov_len, number(r.r64.orig_ax), value(r.r64.ax), (int)r.r64.cs,
		    (int)r.r64.ss, !!(r.r64.flags & 0x100));
}

static void say_siginfo(const char *name, pid_t pid)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	if (pt(PTRACE_GETSIGINFO, pid, 0, P(&info)))
		say("%s siginfo: %s", name, errno_word(errno));
	else
		say("%s siginfo: %s code %d (%x) errno %d pid %s uid %d", name, signal_word(info.si_signo),
		    info.si_code, info.si_code, info.si_errno, who(info.si_pid), (int)info.si_uid);
}

static void set_siginfo(const char *name, pid_t pid)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = SIGWINCH;
	info.si_errno = 77;
	info.si_code = SI_QUEUE;
	info.si_uid = 66;
	if (pt(PTRACE_SETSIGINFO, pid, 0, P(&info)))
		say("%s siginfo set: %s", name, errno_word(errno));
	else
		say_siginfo(name, pid);
}

static void say_message(const struct scene *s, const char *name)
{
	unsigned long message = 0;

	if (pt(PTRACE_GETEVENTMSG, s->p, 0, P(&message)))
		say("%s message: %s", name, errno_word(errno));
	else if (message && (message == (unsigned long)s->p || message == (unsigned long)s->child))
		say("%s message: %s", name, who(message));
	else if (s->status >> 16 == PTRACE_EVENT_VFORK_DONE)
		say("%s message: %s", name, message > (unsigned long)s->p ? "a later number" : "wrong");
	else
		say("%s message: %lx", name, message);
}

static void say_call(const char *name, pid_t pid)
{
	struct ptrace_syscall_info info;
	long n;

	memset(&info, 0, sizeof(info));
	n = pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), P(&info));
	if (n < 0)
		say("%s call: %s", name, errno_word(errno));
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		say("%s call: %ld exit arch %x rval %lld error %d", name, n, info.arch,
		    info.exit.is_error ? (long long)info.exit.rval : 0, info.exit.is_error);
	else if (info.op == PTRACE_SYSCALL_INFO_NONE)
		say("%s call: %ld none arch %x", name, n, info.arch);
	else
		say("%s call: %ld op %d arch %x nr %llu data %u", name, n, info.op, info.arch,
		    (unsigned long long)info.entry.nr,
		    info.op == PTRACE_SYSCALL_INFO_SECCOMP ? info.seccomp.ret_data : 0);
}

static void say_signals(const char *name, pid_t pid)
{
	struct ptrace_peeksiginfo_args args = { .nr = 8 };
	static siginfo_t infos[8];
	uint64_t mask = 0;
	long own, shared, ret;

	own = pt(PTRACE_PEEKSIGINFO, pid, P(&args), P(infos));
	args.flags = PTRACE_PEEKSIGINFO_SHARED;
	shared = pt(PTRACE_PEEKSIGINFO, pid, P(&args), P(infos));
	ret = pt(PTRACE_GETSIGMASK, pid, 8, P(&mask));
	say("%s signals: own %s shared %s mask %s %llx; pending %s, %s, blocked %s", name, answer(own),
	    answer(shared), answer(ret), (unsigned long long)mask, status_line(pid, "SigPnd"),
	    status_line(pid, "ShdPnd"), status_line(pid, "SigBlk"));
}

static void say_proc(const char *name, pid_t pid)
{
	say("%s proc: state %s tracer %s threads %s seccomp %s flags %llx exit_signal %lld exit_code %llx "
	    "parent %s syscall %s", name,
	    status_line(pid, "State"), who(atoi(status_line(pid, "TracerPid"))), status_line(pid, "Threads"),
	    status_line(pid, "Seccomp"), stat_field(pid, 9), stat_field(pid, 38), stat_field(pid, 52),
	    who(stat_field(pid, 4)), state_of(pid) == 'Z' ? "none" : proc_syscall(pid));
	say("%s wchan: %s", name, proc_wchan(pid));
}

int main(int argc, char **argv)
{
	sigset_t set;

	stage_abi = argc > 1 ? argv[1] : NULL;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (size_t i = 0; i < nstages; i++) {
		const char *name = stages[i].name;
		struct scene s;

		if (!stage_make(&stages[i], &s))
			continue;
		if (s.p > 2 && s.p != getpid()) {
			if (s.status != -1)
				say("%s status: %s", name, status_words(s.status));
			/* else whose comes first is open */
			if (!s.child)
				say("%s sigchld: %s", name, sigchld_words());
			say_proc(name, s.p);
			say_siginfo(name, s.p);
			say_message(&s, name);
			say_call(name, s.p);
			say_regs(name, s.p);
			say_signals(name, s.p);
			/* as it was, again, and as the tracer changes it */
			say_siginfo(name, s.p);
			set_siginfo(name, s.p);
			say("%s then: %s", name, look(s.p));
		}
		stage_end(&s);
	}
	return finish();
}
