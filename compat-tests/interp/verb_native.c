/* verb_native.c - the escape: requests whose results no other verb can show, each a row of a table. */
#include <asm/errno.h>
#include <asm/ptrace-abi.h>
#include <asm/unistd.h>
#include <fcntl.h>
#include <linux/elf.h>
#include <linux/ptrace.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "actor.h"
#include "verbs.h"

/* Arguments of a native are numbers, from index 1 on. */
#define NUM(i) arg_num(a, s, (i) + 1)

/* PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, newer than the C library's headers. */
#define GET_SUD_CONFIG 0x4211
struct sud_config {
	uint64_t mode, selector, offset, len;
};

static long sud_config(struct actor *a, const struct form_step *s)
{
	struct sud_config c;
	struct line l;
	long r;

	memset(&c, 0xff, sizeof(c));
	r = pt(GET_SUD_CONFIG, NUM(0), sizeof(c), PTR(&c));
	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> mode %llu selector %A", (unsigned long long)c.mode, c.selector);
	log_end(a, s, &l);
	return r;
}

static long rseq_config(struct actor *a, const struct form_step *s)
{
	struct ptrace_rseq_configuration c;
	struct line l;
	long r;

	memset(&c, 0xff, sizeof(c));
	r = pt(PTRACE_GET_RSEQ_CONFIGURATION, NUM(0), NUM(1), PTR(&c));
	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> returned %ld size %u flags %u signature 0x%x pointer %s", r, c.rseq_abi_size, c.flags,
		c.signature, c.rseq_abi_pointer ? "set" : "0");
	log_end(a, s, &l);
	return r;
}

static long sec_metadata(struct actor *a, const struct form_step *s)
{
	struct seccomp_metadata m = { .filter_off = NUM(1), .flags = 0xff };
	struct line l;
	long r = pt(PTRACE_SECCOMP_GET_METADATA, NUM(0), sizeof(m), PTR(&m));

	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> returned %ld flags %llu", r, (unsigned long long)m.flags);
	log_end(a, s, &l);
	return r;
}

/* GETREGSET of any note type with any length: what length comes back. */
static long regset_len(struct actor *a, const struct form_step *s)
{
	char room[8192];
	struct iovec iov = { room, NUM(2) };
	struct line l;
	long r;

	if (iov.iov_len > sizeof(room))
		iov.iov_len = sizeof(room);
	r = pt(PTRACE_GETREGSET, NUM(0), NUM(1), PTR(&iov));
	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> length %lu", (unsigned long)iov.iov_len);
	log_end(a, s, &l);
	return r;
}

/*
 * GETREGS and PEEKUSER give the tracer's own layout: do they agree word by word?
 * An x32 tracer gets EIO: there PEEKUSER reaches the debug registers only.
 */
static long regs_agree(struct actor *a, const struct form_step *s)
{
#ifdef __i386__
	enum { WORD = 4 };
#else
	enum { WORD = 8 };
#endif
	unsigned char regs[sizeof(struct user_regs_struct)];
	struct line l;
	long r = pt(PTRACE_GETREGS, NUM(0), 0, PTR(regs));
	unsigned int differ = 0;

	if (r < 0)
		return log_ret(a, s, r);
	for (unsigned long off = 0; off < sizeof(regs) && r >= 0; off += WORD) {
		unsigned long word = 0;

		r = pt(PTRACE_PEEKUSR, NUM(0), off, PTR(&word));
		if (r >= 0 && memcmp(&word, regs + off, sizeof(word)))
			differ++;
	}
	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, differ ? " -> %u words differ" : " -> agree", differ);
	log_end(a, s, &l);
	return differ;
}

static long mem_open(pid_t tid, int flags)
{
	char path[32];

	fmt(path, sizeof(path), "/proc/%d/mem", (int)tid);
	return sys(__NR_openat, AT_FDCWD, path, flags | O_CLOEXEC);
}

/* The error of the open, of the read, or the word read. */
static long mem_read(struct actor *a, const struct form_step *s)
{
	uint32_t word = 0;
	struct line l;
	long fd = mem_open(NUM(0), O_RDONLY), r;

	if (fd < 0)
		return log_ret(a, s, fd);
	r = sys(__NR_lseek, fd, (unsigned long)NUM(1), 0);
	if (!SYS_IS_ERR(r))
		r = sys(__NR_read, fd, &word, sizeof(word));
	sys(__NR_close, fd);
	if (r != sizeof(word))
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> 0x%x", word);
	log_end(a, s, &l);
	return 0;
}

static long mem_write(struct actor *a, const struct form_step *s)
{
	uint32_t word = NUM(2);
	long fd = mem_open(NUM(0), O_RDWR), r;

	if (fd < 0)
		return log_ret(a, s, fd);
	r = sys(__NR_lseek, fd, (unsigned long)NUM(1), 0);
	if (!SYS_IS_ERR(r))
		r = sys(__NR_write, fd, &word, sizeof(word));
	sys(__NR_close, fd);
	return log_ret(a, s, r);
}

static long vm_read(struct actor *a, const struct form_step *s)
{
	uint32_t word = 0;
	struct iovec here = { &word, sizeof(word) };
	struct iovec there = { (void *)(unsigned long)NUM(1), sizeof(word) };
	struct line l;
	long r = sys(__NR_process_vm_readv, NUM(0), &here, 1, &there, 1, 0);

	if (r != sizeof(word))
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " -> 0x%x", word);
	log_end(a, s, &l);
	return 0;
}

/* An entry of the auxiliary vector of this process: 23 is AT_SECURE. */
static long auxv(struct actor *a, const struct form_step *s)
{
	unsigned long v[64];
	long n = read_file("/proc/self/auxv", (char *)v, sizeof(v));
	unsigned long want = NUM(0);

	for (unsigned long i = 0; n > 0 && i + 1 < (unsigned long)n / sizeof(v[0]); i += 2)
		if (v[i] == want)
			return log_ret(a, s, v[i + 1]);
	return log_ret(a, s, n < 0 ? n : -ENOENT);
}

static const struct native natives[] = {
	{ "sud-config", sud_config, "TID: PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG" },
	{ "rseq-config", rseq_config, "TID SIZE: PTRACE_GET_RSEQ_CONFIGURATION" },
	{ "sec-metadata", sec_metadata, "TID INDEX: PTRACE_SECCOMP_GET_METADATA" },
	{ "regset-len", regset_len, "TID TYPE LENGTH: the length PTRACE_GETREGSET gives back" },
	{ "regs-agree", regs_agree, "TID: do PTRACE_GETREGS and PTRACE_PEEKUSER agree" },
	{ "mem-read", mem_read, "TID ADDR: 4 bytes through /proc/TID/mem" },
	{ "mem-write", mem_write, "TID ADDR VALUE: 4 bytes through /proc/TID/mem" },
	{ "vm-read", vm_read, "TID ADDR: 4 bytes by process_vm_readv" },
	{ "auxv", auxv, "TYPE: an entry of this process's auxiliary vector (23: AT_SECURE)" },
};

long v_native(struct actor *a, const struct form_step *s)
{
	const char *name = arg_str(a, s, 0);

	for (unsigned int i = 0; i < sizeof(natives) / sizeof(natives[0]); i++)
		if (str_eq(natives[i].name, name))
			return natives[i].fn(a, s);
	return log_ret(a, s, -ENOENT);
}
