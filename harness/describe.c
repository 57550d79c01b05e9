/* describe.c - what a lost boot leaves for people to read: what ran, what the guest printed, where it was stuck. */
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "splat.h"
#include "util.h"

#define TAIL_LINES	40

static void add_line(struct buf *b, const char *line)
{
	if (line)
		buf_printf(b, "%.*s\n", (int)strcspn(line, "\n"), line);
}

static const char *next_line(const char *p)
{
	p = strchr(p, '\n');
	return p ? p + 1 : NULL;
}

/* Lines of a panic's trace that are in every one. */
static bool is_trace_noise(const char *line)
{
	static const char *const noise[] = {
		"Hardware name:", "Call Trace:", "<TASK>", " panic+", "] ? ", "  ? ",
	};
	size_t i, len = strcspn(line, "\n");

	for (i = 0; i < sizeof(noise) / sizeof(noise[0]); i++)
		if (memmem(line, len, noise[i], strlen(noise[i])))
			return true;
	return false;
}

/*
 * What the guest printed last.  After a panic, that is what came before the
 * task states, then once more the lines that say it all: reports show the end
 * of this text.
 */
static void add_console(struct buf *b, const struct vm *v)
{
	const char *text = v->console.s, *panic = panic_find(text), *end = text + v->console.len;
	const char *splat = splat_find(text), *from, *rip;

	/* in a stuck guest the panic is our own NMI */
	if (panic)
		end = panic;
	if (splat >= end)
		splat = NULL;
	from = last_lines(text, end - text, TAIL_LINES);
	if (splat && splat > from && !panic)
		from = splat;
	if (end == from)
		buf_puts(b, panic ? "" : "the console is empty\n");
	else
		buf_printf(b, "console:\n%.*s%s", (int)(end - from), from,
			   end[-1] == '\n' ? "" : "\n");
	if (!panic || v->dump)
		return;
	rip = strstr(splat ? splat : panic, "RIP: ");
	buf_puts(b, "the panic:\n");
	add_line(b, splat);
	if (rip && splat && rip < panic)
		add_line(b, rip);
	for (int n = 0; panic && *panic && n < 6; panic = next_line(panic)) {
		if (is_trace_noise(panic))
			continue;
		add_line(b, panic);
		n++;
	}
}

/* The number behind @key in a task's line. */
static long task_number(const char *task, const char *end, const char *key)
{
	const char *p = memmem(task, end - task, key, strlen(key));

	return p ? strtol(p + strlen(key), NULL, 10) : -1;
}

/*
 * The lines of the NMI's dump that say what each task does; of kernel threads
 * only those that do something.
 */
static void add_tasks(struct buf *b, const struct vm *v)
{
	bool any = false;

	for (const char *line = panic_find(v->console.s); line; line = next_line(line)) {
		const char *end = line + strcspn(line, "\n"), *task;

		task = memmem(line, end - line, "task:", 5);
		if (!task)
			continue;
		if (!any)
			buf_puts(b, "tasks:\n");
		any = true;
		if ((task_number(task, end, " pid:") == 2 || task_number(task, end, "ppid:") == 2) &&
		    !memmem(task, end - task, "state:R", 7) &&
		    !memmem(task, end - task, "state:D", 7))
			continue;
		buf_printf(b, "%.*s\n", (int)(end - task), task);
	}
	if (!any)
		buf_puts(b, "tasks: the guest did not answer the NMI\n");
}

/* Which results the boot should have had and has not; the case, if it is only one. */
static size_t add_missing(struct buf *b, const struct suite *s, const struct vm *v)
{
	size_t i, cases = 0, icase = SIZE_MAX;
	unsigned int k;

	for (i = 0; i < v->boot->nitems; i++) {
		const struct item *it = &v->boot->items[i];

		for (k = 0; k < it->repeats && v->done[i][k]; k++)
			;
		if (k == it->repeats)
			continue;
		icase = cases++ ? SIZE_MAX : it->icase;
		if (cases <= 5)
			buf_printf(b, "missing: %s, repeat %u\n", s->cases[it->icase].name,
				   it->first + k);
	}
	if (cases > 5)
		buf_printf(b, "missing: %zu more cases\n", cases - 5);
	return icase;
}

char *describe_loss(const struct suite *s, const struct vm *v, size_t *icase)
{
	const struct boot *boot = v->boot;
	struct buf b = { 0 };

	*icase = SIZE_MAX;
	if (v->running != NO_ITEM) {
		*icase = boot->items[v->running].icase;
		buf_printf(&b, "running: %s, repeat %u\n", s->cases[*icase].name, v->running_repeat);
	} else if (v->bye) {
		*icase = add_missing(&b, s, v);
	} else if (v->last != NO_ITEM) {
		buf_printf(&b, "between cases, after %s\n",
			   s->cases[boot->items[v->last].icase].name);
	}
	buf_printf(&b, "boot %u, %s, seed %llu, %u of its results arrived\n", boot->number,
		   boot->mode == MODE_ICOUNT ? "counted" : "several CPUs",
		   (unsigned long long)boot->seed, v->nresults);
	if (v->trouble.len)
		buf_puts(&b, v->trouble.s);
	add_console(&b, v);
	if (v->dump) {
		buf_printf(&b, "registers:\n%s", v->dump);
		add_tasks(&b, v);
	}
	return b.s;
}
