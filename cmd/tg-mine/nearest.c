/* nearest: the documents nearest to queries, as --by says, in threads */
#include "nearest.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/threads.h"
#include "index/bm25.h"
#include "index/dense.h"
#include "index/fuse.h"
#include "vectors.h"

struct nearest {
	const struct mine_opts *o;
	const struct index *ix;
	unsigned threads;
	struct bm25 **bm25;  /* search of each thread; NULL: by vectors alone */
	struct dense *dense; /* search by vectors; NULL: none */
	struct npy vectors;  /* vectors of the lines */
	/* queries that are searched by bm25 now */
	struct nearest_query *queries;
	size_t n;
	atomic_size_t next; /* query that no thread has begun */
};

/* Open the search by vectors: 0, or -1 with *why. */
static int
start_dense(struct nearest *s, size_t lines, const char **why)
{
	const char *file = s->o->query_vectors;

	s->dense = dense_new(s->ix, s->threads, why);
	if (s->dense == NULL)
		return -1;
	vectors_open(&s->vectors, file);
	if (s->vectors.dims != dense_dims(s->dense))
		vectors_refuse(file,
		    "its rows have %zu numbers, and those of the index %zu",
		    s->vectors.dims, dense_dims(s->dense));
	if (s->vectors.n != lines)
		vectors_refuse(file,
		    "it has %zu rows, and the input %zu lines: row i is the "
		    "vector of line i",
		    s->vectors.n, lines);
	return 0;
}

struct nearest *
nearest_new(const struct index *ix, const struct mine_opts *o, size_t lines,
    const char **why)
{
	struct nearest *s = mem_new(sizeof *s);
	unsigned i;

	s->o = o;
	s->ix = ix;
	s->threads = o->threads;
	if (o->by != MINE_BM25 && start_dense(s, lines, why) == -1) {
		nearest_free(s);
		return NULL;
	}
	if (o->by == MINE_DENSE)
		return s;
	s->bm25 = mem_array(NULL, s->threads, sizeof(void *));
	for (i = 0; i < s->threads; i++)
		s->bm25[i] = bm25_new(ix);
	return s;
}

void
nearest_free(struct nearest *s)
{
	unsigned i;

	for (i = 0; s->bm25 != NULL && i < s->threads; i++)
		bm25_free(s->bm25[i]);
	free(s->bm25);
	dense_free(s->dense);
	npy_close(&s->vectors);
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
 * Set score and rank of a text. The hits tell the rank if one comes behind it
 * or all documents with a score are hits; else it takes another search.
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

static void
by_bm25(struct nearest *s, struct nearest_query *q, size_t n)
{
	s->queries = q;
	s->n = n;
	s->next = 0;
	threads_run(n < s->threads ? (unsigned)n : s->threads, search_some, s);
}

/* Make a dense query of one, with room for its hits and ranks. */
static struct dense_query
dense_start(const struct nearest *s, const struct nearest_query *q)
{
	struct dense_query d = {
		.vector = s->vectors.rows + q->row * s->vectors.dims,
		.k = q->k < s->ix->documents ? q->k : s->ix->documents,
		.admits = q->admits,
		.counts = q->admits,
		.ctx = q->ctx,
	};
	struct index_hit *ranked = mem_array(NULL, q->n_ranked, sizeof *ranked);
	size_t i;

	d.hits = mem_array(NULL, d.k, sizeof *d.hits);
	d.ranks = mem_array(NULL, q->n_ranked, sizeof *d.ranks);
	for (i = 0; i < q->n_ranked; i++)
		if (q->ranked[i].doc != NEAREST_FOREIGN)
			ranked[d.n_ranked++] =
			    (struct index_hit){ q->ranked[i].doc,
				    dense_score(
					s->dense, d.vector, q->ranked[i].doc) };
	d.ranked = ranked;
	return d;
}

/* Give a query what a dense query has found, and free the latter's room. */
static void
dense_end(struct dense_query *d, struct nearest_query *q)
{
	struct nearest_ranked *r;
	size_t i, k = 0;

	q->hits = d->hits;
	q->n = d->n;
	for (i = 0; i < q->n_ranked; i++) {
		r = &q->ranked[i];
		r->scored = r->doc != NEAREST_FOREIGN;
		if (!r->scored)
			continue;
		r->score = d->ranked[k].score;
		r->rank = d->ranks[k++];
	}
	free(d->ranks);
	free((void *)(uintptr_t)d->ranked);
}

static void
by_dense(struct nearest *s, struct nearest_query *q, size_t n)
{
	struct dense_query *d = mem_array(NULL, n, sizeof *d);
	size_t i;

	for (i = 0; i < n; i++)
		d[i] = dense_start(s, &q[i]);
	dense_search(s->dense, d, n);
	for (i = 0; i < n; i++)
		dense_end(&d[i], &q[i]);
	free(d);
}

/* Copy queries, to be searched to --depth by one way of several. */
static struct nearest_query *
copy_queries(const struct nearest *s, const struct nearest_query *q, size_t n)
{
	struct nearest_query *to = mem_array(NULL, n, sizeof *to);
	size_t i, bytes;

	for (i = 0; i < n; i++) {
		to[i] = q[i];
		to[i].k = s->o->depth;
		bytes = q[i].n_ranked * sizeof *q[i].ranked;
		to[i].ranked = mem_get(bytes);
		if (bytes > 0)
			memcpy(to[i].ranked, q[i].ranked, bytes);
	}
	return to;
}

/* Return what a list adds to the score of a text. */
static double
share_of(const struct nearest_ranked *r, size_t depth)
{
	return r->rank <= depth ? fuse_share(r->rank) : 0;
}

/* Make the hits and ranks of a query of those that two ways have found. */
static void
fuse(struct nearest_query *q, const struct nearest_query *a,
    const struct nearest_query *b, size_t depth)
{
	struct index_hit hit;
	struct nearest_ranked *r;
	size_t i, n, before;

	q->hits = mem_array(NULL, a->n + b->n, sizeof *q->hits);
	n = fuse_lists(a->hits, a->n, b->hits, b->n, q->hits);
	for (i = 0; i < q->n_ranked; i++) {
		r = &q->ranked[i];
		r->scored = r->doc != NEAREST_FOREIGN;
		if (!r->scored)
			continue;
		r->score = share_of(&b->ranked[i], depth);
		if (a->ranked[i].score > 0)
			r->score += share_of(&a->ranked[i], depth);
		hit = (struct index_hit){ r->doc, r->score };
		for (before = 0; before < n; before++)
			if (index_hit_compare(&q->hits[before], &hit) >= 0)
				break;
		r->rank = before + 1;
	}
	q->n = n < q->k ? n : q->k;
}

static void
by_both(struct nearest *s, struct nearest_query *q, size_t n)
{
	struct nearest_query *a = copy_queries(s, q, n);
	struct nearest_query *b = copy_queries(s, q, n);
	size_t i;

	by_bm25(s, a, n);
	by_dense(s, b, n);
	for (i = 0; i < n; i++) {
		fuse(&q[i], &a[i], &b[i], s->o->depth);
		nearest_query_free(&a[i]);
		nearest_query_free(&b[i]);
		free(a[i].ranked);
		free(b[i].ranked);
	}
	free(a);
	free(b);
}

void
nearest_search(struct nearest *s, struct nearest_query *queries, size_t n)
{
	static void (*const by[])(
	    struct nearest *, struct nearest_query *, size_t) = {
		[MINE_BM25] = by_bm25,
		[MINE_DENSE] = by_dense,
		[MINE_HYBRID] = by_both,
	};
	size_t i;

	for (i = 0; i < n; i++)
		nearest_query_free(&queries[i]);
	by[s->o->by](s, queries, n);
}
