/* verb_call.c - raw system calls and snippets: every register known before, looked at after. */
#include <asm/errno.h>
#include <string.h>

#include "verbs.h"

#if defined(__i386__)
#define NREST 0
#else
#define NREST 7
#define REST_CX 6
#endif

void snip_fill(struct snip_regs *r, const int64_t *args, int n)
{
	memset(r, 0, sizeof(*r));
	for (int i = 0; i < 6; i++)
		r->arg[i] = i < n ? args[i] : 0;
	for (int i = 0; i < NREST; i++)
		r->rest[i] = 0x1000 + i;
}

/* ia32 stores the low halves only. */
static int64_t shown(int64_t v)
{
#if defined(__i386__)
	return (int32_t)v;
#else
	return v;
#endif
}

static void change_text(struct line *l, const char *name, int64_t before, int64_t after)
{
	if (shown(before) == shown(after))
		return;
	log_add(l, " %s=", name);
	value_text(l, shown(after));
}

void snip_changes(struct line *l, const struct snip_regs *before, const struct snip_regs *after)
{
	static const char *const args[] = { "arg1", "arg2", "arg3", "arg4", "arg5", "arg6" };

	for (int i = 0; i < 6; i++)
		change_text(l, args[i], before->arg[i], after->arg[i]);
#if NREST
	static const char *const rest[] = { "bx", "bp", "r12", "r13", "r14", "r15" };

	for (int i = 0; i < REST_CX; i++)
		change_text(l, rest[i], before->rest[i], after->rest[i]);
#endif
}

#if NREST
/* int 0x80 of a 64-bit program takes its arguments where ia32 has them, in registers that are places in `rest` here. */
static void arrange_ia32(struct snip_regs *r, const int64_t *args)
{
	r->rest[0] = args[0];
	r->rest[REST_CX] = args[1];
	r->arg[2] = args[2];
	r->arg[1] = args[3];
	r->arg[0] = args[4];
	r->rest[1] = args[5];
	r->arg[3] = r->arg[4] = r->arg[5] = 0x2000;
}
#else
static void arrange_ia32(struct snip_regs *r, const int64_t *args)
{
	(void)r;
	(void)args;
}
#endif

int64_t snip_call(const char *label, struct snip_regs *r)
{
	snip_run(r, label_addr(label));
	return shown(r->ax);
}

/* An argument: a number, or the address of a text. */
static int64_t call_arg(struct actor *a, const struct form_step *s, int i)
{
	if (s->arg[i].type == ARG_STR)
		return PTR(arg_str(a, s, i));
	return arg_num(a, s, i);
}

/*
 * "STEP -> RESULT", and the argument registers and others that the call has
 * changed, which no system call does but a tracer may.
 */
static long call(struct actor *a, const struct form_step *s, const char *label, const char *name, int64_t nr)
{
	int64_t args[6] = { 0 };
	struct snip_regs before, after;
	struct line l;
	int n = 0;
	int64_t ret;

	while (n < 6 && arg_given(s, n + 1)) {
		args[n] = call_arg(a, s, n + 1);
		n++;
	}
	snip_fill(&before, args, n);
	if (str_eq(label, "call80"))
		arrange_ia32(&before, args);
	before.ax = nr;
	after = before;
	ret = snip_call(label, &after);
	log_begin(a, s, &l);
	log_add(&l, " -> ");
	call_result_text(&l, name, ret);
	snip_changes(&l, &before, &after);
	log_end(a, s, &l);
	return ret;
}

long v_call(struct actor *a, const struct form_step *s)
{
	const char *name = arg_str(a, s, 0);
	long nr = call_nr(ABI_OWN, name);

	if (nr < 0)
		return log_ret(a, s, -ENOSYS);
	/* the stacks are in shared memory: only fork, clone ... as verbs give a child one of its own */
	if (call_makes_task(name))
		return log_ret(a, s, -EOPNOTSUPP);
	return call(a, s, "call", name, nr);
}

long v_callnum(struct actor *a, const struct form_step *s)
{
	int64_t nr = arg_num(a, s, 0);

	return call(a, s, "call", call_name_of(ABI_OWN, nr), nr);
}

long v_call32(struct actor *a, const struct form_step *s)
{
	const char *name = arg_str(a, s, 0);
	long nr = call_nr(ABI_32, name);

	if (nr < 0)
		return log_ret(a, s, -ENOSYS);
	if (call_makes_task(name))
		return log_ret(a, s, -EOPNOTSUPP);
	return call(a, s, "call80", name, nr);
}

#define RUN_AX 7		/* what ax holds before a snippet */

/* ax after the snippet, and what else it changed; it changes nothing by itself. */
long run_snippet(struct actor *a, const struct form_step *s, const char *label)
{
	struct snip_regs before, after;
	struct line l;
	int64_t ax;

	snip_fill(&before, NULL, 0);
	before.ax = RUN_AX;
	after = before;
	ax = snip_call(label, &after);
	log_begin(a, s, &l);
	log_add(&l, " -> ");
	call_result_text(&l, NULL, ax);
	snip_changes(&l, &before, &after);
	log_end(a, s, &l);
	return ax;
}

long v_run(struct actor *a, const struct form_step *s)
{
	const char *label = arg_str(a, s, 0);

	if (!label_addr(label) || !in_snippet(PTR(label_addr(label))))
		return log_ret(a, s, -ENOENT);
	return run_snippet(a, s, label);
}
