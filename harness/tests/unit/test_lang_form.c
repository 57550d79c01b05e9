/* test_lang_form.c - the flat form: its checksum, every damage form_check() must find, and text -> form -> text. */
#include <zlib.h>

#include "form/consts.h"
#include "lang_util.h"
#include "../fuzz/form_walk.h"

/* A case with at least one of everything. */
static const char whole[] = HEAD
	"roles\n"
	"  T  tracer\n"
	"  P  tracee\n"
	"  Q  tracee, thread of P\n"
	"  C  tracee, child of P, born\n"
	"handler h\n"
	"  mark ran >ran\n"
	"block b\n"
	"  mark one\n"
	"block c\n"
	"  do b\n"
	"block serve\n"
	"  on signal of P : cont it sig\n"
	"  on any : cont it\n"
	"steps\n"
	"  T | P | Q | C\n"
	"  <ready need seize P => v | handle SIGUSR1 h; nop >ready; fork C | pause | run spot\n"
	"  react serve until gone; do c; value @v; call getppid 1 2; value tid:Q; <ran; loop-until e b | nop >e\n";

static void seal(struct form_case *c)
{
	c->crc = form_crc32(0, (char *)c + offsetof(struct form_case, flags),
			    c->size - offsetof(struct form_case, flags));
}

static struct form_step *steps(struct form_case *c)
{
	return (struct form_step *)form_steps(c);
}

static struct form_role *roles(struct form_case *c)
{
	return (struct form_role *)form_roles(c);
}

static struct form_block *blocks(struct form_case *c)
{
	return (struct form_block *)form_blocks(c);
}

/* The first step of that verb. */
static struct form_step *verb(struct form_case *c, const char *name)
{
	for (uint32_t i = 0; i < c->nsteps; i++)
		if (!strcmp(form_verbs[steps(c)[i].verb].name, name))
			return &steps(c)[i];
	fail_msg("no step %s", name);
	return NULL;
}

static uint32_t *edge(struct form_case *c)
{
	return (uint32_t *)((char *)c + c->edges);
}

static uint32_t *value(struct form_case *c)
{
	return (uint32_t *)((char *)c + c->values);
}

static struct form_handler *handler(struct form_case *c)
{
	return (struct form_handler *)form_handlers(c);
}

#define DAMAGE(id, code) static void id(struct form_case *c) { code; }
DAMAGE(magic, c->magic++)
DAMAGE(size, c->size += 8; c->crc = 0)
DAMAGE(flags, c->flags = 2)
DAMAGE(cpus, c->cpus = 17)
DAMAGE(noroles, c->nroles = 0)
DAMAGE(manyroles, c->nroles = 65)
DAMAGE(manysteps, c->nsteps = FORM_MAX_STEPS + 1)
DAMAGE(manyblocks, c->nblocks = 65)
DAMAGE(manyedges, c->nedges = 257)
DAMAGE(manyhandlers, c->nhandlers = 65)
DAMAGE(manyvalues, c->nvalues = 65)
DAMAGE(rolesout, c->roles = c->size)
DAMAGE(rolesodd, c->roles++)
DAMAGE(rolesinhead, c->roles = 8)
DAMAGE(stepsout, c->steps = c->size - 8)
DAMAGE(stepsodd, c->steps += 4)
DAMAGE(blocksout, c->blocks = 0xfffffff0u)
DAMAGE(edgesout, c->edges = c->size - 4)
DAMAGE(handlersout, c->handlers = c->size)
DAMAGE(valuesout, c->values = c->size)
DAMAGE(stringsout, c->strings_len = c->size)
DAMAGE(nostrings, c->strings_len = 0)
DAMAGE(stringsopen, ((char *)c)[c->strings + c->strings_len - 1] = 'x')
DAMAGE(name, c->name = c->strings_len)
DAMAGE(edgename, edge(c)[0] = c->strings_len)
DAMAGE(valuename, value(c)[0] = 0xffffffffu)
DAMAGE(rolename, roles(c)[1].name = c->strings_len)
DAMAGE(rolekind, roles(c)[0].kind = 4)
DAMAGE(rolebirth, roles(c)[0].birth = 2)
DAMAGE(roleflags, roles(c)[0].flags = 8)
DAMAGE(rolebits, roles(c)[0].bits = 16)
DAMAGE(roleparent, roles(c)[1].parent = 1)
DAMAGE(rolethread, roles(c)[2].parent = FORM_NONE)
DAMAGE(threadofthread, roles(c)[3].flags = ROLE_THREAD; roles(c)[3].parent = 2)
DAMAGE(rolesteps, roles(c)[0].nsteps = c->nsteps + 1)
DAMAGE(rolefirst, roles(c)[3].first_step = 0xfffffff0u)
DAMAGE(stepverb, steps(c)[0].verb = 0xffff)
DAMAGE(stepflags, steps(c)[0].flags = 8)
DAMAGE(steptext, steps(c)[0].text = c->strings_len)
DAMAGE(stepawait, steps(c)[0].await[1] = c->nedges)
DAMAGE(steppost, steps(c)[0].post[0] = c->nedges)
DAMAGE(stepresult, steps(c)[0].result = c->nvalues)
DAMAGE(stepargs, steps(c)[0].nargs = 9)
DAMAGE(argbehind, verb(c, "pause")->arg[0].type = ARG_INT)
DAMAGE(argtype, verb(c, "seize")->arg[0].type = 99)
DAMAGE(argkey, verb(c, "seize")->arg[0].key = 9)
DAMAGE(argrole, verb(c, "seize")->arg[0].ref = c->nroles)
DAMAGE(argblock, verb(c, "do")->arg[0].ref = c->nblocks)
DAMAGE(arghandler, verb(c, "handle")->arg[1].ref = c->nhandlers)
DAMAGE(argedge, verb(c, "loop-until")->arg[0].ref = c->nedges)
DAMAGE(argstr, verb(c, "mark")->arg[0].ref = c->strings_len)
DAMAGE(arglabel, verb(c, "run")->arg[0].ref = c->strings_len)
DAMAGE(argvalue, verb(c, "value")->arg[0].ref = c->nvalues)
DAMAGE(argkind, verb(c, "seize")->arg[0].type = ARG_STR; verb(c, "seize")->arg[0].ref = 0)
DAMAGE(argfew, verb(c, "seize")->nargs = 0; verb(c, "seize")->arg[0].type = ARG_NONE)
DAMAGE(argmany, verb(c, "pause")->nargs = 1; verb(c, "pause")->arg[0].type = ARG_INT)
DAMAGE(argnone, verb(c, "call")->arg[1].type = ARG_NONE)
DAMAGE(blockname, blocks(c)[0].name = c->strings_len)
DAMAGE(noclauses, blocks(c)[0].nclauses = 0)
DAMAGE(manyclauses, blocks(c)[0].nclauses = 17)
DAMAGE(clausekind, blocks(c)[0].clause[0].on = 10)
DAMAGE(clauseplain, blocks(c)[0].clause[1].on = ON_NONE)
DAMAGE(clauserole, blocks(c)[0].clause[1].on_role = c->nroles)
DAMAGE(clausesteps, blocks(c)[0].clause[1].nsteps = 0xffffffffu)
DAMAGE(handlername, handler(c)->name = c->strings_len)
DAMAGE(handlersteps, handler(c)->first_step = c->nsteps; handler(c)->nsteps = 1)
DAMAGE(selfrun, blocks(c)[1].clause[0] = blocks(c)[0].clause[0]; \
       blocks(c)[1].nclauses = 1; blocks(c)[1].clause[0].on = ON_NONE; \
       blocks(c)[1].clause[0].first_step = (uint32_t)(verb(c, "do") - steps(c)); \
       blocks(c)[1].clause[0].nsteps = 1; verb(c, "do")->arg[0].ref = 1)

static const struct { void (*fn)(struct form_case *c); const char *why; bool raw; } damages[] = {
	{ magic, "bad magic", false },
	{ size, "size is not the length of the blob", true },
	{ flags, "unknown flags", false },
	{ flags, "bad checksum", true },
	{ cpus, "too many cpus", false },
	{ noroles, "bad number of roles", false },
	{ manyroles, "bad number of roles", false },
	{ manysteps, "too many steps", false },
	{ manyblocks, "too many blocks", false },
	{ manyedges, "too many edges", false },
	{ manyhandlers, "too many handlers", false },
	{ manyvalues, "too many saved values", false },
	{ rolesout, "roles lie outside the blob", false },
	{ rolesodd, "roles lie outside the blob", false },
	{ rolesinhead, "roles lie outside the blob", false },
	{ stepsout, "steps lie outside the blob", false },
	{ stepsodd, "steps lie outside the blob", false },
	{ blocksout, "blocks lie outside the blob", false },
	{ edgesout, "edges lie outside the blob", false },
	{ handlersout, "handlers lie outside the blob", false },
	{ valuesout, "saved values lie outside the blob", false },
	{ stringsout, "strings lie outside the blob", false },
	{ nostrings, "strings lie outside the blob", false },
	{ stringsopen, "the last string does not end", false },
	{ name, "name is not a string", false },
	{ edgename, "an edge's name is not a string", false },
	{ valuename, "a saved value's name is not a string", false },
	{ rolename, "a role's name is not a string", false },
	{ rolekind, "unknown role kind", false },
	{ rolebirth, "unknown role birth", false },
	{ roleflags, "unknown role flags", false },
	{ rolebits, "unknown word size of a role", false },
	{ roleparent, "a role's parent does not come before it", false },
	{ rolethread, "a thread without a leader", false },
	{ threadofthread, "a thread's leader is a thread", false },
	{ rolesteps, "a role's steps lie outside the steps", false },
	{ rolefirst, "a role's steps lie outside the steps", false },
	{ stepverb, "unknown verb", false },
	{ stepflags, "unknown step flags", false },
	{ steptext, "a step's text is not a string", false },
	{ stepawait, "a step's edge does not exist", false },
	{ steppost, "a step's edge does not exist", false },
	{ stepresult, "a step's saved value does not exist", false },
	{ stepargs, "too many arguments", false },
	{ argbehind, "an argument behind the last one", false },
	{ argtype, "unknown argument type", false },
	{ argkey, "unknown argument key", false },
	{ argrole, "an argument refers to nothing", false },
	{ argblock, "an argument refers to nothing", false },
	{ arghandler, "an argument refers to nothing", false },
	{ argedge, "an argument refers to nothing", false },
	{ argstr, "an argument refers to nothing", false },
	{ arglabel, "an argument refers to nothing", false },
	{ argvalue, "an argument refers to nothing", false },
	{ argkind, "arguments do not fit the verb", false },
	{ argfew, "arguments do not fit the verb", false },
	{ argmany, "arguments do not fit the verb", false },
	{ argnone, "arguments do not fit the verb", false },
	{ blockname, "a block's name is not a string", false },
	{ noclauses, "bad number of clauses", false },
	{ manyclauses, "bad number of clauses", false },
	{ clausekind, "unknown kind of clause", false },
	{ clauseplain, "plain steps among clauses", false },
	{ clauserole, "a clause's role does not exist", false },
	{ clausesteps, "a clause's steps lie outside the steps", false },
	{ handlername, "a handler's name is not a string", false },
	{ handlersteps, "a handler's steps lie outside the steps", false },
	{ selfrun, "a block runs itself", false },
};

static void checksum_is_zlibs(void **state)
{
	static const char data[] = "The quick brown fox";

	(void)state;
	assert_int_equal(form_crc32(0, "123456789", 9), 0xcbf43926u);
	for (size_t n = 0; n <= sizeof(data); n++)
		assert_int_equal(form_crc32(0, data, n), crc32(0, (const Bytef *)data, (uInt)n));
	assert_int_equal(form_crc32(form_crc32(0, data, 7), data + 7, sizeof(data) - 7),
			 form_crc32(0, data, sizeof(data)));
}

static void damage_is_found(void **state)
{
	struct suite s;

	(void)state;
	compile_ok(whole, NULL, NULL, &s);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		size_t len = s.cases[0].bloblen;
		struct form_case *c = xmalloc(len);
		const char *why = NULL;

		memcpy(c, s.cases[0].blob, len);
		assert_int_equal(form_check(c, len, &why), 0);
		damages[i].fn(c);
		if (!damages[i].raw)
			seal(c);
		assert_int_equal(form_check(c, len, &why), -1);
		if (!why || strcmp(why, damages[i].why))
			fail_msg("damage %zu: found `%s', expected `%s'", i, why ? why : "", damages[i].why);
		free(c);
	}
	suite_free(&s);
}

static void length_is_checked(void **state)
{
	struct suite s;
	const char *why;

	(void)state;
	compile_ok(whole, NULL, NULL, &s);
	for (size_t len = 0; len < s.cases[0].bloblen; len++) {
		/* A copy of just that length: reading behind it is a sanitizer's crash. */
		void *c = xmalloc(len);

		memcpy(c, s.cases[0].blob, len);
		assert_int_equal(form_check(c, len, &why), -1);
		assert_string_equal(why, len < sizeof(struct form_case) ?
				    "length is not that of a case" : "size is not the length of the blob");
		free(c);
	}
	assert_int_equal(form_check((char *)s.cases[0].blob + 4, s.cases[0].bloblen - 4, &why), -1);
	assert_string_equal(why, "blob is not aligned to 8");
	suite_free(&s);
}

/* Whatever a word is changed to, what passes the check can be walked. */
static void any_word_may_change(void **state)
{
	static const uint32_t values[] = { 0, 1, 2, 7, 64, 0xff, 0x7fffffff, 0x80000000u, 0xfffffffeu, 0xffffffffu };
	unsigned long passed = 0, refused = 0;
	struct suite s;

	(void)state;
	compile_ok(whole, NULL, NULL, &s);
	for (size_t at = 0; at < s.cases[0].bloblen; at += 4)
		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			struct form_case *c = xmalloc(s.cases[0].bloblen);
			const char *why;

			memcpy(c, s.cases[0].blob, s.cases[0].bloblen);
			memcpy((char *)c + at, &values[v], 4);
			if (c->size == s.cases[0].bloblen)
				seal(c);
			if (form_check(c, s.cases[0].bloblen, &why)) {
				refused++;
			} else {
				form_walk(c);
				passed++;
			}
			free(c);
		}
	assert_true(passed > 1000);
	assert_true(refused > 1000);
	suite_free(&s);
}

/* --- text -> form -> text -> form --- */

static void same_string(const struct form_case *a, uint32_t x, const struct form_case *b, uint32_t y)
{
	assert_string_equal(form_str(a, x), form_str(b, y));
}

static void same_arg(const struct form_case *a, const struct form_arg *x,
		     const struct form_case *b, const struct form_arg *y)
{
	assert_int_equal(x->type, y->type);
	assert_int_equal(x->key, y->key);
	assert_true(x->val == y->val);
	if (x->type == ARG_STR || x->type == ARG_LABEL)
		same_string(a, x->ref, b, y->ref);
	else
		assert_int_equal(x->ref, y->ref);
}

/* Equal but for line numbers, the name and where strings lie. */
static void same_form(const struct form_case *a, const struct form_case *b)
{
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->cpus, b->cpus);
	assert_int_equal(a->nroles, b->nroles);
	assert_int_equal(a->nsteps, b->nsteps);
	assert_int_equal(a->nblocks, b->nblocks);
	assert_int_equal(a->nedges, b->nedges);
	assert_int_equal(a->nhandlers, b->nhandlers);
	assert_int_equal(a->nvalues, b->nvalues);
	for (uint32_t i = 0; i < a->nroles; i++) {
		struct form_role x = form_roles(a)[i], y = form_roles(b)[i];

		same_string(a, x.name, b, y.name);
		x.name = y.name;
		assert_memory_equal(&x, &y, sizeof(x));
	}
	for (uint32_t i = 0; i < a->nsteps; i++) {
		const struct form_step *x = &form_steps(a)[i], *y = &form_steps(b)[i];

		assert_int_equal(x->verb, y->verb);
		assert_int_equal(x->flags, y->flags);
		same_string(a, x->text, b, y->text);
		assert_memory_equal(x->await, y->await, sizeof(x->await));
		assert_memory_equal(x->post, y->post, sizeof(x->post));
		assert_int_equal(x->result, y->result);
		assert_int_equal(x->nargs, y->nargs);
		for (unsigned int k = 0; k < x->nargs; k++)
			same_arg(a, &x->arg[k], b, &y->arg[k]);
	}
	for (uint32_t i = 0; i < a->nblocks; i++) {
		const struct form_block *x = &form_blocks(a)[i], *y = &form_blocks(b)[i];

		same_string(a, x->name, b, y->name);
		assert_int_equal(x->nclauses, y->nclauses);
		assert_memory_equal(x->clause, y->clause, sizeof(x->clause));
	}
	for (uint32_t i = 0; i < a->nhandlers; i++)
		assert_int_equal(form_handlers(a)[i].nsteps, form_handlers(b)[i].nsteps);
	for (uint32_t i = 0; i < a->nedges; i++)
		assert_string_equal(form_edge(a, i), form_edge(b, i));
	for (uint32_t i = 0; i < a->nvalues; i++)
		assert_string_equal(form_value(a, i), form_value(b, i));
}

/* Every case of the project, shown as text, is a scenario that makes the same form. */
static void shown_text_makes_the_same_form(void **state)
{
	char *dir = top_path("compat-tests/scenarios");
	size_t wide = 0, lines = 0;
	struct suite s;

	(void)state;
	assert_int_equal(suite_load(dir, NULL, &s), 0);
	assert_true(s.ncases > 0);
	for (size_t i = 0; i < s.ncases; i++) {
		struct lang_errors e;
		struct suite t;
		const char *why;
		char *text;

		assert_int_equal(form_check(s.cases[i].blob, s.cases[i].bloblen, &why), 0);
		form_walk(s.cases[i].blob);
		for (const char *l = s.cases[i].text; *l; l += strcspn(l, "\n") + 1) {
			lines++;
			wide += strcspn(l, "\n") > 80 && *l != '#';
		}
		/*
		 * What only other cases of the file use (a role, an edge) is an error in
		 * a file of its own, but for a run of a part of the cases.
		 */
		text = xasprintf("param part = 1 2\n%s", s.cases[i].text);
		if (compile_with(text, NULL, NULL, "f/t[part=1]", &t, &e)) {
			lang_errors_print(&e, stderr);
			fail_msg("%s:\n%s", s.cases[i].name, text);
		}
		free(text);
		assert_int_equal(t.ncases, 1);
		same_form(s.cases[i].blob, t.cases[0].blob);
		suite_free(&t);
	}
	/* "80 columns wide where possible": a long word may stand out. */
	assert_true(wide * 100 <= lines);
	suite_free(&s);
	free(dir);
}

static void the_whole_case_comes_back(void **state)
{
	struct suite s, t;

	(void)state;
	compile_ok(whole, NULL, NULL, &s);
	compile_ok(s.cases[0].text, NULL, NULL, &t);
	same_form(s.cases[0].blob, t.cases[0].blob);
	assert_string_equal(s.cases[0].text, t.cases[0].text);
	suite_free(&s);
	suite_free(&t);
}

/* The parser's list of labels is that of the snippets. */
static void labels_are_those_of_the_snippets(void **state)
{
	static const char *const files[] = { "snip.inc", "snip_x86_64.S", "snip_i386.S" };
	size_t listed = 0;
	struct buf all = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *path = top_path("compat-tests/interp/%s", files[i]), *text;
		size_t len;

		text = read_file(path, &len);
		assert_non_null(text);
		buf_add(&all, text, len);
		free(text);
		free(path);
	}
	for (size_t i = 0; lang_labels[i]; i++, listed++) {
		char *quoted = xasprintf("\"%s\"", lang_labels[i]);

		if (!strstr(all.s, quoted))
			fail_msg("label %s is in lang/labels.c only", lang_labels[i]);
		free(quoted);
	}
	for (const char *l = all.s; (l = strstr(l, "label")); l++) {
		const char *q = l + strcspn(l, "\"\n");
		bool found = false;

		if ((l != all.s && l[-1] != '\n') || *q != '"')
			continue;
		for (size_t i = 0; lang_labels[i] && !found; i++)
			found = !strncmp(q + 1, lang_labels[i], strlen(lang_labels[i])) &&
				q[1 + strlen(lang_labels[i])] == '"';
		if (!found)
			fail_msg("a label is missing in lang/labels.c: %.30s", q);
	}
	assert_true(listed > 20);
	buf_free(&all);
}

/* Each word of the list stands in the file as the start of a table row: { "word", */
static void words_stand_in(const char *verb, const char *file)
{
	char *path = top_path("compat-tests/interp/%s", file), *text;
	const char *list = NULL;
	size_t len, n = 0;

	text = read_file(path, &len);
	assert_non_null(text);
	for (const struct form_words *w = form_words; w->verb; w++)
		if (!strcmp(w->verb, verb))
			list = w->words;
	assert_non_null(list);
	while (*list) {
		size_t k = strcspn(list, " ");
		char *row = xasprintf("{ \"%.*s\",", (int)k, list);

		if (!strstr(text, row))
			fail_msg("%s: no row %s for `%s'", file, row, verb);
		free(row);
		list += k + (list[k] == ' ');
		n++;
	}
	assert_true(n > 1);
	free(text);
	free(path);
}

static void words_are_those_of_the_interpreter(void **state)
{
	(void)state;
	words_stand_in("native", "verb_native.c");
	words_stand_in("reg", "tables_trace.c");
	words_stand_in("set-reg", "tables_trace.c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksum_is_zlibs),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(length_is_checked),
		cmocka_unit_test(any_word_may_change),
		cmocka_unit_test(shown_text_makes_the_same_form),
		cmocka_unit_test(the_whole_case_comes_back),
		cmocka_unit_test(labels_are_those_of_the_snippets),
		cmocka_unit_test(words_are_those_of_the_interpreter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
