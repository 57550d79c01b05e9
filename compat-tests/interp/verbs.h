/* verbs.h - what the verb files share: ptrace, values in log lines, /proc, registers of a tracee. */
#ifndef VERBS_H
#define VERBS_H

#include "interp.h"
#include "tables.h"

/* The raw ptrace system call; PEEK requests store through data. */
long pt(long request, pid_t tid, unsigned long addr, unsigned long data);
#define PTR(p) ((unsigned long)(p))

/* Logs "STEP -> RESULT" and gives the result back. */
long log_ret(struct actor *a, const struct form_step *s, long ret);

/* The same for a system call by name: pids as roles, addresses not at all. */
void call_result_text(struct line *l, const char *call, long ret);

/*
 * A number as a log may show it: a role if it is a role's tid, a label, a small
 * number in decimal, else hex.  ax_text(): -ERRNO where it can be one.
 */
void value_text(struct line *l, int64_t v);
void ax_text(struct line *l, int64_t v);
/* " ip LABEL", or " ip code" outside the snippets. */
void ip_text(struct line *l, uint64_t ip);
/* A pid out of a siginfo: its role, or a number when no pid of the guest is so small. */
void pid_text(struct line *l, pid_t pid);

/* A system call number: "getppid", with "ia32:" or "x32:" before it if that is not the tracee's own ABI. */
void nr_text(struct line *l, enum abi own, enum abi abi, long nr);

/* A set of signals: "SIGUSR1+SIGTERM", "none", "all", "all-SIGUSR1". */
void sigset_text(struct line *l, uint64_t set);
/* "SIGUSR1+SIGTERM" or "none" or "all"; false when a name is none. */
bool sigset_parse(const char *text, uint64_t *set);
/* Is a word one of those that are joined with + in text? */
bool has_word(const char *text, const char *word);
#define SIGBIT(sig) (1ull << ((sig) - 1))

/* The stop in the high bits of a wait status or in a CLD_TRAPPED si_status: "SIGTRAP|0x80", "event clone". */
void stop_text(struct line *l, int status);

/*
 * Reads /proc/TID/NAME into buf, always terminated: the length or -errno.
 * proc_field(): the value behind "NAME:" in such a text, its length, or NULL.
 */
long proc_read(pid_t tid, const char *name, char *buf, size_t room);
const char *proc_field(const char *text, const char *name, unsigned int *len);
uint64_t number_at(const char *text, unsigned int base);
/* A whole file into buf, terminated: its length or -errno; text to a file: 0 or -errno. */
long read_file(const char *path, char *buf, size_t room);
long write_file(const char *path, const char *text);

/* NT_PRSTATUS of a tracee, of either layout, told apart by len. */
struct regset {
	unsigned int len;			/* REGS_LEN64 or REGS_LEN32 */
	union {
		unsigned char b[REGS_LEN64];
		uint64_t align;
	};
};
long regs_get(pid_t tid, struct regset *r);	/* 0 or -errno */
long regs_set(pid_t tid, const struct regset *r);
bool reg_value(const struct regset *r, const struct reg_place *p, int64_t *v);
bool reg_change(struct regset *r, const struct reg_place *p, int64_t v);

/*
 * Registers of a snippet: loaded before, stored after.  a[0..5]: where the
 * ABI's system calls have their arguments; rest: the other ones (64-bit: bx bp
 * r12-r15 cx), unused by ia32.
 */
struct snip_regs {
	int64_t ax;
	int64_t arg[6];
	int64_t rest[7];
};
void snip_run(struct snip_regs *r, const void *snippet);
/* Fills in numbers that are known and differ, but for ax and the given arguments. */
void snip_fill(struct snip_regs *r, const int64_t *args, int n);
/* Appends " changed arg1=.. " for what differs from before. */
void snip_changes(struct line *l, const struct snip_regs *before, const struct snip_regs *after);
/* Runs a snippet by label with known values in all registers: ax, 32 bits wide in ia32. */
int64_t snip_call(const char *label, struct snip_regs *r);
/* Runs it and logs ax and the registers it changed: ax. */
long run_snippet(struct actor *a, const struct form_step *s, const char *label);
/* Is the address in a snippet (so that registers there are known)? */
bool in_snippet(uint64_t addr);

/* A row of verb_native.c's table. */
struct native {
	const char *name;
	long (*fn)(struct actor *a, const struct form_step *s);
	const char *help;
};

#endif
