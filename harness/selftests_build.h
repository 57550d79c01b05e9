/* selftests_build.h - builds the kernel's own selftests from the source package. */
#ifndef HARNESS_SELFTESTS_BUILD_H
#define HARNESS_SELFTESTS_BUILD_H

#include "programs.h"

/* End the program (EX_USAGE), with the names there are, if a glob of @only fits none of them. */
void selftests_check_names(const char *only);
/*
 * Build what compat-tests/selftests/list names and fits @only (NULL: all) into
 * build/selftests/bin, if it is not there from the same sources, and add the
 * programs to @p.  @left_out gets a line for each that is not run and its reason.
 * Returns 0, EX_BUILD or EX_INTERRUPTED, said on stderr.  Ends with EX_SCENARIO
 * for a line it does not understand.
 */
int selftests_build(struct programs *p, struct buf *left_out, const char *only);
/* The lines for the image with the programs of @p; caller frees. */
char *selftests_image(const struct programs *p);

#endif
