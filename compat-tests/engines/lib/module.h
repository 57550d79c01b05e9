/* module.h - kernel modules of the guest, /modules/NAME.ko. */
#ifndef ENGINES_MODULE_H
#define ENGINES_MODULE_H

/* Load it with @parameters ("a=1 b=2", or NULL).  0, or -errno. */
int module_load(const char *name, const char *parameters);
/*
 * Unload it, by the same name; fails with -EWOULDBLOCK while something has it open or depends on
 * it, and waits for its exit function.  0, or -errno.
 */
int module_unload(const char *name);

#endif
