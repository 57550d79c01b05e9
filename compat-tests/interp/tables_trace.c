/* tables_trace.c - names of ptrace events, requests and si_codes; register layouts; look-up of system calls. */
#include <asm/ptrace-abi.h>
#include <linux/ptrace.h>
#include <signal.h>

#include "../form/consts.h"
#include "interp.h"
#include "tables.h"

const char *event_name(int event)
{
	for (const struct form_const *e = form_events; e->name; e++)
		if (e->val == event)
			return e->name;
	return NULL;
}

#define R(x) { #x, PTRACE_##x }
static const struct num_name requests[] = {
	R(TRACEME), R(PEEKTEXT), R(PEEKDATA), { "PEEKUSER", 3 }, R(POKETEXT), R(POKEDATA), { "POKEUSER", 6 },
	R(CONT), R(KILL), R(SINGLESTEP), R(GETREGS), R(SETREGS), R(GETFPREGS), R(SETFPREGS), R(ATTACH), R(DETACH),
	R(GETFPXREGS), R(SETFPXREGS), R(OLDSETOPTIONS), R(SYSCALL), { "GET_THREAD_AREA", 25 },
	{ "SET_THREAD_AREA", 26 }, { "ARCH_PRCTL", 30 }, R(SYSEMU), R(SYSEMU_SINGLESTEP), R(SINGLEBLOCK),
	R(SETOPTIONS), R(GETEVENTMSG), R(GETSIGINFO), R(SETSIGINFO), R(GETREGSET), R(SETREGSET), R(SEIZE),
	R(INTERRUPT), R(LISTEN), R(PEEKSIGINFO), R(GETSIGMASK), R(SETSIGMASK), R(SECCOMP_GET_FILTER),
	R(SECCOMP_GET_METADATA), R(GET_SYSCALL_INFO), R(GET_RSEQ_CONFIGURATION),
	{ "SET_SYSCALL_USER_DISPATCH_CONFIG", 0x4210 }, { "GET_SYSCALL_USER_DISPATCH_CONFIG", 0x4211 },
	{ "SET_SYSCALL_INFO", 0x4212 },
	{ NULL, 0 }
};

static bool eq_nocase(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = *a == '-' ? '_' : *a >= 'a' && *a <= 'z' ? *a - 32 : *a;
		char y = *b == '-' ? '_' : *b >= 'a' && *b <= 'z' ? *b - 32 : *b;

		if (x != y)
			return false;
	}
	return *a == *b;
}

long request_num(const char *name)
{
	for (const struct num_name *r = requests; r->name; r++)
		if (eq_nocase(r->name, name))
			return r->num;
	return -1;
}

#define C(x) { #x, x }
static const struct num_name codes_any[] = {
	C(SI_USER), C(SI_KERNEL), C(SI_QUEUE), C(SI_TIMER), C(SI_MESGQ), C(SI_ASYNCIO), C(SI_SIGIO), C(SI_TKILL),
	{ NULL, 0 }
};
static const struct num_name codes_chld[] = {
	C(CLD_EXITED), C(CLD_KILLED), C(CLD_DUMPED), C(CLD_TRAPPED), C(CLD_STOPPED), C(CLD_CONTINUED), { NULL, 0 }
};
static const struct num_name codes_segv[] = {
	C(SEGV_MAPERR), C(SEGV_ACCERR), { "SEGV_BNDERR", 3 }, { "SEGV_PKUERR", 4 }, { "SEGV_CPERR", 10 }, { NULL, 0 }
};
static const struct num_name codes_bus[] = {
	C(BUS_ADRALN), C(BUS_ADRERR), C(BUS_OBJERR), { NULL, 0 }
};
static const struct num_name codes_ill[] = {
	C(ILL_ILLOPC), C(ILL_ILLOPN), C(ILL_ILLADR), C(ILL_ILLTRP), C(ILL_PRVOPC), { NULL, 0 }
};
static const struct num_name codes_fpe[] = {
	C(FPE_INTDIV), C(FPE_INTOVF), C(FPE_FLTDIV), C(FPE_FLTOVF), C(FPE_FLTUND), C(FPE_FLTRES), C(FPE_FLTINV),
	C(FPE_FLTSUB), { NULL, 0 }
};
static const struct num_name codes_trap[] = {
	C(TRAP_BRKPT), C(TRAP_TRACE), { "TRAP_BRANCH", 3 }, { "TRAP_HWBKPT", 4 }, { "TRAP_PERF", 6 }, { NULL, 0 }
};
static const struct num_name codes_sys[] = {
	{ "SYS_SECCOMP", 1 }, { "SYS_USER_DISPATCH", 2 }, { NULL, 0 }
};
static const struct num_name codes_poll[] = {
	{ "POLL_IN", 1 }, { "POLL_OUT", 2 }, { "POLL_MSG", 3 }, { "POLL_ERR", 4 }, { "POLL_PRI", 5 },
	{ "POLL_HUP", 6 }, { NULL, 0 }
};

/* The name of a si_code: the codes above 0 mean something else for each signal. NULL: no name. */
const char *si_code_name(int sig, int code)
{
	const struct num_name *t = codes_any;

	if (code > 0 && code < SI_KERNEL) {
		switch (sig) {
		case SIGCHLD: t = codes_chld; break;
		case SIGSEGV: t = codes_segv; break;
		case SIGBUS: t = codes_bus; break;
		case SIGILL: t = codes_ill; break;
		case SIGFPE: t = codes_fpe; break;
		case SIGTRAP: t = codes_trap; break;
		case SIGSYS: t = codes_sys; break;
		case SIGIO: t = codes_poll; break;
		default: return NULL;
		}
	}
	for (; t->name; t++)
		if (t->num == code)
			return t->name;
	return NULL;
}

/* arg1..arg6 and nr are the places where that ABI's system calls have them. */
static const struct reg_place places[] = {
	{ "r15", 0, -1 }, { "r14", 8, -1 }, { "r13", 16, -1 }, { "r12", 24, -1 }, { "bp", 32, 20 }, { "bx", 40, 0 },
	{ "r11", 48, -1 }, { "r10", 56, -1 }, { "r9", 64, -1 }, { "r8", 72, -1 }, { "ax", 80, 24 }, { "cx", 88, 4 },
	{ "dx", 96, 8 }, { "si", 104, 12 }, { "di", 112, 16 }, { "orig_ax", 120, 44 }, { "ip", 128, 48 },
	{ "cs", 136, 52 }, { "flags", 144, 56 }, { "sp", 152, 60 }, { "ss", 160, 64 }, { "fs_base", 168, -1 },
	{ "gs_base", 176, -1 }, { "ds", 184, 28 }, { "es", 192, 32 }, { "fs", 200, 36 }, { "gs", 208, 40 },
	{ "arg1", 112, 0 }, { "arg2", 104, 4 }, { "arg3", 96, 8 }, { "arg4", 56, 12 }, { "arg5", 72, 16 },
	{ "arg6", 64, 20 }, { NULL, 0, 0 }
};

const struct reg_place *reg_find(const char *name)
{
	for (const struct reg_place *p = places; p->name; p++)
		if (str_eq(p->name, name))
			return p;
	return NULL;
}

enum abi abi_of_bits(unsigned int bits)
{
	return bits == 32 ? ABI_32 : bits == 33 ? ABI_X32 : ABI_64;
}

static long nr_in(const struct call_name *c, enum abi abi)
{
	return abi == ABI_32 ? c->nr32 : abi == ABI_X32 ? c->nrx32 : c->nr64;
}

/*
 * Where ia32 has an old and a new call, a plain name means the new one and the
 * new one prints as the plain name, so that scenarios and traces of the three
 * word sizes are the same: the ids are no longer 16 bits wide, and mmap takes
 * its arguments in registers.
 */
static const struct {
	const char *name, *ia32;
} renamed[] = {
	{ "getuid", "getuid32" }, { "getgid", "getgid32" }, { "geteuid", "geteuid32" }, { "getegid", "getegid32" },
	{ "setuid", "setuid32" }, { "setgid", "setgid32" }, { "setreuid", "setreuid32" },
	{ "setregid", "setregid32" }, { "setresuid", "setresuid32" }, { "setresgid", "setresgid32" },
	{ "getgroups", "getgroups32" }, { "setgroups", "setgroups32" }, { "setfsuid", "setfsuid32" },
	{ "setfsgid", "setfsgid32" }, { "chown", "chown32" }, { "fchown", "fchown32" }, { "lchown", "lchown32" },
	{ "mmap", "mmap2" }, { NULL, NULL }
};

long call_nr(enum abi abi, const char *name)
{
	for (unsigned int i = 0; abi == ABI_32 && renamed[i].name; i++)
		if (str_eq(name, renamed[i].name))
			name = renamed[i].ia32;
	for (unsigned int i = 0; i < call_names_n; i++)
		if (str_eq(call_names[i].name, name))
			return nr_in(&call_names[i], abi);
	return -1;
}

const char *call_name_of(enum abi abi, long nr)
{
	const char *name = NULL;

	for (unsigned int i = 0; nr >= 0 && i < call_names_n && !name; i++)
		if (nr_in(&call_names[i], abi) == nr)
			name = call_names[i].name;
	for (unsigned int i = 0; name && abi == ABI_32 && renamed[i].name; i++) {
		if (str_eq(name, renamed[i].ia32))
			return renamed[i].name;
		/* the old one: not to be taken for the new */
		if (str_eq(name, renamed[i].name))
			return NULL;
	}
	return name;
}

static bool among(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (str_eq(*list, name))
			return true;
	return false;
}

bool call_gives_pid(const char *name)
{
	static const char *const list[] = {
		"getpid", "gettid", "getppid", "getpgrp", "getpgid", "getsid", "setsid", "fork", "vfork", "clone",
		"clone3", "wait4", "waitpid", "set_tid_address", NULL
	};
	return among(list, name);
}

bool call_gives_addr(const char *name)
{
	static const char *const list[] = { "mmap", "mmap2", "mremap", "brk", "shmat", "time", NULL };

	return among(list, name);
}

bool call_makes_task(const char *name)
{
	static const char *const list[] = { "fork", "vfork", "clone", "clone3", NULL };

	return among(list, name);
}
