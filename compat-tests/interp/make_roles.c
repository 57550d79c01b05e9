/* make_roles.c - verbs that make an actor or turn it into a new image: fork, vfork, clone, thread, exec. */
#include <asm/unistd.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

#include "actor.h"

/*
 * A role made a second time lives in the same slot: its earlier incarnation
 * must be dead before, and if it does not die this step is where the case blocks.
 */
static void await_slot(struct actor *a, uint32_t role)
{
	const struct role_state *rs = state_of(role);
	unsigned int turn = 0;
	char c;

	if (!rs->births || rs->phase == PH_UNBORN || !rs->tid)
		return;
	waiting(a, true);
	while ((c = task_state(rs->tid, NULL)) && c != 'Z' && c != 'X')
		poll_pause(a, turn++);
	waiting(a, false);
}

static long make(struct actor *a, const struct form_step *s, sysarg flags)
{
	uint32_t role = s->arg[0].ref;
	struct line l;
	long ret;

	await_slot(a, role);
	ret = birth(a, role, flags);
	log_begin(a, s, &l);
	if (ret < 0)
		log_add(&l, " -> %E", ret);
	else
		log_add(&l, " -> %P", (int)ret);
	log_end(a, s, &l);
	return ret;
}

long v_fork(struct actor *a, const struct form_step *s)
{
	return make(a, s, SIGCHLD);
}

long v_vfork(struct actor *a, const struct form_step *s)
{
	return make(a, s, CLONE_VM | CLONE_VFORK | SIGCHLD);
}

long v_thread(struct actor *a, const struct form_step *s)
{
	return make(a, s, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		    CLONE_SYSVSEM);
}

static const struct { const char *name; unsigned int flag; } clone_flags[] = {
	{ "vm", CLONE_VM }, { "fs", CLONE_FS }, { "files", CLONE_FILES },
	{ "sighand", CLONE_SIGHAND }, { "thread", CLONE_THREAD }, { "parent", CLONE_PARENT },
	{ "vfork", CLONE_VFORK }, { "ptrace", CLONE_PTRACE }, { "untraced", CLONE_UNTRACED },
	{ "sysvsem", CLONE_SYSVSEM }, { "newpid", CLONE_NEWPID }, { "newuser", CLONE_NEWUSER },
	{ "newns", CLONE_NEWNS }, { "newnet", CLONE_NEWNET }, { "io", CLONE_IO },
};

/* "vm+fs+files" -> flags; -1: a word is unknown. */
static long parse_flags(const char *t)
{
	long flags = 0;

	while (*t && strcmp(t, "none") && strcmp(t, "0")) {
		size_t n = 0, i;

		while (t[n] && t[n] != '+')
			n++;
		for (i = 0; i < sizeof(clone_flags) / sizeof(clone_flags[0]); i++)
			if (strlen(clone_flags[i].name) == n && !strncmp(clone_flags[i].name, t, n))
				break;
		if (i == sizeof(clone_flags) / sizeof(clone_flags[0]))
			return -1;
		flags |= clone_flags[i].flag;
		t += n + (t[n] == '+');
	}
	return flags;
}

/* Without an exit signal the child is a clone child: EVENT_CLONE, and __WALL to wait for it. */
long v_clone(struct actor *a, const struct form_step *s)
{
	long flags = s->arg[1].type == ARG_INT ? (long)s->arg[1].val : parse_flags(arg_str(a, s, 1));

	if (flags < 0)
		core_failed(a, __LINE__);
	return make(a, s, flags | (arg_sig(a, s, 2) & 0xff));
}

long v_exec(struct actor *a, const struct form_step *s)
{
	struct role_state *rs = my_state(a);
	uint32_t bits = arg_num(a, s, 0);
	long ret;

#if defined(__i386__)
	if (!bits)
		bits = 32;
#elif defined(__ILP32__)
	if (!bits)
		bits = 33;
#else
	if (!bits)
		bits = 64;
#endif
	rs->execing = 1;
	ret = exec_image(a, bits);
	rs->execing = 0;
	log_result(a, s, ret);
	return ret;
}
