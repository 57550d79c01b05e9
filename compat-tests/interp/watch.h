/* watch.h - the watcher of one repeat: set-up, looks, controller, end state, trace text. */
#ifndef WATCH_H
#define WATCH_H

#include "actor.h"
#include "request.h"

extern struct request *req;

/* watch_proc.c: what /proc says of a task; all return false or 0 when it is gone. */
struct task_info {
	char state;
	int tracer;		/* as the watcher numbers it */
	uint64_t sigpnd, shdpnd, sigblk;
};
bool task_info(int tid, struct task_info *out);
/* Children of a task, any depth 1; returns their number, at most max. */
int task_children(int tid, int *pids, int max);
/* The first number of NSpid whose last is `inner`, among children of a task. */
int outer_tid(int creator, int inner);
int watch_tid(uint32_t role);	/* the role's task in the watcher's namespace, 0 not known or gone */

/* watch_look.c */
enum ending { END_REST, END_RUNNING, END_FAILED };
enum ending watch_until_rest(void);
/*
 * Nanoseconds since *before, which becomes now, but @most: a round of the
 * watcher's counts for no more, for the host may stop all of the guest for seconds.
 */
uint64_t round_since(uint64_t *before, uint64_t most);

/* watch_control.c: the real-time controller of perturbed runs. */
void control_start(uint64_t seed, bool racy);
/* Sleep until `until` (CLOCK_MONOTONIC ns), disturbing the schedule meanwhile. */
void control_sleep(uint64_t until);
void control_calm(void);
/* Before a look in /proc: nobody is real-time until the next control_sleep(). */
void control_make_way(void);
void control_base(uint32_t role);	/* the role's ordinary scheduling policy */
/* Let a role that spins compete like any other from now on. */
void control_plain(uint32_t role);
/* Tell the role that is starved in this repeat, if one is, also when a step has made it again. */
void control_starve(void);

/* watch_render.c: the trace into req->text; false when it does not fit. */
void render_logs(void);
void render_ends(enum ending ending);
bool render_fits(void);

/* watch_clean.c: end everything the case made; names of survivors go to req->note and the trace. */
void clean_up(void);

#endif
