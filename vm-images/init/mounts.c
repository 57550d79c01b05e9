/* mounts.c - what the guest mounts and which kernel settings every case starts from. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init.h"

static const struct {
	const char *what, *where, *type, *options;
	bool may_fail;
} mounts[] = {
	{ "proc", "/proc", "proc", "", false },
	{ "sysfs", "/sys", "sysfs", "", false },
	{ "dev", "/dev", "devtmpfs", "", false },
	{ "devpts", "/dev/pts", "devpts", "mode=620,ptmxmode=666", false },
	{ "tmpfs", "/dev/shm", "tmpfs", "mode=1777", false },
	{ "tmpfs", "/tmp", "tmpfs", "mode=1777", false },
	{ "cgroup2", "/sys/fs/cgroup", "cgroup2", "", false },
	/* version 1's freezer is a compile-time choice of the kernel */
	{ "freezer", "/cgroup/freezer", "cgroup", "freezer", true },
	{ "debugfs", "/sys/kernel/debug", "debugfs", "", true },
	{ "tracefs", "/sys/kernel/tracing", "tracefs", "", true },
	{ "securityfs", "/sys/kernel/security", "securityfs", "", true },
};

void mount_all(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].where, 0755);
		if (mount(mounts[i].what, mounts[i].where, mounts[i].type, 0, mounts[i].options) &&
		    !mounts[i].may_fail)
			dprintf(2, "init: mount %s: %s\n", mounts[i].where, strerror(errno));
	}
}

/*
 * RT throttling would stop the watcher for 50 ms in each second; cores go to
 * /tmp, which each repeat starts with empty; messages about crashed programs
 * (exception-trace) are how an interpreter crash gets its address.
 */
static const struct { const char *path, *text; } settings[] = {
	{ "/proc/sys/kernel/sched_rt_runtime_us", "-1" },
	{ "/proc/sys/kernel/pid_max", "4194304" },
	{ "/proc/sys/kernel/randomize_va_space", "0" },
	{ "/proc/sys/kernel/core_pattern", "/tmp/core.%p" },
	{ "/proc/sys/kernel/yama/ptrace_scope", "0" },
	{ "/proc/sys/kernel/printk_ratelimit", "0" },
	{ "/proc/sys/kernel/print-fatal-signals", "0" },
	{ "/proc/sys/debug/exception-trace", "1" },
	{ "/proc/sys/vm/overcommit_memory", "1" },
	{ "/proc/self/coredump_filter", "0x1" },
};

/*
 * With the first perf event of a task, a hardware breakpoint for one, the
 * kernel changes its own code (perf_sched_events in finish_task_switch()), and
 * back after the last.  QEMU's TCG with several threads can run the breakpoint
 * instruction of that change after the change is over: "Oops: int3", once in
 * some 10^4 repeats of detach/debug-registers.  So there is one for as long as
 * the guest runs.
 */
void keep_perf_on(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
	};

	if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC) < 0)
		dprintf(2, "init: perf_event_open: %s\n", strerror(errno));
}

bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	err = errno;
	close(fd);
	errno = err;
	return ok;
}

int read_text(const char *path, char *out, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n, len = 0;

	if (fd < 0)
		return -1;
	while (len < (ssize_t)room - 1 && (n = read(fd, out + len, room - 1 - len)) > 0)
		len += n;
	close(fd);
	out[len] = '\0';
	return len;
}

void set_sysctls(void)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (!write_text(settings[i].path, settings[i].text))
			fprintf(stderr, "init: %s: %s\n", settings[i].path, strerror(errno));
}

static void empty_dir(int fd, int depth)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;

	if (!d) {
		close(fd);
		return;
	}
	while ((e = readdir(d))) {
		int sub;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (!unlinkat(dirfd(d), e->d_name, 0) || depth > 8)
			continue;
		sub = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (sub >= 0)
			empty_dir(sub, depth + 1);
		unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	}
	closedir(d);
}

void empty_tmp(void)
{
	static const char *const dirs[] = { "/tmp", "/dev/shm" };

	for (int i = 0; i < 2; i++) {
		int fd = open(dirs[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0)
			empty_dir(fd, 0);
	}
}
