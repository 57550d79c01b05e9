/* axiscond.h - which pairs of axis values an `impossible` condition rules out. */
#ifndef HARNESS_AXISCOND_H
#define HARNESS_AXISCOND_H

struct axis_value { const char *axis, *value; };

enum truth { COND_FALSE, COND_TRUE, COND_UNKNOWN };

/*
 * What is known of @cond when only @v[0..n) are: a condition of the language
 * ("$a == x and $b in y z or $c != w"), or a cell ("a=x,b=y").  Parts on other
 * axes are unknown.  COND_UNKNOWN too for what cannot be read.
 */
enum truth axis_cond(const char *cond, const struct axis_value *v, int n);

#endif
