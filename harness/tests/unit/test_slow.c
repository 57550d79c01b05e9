/* test_slow.c - whether a kernel that somebody brings is one that is many times slower. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/kernels.h"
#include "harness/util.h"

static char dir[] = "/tmp/test_slow.XXXXXX";

static void write_text(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	free(path);
}

static bool slow(const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	bool is = kernel_file_is_slow(path);

	free(path);
	return is;
}

static void by_the_configuration_beside_it(void **state)
{
	(void)state;
	write_text("bzImage", "");
	assert_false(slow("bzImage"));
	write_text(".config", "# head\nCONFIG_X=y\n# CONFIG_KASAN is not set\n");
	assert_false(slow("bzImage"));
	write_text(".config", "# head\nCONFIG_KASAN=y\n");
	assert_true(slow("bzImage"));
	write_text(".config", "# head\nCONFIG_PROVE_LOCKING=y\n");
	assert_true(slow("bzImage"));
	assert_false(slow("nothing"));
}

static void by_that_of_the_tree(void **state)
{
	char *boot = xasprintf("%s/arch/x86/boot", dir);

	(void)state;
	make_dirs(boot);
	free(boot);
	write_text("arch/x86/boot/bzImage", "");
	write_text(".config", "# head\nCONFIG_X=y\n");
	assert_false(slow("arch/x86/boot/bzImage"));
	write_text(".config", "# head\nCONFIG_KCSAN=y\nCONFIG_X=y\n");
	assert_true(slow("arch/x86/boot/bzImage"));
}

static int make(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int clear(void **state)
{
	char *cmd = xasprintf("rm -rf '%s'", dir);
	int code = system(cmd);

	(void)state;
	free(cmd);
	return code;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_the_configuration_beside_it),
		cmocka_unit_test(by_that_of_the_tree),
	};

	return cmocka_run_group_tests(tests, make, clear);
}
