#include "index/dense.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/threads.h"
#include "index/kernel.h"
#include "io/npy.h"

/*
 * Documents that are packed at a time: their vectors and the products with a
 * batch stay in the second-level cache. Queries whose products are computed at
 * a time: a multiple of the rows of all tiles.
 */
enum { BLOCK = 256, ROWS = 96 };

struct dense {
	const struct kernel *kernel;
	const float *vectors;
	size_t documents, dims;
	unsigned threads;
};

/* What a thread finds for a query among its documents. */
struct found {
	struct index_hit *heap; /* room for k hits; the worst is the first */
	size_t n;
	uint64_t *before; /* number of documents before each ranked hit */
	double least;     /* smallest score of the ranked hits */
};

/* The part of a search that a thread does: one block of documents in so many.
 */
struct work {
	const struct dense *dense;
	struct dense_query *queries;
	size_t n;
	unsigned part;
	struct found *found; /* one for each query */
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

/* Look at the products of a query with n documents, the first of which is
 * `first`. Most are too small to matter, and one comparison tells. */
static void
look_at_block(const struct dense_query *q, struct found *f,
    const float *products, uint64_t first, size_t n)
{
	double floor = -INFINITY;
	size_t j;

	for (j = 0; j < n; j++) {
		if (!((double)products[j] >= floor))
			continue;
		look_at(
		    q, f, (struct index_hit){ first + j, (double)products[j] });
		floor = f->n < q->k ? -INFINITY
			: q->k == 0 ? INFINITY
				    : f->heap[0].score;
		floor = fmin(floor, f->least);
	}
}

/* Search the documents of one block for the queries of a thread. */
static void
search_block(struct work *w, uint64_t first, float *packed, float *vectors,
    float *products)
{
	const struct dense *d = w->dense;
	size_t n = d->documents - first < BLOCK ? d->documents - first : BLOCK;
	size_t from, rows, i;

	kernel_pack(packed, d->vectors + first * d->dims, n, d->dims);
	for (from = 0; from < w->n; from += rows) {
		rows = w->n - from < ROWS ? w->n - from : ROWS;
		for (i = 0; i < rows; i++)
			memcpy(vectors + i * d->dims,
			    w->queries[from + i].vector,
			    d->dims * sizeof *vectors);
		kernel_products(
		    d->kernel, vectors, rows, d->dims, packed, n, products);
		for (i = 0; i < rows; i++)
			look_at_block(&w->queries[from + i],
			    &w->found[from + i],
			    products + i * kernel_padded(n), first, n);
	}
}

static void
search_part(void *ctx, unsigned part)
{
	struct work *w = (struct work *)ctx + part;
	const struct dense *d = w->dense;
	float *packed =
	    mem_array(NULL, kernel_padded(BLOCK) * d->dims, sizeof *packed);
	float *vectors = mem_array(NULL, ROWS * d->dims, sizeof *vectors);
	float *products =
	    mem_array(NULL, ROWS * kernel_padded(BLOCK), sizeof *products);
	uint64_t first;

	for (first = (uint64_t)w->part * BLOCK; first < d->documents;
	     first += (uint64_t)d->threads * BLOCK)
		search_block(w, first, packed, vectors, products);
	free(packed);
	free(vectors);
	free(products);
}

/* Prepare a thread's part of a search. */
static void
work_start(struct work *w)
{
	struct found *f;
	size_t i, j;

	w->found = mem_new(w->n * sizeof *w->found);
	for (i = 0; i < w->n; i++) {
		const struct dense_query *q = &w->queries[i];

		f = &w->found[i];
		f->heap = mem_array(NULL, q->k, sizeof *f->heap);
		f->before = mem_new(q->n_ranked * sizeof *f->before);
		f->least = INFINITY;
		for (j = 0; j < q->n_ranked; j++)
			f->least = fmin(f->least, q->ranked[j].score);
	}
}

/* Add what a thread found to its queries, and free it. */
static void
work_end(struct work *w)
{
	size_t i, j;

	for (i = 0; i < w->n; i++) {
		struct dense_query *q = &w->queries[i];
		struct found *f = &w->found[i];

		for (j = 0; j < f->n; j++)
			offer(q->hits, &q->n, q->k, f->heap[j]);
		for (j = 0; j < q->n_ranked; j++)
			q->ranks[j] += f->before[j];
		free(f->heap);
		free(f->before);
	}
	free(w->found);
}

void
dense_search(struct dense *d, struct dense_query *queries, size_t n)
{
	struct work *work = mem_new(d->threads * sizeof *work);
	unsigned t;
	size_t i, j;

	for (i = 0; i < n; i++) {
		queries[i].n = 0;
		for (j = 0; j < queries[i].n_ranked; j++)
			queries[i].ranks[j] = 1;
	}
	for (t = 0; t < d->threads; t++) {
		work[t] = (struct work){ d, queries, n, t, NULL };
		work_start(&work[t]);
	}
	threads_run(d->threads, search_part, work);
	for (t = 0; t < d->threads; t++)
		work_end(&work[t]);
	for (i = 0; i < n; i++)
		qsort(queries[i].hits, queries[i].n, sizeof *queries[i].hits,
		    index_hit_compare);
	free(work);
}
