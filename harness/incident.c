/* incident.c - what the incidents of a run mean for its verdict. */
#include <string.h>

#include "compare.h"

static const struct {
	const char *id, *word;
	enum exit_code code;
} kinds[] = {
	[INC_SPLAT] = { "splat", "kernel report", EX_SPLAT },
	[INC_PANIC] = { "panic", "kernel panic", EX_PANIC },
	[INC_STUCK] = { "stuck", "stuck guest", EX_STUCK },
	[INC_NO_BOOT] = { "no-boot", "guest did not boot", EX_UNTESTED },
	[INC_QEMU_DIED] = { "qemu-died", "QEMU ended", EX_UNTESTED },
	[INC_CHANNEL] = { "channel", "broken result channel", EX_UNTESTED },
	[INC_GUEST_ERROR] = { "guest-error", "testbed error in the guest", EX_UNTESTED },
	[INC_NOT_RUN] = { "not-run", "given up", EX_UNTESTED },
};

enum exit_code incident_code(const struct incident *inc)
{
	return kinds[inc->kind].code;
}

const char *incident_word(enum incident_kind kind)
{
	return kinds[kind].word;
}

bool incident_gates(const struct incident *inc)
{
	/*
	 * What went wrong in a guest while a case ran was perhaps the kernel's doing
	 * to it: a register changed now and then.  It is not made up for by a repeat
	 * that went well.
	 */
	if (inc->kind == INC_GUEST_ERROR && inc->icase != SIZE_MAX)
		return true;
	return kinds[inc->kind].code != EX_UNTESTED || !inc->retried;
}

const char *incident_id(enum incident_kind kind)
{
	return kinds[kind].id;
}

bool incident_from_id(const char *id, enum incident_kind *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].id, id)) {
			*kind = i;
			return true;
		}
	return false;
}
