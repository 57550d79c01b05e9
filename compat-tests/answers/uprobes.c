/* uprobes.c - a tracee that is stepped, interrupted, sent signals and let go at instructions that have a uprobe. */
/* call: 64 */
/* call: 32 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/regs.h"
#include "lib/walk.h"

#define TRACING "/sys/kernel/tracing/"
#define PTRACE_SINGLEBLOCK 33
#define STEPS 10

/* One that is executed out of line, one that is emulated, a jump; between them none has a probe. */
extern const char probed_add[], probed_nop[], probed_jump[], probed_end[];
__asm__(".text\n"
	"probed:\n"
	"	nop\n"
	"probed_add:\n"
	"	addl $1, %eax\n"
	"	addl $2, %eax\n"
	"probed_nop:\n"
	"	nop\n"
	"	addl $4, %eax\n"
	"probed_jump:\n"
	"	jmp 1f\n"
	"	nop\n"
	"1:	addl $8, %eax\n"
	"	ret\n"
	"probed_end:\n");
extern const char probed[];

static const struct { const char *name, *at; } probes[] = {
	{ "add", probed_add }, { "nop", probed_nop }, { "jump", probed_jump },
};
#define PROBES (sizeof(probes) / sizeof(probes[0]))

extern const char __executable_start, etext;

static struct text t;
static volatile unsigned int *rounds;

static void handler(int sig)
{
	(void)sig;
}

/* Calls it for ever; what it makes of 0 is looked at each time. */
static void body(void)
{
	signal(SIGUSR1, handler);
	raise(SIGURG);
	for (;;) {
		int sum = 0;

		__asm__ volatile("call probed" : "+a"(sum) : : "memory", "cc");
		if (sum != 15)
			_exit(sum);
		++*rounds;
	}
}

/* Where in this program's file @at is; 0 if it is not to be found. */
static unsigned long file_offset(const char *at)
{
	unsigned long start, end, offset, found = 0;
	char line[512];
	FILE *f = fopen("/proc/self/maps", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 && (uintptr_t)at >= start &&
		    (uintptr_t)at < end)
			found = (uintptr_t)at - start + offset;
	if (f)
		fclose(f);
	return found;
}

static bool set_probes(bool on)
{
	char path[256] = "", name[96];
	bool good = true;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return false;
	for (size_t i = 0; i < PROBES; i++) {
		snprintf(name, sizeof(name), TRACING "events/answers/%s/enable", probes[i].name);
		if (!on)
			good &= put_file(name, "0");
		good &= on ? put_file(TRACING "uprobe_events", "p:answers/%s %s:0x%lx", probes[i].name, path,
				      file_offset(probes[i].at)) :
			     put_file(TRACING "uprobe_events", "-:answers/%s", probes[i].name);
		if (on)
			good &= put_file(name, "1");
	}
	return good;
}

static void add_where(pid_t pid)
{
	regs_t r;

	if (!regs_get(pid, &r))
		add(&t, "?");
	else if (r.ip >= (uintptr_t)probed && r.ip < (uintptr_t)probed_end)
		add(&t, "+%d", (int)(r.ip - (uintptr_t)probed));
	else
		add(&t, "outside");
}

/* The stop: what it is, and where. */
static bool tell_stop(pid_t pid, int status)
{
	siginfo_t info = { 0 };

	add(&t, " > %s", status < 0 ? "nothing" : status_words(status));
	if (status < 0 || !WIFSTOPPED(status))
		return false;
	if (!ptrace(PTRACE_GETSIGINFO, pid, 0, &info) && WSTOPSIG(status) == SIGTRAP && !(status >> 16))
		add(&t, " code %d", info.si_code);
	add(&t, " ");
	add_where(pid);
	return true;
}

static pid_t start(void)
{
	pid_t pid = fork();

	if (!pid) {
		while (!*rounds)
			;
		body();
	}
	if (ptrace(PTRACE_SEIZE, pid, 0, 0))
		broken("seize");
	*rounds = 1;
	if (await(pid) >> 8 != SIGURG)
		broken("its start");
	return pid;
}

/* Step to the instruction @at. */
static bool come_to(pid_t pid, const char *at)
{
	for (int n = 0; n < 20000; n++) {
		regs_t r;

		if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0) || await(pid) < 0 || !regs_get(pid, &r))
			return false;
		if (r.ip == (uintptr_t)at)
			return true;
	}
	return false;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) == pid)
		;
	*rounds = 0;
}

static void clear(void)
{
	t.n = 0;
	t.s[0] = '\0';
}

/* Once through it, step by step. */
static void through(long request, const char *name)
{
	pid_t pid = start();

	clear();
	if (!come_to(pid, probed))
		broken("%s: the way there", name);
	for (int n = 0; n < STEPS; n++)
		if (ptrace(request, pid, 0, 0) || !tell_stop(pid, await(pid)))
			break;
	say("%s:%s", name, t.s);
	end(pid);
}

/* On a probed instruction; then @what, and on by @request. */
static void there(size_t probe, const char *what, long request)
{
	pid_t pid = start();
	unsigned int was;

	clear();
	if (!come_to(pid, probes[probe].at))
		broken("%s: the way there", probes[probe].name);
	if (!strcmp(what, "signal"))
		kill(pid, SIGUSR1);
	else if (!strcmp(what, "stop signal"))
		kill(pid, SIGSTOP);
	else if (!strcmp(what, "INTERRUPT"))
		ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	for (int n = 0; n < 4; n++) {
		int status;

		ptrace(request, pid, 0, 0);
		status = await(pid);
		if (!tell_stop(pid, status))
			break;
		if (WSTOPSIG(status) == SIGUSR1) {
			ptrace(PTRACE_SINGLESTEP, pid, 0, SIGUSR1);
			if (!tell_stop(pid, await(pid)))
				break;
		}
		if (request == PTRACE_CONT)
			break;
	}
	ptrace(PTRACE_DETACH, pid, 0, 0);
	kill(pid, SIGCONT);
	was = *rounds;
	for (int n = 0; n < PATIENCE_MS && *rounds - was < 3; n++)
		nap();
	say("%s, %s, then %s:%s; it runs on: %s", probes[probe].name, what,
	    request == PTRACE_CONT ? "CONT" : request == PTRACE_SINGLESTEP ? "SINGLESTEP" : "SINGLEBLOCK", t.s,
	    *rounds - was >= 3 ? "yes" : "no");
	end(pid);
}

/* Runs through them while it is interrupted: each stop is where the program is, not where its instruction is executed. */
static void interrupted(void)
{
	unsigned int outside = 0, wrong = 0, n;
	pid_t pid = start();
	regs_t r;

	ptrace(PTRACE_CONT, pid, 0, 0);
	for (n = 0; n < 300; n++) {
		int status;

		ptrace(PTRACE_INTERRUPT, pid, 0, 0);
		status = await(pid);
		if (status >> 8 != (SIGTRAP | PTRACE_EVENT_STOP << 8)) {
			broken("interrupted: %s", status_words(status));
			break;
		}
		if (!regs_get(pid, &r) || r.flags & FLAG_TF)
			wrong++;
		/* the page for instructions out of line is above all of the program's own text */
		if (!(r.ip >= (uintptr_t)&__executable_start && r.ip < (uintptr_t)&etext))
			outside++;
		ptrace(PTRACE_CONT, pid, 0, 0);
	}
	say("interrupted while it runs: outside the program %u times, with TF %u times", outside, wrong);
	end(pid);
}

int main(void)
{
	static const char *const whats[] = { "nothing", "signal", "stop signal", "INTERRUPT" };

	rounds = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rounds == MAP_FAILED || !set_probes(true)) {
		broken("uprobes");
		return finish();
	}
	through(PTRACE_SINGLESTEP, "SINGLESTEP");
	through(PTRACE_SINGLEBLOCK, "SINGLEBLOCK");
	for (size_t i = 0; i < PROBES; i++)
		for (size_t k = 0; k < sizeof(whats) / sizeof(whats[0]); k++) {
			there(i, whats[k], PTRACE_SINGLESTEP);
			if (k)
				there(i, whats[k], PTRACE_CONT);
		}
	there(0, "nothing", PTRACE_SINGLEBLOCK);
	interrupted();
	if (!set_probes(false))
		broken("the probes' end");
	return finish();
}
