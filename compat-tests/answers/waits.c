/* waits.c - what wait4() and waitid() say of tracees, with every option, and to whom. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/stage.h"

static void by_waitid(struct text *t, int type, pid_t pid, int options)
{
	siginfo_t i;

	memset(&i, 0, sizeof(i));
	if (waitid(type, pid, &i, options))
		add(t, " %s", errno_word(errno));
	else if (!i.si_signo)
		add(t, " none");
	else
		add(t, " %s/%d/%d/%s/%d", signal_word(i.si_signo), i.si_code, i.si_status, who(i.si_pid),
		    (int)i.si_uid);
}

static void by_wait4(struct text *t, pid_t pid, int options)
{
	int status = 0;
	long got = wait4(pid, &status, options, NULL);

	if (got < 0)
		add(t, " %s", errno_word(errno));
	else if (!got)
		add(t, " none");
	else
		add(t, " %s/%s", who(got), status_words(status));
}

static void *thread_waits(void *t)
{
	by_wait4(t, -1, WNOHANG | __WALL | __WNOTHREAD);
	by_waitid(t, P_ALL, 0, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL);
	return NULL;
}

/* Made anew for each question; false if it is nobody to wait for. */
static bool again(const struct stage *stage, struct scene *s)
{
	if (!stage_make(stage, s))
		return false;
	return s->p > 2 && s->p != getpid();
}

static void ask(const struct stage *stage)
{
	static const struct { int options; const char *words; } plain[] = {
		{ WNOHANG, "0" }, { WNOHANG | WUNTRACED, "UNTRACED" }, { WNOHANG | WCONTINUED, "CONTINUED" },
		{ WNOHANG | __WALL, "ALL" }, { WNOHANG | __WCLONE, "CLONE" },
		{ WNOHANG | __WNOTHREAD, "NOTHREAD" }, { WNOHANG | 0x100, "bad" },
	};
	static const struct { int options; const char *words; } ids[] = {
		{ WNOHANG | WEXITED, "EXITED" }, { WNOHANG | WSTOPPED, "STOPPED" },
		{ WNOHANG | WCONTINUED, "CONTINUED" }, { WNOHANG, "none" },
		{ WNOHANG | WSTOPPED | WNOWAIT, "STOPPED NOWAIT" },
		{ WNOHANG | WEXITED | WNOWAIT, "EXITED NOWAIT" },
	};
	struct text t = { .n = 0 };
	struct scene s;
	pthread_t thread;

	t.s[0] = '\0';
	if (!again(stage, &s))
		return stage_end(&s);
	/* its stop was told already: one step further is one that was not */
	if (state_of(s.p) == 't') {
		pt(PTRACE_SINGLESTEP, s.p, 0, 0);
		rest(s.p);
	}
	add(&t, " nowait");
	by_waitid(&t, P_ALL, 0, WEXITED | WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT | __WALL);
	by_waitid(&t, P_PID, s.p, WEXITED | WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT | __WALL);
	by_waitid(&t, P_PGID, getpgid(0), WEXITED | WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT | __WALL);
	add(&t, "; thread");
	if (!pthread_create(&thread, NULL, thread_waits, &t))
		pthread_join(thread, NULL);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		add(&t, "; id %s", ids[i].words);
		by_waitid(&t, P_PID, s.p, ids[i].options);
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		add(&t, "; %s", plain[i].words);
		by_wait4(&t, s.p, plain[i].options);
	}
	add(&t, "; exit_code %llx", stat_field(s.p, 52));
	say("%s:%s", stage->name, t.s);
	stage_end(&s);
	/* the same by wait4() alone: each takes it or not */
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		t.n = 0;
		t.s[0] = '\0';
		if (!again(stage, &s))
			return stage_end(&s);
		if (state_of(s.p) == 't') {
			pt(PTRACE_SINGLESTEP, s.p, 0, 0);
			rest(s.p);
		}
		by_wait4(&t, s.p, plain[i].options);
		by_wait4(&t, s.p, plain[i].options);
		by_wait4(&t, s.p, WNOHANG | __WALL | WUNTRACED);
		say("%s wait4 %s twice, then all:%s", stage->name, plain[i].words, t.s);
		stage_end(&s);
	}
}

int main(void)
{
	for (size_t i = 0; i < nstages; i++)
		ask(&stages[i]);
	return finish();
}
