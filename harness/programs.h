/* programs.h - runs programs of compat-tests/engines in guests of one kernel and judges what they print. */
#ifndef HARNESS_PROGRAMS_H
#define HARNESS_PROGRAMS_H

#include "kernels.h"
#include "util.h"

/* One program, or one way to call it; arguments are what its argv has. */
struct program {
	char *name;		/* for people */
	char *arguments;	/* path and arguments, a line each */
	unsigned int seconds;	/* guest time it may take on a plain kernel */
	bool by_name;		/* runs only when asked for by its name */
	/* set by programs_run(): */
	char *output;		/* what it printed; NULL: it did not come to an end */
	char *splat;		/* kernel report during it, or NULL */
	char *why;		/* what is wrong beside failed checks, or NULL */
	char *log;		/* path of the boot's console */
	double took;		/* seconds of guest time */
	unsigned int passed, failed, skipped;
	enum exit_code code;	/* EX_SAME, or what is wrong */
};

struct programs {
	struct program *v;
	size_t n;
};

struct programs_options {
	const struct kernel *kernel;
	const char *append;
	const char *what;	/* names files of build/; NULL: engines */
	const char *list;	/* further lines for the image, as in image.list, or NULL */
	unsigned int memory;	/* MiB; 0: what a plain program needs */
	bool icount;		/* counted instructions, on one virtual CPU */
	const char *plugin;	/* of QEMU, see struct boot_spec; with ->icount */
	bool no_tap;		/* any output is fine, whoever called judges it */
	unsigned int cpus;
	uint64_t seed;
	const char *kmsg;	/* file to add all kernel reports to, or NULL */
	bool kcsan;		/* it is a kernel with KCSAN; whoever called judges its data races */
	bool echo;		/* print what programs print while they do */
};

/*
 * The programs of compat-tests/engines whose name fits the glob list @only
 * (NULL: all but those that want to be named), as their head comments say;
 * with @quick as their line "quick:" says, if they have one.
 */
void programs_find(struct programs *p, const char *only, bool quick);
/*
 * The same for the scripts NAME.sh of @dir, which are in the guest as
 * @there/NAME.sh; their head comments are "# key: value".  Those that say
 * "# needs: modules" if @modules, else those that do not.
 */
void programs_find_scripts(struct programs *p, const char *dir, const char *there, const char *only,
			   bool modules);
/*
 * One more; @file is a path in the guest or the name of a program of
 * /engines, @arguments may be NULL.  It stays valid until the next call.
 */
struct program *programs_add(struct programs *p, const char *name, const char *file,
			     const char *arguments, unsigned int seconds);

/*
 * Run them in their order, in one boot, and in another one from the next
 * program on when a boot is lost.  Nothing is run twice.  A boot that is lost
 * when all that began have ended is the last one's fault.  Returns the worst of
 * their codes, or EX_INTERRUPTED; prints nothing but what ->echo asks for.  A
 * full disk ends the program (EX_SYSTEM).
 */
int programs_run(struct programs *p, const struct programs_options *o);
void programs_free(struct programs *p);

/*
 * Print what came of them on @kernel, a table or TAP, and how many checks
 * passed and failed; with TAP the last goes to stderr.
 */
void programs_report(const struct programs *p, const char *kernel, bool tap);

/* The kernel utrace of a flavour, found or built; @flavour is what kernel_flavour() returned. */
int programs_kernel(const char *flavour, struct kernel *k);

#endif
