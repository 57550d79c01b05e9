/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What utrace needs of the architecture beyond <asm/syscall.h>: to put the
 * number and the arguments of a system call back, and to know a program that
 * steps itself.
 */
#ifndef _ASM_X86_UTRACE_H
#define _ASM_X86_UTRACE_H

#include <linux/sched.h>

#include <asm/ptrace.h>

/**
 * syscall_set_nr - change the number of the system call being made
 * @task:	current, or stopped at system call entry
 * @regs:	its user registers
 * @nr:		the number
 */
static inline void syscall_set_nr(struct task_struct *task,
				  struct pt_regs *regs, int nr)
{
	regs->orig_ax = nr;
}

/**
 * syscall_set_arguments - change the arguments of the system call being made
 * @task:	current, or stopped at system call entry
 * @regs:	its user registers
 * @args:	six of them, in the order of syscall_get_arguments()
 */
static inline void syscall_set_arguments(struct task_struct *task,
					 struct pt_regs *regs,
					 const unsigned long *args)
{
#if defined(CONFIG_X86_32) || defined(CONFIG_IA32_EMULATION)
	if (IS_ENABLED(CONFIG_X86_32) ||
	    (task->thread_info.status & TS_COMPAT)) {
		regs->bx = args[0];
		regs->cx = args[1];
		regs->dx = args[2];
		regs->si = args[3];
		regs->di = args[4];
		regs->bp = args[5];
		return;
	}
#endif
#ifdef CONFIG_X86_64
	regs->di = args[0];
	regs->si = args[1];
	regs->dx = args[2];
	regs->r10 = args[3];
	regs->r8 = args[4];
	regs->r9 = args[5];
#endif
}

/**
 * utrace_steps_itself - has the program set the trap flag?
 * @regs:	its user registers, with nobody stepping it
 *
 * Return: true if it has.
 */
static inline bool utrace_steps_itself(const struct pt_regs *regs)
{
	return regs->flags & X86_EFLAGS_TF;
}

#endif /* _ASM_X86_UTRACE_H */
