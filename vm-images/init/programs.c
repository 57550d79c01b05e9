/* programs.c - runs the programs of a job, each alone in the guest, and sends what they print. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define MAX_ARGS 32
/* Attempts, 50 ms apart, to end processes and to unload modules. */
#define ATTEMPTS 200

struct program {
	char text[4096];	/* of the job */
	unsigned int seconds;
	char *argv[MAX_ARGS + 1];
};

/* What the program printed. */
static char out[FRAME_MAX - 4096];
static size_t nout, nsent;

static bool parse(struct program *p, const char *blob, size_t len)
{
	char *line, *save = NULL;
	int n = 0;

	if (len >= sizeof(p->text))
		return false;
	memcpy(p->text, blob, len);
	p->text[len] = '\0';
	line = strtok_r(p->text, "\n", &save);
	p->seconds = line ? atoi(line) : 0;
	while (n < MAX_ARGS && (line = strtok_r(NULL, "\n", &save)))
		p->argv[n++] = line;
	p->argv[n] = NULL;
	return p->seconds && n;
}

/* Complete lines go out at once, for whoever watches; a guest that prints is alive. */
static void send_lines(void)
{
	char *end;

	while (nsent < nout && (end = memchr(out + nsent, '\n', nout - nsent))) {
		frame_send(FRAME_NOTE, NULL, 0, out + nsent, end - (out + nsent));
		nsent = end + 1 - out;
	}
}

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void add(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	nout += vsnprintf(out + nout, sizeof(out) - nout, format, ap);
	va_end(ap);
	if (nout >= sizeof(out))
		nout = sizeof(out) - 1;
}

static void start_line(void)
{
	if (nout && out[nout - 1] != '\n')
		add("\n");
}

static pid_t start(const struct program *p, int write_end)
{
	char *const env[] = { "PATH=/bin", "HOME=/tmp", "TERM=dumb", NULL };
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	dup2(write_end, 1);
	dup2(write_end, 2);
	chdir("/tmp");
	execve(p->argv[0], p->argv, env);
	dprintf(2, "%s: %s\n", p->argv[0], strerror(errno));
	_exit(127);
}

/* Take in what the pipe holds; false at its end.  What does not fit is lost. */
static bool drain(int fd)
{
	static char lost[4096];
	ssize_t n;

	for (;;) {
		size_t room = sizeof(out) - 256 - nout;

		n = room ? read(fd, out + nout, room) : read(fd, lost, sizeof(lost));
		if (n <= 0)
			break;
		if (room)
			nout += n;
		send_lines();
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Reap until nothing is to be had; true when @pid was among it. */
static bool reap(pid_t pid, int *status)
{
	bool got = false;
	pid_t who;
	int st;

	while ((who = waitpid(-1, &st, WNOHANG)) > 0)
		if (who == pid) {
			*status = st;
			got = true;
		}
	return got;
}

/* The program has its time, to end and to close what it prints to; its wait status, or -1. */
static int watch(const struct program *p, pid_t pid, int fd)
{
	uint64_t until = guest_ns() + p->seconds * 1000000000ull;
	bool ended = false;
	int status = -1;

	while (!ended && guest_ns() < until) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };

		poll(&pfd, 1, 20);
		drain(fd);
		ended = reap(pid, &status);
		/* its children may keep the pipe open: then poll() does not wait */
		if (pfd.revents & POLLHUP && !(pfd.revents & POLLIN))
			usleep(20000);
	}
	return ended ? status : -1;
}

/* End everybody else; false when somebody does not end. */
static bool end_all(void)
{
	int status;

	for (int i = 0; i < ATTEMPTS; i++) {
		kill(-1, SIGKILL);
		reap(-1, &status);
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return true;
		usleep(50000);
	}
	return false;
}

/* Name the processes that cannot be ended, with where they sleep. */
static void name_left(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		int pid = atoi(e->d_name), parent;
		char path[64], text[2048], *p;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		if (pid < 3 || read_text(path, text, sizeof(text)) <= 0)
			continue;
		p = strrchr(text, ')');
		/* kernel threads are children of 2 */
		if (!p || sscanf(p + 1, " %*c %d", &parent) != 1 || parent == 2)
			continue;
		add("# left: %.*s\n", (int)(p + 3 - text), text);
		snprintf(path, sizeof(path), "/proc/%d/stack", pid);
		if (read_text(path, text, sizeof(text)) <= 0)
			continue;
		for (p = strtok(text, "\n"); p; p = strtok(NULL, "\n"))
			add("#   %s\n", p);
	}
	if (d)
		closedir(d);
}

/* Unload every module, as the next program expects; true when none is left. */
static bool unload_all(void)
{
	char text[4096], name[64];

	for (int i = 0; i < ATTEMPTS; i++) {
		char *line = text;

		if (read_text("/proc/modules", text, sizeof(text)) <= 0)
			return true;
		while (line && sscanf(line, "%63s", name) == 1) {
			syscall(SYS_delete_module, name, O_NONBLOCK);
			line = strchr(line, '\n');
			line = line && line[1] ? line + 1 : NULL;
		}
		if (read_text("/proc/modules", text, sizeof(text)) <= 0)
			return true;
		usleep(50000);
	}
	start_line();
	add("# modules left: %.1000s\n", text);
	return false;
}

static bool run_one(const struct job_case *c, const char *blob)
{
	struct frame_case fc = { .id = c->id, .repeat = c->first_repeat, .guest_ns = guest_ns() };
	static struct program p;
	uint64_t begun = guest_ns();
	const char *report;
	int ends[2], status = -1;
	bool left;
	size_t len;
	pid_t pid;

	frame_send(FRAME_BEGIN, &fc, sizeof(fc), NULL, 0);
	nout = nsent = 0;
	set_sysctls();
	if (!parse(&p, blob, c->len) || pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
		frame_send(FRAME_ERROR, &fc, sizeof(fc), "the job is damaged", 18);
		return false;
	}
	/* only our end does not block */
	fcntl(ends[1], F_SETFL, 0);
	pid = start(&p, ends[1]);
	close(ends[1]);
	if (pid > 0)
		status = watch(&p, pid, ends[0]);
	left = !end_all();
	drain(ends[0]);
	close(ends[0]);
	start_line();
	if (left) {
		add("not ok - processes cannot be ended\n");
		name_left();
	}
	if (!unload_all())
		add("not ok - modules cannot be unloaded\n");
	if (status == -1)
		add("not ok - ended within %u seconds of guest time\n# timed out\n", p.seconds);
	else if (WIFEXITED(status))
		add("# exit status %d\n", WEXITSTATUS(status));
	else
		add("# killed by signal %d\n", WTERMSIG(status));
	send_lines();
	report = kmsg_reports(&len);
	fc.guest_ns = guest_ns();
	fc.took_ns = fc.guest_ns - begun;
	if (report)
		frame_send(FRAME_KMSG, &fc, sizeof(fc), report, len);
	frame_send(FRAME_RESULT, &fc, sizeof(fc), out, nout);
	empty_tmp();
	return true;
}

int run_programs(const void *map, size_t len)
{
	const struct job_head *job = map;
	uint64_t at = sizeof(*job);
	uint32_t results = 0;

	for (uint32_t i = 0; i < job->count; i++) {
		const struct job_case *c = (const void *)((const char *)map + at);

		if (at + sizeof(*c) > len || at + sizeof(*c) + c->len > len)
			break;
		at += sizeof(*c);
		results += run_one(c, (const char *)map + at);
		at += (c->len + 7) & ~7u;
	}
	frame_send(FRAME_BYE, NULL, 0, &results, sizeof(results));
	return 0;
}
