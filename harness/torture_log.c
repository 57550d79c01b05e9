/* torture_log.c - the work a torture run has done: what a guest prints of it, and lines of the log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prooflog.h"
#include "torture_log.h"

/* Digits of a kernel's key in the log. */
#define KEY 12

/* "seen/possible,seen/possible,..." in hex; what follows it, or NULL if it is anything else. */
static const char *parse_pairs(const char *text, struct torture_done *d, int which)
{
	size_t n = 0;

	while (n < TORTURE_ROWS) {
		char *end;
		unsigned long seen = strtoul(text, &end, 16), want;

		if (end == text || *end != '/')
			return NULL;
		text = end + 1;
		want = strtoul(text, &end, 16);
		if (end == text)
			return NULL;
		d->seen[which][n] |= seen;
		d->want[which][n++] |= want;
		text = end;
		if (*end != ',') {
			d->rows[which] = n;
			return text;
		}
		text++;
	}
	return NULL;
}

static void print_pairs(struct buf *b, const struct torture_done *d, int which)
{
	for (size_t i = 0; i < d->rows[which]; i++)
		buf_printf(b, "%s%lx/%lx", i ? "," : "", d->seen[which][i], d->want[which][i]);
	if (!d->rows[which])
		buf_puts(b, "-");
}

static unsigned int count(const unsigned long *words, const unsigned long *mask, size_t n)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < n; i++)
		bits += __builtin_popcountl(words[i] & mask[i]);
	return bits;
}

unsigned int torture_pairs_seen(const struct torture_done *d, int which)
{
	return count(d->seen[which], d->want[which], d->rows[which]);
}

unsigned int torture_pairs_wanted(const struct torture_done *d, int which)
{
	return count(d->want[which], d->want[which], d->rows[which]);
}

bool torture_all_pairs(const struct torture_done *d)
{
	for (int w = 0; w < 2; w++)
		if (!d->rows[w] || torture_pairs_seen(d, w) != torture_pairs_wanted(d, w))
			return false;
	return true;
}

void torture_add(struct torture_done *sum, const struct torture_done *d)
{
	sum->ops += d->ops;
	sum->lives += d->lives;
	sum->callbacks += d->callbacks;
	for (int w = 0; w < 2; w++) {
		if (d->rows[w])
			sum->rows[w] = d->rows[w];
		for (size_t i = 0; i < TORTURE_ROWS; i++) {
			sum->seen[w][i] |= d->seen[w][i];
			sum->want[w][i] |= d->want[w][i];
		}
	}
	sum->boots += d->boots;
	sum->bad += d->bad;
}

bool torture_parse_result(const char *output, struct torture_done *d)
{
	const char *p = output ? strstr(output, "# torture ops=") : NULL, *t, *e;

	if (!p || sscanf(p, "# torture ops=%lu lives=%lu callbacks=%lu", &d->ops, &d->lives,
			 &d->callbacks) != 3)
		return false;
	t = strstr(p, " thread=");
	e = strstr(p, " engine=");
	return t && e && parse_pairs(t + 8, d, 0) && parse_pairs(e + 8, d, 1);
}

void torture_log_print(struct buf *b, const char *when, const struct torture_boot *boot)
{
	const struct torture_done *d = boot->done;

	buf_printf(b, "%s\t%.*s\t%s\t%u\t%llu\t%lu\t%lu\t%lu\t", when, KEY, boot->key,
		   boot->flavour, boot->cpus, (unsigned long long)boot->seed, d->ops, d->lives,
		   d->callbacks);
	print_pairs(b, d, 0);
	buf_puts(b, "\t");
	print_pairs(b, d, 1);
	buf_printf(b, "\t%.0f\t%s\n", boot->seconds, boot->verdict);
}

/* The field of pairs of a line: "-" if the boot told none. */
static bool logged_pairs(const char *text, struct torture_done *d, int which)
{
	const char *end = strcmp(text, "-") ? parse_pairs(text, d, which) : "";

	return end && !*end;
}

const char *torture_log_line(char *const field[], void *arg)
{
	struct torture_log *log = arg;
	struct torture_done d = { .boots = 1 };
	unsigned long cpus;

	if (strlen(field[1]) != KEY)
		return "12 digits of the kernel's key as the second field";
	if (!prooflog_number(field[3], &cpus))
		return "the number of CPUs as the fourth field";
	if (!prooflog_number(field[5], &d.ops) || !prooflog_number(field[6], &d.lives) ||
	    !prooflog_number(field[7], &d.callbacks))
		return "numbers of operations, lives and callbacks as the sixth to eighth field";
	if (!logged_pairs(field[8], &d, 0) || !logged_pairs(field[9], &d, 1))
		return "pairs, seen/possible in hex with commas, as the ninth and tenth field";
	if (strncmp(log->key, field[1], KEY) || cpus != log->cpus)
		return NULL;
	d.bad = strcmp(field[11], "SAME") != 0;
	torture_add(&log->sum, &d);
	return NULL;
}
