/* checks.c - what the checks of the kernel patches have in common: configurations, builds, scripts. */
#include <stdlib.h>

#include "checks.h"
#include "store.h"
#include "util.h"

int checks_config(struct kconfig *c, const char *localversion)
{
	char *path = top_path("vm-images/kernel/base.config");
	char *local = xasprintf("\"%s\"", localversion);
	int ret = kconfig_add_file(c, path);

	kconfig_set(c, "CONFIG_LOCALVERSION", local);
	free(path);
	free(local);
	return ret;
}

int checks_build(struct build *b)
{
	int lock = store_lock(b->name), ret;

	if (lock < 0)
		return EX_INTERRUPTED;
	ret = build_kernel(b);
	store_unlock(lock);
	return ret;
}

int checks_script(const char *script, const char *const args[])
{
	char *path = top_path("kernel-patches/%s", script);
	const char *argv[32] = { "perl", path };
	size_t n = 2;
	int status;

	while (*args && n + 1 < sizeof(argv) / sizeof(*argv))
		argv[n++] = *args++;
	status = run_cmd(argv, NULL, NULL);
	free(path);
	return interrupted ? EX_INTERRUPTED : status;
}
