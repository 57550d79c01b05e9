/* accel.c - finds out once whether KVM works on this host, by booting a guest under it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "accel.h"
#include "util.h"
#include "vm.h"

/* Seconds; a guest under a working KVM is there in two. */
#define TRIAL_LIMIT 20

static void add_cpu_model(struct buf *b)
{
	char line[256];
	FILE *f = fopen("/proc/cpuinfo", "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "model name", 10) || !strncmp(line, "microcode", 9)) {
			buf_puts(b, line);
			if (*line == 'm' && line[1] == 'i')
				break;
		}
	if (f)
		fclose(f);
}

static char *answer_path(void)
{
	struct buf b = { 0 };
	struct utsname u;
	char hex[65], *path;

	uname(&u);
	buf_printf(&b, "%s %s\n", u.release, u.version);
	add_cpu_model(&b);
	sha256_hex(b.s, b.len, hex);
	buf_free(&b);
	path = xasprintf("%s/accel/%.16s", store_dir(), hex);
	return path;
}

static bool try_boot(const char *kernel, const char *base_image, const char *work)
{
	static const struct vm_ops ops;
	struct vm_limits lim = { .hello = TRIAL_LIMIT, .silence = TRIAL_LIMIT, .nmi = 1 };
	struct suite none = { 0 };
	struct vm_setup setup = {
		.kernel = kernel, .base_image = base_image, .work = work, .name = "kvm-trial",
		.suite = &none, .memory = 256, .kvm = true,
	};
	struct boot *b = boot_new(MODE_SMP, 2, 1, 0);
	double since = now_seconds();
	struct vm v;
	bool ok = false, over;

	if (vm_start(&v, &setup, b, &ops, NULL)) {
		vm_free(&v);
		boot_free(b);
		return false;
	}
	do {
		struct pollfd p = { .fd = v.qemu.pidfd, .events = POLLIN };

		poll(&p, 1, 100);
		over = vm_work(&v, &lim);
		ok = v.hello;
	} while (!over && !ok && !interrupted && now_seconds() - since < TRIAL_LIMIT);
	if (!over)
		vm_abort(&v);
	vm_remove_files(&v);
	vm_free(&v);
	boot_free(b);
	return ok;
}

bool accel_kvm(const char *kernel, const char *base_image, const char *work)
{
	const char *force = getenv("PTBED_ACCEL");
	char *path, *answer, *dir;
	bool works;
	int fd;

	if (force && *force) {
		if (strcmp(force, "kvm") && strcmp(force, "tcg"))
			fatal(EX_USAGE, "PTBED_ACCEL=%s, expected kvm or tcg", force);
		return !strcmp(force, "kvm");
	}
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	close(fd);
	path = answer_path();
	answer = read_file(path, NULL);
	if (answer && (!strcmp(answer, "kvm\n") || !strcmp(answer, "tcg\n"))) {
		works = *answer == 'k';
	} else {
		works = try_boot(kernel, base_image, work);
		if (!interrupted) {
			dir = xasprintf("%s/accel", store_dir());
			make_dirs(dir);
			free(dir);
			write_file(path, works ? "kvm\n" : "tcg\n", 4);
		}
	}
	free(answer);
	free(path);
	return works;
}
