/* broken-panic.c - the kernel panics: for the tests of the runner. */
/* only: by-name */
#include <fcntl.h>
#include <unistd.h>

#include "tap.h"

int main(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY);

	if (fd < 0 || write(fd, "c", 1) != 1)
		bail("/proc/sysrq-trigger");
	return done_testing();
}
