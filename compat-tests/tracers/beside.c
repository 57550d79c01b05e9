/* beside.c - runs a command with engines on all its threads, and counts what the engines did. */
/*
 * usage: beside [-b] [-l] [-s NAME] -o FILE COMMAND...
 *
 *	-b	the broker, with this program as its client: every call is run
 *	-l	the logger
 *	-s NAME	the probe, as an engine that stops: threads of programs named
 *		NAME stop at each entry to and exit from a system call, each
 *		fourth time for a tick, and at other times for a tick, too
 *
 * FILE gets the counts, as a shell reads them.  The exit status is that of
 * COMMAND, 125 if the engines are in trouble.
 */
#include <errno.h>
#include <fcntl.h>
#include <logger.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"

#define MAX_THREADS 256		/* alive at a time */
#define MAX_CPUS 8
#define TICK 4			/* milliseconds */
#define STUCK 60000		/* nothing at all for so long: somebody stopped is not let go */
#define COUNTED SYS_tgkill	/* a call that only the traced program makes */
#define DELAY 200000		/* microseconds at most that others wait for us when they fork */
#define LIFE (EV(CLONE) | EV(EXEC) | EV(DEATH))

/* A thread that the stopping engine follows. */
struct thread {
	int fd, tid;
	bool stopped;		/* at an event, until the next tick */
	unsigned int id;	/* of that stop */
	bool asked;		/* to stop, at no event */
	bool subject;		/* of a program named NAME */
};

static struct thread threads[MAX_THREADS];
static int nthreads, turn;
static const char *name, *output;
static int broker = -1, log_fds[MAX_CPUS], nlogs;
static bool want_broker, want_logger;
static pid_t command;

static struct {
	long broker_calls, broker_counted, broker_gone;
	long logger_entries, logger_counted, logger_returns, logger_returned, logger_wrong;
	long stopper_threads, stopper_stops, stopper_counted, stopper_ticks, stopper_slept, stopper_asked,
	     stopper_lost;
} n;

static void trouble(const char *what, int err)
{
	fprintf(stderr, "beside: %s: %s\n", what, strerror(err));
	if (command > 0)
		kill(command, SIGKILL);
	exit(125);
}

/* Is it a thread of a program named NAME? */
static bool is_subject(int tid)
{
	char path[64], comm[64];

	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	get(path, comm, sizeof(comm));
	comm[strcspn(comm, "\n")] = '\0';
	return !strcmp(comm, name);
}

static void set_events(struct thread *t)
{
	unsigned long events = LIFE;
	int ret;

	if (t->subject)
		events |= EV(ENTRY) | EV(SYSCALL_EXIT);
	ret = probe_do(t->fd, "events %lx", events);
	/* -ESRCH: killed meanwhile */
	if (ret && ret != -ESRCH)
		trouble("events", -ret);
}

/* From now on it is stopped at its calls, too, if it is one of ours. */
static void look_at(struct thread *t)
{
	if (t->subject || !is_subject(t->tid))
		return;
	t->subject = true;
	n.stopper_threads++;
	probe_do(t->fd, "delay 0");
	set_events(t);
}

/*
 * A stop at the clone event begins when the child runs already.  So those that
 * start programs sleep in the callback, which is before that.  What our
 * subjects make waits in read(2) for all of them.
 */
static void follow(int tid)
{
	static const int stop_at[] = { EV_CLONE, EV_EXEC, EV_ENTRY, EV_SYSCALL_EXIT };
	struct thread *t = &threads[nthreads];
	int ret;

	if (nthreads == MAX_THREADS)
		trouble("threads", E2BIG);
	*t = (struct thread){ .fd = probe_open(), .tid = tid };
	for (unsigned int i = 0; i < sizeof(stop_at) / sizeof(*stop_at); i++)
		probe_do(t->fd, "on %d %x", stop_at[i], DO_STOP);
	probe_do(t->fd, "delay %d", DELAY);
	ret = probe_do(t->fd, "attach %d 0", tid);
	if (ret) {
		close(t->fd);
		/* killed before it ran */
		if (ret == -ESRCH)
			return;
		trouble("attach", -ret);
	}
	nthreads++;
	set_events(t);
	/* after that: an exec in between is reported */
	look_at(t);
}

/* The callback that sleeps returns; the next one sleeps again. */
static void wake(struct thread *t)
{
	if (t->subject)
		return;
	probe_do(t->fd, "delay 0");
	probe_do(t->fd, "barrier");
	probe_do(t->fd, "delay %d", DELAY);
}

static void let_go(struct thread *t)
{
	int ret = probe_do(t->fd, "control_stop %d %u", DO_RESUME, t->id);

	t->stopped = false;
	if (ret && ret != -ESTALE && ret != -ESRCH)
		trouble("resume", -ret);
}

/* What the engine of the thread @i reports; false if it is dead. */
static bool report(int i)
{
	struct probe_line line;
	struct thread *t = &threads[i];

	while (probe_read(t->fd, &line, 0)) {
		t->id = line.id;
		switch (line.event) {
		case EV_DEATH:
			probe_do(t->fd, "delay 0");
			close(t->fd);
			return false;
		case EV_LOST:
			n.stopper_lost += line.extra;
			continue;
		case EV_CLONE:
			follow(line.extra);
			break;
		case EV_EXEC:
			look_at(t);
			break;
		case EV_ENTRY:
			n.stopper_counted += line.extra == COUNTED;
			/* fall through */
		default:
			if (++n.stopper_stops % 4 == 0) {
				t->stopped = true;
				n.stopper_ticks++;
				continue;
			}
		}
		wake(t);
		let_go(t);
	}
	return true;
}

/* Let go whom we hold since the last tick, and ask one more to stop, wherever it is. */
static void tick(void)
{
	for (int i = 0; i < nthreads; i++) {
		struct thread *t = &threads[i];

		if (t->stopped) {
			n.stopper_slept += state_of(t->tid) == 't';
			let_go(t);
		}
		if (t->asked)
			probe_do(t->fd, "control %d", DO_RESUME);
		t->asked = false;
	}
	for (int i = 0; i < nthreads; i++) {
		struct thread *t = &threads[turn++ % nthreads];
		int ret;

		if (!t->subject)
			continue;
		ret = probe_do(t->fd, "control %d", DO_STOP);
		t->asked = !ret || ret == -EINPROGRESS;
		n.stopper_asked += t->asked;
		return;
	}
}

static void answer(void)
{
	struct broker_call c;

	while (broker_next(broker, &c, 0)) {
		int ret = broker_run(broker, &c);

		if (!ret) {
			n.broker_calls++;
			n.broker_counted += c.nr == COUNTED;
		} else if (ret == -ESRCH || ret == -ESTALE) {
			n.broker_gone++;	/* killed while it waited */
		} else {
			trouble("answer", -ret);
		}
	}
}

/* True if there was something. */
static bool read_log(void)
{
	long before = n.logger_entries;
	struct logger_record r;

	for (int i = 0; i < nlogs; i++)
		while (read(log_fds[i], &r, sizeof(r)) == sizeof(r)) {
			n.logger_entries += r.what == LOGGER_ENTRY;
			n.logger_counted += r.what == LOGGER_ENTRY && r.nr == COUNTED;
			n.logger_returns += r.what == LOGGER_RETURN;
			n.logger_returned += r.what == LOGGER_RETURN && r.nr == COUNTED;
			n.logger_wrong += r.what > LOGGER_RETURN;
		}
	return n.logger_entries > before;
}

static void load(const char *module, const char *parameters)
{
	int ret = module_load(module, parameters);

	if (ret && ret != -EEXIST)
		trouble(module, -ret);
}

static void start_engines(void)
{
	char text[64];
	int ret;

	if (name) {
		load("utrace-probe", NULL);
		follow(command);
	}
	if (want_broker) {
		load("utrace-broker", NULL);
		broker = broker_open();
		ret = broker < 0 ? broker : broker_attach(broker, command);
		if (ret)
			trouble("broker", -ret);
	}
	if (want_logger) {
		snprintf(text, sizeof(text), "pid=%d entries=1", command);
		load("utrace-logger", text);
		while (nlogs < MAX_CPUS) {
			snprintf(text, sizeof(text), "/sys/kernel/debug/utrace-logger/cpu%d", nlogs);
			log_fds[nlogs] = open(text, O_RDONLY | O_CLOEXEC);
			if (log_fds[nlogs] < 0)
				break;
			nlogs++;
		}
	}
}

/* Nothing has happened for long: say where all are. */
static void stuck(void)
{
	for (int i = 0; i < nthreads; i++) {
		struct thread *t = &threads[i];

		printf("%d: stop %u,%s%s%s\n", t->tid, t->id, t->subject ? " subject" : "",
		       t->stopped ? " stopped" : "", t->asked ? " asked" : "");
		whereabouts(t->tid);
	}
	whereabouts(command);
	fflush(stdout);
	trouble("nothing happens", ETIME);
}

/* Until the command has ended; its status. */
static int work(void)
{
	struct pollfd p[MAX_THREADS + 1];
	long next = 0, news = now_ms();
	int status;

	while (!waitpid(command, &status, WNOHANG)) {
		int i, polled = nthreads, alive = 0;

		for (i = 0; i < nthreads; i++)
			p[i] = (struct pollfd){ .fd = threads[i].fd, .events = POLLIN };
		p[i] = (struct pollfd){ .fd = broker, .events = POLLIN };
		if (poll(p, i + 1, TICK) > 0)
			news = now_ms();
		else if (now_ms() - news > STUCK)
			stuck();
		if (want_broker)
			answer();
		/* those that are new come to the end */
		for (i = 0; i < nthreads; i++)
			if ((i < polled && !p[i].revents) || report(i))
				threads[alive++] = threads[i];
		nthreads = alive;
		if (now_ms() < next)
			continue;
		next = now_ms() + TICK;
		tick();
		if (read_log())
			news = now_ms();
	}
	return status;
}

static void print_counts(void)
{
	FILE *f = fopen(output, "we");

	if (!f)
		trouble(output, errno);
	fprintf(f, "broker_calls=%ld broker_counted=%ld broker_gone=%ld\n", n.broker_calls,
		n.broker_counted, n.broker_gone);
	fprintf(f, "logger_entries=%ld logger_counted=%ld logger_returns=%ld logger_returned=%ld "
		   "logger_wrong=%ld\n", n.logger_entries, n.logger_counted, n.logger_returns,
		n.logger_returned, n.logger_wrong);
	fprintf(f, "stopper_threads=%ld stopper_stops=%ld stopper_counted=%ld\n", n.stopper_threads,
		n.stopper_stops, n.stopper_counted);
	fprintf(f, "stopper_ticks=%ld stopper_slept=%ld stopper_asked=%ld stopper_lost=%ld\n",
		n.stopper_ticks, n.stopper_slept, n.stopper_asked, n.stopper_lost);
	fclose(f);
}

int main(int argc, char **argv)
{
	int go[2], status, opt;
	char c;

	while ((opt = getopt(argc, argv, "+bls:o:")) != -1) {
		if (opt == 'b')
			want_broker = true;
		else if (opt == 'l')
			want_logger = true;
		else if (opt == 's')
			name = optarg;
		else if (opt == 'o')
			output = optarg;
		else
			return 125;
	}
	if (optind == argc || !output || pipe(go)) {
		fprintf(stderr, "usage: beside [-b] [-l] [-s NAME] -o FILE COMMAND...\n");
		return 125;
	}
	command = fork();
	if (command < 0)
		trouble("fork", errno);
	if (!command) {
		close(go[1]);
		if (read(go[0], &c, 1) != 1)
			_exit(125);
		close(go[0]);
		execv(argv[optind], argv + optind);
		_exit(127);
	}
	close(go[0]);
	start_engines();
	if (write(go[1], "", 1) != 1)
		trouble("start", errno);
	close(go[1]);
	status = work();
	read_log();
	for (int i = 0; i < nlogs; i++)
		close(log_fds[i]);
	/* another one follows another thread */
	if (want_logger && module_unload("utrace-logger"))
		trouble("utrace-logger", errno);
	print_counts();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
