/* scnc.c - developer's tool: check, list, print and flatten scenarios without a run. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../harness/job.h"
#include "../../harness/util.h"
#include "../form/wire.h"
#include "lang.h"

static const char usage[] =
"usage: scnc check FILE...            say what is wrong\n"
"       scnc list DIR|FILE...         cases\n"
"       scnc show FILE [CASE]         cases expanded, as text\n"
"       scnc form FILE [CASE] > BLOB  the flat form of one case\n"
"       scnc job OUT FILE... [--repeats N] [--seed N] [--only GLOB] [--icount] [--perturb]\n"
"                                     a guest's job file, see form/wire.h\n"
"FILE is family/name.scn or AXES; includes are read from ../lib beside the family.\n";

static char *dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
}

static char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return xstrdup(slash ? slash + 1 : path);
}

static char *read_lib(void *arg, const char *name, char **path, size_t *len)
{
	*path = xasprintf("%s/../lib/%s", (const char *)arg, name);
	return read_file(*path, len);
}

/* Compile one file into @s; 0, or -1 with its errors printed. */
static int load(const char *path, const char *only, struct suite *s)
{
	struct lang_errors err = { 0 };
	char *dir = dir_of(path), *base = base_of(path), *text, *name, *ap;
	char *real = realpath(dir, NULL), *family = base_of(real ? real : dir);
	struct lang_reader reader = { .read = read_lib, .arg = dir };
	struct lang_axes *axes = NULL;
	size_t len, alen;
	int ret = 0;

	ap = xasprintf("%s/AXES", dir);
	text = read_file(ap, &alen);
	if (text)
		axes = lang_axes(family, ap, text, alen, &err);
	free(text);
	if (strlen(base) > 4 && !strcmp(base + strlen(base) - 4, ".scn"))
		base[strlen(base) - 4] = '\0';
	name = xasprintf("%s/%s", family, base);
	if (strcmp(base, "AXES")) {
		text = read_file(path, &len);
		if (!text)
			fatal(EX_USAGE, "%s: %s", path, strerror(errno));
		lang_scenario(name, path, text, len, axes, &reader, only, s, &err);
		free(text);
	}
	if (err.n || err.more) {
		lang_errors_print(&err, stderr);
		ret = -1;
	}
	lang_errors_free(&err);
	lang_axes_free(axes);
	free(name);
	free(family);
	free(real);
	free(ap);
	free(base);
	free(dir);
	return ret;
}

static void load_any(const char *path, const char *only, struct suite *s)
{
	size_t n = strlen(path);

	if (n > 4 && !strcmp(path + n - 4, ".scn")) {
		if (load(path, only, s))
			exit(EX_SCENARIO);
	} else if (suite_load(path, only, s)) {
		exit(EX_SCENARIO);
	}
}

static const struct tcase *one(const struct suite *s, const char *name)
{
	if (!name)
		return s->ncases ? &s->cases[0] : NULL;
	for (size_t i = 0; i < s->ncases; i++)
		if (!strcmp(s->cases[i].name, name))
			return &s->cases[i];
	fatal(EX_USAGE, "no case `%s', expected a name of `scnc list'", name);
}

static void write_job(const char *out, const struct suite *s, uint32_t repeats,
		      uint64_t seed, uint32_t flags)
{
	struct job_item *items = xcalloc(s->ncases, sizeof(*items));
	uint32_t *ids = xcalloc(s->ncases, sizeof(*ids));
	struct buf b = { 0 };

	case_ids(s, ids);
	for (size_t i = 0; i < s->ncases; i++) {
		items[i] = (struct job_item){ .id = ids[i], .repeats = repeats,
					      .blob = s->cases[i].blob, .bloblen = s->cases[i].bloblen };
		fprintf(stderr, "%08x %s\n", ids[i], s->cases[i].name);
	}
	job_build(&b, mix64(seed, 1), seed, flags, items, s->ncases);
	write_file(out, b.s, b.len);
	buf_free(&b);
	free(ids);
	free(items);
}

static unsigned long long number(const char *s)
{
	char *end;
	unsigned long long v = s ? strtoull(s, &end, 0) : 0;

	if (!s || !*s || *end)
		fatal(EX_USAGE, "`%s' is no number", s ? s : "");
	return v;
}

static int cmd_job(int argc, char **argv)
{
	unsigned long long repeats = 1, seed = 1;
	const char *only = NULL, *out = NULL;
	struct suite s = { 0 };
	uint32_t flags = 0;

	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--repeats"))
			repeats = number(i + 1 < argc ? argv[++i] : NULL);
		else if (!strcmp(argv[i], "--seed"))
			seed = number(i + 1 < argc ? argv[++i] : NULL);
		else if (!strcmp(argv[i], "--only") && i + 1 < argc)
			only = argv[++i];
	}
	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--icount"))
			flags |= JOB_ICOUNT;
		else if (!strcmp(argv[i], "--perturb"))
			flags |= JOB_PERTURB;
		else if (!strncmp(argv[i], "--", 2))
			i++;
		else if (!out)
			out = argv[i];
		else
			load_any(argv[i], only, &s);
	}
	if (!out || !s.ncases)
		fatal(EX_USAGE, "no cases, expected: scnc job OUT FILE...");
	write_job(out, &s, (uint32_t)repeats, seed, flags);
	suite_free(&s);
	return 0;
}

int main(int argc, char **argv)
{
	const char *cmd = argc > 1 ? argv[1] : "";
	struct suite s = { 0 };
	int ret = 0;

	if (argc < 3) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	if (!strcmp(cmd, "job"))
		return cmd_job(argc - 2, argv + 2);
	if (!strcmp(cmd, "check")) {
		for (int i = 2; i < argc; i++)
			if (load(argv[i], NULL, &s))
				ret = EX_SCENARIO;
		printf("%zu cases, %zu impossible cells\n", s.ncases, s.nimpossible);
	} else if (!strcmp(cmd, "list")) {
		for (int i = 2; i < argc; i++)
			load_any(argv[i], NULL, &s);
		for (size_t i = 0; i < s.ncases; i++)
			printf("%s\n", s.cases[i].name);
		for (size_t i = 0; i < s.nimpossible; i++)
			printf("# impossible %s %s: %s\n", s.impossible[i].scenario,
			       s.impossible[i].cell, s.impossible[i].reason);
	} else if (!strcmp(cmd, "show")) {
		load_any(argv[2], NULL, &s);
		for (size_t i = 0; i < s.ncases; i++)
			if (argc < 4 || one(&s, argv[3]) == &s.cases[i])
				printf("%s\n", s.cases[i].text);
	} else if (!strcmp(cmd, "form")) {
		const struct tcase *c;

		load_any(argv[2], NULL, &s);
		c = one(&s, argc > 3 ? argv[3] : NULL);
		if (c && fwrite(c->blob, 1, c->bloblen, stdout) != c->bloblen)
			fatal(EX_SYSTEM, "standard output: %s", strerror(errno));
	} else {
		fputs(usage, stderr);
		ret = EX_USAGE;
	}
	suite_free(&s);
	return ret;
}
