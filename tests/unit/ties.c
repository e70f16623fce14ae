/* ties: which texts of an export belong together */
#include "tg-export/ties.h"

#include "tap.h"

#define LOOP                                                                   \
	"def total(items):\n    sum = 0\n    for i in items:\n"                \
	"        sum += i * 2  # twice\n    return sum\n"
#define SAME_LOOP                                                              \
	"def f(a):\n  x = 7\n  for y in a:\n      x += y * 9\n  return x\n\n"
#define OTHER_LOOP                                                             \
	"def f(a):\n  x = 7\n  for y in a:\n      x -= y * 9\n  return x\n"

static struct ties ties = { .ids.value = TIES_VALUE };

/* Return the node of a text, joined with that of its near copies. */
static uint32_t
node(struct span text, const char *language)
{
	struct span code = language != NULL ? span_of(language) : NONE;
	uint32_t n = ties_text(&ties, text);

	ties_join(&ties, n, ties_near(&ties, text, code));
	return n;
}

static int
tied(uint32_t a, uint32_t b)
{
	return ties_root(&ties, a) == ties_root(&ties, b);
}

static void
test_texts(void)
{
	uint32_t loop = node(S(LOOP), "python"), q;

	is_int(ties_text(&ties, S(" \n" LOOP)), loop,
	    "white space at the ends makes no other text");
	ok(tied(loop, node(S(SAME_LOOP), "python")),
	    "other names, numbers, comments and layout make a near copy");
	ok(tied(loop, node(S(SAME_LOOP "\n"), NULL)),
	    "a near copy of no known language is one");
	ok(!tied(loop, node(S(OTHER_LOOP), "python")),
	    "another operator makes another text");
	q = node(S("how do I sort a long list of names by the second letter "
		   "of each one in python without a loop"),
	    "python");
	ok(!tied(q, node(S("why can I open a large file of words in the "
			   "other folder of my disk in python with no "
			   "error"),
			"python")),
	    "questions of as many words are no near copies");
	ok(!tied(node(S("a b"), NULL), node(S("c d"), NULL)),
	    "short texts are compared exactly");
	node(S(""), NULL);
	node(S("\0\xff{\"'`"), "shell");
	ok(1, "hostile texts have nodes");
}

static void
test_joins(void)
{
	uint32_t n[1000], i;
	int all = 1;

	for (i = 0; i < 1000; i++)
		n[i] = ties_key(&ties, 'k', S("scope"),
		    (struct span){ (const char *)&i, sizeof i });
	ok(n[0] != n[1] && n[1] == n[0] + 1, "each key has a node");
	is_int(ties_key(&ties, 'k', S("other"),
		   (struct span){ (const char *)n, sizeof i }) == n[0],
	    0, "a scope has keys of its own");
	for (i = 0; i + 2 < 1000; i++)
		ties_join(&ties, n[i + 2], n[i]);
	for (i = 0; i + 2 < 1000; i++)
		all &= tied(n[i], n[i + 2]);
	ok(all, "what was joined one after another is one set");
	ok(!tied(n[0], n[1]), "sets that were not joined are two");
}

int
main(void)
{
	test_texts();
	test_joins();
	ties_free(&ties);
	return done();
}
