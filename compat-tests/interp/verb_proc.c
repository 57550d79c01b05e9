/* verb_proc.c - what a process sets for itself: attributes, limits, namespaces, timers; a failing exec. */
#include <asm/errno.h>
#include <asm/unistd.h>
#include <linux/prctl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "verbs.h"

static long control(struct actor *a, const struct form_step *s, int option, unsigned long arg)
{
	return log_ret(a, s, sys(__NR_prctl, option, arg, 0, 0, 0));
}

long v_dumpable(struct actor *a, const struct form_step *s)
{
	return control(a, s, PR_SET_DUMPABLE, arg_num(a, s, 0));
}

long v_ptracer(struct actor *a, const struct form_step *s)
{
	return control(a, s, PR_SET_PTRACER, arg_tid(a, s, 0));
}

long v_nonewprivs(struct actor *a, const struct form_step *s)
{
	return control(a, s, PR_SET_NO_NEW_PRIVS, 1);
}

long v_subreaper(struct actor *a, const struct form_step *s)
{
	return control(a, s, PR_SET_CHILD_SUBREAPER, 1);
}

long v_pdeathsig(struct actor *a, const struct form_step *s)
{
	return control(a, s, PR_SET_PDEATHSIG, arg_sig(a, s, 0));
}

long v_corelimit(struct actor *a, const struct form_step *s)
{
	uint64_t limit[2];

	limit[0] = limit[1] = arg_num(a, s, 0);
	return log_ret(a, s, sys(__NR_prlimit64, 0, RLIMIT_CORE, limit, 0));
}

long v_setuid(struct actor *a, const struct form_step *s)
{
#ifdef __NR_setuid32
	return log_ret(a, s, sys(__NR_setuid32, arg_num(a, s, 0)));
#else
	return log_ret(a, s, sys(__NR_setuid, arg_num(a, s, 0)));
#endif
}

long v_newns(struct actor *a, const struct form_step *s)
{
	const char *words = arg_str(a, s, 0);
	unsigned long flags = 0;

	flags |= has_word(words, "pid") ? CLONE_NEWPID : 0;
	flags |= has_word(words, "user") ? CLONE_NEWUSER : 0;
	flags |= has_word(words, "mnt") ? CLONE_NEWNS : 0;
	flags |= has_word(words, "net") ? CLONE_NEWNET : 0;
	if (!flags)
		return log_ret(a, s, -EINVAL);
	return log_ret(a, s, sys(__NR_unshare, flags));
}

long v_execfail(struct actor *a, const struct form_step *s)
{
	static const char path[] = "/no-such-file";
	const char *argv[] = { path, NULL }, *envp[] = { NULL };

	return log_ret(a, s, sys(__NR_execve, path, argv, envp));
}

/* A kernel timespec of the calls used here: two longs in ia32, 64-bit numbers in x32. */
#ifdef __i386__
typedef int32_t time_word;
#else
typedef int64_t time_word;
#endif

long v_sleepms(struct actor *a, const struct form_step *s)
{
	uint32_t ms = arg_num(a, s, 0);
	time_word ts[2] = { ms / 1000, ms % 1000 * 1000000 };
	long r;

	timer_armed(a, 1);
	r = sys(__NR_nanosleep, ts, 0);
	timer_armed(a, -1);
	return log_ret(a, s, r);
}

static uint64_t monotonic_ns(void)
{
	time_word ts[2];

	sys(__NR_clock_gettime, CLOCK_MONOTONIC, ts);
	return (uint64_t)ts[0] * 1000000000 + ts[1];
}

/* The watcher counts it as armed a while longer than it runs: the signal must have had its effect. */
#define TIMER_SLACK_NS 2000000

long v_alarm(struct actor *a, const struct form_step *s)
{
	uint32_t us = arg_num(a, s, 0);
	time_word its[4] = { 0, 0, us / 1000000, us % 1000000 * 1000 };
	struct sigevent ev;
	int id = 0;
	long r;

	memset(&ev, 0, sizeof(ev));
	ev.sigev_notify = SIGEV_SIGNAL;
	ev.sigev_signo = arg_sig(a, s, 1);
	r = sys(__NR_timer_create, CLOCK_MONOTONIC, &ev, &id);
	if (r >= 0) {
		timer_until(a, monotonic_ns() + us * 1000ull + TIMER_SLACK_NS);
		r = sys(__NR_timer_settime, id, 0, its, 0);
	}
	return log_ret(a, s, r);
}
