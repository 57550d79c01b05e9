/* kconfig.c - kernel configuration fragments: merge them, check what came of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "kconfig.h"

static const char *const off = "n";

/* Split "CONFIG_X=v" or "# CONFIG_X is not set"; false for anything else. */
static bool split(const char *line, char **name, const char **value)
{
	size_t n;

	if (!strncmp(line, "# CONFIG_", 9)) {
		n = strcspn(line + 2, " ");
		if (strcmp(line + 2 + n, " is not set"))
			return false;
		*name = xstrndup(line + 2, n);
		*value = off;
		return true;
	}
	n = strcspn(line, "=");
	if (strncmp(line, "CONFIG_", 7) || line[n] != '=' || !line[n + 1])
		return false;
	*name = xstrndup(line, n);
	*value = line + n + 1;
	return true;
}

static size_t find(const struct kconfig *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->names.n; i++)
		if (!strcmp(c->names.v[i], name))
			break;
	return i;
}

void kconfig_set(struct kconfig *c, const char *name, const char *value)
{
	size_t i = find(c, name);

	if (i == c->names.n) {
		strlist_add(&c->names, name);
		strlist_add(&c->values, value);
	} else {
		free(c->values.v[i]);
		c->values.v[i] = xstrdup(value);
	}
}

const char *kconfig_get(const struct kconfig *c, const char *name)
{
	size_t i = find(c, name);

	return i == c->names.n ? off : c->values.v[i];
}

static int load(struct kconfig *c, const char *path, bool strict)
{
	struct strlist lines = { 0 };
	char *text = read_file(path, NULL);
	int ret = 0;
	size_t i;

	if (!text) {
		complain("cannot read %s: %s", path, strerror(errno));
		return EX_BUILD;
	}
	strlist_lines(&lines, text);
	for (i = 0; i < lines.n && !ret; i++) {
		const char *l = lines.v[i], *value;
		char *name;

		if (split(l, &name, &value)) {
			if (strict) {
				kconfig_set(c, name, value);
			} else {	/* .config names each option once */
				strlist_add(&c->names, name);
				strlist_add(&c->values, value);
			}
			free(name);
		} else if (strict && *l && *l != '#') {
			complain("%s:%zu: expected CONFIG_NAME=value, \"# CONFIG_NAME is not set\" or a comment, not \"%s\"",
				 path, i + 1, l);
			ret = EX_BUILD;
		}
	}
	strlist_free(&lines);
	free(text);
	return ret;
}

int kconfig_add_file(struct kconfig *c, const char *path)
{
	return load(c, path, true);
}

void kconfig_print(const struct kconfig *c, struct buf *out)
{
	size_t i;

	buf_puts(out, "");
	for (i = 0; i < c->names.n; i++)
		if (!strcmp(c->values.v[i], off))
			buf_printf(out, "# %s is not set\n", c->names.v[i]);
		else
			buf_printf(out, "%s=%s\n", c->names.v[i], c->values.v[i]);
}

int kconfig_verify(const struct kconfig *c, const char *path)
{
	struct kconfig have = { 0 };
	int ret = load(&have, path, false);
	size_t i;

	for (i = 0; i < c->names.n && (!ret || ret == EX_BUILD); i++) {
		const char *is = kconfig_get(&have, c->names.v[i]);

		if (strcmp(is, c->values.v[i])) {
			complain("%s is %s in the configured kernel, %s was asked for: it does not exist, depends on an option that is off, or is selected by one that is on",
				 c->names.v[i], is, c->values.v[i]);
			ret = EX_BUILD;
		}
	}
	kconfig_free(&have);
	return ret;
}

char *kconfig_summary(const char *path)
{
	static const struct {
		const char *option, *shown;
	} marks[] = {
		{ "CONFIG_PREEMPT", "PREEMPT" },
		{ "CONFIG_UTRACE", "UTRACE" },
		{ "CONFIG_PROVE_LOCKING", "lockdep" },
		{ "CONFIG_PROVE_RCU", "PROVE_RCU" },
		{ "CONFIG_DEBUG_ATOMIC_SLEEP", "ATOMIC_SLEEP" },
		{ "CONFIG_KASAN", "KASAN" },
		{ "CONFIG_DEBUG_OBJECTS", "DEBUG_OBJECTS" },
		{ "CONFIG_DEBUG_INFO", "DEBUG_INFO" },
	};
	struct kconfig c = { 0 };
	struct buf b = { 0 };
	size_t i, on = 0;

	if (load(&c, path, false))
		return xstrdup("unknown");
	for (i = 0; i < c.values.n; i++)
		on += !strcmp(c.values.v[i], "y") || !strcmp(c.values.v[i], "m");
	buf_printf(&b, "%zu options, %s CPUs at most, HZ=%s", on,
		   kconfig_get(&c, "CONFIG_NR_CPUS"),
		   kconfig_get(&c, "CONFIG_HZ"));
	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (!strcmp(kconfig_get(&c, marks[i].option), "y"))
			buf_printf(&b, ", %s", marks[i].shown);
	kconfig_free(&c);
	return b.s;
}

void kconfig_free(struct kconfig *c)
{
	strlist_free(&c->names);
	strlist_free(&c->values);
}
