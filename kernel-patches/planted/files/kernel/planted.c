// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of the bugs in <linux/planted.h> are on.
 */
#define pr_fmt(fmt) "planted: " fmt

#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/planted.h>
#include <linux/printk.h>
#include <linux/string.h>

unsigned long planted_bugs[BITS_TO_LONGS(PLANTED_BUGS)] __ro_after_init;

static const char *const names[PLANTED_BUGS] __initconst = {
	[PLANTED_DETACH_SIGNAL]		= "detach-signal",
	[PLANTED_EXITKILL]		= "exitkill",
	[PLANTED_STOP_SIGNAL]		= "stop-signal",
	[PLANTED_SYSEMU_LATE]		= "sysemu-late",
	[PLANTED_DETACH_RACE]		= "detach-race",
	[PLANTED_INJECT_PID]		= "inject-pid",
	[PLANTED_DETACH_RUNS]		= "detach-runs",
	[PLANTED_LISTEN_CONT]		= "listen-cont",
	[PLANTED_WNOWAIT]		= "wnowait",
	[PLANTED_CLDSTOP_ALWAYS]	= "cldstop-always",
	[PLANTED_PTRACE_KILL]		= "ptrace-kill",
	[PLANTED_SYSEMU_AX]		= "sysemu-ax",
	[PLANTED_DETACH_TRACE]		= "detach-trace",
	[PLANTED_DETACH_STEP]		= "detach-step",
	[PLANTED_DETACH_NO_KICK]	= "detach-no-kick",
	[PLANTED_DETACH_RTMAX]		= "detach-rtmax",
	[PLANTED_EXIT_SYSEMU]		= "exit-sysemu",
	[PLANTED_EXITKILL_FIRST]	= "exitkill-first",
	[PLANTED_EXITKILL_CHILD]	= "exitkill-child",
	[PLANTED_ZOMBIE_SILENT]		= "zombie-silent",
	[PLANTED_ZOMBIE_KEPT]		= "zombie-kept",
	[PLANTED_WAITED_KEPT]		= "waited-kept",
	[PLANTED_ZOMBIE_CODE]		= "zombie-code",
	[PLANTED_EXIT_SIGNAL]		= "exit-signal",
	[PLANTED_ATTACH_STOPPED]	= "attach-stopped",
	[PLANTED_ATTACH_USER]		= "attach-user",
	[PLANTED_ATTACH_ZOMBIE]		= "attach-zombie",
	[PLANTED_ATTACH_NO_WAIT]	= "attach-no-wait",
	[PLANTED_SEIZE_WAKES]		= "seize-wakes",
	[PLANTED_TRACEME_TWICE]		= "traceme-twice",
	[PLANTED_TRACER_SIBLING]	= "tracer-sibling",
	[PLANTED_TRACER_PID]		= "tracer-pid",
	[PLANTED_SETOPTIONS_ADDS]	= "setoptions-adds",
	[PLANTED_STEP_SYSEMU]		= "step-sysemu",
	[PLANTED_SYSCALL_STEP]		= "syscall-step",
	[PLANTED_SYSEMU_STEP]		= "sysemu-step",
	[PLANTED_SYSEMU_COMPAT]		= "sysemu-compat",
	[PLANTED_STEP_HANDLER]		= "step-handler",
	[PLANTED_KILLED_CALL]		= "killed-call",
	[PLANTED_KILLED_SECCOMP]	= "killed-seccomp",
	[PLANTED_CALL_NUMBER]		= "call-number",
	[PLANTED_POKED_COMPAT]		= "poked-compat",
	[PLANTED_SYSCALL_INJECT]	= "syscall-inject",
	[PLANTED_INJECT_INFO]		= "inject-info",
	[PLANTED_INJECT_BLOCKED]	= "inject-blocked",
	[PLANTED_REQUEUE_PRIVATE]	= "requeue-private",
	[PLANTED_MESSAGE_STALE]		= "message-stale",
	[PLANTED_EXEC_MESSAGE]		= "exec-message",
	[PLANTED_EXEC_SIGTRAP]		= "exec-sigtrap",
	[PLANTED_EXEC_WAKE]		= "exec-wake",
	[PLANTED_VFORK_DONE]		= "vfork-done",
	[PLANTED_EXIT_EVENT_KILLED]	= "exit-event-killed",
	[PLANTED_KILL_LISTENING]	= "kill-listening",
	[PLANTED_ZAP_TRACED]		= "zap-traced",
	[PLANTED_FATAL_WHICH]		= "fatal-which",
	[PLANTED_IGNORED_STOPPED]	= "ignored-stopped",
	[PLANTED_WANTS_TRACED]		= "wants-traced",
	[PLANTED_STOP_NO_RECALC]	= "stop-no-recalc",
	[PLANTED_INTERRUPT_LOST]	= "interrupt-lost",
	[PLANTED_INTERRUPT_STICKS]	= "interrupt-sticks",
	[PLANTED_LISTEN_REQUESTS]	= "listen-requests",
	[PLANTED_LISTEN_LATE]		= "listen-late",
	[PLANTED_LISTEN_WAIT]		= "listen-wait",
	[PLANTED_CONT_KEEPS_STOP]	= "cont-keeps-stop",
	[PLANTED_STOP_KEEPS_CONT]	= "stop-keeps-cont",
	[PLANTED_CONT_RUNNING]		= "cont-running",
	[PLANTED_STOP_NOT_DEQUEUED]	= "stop-not-dequeued",
	[PLANTED_STOP_UNCANCELLED]	= "stop-uncancelled",
	[PLANTED_NEW_THREAD_RUNS]	= "new-thread-runs",
	[PLANTED_STOP_UNCOUNTED]	= "stop-uncounted",
	[PLANTED_STOP_LAST_THREAD]	= "stop-last-thread",
	[PLANTED_RESTOP_CODE]		= "restop-code",
	[PLANTED_RESTOP_LISTEN]		= "restop-listen",
	[PLANTED_CONTINUED_PARENT]	= "continued-parent",
	[PLANTED_CONTINUED_TRACER]	= "continued-tracer",
	[PLANTED_CLDSTOP_TGID]		= "cldstop-tgid",
	[PLANTED_CLDSTOP_NS]		= "cldstop-ns",
	[PLANTED_CLDSTOP_SYSGOOD]	= "cldstop-sysgood",
	[PLANTED_NOCLDSTOP]		= "nocldstop",
	[PLANTED_WNOWAIT_CONT]		= "wnowait-cont",
	[PLANTED_WAIT_CLONE]		= "wait-clone",
	[PLANTED_WAIT_ECHILD]		= "wait-echild",
	[PLANTED_OWN_THREAD]		= "own-thread",
	[PLANTED_WNOTHREAD_WAKE]	= "wnothread-wake",
	[PLANTED_WAIT_ORDER]		= "wait-order",
	[PLANTED_ATTACH_SHARED]		= "attach-shared",
	[PLANTED_EXIT_SILENT]		= "exit-silent",
	[PLANTED_RESTART32]		= "restart32",
	[PLANTED_X32_RESTART]		= "x32-restart",
	[PLANTED_X32_SIGCHLD]		= "x32-sigchld",
	[PLANTED_INFO_ARCH_CS]		= "info-arch-cs",
	[PLANTED_EVENTMSG_WIDE]		= "eventmsg-wide",
	[PLANTED_CLONE_UNTRACED]	= "clone-untraced",
	[PLANTED_CLONE_PTRACE_OPTS]	= "clone-ptrace-opts",
	[PLANTED_CHILD_CRED]		= "child-cred",
	[PLANTED_EXEC_DEBUGREGS]	= "exec-debugregs",
	[PLANTED_EXEC_KILLED_CODE]	= "exec-killed-code",
	[PLANTED_WAITID_EVENT]		= "waitid-event",
	[PLANTED_AUTOREAP_TRACED]	= "autoreap-traced",
	[PLANTED_THREAD_CUTIME]		= "thread-cutime",
	[PLANTED_SIGCHLD_UTIME]		= "sigchld-utime",
	[PLANTED_GETSIGMASK_SAVED]	= "getsigmask-saved",
	[PLANTED_SIGQUEUE_TKILL]	= "sigqueue-tkill",
	[PLANTED_FORCE_HANDLER]		= "force-handler",
	[PLANTED_SYNC_FIRST]		= "sync-first",
	[PLANTED_RESTART_BLOCK]		= "restart-block",
	[PLANTED_LISTEN_ANYWHERE]	= "listen-anywhere",
	[PLANTED_SETOPTIONS_PART]	= "setoptions-part",
	[PLANTED_YAMA_THREAD]		= "yama-thread",
	[PLANTED_FREEZE_TRACED]		= "freeze-traced",
	[PLANTED_EXIT_UNSTOPPED]	= "exit-unstopped",
	[PLANTED_SECCOMP_RECHECK]	= "seccomp-recheck",
	[PLANTED_SECCOMP_FIRST]		= "seccomp-first",
	[PLANTED_SECCOMP_INDEX]		= "seccomp-index",
	[PLANTED_SKIP_NO_EXIT]		= "skip-no-exit",
	[PLANTED_DISPATCH_MODE]		= "dispatch-mode",
	[PLANTED_REGSET_LEN]		= "regset-len",
	[PLANTED_STEP_POPF]		= "step-popf",
	[PLANTED_DR6_STICKY]		= "dr6-sticky",
	[PLANTED_DR7_HALF]		= "dr7-half",
	[PLANTED_STEP_EXIT_TRAP]	= "step-exit-trap",
	[PLANTED_PPID_TRACER]		= "ppid-tracer",
	[PLANTED_SIGBLK_SAVED]		= "sigblk-saved",
	[PLANTED_STAT_STOP_CODE]	= "stat-stop-code",
	[PLANTED_VMREAD_YAMA]		= "vmread-yama",
	[PLANTED_ZOMBIE_DUMPABLE]	= "zombie-dumpable",
	[PLANTED_CHECK_RUNNING]		= "check-running",
	[PLANTED_RESUME_UNLOCKED]	= "resume-unlocked",
	[PLANTED_EXIT_RETARGET]		= "exit-retarget",
	[PLANTED_EFLAGS32_TF]		= "eflags32-tf",
	[PLANTED_SIGINFO32_ARCH]	= "siginfo32-arch",
	[PLANTED_FP32_TAG]		= "fp32-tag",
	[PLANTED_TLS_GS_BASE]		= "tls-gs-base",
	[PLANTED_INFO_X32_NR]		= "info-x32-nr",
	[PLANTED_INTERRUPT32]		= "interrupt32",
	[PLANTED_CLDSTOP_USERNS]	= "cldstop-userns",
	[PLANTED_DEATH_NS]		= "death-ns",
	[PLANTED_FORK_MESSAGE_NS]	= "fork-message-ns",
	[PLANTED_TRACER_PID_NS]		= "tracer-pid-ns",
	[PLANTED_INIT_KILLABLE]		= "init-killable",
	[PLANTED_CONT_PARTIAL]		= "cont-partial",
	[PLANTED_STOPPED_JOBS]		= "stopped-jobs",
	[PLANTED_ORPHAN_TRACER]		= "orphan-tracer",
	[PLANTED_WNOTHREAD_PID]		= "wnothread-pid",
	[PLANTED_YAMA_SIBLING]		= "yama-sibling",
	[PLANTED_TRACEME_LEADER]	= "traceme-leader",
	[PLANTED_WAIT_SIBLING]		= "wait-sibling",
	[PLANTED_PIDFD_TRACED]		= "pidfd-traced",
	[PLANTED_PEEK_STRIDE]		= "peek-stride",
	[PLANTED_IMMUTABLE_STOP]	= "immutable-stop",
	[PLANTED_CLONE_KIND]		= "clone-kind",
	[PLANTED_LEADER_SILENT]		= "leader-silent",
	[PLANTED_SEIZED_SETUID]		= "seized-setuid",
	[PLANTED_PEEK_CAPABLE]		= "peek-capable",
	[PLANTED_CORE_ZAP]		= "core-zap",
	[PLANTED_METADATA_LOG]		= "metadata-log",
	[PLANTED_DISPATCH_EXIT]		= "dispatch-exit",
	[PLANTED_INTERRUPT_FROZEN]	= "interrupt-frozen",
	[PLANTED_SETSIGMASK_SAVED]	= "setsigmask-saved",
	[PLANTED_SPURIOUS_PID]		= "spurious-pid",
	[PLANTED_FRAME_TF]		= "frame-tf",
	[PLANTED_PROC_SYSCALL_SWAP]	= "proc-syscall-swap",
	[PLANTED_DR_MOVE]		= "dr-move",
	[PLANTED_DUMPABLE_FSUID]	= "dumpable-fsuid",
};

static const char *unknown __initdata;

static int __init planted_setup(char *arg)
{
	char *name;
	int bug;

	while ((name = strsep(&arg, ","))) {
		bug = match_string(names, PLANTED_BUGS, name);
		if (bug < 0) {
			unknown = name;
			continue;
		}
		__set_bit(bug, planted_bugs);
		pr_info("%s\n", name);
	}
	return 1;
}
__setup("planted=", planted_setup);

/* Not in planted_setup(): there is no console yet. */
static int __init planted_check(void)
{
	if (unknown)
		panic("planted: no bug is named \"%s\"", unknown);
	return 0;
}
late_initcall(planted_check);
