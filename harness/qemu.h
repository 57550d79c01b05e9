/* qemu.h - QEMU: its command lines, and one running instance. */
#ifndef HARNESS_QEMU_H
#define HARNESS_QEMU_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "qmp.h"

/* What one boot is to be. */
struct boot_spec {
	const char *kernel;	/* bzImage */
	const char *initrd;
	const char *console;	/* file for ttyS0; NULL: the terminal, with QEMU's monitor */
	const char *frames;	/* file for the result channel, NULL: none */
	int window;		/* memfd for what of it goes by memory (window.h); 0: none */
	const char *messages;	/* file for what QEMU itself prints; NULL: the terminal */
	int in, out;		/* in the foreground: the terminal; 0: ours */
	const char *append;	/* further kernel parameters, or NULL */
	const char *plugin;	/* as for -plugin: FILE,NAME=VALUE...; or NULL.  TCG only */
	const char *gdb;	/* path of a socket for GDB; the guest then waits for it */
	int mode;		/* MODE_ICOUNT or MODE_SMP */
	unsigned int cpus;	/* MODE_SMP only */
	unsigned int memory;	/* MiB */
	bool kvm;		/* MODE_SMP only; else TCG */
};

struct qemu {
	pid_t pid;		/* 0: not running */
	int pidfd;
	struct qmp qmp;
	uint64_t waited_ns;	/* see qemu_waited() */
};

/* $PTBED_QEMU or qemu-system-x86_64. */
const char *qemu_program(void);
/* Its argument list, NULL-terminated; @qmp_fd < 0: no QMP.  Free with qemu_free_argv(). */
char **qemu_argv(const struct boot_spec *b, int qmp_fd);
void qemu_free_argv(char **argv);
/* @path as it stands within an option list, where commas are doubled; caller frees. */
char *qemu_escaped(const char *path);

/*
 * Start QEMU in a process group of its own that dies with us, whatever way we
 * die.  Ends with EX_UNTESTED when there is no such program.
 */
void qemu_start(struct qemu *q, const struct boot_spec *b);
/* The same in our own process group, on our terminal, without QMP. */
void qemu_start_foreground(struct qemu *q, const struct boot_spec *b);
/* Wait status when it has ended (then reaped and closed), else -1; never waits. */
int qemu_ended(struct qemu *q);
/* Kill it with everything it started, and reap it. */
void qemu_kill(struct qemu *q);
/*
 * Nanoseconds its busiest-waiting thread was runnable but not run, so far: on a
 * crowded host this, and not the guest, is why nothing happens.
 */
uint64_t qemu_waited(const struct qemu *q);

#endif
