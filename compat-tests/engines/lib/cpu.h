/* cpu.h - which CPU a thread runs on, and which of two threads there runs first. */
#ifndef ENGINES_CPU_H
#define ENGINES_CPU_H

#include <stdbool.h>
#include <sys/types.h>

#define ANY_CPU -1

/* Let thread @tid (0: this one) run on @cpu only, or anywhere; a new thread takes this from its maker.  false, errno: no such CPU. */
bool run_on(pid_t tid, int cpu);
/* This thread goes before all that are not urgent: what it wakes on its own CPU does not run before it sleeps.  bail()s. */
void urgent(bool on);

#endif
