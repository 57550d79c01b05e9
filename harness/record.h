/* record.h - the record of what each boot of a run was given, for exact replays. */
#ifndef HARNESS_RECORD_H
#define HARNESS_RECORD_H

#include "plan.h"

/* Append @b as one line of JSON to RUN_DIR/ARM/boots.jsonl. */
void record_boot(const char *run_dir, const char *arm, const struct suite *s,
		 const struct boot *b);

/*
 * The recorded boot with @seed and @mode whose cases are all in @s; NULL when
 * there is none.  Caller: boot_free().
 */
struct boot *recorded_boot(const char *record, const struct suite *s, uint64_t seed, int mode);

#endif
