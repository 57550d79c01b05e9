/* describe.h - what a lost boot leaves for people to read. */
#ifndef HARNESS_DESCRIBE_H
#define HARNESS_DESCRIBE_H

#include "vm.h"

/*
 * The text of the incident a boot that did not end well is; *@icase becomes the
 * case it is about, SIZE_MAX when it is none or several.  Caller frees.
 */
char *describe_loss(const struct suite *s, const struct vm *v, size_t *icase);

#endif
