/* tables.h - the interpreter's constant tables: names of signals, codes, requests, registers and system calls. */
#ifndef TABLES_H
#define TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One name, up to one number in each ABI (-1: the ABI has no such call). */
struct call_name {
	const char *name;
	int nr64, nrx32, nr32;
};
extern const struct call_name call_names[];
extern const unsigned int call_names_n;

/* A row of a plain name table; tables end with a NULL name. */
struct num_name {
	const char *name;
	long num;
};

/* The ABI of a system call or a register set: which numbers and which layout. */
enum abi { ABI_64, ABI_32, ABI_X32 };
#if defined(__i386__)
#define ABI_OWN ABI_32
#elif defined(__ILP32__)
#define ABI_OWN ABI_X32
#else
#define ABI_OWN ABI_64
#endif
enum abi abi_of_bits(unsigned int bits);	/* form_role.bits */

long call_nr(enum abi abi, const char *name);	/* -1: no such call */
const char *call_name_of(enum abi abi, long nr);	/* NULL: no such call */
bool call_gives_pid(const char *name);		/* its result is a pid: print the role */
bool call_gives_addr(const char *name);		/* its result is an address: not printed */

bool call_makes_task(const char *name);		/* the new task would run on its creator's stack */

/* Results valid by name only, -1 and NULL when not known. */
long request_num(const char *name);		/* PTRACE_ without the prefix, either case */
int sig_num(const char *name);
const char *si_code_name(int sig, int code);

/* Register layouts of NT_PRSTATUS: what a set of `len` bytes is and where its registers are. */
struct reg_place {
	const char *name;
	short off64, off32;			/* byte offsets, -1: not in this set */
};
#define REGS_LEN64 216
#define REGS_LEN32 68
const struct reg_place *reg_find(const char *name);

bool str_eq(const char *a, const char *b);

#endif
