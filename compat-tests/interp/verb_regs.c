/* verb_regs.c - registers and memory of a tracee: NT_PRSTATUS of either word size, words, debug registers. */
#include <asm/errno.h>
#include <asm/ptrace-abi.h>
#include <linux/audit.h>
#include <linux/elf.h>
#include <linux/ptrace.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "verbs.h"

#define TF 0x100

static long regset(long request, pid_t tid, const struct regset *r, unsigned int *len)
{
	struct iovec iov = { (void *)r->b, *len };
	long ret = pt(request, tid, NT_PRSTATUS, PTR(&iov));

	*len = iov.iov_len;
	return ret;
}

long regs_get(pid_t tid, struct regset *r)
{
	long ret;

	r->len = sizeof(r->b);
	ret = regset(PTRACE_GETREGSET, tid, r, &r->len);
	if (ret < 0)
		return ret;
	return r->len == REGS_LEN64 || r->len == REGS_LEN32 ? 0 : -EPROTO;
}

long regs_set(pid_t tid, const struct regset *r)
{
	unsigned int len = r->len;

	return regset(PTRACE_SETREGSET, tid, r, &len);
}

/* Values of a 32-bit set are sign-extended: the sign of -ERRNO is what matters. */
bool reg_value(const struct regset *r, const struct reg_place *p, int64_t *v)
{
	int32_t v32;

	if (!p || (r->len == REGS_LEN32 ? p->off32 : p->off64) < 0)
		return false;
	if (r->len == REGS_LEN32) {
		memcpy(&v32, r->b + p->off32, 4);
		*v = v32;
	} else {
		memcpy(v, r->b + p->off64, 8);
	}
	return true;
}

bool reg_change(struct regset *r, const struct reg_place *p, int64_t v)
{
	if (!p || (r->len == REGS_LEN32 ? p->off32 : p->off64) < 0)
		return false;
	memcpy(r->b + (r->len == REGS_LEN32 ? p->off32 : p->off64), &v, r->len == REGS_LEN32 ? 4 : 8);
	return true;
}

static int64_t reg(const struct regset *r, const char *name)
{
	int64_t v = 0;

	reg_value(r, reg_find(name), &v);
	return v;
}

/* The own ABI of the tracee whose registers these are, and that of the system call it is in. */
static enum abi own_abi(struct actor *a, const struct form_step *s, const struct regset *r)
{
	int role = arg_role(a, s, 0);

	if (r->len == REGS_LEN32)
		return ABI_32;
	return role >= 0 && form_roles(a->form)[role].bits == 33 ? ABI_X32 : ABI_64;
}

/* A 64-bit task can call through int 0x80: only the kernel knows, and tells in the arch. */
static enum abi abi_in_call(pid_t tid, const struct regset *r)
{
	struct ptrace_syscall_info si;

	if (r->len == REGS_LEN32)
		return ABI_32;
	memset(&si, 0, sizeof(si));
	if (pt(PTRACE_GET_SYSCALL_INFO, tid, sizeof(si), PTR(&si)) > 0 && si.arch == AUDIT_ARCH_I386)
		return ABI_32;
	return reg(r, "orig_ax") & 0x40000000 ? ABI_X32 : ABI_64;
}

/* ax of a system call: as a call's result, but with the sign of an error. */
static void call_ax_text(struct line *l, const char *call, int64_t ax)
{
	if (ax < 0)
		ax_text(l, ax);
	else
		call_result_text(l, call, ax);
}

/*
 * ax says something in a system call or in a snippet; elsewhere it is whatever
 * the compiler left there, and it is not shown.
 */
long v_regs(struct actor *a, const struct form_step *s)
{
	pid_t tid = arg_tid(a, s, 0);
	struct regset r;
	struct line l;
	long ret = regs_get(tid, &r);
	int64_t ip, nr;

	if (ret < 0)
		return log_ret(a, s, ret);
	ip = reg(&r, "ip");
	nr = reg(&r, "orig_ax");
	if (r.len == REGS_LEN32)
		ip = (uint32_t)ip;
	log_begin(a, s, &l);
	log_add(&l, " ->");
	ip_text(&l, ip);
	if (nr >= 0) {
		enum abi abi = abi_in_call(tid, &r);

		log_add(&l, " ax ");
		call_ax_text(&l, call_name_of(abi, nr), reg(&r, "ax"));
		log_add(&l, " orig_ax ");
		nr_text(&l, own_abi(a, s, &r), abi, nr);
	} else {
		if (in_snippet(ip)) {
			log_add(&l, " ax ");
			ax_text(&l, reg(&r, "ax"));
		}
		log_add(&l, " orig_ax %lld", (long long)nr);
	}
	log_add(&l, " TF %d", !!(reg(&r, "flags") & TF));
	log_end(a, s, &l);
	return 0;
}

long v_reg(struct actor *a, const struct form_step *s)
{
	pid_t tid = arg_tid(a, s, 0);
	const char *name = arg_str(a, s, 1);
	struct regset r;
	struct line l;
	long ret = regs_get(tid, &r);
	int64_t v;

	if (ret < 0)
		return log_ret(a, s, ret);
	if (!reg_value(&r, reg_find(name), &v))
		return log_ret(a, s, -EINVAL);
	log_begin(a, s, &l);
	log_add(&l, " -> ");
	if (str_eq(name, "ip") || str_eq(name, "sp")) {
		if (r.len == REGS_LEN32)
			v = (uint32_t)v;
		log_add(&l, "%A", (uint64_t)v);
	} else if (str_eq(name, "orig_ax") && v >= 0) {
		nr_text(&l, own_abi(a, s, &r), abi_in_call(tid, &r), v);
	} else if (str_eq(name, "ax")) {
		ax_text(&l, v);
	} else {
		value_text(&l, v);
	}
	log_end(a, s, &l);
	return v;
}

static long change(struct actor *a, const struct form_step *s, const char *name, int64_t v)
{
	pid_t tid = arg_tid(a, s, 0);
	struct regset r;
	long ret = regs_get(tid, &r);

	if (ret >= 0)
		ret = reg_change(&r, reg_find(name), v) ? regs_set(tid, &r) : -EINVAL;
	return log_ret(a, s, ret);
}

long v_setreg(struct actor *a, const struct form_step *s)
{
	return change(a, s, arg_str(a, s, 1), arg_num(a, s, 2));
}

long v_setcall(struct actor *a, const struct form_step *s)
{
	pid_t tid = arg_tid(a, s, 0);
	struct regset r;
	long nr, ret = regs_get(tid, &r);

	if (ret < 0)
		return log_ret(a, s, ret);
	nr = call_nr(own_abi(a, s, &r), arg_str(a, s, 1));
	if (nr < 0)
		return log_ret(a, s, -EINVAL);
	if (call_makes_task(arg_str(a, s, 1)))
		return log_ret(a, s, -EOPNOTSUPP);
	return change(a, s, "orig_ax", nr);
}

static long log_word(struct actor *a, const struct form_step *s, unsigned long word)
{
	struct line l;

	log_begin(a, s, &l);
	log_add(&l, " -> 0x%lx", word);
	log_end(a, s, &l);
	return word;
}

long v_peek(struct actor *a, const struct form_step *s)
{
	unsigned long word = 0;
	long r = pt(PTRACE_PEEKDATA, arg_tid(a, s, 0), arg_num(a, s, 1), PTR(&word));

	return r < 0 ? log_ret(a, s, r) : log_word(a, s, word);
}

long v_poke(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, pt(PTRACE_POKEDATA, arg_tid(a, s, 0), arg_num(a, s, 1), arg_num(a, s, 2)));
}

long v_peekuser(struct actor *a, const struct form_step *s)
{
	unsigned long word = 0;
	long r = pt(PTRACE_PEEKUSR, arg_tid(a, s, 0), arg_num(a, s, 1), PTR(&word));

	return r < 0 ? log_ret(a, s, r) : log_word(a, s, word);
}

long v_pokeuser(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, pt(PTRACE_POKEUSR, arg_tid(a, s, 0), arg_num(a, s, 1), arg_num(a, s, 2)));
}

/* The offset is that of the tracer's own struct user. */
static unsigned long debugreg_offset(int n)
{
#if defined(__ILP32__) && !defined(__i386__)
	return 848 + n * 8;		/* x32: the kernel takes the 64-bit layout */
#else
	return offsetof(struct user, u_debugreg) + n * sizeof(long);
#endif
}

long v_debugreg(struct actor *a, const struct form_step *s)
{
	pid_t tid = arg_tid(a, s, 0);
	int n = arg_num(a, s, 1);
	unsigned long word = 0, off = debugreg_offset(n);
	struct line l;
	long r;

	if (arg_given(s, 2))
		return log_ret(a, s, pt(PTRACE_POKEUSR, tid, off, arg_num(a, s, 2)));
	r = pt(PTRACE_PEEKUSR, tid, off, PTR(&word));
	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, n < 4 ? " -> %A" : " -> 0x%llx", (uint64_t)word);
	log_end(a, s, &l);
	return word;
}
