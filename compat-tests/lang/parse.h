/* parse.h - what the files of the scenario language share; nobody else includes this. */
#ifndef LANG_PARSE_H
#define LANG_PARSE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../form/consts.h"
#include "../form/form.h"
#include "lang.h"

#define MAX_LINE	1000	/* bytes of a line of a file, and 4 times of an expanded one */
#define MAX_EXPANDED	4000
#define MAX_PARAMS	16
#define MAX_PARAM_VALUES 128
#define MAX_LETS	128
#define MAX_ROWS	2000	/* of one case, macros expanded */
#define MAX_USE_DEPTH	8
#define MAX_USES	200	/* of macros in one case */
#define MAX_INCLUDES	16
#define MAX_IMPOSSIBLE	64
#define MAX_FORMALS	16

/* --- arena.c: memory that lives as long as a scenario or a case --- */
struct arena { struct arena_chunk *head; };
void *ar_alloc(struct arena *a, size_t n);		/* zeroed */
char *ar_strndup(struct arena *a, const char *s, size_t n);
char *ar_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void ar_free(struct arena *a);
void *ar_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t item);
/* Append one zeroed item to the vector (@v, @n, @cap) and give its address. */
#define AR_PUSH(a, v, n, cap) \
	((v) = ar_grow((a), (v), (n), &(cap), sizeof(*(v))), &(v)[(n)++])

/* --- errors.c --- */
void err_add(struct lang_errors *e, const char *file, unsigned int line, unsigned int col,
	     const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void err_vadd(struct lang_errors *e, const char *file, unsigned int line, unsigned int col,
	      const char *fmt, va_list ap);
/* The nearest of the names told to it, for "did you mean". */
struct near { const char *word, *best; unsigned int dist; };
void near_start(struct near *n, const char *word);
void near_try(struct near *n, const char *candidate);
const char *near_text(const struct near *n, struct arena *a);	/* "; did you mean `x'?" or "" */

/* --- source.c: files, lines, sections --- */
struct line {
	const char *file;
	unsigned int no;
	char *s;			/* without comment and blanks at the end */
	size_t n;
	bool looked, taken;		/* an if or elif: a case evaluated it, it was true; else: taken */
};

struct section {
	const char *kw;			/* the keyword of its head line */
	struct line *head;
	size_t nbody, cap;
	struct line **body;
	/* macro, block, handler: */
	const char *name;
	size_t nformals;
	const char *formals[MAX_FORMALS];
	bool included;			/* comes from an include */
	bool used;
};

struct source {
	size_t n, cap;
	struct section *sec;
};
/* Split a file into sections; -1 when errors were added. */
int source_split(struct arena *a, struct lang_errors *err, const char *file,
		 const char *text, size_t len, struct source *out);

/* --- text.c: a text whose bytes remember where they come from --- */
struct origin {
	uint32_t line;
	uint16_t col;
	uint16_t scope;		/* 0: the scenario; else the use of the macro that wrote it */
};
struct use {			/* we are inside this use of a macro */
	const struct use *up;
	const struct section *macro;
	const char *file;
	unsigned int line;
	unsigned int depth;
	uint16_t scope;
	const struct text *args;	/* parallel to macro->formals */
};
struct text {
	char *s;			/* NUL-terminated */
	struct origin *at;
	size_t n, cap;
	const char *file;
	const struct use *use;
	unsigned int line;		/* where the end is, for "at end of line" */
	unsigned int endcol;
	bool bad;		/* replacing its names failed; that was said */
};
struct scn;
void text_add(struct arena *a, struct text *t, const char *s, size_t n, struct origin at, bool step);
void text_end(struct arena *a, struct text *t);
struct text text_of_line(struct arena *a, const struct line *l);
struct text text_of_head(struct arena *a, const struct section *s);	/* head and its continuation */
struct text text_slice(struct arena *a, const struct text *t, size_t from, size_t to);	/* trimmed */
void text_append(struct arena *a, struct text *t, const struct text *more);	/* with a blank between */
/* An error at byte @i of the text (its end when @i is behind it). */
void err_text(struct lang_errors *e, const struct text *t, size_t i, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Tokens of a text: separated by blanks; quotes hold blanks; `stop` characters are tokens of their own. */
struct tok {
	size_t b, e;		/* bytes [b, e) of the text */
	char *s;		/* NUL-terminated; as written */
};
struct cur {
	struct arena *a;
	struct lang_errors *err;
	const struct text *t;
	size_t i;
	const char *stop;
};
bool cur_next(struct cur *c, struct tok *tok);	/* false at the end or on an error */
bool cur_peek(struct cur *c, struct tok *tok);
size_t cur_skip(struct cur *c);			/* skip blanks; where we are */
size_t find_outside_quotes(const char *s, size_t from, size_t n, char c);	/* n: none */
bool is_name(const char *s);			/* [A-Za-z_][A-Za-z0-9_-]*: roles, edges, blocks */
bool is_edge_name(const char *s);		/* the same, may begin with a digit, may end in .N */
bool is_param_name(const char *s);		/* the same without - */
bool is_value(const char *s);			/* of a parameter: no , = [ ] */
/* Take the quotes off and the escapes out; NULL and an error when it is not one quoted string. */
char *unquote(struct cur *c, const struct tok *tok);

/* --- header.c, cond.c --- */
struct param {
	const char *name;
	size_t n;
	const char *value[MAX_PARAM_VALUES];
	unsigned int vline[MAX_PARAM_VALUES], vcol[MAX_PARAM_VALUES];
	const struct line *line;
	unsigned int col;		/* of the name */
	bool used;
};
struct let {
	const char *name;
	const char *by;			/* parameter, or NULL */
	struct text text;		/* when by is NULL */
	size_t n, cap;
	struct let_item {
		const char *value;
		struct text text;
		unsigned int vline, vcol;
	} *item;
	const struct line *line;
	unsigned int col;
	bool used, included;
	bool asked;			/* an impossible line needs it */
	unsigned int stamp;		/* .value is of the cell with this number */
	const char *now;
};
struct fixed {				/* axis NAME = VALUE */
	const char *name;
	struct text where, text;
};

struct cond_term {
	const char *var;
	size_t at;			/* byte in the text */
	bool not;
	size_t n, cap;
	struct cond_word {
		const char *s;
		bool var;
		size_t at;
	} *word;
};
struct cond_and { size_t n, cap; struct cond_term *term; };
struct cond {
	struct text text;
	size_t n, cap;
	struct cond_and *alt;		/* joined by or */
};
struct impossible_line {
	struct cond cond;
	const char *cell;		/* COND as written */
	const char *reason;
	const struct line *line;
};
/* Parse bytes [from, to) of @t; false when an error was added. */
bool cond_parse(struct arena *a, struct lang_errors *err, const struct text *t,
		size_t from, size_t to, struct cond *out);
/* @look gives the text of a variable, or NULL: not known yet. 1, 0, or -1: depends on what is unknown. */
typedef const char *cond_look(void *arg, const char *name);
int cond_eval(const struct cond *c, cond_look *look, void *arg);

struct lang_axes {
	struct arena a;
	const char *family;
	size_t naxes;
	struct param axis[MAX_PARAMS];
	size_t nimp;
	struct impossible_line imp[MAX_IMPOSSIBLE];
};

enum cover { COVER_ALL, COVER_PAIRWISE, COVER_EACH };

struct scn {
	struct arena *a;		/* of what is compiled now, a case in the end */
	struct arena *keep;		/* of the scenario */
	struct lang_errors *err;
	const char *name, *path;
	const struct lang_axes *axes;
	const struct lang_reader *reader;
	struct source src;
	size_t nsecs, seccap;		/* macros, blocks and handlers, includes too */
	struct section **secs;
	struct section *roles, *steps;
	size_t nfiles;
	const char *files[MAX_INCLUDES];	/* include names read */

	const char *title, *ids, *tags;
	bool racy;
	enum cover cover;
	unsigned int cpus;
	size_t nparams;
	struct param param[MAX_PARAMS];
	size_t nlets;
	struct let let[MAX_LETS];
	size_t nfixed;
	struct fixed fixed[MAX_PARAMS];
	size_t nimp;
	struct impossible_line imp[MAX_IMPOSSIBLE];

	/* Things that must happen in some case, by name. */
	size_t nmust, mustcap;
	struct must *must;

	const unsigned int *cell;	/* of the case being compiled: a value index a parameter */
	const bool *set;		/* which of them are chosen; NULL: all */
	bool unknown;			/* a value that is not chosen was asked for */
	unsigned int stamp;		/* number of the cell, for the lets' caches */
	unsigned int nscopes;		/* uses of macros so far in this case */
	bool partial;			/* not all cases are compiled */
};
/* Fill in everything but secs' contents from sections; errors are added. */
void header_parse(struct scn *s);
void axes_parse(struct lang_axes *a, struct source *src, struct lang_errors *err);
/* The text of parameter or let @name in the cell; NULL: no such name, or s->unknown. */
const char *scn_value(struct scn *s, const char *name);
void scn_mark(struct scn *s, const char *name);	/* it is used */
void scn_near(const struct scn *s, struct near *n);	/* tell all names */
/* Choose a cell; @set NULL: all parameters are chosen. */
void scn_choose(struct scn *s, const unsigned int *cell, const bool *set);
const struct param *scn_param(const struct scn *s, const char *name);

/* Note that @what (a key, unique a kind of thing) exists at a place, and whether a case satisfied it. */
struct must {
	const char *what;
	const char *file;
	unsigned int line, col;
	const char *text;		/* the error when no case did */
	bool done;
};
void must(struct scn *s, const char *what, const struct text *t, size_t at, const char *text);
void must_done(struct scn *s, const char *what);

/* --- subst.c --- */
struct text subst(struct scn *s, const struct text *t, const struct use *use);
const char *subst_value(struct scn *s, const struct use *use, const char *name);	/* NULL: no such name */

/* --- rows.c: if, use, + --- */
struct rows {
	size_t ncols;
	struct text col[FORM_MAX_ROLES];	/* names, as written */
	bool wanted[FORM_MAX_ROLES];		/* a macro used here has that column */
	size_t n, cap;
	struct text **cell;			/* ncols a row */
	bool full;
};
void rows_expand(struct scn *s, struct rows *out);
/* Lines of a block, handler or roles section that remain, substituted. */
struct texts { size_t n, cap; struct text *v; };
void lines_expand(struct scn *s, struct section *sec, struct texts *out);

/* --- cells.c, pairwise.c: which cases there are --- */
struct cells {
	size_t n, cap;
	unsigned int (*v)[MAX_PARAMS];
};
/* All cells of the scenario, impossible ones reported to @out. -1: errors were added. */
int cells_make(struct scn *s, struct cells *out, struct suite *report);
/* 1 when a cell whose parameters with set[i] are given cannot exist; 0: it can; -1: it depends. */
int cell_impossible(struct scn *s, const unsigned int *cell, const bool *set, const char **reason);
int pairwise_make(struct scn *s, struct cells *out, struct suite *report);
/*
 * One `impossible' line, of a scenario or (@s NULL) an AXES file, over @params:
 * report each assignment of the names in it that it takes away, and say how
 * many; check its names and values; the error when it takes nothing away.
 */
size_t impossible_report(struct scn *s, const struct param *params, size_t nparams,
			 const struct impossible_line *im, struct arena *a, struct suite *out,
			 const char *name);
bool impossible_check(struct arena *a, struct lang_errors *err, struct scn *s,
		      const struct param *params, size_t nparams, const struct impossible_line *im);
void impossible_error(struct lang_errors *err, const struct impossible_line *im);
void report_impossible(struct suite *out, const char *scenario, const char *cell, const char *reason);

/* --- build.c: one case --- */
struct stepvec { size_t n, cap; struct form_step *v; };
struct brole {
	const char *name;
	struct form_role r;
	struct text text;		/* its line */
	bool has_bits, has_parent;
	bool column, wanted;		/* it has one; a macro wants it */
	bool created;
	bool named;			/* an argument names it */
	struct stepvec steps;
};
struct bclause {
	struct form_clause c;
	struct stepvec steps;
};
struct bblock {
	struct section *sec;
	size_t nclauses;
	struct bclause clause[FORM_MAX_CLAUSES];
};
struct bhandler {
	struct section *sec;
	struct stepvec steps;
};
struct bedge {
	const char *name;		/* with the macro's number */
	struct text where;		/* the text of its first mention */
	size_t at;
	bool posted, awaited, in_block;
	unsigned int posts;
	unsigned int awaits[FORM_MAX_ROLES];
};
struct bvalue {
	const char *name;
	struct text where;
	size_t at;
	bool saved, used;
};
struct buse {				/* a step names a block */
	const char *verb;
	size_t block;
	struct text where;
	size_t at;
};
struct bwait {				/* a step of a column awaits an edge */
	size_t role, step;
	uint32_t edge;
	struct text where;
	size_t at;
};
struct rcell { size_t role, first, n; };	/* the steps of one cell of a row */
struct build {
	struct scn *s;
	struct arena *a;
	struct lang_errors *err;
	const char *name;		/* of the case */
	struct rows rows;
	struct rcell *cells;		/* rows.n * rows.ncols */
	size_t nroles;
	struct brole role[FORM_MAX_ROLES];
	size_t nblocks, nhandlers, nedges, nvalues;
	struct bblock *block;		/* FORM_MAX_BLOCKS */
	struct bhandler *handler;
	struct bedge *edge;
	struct bvalue *value;
	size_t nescapes, nsteps;
	size_t nuses, usecap;
	struct buse *uses;
	size_t nwaits, waitcap;
	struct bwait *waits;
	/* strings of the blob, offset 0 is "" */
	char *pool;
	size_t poollen, poolcap;
	/* where the step being parsed stands */
	int who;			/* role index, -1: in a block or handler */
};
/* Returns 0 and fills *blob (malloc), or -1. */
int build_case(struct scn *s, struct arena *a, const char *name, void **blob, size_t *len,
	       char **text, size_t *nescapes);
uint32_t build_str(struct build *b, const char *s);
int build_role(struct build *b, const char *name);		/* -1 */
const char *build_role_names(struct build *b);			/* "T, P, Q" */
int build_block(struct build *b, const char *name);		/* index, -1 no such block */
int build_handler(struct build *b, const char *name);
int build_edge(struct build *b, const struct text *t, size_t at, const char *name);
int build_value(struct build *b, const struct text *t, size_t at, const char *name);
void roles_parse(struct build *b);
void roles_check(struct build *b);
/* circles.c: an error if edges wait for each other; only where no run of the case could get on. */
void check_circles(struct build *b);
/* step.c: the steps of a cell, appended to @out. */
void steps_parse(struct build *b, const struct text *cell, struct stepvec *out);
/* arg.c: the arguments of a verb. false when an error was added. */
bool args_parse(struct build *b, const struct text *t, const struct tok *verb,
		struct tok *tok, size_t ntok, struct form_step *st, size_t end);
const char *verb_usage(struct arena *a, unsigned int verb);
/* word.c: words with a closed set. */
bool word_check(struct build *b, const struct text *t, const struct tok *tok,
		const char *verb, unsigned int arg, const char *s);
bool request_number(const char *s, int64_t *v);
bool number_parse(struct build *b, const struct text *t, const struct tok *tok,
		  struct form_arg *out);
/* emit.c */
void *build_emit(struct build *b, size_t *len);
/* show.c */
char *build_show(struct build *b);
/* calls.c: system calls by name. */
bool call_known(const char *name, bool ia32);
long call_number(const char *name);		/* 64-bit, -1 */
void call_near(struct near *n);

#endif
