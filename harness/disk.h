/* disk.h - is there room left where QEMU writes? */
#ifndef HARNESS_DISK_H
#define HARNESS_DISK_H

#include <stdbool.h>

/*
 * QEMU does not tell when it could not write, so ask the file system of @path:
 * true when so little is left that what a guest sent may be cut short.
 */
bool disk_is_full(const char *path);

#endif
