/*
 * index: an index file in which bytes were changed, and whose header knows it.
 * Each four bytes of the input change the file: where (two bytes), how and by
 * what value. Nothing reads beyond the file, and what a check calls sound can
 * be merged into a sound index.
 */
#include "index/index.h"

#include "fuzz.h"
#include "index/bm25.h"
#include "index/build.h"
#include "index/write.h"

enum { DOCS = 40 };

static struct buf whole, part; /* an index, and one that is a part */

static void
read_file(const char *file, struct buf *b)
{
	char piece[4096];
	FILE *f = fopen(file, "r");
	size_t n;

	if (f == NULL)
		abort();
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(b, piece, n);
	fclose(f);
}

/* Make an index of a few documents, part 1 of parts. */
static void
make(uint32_t parts, struct buf *b)
{
	struct build_how how = { .file = "made",
		.part = parts > 0,
		.parts = parts,
		.k1 = BUILD_K1,
		.b = BUILD_B };
	struct build_doc d = { .origin = { "{}", 2 } };
	struct buf text = { 0 };
	const char *why;
	struct build *x = build_start(&how, &why);
	int i;

	for (i = 0; x != NULL && i < DOCS; i++) {
		buf_clear(&text);
		buf_fmt(&text, "int f%d(int x) { return x + %d; }", i, i % 7);
		d.text = buf_span(&text);
		if (build_add(x, &d, &why) == -1)
			abort();
	}
	if (x == NULL || build_end(x, &why) == -1)
		abort();
	build_free(x);
	buf_free(&text);
	read_file("made", b);
}

/* Make the checksums right again, those of sections within the file. */
static void
sum_up(struct buf *b)
{
	struct index_header h;
	struct index_section *s = h.section;

	memcpy(&h, b->p, sizeof h);
	for (; s < h.section + INDEX_SECTIONS; s++)
		if (s->start < b->n && s->length <= b->n - s->start)
			hash_sha256_bytes(
			    (struct span){ b->p + s->start, s->length },
			    s->sha256);
	memcpy(b->p, &h, sizeof h);
	hash_sha256_bytes((struct span){ b->p, INDEX_SUMMED },
	    (unsigned char *)b->p + INDEX_SUMMED);
}

/* Change a copy of a file as the input says, and write it. */
static void
change(const struct buf *from, const uint8_t *p, size_t n)
{
	struct buf b = { 0 };
	FILE *f = fopen("bad", "w");
	size_t at, i;

	buf_addspan(&b, buf_span(from));
	for (; n >= 4; p += 4, n -= 4) {
		at = (p[0] << 8 | p[1]) % b.n;
		for (i = at; i < b.n && i <= at + p[2] % 9; i++)
			b.p[i] = (char)(p[2] > 127 ? p[3] : b.p[i] + p[3]);
	}
	sum_up(&b);
	if (f == NULL || fwrite(b.p, 1, b.n, f) != b.n || fclose(f) != 0)
		abort();
	buf_free(&b);
}

/* Search in an index that may be damaged. */
static void
search(const struct index *ix)
{
	static const struct bm25_limits ways[] = { { .k = 3 },
		{ .k = 100, .exact = true } };
	const struct index_hit *hits;
	struct bm25 *b = bm25_new(ix);
	size_t i, n;

	bm25_query(b, NULL, span_of("int f7 return x f3 f3 8"));
	for (i = 0; i < 2; i++)
		for (n = bm25_search(b, &ways[i], &hits); n > 0; n--) {
			CHECK(hits[n - 1].doc < ix->documents, "no document");
			index_text(ix, hits[n - 1].doc);
			index_origin(ix, hits[n - 1].doc);
		}
	bm25_free(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct index *one;
	struct index ix, merged;
	const char *why = NULL;
	int good;

	fuzz_enter();
	if (whole.n == 0) {
		make(0, &whole);
		make(1, &part);
	}
	if (size == 0)
		return 0;
	change(*data & 1 ? &part : &whole, data + 1, size - 1);
	if (index_open(&ix, "bad", &why) == -1) {
		CHECK(why != NULL, "no reason");
		return 0;
	}
	if (ix.parts == 0)
		search(&ix);
	one = &ix;
	good = index_check(&ix, &why) == 0;
	if (build_merge("merged", &one, 1, 0, &why) == 0) {
		CHECK(good, "a damaged part is merged");
		good = index_open(&merged, "merged", &why) == 0;
		CHECK(good, "%s", why);
		good = index_check(&merged, &why) == 0;
		CHECK(good, "%s", why);
		index_close(&merged);
	}
	index_close(&ix);
	return 0;
}
