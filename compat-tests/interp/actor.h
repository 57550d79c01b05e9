/* actor.h - the core's own view of a running case: the shared mapping, a role's state, and who calls what. */
#ifndef ACTOR_H
#define ACTOR_H

#include <linux/futex.h>

#include "interp.h"

/*
 * The shared mapping is a memfd on CASE_FD, mapped at SHARED_BASE by the
 * watcher before it creates an actor and again by each image an actor execs.
 * Everything the watcher or an image of another word size reads in it has a
 * fixed width and 8-byte alignment.  The descriptor is above those that steps
 * open and below 64, beyond which every fork would copy a larger table.
 */
#define CASE_FD		60
#define SHARED_BASE	0x60000000ul
#define FORM_OFF	(1ul << 20)
#define FORM_ROOM	(3ul << 20)
#define SLOT_OFF	(4ul << 20)
#define LOG_OFF		(SLOT_OFF + FORM_MAX_ROLES * (unsigned long)ACTOR_STACK)
#define LOG_SIZE	(256ul << 10)		/* of a role's log, then its handler log */
#define MAIN_LOG_SIZE	(192ul << 10)
#define SHARED_SIZE	(LOG_OFF + FORM_MAX_ROLES * LOG_SIZE)

/* Where a slot's parts are: struct actor, alternate signal stack, main stack. */
#define ALT_STACK_OFF	(16ul << 10)
#define ALT_STACK_SIZE	(48ul << 10)

#define SHARED_MAGIC	0x45524853u
#define MAX_RACES	16
#define MAX_FRAMES	12
#define MAX_OLD		8
#define NO_TID		0x3ffffff0	/* above any pid_max: every call answers ESRCH */

typedef uint64_t u64a __attribute__((aligned(8)));
typedef int64_t s64a __attribute__((aligned(8)));

enum phase {
	PH_UNBORN,
	PH_STARTING,		/* exists, obeys the watcher's set-up commands */
	PH_RUNNING,
	PH_PARKED,		/* finished its column */
	PH_LEFT,		/* is in its own exit call */
};

enum set_up {
	CMD_NONE,
	CMD_CREATE,		/* .cmd_arg = role to create */
	CMD_EXEC,		/* become an image of the role's word size */
	CMD_CREDS,		/* take the role's user */
	CMD_GO,
};

/* A step list being run; kept here so that an exec in a block can go on after it. */
struct frame {
	uint32_t first, n, i;
	uint32_t left;		/* more rounds to come (repeat) */
	uint32_t edge;		/* rounds until this edge is posted (loop-until), FORM_NONE: not */
	uint32_t inside;	/* the step at i - 1 runs lists in a loop of its own */
};

struct log {
	uint32_t len;		/* bytes taken, committed or not */
	uint32_t full;		/* lines that found no room */
};

struct role_state {
	/* tids: as the creator names it, as it names itself, as the watcher does (0: not known) */
	int32_t tid, nstid, root_tid;
	uint32_t ns;		/* 0: the watcher's pid namespace, else role index + 1 of the first role inside */
	uint32_t creator_ns;
	int32_t old_tid[MAX_OLD];
	uint32_t nold;
	uint32_t phase;		/* enum phase */
	uint32_t step;		/* steps[] index, FORM_NONE before the first */
	uint32_t progress;	/* grows with each step and log line */
	uint32_t loops;		/* grows while it waits by polling, or spins */
	uint32_t waiting;	/* depth of waiting() */
	uint32_t await_edge;	/* edge of its step not taken yet, or FORM_NONE */
	uint32_t spinning;	/* in a declared spin */
	uint32_t in_handler;	/* depth */
	uint32_t wants_quiet;	/* goes on when the rest of the case is at rest */
	uint32_t quiet_grants;
	uint32_t lags;		/* see lag() */
	uint32_t wants_lag, lag_grants, lags_done;
	uint32_t cmd, cmd_arg, cmd_seq;
	uint32_t execs;		/* images so far */
	uint32_t execing;	/* in execve from an ordinary step */
	uint32_t replaced;	/* role index + 1 of the thread whose exec took its number */
	uint32_t births;
	uint32_t spins;		/* quiet, or has a spin in its column: see control_base() */
	uint32_t uid;		/* it or its creator asked for */
	uint32_t sighand;	/* role whose handler table this one uses */
	uint32_t nframes;
	uint32_t timers;	/* sleeps under way */
	u64a timer_ns;		/* a timer is armed until then */
	u64a rng;
	/* carried over an exec */
	s64a it, ret;
	u64a msg;
	int32_t it_status;
	struct frame frame[MAX_FRAMES];
	uint16_t waits[FORM_MAX_EDGES];
	uint32_t raced[MAX_RACES];	/* meetings reached, two a race */
	uint8_t handler[72];	/* by signal: handler index + 1; HANDLER_ENTRY: no block */
	uint8_t handler_mute[72];
	struct log log, handler_log;
};
_Static_assert(sizeof(struct role_state) % 8 == 0, "the same size in every ABI");
#define HANDLER_ENTRY	255

struct race {
	uint32_t name;		/* string offset */
	uint32_t pad;
	u64a members;		/* bit a role */
};

enum delays {
	DELAY_NONE,
	DELAY_SHORT,		/* exact cases */
	DELAY_LONG,		/* racy cases */
};

struct shared {
	uint32_t magic;
	uint32_t size;		/* sizeof(struct shared): images must agree */
	uint32_t nroles;
	uint32_t ack;		/* futex: set-up commands done */
	uint32_t set_up_error;	/* errno of a failed set-up command */
	uint32_t delays;	/* enum delays */
	uint32_t patient;	/* guest time is the host's: a CPU may stand still for long */
	uint32_t freezes;	/* a step of the case freezes roles */
	/* the first failed `need`, or broken invariant, ends the case */
	uint32_t failed;	/* enum failure */
	uint32_t failed_role, failed_step;
	s64a failed_ret;
	int32_t watcher;	/* its pid */
	uint32_t nraces;
	uint32_t met;		/* futex: meetings complete so far, for the controller */
	struct race race[MAX_RACES];
	uint32_t posts[FORM_MAX_EDGES];
	s64a value[FORM_MAX_VALUES];
	struct role_state role[FORM_MAX_ROLES];
};

_Static_assert(sizeof(struct shared) <= FORM_OFF, "the form follows");

enum failure {
	FAIL_NONE,
	FAIL_NEED,		/* a `need` step failed with failed_ret */
	FAIL_CORE,		/* the interpreter met what must not be; failed_ret: line of core_failed() */
};

/* Numbers of the verbs, form_step.verb. */
enum {
#define VERB(id, name, args, help) VERB_##id,
#include "../form/verbs.def"
#undef VERB
	NVERBS
};

static inline struct shared *shared(void)
{
	return (struct shared *)SHARED_BASE;
}
static inline struct role_state *state_of(uint32_t role)
{
	return &shared()->role[role];
}
static inline struct role_state *my_state(const struct actor *a)
{
	return &a->sh->role[a->role];
}
static inline const struct form_case *the_form(void)
{
	return (const struct form_case *)(SHARED_BASE + FORM_OFF);
}
static inline struct actor *slot_of(uint32_t role)
{
	return (struct actor *)(SHARED_BASE + SLOT_OFF + role * (unsigned long)ACTOR_STACK);
}
static inline char *log_of(uint32_t role, bool handler)
{
	return (char *)(SHARED_BASE + LOG_OFF + role * LOG_SIZE + (handler ? MAIN_LOG_SIZE : 0));
}
static inline unsigned long log_room(bool handler)
{
	return handler ? LOG_SIZE - MAIN_LOG_SIZE : MAIN_LOG_SIZE;
}

/* One log line in memory; the text follows, the next line at a multiple of 4. */
struct log_line {
	uint16_t len;
	uint16_t committed;
};

/* start.S */
long spawn(sysarg flags, void *top, int32_t *ptid, int32_t *ctid, void (*fn)(void *), void *arg);
void on_stack(void *top, void (*fn)(void *), void *arg) __attribute__((noreturn));

/* core.c */
void actor_init(uint32_t role);
void run_column(void *actor) __attribute__((noreturn));	/* from the role's frames on, then park */
void resume_column(void *actor) __attribute__((noreturn));	/* after an exec: ends the exec step first */
void run_block(struct actor *a, uint32_t block);
void run_list(struct actor *a, uint32_t first, uint32_t n, uint32_t left, uint32_t edge);
void step_finish(struct actor *a, const struct form_step *s, long ret);
void step_posts(struct actor *a, const struct form_step *s);
void core_failed(struct actor *a, int line) __attribute__((noreturn));
void park(struct actor *a) __attribute__((noreturn));

/*
 * A turn of a spin.  No `pause': under TCG that instruction leaves the translated
 * code, which costs a thousand times the turn.  And no short loop: a spinner's
 * guest time is instructions that the host executes, but a run of `nop' is
 * translated to nothing.
 */
static inline void relax(void)
{
	__asm__ volatile(".rept 240\n\tnop\n\t.endr" : : : "memory");
}

/* edges.c */
void await_edge(struct actor *a, uint32_t edge);
bool edge_posted(struct actor *a, uint32_t edge);
void nap(uint64_t ns);
uint64_t now_ns(void);

/* perturb.c */
uint64_t rng_next(u64a *state);
uint64_t rng_mix(uint64_t a, uint64_t b);
void delay_step(struct actor *a);	/* before a step, when the job perturbs */
void delay_race(struct actor *a);

/* birth.c */
long birth(struct actor *a, uint32_t role, sysarg flags);
void start_role(void *actor) __attribute__((noreturn));
long exec_image(struct actor *a, uint32_t bits);
void obey(void *actor) __attribute__((noreturn));
void image_main(uint32_t role) __attribute__((noreturn));

/*
 * rest.c: rest is what LOOKS equal looks LOOK_NS apart find; where CPUs are
 * counted, two as far apart as the first and the last of them: nobody but the
 * watcher decides there when it looks, and each look is dear.
 */
#define LOOK_NS	2000000ull
#define LOOKS	3
#define LOOKS_COUNTED 2
enum look { LOOK_MOVING, LOOK_WAIT, LOOK_REST };
struct mark {
	uint32_t loops;		/* at the last look */
	uint32_t every;		/* ns between two looks */
	uint64_t deep;		/* ns for which looks in a row found it in D */
	uint64_t asleep;	/* ns a poller slept without a turn */
	char letter;		/* state at the last look, 0: no task */
	int stat_tid, stat_fd;	/* the stat file that is kept open, and whose; 0: none is */
};
uint32_t looks_needed(void);
uint32_t look_interval(void);
enum look look_role(uint32_t role, int tid, uint64_t now, struct mark *m, uint64_t *what);
/* False while the task may still be on a CPU, whatever its state letter. */
bool off_cpu(int tid);
/* State letter, 0: no such task; the exit code means something for zombies only, may be NULL. */
char task_state(int tid, int *exit_code);
/* What follows the name in a stat file of `n' bytes: its third field; NULL when that is no such text. */
const char *stat_behind_name(const char *buf, long n);
/* The state letter for who looks again and again: the file stays open until stat_close(). */
char stat_letter(struct mark *m, int tid);
void stat_close(struct mark *m);

/* fmt.c: text into a buffer, always terminated; returns the length written. */
unsigned int fmt(char *out, unsigned int room, const char *format, ...);
/* roles.c: pids as the actor `viewer` names them: role, and how it is called. */
int resolve(uint32_t viewer, int32_t pid, const char **prefix);

void role_bind(uint32_t viewer, uint32_t role, int32_t pid);

/* watch.c and bench.c */
int watch_main(void);
int bench_main(void);

#endif
