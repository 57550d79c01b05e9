/* store.c - the store outside the checkout: locks, the kernel source, and keys. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store.h"
#include "tree.h"
#include "util.h"

#define PACKAGE "linux-source-6.12"
#define ARCHIVE "/usr/src/" PACKAGE ".tar.xz"

char *store_path(const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	char *rel;

	va_start(ap, fmt);
	if (vasprintf(&rel, fmt, ap) < 0)
		fatal(EX_SYSTEM, "out of memory");
	va_end(ap);
	buf_printf(&b, "%s/%s", store_dir(), rel);
	free(rel);
	return b.s;
}

int store_lock(const char *name)
{
	char *dir = store_path("lock"), *path = store_path("lock/%s", name);
	bool said = false;
	int fd;

	make_dirs(dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		fatal(EX_SYSTEM, "cannot open %s: %s", path, strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			fatal(EX_SYSTEM, "cannot lock %s: %s", path,
			      strerror(errno));
		if (interrupted) {
			close(fd);
			fd = -1;
			break;
		}
		if (!said)
			fprintf(stderr, "ptbed: another run holds the store's %s, waiting for it\n",
				name);
		said = true;
		usleep(200 * 1000);
	}
	free(dir);
	free(path);
	return fd;
}

void store_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

void store_need_space(unsigned long need, const char *what)
{
	struct statvfs vfs;
	unsigned long have;

	make_dirs(store_dir());
	if (statvfs(store_dir(), &vfs))
		return;
	have = (unsigned long)(vfs.f_bavail * (vfs.f_frsize / 1024.0) / 1024);
	if (have < need)
		fatal(EX_SYSTEM, "disk full: %s needs some %lu MiB, %s has %lu MiB free",
		      what, need, store_dir(), have);
}

const char *source_version(void)
{
	static char *version;
	const char *const argv[] = {
		"dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}",
		PACKAGE, NULL
	};
	struct buf b = { 0 };
	int status;

	if (version)
		return version;
	/* dpkg-query prints its own complaint about an unknown package */
	status = run_capture(argv, NULL, &b);
	if (status || strncmp(b.s, "installed ", 10) || !file_exists(ARCHIVE))
		fatal(EX_DEPS, "package %s is not installed; run: make deps",
		      PACKAGE);
	version = xstrdup(b.s + 10);
	version[strcspn(version, " \n")] = '\0';
	buf_free(&b);
	return version;
}

const char *source_archive(void)
{
	return ARCHIVE;
}

char *source_tree(void)
{
	char *dir = store_path("src/%s", source_version());
	char *tmp = store_path("src/.tmp.%s", source_version());
	char *top = xasprintf("%s/%s", tmp, PACKAGE);
	char *src = store_path("src");
	const char *const argv[] = { "tar", "-C", tmp, "-xf", ARCHIVE, NULL };
	int status, lock = -1;

	if (!file_exists(dir)) {
		lock = store_lock("source");
		if (lock < 0) {
			free(dir);
			dir = NULL;
			goto out;
		}
	}
	if (!file_exists(dir)) {
		store_need_space(4000, "the unpacked kernel source");
		fprintf(stderr, "ptbed: unpacking %s %s\n", PACKAGE,
			source_version());
		remove_tree(tmp);
		make_dirs(tmp);
		status = run_cmd(argv, NULL, NULL);
		if (interrupted) {
			remove_tree(tmp);
			free(dir);
			dir = NULL;
			goto out;
		}
		if (status || !file_exists(top)) {
			remove_tree(tmp);
			fatal(EX_SYSTEM, "cannot unpack %s into %s (tar: exit status %d)",
			      ARCHIVE, src, status);
		}
		if (rename(top, dir))
			fatal(EX_SYSTEM, "cannot publish %s: %s", dir,
			      strerror(errno));
		remove_tree(tmp);
	}
out:
	store_unlock(lock);
	free(tmp);
	free(top);
	free(src);
	return dir;
}

void key_add(struct key *k, const char *label, const void *data, size_t len)
{
	buf_printf(&k->b, "%s %zu\n", label, len);
	buf_add(&k->b, data, len);
	buf_puts(&k->b, "\n");
}

void key_add_str(struct key *k, const char *label, const char *value)
{
	key_add(k, label, value, strlen(value));
}

void key_add_file(struct key *k, const char *label, const char *path)
{
	size_t len = 0;
	char *s = read_file(path, &len);

	if (!s)
		fatal(EX_SYSTEM, "cannot read %s: %s", path, strerror(errno));
	key_add(k, label, s, len);
	free(s);
}

void key_add_tree(struct key *k, const char *label, const char *dir)
{
	struct strlist files = { 0 };
	size_t i;

	walk_files(dir, &files);
	for (i = 0; i < files.n; i++) {
		char *path = xasprintf("%s/%s", dir, files.v[i]);
		char *what = xasprintf("%s:%s:%s", label, files.v[i],
				       access(path, X_OK) ? "-" : "x");

		key_add_file(k, what, path);
		free(path);
		free(what);
	}
	strlist_free(&files);
}

char *key_finish(struct key *k)
{
	char hex[65];

	sha256_hex(k->b.s ? k->b.s : "", k->b.len, hex);
	buf_free(&k->b);
	return xstrdup(hex);
}
