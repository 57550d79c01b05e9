/* test_lang_suite.c - suite_load() on a directory: families, includes, AXES, selection, errors. */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lang_util.h"

static char dir[] = "/tmp/lang-suite-XXXXXX";

static void put(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name), *slash = strrchr(path, '/');

	*slash = '\0';
	make_dirs(path);
	*slash = '/';
	write_file(path, text, strlen(text));
	free(path);
}

static void drop(const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

static int setup(void **state)
{
	(void)state;
	strcpy(strrchr(dir, '-') + 1, "XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	put("README.md", "not a family");
	put("lib/m.inc", "macro go(P)\n  $P\n  attach P\n");
	put("b/AXES", AXES);
	put("b/two.scn", HEAD "param how = attach seize\n" ROLES "steps\n  T | P\n  mark $how | nop\n");
	put("b/notes.txt", "nonsense");
	put("b/.hidden.scn", "nonsense");
	put("a/one.scn", HEAD "include m.inc\n" ROLES "steps\n  T | P\n  use go(T)\n  | nop\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	remove_tree(dir);
	return 0;
}

/* suite_load() with what it says on stderr. */
static int load(const char *only, struct suite *s, char *said, size_t cap)
{
	FILE *to = tmpfile();
	int keep = dup(2), ret;
	size_t n;

	assert_non_null(to);
	fflush(stderr);
	dup2(fileno(to), 2);
	ret = suite_load(dir, only, s);
	fflush(stderr);
	dup2(keep, 2);
	close(keep);
	rewind(to);
	n = fread(said, 1, cap - 1, to);
	said[n] = '\0';
	fclose(to);
	return ret;
}

static void families_in_order(void **state)
{
	char said[1000];
	struct suite s;

	(void)state;
	assert_int_equal(load(NULL, &s, said, sizeof(said)), 0);
	assert_string_equal(said, "");
	assert_int_equal(s.ncases, 3);
	assert_string_equal(s.cases[0].name, "a/one");
	assert_string_equal(s.cases[0].family, "a");
	assert_string_equal(s.cases[1].name, "b/two[how=attach]");
	assert_string_equal(s.cases[2].name, "b/two[how=seize]");
	assert_int_equal(s.naxes, 2);
	assert_string_equal(s.axes[0].family, "b");
	assert_int_equal(s.nimpossible, 1);
	suite_free(&s);
}

static void selection(void **state)
{
	char said[1000];
	struct suite s;

	(void)state;
	assert_int_equal(load("b", &s, said, sizeof(said)), 0);
	assert_int_equal(s.ncases, 2);
	suite_free(&s);
	assert_int_equal(load("b/two[how=seize],a/*", &s, said, sizeof(said)), 0);
	assert_int_equal(s.ncases, 2);
	assert_string_equal(s.cases[1].name, "b/two[how=seize]");
	suite_free(&s);
	assert_int_equal(load("nothing", &s, said, sizeof(said)), 0);
	assert_int_equal(s.ncases, 0);
	suite_free(&s);
	/* Brackets are what they are in the names of cases, no sets. */
	assert_int_equal(load("b/two[how=s*]", &s, said, sizeof(said)), 0);
	assert_int_equal(s.ncases, 1);
	assert_string_equal(s.cases[0].name, "b/two[how=seize]");
	suite_free(&s);
	assert_int_equal(load("[ab]/*", &s, said, sizeof(said)), 0);
	assert_int_equal(s.ncases, 0);
	suite_free(&s);
}

static void globs_that_fit_nothing(void **state)
{
	char said[1000], *glob;
	struct suite s;

	(void)state;
	assert_int_equal(load("b/*,a/typo*,nothing", &s, said, sizeof(said)), 0);
	assert_int_equal(s.ncases, 2);
	glob = suite_unfit(&s, "b/*,a/typo*,nothing");
	assert_string_equal(glob, "a/typo*");
	free(glob);
	assert_null(suite_unfit(&s, "b,b/two,b/two[how=seize],*=attach?,"));
	assert_null(suite_unfit(&s, NULL));
	glob = suite_unfit(&s, "b/two[how=seize,*]");
	assert_string_equal(glob, "b/two[how=seize,*]");
	free(glob);
	suite_free(&s);
}

static void errors_name_the_file(void **state)
{
	char said[2000], *want;
	struct suite s;

	(void)state;
	put("a/wrong.scn", HEAD ROLES COLS "  frobnicate P | nop\n");
	put("a/worse.scn", HEAD ROLES COLS "  attach P | nap\n");
	assert_int_equal(load(NULL, &s, said, sizeof(said)), -1);
	assert_int_equal(s.ncases, 0);
	want = xasprintf("%s/a/worse.scn:9:14: unknown verb `nap', expected a verb of verbs.def; did you mean `nop'?\n"
			 "%s/a/wrong.scn:9:3: unknown verb `frobnicate', expected a verb of verbs.def\n", dir, dir);
	assert_string_equal(said, want);
	free(want);
	suite_free(&s);
	/* A wrong file that was not asked for is in nobody's way; one asked for is. */
	assert_int_equal(load("b", &s, said, sizeof(said)), 0);
	assert_string_equal(said, "");
	assert_int_equal(s.ncases, 2);
	suite_free(&s);
	assert_int_equal(load("a/wrong", &s, said, sizeof(said)), -1);
	assert_non_null(strstr(said, "frobnicate"));
	assert_null(strstr(said, "nap"));
	/* A glob that fits cases by their parameters may fit one of a wrong file. */
	put("a/param.scn", HEAD "param how = attach seize\n" ROLES "steps\n  T | P\n  mark $how | nap\n");
	assert_int_equal(load("*how=seize*", &s, said, sizeof(said)), -1);
	assert_non_null(strstr(said, "a/param.scn:10:15: unknown verb `nap'"));
	put("a/param.scn", HEAD "param how\n" ROLES "steps\n  T | P\n  mark $how | nop\n");
	assert_int_equal(load("*how=seize*", &s, said, sizeof(said)), -1);
	assert_non_null(strstr(said, "a/param.scn:4:"));
	assert_int_equal(load("b/?wo[how=*", &s, said, sizeof(said)), 0);
	assert_int_equal(s.ncases, 2);
	suite_free(&s);
	drop("a/param.scn");
	drop("a/wrong.scn");
	drop("a/worse.scn");
}

static void a_wrong_axes_file(void **state)
{
	char said[2000];
	struct suite s;

	(void)state;
	put("b/AXES", "axis how\n");
	assert_int_equal(load(NULL, &s, said, sizeof(said)), -1);
	assert_non_null(strstr(said, "b/AXES:1:9: end of line after `axis', expected"));
	/* One that is there and cannot be read is not one that is missing. */
	drop("b/AXES");
	put("b/AXES/x", "");
	assert_int_equal(load(NULL, &s, said, sizeof(said)), -1);
	assert_non_null(strstr(said, "b/AXES:1:1: cannot read the file: Is a directory, expected axes"));
}

/* What suite_load(), or list_dir() of @path, ends the program with, and what is said. */
static int ended(const char *path, char *said, size_t cap)
{
	FILE *to = tmpfile();
	int status;
	pid_t pid;

	assert_non_null(to);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		struct suite s;
		char **names;

		dup2(fileno(to), 2);
		if (path)
			list_dir(path, NULL, &names);
		else
			suite_load(dir, NULL, &s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	rewind(to);
	said[fread(said, 1, cap - 1, to)] = '\0';
	fclose(to);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void an_unreadable_directory(void **state)
{
	char said[2000], *file = xasprintf("%s/b/AXES", dir), *loop = xasprintf("%s/c", dir);

	(void)state;
	assert_int_equal(ended(file, said, sizeof(said)), EX_SYSTEM);
	assert_non_null(strstr(said, "cannot read directory"));
	assert_non_null(strstr(said, "b/AXES: Not a directory"));
	assert_int_equal(ended("/nonexistent/families", said, sizeof(said)), 0);
	assert_int_equal(ended(NULL, said, sizeof(said)), 0);
	/* A family that cannot be looked at is not one that is missing. */
	assert_int_equal(symlink("c", loop), 0);
	assert_int_equal(ended(NULL, said, sizeof(said)), EX_SYSTEM);
	assert_non_null(strstr(said, "cannot look at"));
	free(file);
	free(loop);
}

static void an_unreadable_file(void **state)
{
	char said[2000], *path = xasprintf("%s/a/dangling.scn", dir), *want;
	struct suite s;

	(void)state;
	assert_int_equal(symlink("nowhere", path), 0);
	assert_int_equal(load(NULL, &s, said, sizeof(said)), -1);
	want = xasprintf("%s:1:1: cannot read the file: No such file or directory, expected a scenario\n", path);
	assert_string_equal(said, want);
	free(want);
	free(path);
}

static void no_directory(void **state)
{
	struct suite s;
	char said[1000], keep[sizeof(dir)];

	(void)state;
	memcpy(keep, dir, sizeof(dir));
	dir[strlen(dir) - 1] = '!';
	assert_int_equal(load(NULL, &s, said, sizeof(said)), -1);
	assert_non_null(strstr(said, "no such directory"));
	memcpy(dir, keep, sizeof(dir));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(families_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(selection, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_name_the_file, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_axes_file, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unreadable_file, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unreadable_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(globs_that_fit_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_directory, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
