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
