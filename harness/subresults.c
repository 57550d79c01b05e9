/* subresults.c - the single results in what a selftest of the kernel prints. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "subresults.h"
#include "tree.h"
#include "util.h"

static bool starts(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

/* Is it a result?  Counts it. */
static bool is_result(const char *l, struct subresults *n)
{
	bool skip = strstr(l, "# SKIP") || strstr(l, "# skip");

	if (starts(l, "not ok ")) {
		n->failed++;
	} else if (starts(l, "ok ")) {
		*(skip ? &n->skipped : &n->passed) += 1;
	} else if (starts(l, "[OK]")) {
		n->passed++;
	} else if (starts(l, "[FAIL]")) {
		n->failed++;
	} else if (starts(l, "[SKIP]")) {
		n->skipped++;
	} else if (starts(l, "# killed by signal ") || starts(l, "# timed out")) {
		n->failed++;
	} else {
		return starts(l, "[RUN]") || starts(l, "[WARN]") || starts(l, "# exit status ");
	}
	return true;
}

static void add_line(struct buf *b, const char *l)
{
	while (*l) {
		if (l[0] == '0' && l[1] == 'x' && isxdigit((unsigned char)l[2])) {
			buf_puts(b, "ADDR");
			for (l += 2; isxdigit((unsigned char)*l);)
				l++;
		} else {
			buf_add(b, l++, 1);
		}
	}
	buf_puts(b, "\n");
}

char *subresults(const char *output, struct subresults *n)
{
	struct strlist lines = { 0 };
	struct subresults count = { 0 };
	struct buf b = { 0 };

	buf_puts(&b, "");
	strlist_lines(&lines, output ? output : "");
	for (size_t i = 0; i < lines.n; i++)
		if (is_result(lines.v[i], &count))
			add_line(&b, lines.v[i]);
	strlist_free(&lines);
	if (n)
		*n = count;
	return b.s;
}
