/* signs: how likely a text is code of each code language */
#include "signs.h"

#include "base/text.h"
#include "table.h"
#include "tg-gate/signs.inc"

enum {
	SURE = 1 << 20, /* weight that no text has */
	SURELY = 8,     /* weight of signs that tell it from a neighbour */
	PLAIN = 10,     /* weight of its own signs that settles a language */
	MANY = 8,       /* and where it has some, TIMES fewer */
	TIMES = 3,
	BYTES_MAX = 1 << 16, /* bytes of a text that are read */
};

static const char *const languages[] = { "python", "java", "csharp", "c",
	"cplusplus", "javascript", "typescript", "php", "perl", "ruby", "go",
	"rust", "shell", "sql", "batchfile", "fortran", "haskell", "lua",
	"powershell", "visual_basic" };

/* Languages whose code is code of another one, too, or often within it. */
static const struct {
	const char *found, *expected;
	int most; /* weight from which it is another language; 0: it never is */
} within[] = {
	{ "c", "cplusplus", 0 },
	{ "javascript", "typescript", 0 },
	{ "javascript", "php", 12 },
	{ "sql", "php", 12 },
	{ "shell", "perl", 9 },
	{ "c", "perl", 12 },
	{ "java", "csharp", 0 },
};

/*
 * Neighbours that have much in common. One is found where another is expected
 * if it has signs that tell it from its neighbours, and the other has none.
 */
static const struct {
	const char *found, *signs, *expected, *other; /* other: NULL for no
						       * signs of its own */
} neighbours[] = {
	{ "java", "java!", "csharp", "csharp!" },
	{ "csharp", "csharp!", "java", "java!" },
	{ "typescript", "typescript!", "javascript", NULL },
	{ "kotlin", "kotlin!", "java", "java!" },
	{ "rust", "rust!", "cplusplus", "cplusplus!" },
	{ "javascript", "javascript!", "php", "php!" },
};

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

/* Return whether an expected language may hold what was found, where it has
 * signs of its own or those found are few. */
static int
is_within(struct sign found, const char *expected, int own)
{
	size_t i;

	for (i = 0; i < sizeof within / sizeof *within; i++)
		if (strcmp(within[i].found, found.language) == 0 &&
		    strcmp(within[i].expected, expected) == 0)
			return within[i].most == 0 || own > 0 ||
			       found.weight < within[i].most;
	return 0;
}

/* Return the neighbour of an expected language that a text is in; or NULL. */
static const char *
neighbour_of(const char *expected, struct span text)
{
	size_t i;

	for (i = 0; i < sizeof neighbours / sizeof *neighbours; i++)
		if (strcmp(neighbours[i].expected, expected) == 0 &&
		    table_score(table, neighbours[i].signs, text, SURELY) >=
			SURELY &&
		    (neighbours[i].other == NULL ||
			table_score(table, neighbours[i].other, text, 1) == 0))
			return neighbours[i].found;
	return NULL;
}

const char *
signs_other(const char *expected, struct span text, int few)
{
	int own = table_score(table, expected, head_of(text), PLAIN);
	int many = few > MANY ? few : MANY;
	struct sign best;
	const char *neighbour =
	    few == SIGNS_FEW ? neighbour_of(expected, head_of(text)) : NULL;

	if (neighbour != NULL || own >= PLAIN)
		return neighbour;
	best = signs_best(text, expected);
	if (best.language == NULL || is_within(best, expected, own))
		return NULL;
	return (own == 0 && best.weight >= few) ||
		       (best.weight >= many && best.weight >= own * TIMES)
		   ? best.language
		   : NULL;
}
