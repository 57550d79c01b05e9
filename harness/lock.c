/* lock.c - one run at a time in a checkout, and the run's directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lock.h"
#include "util.h"

/* What runs that were killed left behind; nobody else works here now. */
static void remove_leftovers(void)
{
	char *runs = top_path("traces/runs"), **names;
	size_t n = list_dir(runs, NULL, &names), i;

	for (i = 0; i < n; i++) {
		char *work = xasprintf("%s/%s/work", runs, names[i]);

		if (file_exists(work))
			remove_tree(work);
		free(work);
		free(names[i]);
	}
	free(names);
	free(runs);
}

void lock_checkout(void)
{
	char *dir = top_path("build"), *path = top_path("build/lock"), pid[32] = "";
	ssize_t n;
	static bool held;
	int fd;

	if (held)
		goto out;
	held = true;
	make_dirs(dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		fatal(EX_SYSTEM, "cannot open %s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK)
			fatal(EX_SYSTEM, "cannot lock %s: %s", path, strerror(errno));
		n = read(fd, pid, sizeof(pid) - 1);
		if (n > 0)
			pid[strcspn(pid, "\n")] = '\0';
		fatal(EX_BUSY, "another run works in this checkout (pid %s); wait for it or use another clone",
		      *pid ? pid : "unknown");
	}
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) || pwrite(fd, pid, strlen(pid), 0) != (ssize_t)strlen(pid))
		fatal(EX_SYSTEM, "cannot write %s: %s", path, strerror(errno));
	remove_leftovers();
	/* the descriptor stays open: the kernel drops the lock with the process */
out:
	free(dir);
	free(path);
}

void check_latest(void)
{
	char *latest = top_path("traces/latest");
	struct stat st;

	if (!lstat(latest, &st) && !S_ISLNK(st.st_mode))
		fatal(EX_SYSTEM, "%s is no symbolic link, expected one to the newest run; remove it", latest);
	free(latest);
}

char *new_run_dir(void)
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32], *dir;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	dir = top_path("traces/runs/%s-%d", stamp, (int)getpid());
	make_dirs(dir);
	return dir;
}
