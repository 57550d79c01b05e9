/* nonet.c - preloaded into CRIU: answers its probes for what the guest's kernel is built without. */
/*
 * CRIU looks what the kernel can do before it begins, and takes a kernel without
 * TCP, netfilter or huge pages for a broken one.  Nothing of that is used in
 * what is saved here.  ptrace is the kernel's own.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define FDS 1024

static bool tcp[FDS];

static bool is_tcp(int fd)
{
	return fd >= 0 && fd < FDS && tcp[fd];
}

/* An IPv4 socket is one of UNIX that does nothing. */
int socket(int domain, int type, int protocol)
{
	int (*next)(int, int, int) = dlsym(RTLD_NEXT, "socket");
	bool inet = domain == AF_INET;
	int fd = next(inet ? AF_UNIX : domain, type, inet ? 0 : protocol);

	if (fd >= 0 && fd < FDS)
		tcp[fd] = inet;
	return fd;
}

int close(int fd)
{
	int (*next)(int) = dlsym(RTLD_NEXT, "close");

	if (is_tcp(fd))
		tcp[fd] = false;
	return next(fd);
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");

	return is_tcp(fd) ? 0 : next(fd, address, length);
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");

	return is_tcp(fd) ? 0 : next(fd, address, length);
}

int listen(int fd, int backlog)
{
	int (*next)(int, int) = dlsym(RTLD_NEXT, "listen");

	return is_tcp(fd) ? 0 : next(fd, backlog);
}

int shutdown(int fd, int how)
{
	int (*next)(int, int) = dlsym(RTLD_NEXT, "shutdown");

	return is_tcp(fd) ? 0 : next(fd, how);
}

/* TCP_REPAIR: there is none. */
int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	int (*next)(int, int, int, const void *, socklen_t) = dlsym(RTLD_NEXT, "setsockopt");

	if (!is_tcp(fd))
		return next(fd, level, name, value, length);
	errno = EPERM;
	return -1;
}

/* ENOSYS is not among the answers that CRIU takes for "no huge pages". */
int memfd_create(const char *name, unsigned int flags)
{
	int (*next)(const char *, unsigned int) = dlsym(RTLD_NEXT, "memfd_create");

	if (!(flags & MFD_HUGETLB))
		return next(name, flags);
	errno = EINVAL;
	return -1;
}

/* libnftables ends the program where it finds no netlink of its own. */
void *nft_ctx_new(unsigned int flags)
{
	(void)flags;
	return tcp;
}

void nft_ctx_free(void *context)
{
	(void)context;
}

int nft_run_cmd_from_buffer(void *context, const char *command)
{
	(void)context;
	(void)command;
	return 0;
}
