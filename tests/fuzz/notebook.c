/* notebook: a hostile notebook, its cells and their chunks */
#include "tg-folder/notebook.h"

#include "fuzz.h"
#include "lex/chunk.h"

/* Cut a text, and check that nothing of it is lost. */
static void
cut(struct span text)
{
	struct chunks chunks;
	struct chunk part, last = { 0, 0 };

	chunks_start(&chunks, lex_find(span_of("python")), text, CHUNK_MIN);
	while (chunks_next(&chunks, &part)) {
		CHECK(part.start <= last.end, "a part leaves a hole");
		CHECK(part.end > last.end && part.end <= text.n,
		    "a part ends at %zu, after %zu", part.end, last.end);
		last = part;
	}
	CHECK(last.end == text.n, "%zu of %zu bytes", last.end, text.n);
	chunks_end(&chunks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct notebook nb;
	struct notebook_cell cell;
	struct buf plain = { 0 };
	const char *why = NULL;

	if (notebook_start(&nb, text, &why) == 0)
		while (notebook_next(&nb, &cell))
			cut(cell.text);
	else
		CHECK(why != NULL, "no reason");
	notebook_end(&nb);
	notebook_plain(text, &plain);
	CHECK(plain.n <= size * 6 + 6, "%zu bytes of %zu", plain.n, size);
	cut(text);
	buf_free(&plain);
	return 0;
}
