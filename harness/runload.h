/* runload.h - a finished run read back from its directory. */
#ifndef HARNESS_RUNLOAD_H
#define HARNESS_RUNLOAD_H

#include "reports.h"
#include "trace.h"

struct loaded_run {
	char *dir;
	json_t *summary;
	size_t narms;
	const char **arms;	/* names, the reference first */
	size_t nfiles;
	struct trace_file *files;	/* read so far; .kernel tells nothing of the arm */
	size_t *file_arm;
};

/* NULL: the newest run.  Ends with EX_USAGE when there is no such run or it cannot be read. */
void run_load(const char *run, struct loaded_run *out);
/*
 * What arm number @arm showed of a case: NULL when it completed no repeat.
 * Ends with EX_USAGE, naming file and line, when the trace is damaged, or
 * not there though the summary counts repeats of the case.
 * The result holds until the next call.
 */
const struct trace_case *run_case(struct loaded_run *r, size_t arm, const char *scenario,
				  const char *case_name);
void run_unload(struct loaded_run *r);

#endif
