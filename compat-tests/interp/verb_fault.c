/* verb_fault.c - synchronous faults at labelled instructions. */
#include <asm/errno.h>
#include <asm/unistd.h>
#include <sys/mman.h>

#include "actor.h"
#include "verbs.h"

/* Maps `bus-page` to what is behind the end of the case's memory file: touching it is SIGBUS. */
static long map_behind_end(void)
{
#ifdef __i386__
	return sys(__NR_mmap2, label_addr("bus-page"), 4096, PROT_READ, MAP_SHARED | MAP_FIXED, CASE_FD,
		   (SHARED_SIZE >> 12) + 16);
#else
	return sys(__NR_mmap, label_addr("bus-page"), 4096, PROT_READ, MAP_SHARED | MAP_FIXED, CASE_FD,
		   SHARED_SIZE + 65536);
#endif
}

/* It comes back when the fault was handled and the instruction passed or repaired. */
long v_fault(struct actor *a, const struct form_step *s)
{
	static const struct {
		const char *word, *label;
	} faults[] = {
		{ "segv", "fault-segv" }, { "gp", "fault-gp" }, { "ill", "fault-ill" }, { "fpe", "fault-fpe" },
		{ "bus", "fault-bus" }, { "trap", "fault-trap" },
	};
	const char *word = arg_str(a, s, 0);

	if (str_eq(word, "bus")) {
		long r = map_behind_end();

		if (SYS_IS_ERR(r))
			return log_ret(a, s, r);
	}
	for (unsigned int i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (str_eq(word, faults[i].word))
			return run_snippet(a, s, faults[i].label);
	return log_ret(a, s, -EINVAL);
}
