/* verb_look.c - what /proc tells of a task: state, tracer, signal sets; and waiting until it tells something. */
#include <asm/errno.h>
#include <string.h>

#include "actor.h"
#include "verbs.h"

/* The longest status file seen is 1.6 kB. */
#define STATUS_ROOM 4096

/* The state letter of /proc/TID/status, 0 when there is no such task. */
static char state_letter(pid_t tid)
{
	char text[STATUS_ROOM];
	unsigned int len;
	const char *f;

	if (proc_read(tid, "status", text, sizeof(text)) < 0)
		return 0;
	f = proc_field(text, "State", &len);
	return f ? *f : 0;
}

/* A role that a step still has to make: it is awaited like any other. */
static bool unborn(const struct form_step *s)
{
	return s->arg[0].type == ARG_ROLE && state_of(s->arg[0].ref)->phase == PH_UNBORN;
}

static bool settled(pid_t tid, char state)
{
	return state == 'R' || off_cpu(tid);
}

/*
 * The role's state letter; '?' while a step still has to make it, and until its
 * number is known: a task nobody has would look like one that is gone.
 */
static char letter_of(struct actor *a, const struct form_step *s, pid_t *tid)
{
	bool born = !unborn(s);

	*tid = arg_tid(a, s, 0);
	/* arg_tid() says NO_TID for a role whose number is not written down yet */
	if (!born || (*tid == NO_TID && s->arg[0].type == ARG_ROLE))
		return '?';
	return state_letter(*tid);
}

/* Several letters mean any of them; which one it was is not logged. */
long v_pollstate(struct actor *a, const struct form_step *s)
{
	const char *want = arg_str(a, s, 1);
	long r = 0;

	waiting(a, true);
	for (unsigned int turn = 0;; turn++) {
		pid_t tid;
		char c = letter_of(a, s, &tid);

		if (!c)
			r = strchr(want, 'X') ? 0 : -ESRCH;
		if (!c || (strchr(want, c) && settled(tid, c) && state_letter(tid) == c))
			break;
		poll_pause(a, turn);
	}
	waiting(a, false);
	return log_ret(a, s, r);
}

long v_pollgone(struct actor *a, const struct form_step *s)
{
	waiting(a, true);
	for (unsigned int turn = 0;; turn++) {
		pid_t tid;
		char c = letter_of(a, s, &tid);

		if (!c || ((c == 'Z' || c == 'X') && settled(tid, c)))
			break;
		poll_pause(a, turn);
	}
	waiting(a, false);
	return log_ret(a, s, 0);
}

/*
 * /proc/TID/syscall is "running", "-1 SP PC" outside a call, else "NR ARGS SP PC";
 * a name stands for the number of any of the three ABIs.
 */
static bool sleeps_in(pid_t tid, const char *call)
{
	char text[256];
	long nr;

	if (proc_read(tid, "syscall", text, sizeof(text)) <= 0 || text[0] < '0' || text[0] > '9')
		return false;
	if (!*call)
		return true;
	nr = number_at(text, 10);
	return nr == call_nr(ABI_64, call) || nr == call_nr(ABI_32, call) || nr == call_nr(ABI_X32, call);
}

long v_pollin(struct actor *a, const struct form_step *s)
{
	const char *call = arg_str(a, s, 1);
	long r = 0;

	waiting(a, true);
	for (unsigned int turn = 0;; turn++) {
		pid_t tid;
		char c = letter_of(a, s, &tid);

		if (!c || c == 'Z' || c == 'X') {
			r = -ESRCH;
			break;
		}
		if ((c == 'S' || c == 'D') && sleeps_in(tid, call))
			break;
		poll_pause(a, turn);
	}
	waiting(a, false);
	return log_ret(a, s, r);
}

/* Does the role sleep, and wake only to see whether what it awaits has come? */
static bool naps(int role)
{
	return role >= 0 && state_of(role)->waiting &&
	       !(form_roles(the_form())[role].flags & ROLE_QUIET) && !state_of(role)->wants_lag;
}

static void field_text(struct line *l, const char *text, const char *name, int role)
{
	unsigned int len;
	const char *f = proc_field(text, name, &len);

	log_add(l, " %s ", name);
	if (!f) {
		log_add(l, "-");
		return;
	}
	/* whether a role that naps is just awake is chance */
	if (str_eq(name, "State"))
		log_add(l, "%c", *f == 'R' && naps(role) ? 'S' : *f);
	else if (str_eq(name, "TracerPid") || str_eq(name, "PPid") || str_eq(name, "Tgid") || str_eq(name, "Pid"))
		log_add(l, "%P", (int)number_at(f, 10));
	else if ((!strncmp(name, "Sig", 3) || !strncmp(name, "Shd", 3)) && !str_eq(name, "SigQ"))
		sigset_text(l, number_at(f, 16));
	else
		for (; len--; f++)
			log_add(l, "%c", *f == '\t' ? ' ' : *f);
}

static long look(struct actor *a, const struct form_step *s, const char *const *fields)
{
	char text[STATUS_ROOM];
	struct line l;
	int role = arg_role(a, s, 0);
	long r = proc_read(arg_tid(a, s, 0), "status", text, sizeof(text));

	if (r < 0)
		return log_ret(a, s, r);
	log_begin(a, s, &l);
	log_add(&l, " ->");
	for (; *fields; fields++)
		field_text(&l, text, *fields, role);
	log_end(a, s, &l);
	return 0;
}

long v_look(struct actor *a, const struct form_step *s)
{
	static const char *const fields[] = { "State", "TracerPid", "SigPnd", "ShdPnd", "SigBlk", NULL };

	return look(a, s, fields);
}

/* The fields of /proc/TID/stat that are asked for, by their places. */
static const struct {
	const char *name;
	int place;
	const char *fmt;
} stat_fields[] = {
	{ "wchan", 35, " -> %lu" },
	{ "exit_code", 52, " -> 0x%lx" },
	{ NULL, 0, NULL }
};

long v_lookstat(struct actor *a, const struct form_step *s)
{
	const char *name = arg_str(a, s, 1), *p;
	char text[STATUS_ROOM];
	long r = proc_read(arg_tid(a, s, 0), "stat", text, sizeof(text));
	unsigned int i = 0;
	struct line l;

	if (r < 0)
		return log_ret(a, s, r);
	while (stat_fields[i].name && !str_eq(name, stat_fields[i].name))
		i++;
	p = stat_behind_name(text, r);
	if (!p || !stat_fields[i].name)
		return log_ret(a, s, -EINVAL);
	/* the state is the third */
	for (int place = 3; *p && place < stat_fields[i].place; p++)
		if (*p == ' ')
			place++;
	log_begin(a, s, &l);
	log_add(&l, stat_fields[i].fmt, (unsigned long)number_at(p, 10));
	log_end(a, s, &l);
	return 0;
}

long v_statfield(struct actor *a, const struct form_step *s)
{
	const char *const fields[] = { arg_str(a, s, 1), NULL };

	return look(a, s, fields);
}
