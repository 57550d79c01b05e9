/* logger.c - a system call that the logger engine sees, on a kernel that has it. */
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "module.h"
#include "subject.h"

#define MODULE "utrace-logger"

/* page[1]: how many calls to make, 0 when made; page[2]: what they took. */
static int caller(void *unused)
{
	(void)unused;
	for (page[0] = 1; page[0]; page[1] = 0) {
		uint64_t start;

		while (!page[1])
			sleep_ms(1);
		start = ticks();
		for (long i = 0; i < page[1]; i++)
			syscall(SYS_getppid);
		page[2] = ticks() - start;
	}
	return 0;
}

static bool begin(const char *more)
{
	char parameters[64];

	if (access("/modules/" MODULE ".ko", R_OK)) {
		bench_why = "no module " MODULE;
		bench_absent = true;
		return false;
	}
	page[0] = page[1] = 0;
	tracee = subject(caller, NULL);
	while (!page[0])
		sleep_ms(1);
	snprintf(parameters, sizeof(parameters), "pid=%d %s", tracee, more);
	if (!module_load(MODULE, parameters))
		return true;
	bench_why = "the module cannot be loaded";
	end_tracee();
	return false;
}

static bool begin_returns(void)
{
	return begin("");
}

static bool begin_entries(void)
{
	return begin("entries=1");
}

static uint64_t run(unsigned int n)
{
	page[1] = n;
	while (page[1])
		sleep_ms(1);
	return page[2];
}

static void end(void)
{
	end_tracee();
	module_unload(MODULE);
}

const struct operation bench_logger[] = {
	{ "getppid-logged", "engine", 2000, begin_returns, run, end },
	{ "getppid-logged-entry-too", "engine", 2000, begin_entries, run, end },
	{ 0 }
};
