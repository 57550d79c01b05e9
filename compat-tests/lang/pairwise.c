/* pairwise.c - a small set of cells with every pair of values that can exist, never an impossible one. */
#include <string.h>

#include "parse.h"

/*
 * Greedy and deterministic: as long as a pair is not covered, take the first
 * such pair, complete it several ways (each starting from another parameter,
 * each taking the values that cover most open pairs) and keep the best.  The
 * completion backtracks, so a pair is called impossible only after every
 * completion was refused.
 */
#define MAX_NODES 20000		/* of the search for one completion */
#define MAX_PAIRS 200000

struct pairs {
	struct scn *s;
	size_t n;			/* parameters */
	size_t base[MAX_PARAMS][MAX_PARAMS];	/* first pair of parameters i < k */
	size_t total, open;
	bool *covered;
	unsigned int cell[MAX_PARAMS];
	bool set[MAX_PARAMS];
	size_t order[MAX_PARAMS];
	size_t nodes;
	size_t turn;			/* cases made so far: where equal values are tried from */
};

static size_t pair_index(const struct pairs *p, size_t i, unsigned int vi, size_t k, unsigned int vk)
{
	if (i > k)
		return pair_index(p, k, vk, i, vi);
	return p->base[i][k] + (size_t)vi * p->s->param[k].n + vk;
}

/* Open pairs that giving parameter @i the value @v covers, with what is set. */
static size_t gain(const struct pairs *p, size_t i, unsigned int v)
{
	size_t g = 0;

	for (size_t k = 0; k < p->n; k++)
		if (k != i && p->set[k])
			g += !p->covered[pair_index(p, i, v, k, p->cell[k])];
	return g;
}

static bool possible(struct pairs *p)
{
	const char *why;

	return cell_impossible(p->s, p->cell, p->set, &why) != 1;
}

/* Choose values for order[at..]; false: there are none (or the search is too long). */
static bool complete(struct pairs *p, size_t at)
{
	bool tried[MAX_PARAM_VALUES] = { false };
	size_t i;

	if (at == p->n)
		return true;
	i = p->order[at];
	if (p->set[i])
		return complete(p, at + 1);
	for (size_t round = 0; round < p->s->param[i].n; round++) {
		size_t best = SIZE_MAX, most = 0;

		/*
		 * Of equally good values take another one in each case, so that
		 * triples come for free.
		 */
		for (unsigned int k = 0; k < p->s->param[i].n; k++) {
			unsigned int v = (unsigned int)((k + p->turn) % p->s->param[i].n);
			size_t g = tried[v] ? 0 : gain(p, i, v) + 1;

			if (g > most) {
				most = g;
				best = v;
			}
		}
		if (best == SIZE_MAX || ++p->nodes > MAX_NODES)
			return false;
		tried[best] = true;
		p->cell[i] = (unsigned int)best;
		p->set[i] = true;
		if (possible(p) && complete(p, at + 1))
			return true;
		p->set[i] = false;
	}
	return false;
}

static size_t count_new(const struct pairs *p, const unsigned int *cell)
{
	size_t g = 0;

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = i + 1; k < p->n; k++)
			g += !p->covered[pair_index(p, i, cell[i], k, cell[k])];
	return g;
}

static void cover(struct pairs *p, const unsigned int *cell)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = i + 1; k < p->n; k++) {
			bool *c = &p->covered[pair_index(p, i, cell[i], k, cell[k])];

			p->open -= !*c;
			*c = true;
		}
}

/* Complete values @vi of @i and @vk of @k as well as may be; false: impossible. */
static bool best_cell(struct pairs *p, size_t i, unsigned int vi, size_t k, unsigned int vk,
		      unsigned int *best)
{
	size_t most = 0;

	for (size_t start = 0; start < p->n; start++) {
		size_t g;

		for (size_t o = 0; o < p->n; o++)
			p->order[o] = (start + o) % p->n;
		memset(p->set, 0, sizeof(p->set));
		memset(p->cell, 0, sizeof(p->cell));
		p->cell[i] = vi;
		p->cell[k] = vk;
		p->set[i] = p->set[k] = true;
		p->nodes = 0;
		if (!possible(p) || !complete(p, 0))
			return most > 0;
		g = count_new(p, p->cell);
		if (g > most) {
			most = g;
			memcpy(best, p->cell, sizeof(p->cell));
		}
	}
	return true;
}

/* A pair that cannot be had: report it, unless a line of the file says so by itself. */
static void report_pair(struct pairs *p, size_t i, unsigned int vi, size_t k, unsigned int vk,
			struct suite *report)
{
	const struct param *a = &p->s->param[i], *b = &p->s->param[k];
	const char *why = NULL;

	memset(p->set, 0, sizeof(p->set));
	memset(p->cell, 0, sizeof(p->cell));
	p->cell[i] = vi;
	p->cell[k] = vk;
	p->set[i] = p->set[k] = true;
	if (cell_impossible(p->s, p->cell, p->set, &why) != 1)
		report_impossible(report, p->s->name,
				  ar_printf(p->s->a, "%s=%s,%s=%s", a->name, a->value[vi],
					    b->name, b->value[vk]),
				  "no possible case has both");
}

int pairwise_make(struct scn *s, struct cells *out, struct suite *report)
{
	struct pairs p = { .s = s, .n = s->nparams };

	for (size_t i = 0; i < p.n; i++)
		for (size_t k = i + 1; k < p.n; k++) {
			p.base[i][k] = p.total;
			p.total += s->param[i].n * s->param[k].n;
		}
	if (p.total > MAX_PAIRS) {
		err_add(s->err, s->path, s->param[0].line->no, 1,
			"the parameters make %zu pairs, expected at most %d", p.total, MAX_PAIRS);
		return -1;
	}
	p.covered = ar_alloc(s->a, p.total);
	p.open = p.total;
	for (size_t i = 0; i < p.n; i++)
		for (size_t k = i + 1; k < p.n; k++)
			for (unsigned int vi = 0; vi < s->param[i].n; vi++)
				for (unsigned int vk = 0; vk < s->param[k].n; vk++) {
					unsigned int best[MAX_PARAMS];

					if (p.covered[pair_index(&p, i, vi, k, vk)])
						continue;
					if (!best_cell(&p, i, vi, k, vk, best)) {
						if (p.nodes > MAX_NODES) {
							err_add(s->err, s->path, s->param[i].line->no, 1,
								"the search for a case with %s=%s and %s=%s is too long, expected simpler `impossible' lines",
								s->param[i].name, s->param[i].value[vi],
								s->param[k].name, s->param[k].value[vk]);
							return -1;
						}
						report_pair(&p, i, vi, k, vk, report);
						continue;
					}
					cover(&p, best);
					p.turn++;
					if (out->n == LANG_MAX_CASES) {
						err_add(s->err, s->path, s->param[0].line->no, 1,
							"more than %d cases, expected fewer values",
							LANG_MAX_CASES);
						return -1;
					}
					memcpy(AR_PUSH(s->a, out->v, out->n, out->cap), best, sizeof(best));
				}
	return 0;
}
