/* junit.c - a run as JUnit XML: a suite a family, a case a case. */
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "reports.h"

static void add_xml(struct buf *b, const char *s)
{
	char *c = clean_text(s);

	for (char *p = c; *p; p++)
		switch (*p) {
		case '&': buf_puts(b, "&amp;"); break;
		case '<': buf_puts(b, "&lt;"); break;
		case '>': buf_puts(b, "&gt;"); break;
		case '"': buf_puts(b, "&quot;"); break;
		default: buf_add(b, p, 1);
		}
	free(c);
}

static double seconds_of(const struct run *r, size_t i)
{
	double sum = 0;

	for (size_t a = 0; a < r->narms; a++)
		sum += r->arms[a].results[i].guest_seconds;
	return sum;
}

/* "failure" for a difference, "error" for what broke or was not tested, "skipped" for listed ones, or NULL. */
static const char *element(const struct run *r, const struct case_verdict *v)
{
	if (v->code == EX_DIFFERS || v->code == EX_BASELINE ||
	    (v->code == EX_UNRESOLVED && r->ro->strict_racy))
		return "failure";
	if (case_failed(v))
		return "error";
	return v->flags & CASE_KNOWN ? "skipped" : NULL;
}

static void add_case(struct buf *b, const struct run *r, size_t i)
{
	const struct tcase *t = &r->s->cases[i];
	const struct case_verdict *v = &r->c->cases[i];
	const char *el = element(r, v);
	char *cmd;

	buf_puts(b, "  <testcase classname=\"");
	add_xml(b, t->scenario);
	buf_puts(b, "\" name=\"");
	add_xml(b, t->name);
	buf_printf(b, "\" time=\"%.3f\"%s>\n", seconds_of(r, i), el ? "" : "/");
	if (!el)
		return;
	buf_printf(b, "   <%s message=\"", el);
	add_xml(b, v->known && !strcmp(el, "skipped") ? v->known->reason : case_word(v));
	if (!strcmp(el, "skipped")) {
		buf_puts(b, "\"/>\n  </testcase>\n");
		return;
	}
	buf_puts(b, "\">");
	if (v->why) {
		add_xml(b, v->why);
		buf_puts(b, "\n");
	}
	if (v->a) {
		struct buf d = { 0 };

		buf_printf(&d, "at %s event %lu\n%s: %s\n%s: %s\n", v->div.actor, v->div.n,
			   v->a_name, v->div.a ? v->div.a : "(nothing)",
			   v->b_name, v->div.b ? v->div.b : "(nothing)");
		add_xml(b, d.s);
		buf_free(&d);
	}
	cmd = repeat_command(r, t->name);
	add_xml(b, cmd);
	free(cmd);
	buf_printf(b, "</%s>\n  </testcase>\n", el);
}

static void add_suite(struct buf *b, const struct run *r, const char *family)
{
	size_t tests = 0, failures = 0, errors = 0, skipped = 0;
	double seconds = 0;

	for (size_t i = 0; i < r->s->ncases; i++) {
		const char *el = element(r, &r->c->cases[i]);

		if (strcmp(r->s->cases[i].family, family))
			continue;
		tests++;
		failures += el && !strcmp(el, "failure");
		errors += el && !strcmp(el, "error");
		skipped += el && !strcmp(el, "skipped");
		seconds += seconds_of(r, i);
	}
	buf_puts(b, " <testsuite name=\"");
	add_xml(b, family);
	buf_printf(b, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n",
		   tests, failures, errors, skipped, seconds);
	for (size_t i = 0; i < r->s->ncases; i++)
		if (!strcmp(r->s->cases[i].family, family))
			add_case(b, r, i);
	buf_puts(b, " </testsuite>\n");
}

/* What belongs to no case: JUnit fails when the run does. */
static void add_own(struct buf *b, enum exit_code own)
{
	buf_printf(b, " <testsuite name=\"run\" tests=\"1\" failures=\"0\" errors=\"%d\" skipped=\"0\" time=\"0\">\n"
		   "  <testcase classname=\"run\" name=\"the run as such\" time=\"0\"", own != EX_SAME);
	if (own) {
		buf_printf(b, ">\n   <error message=\"%s\">", verdict_word(own));
		add_xml(b, verdict_meaning(own));
		buf_puts(b, "</error>\n  </testcase>\n");
	} else {
		buf_puts(b, "/>\n");
	}
	buf_puts(b, " </testsuite>\n");
}

void junit_text(struct buf *b, const struct run *r)
{
	struct family_coverage *fams;
	size_t n = coverage(r->s, &fams);

	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ptrace-testbed\">\n");
	for (size_t f = 0; f < n; f++)
		add_suite(b, r, fams[f].family);
	if (r->c->nstale)
		buf_printf(b, " <testsuite name=\"known-differences\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n",
			   r->c->nstale, r->c->nstale);
	for (size_t i = 0; i < r->c->nstale; i++) {
		buf_puts(b, "  <testcase classname=\"known-differences\" name=\"");
		add_xml(b, r->c->stale[i]->glob);
		buf_puts(b, "\" time=\"0\">\n   <failure message=\"stale entry\">");
		add_xml(b, r->c->stale[i]->reason);
		buf_puts(b, "</failure>\n  </testcase>\n");
	}
	if (r->c->nstale)
		buf_puts(b, " </testsuite>\n");
	add_own(b, r->c->own);
	buf_puts(b, "</testsuites>\n");
	free(fams);
}
