/* keyset: keys of texts within scopes, and the set of them */
#include "base/keyset.h"

#include <stdio.h>

#include "tap.h"

enum { MANY = 200000 };

static int
same(struct keyset_key x, struct keyset_key y)
{
	return x.a == y.a && x.b == y.b;
}

static size_t
count(const struct keyset *d)
{
	size_t i, n = 0;

	for (i = 0; i < KEYSET_PARTS; i++)
		n += d->part[i].n;
	return n;
}

static size_t
bytes(const struct keyset *d)
{
	size_t i, n = 0;

	for (i = 0; i < KEYSET_PARTS; i++)
		n += d->part[i].cap * sizeof *d->part[i].v;
	return n;
}

static void
test_keys(void)
{
	struct keyset_key k = keyset_key(S("t"), 'q', S("text"));

	ok(same(k, keyset_key(S("t"), 'q', S("text"))), "the same thrice");
	ok(!same(k, keyset_key(S("u"), 'q', S("text"))), "another scope");
	ok(!same(k, keyset_key(S("t"), 'p', S("text"))), "another kind");
	ok(!same(k, keyset_key(S("t"), 'q', S("texu"))), "another text");
	ok(!same(k, keyset_key(S("t"), 'q', S("text\0"))), "a NUL behind it");
	ok(!same(keyset_key(S("a"), 'q', S("b")), keyset_key(S("aq"), 'q', S("b"))),
	    "scope and kind do not run together");
	ok(same(keyset_key(NONE, 'q', NONE), keyset_key(S(""), 'q', S(""))),
	    "empty is empty");
	k = keyset_key(NONE, 'q', NONE);
	ok(k.a != 0 || k.b != 0, "no key is the free place");
}

static void
test_edges(void)
{
	struct keyset_key k = { 1, 2 }, low = { 65, 2 }, high = { 1, 3 };
	struct keyset d = { 0 };

	ok(!keyset_has(&d, &k), "nothing in an empty set");
	ok(keyset_add(&d, &k), "new");
	ok(!keyset_add(&d, &k), "known");
	ok(!keyset_has(&d, &low), "same place, another first half");
	ok(!keyset_has(&d, &high), "same place, another second half");
	ok(keyset_add(&d, &low) && keyset_add(&d, &high), "both go in");
	ok(keyset_has(&d, &k) && keyset_has(&d, &low) &&
		keyset_has(&d, &high),
	    "all three are there");
	is_int(count(&d), 3, "three of them");
	keyset_free(&d);
	ok(d.part[0].v == NULL && count(&d) == 0, "freed");
}

static void
test_many(void)
{
	struct keyset d = { 0 };
	struct keyset_key k;
	int i, fresh = 0, found = 0, ghosts = 0;

	for (i = 0; i < MANY; i++) {
		k = keyset_key(NONE, 'q', span_at((char *)&i, sizeof i));
		fresh += keyset_add(&d, &k);
	}
	is_int(fresh, MANY, "all new");
	for (i = 0; i < MANY; i++) {
		k = keyset_key(NONE, 'q', span_at((char *)&i, sizeof i));
		found += keyset_has(&d, &k);
		k = keyset_key(NONE, 'p', span_at((char *)&i, sizeof i));
		ghosts += keyset_has(&d, &k);
	}
	is_int(found, MANY, "all found");
	is_int(ghosts, 0, "no others");
	ok(bytes(&d) <= (size_t)MANY * 25, "at most 25 bytes each");
	/* keys that all want one place */
	keyset_free(&d);
	for (i = 0; i < 3000; i++) {
		k = (struct keyset_key){ 7, (uint64_t)i };
		keyset_add(&d, &k);
	}
	k = (struct keyset_key){ 7, 2999 };
	ok(count(&d) == 3000 && keyset_has(&d, &k), "crowded, but right");
	keyset_free(&d);
}

int
main(void)
{
	test_keys();
	test_edges();
	test_many();
	return done();
}
