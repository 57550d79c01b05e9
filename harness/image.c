/* image.c - the guest's initramfs: a newc archive made from vm-images/image.list, and the job file behind it. */
#include <archive.h>
#include <archive_entry.h>
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "commands.h"
#include "image.h"

struct cpio {
	struct archive *a;
	uint64_t ino;
};

static la_ssize_t to_buf(struct archive *a, void *data, const void *p, size_t n)
{
	(void)a;
	buf_add(data, p, n);
	return n;
}

static void cpio_open(struct cpio *c, struct buf *out)
{
	c->ino = 0;
	c->a = archive_write_new();
	if (!c->a || archive_write_set_format_cpio_newc(c->a) ||
	    archive_write_add_filter_none(c->a) ||
	    archive_write_set_bytes_per_block(c->a, 0) ||
	    archive_write_open(c->a, out, NULL, to_buf, NULL))
		fatal(EX_SYSTEM, "libarchive cannot write a newc archive: %s",
		      c->a ? archive_error_string(c->a) : "out of memory");
}

static void cpio_close(struct cpio *c, struct buf *out)
{
	static const char zeros[512];

	if (archive_write_close(c->a))
		fatal(EX_SYSTEM, "cannot finish the archive: %s", archive_error_string(c->a));
	archive_write_free(c->a);
	/* the kernel wants whatever follows to start at a multiple of 4 */
	buf_add(out, zeros, -out->len & 511);
}

/* Owner root and time 0, so that the same inputs give the same bytes. */
static void cpio_add(struct cpio *c, struct archive_entry *e, const void *data, size_t len)
{
	archive_entry_set_ino(e, ++c->ino);
	archive_entry_set_nlink(e, archive_entry_filetype(e) == AE_IFDIR ? 2 : 1);
	archive_entry_set_uid(e, 0);
	archive_entry_set_gid(e, 0);
	archive_entry_set_mtime(e, 0, 0);
	archive_entry_set_size(e, len);
	if (archive_write_header(c->a, e) < ARCHIVE_WARN ||
	    (len && archive_write_data(c->a, data, len) != (la_ssize_t)len))
		fatal(EX_SYSTEM, "cannot add %s to the image: %s",
		      archive_entry_pathname(e), archive_error_string(c->a));
	archive_entry_free(e);
}

static struct archive_entry *entry(const char *dest, mode_t type, mode_t mode)
{
	struct archive_entry *e = archive_entry_new();

	while (*dest == '/')
		dest++;
	archive_entry_set_pathname(e, dest);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, mode);
	return e;
}

/* "0755" and the like; -1 when it is no mode. */
static int parse_mode(const char *s)
{
	char *end;
	long v = strtol(s, &end, 8);

	return *s && !*end && v >= 0 && v <= 07777 ? (int)v : -1;
}

static int parse_dev(const char *s)
{
	char *end;
	long v = strtol(s, &end, 10);

	return *s && !*end && v >= 0 && v < 4096 ? (int)v : -1;
}

#define MAX_WORDS 7

/* One line of the list; NULL, or what is wrong with it (caller frees). */
static char *add_line(struct cpio *c, const char *top, char **w, int n)
{
	int mode;

	if (!strcmp(w[0], "dir")) {
		if (n != 3 || (mode = parse_mode(w[2])) < 0)
			return xstrdup("expected dir DEST MODE");
		cpio_add(c, entry(w[1], AE_IFDIR, mode), NULL, 0);
		return NULL;
	}
	if (!strcmp(w[0], "slink")) {
		struct archive_entry *e;

		if (n != 3)
			return xstrdup("expected slink DEST TARGET");
		e = entry(w[1], AE_IFLNK, 0777);
		archive_entry_set_symlink(e, w[2]);
		cpio_add(c, e, NULL, 0);
		return NULL;
	}
	if (!strcmp(w[0], "nod")) {
		struct archive_entry *e;

		if (n != 6 || (mode = parse_mode(w[2])) < 0 ||
		    (strcmp(w[3], "c") && strcmp(w[3], "b")) ||
		    parse_dev(w[4]) < 0 || parse_dev(w[5]) < 0)
			return xstrdup("expected nod DEST MODE c|b MAJOR MINOR");
		e = entry(w[1], *w[3] == 'c' ? AE_IFCHR : AE_IFBLK, mode);
		archive_entry_set_rdev(e, makedev(parse_dev(w[4]), parse_dev(w[5])));
		cpio_add(c, e, NULL, 0);
		return NULL;
	}
	if (!strcmp(w[0], "file")) {
		char *path, *data;
		size_t len;

		if (n != 4 || (mode = parse_mode(w[3])) < 0)
			return xstrdup("expected file DEST SOURCE MODE");
		path = *w[2] == '/' ? xstrdup(w[2]) : xasprintf("%s/%s", top, w[2]);
		data = read_file(path, &len);
		free(path);
		if (!data)
			return xasprintf("cannot read %s: %s", w[2], strerror(errno));
		cpio_add(c, entry(w[1], AE_IFREG, mode), data, len);
		free(data);
		return NULL;
	}
	return xasprintf("unknown kind '%s', expected dir, file, nod or slink", w[0]);
}

int image_build(const char *list, const char *top, struct buf *out, char **why)
{
	char *text = read_file(list, NULL), *line, *next;
	unsigned int lineno = 0;
	struct cpio c;

	if (!text) {
		*why = xasprintf("%s: %s", list, strerror(errno));
		return -1;
	}
	*why = NULL;
	cpio_open(&c, out);
	for (line = text; line && !*why; line = next) {
		char *w[MAX_WORDS], *save, *p, *wrong;
		int n = 0;

		lineno++;
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		p = strchr(line, '#');
		if (p)
			*p = '\0';
		for (p = strtok_r(line, " \t\r", &save); p && n < MAX_WORDS;
		     p = strtok_r(NULL, " \t\r", &save))
			w[n++] = p;
		if (!n)
			continue;
		wrong = add_line(&c, top, w, n);
		if (wrong)
			*why = xasprintf("%s:%u: %s", list, lineno, wrong);
		free(wrong);
	}
	cpio_close(&c, out);
	free(text);
	return *why ? -1 : 0;
}

const char *ensure_image(void)
{
	static char *path;
	struct buf b = { 0 };
	char *list, *dir, *why, *old;
	size_t len = 0;

	if (path)
		return path;
	list = top_path("vm-images/image.list");
	if (image_build(list, top_dir(), &b, &why))
		fatal(EX_BUILD, "%s; `make image' builds the guest's programs", why);
	dir = top_path("build/image");
	make_dirs(dir);
	path = xasprintf("%s/base.cpio", dir);
	old = read_file(path, &len);
	if (!old || len != b.len || memcmp(old, b.s, len))
		write_file(path, b.s, b.len);
	free(old);
	free(dir);
	free(list);
	buf_free(&b);
	return path;
}

char *image_keep(const char *dir)
{
	const char *base = ensure_image();
	char *path = xasprintf("%s/base.cpio", dir), *data;
	size_t len;

	/* A new image is another file of that name: see write_file(). */
	if (link(base, path)) {
		data = read_file(base, &len);
		if (!data)
			fatal(EX_SYSTEM, "cannot read %s: %s", base, strerror(errno));
		write_file(path, data, len);
		free(data);
	}
	return path;
}

static bool write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= done;
	}
	return true;
}

bool image_with_job(const char *path, const char *base, const void *job, size_t len)
{
	int in = open(base, O_RDONLY | O_CLOEXEC);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct buf b = { 0 };
	struct cpio c;
	bool ok = in >= 0 && fd >= 0;
	int err;

	while (ok) {
		ssize_t n = sendfile(fd, in, NULL, 1 << 20);

		if (n < 0 && errno == EINTR)
			continue;
		ok = n >= 0;
		if (n <= 0)
			break;
	}
	cpio_open(&c, &b);
	cpio_add(&c, entry("job", AE_IFREG, 0444), job, len);
	cpio_close(&c, &b);
	ok = ok && write_all(fd, b.s, b.len);
	err = errno;
	buf_free(&b);
	if (in >= 0)
		close(in);
	if (fd >= 0 && close(fd) && ok) {
		ok = false;
		err = errno;
	}
	errno = err;
	return ok;
}

int cmd_image(int argc, char **argv)
{
	struct argp argp = { .doc = "Build the guest's initramfs, build/image/base.cpio." };
	const char *path;
	struct stat st;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	path = ensure_image();
	if (stat(path, &st))
		fatal(EX_SYSTEM, "%s: %s", path, strerror(errno));
	printf("%s: %.1f MB\n", path, st.st_size / 1e6);
	return 0;
}
