/* look.c - asks the kernel about a process without touching it, and waits until it has come to rest. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "look.h"

long pt(long request, pid_t pid, unsigned long addr, unsigned long data)
{
	return syscall(SYS_ptrace, request, (long)pid, addr, data);
}

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
}

static bool slurp(char *to, size_t size, const char *format, ...)
{
	char path[96];
	va_list ap;
	ssize_t n;
	int fd;

	va_start(ap, format);
	vsnprintf(path, sizeof(path), format, ap);
	va_end(ap);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, to, size - 1);
	if (n < 0) {
		int e = errno;

		close(fd);
		errno = e;
		return false;
	}
	close(fd);
	to[n] = '\0';
	return true;
}

bool put_file(const char *path, const char *format, ...)
{
	char s[256];
	va_list ap;
	int fd = open(path, O_WRONLY | O_CLOEXEC), n, e;
	bool good;

	if (fd < 0)
		return false;
	va_start(ap, format);
	n = vsnprintf(s, sizeof(s), format, ap);
	va_end(ap);
	good = write(fd, s, n) == n;
	e = errno;
	close(fd);
	errno = e;
	return good;
}

char state_of(pid_t pid)
{
	char s[1024], *p;

	if (!slurp(s, sizeof(s), "/proc/%d/stat", (int)pid))
		return '-';
	p = strrchr(s, ')');
	return p && p[1] ? p[2] : '-';
}

char rest(pid_t pid)
{
	uint64_t until = now_ms() + PATIENCE_MS;
	char last = 0, c;
	int same = 0;

	if (pid == getpid())
		return 'R';
	while (now_ms() < until) {
		c = state_of(pid);
		/* a zombie still runs until it has PF_NOFREEZE, the last it does */
		if (c == 'Z' && !(stat_field(pid, 9) & 0x8000))
			c = 'R';
		same = c == last ? same + 1 : 0;
		last = c;
		/* D is where a lock is waited for, too: only if it stays */
		if (c == '-' || (c != 'R' && same >= (c == 'D' ? 60 : 2)))
			return c;
		nap();
	}
	return last;
}

bool await_state(pid_t pid, const char *letters)
{
	uint64_t until = now_ms() + PATIENCE_MS;

	while (!strchr(letters, state_of(pid))) {
		if (now_ms() > until)
			return false;
		nap();
	}
	return true;
}

size_t threads_of(pid_t pid, pid_t tids[], size_t max)
{
	char path[64];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	d = opendir(path);
	while (d && n < max && (e = readdir(d)))
		if (atoi(e->d_name))
			tids[n++] = atoi(e->d_name);
	if (d)
		closedir(d);
	return n;
}

long long stat_field(pid_t pid, int number)
{
	char s[2048], *p;

	if (!slurp(s, sizeof(s), "/proc/%d/stat", (int)pid))
		return -1;
	p = strrchr(s, ')');
	for (int i = 2; p && i < number; i++)
		p = strchr(p + 1, ' ');
	return p ? strtoll(p + 1, NULL, 10) : -1;
}

const char *status_line(pid_t pid, const char *key)
{
	static char out[4][160];
	static int at;
	char s[4096], mark[40], *p, *to = out[at++ % 4];
	size_t n = 0;

	to[0] = '\0';
	if (!slurp(s, sizeof(s), "/proc/%d/status", (int)pid))
		return to;
	snprintf(mark, sizeof(mark), "\n%s:", key);
	p = strstr(s, mark);
	if (!p)
		return to;
	for (p += strlen(mark); *p && *p != '\n' && n < 150; p++) {
		if (*p == '\t' || *p == ' ') {
			if (n && to[n - 1] != ' ')
				to[n++] = ' ';
		} else {
			to[n++] = *p;
		}
	}
	to[n] = '\0';
	return to;
}

const char *proc_syscall(pid_t pid)
{
	static char s[512];

	if (!slurp(s, sizeof(s), "/proc/%d/syscall", (int)pid))
		return errno_word(errno);
	s[strcspn(s, " \n")] = '\0';
	return s;
}

const char *proc_wchan(pid_t pid)
{
	static char s[128];

	return slurp(s, sizeof(s), "/proc/%d/wchan", (int)pid) ? s : errno_word(errno);
}

int await(pid_t pid)
{
	uint64_t until = now_ms() + PATIENCE_MS;
	int status;

	for (;;) {
		pid_t got = waitpid(pid, &status, __WALL | WNOHANG | WUNTRACED);

		if (got > 0)
			return status;
		if (got < 0 && errno != EINTR)
			return -1;
		if (now_ms() > until) {
			errno = ETIMEDOUT;
			return -1;
		}
		nap();
	}
}

const char *report(pid_t pid)
{
	int status;
	pid_t got = waitpid(pid, &status, __WALL | WNOHANG | WUNTRACED | WCONTINUED);

	if (!got)
		return "none";
	return got < 0 ? errno_word(errno) : status_words(status);
}

const char *look(pid_t pid)
{
	static char s[4][100];
	static int at;
	char *to = s[at++ % 4], c = rest(pid);

	snprintf(to, 100, "%c %s", c, report(pid));
	return to;
}
