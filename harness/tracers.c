/* tracers.c - `ptbed tracers': Debian's strace, gdb, CRIU and User Mode Linux on both kernels, their results compared. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "image.h"
#include "lock.h"
#include "samework.h"
#include "toolimage.h"
#include "tree.h"

#define SOURCES "compat-tests/tracers"
#define MARK "# | "

/* The lines a script marked as results. */
static char *results(const struct program *q)
{
	struct strlist lines = { 0 };
	struct buf b = { 0 };

	buf_puts(&b, "");
	strlist_lines(&lines, q->output ? q->output : "");
	for (size_t i = 0; i < lines.n; i++)
		if (!strncmp(lines.v[i], MARK, strlen(MARK)))
			buf_printf(&b, "%s\n", lines.v[i] + strlen(MARK));
	strlist_free(&lines);
	return b.s;
}

/* The image that User Mode Linux boots from, for the image of its guest. */
static void build_uml_image(void)
{
	char *list = top_path(SOURCES "/uml.list"), *dir = top_path("build/image");
	char *path = xasprintf("%s/uml.cpio", dir), *why;
	struct buf b = { 0 };

	if (image_build(list, top_dir(), &b, &why))
		fatal(EX_BUILD, "%s", why);
	make_dirs(dir);
	write_file(path, b.s, b.len);
	buf_free(&b);
	free(list);
	free(dir);
	free(path);
}

/* Tools, all scripts, which may run one another, and what these have beside them. */
static char *image_lines(void)
{
	char *path = top_path(SOURCES "/tools.list"), *tools = toolimage_list(path);
	struct programs p = { 0 };
	struct buf b = { 0 };

	programs_find_scripts(&p, SOURCES, "/tracers", "*", false);
	programs_find_scripts(&p, SOURCES, "/tracers", "*", true);
	buf_puts(&b, tools);
	for (size_t i = 0; i < p.n; i++)
		buf_printf(&b, "file /tracers/%s.sh " SOURCES "/%s.sh 0755\n", p.v[i].name,
			   p.v[i].name);
	programs_free(&p);
	free(tools);
	free(path);
	return b.s;
}

int cmd_tracers(int argc, char **argv)
{
	static const struct argp argp = {
		NULL, samework_input, NULL,
		"Run the scripts of " SOURCES " in guests of both kernels: Debian's strace, gdb and User "
		"Mode Linux.  Their checks have to pass, their normalised results to be the same.  Those "
		"that say they need modules, with engines beside the tracers, run on the utrace kernel only.",
		samework_child, NULL, NULL
	};
	struct samework_options o = SAMEWORK_DEFAULTS;
	struct samework w = { .what = "tracers", .lines = results };
	char *lines;
	size_t both;
	int code;

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EX_USAGE;
	for (int s = 0; s < 2; s++)
		programs_find_scripts(&w.programs[s], SOURCES, "/tracers", o.only, false);
	both = w.programs[0].n;
	programs_find_scripts(&w.programs[1], SOURCES, "/tracers", o.only, true);
	if (!w.programs[1].n)
		fatal(EX_USAGE, "no script of " SOURCES " fits '%s'", o.only);
	lock_checkout();
	code = samework_kernels(&w, &o);
	if (code)
		return code;
	if (w.programs[1].n > both && !w.kernel[1].modules)
		fatal(EX_USAGE, "%s needs modules, %s has none; leave it out by --only",
		      w.programs[1].v[both].name, w.kernel[1].name);
	build_uml_image();
	lines = image_lines();
	w.run = (struct programs_options){
		.cpus = o.cpus, .seed = 1, .echo = o.verbose, .list = lines, .memory = 1024,
	};
	code = samework_run(&w);
	free(lines);
	samework_free(&w);
	return code;
}
