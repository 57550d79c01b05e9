/* snip_x86_64.S - labelled instructions for tracees, 64-bit and x32: system calls, faults, stepping and breakpoint targets. */
#include <asm/unistd.h>
#include "snip.inc"

#define IA32_GETPPID 64

	.section .snip, "ax", @progbits
	.globl snip_text
snip_text:

/*
 * What a handler returns to. Syscall user dispatch allows calls up to
 * snip_dispatched.  A tracer may look at the arguments: they are not to be what
 * the handler left in the registers.
 */
label_at 0x00, "restorer"
	xor	%edi, %edi
	xor	%esi, %esi
	xor	%edx, %edx
	xor	%r10d, %r10d
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	mov	$__NR_rt_sigreturn, %eax
	syscall

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
	mov	%edi, %edi
	mov	%esi, %esi
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rsi
	push	%rdi
	mov	%rdi, %rax
	mov	8(%rax), %rdi
	mov	16(%rax), %rsi
	mov	24(%rax), %rdx
	mov	32(%rax), %r10
	mov	40(%rax), %r8
	mov	48(%rax), %r9
	mov	56(%rax), %rbx
	mov	64(%rax), %rbp
	mov	72(%rax), %r12
	mov	80(%rax), %r13
	mov	88(%rax), %r14
	mov	96(%rax), %r15
	mov	104(%rax), %rcx
	mov	(%rax), %rax
	call	*8(%rsp)
	push	%rax
	mov	8(%rsp), %rax
	mov	%rdi, 8(%rax)
	mov	%rsi, 16(%rax)
	mov	%rdx, 24(%rax)
	mov	%r10, 32(%rax)
	mov	%r8, 40(%rax)
	mov	%r9, 48(%rax)
	mov	%rbx, 56(%rax)
	mov	%rbp, 64(%rax)
	mov	%r12, 72(%rax)
	mov	%r13, 80(%rax)
	mov	%r14, 88(%rax)
	mov	%r15, 96(%rax)
	mov	%rcx, 104(%rax)
	pop	%rcx
	mov	%rcx, (%rax)
	pop	%rdi
	pop	%rsi
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

/* The system call of the `call` verbs; its number and arguments come from snip_run. */
	.org 0x140, 0x90
snip_run_end:
label "call"
	syscall
	ret
label_at 0x150, "call80"
	int	$0x80
	ret

label_at 0x183, "syscall-getppid"
	mov	$__NR_getppid, %eax
label_at 0x188, "syscall-getppid.at"
	syscall
label "syscall-getppid.after"
	ret

label_at 0x1a2, "int80-getppid"
	push	%rbx
	mov	$IA32_GETPPID, %eax
label_at 0x1a8, "int80-getppid.at"
	int	$0x80
label "int80-getppid.after"
	pop	%rbx
	ret

/* Not in this mode: -ENOSYS without a system call. */
label_at 0x1c6, "sysenter-getppid"
	mov	$-38, %rax
	ret
label_at 0x1d0, "sysenter-getppid.at"

label_at 0x1e1, "syscall-exit-0"
	xor	%edi, %edi
	mov	$__NR_exit, %eax
label_at 0x1e8, "syscall-exit-0.at"
	syscall

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
	movl	$0x600d, 0x20100000
label "watch-store.after"
	nop
	ret

label_at 0x263, "watch-load"
	nop
label_at 0x264, "watch-load.at"
	mov	0x20100000, %eax
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
	push	%rcx
	push	%rsi
	push	%rdi
	mov	$8, %ecx
	mov	$0x20100100, %esi
	mov	$0x20100200, %edi
label_at 0x2e0, "rep-movs.at"
	rep movsb
label "rep-movs.after"
	pop	%rdi
	pop	%rsi
	pop	%rcx
	ret

/* ax: the flags as the program itself sees them. */
label_at 0x300, "pushf"
	xor	%eax, %eax
label "pushf.at"
	pushf
label "pushf.after"
	pop	%rax
	ret

/* Sets its own trap flag: one trap, after the nop; then clears it. */
label_at 0x327, "popf-tf"
	pushf
	pushf
	orl	$0x100, (%rsp)
label_at 0x330, "popf-tf.at"
	popf
label "popf-tf.after"
	nop
label "popf-tf.trapped"
	popf
	ret

/* Ten system calls in a row. */
label_at 0x345, "loop-getppid"
	push	%rbx
	mov	$10, %ebx
1:	mov	$__NR_getppid, %eax
label_at 0x350, "loop-getppid.at"
	syscall
label "loop-getppid.after"
	dec	%ebx
	jnz	1b
label "loop-getppid.end"
	pop	%rbx
	ret

/* time() by the vsyscall page: ax is 1 when it gave a time. */
label_at 0x380, "vsyscall-time"
	push	%rdi
	xor	%edi, %edi
	mov	$0xffffffffff600400, %rax
label_at 0x390, "vsyscall-time.at"
	call	*%rax
label "vsyscall-time.after"
	pop	%rdi
	test	%rax, %rax
	setg	%al
	movzbl	%al, %eax
	ret

label_at 0x3c2, "fault-segv"
	xor	%eax, %eax
label_at 0x3c4, "fault-segv.at"
	movb	$1, (%rax)
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
	push	%rdx
	push	%rcx
	xor	%eax, %eax
	xor	%edx, %edx
	xor	%ecx, %ecx
label_at 0x430, "fault-fpe.at"
	div	%ecx
label "fault-fpe.after"
	pop	%rcx
	pop	%rdx
	ret

label_at 0x443, "fault-bus"
	nop
label_at 0x444, "fault-bus.at"
	mov	0x20200000, %al
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
	syscall
label "trap-getppid.after"
	nop
	nop
	ret

	.org 0x1000, 0xcc
	.globl snip_text_end
snip_text_end:

	.section .note.GNU-stack, "", @progbits
