/* stacks.c - the stacks by which tasks go to sleep in a ptrace stop, counted by the kernel for the whole of a boot. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

#define EVENT "/sys/kernel/tracing/events/sched/sched_switch/"
/* Of enum task states: __TASK_TRACED, state t in /proc. */
#define TRIGGER "hist:keys=common_stacktrace:size=8192 if prev_state & 8"
/* Only on a kernel with CONFIG_UTRACE_DEBUG. */
#define STATS "/sys/kernel/debug/utrace/stats"

static bool on;

void stacks_begin(void)
{
	on = true;
	if (!write_text(EVENT "trigger", TRIGGER))
		frame_text(FRAME_NOTE, "stop-stacks: %s: %s", EVENT "trigger", strerror(errno));
}

/* A file as NOTE frames that end where a line does. */
static void send_file(const char *path)
{
	static char text[FRAME_MAX / 2];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	ssize_t got;

	if (fd < 0) {
		frame_text(FRAME_NOTE, "stop-stacks: %s: %s", path, strerror(errno));
		return;
	}
	frame_text(FRAME_NOTE, "stop-stacks: %s", path);
	while ((got = read(fd, text + have, sizeof(text) - have)) > 0) {
		char *end;

		have += got;
		end = memrchr(text, '\n', have);
		if (!end)
			continue;
		frame_send(FRAME_NOTE, NULL, 0, text, end - text);
		have -= end + 1 - text;
		memmove(text, end + 1, have);
	}
	if (have)
		frame_send(FRAME_NOTE, NULL, 0, text, have);
	if (got < 0)
		frame_text(FRAME_NOTE, "stop-stacks: %s: %s", path, strerror(errno));
	close(fd);
}

void stacks_send(void)
{
	if (!on)
		return;
	send_file(EVENT "hist");
	send_file(STATS);
	frame_text(FRAME_NOTE, "stop-stacks: end");
}
