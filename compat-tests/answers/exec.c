/* exec.c - exec by the leader and by another thread, with each option and way of tracing. */
/* call: 64 */
/* call: 64 32 */
/* call: 32 */
/* call: 32 64 */
/* call: x32 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/serve.h"
#include "lib/stage.h"

#define OPT(event) (1ul << PTRACE_EVENT_##event)

static char path[256];
static bool by_thread, fails;
static int threads;

static void run(void)
{
	char *const argv[] = { "tracee", "--hold", NULL }, *const env[] = { NULL };

	syscall(SYS_getppid);
	execve(fails ? "/nonesuch" : path, argv, env);
	syscall(SYS_getuid);
}

static void body(void)
{
	body_among(threads, by_thread, run);
}

static void one(bool seize, unsigned long options, const char *words, long request, const char *how)
{
	struct scene s = { .status = -1 };
	struct text t = { .n = 0 };

	t.s[0] = '\0';
	roles_clear();
	own_body = body;
	if (stage_start(&s, BODY_OWN, seize, options)) {
		serve(&t, s.p, request);
		add(&t, " tracer %s", who(atoi(status_line(s.p, "TracerPid"))));
	}
	say("exec by %s beside %d, %s, %s, options %s, %s:%s", by_thread ? "thread" : "leader", threads,
	    fails ? "fails" : "succeeds", seize ? "seized" : "attached", words, how, t.s);
	stage_end(&s);
}

int main(int argc, char **argv)
{
	static const struct { unsigned long bits; const char *words; } options[] = {
		{ 0, "none" }, { OPT(EXEC), "exec" }, { OPT(CLONE), "clone" },
		{ OPT(EXEC) | OPT(CLONE), "exec clone" },
		{ OPT(EXIT) | OPT(CLONE), "exit clone" },
		{ OPT(EXEC) | OPT(EXIT) | OPT(CLONE) | PTRACE_O_TRACESYSGOOD, "exec exit clone sysgood" },
	};

	strcpy(path, stage_program(argc > 1 ? argv[1] : NULL));
	for (int who_runs = 0; who_runs < 2; who_runs++)
		for (threads = 0; threads < 2; threads++)
			for (int f = 0; f < 2; f++)
				for (int seize = 0; seize < 2; seize++)
					for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
						by_thread = who_runs;
						fails = f;
						one(seize, options[i].bits, options[i].words, PTRACE_CONT, "cont");
						/* the calls of several threads have no order of their own */
						if (!who_runs && !threads)
							one(seize, options[i].bits | PTRACE_O_TRACESYSGOOD,
							    options[i].words, PTRACE_SYSCALL, "calls");
					}
	return finish();
}
