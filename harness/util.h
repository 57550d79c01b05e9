/* util.h - what every part of the harness shares: exit codes, errors, files, subprocesses, paths. */
#ifndef HARNESS_UTIL_H
#define HARNESS_UTIL_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * Exit codes of the harness.  Where several apply to one run the one that
 * stands later in verdict_rank() wins; see README.md, "Verdicts".
 */
enum exit_code {
	EX_SAME = 0,		/* every compared case is the same on both kernels */
	EX_DIFFERS = 1,		/* at least one exact case differs and is not listed */
	EX_UNRESOLVED = 2,	/* racy outcomes on one side only, not decided */
	EX_SPLAT = 3,		/* a kernel printed a warning, BUG, lockdep or sanitizer report */
	EX_PANIC = 4,		/* a guest kernel panicked */
	EX_STUCK = 5,		/* a guest stopped making progress and was ended */
	EX_UNTESTED = 6,	/* could not test: no kernel, no QEMU, broken result channel, setup failed */
	EX_BASELINE = 7,	/* the stock kernel no longer does what traces/baseline says */
	EX_COST = 8,		/* an operation costs more than its bound allows */
	EX_LEGACY = 9,		/* something of the legacy stop path is left */
	EX_USAGE = 64,		/* bad option, bad argument */
	EX_SCENARIO = 65,	/* a scenario file is wrong */
	EX_PATCH = 66,		/* a patch of the series does not apply exactly */
	EX_BUILD = 67,		/* a kernel or the guest image does not build */
	EX_DEPS = 69,		/* packages are missing and cannot be installed */
	EX_BUSY = 70,		/* another run works in this checkout */
	EX_SYSTEM = 71,		/* the host failed us: disk full, fork, I/O */
	EX_INTERRUPTED = 130,	/* Ctrl-C; what was complete is kept */
};

/* Print "ptbed: message" to stderr and exit with @code. */
void fatal(enum exit_code code, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
/* Print "ptbed: warning: message" to stderr. */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Memory: never return NULL, end with EX_SYSTEM instead. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A growing string; .s is always NUL-terminated once something was added. */
struct buf {
	char *s;
	size_t len, cap;
};
void buf_add(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_free(struct buf *b);

/*
 * Files.  write_file() writes to a temporary name beside @path, syncs and
 * renames, so that a reader or an interrupted run never sees half a file;
 * on failure it ends with EX_SYSTEM and names the file and the reason.
 */
char *read_file(const char *path, size_t *len);	/* NULL and errno on failure */
void write_file(const char *path, const void *data, size_t len);
/* Add @text and a line end; false and errno on failure. */
bool append_file(const char *path, const char *text);
void make_dirs(const char *path);		/* mkdir -p, fatal on failure */
bool file_exists(const char *path);
void remove_tree(const char *path);		/* rm -r; missing is fine */
/*
 * Sorted names of directory entries matching glob @pattern (NULL: all); returns
 * their count.  A directory that is not there has none; one that cannot be read
 * ends the program with EX_SYSTEM.
 */
size_t list_dir(const char *dir, const char *pattern, char ***names);

/*
 * Run a program and wait.  @argv is NULL-terminated.  stdout and stderr go
 * to @logfile when it is not NULL (appended), else they are inherited.
 * @dir, when not NULL, is its working directory.  Returns the exit status
 * (0-255), or 128+signal.  The child is in its own process group, which is
 * killed when the harness is interrupted.
 */
int run_cmd(const char *const argv[], const char *dir, const char *logfile);
/* Same, but return its stdout in @out (caller: buf_free). */
int run_capture(const char *const argv[], const char *dir, struct buf *out);
/* The path of this program, to run another command of it; caller frees. */
char *own_program(void);

/* SHA-256 of a buffer as 64 lower-case hex digits plus NUL. */
void sha256_hex(const void *data, size_t len, char hex[65]);

/*
 * Paths.  top_dir(): the checkout (from $PTBED_TOP, set by the Makefile,
 * else found upwards from the working directory by kernel-patches/).
 * store_dir(): $XDG_CACHE_HOME/ptrace-testbed or ~/.cache/ptrace-testbed.
 */
const char *top_dir(void);
const char *store_dir(void);
char *top_path(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* CLOCK_MONOTONIC in seconds, for reports only. */
double now_seconds(void);

/* Set once by main(); true after SIGINT or SIGTERM. */
extern volatile sig_atomic_t interrupted;

#endif
