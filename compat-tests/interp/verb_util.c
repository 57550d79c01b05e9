/* verb_util.c - what the verb files share: results and values in log lines, signal sets, /proc files. */
#include <asm/errno.h>
#include <asm/unistd.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "actor.h"
#include "verbs.h"

/* The guest's pids start here (pid_max and ns_last_pid), so smaller numbers are just numbers. */
#define LEAST_PID 100000
#define PID_LIMIT (1 << 22)

long pt(long request, pid_t tid, unsigned long addr, unsigned long data)
{
	return sys(__NR_ptrace, request, tid, addr, data);
}

long log_ret(struct actor *a, const struct form_step *s, long ret)
{
	log_result(a, s, ret);
	return ret;
}

void pid_text(struct line *l, pid_t pid)
{
	if (pid > 0 && pid < LEAST_PID && tid_role(self(), pid) < 0)
		log_add(l, "%d", (int)pid);
	else
		log_add(l, "%P", (int)pid);
}

void value_text(struct line *l, int64_t v)
{
	uint64_t off;
	const char *label;

	if (v >= LEAST_PID && v < PID_LIMIT && (tid_role(self(), v) >= 0 || v == shared()->watcher)) {
		log_add(l, "%P", (int)v);
		return;
	}
	label = addr_label(v, &off);
	if (label)
		log_add(l, "%A", (uint64_t)v);
	else if (v > -65536 && v < 65536)
		log_add(l, "%lld", (long long)v);
	else
		log_add(l, "0x%llx", (unsigned long long)v);
}

void ip_text(struct line *l, uint64_t ip)
{
	log_add(l, in_snippet(ip) ? " ip %A" : " ip code", ip);
}

void ax_text(struct line *l, int64_t v)
{
	if (v < 0 && v >= -4095 && errno_name(v))
		log_add(l, "-%s", errno_name(v));
	else
		value_text(l, v);
}

void call_result_text(struct line *l, const char *call, long ret)
{
	if (ret >= LEAST_PID && ret < PID_LIMIT && call && call_gives_pid(call))
		log_add(l, "%P", (int)ret);
	else if (!SYS_IS_ERR(ret) && call && call_gives_addr(call))
		log_add(l, "addr");
	else if (SYS_IS_ERR(ret) && errno_name(ret))
		log_add(l, "%s", errno_name(ret));
	else
		value_text(l, ret);
}

void nr_text(struct line *l, enum abi own, enum abi abi, long nr)
{
	const char *name = call_name_of(abi, nr);

	if (!name) {
		log_add(l, nr > -65536 && nr < 65536 ? "%ld" : "0x%lx", nr);
		return;
	}
	if (abi != own)
		log_add(l, abi == ABI_32 ? "ia32:" : abi == ABI_X32 ? "x32:" : "x64:");
	log_add(l, "%s", name);
}

static void sigset_names(struct line *l, uint64_t set, const char *none)
{
	bool some = false;

	for (int sig = 1; sig <= 64; sig++) {
		if (!(set & SIGBIT(sig)))
			continue;
		log_add(l, some ? "+%G" : "%G", sig);
		some = true;
	}
	if (!some)
		log_add(l, "%s", none);
}

void sigset_text(struct line *l, uint64_t set)
{
	uint64_t never = SIGBIT(SIGKILL) | SIGBIT(SIGSTOP);
	uint64_t out = ~(set | never);

	int members = 0;

	for (uint64_t rest = set; rest; rest &= rest - 1)
		members++;
	if (members <= 32) {
		sigset_names(l, set, "none");
		return;
	}
	log_add(l, set & never ? "all-and-kill" : "all");
	if (out) {
		log_add(l, "-");
		sigset_names(l, out, "");
	}
}

bool sigset_parse(const char *text, uint64_t *set)
{
	char name[32];
	unsigned int n = 0;

	*set = 0;
	if (str_eq(text, "none") || str_eq(text, "0"))
		return true;
	if (str_eq(text, "all")) {
		*set = ~0ull;
		return true;
	}
	for (;; text++) {
		/* the + of SIGRTMIN+3 belongs to the name */
		if (*text && (*text != '+' || (text[1] >= '0' && text[1] <= '9'))) {
			if (n == sizeof(name) - 1)
				return false;
			name[n++] = *text;
			continue;
		}
		name[n] = '\0';
		if (sig_num(name) < 1)
			return false;
		*set |= SIGBIT(sig_num(name));
		n = 0;
		if (!*text)
			return true;
	}
}

void stop_text(struct line *l, int status)
{
	int event = status >> 8, sig = status & 0xff;

	if (event && event_name(event))
		log_add(l, "event %s", event_name(event));
	else if (event)
		log_add(l, "event %d", event);
	if (event && sig == SIGTRAP)
		return;
	log_add(l, event ? " %G%s" : "%G%s", sig & 0x7f, sig & 0x80 ? "|0x80" : "");
}

long read_file(const char *path, char *buf, size_t room)
{
	long fd = sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC), n = 0, r;

	if (fd < 0)
		return fd;
	do {
		r = sys(__NR_read, fd, buf + n, room - 1 - n);
		if (r > 0)
			n += r;
	} while (r > 0 && (size_t)n < room - 1);
	sys(__NR_close, fd);
	buf[n] = '\0';
	return r < 0 ? r : n;
}

long proc_read(pid_t tid, const char *name, char *buf, size_t room)
{
	char path[64];
	long r;

	fmt(path, sizeof(path), "/proc/%d/%s", (int)tid, name);
	/*
	 * A thread that execs takes its leader's number (de_thread()): a lookup that
	 * found the old leader a moment before says that there is no such task.
	 * The next one finds the new leader.
	 */
	for (int tries = 0; tries < 3; tries++) {
		buf[0] = '\0';
		r = read_file(path, buf, room);
		if (r != -ENOENT && r != -ESRCH)
			break;
	}
	return r;
}

const char *proc_field(const char *text, const char *name, unsigned int *len)
{
	size_t n = strlen(name);

	while (*text) {
		const char *end = strchr(text, '\n');

		if (!end)
			end = text + strlen(text);
		if (!strncmp(text, name, n) && text[n] == ':') {
			for (text += n + 1; *text == ' ' || *text == '\t'; text++)
				;
			*len = end - text;
			return text;
		}
		text = *end ? end + 1 : end;
	}
	return NULL;
}

uint64_t number_at(const char *text, unsigned int base)
{
	uint64_t v = 0;

	for (;; text++) {
		unsigned int digit;

		if (*text >= '0' && *text <= '9')
			digit = *text - '0';
		else if (*text >= 'a' && *text <= 'f')
			digit = *text - 'a' + 10;
		else
			return v;
		if (digit >= base)
			return v;
		v = v * base + digit;
	}
}

long write_file(const char *path, const char *text)
{
	long fd = sys(__NR_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return fd;
	r = sys(__NR_write, fd, text, strlen(text));
	sys(__NR_close, fd);
	return r < 0 ? r : 0;
}

bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (;;) {
		if (!strncmp(text, word, n) && (text[n] == '\0' || text[n] == '+'))
			return true;
		text = strchr(text, '+');
		if (!text)
			return false;
		text++;
	}
}
