/* form.h - the flat form of one scenario case: what the parser makes and the guest interpreter runs. */
#ifndef FORM_H
#define FORM_H

#include <stdint.h>

/*
 * A case is one contiguous, position-independent blob, little-endian, made of
 * fixed-width fields only, so that the host and 64-bit, ia32 and x32 guests
 * read the same bytes.  Offsets are in bytes from the start of the blob.
 *
 *   struct form_case | roles[] | steps[] | blocks[] | edges[] | handlers[] |
 *   values[] | strings
 *
 * form_check() (form.c) proves a blob well-formed before anybody follows an
 * offset in it; the guest calls it too, so a damaged job is an error message
 * and never a wild pointer.
 */
#define FORM_MAGIC	0x31465450u	/* "PTF1" */
#define FORM_MAX_ARGS	8
#define FORM_MAX_ROLES	64
#define FORM_MAX_EDGES	256
#define FORM_MAX_VALUES	64
#define FORM_MAX_BLOCKS	64
#define FORM_MAX_HANDLERS 64
#define FORM_MAX_STEPS	8192
#define FORM_MAX_CPUS	16
#define FORM_MAX_TEXT	200		/* bytes of a step's text */
#define FORM_MAX_SIZE	(4u << 20)	/* of a blob */
#define FORM_NONE	0xffffffffu
#define FORM_NO_WALL	0x10000000u	/* in wait flags: do not add __WALL; no flag of the kernel's */

struct form_case {
	uint32_t magic;
	uint32_t size;			/* of the whole blob */
	uint32_t crc;			/* crc32 of everything after this field */
	uint32_t flags;			/* FORM_RACY ... */
	uint32_t name;			/* string: "family/scenario[case]" */
	uint32_t cpus;			/* 0: any, else exactly so many */
	uint32_t nroles, roles;
	uint32_t nsteps, steps;
	uint32_t nblocks, blocks;
	uint32_t nedges, edges;		/* edges: array of string offsets */
	uint32_t nhandlers, handlers;
	uint32_t nvalues, values;	/* values: array of string offsets (names) */
	uint32_t strings, strings_len;
};

enum form_flags {
	FORM_RACY = 1,
};

enum role_kind {
	ROLE_TRACER,		/* untraced; its edges may sleep */
	ROLE_TRACEE,		/* may be traced; its edges make no system call when quiet */
	ROLE_OUTSIDER,		/* untraced onlooker, may be root */
	ROLE_PARENT,		/* real parent of a tracee */
};

enum role_birth {
	BORN_AT_START,		/* forked (or cloned as a thread) before step 1 */
	BORN_BY_STEP,		/* by fork, vfork, clone or thread in another column */
};

enum role_flags {
	ROLE_THREAD = 1,	/* thread of .parent, else a process */
	ROLE_QUIET = 2,		/* awaits edges without any system call */
	ROLE_WATCHED_SPIN = 4,	/* reserved */
};

struct form_role {
	uint32_t name;		/* string */
	uint16_t kind;		/* enum role_kind */
	uint16_t birth;		/* enum role_birth */
	uint16_t flags;		/* enum role_flags */
	uint16_t bits;		/* 64, 32, or 33 for x32 */
	uint32_t parent;	/* role index of the creator or thread-group leader, FORM_NONE: the watcher */
	uint32_t uid;		/* numeric user, 0 = root */
	uint32_t first_step;	/* this role's column: steps[first_step .. +nsteps) */
	uint32_t nsteps;
};

enum arg_type {
	ARG_NONE,
	ARG_INT,		/* .val */
	ARG_ROLE,		/* .ref = role index */
	ARG_IT,			/* the tid the last wait reported */
	ARG_SIG,		/* the signal of the stop the last wait reported; .val unused */
	ARG_MSG,		/* value of the last msg verb */
	ARG_RET,		/* result of the last step */
	ARG_VALUE,		/* .ref = saved value index */
	ARG_STR,		/* .ref = string offset */
	ARG_LABEL,		/* .ref = string offset of a snippet label, .val = byte offset to add */
	ARG_BLOCK,		/* .ref = block index */
	ARG_HANDLER,		/* .ref = handler index */
	ARG_EDGE,		/* .ref = edge index */
	ARG_TID,		/* tid of role .ref as a number (for raw calls) */
};

struct form_arg {
	uint16_t type;		/* enum arg_type */
	uint16_t key;		/* index into verb's keyword table + 1 when written key=value, else 0 */
	uint32_t ref;
	int64_t val;
};

enum step_flags {
	STEP_NEED = 1,		/* must succeed, else the case could not be set up */
	STEP_MUTE = 2,		/* do not log (written with a leading '-') */
	STEP_ERRLOG = 4,	/* log only when it fails (written with a leading '!') */
};

struct form_step {
	uint16_t verb;		/* index into form_verbs[] */
	uint16_t flags;
	uint32_t line;		/* in the scenario file, for messages */
	uint32_t text;		/* string: the step as written, parameters filled in */
	uint32_t await[2];	/* edges to await before, or FORM_NONE */
	uint32_t post[2];	/* edges to post after, or FORM_NONE */
	uint32_t result;	/* value index that takes the result, or FORM_NONE */
	uint16_t nargs;
	uint16_t pad;
	uint32_t pad2;
	struct form_arg arg[FORM_MAX_ARGS];
};

/* What an `on` clause of a reactive block matches; see LANGUAGE.md. */
enum on_kind {
	ON_NONE,		/* not a clause: a plain step of a block */
	ON_ANY,
	ON_SIGNAL,		/* signal-delivery-stop [.on_arg = signal, 0 any] */
	ON_GROUP,		/* group-stop, classic or EVENT_STOP with a stop signal */
	ON_TRAP,		/* EVENT_STOP with SIGTRAP */
	ON_SYSCALL,		/* syscall-entry-stop or -exit-stop */
	ON_EVENT,		/* PTRACE_EVENT .on_arg */
	ON_EXITED,
	ON_KILLED,
	ON_CONTINUED,
};

/* A block is a list of clauses; a plain block has one clause of ON_NONE. */
struct form_clause {
	uint16_t on;		/* enum on_kind */
	uint16_t pad;
	uint32_t on_arg;
	uint32_t on_role;	/* only for this role, or FORM_NONE */
	uint32_t first_step, nsteps;
};

#define FORM_MAX_CLAUSES 16

struct form_block {
	uint32_t name;		/* string */
	uint32_t nclauses;
	struct form_clause clause[FORM_MAX_CLAUSES];
};

struct form_handler {
	uint32_t name;		/* string */
	uint32_t first_step, nsteps;
};

/* Argument kinds of a verb, one letter each in form_verb.args; see verbs.def. */
struct form_verb {
	const char *name;
	const char *args;
	const char *help;
};
extern const struct form_verb form_verbs[];
extern const unsigned int form_nverbs;

/* 0, or -1 with *why set to a constant string naming what is wrong. */
int form_check(const void *blob, uint64_t len, const char **why);
uint32_t form_letter_types(char letter);	/* mask of 1 << enum arg_type that an argument letter allows */
uint32_t form_crc32(uint32_t crc, const void *data, uint64_t len);

static inline const struct form_role *form_roles(const struct form_case *c)
{
	return (const void *)((const char *)c + c->roles);
}
static inline const struct form_step *form_steps(const struct form_case *c)
{
	return (const void *)((const char *)c + c->steps);
}
static inline const struct form_block *form_blocks(const struct form_case *c)
{
	return (const void *)((const char *)c + c->blocks);
}
static inline const struct form_handler *form_handlers(const struct form_case *c)
{
	return (const void *)((const char *)c + c->handlers);
}
static inline const char *form_str(const struct form_case *c, uint32_t off)
{
	return (const char *)c + c->strings + off;
}
static inline const char *form_edge(const struct form_case *c, uint32_t i)
{
	return form_str(c, ((const uint32_t *)((const char *)c + c->edges))[i]);
}
static inline const char *form_value(const struct form_case *c, uint32_t i)
{
	return form_str(c, ((const uint32_t *)((const char *)c + c->values))[i]);
}

#endif
