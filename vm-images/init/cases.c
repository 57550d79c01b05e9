/* cases.c - runs the cases of a job, each repeat under a watcher of its own, and sends what came of them. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"

#define WATCHER "/bin/interp64"
#define FIRST_PID "100000"
#define WATCHER_SECONDS 120

static struct request *req;
static int req_fd = -1, job_fd = -1;

static void on_alarm(int sig)
{
	(void)sig;
}

static bool open_request(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };

	req_fd = memfd_create("request", MFD_CLOEXEC);
	job_fd = open("/job", O_RDONLY | O_CLOEXEC);
	if (req_fd < 0 || job_fd < 0 || ftruncate(req_fd, sizeof(*req)))
		return false;
	req = mmap(NULL, sizeof(*req), PROT_READ | PROT_WRITE, MAP_SHARED, req_fd, 0);
	if (req == MAP_FAILED)
		return false;
	req->magic = REQUEST_MAGIC;
	req->ncpus = online_cpus;
	sigaction(SIGALRM, &sa, NULL);
	return true;
}

/* Run the watcher; its wait status, or -1 when it had to be killed. */
static int watcher(const char *mode)
{
	struct itimerval limit = { .it_value.tv_sec = WATCHER_SECONDS, .it_interval.tv_sec = 1 };
	struct itimerval off = { .it_value.tv_sec = 0 };
	char *const argv[] = { WATCHER, (char *)mode, NULL }, *const env[] = { NULL };
	bool killed = false;
	int status;
	pid_t pid;

	req->answer = ANSWER_NONE;
	req->len = 0;
	req->note[0] = '\0';
	/* the same numbers in each repeat: what depends on a pid does not depend on what ran before */
	write_text("/proc/sys/kernel/ns_last_pid", FIRST_PID);
	pid = fork();
	if (!pid) {
		dup2(req_fd, 100);
		dup2(job_fd, 101);
		dup2(100, REQUEST_FD);
		dup2(101, JOB_FD);
		close(100);
		close(101);
		execve(WATCHER, argv, env);
		_exit(127);
	}
	setitimer(ITIMER_REAL, &limit, NULL);
	for (;;) {
		pid_t got = waitpid(-1, &status, 0);

		if (got == pid)
			break;
		if (got < 0 && errno == EINTR) {
			killed = true;
			kill(-1, SIGKILL);
		} else if (got < 0) {
			break;
		}
	}
	setitimer(ITIMER_REAL, &off, NULL);
	return killed ? -1 : status;
}

static void send_error(struct frame_case *fc, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The watcher is the reaper of all that a case makes, and reaps it: whoever
 * outlived it and became a child of ours was lost on the way.  Ended, and an
 * error, unless the watcher did not get to its end: then that is the error.
 */
static void reap_rest(struct frame_case *fc, int status)
{
	unsigned int ended = 0;
	int left = 0;

	for (int i = 0; i < 100; i++) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0)
			break;
		left = pid == 0;
		ended += pid > 0;
		if (!left)
			continue;
		kill(-1, SIGKILL);
		usleep(1000);
	}
	if ((ended || left) && !status)
		send_error(fc, "%u processes outlived the watcher%s", ended,
			   left ? ", some cannot be ended" : "");
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t x = a ^ (b + 1) * 0x9e3779b97f4a7c15ull;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

static void send_error(struct frame_case *fc, const char *format, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	frame_send(FRAME_ERROR, fc, sizeof(*fc), text, strlen(text));
}

/* One repeat; true when a RESULT was sent. */
static bool run_one(const struct job_head *job, const struct job_case *c, uint64_t blob, uint32_t repeat)
{
	struct frame_case fc = { .id = c->id, .repeat = repeat, .guest_ns = guest_ns() };
	const char *report;
	bool sent = false;
	size_t len;
	int status;

	frame_send(FRAME_BEGIN, &fc, sizeof(fc), NULL, 0);
	req->flags = job->flags;
	req->seed = mix(mix(job->seed, c->id), repeat);
	req->repeat = repeat;
	req->blob_off = blob;
	req->blob_len = c->len;
	status = watcher("--watch");
	reap_rest(&fc, status);
	report = kmsg_reports(&len);
	fc.guest_ns = guest_ns();
	fc.took_ns = req->took_ns;
	if (report)
		frame_send(FRAME_KMSG, &fc, sizeof(fc), report, len);
	if (status == -1)
		send_error(&fc, "the watcher did not end in %d seconds of guest time", WATCHER_SECONDS);
	else if (WIFSIGNALED(status))
		send_error(&fc, "the watcher died of signal %d: %s", WTERMSIG(status), kmsg_crash());
	else if (WEXITSTATUS(status) || req->answer == ANSWER_NONE || req->len > sizeof(req->text))
		send_error(&fc, "the watcher ended with status %d and no answer", WEXITSTATUS(status));
	else if (req->answer == ANSWER_ERROR) {
		if (*kmsg_crash() && req->len + 600 < sizeof(req->text))
			req->len += snprintf(req->text + req->len, 600, "kernel: %s\n", kmsg_crash());
		frame_send(FRAME_ERROR, &fc, sizeof(fc), req->text, req->len);
	} else {
		frame_send(FRAME_RESULT, &fc, sizeof(fc), req->text, req->len);
		sent = true;
	}
	empty_tmp();
	return sent;
}

int run_job(const void *map, size_t len)
{
	const struct job_head *job = map;
	uint64_t at = sizeof(*job);
	uint32_t results = 0;

	if (!open_request()) {
		frame_text(FRAME_NOTE, "no memory for requests: %s", strerror(errno));
		return 2;
	}
	for (uint32_t i = 0; i < job->count; i++) {
		const struct job_case *c = (const void *)((const char *)map + at);

		if (at + sizeof(*c) > len || at + sizeof(*c) + c->len > len)
			break;
		at += sizeof(*c);
		for (uint32_t k = 0; k < c->repeats; k++)
			results += run_one(job, c, at, c->first_repeat + k);
		at += (c->len + 7) & ~7u;
	}
	stacks_send();
	frame_send(FRAME_BYE, NULL, 0, &results, sizeof(results));
	return 0;
}

void run_bench(void)
{
	if (!open_request())
		return;
	watcher("--bench-edges");
	if (req->answer == ANSWER_NOTE)
		frame_send(FRAME_NOTE, NULL, 0, req->text, req->len);
}
