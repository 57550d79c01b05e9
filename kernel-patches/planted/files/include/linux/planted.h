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
