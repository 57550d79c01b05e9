/* broken-check.c - a check fails: for the tests of the runner. */
/* only: by-name */
#include "tap.h"

int main(void)
{
	check(true, "one is one");
	check(1 == 2, "one is two");
	skip("no reason", "nothing");
	return done_testing();
}
