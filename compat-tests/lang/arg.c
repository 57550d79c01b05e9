/* arg.c - the arguments of a verb, of the kinds its letters in verbs.def say. */
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* One argument being read. */
struct ap {
	struct build *b;
	const struct text *t;
	const char *verb;
	const struct tok *tok;
	unsigned int index;
	struct form_arg *out;
};

static const char *kind_name(char letter)
{
	switch (letter) {
	case 'R': return "ROLE";
	case 'S': return "SIGNAL";
	case 'N': return "NUMBER";
	case 'O': return "OPTIONS";
	case 'F': return "FLAGS";
	case 'E': return "EDGE";
	case 'B': return "BLOCK";
	case 'H': return "HANDLER";
	case 'L': return "LABEL";
	}
	return "WORD";
}

/* "detach ROLE [SIGNAL]" */
const char *verb_usage(struct arena *a, unsigned int verb)
{
	const char *all = form_verbs[verb].name;

	for (const char *l = form_verbs[verb].args; *l; l++) {
		const char *k = kind_name(*l);

		if (l[1] == '?')
			all = ar_printf(a, "%s [%s]", all, k);
		else if (l[1] == '*')
			all = ar_printf(a, "%s [%s...]", all, k);
		else
			all = ar_printf(a, "%s %s", all, k);
		if (l[1] == '?' || l[1] == '*')
			l++;
	}
	return all;
}

/* What S, R and N have in common: @name, msg, ret, numbers are dealt with by number_parse(). */
static bool arg_common(struct ap *p, bool *done)
{
	const char *s = p->tok->s;
	int v;

	*done = true;
	if (!strcmp(s, "msg")) {
		p->out->type = ARG_MSG;
	} else if (!strcmp(s, "ret")) {
		p->out->type = ARG_RET;
	} else if (s[0] == '@') {
		if (!is_name(s + 1)) {
			err_text(p->b->err, p->t, p->tok->b + 1, "`%s', expected the name of a saved value", s + 1);
			return false;
		}
		v = build_value(p->b, p->t, p->tok->b + 1, s + 1);
		if (v < 0)
			return false;
		p->b->value[v].used = true;
		p->out->type = ARG_VALUE;
		p->out->ref = (uint32_t)v;
	} else {
		*done = false;
	}
	return true;
}

static bool starts_number(const char *s)
{
	return (*s >= '0' && *s <= '9') || (*s == '-' && s[1] >= '0' && s[1] <= '9');
}

static int role_or_error(struct ap *p, const char *s, size_t at)
{
	int i = build_role(p->b, s);
	struct near n;

	if (i >= 0) {
		p->b->role[i].named = true;
		return i;
	}
	near_start(&n, s);
	for (size_t k = 0; k < p->b->nroles; k++)
		near_try(&n, p->b->role[k].name);
	err_text(p->b->err, p->t, at, "unknown role `%s', expected %s or it%s", s,
		 build_role_names(p->b), near_text(&n, p->b->a));
	return -1;
}

static bool arg_role(struct ap *p)
{
	const char *s = p->tok->s;
	bool done, tid = !strncmp(s, "tid:", 4);
	int i;

	if (!strcmp(s, "it")) {
		p->out->type = ARG_IT;
		return true;
	}
	if (!arg_common(p, &done) || done)
		return done;
	if (starts_number(s))
		return number_parse(p->b, p->t, p->tok, p->out);
	i = role_or_error(p, tid ? s + 4 : s, p->tok->b + (tid ? 4 : 0));
	if (i < 0)
		return false;
	p->out->type = ARG_ROLE;
	p->out->ref = (uint32_t)i;
	return true;
}

static bool arg_signal(struct ap *p)
{
	const char *s = p->tok->s;
	bool done;
	struct near n;
	int sig;

	if (!strcmp(s, "sig")) {
		p->out->type = ARG_SIG;
		return true;
	}
	if (!arg_common(p, &done) || done)
		return done;
	p->out->type = ARG_INT;
	if (!strcmp(s, "none"))
		return true;
	if (starts_number(s)) {
		if (!number_parse(p->b, p->t, p->tok, p->out))
			return false;
		if (p->out->val == (int32_t)p->out->val)
			return true;
		err_text(p->b->err, p->t, p->tok->b, "signal `%s', expected a number of 32 bits", s);
		return false;
	}
	sig = form_signal_find(s);
	if (sig > 0) {
		p->out->val = sig;
		return true;
	}
	near_start(&n, s);
	for (size_t i = 0; form_signals[i].name; i++)
		near_try(&n, form_signals[i].name);
	near_try(&n, "none");
	near_try(&n, "SIGRTMIN");
	err_text(p->b->err, p->t, p->tok->b,
		 "unknown signal `%s', expected SIG..., SIGRTMIN+n, a number, sig or none%s",
		 s, near_text(&n, p->b->a));
	return false;
}

/* Words or constants (those that begin with @prefix) joined with +, or a number. */
static bool arg_flags(struct ap *p, const struct form_const *table, const char *prefix, const char *what)
{
	const char *s = p->tok->s;

	p->out->type = ARG_INT;
	if (starts_number(s))
		return number_parse(p->b, p->t, p->tok, p->out);
	for (size_t i = 0;;) {
		size_t n = strcspn(s + i, "+");
		const char *w = ar_strndup(p->b->a, s + i, n);
		int64_t v;

		if (form_const_find(table, w, &v) &&
		    (strncmp(w, prefix, strlen(prefix)) || form_const_find(form_flags, w, &v))) {
			const char *all = "";
			struct near near;

			near_start(&near, w);
			for (size_t k = 0; table[k].name; k++) {
				near_try(&near, table[k].name);
				all = ar_printf(p->b->a, "%s%s ", all, table[k].name);
			}
			err_text(p->b->err, p->t, p->tok->b + i,
				 "unknown %s `%s', expected a number or words joined with +: %.*s%s",
				 what, w, (int)strlen(all) - 1, all, near_text(&near, p->b->a));
			return false;
		}
		p->out->val |= v;
		if (!s[i + n])
			return true;
		i += n + 1;
	}
}

static bool arg_edge(struct ap *p)
{
	const char *s = p->tok->s;
	struct bedge *e;
	int i;

	if (!is_edge_name(s)) {
		err_text(p->b->err, p->t, p->tok->b, "`%s', expected the name of an edge", s);
		return false;
	}
	i = build_edge(p->b, p->t, p->tok->b, s);
	if (i < 0)
		return false;
	e = &p->b->edge[i];
	e->awaited = true;
	p->out->type = ARG_EDGE;
	p->out->ref = (uint32_t)i;
	return true;
}

static bool arg_section(struct ap *p, bool block)
{
	const char *kw = block ? "block" : "handler", *s = p->tok->s;
	int i = block ? build_block(p->b, s) : build_handler(p->b, s);
	struct near n;

	if (i >= 0) {
		if (block)
			*AR_PUSH(p->b->a, p->b->uses, p->b->nuses, p->b->usecap) = (struct buse){
				.verb = p->verb, .block = (size_t)i, .where = *p->t, .at = p->tok->b };
		p->out->type = block ? ARG_BLOCK : ARG_HANDLER;
		p->out->ref = (uint32_t)i;
		return true;
	}
	near_start(&n, s);
	for (size_t k = 0; k < p->b->s->nsecs; k++)
		if (!strcmp(p->b->s->secs[k]->kw, kw))
			near_try(&n, p->b->s->secs[k]->name);
	err_text(p->b->err, p->t, p->tok->b, "unknown %s `%s', expected a %s of this file or an include%s",
		 kw, s, kw, near_text(&n, p->b->a));
	return false;
}

static bool arg_text(struct ap *p)
{
	struct cur c = { .a = p->b->a, .err = p->b->err, .t = p->t };
	const char *s = p->tok->s;
	int64_t v;

	if (s[0] == '"') {
		s = unquote(&c, p->tok);
		if (!s)
			return false;
	}
	if (!word_check(p->b, p->t, p->tok, p->verb, p->index, s))
		return false;
	/* Requests go into the form as numbers: the guest needs no second table of names. */
	if (!strcmp(p->verb, "request") && p->index == 1 && request_number(s, &v))
		s = ar_printf(p->b->a, "%lld", (long long)v);
	p->out->type = ARG_STR;
	p->out->ref = build_str(p->b, s);
	return true;
}

static bool some(int64_t v)
{
	return v >= 1 && v <= UINT32_MAX;
}

static bool debug_register(int64_t v)
{
	return v >= 0 && v <= 7;
}

static bool word_size(int64_t v)
{
	return v == 64 || v == 32 || v == 33;
}

/* Numbers that a verb cannot mean, where what it then does tests nothing. */
static const struct {
	const char *verb;
	unsigned int arg;
	bool (*fits)(int64_t v);
	const char *expected;
} numbers[] = {
	{ "repeat", 0, some, "a number from 1 on" },
	{ "debugreg", 1, debug_register, "a debug register from 0 to 7" },
	{ "exec", 0, word_size, "the word size 64, 32 or 33 (x32)" },
};

static bool arg_number(struct ap *p)
{
	if (!number_parse(p->b, p->t, p->tok, p->out))
		return false;
	for (size_t i = 0; p->out->type == ARG_INT && i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(numbers[i].verb, p->verb) || numbers[i].arg != p->index ||
		    numbers[i].fits(p->out->val))
			continue;
		err_text(p->b->err, p->t, p->tok->b, "`%s' of `%s', expected %s", p->tok->s, p->verb,
			 numbers[i].expected);
		return false;
	}
	return true;
}

static bool arg_one(struct ap *p, char letter)
{
	switch (letter) {
	case 'R':
		return arg_role(p);
	case 'S':
		return arg_signal(p);
	case 'N':
		return arg_number(p);
	case 'O':
		return arg_flags(p, form_ptrace_opts, "PTRACE_O_", "option");
	case 'F':
		return arg_flags(p, form_wait_flags, "W", "wait flag");
	case 'E':
		return arg_edge(p);
	case 'B':
		return arg_section(p, true);
	case 'H':
		return arg_section(p, false);
	case 'L':
		if (!number_parse(p->b, p->t, p->tok, p->out))
			return false;
		if (p->out->type == ARG_LABEL)
			return true;
		err_text(p->b->err, p->t, p->tok->b, "`%s', expected a label", p->tok->s);
		return false;
	}
	return arg_text(p);
}

/* key=value: *tok becomes the value; the argument's index + 1, 0: no key, -1: error. */
static int key_of(struct build *b, const struct text *t, const char *verb, struct tok *tok)
{
	size_t n = strspn(tok->s, "abcdefghijklmnopqrstuvwxyz");
	const char *keys = NULL;
	int index = 1;

	if (!n || tok->s[n] != '=')
		return 0;
	for (const struct form_keys *k = form_keys; k->verb; k++)
		if (!strcmp(k->verb, verb))
			keys = k->keys;
	if (!keys) {
		err_text(b->err, t, tok->b, "`%s', but `%s' takes no key=value arguments", tok->s, verb);
		return -1;
	}
	for (const char *k = keys; *k; index++) {
		size_t len = strcspn(k, " ");

		if (len == n && !strncmp(k, tok->s, n)) {
			tok->s += n + 1;
			tok->b += n + 1;
			if (*tok->s)
				return index;
			err_text(b->err, t, tok->b, "nothing behind `=', expected a value");
			return -1;
		}
		k += len + (k[len] == ' ');
	}
	err_text(b->err, t, tok->b, "unknown key `%.*s' of `%s', expected one of: %s",
		 (int)n, tok->s, verb, keys);
	return -1;
}

struct place { char letter; bool optional, many; };

static size_t places(const char *args, struct place *v)
{
	size_t n = 0;

	for (; *args; args++) {
		v[n].letter = *args;
		v[n].optional = args[1] == '?';
		v[n].many = args[1] == '*';
		args += v[n].optional || v[n].many;
		n++;
	}
	return n;
}

/* fork, vfork, clone and thread make a born role; it is a child of the column's role. */
static bool creates(struct build *b, const struct text *t, const struct tok *tok, const char *verb,
		    const struct form_step *st)
{
	struct brole *r;
	bool thread = !strcmp(verb, "thread");

	if (!thread && strcmp(verb, "fork") && strcmp(verb, "vfork") && strcmp(verb, "clone"))
		return true;
	if (st->arg[0].type != ARG_ROLE)
		return true;
	r = &b->role[st->arg[0].ref];
	if (r->r.birth != BORN_BY_STEP) {
		err_text(b->err, t, tok->b, "`%s' exists from the start, expected a role marked `born'", r->name);
		return false;
	}
	if (thread && !(r->r.flags & ROLE_THREAD)) {
		err_text(b->err, t, tok->b, "`%s' is a process, expected a role marked `thread of'", r->name);
		return false;
	}
	if ((verb[0] == 'f' || verb[0] == 'v') && (r->r.flags & ROLE_THREAD)) {
		err_text(b->err, t, tok->b, "`%s' is a thread, expected a role marked `child of'", r->name);
		return false;
	}
	if (!r->has_parent && b->who >= 0) {
		if (r->r.parent == FORM_NONE && b->who >= (int)(r - b->role)) {
			err_text(b->err, t, tok->b, "`%s' is declared above its parent `%s', expected below",
				 r->name, b->role[b->who].name);
			return false;
		}
		r->r.parent = (uint32_t)b->who;
		if (!r->has_bits)
			r->r.bits = b->role[b->who].r.bits;
	}
	r->created = true;
	return true;
}

bool args_parse(struct build *b, const struct text *t, const struct tok *verb,
		struct tok *tok, size_t ntok, struct form_step *st, size_t end)
{
	const char *name = form_verbs[st->verb].name;
	const char *usage = verb_usage(b->a, st->verb);
	struct place pl[FORM_MAX_ARGS + 1];
	size_t npl = places(form_verbs[st->verb].args, pl);
	size_t at = 0, first = 0;

	/* `react B until gone': the word is for the reader. */
	if (!strcmp(name, "react") && ntok > 1 && !strcmp(tok[1].s, "until")) {
		memmove(tok + 1, tok + 2, (ntok - 2) * sizeof(*tok));
		ntok--;
		if (ntok == 1) {
			err_text(b->err, t, end, "end of step after `until', expected gone, stops N or quiet");
			return false;
		}
	}
	for (size_t i = 0; i < ntok; i++) {
		struct ap p = { .b = b, .t = t, .verb = name, .tok = &tok[i] };
		size_t start = tok[i].b;
		int key = key_of(b, t, name, &tok[i]);
		char letter;

		if (key < 0)
			return false;
		if (key) {
			if ((size_t)key - 1 < at) {
				err_text(b->err, t, start, "this argument of `%s' is given already, expected: %s",
					 name, usage);
				return false;
			}
			for (; at < (size_t)key - 1; at++)
				if (!pl[at].optional) {
					err_text(b->err, t, start, "a %s of `%s' is missing before this, expected: %s",
						 kind_name(pl[at].letter), name, usage);
					return false;
				}
		}
		if (at >= FORM_MAX_ARGS || (at >= npl && !(npl && pl[npl - 1].many))) {
			err_text(b->err, t, tok[i].b, "too many arguments of `%s' from `%s' on, expected: %s",
				 name, tok[i].s, at >= FORM_MAX_ARGS ? "at most 8" : usage);
			return false;
		}
		letter = pl[at < npl ? at : npl - 1].letter;
		p.index = (unsigned int)at;
		p.out = &st->arg[at];
		p.out->key = (uint16_t)(key ? key : 0);
		if (!arg_one(&p, letter))
			return false;
		at++;
	}
	for (first = at; first < npl; first++)
		if (!pl[first].optional && !pl[first].many) {
			err_text(b->err, t, end, "`%s' without its %s, expected: %s",
				 name, kind_name(pl[first].letter), usage);
			return false;
		}
	st->nargs = (uint16_t)at;
	if (!strcmp(name, "native") || !strcmp(name, "call") || !strcmp(name, "call-nr") ||
	    !strcmp(name, "call-int80"))
		b->nescapes++;
	if (!strcmp(name, "react") && at > 1) {
		bool stops = !strcmp(b->pool + st->arg[1].ref, "stops");

		if (stops != (at == 3)) {
			err_text(b->err, t, end, "`react' %s a number, expected: until gone, until stops N or until quiet",
				 stops ? "until stops without" : "with");
			return false;
		}
	}
	return ntok ? creates(b, t, &tok[0], verb->s, st) : true;
}
