/* census.h - all threads of all processes below this one, by name: what each is at, and whether all rest. */
#ifndef ANSWERS_CENSUS_H
#define ANSWERS_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define TASKS 48

struct task {
	/* with a minus when it has been told that it is gone */
	pid_t tid, tgid;
	/* 0: none */
	pid_t tracer;
	/* what it is at now, and, for who tells that, what was told of it last */
	char name[8], line[160], last[160];
	char state;
	bool here, blocked;
};

/* In the order of their numbers. */
extern struct task tasks[TASKS];
extern size_t ntasks;

/* Forget all; the next new thread is "n1". */
void census_clear(void);
/* The next new thread is "n@n". */
void census_names_from(unsigned int n);
/* Look at all: each has a state and a line, "t of PARENT by TRACER PENDING/OF THE PROCESS". */
void census_take(void);
/*
 * The same when nobody runs any more; false if that never comes.  Who sleeps a
 * while in a request, as in ptrace(2) until its tracee is off the CPU, is in D,
 * which passes, unless it is the D of vfork(2).
 */
bool census_settled(void);
/* NULL if there is no such thread, or it is gone. */
struct task *census_find(pid_t tid);
/* Of a thread, or who() if it is none of these. */
const char *census_name(pid_t pid);

#endif
