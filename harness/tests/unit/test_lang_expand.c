/* test_lang_expand.c - parameters, lets, conditions, macros, blocks, roles: what they make of a scenario. */
#include "lang_util.h"

/* The example of LANGUAGE.md. */
static const char example[] =
"title    DETACH with a handled signal from signal-delivery-stop runs the handler in that thread\n"
"ids      D1 D2 seed4\n"
"tags     detach signal\n"
"outcome  exact\n"
"param    how = attach seize\n"
"param    sig = none handled\n"
"let      num by sig = none:0 handled:SIGUSR1\n"
"\n"
"roles\n"
"  T   tracer\n"
"  P   tracee\n"
"\n"
"handler h\n"
"  mark ran\n"
"\n"
"steps\n"
"  T                    | P\n"
"                       | handle SIGUSR1 h\n"
"                       | nop >ready\n"
"  if $how == attach\n"
"  <ready; need attach P |\n"
"  need wait P          |\n"
"  need cont P          |\n"
"  else\n"
"  <ready; need seize P |\n"
"  end\n"
"                       | raise SIGUSR1\n"
"  wait P               |\n"
"  siginfo P            |\n"
"  detach P $num        |\n"
"  await-state P S      |\n"
"                       | pause\n";

static void the_example(void **state)
{
	const struct form_case *c;
	const struct form_step *st;
	struct suite s;

	(void)state;
	compile_ok(example, NULL, NULL, &s);
	assert_int_equal(s.ncases, 4);
	assert_string_equal(s.cases[0].name, "f/t[how=attach,sig=none]");
	assert_string_equal(s.cases[1].name, "f/t[how=attach,sig=handled]");
	assert_string_equal(s.cases[2].name, "f/t[how=seize,sig=none]");
	assert_string_equal(s.cases[3].name, "f/t[how=seize,sig=handled]");
	assert_string_equal(s.cases[3].family, "f");
	assert_string_equal(s.cases[3].scenario, "f/t");
	assert_string_equal(s.cases[3].file, "t.scn");
	assert_string_equal(s.cases[3].ids, "D1 D2 seed4");
	assert_string_equal(s.cases[3].tags, "detach signal");
	assert_string_equal(s.cases[3].title, "DETACH with a handled signal from signal-delivery-stop runs the handler in that thread");
	assert_false(s.cases[3].racy);
	assert_int_equal(s.cases[3].cpus, 0);
	assert_int_equal(s.cases[3].nparams, 2);
	assert_string_equal(s.cases[3].params[1].name, "sig");
	assert_string_equal(s.cases[3].params[1].value, "handled");
	c = form_of(&s, 3);
	assert_string_equal(form_str(c, c->name), s.cases[3].name);
	assert_int_equal(c->nroles, 2);
	assert_int_equal(c->nhandlers, 1);
	assert_int_equal(c->nedges, 1);
	assert_string_equal(form_edge(c, 0), "ready");
	assert_int_equal(form_roles(c)[0].nsteps, 6);
	assert_int_equal(form_roles(c)[1].nsteps, 4);
	/* <ready; need seize P */
	st = step_of(&s, 3, 0, 0);
	assert_string_equal(form_str(c, st->text), "nop");
	assert_int_equal(st->await[0], 0);
	assert_int_equal(st->await[1], FORM_NONE);
	st = step_of(&s, 3, 0, 1);
	assert_string_equal(form_str(c, st->text), "seize P");
	assert_int_equal(st->flags, STEP_NEED);
	assert_int_equal(st->line, 25);
	assert_int_equal(st->nargs, 1);
	assert_int_equal(st->arg[0].type, ARG_ROLE);
	assert_int_equal(st->arg[0].ref, 1);
	/* detach P $num */
	st = step_of(&s, 3, 0, 4);
	assert_string_equal(form_str(c, st->text), "detach P SIGUSR1");
	assert_int_equal(st->arg[1].type, ARG_INT);
	assert_int_equal(st->arg[1].val, 10);
	assert_step(&s, 2, 0, 4, "detach P 0");
	assert_int_equal(form_roles(form_of(&s, 0))[0].nsteps, 8);
	suite_free(&s);
}

static void no_parameters(void **state)
{
	struct suite s;

	(void)state;
	compile_ok("title a b\nids D1\noutcome racy\ncpus 2\n" ROLES STEPS, NULL, NULL, &s);
	assert_int_equal(s.ncases, 1);
	assert_string_equal(s.cases[0].name, "f/t");
	assert_true(s.cases[0].racy);
	assert_int_equal(form_of(&s, 0)->flags, FORM_RACY);
	assert_int_equal(s.cases[0].cpus, 2);
	assert_int_equal(form_of(&s, 0)->cpus, 2);
	assert_string_equal(s.cases[0].tags, "");
	suite_free(&s);
}

static void lets_and_names(void **state)
{
	struct suite s;

	(void)state;
	compile_ok(HEAD "param a = x y\n"
		   "let b by a = x:1 *:\"2; mark more\"\n"
		   "let c = $b\n"
		   "let d = ${a}z\n"
		   ROLES COLS "  attach P | nop\n  mark $c | mark \"$d $$a\"\n", NULL, NULL, &s);
	assert_int_equal(s.ncases, 2);
	assert_step(&s, 0, 0, 1, "mark 1");
	assert_step(&s, 1, 0, 1, "mark 2");
	assert_step(&s, 1, 0, 2, "mark more");
	assert_step(&s, 1, 1, 1, "mark \"yz $a\"");
	assert_string_equal(form_str(form_of(&s, 1), step_of(&s, 1, 1, 1)->arg[0].ref), "yz $a");
	suite_free(&s);
}

/* A let by a let, and an impossible line about lets, depend on the parameters behind them. */
static void lets_by_lets(void **state)
{
	static const struct lib lib[] = {
		{ "m", "let opt by stop = fork:sysgood+fork *:sysgood\n" },
		{ NULL, NULL }
	};
	struct suite s;

	(void)state;
	compile_ok(HEAD "param a = x y\nparam b = 1 2\nlet stop by a = x:fork y:exec\nlet both = $stop$b\ninclude m\n"
		   "impossible $both == exec2 : two\n"
		   ROLES COLS "  seize P $opt | mark $b\n", NULL, lib, &s);
	assert_int_equal(s.ncases, 3);
	assert_step(&s, 0, 0, 0, "seize P sysgood+fork");
	assert_step(&s, 2, 0, 0, "seize P sysgood");
	assert_int_equal(s.nimpossible, 1);
	assert_string_equal(s.impossible[0].cell, "a=y,b=2");
	suite_free(&s);
}

static void conditions(void **state)
{
	static const struct { const char *cond; int want[4]; } t[] = {
		{ "$a == x", { 1, 1, 0, 0 } },
		{ "$a != x", { 0, 0, 1, 1 } },
		{ "$a in x y", { 1, 1, 1, 1 } },
		{ "$a == x and $b == 2", { 0, 1, 0, 0 } },
		{ "$a == x or $b == 2", { 1, 1, 0, 1 } },
		/* and binds closer than or */
		{ "$a == x or $a == y and $b == 2", { 1, 1, 0, 1 } },
		{ "$a == x and $b == 1 or $a == y and $b == 2", { 1, 0, 0, 1 } },
		{ "$l == one", { 1, 0, 1, 0 } },
		{ "$l == $m", { 1, 0, 1, 0 } },
		{ "${a} == \"x\"", { 1, 1, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char *text = xasprintf(HEAD "param a = x y\nparam b = 1 2\nlet l by b = 1:one 2:two\nlet m = one\n"
				       ROLES COLS "  mark $a$b$l$m | nop\n  if %s\n  mark yes\n  end\n", t[i].cond);
		struct suite s;

		compile_ok(text, NULL, NULL, &s);
		assert_int_equal(s.ncases, 4);
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(form_roles(form_of(&s, k))[0].nsteps, 1 + t[i].want[k]);
		suite_free(&s);
		free(text);
	}
}

static void nested_ifs_and_elif(void **state)
{
	static const char text[] = HEAD "param a = x y z\nparam b = 1 2\n" ROLES COLS
		"  attach P | nop\n"
		"  if $a == x\n"
		"  if $b == 1\n"
		"  mark x1\n"
		"  else\n"
		"  mark x2\n"
		"  end\n"
		"  elif $a == y\n"
		"  mark y\n"
		"  else\n"
		"  mark z\n"
		"  end\n";
	static const char *const want[] = { "mark x1", "mark x2", "mark y", "mark y", "mark z", "mark z" };
	struct suite s;

	(void)state;
	compile_ok(text, NULL, NULL, &s);
	assert_int_equal(s.ncases, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(form_roles(form_of(&s, i))[0].nsteps, 2);
		assert_step(&s, i, 0, 1, want[i]);
	}
	suite_free(&s);
}

static void impossible_cells(void **state)
{
	struct suite s;

	(void)state;
	compile_ok(HEAD "param how = attach seize\nparam stop = group trap exit\n"
		   "impossible $how == seize and $stop == group : because\n"
		   ROLES COLS "  mark $how | mark $stop\n", AXES, NULL, &s);
	/* 6, less the family's attach+trap and the file's seize+group. */
	assert_int_equal(s.ncases, 4);
	assert_string_equal(s.cases[0].name, "f/t[how=attach,stop=group]");
	assert_string_equal(s.cases[1].name, "f/t[how=attach,stop=exit]");
	assert_string_equal(s.cases[2].name, "f/t[how=seize,stop=trap]");
	assert_string_equal(s.cases[3].name, "f/t[how=seize,stop=exit]");
	assert_int_equal(s.nimpossible, 2);
	assert_string_equal(s.impossible[0].scenario, "f");
	assert_string_equal(s.impossible[0].cell, "how=attach,stop=trap");
	assert_string_equal(s.impossible[0].reason, "no INTERRUPT");
	assert_string_equal(s.impossible[1].scenario, "f/t");
	assert_string_equal(s.impossible[1].cell, "how=seize,stop=group");
	assert_string_equal(s.impossible[1].reason, "because");
	assert_int_equal(s.naxes, 2);
	assert_string_equal(s.axes[1].family, "f");
	assert_string_equal(s.axes[1].name, "stop");
	assert_int_equal(s.axes[1].nvalues, 3);
	assert_string_equal(s.axes[1].values[2], "exit");
	suite_free(&s);
}

static void fixed_axes(void **state)
{
	struct suite s;

	(void)state;
	compile_ok(HEAD "param x = a b\nlet h by x = a:attach b:seize\naxis stop = exit\naxis how = $h\n"
		   ROLES COLS "  mark $x | mark $h\n", AXES, NULL, &s);
	assert_int_equal(s.ncases, 2);
	assert_string_equal(s.cases[1].name, "f/t[x=b]");
	assert_int_equal(s.cases[1].nparams, 3);
	assert_string_equal(s.cases[1].params[0].name, "x");
	assert_string_equal(s.cases[1].params[1].name, "stop");
	assert_string_equal(s.cases[1].params[1].value, "exit");
	assert_string_equal(s.cases[1].params[2].name, "how");
	assert_string_equal(s.cases[1].params[2].value, "seize");
	assert_string_equal(s.cases[0].params[2].value, "attach");
	suite_free(&s);
}

/* An axis line with a let takes part in the family's impossible cells. */
static void fixed_axes_are_impossible_too(void **state)
{
	struct suite s;

	(void)state;
	compile_ok(HEAD "param x = a b\nparam y = 1 2\nlet h by x = a:attach b:seize\nlet st by y = 1:trap 2:exit\n"
		   "axis stop = $st\naxis how = $h\n"
		   ROLES COLS "  mark $x | mark $h$y$st\n", AXES, NULL, &s);
	assert_int_equal(s.ncases, 3);
	assert_string_equal(s.cases[0].name, "f/t[x=a,y=2]");
	suite_free(&s);
}

static void continued_rows(void **state)
{
	struct suite s;

	(void)state;
	compile_ok(HEAD ROLES COLS
		   "  need attach P; |\n"
		   "  + wait P; cont | pause\n"
		   "  + P SIGUSR1\n"
		   "  do b\n"
		   "block b\n"
		   "  mark\n"
		   "  + one; mark two\n", NULL, NULL, &s);
	assert_int_equal(form_roles(form_of(&s, 0))[0].nsteps, 4);
	assert_step(&s, 0, 0, 0, "attach P");
	assert_step(&s, 0, 0, 1, "wait P");
	assert_step(&s, 0, 0, 2, "cont P SIGUSR1");
	assert_int_equal(step_of(&s, 0, 0, 1)->line, 10);
	assert_step(&s, 0, 1, 0, "pause");
	assert_int_equal(form_blocks(form_of(&s, 0))[0].clause[0].nsteps, 2);
	suite_free(&s);
}

static void comments_and_quotes(void **state)
{
	struct suite s;

	(void)state;
	compile_ok("# top\n" HEAD "tags a b # end\n" ROLES COLS
		   "  # a row of its own\n"
		   "  attach P # the tracee | not a cell\n"
		   "  mark \"a # b | c; d\" | mark \"q\\\"\\\\\\n\\t\\x03\"\n", NULL, NULL, &s);
	assert_string_equal(s.cases[0].tags, "a b");
	assert_int_equal(form_roles(form_of(&s, 0))[0].nsteps, 2);
	assert_string_equal(form_str(form_of(&s, 0), step_of(&s, 0, 0, 1)->arg[0].ref), "a # b | c; d");
	assert_string_equal(form_str(form_of(&s, 0), step_of(&s, 0, 1, 0)->arg[0].ref), "q\"\\\n\t\x03");
	suite_free(&s);
}

static void macros_are_hygienic(void **state)
{
	static const char text[] = HEAD ROLES COLS
		"  attach P | nop\n"
		"  use twice(T, P, done)\n"
		"  <done\n"
		"macro twice(A, B, out)\n"
		"  $B | $A\n"
		"  mark b >there | <there mark a\n"
		"  use once($A, mid)\n"
		"  use once($B, $out)\n"
		"  | <mid\n"
		"macro once(A, e)\n"
		"  $A\n"
		"  nop >there; <there nop >$e\n";
	static const char *const edges[] = { "there.1", "there.2", "mid.1", "there.3", "done" };
	const struct form_case *c;
	struct suite s;

	(void)state;
	compile_ok(text, NULL, NULL, &s);
	c = form_of(&s, 0);
	assert_int_equal(c->nedges, 5);
	for (uint32_t i = 0; i < 5; i++) {
		bool found = false;

		for (uint32_t k = 0; k < 5; k++)
			found = found || !strcmp(form_edge(c, k), edges[i]);
		if (!found)
			fail_msg("no edge %s", edges[i]);
	}
	/* T: attach, <there.1 mark a, nop >there.2, <there.2 nop >mid.1, <mid.1, <done */
	assert_int_equal(form_roles(c)[0].nsteps, 6);
	assert_step(&s, 0, 0, 1, "mark a");
	assert_string_equal(form_edge(c, step_of(&s, 0, 0, 1)->await[0]), "there.1");
	assert_string_equal(form_edge(c, step_of(&s, 0, 0, 3)->post[0]), "mid.1");
	assert_string_equal(form_edge(c, step_of(&s, 0, 0, 5)->await[0]), "done");
	assert_int_equal(form_roles(c)[1].nsteps, 4);
	suite_free(&s);
}

static void macro_conditions_and_names(void **state)
{
	static const struct lib lib[] = {
		{ "m", "let opt by how = attach:0 seize:sysgood\n"
		       "let other by nosuch = a:b\n"
		       "let own = theirs\n"
		       "macro in-attach(T, P, x)\n  $T\n  attach $P\n  if $x == -\n  mark none\n  else\n  mark $x\n  end\n"
		       "macro in-seize(T, P, x)\n  $T\n  seize $P $opt\n"
		       "macro unused(X)\n  $X\n  nonsense\n"
		       "block unused\n  nonsense\n" },
		{ NULL, NULL }
	};
	struct suite s;

	(void)state;
	compile_ok(HEAD "param how = attach seize\ninclude m\nlet own = mine\n" ROLES COLS
		   "  use in-$how(T, P, -)\n  use in-$how(T, P, some)\n  mark $own | nop\n", NULL, lib, &s);
	assert_int_equal(s.ncases, 2);
	assert_int_equal(form_roles(form_of(&s, 0))[0].nsteps, 5);
	assert_step(&s, 0, 0, 0, "attach P");
	assert_step(&s, 0, 0, 1, "mark none");
	assert_step(&s, 0, 0, 3, "mark some");
	assert_step(&s, 0, 0, 4, "mark mine");
	assert_step(&s, 1, 0, 0, "seize P sysgood");
	assert_int_equal(form_of(&s, 0)->nblocks, 0);
	suite_free(&s);
}

static void blocks_and_clauses(void **state)
{
	static const char text[] = HEAD ROLES COLS
		"  seize P; react serve until stops 5; repeat 3 b; loop-until e b; do b | nop >e\n"
		"block b\n  mark one\n  mark two; mark three\n"
		"block serve\n"
		"  on signal SIGUSR1      : siginfo it; cont it sig\n"
		"  on signal of P         : cont it sig\n"
		"  on group               : listen it\n"
		"  on event clone of P    : msg it; cont it\n"
		"  on event               : cont it\n"
		"  on any                 : nop\n";
	const struct form_case *c;
	const struct form_block *b;
	struct suite s;

	(void)state;
	compile_ok(text, NULL, NULL, &s);
	c = form_of(&s, 0);
	assert_int_equal(c->nblocks, 2);
	b = form_blocks(c);
	assert_string_equal(form_str(c, b[0].name), "serve");
	assert_int_equal(b[0].nclauses, 6);
	assert_int_equal(b[0].clause[0].on, ON_SIGNAL);
	assert_int_equal(b[0].clause[0].on_arg, 10);
	assert_int_equal(b[0].clause[0].on_role, FORM_NONE);
	assert_int_equal(b[0].clause[0].nsteps, 2);
	assert_int_equal(b[0].clause[1].on_arg, 0);
	assert_int_equal(b[0].clause[1].on_role, 1);
	assert_int_equal(b[0].clause[2].on, ON_GROUP);
	assert_int_equal(b[0].clause[3].on, ON_EVENT);
	assert_int_equal(b[0].clause[3].on_arg, 3);
	assert_int_equal(b[0].clause[3].on_role, 1);
	assert_int_equal(b[0].clause[4].on_arg, 0);
	assert_int_equal(b[0].clause[5].on, ON_ANY);
	assert_int_equal(b[1].nclauses, 1);
	assert_int_equal(b[1].clause[0].on, ON_NONE);
	assert_int_equal(b[1].clause[0].nsteps, 3);
	/* react serve until stops 5 */
	assert_step(&s, 0, 0, 1, "react serve until stops 5");
	assert_int_equal(step_of(&s, 0, 0, 1)->nargs, 3);
	assert_int_equal(step_of(&s, 0, 0, 1)->arg[0].type, ARG_BLOCK);
	assert_string_equal(form_str(c, step_of(&s, 0, 0, 1)->arg[1].ref), "stops");
	assert_int_equal(step_of(&s, 0, 0, 1)->arg[2].val, 5);
	assert_int_equal(step_of(&s, 0, 0, 3)->arg[0].type, ARG_EDGE);
	assert_int_equal(step_of(&s, 0, 0, 3)->arg[1].ref, 1);
	suite_free(&s);
}

static void roles_are_as_declared(void **state)
{
	static const char text[] = HEAD
		"roles\n"
		"  R  parent, uid 65534\n"
		"  P  tracee, child of R, quiet, bits 32\n"
		"  Q  tracee, thread of P\n"
		"  C  tracee, child of P, born\n"
		"  D  tracee, born\n"
		"  T  tracer\n"
		"steps\n"
		"  R | P | Q | C | D | T\n"
		"  nop | fork C; fork D | pause | nop | nop | attach P\n";
	const struct form_role *r;
	struct suite s;

	(void)state;
	compile_ok(text, NULL, NULL, &s);
	r = form_roles(form_of(&s, 0));
	assert_int_equal(r[0].kind, ROLE_PARENT);
	assert_int_equal(r[0].uid, 65534);
	assert_int_equal(r[0].parent, FORM_NONE);
	assert_int_equal(r[0].bits, 64);
	assert_int_equal(r[1].kind, ROLE_TRACEE);
	assert_int_equal(r[1].parent, 0);
	assert_int_equal(r[1].bits, 32);
	assert_int_equal(r[1].flags, ROLE_QUIET);
	assert_int_equal(r[1].birth, BORN_AT_START);
	assert_int_equal(r[2].parent, 1);
	assert_int_equal(r[2].flags, ROLE_THREAD);
	assert_int_equal(r[2].bits, 32);
	assert_int_equal(r[3].birth, BORN_BY_STEP);
	assert_int_equal(r[3].parent, 1);
	assert_int_equal(r[3].bits, 32);
	/* Made in P's column: P's child. */
	assert_int_equal(r[4].parent, 1);
	assert_int_equal(r[4].bits, 32);
	assert_int_equal(r[5].kind, ROLE_TRACER);
	suite_free(&s);
}

static void arguments(void **state)
{
	static const char text[] = HEAD ROLES COLS
		"  seize P sysgood+exitkill+suspend-seccomp; setopts P 0; setopts P PTRACE_O_TRACEEXEC | nop\n"
		"  wait P nohang+untraced+nowait+nothread; waitid P WSTOPPED+wall+clone\n"
		"  cont P sig; cont it; cont P SIGRTMIN+2; cont P none; cont P 65; cont P -1; cont P @v\n"
		"  attach 0; attach -1; attach msg; attach ret; attach @v; attach tid:P\n"
		"  value -EPERM => v; value O_RDWR+O_CREAT; value 0xffffffff81000000; value spot+4; value tid:P\n"
		"  value it; value sig; value msg; value ret; value SIGUSR1; value SYS_getpid; value int3-here.after-1\n"
		"  call openat AT_FDCWD \"/x y\" O_RDONLY; request P getregs data=7; - value 1; ! value 2\n"
		"  native regset-len tid:P 1 2\n";
	struct suite s;
	uint32_t i = 0;
	const struct form_step *st;

	(void)state;
	compile_ok(text, NULL, NULL, &s);
#define INT(a, v) do { assert_int_equal(st->arg[a].type, ARG_INT); assert_true(st->arg[a].val == (int64_t)(v)); } while (0)
#define NEXT st = step_of(&s, 0, 0, i++)
	NEXT; INT(1, 1 | 1 << 20 | 1 << 21);
	NEXT; INT(1, 0);
	NEXT; INT(1, 1 << 4);
	NEXT; INT(1, 1 | 2 | 0x01000000 | 0x20000000);
	NEXT; INT(1, 2 | 0x40000000 | 0x80000000u);
	NEXT; assert_int_equal(st->arg[1].type, ARG_SIG);
	NEXT; assert_int_equal(st->arg[0].type, ARG_IT); assert_int_equal(st->nargs, 1);
	NEXT; INT(1, 34);
	NEXT; INT(1, 0);
	NEXT; INT(1, 65);
	NEXT; INT(1, -1);
	NEXT; assert_int_equal(st->arg[1].type, ARG_VALUE); assert_int_equal(st->arg[1].ref, 0);
	NEXT; INT(0, 0);
	NEXT; INT(0, -1);
	NEXT; assert_int_equal(st->arg[0].type, ARG_MSG);
	NEXT; assert_int_equal(st->arg[0].type, ARG_RET);
	NEXT; assert_int_equal(st->arg[0].type, ARG_VALUE);
	NEXT; assert_int_equal(st->arg[0].type, ARG_ROLE); assert_int_equal(st->arg[0].ref, 1);
	NEXT; INT(0, -1); assert_int_equal(st->result, 0);
	NEXT; INT(0, 2 | 0100);
	NEXT; INT(0, 0xffffffff81000000ull);
	NEXT; assert_int_equal(st->arg[0].type, ARG_LABEL); assert_int_equal(st->arg[0].val, 4);
	assert_string_equal(form_str(form_of(&s, 0), st->arg[0].ref), "spot");
	NEXT; assert_int_equal(st->arg[0].type, ARG_TID); assert_int_equal(st->arg[0].ref, 1);
	NEXT; assert_int_equal(st->arg[0].type, ARG_IT);
	NEXT; assert_int_equal(st->arg[0].type, ARG_SIG);
	NEXT; assert_int_equal(st->arg[0].type, ARG_MSG);
	NEXT; assert_int_equal(st->arg[0].type, ARG_RET);
	NEXT; INT(0, 10);
	NEXT; INT(0, 39);
	NEXT; assert_int_equal(st->arg[0].type, ARG_LABEL); assert_int_equal(st->arg[0].val, -1);
	NEXT; INT(1, -100); assert_int_equal(st->arg[2].type, ARG_STR); INT(3, 0);
	assert_string_equal(form_str(form_of(&s, 0), st->arg[2].ref), "/x y");
	assert_int_equal(st->nargs, 4);
	/* data=7: addr before it is left out. */
	NEXT; assert_int_equal(st->nargs, 4); assert_int_equal(st->arg[2].type, ARG_NONE);
	INT(3, 7); assert_int_equal(st->arg[3].key, 4);
	NEXT; assert_int_equal(st->flags, STEP_MUTE);
	NEXT; assert_int_equal(st->flags, STEP_ERRLOG);
	NEXT; assert_int_equal(st->nargs, 4);
	/* call and native */
	assert_int_equal(s.cases[0].nescapes, 2);
	suite_free(&s);
}

static void requests_become_numbers(void **state)
{
	static const char *const want[] = { "17", "12", "16902", "3", "99999", "-1" };
	struct suite s;

	(void)state;
	compile_ok(HEAD ROLES COLS "  attach P | nop\n"
		   "  request P PTRACE_DETACH; request P getregs; request P seize; request P peekuser\n"
		   "  request P 99999; request P -1\n", NULL, NULL, &s);
	for (uint32_t i = 0; i < 6; i++)
		assert_string_equal(form_str(form_of(&s, 0), step_of(&s, 0, 0, i + 1)->arg[1].ref), want[i]);
	assert_step(&s, 0, 0, 1, "request P PTRACE_DETACH");
	suite_free(&s);
}

static void two_edges_and_quiet_ones(void **state)
{
	const struct form_step *st;
	struct suite s;

	(void)state;
	compile_ok(HEAD ROLES COLS "  <a <b -wait P nohang >c >d | nop >a; nop >b; <c; <d\n", NULL, NULL, &s);
	st = step_of(&s, 0, 0, 0);
	assert_int_equal(st->flags, STEP_MUTE);
	assert_string_equal(form_edge(form_of(&s, 0), st->await[0]), "a");
	assert_string_equal(form_edge(form_of(&s, 0), st->await[1]), "b");
	assert_string_equal(form_edge(form_of(&s, 0), st->post[0]), "c");
	assert_string_equal(form_edge(form_of(&s, 0), st->post[1]), "d");
	assert_step(&s, 0, 0, 0, "wait P nohang");
	suite_free(&s);
}

static void only_selects_cases(void **state)
{
	struct lang_errors e;
	struct suite s;

	(void)state;
	assert_int_equal(compile_with(example, NULL, NULL, "f/t[how=attach,sig=none],*seize,sig=h*", &s, &e), 0);
	assert_int_equal(s.ncases, 1);
	assert_string_equal(s.cases[0].name, "f/t[how=attach,sig=none]");
	suite_free(&s);
	assert_int_equal(compile_with(example, NULL, NULL, "*how=seize*", &s, &e), 0);
	assert_int_equal(s.ncases, 2);
	assert_string_equal(s.cases[0].name, "f/t[how=seize,sig=none]");
	suite_free(&s);
	assert_true(lang_only(NULL, "f/t", "f/t[a=b]"));
	assert_true(lang_only("f", "f/t", "f/t[a=b]"));
	assert_true(lang_only("x/*,f/*", "f/t", "f/t[a=b]"));
	assert_true(lang_only("f/t", "f/t", "f/t[a=b]"));
	assert_true(lang_only("x,f/t[a=b,c=d]", "f/t", "f/t[a=b,c=d]"));
	assert_false(lang_only("g", "f/t", "f/t[a=b]"));
	assert_false(lang_only("f/t[a=c]", "f/t", "f/t[a=b]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example),
		cmocka_unit_test(no_parameters),
		cmocka_unit_test(lets_and_names),
		cmocka_unit_test(lets_by_lets),
		cmocka_unit_test(conditions),
		cmocka_unit_test(nested_ifs_and_elif),
		cmocka_unit_test(impossible_cells),
		cmocka_unit_test(fixed_axes),
		cmocka_unit_test(fixed_axes_are_impossible_too),
		cmocka_unit_test(continued_rows),
		cmocka_unit_test(comments_and_quotes),
		cmocka_unit_test(macros_are_hygienic),
		cmocka_unit_test(macro_conditions_and_names),
		cmocka_unit_test(blocks_and_clauses),
		cmocka_unit_test(roles_are_as_declared),
		cmocka_unit_test(arguments),
		cmocka_unit_test(requests_become_numbers),
		cmocka_unit_test(two_edges_and_quiet_ones),
		cmocka_unit_test(only_selects_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
