/* test_report.c - the end of a run: summary, TAP, JUnit, JSON, latest, exit code. */
#include "synth.h"

#include <jansson.h>
#include <sys/stat.h>

#include "commands.h"
#include "report.h"
#include "reports.h"
#include "runload.h"

#define X "T\t1\tattach P -> 0\nT\t2\tdetach P SIGUSR1 -> 0\n=\t1\tT: parked\n"
#define Y "T\t1\tattach P -> 0\nT\t2\tdetach P SIGUSR1 -> EIO\n=\t1\tT: parked\n"

struct world {
	char *top, *dir;
	struct suite s;
	struct arm arms[2];
	struct run_options opt;
	struct report_options ro;
	char *out;		/* what was printed on stdout */
	int code;
};

static void world_init(struct world *w)
{
	static uint64_t seeds[] = { 0x1122334455667788, 2, 3, 4, 5 };

	memset(w, 0, sizeof(*w));
	/* top_dir() looks once only: main() named it. */
	w->top = xstrdup(getenv("PTBED_TOP"));
	w->dir = xasprintf("%s/traces/runs/20260101T000000Z", w->top);
	make_dirs(w->dir);
	synth_case(&w->s, "detach/from-stop", "how=attach,sig=SIGUSR1", false);
	synth_case(&w->s, "detach/from-stop", "how=seize,sig=SIGUSR1", false);
	synth_case(&w->s, "detach/race", NULL, true);
	synth_case(&w->s, "sysemu/entry", NULL, false);
	for (int a = 0; a < 2; a++) {
		w->arms[a] = synth_arm(a ? "utrace" : "stock", &w->s);
		w->arms[a].release = (char *)"6.12.117 #1 SMP PREEMPT Thu Jan 1 00:00:00 UTC 2026 x86_64";
		w->arms[a].nseeds = 5;
		w->arms[a].seeds = seeds;
		w->arms[a].nboots = 5;
		for (size_t i = 0; i < w->s.ncases; i++)
			synth_saw(&w->arms[a], i, X, w->s.cases[i].racy ? 10 : 3, 2);
	}
	w->opt.exact_repeats = 3;
	w->opt.racy_repeats = 10;
	w->opt.seed = 77;
	w->opt.run_dir = w->dir;
	w->ro.total_seconds = 12;
}

/* Between the two, stdout goes to a file, whose text capture_end() returns. */
static int capture_begin(void)
{
	char *path = xasprintf("%s/stdout", getenv("PTBED_TOP"));
	int keep = dup(1);

	fflush(stdout);
	assert_non_null(freopen(path, "w", stdout));
	free(path);
	return keep;
}

static char *capture_end(int keep)
{
	char *path = xasprintf("%s/stdout", getenv("PTBED_TOP")), *s;

	fflush(stdout);
	dup2(keep, 1);
	close(keep);
	s = read_file(path, NULL);
	free(path);
	return s;
}

static void world_run(struct world *w)
{
	int keep = capture_begin();

	w->code = report_run(&w->s, w->arms, 2, &w->opt, &w->ro);
	w->out = capture_end(keep);
}

/* Run a subcommand with up to three arguments; its exit code must be @want. */
static char *command(int (*cmd)(int, char **), int want, const char *a, const char *b,
		     const char *c)
{
	char *argv[] = { (char *)"ptbed", (char *)a, (char *)b, (char *)c, NULL }, *out;
	char *build = xasprintf("%s/build", getenv("PTBED_TOP"));
	int keep = capture_begin(), code = cmd(1 + !!a + !!b + !!c, argv);

	out = capture_end(keep);
	/* A process that took the checkout's lock keeps it; this one plays several. */
	remove_tree(build);
	free(build);
	if (code != want)
		fail_msg("exit code %d, expected %d; output:\n%s", code, want, out);
	return out;
}

static void write_scenario(const char *top, const char *name, const char *head,
			   const char *word)
{
	char *path = xasprintf("%s/compat-tests/scenarios/%s.scn", top, name);
	char *text = xasprintf("title A scenario of the test\nids D1\n%s\nroles\n  T tracer\n"
			       "steps\n  T\n  mark %s\n", head, word);
	char *dir = xstrdup(path);

	*strrchr(dir, '/') = '\0';
	make_dirs(dir);
	write_file(path, text, strlen(text));
	free(path);
	free(text);
	free(dir);
}

static void write_scenarios(const char *top)
{
	write_scenario(top, "detach/from-stop",
		       "outcome exact\nparam how = attach seize\nparam sig = SIGUSR1", "${how}-$sig");
	write_scenario(top, "detach/race", "outcome racy", "x");
	write_scenario(top, "sysemu/entry", "outcome exact", "x");
}

static void world_free(struct world *w)
{
	char *traces = xasprintf("%s/traces", w->top);

	for (int a = 0; a < 2; a++)
		synth_arm_free(&w->arms[a], &w->s);
	synth_suite_free(&w->s);
	remove_tree(traces);
	free(traces);
	free(w->top);
	free(w->dir);
	free(w->out);
}

static char *in_run(const struct world *w, const char *name)
{
	char *path = xasprintf("%s/%s", w->dir, name), *s = read_file(path, NULL);

	if (!s)
		fail_msg("no %s", path);
	free(path);
	return s;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("expected '%s' in:\n%s", part, text);
}

static void narrow(const char *text)
{
	for (const char *p = text; *p; p += strcspn(p, "\n") + (p[strcspn(p, "\n")] == '\n'))
		if (strcspn(p, "\n") > 80)
			fail_msg("wider than 80 columns: %.*s", (int)strcspn(p, "\n"), p);
}

static void ends_with(const char *text, const char *line)
{
	size_t n = strlen(text), m = strlen(line);

	if (n < m || strcmp(text + n - m, line))
		fail_msg("expected '%s' at the end of:\n%s", line, text);
}

static void a_run_that_is_the_same(void **state)
{
	struct world w;
	char *s, *link = NULL;
	char to[64] = "";

	(void)state;
	world_init(&w);
	world_run(&w);
	assert_int_equal(w.code, EX_SAME);
	has(w.out, "detach         3        1     2      0     0     1     0      0      0         -\n");
	has(w.out, "all            4        2     3      0     0     1     0      0      0       0/0\n");
	has(w.out, "4 of 4 cases compared: 3 exact with 3 repeats, 1 racy with 10.\n");
	has(w.out, "0x1122334455667788");
	has(w.out, "traces/runs/20260101T000000Z/\n");
	has(w.out, "4 cases: 4 same\n");
	ends_with(w.out, "\nSAME: every compared case is the same on both kernels\n");
	assert_null(strchr(w.out, '\033'));
	narrow(w.out);
	s = in_run(&w, "summary.txt");
	assert_string_equal(s, w.out);
	free(s);
	free(in_run(&w, "stock/detach/from-stop.trace"));
	free(in_run(&w, "utrace/sysemu/entry.trace"));
	s = in_run(&w, "results.tap");
	has(s, "TAP version 14\n1..5\nok 1 - detach/from-stop[how=attach,sig=SIGUSR1]\n");
	assert_null(strstr(s, "not ok"));
	has(s, "\nok 5 - the run as such\n# SAME: ");
	free(s);
	s = in_run(&w, "junit.xml");
	has(s, "<testsuite name=\"run\" tests=\"1\" failures=\"0\" errors=\"0\"");
	has(s, "<testcase classname=\"run\" name=\"the run as such\" time=\"0\"/>\n");
	free(s);
	link = xasprintf("%s/traces/latest", w.top);
	assert_true(readlink(link, to, sizeof(to) - 1) > 0);
	assert_string_equal(to, "runs/20260101T000000Z");
	free(link);
	world_free(&w);
}

static void differ(struct world *w)
{
	case_result_free(&w->arms[1].results[0]);
	synth_saw(&w->arms[1], 0, Y, 3, 2);
}

static void a_difference_is_named_with_its_command(void **state)
{
	struct world w;
	char *s, *want, hash[17];

	(void)state;
	world_init(&w);
	differ(&w);
	world_run(&w);
	assert_int_equal(w.code, EX_DIFFERS);
	outcome_hash(w.arms[1].results[0].outcomes[0].text, hash);
	want = xasprintf("DIFFERS  detach/from-stop[how=attach,sig=SIGUSR1]\n"
	    "  What detach/from-stop teaches\n"
	    "  first divergence: T, event 2\n"
	    "    stock   detach P SIGUSR1 -> 0\n"
	    "    utrace  detach P SIGUSR1 -> EIO\n"
	    "  outcome of utrace: %s\n"
	    "  make compat ONLY='detach/from-stop[how=attach,sig=SIGUSR1]' SEED=77\n"
	    "  make diff S='detach/from-stop[how=attach,sig=SIGUSR1]'\n", hash);
	has(w.out, want);
	free(want);
	has(w.out, "4 cases: 3 same, 1 DIFFER\n");
	ends_with(w.out, "DIFFERS: the kernels differ, or a listed difference is gone\n");
	narrow(w.out);
	s = in_run(&w, "results.tap");
	has(s, "not ok 1 - detach/from-stop[how=attach,sig=SIGUSR1]\n  ---\n  verdict: \"DIFFERS\"\n");
	has(s, "  utrace: \"detach P SIGUSR1 -> EIO\"\n");
	has(s, "  ...\nok 2 - ");
	free(s);
	s = in_run(&w, "junit.xml");
	has(s, "<testsuite name=\"detach\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"0\"");
	has(s, "utrace: detach P SIGUSR1 -&gt; EIO");
	free(s);
	world_free(&w);
}

static void summary_json_reads_back(void **state)
{
	json_t *root, *c;
	struct loaded_run run;
	const struct trace_case *tc;
	struct world w;

	(void)state;
	world_init(&w);
	differ(&w);
	synth_incident(&w.arms[1], INC_SPLAT, 3, false);
	world_run(&w);
	assert_int_equal(w.code, EX_SPLAT);
	root = summary_load(w.dir);
	assert_int_equal(json_integer_value(json_object_get(root, "schema")), SUMMARY_SCHEMA);
	assert_string_equal(json_string_value(json_object_get(root, "verdict")), "SPLAT");
	assert_int_equal(json_integer_value(json_object_get(root, "exit")), EX_SPLAT);
	c = json_object_get(root, "counts");
	assert_int_equal(json_integer_value(json_object_get(c, "differs")), 1);
	assert_int_equal(json_integer_value(json_object_get(c, "splat")), 1);
	c = json_array_get(json_object_get(root, "cases"), 0);
	assert_true(json_is_true(json_object_get(c, "failed")));
	assert_string_equal(json_string_value(json_object_get(json_object_get(
		json_object_get(c, "first_divergence"), "b"), "text")),
		"detach P SIGUSR1 -> EIO");
	c = json_array_get(json_object_get(root, "arms"), 1);
	assert_string_equal(json_string_value(json_array_get(json_object_get(c, "seeds"), 0)),
			    "0x1122334455667788");
	c = json_array_get(json_object_get(c, "incidents"), 0);
	assert_string_equal(json_string_value(json_object_get(c, "kind")), "splat");
	assert_string_equal(json_string_value(json_object_get(c, "case")), "sysemu/entry");
	json_decref(root);
	run_load(NULL, &run);
	assert_int_equal(run.narms, 2);
	tc = run_case(&run, 1, "detach/from-stop", "detach/from-stop[how=attach,sig=SIGUSR1]");
	assert_non_null(tc);
	assert_string_equal(tc->r.outcomes[0].text, Y);
	assert_null(run_case(&run, 1, "detach/none", "detach/none"));
	run_unload(&run);
	world_free(&w);
}

static void incidents_show_tail_and_log(void **state)
{
	struct world w;
	char *s;

	(void)state;
	world_init(&w);
	synth_incident(&w.arms[1], INC_PANIC, 3, false);
	synth_incident(&w.arms[0], INC_QEMU_DIED, 2, true);
	world_run(&w);
	assert_int_equal(w.code, EX_PANIC);
	has(w.out, "PANIC  kernel panic on utrace\n  in sysemu/entry\n  | line 1\n"
	    "  | BUG: something <odd> & \"quoted\"?\n  log/console-1.txt\n");
	has(w.out, "recovered  QEMU ended on stock; the case was run again\n  in detach/race\n");
	ends_with(w.out, "PANIC: a guest kernel panicked\n");
	s = in_run(&w, "results.tap");
	has(s, "# stock: QEMU ended in detach/race, run again\n");
	free(s);
	s = in_run(&w, "junit.xml");
	has(s, "errors=\"1\"");
	free(s);
	world_free(&w);
}

/* What belongs to no case is in every report: nothing is all green when the run failed. */
static void the_run_as_such(void **state)
{
	static const struct { enum incident_kind kind; enum exit_code code; const char *word; } broken[] = {
		{ INC_SPLAT, EX_SPLAT, "SPLAT" }, { INC_PANIC, EX_PANIC, "PANIC" },
		{ INC_STUCK, EX_STUCK, "STUCK" },
	};
	struct world w;
	json_t *root;
	char *s, *want;

	(void)state;
	for (size_t i = 0; i <= 3; i++) {
		world_init(&w);
		if (i < 3)
			synth_incident(&w.arms[1], broken[i].kind, SIZE_MAX, false);
		else
			w.ro.run_code = EX_SYSTEM;
		world_run(&w);
		assert_int_equal(w.code, i < 3 ? broken[i].code : EX_SYSTEM);
		has(w.out, "4 cases: 4 same\n");
		s = in_run(&w, "results.tap");
		want = xasprintf("\nok 4 - sysemu/entry\nnot ok 5 - the run as such\n  ---\n  verdict: \"%s\"\n",
				 i < 3 ? broken[i].word : "SYSTEM");
		has(s, want);
		free(want);
		free(s);
		s = in_run(&w, "junit.xml");
		want = xasprintf("<error message=\"%s\">", i < 3 ? broken[i].word : "SYSTEM");
		has(s, want);
		free(want);
		free(s);
		root = summary_load(w.dir);
		assert_int_equal(json_integer_value(json_object_get(root, "exit")), w.code);
		assert_string_equal(json_string_value(json_object_get(root, "run")),
				    i < 3 ? broken[i].word : "SYSTEM");
		json_decref(root);
		world_free(&w);
	}
}

static void arms_that_are_one_kernel(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_run(&w);
	has(w.out, "\nBoth arms have the same release: ");
	free(w.out);
	w.arms[1].release = (char *)"6.12.117-utrace";
	world_run(&w);
	assert_null(strstr(w.out, "Both arms"));
	world_free(&w);
}

static void racy_differences_are_visible(void **state)
{
	struct world w;
	char *s;

	(void)state;
	world_init(&w);
	synth_saw(&w.arms[1], 2, Y, 2, 1);
	world_run(&w);
	assert_int_equal(w.code, EX_SAME);
	has(w.out, "UNRESOLVED (reported, not gating)");
	has(w.out, "  utrace 2 times in 1 boots;\n      stock 0 in 10: its rate there is < 0.3 at 95%\n");
	has(w.out, "4 cases: 3 same, 1 UNRESOLVED (not gating)\n");
	ends_with(w.out, "\nSAME: every compared case is the same on both kernels, but 1 UNRESOLVED\n");
	s = in_run(&w, "results.tap");
	has(s, "# SAME: every compared case is the same on both kernels, but 1 UNRESOLVED\n");
	free(s);
	narrow(w.out);
	free(w.out);
	w.ro.strict_racy = true;
	world_run(&w);
	assert_int_equal(w.code, EX_UNRESOLVED);
	has(w.out, "UNRESOLVED (gating)");
	world_free(&w);
}

static void tap_on_stdout(void **state)
{
	struct world w;
	char *s;

	(void)state;
	world_init(&w);
	w.ro.tap = true;
	/* The summary goes to stderr then. */
	world_run(&w);
	s = in_run(&w, "results.tap");
	assert_string_equal(w.out, s);
	free(s);
	world_free(&w);
}

static void baseline_and_known_files(void **state)
{
	char *list, *bad, *line, hash[17];
	struct world w;

	(void)state;
	world_init(&w);
	differ(&w);
	w.ro.use_baseline = w.ro.use_known = true;
	list = xasprintf("%s/compat-tests/known-differences", w.top);
	bad = xasprintf("%s/traces/baseline/detach/from-stop.trace", w.top);
	outcome_hash(w.arms[1].results[0].outcomes[0].text, hash);
	line = xasprintf("detach/from-stop* | issue 4 | the engine is not there | %s\n", hash);
	write_file(list, line, strlen(line));
	free(line);
	world_run(&w);
	/* Known, but nothing is in the baseline. */
	assert_int_equal(w.code, EX_BASELINE);
	has(w.out, "New, not in the baseline (`make baseline' records them):\n"
	    "  detach/from-stop[how=attach,sig=SIGUSR1]\n");
	has(w.out, "Known differences:\n  detach/from-stop[how=attach,sig=SIGUSR1]\n"
	    "    the engine is not there\n    issue 4\n");
	free(w.out);
	write_file(list, "detach/from-stop\n", 17);
	world_run(&w);
	assert_int_equal(w.code, EX_SCENARIO);
	/* Without the list it is a difference again, and said so. */
	has(w.out, "DIFFERS  detach/from-stop");
	remove_tree(list);
	free(w.out);
	*strrchr(bad, '/') = '\0';
	make_dirs(bad);
	bad[strlen(bad)] = '/';
	write_file(bad, "what\n", 5);
	world_run(&w);
	assert_int_equal(w.code, EX_DIFFERS);
	free(list);
	free(bad);
	world_free(&w);
}

static void diff_and_failed(void **state)
{
	struct world w;
	char *s;

	(void)state;
	world_init(&w);
	differ(&w);
	synth_saw(&w.arms[1], 2, Y, 2, 1);
	world_run(&w);
	s = command(cmd_diff, 0, "S=detach/from-stop[how=attach,sig=SIGUSR1]", NULL, NULL);
	has(s, "run 20260101T000000Z\nDIFFERS  detach/from-stop[how=attach,sig=SIGUSR1]\n");
	has(s, "T detach P SIGUSR1 -> 0                > T detach P SIGUSR1 -> EIO\n");
	narrow(s);
	free(s);
	/* Several cases: those that are the same take a line each. */
	s = command(cmd_diff, 0, "detach/*", "20260101T000000Z", NULL);
	has(s, "SAME  detach/from-stop[how=seize,sig=SIGUSR1]\nUNRESOLVED  detach/race\n");
	has(s, "  repeats                  10         12\n");
	narrow(s);
	free(s);
	/* The only one asked for is shown though it is the same. */
	s = command(cmd_diff, 0, "sysemu/entry", NULL, NULL);
	has(s, "T attach P -> 0                          T attach P -> 0\n");
	assert_null(strstr(s, " > "));
	free(s);
	s = command(cmd_failed, 0, NULL, NULL, NULL);
	assert_string_equal(s, "detach/from-stop[how=attach,sig=SIGUSR1]  # DIFFERS\n");
	free(s);
	s = command(cmd_failed, 0, "--only", "--racy", NULL);
	assert_string_equal(s, "detach/from-stop[how=attach,sig=SIGUSR1],detach/race\n");
	free(s);
	world_free(&w);
}

static void list_and_show(void **state)
{
	char *s;

	(void)state;
	write_scenarios(getenv("PTBED_TOP"));
	s = command(cmd_list, 0, NULL, NULL, NULL);
	has(s, "detach/from-stop                                  2 cases exact D1\n"
	    "    A scenario of the test\n");
	has(s, "detach/race                                       1 case  racy  D1\n");
	has(s, "3 scenarios, 4 cases: 3 exact, 1 racy; 0 escapes\n");
	narrow(s);
	free(s);
	s = command(cmd_list, 0, "--cases", "detach/from*", NULL);
	has(s, "      detach/from-stop[how=seize,sig=SIGUSR1]\n");
	has(s, "1 scenarios, 2 cases");
	free(s);
	s = command(cmd_list, 0, "--verbs", NULL, NULL);
	has(s, "detach ROLE [SIG]           PTRACE_DETACH, passing a signal\n");
	narrow(s);
	free(s);
	s = command(cmd_list, 0, "--coverage", NULL, NULL);
	has(s, "detach: 2 scenarios, 3 cases, 0 escapes\n  no axes declared\n");
	free(s);
	s = command(cmd_show, 0, "detach/from-stop", NULL, NULL);
	has(s, "mark attach-SIGUSR1");
	has(s, "stock: not recorded in traces/baseline\n");
	has(s, "\nOther cases; S='detach/from-stop[...]' shows one, --all every one:\n"
	    "  [how=seize,sig=SIGUSR1]\n");
	free(s);
}

static void baseline_command(void **state)
{
	struct world w;
	char *s, *path;

	(void)state;
	world_init(&w);
	write_scenarios(w.top);
	synth_saw(&w.arms[0], 2, Y, 1, 1);
	w.opt.racy_repeats = 10;
	world_run(&w);
	/* Without --update nothing is written. */
	s = command(cmd_baseline, EX_BASELINE, NULL, NULL, NULL);
	has(s, "new      detach/race\n");
	has(s, "0 cases as recorded, 4 new, 0 with other outcomes");
	free(s);
	path = xasprintf("%s/traces/baseline", w.top);
	assert_false(file_exists(path));
	free(path);
	s = command(cmd_baseline, 0, "--update", "--only=detach/race", NULL);
	has(s, "added   detach/race\n");
	has(s, "1 cases added, 0 changed");
	free(s);
	s = command(cmd_baseline, 0, "--update", NULL, NULL);
	has(s, "3 cases added, 0 changed, 0 merged, 0 removed, 1 as before\n");
	free(s);
	s = command(cmd_baseline, EX_SAME, NULL, NULL, NULL);
	has(s, "4 cases as recorded, 0 new, 0 with other outcomes");
	free(s);
	s = command(cmd_show, 0, "detach/race", NULL, NULL);
	has(s, "stock: 2 outcomes recorded\n");
	has(s, "  detach P SIGUSR1 -> EIO\n");
	free(s);
	/* The next run, compared with what was recorded. */
	w.ro.use_baseline = true;
	free(w.out);
	world_run(&w);
	assert_int_equal(w.code, EX_SAME);
	/* A run with an incident on stock is refused. */
	synth_incident(&w.arms[0], INC_SPLAT, 0, false);
	free(w.out);
	world_run(&w);
	free(command(cmd_baseline, EX_BASELINE, "--update", NULL, NULL));
	world_free(&w);
}

static void interrupted_runs_say_so_once(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	differ(&w);
	case_result_free(&w.arms[1].results[3]);
	w.ro.interrupted = true;
	world_run(&w);
	assert_int_equal(w.code, EX_INTERRUPTED);
	has(w.out, "DIFFERS  detach/from-stop");
	has(w.out, "\n1 cases were not completed when the run was interrupted.\n");
	assert_null(strstr(w.out, "UNTESTED  sysemu/entry"));
	ends_with(w.out, "INTERRUPTED: ended by a signal; what was complete is kept\n");
	world_free(&w);
}

static void helpers(void **state)
{
	struct buf b = { 0 };
	char *s;

	(void)state;
	s = tail_text("a\nb\nc\n", 2);
	assert_string_equal(s, "b\nc");
	free(s);
	s = tail_text("a", 5);
	assert_string_equal(s, "a");
	free(s);
	s = tail_text("", 5);
	assert_string_equal(s, "");
	free(s);
	s = clean_text("a\x01\xff\tb\r\n");
	assert_string_equal(s, "a??\tb\n");
	free(s);
	buf_wrap(&b, "some words that are too many to stand on one single line of this terminal, really", 4, 2);
	assert_string_equal(b.s, "some words that are too many to stand on one single line of this terminal,\n  really\n");
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_that_is_the_same),
		cmocka_unit_test(a_difference_is_named_with_its_command),
		cmocka_unit_test(summary_json_reads_back),
		cmocka_unit_test(incidents_show_tail_and_log),
		cmocka_unit_test(the_run_as_such),
		cmocka_unit_test(arms_that_are_one_kernel),
		cmocka_unit_test(racy_differences_are_visible),
		cmocka_unit_test(tap_on_stdout),
		cmocka_unit_test(baseline_and_known_files),
		cmocka_unit_test(diff_and_failed),
		cmocka_unit_test(list_and_show),
		cmocka_unit_test(baseline_command),
		cmocka_unit_test(interrupted_runs_say_so_once),
		cmocka_unit_test(helpers),
	};
	char top[] = "/tmp/ptbed-report.XXXXXX", sub[64];
	int failed;

	if (!mkdtemp(top))
		fatal(EX_SYSTEM, "no directory for the test");
	snprintf(sub, sizeof(sub), "%s/compat-tests", top);
	make_dirs(sub);
	snprintf(sub, sizeof(sub), "%s/kernel-patches", top);
	make_dirs(sub);
	setenv("PTBED_TOP", top, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	remove_tree(top);
	return failed;
}
