/* broken-exit.c - all checks pass, but not the program: for the tests of the runner. */
/* only: by-name */
#include <stdlib.h>

#include "tap.h"

int main(void)
{
	check(true, "one is one");
	done_testing();
	abort();
}
