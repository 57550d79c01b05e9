/* prooflog.c - logs of long proofs, traces/soak/NAME.log: one tab-separated line a step, committed. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "prooflog.h"
#include "util.h"

/* Cut @line at its tabs; returns the number of fields, which may be more than fit. */
static size_t split(char *line, char *field[])
{
	size_t n = 0;

	for (char *next; line; line = next) {
		next = strchr(line, '\t');
		if (next)
			*next++ = '\0';
		if (n < PROOFLOG_FIELDS)
			field[n] = line;
		n++;
	}
	return n;
}

char *prooflog_parse(char *text, size_t nfields,
		     const char *(*each)(char *const field[], void *arg), void *arg)
{
	size_t lineno = 0;

	for (char *line = text, *next; *line; line = next) {
		char *field[PROOFLOG_FIELDS];
		const char *expected;
		size_t n;

		lineno++;
		next = strchr(line, '\n');
		if (!next)
			return xasprintf("%zu: expected a line break at the end", lineno);
		*next++ = '\0';
		if (!*line || *line == '#')
			continue;
		n = split(line, field);
		if (n != nfields)
			return xasprintf("%zu: %zu fields, expected %zu between tabs", lineno, n,
					 nfields);
		expected = each(field, arg);
		if (expected)
			return xasprintf("%zu: expected %s", lineno, expected);
	}
	return NULL;
}

void prooflog_read(const char *path, size_t nfields,
		   const char *(*each)(char *const field[], void *arg), void *arg)
{
	char *text = read_file(path, NULL), *wrong;

	if (!text && errno != ENOENT)
		fatal(EX_UNTESTED, "%s: %s", path, strerror(errno));
	wrong = text ? prooflog_parse(text, nfields, each, arg) : NULL;
	if (wrong)
		fatal(EX_UNTESTED, "%s:%s", path, wrong);
	free(text);
}

void prooflog_append(const char *path, const char *head, const char *line)
{
	bool new = !file_exists(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	char *text = xasprintf("%s%s", new ? head : "", line);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fsync(fd) || close(fd))
		fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
	free(text);
}

const char *prooflog_time(void)
{
	static char when[32];
	time_t t = time(NULL);
	struct tm tm;

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	return when;
}

bool prooflog_number(const char *text, unsigned long *n)
{
	char *end;

	errno = 0;
	*n = strtoul(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end && !errno;
}
