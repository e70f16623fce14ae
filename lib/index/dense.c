#include "index/dense.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/mem.h"
#include "base/threads.h"
#include "index/kernel.h"
#include "io/npy.h"

/*
 * Documents whose products with a batch are computed at a time, a multiple of
 * the rows of all tiles: their vectors and products stay in the second-level
 * cache. Queries whose products are compared at a time.
 */
enum { BLOCK = 96, LANES = 16 };

struct dense {
	const struct kernel *kernel;
	const float *vectors;
	size_t documents, dims;
	unsigned threads;
};

/* Hits that a thread finds for a query in its blocks. */
struct found {
	struct index_hit *heap; /* room for k hits; the worst is the first */
	size_t n;
	uint64_t *before; /* number of documents before each ranked hit */
	double least;     /* smallest score of the ranked hits */
};

/* A search of a batch of queries, which the threads share. */
struct search {
	const struct dense *dense;
	struct dense_query *queries;
	size_t n;
	float *packed;       /* vectors of the queries */
	struct found *found; /* results of each thread, one for each query */
	atomic_size_t next;  /* block that no thread has begun */
};

struct dense *
dense_new(const struct index *ix, unsigned threads, const char **why)
{
	size_t row, n;
	struct span rows = index_section(ix, INDEX_VECTORS, &row);
	const struct kernel *kernel = kernel_find(why);
	struct dense *d;

	if (kernel == NULL)
		return NULL;
	if (rows.p == NULL || row < sizeof(float)) {
		*why = "the index has no vectors; make it with --vectors";
		return NULL;
	}
	n = rows.n / sizeof(float);
	if (npy_finite((const float *)(const void *)rows.p, n) != n) {
		*why = "the index has a vector that is not finite";
		return NULL;
	}
	d = mem_new(sizeof *d);
	d->kernel = kernel;
	d->vectors = (const float *)(const void *)rows.p;
	d->documents = ix->documents;
	d->dims = row / sizeof(float);
	d->threads = threads > 0 ? threads : 1;
	return d;
}

void
dense_free(struct dense *d)
{
	free(d);
}

size_t
dense_dims(const struct dense *d)
{
	return d->dims;
}

double
dense_score(const struct dense *d, const float *vector, uint64_t doc)
{
	const float *other = d->vectors + doc * d->dims;
	float sum = 0;
	size_t k;

	for (k = 0; k < d->dims; k++)
		sum = fmaf(vector[k], other[k], sum);
	return (double)sum;
}

/* Tell whether a hit comes behind another one. */
static bool
is_behind(const struct index_hit *a, const struct index_hit *b)
{
	return index_hit_compare(a, b) > 0;
}

/* Let the hit at the top of a heap of n sink to its place. */
static void
sink(struct index_hit *heap, size_t n)
{
	struct index_hit hit = heap[0];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && is_behind(&heap[child + 1], &heap[child]))
			child++;
		if (!is_behind(&heap[child], &hit))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = hit;
}

/* Take a hit into the heap of the best k. */
static void
offer(struct index_hit *heap, size_t *n, size_t k, struct index_hit hit)
{
	size_t at, parent;

	if (*n == k) {
		if (k == 0 || !is_behind(&heap[0], &hit))
			return;
		heap[0] = hit;
		sink(heap, k);
		return;
	}
	for (at = (*n)++; at > 0; at = parent) {
		parent = (at - 1) / 2;
		if (!is_behind(&hit, &heap[parent]))
			break;
		heap[at] = heap[parent];
	}
	heap[at] = hit;
}

/* Look at a hit whose score may matter for its query. */
static void
look_at(const struct dense_query *q, struct found *f, struct index_hit hit)
{
	size_t i;

	if (hit.score >= f->least &&
	    (q->counts == NULL || q->counts(q->ctx, hit.doc)))
		for (i = 0; i < q->n_ranked; i++)
			if (index_hit_compare(&hit, &q->ranked[i]) < 0)
				f->before[i]++;
	if (f->n == q->k && (q->k == 0 || !is_behind(&f->heap[0], &hit)))
		return;
	if (q->admits == NULL || q->admits(q->ctx, hit.doc))
		offer(f->heap, &f->n, q->k, hit);
}

/* Return the least product of a query that look_at does anything with. */
static float
floor_of(const struct dense_query *q, const struct found *f)
{
	double floor = f->n < q->k ? -INFINITY
		       : q->k == 0 ? INFINITY
				   : f->heap[0].score;

	return (float)fmin(floor, f->least); /* scores are floats */
}

/* Return whether any of LANES products is at least its floor. */
static bool
any_reaches(const float *product, const float *floor)
{
#ifdef __SSE2__
	__m128 any = _mm_setzero_ps();
	int i;

	for (i = 0; i < LANES; i += 4)
		any = _mm_or_ps(any, _mm_cmpge_ps(_mm_loadu_ps(product + i),
					 _mm_loadu_ps(floor + i)));
	return _mm_movemask_ps(any) != 0;
#else
	bool any = false;
	int i;

	for (i = 0; i < LANES; i++)
		any |= product[i] >= floor[i];
	return any;
#endif
}

/* Look at the products of document n with all queries. Most are too small to
 * matter. */
static void
look_at_document(const struct search *s, struct found *found, float *floor,
    const float *product, uint64_t n)
{
	size_t from, i;

	for (from = 0; from < s->n; from += LANES) {
		if (!any_reaches(product + from, floor + from))
			continue;
		for (i = from; i < from + LANES && i < s->n; i++) {
			if (!(product[i] >= floor[i]))
				continue;
			look_at(&s->queries[i], &found[i],
			    (struct index_hit){ n, (double)product[i] });
			floor[i] = floor_of(&s->queries[i], &found[i]);
		}
	}
}

/* Search the blocks of documents that no other thread has begun. */
static void
search_blocks(void *ctx, unsigned part)
{
	struct search *s = ctx;
	const struct dense *d = s->dense;
	struct found *found = s->found + part * s->n;
	size_t wide = kernel_padded(s->n), first, n, i;
	float *products = mem_array(NULL, BLOCK * wide, sizeof *products);
	float *floor = mem_array(NULL, wide, sizeof *floor);

	for (i = 0; i < wide; i++)
		floor[i] =
		    i < s->n ? floor_of(&s->queries[i], &found[i]) : INFINITY;
	while ((first = atomic_fetch_add(&s->next, 1) * BLOCK) < d->documents) {
		n = d->documents - first < BLOCK ? d->documents - first : BLOCK;
		kernel_products(d->kernel, d->vectors + first * d->dims, n,
		    d->dims, s->packed, s->n, products);
		for (i = 0; i < n; i++)
			look_at_document(
			    s, found, floor, products + i * wide, first + i);
	}
	free(products);
	free(floor);
}

/* Pack the vectors of the queries of a batch. */
static void
pack(struct search *s)
{
	size_t dims = s->dense->dims, i;
	float *vectors = mem_array(NULL, s->n * dims, sizeof *vectors);

	for (i = 0; i < s->n; i++)
		memcpy(vectors + i * dims, s->queries[i].vector,
		    dims * sizeof *vectors);
	s->packed =
	    mem_array(NULL, kernel_padded(s->n) * dims, sizeof *s->packed);
	kernel_pack(s->packed, vectors, s->n, dims);
	free(vectors);
}

/* Prepare what a thread finds for a query. */
static void
found_start(struct found *f, const struct dense_query *q)
{
	size_t i;

	f->heap = mem_array(NULL, q->k, sizeof *f->heap);
	f->before = mem_new(q->n_ranked * sizeof *f->before);
	f->least = INFINITY;
	for (i = 0; i < q->n_ranked; i++)
		f->least = fmin(f->least, q->ranked[i].score);
}

/* Add what a thread found to its query, and free it. */
static void
found_end(struct found *f, struct dense_query *q)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		offer(q->hits, &q->n, q->k, f->heap[i]);
	for (i = 0; i < q->n_ranked; i++)
		q->ranks[i] += f->before[i];
	free(f->heap);
	free(f->before);
}

void
dense_search(struct dense *d, struct dense_query *queries, size_t n)
{
	struct search s = { .dense = d, .queries = queries, .n = n };
	struct dense_query *q;
	size_t i, t;

	s.found = mem_new(d->threads * n * sizeof *s.found);
	for (q = queries; q < queries + n; q++) {
		q->n = 0;
		for (i = 0; i < q->n_ranked; i++)
			q->ranks[i] = 1;
	}
	for (i = 0; i < d->threads * n; i++)
		found_start(&s.found[i], &queries[i % n]);
	pack(&s);
	threads_run(d->threads, search_blocks, &s);
	for (t = 0; t < d->threads; t++)
		for (i = 0; i < n; i++)
			found_end(&s.found[t * n + i], &queries[i]);
	for (q = queries; q < queries + n; q++)
		qsort(q->hits, q->n, sizeof *q->hits, index_hit_compare);
	free(s.found);
	free(s.packed);
}
