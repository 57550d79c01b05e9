/* look.h - asks the kernel about a process without touching it, and waits until it has come to rest. */
#ifndef ANSWERS_LOOK_H
#define ANSWERS_LOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "say.h"

/* Nothing is waited for longer than this; what takes so long is a finding, or the host is dead. */
#define PATIENCE_MS 20000

/* The request as it is: no wrapper turns the result of a PEEK into another. */
long pt(long request, pid_t pid, unsigned long addr, unsigned long data);
#define P(pointer) ((unsigned long)(uintptr_t)(pointer))

uint64_t now_ms(void);
void nap(void);

/* The letter of /proc/PID/stat, '-' if there is no such process. */
char state_of(pid_t pid);
/* The same when it does not change any more: not running, several looks long; 'R' if that never comes. */
char rest(pid_t pid);
/* Wait until @pid is in one of @letters; false if that never comes. */
bool await_state(pid_t pid, const char *letters);
/* The threads of @pid, at most @max of them, in /proc's order; how many. */
size_t threads_of(pid_t pid, pid_t tids[], size_t max);

/* Field @number of /proc/PID/stat as in proc(5); -1 if there is none. */
long long stat_field(pid_t pid, int number);
/* The rest of the line "@key:" of /proc/PID/status, blanks as one; "" if there is none. */
const char *status_line(pid_t pid, const char *key);
/* The first word of /proc/PID/syscall: a number, "running", or errno's name. */
const char *proc_syscall(pid_t pid);
/* /proc/PID/wchan, the kernel's function it sleeps in; "0" if it does not, or errno's name. */
const char *proc_wchan(pid_t pid);

/* Wait for a report of @pid, with a bound: its status, or -1 (errno is ETIMEDOUT or what waitpid() said). */
int await(pid_t pid);
/* Is there one? Its words, "none" or errno's name. */
const char *report(pid_t pid);
/* "@letter report": rest, then report. */
const char *look(pid_t pid);

bool put_file(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
