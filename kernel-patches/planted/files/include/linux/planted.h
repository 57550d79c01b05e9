/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bugs in ptrace, made on purpose to see whether tests find them.
 *
 * Each is off unless the kernel's command line names it:
 * planted=NAME[,NAME...].  With none named this kernel behaves as the one
 * without them.
 */
#ifndef _LINUX_PLANTED_H
#define _LINUX_PLANTED_H

#include <linux/bitops.h>
#include <linux/signal_types.h>
#include <linux/types.h>

struct task_struct;

enum planted_bug {
	PLANTED_DETACH_SIGNAL,		/* DETACH drops the signal of a signal stop */
	PLANTED_EXITKILL,		/* the tracer's exit does not kill */
	PLANTED_STOP_SIGNAL,		/* group stops of the seized show SIGTRAP */
	PLANTED_SYSEMU_LATE,		/* leaving an emulated call decides whether it runs */
	PLANTED_DETACH_RACE,		/* a signal sent during DETACH is lost */
	PLANTED_INJECT_PID,		/* an injected signal names its receiver as sender */
	PLANTED_DETACH_RUNS,		/* DETACH lets a stopped thread run */
	PLANTED_LISTEN_CONT,		/* LISTEN sleeps through SIGCONT */
	PLANTED_WNOWAIT,		/* WNOWAIT takes the stop away */
	PLANTED_CLDSTOP_ALWAYS,		/* a parent is told of each stop of a traced child */
	PLANTED_PTRACE_KILL,		/* PTRACE_KILL does nothing to a running task */
	PLANTED_SYSEMU_AX,		/* an emulated call returns 0, not what was set */
	PLANTED_DETACH_TRACE,		/* DETACH leaves the tracing of system calls on */
	PLANTED_DETACH_STEP,		/* DETACH leaves single-stepping on */
	PLANTED_DETACH_NO_KICK,		/* the tracer's exit does not stop what it had resumed */
	PLANTED_DETACH_RTMAX,		/* DETACH refuses the highest signal number */
	PLANTED_EXIT_SYSEMU,		/* the tracer's exit leaves SYSEMU on */
	PLANTED_EXITKILL_FIRST,		/* the tracer's exit kills one of its EXITKILL tracees */
	PLANTED_EXITKILL_CHILD,		/* EXITKILL is not inherited by auto-attached children */
	PLANTED_ZOMBIE_SILENT,		/* a zombie let go does not tell its real parent */
	PLANTED_ZOMBIE_KEPT,		/* a zombie let go by a parent that ignores SIGCHLD stays */
	PLANTED_WAITED_KEPT,		/* a zombie waited for stays though its parent ignores it */
	PLANTED_ZOMBIE_CODE,		/* a wait shows a zombie's own code, not its group's */
	PLANTED_EXIT_SIGNAL,		/* a tracer gets the tracee's own exit signal */
	PLANTED_ATTACH_STOPPED,		/* ATTACH sends no SIGSTOP to a stopped task */
	PLANTED_ATTACH_USER,		/* the SIGSTOP of ATTACH names a sender */
	PLANTED_ATTACH_ZOMBIE,		/* ATTACH and SEIZE take zombies */
	PLANTED_ATTACH_NO_WAIT,		/* ATTACH of a stopped task does not wait for the trap */
	PLANTED_SEIZE_WAKES,		/* SEIZE disturbs a sleeping call */
	PLANTED_TRACEME_TWICE,		/* TRACEME of a tracee succeeds */
	PLANTED_TRACER_SIBLING,		/* any thread of the tracer's process may make requests */
	PLANTED_TRACER_PID,		/* TracerPid names the tracer's process, not its thread */
	PLANTED_SETOPTIONS_ADDS,	/* SETOPTIONS does not take options away */
	PLANTED_STEP_SYSEMU,		/* SINGLESTEP does not end SYSEMU */
	PLANTED_SYSCALL_STEP,		/* SYSCALL does not end single-stepping */
	PLANTED_SYSEMU_STEP,		/* SYSEMU_SINGLESTEP traps behind an emulated call */
	PLANTED_SYSEMU_COMPAT,		/* SYSEMU makes ia32 calls */
	PLANTED_STEP_HANDLER,		/* no trap at the first instruction of a handler */
	PLANTED_KILLED_CALL,		/* a kill in the entry stop does not cancel the call */
	PLANTED_KILLED_SECCOMP,		/* a kill in the seccomp stop does not cancel the call */
	PLANTED_CALL_NUMBER,		/* a call number set in the entry stop has no effect */
	PLANTED_POKED_COMPAT,		/* ERESTART* set by a 32-bit tracer is not understood */
	PLANTED_SYSCALL_INJECT,		/* a signal passed at a syscall stop is from the tracee */
	PLANTED_INJECT_INFO,		/* a changed signal keeps the siginfo of the old one */
	PLANTED_INJECT_BLOCKED,		/* a blocked signal that is passed on is delivered */
	PLANTED_REQUEUE_PRIVATE,	/* a blocked signal is requeued for the thread */
	PLANTED_MESSAGE_STALE,		/* an event message outlives its event */
	PLANTED_EXEC_MESSAGE,		/* the message of EVENT_EXEC is the new thread id */
	PLANTED_EXEC_SIGTRAP,		/* a seized tracee gets SIGTRAP for an exec */
	PLANTED_EXEC_WAKE,		/* an exec wakes no wait for the leader that vanished */
	PLANTED_VFORK_DONE,		/* the message of EVENT_VFORK_DONE names the parent */
	PLANTED_EXIT_EVENT_KILLED,	/* EVENT_EXIT is not shown to a killed tracee's tracer */
	PLANTED_KILL_LISTENING,		/* SIGKILL does not wake a listening tracee */
	PLANTED_ZAP_TRACED,		/* exit_group and exec wake no thread in a ptrace-stop */
	PLANTED_FATAL_WHICH,		/* a fatal signal looks at who takes it for a tracer */
	PLANTED_IGNORED_STOPPED,	/* a tracee in a stop loses signals it ignores */
	PLANTED_WANTS_TRACED,		/* a signal may wait for a thread in a ptrace-stop */
	PLANTED_STOP_NO_RECALC,		/* a stop hides the signals that came meanwhile */
	PLANTED_INTERRUPT_LOST,		/* INTERRUPT is lost when a signal is pending */
	PLANTED_INTERRUPT_STICKS,	/* INTERRUPT outlives another stop */
	PLANTED_LISTEN_REQUESTS,	/* requests to a listening tracee succeed */
	PLANTED_LISTEN_LATE,		/* LISTEN does not see what came before it */
	PLANTED_LISTEN_WAIT,		/* a wait reports a stop although the tracee listens */
	PLANTED_CONT_KEEPS_STOP,	/* SIGCONT leaves the stop signals of other threads */
	PLANTED_STOP_KEEPS_CONT,	/* a stop signal leaves the SIGCONT of other threads */
	PLANTED_CONT_RUNNING,		/* SIGCONT traps no seized tracee that is not stopped */
	PLANTED_STOP_NOT_DEQUEUED,	/* a stop signal put in for another one does not stop */
	PLANTED_STOP_UNCANCELLED,	/* SIGCONT does not cancel a stop signal in its stop */
	PLANTED_NEW_THREAD_RUNS,	/* a new thread of a stopped group runs */
	PLANTED_STOP_UNCOUNTED,		/* a group stop waits for no thread in a ptrace-stop */
	PLANTED_STOP_LAST_THREAD,	/* a parent is not told if a traced thread stops last */
	PLANTED_RESTOP_CODE,		/* a second stop signal shows a parent the stop again */
	PLANTED_RESTOP_LISTEN,		/* a listening tracee is not told of a second stop signal */
	PLANTED_CONTINUED_PARENT,	/* a parent is not told CLD_CONTINUED of a traced child */
	PLANTED_CONTINUED_TRACER,	/* a tracer is not told CLD_CONTINUED */
	PLANTED_CLDSTOP_TGID,		/* the SIGCHLD of a stop names the process */
	PLANTED_CLDSTOP_NS,		/* the SIGCHLD of a stop has the tracee's own number */
	PLANTED_CLDSTOP_SYSGOOD,	/* the SIGCHLD of a stop has the bit of TRACESYSGOOD */
	PLANTED_NOCLDSTOP,		/* a tracer is told of stops in spite of SA_NOCLDSTOP */
	PLANTED_WNOWAIT_CONT,		/* WNOWAIT takes the continued state away */
	PLANTED_WAIT_CLONE,		/* a wait without __WALL sees no tracees that are threads */
	PLANTED_WAIT_ECHILD,		/* a wait for stops of a traced zombie blocks */
	PLANTED_OWN_THREAD,		/* a sibling of the tracer sees the group stop */
	PLANTED_WNOTHREAD_WAKE,		/* a tracer's wait with __WNOTHREAD is not woken */
	PLANTED_WAIT_ORDER,		/* a wait looks at the oldest tracee first */
	PLANTED_ATTACH_SHARED,		/* the SIGSTOP of ATTACH goes to the process */
	PLANTED_EXIT_SILENT,		/* a tracer is not told of the exit of a thread */
	PLANTED_RESTART32,	/* the number of restart_syscall follows the last entry, not the call */
	PLANTED_X32_RESTART,	/* restart_syscall of an x32 call loses the x32 bit */
	PLANTED_X32_SIGCHLD,	/* an x32 caller's SIGCHLD siginfo is read by the ia32 layout */
	PLANTED_INFO_ARCH_CS,	/* GET_SYSCALL_INFO's arch follows the code segment, not the entry */
	PLANTED_EVENTMSG_WIDE,	/* GETEVENTMSG of a 32-bit tracer stores 8 bytes */
	PLANTED_CLONE_UNTRACED,	/* CLONE_UNTRACED does not keep children untraced */
	PLANTED_CLONE_PTRACE_OPTS,	/* a child attached by CLONE_PTRACE gets none of the options */
	PLANTED_CHILD_CRED,	/* an auto-attached child has the tracee's credentials as its tracer's */
	PLANTED_EXEC_DEBUGREGS,	/* exec does not clear the debug registers */
	PLANTED_EXEC_KILLED_CODE,	/* threads that an exec takes down have exit code SIGKILL, not 0 */
	PLANTED_WAITID_EVENT,	/* waitid's si_status of a ptrace-stop lacks event and sysgood bit */
	PLANTED_AUTOREAP_TRACED,	/* a tracee reaps itself if its tracer ignores SIGCHLD */
	PLANTED_THREAD_CUTIME,	/* a wait for a traced thread adds its process's times to the children's */
	PLANTED_SIGCHLD_UTIME,	/* SIGCHLD's times leave out threads that exited before */
	PLANTED_GETSIGMASK_SAVED,	/* GETSIGMASK shows the temporary mask of sigsuspend and ppoll */
	PLANTED_SIGQUEUE_TKILL,	/* user space may forge SI_TKILL for another process */
	PLANTED_FORCE_HANDLER,	/* a blocked or ignored fault of a tracee does not reset the disposition */
	PLANTED_SYNC_FIRST,	/* faults and traps do not come before what was sent to the thread */
	PLANTED_RESTART_BLOCK,	/* a call that restarts by restart_syscall begins anew */
	PLANTED_LISTEN_ANYWHERE,	/* LISTEN is accepted in any stop of a seized tracee with a siginfo */
	PLANTED_SETOPTIONS_PART,	/* refused options are set as far as they are valid */
	PLANTED_YAMA_THREAD,	/* PR_SET_PTRACER counts for nobody if another thread than the leader calls */
	PLANTED_FREEZE_TRACED,	/* a tracee in a ptrace-stop does not count as frozen */
	PLANTED_EXIT_UNSTOPPED,	/* a thread that exits in a pending group stop does not complete it */
	PLANTED_SECCOMP_RECHECK,	/* the filter does not look again at a call changed in the seccomp stop */
	PLANTED_SECCOMP_FIRST,	/* seccomp comes before the entry stop (as before 4.8) */
	PLANTED_SECCOMP_INDEX,	/* SECCOMP_GET_FILTER counts from the newest filter */
	PLANTED_SKIP_NO_EXIT,	/* no exit stop if the number is -1 */
	PLANTED_DISPATCH_MODE,	/* GET_SYSCALL_USER_DISPATCH_CONFIG shows the tracer's mode */
	PLANTED_REGSET_LEN,	/* iov_len is not written back */
	PLANTED_STEP_POPF,	/* a step over popf or iret owns the trap flag the program loads */
	PLANTED_DR6_STICKY,	/* the virtual DR6 keeps the bits of earlier traps */
	PLANTED_DR7_HALF,	/* a refused DR7 leaves the breakpoints before the bad one enabled */
	PLANTED_STEP_EXIT_TRAP,	/* the trap at the exit of a system call outlives the step */
	PLANTED_PPID_TRACER,	/* PPid in status is the tracer, not the parent */
	PLANTED_SIGBLK_SAVED,	/* SigBlk shows the saved mask while a temporary one is in force */
	PLANTED_STAT_STOP_CODE,	/* the exit_code field of a stopped process lacks the signal */
	PLANTED_VMREAD_YAMA,	/* process_vm_readv asks for the right to look, not to attach */
	PLANTED_ZOMBIE_DUMPABLE,	/* a zombie is never dumpable */
	PLANTED_CHECK_RUNNING,	/* a race: a request does not wait until the tracee is off its CPU */
	PLANTED_RESUME_UNLOCKED,	/* a race: the signal to pass is stored outside the lock */
	PLANTED_EXIT_RETARGET,	/* a traced thread that exits does not hand on the process's signals */
	PLANTED_EFLAGS32_TF,	/* a 32-bit tracer sees the trap flag that stepping has set */
	PLANTED_SIGINFO32_ARCH,	/* a 32-bit siginfo of SIGSYS has no si_arch */
	PLANTED_FP32_TAG,	/* the i387 tag word classifies the wrong registers if the stack's top is not 0 */
	PLANTED_TLS_GS_BASE,	/* SET_THREAD_AREA does not refresh the GS base of a tracee that uses the entry */
	PLANTED_INFO_X32_NR,	/* GET_SYSCALL_INFO's number of an x32 call lacks the x32 bit */
	PLANTED_INTERRUPT32,	/* INTERRUPT by a 32-bit tracer needs a stopped tracee */
	PLANTED_CLDSTOP_USERNS,	/* the SIGCHLD of a stop has the uid as the tracee's user namespace numbers it */
	PLANTED_DEATH_NS,	/* the SIGCHLD of an exit has the pid as the real parent's namespace numbers it */
	PLANTED_FORK_MESSAGE_NS,	/* the message of fork events is the number in the tracee's namespace */
	PLANTED_TRACER_PID_NS,	/* TracerPid is the tracer's global number */
	PLANTED_INIT_KILLABLE,	/* a fault or trap of a traced init of a namespace makes it killable */
	PLANTED_CONT_PARTIAL,	/* a SIGCONT in the middle of a group stop tells the parent CLD_CONTINUED, not CLD_STOPPED */
	PLANTED_STOPPED_JOBS,	/* a newly orphaned process group of stopped tracees gets no SIGHUP and SIGCONT */
	PLANTED_ORPHAN_TRACER,	/* whether a process group is orphaned depends on tracers, not on real parents */
	PLANTED_WNOTHREAD_PID,	/* a wait for one pid sees other threads' tracees in spite of __WNOTHREAD */
	PLANTED_YAMA_SIBLING,	/* with Yama only the tracing thread, not its siblings, may look at the tracee */
	PLANTED_TRACEME_LEADER,	/* TRACEME makes the leader of the parent's process the tracer, not the thread that forked */
	PLANTED_WAIT_SIBLING,	/* a wait that names no pid does not see tracees of other threads */
	PLANTED_PIDFD_TRACED,	/* a pidfd of a zombie is not readable as long as a foreign tracer has it */
	PLANTED_PEEK_STRIDE,	/* PEEKSIGINFO puts the entries 48 bytes apart */
	PLANTED_IMMUTABLE_STOP,	/* a signal that cannot be handled any more is shown to the tracer, who may suppress it */
	PLANTED_CLONE_KIND,	/* CLONE_VM decides whether it is an event of clone or fork */
	PLANTED_LEADER_SILENT,	/* nobody tells the tracer that a zombie leader's last thread has gone */
	PLANTED_SEIZED_SETUID,	/* a seized tracee gains the privileges of a setuid program */
	PLANTED_PEEK_CAPABLE,	/* reading a tracee that is not dumpable asks for the tracer's capabilities of now, not of the attach */
	PLANTED_CORE_ZAP,	/* a core dump does not wake threads in a ptrace-stop */
	PLANTED_METADATA_LOG,	/* SECCOMP_GET_METADATA shows the newest filter's flags for each filter */
	PLANTED_DISPATCH_EXIT,	/* a call that user dispatch has taken shows an exit stop */
	PLANTED_INTERRUPT_FROZEN,	/* INTERRUPT does not reach a tracee that its cgroup has frozen */
	PLANTED_SETSIGMASK_SAVED,	/* SETSIGMASK is undone if a temporary mask was in force */
	PLANTED_SPURIOUS_PID,	/* requests to an exec'ed thread by the leader's number work before the exec was waited for */
	PLANTED_FRAME_TF,	/* the frame of a handler stepped into has the trap flag set */
	PLANTED_PROC_SYSCALL_SWAP,	/* /proc/PID/syscall swaps stack and instruction pointer outside of a call */
	PLANTED_DR_MOVE,	/* a new address for an enabled hardware breakpoint disables it */
	PLANTED_DUMPABLE_FSUID,	/* a change of the file-system uid leaves a process dumpable */
	PLANTED_EXITKILL_THREAD,	/* EXITKILL does not kill if the tracing thread exits but its process lives on */
	PLANTED_RSEQ_SIZE,		/* GET_RSEQ_CONFIGURATION answers what it copied, not the size of the whole */
	PLANTED_SETSIGMASK_STOP,	/* SETSIGMASK lets SIGSTOP be blocked */
	PLANTED_LISTEN_INTERRUPTED,	/* LISTEN is refused in an EVENT_STOP outside of a completed group stop */
	PLANTED_POKE32_WIDE,		/* POKEDATA of a 32-bit tracer writes 8 bytes */
	PLANTED_CONT_BLOCKED,		/* a SIGCONT that is blocked does not continue */
	PLANTED_CLDSTOP_STATUS,		/* the tracer's SIGCHLD of an EVENT_STOP has the stop's own signal, not the group's stop code */
	PLANTED_IGN_WAKE,		/* a stop wakes no wait of a tracer that ignores SIGCHLD */
	PLANTED_NOTIFY_CLEARED,		/* any stop, not only EVENT_STOP, takes away the pending notification of SIGCONT */
	PLANTED_EVENT_TGID,		/* the siginfo of an event or syscall stop names the process, not the thread */
	PLANTED_EVENT_INJECT,		/* a signal passed at an event stop (fork, exec, exit ...) is sent */
	PLANTED_STOP_OTHERS,		/* the other threads' group stop shows SIGSTOP whichever signal it was */
	PLANTED_FREEZE_STOPPED,		/* a stopped task that nobody traces does not count as frozen */
	PLANTED_SIGINFO_ORIG,		/* whether the tracer changed the signal is decided by the number before the stop, not by what SETSIGINFO stored */
	PLANTED_INIT_INJECT,		/* a traced init of a namespace takes default actions of signals its tracer passes on */
	PLANTED_LAST_THREAD_CODE,	/* if the leader exits first, its code and not that of the last thread is the process's */
	PLANTED_EXIT_MESSAGE,		/* the message of EVENT_EXIT is the process's exit code, not the thread's */
	PLANTED_WCONT_TRACER,		/* a tracer's wait with WCONTINUED does not see that its tracee was continued */
	PLANTED_FORK_STEP,		/* a child inherits the single-stepping of the thread that made it */
	PLANTED_FORK_SYSEMU,		/* a child inherits SYSEMU */
	PLANTED_VFORK_DONE_ALONE,	/* EVENT_VFORK_DONE is reported only if EVENT_VFORK was */
	PLANTED_TRACE_UNASKED,		/* SECCOMP_RET_TRACE under a tracer that did not ask for the event makes the call */
	PLANTED_SECCOMP_NEGATIVE,	/* in the seccomp stop only the number -1 skips the call, not every negative one */
	PLANTED_ORIG_AX_WIDE,		/* a number of -1 set by a 32-bit tracer (not sign-extended) does not prevent the restart */
	PLANTED_SIGRETURN_NR,		/* rt_sigreturn leaves the number of the call in orig_rax */
	PLANTED_STEP_REX32,		/* stepping a 32-bit inc or dec in front of popf takes it for a prefix */
	PLANTED_DR4_POKE,		/* POKEUSR of debug registers 4 and 5 succeeds */
	PLANTED_DETACH_BREAK,		/* DETACH takes the hardware breakpoints away */
	PLANTED_STEP_CODE,		/* the trap of a step over a system call has si_code TRAP_TRACE */
	PLANTED_BREAK_RF,		/* a hardware execution breakpoint does not set the resume flag */
	PLANTED_TLS_INDEX,		/* the TLS regset numbers its entries from 0, not from the first TLS entry of the GDT */
	PLANTED_FPX32_XMM,		/* who sets the FP registers of whom is mixed up: xmm8-15 are cleared for a 32-bit tracee, not for a 32-bit tracer */
	PLANTED_CORE_FLAG,		/* the status of a traced process that dumped core lacks the core bit */
	PLANTED_LOCK_TRACE_READ,	/* /proc/PID/syscall, stack and personality ask for the right to look, not to attach */
	PLANTED_YAMA_DESCENDANT,	/* PR_SET_PTRACER allows the named process, but not its descendants */
	PLANTED_CAP_EFFECTIVE,		/* ATTACH compares the target's capabilities with the tracer's effective ones, not its permitted ones */
	PLANTED_STOP_NUMBER,		/* the number of a later group stop is ORed to that of the one before */
	PLANTED_JOIN_STOP_NUMBER,	/* a thread made in a group stop shows SIGSTOP whichever signal it was */
	PLANTED_EXEC_COMPAT,		/* an exec of a 64-bit program by a 32-bit call still counts as a 32-bit call */
	PLANTED_EXEC_ORIG_AX,		/* exec leaves the caller's number in orig_rax, not execve's in the new program's ABI */
	PLANTED_EXEC_STEP,		/* exec ends single-stepping */
	PLANTED_EXEC_TRACE,		/* exec ends the tracing of system calls: its own exit stop is missing */
	PLANTED_EXEC_TLS,		/* exec does not clear the TLS entries */
	PLANTED_EXEC_FPU,		/* exec does not reset the FP registers */
	PLANTED_TRACEME_CRED,		/* TRACEME takes the tracer's credentials, not the caller's, for the tracer's rights */
	PLANTED_ACCESS_EGID,		/* access does not ask for the target's effective gid */
	PLANTED_ACCESS_SGID,		/* access does not ask for the target's saved gid */
	PLANTED_ACCESS_GID,		/* access does not ask for the target's real gid */
	PLANTED_ACCESS_SUID,		/* access does not ask for the target's saved uid */
	PLANTED_ACCESS_FS_REAL,		/* access by file-system ids asks for the real ones and the other way round */
	PLANTED_ZERO_CS,		/* writing 0 to CS or SS succeeds, and does nothing */
	PLANTED_SELECTOR_RPL,		/* DS, ES, FS and GS may be written with a selector that is not user mode's */
	PLANTED_FSBASE_LIMIT,		/* writing an FS base that is no user address succeeds, and does nothing */
	PLANTED_FLAGS_IOPL,		/* the lower bit of IOPL can be written */
	PLANTED_FLAGS_DF,		/* a handler starts with the direction flag that its signal met */
	PLANTED_FS32_BASE,		/* writing FS or GS by a 32-bit tracer does not load the base */
	PLANTED_BP_RW,			/* a hardware breakpoint for reads and writes does not see reads */
	PLANTED_BP_GLOBAL,		/* the global enable bits of DR7 enable nothing */
	PLANTED_BP_SLOT3,		/* the bits of the fourth breakpoint in DR7 are without effect */
	PLANTED_EXIT_SIGNAL_OWN,	/* a tracer that is the parent gets SIGCHLD, not the child's own exit signal */
	PLANTED_EXEC_MESSAGE_NS,	/* the message of EVENT_EXEC is the number in the tracee's namespace */
	PLANTED_INJECT_UID,		/* a changed signal has the tracee's uid, not the tracer's */
	PLANTED_STOP_UID,		/* the siginfo of an event or syscall stop has the tracer's uid */
	PLANTED_SETSIGINFO_STOP,	/* SETSIGINFO is refused in an event stop */
	PLANTED_ATTACH_OWN_GROUP,	/* a thread may attach to other threads of its own process */
	PLANTED_ATTACH_MID_EXEC,	/* ATTACH fails with EAGAIN, and does not wait, while the target is in exec */
	PLANTED_EXEC_GROUP_STOP,	/* exec by a thread in the middle of a group stop does not end the stop's count */
	PLANTED_SUSPEND_OWN_SECCOMP,	/* a tracer with a seccomp filter of its own may suspend the tracee's */
	PLANTED_FILTER_OWN_SECCOMP,	/* a tracer with a seccomp filter of its own may read the tracee's */
	PLANTED_METADATA_SIZE,		/* SECCOMP_GET_METADATA takes a size that has no room for the index */
	PLANTED_DUMPABLE_GID,		/* a change of the effective or file-system gid leaves a process dumpable */
	PLANTED_WOULD_DUMP,		/* a process that executes what it may not read is dumpable */
	PLANTED_YAMA_TRACEME,		/* Yama's scope 2 does not ask who becomes the tracer by TRACEME */
	PLANTED_PIDFD_GETFD_READ,	/* pidfd_getfd asks for the right to look, not to attach */
	PLANTED_KCMP_ATTACH,		/* kcmp asks for the right to attach, not to look */
	PLANTED_USERNS_CAP,		/* capabilities in another user namespace count as the same */
	PLANTED_PGRP_ANY,		/* a wait for a process group sees tracees of every group */
	PLANTED_ALARM_ONCE,		/* an interval timer of a traced process expires once */
	PLANTED_ARCH_PRCTL_SWAPPED,	/* PTRACE_ARCH_PRCTL takes its arguments in the order of arch_prctl */
	PLANTED_XSTATE_SHORT,		/* SETREGSET of a part of the xstate succeeds, and does nothing */
	PLANTED_KILL_THREAD_ALL,	/* SECCOMP_RET_KILL_THREAD kills the process */
	PLANTED_RECHECK_OLD,		/* the filter looks again at the call as it was before the seccomp stop */
	PLANTED_SUD_INHERITED,		/* syscall user dispatch survives fork and exec */
	PLANTED_EXEC_FAIL_EVENT,	/* an exec that fails is reported like one that succeeds */
	PLANTED_FRAME_FAIL_FATAL,	/* a handler's frame that cannot be written kills, in spite of a handler for SIGSEGV */
	PLANTED_PEEK_NO_FORCE,		/* PEEKDATA does not read memory that the tracee may not read */
	PLANTED_SYSINFO_SP,		/* GET_SYSCALL_INFO's stack pointer is the instruction pointer */
	PLANTED_RUSAGE_NONE,		/* the rusage of a wait for a stop is zero */
	PLANTED_TIMER_PRIVATE,		/* the siginfo of a traced process's interval timer shows the kernel's own field */
	PLANTED_MSG_UPPER,		/* the message of EVENT_EXIT has a bit in its upper half */
	PLANTED_NOTIFY_WORK,		/* an event or system call stop comes before the work that was left for later */
	PLANTED_INJECT_TGID,		/* a changed signal names the tracer's process, not its thread */
	PLANTED_CLDSTOP_TIMES,		/* the times in the SIGCHLD of a stop are zero */
	PLANTED_EXEC_ID,		/* a parent that has called exec gets the exit signal that was chosen before */
	PLANTED_SIGINFO_TAIL,		/* SETSIGINFO takes what it does not know with a tail that is not zero */
	PLANTED_ENTRY_WORK,		/* a filter that comes while the thread stops at a call does not count for that call */
	PLANTED_RUSAGE_SELF,		/* the rusage of a wait leaves out the children of who was waited for */
	PLANTED_RUSAGE_WAITER,		/* the rusage of a wait for a stop is the waiter's */
	PLANTED_WAITID_ZERO,		/* waitid that finds nothing does not say so in the siginfo */
	PLANTED_WAIT_STATUS,		/* wait4 that finds nothing writes a status */
	PLANTED_PIDFD_NONBLOCK,		/* waitid sleeps at a pidfd that is not to */
	PLANTED_SUSPEND_USERNS,		/* who is root in a user namespace may suspend seccomp */
	PLANTED_SUID_DUMPABLE,		/* what is dumpable for root only may be traced by everybody */
	PLANTED_DUMPABLE_USERNS,	/* a capability in the target's user namespace is enough for memory of another one */
	PLANTED_NO_CONNECTOR,		/* process connectors are not told of an attach */
	PLANTED_CONNECTOR_SWAPPED,	/* process connectors are told of an attach at a detach */
	PLANTED_FILTER_USERNS,		/* who is root in a user namespace may read filters */
	PLANTED_METADATA_USERNS,	/* who is root in a user namespace may read what a filter is for */
	PLANTED_SYSCALL_ARGS,		/* /proc/PID/syscall shows the fifth argument as the sixth */
	PLANTED_ENVIRON_ATTACH,		/* /proc/PID/environ wants the right to attach */
	PLANTED_LINKS_OPEN,		/* the links of /proc/PID are for everybody */
	PLANTED_NS_ATTACH,		/* the links of /proc/PID/ns want the right to attach */
	PLANTED_TRACED_SETGID,		/* a traced program gets the group of a set-group-id file */
	PLANTED_EXEC_GID_DUMPABLE,	/* a program whose effective group is another one is dumpable after exec */
	PLANTED_EXEC_UID_DUMPABLE,	/* a program whose effective user is another one is dumpable after exec */
	PLANTED_TLS_OKAY,		/* the TLS register set takes any descriptor */
	PLANTED_PKRU_CURRENT,		/* the protection keys register in the register set is the tracer's */
	PLANTED_PKRU_KEPT,		/* the protection keys register cannot be written by its register set */
	PLANTED_IOPERM_NONE,		/* without an I/O bitmap its register set is read all the same */
	PLANTED_VM_PARTIAL,		/* process_vm_readv that fails in the midst says only that */
	PLANTED_VM_FLAGS,		/* process_vm_readv takes flags */
	PLANTED_PIDFD_LEADER,		/* a pidfd says dead when the leader is and other threads are not */
	PLANTED_BUGS
};

extern unsigned long planted_bugs[BITS_TO_LONGS(PLANTED_BUGS)];

static inline bool planted(enum planted_bug bug)
{
	return test_bit(bug, planted_bugs);
}

/* For PLANTED_DETACH_RACE; see kernel/signal.c. */
void planted_sample_signals(struct task_struct *task, sigset_t *set);
void planted_lose_signals(struct task_struct *task, const sigset_t *before);

#endif /* _LINUX_PLANTED_H */
