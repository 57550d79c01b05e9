/* sibling.c - a thread of this process that traces, or is just there. */
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sibling.h"

static pthread_t sibling;
static int sibling_go[2], sibling_said[2];
static pid_t sibling_traces;
static bool sibling_lives;

static void *sibling_main(void *unused)
{
	pid_t tid = syscall(SYS_gettid);
	char c;

	if (sibling_traces && (pt(PTRACE_SEIZE, sibling_traces, 0, 0) ||
			       pt(PTRACE_INTERRUPT, sibling_traces, 0, 0)))
		tid = -1;
	if (write(sibling_said[1], &tid, sizeof(tid)) != sizeof(tid) ||
	    read(sibling_go[0], &c, 1) != 1)
		return unused;
	return NULL;
}

pid_t sibling_start(pid_t traces)
{
	pid_t tid;

	sibling_traces = traces;
	if (pipe(sibling_go) || pipe(sibling_said) ||
	    pthread_create(&sibling, NULL, sibling_main, NULL))
		return -1;
	sibling_lives = true;
	if (read(sibling_said[0], &tid, sizeof(tid)) != sizeof(tid))
		return -1;
	return tid;
}

void sibling_end(void)
{
	if (!sibling_lives)
		return;
	if (write(sibling_go[1], "e", 1) == 1)
		pthread_join(sibling, NULL);
	for (int i = 0; i < 2; i++) {
		close(sibling_go[i]);
		close(sibling_said[i]);
	}
	sibling_lives = false;
}
