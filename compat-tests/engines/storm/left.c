/* left.c - the cgroup of ptrace-storm: who is in it, and how all of it ends. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storm.h"
#include "subject.h"
#include "tap.h"

#define ROOT "/sys/fs/cgroup"
#define GROUP ROOT "/storm"
/* Tasks beyond which a fork fails, whoever makes it. */
#define MOST "128"

int cgroup_make(void)
{
	int fd;

	/* one that died has left it, without anybody in it */
	rmdir(GROUP);
	if (put(ROOT "/cgroup.subtree_control", "+pids") || mkdir(GROUP, 0755))
		bail("%s", GROUP);
	put(GROUP "/pids.max", MOST);
	fd = open(GROUP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		bail("%s", GROUP);
	return fd;
}

int cgroup_crowd(void)
{
	char text[32];

	get(GROUP "/pids.current", text, sizeof(text));
	return atoi(text);
}

static bool is_actor(int pid)
{
	for (int i = 0; i < ACTORS; i++)
		if (storm->actors[i].tid == pid)
			return true;
	return false;
}

int cgroup_draw(uint64_t *rnd)
{
	char text[4096], *line, *save = NULL;
	int pids[256], n = 0;

	get(GROUP "/cgroup.procs", text, sizeof(text));
	for (line = strtok_r(text, "\n", &save); line && n < 256; line = strtok_r(NULL, "\n", &save))
		if (!is_actor(atoi(line)))
			pids[n++] = atoi(line);
	return n ? pids[draw(rnd, n)] : 0;
}

void cgroup_kill(void)
{
	put(GROUP "/cgroup.kill", "1");
}

bool cgroup_empty(void)
{
	char text[128];

	get(GROUP "/cgroup.events", text, sizeof(text));
	return strstr(text, "populated 0") != NULL;
}

void cgroup_remove(void)
{
	check(!rmdir(GROUP), "its cgroup can be removed");
}

/* The parent of process @pid, -1 if there is none. */
static int parent_of(int pid)
{
	char path[64], text[512], *p;
	int parent = -1;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	get(path, text, sizeof(text));
	p = strrchr(text, ')');
	if (p)
		sscanf(p + 1, " %*c %d", &parent);
	return parent;
}

int processes(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir))) {
		int pid = atoi(e->d_name), parent = pid > 0 ? parent_of(pid) : -1;

		/* kernel threads are the children of 2, and it */
		n += pid > 0 && pid != 2 && parent >= 0 && parent != 2;
	}
	if (dir)
		closedir(dir);
	return n;
}

static void show_status(int pid)
{
	static const char *const keys[] = { "State:", "PPid:", "TracerPid:", "SigPnd:", "ShdPnd:", "SigBlk:" };
	char path[64], text[4096], *line, *save = NULL;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	get(path, text, sizeof(text));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		for (unsigned int i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (!strncmp(line, keys[i], strlen(keys[i])))
				diag("%d %s", pid, line);
}

void show_left(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		int pid = atoi(e->d_name), parent = pid > 2 ? parent_of(pid) : -1;

		if (parent < 0 || parent == 2 || pid == getpid())
			continue;
		show_status(pid);
		whereabouts(pid);
	}
	if (dir)
		closedir(dir);
}
