/* glob.c - name patterns of cases. */
#include <string.h>

#include "glob.h"

static bool match(const char *p, size_t plen, const char *s, size_t slen)
{
	size_t pi = 0, si = 0, star = (size_t)-1, mark = 0;

	while (si < slen) {
		if (pi < plen && p[pi] == '*') {
			star = pi++;
			mark = si;
		} else if (pi < plen && (p[pi] == '?' || p[pi] == s[si])) {
			pi++;
			si++;
		} else if (star != (size_t)-1) {
			pi = star + 1;
			si = ++mark;
		} else {
			return false;
		}
	}
	while (pi < plen && p[pi] == '*')
		pi++;
	return pi == plen;
}

bool case_glob_n(const char *pattern, size_t n, const char *name)
{
	return match(pattern, n, name, strlen(name));
}

bool case_glob_begins(const char *pattern, size_t n, const char *prefix)
{
	size_t i = 0;

	/* What is left of the pattern behind the prefix fits something. */
	while (prefix[i] && i < n && (pattern[i] == '?' || pattern[i] == prefix[i]))
		i++;
	return !prefix[i] || (i < n && pattern[i] == '*');
}

size_t case_glob_len(const char *list)
{
	size_t n = 0;

	for (int depth = 0; list[n] && (depth > 0 || list[n] != ','); n++)
		depth += (list[n] == '[') - (depth > 0 && list[n] == ']');
	return n;
}

bool case_glob(const char *pattern, const char *name)
{
	return match(pattern, strlen(pattern), name, strlen(name));
}

bool case_glob_list(const char *list, const char *name)
{
	if (!list || !*list)
		return true;
	while (*list) {
		size_t n = case_glob_len(list);

		if (match(list, n, name, strlen(name)) ||
		    match(list, n, name, strcspn(name, "[")))
			return true;
		list += n;
		list += *list == ',';
	}
	return false;
}
