/* fake-qemu.c - stands in for QEMU in the failure tests: plays a guest that works its job off, and breaks as told. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../compat-tests/form/form.h"
#include "../../compat-tests/form/wire.h"
#include "../../compat-tests/form/wire_programs.h"
#include "../frames.h"
#include "../util.h"

/*
 * $FAKE says what goes wrong: WHAT[:GLOB[:once]], several with ';'.  GLOB is
 * matched against case names; without one it happens before HELLO.  "once"
 * happens in one boot only (remembered in the directory $FAKE_STATE).
 * $FAKE_KERNEL: only for a kernel whose path contains this; $FAKE_CPUS: only
 * with so many CPUs; $FAKE_ALL: further rules, for any.
 *
 *   panic oops int3 reboot die fail hang deaf end or stall there
 *   babble                                    stall there, and print without end when asked why
 *   error differ random slow                  the case misbehaves, the guest goes on
 *   panic-after reboot-after hang-after       end or stall when its result is sent
 *   panic-bye                                 end when all is sent (without GLOB)
 *   splat lockdep kasan stall chatter         the kernel prints something meanwhile
 *   early late                                it reports on its console alone: at boot, behind the last case
 *   badcrc garbage truncate lose fill nonce   the channel misbehaves
 *   lowres                                    no high-resolution timers
 *   nokvm                                     it fails under KVM only
 *
 *   kcsan kcsan-warn                          the same with a data race; and a warning
 *   check plan                                a program fails a check; leaves one out
 *
 * $FAKE_WINDOW: so many bytes go by memory, what comes then through the port; else all does.
 *
 * A job of programs is played, too: each passes one check, its case name is its
 * file's name.
 *
 * Starts under KVM are counted in $FAKE_STATE/kvm.  How much of each image comes
 * before its job is a line of $FAKE_STATE/images, where there is such a directory.
 */

static const char *kernel = "", *cpus = "", *accel = "", *console_path, *frames_path, *initrd_path;
static int qmp = -1, console_fd, frames_fd;
static const char *window_path;
static struct window_head *window;
static uint64_t window_room;
static uint32_t seq;
static bool babbles;

static const char *option(const char *list, const char *key)
{
	const char *p = strstr(list, key);

	return p ? p + strlen(key) : NULL;
}

static void parse_args(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *v = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(argv[i], "-kernel"))
			kernel = v;
		else if (!strcmp(argv[i], "-accel"))
			accel = v;
		else if (!strcmp(argv[i], "-smp"))
			cpus = v;
		else if (!strcmp(argv[i], "-initrd"))
			initrd_path = v;
		else if (!strcmp(argv[i], "-chardev") && option(v, "id=console"))
			console_path = option(v, "path=");
		else if (!strcmp(argv[i], "-chardev") && option(v, "id=frames"))
			frames_path = option(v, "path=");
		else if (!strcmp(argv[i], "-chardev") && option(v, "id=qmp"))
			qmp = atoi(option(v, "fd="));
		else if (!strcmp(argv[i], "-object") && option(v, "id=window"))
			window_path = option(v, "mem-path=");
	}
	if (!console_path || !frames_path || !initrd_path)
		fatal(EX_USAGE, "fake QEMU: console, frames or initrd missing");
}

static void console(const char *text)
{
	if (write(console_fd, text, strlen(text)) < 0)
		exit(1);
}

/* As a guest with a window of $FAKE_WINDOW bytes. */
static void open_window(void)
{
	const char *room = getenv("FAKE_WINDOW");
	int fd;

	if (!room)
		return;
	window_room = strtoull(room, NULL, 10);
	fd = window_path ? open(window_path, O_RDWR) : -1;
	if (fd < 0)
		fatal(EX_SYSTEM, "fake QEMU: no window");
	window = mmap(NULL, WINDOW_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (window == MAP_FAILED)
		fatal(EX_SYSTEM, "fake QEMU: cannot map the window");
}

static bool to_window(const void *p, size_t n)
{
	if (!window || n > window_room - window->used) {
		window = NULL;
		return false;
	}
	memcpy((char *)window + WINDOW_DATA + window->used, p, n);
	__atomic_fetch_add(&window->used, n, __ATOMIC_RELEASE);
	return true;
}

static void out(const void *p, size_t n)
{
	if (to_window(p, n))
		return;
	if (write(frames_fd, p, n) < 0 && errno != ENOSPC)
		exit(1);
}

static void frame(uint32_t type, const struct frame_case *fc, const char *text)
{
	struct buf payload = { 0 }, b = { 0 };

	if (fc)
		buf_add(&payload, fc, sizeof(*fc));
	buf_puts(&payload, text);
	frame_put(&b, type, seq++, payload.s, payload.len);
	out(b.s, b.len);
	buf_free(&payload);
	buf_free(&b);
}

static bool listed(const char *rules, const char *what, const char *name)
{
	const char *state = getenv("FAKE_STATE");
	char *copy, *save, *rule;
	bool hit = false;

	if (!rules)
		return false;
	copy = xstrdup(rules);
	for (rule = strtok_r(copy, ";", &save); rule && !hit; rule = strtok_r(NULL, ";", &save)) {
		char *glob = strchr(rule, ':'), *once = glob ? strchr(glob + 1, ':') : NULL;

		if (glob)
			*glob++ = '\0';
		if (once)
			*once++ = '\0';
		/* WHAT::once */
		if (glob && !*glob)
			glob = NULL;
		if (strcmp(rule, what) || !glob != !name || (name && fnmatch(glob, name, 0)))
			continue;
		hit = true;
		if (once) {
			char *mark = xasprintf("%s/%s", state ? state : "/tmp", what);
			int fd = open(mark, O_CREAT | O_EXCL | O_WRONLY, 0600);

			hit = fd >= 0;
			if (hit)
				close(fd);
			free(mark);
		}
	}
	free(copy);
	return hit;
}

/* Does @what go wrong here?  @name is NULL before HELLO. */
static bool wrong(const char *what, const char *name)
{
	const char *only = getenv("FAKE_KERNEL"), *smp = getenv("FAKE_CPUS");

	if (listed(getenv("FAKE_ALL"), what, name))
		return true;
	return !(only && !strstr(kernel, only)) && !(smp && strcmp(cpus, smp)) &&
	       listed(getenv("FAKE"), what, name);
}

static void __attribute__((noreturn)) panic(const char *why)
{
	char *s = xasprintf("[    1.000000] Kernel panic - not syncing: %s\n"
			    "[    1.000001] Call Trace:\n[    1.000002]  fake_trace+0x10/0x20\n", why);

	console(s);
	exit(0);
}

/* A guest that does nothing: QEMU's monitor still answers, unless @deaf. */
static void __attribute__((noreturn)) hang(bool deaf)
{
	static const char greeting[] = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n";
	char buf[4096];
	ssize_t n;

	if (deaf)
		for (;;)
			pause();
	send(qmp, greeting, strlen(greeting), MSG_NOSIGNAL);
	while ((n = recv(qmp, buf, sizeof(buf) - 1, 0)) > 0) {
		char *line, *save;

		buf[n] = '\0';
		for (line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
			const char *answer = "{\"return\": {}}\r\n";

			if (strstr(line, "info registers"))
				answer = "{\"return\": \"CPU#0\\r\\nRIP=ffffffff81000000\\r\\n\"}\r\n";
			send(qmp, answer, strlen(answer), MSG_NOSIGNAL);
			if (strstr(line, "inject-nmi")) {
				console("[    2.000000] Kernel panic - not syncing: NMI: Not continuing\n"
					"[    2.000001] task:fake-tracee state:D stack:0 pid:42\n");
				while (babbles)
					console("[    2.000002] and so on\n"), usleep(100000);
				exit(0);
			}
		}
	}
	exit(0);
}

static void maybe_end(const char *name)
{
	if (wrong("panic", name))
		panic("Attempted to kill init! exitcode=0x00000009");
	if (wrong("oops", name)) {
		console("[    1.000000] BUG: kernel NULL pointer dereference, address: 0000000000000010\n"
			"[    1.000001] Oops: 0000 [#1] PREEMPT SMP\n");
		panic("Fatal exception");
	}
	if (wrong("int3", name)) {
		console("[    0.500000] Oops: int3: 0000 [#1] PREEMPT SMP\n");
		panic("Fatal exception in interrupt");
	}
	if (wrong("reboot", name))
		exit(0);
	if (wrong("die", name))
		kill(getpid(), SIGKILL);
	if (wrong("fail", name))
		fatal(1, "fake QEMU: could not set up a device");
	if (wrong("hang", name))
		hang(false);
	if (wrong("deaf", name))
		hang(true);
	if (wrong("babble", name)) {
		babbles = true;
		hang(false);
	}
}

/* Write until the disk is full, then go on as QEMU does. */
static void fill_disk(void)
{
	static const char zeros[4096];
	char *path = xasprintf("%s.fill", frames_path);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	while (write(fd, zeros, sizeof(zeros)) > 0)
		;
	free(path);
}

static void maybe_end_after(const char *name)
{
	if (wrong("panic-after", name))
		panic("after the result");
	if (wrong("reboot-after", name))
		exit(0);
	if (wrong("hang-after", name))
		hang(false);
}

/* What a program printed, as its RESULT has it. */
static void program_result(const struct frame_case *fc, const char *name)
{
	char *text = xasprintf("%s 1 - played\n1..%d\n# exit status 0\n",
			       wrong("check", name) ? "not ok" : "ok", wrong("plan", name) ? 2 : 1);

	frame(FRAME_RESULT, fc, text);
	free(text);
}

static bool result(const struct frame_case *fc, const char *name, uint64_t seed)
{
	char *text = xasprintf("T\t1\tattach P -> 0\nT\t2\twait P -> %s\n=\t0\tP gone\n",
			       wrong("differ", name) ? "P exited 0" : "P stopped SIGSTOP");

	if (wrong("random", name)) {
		free(text);
		text = xasprintf("T\t1\tnop -> %d\n", (int)((seed ^ fc->repeat * 7) % 3));
	}
	if (wrong("lose", name)) {
		seq++;
	} else if (wrong("badcrc", name)) {
		off_t at = lseek(frames_fd, 0, SEEK_CUR);

		frame(FRAME_RESULT, fc, text);
		if (pwrite(frames_fd, "X", 1, at + sizeof(struct frame_head) + sizeof(*fc) + 3) < 0)
			exit(1);
	} else if (wrong("truncate", name)) {
		struct frame_head h = { FRAME_MAGIC, FRAME_RESULT, seq, 1000, 0 };

		out(&h, sizeof(h));
		out(fc, sizeof(*fc));
		exit(1);
	} else {
		frame(FRAME_RESULT, fc, text);
	}
	free(text);
	return true;
}

static const struct { const char *what, *text; } splats[] = {
	{ "splat", "<4>[    1.0] ------------[ cut here ]------------\n"
		"<4>[    1.1] WARNING: CPU: 0 PID: 77 at kernel/ptrace.c:123 fake+0x1/0x2\n" },
	{ "lockdep", "<4>[    1.0] \n<4>[    1.0] ======================================================\n"
		"<4>[    1.1] WARNING: possible circular locking dependency detected\n"
		"<4>[    1.2] interp64/77 is trying to acquire lock:\n" },
	{ "kasan", "<3>[    1.0] ==================================================================\n"
		"<3>[    1.1] BUG: KASAN: slab-use-after-free in ptrace_detach+0x1/0x2\n" },
	{ "kcsan", "BUG: KCSAN: data-race in do_wait / exit_notify\n"
		"write to 0xffff8880041a0000 of 8 bytes by task 42 on cpu 0:\n do_wait+0x1c/0x90\n" },
	{ "kcsan-warn", "BUG: KCSAN: data-race in do_wait / exit_notify\n do_wait+0x1c/0x90\n"
		"WARNING: CPU: 0 PID: 77 at kernel/utrace/stop.c:123 fake+0x1/0x2\n" },
	{ "stall", "<3>[   21.0] rcu: INFO: rcu_preempt self-detected stall on CPU\n" },
	{ "chatter", "<4>[    1.0] process 'interp64' did something worth a notice\n" },
};

/* Lines of text: seconds, path, arguments; caller frees. */
static char *program_name(const struct job_case *jc, const char *blob)
{
	char *text = xstrndup(blob, jc->len), *path = strchr(text, '\n'), *name;

	if (!path)
		fatal(EX_SYSTEM, "fake QEMU: a program without a path");
	path[1 + strcspn(path + 1, "\n")] = '\0';
	name = xstrdup(strrchr(path, '/') + 1);
	free(text);
	return name;
}

static void run_case(const struct job_case *jc, const void *blob, bool program, uint64_t seed,
		     uint32_t *nresults)
{
	const struct form_case *form = blob;
	char *name = program ? program_name(jc, blob) : xstrdup(form_str(form, form->name));

	for (uint32_t k = 0; k < jc->repeats; k++) {
		struct frame_case fc = {
			.id = jc->id, .repeat = jc->first_repeat + k, .took_ns = 1000000,
		};

		frame(FRAME_BEGIN, &fc, "");
		maybe_end(name);
		if (wrong("slow", name))
			usleep(200000);
		if (wrong("garbage", name))
			out("\177BF1 some bytes nobody framed", 30);
		if (wrong("fill", name))
			fill_disk();
		for (size_t i = 0; i < sizeof(splats) / sizeof(splats[0]); i++)
			if (wrong(splats[i].what, name))
				frame(FRAME_KMSG, &fc, splats[i].text);
		if (wrong("error", name)) {
			frame(FRAME_ERROR, &fc, "interpreter: killed by SIGSEGV");
			continue;
		}
		(*nresults)++;
		if (program)
			program_result(&fc, name);
		else
			result(&fc, name, seed);
		maybe_end_after(name);
	}
	free(name);
}

static void hello(uint64_t nonce)
{
	char *s = xasprintf("nonce %llu\nrelease fake %s\ncpus %s\nhrtimers %d\n",
			    (unsigned long long)nonce,
			    strstr(kernel, "utrace") ? "utrace" : "stock", cpus,
			    !wrong("lowres", NULL));

	frame(FRAME_HELLO, NULL, s);
	free(s);
}

static void note_image(long before)
{
	const char *state = getenv("FAKE_STATE");
	char *path = xasprintf("%s/images", state ? state : "/nonexistent"), line[32];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	snprintf(line, sizeof(line), "%ld\n", before);
	if (fd >= 0 && write(fd, line, strlen(line)) < 0)
		exit(1);
	if (fd >= 0)
		close(fd);
	free(path);
}

int main(int argc, char **argv)
{
	struct job_head head;
	uint32_t nresults = 0;
	const char *p, *end;
	size_t len;
	char *initrd;
	struct buf bye = { 0 };

	parse_args(argc, argv);
	console_fd = open(console_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	frames_fd = open(frames_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	initrd = read_file(initrd_path, &len);
	if (console_fd < 0 || frames_fd < 0 || !initrd)
		fatal(EX_SYSTEM, "fake QEMU: cannot open its files");
	console("[    0.000000] Linux version fake\n");
	open_window();
	if (!window)
		out("SeaBIOS (version fake)\n", 23);
	if (!strcmp(accel, "kvm")) {
		char *path = xasprintf("%s/kvm", getenv("FAKE_STATE"));
		FILE *f = fopen(path, "a");

		if (f) {
			fprintf(f, "started\n");
			fclose(f);
		}
		if (wrong("nokvm", NULL))
			fatal(1, "fake QEMU: failed to initialize kvm");
	}
	if (wrong("early", NULL))
		console("[    0.100000] WARNING: CPU: 0 PID: 1 at kernel/early.c:1 f+0x1/0x2\n");
	maybe_end(NULL);
	/* the job is the last thing in the archive that looks like one */
	for (p = NULL, end = initrd; (end = memmem(end, initrd + len - end, "PTJ1", 4)); end++)
		p = end;
	if (!p)
		fatal(EX_SYSTEM, "fake QEMU: no job in the initramfs");
	note_image(p - initrd);
	memcpy(&head, p, sizeof(head));
	p += sizeof(head);
	hello(wrong("nonce", NULL) ? ~head.nonce : head.nonce);
	for (uint32_t i = 0; i < head.count; i++) {
		struct job_case jc;

		memcpy(&jc, p, sizeof(jc));
		p += sizeof(jc);
		run_case(&jc, p, head.flags & JOB_PROGRAMS, head.seed, &nresults);
		p += (jc.len + 7) & ~7u;
	}
	frame_put(&bye, FRAME_BYE, seq++, &nresults, 4);
	out(bye.s, bye.len);
	if (wrong("late", NULL))
		console("[    9.100000] BUG: KASAN: slab-use-after-free in late+0x1/0x2\n");
	if (wrong("panic-bye", NULL))
		panic("after everything");
	return 1;
}
