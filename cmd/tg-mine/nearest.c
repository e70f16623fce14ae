/* nearest: the documents nearest to queries, as --by says, in threads */
#include "nearest.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/threads.h"
#include "index/bm25.h"

struct nearest {
	const struct mine_opts *o;
	unsigned threads;
	struct bm25 **bm25; /* search of each thread */
	/* search that is done now */
	struct nearest_query *queries;
	size_t n;
	atomic_size_t next; /* query that no thread has begun */
};

struct nearest *
nearest_new(const struct index *ix, const struct mine_opts *o, size_t lines,
    const char **why)
{
	struct nearest *s = mem_new(sizeof *s);
	unsigned i;

	(void)lines;
	(void)why;
	s->o = o;
	s->threads = o->threads;
	s->bm25 = mem_array(NULL, s->threads, sizeof(void *));
	for (i = 0; i < s->threads; i++)
		s->bm25[i] = bm25_new(ix);
	return s;
}

void
nearest_free(struct nearest *s)
{
	unsigned i;

	for (i = 0; i < s->threads; i++)
		bm25_free(s->bm25[i]);
	free(s->bm25);
	free(s);
}

void
nearest_query_free(struct nearest_query *q)
{
	free(q->hits);
	q->hits = NULL;
	q->n = 0;
}

/*
 * Set score and rank of a text. The hits tell the rank if the text is among
 * them or all documents with a score are; else it takes another search.
 */
static void
rank_by_bm25(struct bm25 *b, const struct bm25_limits *l,
    const struct nearest_query *q, struct nearest_ranked *r)
{
	struct index_hit hit = { r->doc, 0 };
	size_t before = 0;

	hit.score = r->doc == NEAREST_FOREIGN
			? bm25_score_text(b, r->language, r->text)
			: bm25_score(b, r->doc);
	while (before < q->n && index_hit_compare(&q->hits[before], &hit) < 0)
		before++;
	r->rank =
	    before < q->n || q->n < q->k ? before + 1 : bm25_rank(b, l, hit);
	r->score = hit.score;
	r->scored = true;
}

static void
search_by_bm25(struct nearest *s, struct bm25 *b, struct nearest_query *q)
{
	struct bm25_limits l = { q->k, s->o->exact, q->admits, q->ctx };
	const struct index_hit *hits;
	size_t i;

	bm25_query(b, q->language, q->text);
	q->n = q->k > 0 ? bm25_search(b, &l, &hits) : 0;
	if (q->n > 0) {
		q->hits = mem_array(NULL, q->n, sizeof *q->hits);
		memcpy(q->hits, hits, q->n * sizeof *hits);
	}
	for (i = 0; i < q->n_ranked; i++)
		rank_by_bm25(b, &l, q, &q->ranked[i]);
}

/* Search the queries that no other thread has begun. */
static void
search_some(void *ctx, unsigned part)
{
	struct nearest *s = ctx;
	size_t i;

	while ((i = atomic_fetch_add(&s->next, 1)) < s->n)
		search_by_bm25(s, s->bm25[part], &s->queries[i]);
}

void
nearest_search(struct nearest *s, struct nearest_query *queries, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		nearest_query_free(&queries[i]);
	s->queries = queries;
	s->n = n;
	s->next = 0;
	threads_run(n < s->threads ? (unsigned)n : s->threads, search_some, s);
}
