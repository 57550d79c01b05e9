/* test_image.c - the guest's archive: reproducible, followed by the job, and errors that name the line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "harness/image.h"

static char dir[] = "/tmp/ptbed-image-XXXXXX";

static char *in_dir(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void put(const char *name, const char *text)
{
	char *path = in_dir(name);

	write_file(path, text, strlen(text));
	free(path);
}

static int build(const char *list, struct buf *out, char **why)
{
	char *path = in_dir("list");
	int ret;

	put("list", list);
	ret = image_build(path, dir, out, why);
	free(path);
	return ret;
}

static void same_input_same_bytes(void **state)
{
	static const char list[] = "# comment\ndir /dev 0755\n\nfile /init prog 0755 # x\n"
		"nod /dev/console 0600 c 5 1\nslink /sh init\n";
	struct buf a = { 0 }, b = { 0 };
	char *why;

	(void)state;
	put("prog", "program");
	assert_int_equal(build(list, &a, &why), 0);
	sleep(1);
	put("prog", "program");
	assert_int_equal(build(list, &b, &why), 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.s, b.s, a.len);
	buf_free(&a);
	buf_free(&b);
}

/* Names in the archive @p, each followed by a space; stops at its end. */
static size_t names(const char *p, size_t len, struct buf *out)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	size_t used;

	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_memory(a, p, len), ARCHIVE_OK);
	while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
		buf_printf(out, "%s:%o:%ld ", archive_entry_pathname(e),
			   (unsigned int)archive_entry_mode(e), (long)archive_entry_mtime(e));
		archive_read_data_skip(a);
	}
	used = archive_filter_bytes(a, 0);
	archive_read_free(a);
	return used;
}

static void entries_are_as_listed_and_the_job_follows(void **state)
{
	char *base = in_dir("base"), *both = in_dir("both"), *data, *why;
	struct buf b = { 0 }, list = { 0 };
	size_t len;

	(void)state;
	put("prog", "program");
	assert_int_equal(build("dir /dev 0755\nfile /init prog 0700\n", &b, &why), 0);
	names(b.s, b.len, &list);
	assert_string_equal(list.s, "dev:40755:0 init:100700:0 ");
	write_file(base, b.s, b.len);
	assert_true(image_with_job(both, base, "the job", 7));
	data = read_file(both, &len);
	assert_true(len > b.len && b.len % 4 == 0);
	assert_memory_equal(data, b.s, b.len);
	list.len = 0;
	names(data + b.len, len - b.len, &list);
	assert_string_equal(list.s, "job:100444:0 ");
	assert_non_null(memmem(data + b.len, len - b.len, "the job", 7));
	assert_false(image_with_job("/nonexistent/x", base, "", 0));
	free(data);
	free(base);
	free(both);
	buf_free(&b);
	buf_free(&list);
}

static void errors_name_file_line_and_what_was_expected(void **state)
{
	static const struct { const char *list, *want; } bad[] = {
		{ "dir /a 0755\nfile /b\n", "list:2: expected file DEST SOURCE MODE" },
		{ "dir /a 9999\n", "list:1: expected dir DEST MODE" },
		{ "\n\nnod /a 0600 x 1 2\n", "list:3: expected nod DEST MODE c|b MAJOR MINOR" },
		{ "link a b\n", "list:1: unknown kind 'link', expected dir, file, nod or slink" },
		{ "file /a missing 0755\n", "list:1: cannot read missing: No such file or directory" },
	};
	struct buf b = { 0 };
	size_t i;
	char *why;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(build(bad[i].list, &b, &why), -1);
		assert_non_null(strstr(why, bad[i].want));
		free(why);
	}
	buf_free(&b);
}

static int setup(void **state)
{
	(void)state;
	return !mkdtemp(dir);
}

static int teardown(void **state)
{
	(void)state;
	remove_tree(dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_input_same_bytes),
		cmocka_unit_test(entries_are_as_listed_and_the_job_follows),
		cmocka_unit_test(errors_name_file_line_and_what_was_expected),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
