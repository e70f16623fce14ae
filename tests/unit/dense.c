/* dense: the documents with the largest inner products, and ranks among all */
#include "index/dense.h"

#include <math.h>

#include "index/build.h"
#include "tap.h"

enum { DOCS = 700, DIMS = 5, QUERIES = 130, K = 9 }; /* several blocks */

static float docs[DOCS][DIMS], queries[QUERIES][DIMS];

/* Fill vectors with few different values, so that many scores are equal. */
static void
fill(float *v, size_t n, unsigned state)
{
	size_t i;

	for (i = 0; i < n; i++) {
		state = state * 1664525 + 1013904223;
		v[i] = (float)(state >> 29) - 3.5F;
	}
}

static int
make(const char *file, int with_vectors)
{
	struct build_how how = { .file = file, .k1 = BUILD_K1, .b = BUILD_B };
	struct build_doc doc = { .text = S("x"), .origin = S("{}") };
	struct span row = { NULL, sizeof docs[0] };
	const char *why = "";
	struct build *b = build_start(&how, &why);
	int i, bad = b == NULL;

	for (i = 0; !bad && i < DOCS; i++) {
		row.p = (const char *)docs[i];
		bad = build_add(b, &doc, &why) == -1 ||
		      (with_vectors && build_rows(b, INDEX_VECTORS,
					   sizeof docs[0], row, &why) == -1);
	}
	bad = bad || build_end(b, &why) == -1;
	build_free(b);
	if (bad)
		printf("# %s\n", why);
	return bad ? -1 : 0;
}

/* Documents with an even number may be hits. */
static bool
is_even(void *ctx, uint64_t doc)
{
	(void)ctx;
	return doc % 2 == 0;
}

static double
product(const float *a, const float *b)
{
	float sum = 0;
	int k;

	for (k = 0; k < DIMS; k++)
		sum = fmaf(a[k], b[k], sum);
	return (double)sum;
}

/* Whether hits and rank of query i are those of all documents sorted. */
static int
is_right(const struct dense_query *q, int i, uint64_t marked)
{
	struct index_hit all[DOCS], even[DOCS];
	size_t n = 0, j, rank = 0;

	for (j = 0; j < DOCS; j++)
		all[j] = (struct index_hit){ j, product(queries[i], docs[j]) };
	qsort(all, DOCS, sizeof *all, index_hit_compare);
	for (j = 0; j < DOCS; j++) {
		if (all[j].doc == marked)
			rank = j + 1;
		if (all[j].doc % 2 == 0)
			even[n++] = all[j];
	}
	for (j = 0; j < K && j < q->n; j++)
		if (index_hit_compare(&even[j], &q->hits[j]) != 0)
			return 0;
	return q->n == K && q->ranks[0] == rank;
}

static void
search(const struct index *ix, unsigned threads)
{
	static struct dense_query q[QUERIES];
	static struct index_hit hits[QUERIES][K], marked[QUERIES];
	static uint64_t ranks[QUERIES];
	const char *why = "";
	struct dense *d = dense_new(ix, threads, &why);
	int i, right = d != NULL;

	for (i = 0; right && i < QUERIES; i++) {
		marked[i].doc = (uint64_t)(i * 5 + 1);
		marked[i].score = dense_score(d, queries[i], marked[i].doc);
		q[i] = (struct dense_query){ .vector = queries[i],
			.k = K,
			.admits = is_even,
			.hits = hits[i],
			.ranked = &marked[i],
			.ranks = &ranks[i],
			.n_ranked = 1 };
	}
	if (d != NULL)
		dense_search(d, q, QUERIES);
	for (i = 0; right && i < QUERIES; i++)
		right = is_right(&q[i], i, marked[i].doc);
	ok(right,
	    "%u threads find the first hits and the ranks, ties by number",
	    threads);
	dense_free(d);
}

int
main(void)
{
	char file[] = "/tmp/tg-dense.XXXXXX";
	const char *why = "";
	struct index ix;
	int fd = mkstemp(file);

	if (fd == -1)
		exit(3);
	close(fd);
	fill(docs[0], DOCS * DIMS, 1);
	fill(queries[0], QUERIES * DIMS, 2);
	if (make(file, 1) == -1 || index_open(&ix, file, &why) == -1)
		exit(3);
	search(&ix, 1);
	search(&ix, 3);
	search(&ix, 40);
	index_close(&ix);

	docs[3][2] = NAN;
	if (make(file, 1) == -1 || index_open(&ix, file, &why) == -1)
		exit(3);
	ok(dense_new(&ix, 1, &why) == NULL && strstr(why, "finite") != NULL,
	    "a vector with NaN is refused");
	index_close(&ix);
	if (make(file, 0) == -1 || index_open(&ix, file, &why) == -1)
		exit(3);
	ok(dense_new(&ix, 1, &why) == NULL && strstr(why, "no vectors") != NULL,
	    "an index without vectors is refused");
	index_close(&ix);
	unlink(file);
	return done();
}
