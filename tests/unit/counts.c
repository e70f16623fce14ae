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
	is_str(buf_cstr(&b), "{}", "nothing");
	b.n = 0;
	counts_add(&t, S("one"));
	counts_add(&t, S("two"));
	counts_add(&t, S("one"));
	counts_add(&t, NONE);
	counts_add(&t, S("a\033[31m\"\xff"));
	counts_json(&b, &t);
	is_str(buf_cstr(&b),
	    "{\"one\":2,\"two\":1,\"unknown\":1,\"a?[31m\\\"?\":1}",
	    "in the order they came, and harmless");
	b.n = 0;
	counts_words(&b, &t);
	is_str(
	    buf_cstr(&b), "2 one, 1 two, 1 unknown, 1 a?[31m\"?", "in words");
	is_int((long long)t.total, 5, "all are counted");
	counts_free(&t);
	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "name %d", i);
		counts_add(&t, span_of(name));
	}
	is_int((long long)json_object_size(t.names), COUNTS_NAMES,
	    "too many names");
	is_int(json_integer_value(json_object_get(t.names, "other")),
	    200 - COUNTS_NAMES + 1, "share one, and are counted there");
	counts_free(&t);
	is_int((long long)t.total, 0, "free is empty");
	buf_free(&b);
	return done();
}
