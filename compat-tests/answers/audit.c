/* audit.c - what the audit log says of a call that a tracer lets be made, changes, skips; and of the tracer's request. */
/* call: 64 */
/* call: 32 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/filter.h"
#include "lib/regs.h"

#define SKIPPED -1L

static int audit = -1;
static bool marked;	/* the mark has come */
static pid_t subject;
static struct text t;

static const char *value_of(const char *record, const char *key)
{
	const char *at = strstr(record, key);

	return at ? at + strlen(key) : "";
}

/* What a record of the subject's says of what is the same each time: a result above 0 is a number of a process. */
static void tell(unsigned int type, const char *record)
{
	static const char *const keys[] = { " arch=", " syscall=", " success=", " a0=", " a1=" };

	if (type == AUDIT_USER)
		marked = true;
	if (type == AUDIT_OBJ_PID)
		add(&t, " [another process]");
	if (type != AUDIT_SYSCALL || atoi(value_of(record, " pid=")) != subject)
		return;
	add(&t, " [call");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = value_of(record, keys[i]);

		add(&t, "%s%.*s", keys[i], (int)strcspn(value, " "), value);
	}
	add(&t, " exit %s]", atol(value_of(record, " exit=")) > 0 ? ">0" : result_words(atol(value_of(record, " exit="))));
}

/* Take the next message: what it is, and errno's number of an answer.  False if none comes. */
static bool receive(unsigned int *type, int *error, char *record, size_t room)
{
	union {
		struct nlmsghdr head;
		char bytes[16384];
	} m;
	ssize_t n = recv(audit, &m, sizeof(m), 0);
	size_t len;

	if (n < (ssize_t)sizeof(m.head))
		return false;
	*type = m.head.nlmsg_type;
	*error = *type == NLMSG_ERROR ? -((struct nlmsgerr *)NLMSG_DATA(&m.head))->error : 0;
	len = n - NLMSG_HDRLEN < (ssize_t)room - 1 ? (size_t)(n - NLMSG_HDRLEN) : room - 1;
	memcpy(record, NLMSG_DATA(&m.head), len);
	record[len] = '\0';
	return true;
}

/* Send it, and wait for the answer; records that come meanwhile are told.  0, or errno's number. */
static int ask(unsigned int type, const void *data, size_t len)
{
	struct {
		struct nlmsghdr head;
		char data[4096];
	} m = { .head = { .nlmsg_len = NLMSG_LENGTH(len), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK } };
	char record[8192];
	unsigned int got;
	int error;

	memcpy(m.data, data, len);
	if (send(audit, &m, m.head.nlmsg_len, 0) < 0)
		return errno;
	while (receive(&got, &error, record, sizeof(record))) {
		if (got == NLMSG_ERROR)
			return error;
		tell(got, record);
	}
	return ETIMEDOUT;
}

/* All records up to now: ours is the last. */
static void collect(void)
{
	static const char mark[] = "that is all";
	char record[8192];
	unsigned int type;
	int error;

	marked = false;
	if (ask(AUDIT_USER, mark, sizeof(mark)))
		return broken("a mark in the log");
	while (!marked && receive(&type, &error, record, sizeof(record)))
		tell(type, record);
	if (!marked)
		broken("the mark does not come");
}

static int set(unsigned int enabled)
{
	struct audit_status s = {
		.mask = AUDIT_STATUS_ENABLED | AUDIT_STATUS_PID, .enabled = enabled, .pid = enabled ? getpid() : 0,
	};

	return ask(AUDIT_SET, &s, sizeof(s));
}

/* The calls of @pid that are asked about here, and ptrace() of ours. */
static int rule(unsigned int type, pid_t pid)
{
	static const int calls[] = { SYS_getpid, SYS_getuid, SYS_getppid, SYS_ptrace };
	struct audit_rule_data r = {
		.flags = AUDIT_FILTER_EXIT, .action = AUDIT_ALWAYS, .field_count = 1,
		.fields = { AUDIT_PID }, .values = { pid }, .fieldflags = { AUDIT_EQUAL },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		r.mask[AUDIT_WORD(calls[i])] |= AUDIT_BIT(calls[i]);
	return ask(type, &r, sizeof(r));
}

static pid_t start(bool filtered)
{
	pid_t pid = fork();

	if (!pid) {
		pid_t me = getpid();

		ptrace(PTRACE_TRACEME, 0, 0, 0);
		if (filtered && !filter_call(SYS_getpid, SECCOMP_RET_TRACE | 7))
			_exit(1);
		kill(me, SIGSTOP);
		syscall(SYS_getpid, 1, 2, 3, 4);
		syscall(SYS_exit, 0);
	}
	if (await(pid) != (SIGSTOP << 8 | 0x7f) ||
	    ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP)) {
		broken("a tracee");
		return -1;
	}
	return pid;
}

/* How the call is brought to its entry, what is changed there and at its exit, and whether it ends there. */
struct way {
	const char *name;
	long request;		/* to come to the entry; PTRACE_CONT: by a filter, or not at all */
	bool filtered;
	long number, arg;	/* 0: as they are */
	bool result;
	long next;		/* from there; PTRACE_KILL */
};

static const struct way ways[] = {
	{ "made without a stop", PTRACE_CONT, false, 0, 0, false, 0 },
	{ "both stops", PTRACE_SYSCALL, false, 0, 0, false, PTRACE_SYSCALL },
	{ "entry stop only", PTRACE_SYSCALL, false, 0, 0, false, PTRACE_CONT },
	{ "other arguments", PTRACE_SYSCALL, false, 0, 0x77, false, PTRACE_SYSCALL },
	{ "another number", PTRACE_SYSCALL, false, SYS_getuid, 0, false, PTRACE_SYSCALL },
	{ "skipped", PTRACE_SYSCALL, false, SKIPPED, 0, false, PTRACE_SYSCALL },
	{ "another result", PTRACE_SYSCALL, false, 0, 0, true, PTRACE_SYSCALL },
	{ "SYSEMU", PTRACE_SYSEMU, false, 0, 0, false, PTRACE_CONT },
	{ "killed at the entry", PTRACE_SYSCALL, false, 0, 0, false, PTRACE_KILL },
	{ "stepped over", PTRACE_CONT, false, 0, 0, false, PTRACE_SINGLESTEP },
	{ "a filter's stop", PTRACE_CONT, true, 0, 0, false, PTRACE_CONT },
	{ "a filter's stop, other arguments", PTRACE_CONT, true, 0, 0x78, false, PTRACE_SYSCALL },
	{ "a filter's stop, another number", PTRACE_CONT, true, SYS_getppid, 0, false, PTRACE_CONT },
	{ "a filter's stop, skipped", PTRACE_CONT, true, SKIPPED, 0, false, PTRACE_CONT },
	{ "both stops and a filter's", PTRACE_SYSCALL, true, SYS_getuid, 0, false, PTRACE_SYSCALL },
};

static void change(pid_t pid, const struct way *w)
{
	regs_t r;

	if (!regs_get(pid, &r))
		return broken("%s: registers", w->name);
	if (w->number)
		r.orig_ax = w->number;
#ifdef __i386__
	if (w->arg)
		r.bx = w->arg;
#else
	if (w->arg)
		r.di = w->arg;
#endif
	if (!regs_set(pid, &r))
		broken("%s: registers", w->name);
}

static void one(const struct way *w)
{
	pid_t pid = start(w->filtered);
	int status = 0, stops = 0;
	bool steps = w->next == PTRACE_SINGLESTEP;

	t.n = 0;
	t.s[0] = '\0';
	if (pid < 0)
		return;
	subject = pid;
	if (rule(AUDIT_ADD_RULE, pid))
		return broken("%s: a rule", w->name);
	ptrace(steps ? PTRACE_SINGLESTEP : w->request, pid, 0, 0);
	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		if (!steps && !stops++)
			change(pid, w);
		else if (w->result && stops == 2) {
			regs_t r;

			if (regs_get(pid, &r)) {
				r.ax = 99;
				regs_set(pid, &r);
			}
		}
		if (w->next == PTRACE_KILL)
			kill(pid, SIGKILL);
		else
			ptrace(w->next ? w->next : PTRACE_CONT, pid, 0, 0);
	}
	collect();
	rule(AUDIT_DEL_RULE, pid);
	say("%s:%s", w->name, t.n ? t.s : " nothing");
}

/* The tracer's own call names the tracee. */
static void tracer(bool seize)
{
	pid_t pid = fork(), by;

	t.n = 0;
	t.s[0] = '\0';
	if (!pid)
		for (;;)
			pause();
	by = fork();
	if (!by) {
		raise(SIGSTOP);
		ptrace(seize ? PTRACE_SEIZE : PTRACE_ATTACH, pid, 0, 0);
		_exit(0);
	}
	if (waitpid(by, NULL, WUNTRACED) != by || rule(AUDIT_ADD_RULE, by))
		return broken("a tracer");
	kill(by, SIGCONT);
	waitpid(by, NULL, 0);
	collect();
	rule(AUDIT_DEL_RULE, by);
	/* its third argument and result are numbers of a process */
	say("%s: %s", seize ? "SEIZE" : "ATTACH", strstr(t.s, "[another process]") ? "names the tracee" : "names nobody");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	const struct timeval patience = { .tv_sec = 20 };

	audit = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	if (audit < 0 || setsockopt(audit, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) || set(1)) {
		broken("audit");
		return finish();
	}
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		one(&ways[i]);
	tracer(false);
	tracer(true);
	set(0);
	return finish();
}
