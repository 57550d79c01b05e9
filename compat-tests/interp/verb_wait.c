/* verb_wait.c - wait4 and waitid: whose change of state it was, and what. */
#include <asm/errno.h>
#include <asm/unistd.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "actor.h"
#include "verbs.h"

/* The flags as written; __WALL as well unless __WCLONE asks for clone children only, or `no-wall'. */
static unsigned long flags_of(struct actor *a, const struct form_step *s, int i)
{
	unsigned long f = arg_num(a, s, i);

	if (f & FORM_NO_WALL)
		return f & ~FORM_NO_WALL;
	return f & __WCLONE ? f : f | __WALL;
}

/* Larger than any ABI's struct rusage. */
struct used {
	uint64_t words[18];
};

#define UNWRITTEN 0xa5a5a5a5a5a5a5a5ull
#define UNWRITTEN_STATUS ((int)0xa5a5a5a5)
#ifdef __x86_64__
#define LAST_USED 17
#else
#define LAST_USED 8
#endif

static void used_init(struct used *u)
{
	memset(u, 0xa5, sizeof(*u));
}

/*
 * Whoever has run has had page faults, and has been switched from.  Not so a
 * child in its first stop: it may not have left the CPU yet, and what memory a
 * process of a few pages has may not have come to the sum (percpu_counter).
 */
static bool is_zero(const struct used *u)
{
	for (int i = 0; i <= LAST_USED; i++)
		if (u->words[i])
			return false;
	return true;
}

static bool has_run(int role)
{
	return role >= 0 && state_of(role)->phase > PH_STARTING;
}

/*
 * wait4 and waitid fill in the rusage when they report something, and leave it
 * alone else.  The times in it are nobody's business, but where it starts, and
 * that every ABI's last field, ru_nivcsw, is a number.  `tid' is whose they are
 * said to be, or not positive.
 */
static void used_text(struct actor *a, struct line *l, const struct used *u, long tid)
{
	bool written = u->words[0] != UNWRITTEN, reported = tid > 0;

	if (written != reported)
		log_add(l, reported ? " rusage not written" : " rusage written");
	else if (written && u->words[LAST_USED] == UNWRITTEN)
		log_add(l, " rusage cut short");
	else if (written && is_zero(u) && has_run(tid_role(a, tid)))
		log_add(l, " rusage of nothing");
}

/* The status is written when there is one, and left alone else. */
static void status_text(struct line *l, int status, long r)
{
	bool written = status != UNWRITTEN_STATUS;

	if (written != (r > 0))
		log_add(l, written ? " status written" : " status not written");
}

/* wait4; `it` is set when it reports something, and there is no `sig` when it does not. */
static long wait_for(struct actor *a, long pid, unsigned long flags, int *status, struct used *u)
{
	long r;

	*status = UNWRITTEN_STATUS;
	used_init(u);
	r = sys(__NR_wait4, pid, status, flags, u);

	if (r > 0)
		a->it = r;
	a->it_status = r > 0 ? *status : 0;
	return r;
}

static long wait_and_log(struct actor *a, const struct form_step *s, long pid, int flag_arg)
{
	int status;
	struct used u;
	struct line l;
	long r = wait_for(a, pid, flags_of(a, s, flag_arg), &status, &u);

	log_begin(a, s, &l);
	if (r > 0)
		log_add(&l, " -> %P %W", (int)r, status);
	else
		log_add(&l, " -> %E", r);
	status_text(&l, status, r);
	used_text(a, &l, &u, r);
	log_end(a, s, &l);
	return r;
}

long v_wait(struct actor *a, const struct form_step *s)
{
	return wait_and_log(a, s, arg_tid(a, s, 0), 1);
}

long v_waitany(struct actor *a, const struct form_step *s)
{
	return wait_and_log(a, s, -1, 0);
}

long v_waitpgrp(struct actor *a, const struct form_step *s)
{
	long pgrp = sys(__NR_getpgid, arg_tid(a, s, 0));

	return pgrp < 0 ? log_ret(a, s, pgrp) : wait_and_log(a, s, -pgrp, 1);
}

/* What wait4 would have reported, so that `sig` and the decoding of events work after waitid too. */
static int status_of(const siginfo_t *si)
{
	switch (si->si_code) {
	case CLD_EXITED:
		return (si->si_status & 0xff) << 8;
	case CLD_KILLED:
		return si->si_status & 0x7f;
	case CLD_DUMPED:
		return (si->si_status & 0x7f) | 0x80;
	case CLD_CONTINUED:
		return 0xffff;
	}
	return si->si_status << 8 | 0x7f;
}

/* What waitid writes: zeros when it has nothing to report, and even when it fails. */
static void spoil(siginfo_t *si)
{
	memset(si, 0, sizeof(*si));
	si->si_signo = si->si_errno = si->si_code = UNWRITTEN_STATUS;
	si->si_pid = si->si_uid = si->si_status = UNWRITTEN_STATUS;
}

static bool is_written(const siginfo_t *si)
{
	return si->si_signo != UNWRITTEN_STATUS && si->si_errno != UNWRITTEN_STATUS &&
	       si->si_code != UNWRITTEN_STATUS && si->si_pid != UNWRITTEN_STATUS &&
	       si->si_uid != (uid_t)UNWRITTEN_STATUS && si->si_status != UNWRITTEN_STATUS;
}

static long waitid_and_log(struct actor *a, const struct form_step *s, int type, pid_t id, int flag_arg)
{
	unsigned long flags = flags_of(a, s, flag_arg);
	bool written, reported;
	siginfo_t si;
	struct used u;
	struct line l;
	long r;

	if (!(flags & (WEXITED | WSTOPPED | WCONTINUED)))
		flags |= WEXITED | WSTOPPED;
	spoil(&si);
	used_init(&u);
	a->it_status = 0;
	r = sys(__NR_waitid, type, id, &si, flags, &u);
	written = is_written(&si);
	reported = r >= 0 && written && si.si_pid;
	log_begin(a, s, &l);
	if (reported) {
		a->it = si.si_pid;
		a->it_status = status_of(&si);
		log_add(&l, " -> ");
		siginfo_text(&l, &si);
	} else {
		log_add(&l, " -> %E", r);
	}
	if (!written)
		log_add(&l, " siginfo not written");
	used_text(a, &l, &u, reported ? si.si_pid : 0);
	log_end(a, s, &l);
	return reported ? si.si_pid : r;
}

long v_waitid(struct actor *a, const struct form_step *s)
{
	return waitid_and_log(a, s, P_PID, arg_tid(a, s, 0), 1);
}

long v_waitidany(struct actor *a, const struct form_step *s)
{
	return waitid_and_log(a, s, P_ALL, 0, 0);
}

/*
 * A stop by SIGTRAP without an event may be a syscall-stop without SYSGOOD; one
 * by a stop signal may be a group-stop of an attached tracee.  PTRACE_GETSIGINFO
 * tells: a code of SIGTRAP there, EINVAL here.
 */
static int plain_stop_kind(pid_t tid, int sig)
{
	siginfo_t si;
	long r;

	if (sig != SIGTRAP && sig != SIGSTOP && sig != SIGTSTP && sig != SIGTTIN && sig != SIGTTOU)
		return ON_SIGNAL;
	memset(&si, 0, sizeof(si));
	r = pt(PTRACE_GETSIGINFO, tid, 0, PTR(&si));
	if (sig == SIGTRAP)
		return r >= 0 && si.si_code == SIGTRAP ? ON_SYSCALL : ON_SIGNAL;
	return r == -EINVAL ? ON_GROUP : ON_SIGNAL;
}

int stop_kind(struct actor *a, pid_t tid, int status, int *arg)
{
	int event = status >> 16, sig = (status >> 8) & 0xff;

	(void)a;
	*arg = sig;
	if ((status & 0x7f) == 0)
		return ON_EXITED;
	if (status == 0xffff)
		return ON_CONTINUED;
	if ((status & 0xff) != 0x7f) {
		*arg = status & 0x7f;
		return ON_KILLED;
	}
	if (event == PTRACE_EVENT_STOP)
		return sig == SIGTRAP ? ON_TRAP : ON_GROUP;
	if (event) {
		*arg = event;
		return ON_EVENT;
	}
	if (sig == (SIGTRAP | 0x80))
		return ON_SYSCALL;
	return plain_stop_kind(tid, sig);
}

/* Is a stop the one `wait-stop` was asked for? */
static bool is_wanted(const char *want, int kind, int arg)
{
	switch (kind) {
	case ON_SIGNAL:
		return str_eq(want, "signal") || sig_num(want) == arg ||
		       (!strncmp(want, "signal:", 7) && sig_num(want + 7) == arg);
	case ON_GROUP:
		return str_eq(want, "group");
	case ON_TRAP:
		return str_eq(want, "trap");
	case ON_SYSCALL:
		return str_eq(want, "syscall");
	case ON_EVENT:
		return !strncmp(want, "event:", 6) && event_name(arg) && str_eq(want + 6, event_name(arg));
	}
	return false;
}

/* Ends with the wanted stop, or with -ESRCH when the tracee is gone first. */
long v_waitstop(struct actor *a, const struct form_step *s)
{
	pid_t tid = arg_tid(a, s, 0);
	const char *want = arg_str(a, s, 1);

	for (;;) {
		int status, arg, kind;
		struct used u;
		struct line l;
		long r = wait_for(a, tid, __WALL, &status, &u);

		if (r < 0)
			return log_ret(a, s, r);
		kind = stop_kind(a, r, status, &arg);
		log_begin(a, s, &l);
		status_text(&l, status, r);
		used_text(a, &l, &u, r);
		if (str_eq(want, "any") || is_wanted(want, kind, arg)) {
			log_add(&l, " -> %P %W", (int)r, status);
			log_end(a, s, &l);
			return r;
		}
		if (kind == ON_EXITED || kind == ON_KILLED) {
			log_add(&l, " -> ESRCH %P %W", (int)r, status);
			log_end(a, s, &l);
			return -ESRCH;
		}
		log_add(&l, " passed %P %W", (int)r, status);
		log_end(a, s, &l);
		if (kind != ON_CONTINUED)
			pt(PTRACE_CONT, r, 0, kind == ON_SIGNAL ? arg : 0);
	}
}
