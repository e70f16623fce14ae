/*
 * ranking: whatever an answer says, its numbers are of documents, each once,
 * and stand in the answer; reasoning before it changes nothing. The first byte
 * is the number of documents.
 */
#include "llm/ranking.h"

#include "fuzz.h"

enum { DOCUMENTS_MAX = 40 };

/* Check the numbers that were read of a text about n documents. */
static void
check_order(struct span text, const int *order, int count, int n)
{
	char seen[DOCUMENTS_MAX + 1] = { 0 }, digits[12];
	int i;

	CHECK(count >= -1 && count <= n, "%d of %d", count, n);
	for (i = 0; i < count; i++) {
		CHECK(order[i] >= 1 && order[i] <= n, "number %d", order[i]);
		CHECK(!seen[order[i]], "%d is there twice", order[i]);
		seen[order[i]] = 1;
		snprintf(digits, sizeof digits, "%d", order[i]);
		CHECK(memmem(text.p, text.n, digits, strlen(digits)) != NULL,
		    "%d is from nowhere", order[i]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t size)
{
	struct span text;
	struct buf b = { 0 };
	int order[DOCUMENTS_MAX], again[DOCUMENTS_MAX], n, count;

	fuzz_input = (struct span){ (const char *)p, size };
	if (size == 0)
		return 0;
	n = 1 + p[0] % DOCUMENTS_MAX;
	text = (struct span){ (const char *)p + 1, size - 1 };
	count = ranking_read(text, n, order);
	check_order(text, order, count, n);
	if (count <= 0)
		return 0;
	buf_adds(&b, "<think>\n9, 1 or 2\n</think>\n");
	buf_addspan(&b, text);
	CHECK(ranking_read(buf_span(&b), n, again) == count &&
		  memcmp(order, again, (size_t)count * sizeof *order) == 0,
	    "reasoning made it another ranking");
	buf_free(&b);
	return 0;
}
