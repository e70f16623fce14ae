/* index: files of an index, however they are made, and searches in them */
#include "index/index.h"

#include <math.h>

#include "index/bm25.h"
#include "index/build.h"
#include "tap.h"

enum { DOCS = 9000, QUERIES = 16 }; /* more documents than a block has */

static uint64_t seed = 1;

static uint32_t
below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* Write the text of document i: words of which some are in most documents. */
static void
text_of(struct buf *b, uint32_t i)
{
	uint32_t n, k;

	seed = i * 7919u + 1;
	buf_clear(b);
	for (n = below(12); n > 0; n--) {
		k = 1 + below(below(2) ? 6 : 1 + below(3000));
		buf_fmt(
		    b, "w%c%c ", 'a' + (int)(k % 26), 'a' + (int)(k / 26 % 26));
		if (k > 676)
			buf_fmt(b, "longer_word_%u ", k);
	}
	if (i % 1000 == 7)
		buf_adds(b, "wab wab wab wac");
}

/* Add documents from first to end. */
static void
add(struct build *b, uint32_t first, uint32_t end)
{
	struct buf text = { 0 };
	struct build_doc d = { 0 };
	const char *why;

	for (; first < end; first++) {
		text_of(&text, first);
		d.text = buf_span(&text);
		d.origin = first % 100 < 50 ? S("{}") : S("{\"of\":\"pos\"}");
		if (build_add(b, &d, &why) == -1 ||
		    build_rows(b, INDEX_VECTORS, sizeof first,
			(struct span){ (char *)&first, sizeof first },
			&why) == -1) {
			printf("# %s\n", why);
			break;
		}
	}
	buf_free(&text);
}

static int
make(const char *file, uint32_t part, uint32_t parts, size_t memory)
{
	struct build_how how = { file, part, parts, 0, BUILD_K1, BUILD_B,
		memory };
	uint32_t n = parts > 0 ? parts : 1, i = parts > 0 ? part - 1 : 0;
	const char *why = "";
	struct build *b;
	int got = -1;

	how.first = DOCS * i / n;
	if ((b = build_start(&how, &why)) != NULL) {
		add(b, DOCS * i / n, DOCS * (i + 1) / n);
		got = build_end(b, &why);
	}
	if (got == -1)
		printf("# %s\n", why);
	build_free(b);
	return got;
}

static struct span
read_file(const char *file)
{
	struct buf b = { 0 };
	char piece[4096];
	FILE *f = fopen(file, "r");
	size_t n;

	while (f != NULL && (n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(&b, piece, n);
	if (f != NULL)
		fclose(f);
	return buf_span(&b);
}

static void
free_span(struct span s)
{
	free((char *)(uintptr_t)s.p);
}

static int
same_files(const char *a, const char *b)
{
	struct span x = read_file(a), y = read_file(b);
	int same = x.n > 0 && span_eq(x, y);

	free_span(x);
	free_span(y);
	return same;
}

static void
test_build(void)
{
	struct index part[3], ix;
	const struct index *parts[] = { &part[0], &part[1], &part[2] };
	const char *why = "", *names[] = { "p1", "p2", "p3" };
	size_t i, row = 0;
	int got;

	is_int(make("one", 0, 0, 0), 0, "an index is made");
	make("runs", 0, 0, 600000);
	ok(same_files("one", "runs"), "many sorted runs give the same bytes");
	for (i = 0; i < 3; i++) {
		make(names[i], (uint32_t)i + 1, 3, i == 1 ? 600000 : 0);
		if (index_open(&part[i], names[i], &why) == -1)
			printf("# %s\n", why);
	}
	got = build_merge("merged", parts, 3, 0, &why);
	ok(got == 0, "parts are merged: %s", why);
	ok(same_files("one", "merged"), "merged parts give the same bytes");
	build_merge("passes", parts, 3, 20000, &why);
	ok(same_files("one", "passes"), "many passes give the same bytes");
	is_int(
	    build_merge("x", parts, 2, 0, &why), -1, "a part less is refused");
	is_int(build_merge("x", parts + 1, 2, 0, &why), -1,
	    "a first part that is missing is refused");
	parts[1] = &part[2];
	parts[2] = &part[1];
	is_int(build_merge("x", parts, 3, 0, &why), -1,
	    "parts in another order are refused");
	ok(access("x", F_OK) == -1 && access("x.tmp", F_OK) == -1,
	    "what is refused leaves no file");
	for (i = 0; i < 3; i++)
		index_close(&part[i]);
	index_open(&ix, "one", &why);
	got = index_check(&ix, &why);
	ok(got == 0, "the index is sound: %s", got == 0 ? "" : why);
	is_int((long long)ix.documents, DOCS, "it has all documents");
	is_int((long long)index_section(&ix, INDEX_VECTORS, &row).n, DOCS * 4,
	    "it has the rows that were given");
	is_int((long long)row, 4, "their size is kept");
	is_span(index_origin(&ix, 60), S("{\"of\":\"pos\"}"),
	    "a document has its origin");
	index_close(&ix);
}

/* Merge whole indexes into one. */
static void
test_whole(void)
{
	struct index ix[2];
	const struct index *both[] = { &ix[0], &ix[1] };
	const char *why;

	index_open(&ix[0], "one", &why);
	index_open(&ix[1], "merged", &why);
	is_int(build_merge("two", both, 2, 0, &why), 0,
	    "whole indexes are merged, too");
	index_close(&ix[0]);
	index_close(&ix[1]);
	index_open(&ix[0], "two", &why);
	is_int((long long)ix[0].documents, 2 * DOCS, "all documents are there");
	is_int(index_check(&ix[0], &why), 0, "such an index is sound");
	index_close(&ix[0]);
}

static void
test_rows(void)
{
	struct build_how how = { .file = "rows", .k1 = 1, .b = 1 };
	const char *why = "";
	struct build *b = build_start(&how, &why);
	struct build_doc d = { S("a"), S("{}"), NULL };

	build_add(b, &d, &why);
	build_rows(b, INDEX_VECTORS, 4, S("12345678"), &why);
	is_int(build_end(b, &why), -1, "more rows than documents are refused");
	build_free(b);
	ok(access("rows", F_OK) == -1 && access("rows.tmp", F_OK) == -1,
	    "a build that fails leaves no file");
	b = build_start(&how, &why);
	is_int(build_end(b, &why), 0, "an index may have no document");
	build_free(b);
}

/* Return what a term of the query that stands so often in a document gives. */
static double
gives(const struct index *ix, int64_t term, uint64_t doc, uint32_t count)
{
	double mean = (double)ix->words / (double)ix->documents;
	double all = (double)ix->documents, df = ix->term[term].documents;

	return log(1 + (all - df + .5) / (df + .5)) * count /
	       (count + 1.2 * (.25 + .75 * ix->doc[doc].words / mean));
}

/* Compute all scores of the query in the plain way; return how many are. */
static size_t
score_all(const struct index *ix, const struct terms *q, struct index_hit *hits)
{
	const struct index_count *c;
	size_t i, k, n, found = 0;
	int64_t *term = calloc(q->n + 1, sizeof *term);
	double score;
	uint64_t d;

	for (i = 0; i < q->n; i++)
		term[i] = index_find_term(ix, terms_at(q, i));
	for (d = 0; d < ix->documents; d++) {
		score = 0;
		c = index_counts(ix, d, &n);
		for (i = 0; i < q->n; i++)
			for (k = 0; k < n; k++)
				if (c[k].term == term[i])
					score +=
					    gives(ix, term[i], d, c[k].count);
		if (score > 0)
			hits[found++] = (struct index_hit){ d, score };
	}
	free(term);
	qsort(hits, found, sizeof *hits, index_hit_compare);
	return found;
}

static bool
is_odd(void *ctx, uint64_t doc)
{
	(void)ctx;
	return doc % 2 == 1;
}

/* Count the places where n hits differ from the first k of m. */
static size_t
differences(const struct index_hit *a, size_t n, const struct index_hit *b,
    size_t m, size_t k)
{
	size_t i, bad = n != (m < k ? m : k);
	double apart;

	for (i = 0; i < n && i < m; i++) {
		/* documents of one score may differ in the last bit */
		apart = fabs(a[i].score - b[i].score);
		bad += apart > 1e-9 * b[i].score ||
		       (a[i].doc != b[i].doc && apart > 1e-12);
	}
	return bad;
}

static double
sum(const struct index_hit *hits, size_t n)
{
	double all = 0;

	while (n > 0)
		all += hits[--n].score;
	return all;
}

/* What one query shows. */
static struct {
	size_t wrong, ranks, texts, even, lost;
} shown;

static void
search_once(const struct index *ix, struct bm25 *b, size_t k,
    const struct index_hit *all, size_t m)
{
	struct bm25_limits l = { k, true, NULL, NULL };
	const struct index_hit *hits;
	size_t n = bm25_search(b, &l, &hits);
	struct index_hit last;

	shown.wrong += differences(hits, n, all, m, k);
	if (n > 0) {
		last = hits[n - 1];
		shown.ranks += bm25_rank(b, &l, last) != n;
		shown.ranks += bm25_score(b, last.doc) != last.score;
		shown.texts += bm25_score_text(b, NULL,
				   index_text(ix, last.doc)) != last.score;
	}
	l.exact = false;
	n = bm25_search(b, &l, &hits);
	shown.lost += n != (m < k ? m : k) || sum(hits, n) < .8 * sum(all, n);
	l = (struct bm25_limits){ 20, true, is_odd, NULL };
	for (n = bm25_search(b, &l, &hits); n > 0; n--)
		shown.even += hits[n - 1].doc % 2 == 0;
}

static void
test_search(void)
{
	struct index_hit *all = calloc(DOCS, sizeof *all);
	const struct index_hit *hits;
	struct bm25_limits l = { 10, true, NULL, NULL };
	struct terms terms = { 0 };
	struct buf query = { 0 };
	struct index ix;
	struct bm25 *b;
	const char *why;
	size_t i;

	index_open(&ix, "one", &why);
	b = bm25_new(&ix);
	for (i = 0; i < QUERIES; i++) {
		text_of(&query, (uint32_t)i * 211);
		terms_read(&terms, NULL, buf_span(&query), NULL);
		bm25_query(b, NULL, buf_span(&query));
		search_once(&ix, b, i % 4 == 0 ? 3000 : 1 + i, all,
		    score_all(&ix, &terms, all));
	}
	is_int((long long)shown.wrong, 0,
	    "exact searches find what the plain way finds");
	is_int((long long)shown.ranks, 0, "ranks and scores are the hits'");
	is_int((long long)shown.texts, 0,
	    "a text has the score of the document that equals it, to the bit");
	is_int((long long)shown.even, 0, "only admitted documents are hits");
	is_int((long long)shown.lost, 0, "a search that cuts loses little");
	bm25_query(b, NULL, S("nothing_of_this is there"));
	is_int((long long)bm25_search(b, &l, &hits), 0,
	    "a query without a term of the index has no hits");
	bm25_free(b);
	index_close(&ix);
	terms_free(&terms);
	buf_free(&query);
	free(all);
}

/* A query may repeat a term more often than sums of impacts allow for. */
static void
test_repeats(void)
{
	const struct index_hit *hits;
	struct bm25_limits l = { 1, true, NULL, NULL };
	struct buf query = { 0 };
	struct bm25 *b;
	struct index ix;
	const char *why;
	double once;
	int i;

	index_open(&ix, "one", &why);
	b = bm25_new(&ix);
	bm25_query(b, NULL, S("wab wac"));
	bm25_search(b, &l, &hits);
	once = hits[0].score;
	for (i = 0; i < 100000; i++)
		buf_adds(&query, "wab wac ");
	bm25_query(b, NULL, buf_span(&query));
	is_int(
	    (long long)bm25_search(b, &l, &hits), 1, "a huge query has a hit");
	ok(fabs(hits[0].score / once - 100000) < 1e-3,
	    "repeats of the query count");
	bm25_free(b);
	index_close(&ix);
	buf_free(&query);
}

/* Write a copy of a file that is cut, or has one byte changed at < length. */
static void
damage(struct span file, size_t length, size_t at)
{
	FILE *f = fopen("bad", "w");
	char c;

	fwrite(file.p, 1, length, f);
	if (at < length && fseek(f, (long)at, SEEK_SET) == 0) {
		c = (char)(file.p[at] ^ 4);
		fwrite(&c, 1, 1, f);
	}
	fclose(f);
}

/* Return whether the damaged file opens and, with check, is sound. */
static int
passes(bool check)
{
	struct index ix;
	const char *why;
	int good;

	if (index_open(&ix, "bad", &why) == -1)
		return 0;
	good = !check || index_check(&ix, &why) == 0;
	index_close(&ix);
	return good;
}

static void
test_damage(void)
{
	struct span file = read_file("p2");
	size_t i, cut = 0, header = 0, sound = 0;

	for (i = 0; i < 50; i++) {
		damage(file, i * file.n / 50, file.n);
		cut += (size_t)passes(false);
		damage(file, file.n, i * INDEX_HEADER / 50);
		header += (size_t)passes(false);
		damage(file, file.n,
		    INDEX_HEADER + i * (file.n - INDEX_HEADER) / 50);
		sound += (size_t)passes(true);
	}
	is_int((long long)cut, 0, "a file that is cut is refused");
	is_int((long long)header, 0, "a header that is changed is refused");
	is_int((long long)sound, 0, "a check finds each byte that is changed");
	free_span(file);
}

int
main(void)
{
	char dir[] = "/tmp/tg-index.XXXXXX";
	char command[100];

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return 1;
	test_build();
	test_whole();
	test_rows();
	test_search();
	test_repeats();
	test_damage();
	snprintf(command, sizeof command, "rm -rf %s", dir);
	ok(system(command) == 0, "the files are removed");
	return done();
}
