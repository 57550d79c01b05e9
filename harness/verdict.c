/* verdict.c - the verdict words, what they mean, and which of several wins. */
#include "report.h"

/*
 * In order of rank, weakest first.  A difference that was seen outranks
 * whatever only says "not known" (UNRESOLVED, BASELINE, UNTESTED); a kernel that
 * broke down outranks a difference; what kept the testbed from working at all
 * outranks everything it says about kernels.
 */
static const struct {
	enum exit_code code;
	const char *word, *meaning;
} verdicts[] = {
	{ EX_SAME, "SAME", "every compared case is the same on both kernels" },
	{ EX_UNRESOLVED, "UNRESOLVED", "racy outcomes on one side only, not decided" },
	{ EX_BASELINE, "BASELINE", "the reference is not what traces/baseline says, or cases are gone" },
	{ EX_UNTESTED, "UNTESTED", "something could not be tested" },
	{ EX_COST, "COST", "an operation costs more than its bound allows" },
	{ EX_LEGACY, "LEGACY", "something of stock's stop path is left in the utrace kernel" },
	{ EX_DIFFERS, "DIFFERS", "the kernels differ, or a listed difference is gone" },
	{ EX_STUCK, "STUCK", "a guest stopped making progress and was ended" },
	{ EX_SPLAT, "SPLAT", "a kernel printed a warning or a sanitizer report" },
	{ EX_PANIC, "PANIC", "a guest kernel panicked" },
	{ EX_SCENARIO, "SCENARIO", "a scenario file or the list of known differences is wrong" },
	{ EX_PATCH, "PATCH", "a patch of the series does not apply exactly" },
	{ EX_BUILD, "BUILD", "a kernel or the guest image does not build" },
	{ EX_DEPS, "DEPS", "packages are missing" },
	{ EX_BUSY, "BUSY", "another run works in this checkout" },
	{ EX_SYSTEM, "SYSTEM", "the host failed the testbed" },
	{ EX_USAGE, "USAGE", "bad usage" },
	{ EX_INTERRUPTED, "INTERRUPTED", "ended by a signal; what was complete is kept" },
};

#define NVERDICTS (int)(sizeof(verdicts) / sizeof(verdicts[0]))

int verdict_rank(enum exit_code code)
{
	for (int i = 0; i < NVERDICTS; i++)
		if (verdicts[i].code == code)
			return i;
	return NVERDICTS;
}

enum exit_code verdict_worse(enum exit_code a, enum exit_code b)
{
	return verdict_rank(b) > verdict_rank(a) ? b : a;
}

const char *verdict_word(enum exit_code code)
{
	int i = verdict_rank(code);

	return i < NVERDICTS ? verdicts[i].word : "UNKNOWN";
}

const char *verdict_meaning(enum exit_code code)
{
	int i = verdict_rank(code);

	return i < NVERDICTS ? verdicts[i].meaning : "no verdict has this code";
}
