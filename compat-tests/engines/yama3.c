/* yama3.c - with Yama's ptrace_scope 3 the broker lets nobody attach; nothing after this can use ptrace. */
/* seconds: 60 */
/*
 * 3 stays until the next boot: so this is the last program of all by its
 * name, and leaves what is to be checked to broker-access.
 */
#include <unistd.h>

#include "lib/tap.h"

int main(void)
{
	execl("/engines/broker-access", "broker-access", "yama3", NULL);
	bail("/engines/broker-access");
}
