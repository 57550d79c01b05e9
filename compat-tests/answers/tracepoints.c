/* tracepoints.c - what the kernel's tracepoints of calls, signals and lives say of a thread that ptrace works on. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
#include <ctype.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/filter.h"
#include "lib/regs.h"
#include "lib/stage.h"
#include "lib/walk.h"

/* An instance of its own, with a clock that counts events: their order on all CPUs. */
#define INSTANCE "/sys/kernel/tracing/instances/answers"

static const char *const events[] = {
	"raw_syscalls/sys_enter", "raw_syscalls/sys_exit", "signal/signal_generate", "signal/signal_deliver",
	"sched/sched_process_fork", "sched/sched_process_exec", "sched/sched_process_exit", "task/task_newtask",
};

static bool open_instance(void)
{
	bool good = !mkdir(INSTANCE, 0700) || errno == EEXIST;

	good = good && put_file(INSTANCE "/trace_clock", "counter");
	for (size_t i = 0; good && i < sizeof(events) / sizeof(events[0]); i++) {
		char path[160];

		snprintf(path, sizeof(path), INSTANCE "/events/%s/enable", events[i]);
		good = put_file(path, "1");
	}
	return good && put_file(INSTANCE "/tracing_on", "0");
}

/* wait() can end before the tracee has sent its SIGCHLD: let it. */
static void let_others_run(void)
{
	const struct timespec some = { 0, 2000000 };

	nanosleep(&some, NULL);
}

static bool begin(void)
{
	let_others_run();
	return !truncate(INSTANCE "/trace", 0) && put_file(INSTANCE "/tracing_on", "1");
}

/* The value after @key in @s, -1 if there is none. */
static long long value(const char *s, const char *key)
{
	const char *at = strstr(s, key);

	return at ? strtoll(at + strlen(key), NULL, 10) : -1;
}

/* Signals that were sent to tracers: those before the last kind, and that one. */
struct told {
	struct text before, last;
	unsigned int times;
};

static void finish_told(struct told *told)
{
	if (told->times)
		add(&told->before, "%s x%u", told->last.s, told->times);
	told->times = 0;
}

static bool known(pid_t pid)
{
	return strcmp(who(pid), "me") && isupper((unsigned char)who(pid)[0]);
}

/* Arguments and results that are addresses or numbers of processes are nobody's business. */
static void add_call(struct text *t, bool enter, const char *rest)
{
	long long nr = value(rest, "NR "), result = value(rest, " = ");
	const char *first = strchr(rest, '(');

	add(t, "%s %lld", enter ? "enter" : "exit", nr);
	if (!enter && result <= 0)
		add(t, " %s", result_words((int)result));
	else if (!enter)
		add(t, " %s", result == 42 ? "42" : "positive");
	else if (nr == SYS_close && first)
		add(t, "(%llu)", strtoull(first + 1, NULL, 16));
}

static void add_generate(struct text *t, pid_t pid, pid_t other, const char *rest)
{
	add(t, " %s:generate(%s code %lld errno %lld for %s group %lld result %lld)", who(pid),
	    signal_word((int)value(rest, "sig=")), value(rest, "code="), value(rest, "errno="), who(other),
	    value(rest, "grp="), value(rest, "res="));
}

/* What the last of @told says once more is counted. */
static void add_told(struct told *told, pid_t pid, pid_t other, const char *rest)
{
	static struct text one;

	one.n = 0;
	add_generate(&one, pid, other, rest);
	if (told->times && !strcmp(one.s, told->last.s)) {
		told->times++;
		return;
	}
	finish_told(told);
	told->last = one;
	told->times = 1;
}

/*
 * An event of @pid, if it is told.  SIGCHLD for a tracer goes to @told: it may
 * wait() before that is sent, so it has no place in the order of the others.
 */
static void add_event(struct text *t, struct told *told, pid_t pid, const char *event, const char *rest)
{
	pid_t other = (pid_t)value(rest, " pid=");

	if (!strcmp(event, "signal_generate")) {
		if (known(other))
			add_generate(t, pid, other, rest);
		else if (known(pid))
			add_told(told, pid, other, rest);
		return;
	}
	if (!known(pid))
		return;
	add(t, " %s:", who(pid));
	if (!strcmp(event, "sys_enter") || !strcmp(event, "sys_exit"))
		add_call(t, !strcmp(event, "sys_enter"), rest);
	else if (!strcmp(event, "signal_deliver"))
		add(t, "deliver(%s code %lld errno %lld flags %llx)", signal_word((int)value(rest, "sig=")),
		    value(rest, "code="), value(rest, "errno="),
		    (unsigned long long)strtoull(strstr(rest, "sa_flags=") + 9, NULL, 16) & ~0x04000000ULL);
	else if (!strcmp(event, "task_newtask"))
		add(t, "newtask(flags %llx)",
		    (unsigned long long)strtoull(strstr(rest, "clone_flags=") + 12, NULL, 16));
	else
		add(t, "%s", event);
}

/* "  name-PID  [cpu] flags count: event: rest" */
static void add_line(struct text *t, struct told *told, char *line)
{
	char *bracket = strstr(line, " ["), *event, *rest, *p = bracket;

	if (line[0] == '#' || !bracket)
		return;
	while (p > line && p[-1] != '-')
		p--;
	event = strstr(bracket, ": ");
	rest = event ? strstr(event + 2, ": ") : NULL;
	/* sys_enter writes "sys_enter: NR", too */
	if (!rest)
		return;
	*rest = '\0';
	add_event(t, told, (pid_t)strtol(p, NULL, 10), event + 2, rest + 1);
}

/* What was recorded since begin(), then what became known to the tracer. */
static void end(const char *name, struct text *seen)
{
	static struct text t;
	static struct told told;
	char line[1024];
	FILE *f;

	t.n = told.before.n = 0;
	t.s[0] = told.before.s[0] = '\0';
	let_others_run();
	put_file(INSTANCE "/tracing_on", "0");
	f = fopen(INSTANCE "/trace", "re");
	while (f && fgets(line, sizeof(line), f))
		add_line(&t, &told, line);
	finish_told(&told);
	if (!f || !t.n)
		broken("%s: nothing was recorded", name);
	else
		say("%s:%s |%s |%s", name, seen->s, t.s, told.before.s);
	if (f)
		fclose(f);
}

/* What tracees do. */

static void handler(int sig)
{
	(void)sig;
}

static void call_close(void)
{
	syscall(SYS_close, 77);
	syscall(SYS_getppid);
	syscall(SYS_close, 78);
}

static void call_filtered(void)
{
	if (!filter_call(SYS_getppid, SECCOMP_RET_TRACE | 5))
		_exit(3);
	call_close();
}

static void raise_usr1(void)
{
	signal(SIGUSR1, handler);
	signal(SIGUSR2, handler);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
	syscall(SYS_close, 77);
}

static void raise_blocked(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise_usr1();
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void raise_ignored(void)
{
	signal(SIGUSR1, SIG_IGN);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGWINCH);
}

static void raise_stop(void)
{
	syscall(SYS_kill, getpid(), SIGTSTP);
	syscall(SYS_close, 77);
}

static void fault(void)
{
	volatile int *volatile nowhere = NULL;

	*nowhere = 1;
}

static void make_child(void)
{
	if (fork())
		return;
	for (;;)
		pause();
}

static void leave(void)
{
	_exit(3);
}

static void new_program(void)
{
	execl("/nonesuch", "none", NULL);
	execl(stage_program(NULL), "tracee", "--body", "0", "-1", NULL);
}

/* What the tracer does at each stop, after the first. */
enum twist {
	NONE, OTHER_CALL, NO_CALL, OTHER_ARGUMENT, OTHER_RESULT, DROP, ANOTHER, KILL, LET_GO, LET_GO_WITH,
};

/* False if the kernel did not take them. */
static bool twist_registers(pid_t pid, enum twist twist)
{
	struct ptrace_syscall_info info;
	bool entry;
	regs_t r;

	if (pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), P(&info)) <= 0 || !regs_get(pid, &r))
		return true;
	entry = info.op == PTRACE_SYSCALL_INFO_ENTRY || info.op == PTRACE_SYSCALL_INFO_SECCOMP;
	if (!entry && info.op != PTRACE_SYSCALL_INFO_EXIT)
		return true;
	if (twist == OTHER_CALL && entry)
		r.orig_ax = SYS_getpgrp;
	else if (twist == NO_CALL && entry)
		r.orig_ax = -1;
	else if (twist == OTHER_RESULT && !entry)
		r.ax = 42;
	else if (twist == OTHER_ARGUMENT && entry)
#ifdef __i386__
		r.bx = 55;
#else
		r.di = 55;
#endif
	else
		return true;
	return regs_set(pid, &r);
}

static int twisted_signal(enum twist twist, int sig)
{
	if (sig != SIGUSR1 && sig != SIGTSTP && sig != SIGSEGV)
		return sig;
	return twist == DROP ? 0 : twist == ANOTHER ? SIGUSR2 : sig;
}

/* As many stops as there are, at most @stops, each left by @request. */
static void go(struct scene *s, struct text *seen, long request, enum twist twist, int stops)
{
	int status = walk(seen, s->p, request, 0);

	for (int n = 0; n < stops && status; n++) {
		int sig = twisted_signal(twist, signal_of(status));

		if (!twist_registers(s->p, twist))
			broken("registers were not taken");
		if (n == 2 && twist == KILL) {
			kill(s->p, SIGKILL);
			walk_on(seen, s->p);
			return;
		}
		if (n == 2 && (twist == LET_GO || twist == LET_GO_WITH)) {
			walk(seen, s->p, PTRACE_DETACH, twist == LET_GO ? 0 : SIGUSR1);
			return;
		}
		status = walk(seen, s->p, request, sig);
	}
}

static const struct {
	const char *name;
	void (*body)(void);
	long request;
	enum twist twist;
	unsigned long options;
	int stops;
} cases[] = {
	{ "calls, not stopped at", call_close, PTRACE_CONT, NONE, 0, 3 },
	{ "calls", call_close, PTRACE_SYSCALL, NONE, 0, 8 },
	{ "calls, other numbers", call_close, PTRACE_SYSCALL, OTHER_CALL, 0, 8 },
	{ "calls, no number", call_close, PTRACE_SYSCALL, NO_CALL, 0, 8 },
	{ "calls, other arguments", call_close, PTRACE_SYSCALL, OTHER_ARGUMENT, 0, 8 },
	{ "calls, other results", call_close, PTRACE_SYSCALL, OTHER_RESULT, 0, 8 },
	{ "calls, killed at one", call_close, PTRACE_SYSCALL, KILL, 0, 8 },
	{ "calls, let go at one", call_close, PTRACE_SYSCALL, LET_GO, 0, 8 },
	{ "calls, let go with a signal", raise_usr1, PTRACE_SYSCALL, LET_GO_WITH, 0, 8 },
	{ "emulated", call_close, PTRACE_SYSEMU, NONE, 0, 4 },
	{ "emulated, other numbers", call_close, PTRACE_SYSEMU, OTHER_CALL, 0, 4 },
	{ "emulated step by step", call_close, PTRACE_SYSEMU_SINGLESTEP, NONE, 0, 12 },
	{ "emulated, let go at one", call_close, PTRACE_SYSEMU, LET_GO, 0, 4 },
	{ "stepped", call_close, PTRACE_SINGLESTEP, NONE, 0, 12 },
	{ "a filter's", call_filtered, PTRACE_CONT, NONE, PTRACE_O_TRACESECCOMP, 4 },
	{ "a filter's, no option", call_filtered, PTRACE_CONT, NONE, 0, 4 },
	{ "a filter's, other numbers", call_filtered, PTRACE_CONT, OTHER_CALL, PTRACE_O_TRACESECCOMP, 4 },
	{ "a filter's, no number", call_filtered, PTRACE_CONT, NO_CALL, PTRACE_O_TRACESECCOMP, 4 },
	{ "a filter's, and calls", call_filtered, PTRACE_SYSCALL, NONE, PTRACE_O_TRACESECCOMP, 16 },
	{ "a filter's, and calls, no number", call_filtered, PTRACE_SYSCALL, NO_CALL, PTRACE_O_TRACESECCOMP, 16 },
	{ "a filter's, emulated", call_filtered, PTRACE_SYSEMU, NONE, PTRACE_O_TRACESECCOMP, 4 },
	{ "signal passed on", raise_usr1, PTRACE_CONT, NONE, 0, 4 },
	{ "signal dropped", raise_usr1, PTRACE_CONT, DROP, 0, 4 },
	{ "signal changed", raise_usr1, PTRACE_CONT, ANOTHER, 0, 4 },
	{ "signal changed to one that is blocked", raise_blocked, PTRACE_CONT, ANOTHER, 0, 6 },
	{ "signal ignored", raise_ignored, PTRACE_CONT, NONE, 0, 6 },
	{ "signal and calls", raise_usr1, PTRACE_SYSCALL, NONE, 0, 20 },
	{ "signal and steps", raise_usr1, PTRACE_SINGLESTEP, NONE, 0, 12 },
	{ "stop signal passed on", raise_stop, PTRACE_CONT, NONE, 0, 4 },
	{ "stop signal dropped", raise_stop, PTRACE_CONT, DROP, 0, 4 },
	{ "fault passed on", fault, PTRACE_CONT, NONE, 0, 4 },
	{ "fault dropped", fault, PTRACE_CONT, DROP, 0, 4 },
	{ "fault changed", fault, PTRACE_CONT, ANOTHER, 0, 4 },
	{ "child", make_child, PTRACE_CONT, NONE, 0, 4 },
	{ "child, stopped for", make_child, PTRACE_CONT, NONE, PTRACE_O_TRACEFORK, 4 },
	{ "end", leave, PTRACE_CONT, NONE, 0, 4 },
	{ "end, stopped for", leave, PTRACE_CONT, NONE, PTRACE_O_TRACEEXIT, 4 },
	{ "end at calls", leave, PTRACE_SYSCALL, NONE, PTRACE_O_TRACEEXIT, 8 },
	{ "new program", new_program, PTRACE_CONT, NONE, 0, 4 },
	{ "new program, stopped for", new_program, PTRACE_CONT, NONE, PTRACE_O_TRACEEXEC, 4 },
	{ "new program, calls", new_program, PTRACE_SYSCALL, NONE, PTRACE_O_TRACEEXEC, 12 },
};

static void one(size_t n, bool seize)
{
	struct scene s = { .status = -1 };
	struct text seen = { .n = 0 };
	char name[128];

	seen.s[0] = '\0';
	roles_clear();
	role(getpid(), "me");
	own_body = cases[n].body;
	snprintf(name, sizeof(name), "%s, %s", cases[n].name, seize ? "seized" : "attached");
	if (!stage_start(&s, BODY_OWN, seize, cases[n].options | PTRACE_O_TRACESYSGOOD) || !begin()) {
		broken("%s", name);
	} else {
		go(&s, &seen, cases[n].request, cases[n].twist, cases[n].stops);
		end(name, &seen);
	}
	stage_end(&s);
}

/* Requests that make signals, or none. */
static void asked(const char *name, long attach, long then, unsigned long data)
{
	struct scene s = { .p = stage_child(), .status = -1 };
	struct text seen = { .n = 0 };

	seen.s[0] = '\0';
	roles_clear();
	role(getpid(), "me");
	role(s.p, "P");
	await_state(s.p, "S");
	if (!begin())
		broken("%s", name);
	add(&seen, " %s", answer(pt(attach, s.p, 0, 0)));
	if (attach == PTRACE_SEIZE)
		add(&seen, " %s", answer(pt(PTRACE_INTERRUPT, s.p, 0, 0)));
	walk_on(&seen, s.p);
	walk(&seen, s.p, then, data);
	kill(s.p, SIGCONT);
	walk_on(&seen, s.p);
	walk(&seen, s.p, PTRACE_CONT, SIGCONT);
	end(name, &seen);
	stage_end(&s);
}

/* On one CPU no tracee is ahead of the end of a call that wakes it. */
static bool one_cpu(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	return !sched_setaffinity(0, sizeof(first), &first);
}

int main(void)
{
	if (!one_cpu())
		broken("one CPU: %s", errno_word(errno));
	if (!open_instance())
		broken("an instance of the tracer: %s", errno_word(errno));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		one(i, true);
		one(i, false);
	}
	asked("attach, on", PTRACE_ATTACH, PTRACE_CONT, 0);
	asked("attach, on with its SIGSTOP", PTRACE_ATTACH, PTRACE_CONT, SIGSTOP);
	asked("attach, let go", PTRACE_ATTACH, PTRACE_DETACH, 0);
	asked("attach, let go with a signal", PTRACE_ATTACH, PTRACE_DETACH, SIGUSR1);
	asked("attach, kill", PTRACE_ATTACH, PTRACE_KILL, 0);
	asked("seize, on", PTRACE_SEIZE, PTRACE_CONT, 0);
	asked("seize, on with a signal", PTRACE_SEIZE, PTRACE_CONT, SIGUSR1);
	asked("seize, let go", PTRACE_SEIZE, PTRACE_DETACH, 0);
	asked("seize, let go with a signal", PTRACE_SEIZE, PTRACE_DETACH, SIGUSR1);
	asked("seize, listen", PTRACE_SEIZE, PTRACE_LISTEN, 0);
	rmdir(INSTANCE);
	return finish();
}
