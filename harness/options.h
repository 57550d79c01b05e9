/* options.h - values of options that several commands have. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <argp.h>
#include <stdint.h>

#include "results.h"

/* The number @arg, from @min to @max; argp_error(), which ends the program, for anything else. */
uint64_t option_number(struct argp_state *state, const char *arg, const char *what,
		       uint64_t min, uint64_t max);

/*
 * For the end of a parser of a command that takes options only: refuses an
 * argument as above, and knows no other key.
 */
error_t option_no_argument(int key, const char *arg, struct argp_state *state);

/* EXACT[,RACY], numbers of repeats; errors as above. */
void option_repeats(struct argp_state *state, const char *arg, struct run_options *run);

#endif
