/* verb_info.c - what a tracer asks about a stop: event message, siginfo, masks, queues, system call. */
#include <asm/errno.h>
#include <linux/audit.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <string.h>

#include "verbs.h"

/* The event (or 0) of the stop a tracee is in: from the last wait if it was for it, else from its siginfo. */
static int event_of(struct actor *a, pid_t tid)
{
	siginfo_t si;

	if (a->it == tid && (a->it_status & 0xff) == 0x7f)
		return a->it_status >> 16;
	if (pt(PTRACE_GETSIGINFO, tid, 0, PTR(&si)) < 0)
		return 0;
	return si.si_code > 0 ? si.si_code >> 8 : 0;
}

long v_msg(struct actor *a, const struct form_step *s)
{
	pid_t tid = arg_tid(a, s, 0);
	unsigned long msg = 0;
	long r = pt(PTRACE_GETEVENTMSG, tid, 0, PTR(&msg));
	struct line l;

	if (r < 0)
		return log_ret(a, s, r);
	a->msg = msg;
	log_begin(a, s, &l);
	switch (event_of(a, tid)) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
	case PTRACE_EVENT_VFORK_DONE:
	case PTRACE_EVENT_EXEC:
		log_add(&l, " -> %P", (int)msg);
		break;
	case PTRACE_EVENT_EXIT:
		log_add(&l, " -> %W", (int)msg);
		break;
	default:
		log_add(&l, " -> %lu", msg);
	}
	if (sizeof(msg) > 4 && (int64_t)msg != (int)msg && (int64_t)msg != (int64_t)(unsigned int)msg)
		log_add(&l, " of 0x%lx", msg);
	log_end(a, s, &l);
	return msg;
}

static void code_text(struct line *l, int sig, int code)
{
	const char *name = si_code_name(sig, code);

	/* a ptrace-stop's: the exit code of the stop, event in the high bits */
	if (code > 0 && ((code >> 8) || (sig == SIGTRAP && (code & 0x7f) == SIGTRAP))) {
		log_add(l, " code ");
		stop_text(l, code);
	} else if (name) {
		log_add(l, " %s", name);
	} else {
		log_add(l, " code %d", code);
	}
}

static void sender_text(struct line *l, const siginfo_t *si)
{
	log_add(l, " from ");
	pid_text(l, si->si_pid);
	log_add(l, " uid %u", si->si_uid);
}

static void child_text(struct line *l, const siginfo_t *si)
{
	sender_text(l, si);
	log_add(l, " status ");
	if (si->si_code == CLD_EXITED)
		log_add(l, "%d", si->si_status);
	else
		stop_text(l, si->si_status);
}

static void addr_text(struct line *l, const char *what, const void *addr)
{
	if (addr)
		log_add(l, " %s %A", what, (uint64_t)PTR(addr));
	else
		log_add(l, " %s NULL", what);
}

static void sigsys_text(struct line *l, const siginfo_t *si)
{
	enum abi abi = ABI_64;
	long nr = si->si_syscall;

	if (si->si_arch == AUDIT_ARCH_I386)
		abi = ABI_32;
	else if (nr & 0x40000000)
		abi = ABI_X32;
	addr_text(l, "at", si->si_call_addr);
	log_add(l, " nr ");
	nr_text(l, abi, abi, nr);
	log_add(l, " arch %s", si->si_arch == AUDIT_ARCH_I386 ? "i386" :
		si->si_arch == AUDIT_ARCH_X86_64 ? "x86_64" : "?");
}

#define SI_FIELDS offsetof(siginfo_t, si_pid)
#define SI_UPTO(field) (offsetof(siginfo_t, field) + sizeof(((siginfo_t *)0)->field))

/*
 * What is behind the fields that were shown is nothing, copy_siginfo_to_user()
 * sees to that: words of it that are not 0.
 */
static void rest_text(struct line *l, const siginfo_t *si, size_t shown)
{
	unsigned int word;

	for (size_t at = shown; at < sizeof(*si); at += sizeof(word)) {
		memcpy(&word, (const char *)si + at, sizeof(word));
		if (word)
			log_add(l, " more %u:0x%x", (unsigned int)at, word);
	}
}

/* By the classes of the kernel's siginfo_layout(): what the code says the union holds. */
void siginfo_text(struct line *l, const void *p)
{
	const siginfo_t *si = p;
	int sig = si->si_signo, code = si->si_code;
	size_t shown = SI_FIELDS;
	bool stop = code > 0 && ((code >> 8) || (sig == SIGTRAP && (code & 0x7f) == SIGTRAP));

	log_add(l, "%G", sig);
	code_text(l, sig, code);
	if (si->si_errno)
		log_add(l, " errno %d", si->si_errno);
	if (stop || code == SI_USER || code == SI_TKILL) {
		sender_text(l, si);
		shown = SI_UPTO(si_uid);
	} else if (code == SI_QUEUE || code == SI_MESGQ || code == SI_ASYNCIO) {
		sender_text(l, si);
		log_add(l, " value %d", si->si_value.sival_int);
		shown = SI_UPTO(si_value.sival_int);
	} else if (code == SI_TIMER) {
		log_add(l, " timer %d overrun %d value %d", si->si_timerid, si->si_overrun,
			si->si_value.sival_int);
		shown = SI_UPTO(si_value.sival_int);
	} else if (code > 0 && code < SI_KERNEL) {
		if (sig == SIGCHLD) {
			child_text(l, si);
			shown = SI_UPTO(si_stime);
		} else if (sig == SIGSYS) {
			sigsys_text(l, si);
			shown = SI_UPTO(si_arch);
		} else if (sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGFPE || sig == SIGTRAP) {
			addr_text(l, "at", si->si_addr);
			shown = SI_UPTO(si_addr);
		} else if (sig == SIGIO) {
			log_add(l, " band 0x%lx", (unsigned long)si->si_band);
			shown = SI_UPTO(si_fd);
		} else if (code <= CLD_CONTINUED) {
			/* the exit signal of a clone child, which need not be SIGCHLD */
			child_text(l, si);
			shown = SI_UPTO(si_stime);
		}
	}
	rest_text(l, si, shown);
}

long v_siginfo(struct actor *a, const struct form_step *s)
{
	siginfo_t si;
	struct line l;
	long r;

	/* all of it is to be written */
	memset(&si, 0xa5, sizeof(si));
	r = pt(PTRACE_GETSIGINFO, arg_tid(a, s, 0), 0, PTR(&si));
	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> ");
	siginfo_text(&l, &si);
	log_end(a, s, &l);
	return r;
}

long v_setsiginfo(struct actor *a, const struct form_step *s)
{
	pid_t tid = arg_tid(a, s, 0);
	const char *field = arg_str(a, s, 1);
	int v = arg_num(a, s, 2);
	siginfo_t si;
	long r = pt(PTRACE_GETSIGINFO, tid, 0, PTR(&si));

	if (r < 0)
		return log_ret(a, s, r);
	if (str_eq(field, "signo"))
		si.si_signo = v;
	else if (str_eq(field, "errno"))
		si.si_errno = v;
	else if (str_eq(field, "code"))
		si.si_code = v;
	else if (str_eq(field, "pid"))
		si.si_pid = v;
	else if (str_eq(field, "uid"))
		si.si_uid = v;
	else if (str_eq(field, "value"))
		si.si_value.sival_int = v;
	else
		return log_ret(a, s, -EINVAL);
	return log_ret(a, s, pt(PTRACE_SETSIGINFO, tid, 0, PTR(&si)));
}

long v_sigmask(struct actor *a, const struct form_step *s)
{
	uint64_t set = 0;
	long r = pt(PTRACE_GETSIGMASK, arg_tid(a, s, 0), sizeof(set), PTR(&set));
	struct line l;

	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> ");
	sigset_text(&l, set);
	log_end(a, s, &l);
	return r;
}

long v_setsigmask(struct actor *a, const struct form_step *s)
{
	uint64_t set;

	if (!sigset_parse(arg_str(a, s, 1), &set))
		return log_ret(a, s, -EINVAL);
	return log_ret(a, s, pt(PTRACE_SETSIGMASK, arg_tid(a, s, 0), sizeof(set), PTR(&set)));
}

#define MOST_PEEKED 64

long v_peeksiginfo(struct actor *a, const struct form_step *s)
{
	struct ptrace_peeksiginfo_args q = {
		.off = arg_num(a, s, 2),
		.flags = str_eq(arg_str(a, s, 1), "shared") ? PTRACE_PEEKSIGINFO_SHARED : 0,
		.nr = arg_num(a, s, 3),
	};
	siginfo_t si[MOST_PEEKED];
	struct line l;
	long r;

	/* a negative count is the kernel's to refuse; a great one must not run over the room here */
	if (q.nr > MOST_PEEKED)
		q.nr = MOST_PEEKED;
	memset(si, 0xa5, sizeof(si));
	r = pt(PTRACE_PEEKSIGINFO, arg_tid(a, s, 0), PTR(&q), PTR(si));
	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> %ld", r);
	for (long i = 0; i < r; i++) {
		log_add(&l, i ? "; " : ": ");
		siginfo_text(&l, &si[i]);
	}
	log_end(a, s, &l);
	return r;
}

/* The arguments are shown only of calls made in a snippet, where all six registers were set. */
static void entry_text(struct line *l, struct actor *a, const struct form_step *s, uint32_t arch, uint64_t ip,
		       uint64_t nr, const uint64_t *args)
{
	int role = arg_role(a, s, 0);
	enum abi own = role >= 0 ? abi_of_bits(form_roles(a->form)[role].bits) : ABI_OWN;
	enum abi abi = arch == AUDIT_ARCH_I386 ? ABI_32 : nr & 0x40000000 ? ABI_X32 : ABI_64;

	log_add(l, " nr ");
	nr_text(l, own, abi, abi == ABI_32 ? (long)(int32_t)nr : (long)nr);
	if (!in_snippet(ip))
		return;
	log_add(l, " args");
	for (int i = 0; i < 6; i++) {
		log_add(l, i ? "," : " ");
		value_text(l, abi == ABI_32 ? (int32_t)args[i] : (int64_t)args[i]);
	}
}

long v_sysinfo(struct actor *a, const struct form_step *s)
{
	struct ptrace_syscall_info si;
	struct regset regs;
	struct line l;
	int64_t sp;
	long r;

	memset(&si, 0, sizeof(si));
	r = pt(PTRACE_GET_SYSCALL_INFO, arg_tid(a, s, 0), sizeof(si), PTR(&si));
	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> size %ld arch %s", r, si.arch == AUDIT_ARCH_I386 ? "i386" :
		si.arch == AUDIT_ARCH_X86_64 ? "x86_64" : "?");
	ip_text(&l, si.instruction_pointer);
	if (!regs_get(arg_tid(a, s, 0), &regs) && reg_value(&regs, reg_find("sp"), &sp) &&
	    si.stack_pointer != (uint64_t)sp)
		log_add(&l, " another sp");
	switch (si.op) {
	case PTRACE_SYSCALL_INFO_NONE:
		log_add(&l, " none");
		break;
	case PTRACE_SYSCALL_INFO_ENTRY:
		log_add(&l, " entry");
		entry_text(&l, a, s, si.arch, si.instruction_pointer, si.entry.nr, (const uint64_t *)si.entry.args);
		break;
	case PTRACE_SYSCALL_INFO_EXIT:
		log_add(&l, " exit ");
		ax_text(&l, si.exit.rval);
		log_add(&l, si.exit.is_error ? " error" : "");
		break;
	case PTRACE_SYSCALL_INFO_SECCOMP:
		log_add(&l, " seccomp");
		entry_text(&l, a, s, si.arch, si.instruction_pointer, si.seccomp.nr,
			   (const uint64_t *)si.seccomp.args);
		log_add(&l, " data %u", si.seccomp.ret_data);
		break;
	default:
		log_add(&l, " op %u", si.op);
	}
	log_end(a, s, &l);
	return r;
}

long v_secfilter(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, pt(PTRACE_SECCOMP_GET_FILTER, arg_tid(a, s, 0), arg_num(a, s, 1), 0));
}
