/* selftests_build.c - builds the kernel's own selftests from the source package. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "glob.h"
#include "selftests_build.h"
#include "store.h"
#include "tree.h"

#define LIST "compat-tests/selftests/list"
#define INCLUDE "compat-tests/selftests/include"
#define SUBDIR "tools/testing/selftests"
/* Guest seconds for one of them, on a host with other work: syscall_numbering makes a million calls. */
#define SECONDS 900
#define MAX_WORDS 8

/* As in the Makefiles of the selftests; static, for a guest without libraries. */
#define FLAGS "-O2", "-g", "-std=gnu99", "-static", "-pthread", "-w", "-D_GNU_SOURCE=", \
	"-DCAN_BUILD_32", "-DCAN_BUILD_64"
#define MAX_ARGS 40

static char *bin_path(const char *name)
{
	return top_path("build/selftests/bin/%s", name);
}

/* The user-space headers of the source; made once for each version of the package. */
static int make_headers(const char *source, const char *log, char **include)
{
	char *out = top_path("build/selftests/headers-%s", source_version());
	char *o = xasprintf("O=%s", out), *done = xasprintf("%s/done", out);
	char *jobs = xasprintf("-j%ld", sysconf(_SC_NPROCESSORS_ONLN));
	const char *const argv[] = {
		"env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL",
		"make", "-s", jobs, "-C", source, o, "ARCH=x86", "headers", NULL
	};
	int ret = 0;

	*include = xasprintf("%s/usr/include", out);
	if (!file_exists(done)) {
		make_dirs(out);
		if (run_cmd(argv, NULL, log)) {
			if (!interrupted)
				warn("the kernel's headers cannot be made; see %s", log);
			ret = interrupted ? EX_INTERRUPTED : EX_BUILD;
		} else {
			write_file(done, "", 0);
		}
	}
	free(jobs);
	free(out);
	free(o);
	free(done);
	return ret;
}

/* What a program is built from, as a key. */
static char *key_of(const char *line)
{
	static const char *const flags[] = { FLAGS };
	char *include = top_path(INCLUDE), *hex;
	struct key k = { 0 };

	key_add_str(&k, "source", source_version());
	key_add_str(&k, "compiler", build_compiler());
	key_add_str(&k, "line", line);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		key_add_str(&k, "flag", flags[i]);
	key_add_tree(&k, "include", include);
	hex = key_finish(&k);
	free(include);
	return hex;
}

static int compile(const char *dir, const char *include, const char *log, const char *to, int bits,
		   char **words, int n)
{
	char *shim = xasprintf("-I%s/" INCLUDE, top_dir());
	char *source = xasprintf("%s.c", words[0]);
	char *mark = xasprintf("%d:", bits);
	const char *argv[MAX_ARGS] = {
		"gcc", bits == 32 ? "-m32" : "-m64", FLAGS, shim, "-isystem", include, "-o", to, source,
	};
	size_t a = 0;
	int status;

	while (argv[a])
		a++;
	for (int i = 2; i < n; i++)
		if (!strncmp(words[i], mark, strlen(mark)))
			argv[a++] = words[i] + strlen(mark);
	argv[a++] = "-lrt";
	argv[a++] = "-lm";
	status = run_cmd(argv, dir, log);
	free(shim);
	free(source);
	free(mark);
	if (!status)
		return 0;
	if (!interrupted)
		warn("selftest %s does not build for %d bits; see %s", words[0], bits, log);
	return interrupted ? EX_INTERRUPTED : EX_BUILD;
}

/* x86/sigreturn for 32 bits is x86-sigreturn-32. */
static char *name_of(const char *path, int bits)
{
	char *name = xasprintf("%s-%d", path, bits);

	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '-';
	return name;
}

/* The names of the programs of a line; none of one that is left out or not understood. */
static void names_of_line(struct strlist *names, const char *line)
{
	static const int bits[] = { 64, 32 };
	char path[256], which[16];

	if (*line == '#' || sscanf(line, "%255s %15s", path, which) != 2)
		return;
	for (size_t i = 0; i < 2; i++) {
		char *number = xasprintf("%d", bits[i]), *name = name_of(path, bits[i]);

		if (!strcmp(which, "both") || !strcmp(which, number))
			strlist_add(names, name);
		free(number);
		free(name);
	}
}

static bool fits_one(const struct strlist *names, const char *glob)
{
	for (size_t i = 0; i < names->n; i++)
		if (case_glob_list(glob, names->v[i]))
			return true;
	return false;
}

void selftests_check_names(const char *only)
{
	char *path = top_path(LIST), *text = read_file(path, NULL);
	struct strlist lines = { 0 }, names = { 0 };
	struct buf all = { 0 };

	if (!text)
		fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
	strlist_lines(&lines, text);
	for (size_t i = 0; i < lines.n; i++)
		names_of_line(&names, lines.v[i]);
	for (size_t i = 0; i < names.n; i++)
		buf_printf(&all, "%s%s", i ? ", " : "", names.v[i]);
	while (*only) {
		size_t n = case_glob_len(only);
		char *glob = xstrndup(only, n);

		if (!fits_one(&names, glob))
			fatal(EX_USAGE, "no selftest fits '%s'; there are: %s", glob, all.s ? all.s : "none");
		free(glob);
		only += n;
		only += *only == ',';
	}
	strlist_free(&lines);
	strlist_free(&names);
	buf_free(&all);
	free(text);
	free(path);
}

static int build_one(struct programs *p, const char *dir, const char *include, const char *line,
		     char **words, int n, int bits, const char *only)
{
	char *name = name_of(words[0], bits), *bin = bin_path(name), *stamp, *have, *want, *log;
	char *there = xasprintf("/selftests/%s", name);
	int ret = 0;

	if (!only || case_glob_list(only, name)) {
		stamp = xasprintf("%s.key", bin);
		log = xasprintf("%s.log", bin);
		have = read_file(stamp, NULL);
		want = key_of(line);
		if (!have || strcmp(have, want) || !file_exists(bin)) {
			unlink(stamp);
			unlink(log);
			ret = compile(dir, include, log, bin, bits, words, n);
			if (!ret)
				write_file(stamp, want, strlen(want));
		}
		free(stamp);
		free(log);
		free(have);
		free(want);
		if (!ret)
			programs_add(p, name, there, NULL, SECONDS);
	}
	free(there);
	free(name);
	free(bin);
	return ret;
}

static int build_line(struct programs *p, struct buf *left_out, const char *dir,
		      const char *include, const char *line, unsigned int number, const char *only)
{
	char *copy = xstrdup(line), *words[MAX_WORDS], *save = NULL, *w;
	const char *reason = strstr(line, "out");
	int n = 0, ret = 0;

	for (w = strtok_r(copy, " \t", &save); w && n < MAX_WORDS; w = strtok_r(NULL, " \t", &save))
		words[n++] = w;
	if (n < 2)
		fatal(EX_SCENARIO, LIST ":%u: expected PROGRAM and 64, 32, both or out", number);
	if (!strcmp(words[1], "out")) {
		reason += strcspn(reason, " \t");
		buf_printf(left_out, "%s: %s\n", words[0], reason + strspn(reason, " \t"));
	} else if (strcmp(words[1], "64") && strcmp(words[1], "32") && strcmp(words[1], "both")) {
		fatal(EX_SCENARIO, LIST ":%u: '%s', expected 64, 32, both or out", number, words[1]);
	} else {
		if (strcmp(words[1], "32"))
			ret = build_one(p, dir, include, line, words, n, 64, only);
		if (!ret && strcmp(words[1], "64"))
			ret = build_one(p, dir, include, line, words, n, 32, only);
	}
	free(copy);
	return ret;
}

int selftests_build(struct programs *p, struct buf *left_out, const char *only)
{
	char *path = top_path(LIST), *text = read_file(path, NULL), *source = source_tree();
	char *bin = top_path("build/selftests/bin"), *log, *dir, *include = NULL;
	struct strlist lines = { 0 };
	int ret;

	if (!text)
		fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
	if (!source)
		return EX_INTERRUPTED;
	make_dirs(bin);
	log = top_path("build/selftests/headers.log");
	dir = xasprintf("%s/" SUBDIR, source);
	ret = make_headers(source, log, &include);
	strlist_lines(&lines, text);
	for (size_t i = 0; i < lines.n && !ret; i++) {
		const char *l = lines.v[i];

		if (*l && *l != '#')
			ret = build_line(p, left_out, dir, include, l, i + 1, only);
	}
	buf_puts(left_out, "");
	strlist_free(&lines);
	free(path);
	free(text);
	free(source);
	free(bin);
	free(log);
	free(dir);
	free(include);
	return ret;
}

char *selftests_image(const struct programs *p)
{
	struct buf b = { 0 };

	buf_puts(&b, "dir /selftests 0755\n");
	for (size_t i = 0; i < p->n; i++)
		buf_printf(&b, "file /selftests/%s build/selftests/bin/%s 0755\n", p->v[i].name,
			   p->v[i].name);
	return b.s;
}
