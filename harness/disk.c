/* disk.c - is there room left where QEMU writes? */
#include <sys/statvfs.h>
#include <unistd.h>

#include "disk.h"

/* Bytes; QEMU's console and result channel grow by less between two looks. */
#define DISK_LOW (256ull << 10)

bool disk_is_full(const char *path)
{
	struct statvfs st;

	/* root may use what is reserved */
	return !statvfs(path, &st) &&
	       (unsigned long long)(geteuid() ? st.f_bavail : st.f_bfree) * st.f_frsize < DISK_LOW;
}
