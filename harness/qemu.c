/* qemu.c - QEMU: its command lines, and starting, watching and ending one instance. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../compat-tests/form/wire.h"
#include "qemu.h"
#include "results.h"
#include "util.h"

/*
 * unknown_nmi_panic and panic_print=1 make an injected NMI print the state of
 * all tasks.  An oops ends the boot (what runs on a kernel after one proves
 * nothing); a warning does not.  loglevel stands first: earlyprintk repeats all
 * that was printed before it.
 */
#define CMDLINE "loglevel=5 console=ttyS0 earlyprintk=serial,ttyS0 panic=-1 reboot=t " \
	"nokaslr norandmaps random.trust_cpu=off tsc=reliable no_timer_check " \
	"unknown_nmi_panic nmi_watchdog=0 panic_print=1 oops=panic"

/*
 * One instruction is one nanosecond, and one cycle of the TSC, so there is
 * nothing to calibrate.  The local APIC's timer can only be calibrated by
 * 100 ms of reading the TSC, which costs ten times the rest of the boot: the
 * HPET drives the clock instead.
 */
#define CMDLINE_ICOUNT CMDLINE " tsc_early_khz=1000000 nolapic_timer"

/*
 * TCG guests that are not counted see the host's TSC.  Its frequency measured
 * here is better than what a guest measures on a busy host.
 */
static unsigned int host_tsc_khz(void)
{
	static unsigned int khz;
#ifdef __x86_64__
	struct timespec nap = { .tv_nsec = 30 * 1000 * 1000 }, ts;
	uint64_t tsc[2] = { 0 }, best, before, after;
	double ns[2] = { 0 };
	int i, k;

	if (khz)
		return khz;
	for (k = 0; k < 2; k++) {
		best = UINT64_MAX;
		/* of several readings take the one nothing came between */
		for (i = 0; i < 50; i++) {
			before = __builtin_ia32_rdtsc();
			clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
			after = __builtin_ia32_rdtsc();
			if (after - before >= best)
				continue;
			best = after - before;
			tsc[k] = before + best / 2;
			ns[k] = ts.tv_sec * 1e9 + ts.tv_nsec;
		}
		if (!k)
			nanosleep(&nap, NULL);
	}
	khz = (tsc[1] - tsc[0]) * 1e6 / (ns[1] - ns[0]);
#endif
	return khz;
}

static void add_cmdline(struct buf *b, const struct boot_spec *spec)
{
	buf_puts(b, spec->mode == MODE_ICOUNT ? CMDLINE_ICOUNT : CMDLINE);
	/* an iteration at a time is how TCG runs `rep stosq', too: loops clear a page faster */
	if (!spec->kvm)
		buf_puts(b, " clearcpuid=rep_good");
	if (spec->mode == MODE_SMP && !spec->kvm && host_tsc_khz())
		buf_printf(b, " tsc_early_khz=%u", host_tsc_khz());
	if (spec->append && *spec->append)
		buf_printf(b, " %s", spec->append);
}

const char *qemu_program(void)
{
	const char *p = getenv("PTBED_QEMU");

	return p && *p ? p : "qemu-system-x86_64";
}

struct args {
	char **v;
	size_t n;
};

static void arg(struct args *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void arg(struct args *a, const char *fmt, ...)
{
	va_list ap;

	a->v = xrealloc(a->v, (a->n + 2) * sizeof(*a->v));
	va_start(ap, fmt);
	if (vasprintf(&a->v[a->n++], fmt, ap) < 0)
		fatal(EX_SYSTEM, "out of memory");
	va_end(ap);
	a->v[a->n] = NULL;
}

/* An option and its value. */
#define opt(a, name, ...) do { arg(a, "%s", name); arg(a, __VA_ARGS__); } while (0)

char *qemu_escaped(const char *path)
{
	struct buf b = { 0 };

	for (; *path; path++) {
		if (*path == ',')
			buf_puts(&b, ",");
		buf_add(&b, path, 1);
	}
	return b.s;
}

static void file_chardev(struct args *a, const char *id, const char *path)
{
	char *e = qemu_escaped(path);

	opt(a, "-chardev", "file,id=%s,path=%s", id, e);
	free(e);
}

char **qemu_argv(const struct boot_spec *b, int qmp_fd)
{
	struct args a = { 0 };
	struct buf cmdline = { 0 };

	arg(&a, "%s", qemu_program());
	if (b->mode == MODE_ICOUNT) {
		opt(&a, "-accel", "tcg");
		opt(&a, "-icount", "shift=0,sleep=off");
		opt(&a, "-rtc", "base=2026-01-01T00:00:00,clock=vm");
		opt(&a, "-seed", "1");
		opt(&a, "-smp", "1");
	} else {
		opt(&a, "-accel", b->kvm ? "kvm" : "tcg,thread=multi");
		opt(&a, "-smp", "%u", b->cpus);
	}
	opt(&a, "-M", "q35,hpet=on");
	/* a byte at a time is how TCG runs `rep stosb': without them the kernel clears words */
	opt(&a, "-cpu", b->kvm ? "max" : "max,erms=off,fsrm=off");
	opt(&a, "-m", "%u", b->memory);
	arg(&a, "-nodefaults");
	arg(&a, "-no-user-config");
	arg(&a, "-no-reboot");
	opt(&a, "-display", "none");
	if (b->console) {
		file_chardev(&a, "console", b->console);
	} else {
		opt(&a, "-chardev", "stdio,id=console,mux=on,signal=off");
		opt(&a, "-mon", "chardev=console,mode=readline");
	}
	opt(&a, "-serial", "chardev:console");
	if (b->frames)
		file_chardev(&a, "frames", b->frames);
	else
		opt(&a, "-chardev", "null,id=frames");
	/* readback=0 keeps the firmware from writing its own messages there */
	opt(&a, "-device", "isa-debugcon,iobase=%#x,readback=0,chardev=frames", FRAME_PORT);
	if (b->window > 0) {
		opt(&a, "-object", "memory-backend-file,id=window,share=on,size=%u,mem-path=/proc/self/fd/%d",
		    WINDOW_SIZE, b->window);
		opt(&a, "-device", "ivshmem-plain,memdev=window");
	}
	opt(&a, "-device", "isa-debug-exit,iobase=%#x,iosize=4", EXIT_PORT);
	if (qmp_fd >= 0) {
		opt(&a, "-chardev", "socket,id=qmp,fd=%d", qmp_fd);
		opt(&a, "-mon", "chardev=qmp,mode=control");
	}
	if (b->plugin)
		opt(&a, "-plugin", "%s", b->plugin);
	if (b->gdb) {
		char *e = qemu_escaped(b->gdb);

		opt(&a, "-chardev", "socket,id=gdb,path=%s,server=on,wait=off", e);
		opt(&a, "-gdb", "chardev:gdb");
		arg(&a, "-S");
		free(e);
	}
	opt(&a, "-kernel", "%s", b->kernel);
	opt(&a, "-initrd", "%s", b->initrd);
	add_cmdline(&cmdline, b);
	opt(&a, "-append", "%s", cmdline.s);
	buf_free(&cmdline);
	return a.v;
}

void qemu_free_argv(char **argv)
{
	size_t i;

	for (i = 0; argv[i]; i++)
		free(argv[i]);
	free(argv);
}

/* In the child: become QEMU, or tell why not through @report. */
static void __attribute__((noreturn)) become(char **argv, const struct boot_spec *b, int qmp_fd,
					     bool foreground, pid_t parent, int report)
{
	sigset_t none;
	int code, fd;

	/* an orphaned QEMU would burn a CPU for ever */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	/*
	 * The virtual CPU and QEMU's main loop wake each other at each of the
	 * guest's timers.  As batch threads they do not take a busy CPU away at
	 * once, which saves a twentieth of the host's time, with several virtual
	 * CPUs a fifth.
	 */
	if (!b->kvm && !foreground && sched_getscheduler(0) == SCHED_OTHER)
		sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
	if (!foreground) {
		signal(SIGINT, SIG_DFL);
		setpgid(0, 0);
		fd = open("/dev/null", O_RDONLY);
		if (fd >= 0)
			dup2(fd, STDIN_FILENO);
	}
	if (b->messages) {
		fd = open(b->messages, O_WRONLY | O_CREAT | O_TRUNC, 0666);
		if (fd < 0)
			goto failed;
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
	}
	if (b->in > 0)
		dup2(b->in, STDIN_FILENO);
	if (b->out > 0)
		dup2(b->out, STDOUT_FILENO);
	if (qmp_fd >= 0)
		fcntl(qmp_fd, F_SETFD, 0);
	if (b->window > 0)
		fcntl(b->window, F_SETFD, 0);
	execvp(argv[0], argv);
failed:
	code = errno;
	if (write(report, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

static void start(struct qemu *q, const struct boot_spec *b, bool foreground)
{
	int sv[2] = { -1, -1 }, report[2], code = 0;
	pid_t parent = getpid();
	char **argv;

	if (!foreground && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		fatal(EX_SYSTEM, "cannot make a socket pair: %s", strerror(errno));
	if (pipe2(report, O_CLOEXEC))
		fatal(EX_SYSTEM, "cannot make a pipe: %s", strerror(errno));
	argv = qemu_argv(b, sv[1]);
	fflush(NULL);
	memset(q, 0, sizeof(*q));
	q->pid = fork();
	if (q->pid < 0)
		fatal(EX_SYSTEM, "cannot fork for QEMU: %s", strerror(errno));
	if (!q->pid)
		become(argv, b, sv[1], foreground, parent, report[1]);
	if (!foreground)
		setpgid(q->pid, q->pid);
	q->pidfd = pidfd_open(q->pid, 0);
	if (q->pidfd < 0)
		fatal(EX_SYSTEM, "pidfd_open: %s", strerror(errno));
	if (sv[1] >= 0)
		close(sv[1]);
	close(report[1]);
	while (read(report[0], &code, sizeof(code)) < 0 && errno == EINTR)
		;
	close(report[0]);
	if (code)
		fatal(code == ENOENT || code == EACCES ? EX_UNTESTED : EX_SYSTEM,
		      "cannot run %s: %s", argv[0], strerror(code));
	qemu_free_argv(argv);
	qmp_init(&q->qmp, sv[0]);
}

void qemu_start(struct qemu *q, const struct boot_spec *b)
{
	start(q, b, false);
}

void qemu_start_foreground(struct qemu *q, const struct boot_spec *b)
{
	start(q, b, true);
}

static void forget(struct qemu *q)
{
	close(q->pidfd);
	qmp_close(&q->qmp);
	q->pidfd = -1;
	q->pid = 0;
}

int qemu_ended(struct qemu *q)
{
	int status;
	pid_t got;

	if (!q->pid)
		return 0;
	got = waitpid(q->pid, &status, WNOHANG);
	if (got == 0 || (got < 0 && errno == EINTR))
		return -1;
	if (got < 0)
		fatal(EX_SYSTEM, "lost QEMU (pid %d): %s", (int)q->pid, strerror(errno));
	kill(-q->pid, SIGKILL);		/* what a wrapper script may have left */
	forget(q);
	return status;
}

void qemu_kill(struct qemu *q)
{
	if (!q->pid)
		return;
	kill(q->pid, SIGKILL);
	kill(-q->pid, SIGKILL);
	while (waitpid(q->pid, NULL, 0) < 0 && errno == EINTR)
		;
	forget(q);
}

uint64_t qemu_waited(const struct qemu *q)
{
	char path[64];
	uint64_t most = 0;
	struct dirent *de;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)q->pid);
	d = opendir(path);
	while (d && (de = readdir(d))) {
		uint64_t ran, waited;
		FILE *f;

		if (*de->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", (int)q->pid, de->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fscanf(f, "%" SCNu64 " %" SCNu64, &ran, &waited) == 2 && waited > most)
			most = waited;
		fclose(f);
	}
	if (d)
		closedir(d);
	return most;
}
