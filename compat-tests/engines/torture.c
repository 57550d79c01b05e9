/* torture.c - feeds the torture module with threads that live and die, and tells what it found. */
/* only: by-name */
/*
 * torture ops=N lives=N seed=N bug=NAME: until the module has done so many
 * operations and so many threads have lived.  With a bug made on purpose it is
 * enough that the check which is to find it has.
 *
 * torture life SEED: the program that lives exec.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "module.h"
#include "tap.h"

#define DEVICE "/dev/utrace-torture"
#define REGISTER _IO('u', 1)
#define END _IO('u', 2)
#define SLOTS 128

/* The module's struct torture_page. */
struct page {
	volatile uint32_t active;
	volatile uint32_t stop;
	uint64_t unused[7];
	struct slot {
		volatile uint64_t progress;
		volatile uint32_t tid;
		uint32_t pad;
		uint64_t unused[6];
	} slots[SLOTS];
};

#define PROCESSES 12		/* that the feeder keeps alive */
#define CROWD 60		/* targets beyond which lives make no more */
#define STALL_SECONDS 60	/* without an operation, or a life, done */

static struct page *page;
static int device = -1;

/*
 * Lives.  Engines abort their system calls, put back registers and kill them:
 * no result is relied on, and what must happen is tried until it does.
 */
static unsigned int draw(unsigned int *rnd, unsigned int below)
{
	*rnd = *rnd * 1103515245 + 12345;
	return (*rnd >> 16) % below;
}

static void __attribute__((noreturn)) leave(long nr)
{
	for (;;)
		syscall(nr, 0);
}

static bool map_page(void)
{
	for (int i = 0; i < 20; i++) {
		if (device < 0)
			device = open(DEVICE, O_RDWR | O_CLOEXEC);
		page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
		if (page != MAP_FAILED && (long)page > 4096)
			return true;
	}
	return false;
}

/* Our slot, or NULL if the module has no room, or is done. */
static struct slot *enlist(void)
{
	for (int i = 0; i < 20; i++) {
		long n = syscall(SYS_ioctl, device, REGISTER, 0);
		uint32_t tid = syscall(SYS_gettid);

		if (n >= 0 && n < SLOTS && page->slots[n].tid == tid)
			return &page->slots[n];
		if (n < 0 && (errno == EBUSY || errno == ESHUTDOWN))
			break;
	}
	return NULL;
}

static void handler(int sig)
{
	(void)sig;
}

static void life(unsigned int seed, unsigned int depth, bool thread);

static int thread_life(void *arg)
{
	life((unsigned long)arg, 2, true);
	leave(SYS_exit);
}

static void make_thread(unsigned int seed)
{
	static char stacks[4][16384] __attribute__((aligned(16)));
	static volatile int used;
	int mine = __atomic_fetch_add(&used, 1, __ATOMIC_RELAXED);

	if (mine < 4)
		clone(thread_life, stacks[mine] + sizeof(stacks[mine]),
		      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		      CLONE_SYSVSEM, (void *)(unsigned long)seed);
}

static void exec_life(unsigned int seed)
{
	char text[16];
	char *const argv[] = { "torture", "life", text, NULL }, *const env[] = { NULL };

	snprintf(text, sizeof(text), "%u", seed);
	syscall(SYS_execve, "/engines/torture", argv, env);
}

static void make_vfork(unsigned int seed)
{
	static char text[16];
	static char *const argv[] = { "torture", "life", text, NULL };
	static char *const env[] = { NULL };

	snprintf(text, sizeof(text), "%u", seed);
	if (!vfork()) {
		if (seed & 1)
			syscall(SYS_execve, "/engines/torture", argv, env);
		leave(SYS_exit_group);
	}
}

/* A thread of io_uring's, which has no user mode. */
static void make_worker(unsigned int kind)
{
	struct io_uring_params p = { .flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 5 };
	long fd;

	if (kind > 1)
		return;
	fd = syscall(SYS_io_uring_setup, 4, &p);
	if (fd > 2 && kind)
		close(fd);
}

static void spin(unsigned int n)
{
	for (volatile unsigned int i = 0; i < n; i++)
		;
}

static void step(unsigned int *rnd, unsigned int depth)
{
	struct timespec nap = { .tv_nsec = 200000 };
	bool room = page->active < CROWD && depth < 3;
	unsigned int seed = draw(rnd, 1 << 15) | draw(rnd, 1 << 15) << 15;
	long pid = syscall(SYS_getpid), tid = syscall(SYS_gettid);

	switch (draw(rnd, 24)) {
	case 0:
		nanosleep(&nap, NULL);
		break;
	case 1: case 2:
		syscall(SYS_tgkill, pid, tid, SIGUSR1);
		break;
	case 3:
		if (room && !syscall(SYS_fork)) {
			life(seed, depth + 1, false);
			leave(SYS_exit_group);
		}
		break;
	case 4: case 5:
		if (room)
			make_thread(seed);
		break;
	case 6:
		if (room)
			make_vfork(seed);
		break;
	case 7:
		if (!draw(rnd, 2))
			exec_life(seed);
		break;
	case 8:
		syscall(SYS_tgkill, pid, tid, draw(rnd, 2) ? SIGSTOP : SIGTSTP);
		break;
	case 9: case 10:
		spin(draw(rnd, 20000));
		break;
	case 11:
		syscall(SYS_wait4, -1, NULL, WNOHANG | __WALL, NULL);
		break;
	case 12:
		make_worker(draw(rnd, 8));
		break;
	case 13:
		if (!draw(rnd, 8))
			syscall(SYS_tgkill, pid, tid, SIGSEGV);
		break;
	default:
		syscall(SYS_getppid);
	}
}

/* A few steps; progress is told before each, so that it tells of user mode. */
static void life(unsigned int seed, unsigned int depth, bool thread)
{
	unsigned int rnd = seed, steps = 4 + draw(&rnd, 24);
	struct slot *slot = enlist();

	for (unsigned int i = 0; i < steps && !page->stop; i++) {
		if (slot)
			slot->progress++;
		step(&rnd, depth);
	}
	if (thread)
		leave(SYS_exit);
	leave(SYS_exit_group);
}

static int life_program(const char *seed)
{
	struct sigaction sa = { .sa_handler = handler };

	sigaction(SIGUSR1, &sa, NULL);
	if (map_page())
		life(strtoul(seed, NULL, 10), 1, false);
	return 0;
}

/*
 * The feeder.
 */
static const char *bug = "none";
static unsigned long want_ops = 10000, want_lives = 1000, seed = 1;
static unsigned int processes;

/* Number @n (1, 2) of the line that starts with @name. */
static long stat_number(const char *text, const char *name, int n)
{
	const char *p = text;
	long a = 0, b = 0;

	while (p && *p) {
		if (!strncmp(p, name, strlen(name)) && p[strlen(name)] == ' ') {
			sscanf(p + strlen(name), "%ld %ld", &a, &b);
			return n == 1 ? a : b;
		}
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
	}
	return -1;
}

static void read_stats(char *text, size_t room)
{
	ssize_t n = pread(device, text, room - 1, 0);

	text[n > 0 ? n : 0] = '\0';
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0)
		;
}

/* Children of ours, adopted ones included. */
static unsigned int count_children(void)
{
	char text[8192];
	unsigned int n = 0;
	int fd = open("/proc/self/task/self/children", O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0) {
		snprintf(text, sizeof(text), "/proc/self/task/%d/children", (int)getpid());
		fd = open(text, O_RDONLY | O_CLOEXEC);
	}
	len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < len; i++)
		n += text[i] == ' ';
	return n;
}

static void feed(unsigned int *rnd)
{
	for (unsigned int n = count_children(); n < PROCESSES; n++) {
		unsigned int child = draw(rnd, 1 << 15) | draw(rnd, 1 << 15) << 15;

		if (!fork()) {
			/* what a C library says of aborted calls is no news */
			int null = open("/dev/null", O_RDWR);

			dup2(null, 1);
			dup2(null, 2);
			life(child, 0, false);
			_exit(0);
		}
		processes++;
	}
}

/* Those who sent themselves a SIGSTOP are woken; nobody else does. */
static void keep_going(void)
{
	kill(-1, SIGCONT);
}

static void show_file(const char *path)
{
	char text[4096], *line, *save = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		diag("  %s", line);
}

/* Where everybody sleeps, for who has to find out why. */
static void show_sleepers(void)
{
	char path[300], list[8192], *pid, *save = NULL;
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)getpid(), (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, list, sizeof(list) - 1);
	if (fd >= 0)
		close(fd);
	list[n > 0 ? n : 0] = '\0';
	for (pid = strtok_r(list, " ", &save); pid; pid = strtok_r(NULL, " ", &save)) {
		snprintf(path, sizeof(path), "/proc/%s/stat", pid);
		show_file(path);
		snprintf(path, sizeof(path), "/proc/%s/stack", pid);
		show_file(path);
	}
	fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "w", 1) == 1)
		diag("blocked tasks are on the console");
	if (fd >= 0)
		close(fd);
}

static const struct {
	const char *name, *check;
} bugs[] = {
	{ "lost_wakeup", "check stuck" },
	{ "missed_stop", "check ran_while_held" },
	{ "early_barrier", "check late_callback" },
	{ "reap_twice", "check reap_twice" },
};

static const char *check_of_bug(void)
{
	for (size_t i = 0; i < sizeof(bugs) / sizeof(bugs[0]); i++)
		if (!strcmp(bugs[i].name, bug))
			return bugs[i].check;
	return NULL;
}

static bool enough(const char *stats)
{
	const char *check = check_of_bug();

	if (check && stat_number(stats, check, 2) > 0)
		return true;
	return stat_number(stats, "ops", 1) >= (long)want_ops &&
	       stat_number(stats, "lives", 1) >= (long)want_lives;
}

/* Feed until enough was done; false if everything has come to a stop. */
static bool run(char *stats, size_t room)
{
	long ops = 0, lives = 0, now_ops, now_lives;
	unsigned int rnd = seed, quiet = 0;

	for (unsigned int tick = 0; quiet < STALL_SECONDS * 20; tick++) {
		feed(&rnd);
		keep_going();
		usleep(50000);
		reap();
		read_stats(stats, room);
		if (enough(stats))
			return true;
		now_ops = stat_number(stats, "ops", 1);
		now_lives = stat_number(stats, "lives", 1);
		quiet = now_ops > ops && now_lives > lives ? 0 : quiet + 1;
		if (!quiet) {
			ops = now_ops;
			lives = now_lives;
		}
		if (tick % 40 == 39)
			diag("%ld operations, %ld lives, %u active", now_ops, now_lives, page->active);
	}
	return false;
}

/* Nobody traces any more: each life comes to its end by itself. */
static bool all_end(void)
{
	page->stop = 1;
	for (int i = 0; i < 1200; i++) {
		keep_going();
		reap();
		if (waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD)
			return true;
		usleep(50000);
	}
	return false;
}

static const char *const checks[] = {
	"late_callback", "dropped_event", "stuck", "ran_while_held", "no_reap", "reap_twice",
	"death_twice", "reap_before_death", "reap_after_detach", "unexpected_result", "references",
};

static void report_checks(const char *stats)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		char *name = NULL;
		long made, broken;

		if (asprintf(&name, "check %s", checks[i]) < 0)
			bail("memory");
		made = stat_number(stats, name, 1);
		broken = stat_number(stats, name, 2);
		check(made > 0 && broken == 0, "%s: checked %ld times, broken %ld times", checks[i],
		      made, broken);
		free(name);
	}
}

/* attached - detached of the core's own counters. */
static long engines_by_core(void)
{
	char text[4096];
	int fd = open("/sys/kernel/debug/utrace/stats", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	return stat_number(text, "attached", 1) - stat_number(text, "detached", 1);
}

/* The matrices of pairs, as "# torture ..." for the host: seen/possible of each row. */
static void report_work(const char *stats)
{
	char thread[2048] = "", engine[2048] = "";
	const char *p = stats;
	unsigned int rows = 0, engine_ops = 0;

	while ((p = strstr(p, "\nop "))) {
		rows++;
		p += 4;
	}
	/* those on one engine come first, up to "attach" */
	for (p = strstr(stats, "\nop "); p && strncmp(p, "\nop attach ", 11); p = strstr(p + 1, "\nop "))
		engine_ops++;
	p = stats;
	for (unsigned int row = 0; (p = strstr(p, "\nop ")); row++) {
		unsigned long a = 0, b = 0, all = (1ul << rows) - 1, some = (1ul << engine_ops) - 1;
		char name[64];
		long n;

		p += 4;
		if (sscanf(p, "%63s %ld %lx %lx", name, &n, &a, &b) != 4)
			continue;
		diag("%s: %ld", name, n);
		sprintf(thread + strlen(thread), "%s%lx/%lx", row ? "," : "", a, all);
		/* on an engine: after its attach and after each other */
		sprintf(engine + strlen(engine), "%s%lx/%lx", row ? "," : "", b,
			row <= engine_ops ? some : 0);
	}
	diag("torture ops=%ld lives=%ld callbacks=%ld thread=%s engine=%s",
	     stat_number(stats, "ops", 1), stat_number(stats, "lives", 1),
	     stat_number(stats, "callbacks", 1), thread, engine);
}

static int feeder(void)
{
	struct rlimit core = { 0, 0 };
	const char *bug_check = check_of_bug();
	char parameters[128];
	static char stats[8192];
	long before;
	bool worked;
	int ret;

	setrlimit(RLIMIT_CORE, &core);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGUSR1, handler);
	before = engines_by_core();
	snprintf(parameters, sizeof(parameters), "seed=%lu bug=%s", seed, bug);
	ret = module_load("utrace-torture", parameters);
	errno = -ret;
	if (ret || !map_page())
		bail("cannot load utrace-torture with %s", parameters);

	worked = run(stats, sizeof(stats));
	if (!worked)
		show_sleepers();
	ioctl(device, END);
	read_stats(stats, sizeof(stats));
	if (bug_check) {
		check(stat_number(stats, bug_check, 2) > 0,
		      "the bug %s is found: %s, %ld of %ld times, in %ld operations", bug,
		      bug_check, stat_number(stats, bug_check, 2),
		      stat_number(stats, bug_check, 1), stat_number(stats, "ops", 1));
		kill(-1, SIGKILL);
	} else {
		check(worked, "operations and lives go on: %ld and %ld of %lu and %lu",
		      stat_number(stats, "ops", 1), stat_number(stats, "lives", 1), want_ops,
		      want_lives);
	}
	ret = all_end();
	if (!ret)
		show_sleepers();
	check(ret, "every thread comes to its end when nobody traces it");
	if (!bug_check) {
		report_checks(stats);
		report_work(stats);
	}
	check(engines_by_core() == before, "the core has no engines left: %ld, %ld before",
	      engines_by_core(), before);
	munmap(page, sizeof(*page));
	close(device);
	ret = module_unload("utrace-torture");
	check(!ret, "the module can be unloaded: %d", ret);
	return done_testing();
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "life"))
		return life_program(argv[2]);
	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "ops=", 4))
			want_ops = strtoul(argv[i] + 4, NULL, 0);
		else if (!strncmp(argv[i], "lives=", 6))
			want_lives = strtoul(argv[i] + 6, NULL, 0);
		else if (!strncmp(argv[i], "seed=", 5))
			seed = strtoul(argv[i] + 5, NULL, 0);
		else if (!strncmp(argv[i], "bug=", 4))
			bug = argv[i] + 4;
	}
	return feeder();
}
