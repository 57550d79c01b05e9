/* compare.h - the verdict on each case and on the run. */
#ifndef HARNESS_COMPARE_H
#define HARNESS_COMPARE_H

#include "baseline.h"
#include "diverge.h"
#include "known.h"
#include "report.h"
#include "results.h"

/* What was found about one case; several may hold. */
enum case_flags {
	/* not listed as known, and exact with another outcome on B, or racy with a candidate that gates */
	CASE_DIFFERS = 1,
	CASE_KNOWN = 2,		/* differs (or is UNRESOLVED) and is listed */
	CASE_UNRESOLVED = 4,	/* racy, with candidates that may be chance */
	CASE_UNTESTED = 8,	/* repeats are missing on an arm, or NOT_EXACT */
	CASE_NOT_EXACT = 16,	/* exact, but the reference shows more than one outcome */
	CASE_STUCK = 32,
	CASE_SPLAT = 64,
	CASE_PANIC = 128,
	CASE_BASE_NEW = 256,	/* not in the baseline */
	CASE_BASE_CHANGED = 512,	/* exact, the reference left the baseline */
	CASE_BASE_MORE = 1024,	/* racy, the reference shows outcomes the baseline has not */
};

/* A racy outcome that one arm has and the other never showed. */
struct candidate {
	const struct outcome *o;
	bool lost;		/* A has it and B never; else B has it, A and the baseline never */
	bool counts;		/* is reported; a rare one of few boots, lost, is only listed */
	bool gates;		/* chance cannot explain it, see chance.h, nor one boot: the case differs */
	unsigned int of;	/* repeats of the arm that has it */
	unsigned int absent;	/* repeats of the other arm, none of which showed it */
	double log_chance;	/* chance_log10() of this */
};

struct case_verdict {
	unsigned int flags;
	enum exit_code code;	/* this case's own verdict */
	const struct known_entry *known;
	const struct outcome *a, *b;	/* the pair a difference is shown with, or NULL */
	const char *a_name, *b_name;	/* whose outcomes they are: an arm, or "baseline" */
	struct divergence div;
	size_t ncand;
	struct candidate *cand;
	size_t nbase_more;	/* outcomes of a racy case new to the baseline */
	char *why;		/* a sentence, NULL when there is nothing to say */
};

struct comparison {
	const struct suite *s;
	const struct arm *a, *b;	/* b NULL: only the baseline is compared */
	struct case_verdict *cases;
	size_t nstale;
	const struct known_entry **stale;	/* listed, compared, and no longer there */
	enum exit_code code;	/* of the run */
	enum exit_code own;	/* of the run as such: what belongs to no case and to no listed difference */
	/* Cases by their own verdict; they add up to suite.ncases. */
	size_t same, differs, known, unresolved, untested, stuck, splat, panic, base;
};

struct compare_options {
	unsigned int exact_repeats, racy_repeats;	/* what each arm was to complete */
	const struct baseline *baseline;	/* NULL: not compared */
	const struct known *known;		/* NULL: nothing is listed */
	bool strict_racy;
	bool whole_suite;	/* a listed glob that fits no case is stale */
	bool interrupted;
};

/* Compare @b (may be NULL) with the reference @a.  Never fails. */
void compare_arms(const struct suite *s, const struct arm *a, const struct arm *b,
		  const struct compare_options *opt, struct comparison *out);
void comparison_free(struct comparison *c);

/*
 * Would more repeats of the racy case @i be worth it?  An outcome of one arm only
 * does not gate by chance.h, but is no rare one: @b shows it, and neither @a nor
 * @baseline (may be NULL), in one of 40 repeats or twice and with several CPUs
 * only; or @a shows it and @b does not, with a chance below 1e-3.
 */
bool racy_doubtful(const struct suite *s, const struct arm *a, const struct arm *b, size_t i,
		   const struct baseline *baseline);
/* The run as such ended with @code, whatever its cases did. */
void comparison_own(struct comparison *c, enum exit_code code);

/*
 * True for incidents that gate by themselves: PANIC, SPLAT and STUCK always, even
 * when the case was run again, and so a guest's error in a case; the others only
 * when the case was not made up for.
 */
bool incident_gates(const struct incident *inc);
enum exit_code incident_code(const struct incident *inc);
const char *incident_word(enum incident_kind kind);
/* The kind as one word for files ("splat", "qemu-died"), and back; false when there is no such kind. */
const char *incident_id(enum incident_kind kind);
bool incident_from_id(const char *id, enum incident_kind *kind);

/* Upper bound of a rate at 95% when 0 of @n showed it: 3/n. */
double rate_bound(unsigned int n);

/* "racy, shown 20 of 20 on utrace, 0 of 20 on stock, chance < 1e-11"; to be freed. */
char *candidate_text(const struct comparison *c, const struct candidate *k);

/* "SAME", "DIFFERS", "KNOWN" ... of one case; the word of reports and JSON. */
const char *case_word(const struct case_verdict *v);
/* True when the case makes the run fail. */
bool case_failed(const struct case_verdict *v);

#endif
