/* shell.c - `ptbed shell': a guest with a shell on this terminal. */
#include <argp.h>
#include <errno.h>
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
			"Leave it with `exit', or end the guest with Ctrl-A x.",
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
	qemu_start_foreground(&q, &spec);
	while (qemu_ended(&q) < 0 && !interrupted) {
		struct pollfd p = { .fd = q.pidfd, .events = POLLIN };

		poll(&p, 1, 1000);
	}
	qemu_kill(&q);
	if (tty)
		tcsetattr(STDIN_FILENO, TCSANOW, &tio);
	free(initrd);
	return interrupted ? EX_INTERRUPTED : 0;
}
