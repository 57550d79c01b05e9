/* util.c - errors, memory, files, subprocesses and paths for every part of the harness. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "complain.h"
#include "util.h"

volatile sig_atomic_t interrupted;

static void say(const char *kind, const char *fmt, va_list ap)
{
	fflush(stdout);
	fprintf(stderr, "ptbed: %s", kind);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	fflush(stderr);
}

void fatal(enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	exit(code);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("warning: ", fmt, ap);
	va_end(ap);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

static void *checked(void *p, size_t n)
{
	if (!p && n)
		fatal(EX_SYSTEM, "out of memory, %zu bytes wanted", n);
	return p;
}

void *xmalloc(size_t n)
{
	return checked(malloc(n ? n : 1), n);
}

void *xcalloc(size_t n, size_t size)
{
	return checked(calloc(n ? n : 1, size ? size : 1), n * size);
}

void *xrealloc(void *p, size_t n)
{
	return checked(realloc(p, n ? n : 1), n);
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = xmalloc(len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

static char *xvasprintf(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		fatal(EX_SYSTEM, "out of memory");
	return s;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

static void buf_room(struct buf *b, size_t n)
{
	if (b->len + n + 1 <= b->cap)
		return;
	b->cap = (b->len + n + 1) * 2;
	b->s = xrealloc(b->s, b->cap);
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	buf_room(b, n);
	if (n)
		memcpy(b->s + b->len, p, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		fatal(EX_SYSTEM, "cannot format \"%s\"", fmt);
	buf_room(b, n);
	va_start(ap, fmt);
	vsnprintf(b->s + b->len, n + 1, fmt, ap);
	va_end(ap);
	b->len += n;
}

void buf_free(struct buf *b)
{
	free(b->s);
	memset(b, 0, sizeof(*b));
}

/* Append everything readable from @fd; false and errno on failure. */
static bool drain(int fd, struct buf *b)
{
	for (;;) {
		ssize_t n;

		buf_room(b, 65536);
		n = read(fd, b->s + b->len, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		b->len += n;
		b->s[b->len] = '\0';
		if (!n)
			return true;
	}
}

char *read_file(const char *path, size_t *len)
{
	struct buf b = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return NULL;
	buf_add(&b, "", 0);
	if (!drain(fd, &b)) {
		err = errno;
		close(fd);
		buf_free(&b);
		errno = err;
		return NULL;
	}
	close(fd);
	if (len)
		*len = b.len;
	return b.s;
}

static void write_failed(const char *what, const char *path, const char *tmp)
{
	int err = errno;

	if (tmp)
		unlink(tmp);
	fatal(EX_SYSTEM, "cannot %s %s: %s", what, path, strerror(err));
}

void write_file(const char *path, const void *data, size_t len)
{
	const char *slash = strrchr(path, '/');
	int dirlen = slash ? (int)(slash - path) + 1 : 0;
	char *tmp = xasprintf("%.*s.tmp.%s.XXXXXX", dirlen, path,
			      slash ? slash + 1 : path);
	const char *p = data;
	mode_t mask = umask(0);
	size_t left = len;
	int fd;

	umask(mask);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		write_failed("create", path, NULL);
	while (left) {
		ssize_t n = write(fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			write_failed("write", path, tmp);
		p += n;
		left -= n;
	}
	if (fchmod(fd, 0666 & ~mask) || fsync(fd))
		write_failed("write", path, tmp);
	if (close(fd))
		write_failed("close", path, tmp);
	if (rename(tmp, path))
		write_failed("replace", path, tmp);
	free(tmp);
}

bool append_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "ae");

	if (f)
		fprintf(f, "%s\n", text);
	return f && !fclose(f);
}

void make_dirs(const char *path)
{
	char *copy = xstrdup(path), *p = copy;
	struct stat st;

	do {
		p = strchr(p + 1, '/');
		if (p)
			*p = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			fatal(EX_SYSTEM, "cannot create directory %s: %s", copy,
			      strerror(errno));
		if (p)
			*p = '/';
	} while (p);
	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		fatal(EX_SYSTEM, "%s exists and is not a directory", path);
	free(copy);
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Remove @name under @dirfd and all below it; reports the first failure. */
static void remove_at(int dirfd, const char *name, const char *shown)
{
	struct dirent *de;
	DIR *d;
	int fd;

	if (!unlinkat(dirfd, name, 0) || errno == ENOENT)
		return;
	if (errno != EISDIR && errno != EPERM)
		fatal(EX_SYSTEM, "cannot remove %s: %s", shown, strerror(errno));
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		fatal(EX_SYSTEM, "cannot remove %s: %s", shown, strerror(errno));
	while ((de = readdir(d))) {
		char *sub;

		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;
		sub = xasprintf("%s/%s", shown, de->d_name);
		remove_at(fd, de->d_name, sub);
		free(sub);
	}
	closedir(d);
	if (unlinkat(dirfd, name, AT_REMOVEDIR) && errno != ENOENT)
		fatal(EX_SYSTEM, "cannot remove %s: %s", shown, strerror(errno));
}

void remove_tree(const char *path)
{
	remove_at(AT_FDCWD, path, path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t list_dir(const char *dir, const char *pattern, char ***names)
{
	struct dirent *de;
	char **v = NULL;
	size_t n = 0, cap = 0;
	DIR *d = opendir(dir);

	if (!d && errno != ENOENT)
		fatal(EX_SYSTEM, "cannot read directory %s: %s", dir, strerror(errno));
	while (d && (errno = 0, de = readdir(d))) {
		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;
		if (pattern && fnmatch(pattern, de->d_name, 0))
			continue;
		if (n == cap) {
			cap = cap ? cap * 2 : 16;
			v = xrealloc(v, cap * sizeof(*v));
		}
		v[n++] = xstrdup(de->d_name);
	}
	if (d && errno)
		fatal(EX_SYSTEM, "cannot read directory %s: %s", dir, strerror(errno));
	if (d)
		closedir(d);
	if (n)
		qsort(v, n, sizeof(*v), by_name);
	*names = v;
	return n;
}

/* Start argv; stdout goes to @out, stderr to @err (-1: inherited). */
static pid_t start(const char *const argv[], const char *dir, int out, int err)
{
	int pipefd[2], code = 0;
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC))
		fatal(EX_SYSTEM, "cannot make a pipe: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		fatal(EX_SYSTEM, "cannot fork for %s: %s", argv[0],
		      strerror(errno));
	if (!pid) {
		sigset_t none;

		setpgid(0, 0);
		/* our own end, whatever it is, is not to leave a build at work in the store */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		/* we read what it prints */
		setenv("LC_ALL", "C", 1);
		if (dir && chdir(dir))
			goto failed;
		if (out >= 0 && dup2(out, STDOUT_FILENO) < 0)
			goto failed;
		if (err >= 0 && dup2(err, STDERR_FILENO) < 0)
			goto failed;
		execvp(argv[0], (char *const *)argv);
failed:
		code = errno;
		if (write(pipefd[1], &code, sizeof(code)) < 0)
			_exit(126);
		_exit(127);
	}
	setpgid(pid, pid);
	close(pipefd[1]);
	while (read(pipefd[0], &code, sizeof(code)) < 0 && errno == EINTR)
		;
	close(pipefd[0]);
	if (code) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		fatal(EX_SYSTEM, "cannot run %s%s%s: %s", argv[0],
		      dir ? " in " : "", dir ? dir : "", strerror(code));
	}
	return pid;
}

static void stop_group(pid_t pid)
{
	kill(-pid, SIGTERM);
	kill(-pid, SIGCONT);
}

/* Wait for @pid, ending its process group when the harness is interrupted. */
static int finish(pid_t pid, int readfd, struct buf *out)
{
	struct timespec nap = { .tv_nsec = 500 * 1000 };
	bool told = false, open_pipe = readfd >= 0;
	double since = 0;
	int status;

	for (;;) {
		pid_t got;

		if (interrupted && !told) {
			stop_group(pid);
			told = true;
			since = now_seconds();
		}
		if (told && now_seconds() - since > 3)
			kill(-pid, SIGKILL);
		if (open_pipe) {
			struct pollfd p = { .fd = readfd, .events = POLLIN };
			ssize_t n;

			if (poll(&p, 1, 200) <= 0)
				goto look;
			buf_room(out, 65536);
			n = read(readfd, out->s + out->len, 65536);
			if (n > 0) {
				out->len += n;
				out->s[out->len] = '\0';
				continue;
			}
			if (n == 0)
				open_pipe = false;
		}
look:
		got = waitpid(pid, &status, WNOHANG);
		if (got == pid)
			break;
		if (got < 0 && errno != EINTR)
			fatal(EX_SYSTEM, "lost a subprocess: %s", strerror(errno));
		if (!open_pipe) {
			nanosleep(&nap, NULL);
			if (nap.tv_nsec < 30 * 1000 * 1000)
				nap.tv_nsec *= 2;
		}
	}
	/* what the program left in the pipe; its own children may keep it open */
	while (open_pipe) {
		struct pollfd p = { .fd = readfd, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, 0) <= 0)
			break;
		buf_room(out, 65536);
		n = read(readfd, out->s + out->len, 65536);
		if (n <= 0)
			break;
		out->len += n;
		out->s[out->len] = '\0';
	}
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

int run_cmd(const char *const argv[], const char *dir, const char *logfile)
{
	int fd = -1, status;

	if (logfile) {
		fd = open(logfile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			  0666);
		if (fd < 0)
			fatal(EX_SYSTEM, "cannot write %s: %s", logfile,
			      strerror(errno));
	}
	status = finish(start(argv, dir, fd, fd), -1, NULL);
	if (fd >= 0)
		close(fd);
	return status;
}

int run_capture(const char *const argv[], const char *dir, struct buf *out)
{
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		fatal(EX_SYSTEM, "cannot make a pipe: %s", strerror(errno));
	pid = start(argv, dir, fds[1], -1);
	close(fds[1]);
	buf_add(out, "", 0);
	status = finish(pid, fds[0], out);
	close(fds[0]);
	return status;
}

void sha256_hex(const void *data, size_t len, char hex[65])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n = 0, i;

	if (!EVP_Digest(data, len, md, &n, EVP_sha256(), NULL) || n != 32)
		fatal(EX_SYSTEM, "libcrypto has no SHA-256");
	for (i = 0; i < n; i++)
		sprintf(hex + 2 * i, "%02x", md[i]);
}

const char *top_dir(void)
{
	static char *top;
	char *dir, *slash;

	if (top)
		return top;
	dir = getenv("PTBED_TOP");
	if (dir && *dir) {
		char *probe = xasprintf("%s/kernel-patches", dir);
		bool ok = file_exists(probe);

		free(probe);
		if (!ok)
			fatal(EX_USAGE, "PTBED_TOP=%s is no checkout: it has no kernel-patches/",
			      dir);
		top = realpath(dir, NULL);
		return top ? top : (top = xstrdup(dir));
	}
	dir = getcwd(NULL, 0);
	if (!dir)
		fatal(EX_SYSTEM, "cannot tell the working directory: %s",
		      strerror(errno));
	for (;;) {
		char *probe = xasprintf("%s/kernel-patches", dir);
		bool ok = file_exists(probe);

		free(probe);
		if (ok)
			return top = dir;
		slash = strrchr(dir, '/');
		if (!slash || slash == dir)
			fatal(EX_USAGE, "not inside a checkout: no kernel-patches/ here or above; change into one or set PTBED_TOP");
		*slash = '\0';
	}
}

const char *store_dir(void)
{
	static char *store;
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (store)
		return store;
	if (xdg && *xdg == '/')
		store = xasprintf("%s/ptrace-testbed", xdg);
	else if (home && *home == '/')
		store = xasprintf("%s/.cache/ptrace-testbed", home);
	else
		fatal(EX_SYSTEM, "no place for the store: neither XDG_CACHE_HOME nor HOME is an absolute path");
	return store;
}

char *top_path(const char *fmt, ...)
{
	char *rel, *path;
	va_list ap;

	va_start(ap, fmt);
	rel = xvasprintf(fmt, ap);
	va_end(ap);
	path = xasprintf("%s/%s", top_dir(), rel);
	free(rel);
	return path;
}

double now_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

char *own_program(void)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path));

	if (len < 0 || (size_t)len == sizeof(path))
		fatal(EX_SYSTEM, "/proc/self/exe: %s", len < 0 ? strerror(errno) : "too long");
	return xstrndup(path, len);
}
