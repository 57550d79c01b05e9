/* verb_cgroup.c - the freezer of cgroup v2: a group a process, made when it is first frozen. */
#include <asm/errno.h>
#include <asm/unistd.h>
#include <fcntl.h>
#include <string.h>

#include "actor.h"
#include "verbs.h"

#define CGROUP_DIR "/sys/fs/cgroup"

/* The unified hierarchy, mounted here if the image did not. */
static long have_hierarchy(void)
{
	long fd = sys(__NR_openat, AT_FDCWD, CGROUP_DIR "/cgroup.procs", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return sys(__NR_mount, "none", CGROUP_DIR, "cgroup2", 0, 0);
	sys(__NR_close, fd);
	return 0;
}

static void path_of(char *path, unsigned int room, pid_t tgid, const char *file)
{
	fmt(path, room, CGROUP_DIR "/case-%d%s", (int)tgid, file);
}

/* Writes the wish and waits until the kernel says that the whole group follows it. */
static long set_frozen(struct actor *a, pid_t tgid, bool on)
{
	char path[96], text[256];
	unsigned int len;
	long r;

	path_of(path, sizeof(path), tgid, "/cgroup.freeze");
	r = write_file(path, on ? "1" : "0");
	if (r < 0)
		return r;
	path_of(path, sizeof(path), tgid, "/cgroup.events");
	waiting(a, true);
	for (unsigned int turn = 0;; turn++) {
		const char *f;

		r = read_file(path, text, sizeof(text));
		if (r < 0)
			break;
		/* "populated 1\nfrozen 0\n" */
		f = strstr(text, "frozen ");
		len = strlen("frozen ");
		if (f && f[len] == (on ? '1' : '0'))
			break;
		poll_pause(a, turn);
	}
	waiting(a, false);
	return r < 0 ? r : 0;
}

static pid_t group_of(struct actor *a, const struct form_step *s)
{
	int role = arg_role(a, s, 0);
	pid_t tgid = role >= 0 ? role_tgid(a, role) : 0;

	return tgid > 0 ? tgid : arg_tid(a, s, 0);
}

long v_freeze(struct actor *a, const struct form_step *s)
{
	pid_t tgid = group_of(a, s);
	char path[96], number[16];
	long r = have_hierarchy();

	if (r < 0)
		return log_ret(a, s, r);
	path_of(path, sizeof(path), tgid, "");
	r = sys(__NR_mkdirat, AT_FDCWD, path, 0755);
	if (r < 0 && r != -EEXIST)
		return log_ret(a, s, r);
	path_of(path, sizeof(path), tgid, "/cgroup.procs");
	fmt(number, sizeof(number), "%d", (int)tgid);
	r = write_file(path, number);
	if (r >= 0)
		r = set_frozen(a, tgid, true);
	return log_ret(a, s, r);
}

long v_thaw(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, set_frozen(a, group_of(a, s), false));
}
