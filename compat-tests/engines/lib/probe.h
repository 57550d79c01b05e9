/* probe.h - the engine on a file descriptor of samples/utrace/probe.c. */
#ifndef ENGINES_PROBE_H
#define ENGINES_PROBE_H

#include <stdbool.h>

/* Events by their number, actions: as in <linux/utrace.h>. */
enum {
	EV_QUIESCE, EV_REAP, EV_CLONE, EV_EXEC, EV_EXIT, EV_DEATH, EV_ENTRY, EV_SYSCALL_EXIT,
	EV_SIGNAL, EV_SIGNAL_IGN, EV_SIGNAL_STOP, EV_SIGNAL_TERM, EV_SIGNAL_CORE, EV_JCTL,
	EV_VFORK_DONE = 15, EV_SECCOMP, EV_TRAP, EV_ARRIVAL, EV_FINAL,
};
#define EV(x) (1UL << EV_##x)
enum { DO_STOP, DO_INTERRUPT, DO_REPORT, DO_SINGLESTEP, DO_BLOCKSTEP, DO_RESUME, DO_DETACH };

/* What one callback reported. */
struct probe_line {
	int pid;
	unsigned int event, action, id;
	long extra;
	unsigned long seq;	/* one order for the reports to all engines */
};

/* "Event" of reports that were lost, as many as extra says. */
#define EV_LOST 30
/* That of the result of a command that a callback executed, see "within". */
#define EV_WITHIN 31

/* Open /dev/utrace-probe; the module is to be loaded.  bail()s. */
int probe_open(void);
/* The same, with an engine attached to @pid with UTRACE_ATTACH_@flags that wants @events.  bail()s. */
int probe_engine(int pid, unsigned int flags, unsigned long events);
/* Give it one command, see the head of probe.c.  0, or -errno. */
int probe_do(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The next report; false if none comes in @ms milliseconds. */
bool probe_read(int fd, struct probe_line *line, int ms);
/* The next one of @event, others are dropped. */
bool probe_event(int fd, unsigned int event, struct probe_line *line, int ms);
/* Drop all that was reported. */
void probe_drop(int fd);

#endif
