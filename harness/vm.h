/* vm.h - one boot while it runs: what it reports, whether it is alive, how it ended. */
#ifndef HARNESS_VM_H
#define HARNESS_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "frames.h"
#include "plan.h"
#include "qemu.h"
#include "window.h"

enum vm_end {
	END_CLEAN,		/* BYE, and all it announced arrived */
	END_CHANNEL,		/* BYE, but results were lost on the way */
	END_PANIC,
	END_STUCK,
	END_NO_BOOT,		/* no HELLO in time, or ended before it */
	END_DIED,		/* QEMU ended without being asked to */
};

/* Time limits in seconds of service, that is without waiting for a host CPU. */
struct vm_limits {
	double hello;		/* from start to HELLO */
	double silence;		/* without a byte on the result channel */
	double nmi;		/* for the task states after the NMI */
};

/* Those for a kernel that is @debug_scale times slower than a plain one (0: plain). */
void vm_limits(struct vm_limits *lim, unsigned int debug_scale);
/* MiB a guest with such a kernel gets. */
unsigned int vm_memory(unsigned int debug_scale);

struct vm;

/* What the owner of a boot wants to hear of; .owner is his. */
struct vm_ops {
	void (*hello)(struct vm *v, const char *text);
	void (*result)(struct vm *v, size_t item, uint32_t repeat, uint64_t took_ns,
		       const char *text, size_t len);
	void (*kmsg)(struct vm *v, size_t item, const char *text);
	void (*error)(struct vm *v, size_t item, uint32_t repeat, const char *text);
	void (*note)(struct vm *v, const char *text);		/* may be NULL */
};

#define NO_ITEM SIZE_MAX

enum vm_done {
	VM_RESULT = 1,
	VM_ERROR = 2,			/* the guest could not do it and said why */
};

struct vm {
	void *owner;
	const struct vm_ops *ops;
	struct boot *boot;
	struct qemu qemu;
	struct frames frames;
	uint32_t *ids;			/* of the boot's items */
	unsigned char **done;		/* done[item][repeat - first]: enum vm_done */
	uint64_t nonce;
	char *base;			/* path of its work files without suffix */
	char *console_path, *frames_path, *initrd_path, *messages_path;
	int frames_fd, console_fd;
	struct window window;
	struct buf console;		/* what was read so far */
	bool hello, bye, panicked, refused;
	uint32_t announced;		/* results according to BYE */
	uint32_t nresults, nerrors;
	double exact_seconds, racy_seconds;	/* guest time of results */
	size_t running;			/* item that has begun, NO_ITEM between */
	uint32_t running_repeat;
	size_t last;			/* item of the last BEGIN */
	size_t nbegun;			/* items up to the last one with all repeats begun */
	double started, hello_at;	/* CLOCK_MONOTONIC */
	double quiet_since;
	uint64_t quiet_waited;		/* qemu_waited() then */
	int phase;			/* enum phase of vm.c */
	double phase_since;
	size_t console_mark;
	char *dump;			/* registers, when it was stuck */
	size_t console_dump;		/* of the console, what came before that */
	double phase_began;		/* without what was added to it */
	/* valid once vm_work() said it is over: */
	enum vm_end end;
	int status;			/* wait status of QEMU */
	struct buf trouble;		/* why it is not END_CLEAN, for people */
};

/* Everything a boot needs beside its plan. */
struct vm_setup {
	const char *kernel, *append, *base_image;
	const char *work;		/* directory for its files */
	const char *name;		/* unique there */
	const struct suite *suite;
	const uint32_t *ids;		/* case_ids() of the suite */
	unsigned int memory;
	const char *plugin;		/* see struct boot_spec */
	unsigned int job_flags;		/* of wire.h, beside those that follow from the boot */
	bool kvm;
};

/* Start it.  Returns 0, or -1 and errno when a file could not be written. */
int vm_start(struct vm *v, const struct vm_setup *setup, struct boot *b,
	     const struct vm_ops *ops, void *owner);
/* Take in what is new, watch the clock.  True when it is over and reaped. */
bool vm_work(struct vm *v, const struct vm_limits *lim);
/* End it at once, keeping nothing running; for interruption. */
void vm_abort(struct vm *v);
/* The console, with the registers behind it if it was stuck; valid until vm_free(). */
const char *vm_console(const struct vm *v);
/*
 * Before HELLO TCG itself is a suspect: where the kernel patches code that
 * another CPU is running it may meet the breakpoint of the first step.  That
 * counts if it recurs.  The line of the console with it, or NULL.
 */
const char *vm_tcg_breakpoint(const struct vm *v);
void vm_remove_files(struct vm *v);
void vm_free(struct vm *v);

#endif
