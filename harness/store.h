/* store.h - the store outside the checkout: locks, entries, the kernel source, and keys. */
#ifndef HARNESS_STORE_H
#define HARNESS_STORE_H

#include <stdbool.h>

#include "util.h"

/* A path under the store; caller frees. */
char *store_path(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Take the store's lock @name, waiting for another process to let it go
 * and saying so once.  Returns a descriptor for store_unlock(), or -1 when
 * interrupted while waiting; the kernel drops the lock of a process that dies.
 */
int store_lock(const char *name);
void store_unlock(int fd);

/*
 * Warn, or end with EX_SYSTEM, when the store's disk has less than @need MiB
 * free for @what.
 */
void store_need_space(unsigned long need, const char *what);

/*
 * The installed source package: its version, as dpkg knows it, and its
 * archive.  Ends with EX_DEPS when it is not installed.
 */
const char *source_version(void);
const char *source_archive(void);

/*
 * Directory of the unpacked, untouched source of source_version(); unpacks
 * it first when needed.  Everybody shares it: never write into it.
 * Ends with EX_SYSTEM on failure; NULL when interrupted.
 */
char *source_tree(void);

/*
 * A key is the SHA-256 over labelled values; a value of any length and
 * content cannot be confused with its neighbour.
 */
struct key {
	struct buf b;
};
void key_add(struct key *k, const char *label, const void *data, size_t len);
void key_add_str(struct key *k, const char *label, const char *value);
/* Content of a file; missing is fatal. */
void key_add_file(struct key *k, const char *label, const char *path);
/* Names, modes and contents of all files below @dir; missing is an empty tree. */
void key_add_tree(struct key *k, const char *label, const char *dir);
char *key_finish(struct key *k);	/* 64 hex digits; empties @k */

#endif
