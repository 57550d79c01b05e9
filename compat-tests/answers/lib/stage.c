/* stage.c - starts tracees, lets them go to their next stop, and ends them all. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "body.h"
#include "sibling.h"
#include "sigchld.h"
#include "stage.h"

const char *stage_abi;
volatile unsigned long stage_word = 0x5157;

const char *stage_program(const char *abi)
{
	static char path[256];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 8);
	char *dash;

	path[n > 0 ? n : 0] = '\0';
	dash = strrchr(path, '-');
	if (abi && dash)
		strcpy(dash + 1, abi);
	return path;
}

/* Children that lose their parent become ours, so that nobody is left. */
static void adopt(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

pid_t stage_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		for (;;)
			pause();
	}
	return pid;
}

static pid_t start(enum body body, int fd)
{
	pid_t pid = fork();
	char b[16], f[16];

	if (pid)
		return pid;
	if (!stage_abi)
		body_run(body, fd);
	snprintf(b, sizeof(b), "%d", body);
	snprintf(f, sizeof(f), "%d", fd);
	execl(stage_program(stage_abi), "tracee", "--body", b, f, NULL);
	_exit(126);
}

bool stage_start(struct scene *s, enum body body, bool seize, unsigned long options)
{
	int ends[2];
	bool good;

	adopt();
	if (pipe(ends))
		return false;
	s->p = start(body, seize ? ends[0] : -1);
	role(s->p, "P");
	close(ends[0]);
	good = !seize || (await_state(s->p, "S") && !pt(PTRACE_SEIZE, s->p, 0, options));
	good = write(ends[1], "g", 1) == 1 && good;
	close(ends[1]);
	if (good && sigchld_blocked())
		sigchld_await(s->p);
	s->status = await(s->p);
	good = good && WIFSTOPPED(s->status) && WSTOPSIG(s->status) == SIGUSR2;
	if (good && !seize && options)
		good = !pt(PTRACE_SETOPTIONS, s->p, 0, options);
	if (!good)
		broken("a tracee with body %d, %s, options %#lx: %s", body,
		       seize ? "seized" : "attached", options, status_words(s->status));
	return good;
}

bool stage_go(struct scene *s, long request, unsigned long data)
{
	bool ask = sigchld_drain();

	if (pt(request, s->p, 0, data))
		return false;
	if (ask)
		sigchld_await(s->p);
	s->status = await(s->p);
	return s->status != -1 && WIFSTOPPED(s->status);
}

bool stage_make(const struct stage *stage, struct scene *s)
{
	adopt();
	sigchld_drain();
	roles_clear();
	*s = (struct scene){ .status = -1 };
	if (stage->make(s)) {
		role(s->p, "P");
		/* the others, too: what they do next is nobody's doing but the asker's */
		if (s->child)
			rest(s->child);
		if (s->p > 0)
			rest(s->p);
		return true;
	}
	broken("stage %s: %s", stage->name, status_words(s->status));
	stage_end(s);
	return false;
}

/* In the stop of its exit a kill does not wake it. */
static void end_one(pid_t pid)
{
	kill(pid, SIGKILL);
	pt(PTRACE_CONT, pid, 0, 0);
}

static void kill_children(void)
{
	char path[64], list[4096], *p = list;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, list, sizeof(list) - 1);
	if (fd >= 0)
		close(fd);
	list[n > 0 ? n : 0] = '\0';
	for (long pid; (pid = strtol(p, &p, 10)) > 0;)
		end_one(pid);
}

void stage_end(struct scene *s)
{
	uint64_t until = now_ms() + PATIENCE_MS;
	int status;

	if (s->helper)
		kill(s->helper, SIGKILL);
	kill_children();
	sibling_end();
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);

		if (pid > 0 && WIFSTOPPED(status))
			pt(PTRACE_CONT, pid, 0, 0);
		if (pid < 0 && errno == ECHILD)
			break;
		if (pid <= 0) {
			nap();
			kill_children();
		}
		if (now_ms() > until) {
			broken("somebody cannot be killed");
			break;
		}
	}
	*s = (struct scene){ .status = -1 };
}
