/* splat.c - finds reports of trouble in what a kernel printed. */
#include <ctype.h>
#include <string.h>

#include "splat.h"
#include "util.h"

/* How a report's first line starts, after the time stamp. */
static const char *const starts[] = {
	"WARNING: ",			/* WARN_ON and every lockdep and RCU report */
	"BUG: ",			/* KASAN, atomic sleep, page faults, soft lockups */
	"[ BUG: ",			/* lockdep: invalid wait context */
	"kernel BUG at ",
	"UBSAN: ",
	"INFO: task ",			/* hung task */
	"INFO: rcu_",
	"INFO: trying to register non-static key",
	"INFO: suspicious ",
	"rcu: INFO: ",
	"Oops: ",
	"Oops ",
	"general protection fault",
	"invalid opcode: ",
	"divide error: ",
	"stack segment: ",
	"int3: ",
	"traps: PANIC",
	"list_add corruption",
	"list_del corruption",
	"slab error in ",
	"ODEBUG: ",
	"refcount_t: ",
	"unchecked MSR access error: ",
	"watchdog: BUG",
	"watchdog: Watchdog detected",	/* hard lockup */
	"bad: scheduling from the idle",
	"Out of memory: Killed process",	/* nothing here needs that much */
	"Memory cgroup out of memory",
	"Unable to handle kernel",
	"unreferenced object ",
	"Kernel stack overflow",
	"BUG ",				/* of a slab: "BUG task_struct (Not tainted): " */
	"huh, entered softirq",
	"Freezing user space processes failed after",
};

/* What stands in a report's first line behind the name of a task. */
static const char *const inside[] = {
	": page allocation failure: ",
	": bad pgd ",
	": bad p4d ",
	": bad pud ",
	": bad pmd ",
	" exited with irqs disabled",
	" exited with preempt_count ",
};

/* Skip "<4>", "[   12.345678] " and "[ T123] " in front of a line's text. */
static const char *past_stamp(const char *p)
{
	const char *q;

	if (*p == '<') {
		for (q = p + 1; isdigit((unsigned char)*q); q++)
			;
		if (*q == '>')
			p = q + 1;
	}
	while (*p == '[') {
		for (q = p + 1; *q == ' ' || *q == '.' || isdigit((unsigned char)*q) ||
		     *q == 'T' || *q == 'C'; q++)
			;
		if (*q != ']')
			break;
		p = q + 1;
		while (*p == ' ')
			p++;
	}
	return p;
}

static const char *next_line(const char *p)
{
	p = strchr(p, '\n');
	return p ? p + 1 : NULL;
}

static bool is_inside(const char *p, const char *what)
{
	const char *at = strstr(p, what), *end = strchr(p, '\n');

	return at && (!end || at < end);
}

/* Does a report begin with the line @p, without its stamp? */
static bool is_start(const char *p)
{
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (!strncmp(p, starts[i], strlen(starts[i])))
			return true;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (is_inside(p, inside[i]))
			return true;
	return false;
}

const char *splat_find(const char *text)
{
	const char *line;

	for (line = text; line && *line; line = next_line(line))
		if (is_start(past_stamp(line)))
			return line;
	return NULL;
}

const char *splat_next(const char *line)
{
	line = next_line(line);
	return line ? splat_find(line) : NULL;
}

char *splat_title(const char *line)
{
	const char *p = past_stamp(line);
	struct buf b = { 0 };

	buf_puts(&b, "");
	while (*p && *p != '\n' && *p != '\r' && b.len < 160) {
		const char *q = p;
		bool word = p == line || !isalnum((unsigned char)p[-1]);

		while (isxdigit((unsigned char)*q) || (q == p + 1 && *q == 'x'))
			q++;
		/* addresses, pids and CPU numbers vary; offsets and lines do not */
		if (word && isdigit((unsigned char)*p) && p > line &&
		    (p[-1] == ' ' || p[-1] == '/') && (*q == '\0' || isspace((unsigned char)*q))) {
			buf_puts(&b, "N");
			p = q;
			continue;
		}
		buf_add(&b, p++, 1);
	}
	return b.s;
}

const char *panic_find(const char *text)
{
	const char *p = strstr(text, "Kernel panic - "), *last = NULL;

	for (; p; p = strstr(p + 1, "Kernel panic - "))
		last = p;
	while (last && last > text && last[-1] != '\n')
		last--;
	return last;
}

const char *last_lines(const char *text, size_t len, unsigned int lines)
{
	const char *p = text + len;

	if (p > text && p[-1] == '\n')
		p--;
	while (p > text) {
		if (p[-1] == '\n' && !--lines)
			break;
		p--;
	}
	return p;
}
