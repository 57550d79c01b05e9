/* exit-holds.c - when a process ends, no hold from before keeps a thread, though other engines are told of its exit. */
/* seconds: 180 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* In the page: what the sibling is to do, the held thread's id, and whether it is there. */
enum { ORDER = 10, TID, THERE };
enum { GROUP_EXIT = 1, EXEC };

/* How the process ends. */
static const struct end {
	const char *name;
	int order;		/* by the sibling; 0: SIGKILL */
	int status;
} ends[] = {
	{ "SIGKILL", 0, SIGKILL },
	{ "a sibling's exit_group", GROUP_EXIT, 7 << 8 },
	{ "a sibling's exec", EXEC, 7 << 8 },
};

static int waits(void *unused)
{
	page[THERE] = 1;
	return sleeper(unused);
}

static int runs(void *unused)
{
	page[THERE] = 1;
	return spin(unused);
}

static int calls(void *unused)
{
	page[THERE] = 1;
	return call(unused);
}

/* Where the thread is held, or on its way to that. */
static const struct place {
	const char *name;
	int (*run)(void *);
	unsigned int event;	/* by whose callback; 0: from outside */
	int signal;
	char state;
	bool slow;		/* it is in a callback of another engine */
} places[] = {
	{ "held while it ran", runs, 0, 0, 't', false },
	{ "held at a call's entry", calls, EV_ENTRY, 0, 't', false },
	{ "held at a call's exit", calls, EV_SYSCALL_EXIT, 0, 't', false },
	{ "held at a signal", runs, EV_SIGNAL, SIGUSR1, 't', false },
	{ "held before a group stop", runs, EV_JCTL, SIGSTOP, 't', false },
	{ "held in a group stop", runs, 0, SIGSTOP, 'T', false },
	{ "asleep in a call, to be held", waits, 0, 0, 'S', false },
	{ "in another's callback, to be held", calls, 0, 0, '\0', true },
};

static const struct place *place;

static void *held(void *unused)
{
	page[TID] = syscall(SYS_gettid);
	place->run(unused);
	return NULL;
}

static void *sibling(void *unused)
{
	while (!page[ORDER])
		usleep(1000);
	if (page[ORDER] == GROUP_EXIT)
		_exit(7);
	execl("/proc/self/exe", "exec", "exit", NULL);
	return unused;
}

/* @arg: the held thread is the leader, or else the sibling is. */
static int process(void *arg)
{
	pthread_t thread;

	signal(SIGUSR1, SIG_DFL);
	if (pthread_create(&thread, NULL, arg ? sibling : held, NULL))
		return 1;
	if (arg)
		held(NULL);
	else
		sibling(NULL);
	return 2;
}

static bool there(void)
{
	for (long end = now_ms() + PATIENCE; !page[THERE]; sleep_ms(1))
		if (now_ms() > end)
			return false;
	return true;
}

/* What the other engine wants to be told of. */
static const struct wish {
	const char *name;
	unsigned long events;
} wishes[] = {
	{ "EXIT", EV(EXIT) },
	{ "QUIESCE", EV(QUIESCE) },
	{ "EXIT and QUIESCE", EV(EXIT) | EV(QUIESCE) },
};

struct run {
	char what[160];
	pid_t pid;
	int holder, other, slow;
};

/* The thread is at its place. */
static void bring(struct run *r, const struct place *p, bool leader, const struct wish *w)
{
	struct probe_line line = { 0 };
	int tid;

	place = p;
	page[ORDER] = page[THERE] = page[TID] = 0;
	r->pid = subject(process, leader ? r : NULL);
	if (!there())
		bail("no thread");
	tid = page[TID];
	r->holder = probe_open();
	r->other = probe_open();
	r->slow = probe_open();
	if (p->state == 'S')
		reaches(tid, 'S', PATIENCE);
	if (probe_do(r->holder, "attach %d 0", tid) || probe_do(r->other, "attach %d 0", tid) ||
	    probe_do(r->slow, "attach %d 0", tid))
		bail("attach");
	probe_do(r->other, "events %lx", w->events | EV(REAP));
	if (p->slow) {
		probe_do(r->slow, "delay 20000000");
		probe_do(r->slow, "events %lx", EV(ENTRY));
		check(probe_event(r->slow, EV_ENTRY, &line, PATIENCE), "%s: in a callback", r->what);
	}
	if (p->event) {
		/* the signal is dropped: it is not to end anything */
		probe_do(r->holder, "on %d %x", p->event, p->event == EV_SIGNAL ? 0x10 | DO_STOP : DO_STOP);
		probe_do(r->holder, "events %lx", p->event == EV_SIGNAL ? EV(SIGNAL_TERM) : 1ul << p->event);
	}
	if (p->signal)
		syscall(SYS_tgkill, r->pid, tid, p->signal);
	if (p->state == 'T')
		reaches(tid, 'T', PATIENCE);
	if (!p->event)
		probe_do(r->holder, "control %d", DO_STOP);
	check(!p->state || reaches(tid, p->state, PATIENCE), "%s: it is there: %c", r->what, state_of(tid));
	/* it does not want anything any more */
	probe_do(r->holder, "events 0");
}

static void leave(struct run *r)
{
	close(r->holder);
	close(r->other);
	close(r->slow);
}

static void end(struct run *r, const struct end *e)
{
	if (e->order)
		page[ORDER] = e->order;
	else
		kill(r->pid, SIGKILL);
	probe_do(r->slow, "delay 0");
}

/* One exit, and then the end. */
static void told(struct run *r, const struct wish *w)
{
	struct probe_line line;
	int exits = 0, quiesce = 0;
	bool reaped = false;

	while (!reaped && probe_read(r->other, &line, PATIENCE)) {
		exits += line.event == EV_EXIT;
		quiesce += line.event == EV_QUIESCE && line.extra == EV(EXIT);
		reaped = line.event == EV_REAP;
	}
	check(reaped && exits == !!(w->events & EV(EXIT)) && quiesce == !!(w->events & EV(QUIESCE)),
	      "%s: the other engine is told: %d of the exit, %d of quiesce", r->what, exits, quiesce);
}

static void ends_held(const struct place *p, const struct end *e, bool leader, const struct wish *w)
{
	struct run r;
	int status;

	snprintf(r.what, sizeof(r.what), "%s, %s, %s, %s", p->name, e->name, leader ? "leader" : "thread", w->name);
	bring(&r, p, leader, w);
	end(&r, e);
	status = subject_wait(r.pid, PATIENCE);
	if (!check(status == e->status, "%s: it ends: %x", r.what, status))
		whereabouts(r.pid);
	if (status < 0) {
		probe_do(r.holder, "control %d", DO_DETACH);
		subject_end(r.pid);
	}
	told(&r, w);
	leave(&r);
}

/* What the callback at the exit decides does hold the thread, and that alone. */
static void held_at_exit(const struct place *p, const struct end *e, bool leader)
{
	struct probe_line line;
	struct run r;
	int status;

	snprintf(r.what, sizeof(r.what), "%s, %s, %s, held at its exit", p->name, e->name,
		 leader ? "leader" : "thread");
	bring(&r, p, leader, &wishes[0]);
	probe_do(r.other, "on %d %d", EV_EXIT, DO_STOP);
	end(&r, e);
	check(probe_event(r.other, EV_EXIT, &line, PATIENCE) && reaches(page[TID], 't', PATIENCE), "%s: it stops: %c", r.what,
	      state_of(page[TID]));
	check(!probe_do(r.other, "examine"), "%s: for who said so there", r.what);
	check(probe_do(r.holder, "examine") < 0, "%s: not for who held it before", r.what);
	check(!probe_do(r.other, "control %d", DO_RESUME), "%s: let go", r.what);
	status = subject_wait(r.pid, PATIENCE);
	if (!check(status == e->status, "%s: it ends: %x", r.what, status))
		whereabouts(r.pid);
	leave(&r);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 7;
	subject_init(170);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (size_t j = 0; j < sizeof(ends) / sizeof(ends[0]); j++) {
			/* of a group stop SIGKILL alone is an end: the sibling stops, too */
			if (ends[j].order && places[i].signal == SIGSTOP)
				continue;
			for (int leader = 0; leader <= 1; leader++) {
				for (size_t k = 0; k < sizeof(wishes) / sizeof(wishes[0]); k++)
					ends_held(&places[i], &ends[j], leader, &wishes[k]);
				held_at_exit(&places[i], &ends[j], leader);
			}
		}
	return done_testing();
}
