/* consts.h - names of numbers that scenarios use: signals, errnos, flags, words of verbs.  No libc. */
#ifndef FORM_CONSTS_H
#define FORM_CONSTS_H

#include <stdint.h>

/* The kernel's SIGRTMIN, not a C library's (34): no libc is at work in the guest. */
#define FORM_SIGRTMIN 32
#define FORM_SIGRTMAX 64

struct form_const {
	const char *name;
	int64_t val;
};

/* Each ends with a NULL name. */
extern const struct form_const form_signals[];		/* SIGHUP ... SIGSYS, without the real-time ones */
extern const struct form_const form_errnos[];		/* EPERM ... */
extern const struct form_const form_flags[];		/* O_, PTRACE_, W, CLONE_, PROT_, SI_ ... */
extern const struct form_const form_ptrace_opts[];	/* sysgood fork ... */
extern const struct form_const form_wait_flags[];	/* nohang untraced ... */
extern const struct form_const form_events[];		/* fork vfork clone exec ... stop */
extern const struct form_const form_on_kinds[];		/* any signal group ...: enum on_kind */

/* 0 and *val, or -1 when the table has no such name. */
int form_const_find(const struct form_const *table, const char *name, int64_t *val);

/* A signal by its name, SIGRTMIN+n and SIGRTMAX-n included; -1 when it is none. */
int form_signal_find(const char *name);

/*
 * Words a text argument of a verb may be, when they are a closed set: the
 * parser refuses others.  @arg counts the verb's arguments from 0.
 */
struct form_words {
	const char *verb;
	unsigned int arg;
	int joined;			/* several may be joined with + */
	const char *words;		/* separated by blanks */
};
extern const struct form_words form_words[];		/* ends with a NULL verb */

/* Names for a verb's arguments, so that they may be written key=value. */
struct form_keys {
	const char *verb;
	const char *keys;		/* a name an argument, in order, separated by blanks; - for none */
};
extern const struct form_keys form_keys[];		/* ends with a NULL verb */

#endif
