/* random.c - chance tells tracers and tracees what to do; after each step it is told what everybody came to. */
/* call: 64 seed=1 scenes=120 */
/* call: 32 seed=1 scenes=120 */
/* call: x32 seed=1 scenes=120 */
/* seconds: 300 */
/*
 * usage: random seed=N scenes=COUNT
 *
 * All are on one CPU and have one real-time priority: they run in the order in
 * which they are woken, each until it sleeps, so what is told does not depend on
 * how long anything takes.  Of two priorities the higher would spin for ever in
 * the dentry cache, for the end of a process that it has preempted.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/actor.h"
#include "lib/census.h"
#include "lib/look.h"
#include "lib/stage.h"

#define STEPS 60

/* The first actors; those after ME are for whom they make. */
enum { P, P1, P2, T, T1, U, C, ME, FIRST_NEW };
static const char *const first_names[] = { "P", "P1", "P2", "T", "T1", "U", "C" };

static unsigned int next_actor;
/* for whom its tracer would wait next, and who has just been let go and would do something */
static struct task *just_stopped;
static pid_t just_resumed;
static int told[ACTORS];
static uint64_t chance;
static struct cast *cast;

/* --- chance */

static unsigned int pick(unsigned int n)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (chance >> 20) % n;
}

struct weighed {
	int what;
	unsigned int weight;
};

static int pick_weighed(const struct weighed *of, size_t n)
{
	unsigned int sum = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < n; k++)
		sum += of[k].weight;
	for (at = pick(sum); at >= of[i].weight; i++)
		at -= of[i].weight;
	return of[i].what;
}
#define PICK(of) pick_weighed(of, sizeof(of) / sizeof((of)[0]))

static int pick_signal(void)
{
	static const struct weighed of[] = {
		{ SIGSTOP, 12 }, { SIGCONT, 12 }, { SIGUSR1, 10 }, { SIGUSR2, 6 }, { SIGTSTP, 5 }, { SIGTTIN, 2 },
		{ SIGWINCH, 2 }, { SIGCHLD, 2 }, { 34, 4 }, { SIGTRAP, 1 }, { SIGSEGV, 1 }, { SIGABRT, 1 },
		{ SIGTERM, 1 }, { SIGHUP, 1 }, { SIGKILL, 1 },
	};

	return PICK(of);
}

static unsigned int pick_options(bool exit)
{
	unsigned int all = 0xff & ~(exit ? 0 : PTRACE_O_TRACEEXIT);

	switch (pick(4)) {
	case 0:
		return 0;
	case 1:
		return all;
	default:
		/* now and then one that there is not */
		return (pick(256) & all) | (pick(8) ? 0 : PTRACE_O_EXITKILL) | (pick(40) ? 0 : 0x100);
	}
}

/* --- what is told */

/* Names in place of "#7". */
static void add_named(struct text *t, const char *s)
{
	while (*s) {
		const char *mark = strchr(s, '#');
		char *end;

		if (!mark) {
			add(t, "%s", s);
			return;
		}
		add(t, "%.*s%s", (int)(mark - s), s, census_name(strtol(mark + 1, &end, 10)));
		s = end;
	}
}

static void add_came(struct text *t)
{
	for (unsigned int i = 0; i < ACTORS; i++) {
		struct actor *a = &cast->actors[i];

		if (told[i] == a->done)
			continue;
		told[i] = a->done;
		add(t, " (%s: ", i == ME ? "me" : census_name(a->tid));
		add_named(t, a->came);
		add(t, ")");
	}
	if (cast->ncaught) {
		add_named(t, cast->caught);
		cast->ncaught = 0;
		cast->caught[0] = '\0';
	}
}

/* Of us, the parent of those who have none, and of whoever has no other tracer. */
static void add_sigchld(struct text *t)
{
	const struct timespec none = { 0, 0 };
	sigset_t set;
	siginfo_t i;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	while (sigtimedwait(&set, &i, &none) > 0)
		add(t, " SIGCHLD %d/%s/%x", i.si_code, census_name(i.si_pid), (unsigned int)i.si_status);
}

static void add_tasks(struct text *t)
{
	for (size_t i = 0; i < ntasks; i++) {
		struct task *k = &tasks[i];

		if (k->tid > 0 && !k->here) {
			add(t, " %s gone", k->name);
			/* its number may come again */
			k->tid = -k->tid;
		} else if (k->tid > 0 && strcmp(k->line, k->last)) {
			add(t, " %s %s", k->name, k->line);
			if (k->state == 't' && k->last[0] != 't')
				just_stopped = k;
			strcpy(k->last, k->line);
		}
	}
}

/* --- what is done */

static const struct weighed to_stopped[] = {
	{ DO_RESUME, 50 }, { DO_WAIT, 20 }, { DO_DETACH, 5 }, { DO_LISTEN, 5 }, { DO_ASK, 3 }, { DO_INTERRUPT, 3 },
	{ DO_SETOPTIONS, 4 }, { DO_WAITID, 3 }, { DO_SETSIGINFO, 2 }, { DO_NUMBER, 3 }, { DO_RESULT, 2 },
	{ DO_SETSIGMASK, 1 }, { DO_PEEKSIGINFO, 1 }, { DO_KILLREQ, 1 }, { DO_TGKILL, 4 }, { DO_KILL, 4 },
}, to_running[] = {
	{ DO_INTERRUPT, 10 }, { DO_WAIT, 8 }, { DO_KILL, 4 }, { DO_TGKILL, 6 }, { DO_WAITID, 2 }, { DO_RESUME, 1 },
	{ DO_DETACH, 1 }, { DO_KILLREQ, 1 }, { DO_ASK, 1 },
}, to_others[] = {
	{ DO_KILL, 3 }, { DO_TGKILL, 4 }, { DO_WAIT, 2 }, { DO_WAITID, 1 }, { DO_SEIZE, 1 }, { DO_ATTACH, 1 },
	{ DO_INTERRUPT, 1 }, { DO_RESUME, 1 }, { DO_DETACH, 1 },
}, to_untraced[] = {
	{ DO_SEIZE, 12 }, { DO_ATTACH, 8 }, { DO_KILL, 3 }, { DO_TGKILL, 4 }, { DO_WAIT, 1 },
}, to_none[] = {
	{ DO_CALL, 24 }, { DO_PAUSE, 2 }, { DO_READ, 2 }, { DO_FAULT, 1 }, { DO_TRAP, 2 }, { DO_FILTER, 1 },
	{ DO_GROUP, 1 }, { DO_DEATHSIG, 1 }, { DO_FORK, 4 }, { DO_VFORK, 4 }, { DO_CLONE, 3 }, { DO_THREAD, 4 },
	{ DO_EXEC, 4 }, { DO_EXIT, 3 }, { DO_EXITGROUP, 1 }, { DO_ACTION, 2 }, { DO_BLOCK, 2 }, { DO_UNBLOCK, 2 },
	{ DO_TAKE, 2 }, { DO_TRACEME, 2 },
};

static bool is_tracer(const struct task *t)
{
	return t->name[0] == 'T' || t->name[0] == 'U';
}

enum kind { STOPPED, RUNNING, UNTRACED, OTHER, NKINDS };

static enum kind kind_of(const struct task *t, pid_t tracer)
{
	if (t->tracer == tracer)
		return t->state == 't' ? STOPPED : RUNNING;
	/* to trace a tracer is rarely of interest: it is soon over with all the others */
	return t->tracer || is_tracer(t) ? OTHER : UNTRACED;
}

/* A thread for @tracer, rather one that waits for it.  NULL if there is none at all. */
static struct task *pick_target(pid_t tracer)
{
	static const unsigned int weights[NKINDS] = { 12, 4, 4, 1 };
	struct task *of[NKINDS][TASKS];
	unsigned int n[NKINDS] = { 0 }, sum = 0, at;

	for (size_t i = 0; i < ntasks; i++) {
		enum kind k = kind_of(&tasks[i], tracer);

		if (tasks[i].tid > 0)
			of[k][n[k]++] = &tasks[i];
	}
	for (int k = 0; k < NKINDS; k++)
		sum += n[k] ? weights[k] : 0;
	if (!sum)
		return NULL;
	at = pick(sum);
	for (int k = 0;; k++) {
		if (n[k] && at < weights[k])
			return of[k][pick(n[k])];
		at -= n[k] ? weights[k] : 0;
	}
}

static void complete(struct command *c, unsigned int actor, const struct task *target)
{
	bool tracer = actor == T || actor == T1 || actor == U || actor == ME;

	static const struct weighed requests[] = {
		{ PTRACE_CONT, 30 }, { PTRACE_SYSCALL, 40 }, { PTRACE_SINGLESTEP, 12 }, { PTRACE_SYSEMU, 8 },
		{ PTRACE_SYSEMU_SINGLESTEP, 4 }, { PTRACE_SINGLEBLOCK, 4 },
	}, filters[] = {
		{ 0x7ff00000, 3 }, { 0x00030000, 1 }, { 0x00050001, 1 },
	};

	switch (c->deed) {
	case DO_SEIZE:
	case DO_SETOPTIONS:
		/* two that wait for each other at their ends are there for ever */
		c->b = pick_options(tracer && target && !is_tracer(target));
		break;
	case DO_RESUME:
		c->a = PICK(requests);
		c->b = pick(4) ? 0 : pick_signal();
		break;
	case DO_DETACH:
		c->b = pick(2) ? 0 : pick_signal();
		break;
	case DO_KILL:
	case DO_TGKILL:
	case DO_SETSIGINFO:
	case DO_SETSIGMASK:
	case DO_BLOCK:
	case DO_UNBLOCK:
	case DO_DEATHSIG:
		c->a = pick_signal();
		break;
	case DO_ACTION:
		c->a = pick_signal();
		c->b = pick(3);
		break;
	case DO_WAIT:
		c->target = pick(3) ? c->target : pick(8) ? -1 : 0;
		c->a = (pick(4) ? __WALL : pick(2) ? 0 : __WCLONE) | (pick(2) ? WUNTRACED : 0) |
		       (pick(2) ? WCONTINUED : 0) | (pick(8) ? 0 : __WNOTHREAD);
		c->b = actor != ME && !pick(12);
		break;
	case DO_WAITID:
		c->target = pick(2) ? c->target : -1;
		c->a = (pick(4) ? WEXITED : 0) | (pick(4) ? WSTOPPED : 0) | (pick(2) ? WCONTINUED : 0) | WNOWAIT |
		       (pick(4) ? __WALL : 0);
		break;
	case DO_NUMBER:
		c->a = pick(2) ? -1u : SYS_getpgrp;
		break;
	case DO_RESULT:
		c->a = 7;
		break;
	case DO_PEEKSIGINFO:
		c->a = pick(2);
		break;
	case DO_FILTER:
		c->a = PICK(filters);
		break;
	case DO_FORK:
	case DO_VFORK:
	case DO_CLONE:
	case DO_THREAD:
		if (next_actor == ACTORS)
			c->deed = DO_CALL;
		else
			c->a = next_actor++;
		break;
	case DO_EXIT:
	case DO_EXITGROUP:
		c->a = pick(3);
		break;
	default:
		break;
	}
}

/* Who has nothing to do, and lives. */
static bool is_free(unsigned int actor)
{
	struct actor *a = &cast->actors[actor];

	struct task *t = census_find(a->tid);

	return t && t->state != 'Z' && a->given == a->done;
}

static unsigned int pick_actor(void)
{
	static const struct weighed of[] = {
		{ T, 10 }, { T1, 2 }, { U, 5 }, { ME, 1 }, { P, 4 }, { P1, 4 }, { P2, 3 }, { C, 2 }, { FIRST_NEW, 3 },
	};

	for (int tries = 0; tries < 50; tries++) {
		unsigned int actor = PICK(of);

		if (actor == FIRST_NEW && next_actor > FIRST_NEW)
			actor = FIRST_NEW + pick(next_actor - FIRST_NEW);
		if (actor == ME || is_free(actor))
			return actor;
	}
	return ME;
}

/* The actor whose thread is @tid now, ACTORS if it is nobody's or has something to do. */
static unsigned int free_actor_of(pid_t tid)
{
	unsigned int i = 0;

	if (tid == getpid())
		return ME;
	while (i < ACTORS && (cast->actors[i].tid != tid || !is_free(i)))
		i++;
	return i;
}

static enum deed pick_deed(const struct task *target, pid_t self)
{
	static const struct { const struct weighed *of; size_t n; } by_kind[NKINDS] = {
#define ALL(of) { of, sizeof(of) / sizeof((of)[0]) }
		[STOPPED] = ALL(to_stopped), [RUNNING] = ALL(to_running), [UNTRACED] = ALL(to_untraced),
		[OTHER] = ALL(to_others),
#undef ALL
	};
	enum kind k;

	if (!target)
		return DO_WAIT;
	k = kind_of(target, self);
	return pick_weighed(by_kind[k].of, by_kind[k].n);
}

static void step(struct text *t)
{
	unsigned int follows = just_stopped ? free_actor_of(just_stopped->tracer) :
			       just_resumed ? free_actor_of(just_resumed) : ACTORS;
	unsigned int actor = follows < ACTORS && pick(3) ? follows : pick_actor();
	bool tracer = actor == T || actor == T1 || actor == U;
	bool alone = actor != ME && !(just_stopped && actor == follows) && pick(100) < (tracer ? 5u : 85u);
	pid_t self = actor == ME ? getpid() : cast->actors[actor].tid;
	struct task *target = pick_target(self);
	struct command c = { .deed = DO_WAIT };

	if (alone) {
		c.deed = PICK(to_none);
	} else if (just_stopped && actor == follows) {
		target = just_stopped;
	} else {
		c.deed = pick_deed(target, self);
		/* who attaches waits for an exec, which may wait for threads of ours that are dead: for ever */
		if (actor == ME && (c.deed == DO_SEIZE || c.deed == DO_ATTACH))
			c.deed = DO_WAIT;
	}
	c.target = target ? target->tid : 0;
	complete(&c, actor, target);
	add(t, "; %s %s %s %x,%x:", actor == ME ? "me" : census_name(self), deed_names[c.deed],
	    alone ? "-" : c.target <= 0 ? "any" : census_name(c.target), c.a, c.b);
	just_resumed = 0;
	just_stopped = NULL;
	if (target && (c.deed == DO_RESUME || c.deed == DO_DETACH)) {
		just_resumed = target->tid;
		/* told, if it has stopped again */
		target->last[0] = '\0';
	}
	if (c.deed == DO_KILL && target)
		c.target = target->tgid;
	if (actor == ME)
		actor_do(ME, &c);
	else
		actor_tell(actor, &c);
}

/* --- a scene */

static void enter(unsigned int actor)
{
	setpgid(0, 0);
	actor_play(actor);
}

static bool set_out(unsigned int actor)
{
	pid_t pid = fork();
	uint64_t until = now_ms() + PATIENCE_MS;

	if (!pid)
		enter(actor);
	while (!cast->actors[actor].tid && now_ms() < until)
		nap();
	return pid > 0 && cast->actors[actor].tid == pid;
}

/* One that is done before anything else. */
static bool prepare(unsigned int actor, enum deed deed, uint32_t a, uint32_t b)
{
	const struct command c = { .deed = deed, .a = a, .b = b };
	struct actor *self = &cast->actors[actor];

	return actor_tell(actor, &c) && census_settled() && self->given == self->done;
}

static bool begin(void)
{
	/* no number of anybody is that of anything else, as an exit code */
	bool good = put_file("/proc/sys/kernel/ns_last_pid", "10000") && set_out(P) && set_out(T) && set_out(U);

	memset(told, 0, sizeof(told));
	next_actor = FIRST_NEW;
	good = good && prepare(P, DO_THREAD, P1, 0) && prepare(P, DO_THREAD, P2, 0) && prepare(T, DO_THREAD, T1, 0) &&
	       prepare(P, DO_FORK, C, 0) && prepare(T, DO_BLOCK, SIGCHLD, 0) && prepare(T1, DO_BLOCK, SIGCHLD, 0) &&
	       prepare(U, DO_BLOCK, SIGCHLD, 0);
	for (int sig = 0; good && sig < 3; sig++) {
		static const int signals[] = { SIGUSR1, SIGUSR2, 34 };

		good = prepare(P, DO_ACTION, signals[sig], 2) && prepare(T, DO_ACTION, signals[sig], 2) &&
		       prepare(U, DO_ACTION, signals[sig], 2);
	}
	for (unsigned int i = 0; good && i < ME; i++) {
		struct task *t = census_find(cast->actors[i].tid);

		good = t;
		if (good)
			strcpy(t->name, first_names[i]);
	}
	for (unsigned int i = 0; i < ACTORS; i++)
		told[i] = cast->actors[i].done;
	census_names_from(1);
	census_take();
	for (size_t i = 0; i < ntasks; i++)
		strcpy(tasks[i].last, tasks[i].line);
	return good;
}

/* Besides tracers, who alone are not of interest. */
static bool somebody_lives(void)
{
	for (size_t i = 0; i < ntasks; i++)
		if (tasks[i].tid > 0 && tasks[i].state != 'Z' && !is_tracer(&tasks[i]))
			return true;
	return false;
}

static void scene(unsigned int seed)
{
	static struct text t;
	struct scene none = { .status = -1 };

	memset(cast, 0, sizeof(*cast));
	census_clear();
	just_stopped = NULL;
	just_resumed = 0;
	t.n = 0;
	t.s[0] = '\0';
	chance = 0x9e3779b97f4a7c15ull * (seed + 1);
	if (!begin()) {
		broken("seed %u: the scene cannot be set", seed);
	} else {
		bool good = true;

		add_sigchld(&t);
		t.n = 0;
		for (int i = 0; good && i < STEPS && t.n < sizeof(t.s) - 2000 && somebody_lives(); i++) {
			step(&t);
			good = census_settled();
			add_came(&t);
			add_sigchld(&t);
			add_tasks(&t);
		}
		if (good)
			say("seed %u%s", seed, t.s);
		else
			broken("seed %u: nobody comes to rest%s", seed, t.s);
	}
	stage_end(&none);
}

/* One CPU for all, no cores, nobody lost. */
static bool set_up(void)
{
	struct rlimit no = { 0, 0 };
	const struct sched_param lowest = { .sched_priority = 1 };
	cpu_set_t first;
	sigset_t set;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	return !sched_setaffinity(0, sizeof(first), &first) && !sched_setscheduler(0, SCHED_FIFO, &lowest) &&
	       !setrlimit(RLIMIT_CORE, &no) &&
	       !sigprocmask(SIG_BLOCK, &set, NULL) && !prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) &&
	       (cast = actor_cast());
}

int main(int argc, char **argv)
{
	unsigned int seed, scenes;

	if (argc != 3 || sscanf(argv[1], "seed=%u", &seed) != 1 || sscanf(argv[2], "scenes=%u", &scenes) != 1) {
		fprintf(stderr, "usage: random seed=N scenes=COUNT\n");
		return 2;
	}
	if (set_up()) {
		role(getpid(), "me");
		for (unsigned int i = 0; i < scenes; i++)
			scene(seed + i);
	} else {
		broken("one CPU for all: %s", errno_word(errno));
	}
	return finish();
}
