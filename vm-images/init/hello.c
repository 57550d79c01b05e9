/* hello.c - says which kernel runs and proves that its clock is fit for the job. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

uint32_t online_cpus = 1;

#define SLEEP_NS	5000
/* Far below a tick, far above what a debug kernel spends on the way. */
#define SLEEP_LIMIT_NS	500000
#define SLEEPS		9

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The median of some short sleeps of a real-time thread. */
static uint64_t measure_sleep(void)
{
	struct sched_param rt = { .sched_priority = 50 }, plain = { 0 };
	struct timespec t = { 0, SLEEP_NS };
	uint64_t took[SLEEPS];

	prctl(PR_SET_TIMERSLACK, 1);
	sched_setscheduler(0, SCHED_FIFO, &rt);
	for (int i = 0; i < SLEEPS; i++) {
		uint64_t start = guest_ns();

		clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
		took[i] = guest_ns() - start;
	}
	sched_setscheduler(0, SCHED_OTHER, &plain);
	qsort(took, SLEEPS, sizeof(took[0]), by_value);
	return took[SLEEPS / 2];
}

static bool high_resolution(void)
{
	static char text[65536];
	const char *p;

	if (read_text("/proc/timer_list", text, sizeof(text)) <= 0)
		return false;
	p = strstr(text, ".hres_active");
	p = p ? strchr(p, ':') : NULL;
	return p && atoi(p + 1) == 1;
}

bool hello(uint64_t nonce, uint32_t flags, const char **why)
{
	struct utsname u;
	bool hres = high_resolution();
	uint64_t sleep_ns = measure_sleep();
	static char text[160];

	online_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uname(&u);
	frame_text(FRAME_HELLO,
		   "nonce %llu\nrelease %s %s\ncpus %u\nhrtimers %d\nsleep_ns %llu\nflags %u\nboot_ns %llu\n",
		   (unsigned long long)nonce, u.release, u.version, online_cpus, hres,
		   (unsigned long long)sleep_ns, flags, (unsigned long long)guest_ns());
	if (!(flags & JOB_ICOUNT))
		return true;
	if (!hres) {
		*why = "high-resolution timers are not active";
		return false;
	}
	if (sleep_ns >= SLEEP_LIMIT_NS) {
		snprintf(text, sizeof(text), "a sleep of %d ns took a real-time thread %llu ns, limit %d",
			 SLEEP_NS, (unsigned long long)sleep_ns, SLEEP_LIMIT_NS);
		*why = text;
		return false;
	}
	return true;
}
