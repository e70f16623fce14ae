/* query: the terms of a query, and the scores that it gives by BM25 */
#include "index/query.h"

#include <stdlib.h>

#include "base/mem.h"
#include "index/weights.h"

void
query_start(struct query *q, const struct index *ix)
{
	*q = (struct query){ .ix = ix,
		.postings = index_section(ix, INDEX_POSTINGS, NULL) };
	if (ix->documents > 0)
		q->mean = (double)ix->words / (double)ix->documents;
	q->bits = mem_new((ix->terms / 64 + 1) * sizeof *q->bits);
	q->place = mem_new((ix->terms + 1) * sizeof *q->place);
}

void
query_free(struct query *q)
{
	terms_free(&q->terms);
	free(q->found);
	free(q->asked);
	free(q->bits);
	free(q->place);
}

static int
compare_numbers(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

	return a < b ? -1 : a > b;
}

/* Set the postings of a term of the query. */
static void
find_postings(const struct query *q, struct asked *a)
{
	const struct index_term *t = &q->ix->term[a->term];
	const uint32_t *p = (const uint32_t *)(const void *)q->postings.p;
	uint64_t n = q->postings.n / sizeof *p;

	a->at = a->end = p;
	if (t[0].postings <= t[1].postings && t[1].postings <= n) {
		a->at = p + t[0].postings;
		a->end = p + t[1].postings;
	}
}

/* Forget the terms of the query before. */
static void
clear(struct query *q)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		q->bits[q->asked[i].term / 64] = 0;
	q->n = 0;
}

/* Look up the terms of a text, sorted; return how many the index has. */
static size_t
find_terms(
    struct query *q, const struct lex_language *language, struct span text)
{
	size_t i, n = 0;
	int64_t term;

	terms_read(&q->terms, language, text, NULL);
	if (q->terms.n > q->found_cap) {
		q->found_cap = q->terms.n + q->terms.n / 2;
		q->found = mem_array(q->found, q->found_cap, sizeof *q->found);
	}
	for (i = 0; i < q->terms.n; i++) {
		term = index_find_term(q->ix, terms_at(&q->terms, i));
		if (term >= 0)
			q->found[n++] = (uint32_t)term;
	}
	if (n > 0)
		qsort(q->found, n, sizeof *q->found, compare_numbers);
	return n;
}

/* Return the index behind the numbers that equal the one at i, of n. */
static size_t
behind_equal(const uint32_t *found, size_t i, size_t n)
{
	size_t k = i + 1;

	while (k < n && found[k] == found[i])
		k++;
	return k;
}

void
query_read(
    struct query *q, const struct lex_language *language, struct span text)
{
	struct asked *a;
	size_t i, k, n;

	clear(q);
	n = find_terms(q, language, text);
	if (n > q->cap) {
		q->cap = n + n / 2;
		q->asked = mem_array(q->asked, q->cap, sizeof *q->asked);
	}
	for (i = 0; i < n; i = k) {
		k = behind_equal(q->found, i, n);
		a = &q->asked[q->n];
		*a = (struct asked){ .term = q->found[i],
			.count = (uint32_t)(k - i) };
		a->weight = a->count * weights_idf(q->ix->documents,
					   q->ix->term[a->term].documents);
		find_postings(q, a);
		q->bits[a->term / 64] |= (uint64_t)1 << (a->term % 64);
		q->place[a->term] = (uint32_t)q->n++;
	}
}

/* Return what a term adds to the score of a text that has it count times. */
static double
share_of(const struct query *q, uint32_t term, uint32_t count, double norm)
{
	if (term >= q->ix->terms || !(q->bits[term / 64] >> term % 64 & 1))
		return 0;
	return q->asked[q->place[term]].weight * weights_share(count, norm);
}

double
query_score(const struct query *q, uint64_t doc)
{
	const struct index *ix = q->ix;
	const struct index_count *c;
	double score = 0, norm;
	size_t i, n;

	c = index_counts(ix, doc, &n);
	norm = weights_norm(ix->k1, ix->b, q->mean, ix->doc[doc].words);
	for (i = 0; i < n; i++)
		score += share_of(q, c[i].term, c[i].count, norm);
	return score;
}

double
query_score_text(
    struct query *q, const struct lex_language *language, struct span text)
{
	size_t n = find_terms(q, language, text), i, k;
	double score = 0, norm;

	norm = weights_norm(q->ix->k1, q->ix->b, q->mean, (uint32_t)q->terms.n);
	for (i = 0; i < n; i = k) {
		k = behind_equal(q->found, i, n);
		score += share_of(q, q->found[i], (uint32_t)(k - i), norm);
	}
	return score;
}
