/* subject.c - processes to be traced, and what is seen of them from outside. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "subject.h"
#include "tap.h"

volatile long *page;

static void expired(int sig)
{
	static const char text[] = "not ok 99999 - the program ends in time\nBail out! time is up\n";

	(void)sig;
	if (write(1, text, sizeof(text) - 1) < 0)
		_exit(4);
	_exit(3);
}

void subject_init(unsigned int seconds)
{
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		bail("mmap");
	signal(SIGALRM, expired);
	/* kernels with lockdep are the slow ones, to which the host gives as much */
	alarm(access("/proc/lockdep", F_OK) ? seconds : 8 * seconds);
}

pid_t subject_keeping(int keep, int (*run)(void *), void *arg)
{
	pid_t pid = fork();

	if (pid < 0)
		bail("fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGALRM, SIG_DFL);
	alarm(0);
	if (keep < 0) {
		syscall(SYS_close_range, 3, ~0U, 0);
	} else {
		if (keep > 3)
			syscall(SYS_close_range, 3, keep - 1, 0);
		syscall(SYS_close_range, keep + 1, ~0U, 0);
	}
	_exit(run(arg));
}

pid_t subject(int (*run)(void *), void *arg)
{
	return subject_keeping(-1, run, arg);
}

int subject_wait(pid_t pid, int ms)
{
	long end = now_ms() + ms;
	pid_t got;
	int status;

	for (;;) {
		got = waitpid(pid, &status, WNOHANG);
		if (got == pid && !WIFSTOPPED(status))
			return status;
		/* it has been waited for before: there is nothing to come */
		if (got < 0 || now_ms() > end)
			return -1;
		sleep_ms(1);
	}
}

bool subject_end(pid_t pid)
{
	kill(pid, SIGKILL);
	return subject_wait(pid, 10000) >= 0;
}

int spin(void *unused)
{
	(void)unused;
	for (;;)
		page[0]++;
}

int call(void *unused)
{
	(void)unused;
	for (;;) {
		page[1] = syscall(SYS_getppid);
		page[0]++;
	}
}

int sleeper(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

char state_of(pid_t tid)
{
	char path[64], text[512], *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	get(path, text, sizeof(text));
	p = strrchr(text, ')');
	return p ? p[2] : '?';
}

int subject_told(pid_t pid)
{
	int status;

	for (long e = now_ms() + PATIENCE; now_ms() < e; sleep_ms(1))
		if (waitpid(pid, &status, WUNTRACED | WNOHANG) == pid)
			return status;
	return -1;
}

bool reaches(pid_t tid, char state, int ms)
{
	long end = now_ms() + ms;

	while (state_of(tid) != state) {
		if (now_ms() > end)
			return false;
		sleep_ms(1);
	}
	return true;
}

bool counts_to(int i, long n)
{
	for (long end = now_ms() + PATIENCE; page[i] != n; sleep_ms(1))
		if (now_ms() > end)
			return false;
	return true;
}

bool moves(int i)
{
	long old = page[i], end = now_ms() + PATIENCE;

	while (page[i] == old) {
		if (now_ms() > end)
			return false;
		sleep_ms(1);
	}
	return true;
}

bool still(int i)
{
	long old = page[i];

	sleep_ms(40);
	return page[i] == old;
}

void whereabouts(pid_t pid)
{
	static const char * const files[] = { "syscall", "stack" };
	char path[300], text[2048], *line, *save;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		diag("thread %s of %d: %c", e->d_name, pid, state_of(atoi(e->d_name)));
		for (int i = 0; i < 2; i++) {
			snprintf(path, sizeof(path), "/proc/%d/task/%s/%s", pid, e->d_name, files[i]);
			get(path, text, sizeof(text));
			save = NULL;
			for (line = strtok_r(text, "\n", &save); line;
			     line = strtok_r(NULL, "\n", &save))
				diag("   %s", line);
		}
	}
	if (dir)
		closedir(dir);
}

long stat_of(const char *name)
{
	char text[4096], *line, *save = NULL;
	size_t len = strlen(name);

	get("/sys/kernel/debug/utrace/stats", text, sizeof(text));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, name, len) && line[len] == ' ')
			return atol(line + len);
	return -1;
}

int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

void get(const char *path, char *text, int room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), len = 0;
	ssize_t n;

	while (fd >= 0 && len < room - 1 && (n = read(fd, text + len, room - 1 - len)) > 0)
		len += n;
	text[len] = '\0';
	if (fd >= 0)
		close(fd);
}

void copy_self(const char *path, int mode)
{
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	char block[4096];
	ssize_t n;

	if (in < 0 || out < 0)
		bail("copy to %s", path);
	while ((n = read(in, block, sizeof(block))) > 0)
		if (write(out, block, n) != n)
			bail("write %s", path);
	close(in);
	if (fchmod(out, mode) || close(out))
		bail("chmod %s", path);
}

long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

void sleep_ms(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}
