/* ordered.c - a subject that makes a system call when it is told to, and no other. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ordered.h"
#include "subject.h"

static int caller(void *unused)
{
	(void)unused;
	page[READY] = 1;
	for (;;) {
		while (page[DONE] == page[GO])
			;
		page[RESULT] = syscall(SYS_getppid) == -1 ? -errno : 1;
		page[DONE]++;
	}
	return 0;
}

pid_t subject_ordered(void)
{
	pid_t pid;

	page[GO] = page[DONE] = page[READY] = 0;
	pid = subject(caller, NULL);
	while (!page[READY])
		sleep_ms(1);
	return pid;
}

bool ordered_done(void)
{
	for (long end = now_ms() + PATIENCE; now_ms() < end; sleep_ms(1))
		if (page[DONE] == page[GO])
			return true;
	return false;
}
