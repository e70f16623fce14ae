/* bm25: finds the documents that share rare terms with a text */
#include "index/bm25.h"

#include <stdlib.h>

#include "base/mem.h"
#include "index/query.h"
#include "index/weights.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	LANES = 16,        /* sums that are compared at a time */
	SUM_MAX = 1 << 30, /* bound of all sums */
	SPARE = 1024,      /* candidates beyond twice those that are wanted */
	RESCORED = 20,     /* candidates beyond k, where terms are cut */
};

/* The share of a query's weight that terms must have to be enough. */
#define SHARE 0.7

/* A document that may be among the first, and the sum of its impacts. */
struct candidate {
	uint32_t doc, sum;
};

struct bm25 {
	const struct index *ix;
	struct query query;
	double unit;          /* score that one unit of an impact means */
	struct asked *cursor; /* terms that are summed up */
	size_t cursors;
	int shift;      /* bits by which impacts are cut, for huge queries */
	uint32_t error; /* most by which a sum may be wrong */
	uint32_t sum[BLOCK];
	const struct bm25_limits *limits;
	struct candidate *candidate;
	size_t candidates, candidate_cap;
	size_t wanted;    /* candidates to find at least */
	uint32_t slack;   /* how far below the last of these others may be */
	uint32_t least;   /* least sum that makes a candidate */
	uint32_t *select; /* scratch space */
	size_t select_cap;
	struct index_hit *hit;
	size_t hit_cap;
	struct index_hit ranked; /* hit whose rank is asked for */
	uint64_t before;         /* number of hits before that */
};

struct bm25 *
bm25_new(const struct index *ix)
{
	struct bm25 *b = mem_new(sizeof *b);

	b->ix = ix;
	query_start(&b->query, ix);
	b->unit = weights_unit(ix->documents);
	return b;
}

void
bm25_free(struct bm25 *b)
{
	if (b == NULL)
		return;
	query_free(&b->query);
	free(b->cursor);
	free(b->candidate);
	free(b->select);
	free(b->hit);
	free(b);
}

void
bm25_query(
    struct bm25 *b, const struct lex_language *language, struct span text)
{
	query_read(&b->query, language, text);
}

double
bm25_score(struct bm25 *b, uint64_t doc)
{
	return query_score(&b->query, doc);
}

double
bm25_score_text(
    struct bm25 *b, const struct lex_language *language, struct span text)
{
	return query_score_text(&b->query, language, text);
}

/* Grow an array of elements of a size to have room for n. */
static void *
room(void *p, size_t *cap, size_t n, size_t size)
{
	if (n <= *cap)
		return p;
	*cap = n + n / 2;
	return mem_array(p, *cap, size);
}

static int
compare_weights(const void *x, const void *y)
{
	const struct asked *a = x, *b = y;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return a->term < b->term ? -1 : a->term > b->term;
}

/*
 * Return how many of the terms, sorted by weight, are summed up: those that
 * have most of the weight, and all as long as they cost little. With 100,000
 * functions of 20 languages and whole functions as queries, that finds 98 % of
 * the first ten; make mine-peers measures it.
 */
static size_t
cut_terms(const struct bm25 *b)
{
	double weight = 0, all = 0;
	uint64_t postings = 0, cheap = b->ix->documents / 2;
	size_t i;

	for (i = 0; i < b->query.n; i++)
		all += b->cursor[i].weight;
	for (i = 0; i < b->query.n; i++) {
		if (weight > SHARE * all && postings > cheap)
			break;
		weight += b->cursor[i].weight;
		postings += b->ix->term[b->cursor[i].term].documents;
	}
	return i;
}

/* Choose the terms that are summed up, and bound the error of the sums. */
static void
plan(struct bm25 *b, bool exact)
{
	uint64_t counts = 0;
	size_t i;

	b->cursor = mem_array(b->cursor, b->query.n, sizeof *b->cursor);
	if (b->query.n > 0)
		memcpy(
		    b->cursor, b->query.asked, b->query.n * sizeof *b->cursor);
	b->cursors = b->query.n;
	if (!exact && b->query.n > 0) {
		qsort(
		    b->cursor, b->query.n, sizeof *b->cursor, compare_weights);
		b->cursors = cut_terms(b);
	}
	for (i = 0; i < b->cursors; i++)
		counts += b->cursor[i].count;
	for (b->shift = 0; counts * IMPACT_MAX >> b->shift > SUM_MAX;)
		b->shift++;
	/* an impact is wrong by less than 1, and so is what a shift cuts off */
	b->error = (uint32_t)((counts >> b->shift) + 1);
	if (b->shift > 0)
		b->error += (uint32_t)b->cursors;
}

/* Add the impacts of a list of n postings to the sums of its block. */
static void
add_list(struct bm25 *b, const uint32_t *p, size_t n, uint64_t count)
{
	const uint32_t *end = p + n;
	uint32_t *sum = b->sum, few = (uint32_t)count;

	if (b->shift > 0)
		for (; p < end; p++)
			sum[*p & (BLOCK - 1)] +=
			    (uint32_t)((*p >> 16) * count >> b->shift);
	else if (few > 1)
		for (; p < end; p++)
			sum[*p & (BLOCK - 1)] += (*p >> 16) * few;
	else
		for (; p < end; p++)
			sum[*p & (BLOCK - 1)] += *p >> 16;
}

/* Sum up the impacts of a block; return whether it has some. */
static bool
add_block(struct bm25 *b, uint32_t block)
{
	struct asked *a = b->cursor, *end = a + b->cursors;
	bool any = false;
	size_t n;

	for (; a < end; a++) {
		if (a->at == a->end || *a->at >> 16 != block)
			continue;
		n = *a->at++ & 0xffff;
		if (n > (size_t)(a->end - a->at))
			n = (size_t)(a->end - a->at);
		add_list(b, a->at, n, a->count);
		a->at += n;
		any = true;
	}
	return any;
}

/* Return whether any of LANES sums is least or more. */
static bool
any_above(const uint32_t *sum, uint32_t least)
{
#ifdef __SSE2__
	const __m128i *p = (const __m128i *)(const void *)sum;
	__m128i low = _mm_set1_epi32((int)least - 1), above;

	above =
	    _mm_or_si128(_mm_or_si128(_mm_cmpgt_epi32(_mm_loadu_si128(p), low),
			     _mm_cmpgt_epi32(_mm_loadu_si128(p + 1), low)),
		_mm_or_si128(_mm_cmpgt_epi32(_mm_loadu_si128(p + 2), low),
		    _mm_cmpgt_epi32(_mm_loadu_si128(p + 3), low)));
	return _mm_movemask_epi8(above) != 0;
#else
	bool any = false;
	size_t i;

	for (i = 0; i < LANES; i++)
		any |= sum[i] >= least;
	return any;
#endif
}

/* Call take for each document whose sum is b->least or more. */
static void
walk(struct bm25 *b, void (*take)(struct bm25 *, uint32_t doc, uint32_t sum))
{
	uint64_t blocks = (b->ix->documents + BLOCK - 1) / BLOCK, n;
	uint32_t block, i, k;

	memset(b->sum, 0, sizeof b->sum);
	for (block = 0; block < blocks; block++) {
		if (!add_block(b, block))
			continue;
		n = b->ix->documents - (uint64_t)block * BLOCK;
		for (i = 0; i < BLOCK; i += LANES) {
			if (!any_above(b->sum + i, b->least))
				continue;
			for (k = i; k < i + LANES; k++)
				if (b->sum[k] >= b->least && k < n)
					take(b, block * BLOCK + k, b->sum[k]);
		}
		memset(b->sum, 0, sizeof b->sum);
	}
}

/* Return the k-th largest of n numbers, k from 1, which are reordered. */
static uint32_t
kth_largest(uint32_t *v, size_t n, size_t k)
{
	ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, i, j;
	ptrdiff_t want = (ptrdiff_t)k - 1;
	uint32_t pivot, t;

	while (low < high) {
		pivot = v[low + (high - low) / 2];
		i = low;
		j = high;
		while (i <= j) {
			if (v[i] > pivot) {
				i++;
			} else if (v[j] < pivot) {
				j--;
			} else {
				t = v[i];
				v[i++] = v[j];
				v[j--] = t;
			}
		}
		if (want <= j)
			high = j;
		else if (want >= i)
			low = i;
		else
			break;
	}
	return v[want];
}

/* Drop the candidates that can't be among the first any more. */
static void
drop_candidates(struct bm25 *b)
{
	uint32_t last;
	size_t i, n = 0;

	if (b->candidates <= b->wanted)
		return;
	b->select =
	    room(b->select, &b->select_cap, b->candidates, sizeof *b->select);
	for (i = 0; i < b->candidates; i++)
		b->select[i] = b->candidate[i].sum;
	last = kth_largest(b->select, b->candidates, b->wanted);
	if (last > b->slack && last - b->slack > b->least)
		b->least = last - b->slack;
	for (i = 0; i < b->candidates; i++)
		if (b->candidate[i].sum >= b->least)
			b->candidate[n++] = b->candidate[i];
	b->candidates = n;
}

static void
take_candidate(struct bm25 *b, uint32_t doc, uint32_t sum)
{
	const struct bm25_limits *l = b->limits;

	if (sum < b->least || (l->admits != NULL && !l->admits(l->ctx, doc)))
		return;
	if (b->candidates == b->candidate_cap) {
		drop_candidates(b);
		if (b->candidates > b->candidate_cap / 2)
			b->candidate = room(b->candidate, &b->candidate_cap,
			    2 * b->candidates, sizeof *b->candidate);
	}
	b->candidate[b->candidates++] = (struct candidate){ doc, sum };
}

/* Find the candidates, those of a sum of all terms if exact. */
static void
find_candidates(struct bm25 *b, const struct bm25_limits *l, bool exact)
{
	size_t most;

	plan(b, exact);
	b->limits = l;
	b->wanted = l->k;
	b->slack = 2 * b->error;
	if (b->cursors < b->query.n) {
		b->wanted = l->k + RESCORED;
		b->slack = 0;
	}
	b->least = 1;
	b->candidates = 0;
	most = 2 * b->wanted + SPARE;
	if (most > b->ix->documents + 1)
		most = (size_t)b->ix->documents + 1;
	b->candidate =
	    room(b->candidate, &b->candidate_cap, most, sizeof *b->candidate);
	walk(b, take_candidate);
	drop_candidates(b);
}

size_t
bm25_search(
    struct bm25 *b, const struct bm25_limits *l, const struct index_hit **hits)
{
	size_t i, n = 0;
	double score;

	find_candidates(b, l, l->exact);
	if (b->candidates < b->wanted && b->cursors < b->query.n)
		find_candidates(b, l, true);
	b->hit = room(b->hit, &b->hit_cap, b->candidates, sizeof *b->hit);
	for (i = 0; i < b->candidates; i++) {
		score = bm25_score(b, b->candidate[i].doc);
		if (score > 0)
			b->hit[n++] =
			    (struct index_hit){ b->candidate[i].doc, score };
	}
	if (n > 0)
		qsort(b->hit, n, sizeof *b->hit, index_hit_compare);
	*hits = b->hit;
	return n < l->k ? n : l->k;
}

/* Count a document that is before the hit whose rank is asked for. */
static void
count_before(struct bm25 *b, uint32_t doc, uint32_t sum)
{
	const struct bm25_limits *l = b->limits;
	struct index_hit h = { doc, 0 };

	if (doc == b->ranked.doc ||
	    (l->admits != NULL && !l->admits(l->ctx, doc)))
		return;
	if (sum <= b->least + 2 * b->error) {
		h.score = bm25_score(b, doc);
		if (index_hit_compare(&h, &b->ranked) > 0)
			return;
	}
	b->before++;
}

uint64_t
bm25_rank(struct bm25 *b, const struct bm25_limits *l, struct index_hit hit)
{
	double sum;

	plan(b, true);
	sum = hit.score / b->unit / (double)((uint64_t)1 << b->shift);
	b->limits = l;
	b->ranked = hit;
	b->before = 0;
	b->least = 1;
	if (sum > b->error + 1.0)
		b->least = (uint32_t)(sum < SUM_MAX ? sum : SUM_MAX) - b->error;
	walk(b, count_before);
	return b->before + 1;
}
