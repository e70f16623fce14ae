/*
 * entries: a file of the document cache with anything in it is no harm to what
 * is stored next, and what was there and is sound stays.
 */
#include "store/store.h"

#include "json/find.h"
#include "json/scan.h"
#include "store/entry.h"

#include "fuzz.h"

#define ID "0123456789abcdef0123456789abcdef"
#define SUM "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char *
none_is_wrong(struct span entry)
{
	CHECK(js_is_object(entry), "an entry that is no object");
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct store_name name = { ID, SUM, SUM };
	static const char mine[] =
	    "{\"query\":\"q\",\"pos\":[\"p\"],\"tg\":{\"fingerprint\":\"" SUM
	    "\",\"text_sha256\":\"" SUM "\"}}";
	struct span s = { (const char *)p, n }, entry = span_of(mine);
	struct buf file = { 0 };
	enum store_kind kind;
	struct store *store;
	const char *why;

	fuzz_input = s;
	fuzz_enter();
	store = store_open("cache", STORE_WRITE | STORE_MAKE | STORE_NO_SYNC);
	CHECK(store != NULL, "no store");
	if (mkdir("cache/rejected", 0700) == 0 || errno == EEXIST)
		fuzz_write("cache/rejected/" ID ".json", s);
	fuzz_write("cache/" ID ".json", s);
	if ((kind = store_get(store, &name, &entry)) != STORE_MISS)
		(void)entry_check(entry, kind, ID);
	(void)store_foreign(store, ID, span_of("p"), none_is_wrong);
	entry = span_of(mine);
	CHECK(
	    store_put(store, ID, STORE_PAIR, &entry, 1, 1) == 0, "not stored");
	CHECK(store_get(store, &name, &entry) == STORE_PAIR, "lost");
	fuzz_read("cache/" ID ".json", &file);
	CHECK(js_is_array(js_text(buf_span(&file), &why)), "%s", why);
	buf_free(&file);
	store_free(store);
	fuzz_empty("cache");
	return 0;
}
