/* keymap: where things are, by a key of 64 bits */
#include "base/keymap.h"

#include "tap.h"

enum { MANY = 100000 };

int
main(void)
{
	struct keymap m = { 0 };
	struct keymap_entry *e;
	int i, bad = 0;

	ok(keymap_find(&m, 7) == NULL, "an empty map has nothing");
	e = keymap_add(&m, 7);
	ok(e->key == 7 && e->at == 0 && e->len == 0 && e->flags == 0,
	    "a new entry is zero");
	e->at = UINT64_MAX;
	e->file = KEYMAP_FILES - 1;
	e->flags = 3;
	e = keymap_add(&m, 7);
	ok(e->at == UINT64_MAX && e->file == KEYMAP_FILES - 1 && e->flags == 3,
	    "a known one keeps its values");
	is_int((long long)m.n, 1, "and counts once");
	ok(keymap_find(&m, 8) == NULL, "another key is not there");
	keymap_add(&m, 0)->len = 5;
	ok(keymap_find(&m, 0)->len == 5, "0 is a key");
	keymap_free(&m);
	/* neighbours in the table, and far ones */
	for (i = 0; i < MANY; i++) {
		keymap_add(&m, (uint64_t)i + 2)->at = (uint64_t)i;
		keymap_add(&m, (uint64_t)(i + 2) << 40)->at = (uint64_t)i;
	}
	for (i = 0; i < MANY; i++) {
		e = keymap_find(&m, (uint64_t)i + 2);
		bad += e == NULL || e->at != (uint64_t)i;
		e = keymap_find(&m, (uint64_t)(i + 2) << 40);
		bad += e == NULL || e->at != (uint64_t)i;
	}
	is_int(bad, 0, "many are found while the map grows");
	is_int((long long)m.n, 2 * MANY, "each counts");
	ok(m.n * 4 <= m.cap * 3 && m.n * 3 > m.cap, "the map is not sparse");
	keymap_free(&m);
	ok(m.v == NULL && m.n == 0, "a freed map is empty");
	ok(keymap_key(S("a")) == keymap_key(S("a")) &&
		keymap_key(S("a")) != keymap_key(S("b")) &&
		keymap_key(S("")) != 0,
	    "a key is that of its bytes");
	return done();
}
