/* checks.h - what the checks of the kernel patches have in common: configurations, builds, scripts. */
#ifndef HARNESS_CHECKS_H
#define HARNESS_CHECKS_H

#include "build.h"

/*
 * The configuration of stock with a version string of its own.  Returns 0 or
 * EX_BUILD, said on stderr.
 */
int checks_config(struct kconfig *c, const char *localversion);

/*
 * build_kernel() in the store's tree b->name, holding a lock of that tree's
 * own: nothing is published, so nobody else who builds has to wait.  Also
 * returns EX_INTERRUPTED when the wait for the lock was.
 */
int checks_build(struct build *b);

/*
 * Run the perl script kernel-patches/@script with @args, which is NULL
 * terminated, and return its exit status, or EX_INTERRUPTED.
 */
int checks_script(const char *script, const char *const args[]);

#endif
