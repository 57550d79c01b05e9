/* broken-time.c - does not end, and leaves a child: for the tests of the runner. */
/* seconds: 2 */
/* only: by-name */
#include <signal.h>
#include <unistd.h>

#include "tap.h"

int main(void)
{
	signal(SIGTERM, SIG_IGN);
	if (fork())
		check(true, "one is one");
	for (;;)
		pause();
}
