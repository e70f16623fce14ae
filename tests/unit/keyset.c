/* keyset: keys of texts within scopes, and the set of them */
#include "base/keyset.h"

#include <stdio.h>

#include "tap.h"

enum { MANY = 200000, SOME = 50000 };

static int
same(struct keyset_key x, struct keyset_key y)
{
	return x.a == y.a && x.b == y.b;
}

static size_t
bytes(const struct keyset *d)
{
	size_t i, n = 0;

	for (i = 0; i < KEYSET_PARTS; i++)
		n += d->part[i].cap * (sizeof(struct keyset_key) + d->value);
	return n;
}

static void
test_keys(void)
{
	struct keyset_key k = keyset_key(S("t"), 'q', S("text"));

	ok(same(k, keyset_key(S("t"), 'q', S("text"))),
	    "the same text gives the same key");
	ok(!same(k, keyset_key(S("u"), 'q', S("text"))),
	    "another scope gives another key");
	ok(!same(k, keyset_key(S("t"), 'p', S("text"))),
	    "another kind gives another key");
	ok(!same(k, keyset_key(S("t"), 'q', S("texu"))),
	    "another text gives another key");
	ok(!same(k, keyset_key(S("t"), 'q', S("text\0"))),
	    "a NUL behind the text gives another key");
	ok(!same(keyset_key(S("a"), 'q', S("b")),
	       keyset_key(S("aq"), 'q', S("b"))),
	    "scope and kind do not run together");
	ok(!same(keyset_key(S("t\0"), 'q', S("text")), k),
	    "a NUL behind the scope gives another key");
	ok(same(keyset_key(NONE, 'q', NONE), keyset_key(S(""), 'q', S(""))),
	    "a null span counts as an empty text");
	k = keyset_key(NONE, 'q', NONE);
	ok(k.a != 0 || k.b != 0, "no key marks a free place");
}

static void
test_edges(void)
{
	struct keyset_key k = { 1, 2 }, low = { 65, 2 }, high = { 1, 3 };
	struct keyset d = { 0 };

	ok(keyset_find(&d, k) == NULL, "an empty set has no key");
	keyset_add(&d, k);
	is_int(d.n, 1, "a new key counts");
	keyset_add(&d, k);
	is_int(d.n, 1, "a known key does not count again");
	ok(!keyset_find(&d, low),
	    "a key of the same place with another first half is not found");
	ok(!keyset_find(&d, high),
	    "a key of the same place with another second half is not found");
	keyset_add(&d, low);
	keyset_add(&d, high);
	ok(keyset_find(&d, k) && keyset_find(&d, low) && keyset_find(&d, high),
	    "three keys of the same place are found");
	is_int(d.n, 3, "three keys count as three");
	keyset_free(&d);
	ok(d.part[0].v == NULL && d.n == 0, "a freed set is empty");
}

static void
test_many(void)
{
	struct keyset d = { 0 };
	struct keyset_key k;
	int i, found = 0, ghosts = 0;

	for (i = 0; i < MANY; i++) {
		k = keyset_key(NONE, 'q', span_at((char *)&i, sizeof i));
		keyset_add(&d, k);
	}
	is_int(d.n, MANY, "all new keys count");
	for (i = 0; i < MANY; i++) {
		k = keyset_key(NONE, 'q', span_at((char *)&i, sizeof i));
		found += keyset_find(&d, k) != NULL;
		k = keyset_key(NONE, 'p', span_at((char *)&i, sizeof i));
		ghosts += keyset_find(&d, k) != NULL;
	}
	is_int(found, MANY, "all keys are found");
	is_int(ghosts, 0, "no other key is found");
	ok(bytes(&d) <= (size_t)MANY * 25, "a key takes at most 25 bytes");
	/* All these keys want one place. */
	keyset_free(&d);
	for (i = 0; i < 3000; i++) {
		k = (struct keyset_key){ 7, (uint64_t)i };
		keyset_add(&d, k);
	}
	k = (struct keyset_key){ 7, 2999 };
	ok(d.n == 3000 && keyset_find(&d, k),
	    "a crowded set still finds its keys");
	keyset_free(&d);
}

static void
test_values(void)
{
	struct keyset d = { .value = 2 * sizeof(uint64_t) };
	struct keyset_key k;
	uint64_t *v, i, bad = 0;

	v = keyset_add(&d, (struct keyset_key){ 0, 7 });
	ok(v[0] == 0 && v[1] == 0, "a new value is zero");
	v[1] = UINT64_MAX;
	v = keyset_add(&d, (struct keyset_key){ 0, 7 });
	ok(v[0] == 0 && v[1] == UINT64_MAX && d.n == 1,
	    "a known key keeps its value, and counts once");
	keyset_free(&d);
	ok(keyset_find(&d, (struct keyset_key){ 0, 7 }) == NULL,
	    "nothing is found in a freed set");
	/* Some keys are spread evenly, the others are keys of texts. */
	for (i = 1; i <= SOME; i++) {
		v = keyset_add(&d, (struct keyset_key){ i, i << 48 });
		v[0] = v[1] = i;
		k = keyset_key(NONE, 'q', span_at((char *)&i, sizeof i));
		v = keyset_add(&d, k);
		v[0] = v[1] = ~i;
	}
	for (i = 1; i <= SOME; i++) {
		v = keyset_find(&d, (struct keyset_key){ i, i << 48 });
		bad += v == NULL || v[0] != i || v[1] != i;
		k = keyset_key(NONE, 'q', span_at((char *)&i, sizeof i));
		v = keyset_find(&d, k);
		bad += v == NULL || v[0] != ~i || v[1] != ~i;
	}
	is_int(bad, 0, "values stay with their keys while the set grows");
	is_int(d.n, 2 * SOME, "each key counts");
	keyset_free(&d);
}

int
main(void)
{
	test_keys();
	test_edges();
	test_many();
	test_values();
	return done();
}
