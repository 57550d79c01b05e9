/* fuzz_lang.c - libFuzzer target for the scenario parser: any bytes compile or are refused, and what compiles is sound. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form_walk.h"
#include "harness/util.h"
#include "lang/lang.h"

/*
 * Input: a scenario, then, each behind a line "%%", what `include` reads and
 * the family's AXES.
 */
struct part { const char *s; size_t n; };

static struct part cut(struct part *rest)
{
	struct part p = *rest;

	for (size_t i = 0; i + 4 <= rest->n; i++)
		if (!memcmp(rest->s + i, "\n%%\n", 4)) {
			p.n = i + 1;
			rest->s += i + 4;
			rest->n -= i + 4;
			return p;
		}
	rest->n = 0;
	return p;
}

static char *read_lib(void *arg, const char *name, char **path, size_t *len)
{
	const struct part *p = arg;
	char *text;

	if (!p->n || !strcmp(name, "missing"))
		return NULL;
	*path = xasprintf("lib/%s", name);
	*len = p->n;
	text = xmalloc(p->n);
	memcpy(text, p->s, p->n);
	return text;
}

static void check_errors(const struct lang_errors *e, int ret)
{
	if (ret != (e->n || e->more ? -1 : 0))
		abort();
	for (size_t i = 0; i < e->n; i++)
		if (!e->v[i].line || !e->v[i].col || !*e->v[i].text || !*e->v[i].file)
			abort();
}

/* The expanded text is a scenario that makes a case of the same size and shape. */
static void check_text(const struct tcase *c)
{
	const struct form_case *a = c->blob, *b;
	char *text = xasprintf("param part = 1 2\n%s", c->text);
	struct lang_errors e = { 0 };
	struct suite s = { 0 };

	if (lang_scenario("f/t", "shown", text, strlen(text), NULL, NULL, "f/t[part=1]", &s, &e)) {
		lang_errors_print(&e, stderr);
		fprintf(stderr, "%s", text);
		abort();
	}
	b = s.cases[0].blob;
	if (a->nroles != b->nroles || a->nsteps != b->nsteps || a->nblocks != b->nblocks ||
	    a->nedges != b->nedges || a->nvalues != b->nvalues || a->nhandlers != b->nhandlers)
		abort();
	suite_free(&s);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part rest = { (const char *)data, size };
	struct part scn = cut(&rest), lib = cut(&rest), axes_text = cut(&rest);
	struct lang_reader reader = { .read = read_lib, .arg = &lib };
	struct lang_errors e = { 0 };
	struct lang_axes *axes = NULL;
	struct suite s = { 0 };
	int ret;

	if (axes_text.n) {
		axes = lang_axes("f", "AXES", axes_text.s, axes_text.n, &e);
		check_errors(&e, axes ? 0 : -1);
		lang_errors_free(&e);
		if (axes)
			lang_axes_report(axes, &s);
	}
	ret = lang_scenario("f/t", "t.scn", scn.s, scn.n, axes, &reader, NULL, &s, &e);
	check_errors(&e, ret);
	if (ret && s.ncases)
		abort();
	for (size_t i = 0; i < s.ncases; i++) {
		const char *why;

		if (form_check(s.cases[i].blob, s.cases[i].bloblen, &why))
			abort();
		form_walk(s.cases[i].blob);
		if (i < 4)
			check_text(&s.cases[i]);
	}
	lang_errors_free(&e);
	lang_axes_free(axes);
	suite_free(&s);
	return 0;
}
