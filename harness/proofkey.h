/* proofkey.h - short names in the logs of long proofs for what was run. */
#ifndef HARNESS_PROOFKEY_H
#define HARNESS_PROOFKEY_H

#include "results.h"

/* Of a key, 12 hex digits and NUL. */
#define PROOFKEY 13

/* A name for the scenarios as they are expanded now: over all flat forms. */
void suite_key(const struct suite *s, char key[PROOFKEY]);
/* A name for what plays the scenarios: over the three interpreters.  Ends with EX_BUILD if one is missing. */
void guest_key(char key[PROOFKEY]);

#endif
