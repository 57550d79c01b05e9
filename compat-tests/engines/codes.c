/* codes.c - every return code of utrace's interface, provoked on purpose: a table of function, code, and how. */
/* seconds: 120 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <dirent.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/ptrace.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* How long a callback takes while something else is tried. */
#define SLOW "delay 300000"

static int fd;
static pid_t pid;

static void attach(int (*run)(void *), unsigned long events)
{
	pid = subject(run, NULL);
	if (run == spin || run == call)
		moves(0);
	else
		reaches(pid, 'S', PATIENCE);
	fd = probe_engine(pid, 0, events);
}

static void end(void)
{
	close(fd);
	subject_end(pid);
}

/* A callback of the engine runs from now on, for a while. */
static void in_callback(void)
{
	struct probe_line line;

	probe_do(fd, SLOW);
	probe_drop(fd);
	if (!probe_event(fd, EV_ENTRY, &line, PATIENCE))
		bail("no callback");
}

static void hold(void)
{
	probe_do(fd, "control %d", DO_STOP);
	if (!reaches(pid, 't', PATIENCE))
		bail("no stop");
}

/* Zombie, with the engine attached. */
static void zombie(void)
{
	kill(pid, SIGKILL);
	reaches(pid, 'Z', PATIENCE);
}

/* What a command gives that a callback of the engine itself executes. */
static int within(const char *command)
{
	struct probe_line line;

	probe_do(fd, "within %d %s", EV_ENTRY, command);
	if (!probe_event(fd, EV_WITHIN, &line, PATIENCE))
		return 1;
	return line.extra;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* What @command gives if a signal comes 50 ms later. */
static int interrupted(const char *command)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	pid_t me = getpid(), other;
	int ret;

	sigaction(SIGUSR1, &sa, NULL);
	other = fork();
	if (!other) {
		usleep(50000);
		kill(me, SIGUSR1);
		_exit(0);
	}
	ret = probe_do(fd, "%s", command);
	waitpid(other, NULL, 0);
	return ret;
}

static int attach_0(void) { attach(sleeper, 0); return 0; }
static int attach_enoent(void) { attach(sleeper, 0); return probe_do(fd, "find 1 1"); }
static int attach_found(void) { attach(sleeper, 0); return probe_do(fd, "find %d 3", pid); }
static int attach_eexist(void) { attach(sleeper, 0); return probe_do(fd, "attach %d 21", pid); }
static int attach_einval(void) { attach(sleeper, 0); return probe_do(fd, "attach_null %d", pid); }
static int attach_eperm(void) { attach(sleeper, 0); return probe_do(fd, "attach 2 0"); }
static int attach_esrch(void) { attach(sleeper, 0); return probe_do(fd, "attach 4000000 0"); }

static int attach_zombie(void)
{
	int other = probe_open(), ret;

	attach(sleeper, 0);
	zombie();
	ret = probe_do(other, "attach %d 0", pid);
	close(other);
	return ret;
}

/* The n-th allocation of a task can be made to fail. */
static int attach_enomem(void)
{
	char number[8];
	int ret = 0;

	pid = subject(sleeper, NULL);
	fd = probe_open();
	for (int i = 1; i < 20 && ret != -ENOMEM; i++) {
		snprintf(number, sizeof(number), "%d", i);
		put("/proc/thread-self/fail-nth", number);
		ret = probe_do(fd, "attach %d 0", pid);
		put("/proc/thread-self/fail-nth", "0");
	}
	return ret;
}

/* In the page: orders to a family, and who is in it. */
enum { FORK = 11, FORK_AGAIN, CHILD, FORKING, READY, RESULT, HANDLED };

/* A process, its child, and a grandchild when that is told to. */
static int family(void *unused)
{
	pid_t child;

	while (!page[FORK])
		usleep(1000);
	child = fork();
	if (child) {
		page[CHILD] = child;
		return sleeper(unused);
	}
	while (!page[FORK_AGAIN])
		usleep(1000);
	page[FORKING] = 1;
	if (!fork())
		_exit(0);
	return sleeper(unused);
}

/*
 * A child that is followed forks while the module goes: its callback, which
 * the module's exit waits for, attaches to the grandchild.
 */
static int attach_eshutdown(void)
{
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), ret = 0;
	char text[1024];
	ssize_t n;

	lseek(kmsg, 0, SEEK_END);
	memset((void *)&page[FORK], 0, 8 * sizeof(*page));
	pid = subject(family, NULL);
	fd = probe_open();
	probe_do(fd, "follow 1");
	probe_do(fd, "attach %d 0", pid);
	probe_do(fd, "events %lx", EV(CLONE));
	page[FORK] = 1;
	while (!page[CHILD])
		sleep_ms(1);
	probe_do(fd, SLOW);
	page[FORK_AGAIN] = 1;
	while (!page[FORKING])
		sleep_ms(1);
	sleep_ms(50);
	close(fd);
	if (module_unload("utrace_probe"))
		ret = 1;
	while (!ret && (n = read(kmsg, text, sizeof(text) - 1)) > 0) {
		text[n] = '\0';
		if (strstr(text, "utrace-probe: cannot follow") && strstr(text, ": -108"))
			ret = -ESHUTDOWN;
	}
	close(kmsg);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	kill(page[CHILD], SIGKILL);
	fd = probe_open();
	return ret;
}

static void *keeper(void *arg)
{
	page[CHILD] = syscall(SYS_gettid);
	sleeper(NULL);
	return arg;
}

static int execs(void *unused)
{
	pthread_t t;

	(void)unused;
	pthread_create(&t, NULL, keeper, NULL);
	while (!page[FORK])
		usleep(1000);
	execl("/engines/codes", "codes", "sleep", NULL);
	return 1;
}

static void on_usr(int sig)
{
	(void)sig;
	page[HANDLED]++;
}

static int opener(void *unused)
{
	struct sigaction sa = { .sa_handler = on_usr };	/* no SA_RESTART */
	int b = broker_open();

	(void)unused;
	sigaction(SIGUSR1, &sa, NULL);
	page[READY] = 1;
	page[RESULT] = broker_attach(b, pid);
	page[READY] = 2;
	return 0;
}

/*
 * The broker's attach waits for an exec, which waits for a thread that we
 * keep at its exit.  A signal is handled meanwhile and the call begins again:
 * that is -ERESTARTNOINTR, which no program ever sees.
 */
static int attach_user_restarts(void)
{
	pid_t other;
	int status, ret = 1;

	fd = probe_open();
	memset((void *)&page[FORK], 0, 8 * sizeof(*page));
	pid = subject(execs, NULL);
	while (!page[CHILD])
		sleep_ms(1);
	if (trace(PTRACE_SEIZE, page[CHILD], PTRACE_O_TRACEEXIT))
		return 2;
	page[FORK] = 1;
	if (trace_wait(page[CHILD], PATIENCE) >> 8 != (SIGTRAP | PTRACE_EVENT_EXIT << 8))
		return 3;
	other = subject(opener, NULL);
	while (!page[READY])
		sleep_ms(1);
	sleep_ms(50);
	for (int i = 0; i < 3; i++) {
		kill(other, SIGUSR1);
		sleep_ms(30);
	}
	if (page[HANDLED] == 3 && page[READY] == 1)
		ret = -ERESTART;
	trace(PTRACE_CONT, page[CHILD], 0);
	trace_wait(page[CHILD], PATIENCE);
	status = subject_wait(other, PATIENCE);
	return !status && !page[RESULT] ? ret : 4;
}

static int attach_user_eperm(void)
{
	int b = broker_open(), ret = broker_attach(b, getpid());

	close(b);
	attach(sleeper, 0);
	return ret;
}

/* utrace_control() */
static int control_running(void) { attach(spin, 0); return probe_do(fd, "control %d", DO_STOP); }
static int control_stopped(void) { attach(spin, 0); hold(); return probe_do(fd, "control %d", DO_STOP); }
static int control_resume(void) { attach(spin, 0); hold(); return probe_do(fd, "control %d", DO_RESUME); }
static int control_bad(void) { attach(spin, 0); return probe_do(fd, "control 7"); }
static int control_report(void) { attach(spin, 0); return probe_do(fd, "control %d", DO_REPORT); }
static int control_step(void) { attach(spin, 0); return probe_do(fd, "control %d", DO_SINGLESTEP); }

static int control_detached(void)
{
	attach(spin, 0);
	probe_do(fd, "control %d", DO_DETACH);
	return probe_do(fd, "control %d", DO_STOP);
}

static int control_dead(void)
{
	attach(sleeper, EV(REAP));
	zombie();
	return probe_do(fd, "control %d", DO_STOP);
}

static int control_detach_dead(void)
{
	attach(sleeper, EV(REAP));
	zombie();
	return probe_do(fd, "control %d", DO_DETACH);
}

static int control_detach_in_callback(void)
{
	attach(call, EV(ENTRY));
	in_callback();
	return probe_do(fd, "control %d", DO_DETACH);
}

static int control_detach_within(void)
{
	attach(call, EV(ENTRY));
	return within("control 6");
}

static int has_worker(void *unused)
{
	struct io_uring_params p = { .flags = IORING_SETUP_SQPOLL };

	if (syscall(SYS_io_uring_setup, 4, &p) < 0)
		return 1;
	page[READY] = 1;
	return sleeper(unused);
}

/* io_uring's worker is a user thread without user registers. */
static int control_step_worker(void)
{
	struct dirent *e;
	char path[64];
	int tid = 0;
	DIR *dir;

	page[READY] = 0;
	pid = subject(has_worker, NULL);
	fd = probe_open();
	for (int i = 0; i < 1000 && !page[READY]; i++)
		sleep_ms(1);
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && atoi(e->d_name) != pid)
			tid = atoi(e->d_name);
	closedir(dir);
	if (probe_do(fd, "attach %d 0", tid) || probe_do(fd, "events %lx", EV(QUIESCE)))
		return 1;
	return probe_do(fd, "control %d", DO_SINGLESTEP);
}

static unsigned int stop_number(void)
{
	struct probe_line line;

	attach(call, 0);
	probe_do(fd, "on %d %d", EV_ENTRY, DO_STOP);
	probe_do(fd, "events %lx", EV(ENTRY));
	if (!probe_event(fd, EV_ENTRY, &line, PATIENCE))
		bail("no callback");
	return line.id;
}

static int control_stop_right(void)
{
	unsigned int id = stop_number();

	return probe_do(fd, "control_stop %d %u", DO_RESUME, id);
}

static int control_stop_stale(void)
{
	unsigned int id = stop_number();

	return probe_do(fd, "control_stop %d %u", DO_RESUME, id - 1);
}

static int control_stop_detached(void)
{
	unsigned int id = stop_number();

	probe_do(fd, "control %d", DO_DETACH);
	return probe_do(fd, "control_stop %d %u", DO_RESUME, id - 1);
}

/* utrace_set_events() */
static int events_0(void) { attach(call, EV(ENTRY)); return probe_do(fd, "events %lx", EV(ENTRY) | EV(EXIT)); }

static int events_running(void)
{
	attach(call, EV(ENTRY));
	in_callback();
	return probe_do(fd, "events 0");
}

static int events_running_again(void)
{
	attach(call, EV(ENTRY));
	in_callback();
	probe_do(fd, "events 0");
	return probe_do(fd, "events 0");
}

static int events_added_in_callback(void)
{
	attach(call, EV(ENTRY));
	in_callback();
	return probe_do(fd, "events %lx", EV(ENTRY) | EV(EXIT));
}

static int events_within(void) { attach(call, EV(ENTRY)); return within("events 0"); }

static int events_detached(void)
{
	attach(call, EV(ENTRY));
	probe_do(fd, "control %d", DO_DETACH);
	return probe_do(fd, "events 0");
}

static int events_missing(void)
{
	pid = subject(sleeper, NULL);
	fd = probe_open();
	if (probe_do(fd, "attach_few %d", pid))
		return 1;
	return probe_do(fd, "events %lx", EV(CLONE));
}

static int events_no_reap(void)
{
	pid = subject(sleeper, NULL);
	fd = probe_open();
	if (probe_do(fd, "attach_few %d", pid))
		return 1;
	return probe_do(fd, "events %lx", EV(REAP));
}

/* The death report runs, and takes a while. */
static void dying(void)
{
	struct probe_line line;

	attach(sleeper, EV(DEATH));
	probe_do(fd, SLOW);
	kill(pid, SIGKILL);
	if (!probe_event(fd, EV_DEATH, &line, PATIENCE))
		bail("no death report");
}

static int events_dying(void) { dying(); return probe_do(fd, "events 0"); }

static int events_dead(void)
{
	attach(sleeper, EV(REAP));
	zombie();
	return probe_do(fd, "events %lx", EV(REAP) | EV(DEATH));
}

/* and its synchronous variant */
static int events_sync(void)
{
	struct probe_line line;
	int ret;

	attach(call, EV(ENTRY));
	in_callback();
	ret = probe_do(fd, "events_sync 0");
	probe_do(fd, "delay 0");
	probe_drop(fd);
	return probe_read(fd, &line, 50) ? 1 : ret;
}

static int events_sync_signal(void)
{
	attach(call, EV(ENTRY));
	in_callback();
	return interrupted("events_sync 0");
}

static int events_sync_detached(void)
{
	attach(call, EV(ENTRY));
	probe_do(fd, "control %d", DO_DETACH);
	return probe_do(fd, "events_sync 0");
}

static int events_sync_dying(void) { dying(); return probe_do(fd, "events_sync 0"); }

/* utrace_barrier() */
static int barrier(void) { attach(call, EV(ENTRY)); in_callback(); return probe_do(fd, "barrier"); }
static int barrier_within(void) { attach(call, EV(ENTRY)); return within("barrier"); }

static int barrier_detached(void)
{
	attach(call, EV(ENTRY));
	in_callback();
	probe_do(fd, "control %d", DO_DETACH);
	return probe_do(fd, "barrier");
}

static int barrier_signal(void)
{
	attach(call, EV(ENTRY));
	in_callback();
	return interrupted("barrier");
}

/* utrace_detach_sync() and its uninterruptible variant */
static int detach(void) { attach(call, EV(ENTRY)); in_callback(); return probe_do(fd, "detach_sync"); }
static int detach_within(void) { attach(call, EV(ENTRY)); return within("detach_sync"); }

static int detach_signal(void)
{
	attach(call, EV(ENTRY));
	in_callback();
	return interrupted("detach_sync");
}

static void reaped(void)
{
	attach(sleeper, EV(REAP));
	subject_end(pid);
}

static int detach_reaped(void) { reaped(); return probe_do(fd, "detach_sync"); }

static int detach_for_sure(void)
{
	attach(call, EV(ENTRY));
	in_callback();
	return interrupted("detach_sync_uninterruptible");
}

static int detach_for_sure_reaped(void) { reaped(); return probe_do(fd, "detach_sync_uninterruptible"); }

static int detach_for_sure_within(void)
{
	attach(call, EV(ENTRY));
	return within("detach_sync_uninterruptible");
}

/* utrace_prepare_examine(), utrace_finish_examine() */
static int prepare(void) { attach(spin, 0); hold(); return probe_do(fd, "prepare"); }
static int prepare_free(void) { attach(spin, 0); return probe_do(fd, "prepare"); }
static int prepare_reaped(void) { reaped(); return probe_do(fd, "prepare"); }

static int prepare_asleep(void)
{
	/* in pause(): held, but not stopped before it comes out */
	attach(sleeper, 0);
	probe_do(fd, "control %d", DO_STOP);
	return probe_do(fd, "prepare");
}

static int finish(void)
{
	attach(spin, 0);
	hold();
	return probe_do(fd, "prepare") ? 1 : probe_do(fd, "finish");
}

static int finish_ran(void)
{
	attach(spin, 0);
	hold();
	if (probe_do(fd, "prepare"))
		return 1;
	probe_do(fd, "control %d", DO_RESUME);
	moves(0);
	hold();
	return probe_do(fd, "finish");
}

static int finish_free(void)
{
	attach(spin, 0);
	hold();
	if (probe_do(fd, "prepare"))
		return 1;
	probe_do(fd, "control %d", DO_RESUME);
	return probe_do(fd, "finish");
}

static int finish_reaped(void)
{
	attach(spin, 0);
	hold();
	if (probe_do(fd, "prepare"))
		return 1;
	subject_end(pid);
	return probe_do(fd, "finish");
}

static const struct {
	const char *function;
	int code;
	const char *how;
	int (*provoke)(void);
} table[] = {
	{ "utrace_attach_pid", 0, "a new engine", attach_0 },
	{ "utrace_attach_pid", 0, "the one that matches ops and data", attach_found },
	{ "utrace_attach_pid", -ENOENT, "none that matches", attach_enoent },
	{ "utrace_attach_pid", -EEXIST, "exclusive, one matches", attach_eexist },
	{ "utrace_attach_pid", -EINVAL, "no ops", attach_einval },
	{ "utrace_attach_pid", -EPERM, "a kernel thread", attach_eperm },
	{ "utrace_attach_pid", -ESRCH, "no such thread", attach_esrch },
	{ "utrace_attach_task", -ESRCH, "a zombie", attach_zombie },
	{ "utrace_attach_task", -ENOMEM, "an allocation fails", attach_enomem },
	{ "utrace_attach_task", -ESHUTDOWN, "the module goes", attach_eshutdown },
	{ "utrace_attach_user", -EPERM, "itself", attach_user_eperm },
	{ "utrace_attach_user", -ERESTART, "a signal while it waits for an exec", attach_user_restarts },
	{ "utrace_control", 0, "stopped already", control_stopped },
	{ "utrace_control", 0, "a resume", control_resume },
	{ "utrace_control", 0, "detach, in its own callback", control_detach_within },
	{ "utrace_control", 0, "detach, dead", control_detach_dead },
	{ "utrace_control", -EINPROGRESS, "a stop, it runs", control_running },
	{ "utrace_control", -EINPROGRESS, "detach, a callback runs", control_detach_in_callback },
	{ "utrace_control", -ESRCH, "detached", control_detached },
	{ "utrace_control", -ESRCH, "dead", control_dead },
	{ "utrace_control", -EINVAL, "no such action", control_bad },
	{ "utrace_control", -EINVAL, "a report, no event that would tell", control_report },
	{ "utrace_control", -EINVAL, "a step, no event that would tell", control_step },
	{ "utrace_control", -EOPNOTSUPP, "a step of a thread without user mode", control_step_worker },
	{ "utrace_control_stop", 0, "the right stop", control_stop_right },
	{ "utrace_control_stop", -ESTALE, "an old stop", control_stop_stale },
	{ "utrace_control_stop", -ESRCH, "an old stop, detached", control_stop_detached },
	{ "utrace_set_events", 0, "more events", events_0 },
	{ "utrace_set_events", 0, "more events while a callback runs", events_added_in_callback },
	{ "utrace_set_events", 0, "fewer, in its own callback", events_within },
	{ "utrace_set_events", -EINPROGRESS, "fewer, a callback runs", events_running },
	{ "utrace_set_events", -EINPROGRESS, "fewer, once more, it runs still", events_running_again },
	{ "utrace_set_events", -ESRCH, "detached", events_detached },
	{ "utrace_set_events", -EINVAL, "no such callback", events_missing },
	{ "utrace_set_events", -EINVAL, "no report_reap", events_no_reap },
	{ "utrace_set_events", -EALREADY, "no DEATH, the death report runs", events_dying },
	{ "utrace_set_events", -EALREADY, "DEATH, it is dead", events_dead },
	{ "utrace_set_events_sync", 0, "waits for the callback", events_sync },
	{ "utrace_set_events_sync", -EINTR, "a signal while it waits", events_sync_signal },
	{ "utrace_set_events_sync", -ESRCH, "detached", events_sync_detached },
	{ "utrace_set_events_sync", -EALREADY, "no DEATH, the death report runs", events_sync_dying },
	{ "utrace_barrier", 0, "waits for the callback", barrier },
	{ "utrace_barrier", 0, "in its own callback", barrier_within },
	{ "utrace_barrier", -ESRCH, "waits for the callback, detached", barrier_detached },
	{ "utrace_barrier", -EINTR, "a signal while it waits", barrier_signal },
	{ "utrace_detach_sync", 0, "waits for the callback", detach },
	{ "utrace_detach_sync", -ESRCH, "reaped", detach_reaped },
	{ "utrace_detach_sync", -EINTR, "a signal while it waits", detach_signal },
	{ "utrace_detach_sync", -EDEADLK, "in its own callback", detach_within },
	{ "utrace_detach_sync_uninterruptible", 0, "waits, whatever signal comes", detach_for_sure },
	{ "utrace_detach_sync_uninterruptible", -ESRCH, "reaped", detach_for_sure_reaped },
	{ "utrace_detach_sync_uninterruptible", -EDEADLK, "in its own callback", detach_for_sure_within },
	{ "utrace_prepare_examine", 0, "held", prepare },
	{ "utrace_prepare_examine", -EINVAL, "not held", prepare_free },
	{ "utrace_prepare_examine", -EAGAIN, "held, asleep in a call", prepare_asleep },
	{ "utrace_prepare_examine", -ESRCH, "reaped", prepare_reaped },
	{ "utrace_finish_examine", 0, "held all the time", finish },
	{ "utrace_finish_examine", -EAGAIN, "ran in between", finish_ran },
	{ "utrace_finish_examine", -EINVAL, "not held any more", finish_free },
	{ "utrace_finish_examine", -ESRCH, "reaped in between", finish_reaped },
};

static const char *code_name(int code)
{
	return code ? strerrorname_np(-code) : "0";
}

int main(int argc, char **argv)
{
	int got;

	if (argc > 1 && !strcmp(argv[1], "sleep"))
		return sleeper(NULL);
	subject_init(110);
	if (module_load("utrace-probe", NULL) || module_load("utrace-broker", NULL))
		bail("modules");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].provoke == attach_enomem && access("/proc/self/fail-nth", W_OK)) {
			skip("no CONFIG_FAULT_INJECTION", "%s: %s: ENOMEM", table[i].function,
			     table[i].how);
			continue;
		}
		got = table[i].provoke();
		check(got == table[i].code, "%s: %s: %s, got %d", table[i].function, table[i].how,
		      code_name(table[i].code), got);
		end();
	}
	return done_testing();
}
