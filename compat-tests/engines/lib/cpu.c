/* cpu.c - which CPU a thread runs on, and which of two threads there runs first. */
#include <sched.h>

#include "cpu.h"
#include "tap.h"

bool run_on(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (cpu != ANY_CPU)
		CPU_SET(cpu, &set);
	else
		for (int i = 0; i < CPU_SETSIZE; i++)
			CPU_SET(i, &set);
	return !sched_setaffinity(tid, sizeof(set), &set);
}

void urgent(bool on)
{
	const struct sched_param p = { .sched_priority = on ? 10 : 0 };

	if (sched_setscheduler(0, on ? SCHED_FIFO : SCHED_OTHER, &p))
		bail("sched_setscheduler");
}
