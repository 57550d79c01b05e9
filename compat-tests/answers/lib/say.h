/* say.h - what a program of answers prints: one numbered observation a line, and text to build it from. */
#ifndef ANSWERS_SAY_H
#define ANSWERS_SAY_H

#include <stddef.h>
#include <sys/types.h>

/* A line that grows; what does not fit is an error of the program and ends it. */
struct text {
	char s[8192];
	size_t n;
};

/* What a process that ran before wrote to @fd at once, instead of what was there; closes it. */
void text_from(struct text *t, int fd);
void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An observation: "ok N - ...".  Right is what the reference kernel says, too. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What was to be observed could not be set up: "not ok N - ...". */
void broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The plan; what main() returns. */
int finish(void);

/* Names; the results are valid until the eighth call after. */
const char *errno_word(int number);
const char *signal_word(int number);
const char *event_word(int number);
/* Of wait(): "exited 3", "killed KILL core", "stopped TRAP EXEC", "stopped TRAP|80", "continued". */
const char *status_words(int status);
/* What a system call returned: "0", "5", or errno's name. */
const char *answer(long ret);

/* The part a process plays: printed instead of its number.  roles_clear() forgets all. */
void role(pid_t pid, const char *name);
void roles_clear(void);
const char *who(pid_t pid);

#endif
