/* stage.h - brings a tracee to each place where a tracer can find it. */
#ifndef ANSWERS_STAGE_H
#define ANSWERS_STAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "look.h"

/* Who takes part; 0 for those who do not. */
struct scene {
	pid_t p;	/* the one to be asked about */
	pid_t child;	/* its child or thread, or its leader */
	pid_t helper;	/* another tracer */
	int status;	/* what wait said of the stop it is in, or -1 */
};

struct stage {
	const char *name;
	bool (*make)(struct scene *s);
};

extern const struct stage stages[];
extern const size_t nstages;

/* What the tracee does when it is let go; then it pauses for ever, if it still can. */
enum body {
	BODY_PAUSE, BODY_USR1, BODY_STOP, BODY_CALL, BODY_EXIT, BODY_EXEC, BODY_FORK, BODY_VFORK,
	BODY_VFORK_WAIT, BODY_CLONE, BODY_SECCOMP, BODY_THREAD, BODY_LEADER_DIES, BODY_OWN,
};

/* What BODY_OWN calls; not with a tracee of another word size. */
extern void (*own_body)(void);
/* For that: make @idle threads that pause; then @act, in another thread if @by_thread. */
void body_among(int idle, bool by_thread, void (*act)(void));

/*
 * A tracee of ours, seized or by TRACEME, with @options; it is stopped by a
 * SIGUSR2 to itself right before it begins with @body.  False (said as broken)
 * if that does not come about.
 */
bool stage_start(struct scene *s, enum body body, bool seize, unsigned long options);
/* The request, then the report of the stop that follows; false if it is none. */
bool stage_go(struct scene *s, long request, unsigned long data);
/* A child that is not traced and pauses, or does @body after it read a byte of the pipe it has. */
pid_t stage_child(void);
/* Make @stage; false if it could not be made, and that was said. */
bool stage_make(const struct stage *stage, struct scene *s);
/* Kill and reap everybody we are the parent of, or will be. */
void stage_end(struct scene *s);

/* Word size of tracees, "64", "32" or "x32"; NULL: as this program. */
extern const char *stage_abi;
/* The program of ours for another word size; NULL: this one. */
const char *stage_program(const char *abi);

/* A word of memory, at one address in tracer and tracee of the same program. */
extern volatile unsigned long stage_word;

#endif
