/* access.c - who may attach, and what the exec of a setuid program gives under a tracer. */
/* call: 64 */
/* call: 32 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/stage.h"
#include "lib/walk.h"

#define YAMA "/proc/sys/kernel/yama/ptrace_scope"

static void become(int uid)
{
	if (!uid)
		return;
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		_exit(9);
	/* as after an exec: the change made it undumpable */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* Without CAP_SYS_PTRACE, as root. */
static void drop_ptrace(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	syscall(SYS_capget, &h, d);
	d[0].effective &= ~(1u << CAP_SYS_PTRACE);
	d[0].permitted &= ~(1u << CAP_SYS_PTRACE);
	syscall(SYS_capset, &h, d);
}

enum { DUMPABLE = 1, NAMESPACE = 2, CAPLESS = 4, PTRACER_ANY = 8, CHILD = 16, PTRACER = 32 };

static void target(int uid, int flags, int ready)
{
	if (flags & NAMESPACE && unshare(CLONE_NEWUSER))
		_exit(8);
	become(uid);
	if (flags & DUMPABLE)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (flags & PTRACER_ANY)
		prctl(PR_SET_PTRACER, -1l, 0, 0, 0);
	if (write(ready, "r", 1) != 1)
		_exit(7);
	for (;;)
		pause();
}

static void try_all(struct text *t, pid_t p)
{
	char path[64];
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)&stage_word, 1 };
	FILE *f;

	add(t, " seize %s", answer(pt(PTRACE_SEIZE, p, 0, 0)));
	add(t, " attach %s", answer(pt(PTRACE_ATTACH, p, 0, 0)));
	add(t, " interrupt %s", answer(pt(PTRACE_INTERRUPT, p, 0, 0)));
	add(t, " read %s", answer(process_vm_readv(p, &here, 1, &there, 1, 0)));
	add(t, " write %s", answer(process_vm_writev(p, &here, 1, &there, 1, 0)));
	add(t, " syscall %s", *proc_syscall(p) == 'E' ? proc_syscall(p) : "told");
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)p);
	errno = 0;
	f = fopen(path, "r+");
	add(t, " mem %s", f ? "opened" : errno_word(errno));
	if (f)
		fclose(f);
	add(t, " tracer %s", atoi(status_line(p, "TracerPid")) == getpid() ? "me" :
	    atoi(status_line(p, "TracerPid")) ? "other" : "0");
}

static void attach(int yama, const char *words, int uid, int caps, int target_uid, int flags)
{
	struct text t = { .n = 0 };
	int ready[2], report[2];
	struct scene s = { .status = -1 };
	pid_t p, tracer;
	char c;

	t.s[0] = '\0';
	roles_clear();
	if (!put_file(YAMA, "%d", yama))
		return broken("yama %d", yama);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (pipe(ready) || pipe(report))
		return;
	p = flags & CHILD ? 0 : fork();
	if (!p && !(flags & CHILD))
		target(target_uid, flags, ready[1]);
	tracer = fork();
	if (!tracer) {
		if (flags & CHILD) {
			p = fork();
			if (!p)
				target(target_uid, flags, ready[1]);
		}
		if (read(ready[0], &c, 1) != 1)
			_exit(1);
		rest(p);
		if (caps)
			drop_ptrace();
		become(uid);
		role(p, "P");
		t.n = 0;
		try_all(&t, p);
		if (write(report[1], t.s, t.n) < 0)
			_exit(1);
		_exit(0);
	}
	close(report[1]);
	text_from(&t, report[0]);
	if (!t.n)
		broken("yama %d, %s: the tracer says nothing", yama, words);
	close(ready[0]);
	close(ready[1]);
	put_file(YAMA, "0");
	say("yama %d, %s:%s", yama, words, t.s);
	s.p = p;
	stage_end(&s);
}

/* TRACEME, with what YAMA says to that. */
static void traceme(int yama)
{
	pid_t p;
	int status;

	if (!put_file(YAMA, "%d", yama))
		return broken("yama %d", yama);
	p = fork();
	if (!p) {
		long a = pt(PTRACE_TRACEME, 0, 0, 0);
		int e = errno;
		long b = pt(PTRACE_TRACEME, 0, 0, 0);

		_exit(!a ? (!b ? 100 : errno) : 50 + e);
	}
	waitpid(p, &status, 0);
	put_file(YAMA, "0");
	say("yama %d, TRACEME twice: %s", yama, status_words(status));
}

/*
 * A program that is setuid to another user, by a tracer with and without
 * privileges; attached before or by TRACEME.
 */
static void setuid_exec(int tracer_uid, int caps, int tracee_uid, int file_uid, bool me)
{
	static char path[] = "/tmp/answers-setuid", self[256];
	struct text t = { .n = 0 };
	struct scene s = { .status = -1 };
	int report[2];
	pid_t tracer;

	t.s[0] = '\0';
	roles_clear();
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	strcpy(self, stage_program(NULL));
	{
		char command[600];

		snprintf(command, sizeof(command), "cat %s >%s", self, path);
		if (system(command) || chown(path, file_uid, file_uid) || chmod(path, 06755))
			broken("setuid: %s", errno_word(errno));
	}
	if (pipe(report))
		return;
	tracer = fork();
	if (!tracer) {
		int go[2], status;
		pid_t p;
		char c;

		if (pipe(go))
			_exit(1);
		if (caps)
			drop_ptrace();
		if (tracer_uid && !tracee_uid)
			_exit(1);
		/* the tracee first, as it may want rights to become somebody */
		p = fork();
		if (!p) {
			become(tracee_uid);
			if (me)
				pt(PTRACE_TRACEME, 0, 0, 0);
			if (read(go[0], &c, 1) == 1)
				execl(path, "tracee", "--hold", NULL);
			_exit(errno);
		}
		role(p, "P");
		rest(p);
		become(tracer_uid);
		if (!me)
			add(&t, " seize %s", answer(pt(PTRACE_SEIZE, p, 0, 1ul << PTRACE_EVENT_EXEC)));
		if (write(go[1], "g", 1) != 1)
			_exit(1);
		status = walk_on(&t, p);
		if (status)
			walk(&t, p, PTRACE_CONT, 0);
		add(&t, "; uids %s caps %s tracer %s nnp %s, detach by interrupt %s",
		    status_line(p, "Uid"), status_line(p, "CapEff"),
		    atoi(status_line(p, "TracerPid")) == getpid() ? "me" : "0",
		    status_line(p, "NoNewPrivs"), answer(pt(PTRACE_INTERRUPT, p, 0, 0)));
		if (write(report[1], t.s, t.n) < 0)
			_exit(1);
		_exit(0);
	}
	close(report[1]);
	text_from(&t, report[0]);
	say("setuid to %d by %d, tracer %d%s, %s:%s", file_uid, tracee_uid, tracer_uid,
	    caps ? " without CAP_SYS_PTRACE" : "", me ? "TRACEME" : "seized", t.s);
	stage_end(&s);
	unlink(path);
}

int main(void)
{
	static const struct { const char *words; int uid, caps, target, flags; } rows[] = {
		{ "root to root", 0, 0, 0, 0 },
		{ "root to user", 0, 0, 1000, 0 },
		{ "user to root", 1000, 0, 0, 0 },
		{ "user to same user", 1000, 0, 1000, 0 },
		{ "user to other user", 1000, 0, 1001, 0 },
		{ "root without CAP_SYS_PTRACE to root", 0, 1, 0, 0 },
		{ "root without CAP_SYS_PTRACE to user", 0, 1, 1000, 0 },
		{ "user to undumpable", 1000, 0, 1000, DUMPABLE },
		{ "root to undumpable", 0, 0, 1000, DUMPABLE },
		{ "root without CAP_SYS_PTRACE to undumpable root", 0, 1, 0, DUMPABLE },
		{ "user to the same in a user namespace", 1000, 0, 0, NAMESPACE },
		{ "root to a user namespace", 0, 0, 0, NAMESPACE },
		{ "root without CAP_SYS_PTRACE to a user namespace", 0, 1, 0, NAMESPACE },
		{ "user to one who allows any", 1000, 0, 1000, PTRACER_ANY },
		{ "user to its child", 1000, 0, 1000, CHILD },
		{ "user to its undumpable child", 1000, 0, 1000, CHILD | DUMPABLE },
		{ "root to its child in a user namespace", 0, 1, 0, CHILD | NAMESPACE },
	};

	for (int yama = 0; yama < 3; yama++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			attach(yama, rows[i].words, rows[i].uid, rows[i].caps, rows[i].target, rows[i].flags);
		traceme(yama);
	}
	for (int me = 0; me < 2; me++) {
		setuid_exec(0, 0, 1000, 0, me);
		setuid_exec(0, 1, 1000, 0, me);
		setuid_exec(1000, 0, 1000, 0, me);
		setuid_exec(1000, 0, 1000, 1001, me);
		setuid_exec(0, 0, 1000, 1001, me);
		setuid_exec(0, 0, 0, 1001, me);
		setuid_exec(0, 1, 0, 1001, me);
	}
	return finish();
}
