/* soak_log.c - what the soak's log says of each scenario, as it is now. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "prooflog.h"
#include "soak_log.h"
#include "util.h"

/* The cases of the scenario that case @from is of; they stand together. */
static struct suite one_scenario(const struct suite *s, size_t from)
{
	struct suite one = { .cases = &s->cases[from] };

	while (from + one.ncases < s->ncases &&
	       !strcmp(s->cases[from + one.ncases].scenario, s->cases[from].scenario))
		one.ncases++;
	return one;
}

/* Every scenario of @s with its key. */
static struct soaked *keys_of(const struct suite *s, size_t *n)
{
	struct soaked *all = NULL;

	*n = 0;
	for (size_t i = 0; i < s->ncases;) {
		struct suite one = one_scenario(s, i);

		all = xrealloc(all, (*n + 1) * sizeof(*all));
		all[*n] = (struct soaked){ .name = xstrdup(s->cases[i].scenario) };
		suite_key(&one, all[(*n)++].key);
		i += one.ncases;
	}
	return all;
}

static void free_keys(struct soaked *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(all[i].name);
	free(all);
}

static char *list_path(const char *name)
{
	char *rel = xasprintf(SOAK_SUITES "/%s", name), *path = top_path(rel);

	free(rel);
	return path;
}

/* One line of the log, while the list that it names is read. */
struct run_of {
	struct soak_log *log;
	const char *culprits;	/* separated by commas; "": all of them; NULL: none */
	bool loaded;
};

static bool is_culprit(const char *culprits, const char *name)
{
	size_t len = strlen(name);

	if (!culprits || !*culprits)
		return culprits;
	for (const char *at = culprits; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
	}
	return false;
}

static const char *list_line(char *const field[], void *arg)
{
	struct run_of *r = arg;

	for (size_t i = 0; i < r->log->n; i++) {
		struct soaked *s = &r->log->scenarios[i];

		if (strcmp(s->name, field[1]) || strcmp(s->key, field[0]))
			continue;
		s->n++;
		s->bad += is_culprit(r->culprits, s->name);
		s->loaded += r->loaded;
	}
	return NULL;
}

static const char *log_line(char *const field[], void *arg)
{
	struct run_of r = { .log = arg };
	char *path;

	r.loaded = !strncmp(field[4], "loaded ", 7);
	if (!r.loaded && strncmp(field[4], "idle ", 5))
		return "\"idle N%\" or \"loaded N%\" as the fifth field";
	if (strlen(field[3]) != PROOFKEY - 1 || strspn(field[3], "0123456789abcdef") != PROOFKEY - 1)
		return "12 hex digits as the fourth field";
	if (strcmp(field[1], r.log->kernel) || strcmp(field[2], r.log->guest))
		return NULL;
	if (strcmp(field[SOAK_FIELDS - 1], "SAME")) {
		r.culprits = strchr(field[SOAK_FIELDS - 1], ' ');
		r.culprits = r.culprits ? r.culprits + 1 : "";
	}
	path = list_path(field[3]);
	/* One without a list counts for no scenario. */
	prooflog_read(path, 2, list_line, &r);
	free(path);
	return NULL;
}

void soak_log_read(struct soak_log *l, const struct suite *s, const char *kernel,
		   const char *guest)
{
	char *path = top_path(SOAK_LOG_NAME);

	l->kernel = kernel;
	l->guest = guest;
	l->scenarios = keys_of(s, &l->n);
	prooflog_read(path, SOAK_FIELDS, log_line, l);
	free(path);
}

bool soak_is_due(const struct soaked *s, unsigned int runs)
{
	return s->n < runs || s->loaded < runs / 2;
}

char *soak_log_due(const struct soak_log *l, unsigned int runs)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < l->n; i++)
		if (soak_is_due(&l->scenarios[i], runs))
			buf_printf(&b, "%s%s", b.len ? "," : "", l->scenarios[i].name);
	return b.s;
}

const struct soaked *soak_log_least(const struct soak_log *l, unsigned int runs)
{
	const struct soaked *least = NULL;

	for (size_t i = 0; i < l->n; i++)
		if (soak_is_due(&l->scenarios[i], runs) &&
		    (!least || l->scenarios[i].n < least->n))
			least = &l->scenarios[i];
	return least;
}

void soak_list_write(const struct suite *s, char name[PROOFKEY])
{
	struct soaked *all;
	struct buf b = { 0 };
	char *path, *dir;
	size_t n;

	suite_key(s, name);
	path = list_path(name);
	if (!file_exists(path)) {
		dir = top_path(SOAK_SUITES);
		make_dirs(dir);
		free(dir);
		all = keys_of(s, &n);
		for (size_t i = 0; i < n; i++)
			buf_printf(&b, "%s\t%s\n", all[i].key, all[i].name);
		prooflog_append(path, "# key\tscenario\n", b.s);
		buf_free(&b);
		free_keys(all, n);
	}
	free(path);
}

void soak_log_free(struct soak_log *l)
{
	free_keys(l->scenarios, l->n);
}
