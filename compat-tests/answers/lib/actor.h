/* actor.h - threads that do one thing at a time, when they are told, and leave word of what came of it. */
#ifndef ANSWERS_ACTOR_H
#define ANSWERS_ACTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What an actor can do.  Its command has a target, a thread or process, and two
 * numbers, a and b; where they are of use, they are named here.
 */
#define DEEDS(X)							\
	/* ptrace(2): a is what goes into addr or says which, b data */	\
	X(ATTACH) X(SEIZE) X(TRACEME) X(SETOPTIONS) X(INTERRUPT)	\
	X(LISTEN) X(RESUME) X(DETACH) X(KILLREQ) X(ASK) X(SETSIGINFO)	\
	X(SETSIGMASK) X(NUMBER) X(RESULT) X(PEEKSIGINFO)		\
	/* wait4(2) of the target with options a; b: it may block */	\
	X(WAIT) X(WAITID)						\
	/* signal a; action b: 0 default, 1 ignored, 2 handler */	\
	X(KILL) X(TGKILL) X(ACTION) X(BLOCK) X(UNBLOCK) X(TAKE)		\
	/* on its own */						\
	X(CALL) X(PAUSE) X(READ) X(FAULT) X(TRAP) X(FILTER) X(GROUP)	\
	X(DEATHSIG)							\
	/* somebody new, who is the actor with number a */		\
	X(FORK) X(VFORK) X(CLONE) X(THREAD)				\
	/* with status a */						\
	X(EXEC) X(EXIT) X(EXITGROUP)

#define DEED_NAME(name) DO_##name,
enum deed { DEEDS(DEED_NAME) NDEEDS };
#undef DEED_NAME

extern const char *const deed_names[NDEEDS];

#define ACTORS 16

struct command {
	enum deed deed;
	pid_t target;
	uint32_t a, b;
};

struct actor {
	/* how many commands it was given, a futex, and how many of them are done */
	volatile int given, done;
	/* who plays it now, and its process; 0: nobody */
	volatile pid_t tid, tgid;
	struct command command;
	/* what came of the newest that is done: "#7" is process or thread 7 */
	char came[400];
};

/* In memory that all share, new programs, too. */
struct cast {
	struct actor actors[ACTORS];
	/* signals that were caught since somebody looked, in their order */
	char caught[2000];
	volatile unsigned int ncaught;
};

/* The cast of this program, made or, by an actor that called exec, found; NULL if there is none. */
struct cast *actor_cast(void);
/* For ever actor @which, in the thread that calls. */
void actor_play(unsigned int which) __attribute__((noreturn));
/* Give it a command; it is not awaited.  False if the newest is not done. */
bool actor_tell(unsigned int which, const struct command *command);
/* Do it here, as actor @which, in the thread that calls: only deeds that do not block or end. */
void actor_do(unsigned int which, const struct command *command);

#endif
