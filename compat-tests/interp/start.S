/* start.S - entry, raw system calls and clone for the three ABIs. */
#if defined(__x86_64__)

#ifdef __ILP32__
#define NR_clone 0x40000038
#else
#define NR_clone 56
#endif

	.text
	.globl _start
	.type _start, @function
_start:
	xor %ebp, %ebp
	mov %rsp, %rdi
	and $-16, %rsp
	call start_main
	hlt

/* long sys6(nr, a, b, c, d, e, f) */
	.globl sys6
	.type sys6, @function
sys6:
	mov %rdi, %rax
	mov %rsi, %rdi
	mov %rdx, %rsi
	mov %rcx, %rdx
	mov %r8, %r10
	mov %r9, %r8
	mov 8(%rsp), %r9
	syscall
	ret
	.size sys6, . - sys6

/*
 * long spawn(sysarg flags, void *top, int *ptid, int *ctid, fn, arg): clone;
 * the child calls fn(arg) on the stack that ends at top and never returns.
 */
	.globl spawn
	.type spawn, @function
spawn:
	mov %esi, %esi
	mov %edx, %edx
	mov %ecx, %r10d
	mov %r8d, %r8d
	mov %r9d, %r9d
	sub $16, %rsi
	mov %r8, (%rsi)
	mov %r9, 8(%rsi)
	xor %r8d, %r8d
	mov $NR_clone, %eax
	syscall
	test %rax, %rax
	jz 1f
	ret
1:	xor %ebp, %ebp
	mov (%rsp), %rax
	mov 8(%rsp), %rdi
	call *%rax
	hlt
	.size spawn, . - spawn

/* void on_stack(void *top, fn, arg): leave this stack for ever. */
	.globl on_stack
	.type on_stack, @function
on_stack:
	mov %edi, %esp
	mov %edx, %edi
	xor %ebp, %ebp
	mov %esi, %esi
	call *%rsi
	hlt
	.size on_stack, . - on_stack

#else

	.text
	.globl _start
	.type _start, @function
_start:
	xor %ebp, %ebp
	mov %esp, %eax
	and $-16, %esp
	sub $12, %esp
	push %eax
	call start_main
	hlt

	.globl sys6
	.type sys6, @function
sys6:
	push %ebx
	push %esi
	push %edi
	push %ebp
	mov 20(%esp), %eax
	mov 24(%esp), %ebx
	mov 28(%esp), %ecx
	mov 32(%esp), %edx
	mov 36(%esp), %esi
	mov 40(%esp), %edi
	mov 44(%esp), %ebp
	int $0x80
	pop %ebp
	pop %edi
	pop %esi
	pop %ebx
	ret
	.size sys6, . - sys6

	.globl spawn
	.type spawn, @function
spawn:
	push %ebx
	push %esi
	push %edi
	mov 16(%esp), %ebx
	mov 20(%esp), %ecx
	sub $16, %ecx
	mov 32(%esp), %eax
	mov %eax, (%ecx)
	mov 36(%esp), %eax
	mov %eax, 4(%ecx)
	mov 24(%esp), %edx
	xor %esi, %esi
	mov 28(%esp), %edi
	mov $120, %eax
	int $0x80
	test %eax, %eax
	jz 1f
	pop %edi
	pop %esi
	pop %ebx
	ret
1:	xor %ebp, %ebp
	mov (%esp), %eax
	mov 4(%esp), %edx
	mov %edx, (%esp)
	call *%eax
	hlt
	.size spawn, . - spawn

	.globl on_stack
	.type on_stack, @function
on_stack:
	mov 8(%esp), %eax
	mov 12(%esp), %edx
	mov 4(%esp), %esp
	sub $16, %esp
	mov %edx, (%esp)
	xor %ebp, %ebp
	call *%eax
	hlt
	.size on_stack, . - on_stack

#endif
	.section .note.GNU-stack, "", @progbits
