/* brokerctl.c - answers the system calls of other programs through /dev/utrace-broker, by rules. */
/* only: by-name */
/*
 * A call that no rule names is made as it is.  Debuggers do not mind: the
 * program can be run under gdb or strace at the same time.
 */
#include <argp.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/broker_fd.h"
#include "lib/calls.h"

#define X32_BIT 0x40000000
#define MAX_RULES 64

struct rule {
	uint32_t arch;
	int nr;
	enum broker_verdict verdict;
	long value;			/* result, or number */
	unsigned long hits;
};

static struct rule rules[MAX_RULES];
static int nrules;
static pid_t target;
static FILE *out;
static bool logging, summary;
static unsigned long limit, answered;
static char **command;

static const struct argp_option options[] = {
	{ "pid", 'p', "PID", 0, "Attach to this thread and the children it makes", 0 },
	{ "rule", 'r', "RULE", 0, "What becomes of a call, see below", 0 },
	{ "log", 'l', NULL, 0, "Print each call and what became of it", 0 },
	{ "output", 'o', "FILE", 0, "Print there, not to standard error", 0 },
	{ "count", 'n', "N", 0, "Let go after N calls were answered by a rule", 0 },
	{ "summary", 's', NULL, 0, "Print how often each rule was used", 0 },
	{ 0 },
};

static const char doc[] =
	"Answer the system calls of a program."
	"\vRULE is CALL=ERROR (openat=ENOENT), CALL=NUMBER (getppid=1: this is the "
	"result) or CALL=CALL (getppid=getpid: make that call).  CALL is a name or a "
	"number, with the prefix i386: or x32: for programs of those ABIs.  The exit "
	"status is that of COMMAND, 126 if the broker does not allow it, 127 if "
	"COMMAND cannot be run.";

/* A call by name or number; -1 if there is none. */
static int parse_call(const char *text, uint32_t *arch)
{
	bool x32 = !strncmp(text, "x32:", 4);
	char *end;
	long nr;

	*arch = AUDIT_ARCH_X86_64;
	if (x32)
		text += 4;
	if (!strncmp(text, "i386:", 5)) {
		*arch = AUDIT_ARCH_I386;
		text += 5;
	}
	nr = strtol(text, &end, 0);
	if (end != text && !*end)
		return nr | (x32 ? X32_BIT : 0);
	return call_number(*arch, x32, text);
}

static const char *parse_rule(char *text)
{
	char *value = strchr(text, '='), *end, name[80];
	struct rule *r = &rules[nrules];
	uint32_t arch;

	if (!value)
		return "a rule is CALL=SOMETHING";
	if (nrules == MAX_RULES)
		return "too many rules";
	*value++ = '\0';
	r->nr = parse_call(text, &r->arch);
	if (r->nr < 0)
		return "no such system call";
	nrules++;
	r->verdict = BROKER_RESULT;
	r->value = strtol(value, &end, 0);
	if (end != value && !*end)
		return NULL;
	r->value = -error_number(value);
	if (r->value)
		return NULL;
	r->verdict = BROKER_REWRITE;
	snprintf(name, sizeof(name), "%s%s", r->arch == AUDIT_ARCH_I386 ? "i386:" :
		 r->nr & X32_BIT ? "x32:" : "", value);
	r->value = parse_call(name, &arch);
	return r->value < 0 ? "neither an error, a number nor a system call" : NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char *wrong;

	switch (key) {
	case 'p':
		target = atoi(arg);
		if (target <= 0)
			argp_error(state, "%s: no process id", arg);
		break;
	case 'r':
		wrong = parse_rule(arg);
		if (wrong)
			argp_error(state, "%s: %s", arg, wrong);
		break;
	case 'l':
		logging = true;
		break;
	case 'o':
		out = fopen(arg, "we");
		if (!out)
			argp_failure(state, 1, errno, "%s", arg);
		break;
	case 'n':
		limit = strtoul(arg, NULL, 0);
		break;
	case 's':
		summary = true;
		break;
	case ARGP_KEY_ARGS:
		command = state->argv + state->next;
		break;
	case ARGP_KEY_END:
		if (!target == !command)
			argp_error(state, "expected either --pid or a command");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/*
 * The program waits until we are attached: its first call comes to us.  Started
 * before the device is open: it must not have that file, or it would keep itself
 * stopped if we ended while it waits for an answer.
 */
static pid_t start(int *go)
{
	int fds[2];
	pid_t pid;
	char c;

	if (pipe(fds) || (pid = fork()) < 0)
		return -1;
	if (pid) {
		close(fds[0]);
		*go = fds[1];
		return pid;
	}
	close(fds[1]);
	if (read(fds[0], &c, 1) != 1)
		_exit(126);
	close(fds[0]);
	execvp(command[0], command);
	fprintf(stderr, "brokerctl: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

static struct rule *find(const struct broker_call *call)
{
	for (int i = 0; i < nrules; i++)
		if (rules[i].arch == call->arch && rules[i].nr == call->nr)
			return &rules[i];
	return NULL;
}

static void log_call(const struct broker_call *call, const struct rule *r)
{
	const char *name = call_name(call->arch, call->nr), *to;

	fprintf(out, "%d ", call->tid);
	if (name)
		fprintf(out, "%s(", name);
	else
		fprintf(out, "%d(", call->nr);
	for (int i = 0; i < 6; i++)
		fprintf(out, "%s%#llx", i ? ", " : "", (unsigned long long)call->args[i]);
	fprintf(out, ")");
	if (r && r->verdict == BROKER_RESULT) {
		fprintf(out, " = %ld", r->value);
		if (r->value < 0 && error_name(-r->value))
			fprintf(out, " %s", error_name(-r->value));
	} else if (r) {
		to = call_name(r->arch, r->value);
		fprintf(out, " -> %s", to ? to : "?");
	}
	fprintf(out, "\n");
}

/* 0, or -errno of what the program cannot go on with. */
static int serve(int fd, const struct broker_call *call)
{
	struct rule *r = find(call);
	int ret;

	if (logging)
		log_call(call, r);
	if (!r)
		ret = broker_run(fd, call);
	else if (r->verdict == BROKER_RESULT)
		ret = broker_result(fd, call, r->value);
	else
		ret = broker_rewrite(fd, call, r->value, NULL);
	if (ret == -ESRCH || ret == -ESTALE)
		return 0;	/* killed while it waited */
	if (!ret && r) {
		r->hits++;
		answered++;
	}
	return ret;
}

static int wait_command(void)
{
	int status;

	if (waitpid(target, &status, 0) != target)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "[COMMAND...]", doc, NULL, NULL, NULL };
	struct broker_call call;
	int fd, go = -1, ret;

	out = stderr;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, NULL))
		return 1;
	if (command) {
		target = start(&go);
		if (target < 0) {
			perror("brokerctl");
			return 126;
		}
	}
	fd = broker_open();
	if (fd < 0) {
		fprintf(stderr, "brokerctl: /dev/utrace-broker: %s\n", strerror(-fd));
		return 126;
	}
	ret = broker_attach(fd, target);
	if (ret) {
		fprintf(stderr, "brokerctl: thread %d: %s\n", target, strerror(-ret));
		return 126;
	}
	if (command && write(go, "", 1) != 1)
		return 126;

	/* Until the last of them has ended, children that were left alone too. */
	while (!ret && !(limit && answered >= limit)) {
		if (broker_next(fd, &call, -1))
			ret = serve(fd, &call);
		else if (broker_ended(fd))
			break;
	}
	close(fd);
	if (ret)
		fprintf(stderr, "brokerctl: answer: %s\n", strerror(-ret));
	for (int i = 0; summary && i < nrules; i++)
		fprintf(out, "%lu %s\n", rules[i].hits, call_name(rules[i].arch, rules[i].nr));
	fflush(out);
	if (command)
		return wait_command();
	return ret ? 1 : 0;
}
