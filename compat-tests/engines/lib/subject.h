/* subject.h - processes to be traced, and what is seen of them from outside. */
#ifndef ENGINES_SUBJECT_H
#define ENGINES_SUBJECT_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Milliseconds.  What is going to happen has happened by then, on a host that
 * takes a CPU away for seconds, too.  What is lost is lost for ever.
 */
#define PATIENCE 15000

/* Shared with all subjects; [0] is where spin() and call() count. */
extern volatile long *page;

/*
 * To be called first: maps the page, and ends the program as failed if it is
 * not done after @seconds of real time.  bail()s.
 */
void subject_init(unsigned int seconds);
/*
 * Start a process that runs @run(@arg) and exits with what that returns.  It
 * dies with the caller and has no open files but 0, 1, 2 and @keep (or -1).
 */
pid_t subject_keeping(int keep, int (*run)(void *), void *arg);
pid_t subject(int (*run)(void *), void *arg);
/* Kill and reap it; false if that does not end it within ten seconds. */
bool subject_end(pid_t pid);
/* Wait for it; its status, or -1 if it does not end in @ms milliseconds, or has been waited for before. */
int subject_wait(pid_t pid, int ms);
/* What the parent is told within PATIENCE, of an end or a stop: the status, or -1. */
int subject_told(pid_t pid);

/* What subjects do.  Count in page[0], for ever. */
int spin(void *unused);
/* Call getppid() for ever, count in page[0], result in page[1]. */
int call(void *unused);
/* Sleep in pause() for ever. */
int sleeper(void *unused);

/* State letter of /proc/PID/stat, '?' if there is none. */
char state_of(pid_t tid);
/* Does it get to @state within @ms milliseconds? */
bool reaches(pid_t tid, char state, int ms);
/* Does page[@i] go on, within PATIENCE?  Does it not, for 40 ms? */
bool moves(int i);
bool still(int i);
/* Does page[@i] get to be @n within PATIENCE? */
bool counts_to(int i, long n);
/* For a failed check: where each thread of @pid is, in the kernel, too. */
void whereabouts(pid_t pid);
/* The counter @name of debugfs utrace/stats, or -1. */
long stat_of(const char *name);
/* Write @text to a file.  0, or -errno. */
int put(const char *path, const char *text);
/* The first @room - 1 bytes of a file; "" if it cannot be read. */
void get(const char *path, char *text, int room);
/* Copy this program to @path.  bail()s. */
void copy_self(const char *path, int mode);
/* Milliseconds of the monotonic clock. */
long now_ms(void);
void sleep_ms(int ms);

#endif
