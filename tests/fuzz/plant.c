/*
 * plant: a copy of any bytes, in each language, is none or has the tokens of
 * the text, of the same kinds; a seed gives the same copy again.
 */
#include "tg-mine/plant.h"

#include "fuzz.h"

static const char *const languages[] = { "java", "python", "javascript", "php",
	"ruby", "go", "csharp", "cplusplus", "c", "rust", "typescript", "perl",
	"shell", "sql", "batchfile", "fortran", "haskell", "lua", "powershell",
	"visual_basic" };

enum { LANGUAGES = sizeof languages / sizeof *languages, KINDS = 10 };

/* Count the tokens of a text by their kinds. */
static void
count(const struct lex_language *language, struct span text, size_t n[KINDS])
{
	struct lexer lx;
	struct lex_token t;

	memset(n, 0, KINDS * sizeof *n);
	lexer_start(&lx, language, text);
	while (lexer_next(&lx, &t))
		n[t.kind]++;
	n[LEX_SPACE] = n[LEX_NEWLINE] = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	const struct lex_language *language;
	struct plant_changes did;
	struct buf a = { 0 }, b = { 0 };
	size_t before[KINDS], after[KINDS];

	if (size == 0)
		return 0;
	language = lex_find(span_of(languages[data[0] % LANGUAGES]));
	text = span_skip(text, 1);
	did = plant_copy(language, text, 1, &a);
	plant_copy(language, text, 1, &b);
	CHECK(span_eq(buf_span(&a), buf_span(&b)), "two copies differ");
	if (did.names + did.moved == 0) {
		CHECK(a.n == 0, "nothing was changed, and %zu bytes are there",
		    a.n);
	} else {
		count(language, text, before);
		count(language, buf_span(&a), after);
		CHECK(memcmp(before, after, sizeof before) == 0,
		    "%s: the copy has other tokens",
		    languages[data[0] % LANGUAGES]);
	}
	buf_free(&a);
	buf_free(&b);
	return 0;
}
