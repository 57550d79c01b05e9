/* broken-plan.c - fewer checks than planned: for the tests of the runner. */
/* only: by-name */
#include <stdio.h>

int main(void)
{
	printf("1..2\nok 1 - one is one\n");
	return 0;
}
