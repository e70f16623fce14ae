/* near: copies of a function, other functions, and prose */
#include "index/near.h"

#include "tap.h"

static const char function[] =
    "def read(path, limit):\n    total = 0\n    with open(path) as f:\n"
    "        for line in f:\n            if not line:\n"
    "                continue\n            total += len(line)\n"
    "            if total > limit:\n                raise ValueError(path)\n"
    "    return total\n";

/* Compare a text with the function, at a likeness. */
static enum near_how
how_near(const char *text, double likeness)
{
	const struct lex_language *python = lex_find(span_of("python"));
	struct near a = { 0 }, b = { 0 };
	enum near_how how;

	near_read(&a, python, span_of("forgotten"));
	near_read(&a, python, span_of(function));
	near_read(&b, python, span_of(text));
	how = near_compare(&a, &b, likeness);
	if (near_compare(&b, &a, likeness) != how)
		how = (enum near_how) - 1;
	near_free(&a);
	near_free(&b);
	return how;
}

static void
test_code(void)
{
	is_int(how_near(function, 1), NEAR_EQUAL, "a text is near itself");
	is_int(
	    how_near("def load(name, most):  # text\n  n = 0\n  with "
		     "open(name) as g:\n"
		     "    for row in g:\n      if not row:\n        continue\n"
		     "      n += len(row)\n      if n > most:\n"
		     "        raise OSError(name)\n  return n",
		1),
	    NEAR_ALIKE, "names, comments and layout are not compared");
	is_int(how_near("def read(path, limit):\n    total = 0\n"
			"    log(path)\n    with open(path) as f:\n"
			"        for line in f:\n"
			"            total += len(line)\n"
			"            if not line:\n                continue\n"
			"            if total > limit:\n"
			"                raise ValueError(path)\n"
			"    return total\n",
		   NEAR_LIKENESS),
	    NEAR_SHINGLES, "a statement more and one moved leave a near copy");
	is_int(how_near("def area(shape):\n    width, height = shape.size()\n"
			"    if width < 0 or height < 0:\n"
			"        raise ValueError(shape)\n"
			"    return width * height / 2\n",
		   NEAR_LIKENESS),
	    NEAR_NOT, "another function is no near copy");
	is_int(how_near("", 0), NEAR_NOT, "nothing is near only itself");
	is_int(
	    how_near("pass", 0), NEAR_NOT, "a short text is near only itself");
}

static double
shared(const char *a, const char *b)
{
	struct near x = { 0 }, y = { 0 };
	double share;

	near_read(&x, NULL, span_of(a));
	near_read(&y, NULL, span_of(b));
	share = near_shared(&x, &y);
	near_free(&x);
	near_free(&y);
	return share;
}

static void
test_shares(void)
{
	ok(shared("a + b * c", "a + b") > .33 &&
		shared("a + b * c", "a + b") < .34,
	    "a third of three shingles is shared");
	ok(shared("f(); f(); f();", "f();") < .3,
	    "a shingle that repeats is counted each time");
	ok(shared("one two three four five", "six two three four seven") < .5,
	    "prose keeps its words");
	ok(shared("a", "a") <= 0, "a text without a shingle shares none");
}

/* Texts of so many shingles that sketches can't count them are compared. */
static void
test_long(void)
{
	struct near a = { 0 }, b = { 0 };
	struct buf text = { 0 };
	int i;

	for (i = 0; i < 40000; i++)
		buf_adds(&text, i % 3 == 0 ? "a + b; " : "f(a) * c; ");
	near_read(&a, NULL, buf_span(&text));
	buf_adds(&text, "if (a) return;");
	near_read(&b, NULL, buf_span(&text));
	ok(near_may_be(&a.sketch, &b.sketch, .9),
	    "a sketch never says of a near copy that it is none");
	is_int(
	    near_compare(&a, &b, .9), NEAR_SHINGLES, "long texts are compared");
	near_free(&a);
	near_free(&b);
	buf_free(&text);
}

static void
test_equal(void)
{
	struct buf b = { 0 };
	struct keyset_key key[3] = {
		near_equal_key(span_of("caf\xc3\xa9  au\n lait "), &b),
		near_equal_key(span_of(" cafe\xcc\x81 au lait"), &b),
		near_equal_key(span_of("cafe au lait"), &b)
	};

	ok(memcmp(&key[0], &key[1], sizeof *key) == 0,
	    "white space and forms of Unicode do not count");
	ok(memcmp(&key[0], &key[2], sizeof *key) != 0, "accents count");
	key[0] = near_equal_key((struct span){ "\xff\xfe a", 4 }, &b);
	key[1] = near_equal_key((struct span){ "\xff\xfe  a", 5 }, &b);
	ok(memcmp(&key[0], &key[1], sizeof *key) == 0,
	    "bytes that are no UTF-8 are compared");
	buf_free(&b);
}

int
main(void)
{
	test_code();
	test_shares();
	test_long();
	test_equal();
	return done();
}
