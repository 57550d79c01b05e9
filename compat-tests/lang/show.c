/* show.c - an expanded case as text: a scenario of its own, in aligned columns, 80 wide where it can be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../harness/util.h"
#include "parse.h"

#define WIDTH 80
#define INDENT 3	/* of a row: room for the + of one that goes on */

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A line with single blanks. */
static char *line_text(struct build *b, const struct text *t)
{
	char *out = ar_alloc(b->a, t->n + 1);
	bool quoted = false;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		char c = t->s[i];

		if (quoted && c == '\\' && i + 1 < t->n) {
			out[n++] = c;
			c = t->s[++i];
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && blank(c)) {
			if (n && out[n - 1] == ' ')
				continue;
			c = ' ';
		}
		out[n++] = c;
	}
	return out;
}

/* A step as the language writes it. */
static char *step_show(struct build *b, const struct form_step *st)
{
	char *s = ar_printf(b->a, "%s", "");

	for (int i = 0; i < 2; i++)
		if (st->await[i] != FORM_NONE)
			s = ar_printf(b->a, "%s<%s ", s, b->edge[st->await[i]].name);
	s = ar_printf(b->a, "%s%s%s%s%s", s, st->flags & STEP_NEED ? "need " : "",
		      st->flags & STEP_MUTE ? "- " : "", st->flags & STEP_ERRLOG ? "! " : "",
		      b->pool + st->text);
	if (st->result != FORM_NONE)
		s = ar_printf(b->a, "%s => %s", s, b->value[st->result].name);
	for (int i = 0; i < 2; i++)
		if (st->post[i] != FORM_NONE)
			s = ar_printf(b->a, "%s >%s", s, b->edge[st->post[i]].name);
	return s;
}

static char *cell_show(struct build *b, const struct rcell *c)
{
	char *s = ar_alloc(b->a, 1);

	for (size_t i = 0; i < c->n; i++)
		s = ar_printf(b->a, "%s%s%s", s, i ? "; " : "",
			      step_show(b, &b->role[c->role].steps.v[c->first + i]));
	return s;
}

/* Bytes of @s that fit in @width: broken behind a `;', else at a blank, else not. */
static size_t fit(const char *s, size_t width)
{
	size_t n = strlen(s), step = 0, word = 0;
	bool quoted = false;

	if (n <= width)
		return n;
	for (size_t i = 0; i < n && i <= width; i++) {
		if (quoted && s[i] == '\\' && s[i + 1])
			i++;
		else if (s[i] == '"')
			quoted = !quoted;
		else if (!quoted && s[i] == ' ') {
			if (i && s[i - 1] == ';')
				step = i;
			word = i;
		}
	}
	if (step)
		return step;
	if (word)
		return word;
	/* A long word stays whole. */
	quoted = false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '"')
			quoted = !quoted;
		else if (!quoted && s[i] == ' ')
			return i;
	}
	return n;
}

static size_t longest_word(const char *s)
{
	size_t most = 0, n = 0;
	bool quoted = false;

	for (; *s; s++) {
		if (*s == '"')
			quoted = !quoted;
		n = !quoted && *s == ' ' ? 0 : n + 1;
		if (n > most)
			most = n;
	}
	return most;
}

/* A table being shown: columns that have a step or a name to show in this case. */
struct shown {
	size_t ncols;
	size_t col[FORM_MAX_ROLES];	/* of the scenario */
	size_t w[FORM_MAX_ROLES];
	char **head, ***cell;		/* [row][column shown] */
	size_t nrows;
};

static size_t last_cell(const struct shown *sh, char **cell)
{
	size_t last = 0;

	for (size_t i = 0; i < sh->ncols; i++)
		if (*cell[i])
			last = i;
	return last;
}

/* The width the table needs: the last cell of a row may use what is right of it. */
static size_t needs(const struct shown *sh, const size_t *tail)
{
	size_t most = 0, at = INDENT;

	for (size_t i = 0; i < sh->ncols; i++) {
		size_t n = tail[i] > sh->w[i] ? tail[i] : sh->w[i];

		if (at + n > most)
			most = at + n;
		at += sh->w[i] + 3;
	}
	return most;
}

/* Column widths: natural ones if they fit, else the widest give way. */
static void widths(struct shown *sh)
{
	size_t min[FORM_MAX_ROLES], tail[FORM_MAX_ROLES] = { 0 }, full[FORM_MAX_ROLES] = { 0 };

	for (size_t i = 0; i < sh->ncols; i++)
		sh->w[i] = min[i] = strlen(sh->head[i]);
	for (size_t r = 0; r < sh->nrows; r++) {
		size_t last = last_cell(sh, sh->cell[r]);

		for (size_t i = 0; i <= last; i++) {
			size_t n = strlen(sh->cell[r][i]), lw = longest_word(sh->cell[r][i]);

			if (i == last && n > full[i])
				full[i] = n;
			/* Words of a last cell stay whole; 24 bytes of it should fit. */
			if (i == last && lw < 24)
				lw = n < 24 ? n : 24;
			if (i == last && lw > tail[i])
				tail[i] = lw;
			if (i < last && n > sh->w[i])
				sh->w[i] = n;
			if (i < last && lw > min[i])
				min[i] = lw;
		}
	}
	while (needs(sh, tail) > WIDTH) {
		size_t widest = SIZE_MAX;

		for (size_t i = 0; i < sh->ncols; i++)
			if (sh->w[i] > min[i] && (widest == SIZE_MAX || sh->w[i] > sh->w[widest]))
				widest = i;
		if (widest == SIZE_MAX)
			break;
		sh->w[widest]--;
	}
	/* What room is left sets the columns apart. */
	for (bool grown = true; grown;) {
		grown = false;
		for (size_t i = 0; i + 1 < sh->ncols; i++) {
			if (sh->w[i] >= 28 || sh->w[i] >= full[i])
				continue;
			sh->w[i]++;
			if (needs(sh, full) > WIDTH)
				sh->w[i]--;
			else
				grown = true;
		}
	}
}

/* One row of the table, in as many lines as its longest cell needs. */
static void row(const struct shown *sh, struct buf *out, char **cell)
{
	const char *rest[FORM_MAX_ROLES];
	bool more = true;

	memcpy(rest, cell, sh->ncols * sizeof(*rest));
	for (int turn = 0; more; turn++) {
		size_t start = out->len, last = last_cell(sh, (char **)rest), at = INDENT;

		more = false;
		buf_puts(out, turn ? " + " : "   ");
		for (size_t i = 0; i <= last; i++) {
			size_t w = sh->w[i], n;

			if (i == last && at + w < WIDTH)
				w = WIDTH - at;
			n = fit(rest[i], w);
			buf_printf(out, "%s%-*.*s", i ? " | " : "", i < last ? (int)w : 0, (int)n, rest[i]);
			rest[i] += n;
			while (*rest[i] == ' ')
				rest[i]++;
			more = more || *rest[i];
			at += w + 3;
		}
		while (out->len > start && out->s[out->len - 1] == ' ')
			out->s[--out->len] = '\0';
		buf_puts(out, "\n");
	}
}

/* A column without a step is left out, unless the role is named by nothing else. */
static void choose_columns(struct build *b, struct shown *sh)
{
	for (size_t i = 0; i < b->rows.ncols; i++) {
		int r = build_role(b, b->rows.col[i].s);

		if (r < 0 || (!b->role[r].steps.n && (b->role[r].named || b->role[r].created)))
			continue;
		sh->head[sh->ncols] = b->rows.col[i].s;
		sh->col[sh->ncols++] = i;
	}
}

static void show_steps(struct build *b, struct buf *out)
{
	struct shown sh = { 0 };

	sh.head = ar_alloc(b->a, FORM_MAX_ROLES * sizeof(*sh.head));
	sh.cell = ar_alloc(b->a, (b->rows.n + 1) * sizeof(*sh.cell));
	choose_columns(b, &sh);
	for (size_t r = 0; r < b->rows.n; r++) {
		char **cell = ar_alloc(b->a, (sh.ncols + 1) * sizeof(*cell));
		bool any = false;

		for (size_t i = 0; i < sh.ncols; i++) {
			cell[i] = cell_show(b, &b->cells[r * b->rows.ncols + sh.col[i]]);
			any = any || *cell[i];
		}
		if (any)
			sh.cell[sh.nrows++] = cell;
	}
	widths(&sh);
	buf_puts(out, "\nsteps\n");
	row(&sh, out, sh.head);
	for (size_t r = 0; r < sh.nrows; r++)
		row(&sh, out, sh.cell[r]);
}

/* A text filled at blanks, lines behind the first one indented. */
static void fill(struct buf *out, const char *kw, const char *s)
{
	size_t col = (size_t)snprintf(NULL, 0, "%-8s", kw);

	buf_printf(out, "%-8s", kw);
	while (*s) {
		size_t n = strcspn(s, " \t");

		if (col + 1 + n > WIDTH && col > 8) {
			buf_puts(out, "\n        ");
			col = 8;
		}
		buf_printf(out, " %.*s", (int)n, s);
		col += n + 1;
		s += n;
		while (*s == ' ' || *s == '\t')
			s++;
	}
	buf_puts(out, "\n");
}

static void show_section(struct build *b, struct buf *out, struct section *sec)
{
	struct texts lines = { 0 };

	lines_expand(b->s, sec, &lines);
	buf_printf(out, "\n%s %s\n", sec->kw, sec->name);
	for (size_t i = 0; i < lines.n; i++)
		buf_printf(out, "  %s\n", line_text(b, &lines.v[i]));
}

/* Malloced. */
char *build_show(struct build *b)
{
	struct scn *s = b->s;
	struct arena *keep = s->a;
	struct buf out = { 0 };
	size_t name = 0;

	s->a = b->a;
	buf_printf(&out, "# %s\n", b->name);
	fill(&out, "title", s->title);
	fill(&out, "ids", s->ids);
	if (s->tags)
		fill(&out, "tags", s->tags);
	fill(&out, "outcome", s->racy ? "racy" : "exact");
	if (s->cpus)
		buf_printf(&out, "%-8s %u\n", "cpus", s->cpus);
	buf_puts(&out, "\nroles\n");
	for (size_t i = 0; i < b->nroles; i++)
		if (strlen(b->role[i].name) > name)
			name = strlen(b->role[i].name);
	for (size_t i = 0; i < b->nroles; i++) {
		const char *line = line_text(b, &b->role[i].text);
		size_t n = strcspn(line, " ");

		buf_printf(&out, "  %-*.*s%s\n", (int)name + 1, (int)n, line, line + n);
	}
	for (size_t i = 0; i < b->nblocks; i++)
		show_section(b, &out, b->block[i].sec);
	for (size_t i = 0; i < b->nhandlers; i++)
		show_section(b, &out, b->handler[i].sec);
	show_steps(b, &out);
	s->a = keep;
	return out.s;
}
