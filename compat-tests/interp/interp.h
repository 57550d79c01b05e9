/* interp.h - the guest interpreter's core as the verbs see it: actor, arguments, log, raw system calls. */
#ifndef INTERP_H
#define INTERP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../form/form.h"

/*
 * One address range, at a fixed address in every actor of either word size
 * (below 2 GiB), is shared by the watcher and all actors of a case: struct
 * shared, with the case's flat form, the roles' tids, counters, edges, saved
 * values and logs.  An actor never allocates, never takes a lock another actor
 * could hold when it is killed, and makes no system call but those its steps
 * name (and the ones edges of untraced roles make).
 *
 * Which actor is running is found from the stack pointer: every actor (and its
 * alternate signal stack) has a slot of ACTOR_STACK bytes aligned to its size,
 * with struct actor at its lowest address.  This holds in threads, after vfork
 * and in signal handlers, and costs no system call.
 */
#define ACTOR_STACK	(256u << 10)

struct shared;
struct actor {
	struct shared *sh;
	const struct form_case *form;
	uint32_t role;			/* index */
	uint32_t step;			/* steps[] index being run */
	int64_t it;			/* tid of the last wait */
	int32_t it_status;		/* its raw status */
	uint64_t msg;			/* last event message */
	int64_t ret;			/* last result */
	bool in_handler;
	/* what the watcher must see is in struct role_state, actor.h */
};

struct actor *self(void);		/* from the stack pointer */

/*
 * Raw system calls: result or -errno.  The interpreter links no libc (libc.c has
 * mem* and str* functions): nothing here touches TLS, errno or hidden state.
 * sys(nr, ...) takes up to 6 arguments of any integer or pointer type.
 */
#ifdef __x86_64__
typedef long long sysarg;		/* a whole register in x32 too */
#else
typedef long sysarg;
#endif
long sys6(sysarg nr, sysarg a, sysarg b, sysarg c, sysarg d, sysarg e, sysarg f);
#define sys(...) SYS_PAD_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define SYS_PAD_(nr, a, b, c, d, e, f, ...)					\
	sys6((sysarg)(long)(nr), (sysarg)(long)(a), (sysarg)(long)(b),		\
	     (sysarg)(long)(c), (sysarg)(long)(d), (sysarg)(long)(e), (sysarg)(long)(f))
#define SYS_IS_ERR(r) ((unsigned long)(r) >= (unsigned long)-4095)

/*
 * Arguments of the running step.  Index i counts from 0; arg_given() tells
 * whether it was written.  arg_tid(): the tid now bound to the role.
 */
bool arg_given(const struct form_step *s, int i);
int64_t arg_num(struct actor *a, const struct form_step *s, int i);
pid_t arg_tid(struct actor *a, const struct form_step *s, int i);
int arg_role(struct actor *a, const struct form_step *s, int i);	/* -1: unknown tid */
int arg_sig(struct actor *a, const struct form_step *s, int i);
const char *arg_str(struct actor *a, const struct form_step *s, int i);

/*
 * The log.  A verb builds one line: log_begin() puts the step's text,
 * log_add() appends, log_end() commits it (unless the step is mute).  Commit
 * is atomic against a handler in the same thread.  The format knows, besides
 * %d %u %x %ld %lu %lx %lld %llu %llx %s %c (with 0, # and a width): %P a pid
 * (int; becomes a role), %A an address (uint64_t; becomes label+offset, or
 * "addr"), %E -errno or a result (long; prints "EPERM" or the number), %G a
 * signal number by name (int), %W a raw wait status decoded (int).
 */
struct line { char s[512]; unsigned int len; };
void log_begin(struct actor *a, const struct form_step *s, struct line *l);
void log_add(struct line *l, const char *fmt, ...);
void log_end(struct actor *a, const struct form_step *s, struct line *l);
/* The usual whole line: "STEP -> RESULT" (result or -errno). */
void log_result(struct actor *a, const struct form_step *s, long ret);

/*
 * A verb: does its work, logs its line, returns the result (or -errno) which
 * becomes `ret`, is saved by `=>`, and makes a `need` step fail when negative.
 */
typedef long verb_fn(struct actor *a, const struct form_step *s);
#define VERB(id, name, args, help) verb_fn v_##id;
#include "../form/verbs.def"
#undef VERB

/* Run a step list or a block in the current actor; used by flow verbs. */
void run_steps(struct actor *a, uint32_t first, uint32_t n);

/*
 * Counted as progress by the watcher.  A loop that waits for something outside
 * (edge, /proc state, WNOHANG) calls waiting(a, true) before it, poll_pause()
 * on each turn (spin, then yield, then a short sleep unless the role is quiet),
 * and waiting(a, false) after it.
 */
void progress(struct actor *a);
void waiting(struct actor *a, bool on);
void poll_pause(struct actor *a, unsigned int turn);
void timer_armed(struct actor *a, int delta);

/*
 * Roles and tids.  role_tid(): the tid now bound to a role (0: none yet), with
 * no system call, so an actor knows its own too.  tid_role(): the role of a
 * tid, -1 when unknown.  role_tgid(): the tid of the role's leader.
 */
pid_t role_tid(struct actor *a, uint32_t role);
pid_t role_tgid(struct actor *a, uint32_t role);
int tid_role(struct actor *a, pid_t tid);

/*
 * Handlers.  handler_bind() notes that in this actor's process `sig` runs
 * handler block `handler` (FORM_NONE: only the entry line is logged; mute: the
 * entry is not logged); it comes before the rt_sigaction that names
 * handler_entry().  altstack(): the actor's alternate signal stack.
 */
void handler_bind(struct actor *a, int sig, uint32_t handler, bool mute);
void handler_entry(int sig, void *siginfo, void *ucontext);
void *altstack(struct actor *a, size_t *len);

/* A timer of the case counts as armed until CLOCK_MONOTONIC reaches `ns`. */
void timer_until(struct actor *a, uint64_t ns);

/*
 * By verb_signal.c and verb_wait.c, for the core too.  siginfo_text(): signal,
 * code and what the code's class has (sender, value, fault, child status).
 * stop_kind(): what a raw wait status of `tid` is, as an `on` clause sees it
 * (enum on_kind); *arg gets the signal or event.  It may ask PTRACE_GETSIGINFO.
 */
void siginfo_text(struct line *l, const void *siginfo);
int stop_kind(struct actor *a, pid_t tid, int status, int *arg);

/* Tables (tables.c): names of signals, errnos, events, requests, options, calls. */
const char *sig_name(int sig);		/* "SIGUSR1", "SIGRTMIN+1", NULL */
const char *errno_name(int err);
const char *event_name(int event);	/* "clone", "stop" ... */

/* Snippets (snip_*.S): labels of the assembly library, and address to label. */
const void *label_addr(const char *label);	/* NULL: no such label */
const char *addr_label(uint64_t addr, uint64_t *offset);

#endif
