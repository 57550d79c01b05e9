/* lang_util.h - helpers of the language's unit tests: compile a text, expect an error at the place marked \1. */
#ifndef LANG_UTIL_H
#define LANG_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util.h"
#include "form/form.h"
#include "lang/lang.h"

/* A small scenario in pieces, so that a test shows only what it is about. */
#define HEAD	"title a sentence\nids D1\noutcome exact\n"
#define ROLES	"roles\n  T tracer\n  P tracee\n"
#define STEPS	"steps\n  T | P\n  attach P | pause\n"
#define COLS	"steps\n  T | P\n"

#define AXES	"axis how = attach seize\naxis stop = group trap exit\n" \
		"impossible $how == attach and $stop == trap : no INTERRUPT\n"

struct lib { const char *name, *text; };	/* included files; ends with a NULL name */

static inline char *lib_read(void *arg, const char *name, char **path, size_t *len)
{
	for (const struct lib *l = arg; l && l->name; l++)
		if (!strcmp(l->name, name)) {
			*path = xasprintf("lib/%s", name);
			*len = strlen(l->text);
			return xstrdup(l->text);
		}
	return NULL;
}

/* Compile @text as f/t, with AXES of family f when @axes is not NULL. */
static inline int compile_with(const char *text, const char *axes, const struct lib *lib,
			       const char *only, struct suite *s, struct lang_errors *e)
{
	struct lang_reader reader = { .read = lib_read, .arg = (void *)lib };
	struct lang_axes *a = NULL;
	int ret;

	memset(s, 0, sizeof(*s));
	memset(e, 0, sizeof(*e));
	if (axes) {
		a = lang_axes("f", "AXES", axes, strlen(axes), e);
		if (!a)
			return -1;
		lang_axes_report(a, s);
	}
	ret = lang_scenario("f/t", "t.scn", text, strlen(text), a, &reader, only, s, e);
	lang_axes_free(a);
	return ret;
}

/* Compile, or fail the test showing the errors. */
static inline void compile_ok(const char *text, const char *axes, const struct lib *lib,
			      struct suite *s)
{
	struct lang_errors e;
	int ret = compile_with(text, axes, lib, NULL, s, &e);

	if (ret)
		lang_errors_print(&e, stderr);
	assert_int_equal(ret, 0);
	assert_int_equal(e.n, 0);
	lang_errors_free(&e);
}

/* Take the mark \1 out of the text and say where it stood. */
static inline char *unmark(const char *marked, unsigned int *line, unsigned int *col)
{
	char *text = xmalloc(strlen(marked) + 1), *o = text;

	*line = *col = 0;
	for (unsigned int l = 1, c = 1; *marked; marked++) {
		if (*marked == '\1') {
			*line = l;
			*col = c;
			continue;
		}
		*o++ = *marked;
		c = *marked == '\n' ? 1 : c + 1;
		l += *marked == '\n';
	}
	*o = '\0';
	return text;
}

/* The text has exactly one error: @msg in @file, at the mark of whichever text is marked. */
static inline void expect_in(const char *marked, const char *axes_marked, const struct lib *lib_marked,
			     const char *file, const char *msg)
{
	unsigned int line, col, aline = 0, acol = 0;
	char *text = unmark(marked, &line, &col);
	char *axes = axes_marked ? unmark(axes_marked, &aline, &acol) : NULL;
	struct lib lib[4] = { { NULL, NULL } };
	struct lang_errors e;
	struct suite s;
	int ret;

	if (aline) {
		line = aline;
		col = acol;
	}
	for (size_t i = 0; lib_marked && lib_marked[i].name; i++) {
		lib[i].name = lib_marked[i].name;
		lib[i].text = unmark(lib_marked[i].text, &aline, &acol);
		if (aline) {
			line = aline;
			col = acol;
		}
	}
	ret = compile_with(text, axes, lib, NULL, &s, &e);
	if (e.n != 1 || strcmp(e.v[0].text, msg)) {
		print_error("expected: %s:%u:%u: %s\nfound %zu:\n", file, line, col, msg, e.n);
		lang_errors_print(&e, stderr);
	}
	assert_int_equal(ret, -1);
	assert_int_equal(e.n, 1);
	assert_string_equal(e.v[0].text, msg);
	assert_string_equal(e.v[0].file, file);
	assert_int_equal(e.v[0].line, line);
	assert_int_equal(e.v[0].col, col);
	/* What is wrong leaves nothing behind. */
	assert_int_equal(s.ncases, 0);
	for (size_t i = 0; lib[i].name; i++)
		free((char *)lib[i].text);
	lang_errors_free(&e);
	suite_free(&s);
	free(axes);
	free(text);
}

static inline void expect(const char *marked, const char *msg)
{
	expect_in(marked, NULL, NULL, "t.scn", msg);
}

static inline const struct form_case *form_of(const struct suite *s, size_t i)
{
	assert_true(i < s->ncases);
	return s->cases[i].blob;
}

/* Step @n of role @r of case @i. */
static inline const struct form_step *step_of(const struct suite *s, size_t i, uint32_t r, uint32_t n)
{
	const struct form_case *c = form_of(s, i);

	assert_true(r < c->nroles);
	assert_true(n < form_roles(c)[r].nsteps);
	return &form_steps(c)[form_roles(c)[r].first_step + n];
}

static inline void assert_step(const struct suite *s, size_t i, uint32_t r, uint32_t n, const char *text)
{
	assert_string_equal(form_str(form_of(s, i), step_of(s, i, r, n)->text), text);
}

#endif
