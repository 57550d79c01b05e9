/* storm.h - what the actors of ptrace-storm share: a page of memory, random numbers, raw system calls. */
#ifndef ENGINES_STORM_H
#define ENGINES_STORM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>

#define TRACERS 5		/* processes; each may have a second tracer, a thread */
#define OUTSIDERS 1		/* who send signals, and trace nobody */
#define ACTORS (2 * TRACERS + OUTSIDERS)
#define POOL 40			/* threads that are offered for attach, request and signal */
#define CROWD 36		/* threads beyond which nobody makes more */
#define ROOM 8			/* that main keeps free below that, by killing */
#define KINDS 64		/* kinds of requests, see request.c */
/* Of the shared memory, in every process of the storm. */
#define STORM_FD 100
#define PROGRAM "/engines/ptrace-storm"

/* One who acts; its numbers go on when a successor takes its place. */
struct actor {
	volatile int tid;		/* 0: nobody */
	volatile unsigned long beats;	/* goes on as long as it lives */
	volatile unsigned long requests;
	unsigned long pad[5];
};

/* What tracers saw, by the status of a wait. */
enum { SAW_SIGNAL, SAW_SYSCALL, SAW_GROUP, SAW_FORK, SAW_VFORK, SAW_CLONE, SAW_EXEC, SAW_VFORK_DONE,
       SAW_EXIT, SAW_SECCOMP, SAW_TRAP, SAW_CONTINUED, SAW_END, SAWS };

struct storm {
	volatile int stop;
	volatile int crowd;		/* threads as of the last look */
	volatile unsigned int next;	/* slot of the pool to be filled */
	volatile int pool[POOL];
	volatile unsigned long made[KINDS], good[KINDS];
	volatile unsigned long saw[SAWS];
	volatile unsigned long lives, execs, signals;
	struct actor actors[ACTORS];
};

extern struct storm *storm;

/*
 * System calls of actors bypass the C library: threads here share its data, and
 * a tracer can abort any call at any time.  They return -errno.
 */
static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}
#define sys0(nr) sys6(nr, 0, 0, 0, 0, 0, 0)
#define sys1(nr, a) sys6(nr, (long)(a), 0, 0, 0, 0, 0)
#define sys2(nr, a, b) sys6(nr, (long)(a), (long)(b), 0, 0, 0, 0)
#define sys3(nr, a, b, c) sys6(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define sys4(nr, a, b, c, d) sys6(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define sys5(nr, a, b, c, d, e) sys6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

/* The random numbers of one actor: splitmix64. */
static inline uint64_t draw64(uint64_t *rnd)
{
	uint64_t z = *rnd += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* From 0 to @below - 1. */
static inline unsigned int draw(uint64_t *rnd, unsigned int below)
{
	return (draw64(rnd) >> 32) * below >> 32;
}

static inline bool one_in(uint64_t *rnd, unsigned int n)
{
	return !draw(rnd, n);
}

static inline void add_one(volatile unsigned long *n)
{
	__atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
}

void nap_us(unsigned int us);
/* End the calling thread, or its process, however often a tracer aborts the call. */
void leave(long nr) __attribute__((noreturn));
/* A thread on a stack of its own, clone()d with @flags; no pid if there is no stack left. */
long clone_with(int (*run)(void *), void *arg, int flags);
/* A thread of the pool, or 0. */
int pool_draw(uint64_t *rnd);
/* Offer thread @tid to everybody. */
void pool_offer(int tid);
/* A signal, 0 and invalid numbers among them. */
int draw_signal(uint64_t *rnd);
/* All requests that were made until now. */
unsigned long requests_made(void);
/* Map the shared memory behind STORM_FD; false if it cannot be had. */
bool storm_map(void);

/* life.c: what a tracee does until it ends; @depth generations are above it. */
void life(uint64_t seed, unsigned int depth, bool thread) __attribute__((noreturn));

/* tracer.c, outsider.c: until the storm stops, or the actor has done what it wanted to. */
void tracer(struct actor *me, uint64_t seed, bool thread) __attribute__((noreturn));
void outsider(struct actor *me, uint64_t seed) __attribute__((noreturn));

/* left.c: the cgroup of the storm, and who is in it. */
int cgroup_make(void);			/* its fd; bail()s */
int cgroup_crowd(void);			/* tasks in it, zombies included */
int cgroup_draw(uint64_t *rnd);		/* a process in it that is no actor, or 0 */
void cgroup_kill(void);
bool cgroup_empty(void);
void cgroup_remove(void);
int processes(void);			/* of user space, in all of /proc */
void show_left(void);			/* every thread of the storm: state, signals, stack */

/* slab.c: what the kernel has allocated. */
#define CACHES 12
struct slabs {
	long n[CACHES];			/* objects; -1: the kernel does not tell */
	long tasks, engines;
};
void slabs_count(struct slabs *s);
/* The same when what is still on its way has been freed, so that it hides no leak. */
void slabs_start(struct slabs *s);
/* Are there at most @slack more than at @start?  Waits as long as that takes, but not for ever. */
bool slabs_back(const struct slabs *start, long slack);
/* The same in checks, one a cache. */
void slabs_check(const struct slabs *start, long slack);

#endif
