/* quiesce.c - who is told of which event: by QUIESCE alone, by the event alone, by both, by neither. */
/* seconds: 120 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/occasion.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

static const struct event {
	const char *name;
	enum occasion what;
	unsigned int number;
	bool by_quiesce;		/* reported though nobody asked but by QUIESCE */
	int times;			/* it comes so often */
	int sig;			/* of a signal event: the number, */
	unsigned int verdict;		/* and what it would do */
} events[] = {
	{ "clone", FORKS, EV_CLONE, true, 1, 0, 0 },
	{ "clone by vfork", VFORKS, EV_CLONE, true, 1, 0, 0 },
	{ "vfork done", VFORKS, EV_VFORK_DONE, true, 1, 0, 0 },
	{ "exec", EXECS, EV_EXEC, true, 1, 0, 0 },
	{ "exit", EXITS, EV_EXIT, true, 1, 0, 0 },
	{ "exit by a signal", DUMPS, EV_EXIT, true, 1, 0, 0 },
	{ "death", EXITS, EV_DEATH, true, 1, 0, 0 },
	{ "system call entry", CALLS, EV_ENTRY, false, 1, 0, 0 },
	{ "system call exit", CALLS, EV_SYSCALL_EXIT, false, 1, 0, 0 },
	{ "seccomp", TRACED, EV_SECCOMP, false, 1, 0, 0 },
	{ "job control", STOPS, EV_JCTL, false, 2, 0, 0 },
	{ "signal with a handler", HANDLES, EV_SIGNAL, true, 1, SIGUSR1, 0x00 },
	{ "ignored signal", IGNORES, EV_SIGNAL_IGN, false, 1, SIGURG, 0x10 },
	{ "stop signal", STOPS, EV_SIGNAL_STOP, true, 1, SIGSTOP, 0x40 },
	{ "deadly signal", DIES, EV_SIGNAL_TERM, false, 1, SIGTERM, 0x20 },
	{ "signal with a core", DUMPS, EV_SIGNAL_CORE, true, 1, SIGQUIT, 0x30 },
};

/* Of one engine: reports of quiesce for the event, of the event itself, and what else there was. */
struct seen {
	int quiesce, event;
	int of_border;		/* of quiesce, for events that have none */
	int all;
	bool paired;		/* each report of the event came after one of quiesce */
	bool reaped;
};

static struct seen look(int fd, const struct event *e)
{
	unsigned int callback = e->sig ? EV_SIGNAL : e->number;
	struct seen s = { .paired = true };
	struct probe_line line;

	while (!s.reaped && probe_read(fd, &line, PATIENCE)) {
		s.all++;
		if (line.event == EV_REAP) {
			s.reaped = true;
		} else if (line.event == EV_QUIESCE) {
			s.quiesce += line.extra == 1l << e->number;
			if (line.extra & (EV(ARRIVAL) | EV(FINAL) | EV(TRAP) | EV(REAP)))
				s.of_border++;
		} else if (line.event == callback && (!e->sig || ((line.action & 0xf0) == e->verdict &&
								  line.extra == e->sig))) {
			s.event++;
			if (s.event > s.quiesce)
				s.paired = false;
		}
	}
	return s;
}

static int engine(pid_t pid, unsigned long mask)
{
	int fd = probe_open();

	if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "events %lx", mask | EV(REAP)))
		bail("attach");
	return fd;
}

/* The event comes, and the process ends. */
static void comes(pid_t pid, const struct event *e, const char *who)
{
	occasion_go();
	if (!check(occasion_over(pid, e->what), "%s, %s: it came", e->name, who))
		whereabouts(pid);
	if (e->what != EXECS && e->what != EXITS && e->what != DIES && e->what != DUMPS)
		subject_end(pid);
}

static void told(const struct event *e, const char *who, int fd, int quiesce, int event)
{
	struct seen s = look(fd, e);

	check(s.reaped && s.quiesce == quiesce && s.event == event && !s.of_border,
	      "%s, %s: %d reports of quiesce, %d of the event, as there are to be: %d, %d; %d of the border",
	      e->name, who, s.quiesce, s.event, quiesce, event, s.of_border);
	if (quiesce && event)
		check(s.paired, "%s, %s: quiesce comes first", e->name, who);
	close(fd);
}

static void alone(const struct event *e)
{
	pid_t pid = subject_occasion(e->what);
	int fd = engine(pid, EV(QUIESCE)), n = e->by_quiesce ? e->times : 0;

	comes(pid, e, "QUIESCE alone");
	told(e, "QUIESCE alone", fd, e->sig ? 0 : n, e->sig ? n : 0);

	pid = subject_occasion(e->what);
	fd = engine(pid, 1ul << e->number);
	comes(pid, e, "the event alone");
	told(e, "the event alone", fd, 0, e->times);

	pid = subject_occasion(e->what);
	fd = engine(pid, EV(QUIESCE) | 1ul << e->number);
	comes(pid, e, "both");
	told(e, "both", fd, e->sig ? 0 : e->times, e->times);
}

/* Each is told what it asked for, whoever is there. */
static void together(const struct event *e)
{
	pid_t pid = subject_occasion(e->what);
	int neither = engine(pid, 0), quiesce = engine(pid, EV(QUIESCE)), event = engine(pid, 1ul << e->number);
	int both = engine(pid, EV(QUIESCE) | 1ul << e->number), n = e->sig ? 0 : e->times;
	struct seen s;

	comes(pid, e, "together");
	s = look(neither, e);
	check(s.reaped && s.all == 1, "%s, neither, beside others: nothing but the end: %d", e->name, s.all);
	close(neither);
	told(e, "QUIESCE, beside others", quiesce, n, e->sig ? e->times : 0);
	told(e, "the event, beside others", event, 0, e->times);
	told(e, "both, beside others", both, n, e->times);
}

/* What report_quiesce sets or drops counts at once. */
static void late(const struct event *e)
{
	pid_t pid = subject_occasion(e->what);
	int event = engine(pid, 1ul << e->number);
	int sets = engine(pid, EV(QUIESCE)), drops = engine(pid, EV(QUIESCE) | 1ul << e->number);

	check(!probe_do(sets, "within 0 events %lx", EV(QUIESCE) | EV(REAP) | 1ul << e->number) &&
		      !probe_do(drops, "within 0 events %lx", EV(QUIESCE) | EV(REAP)),
	      "%s: one sets it, one drops it in report_quiesce", e->name);
	comes(pid, e, "late");
	told(e, "set in report_quiesce", sets, e->times, e->times);
	told(e, "dropped in report_quiesce", drops, e->times, 0);
	told(e, "beside those", event, 0, e->times);
}

/* A frame that is set up is told to who has QUIESCE, and to nobody else. */
static void frame(void)
{
	static const struct event handler = { "signal frame", HANDLES, EV_SIGNAL, true, 1, SIGUSR1, 0x70 };
	pid_t pid = subject_occasion(HANDLES);
	int quiesce = engine(pid, EV(QUIESCE)), event = engine(pid, EV(SIGNAL));

	comes(pid, &handler, "together");
	check(page[OCCASION_HANDLED] == 1, "signal frame: the handler ran: %ld", page[OCCASION_HANDLED]);
	told(&handler, "QUIESCE", quiesce, 0, 1);
	told(&handler, "SIGNAL", event, 0, 0);
}

/* Arrival and the final report have no report_quiesce, and QUIESCE is not asked for them. */
static void border(void)
{
	static const struct event arrival = { "arrival", FORKS, EV_ARRIVAL, false, 1, 0, 0 };
	static const struct event final = { "final", FORKS, EV_FINAL, false, 1, 0, 0 };
	pid_t pid = subject_occasion(FORKS);
	int quiesce = engine(pid, EV(QUIESCE)), first = engine(pid, EV(ARRIVAL)), last = engine(pid, EV(FINAL));
	struct probe_line in, out;

	comes(pid, &arrival, "together");
	told(&arrival, "QUIESCE", quiesce, 0, 0);
	check(probe_event(first, EV_ARRIVAL, &in, 0) && probe_event(last, EV_FINAL, &out, 0) && in.seq < out.seq,
	      "arrival is told to who wants it, and the end of the visit after it: %lu, %lu", in.seq, out.seq);
	check(look(first, &final).event == 0, "arrival alone: no final report");
	check(look(last, &arrival).event == 0, "final report alone: no arrival");
	close(first);
	close(last);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 7;
	subject_init(110);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		alone(&events[i]);
		together(&events[i]);
		if (!events[i].sig)
			late(&events[i]);
	}
	frame();
	border();
	return done_testing();
}
