/* trace.h - trace files: what the actors of a scenario's cases observed, to read, grep and compare. */
#ifndef HARNESS_TRACE_H
#define HARNESS_TRACE_H

#include "results.h"
#include "util.h"

/*
 * A trace file holds the cases of one scenario.  Runs write
 * traces/runs/ID/ARM/SCENARIO.trace with counts, traces/baseline/SCENARIO.trace
 * is the same without.  The form, line by line:
 *
 *	# a comment
 *	scenario detach/from-signal-stop
 *	kernel   stock 6.12.117 ...			(runs only)
 *
 *	case detach/from-signal-stop[how=attach,sig=none]
 *	title DETACH with ...
 *	kind  exact					(or racy)
 *	total 100 repeats, 3 boots			(runs only)
 *	seen  57/100 in 3 boots 0f12ab34cd56ef78 first smp:0x1f:12	(runs only)
 *
 *	outcome 0f12ab34cd56ef78
 *	  T                    | P
 *	  attach P -> 0
 *	                       | raise SIGUSR1 -> 0 >ready
 *	  = T: parked
 *
 * The first line under `outcome` names the actors, "-" for none; an event stands
 * after as many bars as its actor has to its left.  The events are merged as
 * events_merge() says.  "#7 " before a text is the actor's event number where
 * that is not one more than the last; "\" before a text that begins with one
 * of " |#\%=" or is empty.  "= " begins a line of the end state.  A text that
 * is no trace stands line by line after "% " ("%- ": without a newline).
 * Outcomes beyond the TRACE_FULL most frequent ones of a case are only counted here
 * and stand in full in SCENARIO.rest.trace.
 */
#define TRACE_FULL 40
#define TRACE_WIDTH 80

struct trace_case {
	char *name, *title;
	bool racy;
	struct case_result r;
};

struct trace_file {
	char *path;
	char *scenario;
	char *kernel;		/* "ARM RELEASE", NULL in a baseline */
	size_t ncases;
	struct trace_case *cases;
};

/*
 * Read a trace file, with its .rest.trace when there is one.  0, or -1 with
 * one line "file:line: what is wrong, expected ..." added to @err.  Every
 * outcome's text is checked against its hash.
 */
int trace_read(const char *path, struct trace_file *out, struct buf *err);
struct trace_case *trace_find(const struct trace_file *f, const char *name);
void trace_file_free(struct trace_file *f);

/* The lines of one outcome's text, each after two spaces, as under `outcome`. */
void trace_outcome(struct buf *b, const char *text);

/*
 * Write DIR/SCENARIO.trace; @kernel NULL writes the form without counts, with
 * every outcome in full.  Ends with EX_SYSTEM on failure.
 */
void trace_write(const char *dir, const char *scenario, const char *kernel,
		 const struct trace_case *cases, size_t ncases);

/* Write one file a scenario for everything an arm completed, under RUN_DIR/ARM. */
void trace_write_arm(const char *run_dir, const struct suite *s, const struct arm *arm);

/* DIR/SCENARIO.trace, to be freed. */
char *trace_path(const char *dir, const char *scenario);

#endif
