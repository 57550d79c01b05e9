/* rseq.c - the final report ends a restartable sequence: callbacks may sleep, and the thread come to another CPU. */
/* seconds: 60 */
#include <stdio.h>
#include <sys/rseq.h>
#include <unistd.h>

#include "lib/cpu.h"
#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* In the page: how often it went round in its sequence, and how often that was ended. */
enum { LOOPS = 10, ABORTS };
#define ROUNDS 10

static pid_t pid;
static int fd;

/* For ever in one sequence, anew each time it is ended; the handler's mark is that of the library, %RSEQ_SIG. */
static int in_sequence(void *unused)
{
	struct rseq *area = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);

	(void)unused;
	/* fails where there is one CPU only: then the thread is preempted, which ends the sequence, too */
	run_on(0, 1);
	for (;;)
		__asm__ volatile(".pushsection .data\n\t"
				 ".balign 32\n"
				 "3:\t.long 0, 0\n\t"
				 ".quad 1f, 2f - 1f, 4f\n\t"
				 ".popsection\n\t"
				 "leaq 3b(%%rip), %%rax\n\t"
				 "movq %%rax, %[area]\n"
				 "1:\tincq %[loops]\n\t"
				 "jmp 1b\n"
				 "2:\t.byte 0x0f, 0xb9, 0x3d\n\t"
				 ".long %c[mark]\n"
				 "4:\tincq %[aborts]"
				 : [area] "=m"(area->rseq_cs), [loops] "+m"(page[LOOPS]),
				   [aborts] "+m"(page[ABORTS])
				 : [mark] "i"(RSEQ_SIG)
				 : "rax", "memory", "cc");
	return 0;
}

/*
 * It stands in the callback of a final report, which sleeps: when it goes on that is not in the same sequence.  Once
 * for each thread, for that it has slept is remembered until the next visit.
 */
static void ended(unsigned long events, int how, const char *what)
{
	struct probe_line line = { 0 };
	int told = 0, went_on = 0, kept = 0;

	for (int i = 0; i < ROUNDS; i++) {
		long aborts;

		pid = subject(in_sequence, NULL);
		moves(LOOPS);
		fd = probe_open();
		if (probe_do(fd, "attach %d 0", pid) || probe_do(fd, "events %lx", events))
			bail("attach");
		/* what happened to it before is over with this visit */
		probe_do(fd, "control %d", DO_REPORT);
		probe_event(fd, EV_FINAL, &line, PATIENCE);
		moves(LOOPS);
		/* from the report before the final one on, until it is told */
		probe_do(fd, "within %d delay 20000000", how == DO_REPORT ? EV_QUIESCE : EV_SIGNAL);
		probe_do(fd, "control %d", how);
		/* one that a preemption brought may come before */
		told += probe_event(fd, EV_WITHIN, &line, PATIENCE) && probe_event(fd, EV_FINAL, &line, PATIENCE);
		aborts = page[ABORTS];
		probe_do(fd, "delay 0");
		went_on += moves(LOOPS);
		kept += page[ABORTS] == aborts;
		close(fd);
		subject_end(pid);
	}
	check(told == ROUNDS && went_on == ROUNDS, "%s: %d final reports of %d, %d went on", what, told, ROUNDS, went_on);
	check(!kept, "%s: %d of %d times it went on in the same sequence", what, kept, ROUNDS);
}

int main(void)
{
	subject_init(55);
	run_on(0, 0);
	if (module_load("utrace-probe", NULL))
		bail("utrace-probe");
	if (!__rseq_size)
		bail("the library has no restartable sequences");
	ended(EV(QUIESCE) | EV(FINAL), DO_REPORT, "a report");
	ended(EV(QUIESCE) | EV(SIGNAL) | EV(FINAL), DO_INTERRUPT, "an interrupt");
	return done_testing();
}
