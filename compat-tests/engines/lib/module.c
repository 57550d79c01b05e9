/* module.c - kernel modules of the guest, /modules/NAME.ko. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "module.h"

int module_load(const char *name, const char *parameters)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), "/modules/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, parameters ? parameters : "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

int module_unload(const char *name)
{
	char loaded[64];
	size_t i;

	/* what is a dash in the file's name is none in the module's */
	for (i = 0; name[i] && i < sizeof(loaded) - 1; i++)
		loaded[i] = name[i] == '-' ? '_' : name[i];
	loaded[i] = '\0';
	return syscall(SYS_delete_module, loaded, O_NONBLOCK) ? -errno : 0;
}
