/* soak_log.h - what the soak's log says of each scenario, as it is now. */
#ifndef HARNESS_SOAK_LOG_H
#define HARNESS_SOAK_LOG_H

#include "proofkey.h"
#include "results.h"

/*
 * The log, traces/soak/stock-stock.log, is one line a run, tab-separated, and
 * is committed: a later reader sees which kernel, which guest, which scenarios
 * and which seeds the claim "the testbed does not see differences that are not
 * there" rests on.  Host is how much of it others had during the run, our busy
 * loops among them.  The scenarios of a line are a name for all that was run,
 * and traces/soak/suites/NAME lists them, a key over the expanded form each.
 * After a verdict that is not SAME come the scenarios that it is about; none
 * named: it is about all, as the host's part of the run failed.
 * So a run counts for the scenarios that are today what they were then, if
 * kernel and guest are the present ones: one that is new, or was changed, needs
 * runs of its own and the others do not.
 */
#define SOAK_LOG_NAME "traces/soak/stock-stock.log"
#define SOAK_SUITES "traces/soak/suites"
#define SOAK_FIELDS 11
#define SOAK_LOG_HEAD "# time\tkernel\tguest\tscenarios\thost\tcases\trepeats\tseeds\tseconds\tdiffers\tverdict\n"

/* A scenario that there is now, and the runs that count for it; a run that failed counts as done and as failed. */
struct soaked {
	char *name, key[PROOFKEY];
	unsigned int n, bad, loaded;
};

struct soak_log {
	const char *kernel, *guest;	/* what a line must say to count */
	size_t n;
	struct soaked *scenarios;	/* in the order of the suite */
};

/* Read the log for the scenarios of @s.  Ends with EX_UNTESTED for a wrong line in it or in a list. */
void soak_log_read(struct soak_log *l, const struct suite *s, const char *kernel,
		   const char *guest);
/* Has it less than @runs, or less than half of them on a loaded host? */
bool soak_is_due(const struct soaked *s, unsigned int runs);
/* Those that are due, as a list for --only, to be freed; NULL if there are none. */
char *soak_log_due(const struct soak_log *l, unsigned int runs);
/* The one among them that has least, or NULL. */
const struct soaked *soak_log_least(const struct soak_log *l, unsigned int runs);
/* Write the list of the scenarios of @s, unless it is there, and give its name. */
void soak_list_write(const struct suite *s, char name[PROOFKEY]);
void soak_log_free(struct soak_log *l);

#endif
