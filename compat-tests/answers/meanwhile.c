/* meanwhile.c - what others see while a tracee stops and goes on: its pending signals, /proc/PID/wchan; who has a step's page fault. */
/* call: 64 */
/* call: 32 */
/* call: x32 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/look.h"

#define ROUNDS 2000
#define PAGES 3
/* What one fault brings in beside the page itself is less than that. */
#define APART 0x20000

static pid_t target;

static pid_t start(void (*body)(void *), void *arg)
{
	int go[2];
	pid_t pid;
	char c;

	if (pipe(go)) {
		broken("pipe");
		return -1;
	}
	pid = fork();
	if (!pid) {
		if (read(go[0], &c, 1) != 1)
			_exit(1);
		body(arg);
		_exit(0);
	}
	if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) || write(go[1], "", 1) != 1) {
		broken("seize");
		return -1;
	}
	close(go[0]);
	close(go[1]);
	return pid;
}

static void end(void)
{
	kill(target, SIGKILL);
	while (waitpid(target, NULL, __WALL) == target)
		;
}

static void spin(void *unused)
{
	(void)unused;
	for (;;)
		;
}

static bool is_pending(int signal)
{
	return strtoull(status_line(target, "SigPnd"), NULL, 16) >> (signal - 1) & 1;
}

/* A signal is taken off its queue and shown in one section of siglock: who sees that it is gone sees the stop. */
static void taken_and_shown(void)
{
	unsigned int missing = 0, n;
	int status;

	target = start(spin, NULL);
	for (n = 0; n < ROUNDS && target > 0; n++) {
		syscall(SYS_tgkill, target, target, SIGUSR1);
		while (is_pending(SIGUSR1))
			;
		if (waitpid(target, &status, WNOHANG | __WALL) == 0) {
			missing++;
			if (await(target) < 0)
				break;
		}
		ptrace(PTRACE_CONT, target, 0, 0);
	}
	if (n < ROUNDS)
		broken("a signal that is not shown in round %u", n);
	say("a signal is not pending any more, and there is no stop: %u times", missing);
	end();
}

static void call(void *unused)
{
	(void)unused;
	for (;;)
		syscall(SYS_getppid);
}

static volatile bool over;
static struct text names;

/* Collects what it says of the tracee, each once, but for ptrace's own functions. */
static void *read_wchan(void *unused)
{
	while (!over) {
		const char *name = proc_wchan(target);

		if (strcmp(name, "0") && strncmp(name, "ptrace_", 7) && !strstr(names.s, name))
			add(&names, " %s", name);
	}
	return unused;
}

static void wchan(void)
{
	pthread_t t;
	int status;

	target = start(call, NULL);
	if (target < 0 || pthread_create(&t, NULL, read_wchan, NULL))
		return broken("a thread");
	ptrace(PTRACE_INTERRUPT, target, 0, 0);
	for (unsigned int n = 0; n < 4 * ROUNDS; n++) {
		if (waitpid(target, &status, __WALL) != target)
			break;
		ptrace(n % 8 ? PTRACE_SYSCALL : PTRACE_CONT, target, 0, 0);
		if (!(n % 8))
			ptrace(PTRACE_INTERRUPT, target, 0, 0);
	}
	over = true;
	pthread_join(t, NULL);
	say("wchan of a tracee that stops and goes on, other than of ptrace:%s", names.n ? names.s : " none");
	end();
}

static void enter(void *pages)
{
	for (int i = 0; i < PAGES; i++) {
		raise(SIGURG);
		((void (*)(void))((char *)pages + i * APART))();
	}
	for (;;)
		pause();
}

static long own_faults(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_minflt;
}

/* Step into a page that is not there yet; who is charged for bringing it in, with what step? */
static void faults(void)
{
	int fd = memfd_create("code", 0), status;
	static char code[PAGES * APART];
	char *pages;

	memset(code, 0x90, sizeof(code));
	for (int i = 0; i < PAGES; i++)
		code[i * APART + 3] = (char)0xc3;
	if (fd < 0 || write(fd, code, sizeof(code)) != (ssize_t)sizeof(code))
		return broken("a file of code");
	pages = mmap(NULL, sizeof(code), PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	if (pages == MAP_FAILED || madvise(pages, sizeof(code), MADV_RANDOM))
		return broken("a mapping of code");
	target = start(enter, pages);
	for (int i = 0; i < PAGES && target > 0; i++) {
		uintptr_t ip = 0, page = (uintptr_t)pages + i * APART;
		long long was;
		long mine;

		if (await(target) >> 8 != SIGURG)
			return broken("no signal before page %d", i);
		for (int n = 0; n < 10000 && ip != page; n++) {
			siginfo_t info;

			if (ptrace(PTRACE_SINGLESTEP, target, 0, 0) || await(target) < 0)
				return broken("a step to page %d", i);
			/* the end of a step is a fault's sibling: its siginfo has the address */
			if (!ptrace(PTRACE_GETSIGINFO, target, 0, &info))
				ip = (uintptr_t)info.si_addr;
		}
		if (ip != page)
			return broken("page %d is not reached", i);
		for (int n = 0; n < 2; n++) {
			was = stat_field(target, 10);
			mine = own_faults();
			if (ptrace(PTRACE_SINGLESTEP, target, 0, 0))
				return broken("a step in page %d", i);
			mine = own_faults() - mine;
			if (waitpid(target, &status, __WALL) != target)
				return broken("the end of a step in page %d", i);
			/* What the first costs is the tracer's way there, too. */
			if (i)
				say("page %d, step %d: faults of the tracer %ld, of the tracee %lld", i, n, mine,
				    stat_field(target, 10) - was);
		}
		ptrace(PTRACE_CONT, target, 0, 0);
	}
	end();
	munmap(pages, sizeof(code));
	close(fd);
}

int main(void)
{
	taken_and_shown();
	wchan();
	faults();
	return finish();
}
