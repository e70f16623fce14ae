/* signs: how likely a text is code of each code language */
#include "signs.h"

#include "base/text.h"
#include "table.h"
#include "tg-gate/signs.inc"

enum {
	SURE = 1 << 20, /* weight that no text has */
	PLAIN = 10,     /* weight of its own signs that settles a language */
	FEW = 4,        /* weight that tells where the expected has no sign */
	MANY = 8,       /* and where it has some, TIMES fewer */
	TIMES = 3,
	BYTES_MAX = 1 << 16, /* bytes of a text that are read */
};

static const char *const languages[] = { "python", "java", "csharp", "c",
	"cplusplus", "javascript", "typescript", "php", "perl", "ruby", "go",
	"rust", "shell", "sql", "batchfile", "fortran", "haskell", "lua",
	"powershell", "visual_basic" };

/* Languages whose code is code of another one, too, or often within it. */
static const char *const within[][2] = { { "c", "cplusplus" },
	{ "javascript", "typescript" }, { "javascript", "php" },
	{ "sql", "php" }, { "shell", "perl" }, { "c", "perl" },
	{ "java", "csharp" } };

static struct table *table;

void
signs_open(void)
{
	table = table_new(embedded_signs, 1);
}

void
signs_close(void)
{
	table_free(table);
}

static struct span
head_of(struct span s)
{
	if (s.n > BYTES_MAX)
		s.n = (size_t)(text_char_start(s.p + BYTES_MAX, s.p) - s.p);
	return s;
}

int
signs_of(const char *code_language, struct span text)
{
	return table_score(table, code_language, head_of(text), SURE);
}

struct sign
signs_best(struct span text, const char *but)
{
	struct sign best = { NULL, 0 };
	size_t i;
	int n;

	for (i = 0; i < sizeof languages / sizeof *languages; i++) {
		if (but != NULL && strcmp(languages[i], but) == 0)
			continue;
		n = table_score(table, languages[i], head_of(text), SURE);
		if (n > best.weight)
			best = (struct sign){ languages[i], n };
	}
	return best;
}

static int
is_within(const char *found, const char *expected)
{
	size_t i;

	for (i = 0; i < sizeof within / sizeof *within; i++)
		if (strcmp(within[i][0], found) == 0 &&
		    strcmp(within[i][1], expected) == 0)
			return 1;
	return 0;
}

const char *
signs_other(const char *expected, struct span text)
{
	int own = table_score(table, expected, head_of(text), PLAIN);
	struct sign best;

	if (own >= PLAIN)
		return NULL;
	best = signs_best(text, expected);
	if (best.language == NULL || is_within(best.language, expected))
		return NULL;
	return (own == 0 && best.weight >= FEW) ||
		       (best.weight >= MANY && best.weight >= own * TIMES)
		   ? best.language
		   : NULL;
}
