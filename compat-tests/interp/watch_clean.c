/* watch_clean.c - ends whatever a case left: thaws, kills tracers and tracees alike, reaps until nobody is left. */
#include <asm/unistd.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "watch.h"

#define LIMIT_NS 2000000000ull
#define ROUND_NS 20000000ull
/* Between two calls of wait4(): whoever is killed needs the CPU, and time asleep costs a counted guest nothing. */
#define NAP_NS 50000
#define NAP_COUNTED_NS 400000

/*
 * SIGKILL reaches everything but what the version 1 freezer holds, so that is
 * thawed first.  A zombie that a tracer has not waited for cannot be reaped
 * before the tracer is dead, nor a vfork parent before its child: all roles are
 * killed at once and the order comes by itself.
 */
static void kill_all(void)
{
	struct shared *sh = shared();
	int pids[64], n;

	for (uint32_t i = 0; i < sh->nroles; i++) {
		int tid = watch_tid(i);

		/* kill() takes any thread's number for the whole process */
		if (tid > 1)
			sys(__NR_kill, tid, SIGKILL);
	}
	n = task_children(sh->watcher, pids, 64);
	for (int i = 0; i < n; i++)
		sys(__NR_kill, pids[i], SIGKILL);
}

/* Thaw and remove every group a case made below `root`. */
static void thaw(const char *root, const char *file, const char *word, unsigned int len, bool remove)
{
	struct entry {
		uint64_t ino;
		int64_t off;
		unsigned short reclen;
		unsigned char type;
		char name[];
	};
	static char list[4096];
	char path[160];
	long fd = sys(__NR_open, root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), n;

	if (fd < 0)
		return;
	while ((n = sys(__NR_getdents64, fd, list, sizeof(list))) > 0) {
		for (long at = 0; at < n;) {
			const struct entry *e = (const void *)(list + at);
			long f;

			at += e->reclen;
			if (e->type != DT_DIR || e->name[0] == '.')
				continue;
			fmt(path, sizeof(path), "%s/%s/%s", root, e->name, file);
			f = sys(__NR_open, path, O_WRONLY | O_CLOEXEC);
			if (f >= 0) {
				sys(__NR_write, f, word, len);
				sys(__NR_close, f);
			}
			fmt(path, sizeof(path), "%s/%s", root, e->name);
			if (remove)
				sys(__NR_rmdir, path);
		}
	}
	sys(__NR_close, fd);
}

static void thaw_all(bool remove)
{
	thaw("/sys/fs/cgroup", "cgroup.freeze", "0", 1, remove);
	thaw("/cgroup/freezer", "freezer.state", "THAWED", 6, remove);
}

static void name_survivors(void)
{
	struct shared *sh = shared();
	unsigned int at = 0;

	for (uint32_t i = 0; i < sh->nroles; i++) {
		int tid = watch_tid(i);
		char c = tid ? task_state(tid, NULL) : 0;

		if (!c || c == 'X')
			continue;
		at += fmt(req->note + at, sizeof(req->note) - at, "%s %c\n",
			  form_str(the_form(), form_roles(the_form())[i].name), c);
	}
	if (!at)
		fmt(req->note, sizeof(req->note), "? a process that is no role\n");
}

void clean_up(void)
{
	uint64_t before = now_ns(), took = 0, again = 0;
	bool frozen = shared()->freezes;

	req->note[0] = '\0';
	control_calm();
	if (frozen)
		thaw_all(false);
	for (;;) {
		long pid;

		took += round_since(&before, ROUND_NS);
		if (before >= again) {
			kill_all();
			again = before + 20000000;
		}
		pid = sys(__NR_wait4, -1, 0, __WALL | WNOHANG, 0);
		if (pid == -ECHILD)
			break;
		if (pid > 0)
			continue;
		/* a case that froze somebody by hand, behind its verbs' back */
		if (!frozen && took > LIMIT_NS / 4) {
			frozen = true;
			thaw_all(false);
		}
		if (took > LIMIT_NS) {
			name_survivors();
			break;
		}
		nap(shared()->patient ? NAP_NS : NAP_COUNTED_NS);
	}
	if (frozen)
		thaw_all(true);
}
