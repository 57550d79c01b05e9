/* reports.c - what the writers of reports share: commands to repeat, paths, text for other formats. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports.h"
#include "tree.h"

char *repeat_command(const struct run *r, const char *case_name)
{
	const char *target = r->ro->make_target ? r->ro->make_target : "compat";

	if (!r->opt->seed)
		return xasprintf("make %s ONLY='%s'", target, case_name);
	return xasprintf("make %s ONLY='%s' SEED=%" PRIu64, target, case_name, r->opt->seed);
}

char *diff_command(const char *case_name)
{
	return xasprintf("make diff S='%s'", case_name);
}

const char *accelerator(const struct run *r)
{
	if (r->ro->accel)
		return r->ro->accel;
	for (size_t a = 0; a < r->narms; a++)
		if (r->arms[a].kvm)
			return "KVM for boots with several CPUs, TCG for counted ones";
	return "TCG";
}

char *run_meaning(const struct run *r)
{
	const struct comparison *c = r->c;
	struct buf b = { 0 };

	buf_puts(&b, verdict_meaning(c->code));
	if (c->code == EX_SAME && !c->b)
		buf_puts(&b, " (one kernel: compared with the baseline only)");
	if (c->code == EX_SAME && c->unresolved)
		buf_printf(&b, ", but %zu UNRESOLVED", c->unresolved);
	return b.s;
}

const char *same_kernel(const struct run *r)
{
	const struct arm *a = &r->arms[0], *b = &r->arms[1];

	if (r->narms < 2)
		return NULL;
	if (a->kernel && b->kernel && file_exists(a->kernel) && same_content(a->kernel, b->kernel))
		return "the same bzImage";
	return a->release && b->release && !strcmp(a->release, b->release) ? "the same release" : NULL;
}

const char *short_path(const char *path)
{
	const char *top = top_dir();
	size_t n = strlen(top);

	return !strncmp(path, top, n) && path[n] == '/' ? path + n + 1 : path;
}

char *clean_text(const char *s)
{
	char *c = xstrdup(s ? s : ""), *to = c;

	for (char *p = c; *p; p++)
		if (*p != '\r')
			*to++ = (*p < ' ' || *p > '~') && *p != '\n' && *p != '\t' ? '?' : *p;
	*to = '\0';
	return c;
}

char *tail_text(const char *s, size_t lines)
{
	const char *p = s + strlen(s);

	while (p > s && p[-1] == '\n')
		p--;
	for (size_t len = p - s;; p--) {
		if (p > s && (p[-1] != '\n' || --lines))
			continue;
		return xstrndup(p, len - (p - s));
	}
}

void buf_indent(struct buf *b, const char *prefix, const char *s)
{
	while (*s) {
		size_t len = strcspn(s, "\n");

		buf_printf(b, "%s%.*s\n", prefix, (int)len, s);
		s += len + (s[len] == '\n');
	}
}

void buf_wrap(struct buf *b, const char *s, size_t at, size_t indent)
{
	bool first = true;

	for (s += strspn(s, " \n"); *s; s += strspn(s, " \n")) {
		size_t len = strcspn(s, " \n");

		if (!first && at + 1 + len > 80) {
			buf_printf(b, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			buf_puts(b, " ");
			at++;
		}
		buf_add(b, s, len);
		at += len;
		s += len;
		first = false;
	}
	buf_puts(b, "\n");
}

char *run_dir_of(const char *run)
{
	char *dir;

	if (!run)
		dir = top_path("traces/latest");
	else if (strchr(run, '/'))
		dir = xstrdup(run);
	else
		dir = top_path("traces/runs/%s", run);
	if (!file_exists(dir))
		fatal(EX_USAGE, "%s: no such run; expected %s", run ? run : short_path(dir),
		      run ? "an id or a directory of traces/runs" : "`make compat' before");
	return dir;
}

json_t *summary_load(const char *run_dir)
{
	char *path = xasprintf("%s/summary.json", run_dir);
	json_error_t e;
	json_t *root = json_load_file(path, 0, &e);

	if (!root)
		fatal(EX_USAGE, "%s:%d: %s", short_path(path), e.line, e.text);
	if (json_integer_value(json_object_get(root, "schema")) != SUMMARY_SCHEMA)
		fatal(EX_USAGE, "%s: schema is not %d; the run is of another version of the testbed",
		      short_path(path), SUMMARY_SCHEMA);
	free(path);
	return root;
}
