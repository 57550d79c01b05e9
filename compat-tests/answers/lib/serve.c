/* serve.c - a tracer of all threads of a process, which tells thread by thread what it is told. */
#include <linux/ptrace.h>
#include <signal.h>
#include <sys/wait.h>

#include "serve.h"
#include "walk.h"

#define MAX_THREADS 8

static const char *const names[MAX_THREADS] = { "P", "T1", "T2", "T3", "T4", "T5", "T6", "T7" };
static pid_t known[MAX_THREADS];
static struct text told[MAX_THREADS];
static unsigned int reports[MAX_THREADS];
static size_t n;

/* Traced or not, every thread of the process. */
static void rest_group(pid_t pid)
{
	pid_t tids[MAX_THREADS * 2];
	size_t found = threads_of(pid, tids, MAX_THREADS * 2);

	for (size_t i = 0; i < found; i++)
		rest(tids[i]);
}

/* Go on, if it is still in the stop it told of: a kill may have brought it to another meanwhile. */
static void resume(pid_t pid, long request, unsigned long data)
{
	siginfo_t info = { .si_pid = 0 };

	rest(pid);
	if (!waitid(P_PID, pid, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) && !info.si_pid)
		pt(request, pid, 0, data);
}

/* One report of thread @i, if there is one. */
static bool serve_one(size_t i, long request)
{
	unsigned long message = 0;
	int status;

	rest(known[i]);
	if (waitpid(known[i], &status, __WALL | WNOHANG) != known[i])
		return false;
	add(&told[i], " %s", stop_words(known[i], status));
	if (!WIFSTOPPED(status))
		return true;
	if (status >> 16 && !pt(PTRACE_GETEVENTMSG, known[i], 0, P(&message))) {
		if (status >> 16 == PTRACE_EVENT_CLONE && n < MAX_THREADS) {
			size_t born = n++;

			known[born] = message;
			told[born].n = 0;
			reports[born] = 0;
			told[born].s[0] = '\0';
			role(message, names[born]);
			add(&told[i], "=%s", names[born]);
			rest(message);
			serve_one(born, request);
			rest(message);
		} else if (status >> 16 == PTRACE_EVENT_EXEC) {
			add(&told[i], "=%s", who(message));
		} else {
			add(&told[i], "=%lx", message);
		}
	}
	resume(known[i], ++reports[i] > 8 ? PTRACE_CONT : request, signal_of(status) == SIGSTOP ? 0 : signal_of(status));
	return true;
}

void serve(struct text *t, pid_t pid, long request)
{
	uint64_t until = now_ms() + PATIENCE_MS;

	n = 1;
	known[0] = pid;
	told[0].n = 0;
	reports[0] = 0;
	told[0].s[0] = '\0';
	pt(request, pid, 0, 0);
	for (int quiet = 0; quiet < 3 && now_ms() < until;) {
		rest_group(pid);
		quiet++;
		for (size_t i = 0; i < n; i++)
			if (serve_one(i, request))
				quiet = 0;
	}
	for (size_t i = 0; i < n; i++)
		add(t, " %s:%s, %c;", names[i], told[i].s, state_of(known[i]));
}
