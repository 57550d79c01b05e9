/* test_lang_errors.c - every kind of error of the language: its line, its column (marked \1) and its text. */
#include "lang_util.h"

static void files_and_lines(void **state)
{
	static char longline[1100];
	char *text;

	(void)state;
	expect("\1", "an empty file, expected a scenario");
	expect("\1# only a comment\n", "an empty file, expected a scenario");
	expect("  \1title x y\n" HEAD ROLES STEPS,
	       "an indented line before any section, expected `title' at column 1");
	expect(HEAD "tags a\1\x02\n" ROLES STEPS, "byte 0x02, expected text");
	expect(HEAD "tags a\1\r\n" ROLES STEPS,
	       "carriage return at the end of the line, expected a plain newline");
	/* A comment of 1002 bytes in line 4. */
	snprintf(longline, sizeof(longline), HEAD "#");
	memset(longline + strlen(longline), 'x', 999);
	text = xasprintf("%s\1yy\n" ROLES STEPS, longline);
	expect(text, "a line of 1002 bytes, expected at most 1000");
	free(text);
}

static void sections(void **state)
{
	(void)state;
	expect(HEAD ROLES "\1stpes\n  T | P\n", "unknown section `stpes', expected a header line (title, ids, ...), roles, steps, block, handler or macro; did you mean `steps'?");
	expect(HEAD ROLES STEPS "\1if $a == b\n", "`if' at column 1, expected it indented, inside a section");
	expect(HEAD ROLES STEPS "\1on any : nop\n", "`on' at column 1, expected it indented, inside a section");
	expect(HEAD ROLES STEPS "\1steps\n  T | P\n", "a second `steps' section, expected one; the first is at line 7");
	expect(HEAD ROLES "\1roles\n  U tracer\n" STEPS, "a second `roles' section, expected one; the first is at line 4");
	expect(HEAD "roles \1now\n  T tracer\n  P tracee\n" STEPS, "`now' after `roles', expected the end of the line");
	expect("title a b\nids D1\noutcome exact\nroles\n  T tracer\n\1block b\n  nop\n", "no `steps' in this scenario, expected one");
	expect("title a b\nids D1\noutcome exact\n\1steps\n  T\n  nop\n", "no `roles' in this scenario, expected one");
	expect("ids D1\noutcome exact\n" ROLES "\1" STEPS, "no `title' in this scenario, expected one");
	expect("title a b\noutcome exact\n" ROLES "\1" STEPS, "no `ids' in this scenario, expected one");
	expect("title a b\nids D1\n" ROLES "\1" STEPS, "no `outcome' in this scenario, expected one");
	expect(HEAD "\1roles\n" STEPS, "`roles' is empty, expected a role a line");
	expect(HEAD ROLES "\1steps\n", "`steps' is empty, expected a row that names the columns");
	expect(HEAD ROLES STEPS "block \1b\n", "block `b' is empty, expected indented lines below it");
	expect(HEAD ROLES STEPS "block\1\n  nop\n", "`block' without a name, expected one");
	expect(HEAD ROLES STEPS "block \1a b\n  nop\n", "`a b', expected a name of letters, digits, _ and -");
	expect(HEAD ROLES STEPS "block b\n  nop\nblock \1b\n  nop\n", "block `b' exists already, at t.scn:10, expected a new name");
	expect(HEAD ROLES STEPS "handler h\n  nop\nhandler \1h\n  nop\n", "handler `h' exists already, at t.scn:10, expected a new name");
}

static void header_lines(void **state)
{
	(void)state;
	expect("title\1\nids D1\noutcome exact\n" ROLES STEPS, "end of line after `title', expected a sentence");
	expect(HEAD "\1title again\n" ROLES STEPS, "a second `title' line, expected one; the first is at line 1");
	expect("title a b\nids\1\noutcome exact\n" ROLES STEPS, "end of line after `ids', expected catalogue ids, letters and a number (D1, R5r, seed4)");
	expect("title a b\nids D1 \1detach\noutcome exact\n" ROLES STEPS, "`detach', expected catalogue ids, letters and a number (D1, R5r, seed4)");
	expect("title a b\nids D1 D11 \1D1\noutcome exact\n" ROLES STEPS, "`D1' stands here twice, expected each once");
	expect("title a b\nids D1\noutcome \1exakt\n" ROLES STEPS, "outcome `exakt', expected `exact' or `racy'");
	expect("title a b\nids D1\noutcome\1\n" ROLES STEPS, "end of line after `outcome', expected `exact' or `racy'");
	expect("title a b\nids D1\noutcome racy \1very\n" ROLES STEPS, "`very', expected the end of the line");
	expect(HEAD "tags one \1two,three\n" ROLES STEPS, "`two,three', expected words");
	expect(HEAD "cpus \1many\n" ROLES STEPS, "cpus `many', expected `any' or a number from 1 to 16");
	expect(HEAD "cpus \0010\n" ROLES STEPS, "cpus `0', expected `any' or a number from 1 to 16");
	expect(HEAD "cover \1pairs\n" ROLES STEPS, "cover `pairs', expected `all', `pairwise' or `each'");
}

#define USEHOW "steps\n  T | P\n  mark $how | pause\n"

static void params(void **state)
{
	(void)state;
	expect(HEAD "param\1\n" ROLES STEPS, "end of line after `param', expected a name");
	expect(HEAD "param \1a-b = c\n" ROLES STEPS, "`a-b', expected a name of letters, digits and _");
	expect(HEAD "param how \1attach\n" ROLES STEPS, "`attach', expected `='");
	expect(HEAD "param how =\1\n" ROLES STEPS, "end of line after `param', expected a value");
	expect(HEAD "param how = a \1b,c\n" ROLES USEHOW, "value `b,c', expected letters, digits and _ + - .");
	expect(HEAD "param how = a b \1a\n" ROLES USEHOW, "value `a' stands here twice, expected each once");
	expect(HEAD "param how = a\nparam \1how = b\n" ROLES USEHOW, "`how' is already a parameter, at t.scn:4, expected a new name");
	expect(HEAD "param how = a\nlet \1how = b\n" ROLES USEHOW, "`how' is already a parameter, at t.scn:4, expected a new name");
	expect(HEAD "let how = a\nparam \1how = b\n" ROLES USEHOW, "`how' is already a let, at t.scn:4, expected a new name");
	expect(HEAD "param \1how = a b\n" ROLES STEPS, "parameter `how' is never used, expected $how below");
	expect(HEAD "param how = a\n" ROLES "steps\n  T | P\n  mark \1$hwo | mark $how\n",
	       "unknown name `$hwo', expected a parameter or a let; did you mean `how'?");
	expect(HEAD ROLES "steps\n  T | P\n  mark \1$ | pause\n", "`$' without a name, expected $NAME, ${NAME} or $$");
	expect(HEAD "param how = a\n" ROLES "steps\n  T | P\n  mark \1${how | mark $how\n", "`$' without a name, expected $NAME, ${NAME} or $$");
}

#define USEB "steps\n  T | P\n  mark $how | mark $b\n"

static void lets(void **state)
{
	(void)state;
	expect(HEAD "let\1\n" ROLES STEPS, "end of line after `let', expected a name");
	expect(HEAD "let \1x-y = 1\n" ROLES STEPS, "`x-y', expected a name of letters, digits and _");
	expect(HEAD "let b \1is 1\n" ROLES STEPS, "`is', expected `=' or `by'");
	expect(HEAD "let b =\1\n" ROLES STEPS, "end of line after `let', expected a text");
	expect(HEAD "let \1b = 1\n" ROLES STEPS, "let `b' is never used, expected $b below");
	expect(HEAD "param how = a\nlet \1b by who = a:1\n" ROLES USEB,
	       "let `b' is by `who', expected the name of a parameter or of a let above it; did you mean `how'?");
	expect(HEAD "param how = a\nlet b by how = \1a\n" ROLES USEB, "`a', expected VALUE:TEXT");
	expect(HEAD "param how = a\nlet b by how = \1:a\n" ROLES USEB, "`:a', expected VALUE:TEXT");
	expect(HEAD "param how = a c\nlet b by how = a:1 c:2 \1a:3\n" ROLES USEB, "value `a' stands here twice, expected each once");
	expect(HEAD "param how = attach\nlet b by how = attach:1 \1attch:2\n" ROLES USEB,
	       "parameter `how' has no value `attch', expected one of its values; did you mean `attach'?");
	expect(HEAD "param how = a c\nlet \1b by how = a:1\n" ROLES USEB, "let `b' has no text for `c' of `how', expected c:TEXT or *:TEXT");
	expect(HEAD "param how = a\nlet x = other\nlet \1b by x = a:1\n" ROLES USEB, "let `b' has no text for `other' of `x', expected other:TEXT or *:TEXT");
	expect(HEAD "param how = a\nlet b = \1$later\nlet later = 1\n" ROLES USEB,
	       "`$later' in let `b', expected a parameter or a let above it");
}

static void axes_and_impossible(void **state)
{
	(void)state;
	expect_in(HEAD "axis \1stpo = group\n" ROLES STEPS, AXES, NULL, "t.scn",
		  "no axis `stpo', expected an axis of the family's AXES; did you mean `stop'?");
	expect_in(HEAD "axis stop = \1gruop\n" ROLES STEPS, AXES, NULL, "t.scn",
		  "axis `stop' has no value `gruop', expected a value from AXES; did you mean `group'?");
	expect_in(HEAD "axis stop = group\naxis \1stop = exit\n" ROLES STEPS, AXES, NULL, "t.scn",
		  "axis `stop' is already fixed, at line 4, expected it once");
	expect_in(HEAD "param how = attach \1sieze\n" ROLES USEHOW, AXES, NULL, "t.scn",
		  "axis `how' has no value `sieze', expected a value from AXES; did you mean `seize'?");
	expect_in(HEAD "param how = attach\naxis \1how = seize\n" ROLES USEHOW, AXES, NULL, "t.scn",
		  "axis `how' is a parameter as well, expected only one of them");
	expect_in("\1" HEAD "axis how = attach\naxis stop = trap\n" ROLES STEPS, AXES, NULL, "t.scn",
		  "every case is impossible (no INTERRUPT), expected at least one");
	expect(HEAD "param how = a b\nimpossible $how == a\1\n" ROLES USEHOW, "`impossible' without a reason, expected COND : REASON");
	expect(HEAD "param how = a b\nimpossible $how == a :\1\n" ROLES USEHOW, "an empty reason, expected COND : REASON");
	expect(HEAD "param how = a b\nimpossible \1how == a : x\n" ROLES USEHOW, "`how', expected $NAME");
	expect(HEAD "param how = a b\nimpossible $how \1= a : x\n" ROLES USEHOW, "`=', expected ==, != or in");
	expect(HEAD "param how = a b\nimpossible $how == a \1xor $how == b : x\n" ROLES USEHOW, "`xor', expected and, or, or the end");
	expect(HEAD "param how = a b\nimpossible $how == a and \1: x\n" ROLES USEHOW, "the condition ends here, expected $NAME");
	expect(HEAD "param how = a b\nimpossible $how in \1: x\n" ROLES USEHOW, "the condition ends here, expected a value");
	expect(HEAD "param how = a b\nimpossible \1$hwo == a : x\n" ROLES USEHOW, "unknown name `$hwo', expected a parameter or a let; did you mean `how'?");
	expect(HEAD "param how = abc def\nimpossible $how == \1abd : x\n" ROLES USEHOW,
	       "parameter `how' has no value `abd', expected one of its values; did you mean `abc'?");
	expect(HEAD "param how = a b\n\1impossible $how == a and $how == b : x\n" ROLES USEHOW,
	       "`impossible $how == a and $how == b' holds in no case, expected a condition that takes some away");
	expect("\1" HEAD "param how = a b\nimpossible $how in a b : none of them\n" ROLES USEHOW,
	       "every case is impossible (none of them), expected at least one");
	expect(HEAD "param how = \1a b\nimpossible $how == a : no a\n" ROLES USEHOW,
	       "value `a' of `how' is impossible in every case, expected it left out");
}

static void axes_files(void **state)
{
	static const char ok[] = HEAD ROLES STEPS;

	(void)state;
	expect_in(ok, "\1param how = a\n", NULL, "AXES", "unknown line `param', expected axis or impossible");
	expect_in(ok, "axis how = a\naxis \1how = b\n", NULL, "AXES", "axis `how' exists already, expected a new name");
	expect_in(ok, "axis how = a\nimpossible \1$who == a : x\n", NULL, "AXES", "unknown name `$who', expected an axis; did you mean `how'?");
	expect_in(ok, "axis how = abc d\nimpossible $how == \1abd : x\n", NULL, "AXES",
		  "axis `how' has no value `abd', expected one of its values; did you mean `abc'?");
	expect_in(ok, "axis how =\1\n", NULL, "AXES", "end of line after `axis', expected a value");
}

static void includes(void **state)
{
	static const struct lib none[] = { { NULL, NULL } };
	static const struct lib bad[] = { { "m", "\1title x\n" }, { NULL, NULL } };
	static const struct lib twice[] = { { "m", "block b\n  nop\nblock \1b\n  nop\n" }, { NULL, NULL } };
	static const struct lib inside[] = { { "m", "macro go(P)\n  $P\n  \1atach $P\n" }, { NULL, NULL } };

	(void)state;
	expect_in(HEAD "include \1m\n" ROLES STEPS, NULL, none, "t.scn", "no file `m', expected a file in scenarios/lib");
	expect_in(HEAD "include \1../m\n" ROLES STEPS, NULL, none, "t.scn",
		  "include `../m', expected the plain name of a file in scenarios/lib");
	expect_in(HEAD "include\1\n" ROLES STEPS, NULL, none, "t.scn",
		  "end of line after `include', expected the name of a file in scenarios/lib");
	expect_in(HEAD "include m\n" ROLES STEPS, NULL, bad, "lib/m",
		  "in an included file, a section `title', expected let, include, block, handler or macro");
	expect_in(HEAD "include m\n" ROLES STEPS, NULL, twice, "lib/m",
		  "block `b' exists already, at lib/m:1, expected a new name");
	expect_in(HEAD "include m\n" ROLES "steps\n  T | P\n  use go(T)\n  attach P | nop\n", NULL, inside, "lib/m",
		  "unknown verb `atach', expected a verb of verbs.def; did you mean `attach'? (in macro `go' used at t.scn:10)");
}

static void conditions(void **state)
{
#define HOW HEAD "param how = attach seize\n" ROLES
	(void)state;
	expect(HOW COLS "  \1if $how == attach\n  mark $how | nop\n", "`if' without an `end', expected one in this section");
	expect(HOW COLS "  mark $how | nop\n  \1end\n", "`end' without an `if' in this section, expected one above it");
	expect(HOW COLS "  mark $how | nop\n  \1else\n", "`else' without an `if' in this section, expected one above it");
	expect(HOW COLS "  mark $how | nop\n  if $how == seize\n  nop\n  else\n  nop\n  \1else\n  end\n", "`else' after `else', expected `end'");
	expect(HOW COLS "  mark $how | nop\n  if $how == seize\n  nop\n  end \1if\n", "`if', expected the end of the line");
	expect(HOW COLS "  mark $how | nop\n  if $how == \1sieze\n  nop\n  end\n",
	       "parameter `how' has no value `sieze', expected one of its values; did you mean `seize'?");
	expect(HOW COLS "  mark $how | nop\n  if \1$hwo == a\n  nop\n  end\n",
	       "unknown name `$hwo', expected a parameter or a let; did you mean `how'?");
	expect(HOW COLS "  mark $how | nop\n  if $how == \1$1\n  nop\n  end\n", "`$1', expected a value or $NAME");
	expect(HOW COLS "  mark $how | nop\n  if $how ==\1\n  nop\n  end\n", "the condition ends here, expected a value");
	expect(HOW COLS "  mark $how | nop\n  if $how == seize\n  nop\n  elif $how == attach\n  nop\n  \1else\n  nop\n  end\n",
	       "`else' is taken in no case, expected a branch that some case takes");
	expect(HOW COLS "  mark $how | nop\n  \1if $how == seize and $how == attach\n  nop\n  end\n",
	       "`if $how == seize and $how == attach' is taken in no case, expected a branch that some case takes");
}

static void roles(void **state)
{
	(void)state;
	expect(HEAD "roles\n  T tracer\n  \1it tracee\n" STEPS, "`it', expected a role's name of letters, digits, _ and -, not a word of the language");
	expect(HEAD "roles\n  T tracer\n  \1P.x tracee\n" STEPS, "`P.x', expected a role's name of letters, digits, _ and -");
	expect(HEAD "roles\n  T tracer\n  P tracee\n  \1T tracer\n" STEPS, "role `T' exists already, at line 5, expected a new name");
	expect(HEAD "roles\n  T tracer\n  P\1\n" STEPS, "role `P' without a kind, expected tracer, tracee, parent or outsider");
	expect(HEAD "roles\n  T tracer\n  P \1trace\n" STEPS, "unknown kind `trace', expected tracer, tracee, parent or outsider; did you mean `tracer'?");
	expect(HEAD "roles\n  T tracer\n  P tracee \1quiet\n" STEPS, "`quiet', expected `,' or the end of the line");
	expect(HEAD "roles\n  T tracer\n  P tracee,\1\n" STEPS, "end of line after `,', expected child of, thread of, born, bits, quiet or uid");
	expect(HEAD "roles\n  T tracer\n  P tracee, \1silent\n" STEPS, "`silent', expected child of, thread of, born, bits, quiet or uid");
	expect(HEAD "roles\n  T tracer\n  P tracee, \1queit\n" STEPS, "`queit', expected child of, thread of, born, bits, quiet or uid; did you mean `quiet'?");
	expect(HEAD "roles\n  T tracer\n  P tracee, child of \1Q\n" STEPS, "unknown role `Q', expected a role of a line above");
	expect(HEAD "roles\n  T tracer\n  P tracee, child of\1\n" STEPS, "end of line, expected the name of a role after `child of'");
	expect(HEAD "roles\n  T tracer\n  P tracee, child \1T\n" STEPS, "`T' after `child', expected `child of NAME'");
	expect(HEAD "roles\n  T tracer\n  P tracee, bits \00116\n" STEPS, "bits `16', expected 64, 32 or x32");
	expect(HEAD "roles\n  T tracer\n  P tracee, uid \1root\n" STEPS, "uid `root', expected a number from 0 to 65534");
	expect(HEAD "roles\n  T tracer\n  P tracee\n  Q tracee, thread of P\n  R tracee, thread of \1Q\n" STEPS,
	       "`Q' is itself a thread, expected its leader `P'");
	expect(HEAD "roles\n  T tracer\n  P tracee, child of T, thread of \1T\n" STEPS,
	       "role `P' has a parent already, expected one `child of' or `thread of'");
	expect(HEAD "roles\n  T tracer\n  P tracee\n  \1Q tracee, thread of P, bits 32\n" STEPS,
	       "role `Q' has another word size than `P', expected the same, or exec");
	expect(HEAD "roles\n  T tracer\n  P tracee\n  \1Q tracee, child of P, born\n" "steps\n  T | P | Q\n  attach P | nop | mark x\n",
	       "role `Q' is born but no step makes it, expected fork, vfork, clone or thread Q");
	expect(HEAD "roles\n  T tracer\n  P tracee\n  \1O outsider\n" STEPS, "role `O' has no column and no step names it, expected it used");
	expect(HEAD "roles\n  T tracer\n  \1P tracee\n" "steps\n  T | P\n  attach P\n", "the column of `P' is empty in every case, expected a step in it or no column");
	expect(HEAD "roles\n  T tracer\n  P tracee\n" "steps\n  T | P\n  attach P | fork \1T\n", "`T' exists from the start, expected a role marked `born'");
	expect(HEAD "roles\n  T tracer\n  P tracee\n  Q tracee, child of P, born\n" "steps\n  T | P\n  attach P | thread \1Q\n",
	       "`Q' is a process, expected a role marked `thread of'");
	expect(HEAD "roles\n  T tracer\n  P tracee\n  Q tracee, thread of P, born\n" "steps\n  T | P\n  attach P | fork \1Q\n",
	       "`Q' is a thread, expected a role marked `child of'");
	expect(HEAD "roles\n  T tracer\n  Q tracee, born\n  P tracee\n" "steps\n  T | P\n  attach P | fork \1Q\n",
	       "`Q' is declared above its parent `P', expected below");
	expect(HEAD "roles\n  T tracer\n  P tracee\n  \1Q tracee, born\n" "steps\n  T | P\n  attach P | do b\nblock b\n  fork Q\n",
	       "role `Q' is born in a block or handler, expected `child of' or `thread of' here");
}

static void rows(void **state)
{
	(void)state;
	expect(HEAD ROLES "steps\n  T | \1P Q\n  attach P | nop\n", "column `P Q', expected the name of a role");
	expect(HEAD ROLES "steps\n  T | P | \1P\n  attach P | nop\n", "column `P' stands here twice, expected each once");
	expect(HEAD ROLES "steps\n  T | P | \1Q\n  attach P | nop\n", "column `Q' is no role, expected one of: T, P");
	expect(HEAD ROLES COLS "  \1attach P | nop | nop\n", "a row of 3 cells, expected at most 2: T | P");
	expect(HEAD ROLES COLS "  attach P | nop\n  \1+ ; nop | | nop\n", "a row of 3 cells, expected at most 2: T | P");
	expect(HEAD ROLES COLS "  \1+ attach P | nop\n  nop | nop\n", "`+' with no row above it to go on with");
	expect(HEAD ROLES COLS "  attach P;\1; nop | nop\n", "an empty step, expected a step before `;'");
	expect(HEAD ROLES COLS "  attach P\1; | nop\n", "an empty step, expected a step behind `;'");
	expect(HEAD ROLES COLS "  attach P | do b\nblock b\n  \1+ nop\n", "`+' with no line above it to go on with");
}

/* Of /proc/PID/status, as the message lists them. */
#define STATUS_FIELDS \
	"Name Umask State Tgid Ngid Pid PPid TracerPid Uid Gid FDSize Groups NStgid NSpid NSpgid NSsid " \
	"Kthread VmPeak VmSize VmLck VmPin VmHWM VmRSS RssAnon RssFile RssShmem VmData VmStk VmExe VmLib " \
	"VmPTE VmSwap HugetlbPages CoreDumping THP_enabled untag_mask Threads SigQ SigPnd ShdPnd SigBlk " \
	"SigIgn SigCgt CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp Seccomp_filters " \
	"Speculation_Store_Bypass SpeculationIndirectBranch Cpus_allowed Cpus_allowed_list Mems_allowed " \
	"Mems_allowed_list voluntary_ctxt_switches nonvoluntary_ctxt_switches x86_Thread_features " \
	"x86_Thread_features_locked"

#define STEP(cell) HEAD ROLES COLS "  attach P | nop\n  " cell " | nop\n"

static void steps(void **state)
{
	(void)state;
	expect(STEP("\1detatch P"), "unknown verb `detatch', expected a verb of verbs.def; did you mean `detach'?");
	expect(STEP("need\1"), "end of step after `need', expected a verb");
	expect(STEP("-\1"), "end of step after `-', expected a verb");
	expect(STEP("need \1- nop"), "`-', expected a verb behind one of need, - and !");
	expect(STEP("- \1need nop"), "`need', expected a verb behind one of need, - and !");
	expect(STEP("! \1-nop"), "`-nop', expected a verb behind one of need, - and !");
	expect(STEP("nop => x; mark b => x; value @x =>\1"), "end of step after `=>', expected a name");
	expect(STEP("nop => \001a.b"), "`a.b', expected a name of letters, digits, _ and -");
	expect(STEP("nop => a \1=> a; value @a"), "a second `=>', expected one");
	expect(STEP("need \1=> a; value @a"), "`=>', expected a verb");
	expect(STEP("nop >a \1b"), "`b', expected `=> name', `>edge' or the end of the step");
	expect(STEP("nop >a; <a; nop >a \1<a"), "`<a' behind the verb, expected edges to await before it");
	expect(STEP("\1< nop"), "`<' without a name, expected the edge's name right behind it");
	expect(STEP("<\001a+b nop"), "`a+b', expected an edge's name of letters, digits, _ and -");
	expect(STEP("nop >a >b; <a <b nop; nop >c; <a <b \1<c nop"), "more than 2 edges to await, expected another step (nop) to carry it");
	expect(STEP("nop >a >b \1>c; <a <b nop; <c nop"), "more than 2 edges to post, expected another step (nop) to carry it");
	expect(STEP("mark \1\"open"), "a quote without an end, expected `\"'");
	expect(STEP("mark \"a\"\1b"), "`b' right behind a quoted text, expected a blank");
	expect(STEP("mark \"a\1\\q\""), "unknown escape `\\q', expected \\\" \\\\ \\n \\t or \\x and two digits, not 00");
	expect(STEP("mark \"a\1\\x00\""), "unknown escape `\\x', expected \\\" \\\\ \\n \\t or \\x and two digits, not 00");
}

static void edges_and_values(void **state)
{
	(void)state;
	expect(STEP("<\1never nop"), "edge `never' is awaited but never posted, expected >never in some column");
	expect(STEP("nop >\1alone"), "edge `alone' is posted but never awaited, expected <alone in some column");
	expect(STEP("nop >\1once; <once; <once"), "`T' awaits edge `once' 2 times but it is posted 1 time only, expected a post for each");
	expect(STEP("spin-until \1never"), "edge `never' is awaited but never posted, expected >never in some column");
	/* circles: alone and of two; who only waits for one is not blamed */
	expect(STEP("\1<e pause >e"), "a circle: `T' awaits edge `e', which `T' posts in line 10 behind its wait for `e', expected a post that does not wait for this");
	expect(HEAD ROLES "  Q tracee\n" "steps\n  T | P | Q\n  <g mark x | <f nop >e | nop; \1<e nop >f\n  nop | nop | nop >g\n",
	       "a circle: `Q' awaits edge `e', which `P' posts in line 10 behind its wait for `f', expected a post that does not wait for this");
	expect(STEP("nop >e; <e nop >f; \1<e nop >e; <f nop"), "a circle: `T' awaits edge `e', which `T' posts in line 10 behind its wait for `e', expected a post that does not wait for this");
	expect(HEAD ROLES "steps\n  T | P\n  <e mark x | \1<f nop >f; do b\nblock b\n  nop >e\n",
	       "a circle: `P' awaits edge `f', which `P' posts in line 9 behind its wait for `f', expected a post that does not wait for this");
	expect(STEP("value @\1x"), "value `x' is used but never saved, expected => x behind some step");
	expect(STEP("nop => \1x"), "value `x' is saved but never used, expected @x in some step");
	expect(STEP("value @\1"), "`', expected the name of a saved value");
}

static void arguments(void **state)
{
	(void)state;
	expect(STEP("detach\1"), "`detach' without its ROLE, expected: detach ROLE [SIGNAL]");
	expect(STEP("detach P 0 \0011"), "too many arguments of `detach' from `1' on, expected: detach ROLE [SIGNAL]");
	expect(STEP("traceme \1P"), "too many arguments of `traceme' from `P' on, expected: traceme");
	expect(STEP("repeat \0010 b") "block b\n  nop\n", "`0' of `repeat', expected a number from 1 on");
	expect(STEP("repeat \1-1 b") "block b\n  nop\n", "`-1' of `repeat', expected a number from 1 on");
	expect(STEP("debugreg P 7; debugreg P \0019"), "`9' of `debugreg', expected a debug register from 0 to 7");
	expect(STEP("debugreg P \1-1 0"), "`-1' of `debugreg', expected a debug register from 0 to 7");
	expect(STEP("exec 33; exec \00116"), "`16' of `exec', expected the word size 64, 32 or 33 (x32)");
	expect(STEP("detach \1Q 0"), "unknown role `Q', expected T, P or it");
	expect(STEP("detach P \1SIGUSR"), "unknown signal `SIGUSR', expected SIG..., SIGRTMIN+n, a number, sig or none; did you mean `SIGUSR1'?");
	expect(STEP("detach P \1SIGRTMIN+33"), "unknown signal `SIGRTMIN+33', expected SIG..., SIGRTMIN+n, a number, sig or none; did you mean `SIGRTMIN'?");
	expect(STEP("detach P \0019999999999"), "signal `9999999999', expected a number of 32 bits");
	expect(STEP("setopts P sysgood+\1frok"), "unknown option `frok', expected a number or words joined with +: sysgood fork vfork clone exec vforkdone exit seccomp exitkill suspend-seccomp; did you mean `fork'?");
	expect(STEP("wait P nohang+\1nowiat"), "unknown wait flag `nowiat', expected a number or words joined with +: nohang untraced stopped exited continued nowait nothread wall all clone no-wall; did you mean `nowait'?");
}

static void argument_kinds(void **state)
{
	(void)state;
	expect(STEP("value \1EPREM"), "`EPREM', expected a number, a constant, a label, @name, it, sig, msg, ret or tid:ROLE; did you mean `EPERM'?");
	expect(STEP("value 1+\1x"), "`x', expected a number, a constant, a label, @name, it, sig, msg, ret or tid:ROLE");
	expect(STEP("value 1\1+"), "`+', expected a number, a constant, a label, @name, it, sig, msg, ret or tid:ROLE");
	expect(STEP("value \00118446744073709551616"), "`18446744073709551616', expected a number, a constant, a label, @name, it, sig, msg, ret or tid:ROLE");
	expect(STEP("value tid:\1Q"), "unknown role `Q', expected T, P");
	expect(STEP("run \1sopt"), "`sopt', expected a number, a constant, a label, @name, it, sig, msg, ret or tid:ROLE; did you mean `spot'?");
	expect(STEP("run \0017"), "`7', expected a label");
	expect(STEP("do \1b"), "unknown block `b', expected a block of this file or an include");
	expect(STEP("handle SIGUSR1 \1h"), "unknown handler `h', expected a handler of this file or an include");
	expect(STEP("handle SIGUSR1 \1hb") "handler ha\n  nop\nblock x\n  handle SIGUSR1 ha\n", "unknown handler `hb', expected a handler of this file or an include; did you mean `ha'?");
	expect(STEP("loop-until \1a+b b") "block b\n  nop\n", "`a+b', expected the name of an edge");
	expect(STEP("seize P \1opts=sysgood"), "unknown key `opts' of `seize', expected one of: - options");
	expect(STEP("wait P \1flags=nohang"), "`flags=nohang', but `wait' takes no key=value arguments");
	expect(STEP("seize P options=\1"), "nothing behind `=', expected a value");
	expect(STEP("request P cont data=0 \1addr=0"), "this argument of `request' is given already, expected: request ROLE WORD [NUMBER] [NUMBER]");
	expect(STEP("request P \1data=0"), "a WORD of `request' is missing before this, expected: request ROLE WORD [NUMBER] [NUMBER]");
}

static void words(void **state)
{
	(void)state;
	expect(STEP("call \1getpidd"), "unknown system call `getpidd', expected its name; did you mean `getpid'?");
	expect(STEP("call-int80 \1arch_prctl_x"), "unknown system call `arch_prctl_x', expected its name in the ia32 table; did you mean `arch_prctl'?");
	expect(STEP("await-state P T\1q"), "`Tq', expected letters of /proc states: R S D T t X Z P I");
	expect(STEP("wait-stop P \1event:frok"), "`event:frok', expected a stop: a signal's name, any, signal, group, trap, syscall or event:NAME; did you mean `event:fork'?");
	expect(STEP("set-sigmask P SIGUSR1+\1SIGX"), "unknown signal `SIGX', expected signals joined with +, none or all");
	expect(STEP("set-sigmask P SIGUSR1\1+"), "`+' at the end, expected a signal behind it");
	expect(STEP("request P \1getregz"), "unknown request `getregz', expected a number or a ptrace request; did you mean `PTRACE_GETREGS'?");
	expect(STEP("request P \1PTRACE_O_TRACEFORK"), "unknown request `PTRACE_O_TRACEFORK', expected a number or a ptrace request");
	expect(STEP("look-field P TracerPid; look-field P \1TracerPd"),
	       "`TracerPd', expected one of: " STATUS_FIELDS "; did you mean `TracerPid'?");
	expect(STEP("fault \1sgv"), "`sgv', expected one of: segv gp ill fpe bus trap; did you mean `segv'?");
	expect(STEP("unshare pid+\1usr"), "`usr', expected words joined with + of: pid user mnt net; did you mean `user'?");
}

#define REACT(clause) HEAD ROLES COLS "  attach P; react b until gone | nop\nblock b\n  " clause "\n"

static void blocks(void **state)
{
	(void)state;
	expect(HEAD ROLES STEPS "\1block b\n  nop\n", "block `b' is never used, expected a step that names it");
	expect(HEAD ROLES STEPS "\1handler h\n  nop\n", "handler `h' is never used, expected a step that names it");
	expect(REACT("on \1sgnal : nop"), "unknown stop `sgnal', expected any, signal, group, trap, syscall, event, exited, killed or continued; did you mean `signal'?");
	expect(REACT("on signal \1SIGFOO : nop"), "unknown signal `SIGFOO', expected SIG..., of ROLE or `:'; did you mean `SIGFPE'?");
	expect(REACT("on event \1frok : nop"), "unknown event `frok', expected fork, vfork, clone, exec, vforkdone, exit, seccomp or stop; did you mean `fork'?");
	expect(REACT("on group \1SIGSTOP : nop"), "`SIGSTOP', expected `of ROLE' or `:'");
	expect(REACT("on any of \1Q : nop"), "unknown role `Q', expected T, P");
	expect(REACT("on any of P \1now : nop"), "`now', expected `:'");
	expect(REACT("on any of\1 : nop"), "`of' without a role, expected T, P");
	expect(REACT("on\1 : nop"), "`on' without a kind of stop, expected any, signal, group, trap, syscall, event, exited, killed or continued");
	expect(REACT("on any nop\1"), "`on' without a `:', expected on STOP : STEPS");
	expect(REACT("on any :\1"), "no step behind `:', expected one (nop does nothing)");
	expect(REACT("on any : nop\n  \1nop"), "a plain step behind `on' clauses, expected only one of them in a block");
	expect(HEAD ROLES COLS "  attach P; do b | nop\nblock b\n  nop\n  \1on any : nop\n", "an `on' clause behind plain steps, expected only one of them in a block");
	expect(HEAD ROLES COLS "  attach P; react \1b until gone | nop\nblock b\n  nop\n", "`react' with the plain block `b', expected a block of `on' clauses");
	expect(HEAD ROLES COLS "  attach P; do \1b | nop\nblock b\n  on any : nop\n", "`do' with the reactive block `b', expected a block of plain steps, or react");
	expect(HEAD ROLES COLS "  attach P; do b | nop\n\1block b\n  do c\nblock c\n  do b\n", "block `b' runs itself or a block that does, expected no circle");
	expect(HEAD ROLES COLS "  attach P; react b until \1never | nop\nblock b\n  on any : nop\n", "`never', expected one of: gone stops quiet");
	expect(HEAD ROLES COLS "  attach P; react b until stops\1 | nop\nblock b\n  on any : nop\n",
	       "`react' until stops without a number, expected: until gone, until stops N or until quiet");
	expect(HEAD ROLES COLS "  attach P; react b until gone 5\1 | nop\nblock b\n  on any : nop\n",
	       "`react' with a number, expected: until gone, until stops N or until quiet");
	expect(HEAD ROLES COLS "  attach P; react b until\1 | nop\nblock b\n  on any : nop\n", "end of step after `until', expected gone, stops N or quiet");
	expect(HEAD "param how = a b\n" ROLES COLS "  mark $how; handle SIGUSR1 h | nop\n\1handler h\n  if $how == a\n  nop\n  end\n",
	       "handler `h' is empty in this case, expected a step");
	expect(HEAD "param how = a b\n" ROLES COLS "  mark $how; do b | nop\n\1block b\n  if $how == a\n  nop\n  end\n",
	       "block `b' is empty in this case, expected a step");
}

#define MACRO(row, macro) HEAD ROLES COLS "  attach P | nop\n  " row "\nmacro " macro "\n"

static void macros(void **state)
{
	(void)state;
	expect(HEAD ROLES STEPS "macro\1\n  T\n", "`macro' without a name, expected one");
	expect(HEAD ROLES STEPS "macro m\1\n  T\n", "macro `m' without names, expected (A, B ...) or ()");
	expect(HEAD ROLES STEPS "macro m(A\1\n  T\n", "end of line, expected `)'");
	expect(HEAD ROLES STEPS "macro m(A, \1b-c)\n  T\n", "`b-c', expected a name of letters, digits and _");
	expect(HEAD ROLES STEPS "macro m(A)\1 B)\n  T\n", "` B)' after `)', expected the end of the line");
	expect(HEAD ROLES STEPS "macro m(A, \1A)\n  T\n", "`A' stands here twice, expected each once");
	expect(HEAD ROLES STEPS "\1macro m(A)\n  $A\n  nop\n", "macro `m' is never used, expected a step that names it");
	expect(MACRO("use\1", "m(A)") "  $A\n  nop\n", "`use' without a name, expected use NAME(ARGS)");
	expect(MACRO("use m\1", "m(A)") "  $A\n  nop\n", "expected `(' of use NAME(ARGS)");
	expect(MACRO("use m(T\1", "m(A)") "  $A\n  nop\n", "expected `)' of use NAME(ARGS)");
	expect(MACRO("use m(T) \1| nop", "m(A)") "  $A\n  nop\n", "`| nop' after `)', expected `use' on a row of its own");
	expect(MACRO("use \1man(T)", "main(A)") "  $A\n  nop\nblock x\n  nop\n", "unknown macro `man', expected a macro of this file or an include; did you mean `main'?");
	expect(MACRO("use \1m(T, P)", "m(A)") "  $A\n  nop\n", "2 arguments for macro `m', expected 1");
	expect(MACRO("use m(T,\1)", "m(A, B)") "  $A\n  nop $B\n", "an empty argument, expected a text (write - for none)");
	expect(MACRO("use m(Q)", "m(A)") "  \1$A\n  nop\n", "the scenario has no column `Q', expected one of its columns (in macro `m' used at t.scn:10)");
	expect(MACRO("use m(T)", "m(A)") "  $A\n  nop \1$B\n", "unknown name `$B', expected a parameter or a let, or a name of the macro (in macro `m' used at t.scn:10)");
	expect(MACRO("use m(T)", "m(A)") "  $A\n  use \1m($A)\n",
	       "macros use each other more than 8 deep (in macro `m' used at t.scn:13) (in macro `m' used at t.scn:13) (in macro `m' used at t.scn:13) (in macro `m' used at t.scn:13) (in macro `m' used at t.scn:13) (in macro `m' used at t.scn:13) (in macro `m' used at t.scn:13) (in macro `m' used at t.scn:10)");
	expect(MACRO("use m(T)\n  nop >\1a.1; <a.1", "m(A)") "  $A\n  nop >a; <a\n", "edge `a.1', expected no dot: edges of macros have them");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_lines),
		cmocka_unit_test(sections),
		cmocka_unit_test(header_lines),
		cmocka_unit_test(params),
		cmocka_unit_test(lets),
		cmocka_unit_test(axes_and_impossible),
		cmocka_unit_test(axes_files),
		cmocka_unit_test(includes),
		cmocka_unit_test(conditions),
		cmocka_unit_test(roles),
		cmocka_unit_test(rows),
		cmocka_unit_test(steps),
		cmocka_unit_test(edges_and_values),
		cmocka_unit_test(arguments),
		cmocka_unit_test(argument_kinds),
		cmocka_unit_test(words),
		cmocka_unit_test(blocks),
		cmocka_unit_test(macros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
