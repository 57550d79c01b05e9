/* probe.c - the engine on a file descriptor of samples/utrace/probe.c. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "probe.h"
#include "tap.h"

int probe_open(void)
{
	int fd = open("/dev/utrace-probe", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		bail("/dev/utrace-probe");
	return fd;
}

int probe_do(int fd, const char *format, ...)
{
	char text[128];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return write(fd, text, n) < 0 ? -errno : 0;
}

int probe_engine(int pid, unsigned int flags, unsigned long events)
{
	int fd = probe_open();

	if (probe_do(fd, "attach %d %x", pid, flags) || probe_do(fd, "events %lx", events))
		bail("attach");
	return fd;
}

bool probe_read(int fd, struct probe_line *line, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char text[128];
	ssize_t n;

	for (;;) {
		n = read(fd, text, sizeof(text) - 1);
		if (n > 0) {
			text[n] = '\0';
			return sscanf(text, "%d %u %x %u %ld %lu", &line->pid, &line->event,
				      &line->action, &line->id, &line->extra, &line->seq) == 6;
		}
		if (!ms || poll(&p, 1, ms) <= 0)
			return false;
	}
}

bool probe_event(int fd, unsigned int event, struct probe_line *line, int ms)
{
	while (probe_read(fd, line, ms))
		if (line->event == event)
			return true;
	return false;
}

void probe_drop(int fd)
{
	/* not by reading: the thread may be faster */
	probe_do(fd, "drop");
}
