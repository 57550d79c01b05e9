/* hold.c - an engine on each thread of a process that does what it is told: stops them, lets them go, leaves. */
/*
 * usage: hold PID, with commands on standard input, a line each:
 *
 *	stop	the threads stop; all but the first, which may sleep in a call, have done so
 *	go	they are let go
 *	leave	the engines detach; with the end of the commands they do, too
 *
 * For each "done COMMAND" is printed, or "failed COMMAND".
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/probe.h"
#include "lib/subject.h"

#define MAX_THREADS 32

static int fds[MAX_THREADS], tids[MAX_THREADS], n;

static bool attach(const char *pid)
{
	char path[64];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	d = opendir(path);
	if (!d)
		return false;
	while ((e = readdir(d)) && n < MAX_THREADS) {
		if (e->d_name[0] == '.')
			continue;
		fds[n] = probe_open();
		tids[n] = atoi(e->d_name);
		if (probe_do(fds[n++], "attach %s 0", e->d_name))
			return false;
	}
	closedir(d);
	return n > 0;
}

static bool stop(int first)
{
	bool good = true;

	for (int i = 0; i < n; i++) {
		int ret = probe_do(fds[i], "control %d", DO_STOP);

		good &= !ret || ret == -EINPROGRESS;
	}
	for (int i = 0; i < n; i++)
		good &= tids[i] == first || reaches(tids[i], 't', 5000);
	return good;
}

static bool go(void)
{
	bool good = true;

	for (int i = 0; i < n; i++)
		good &= !probe_do(fds[i], "control %d", DO_RESUME);
	return good;
}

static bool leave(void)
{
	for (int i = 0; i < n; i++)
		close(fds[i]);
	n = 0;
	return true;
}

int main(int argc, char **argv)
{
	char line[32];
	int ret;

	if (argc != 2) {
		fprintf(stderr, "usage: hold PID\n");
		return 125;
	}
	ret = module_load("utrace-probe", NULL);
	setlinebuf(stdout);
	printf("%s attach\n", (!ret || ret == -EEXIST) && attach(argv[1]) ? "done" : "failed");
	while (fgets(line, sizeof(line), stdin)) {
		bool good = false;

		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(line, "stop"))
			good = stop(atoi(argv[1]));
		else if (!strcmp(line, "go"))
			good = go();
		else if (!strcmp(line, "leave"))
			good = leave();
		printf("%s %s\n", good ? "done" : "failed", line);
	}
	return 0;
}
