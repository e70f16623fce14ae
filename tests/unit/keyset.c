/* keyset: keys of texts within scopes, and the set of them */
#include "base/keyset.h"

#include <stdio.h>

#include "tap.h"

enum { MANY = 200000 };

static int
same(struct dedupe_key x, struct dedupe_key y)
{
	return x.a == y.a && x.b == y.b;
}

static size_t
count(const struct dedupe *d)
{
	size_t i, n = 0;

	for (i = 0; i < DEDUPE_PARTS; i++)
		n += d->part[i].n;
	return n;
}

static size_t
bytes(const struct dedupe *d)
{
	size_t i, n = 0;

	for (i = 0; i < DEDUPE_PARTS; i++)
		n += d->part[i].cap * sizeof *d->part[i].v;
	return n;
}

static void
test_keys(void)
{
	struct dedupe_key k = dedupe_key(S("t"), 'q', S("text"));

	ok(same(k, dedupe_key(S("t"), 'q', S("text"))), "the same thrice");
	ok(!same(k, dedupe_key(S("u"), 'q', S("text"))), "another scope");
	ok(!same(k, dedupe_key(S("t"), 'p', S("text"))), "another kind");
	ok(!same(k, dedupe_key(S("t"), 'q', S("texu"))), "another text");
	ok(!same(k, dedupe_key(S("t"), 'q', S("text\0"))), "a NUL behind it");
	ok(!same(dedupe_key(S("a"), 'q', S("b")), dedupe_key(S("aq"), 'q', S("b"))),
	    "scope and kind do not run together");
	ok(same(dedupe_key(NONE, 'q', NONE), dedupe_key(S(""), 'q', S(""))),
	    "empty is empty");
	k = dedupe_key(NONE, 'q', NONE);
	ok(k.a != 0 || k.b != 0, "no key is the free place");
}

static void
test_edges(void)
{
	struct dedupe_key k = { 1, 2 }, low = { 65, 2 }, high = { 1, 3 };
	struct dedupe d = { 0 };

	ok(!dedupe_has(&d, &k), "nothing in an empty set");
	ok(dedupe_add(&d, &k), "new");
	ok(!dedupe_add(&d, &k), "known");
	ok(!dedupe_has(&d, &low), "same place, another first half");
	ok(!dedupe_has(&d, &high), "same place, another second half");
	ok(dedupe_add(&d, &low) && dedupe_add(&d, &high), "both go in");
	ok(dedupe_has(&d, &k) && dedupe_has(&d, &low) &&
		dedupe_has(&d, &high),
	    "all three are there");
	is_int(count(&d), 3, "three of them");
	dedupe_free(&d);
	ok(d.part[0].v == NULL && count(&d) == 0, "freed");
}

static void
test_many(void)
{
	struct dedupe d = { 0 };
	struct dedupe_key k;
	int i, fresh = 0, found = 0, ghosts = 0;

	for (i = 0; i < MANY; i++) {
		k = dedupe_key(NONE, 'q', span_at((char *)&i, sizeof i));
		fresh += dedupe_add(&d, &k);
	}
	is_int(fresh, MANY, "all new");
	for (i = 0; i < MANY; i++) {
		k = dedupe_key(NONE, 'q', span_at((char *)&i, sizeof i));
		found += dedupe_has(&d, &k);
		k = dedupe_key(NONE, 'p', span_at((char *)&i, sizeof i));
		ghosts += dedupe_has(&d, &k);
	}
	is_int(found, MANY, "all found");
	is_int(ghosts, 0, "no others");
	ok(bytes(&d) <= (size_t)MANY * 25, "at most 25 bytes each");
	/* keys that all want one place */
	dedupe_free(&d);
	for (i = 0; i < 3000; i++) {
		k = (struct dedupe_key){ 7, (uint64_t)i };
		dedupe_add(&d, &k);
	}
	k = (struct dedupe_key){ 7, 2999 };
	ok(count(&d) == 3000 && dedupe_has(&d, &k), "crowded, but right");
	dedupe_free(&d);
}

int
main(void)
{
	test_keys();
	test_edges();
	test_many();
	return done();
}
