/* counts: how often each of a few names came */
#include "io/counts.h"

#include "tap.h"

int
main(void)
{
	struct counts t = { 0 };
	struct buf b = { 0 };
	char name[100];
	int i;

	counts_json(&b, &t);
	is_str(buf_cstr(&b), "{}", "no counts are an empty object");
	b.n = 0;
	counts_add(&t, S("one"));
	counts_add(&t, S("two"));
	counts_add(&t, S("one"));
	counts_add(&t, NONE);
	counts_add(&t, S("a\033[31m\"\xff"));
	counts_json(&b, &t);
	is_str(buf_cstr(&b),
	    "{\"one\":2,\"two\":1,\"unknown\":1,\"a?[31m\\\"?\":1}",
	    "counts stand in the order in which they came, without control "
	    "characters");
	b.n = 0;
	counts_words(&b, &t);
	is_str(buf_cstr(&b), "2 one, 1 two, 1 unknown, 1 a?[31m\"?",
	    "counts are written in words");
	is_int((long long)t.total, 5, "the total covers all counts");
	counts_free(&t);
	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "name %d", i);
		counts_add(&t, span_of(name));
	}
	is_int((long long)json_object_size(t.names), COUNTS_NAMES,
	    "the number of names is limited");
	is_int(json_integer_value(json_object_get(t.names, "other")),
	    200 - COUNTS_NAMES + 1,
	    "names over the limit are counted as other");
	counts_free(&t);
	is_int((long long)t.total, 0, "counts are empty when they are freed");
	buf_free(&b);
	return done();
}
