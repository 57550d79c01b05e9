/* watch_proc.c - what /proc tells the watcher about a task. */
#include <asm/unistd.h>
#include <fcntl.h>
#include <string.h>

#include "watch.h"

static char buf[4096];

static int slurp(const char *path)
{
	long fd, n;

	control_make_way();
	fd = sys(__NR_open, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = sys(__NR_read, fd, buf, sizeof(buf) - 1);
	sys(__NR_close, fd);
	if (n < 0)
		return -1;
	buf[n] = '\0';
	return n;
}

static uint64_t number(const char **p, int base)
{
	uint64_t v = 0;

	while (**p == ' ' || **p == '\t')
		(*p)++;
	for (;; (*p)++) {
		int d = **p >= '0' && **p <= '9' ? **p - '0' :
			base == 16 && **p >= 'a' && **p <= 'f' ? **p - 'a' + 10 : -1;

		if (d < 0)
			return v;
		v = v * base + d;
	}
}

/* The value of a line "Name:\t..." of the status file in buf. */
static const char *field(const char *name)
{
	const char *p = strstr(buf, name);

	return p ? p + strlen(name) : NULL;
}

bool task_info(int tid, struct task_info *out)
{
	char path[32];
	const char *p;

	fmt(path, sizeof(path), "/proc/%d/status", tid);
	if (slurp(path) <= 0)
		return false;
	p = field("\nState:\t");
	out->state = p ? *p : '?';
	p = field("\nTracerPid:\t");
	out->tracer = p ? number(&p, 10) : 0;
	p = field("\nSigPnd:\t");
	out->sigpnd = p ? number(&p, 16) : 0;
	p = field("\nShdPnd:\t");
	out->shdpnd = p ? number(&p, 16) : 0;
	p = field("\nSigBlk:\t");
	out->sigblk = p ? number(&p, 16) : 0;
	return true;
}

int task_children(int tid, int *pids, int max)
{
	char path[48];
	const char *p = buf;
	int n = 0;

	fmt(path, sizeof(path), "/proc/%d/task/%d/children", tid, tid);
	if (slurp(path) <= 0)
		return 0;
	while (*p >= '0' && *p <= '9' && n < max) {
		pids[n++] = number(&p, 10);
		while (*p == ' ')
			p++;
	}
	return n;
}

int outer_tid(int creator, int inner)
{
	int pids[64], n = task_children(creator, pids, 64);

	for (int i = 0; i < n; i++) {
		char path[32];
		const char *p;
		int last = 0;

		fmt(path, sizeof(path), "/proc/%d/status", pids[i]);
		if (slurp(path) <= 0 || !(p = field("\nNSpid:")))
			continue;
		while (*p == '\t' || *p == ' ')
			last = number(&p, 10);
		if (last == inner)
			return pids[i];
	}
	return 0;
}

int watch_tid(uint32_t role)
{
	struct role_state *rs = state_of(role);
	int32_t unknown = 0, found = 0;
	uint32_t parent;

	if (!rs->creator_ns)
		return rs->tid;
	if (!rs->root_tid && rs->tid) {
		parent = form_roles(the_form())[role].parent;
		if (parent != FORM_NONE && watch_tid(parent))
			found = outer_tid(watch_tid(parent), rs->tid);
		/* the verb bind may have been quicker */
		if (found)
			__atomic_compare_exchange_n(&rs->root_tid, &unknown, found, false,
						    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	}
	return rs->root_tid;
}
