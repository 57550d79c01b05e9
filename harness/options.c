/* options.c - values of options that several commands have. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "util.h"

uint64_t option_number(struct argp_state *state, const char *arg, const char *what,
		       uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(arg, &end, 0);
	/* strtoull() takes -1 for the greatest number there is */
	if (*end || !isdigit((unsigned char)*arg) || errno || n < min || n > max)
		argp_error(state, "%s is '%s', expected a number from %llu to %llu", what, arg,
			   (unsigned long long)min, (unsigned long long)max);
	return n;
}

error_t option_no_argument(int key, const char *arg, struct argp_state *state)
{
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	argp_error(state, "unexpected argument '%s'", arg);
	return 0;
}

void option_repeats(struct argp_state *state, const char *arg, struct run_options *run)
{
	char *exact = xstrdup(arg), *racy = strchr(exact, ',');

	if (racy)
		*racy++ = '\0';
	run->exact_repeats = option_number(state, exact, "--repeats", 1, 1000000);
	if (racy)
		run->racy_repeats = option_number(state, racy, "the second of --repeats", 1, 1000000);
	free(exact);
}
