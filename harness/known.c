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

static void entry_free(struct known_entry *e)
{
	free(e->glob);
	free(e->pointer);
	free(e->reason);
	free(e->hashes);
}

/* "HASH ...", with commas or without; false when a word is no hash, or there is none. */
static bool add_hashes(struct known_entry *e, const char *p)
{
	const size_t len = sizeof(*e->hashes) - 1;

	for (p += strspn(p, " \t\r,"); *p; p += strspn(p, " \t\r,")) {
		size_t n = strcspn(p, " \t\r,");

		if (n != len || strspn(p, "0123456789abcdef") < len)
			return false;
		e->hashes = xrealloc(e->hashes, (e->nhashes + 1) * sizeof(*e->hashes));
		memcpy(e->hashes[e->nhashes], p, len);
		e->hashes[e->nhashes++][len] = '\0';
		p += n;
	}
	return e->nhashes;
}

static int add_line(struct known *k, size_t line, char *text, struct buf *err)
{
	const char *bar = strchr(text, '|'), *bar2 = bar ? strchr(bar + 1, '|') : NULL;
	const char *bar3 = bar2 ? strchr(bar2 + 1, '|') : NULL, *missing = NULL;
	struct known_entry e = { .line = line };
	size_t old = 0;

	if (!bar2) {
		buf_printf(err, "%s:%zu: expected 'CASE-GLOB | POINTER | REASON | OUTCOME ...'\n",
			   k->path, line);
		return -1;
	}
	e.glob = trimmed(text, bar - text);
	e.pointer = trimmed(bar + 1, bar2 - bar - 1);
	e.reason = trimmed(bar2 + 1, bar3 ? (size_t)(bar3 - bar2) - 1 : strlen(bar2 + 1));
	if (!bar3 || !add_hashes(&e, bar3 + 1))
		missing = "one or more outcomes after a third |, 16 hexadecimal digits each";
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
		entry_free(&e);
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

bool known_fits(const struct known_entry *e, const char *case_name)
{
	return case_glob(e->glob, case_name) || case_glob_list(e->glob, case_name);
}

const struct known_entry *known_find(const struct known *k, const char *case_name,
				     const char *hash)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct known_entry *e = &k->entries[i];

		if (!known_fits(e, case_name))
			continue;
		if (!hash)
			return e;
		for (size_t h = 0; h < e->nhashes; h++)
			if (!strcmp(e->hashes[h], hash))
				return e;
	}
	return NULL;
}

void known_free(struct known *k)
{
	for (size_t i = 0; i < k->n; i++)
		entry_free(&k->entries[i]);
	free(k->entries);
	free(k->path);
	memset(k, 0, sizeof(*k));
}
