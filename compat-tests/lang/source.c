/* source.c - a file as lines without comments, and the sections they form. */
#include <string.h>

#include "parse.h"

size_t find_outside_quotes(const char *s, size_t from, size_t n, char c)
{
	bool quoted = false;

	for (size_t i = from; i < n; i++) {
		if (quoted && s[i] == '\\' && i + 1 < n)
			i++;
		else if (s[i] == '"')
			quoted = !quoted;
		else if (!quoted && s[i] == c)
			return i;
	}
	return n;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Bytes a text file may hold: no controls but tab and newline. */
static bool check_bytes(struct lang_errors *err, const char *file, unsigned int no,
			const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\r' && i + 1 == n) {
			err_add(err, file, no, (unsigned int)i + 1,
				"carriage return at the end of the line, expected a plain newline");
			return false;
		}
		if ((c < 32 && c != '\t') || c == 127) {
			err_add(err, file, no, (unsigned int)i + 1,
				"byte 0x%02x, expected text", c);
			return false;
		}
	}
	return true;
}

static struct line *make_line(struct arena *a, const char *file, unsigned int no,
			      const char *s, size_t n)
{
	struct line *l = ar_alloc(a, sizeof(*l));

	n = find_outside_quotes(s, 0, n, '#');
	while (n && blank(s[n - 1]))
		n--;
	l->file = file;
	l->no = no;
	l->s = ar_strndup(a, s, n);
	l->n = n;
	return l;
}

int source_split(struct arena *a, struct lang_errors *err, const char *file,
		 const char *text, size_t len, struct source *out)
{
	size_t errors = err->total;
	unsigned int no = 0;
	size_t i = 0;

	while (i < len) {
		const char *s = text + i;
		const char *nl = memchr(s, '\n', len - i);
		size_t n = nl ? (size_t)(nl - s) : len - i;
		struct section *sec;
		struct line *l;

		i += n + 1;
		no++;
		if (n > MAX_LINE) {
			err_add(err, file, no, MAX_LINE + 1,
				"a line of %zu bytes, expected at most %d", n, MAX_LINE);
			continue;
		}
		if (!check_bytes(err, file, no, s, n))
			continue;
		l = make_line(a, file, no, s, n);
		if (!l->n)
			continue;
		if (blank(l->s[0])) {
			if (!out->n) {
				size_t c = strspn(l->s, " \t");

				err_add(err, file, no, (unsigned int)c + 1,
					"an indented line before any section, expected `title' at column 1");
				continue;
			}
			sec = &out->sec[out->n - 1];
			*AR_PUSH(a, sec->body, sec->nbody, sec->cap) = l;
			continue;
		}
		sec = AR_PUSH(a, out->sec, out->n, out->cap);
		sec->head = l;
		sec->kw = ar_strndup(a, l->s, strcspn(l->s, " \t"));
	}
	return err->total > errors ? -1 : 0;
}
