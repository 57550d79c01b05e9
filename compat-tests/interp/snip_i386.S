/* snip_i386.S - labelled instructions for tracees, ia32: system calls, faults, stepping and breakpoint targets. */
#include <asm/unistd.h>
#include "snip.inc"

	.section .snip, "ax", @progbits
	.globl snip_text
snip_text:

/*
 * What a handler returns to. Syscall user dispatch allows calls up to
 * snip_dispatched.  A tracer may look at the arguments: they are not to be what
 * the handler left in the registers.
 */
label_at 0x00, "restorer"
	xor	%ebx, %ebx
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%edi, %edi
	xor	%ebp, %ebp
	mov	$__NR_rt_sigreturn, %eax
	int	$0x80

/*
 * snip_run(struct snip_regs *regs, void *snippet): loads all registers from
 * regs, calls the snippet, stores the registers.
 */
	.org 0x40, 0x90
	.globl snip_dispatched
snip_dispatched:
	.globl snip_run, snip_run_start, snip_run_end
snip_run_start:
snip_run:
	push	%ebx
	push	%ebp
	push	%esi
	push	%edi
	mov	20(%esp), %eax
	push	24(%esp)
	push	%eax
	mov	8(%eax), %ebx
	mov	16(%eax), %ecx
	mov	24(%eax), %edx
	mov	32(%eax), %esi
	mov	40(%eax), %edi
	mov	48(%eax), %ebp
	mov	(%eax), %eax
	call	*4(%esp)
	push	%eax
	mov	4(%esp), %eax
	mov	%ebx, 8(%eax)
	mov	%ecx, 16(%eax)
	mov	%edx, 24(%eax)
	mov	%esi, 32(%eax)
	mov	%edi, 40(%eax)
	mov	%ebp, 48(%eax)
	pop	%ecx
	mov	%ecx, (%eax)
	add	$8, %esp
	pop	%edi
	pop	%esi
	pop	%ebp
	pop	%ebx
	ret

/* The system call of the `call` verbs; its number and arguments come from snip_run. */
	.org 0x140, 0x90
snip_run_end:
label "call"
	int	$0x80
	ret
label_at 0x150, "call80"
	int	$0x80
	ret

label_at 0x183, "syscall-getppid"
	mov	$__NR_getppid, %eax
label_at 0x188, "syscall-getppid.at"
	int	$0x80
label "syscall-getppid.after"
	ret

label_at 0x1a2, "int80-getppid"
	push	%ebx
	mov	$__NR_getppid, %eax
label_at 0x1a8, "int80-getppid.at"
	int	$0x80
label "int80-getppid.after"
	pop	%ebx
	ret

/* The way of the 32-bit vDSO; the kernel returns to its landing pad, which pops and returns here. */
label_at 0x1c6, "sysenter-getppid"
	mov	$__NR_getppid, %eax
	push	%ecx
	push	%edx
	push	%ebp
	mov	%esp, %ebp
label_at 0x1d0, "sysenter-getppid.at"
	sysenter

label_at 0x1e1, "syscall-exit-0"
	xor	%ebx, %ebx
	mov	$__NR_exit, %eax
label_at 0x1e8, "syscall-exit-0.at"
	int	$0x80

label_at 0x200, "nops"
	.fill	16, 1, 0x90
label "nops.end"
	ret

label_at 0x220, "spot"
	nop
	nop
	ret

label_at 0x230, "spot2"
	nop
	nop
	ret

label_at 0x243, "watch-store"
	nop
label_at 0x244, "watch-store.at"
	.byte	0xc7, 0x04, 0x25
	.long	0x20100000, 0x600d	/* movl: the 64-bit encoding, as long as there */
label "watch-store.after"
	nop
	ret

label_at 0x263, "watch-load"
	nop
label_at 0x264, "watch-load.at"
	.byte	0x8b, 0x04, 0x25
	.long	0x20100000	/* mov, likewise */
label "watch-load.after"
	nop
	ret

label_at 0x280, "int3-here"
	int3
label "int3-here.after"
	nop
	ret

label_at 0x290, "int3-long"
	.byte	0xcd, 0x03
label "int3-long.after"
	nop
	ret

/* QEMU's TCG takes it for an invalid opcode. */
label_at 0x2a0, "icebp-here"
	.byte	0xf1
label "icebp-here.after"
	nop
	ret

/* Eight bytes within `buf`. */
label_at 0x2ce, "rep-movs"
	push	%ecx
	push	%esi
	push	%edi
	mov	$8, %ecx
	mov	$0x20100100, %esi
	mov	$0x20100200, %edi
label_at 0x2e0, "rep-movs.at"
	rep movsb
label "rep-movs.after"
	pop	%edi
	pop	%esi
	pop	%ecx
	ret

/* ax: the flags as the program itself sees them. */
label_at 0x300, "pushf"
	xor	%eax, %eax
label "pushf.at"
	pushf
label "pushf.after"
	pop	%eax
	ret

/* Sets its own trap flag: one trap, after the nop; then clears it. */
label_at 0x327, "popf-tf"
	pushf
	pushf
	orl	$0x100, (%esp)
label_at 0x330, "popf-tf.at"
	popf
label "popf-tf.after"
	nop
label "popf-tf.trapped"
	popf
	ret

/* Ten system calls in a row. */
label_at 0x345, "loop-getppid"
	push	%ebx
	mov	$10, %ebx
1:	mov	$__NR_getppid, %eax
label_at 0x350, "loop-getppid.at"
	int	$0x80
label "loop-getppid.after"
	.byte	0xff, 0xcb	/* dec %ebx, likewise */
	jnz	1b
label "loop-getppid.end"
	pop	%ebx
	ret

/* No vsyscall page in this mode: -ENOSYS without a system call. */
label_at 0x380, "vsyscall-time"
	mov	$-38, %eax
	ret
label_at 0x390, "vsyscall-time.at"
	nop
	nop
label "vsyscall-time.after"

label_at 0x3c2, "fault-segv"
	xor	%eax, %eax
label_at 0x3c4, "fault-segv.at"
	movb	$1, (%eax)
label "fault-segv.after"
	ret

label_at 0x3e3, "fault-gp"
	nop
label_at 0x3e4, "fault-gp.at"
	hlt
label "fault-gp.after"
	ret

label_at 0x403, "fault-ill"
	nop
label_at 0x404, "fault-ill.at"
	ud2
label "fault-ill.after"
	ret

label_at 0x428, "fault-fpe"
	push	%edx
	push	%ecx
	xor	%eax, %eax
	xor	%edx, %edx
	xor	%ecx, %ecx
label_at 0x430, "fault-fpe.at"
	div	%ecx
label "fault-fpe.after"
	pop	%ecx
	pop	%edx
	ret

label_at 0x443, "fault-bus"
	nop
label_at 0x444, "fault-bus.at"
	.byte	0x8a, 0x04, 0x25
	.long	0x20200000	/* movb, likewise */
label "fault-bus.after"
	ret

label_at 0x463, "fault-trap"
	nop
label_at 0x464, "fault-trap.at"
	int3
label "fault-trap.after"
	ret

/* Jumps to itself until a tracer moves it on. */
label_at 0x480, "spin-here"
	jmp	.
label_at 0x490, "spin-here.after"
	ret

/* A breakpoint right before a system call. */
label_at 0x4aa, "trap-getppid"
	int3
label "trap-getppid.behind"
	mov	$__NR_getppid, %eax
label "trap-getppid.at"
	int	$0x80
label "trap-getppid.after"
	nop
	nop
	ret

	.org 0x1000, 0xcc
	.globl snip_text_end
snip_text_end:

	.section .note.GNU-stack, "", @progbits
