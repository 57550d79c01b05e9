/* consts_word.c - words of the language that stand for numbers, and the words verbs take. */
#include <stddef.h>

#include "consts.h"
#include "form.h"

const struct form_const form_ptrace_opts[] = {
	{ "sysgood", 1 << 0 }, { "fork", 1 << 1 }, { "vfork", 1 << 2 },
	{ "clone", 1 << 3 }, { "exec", 1 << 4 }, { "vforkdone", 1 << 5 },
	{ "exit", 1 << 6 }, { "seccomp", 1 << 7 }, { "exitkill", 1 << 20 },
	{ "suspend-seccomp", 1 << 21 },
	{ NULL, 0 }
};

const struct form_const form_wait_flags[] = {
	{ "nohang", 1 }, { "untraced", 2 }, { "stopped", 2 }, { "exited", 4 },
	{ "continued", 8 }, { "nowait", 0x01000000 }, { "nothread", 0x20000000 },
	{ "wall", 0x40000000 }, { "all", 0x40000000 }, { "clone", 0x80000000 },
	{ "no-wall", FORM_NO_WALL },
	{ NULL, 0 }
};

const struct form_const form_events[] = {
	{ "fork", 1 }, { "vfork", 2 }, { "clone", 3 }, { "exec", 4 },
	{ "vforkdone", 5 }, { "exit", 6 }, { "seccomp", 7 }, { "stop", 128 },
	{ NULL, 0 }
};

const struct form_const form_on_kinds[] = {
	{ "any", ON_ANY }, { "signal", ON_SIGNAL }, { "group", ON_GROUP },
	{ "trap", ON_TRAP }, { "syscall", ON_SYSCALL }, { "event", ON_EVENT },
	{ "exited", ON_EXITED }, { "killed", ON_KILLED },
	{ "continued", ON_CONTINUED },
	{ NULL, 0 }
};

const struct form_words form_words[] = {
	{ "set-siginfo", 1, 0, "signo errno code pid uid value" },
	{ "peeksiginfo", 1, 0, "private shared" },
	{ "set-reg", 1, 0, "ip ax orig_ax di si dx r10 r8 r9 sp flags bx cx bp r11 r12 r13 r14 r15 cs ss ds es fs gs fs_base gs_base arg1 arg2 arg3 arg4 arg5 arg6" },
	{ "reg", 1, 0, "ip ax orig_ax di si dx r10 r8 r9 sp flags bx cx bp r11 r12 r13 r14 r15 cs ss ds es fs gs fs_base gs_base arg1 arg2 arg3 arg4 arg5 arg6" },
	{ "handle", 2, 1, "restart nodefer resethand onstack nocldstop nocldwait mute" },
	{ "log-chld", 0, 0, "nostop" },
	{ "clone", 1, 1, "vm fs files sighand thread parent vfork ptrace untraced" },
	{ "fault", 0, 0, "segv gp ill fpe bus trap" },
	{ "seccomp", 0, 0, "trace errno kill-thread kill-process trap log user-notif allow" },
	{ "sud", 0, 0, "on off" },
	{ "unshare", 0, 1, "pid user mnt net" },
	{ "native", 0, 0, "sud-config rseq-config sec-metadata regset-len regs-agree mem-read mem-write vm-read auxv" },
	{ "notif-send", 1, 0, "value errno continue" },
	{ "look-stat", 1, 0, "wchan exit_code" },
	{ "react", 1, 0, "gone stops quiet" },
	{ NULL, 0, 0, NULL }
};

const struct form_keys form_keys[] = {
	{ "request", "- - addr data" },
	{ "peeksiginfo", "- - offset count" },
	{ "set-siginfo", "- field to" },
	{ "sigqueue", "- - value" },
	{ "handle", "- - flags" },
	{ "clone", "- flags signal" },
	{ "seccomp", "action call data" },
	{ "seize", "- options" },
	{ NULL, NULL }
};
