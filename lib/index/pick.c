/* pick: which of a query's hits become its negatives */
#include "index/pick.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

const char *const pick_names[PICK_RULES] = {
	[PICK_PASSED] = "passed",
	[PICK_POSITIVE] = "positive",
	[PICK_RANK] = "rank_min",
	[PICK_MIN_SCORE] = "min_score",
	[PICK_MAX_SCORE] = "max_score",
	[PICK_MARGIN] = "margin",
	[PICK_RELATIVE_MARGIN] = "relative_margin",
	[PICK_PERC_POS] = "perc_pos",
	[PICK_NO_SCORE] = "no_score",
	[PICK_EMPTY] = "empty",
	[PICK_OTHER_POSITIVE] = "other_positive",
	[PICK_QUERY] = "query",
	[PICK_SOURCE] = "source",
	[PICK_NEAR_COPY] = "near_copy",
	[PICK_DUPLICATE] = "duplicate",
};

bool
pick_needs_score(const struct pick_rules *r)
{
	return !isnan(r->margin) || !isnan(r->relative_margin) ||
	       r->perc_pos > 0;
}

enum pick_rule
pick_rule_of(const struct pick_rules *r, const struct pick_query *q,
    const struct pick_hit *h)
{
	double size = fabs(q->score);

	if (h->positive)
		return PICK_POSITIVE;
	if (h->rank < r->rank_min)
		return PICK_RANK;
	if (h->score < r->min_score)
		return PICK_MIN_SCORE;
	if (h->score > r->max_score)
		return PICK_MAX_SCORE;
	if (!q->scored)
		return PICK_PASSED;
	if (!isnan(r->margin) && h->score > q->score - r->margin)
		return PICK_MARGIN;
	if (!isnan(r->relative_margin) &&
	    h->score > q->score - r->relative_margin * size)
		return PICK_RELATIVE_MARGIN;
	if (r->perc_pos > 0 && h->score > q->score - (1 - r->perc_pos) * size)
		return PICK_PERC_POS;
	return PICK_PASSED;
}

/* A hit that passed, as the choice compares it: less is better. */
struct choice {
	uint64_t by;
	size_t at; /* index of the hit */
};

static int
compare_choices(const void *a, const void *b)
{
	const struct choice *x = a, *y = b;

	if (x->by != y->by)
		return x->by < y->by ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int
compare_indexes(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Append an index to an array. */
static void
add(size_t **v, size_t *n, size_t *cap, size_t i)
{
	if (*n == *cap) {
		*cap = *cap > 0 ? 2 * *cap : 64;
		*v = mem_array(*v, *cap, sizeof **v);
	}
	(*v)[(*n)++] = i;
}

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* Choose among the hits that passed. */
static void
choose(struct pick_result *out, enum pick_take take, const struct pick_query *q,
    const struct pick_hit *hits)
{
	struct choice *c = mem_array(NULL, out->n_passed + 1, sizeof *c);
	const struct pick_hit *h;
	size_t i, n = out->n_passed;

	for (i = 0; i < n; i++) {
		h = &hits[out->passed[i]];
		c[i] = (struct choice){ 0, out->passed[i] };
		if (take == PICK_LENGTH)
			c[i].by = distance(h->length, q->length);
		else if (take == PICK_RANDOM)
			c[i].by = h->draw;
	}
	qsort(c, n, sizeof *c, compare_choices);
	for (i = 0; i < n && i < q->wanted; i++)
		add(&out->picked, &out->n, &out->cap, c[i].at);
	if (out->n > 0)
		qsort(
		    out->picked, out->n, sizeof *out->picked, compare_indexes);
	free(c);
}

void
pick(struct pick_result *out, const struct pick_rules *r,
    const struct pick_query *q, const struct pick_hit *hits, size_t n)
{
	size_t from = r->take == PICK_TOP ? q->wanted : r->from, i;
	enum pick_rule rule;

	out->n = out->n_passed = 0;
	for (i = 0; i < PICK_RULES; i++)
		out->dropped[i] = 0;
	if (from < q->wanted)
		from = q->wanted;
	out->enough = from == 0;
	for (i = 0; i < n && !out->enough; i++) {
		if (r->rank_max > 0 && hits[i].rank > r->rank_max) {
			out->enough = true;
			break;
		}
		rule = pick_rule_of(r, q, &hits[i]);
		if (rule == PICK_PASSED && q->guard != NULL)
			rule = q->guard(q->ctx, i);
		if (rule == PICK_PASSED)
			add(&out->passed, &out->n_passed, &out->passed_cap, i);
		else
			out->dropped[rule]++;
		out->enough = rule == PICK_MIN_SCORE || out->n_passed == from;
	}
	choose(out, r->take, q, hits);
}

void
pick_free(struct pick_result *out)
{
	free(out->picked);
	free(out->passed);
	*out = (struct pick_result){ 0 };
}
