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

static struct trace_file *file_of(struct loaded_run *r, size_t arm, const char *scenario)
{
	char *dir, *path;
	struct buf err = { 0 };
	struct trace_file f;

	for (size_t i = 0; i < r->nfiles; i++)
		if (r->file_arm[i] == arm && !strcmp(r->files[i].scenario, scenario))
			return &r->files[i];
	dir = xasprintf("%s/%s", r->dir, r->arms[arm]);
	path = trace_path(dir, scenario);
	free(dir);
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

	return f ? trace_find(f, case_name) : NULL;
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
