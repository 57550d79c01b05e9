/* test_trace.c - events, merging, divergence, writing trace files and reading them back. */
#include "synth.h"

#include "diverge.h"
#include "events.h"
#include "sidebyside.h"
#include "trace.h"

static const char two[] =
	"T\t1\tattach P -> 0\nT\t2\twait P -> P stopped SIGSTOP <hit\nT\t3\tcont P -> 0 >go\n"
	"P\t1\tmark start >hit\nP\t2\tmark on <go\n"
	"=\t1\tT: parked\n=\t2\tP: parked\n";

static void merge_follows_edges(void **state)
{
	static const size_t want[] = { 0, 3, 1, 2, 4 };
	struct events e;
	size_t *order;

	(void)state;
	assert_int_equal(events_parse(two, &e), 0);
	assert_int_equal(e.nactors, 2);
	assert_int_equal(e.nev, 5);
	assert_int_equal(e.nend, 2);
	order = events_merge(&e);
	assert_memory_equal(order, want, sizeof(want));
	free(order);
	events_free(&e);
}

static void nth_await_needs_nth_post(void **state)
{
	/* The second await of `e' by A waits for B's second post. */
	static const char text[] = "A\t1\tone <e\nA\t2\ttwo <e\nB\t1\tx >e\nB\t2\ty\nB\t3\tz >e\n";
	static const size_t want[] = { 2, 0, 3, 4, 1 };
	struct events e;
	size_t *order;

	(void)state;
	assert_int_equal(events_parse(text, &e), 0);
	order = events_merge(&e);
	assert_memory_equal(order, want, sizeof(want));
	free(order);
	events_free(&e);
}

static void merge_survives_circles_and_lost_posts(void **state)
{
	struct events e;
	size_t *order;

	(void)state;
	assert_int_equal(events_parse("A\t1\tx <b >a\nB\t1\ty <a >b\nC\t1\tz <never\n", &e), 0);
	order = events_merge(&e);
	assert_int_equal(order[0], 2);	/* nobody posts `never': not waited for */
	assert_int_equal(order[1], 0);
	assert_int_equal(order[2], 1);
	free(order);
	events_free(&e);
}

/* Whatever the trace, merging keeps every event once and each actor's own order. */
static void merge_keeps_actor_order(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		uint64_t rnd = seed;
		char *text = synth_trace(&rnd);
		struct events e;

		if (!events_parse(text, &e)) {
			size_t *order = events_merge(&e);
			char *again = events_text(&e);
			size_t *last = xcalloc(e.nactors + 1, sizeof(*last));
			bool *seen = xcalloc(e.nev + 1, sizeof(*seen));

			assert_string_equal(again, text);
			for (size_t i = 0; i < e.nev; i++) {
				assert_false(seen[order[i]]);
				seen[order[i]] = true;
				assert_true(order[i] + 1 > last[e.ev[order[i]].actor]);
				last[e.ev[order[i]].actor] = order[i] + 1;
			}
			free(again);
			free(order);
			free(last);
			free(seen);
			events_free(&e);
		}
		free(text);
	}
}

static void parse_refuses(const char *text)
{
	struct events e;

	assert_int_equal(events_parse(text, &e), -1);
}

static void what_is_no_trace(void **state)
{
	(void)state;
	parse_refuses("T\t1\tunfinished");
	parse_refuses("no tabs\n");
	parse_refuses("T\tx\ttext\n");
	parse_refuses("T\t01\ttext\n");
	parse_refuses("T\t1\ta\nP\t1\tb\nT\t2\tc\n");	/* T in two places */
	parse_refuses("=\t1\tend\nT\t1\tafter\n");
	parse_refuses("a b\t1\ttext\n");
}

static void check_round_trip(const char *dir, uint64_t seed, bool counts)
{
	uint64_t rnd = seed;
	struct trace_case cases[3] = { { 0 } };
	struct buf err = { 0 };
	struct trace_file f;
	char *path = trace_path(dir, "fam/random");

	for (int c = 0; c < 3; c++) {
		unsigned int n = c == 2 && seed % 50 == 0 ? TRACE_FULL + 15 : synth_random(&rnd, 4);

		cases[c].name = xasprintf("fam/random[c=%d,x=|]", c);
		cases[c].title = xstrdup("A title");
		cases[c].racy = c > 0;
		for (; n; n--) {
			char *text = synth_trace(&rnd);

			outcome_add(&cases[c].r, text, rnd, n, n & 1);
			cases[c].r.repeats++;
			free(text);
		}
		outcome_sort(&cases[c].r);
		if (!counts)
			outcome_sort_by_hash(&cases[c].r);
	}
	trace_write(dir, "fam/random", counts ? "stock 6.12.117 #1 SMP" : NULL, cases, 3);
	if (trace_read(path, &f, &err))
		fail_msg("seed %llu: %s", (unsigned long long)seed, err.s);
	assert_string_equal(f.scenario, "fam/random");
	assert_int_equal(f.ncases, 3);
	for (int c = 0; c < 3; c++) {
		struct trace_case *got = trace_find(&f, cases[c].name);

		assert_non_null(got);
		assert_int_equal(got->racy, cases[c].racy);
		assert_string_equal(got->title, cases[c].title);
		assert_int_equal(got->r.noutcomes, cases[c].r.noutcomes);
		assert_int_equal(got->r.repeats, cases[c].r.repeats);
		for (size_t o = 0; o < cases[c].r.noutcomes; o++) {
			struct outcome *x = &cases[c].r.outcomes[o], *y = &got->r.outcomes[o];

			assert_string_equal(x->hash, y->hash);
			assert_string_equal(x->text, y->text);
			assert_int_equal(x->count, y->count);
			assert_int_equal(x->boots, y->boots);
			assert_true(x->seed == y->seed && x->repeat == y->repeat);
			assert_int_equal(x->icount, y->icount);
		}
		free(cases[c].name);
		free(cases[c].title);
		case_result_free(&cases[c].r);
	}
	trace_file_free(&f);
	buf_free(&err);
	/* Otherwise a later, smaller set would find the rest of this one. */
	remove_tree(path);
	free(path);
	path = xasprintf("%s/fam/random.rest.trace", dir);
	remove_tree(path);
	free(path);
}

static void random_traces_come_back(void **state)
{
	char *dir = synth_dir();

	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++)
		check_round_trip(dir, seed, seed & 1);
	synth_rmdir(dir);
}

static void written_form(void **state)
{
	struct trace_case c = { .name = (char *)"d/x", .title = (char *)"A sentence" };
	char *dir = synth_dir(), *path = trace_path(dir, "d/x"), *text;

	(void)state;
	outcome_add(&c.r, two, 0x1f, 2, false);
	c.r.repeats = 3;
	c.r.outcomes[0].count = 3;
	trace_write(dir, "d/x", "stock 6.12.117", &c, 1);
	text = read_file(path, NULL);
	assert_non_null(strstr(text, "scenario d/x\nkernel   stock 6.12.117\n"));
	assert_non_null(strstr(text, "case d/x\ntitle A sentence\nkind  exact\ntotal 3 repeats, 1 boots\n"));
	assert_non_null(strstr(text, "seen  3/3 in 1 boots "));
	assert_non_null(strstr(text, " first smp:0x1f:2\n"));
	assert_non_null(strstr(text,
		"  T                                    | P\n"
		"  attach P -> 0\n"
		"                                       | mark start >hit\n"
		"  wait P -> P stopped SIGSTOP <hit\n"
		"  cont P -> 0 >go\n"
		"                                       | mark on <go\n"
		"  = T: parked\n"
		"  = P: parked\n"));
	for (char *p = text; *p; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") <= TRACE_WIDTH);
	free(text);
	free(path);
	case_result_free(&c.r);
	synth_rmdir(dir);
}

static void wide_texts_move_left(void **state)
{
	struct buf b = { 0 };

	(void)state;
	trace_outcome(&b, "A\t1\tx\nB\t1\ty\nC\t1\ta text of fifty-eight bytes that has to move to the left..\n");
	for (char *p = b.s; *p; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") <= TRACE_WIDTH);
	assert_non_null(strstr(b.s, "| a text of fifty-eight bytes that has to move to the left..\n"));
	buf_free(&b);
}

/* Write @text to a file, read it, expect the error to name ":LINE: " and hold @part. */
static void read_fails(const char *text, int line, const char *part)
{
	char *dir = synth_dir(), *path = xasprintf("%s/x.trace", dir);
	char *where = line ? xasprintf("x.trace:%d: ", line) : xstrdup("x.trace: ");
	struct buf err = { 0 };
	struct trace_file f;

	write_file(path, text, strlen(text));
	assert_int_equal(trace_read(path, &f, &err), -1);
	if (!strstr(err.s, where) || !strstr(err.s, part))
		fail_msg("got '%s', expected '%s' and '%s'", err.s, where, part);
	buf_free(&err);
	free(where);
	free(path);
	synth_rmdir(dir);
}

static void bad_files_name_the_line(void **state)
{
	(void)state;
	read_fails("", 1, "expected 'scenario NAME'");
	read_fails("case x\n", 1, "expected 'scenario NAME' first");
	read_fails("scenario a/b\n\noutcome 0123456789abcdef\n", 3, "expected 'case NAME'");
	read_fails("scenario a/b\ncase a/b\nkind maybe\n", 3, "expected exact or racy");
	read_fails("scenario a/b\ncase a/b\ntotal many\n", 3, "expected 'total N repeats");
	read_fails("scenario a/b\ncase a/b\nseen 3\n", 3, "expected 'seen COUNT/REPEATS");
	read_fails("scenario a/b\ncase a/b\noutcome xyz\n", 3, "expected 16 hex digits");
	read_fails("scenario a/b\nwhat now\n", 2, "'what', expected");
	read_fails("scenario a/b\ncase a/b\ncase a/b\n", 3, "expected once");
	read_fails("scenario a/b\ncase a/b\n  T | P\n", 3, "expected 'outcome HASH' before");
	read_fails("scenario a/b\ncase a/b\noutcome 0123456789abcdef\n  T\n  x\n", 3,
		   "changed by hand");
	read_fails("scenario a/b\ncase a/b\noutcome 0123456789abcdef\n  T\n     | x\n", 5,
		   "column 2, expected at most 1");
	read_fails("scenario a/b\ncase a/b\noutcome 0123456789abcdef\n  T\n  #x y\n", 5,
		   "expected a number");
	read_fails("scenario a/b\ncase a/b", 2, "cut off");
	read_fails("scenario a/b\ncase a/b\n"
		   "seen 1/1 in 1 boots 0123456789abcdef first smp:0x1:0\n", 3,
		   "expected its events as well");
}

/* Whatever bytes change, reading ends in a result or in an error that names the file. */
static void damaged_files_are_survived(void **state)
{
	char *dir = synth_dir(), *path = trace_path(dir, "fam/x"), *whole;
	struct trace_case c = { .name = (char *)"fam/x[a=1]", .title = (char *)"t", .racy = true };
	uint64_t rnd = 99;
	size_t len, good = 0, bad = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		char *text = synth_trace(&rnd);

		outcome_add(&c.r, text, 1, 1, false);
		c.r.repeats++;
		free(text);
	}
	trace_write(dir, "fam/x", "stock 6.12", &c, 1);
	whole = read_file(path, &len);
	for (int round = 0; round < 1500; round++) {
		char *copy = xstrndup(whole, len);
		struct buf err = { 0 };
		struct trace_file f;
		size_t n = len;
		FILE *file;

		for (unsigned int k = synth_random(&rnd, 3) + 1; k; k--)
			copy[synth_random(&rnd, len)] = "\n |#%=\\a09\t\377"[synth_random(&rnd, 12)];
		if (synth_random(&rnd, 4) == 0)
			n = synth_random(&rnd, len);
		/* Not write_file(): it waits for the disk. */
		file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fwrite(copy, 1, n, file), n);
		assert_int_equal(fclose(file), 0);
		if (trace_read(path, &f, &err)) {
			assert_non_null(strstr(err.s, "fam/x.trace"));
			bad++;
		} else {
			trace_file_free(&f);
			good++;
		}
		buf_free(&err);
		free(copy);
	}
	assert_true(bad > good);
	free(whole);
	free(path);
	case_result_free(&c.r);
	synth_rmdir(dir);
}

static void one_divergence(const char *a, const char *b, const char *actor, unsigned long n,
			   const char *left, const char *right)
{
	struct divergence d;

	assert_true(diverge(a, b, &d));
	assert_string_equal(d.actor, actor);
	assert_int_equal(d.n, n);
	if (left)
		assert_string_equal(d.a, left);
	else
		assert_null(d.a);
	if (right)
		assert_string_equal(d.b, right);
	else
		assert_null(d.b);
	divergence_free(&d);
}

static void finds_the_first_divergence(void **state)
{
	struct divergence d;

	(void)state;
	assert_false(diverge(two, two, &d));
	/* T's own first difference is event 3, but P's event 1 comes earlier by the edges. */
	one_divergence(two,
		"T\t1\tattach P -> 0\nT\t2\twait P -> P stopped SIGSTOP <hit\nT\t3\tcont P -> EIO >go\n"
		"P\t1\tmark stop >hit\nP\t2\tmark on <go\n=\t1\tT: parked\n=\t2\tP: parked\n",
		"P", 1, "mark start >hit", "mark stop >hit");
	one_divergence("T\t1\ta\n", "T\t1\ta\nT\t2\tb\n", "T", 2, NULL, "b");
	one_divergence("T\t1\ta\nT\t2\tb\n", "T\t1\ta\n", "T", 2, "b", NULL);
	one_divergence("T\t1\ta\n=\t1\tT: parked\n", "T\t1\ta\n=\t1\tT: dead\n", "=", 1,
		       "T: parked", "T: dead");
	one_divergence("T\t1\ta\n", "T\t1\ta\nP\t1\tb\n", "P", 1, NULL, "b");
	one_divergence("T\t1\ta\n", "T\t2\ta\n", "T", 1, "a", "a");
	one_divergence("raw\nsame", "raw\nsame\n", "line", 2, "same", "same");
	one_divergence("raw\nx\n", "raw\n", "line", 2, "x", NULL);
}

static void random_divergence(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 1000; seed++) {
		uint64_t rnd = seed;
		char *a = synth_trace(&rnd), *b = synth_trace(&rnd);
		struct divergence d;
		struct buf side = { 0 };

		assert_int_equal(diverge(a, b, &d), strcmp(a, b) != 0);
		if (d.found)
			assert_true(d.a || d.b);
		divergence_free(&d);
		side_by_side(&side, "stock", a, "utrace", b);
		assert_non_null(side.s);
		buf_free(&side);
		free(a);
		free(b);
	}
}

static void side_by_side_marks_the_first(void **state)
{
	struct buf b = { 0 };
	char *mark, *other;

	(void)state;
	side_by_side(&b, "stock", "T\t1\tattach P -> 0\nT\t2\tcont P -> 0\nT\t3\tmark x\n=\t1\tT: parked\n",
		     "utrace", "T\t1\tattach P -> 0\nT\t2\tcont P -> EIO\nT\t3\tmark y\n=\t1\tT: parked\n");
	mark = strstr(b.s, " > ");
	assert_non_null(mark);
	assert_null(strstr(mark + 1, " > "));
	other = strstr(b.s, " | ");
	assert_non_null(other);
	assert_true(other > mark);
	assert_non_null(strstr(b.s, "T cont P -> 0                          > T cont P -> EIO\n"));
	for (char *p = b.s; *p; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") <= TRACE_WIDTH);
	assert_int_equal(likeness("T\t1\ta\nT\t2\tb\n", "T\t1\ta\nT\t2\tc\n"), 1);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merge_follows_edges),
		cmocka_unit_test(nth_await_needs_nth_post),
		cmocka_unit_test(merge_survives_circles_and_lost_posts),
		cmocka_unit_test(merge_keeps_actor_order),
		cmocka_unit_test(what_is_no_trace),
		cmocka_unit_test(random_traces_come_back),
		cmocka_unit_test(written_form),
		cmocka_unit_test(wide_texts_move_left),
		cmocka_unit_test(bad_files_name_the_line),
		cmocka_unit_test(damaged_files_are_survived),
		cmocka_unit_test(finds_the_first_divergence),
		cmocka_unit_test(random_divergence),
		cmocka_unit_test(side_by_side_marks_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
