/* init.c - the guest's PID 1: prepares the guest, runs the job, powers off. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "compat-tests/form/form.h"
#include "compat-tests/form/wire_programs.h"
#include "init.h"

#define JOB_PATH "/job"

void power_off(int code)
{
	sync();
	if (!ioperm(EXIT_PORT, 4, 1))
		outl(code, EXIT_PORT);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* The error that is in nobody's case. */
static void cannot_test(const char *why)
{
	struct frame_case none = { .id = UINT32_MAX, .guest_ns = guest_ns() };

	fprintf(stderr, "init: could not test: %s\n", why);
	frame_send(FRAME_ERROR, &none, sizeof(none), why, strlen(why));
}

/* A shell with job control on the console, as root, until it ends. */
void run_shell(void)
{
	pid_t pid = fork(), got;

	if (!pid) {
		char *const argv[] = { "sh", "-l", NULL };
		char *const env[] = { "PATH=/bin", "HOME=/", "TERM=vt100", "PS1=guest# ", NULL };
		int fd;

		setsid();
		fd = open("/dev/ttyS0", O_RDWR);
		if (fd >= 0) {
			ioctl(fd, TIOCSCTTY, 1);
			dup2(fd, 0);
			dup2(fd, 1);
			dup2(fd, 2);
		}
		execve("/bin/sh", argv, env);
		perror("init: /bin/sh");
		_exit(127);
	}
	do
		got = wait(NULL);
	while (got != pid && (got > 0 || errno == EINTR));
}

/* The job file, mapped; NULL and *why when it is not one. */
static const struct job_head *map_job(size_t *len, const char **why)
{
	static char text[128];
	const struct job_head *h;
	struct stat st;
	int fd = open(JOB_PATH, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st)) {
		snprintf(text, sizeof(text), "no job: %s: %s", JOB_PATH, strerror(errno));
		*why = text;
		return NULL;
	}
	*why = "the job file is damaged";
	if ((size_t)st.st_size < sizeof(*h))
		return NULL;
	h = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (h == MAP_FAILED || h->magic != JOB_MAGIC || h->size != (size_t)st.st_size)
		return NULL;
	if (form_crc32(0, (const char *)h + offsetof(struct job_head, nonce),
		       st.st_size - offsetof(struct job_head, nonce)) != h->crc)
		return NULL;
	*len = st.st_size;
	return h;
}

/* Only the console is there at the start: what cases inherit is /dev/null. */
static void plain_files(void)
{
	int console = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC), null;

	if (console >= 0 && console < 500) {
		dup3(console, 500, O_CLOEXEC);
		close(console);
	}
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		if (null != fd)
			dup2(null, fd);
	if (null > 2)
		close(null);
	stderr = fdopen(500, "w");
	if (!stderr)
		stderr = stdout;
	setvbuf(stderr, NULL, _IOLBF, 0);
}

int main(int argc, char **argv)
{
	struct rlimit core = { 0, RLIM_INFINITY };
	const struct job_head *job;
	const char *why;
	size_t len = 0;

	mount_all();
	plain_files();
	set_sysctls();
	keep_perf_on();
	setrlimit(RLIMIT_CORE, &core);
	umask(022);
	chdir("/");
	frames_open();
	kmsg_open();
	job = map_job(&len, &why);
	if (job && (job->flags & JOB_SHELL)) {
		run_shell();
		power_off(0);
	}
	if (!job) {
		/* a boot by hand without a job is for looking around */
		cannot_test(why);
		power_off(2);
	}
	if (!hello(job->nonce, job->flags, &why)) {
		cannot_test(why);
		power_off(2);
	}
	/* words of the kernel command line that the kernel does not know come here */
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "bench-edges"))
			run_bench();
		else if (!strcmp(argv[i], "stop-stacks"))
			stacks_begin();
	power_off(job->flags & JOB_PROGRAMS ? run_programs(job, len) : run_job(job, len));
}
