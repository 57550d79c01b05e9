/* kcsan_reports.c - tells KCSAN's reports of data races from all others. */
#include <string.h>

#include "kcsan_reports.h"
#include "splat.h"

static bool is_race(const char *line)
{
	static const char mark[] = "BUG: KCSAN: ";
	const char *p = strstr(line, mark);

	return p && p < line + strcspn(line, "\n");
}

const char *kcsan_other_report(const char *text)
{
	const char *line = splat_find(text);

	while (line && is_race(line)) {
		const char *next = strchr(line, '\n');

		line = next ? splat_find(next + 1) : NULL;
	}
	return line;
}
