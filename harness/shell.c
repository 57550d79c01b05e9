/* shell.c - `ptbed shell': a guest with a shell on this terminal. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../compat-tests/form/wire.h"
#include "accel.h"
#include "commands.h"
#include "guest.h"
#include "image.h"
#include "qemu.h"
#include "results.h"
#include "util.h"

struct opts {
	struct guest_args guest;
	bool icount;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;

	switch (key) {
	case 'i':
		o->icount = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->guest.kernel)
			argp_error(state, "one kernel is expected, '%s' is too much", arg);
	}
	return guest_parse(key, arg, state, &o->guest);
}

/*
 * The guest's serial port drops what comes before the shell has opened it, and
 * now and then what comes while the shell changes the terminal's mode.  A person
 * waits for the prompt, and so does a pipe or a file: a line for each prompt, or
 * for each second of silence, when a program in the foreground reads.
 */
#define PROMPT "guest# "	/* as in vm-images/init/init.c */
#define MORE "\n> "		/* within a command of several lines */
#define CTRL_D '\004'
#define QUIET_MS 1000

/* Input on its way to a guest that is not on a terminal. */
struct feed {
	int to, from;		/* ends of pipes; QEMU has the others */
	char tail[8];		/* what was printed last */
	bool started;		/* the first prompt was there */
	bool wants;		/* the guest is to get a line */
	bool ended;		/* nothing is left to read */
	char text[4096];
	size_t start, end;	/* of what was read and is not written */
	size_t line;		/* end of what may be written now */
};

static bool printed(const struct feed *f, const char *what)
{
	return !memcmp(f->tail + sizeof(f->tail) - strlen(what), what, strlen(what));
}

/* Pass on what the guest printed; false: no more, or nobody reads it. */
static bool feed_output(struct feed *f)
{
	char text[4096];
	ssize_t n = read(f->from, text, sizeof(text));

	for (ssize_t i = 0; i < n; i++) {
		memmove(f->tail, f->tail + 1, sizeof(f->tail) - 1);
		f->tail[sizeof(f->tail) - 1] = text[i];
		if (printed(f, PROMPT))
			f->wants = f->started = true;
		else if (printed(f, MORE))
			f->wants = f->started;
	}
	for (ssize_t done = 0, w; done < n; done += w > 0 ? w : 0) {
		w = write(STDOUT_FILENO, text + done, n - done);
		if (w < 0 && errno != EINTR && errno != EAGAIN)
			return false;
	}
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Read more of our input; its end is that of a line. */
static void feed_read(struct feed *f)
{
	ssize_t n;

	memmove(f->text, f->text + f->start, f->end - f->start);
	f->end -= f->start;
	f->start = f->line = 0;
	n = read(STDIN_FILENO, f->text + f->end, sizeof(f->text) - 1 - f->end);
	if (n > 0) {
		f->end += n;
	} else if (!n || (errno != EINTR && errno != EAGAIN)) {
		f->ended = true;
		if (f->end)
			f->text[f->end++] = '\n';
	}
}

/* The guest wants a line: true when there is one, or a part of one that is very long. */
static bool feed_line(struct feed *f)
{
	const char *nl = memchr(f->text + f->start, '\n', f->end - f->start);

	if (nl) {
		f->line = nl + 1 - f->text;
	} else if (f->end - f->start == sizeof(f->text) - 1) {
		f->line = f->end;
	} else if (f->ended) {
		/* again and again: the last one may have been for a program in the foreground */
		f->text[0] = CTRL_D;
		f->start = 0;
		f->line = f->end = 1;
	}
	return f->line > f->start;
}

static void feed_write(struct feed *f)
{
	ssize_t n = write(f->to, f->text + f->start, f->line - f->start);

	if (n > 0)
		f->start += n;
	else if (errno != EINTR && errno != EAGAIN)
		f->start = f->line;	/* QEMU is about to end */
	if (f->start == f->line)
		f->wants = f->line && f->text[f->line - 1] != '\n' && f->text[f->line - 1] != CTRL_D;
}

/* Serve the guest until it ends, nobody reads what it prints, or we are interrupted. */
static void feed_guest(struct feed *f, struct qemu *q)
{
	while (!interrupted) {
		bool write_now = f->wants && feed_line(f);
		struct pollfd p[] = {
			{ .fd = f->from, .events = POLLIN },
			{ .fd = write_now ? f->to : -1, .events = POLLOUT },
			{ .fd = f->wants && !write_now ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = q->pidfd, .events = POLLIN },
		};

		if (!poll(p, 4, QUIET_MS))
			f->wants = f->started;
		if (p[0].revents && !feed_output(f))
			break;
		if (p[1].revents)
			feed_write(f);
		if (p[2].revents)
			feed_read(f);
		if (p[3].revents && !p[0].revents)
			break;
	}
}

/* Start the guest with pipes for a terminal, and serve it. */
static void run_fed(struct boot_spec *spec, struct qemu *q)
{
	struct feed f = { 0 };
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		fatal(EX_SYSTEM, "cannot make a pipe: %s", strerror(errno));
	spec->in = in[0];
	spec->out = out[1];
	f.to = in[1];
	f.from = out[0];
	qemu_start_foreground(q, spec);
	close(in[0]);
	close(out[1]);
	fcntl(f.to, F_SETFL, O_NONBLOCK);
	feed_guest(&f, q);
	close(f.to);
	close(f.from);
}

int cmd_shell(int argc, char **argv)
{
	static const struct argp_option options[] = {
		GUEST_OPTION,
		{ "icount", 'i', NULL, 0, "the deterministic machine, one CPU", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options, .parser = parse, .args_doc = "KERNEL",
		.doc = "Boot KERNEL and run a shell on this terminal.\v"
			"Leave it with `exit', or end the guest with Ctrl-A x.  What is not typed but\n"
			"comes from a pipe or a file waits for the prompt; at its end the shell ends.",
	};
	struct opts o = { 0 };
	struct boot_spec spec = { .cpus = 2, .memory = 512 };
	struct termios tio;
	bool tty;
	struct kernel k;
	struct qemu q;
	char *initrd;
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	code = find_kernel(o.guest.kernel, &k);
	if (code)
		return code;
	initrd = xasprintf("%s/initrd", private_dir());
	write_plain_initrd(initrd, JOB_SHELL);
	spec.kernel = k.bzimage;
	spec.initrd = initrd;
	spec.append = o.guest.append;
	spec.mode = o.icount ? MODE_ICOUNT : MODE_SMP;
	spec.kvm = !o.icount && accel_kvm(k.bzimage, ensure_image(), private_dir());
	tty = !tcgetattr(STDIN_FILENO, &tio);
	fprintf(stderr, "ptbed: %s; Ctrl-A x ends it\n", k.name);
	if (tty) {
		qemu_start_foreground(&q, &spec);
		while (qemu_ended(&q) < 0 && !interrupted)
			poll(&(struct pollfd){ .fd = q.pidfd, .events = POLLIN }, 1, 1000);
	} else {
		run_fed(&spec, &q);
	}
	qemu_kill(&q);
	if (tty)
		tcsetattr(STDIN_FILENO, TCSANOW, &tio);
	free(initrd);
	return interrupted ? EX_INTERRUPTED : 0;
}
