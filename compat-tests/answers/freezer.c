/* freezer.c - both versions of the cgroup freezer, around tracees at every place. */
/* call: 64 */
/* call: 32 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/stage.h"
#include "lib/walk.h"

static const struct version {
	const char *name, *dir, *file, *freeze, *thaw, *told, *key;
} versions[] = {
	{ "v2", "/sys/fs/cgroup/answers", "cgroup.freeze", "1", "0", "cgroup.events", "frozen" },
	{ "v1", "/cgroup/freezer/answers", "freezer.state", "FROZEN", "THAWED", "freezer.state", "" },
};

static char *path(const struct version *v, const char *file)
{
	static char s[128];

	snprintf(s, sizeof(s), "%s/%s", v->dir, file);
	return s;
}

/* What the group says of itself, when it has not changed for some looks. */
static const char *told(const struct version *v)
{
	static char s[64];
	char now[64] = "", line[64];
	int same = 0;
	uint64_t until = now_ms() + 1500;

	strcpy(s, "nothing");
	while (same < 30 && now_ms() < until) {
		FILE *f = fopen(path(v, v->told), "r");

		while (f && fgets(line, sizeof(line), f))
			if (!strncmp(line, v->key, strlen(v->key)))
				strcpy(now, line);
		if (f)
			fclose(f);
		now[strcspn(now, "\n")] = '\0';
		same = strcmp(now, s) || !strcmp(now, "FREEZING") ? 0 : same + 1;
		strcpy(s, now);
		nap();
	}
	return s;
}

/* A frozen one of version 1 is in state D, and so is at rest. */
static void one(const struct version *v, const struct stage *stage, bool first)
{
	struct text t = { .n = 0 };
	struct scene s;

	t.s[0] = '\0';
	if (!stage_make(stage, &s))
		return;
	if (s.p <= 2 || s.p == getpid() || state_of(s.p) == '-' || !strcmp(stage->name, "own-thread"))
		return stage_end(&s);
	add(&t, " move %s", put_file(path(v, "cgroup.procs"), "%d", s.p) ? "0" : errno_word(errno));
	add(&t, " freeze %s", put_file(path(v, v->file), "%s", v->freeze) ? "0" : errno_word(errno));
	add(&t, " %s %c", told(v), rest(s.p));
	if (!first) {
		add(&t, " interrupt %s", answer(pt(PTRACE_INTERRUPT, s.p, 0, 0)));
		add(&t, " %s %s", told(v), look(s.p));
	}
	/* the tracer asks, frozen or not */
	add(&t, " message %s", answer(pt(PTRACE_GETEVENTMSG, s.p, 0, P(&stage_word))));
	walk(&t, s.p, PTRACE_CONT, 0);
	add(&t, " %s", told(v));
	/* to the thread: which thread takes one of the process after a thaw is open */
	syscall(SYS_tkill, s.p, SIGUSR1);
	walk_on(&t, s.p);
	add(&t, " %s", told(v));
	add(&t, " thaw %s", put_file(path(v, v->file), "%s", v->thaw) ? "0" : errno_word(errno));
	add(&t, " %s", told(v));
	walk_on(&t, s.p);
	walk(&t, s.p, PTRACE_CONT, 0);
	put_file(path(v, v->file), "%s", v->freeze);
	/* woken to be frozen: until it is, it runs */
	rest(s.p);
	add(&t, " again %s", told(v));
	kill(s.p, SIGKILL);
	/* version 1 keeps even the killed until it thaws */
	if (v->key[0]) {
		int status = await(s.p);

		add(&t, " killed %s", status == -1 ? errno_word(errno) : status_words(status));
	}
	put_file(path(v, v->file), "%s", v->thaw);
	add(&t, " %s", told(v));
	say("%s at %s%s:%s", v->name, stage->name, first ? "" : ", INTERRUPT", t.s);
	stage_end(&s);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		const struct version *v = &versions[i];

		if (mkdir(v->dir, 0755) && errno != EEXIST) {
			broken("%s: no such group: %s", v->name, errno_word(errno));
			continue;
		}
		for (size_t k = 0; k < nstages; k++)
			for (int first = 1; first >= 0; first--)
				one(v, &stages[k], first);
		rmdir(v->dir);
	}
	return finish();
}
