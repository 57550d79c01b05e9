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

/* What unwind_vdso calls a number is 20, getpid()'s for ia32, until the call is made; then it is the result. */
static bool is_pid(const char *from, const char *l)
{
	return l - from >= 5 && !strncmp(l - 5, "NR = ", 5) && isdigit((unsigned char)*l) &&
	       (strncmp(l, "20", 2) || isdigit((unsigned char)l[2]));
}

static void add_line(struct buf *b, const char *l)
{
	const char *from = l;

	while (*l) {
		if (is_pid(from, l)) {
			buf_puts(b, "PID");
			l += strspn(l, "0123456789");
		} else if (l[0] == '0' && l[1] == 'x' && isxdigit((unsigned char)l[2])) {
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
