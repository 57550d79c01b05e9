/* verb_trace.c - tracing requests that start, end, resume or configure a trace. */
#include <asm/ptrace-abi.h>
#include <linux/ptrace.h>

#include "verbs.h"

/* A request without a signal. */
static long simple(struct actor *a, const struct form_step *s, long request, unsigned long data)
{
	return log_ret(a, s, pt(request, arg_tid(a, s, 0), 0, data));
}

/* A request that resumes: data is the signal. */
static long resume(struct actor *a, const struct form_step *s, long request)
{
	return simple(a, s, request, arg_given(s, 1) ? arg_sig(a, s, 1) : 0);
}

long v_traceme(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, pt(PTRACE_TRACEME, 0, 0, 0));
}

long v_attach(struct actor *a, const struct form_step *s)
{
	return simple(a, s, PTRACE_ATTACH, 0);
}

long v_seize(struct actor *a, const struct form_step *s)
{
	return simple(a, s, PTRACE_SEIZE, arg_given(s, 1) ? arg_num(a, s, 1) : 0);
}

long v_interrupt(struct actor *a, const struct form_step *s)
{
	return simple(a, s, PTRACE_INTERRUPT, 0);
}

long v_listen(struct actor *a, const struct form_step *s)
{
	return simple(a, s, PTRACE_LISTEN, 0);
}

long v_ptkill(struct actor *a, const struct form_step *s)
{
	return simple(a, s, PTRACE_KILL, 0);
}

long v_setopts(struct actor *a, const struct form_step *s)
{
	return simple(a, s, PTRACE_SETOPTIONS, arg_num(a, s, 1));
}

long v_cont(struct actor *a, const struct form_step *s)
{
	return resume(a, s, PTRACE_CONT);
}

long v_syscall(struct actor *a, const struct form_step *s)
{
	return resume(a, s, PTRACE_SYSCALL);
}

long v_step(struct actor *a, const struct form_step *s)
{
	return resume(a, s, PTRACE_SINGLESTEP);
}

long v_blockstep(struct actor *a, const struct form_step *s)
{
	return resume(a, s, PTRACE_SINGLEBLOCK);
}

long v_sysemu(struct actor *a, const struct form_step *s)
{
	return resume(a, s, PTRACE_SYSEMU);
}

long v_sysemu_step(struct actor *a, const struct form_step *s)
{
	return resume(a, s, PTRACE_SYSEMU_SINGLESTEP);
}

long v_detach(struct actor *a, const struct form_step *s)
{
	return resume(a, s, PTRACE_DETACH);
}

/* A number in text, 0x allowed; -1 when it is none. */
static long text_number(const char *t)
{
	unsigned int base = 10;

	if (t[0] == '0' && t[1] == 'x') {
		base = 16;
		t += 2;
	}
	return *t >= '0' && *t <= '9' ? (long)number_at(t, base) : -1;
}

long v_request(struct actor *a, const struct form_step *s)
{
	const char *name = arg_str(a, s, 1);
	long request = s->arg[1].type == ARG_STR ? request_num(name) : arg_num(a, s, 1);

	if (request < 0)
		request = text_number(name);
	return log_ret(a, s, pt(request, arg_tid(a, s, 0), arg_num(a, s, 2), arg_num(a, s, 3)));
}
