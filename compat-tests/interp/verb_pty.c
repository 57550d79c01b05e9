/* verb_pty.c - a terminal for job control: pty, foreground group, input. */
#include <asm/unistd.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "verbs.h"

/* At fixed numbers, so that whoever inherits them, across exec too, knows them. */
#define MASTER_FD 901
#define SLAVE_FD 902

static long move_fd(long fd, int to)
{
	long r;

	if (fd < 0)
		return fd;
	r = sys(__NR_dup3, fd, to, 0);
	sys(__NR_close, fd);
	return r;
}

/* The result is the slave's descriptor. */
long v_newpty(struct actor *a, const struct form_step *s)
{
	int unlock = 0;
	long r = move_fd(sys(__NR_openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY), MASTER_FD);

	if (r >= 0)
		r = sys(__NR_ioctl, MASTER_FD, TIOCSPTLCK, &unlock);
	if (r >= 0)
		r = move_fd(sys(__NR_ioctl, MASTER_FD, TIOCGPTPEER, O_RDWR | O_NOCTTY), SLAVE_FD);
	if (r >= 0)
		r = sys(__NR_ioctl, SLAVE_FD, TIOCSCTTY, 0);
	log_result(a, s, r < 0 ? r : 0);
	return r < 0 ? r : SLAVE_FD;
}

long v_settty(struct actor *a, const struct form_step *s)
{
	int pgrp = sys(__NR_getpgid, arg_tid(a, s, 0));

	if (pgrp < 0)
		return log_ret(a, s, pgrp);
	return log_ret(a, s, sys(__NR_ioctl, SLAVE_FD, TIOCSPGRP, &pgrp));
}

/* ^C in the text is the control character. */
long v_ttywrite(struct actor *a, const struct form_step *s)
{
	char out[256];
	unsigned int n = 0;

	for (const char *t = arg_str(a, s, 0); *t && n < sizeof(out); t++) {
		if (*t == '^' && t[1] >= '@' && t[1] <= '_')
			out[n++] = *++t & 0x1f;
		else
			out[n++] = *t;
	}
	return log_ret(a, s, sys(__NR_write, MASTER_FD, out, n));
}
