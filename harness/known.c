/* known.c - reads the list of known differences. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "glob.h"
#include "known.h"

static char *trimmed(const char *p, size_t n)
{
	while (n && strchr(" \t\r", *p)) {
		p++;
		n--;
	}
	while (n && strchr(" \t\r", p[n - 1]))
		n--;
	return xstrndup(p, n);
}

static int add_line(struct known *k, size_t line, char *text, struct buf *err)
{
	const char *bar = strchr(text, '|'), *bar2 = bar ? strchr(bar + 1, '|') : NULL;
	const char *missing = NULL;
	struct known_entry e = { .line = line };
	size_t old = 0;

	if (!bar2) {
		buf_printf(err, "%s:%zu: expected 'CASE-GLOB | POINTER | REASON'\n",
			   k->path, line);
		return -1;
	}
	e.glob = trimmed(text, bar - text);
	e.pointer = trimmed(bar + 1, bar2 - bar - 1);
	e.reason = trimmed(bar2 + 1, strlen(bar2 + 1));
	if (!*e.reason)
		missing = "a reason after the second |";
	if (!*e.pointer)
		missing = "a pointer (issue, mail, commit) between the |";
	if (!*e.glob)
		missing = "a case or a glob of cases before the |";
	while (!missing && old < k->n && strcmp(k->entries[old].glob, e.glob))
		old++;
	if (missing)
		buf_printf(err, "%s:%zu: expected %s\n", k->path, line, missing);
	else if (old < k->n)
		buf_printf(err, "%s:%zu: '%s' is listed in line %zu already, expected one entry\n",
			   k->path, line, e.glob, k->entries[old].line);
	if (missing || old < k->n) {
		free(e.glob);
		free(e.pointer);
		free(e.reason);
		return -1;
	}
	k->entries = xrealloc(k->entries, (k->n + 1) * sizeof(e));
	k->entries[k->n++] = e;
	return 0;
}

int known_load(const char *path, struct known *k, struct buf *err)
{
	char *data = read_file(path, NULL), *next;
	size_t line = 0;
	int ret = 0;

	memset(k, 0, sizeof(*k));
	k->path = xstrdup(path);
	if (!data) {
		if (errno == ENOENT)
			return 0;
		buf_printf(err, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	for (char *p = data; p; p = next) {
		next = strchr(p, '\n');
		if (next)
			*next++ = '\0';
		line++;
		p += strspn(p, " \t\r");
		if (*p && *p != '#' && add_line(k, line, p, err))
			ret = -1;
	}
	free(data);
	return ret;
}

const struct known_entry *known_find(const struct known *k, const char *case_name)
{
	for (size_t i = 0; i < k->n; i++)
		if (case_glob(k->entries[i].glob, case_name) ||
		    case_glob_list(k->entries[i].glob, case_name))
			return &k->entries[i];
	return NULL;
}

void known_free(struct known *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->entries[i].glob);
		free(k->entries[i].pointer);
		free(k->entries[i].reason);
	}
	free(k->entries);
	free(k->path);
	memset(k, 0, sizeof(*k));
}
