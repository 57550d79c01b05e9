/* verb_seccomp.c - seccomp filters, their notifications, and syscall user dispatch. */
#include <asm/errno.h>
#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "verbs.h"

#ifdef __i386__
#define ARCH_OWN AUDIT_ARCH_I386
#else
#define ARCH_OWN AUDIT_ARCH_X86_64
#endif

static const struct num_name actions[] = {
	{ "trace", (long)SECCOMP_RET_TRACE }, { "errno", SECCOMP_RET_ERRNO },
	{ "kill-thread", SECCOMP_RET_KILL_THREAD }, { "kill-process", (long)SECCOMP_RET_KILL_PROCESS },
	{ "trap", SECCOMP_RET_TRAP }, { "log", (long)SECCOMP_RET_LOG },
	{ "user-notif", (long)SECCOMP_RET_USER_NOTIF }, { "allow", (long)SECCOMP_RET_ALLOW },
	{ NULL, 0 }
};

/* A filter on one call of the own ABI; all others are allowed. The result is the listener with user-notif, else 0. */
long v_seccomp(struct actor *a, const struct form_step *s)
{
	const char *word = arg_str(a, s, 0);
	long nr = call_nr(ABI_OWN, arg_str(a, s, 1));
	const struct num_name *act = actions;
	unsigned int flags = 0;

	while (act->name && !str_eq(act->name, word))
		act++;
	if (!act->name || nr < 0)
		return log_ret(a, s, -EINVAL);

	uint32_t ret = (uint32_t)act->num | (arg_num(a, s, 2) & SECCOMP_RET_DATA);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH_OWN, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, ret),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };
	long r;

	if ((uint32_t)act->num == SECCOMP_RET_USER_NOTIF)
		flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	r = sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	log_result(a, s, r < 0 ? r : 0);
	return r;
}

/* Descriptors are not logged: which number comes next is no matter of tracing. */
long v_getfd(struct actor *a, const struct form_step *s)
{
	int role = arg_role(a, s, 0);
	pid_t tgid = role >= 0 ? role_tgid(a, role) : arg_tid(a, s, 0);
	long pidfd = sys(__NR_pidfd_open, tgid, 0), fd;

	if (pidfd < 0)
		return log_ret(a, s, pidfd);
	fd = sys(__NR_pidfd_getfd, pidfd, arg_num(a, s, 1), 0);
	sys(__NR_close, pidfd);
	log_result(a, s, fd < 0 ? fd : 0);
	return fd;
}

/* Of the last notification this process received. */
static uint64_t last_id;

long v_notifrecv(struct actor *a, const struct form_step *s)
{
	struct seccomp_notif n;
	struct line l;
	long r;

	memset(&n, 0, sizeof(n));
	r = sys(__NR_ioctl, arg_num(a, s, 0), SECCOMP_IOCTL_NOTIF_RECV, &n);
	if (r < 0)
		return log_ret(a, s, r);
	last_id = n.id;
	log_begin(a, s, &l);
	log_add(&l, " -> %P nr ", (int)n.pid);
	if (n.data.arch == AUDIT_ARCH_I386)
		nr_text(&l, ABI_32, ABI_32, n.data.nr);
	else if (n.data.nr & 0x40000000)
		nr_text(&l, ABI_X32, ABI_X32, n.data.nr);
	else
		nr_text(&l, ABI_64, ABI_64, n.data.nr);
	log_end(a, s, &l);
	return r;
}

long v_notifsend(struct actor *a, const struct form_step *s)
{
	const char *how = arg_str(a, s, 1);
	struct seccomp_notif_resp resp = { .id = last_id };

	if (str_eq(how, "continue"))
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (str_eq(how, "errno"))
		resp.error = -(int)arg_num(a, s, 2);
	else if (str_eq(how, "value"))
		resp.val = arg_num(a, s, 2);
	else
		return log_ret(a, s, -EINVAL);
	return log_ret(a, s, sys(__NR_ioctl, arg_num(a, s, 0), SECCOMP_IOCTL_NOTIF_SEND, &resp));
}

long v_notifvalid(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, sys(__NR_ioctl, arg_num(a, s, 0), SECCOMP_IOCTL_NOTIF_ID_VALID, &last_id));
}

#define PR_SET_SYSCALL_USER_DISPATCH_NR 59
#define SELECTOR_BLOCK 1

/* The interpreter's own calls and the signal restorer pass; those of `call` and the snippets are dispatched. */
long v_sud(struct actor *a, const struct form_step *s)
{
	extern const char snip_dispatched[];
	volatile unsigned char *selector = (volatile unsigned char *)label_addr("sud-selector");
	const unsigned long from = 0x1000;

	if (str_eq(arg_str(a, s, 0), "off"))
		return log_ret(a, s, sys(__NR_prctl, PR_SET_SYSCALL_USER_DISPATCH_NR, 0, 0, 0, 0));
	*selector = SELECTOR_BLOCK;
	return log_ret(a, s, sys(__NR_prctl, PR_SET_SYSCALL_USER_DISPATCH_NR, 1, from, PTR(snip_dispatched) - from,
				 selector));
}
