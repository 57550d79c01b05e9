/* bugs.c - reads lists of mistakes made on purpose. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bugs.h"
#include "complain.h"
#include "util.h"

static char *trimmed(const char *s, size_t n)
{
	while (n && (*s == ' ' || *s == '\t'))
		s++, n--;
	while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	return xstrndup(s, n);
}

size_t bugs_read(const char *file, bool with_quick, struct bug **out)
{
	const char *form = with_quick ? "NAME | EXPECTED | QUICK | WHAT" : "NAME | EXPECTED | WHAT";
	char *path = top_path("%s", file), *text = read_file(path, NULL), *save = NULL;
	int nfields = with_quick ? 4 : 3, lineno = 0;
	size_t n = 0;

	if (!text)
		fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
	*out = NULL;
	/* strtok_r() would swallow empty lines, and with them the line numbers. */
	for (char *line = text; line; line = save) {
		const char *p = line;
		char *field[4];

		save = strchr(line, '\n');
		if (save)
			*save++ = '\0';
		lineno++;
		if (!*line || *line == '#')
			continue;
		for (int i = 0; i < nfields; i++) {
			const char *bar = i < nfields - 1 ? strchr(p, '|') : p + strlen(p);

			if (!bar)
				fatal(EX_USAGE, "%s:%d: expected %s", path, lineno, form);
			field[i] = trimmed(p, bar - p);
			if (!*field[i])
				fatal(EX_USAGE, "%s:%d: field %d is empty; expected %s", path, lineno,
				      i + 1, form);
			p = bar + 1;
		}
		*out = xrealloc(*out, (n + 1) * sizeof(**out));
		(*out)[n++] = (struct bug){
			field[0], field[1], with_quick ? field[2] : NULL, field[nfields - 1], lineno
		};
	}
	free(text);
	free(path);
	return n;
}

bool bug_is_none(const struct bug *b)
{
	return !strcmp(b->name, "none");
}

void bugs_free(struct bug *bugs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(bugs[i].name);
		free(bugs[i].expected);
		free(bugs[i].quick);
		free(bugs[i].what);
	}
	free(bugs);
}
