/* runload.c - reads a finished run back: its summary, and traces when they are asked for. */
#include <stdlib.h>
#include <string.h>

#include "runload.h"

void run_load(const char *run, struct loaded_run *out)
{
	json_t *arms, *arm;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->dir = run_dir_of(run);
	out->summary = summary_load(out->dir);
	arms = json_object_get(out->summary, "arms");
	json_array_foreach(arms, i, arm) {
		const char *name = json_string_value(json_object_get(arm, "name"));

		if (!name)
			fatal(EX_USAGE, "%s/summary.json: an arm without a name", short_path(out->dir));
		out->arms = xrealloc(out->arms, (out->narms + 1) * sizeof(*out->arms));
		out->arms[out->narms++] = name;
	}
	if (!out->narms)
		fatal(EX_USAGE, "%s/summary.json: no arms", short_path(out->dir));
}

/* So many repeats of a case does the summary know. */
static json_int_t repeats_of(const struct loaded_run *r, size_t arm, const char *case_name)
{
	json_t *cases = json_object_get(r->summary, "cases"), *c;
	size_t i;

	json_array_foreach(cases, i, c) {
		const char *name = json_string_value(json_object_get(c, "name"));

		if (name && !strcmp(name, case_name))
			return json_integer_value(json_object_get(json_object_get(c, "repeats"),
								  r->arms[arm]));
	}
	return 0;
}

static char *path_of(const struct loaded_run *r, size_t arm, const char *scenario)
{
	char *dir = xasprintf("%s/%s", r->dir, r->arms[arm]), *path = trace_path(dir, scenario);

	free(dir);
	return path;
}

static struct trace_file *file_of(struct loaded_run *r, size_t arm, const char *scenario)
{
	char *path;
	struct buf err = { 0 };
	struct trace_file f;

	for (size_t i = 0; i < r->nfiles; i++)
		if (r->file_arm[i] == arm && !strcmp(r->files[i].scenario, scenario))
			return &r->files[i];
	path = path_of(r, arm, scenario);
	if (!file_exists(path)) {
		free(path);
		return NULL;
	}
	if (trace_read(path, &f, &err)) {
		fputs(err.s, stderr);
		exit(EX_USAGE);
	}
	free(path);
	r->files = xrealloc(r->files, (r->nfiles + 1) * sizeof(f));
	r->file_arm = xrealloc(r->file_arm, (r->nfiles + 1) * sizeof(*r->file_arm));
	r->file_arm[r->nfiles] = arm;
	r->files[r->nfiles] = f;
	return &r->files[r->nfiles++];
}

const struct trace_case *run_case(struct loaded_run *r, size_t arm, const char *scenario,
				  const char *case_name)
{
	struct trace_file *f = file_of(r, arm, scenario);
	const struct trace_case *c = f ? trace_find(f, case_name) : NULL;
	json_int_t repeats = c ? 0 : repeats_of(r, arm, case_name);

	if (repeats)
		fatal(EX_USAGE, "%s %s; expected the %lld repeats of %s that summary.json counts",
		      short_path(path_of(r, arm, scenario)), f ? "lacks a case" : "is missing",
		      (long long)repeats, case_name);
	return c;
}

void run_unload(struct loaded_run *r)
{
	for (size_t i = 0; i < r->nfiles; i++)
		trace_file_free(&r->files[i]);
	free(r->files);
	free(r->file_arm);
	free(r->arms);
	free(r->dir);
	json_decref(r->summary);
	memset(r, 0, sizeof(*r));
}
