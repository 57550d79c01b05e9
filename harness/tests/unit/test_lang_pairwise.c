/* test_lang_pairwise.c - on random axes and impossible cells: which cases `cover all` and `cover pairwise` make. */
#include "lang_util.h"

#define MAXP 6
#define MAXV 6
#define MAXI 4

struct term { int p, v; bool not; };
struct model {
	int n, values[MAXP];
	int nimp, nterms[MAXI];
	struct term term[MAXI][3];
	char text[4096];
};

static uint64_t seed;

static int below(int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)(seed % (uint64_t)n);
}

/* Terms of one line are about different parameters, so that each line holds somewhere. */
static void make(struct model *m, int nparams)
{
	memset(m, 0, sizeof(*m));
	m->n = nparams ? nparams : 2 + below(MAXP - 1);
	for (int i = 0; i < m->n; i++)
		m->values[i] = 1 + below(MAXV);
	m->nimp = below(MAXI + 1);
	for (int i = 0; i < m->nimp; i++) {
		int first = below(m->n);

		m->nterms[i] = 1 + below(m->n < 3 ? m->n : 3);
		for (int t = 0; t < m->nterms[i]; t++) {
			int p = (first + t) % m->n;

			m->term[i][t] = (struct term){ .p = p, .v = below(m->values[p]),
						       .not = m->values[p] > 1 && !below(4) };
		}
	}
}

static void write_text(struct model *m, const char *cover)
{
	struct buf b = { 0 };

	buf_printf(&b, HEAD "cover %s\n", cover);
	for (int i = 0; i < m->n; i++) {
		buf_printf(&b, "param p%d =", i);
		for (int v = 0; v < m->values[i]; v++)
			buf_printf(&b, " v%d", v);
		buf_puts(&b, "\n");
	}
	for (int i = 0; i < m->nimp; i++) {
		buf_puts(&b, "impossible");
		for (int t = 0; t < m->nterms[i]; t++)
			buf_printf(&b, " %s$p%d %s v%d", t ? "and " : "", m->term[i][t].p,
				   m->term[i][t].not ? "!=" : "==", m->term[i][t].v);
		buf_printf(&b, " : reason %d\n", i);
	}
	buf_puts(&b, ROLES "steps\n  T | P\n  attach P | nop\n");
	for (int i = 0; i < m->n; i++)
		buf_printf(&b, "  mark $p%d |\n", i);
	snprintf(m->text, sizeof(m->text), "%s", b.s);
	buf_free(&b);
}

static bool possible(const struct model *m, const int *cell)
{
	for (int i = 0; i < m->nimp; i++) {
		bool all = true;

		for (int t = 0; t < m->nterms[i]; t++)
			all = all && (cell[m->term[i][t].p] == m->term[i][t].v) != m->term[i][t].not;
		if (all)
			return false;
	}
	return true;
}

static bool next(const struct model *m, int *cell)
{
	for (int i = m->n - 1; i >= 0; i--) {
		if (++cell[i] < m->values[i])
			return true;
		cell[i] = 0;
	}
	return false;
}

static void cell_of(const struct model *m, const struct tcase *c, int *cell)
{
	assert_int_equal(c->nparams, m->n);
	for (int i = 0; i < m->n; i++)
		cell[i] = atoi(c->params[i].value + 1);
}

/* What brute force says: which pairs exist, and whether each value does. */
static bool pairs[MAXP][MAXV][MAXP][MAXV];

static size_t brute(const struct model *m, bool *all_values)
{
	int cell[MAXP] = { 0 };
	bool value[MAXP][MAXV] = { { false } };
	size_t n = 0;

	memset(pairs, 0, sizeof(pairs));
	do {
		if (!possible(m, cell))
			continue;
		n++;
		for (int i = 0; i < m->n; i++) {
			value[i][cell[i]] = true;
			for (int k = i + 1; k < m->n; k++)
				pairs[i][cell[i]][k][cell[k]] = true;
		}
	} while (next(m, cell));
	*all_values = true;
	for (int i = 0; i < m->n; i++)
		for (int v = 0; v < m->values[i]; v++)
			*all_values = *all_values && value[i][v];
	return n;
}

/* Wrong when a pair that exists is in no case, or a pair that does not is in one. */
static void check_pairs(const struct model *m, const struct suite *s)
{
	static bool got[MAXP][MAXV][MAXP][MAXV];

	memset(got, 0, sizeof(got));
	for (size_t c = 0; c < s->ncases; c++) {
		int cell[MAXP];

		cell_of(m, &s->cases[c], cell);
		assert_true(possible(m, cell));
		for (int i = 0; i < m->n; i++)
			for (int k = i + 1; k < m->n; k++)
				got[i][cell[i]][k][cell[k]] = true;
	}
	if (memcmp(got, pairs, sizeof(got)))
		fail_msg("pairs differ:\n%s", m->text);
}

static bool part_of(const char *cell, const char *pair)
{
	/* Each a=v of the cell is in the pair. */
	for (const char *a = cell; *a;) {
		size_t n = strcspn(a, ",");
		const char *in = pair;
		bool found = false;

		while (*in && !found) {
			size_t k = strcspn(in, ",");

			found = k == n && !strncmp(a, in, n);
			in += k + (in[k] == ',');
		}
		if (!found)
			return false;
		a += n + (a[n] == ',');
	}
	return true;
}

/* A pair that does not exist is listed, itself or by a value of it. */
static void check_listed(const struct model *m, const struct suite *s)
{
	for (int i = 0; i < m->n; i++)
		for (int k = i + 1; k < m->n; k++)
			for (int v = 0; v < m->values[i]; v++)
				for (int w = 0; w < m->values[k]; w++) {
					char pair[64];
					bool listed = false;

					if (pairs[i][v][k][w])
						continue;
					snprintf(pair, sizeof(pair), "p%d=v%d,p%d=v%d", i, v, k, w);
					for (size_t c = 0; c < s->nimpossible; c++)
						listed = listed || part_of(s->impossible[c].cell, pair);
					if (!listed)
						fail_msg("%s is not listed:\n%s", pair, m->text);
				}
}

static void random_axes(void **state)
{
	unsigned int compared = 0, refused = 0;

	(void)state;
	seed = 20260101;
	for (int round = 0; round < 400; round++) {
		struct lang_errors e;
		struct suite all, pw, again;
		struct model m;
		bool all_values;
		size_t n;
		int ret;

		make(&m, 0);
		n = brute(&m, &all_values);
		if (n > LANG_MAX_CASES)
			continue;
		write_text(&m, "pairwise");
		ret = compile_with(m.text, NULL, NULL, NULL, &pw, &e);
		if (!all_values) {
			/* A value, or everything, is impossible: that is an error. */
			assert_int_equal(ret, -1);
			assert_non_null(strstr(e.v[0].text, "impossible"));
			lang_errors_free(&e);
			suite_free(&pw);
			refused++;
			continue;
		}
		if (ret)
			lang_errors_print(&e, stderr);
		assert_int_equal(ret, 0);
		check_pairs(&m, &pw);
		check_listed(&m, &pw);
		assert_true(pw.ncases <= n);
		compile_ok(m.text, NULL, NULL, &again);
		assert_int_equal(again.ncases, pw.ncases);
		for (size_t i = 0; i < pw.ncases; i++)
			assert_string_equal(pw.cases[i].name, again.cases[i].name);
		suite_free(&again);
		if (n <= 300) {
			write_text(&m, "all");
			compile_ok(m.text, NULL, NULL, &all);
			assert_int_equal(all.ncases, n);
			suite_free(&all);
		}
		suite_free(&pw);
		compared++;
	}
	assert_true(compared > 150);
	assert_true(refused > 10);
}

/* The set is small: near the two longest axes' product, not near the whole product. */
static void the_set_is_small(void **state)
{
	static const struct { int n, values[MAXP]; size_t at_most; } t[] = {
		{ 2, { 4, 5 }, 20 },
		{ 3, { 2, 2, 2 }, 4 },
		{ 4, { 3, 3, 3, 3 }, 12 },
		{ 5, { 6, 5, 4, 3, 2 }, 36 },
		{ 6, { 6, 6, 6, 6, 6, 6 }, 62 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct model m = { .n = t[i].n };
		struct suite s;
		bool all;

		memcpy(m.values, t[i].values, sizeof(m.values));
		write_text(&m, "pairwise");
		brute(&m, &all);
		compile_ok(m.text, NULL, NULL, &s);
		check_pairs(&m, &s);
		if (s.ncases > t[i].at_most)
			fail_msg("row %zu: %zu cases, expected at most %zu", i, s.ncases, t[i].at_most);
		suite_free(&s);
	}
}

static void one_parameter_is_taken_whole(void **state)
{
	struct suite s;

	(void)state;
	compile_ok(HEAD "cover pairwise\nparam a = x y z\n" ROLES "steps\n  T | P\n  mark $a | nop\n",
		   NULL, NULL, &s);
	assert_int_equal(s.ncases, 3);
	assert_string_equal(s.cases[2].name, "f/t[a=z]");
	suite_free(&s);
}

/* `cover each': every possible value once at least, in no more cases than the longest parameter needs. */
static void each_value_once(void **state)
{
	struct suite s;

	(void)state;
	compile_ok(HEAD "cover each\nparam a = x y z\nparam b = 1 2\nparam c = u v\n"
		   "impossible $a == x and $b == 1 : not so\n"
		   ROLES "steps\n  T | P\n  mark $a$b | mark $c\n", NULL, NULL, &s);
	assert_int_equal(s.ncases, 3);
	assert_string_equal(s.cases[0].name, "f/t[a=x,b=2,c=u]");
	assert_string_equal(s.cases[1].name, "f/t[a=y,b=1,c=v]");
	assert_string_equal(s.cases[2].name, "f/t[a=z,b=1,c=u]");
	suite_free(&s);
}

/* A pair without a line of its own that no case can have is reported with that reason. */
static void implied_pairs_are_reported(void **state)
{
	struct suite s;

	(void)state;
	compile_ok(HEAD "cover pairwise\nparam a = 1 2\nparam b = 1 2\nparam c = 1 2\n"
		   "impossible $a == 1 and $b == 1 and $c == 1 : first\n"
		   "impossible $a == 1 and $b == 1 and $c == 2 : second\n"
		   ROLES "steps\n  T | P\n  mark $a$b | mark $c\n", NULL, NULL, &s);
	assert_int_equal(s.nimpossible, 3);
	assert_string_equal(s.impossible[0].cell, "a=1,b=1,c=1");
	assert_string_equal(s.impossible[0].reason, "first");
	assert_string_equal(s.impossible[2].cell, "a=1,b=1");
	assert_string_equal(s.impossible[2].reason, "no possible case has both");
	suite_free(&s);
}

/* The same for a family: what AXES implies is listed for the coverage report. */
static void implied_pairs_of_a_family(void **state)
{
	static const char axes[] =
		"axis a = 1 2\naxis b = 1 2\naxis c = 1 2\n"
		"impossible $a == 1 and $b == 1 and $c == 1 : first\n"
		"impossible $b == 1 and $c == 2 : second\n";
	struct suite s;

	(void)state;
	compile_ok(HEAD ROLES STEPS, axes, NULL, &s);
	assert_int_equal(s.nimpossible, 3);
	assert_string_equal(s.impossible[0].cell, "a=1,b=1,c=1");
	assert_string_equal(s.impossible[1].cell, "b=1,c=2");
	assert_string_equal(s.impossible[2].scenario, "f");
	assert_string_equal(s.impossible[2].cell, "a=1,b=1");
	assert_string_equal(s.impossible[2].reason, "no possible case has both");
	suite_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_axes),
		cmocka_unit_test(the_set_is_small),
		cmocka_unit_test(one_parameter_is_taken_whole),
		cmocka_unit_test(each_value_once),
		cmocka_unit_test(implied_pairs_are_reported),
		cmocka_unit_test(implied_pairs_of_a_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
