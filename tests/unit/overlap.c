/* overlap: words of texts and names, and those that two texts share. */
#include "base/overlap.h"

#include "tap.h"

/* Return the words of s with a blank behind each, until the next call. */
static const char *
words_of(const char *s)
{
	static struct buf b;
	struct span rest = span_of(s), word;
	uint64_t hash;

	b.n = 0;
	while (overlap_word(&rest, &word, &hash)) {
		buf_addspan(&b, word);
		buf_addc(&b, ' ');
	}
	return buf_cstr(&b);
}

static void
shares(struct span query, struct span document, size_t found, size_t of,
    const char *name)
{
	struct overlap o = overlap_count(query, document);

	is_int(o.found, found, "%s: found", name);
	is_int(o.of, of, "%s: all", name);
}

int
main(void)
{
	static char many[4000], bad[] = "\xff\xc3 a\xe2\x82";
	int i;

	is_str(words_of("readHTTPHeader read_http2 utf8"),
	    "read HTTP Header read http2 utf8 ", "names are cut into words");
	is_str(words_of("  x=y+1;\n"), "x y 1 ", "signs stand between words");
	is_str(words_of("\xe8\xaf\xbb\xe5\x8f\x96"),
	    "\xe8\xaf\xbb \xe5\x8f\x96 ", "an ideograph is a word");
	is_str(words_of(
		   "na\xc3\xafve \xd1\x84\xd0\xb0\xd0\xb9\xd0\xbb\xe2\x80\xa6"),
	    "na\xc3\xafve \xd1\x84\xd0\xb0\xd0\xb9\xd0\xbb ",
	    "letters of other alphabets are in words");
	is_str(words_of(bad), "a ", "bytes that are no UTF-8 are in no word");
	is_str(words_of(""), "", "an empty text has no words");
	shares(S("How to read the HTTP header"), S("def readHttpHeader(x)"), 3,
	    3, "case and the commonest words do not count");
	shares(S("a b b B"), S("b"), 1, 1, "a word counts once");
	shares(S("the of"), S("the of"), 0, 0, "common words alone are none");
	shares(S("one two"), NONE, 0, 2, "an empty document has none");
	for (i = 0; i < 1000; i++)
		memcpy(many + 4 * i,
		    (char[]){ (char)('a' + i % 26), (char)('a' + i / 26 % 26),
			(char)('a' + i / 676), ' ' },
		    4);
	shares(S(many), S(many), 256, 256, "of many words the first 256 count");
	return done();
}
