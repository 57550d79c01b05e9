/* verb_signal.c - sending, handling, blocking and awaiting signals; sessions and process groups. */
#include <asm/errno.h>
#include <asm/unistd.h>
#include <signal.h>
#include <string.h>

#include "verbs.h"

#define SETSIZE 8			/* of the kernel's sigset_t */
#define SA_RESTORER_FLAG 0x04000000

/* The kernel's struct sigaction in each ABI. */
struct kernel_sigaction {
	unsigned long handler;
	unsigned long flags;
	unsigned long restorer;
	unsigned long mask[SETSIZE / sizeof(unsigned long)];
};

/* The kernel's struct sigaltstack. */
struct kernel_stack {
	unsigned long sp;
	int flags;
	unsigned long size;
};

/* The thread group of a role: after an exec by a non-leader the leader's role has no tid any more. */
static pid_t group_of(struct actor *a, uint32_t role)
{
	pid_t tgid = role_tgid(a, role);

	return tgid > 0 ? tgid : role_tid(a, role);
}

/* The thread group of a tid: by its role, or the tid itself when that is unknown. */
static pid_t tgid_of(struct actor *a, const struct form_step *s, int i)
{
	int role = arg_role(a, s, i);
	pid_t tgid = role >= 0 ? group_of(a, role) : 0;

	return tgid > 0 ? tgid : arg_tid(a, s, i);
}

long v_kill(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, sys(__NR_kill, tgid_of(a, s, 0), arg_sig(a, s, 1)));
}

long v_tgkill(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, sys(__NR_tgkill, tgid_of(a, s, 0), arg_tid(a, s, 0), arg_sig(a, s, 1)));
}

long v_killpg(struct actor *a, const struct form_step *s)
{
	long pgrp = sys(__NR_getpgid, arg_tid(a, s, 0));

	if (pgrp < 0)
		return log_ret(a, s, pgrp);
	return log_ret(a, s, sys(__NR_kill, -pgrp, arg_sig(a, s, 1)));
}

long v_sigqueue(struct actor *a, const struct form_step *s)
{
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	si.si_signo = arg_sig(a, s, 1);
	si.si_code = SI_QUEUE;
	si.si_pid = group_of(a, a->role);
	si.si_uid = form_roles(a->form)[a->role].uid;
	si.si_value.sival_int = arg_num(a, s, 2);
	return log_ret(a, s, sys(__NR_rt_tgsigqueueinfo, tgid_of(a, s, 0), arg_tid(a, s, 0), si.si_signo, &si));
}

long v_raise(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, sys(__NR_tgkill, group_of(a, a->role), role_tid(a, a->role), arg_sig(a, s, 0)));
}

static long action(int sig, unsigned long handler, unsigned long flags)
{
	struct kernel_sigaction act = {
		.handler = handler,
		.flags = flags | SA_RESTORER_FLAG,
		.restorer = PTR(label_addr("restorer")),
	};

	return sys(__NR_rt_sigaction, sig, &act, 0, SETSIZE);
}

static unsigned long action_flags(const char *words)
{
	static const struct num_name names[] = {
		{ "restart", SA_RESTART }, { "nodefer", SA_NODEFER }, { "resethand", (long)SA_RESETHAND },
		{ "onstack", SA_ONSTACK }, { "nocldstop", SA_NOCLDSTOP }, { "nocldwait", SA_NOCLDWAIT },
		{ NULL, 0 }
	};
	unsigned long flags = SA_SIGINFO;

	for (const struct num_name *n = names; n->name; n++)
		if (has_word(words, n->name))
			flags |= n->num;
	return flags & 0xffffffff;
}

/* One more system call than its name says, but only when it is asked for: sigaltstack. */
static long use_altstack(struct actor *a)
{
	struct kernel_stack st = { 0, 0, 0 };
	size_t len;

	st.sp = PTR(altstack(a, &len));
	st.size = len;
	return sys(__NR_sigaltstack, &st, 0);
}

long v_handle(struct actor *a, const struct form_step *s)
{
	int sig = arg_sig(a, s, 0);
	const char *words = arg_str(a, s, 2);
	unsigned long flags = action_flags(words);
	long r = 0;

	if (flags & SA_ONSTACK)
		r = use_altstack(a);
	if (r >= 0) {
		if (sig > 0 && sig <= 64)
			handler_bind(a, sig, s->arg[1].ref, has_word(words, "mute"));
		r = action(sig, PTR(handler_entry), flags);
	}
	return log_ret(a, s, r);
}

long v_chld(struct actor *a, const struct form_step *s)
{
	unsigned long flags = SA_SIGINFO | SA_RESTART;

	if (has_word(arg_str(a, s, 0), "nostop"))
		flags |= SA_NOCLDSTOP;
	handler_bind(a, SIGCHLD, FORM_NONE, false);
	return log_ret(a, s, action(SIGCHLD, PTR(handler_entry), flags));
}

long v_ignore(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, action(arg_sig(a, s, 0), PTR(SIG_IGN), 0));
}

long v_dfl(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, action(arg_sig(a, s, 0), PTR(SIG_DFL), 0));
}

/* 0 stands for every signal. */
static uint64_t set_of(struct actor *a, const struct form_step *s)
{
	int sig = arg_sig(a, s, 0);

	return sig > 0 && sig <= 64 ? SIGBIT(sig) : ~0ull;
}

static long mask(struct actor *a, const struct form_step *s, int how)
{
	uint64_t set = set_of(a, s);

	return log_ret(a, s, sys(__NR_rt_sigprocmask, how, &set, 0, SETSIZE));
}

long v_block(struct actor *a, const struct form_step *s)
{
	return mask(a, s, SIG_BLOCK);
}

long v_unblock(struct actor *a, const struct form_step *s)
{
	return mask(a, s, SIG_UNBLOCK);
}

static long take(struct actor *a, const struct form_step *s, const void *timeout)
{
	uint64_t set = set_of(a, s);
	siginfo_t si;
	struct line l;
	long r;

	memset(&si, 0, sizeof(si));
	r = sys(__NR_rt_sigtimedwait, &set, &si, timeout, SETSIZE);
	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> ");
	siginfo_text(&l, &si);
	log_end(a, s, &l);
	return r;
}

long v_sigwait(struct actor *a, const struct form_step *s)
{
	return take(a, s, NULL);
}

long v_sigpoll(struct actor *a, const struct form_step *s)
{
	static const uint64_t zero[2];		/* a struct timespec of any word size */

	return take(a, s, zero);
}

long v_sigsuspend(struct actor *a, const struct form_step *s)
{
	uint64_t set = ~set_of(a, s);

	return log_ret(a, s, sys(__NR_rt_sigsuspend, &set, SETSIZE));
}

long v_setsid(struct actor *a, const struct form_step *s)
{
	struct line l;
	long r = sys(__NR_setsid);

	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> %P", (int)r);
	log_end(a, s, &l);
	return r;
}

/* To its own group when both roles are the same: that makes a new one. */
long v_setpgid(struct actor *a, const struct form_step *s)
{
	pid_t tid = arg_tid(a, s, 0), of = arg_tid(a, s, 1);
	long pgrp = tid == of ? tid : sys(__NR_getpgid, of);

	return log_ret(a, s, pgrp < 0 ? pgrp : sys(__NR_setpgid, tid, pgrp));
}
