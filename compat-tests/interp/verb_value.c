/* verb_value.c - arithmetic on saved values. */
#include "verbs.h"

/* With `=>` a counter. Not negative in ordinary use: a negative sum would fail a `need` step. */
long v_add(struct actor *a, const struct form_step *s)
{
	return log_ret(a, s, arg_num(a, s, 0) + arg_num(a, s, 1));
}
