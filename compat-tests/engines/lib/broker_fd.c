/* broker_fd.c - the two ends of /dev/utrace-broker as a program has them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "broker_fd.h"

int broker_open(void)
{
	int fd = open("/dev/utrace-broker", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int broker_attach(int fd, int tid)
{
	return ioctl(fd, BROKER_ATTACH, &tid) ? -errno : 0;
}

bool broker_next(int fd, struct broker_call *call, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && read(fd, call, sizeof(*call)) == sizeof(*call);
}

bool broker_ended(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP);
}

static int answer(int fd, const struct broker_call *call, struct broker_answer *a)
{
	a->tid = call->tid;
	a->stop = call->stop;
	return write(fd, a, sizeof(*a)) == sizeof(*a) ? 0 : -errno;
}

int broker_run(int fd, const struct broker_call *call)
{
	struct broker_answer a = { .verdict = BROKER_RUN };

	return answer(fd, call, &a);
}

int broker_result(int fd, const struct broker_call *call, long result)
{
	struct broker_answer a = { .verdict = BROKER_RESULT, .result = result };

	return answer(fd, call, &a);
}

int broker_rewrite(int fd, const struct broker_call *call, int nr, const __u64 *args)
{
	struct broker_answer a = { .verdict = BROKER_REWRITE, .nr = nr };

	memcpy(a.args, args ? args : call->args, sizeof(a.args));
	return answer(fd, call, &a);
}
