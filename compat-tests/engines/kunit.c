/* kunit.c - the KUnit tests of utrace, which a debug kernel runs when it boots, have passed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tap.h"

#define RESULTS "/sys/kernel/debug/kunit/utrace/results"

int main(void)
{
	struct stat st;
	char line[256];
	int cases = 0;
	FILE *f;

	if (stat("/sys/kernel/debug/kunit", &st)) {
		skip("this kernel has no KUnit", "the tests of utrace have passed");
		return done_testing();
	}
	f = fopen(RESULTS, "re");
	if (!f)
		bail(RESULTS);
	while (fgets(line, sizeof(line), f)) {
		char *at = line + strspn(line, " "), name[128];

		if (sscanf(at, "ok %*d utrace_test_%100s", name) == 1 ||
		    sscanf(at, "not ok %*d utrace_test_%100s", name) == 1)
			cases += check(*at == 'o', "%s", name) || true;
		else if (at[0] == '#')
			diag("%s", at + 1);
	}
	fclose(f);
	check(cases >= 5, "%d cases were run", cases);
	return done_testing();
}
