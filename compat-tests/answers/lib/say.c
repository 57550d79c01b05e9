/* say.c - what a program of answers prints: observations, names, roles. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "say.h"

#define ROLES 32

static unsigned int number, wrong;
static struct { pid_t pid; const char *name; } roles[ROLES];
static size_t nroles;

static void line(const char *begin, const char *format, va_list ap)
{
	char s[9000];
	int n = snprintf(s, sizeof(s), "%s %u - ", begin, ++number);

	n += vsnprintf(s + n, sizeof(s) - n - 1, format, ap);
	if (n > (int)sizeof(s) - 2)
		n = sizeof(s) - 2;
	s[n++] = '\n';
	/* a child that prints must not have its parent's lines, too */
	if (write(1, s, n) != n)
		_exit(3);
}

void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	line("ok", format, ap);
	va_end(ap);
}

void broken(const char *format, ...)
{
	va_list ap;

	wrong++;
	va_start(ap, format);
	line("not ok", format, ap);
	va_end(ap);
}

int finish(void)
{
	char s[32];
	int n = snprintf(s, sizeof(s), "1..%u\n", number);

	if (write(1, s, n) != n)
		return 3;
	return wrong || !number;
}

void text_from(struct text *t, int fd)
{
	ssize_t n = read(fd, t->s, sizeof(t->s) - 1);

	t->n = n > 0 ? n : 0;
	t->s[t->n] = '\0';
	close(fd);
}

void add(struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->s + t->n, sizeof(t->s) - t->n, format, ap);
	va_end(ap);
	if (n < 0 || t->n + n >= sizeof(t->s))
		abort();
	t->n += n;
}

static char *room(void)
{
	static char rooms[8][80];
	static unsigned int at;

	return rooms[at++ % 8];
}

const char *errno_word(int e)
{
	/* of the kernel only: no program sees it but a tracer, in a register */
	static const struct { int e; const char *name; } inner[] = {
		{ 512, "ERESTARTSYS" }, { 513, "ERESTARTNOINTR" }, { 514, "ERESTARTNOHAND" },
		{ 516, "ERESTART_RESTARTBLOCK" },
	};
	char *s;

	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (inner[i].e == e)
			return inner[i].name;
	if (strerrorname_np(e))
		return strerrorname_np(e);
	s = room();
	snprintf(s, 80, "errno-%d", e);
	return s;
}

const char *signal_word(int sig)
{
	const char *name = sig > 0 && sig < 32 ? sigabbrev_np(sig) : NULL;
	char *s;

	if (name)
		return name;
	s = room();
	if (sig >= 32 && sig <= 64)
		snprintf(s, 80, "RT%d", sig);
	else
		snprintf(s, 80, "signal-%d", sig);
	return s;
}

const char *event_word(int event)
{
	static const char *const names[] = {
		"", "FORK", "VFORK", "CLONE", "EXEC", "VFORK_DONE", "EXIT", "SECCOMP",
	};
	char *s;

	if (event >= 0 && event < 8)
		return names[event];
	if (event == 128)
		return "STOP";
	s = room();
	snprintf(s, 80, "event-%d", event);
	return s;
}

const char *status_words(int status)
{
	char *s = room();

	if (WIFEXITED(status)) {
		snprintf(s, 80, "exited %d", WEXITSTATUS(status));
	} else if (WIFSIGNALED(status)) {
		snprintf(s, 80, "killed %s%s", signal_word(WTERMSIG(status)),
			 WCOREDUMP(status) ? " core" : "");
	} else if (WIFCONTINUED(status)) {
		snprintf(s, 80, "continued");
	} else if (WIFSTOPPED(status)) {
		int sig = WSTOPSIG(status) & 0x7f, event = status >> 16;

		snprintf(s, 80, "stopped %s%s%s%s", signal_word(sig),
			 status & 0x8000 ? "|80" : "", event ? " " : "", event_word(event));
	} else {
		snprintf(s, 80, "status %#x", status);
	}
	return s;
}

const char *answer(long ret)
{
	char *s;

	if (ret == -1)
		return errno_word(errno);
	s = room();
	snprintf(s, 80, "%ld", ret);
	return s;
}

void role(pid_t pid, const char *name)
{
	for (size_t i = 0; i < nroles; i++)
		if (roles[i].pid == pid) {
			roles[i].name = name;
			return;
		}
	if (nroles < ROLES) {
		roles[nroles].pid = pid;
		roles[nroles++].name = name;
	}
}

void roles_clear(void)
{
	nroles = 0;
}

const char *who(pid_t pid)
{
	char *s;

	for (size_t i = 0; i < nroles; i++)
		if (roles[i].pid == pid)
			return roles[i].name;
	if (!pid)
		return "0";
	if (pid == getpid())
		return "me";
	if (pid == 1)
		return "init";
	s = room();
	snprintf(s, 80, "somebody");
	return s;
}
